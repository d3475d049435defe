"""The sections of the params beside the cost model, each key with its unit, range and default."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self

from annotated_types import Unit as UnitOf
from pydantic import Field, create_model, model_validator

from cts_lib import measures
from cts_lib.levers import KINDS
from cts_lib.levers.settings import NumberLever, WordLever
from cts_lib.params.cost_model import CostModel, Model, Positive, Share
from cts_lib.params.labels import Labels
from cts_lib.params.segmentation import Segmentation
from cts_lib.params.source import Source

Seed = Annotated[int, Field(ge=0)]
NotNegative = Annotated[float, Field(ge=0, allow_inf_nan=False), UnitOf("money")]
MOST_OPTIONS = 256
"""Combinations of lever settings that are replayed for a period at the most."""


class Unit(Model):
    """The business unit a run is about."""

    label: str | None = Field(default=None, description="What reports call it; null: the file's name.")
    business_unit: str | None = Field(default=None, description="Its name in the tables; null: the file's name.")
    currency: Annotated[str, Field(pattern="^[A-Z]{3}$")] = Field(
        default="EUR", description="Currency of all its money, as three letters."
    )
    country: str | None = Field(default=None, description="Country, as two letters.")


class Profile(Model):
    """Assumptions of the profile stage."""

    assumed_gross_margin: Annotated[float, Field(lt=1, allow_inf_nan=False), UnitOf("share")] | None = Field(
        default=None, description="Share of net sales, for lines with neither cogs nor unit_cost."
    )
    draws: Annotated[int, Field(ge=100, le=100_000)] = Field(
        default=2_000, description="Times that the spreads of the cost model are drawn."
    )
    seed: Seed = Field(default=7, description="Seed of the draws.")


class _Levers(Model):
    """The levers known to the policy that rewrites transactions; three at least."""

    @property
    def given(self) -> dict[str, NumberLever | WordLever]:
        """The levers that the params give, in a fixed order."""
        levers = {name: getattr(self, name) for name in type(self).model_fields}
        return {name: lever for name, lever in levers.items() if lever is not None}

    @model_validator(mode="after")
    def _enough(self) -> Self:
        if len(self.given) < 3:
            known = ", ".join(type(self).model_fields)
            raise ValueError(f"{len(self.given)} levers; give three at least of {known}")
        options = math.prod(len(lever.settings) + 1 for lever in self.given.values())
        if options > MOST_OPTIONS:
            raise ValueError(f"{options} combinations of settings; at most {MOST_OPTIONS}")
        return self


_FIELDS: dict[str, Any] = {
    kind.name: (Annotated[kind.model | None, Field(description=kind.meaning)], None) for kind in KINDS
}
if TYPE_CHECKING:
    Levers = _Levers
else:
    Levers = create_model("Levers", __base__=_Levers, **_FIELDS)


class Strategy(Model):
    """Levers, their assumptions and the limits of the optimiser."""

    levers: Levers = Field(
        default=Levers.model_validate({kind.name: kind.default for kind in KINDS if kind.default}),
        description="What a strategy can change; three at least.",
    )
    electronic_methods: tuple[str, ...] = Field(
        default=("edi", "portal", "web"), description="Order methods that give visibility."
    )
    freight_saving: Share = Field(default=0.3, description="Share of its freight that a merged shipment saves.")
    rush_delay_days: Annotated[int, Field(ge=0, le=60), UnitOf("days")] = Field(
        default=1, description="Days that a rush order arrives later when served as standard."
    )
    investment_years: Annotated[Positive, UnitOf("years")] = Field(
        default=3.0, description="Years over which an investment is spread."
    )
    max_service_loss: Share = Field(
        default=0.02, description="Share of lines on time that an option may lose in a segment and channel."
    )
    budget: NotNegative | None = Field(default=None, description="For investments, a period; null: no limit.")
    frontier_points: Annotated[int, Field(ge=2, le=50)] = Field(
        default=9, description="Service levels at which the best profit is looked for."
    )


class Evaluation(Model):
    """The simulation."""

    replications: Annotated[int, Field(ge=10, le=10_000)] = Field(
        default=60, description="Simulated periods of each strategy."
    )
    seed: Seed = Field(default=7, description="Seed of the simulation.")
    calibration_tolerance: Share = Field(
        default=0.1, description="Share by which a simulated figure may miss the observed one."
    )


class Target(Model):
    """A target of a KPI; which side of it is good is the measure's own, unless it is given."""

    value: Annotated[float, Field(allow_inf_nan=False)] = Field(description="Target, in the indicator's unit.")
    better: Literal["higher", "lower"] | None = Field(
        default=None, description="Which side of it is good; by default the indicator's own."
    )


if TYPE_CHECKING:
    Kpi = str
else:
    Kpi = Literal[measures.KPIS]


class Governance(Model):
    """Targets, limits and owners of the indicators."""

    targets: dict[Kpi, Target] = Field(default={}, description="Targets of the unit, by indicator.")
    sigmas: Positive = Field(default=3.0, description="Width of the control limits, in standard deviations.")
    minimum_history: Annotated[int, Field(ge=3, le=60)] = Field(
        default=6, description="Earlier periods that a signal needs."
    )
    owners: dict[str, str] = Field(
        default={}, description="Owners of actions by indicator, channel or segment; `default` has the rest."
    )
    action_days: Annotated[int, Field(ge=1, le=730), UnitOf("days")] = Field(
        default=90, description="Days after the period by which an action is due."
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
