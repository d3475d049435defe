"""All params of a unit, and the small sections: each key with its unit, range and default."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from annotated_types import Unit as UnitOf
from pydantic import Field, model_validator

from cts_lib.levers.settings import Identifier
from cts_lib.params.cost_model import CostModel, Model, Positive, Share
from cts_lib.params.governance import Governance
from cts_lib.params.labels import Labels
from cts_lib.params.segmentation import Segmentation
from cts_lib.params.source import Source
from cts_lib.params.strategy import Strategy

Seed = Annotated[int, Field(ge=0)]


class Unit(Model):
    """The business unit a run is about."""

    label: str | None = Field(default=None, description="What reports call it; null: the file's name.")
    business_unit: Identifier | None = Field(default=None, description="Its name in the tables; null: the file's name.")
    currency: Annotated[str, Field(pattern="^[A-Z]{3}$")] = Field(
        default="EUR", description="Currency of all its money, as three letters."
    )
    country: str | None = Field(default=None, description="Country, as two letters.")


class Profile(Model):
    """Assumptions of the profile stage."""

    assumed_gross_margin: Annotated[float, Field(lt=1, allow_inf_nan=False), UnitOf("share")] | None = Field(
        default=None, description="Share of net sales, for lines with neither cogs nor unit_cost."
    )
    product_profit: bool = Field(default=False, description="Whether table `product_profit` is filled.")
    draws: Annotated[int, Field(ge=100, le=100_000)] = Field(
        default=2_000, description="Times that the spreads of the cost model are drawn."
    )
    seed: Seed = Field(default=7, description="Seed of the draws.")


class Scenario(Model):
    """What could happen besides: each key that is given counts."""

    demand: Annotated[float, Field(gt=0, le=10)] = Field(
        default=1.0, description="Factor on the orders that come from ``from_day`` to ``to_day``."
    )
    channel: Identifier | None = Field(default=None, description="The channel whose orders these are; by default all.")
    segment: Identifier | None = Field(default=None, description="The segment whose orders these are; by default all.")
    from_day: Annotated[int, Field(ge=1)] = Field(
        default=1, description="First day, from 1, of the demand or without the warehouse."
    )
    to_day: Annotated[int, Field(ge=1)] | None = Field(
        default=None, description="Last day of it; by default the period's last."
    )
    warehouse: Identifier | None = Field(
        default=None, description="The warehouse from which nothing leaves from ``from_day`` to ``to_day``."
    )
    cost: dict[str, Annotated[float, Field(ge=0, le=100)]] = Field(
        default={}, description="Factor on the cost of work by resource."
    )
    customers: list[Identifier] = Field(default=[], description="Customers who are gone.")
    largest: Annotated[int, Field(ge=0, le=1000)] = Field(
        default=0, description="So many customers of the largest net sales are gone."
    )
    adoption: Annotated[float, Field(ge=0, le=1)] = Field(
        default=1.0, description="Share of those who would go along with a lever that do."
    )

    @model_validator(mode="after")
    def _days_in_order(self) -> Self:
        if self.to_day is not None and self.to_day < self.from_day:
            raise ValueError(f"to_day {self.to_day} is before from_day {self.from_day}; swap them")
        return self


class Evaluation(Model):
    """The simulation."""

    replications: Annotated[int, Field(ge=10, le=10_000)] = Field(
        default=60, description="Simulated periods of each strategy, at least."
    )
    precision: Annotated[float, Field(gt=0, le=1)] = Field(
        default=0.05,
        description="More are simulated, 1,000 at most, until the half-width of the gain is below this share of it.",
    )
    seed: Seed = Field(default=7, description="Seed of the simulation.")
    horizon: Literal["next_period", "mean"] = Field(
        default="next_period",
        description="What intervals hold: what will be observed in the next period, or the mean of many like this one.",
    )
    scenarios: dict[str, Scenario] = Field(
        default={
            "surge": {"demand": 1.3, "from_day": 30, "to_day": 58},
            "largest_customer_lost": {"largest": 1},
            "half_adoption": {"adoption": 0.5},
        },
        validate_default=True,
        description="What else could happen, by name; each is simulated for today's strategy and the proposed one.",
    )
    calibration_tolerance: Share = Field(
        default=0.05, description="Share by which a simulated figure may miss the observed one."
    )


class Quality(Model):
    """What input may lack before a unit fails; the tolerance is in currency units."""

    max_rejected_share: Share = Field(default=0.01, description="Share of a table's rows that may be rejected.")
    ledger_tolerance: Annotated[Positive, UnitOf("money")] = Field(
        default=0.01, description="Money by which a resource may miss its ledger."
    )
    strict_ledger: bool = Field(default=False, description="Whether a ledger resource the model lacks is an error.")


class Params(Model):
    """Everything a run is told for one unit, after merging."""

    unit: Unit = Field(default=Unit(), description="The business unit a run is about.")
    source: Source = Field(description="Where the input tables come from.")
    cost_model: CostModel = Field(description="What resources cost, and what is done for customers.")
    profile: Profile = Field(default=Profile(), description="Assumptions of stage profile.")
    segmentation: Segmentation = Field(default=Segmentation(), description="How customers are put into segments.")
    strategy: Strategy = Field(default=Strategy(), description="Levers, their assumptions and limits.")
    evaluation: Evaluation = Field(default=Evaluation(), description="The simulation.")
    governance: Governance = Field(default=Governance(), description="Targets, limits and owners.")
    labels: Labels = Field(
        default={},
        description="Words by language for names of the data and params, as in `labels.channel.horeca.es`; of channel, "
        "resource, activity, owner, lever, setting, dimension, or a dimension's name for its values.",
    )
    quality: Quality = Field(default=Quality(), description="What input may lack before a unit fails.")
