"""Section ``strategy`` of the params: the levers, what is assumed of them, and what bounds the choice."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal, Union

from annotated_types import Unit as UnitOf
from pydantic import AfterValidator, Field, create_model, model_validator

from cts_lib.levers import KIND_OF, KINDS, Kind
from cts_lib.levers.settings import Lever, Name
from cts_lib.params.cost_model import Model, Positive, Share
from cts_lib.params.labels import Words

NotNegative = Annotated[float, Field(ge=0, allow_inf_nan=False), UnitOf("money")]


def _lever(kind: Kind) -> type[Lever]:
    """Return what params say of a lever of a kind."""
    settings = Annotated[dict[Name, kind.setting], Field(min_length=1)]  # type: ignore[name-defined]
    return create_model(
        f"{kind.setting.__name__}Lever",
        __base__=Lever,
        __doc__=kind.meaning,
        __module__=__name__,
        kind=(Literal[kind.name], Field(description=Lever.model_fields["kind"].description)),  # type: ignore[arg-type]
        label=(Words, Field(default={}, description=Lever.model_fields["label"].description)),
        settings=(settings, Field(description="What is tried beside today's, by name.")),
    )


if TYPE_CHECKING:

    class AnyLever(Lever):
        """A lever of any kind."""

        settings: dict[str, Any]
else:
    _MODELS = {model.__name__: model for model in map(_lever, KINDS)}
    globals().update(_MODELS)  # another process, which is handed params, finds a class by its name here
    AnyLever = Annotated[Union[tuple(_MODELS.values())], Field(discriminator="kind")]  # noqa: UP007


class Steps(Model):
    """What of a resource can be given up or added, in whole steps."""

    minutes: Positive = Field(description="Practical minutes of a step in the run's period.")
    saves: NotNegative = Field(default=0.0, description="What leaves the ledger where a step is given up.")
    costs: NotNegative = Field(default=0.0, description="What a step more costs.")
    least: Annotated[int, Field(le=0, ge=-1000)] = Field(default=0, description="Steps that may be given up, below 0.")
    most: Annotated[int, Field(ge=0, le=1000)] = Field(default=0, description="Steps that may be added.")
    reserve: Annotated[float, Field(ge=0, lt=1), UnitOf("share")] = Field(
        default=0.0, description="Share of what is left that stays unused where a step is given up."
    )


class Values(Model):
    """What service is worth beside its cost, an assumption."""

    service_level: NotNegative = Field(default=0.0, description="Of a line, for a point (0.01) more on time.")
    speed_days: NotNegative = Field(default=0.0, description="Of a line, for a day sooner.")


class Floor(Model):
    """The service that a segment must get; null: `strategy.max_service_loss` holds."""

    service_level: Share | None = Field(default=None, description="Least share of lines on time.")
    in_full: Share | None = Field(default=None, description="Least share of lines in full.")
    responsiveness: Share | None = Field(default=None, description="Least share of a surge that is served.")
    visibility: Share | None = Field(default=None, description="Least share of lines that the customer can follow.")
    speed_days: Annotated[Positive, UnitOf("days")] | None = Field(
        default=None, description="Most days from order to delivery, on average."
    )


class MinGain(Model):
    """What a segment and channel must gain at least to change."""

    money: NotNegative = Field(default=0.0, description="In the period.")
    share_of_sales: Share = Field(default=0.0, description="Of its net sales.")


class Surge(Model):
    """The surge of demand that responsiveness is measured against."""

    demand: Annotated[float, Field(gt=1, le=100)] = Field(default=1.3, description="Factor on the usual demand.")
    days: Annotated[int, Field(ge=1, le=366), UnitOf("days")] = Field(
        default=20, description="How long it lasts: what safety stock stands against, until a replenishment is there."
    )


class Archetypes(Model):
    """Above which measure demand or supply of a segment in a channel counts as uncertain, an assumption."""

    demand_variation: NotNegative = Field(
        default=0.5, description="Coefficient of variation of its demand by week (a month, in over six months)."
    )
    late: Share = Field(default=0.1, description="Share of its promised lines that are late under the plan.")
    supply_variation: NotNegative = Field(
        default=0.5, description="Standard deviation ÷ mean of the days of replenishment of what it buys."
    )


def _around(ends: tuple[float, float]) -> tuple[float, float]:
    if not 0 <= ends[0] <= 1 <= ends[1]:
        raise ValueError(f"is {list(ends)}; the low end is from 0 to 1, the high end at least 1")
    return ends


Ends = Annotated[tuple[NotNegative, NotNegative], AfterValidator(_around)]
"""The low and the high end of an assumption, as multiples of what is assumed."""


class Sensitivity(Model):
    """How far assumptions are moved, as multiples of what is assumed, but for ``leave``; [1, 1]: not at all."""

    adoption: Ends = Field(default=(0.5, 1.25), description="Of those reached, who go along; 1 at the most.")
    margin_at_risk: Ends = Field(default=(0.0, 2.0), description="Margin lost where a lever touches an order.")
    freight_saving: Ends = Field(default=(0.5, 1.5), description="What merging shipments saves.")
    rush_delay_days: Ends = Field(default=(0.0, 2.0), description="How much later a rush order comes, in whole days.")
    investment: Ends = Field(default=(0.8, 1.5), description="What levers take before they work, and to keep.")
    demand: Ends = Field(
        default=(0.9, 1.1),
        description="Everything that is sold, delivered and worked for, with the same capacity and investment.",
    )
    prices: Ends = Field(
        default=(0.9, 1.1), description="Of each resource, its steps and its overtime: fuel, wages, rents."
    )
    variable_share: Ends = Field(
        default=(0.8, 1.2),
        description="What of a resource's cost leaves with the work, where it is a part of it, not all or nothing.",
    )
    leave: Share = Field(
        default=0.02,
        description="Share of those who go along that leave for it, with all they bring and cost, at the high end; "
        "at the low end nobody does.",
    )

    def ends(self, name: str) -> tuple[float, float] | None:
        """Return the low and the high end of an assumption; None where it is not moved."""
        if name == "leave":
            return (0.0, self.leave) if self.leave else None
        given: tuple[float, float] = getattr(self, name)
        return None if given == (1.0, 1.0) else given


class Strategy(Model):
    """Levers, their assumptions and the limits of the optimiser."""

    objective: Literal["cash", "full_cost"] = Field(
        default="cash", description="What a plan must gain: money that arrives in the period, or profit at full cost."
    )
    levers: dict[Name, AnyLever] = Field(
        default={kind.name: {"kind": kind.name} | kind.default for kind in KINDS if kind.default},
        validate_default=True,
        description="What a strategy can change, by any name; `kind` may be left out where the name is one.",
    )
    electronic_methods: tuple[str, ...] = Field(
        default=("edi", "portal", "web"), description="Order methods that are electronic."
    )
    tracked_modes: tuple[str, ...] = Field(
        default=(), description="Ship modes by which the customer can follow its lines."
    )
    freight_saving: Share = Field(default=0.3, description="Share of its freight that a merged shipment saves.")
    rush_delay_days: Annotated[int, Field(ge=0, le=60), UnitOf("days")] = Field(
        default=1, description="Days that a rush order arrives later when served as standard."
    )
    investment_years: Annotated[Positive, UnitOf("years")] = Field(
        default=3.0, description="Years over which an investment is spread."
    )
    capacity_steps: dict[str, Steps] = Field(
        default={}, description="By resource, what of its capacity can be given up or added."
    )
    values: Values = Field(default=Values(), description="What service is worth beside its cost.")
    floors: dict[str, Floor] = Field(default={}, description="Service that must be kept, by segment.")
    max_service_loss: Share = Field(
        default=0.02, description="Share of lines on time that an option may lose in a segment and channel."
    )
    max_configurations: Annotated[int, Field(ge=1, le=1000)] | None = Field(
        default=None, description="Different options beside today's in the plan; null: no limit."
    )
    min_gain: MinGain = Field(default=MinGain(), description="What a segment and channel must gain to change.")
    budget: NotNegative | None = Field(default=None, description="For investments, a period; null: no limit.")
    archetypes: Archetypes = Field(
        default=Archetypes(), description="When demand or supply counts as uncertain, which names the supply chain."
    )
    surge: Surge = Field(default=Surge(), description="The surge that responsiveness is measured against.")
    target_margin: Annotated[float, Field(ge=0, lt=1), UnitOf("share")] = Field(
        default=0.05,
        description="Share of net sales that the terms of an unprofitable customer should leave as profit.",
    )
    most_asked: Share = Field(
        default=0.15,
        description="Share of its net sales that a customer may be asked for on top; a fee or price beyond is no "
        "realistic term.",
    )
    sensitivity: Sensitivity = Field(
        default=Sensitivity(), description="Low and high ends of assumptions, at which the plan is valued again."
    )
    frontier_points: Annotated[int, Field(ge=2, le=50)] = Field(
        default=9, description="Service levels at which the best profit is looked for."
    )

    @model_validator(mode="before")
    @classmethod
    def _kinds(cls, given: Any) -> Any:
        """A lever that is called as a kind is of that kind."""
        levers = given.get("levers") if isinstance(given, dict) else None
        if not isinstance(levers, dict):
            return given
        kinds = {
            name: {"kind": name} | lever if isinstance(lever, dict) and name in KIND_OF else lever
            for name, lever in levers.items()
        }
        return given | {"levers": kinds}
