"""The sections of the params beside the cost model, each key with its unit, range and default."""

from __future__ import annotations

import math
from typing import Annotated, Literal

from pydantic import Field, model_validator

from cts_lib.params.cost_model import CostModel, Model, Money, Positive, Share
from cts_lib.params.segmentation import Segmentation

Seed = Annotated[int, Field(ge=0)]
MOST_OPTIONS = 256
"""Combinations of lever settings that are replayed for a period at the most."""


class Unit(Model):
    """The business unit a run is about."""

    label: str | None = None
    business_unit: str | None = None
    currency: Annotated[str, Field(pattern="^[A-Z]{3}$")] = "EUR"
    country: str | None = None


class Source(Model):
    """Where the canonical tables come from."""

    engine: Literal["duckdb", "postgres", "spark"] = "duckdb"
    path: str | None = None
    sql: str | None = None
    url_env: str | None = None

    @model_validator(mode="after")
    def _one_place(self) -> Source:
        if (self.path is None) == (self.sql is None):
            raise ValueError("give exactly one of path (a folder of tables) and sql (a folder of mappings)")
        return self


class Profile(Model):
    """Assumptions of the profile stage."""

    assumed_gross_margin: Annotated[float, Field(lt=1, allow_inf_nan=False)] | None = None
    draws: Annotated[int, Field(ge=100, le=100_000)] = 2_000
    seed: Seed = 7


class Lever(Model):
    """One thing a strategy can change: money for each customer it reaches, and the share of touched margin at risk."""

    investment: Annotated[float, Field(ge=0, allow_inf_nan=False)] = 0.0
    margin_at_risk: Share = 0.0


class NumberLever(Lever):
    """A lever whose settings beside today's are numbers: days, or money."""

    settings: dict[str, Positive] = Field(min_length=1)


class WordLever(Lever):
    """A lever whose settings beside today's are words."""

    settings: dict[str, str] = Field(min_length=1)


class Levers(Model):
    """The levers known to the policy that rewrites transactions; three at least."""

    delivery_rhythm: NumberLever | None = None
    minimum_order: NumberLever | None = None
    order_method: WordLever | None = None
    rush: WordLever | None = None

    @property
    def given(self) -> dict[str, NumberLever | WordLever]:
        """The levers that the params give, in a fixed order."""
        levers = {name: getattr(self, name) for name in type(self).model_fields}
        return {name: lever for name, lever in levers.items() if lever is not None}

    @model_validator(mode="after")
    def _enough(self) -> Levers:
        if len(self.given) < 3:
            known = ", ".join(type(self).model_fields)
            raise ValueError(f"{len(self.given)} levers; give three at least of {known}")
        options = math.prod(len(lever.settings) + 1 for lever in self.given.values())
        if options > MOST_OPTIONS:
            raise ValueError(f"{options} combinations of settings; at most {MOST_OPTIONS}")
        return self


class Strategy(Model):
    """Levers, their assumptions and the limits of the optimiser."""

    levers: Levers = Levers(
        delivery_rhythm=NumberLever(settings={"every 2 days": 2, "weekly": 7}, margin_at_risk=0.002),
        minimum_order=NumberLever(settings={"weekly below 150": 150}, margin_at_risk=0.005),
        order_method=WordLever(settings={"portal": "portal"}, investment=5.0, margin_at_risk=0.001),
        rush=WordLever(settings={"none": "none"}, margin_at_risk=0.005),
    )
    electronic_methods: tuple[str, ...] = ("edi", "portal", "web")
    freight_saving: Share = 0.3
    rush_delay_days: Annotated[int, Field(ge=0, le=60)] = 1
    investment_years: Positive = 3.0
    max_service_loss: Share = 0.02
    budget: Annotated[float, Field(ge=0, allow_inf_nan=False)] | None = None
    frontier_points: Annotated[int, Field(ge=2, le=50)] = 9


class Evaluation(Model):
    """The simulation."""

    replications: Annotated[int, Field(ge=10, le=10_000)] = 60
    seed: Seed = 7
    calibration_tolerance: Share = 0.1


class Target(Model):
    """A target of a KPI and which side of it is good."""

    value: Money
    better: Literal["higher", "lower"] = "higher"


Kpi = Literal[
    "net_sales",
    "gross_margin",
    "cost_to_serve",
    "profit",
    "cost_to_serve_share",
    "profit_margin",
    "orders",
    "order_value",
    "lines_per_order",
    "on_time",
    "in_full",
    "lead_time_days",
    "rush_share",
    "return_share",
]


class Governance(Model):
    """Targets, limits and owners of the indicators."""

    targets: dict[Kpi, Target] = {}
    sigmas: Positive = 3.0
    minimum_history: Annotated[int, Field(ge=3, le=60)] = 6
    owners: dict[str, str] = {}
    action_days: Annotated[int, Field(ge=1, le=730)] = 90


class Quality(Model):
    """What input may lack before a unit fails; the tolerance is in currency units."""

    max_rejected_share: Share = 0.01
    ledger_tolerance: Annotated[float, Field(gt=0, allow_inf_nan=False)] = 0.01
    strict_ledger: bool = False


class Params(Model):
    """Everything a run is told for one unit, after merging."""

    unit: Unit = Unit()
    source: Source
    cost_model: CostModel
    profile: Profile = Profile()
    segmentation: Segmentation = Segmentation()
    strategy: Strategy = Strategy()
    evaluation: Evaluation = Evaluation()
    governance: Governance = Governance()
    quality: Quality = Quality()
