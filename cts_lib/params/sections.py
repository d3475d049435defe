"""The sections of the params beside the cost model, each key with its unit, range and default."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self, Union

from annotated_types import Unit as UnitOf
from pydantic import AfterValidator, BeforeValidator, Field, create_model, model_validator

from cts_lib import measures
from cts_lib.errors import CtsError
from cts_lib.levers import KIND_OF, KINDS, Kind
from cts_lib.levers.settings import Identifier, Lever, Name, as_written
from cts_lib.params.calendar import Calendar, MonthsFrom, WeeksFrom
from cts_lib.params.cost_model import CostModel, Model, Positive, Share
from cts_lib.params.labels import Labels, Words
from cts_lib.params.on_time import OnTime
from cts_lib.params.period import Period
from cts_lib.params.segmentation import Segmentation
from cts_lib.params.source import Source

Seed = Annotated[int, Field(ge=0)]
NotNegative = Annotated[float, Field(ge=0, allow_inf_nan=False), UnitOf("money")]


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


Finite = Annotated[float, Field(allow_inf_nan=False)]


def _period(text: str) -> str:
    try:
        Period.parse(text)
    except CtsError as error:
        raise ValueError(f"{text!r} is no period; {error.expected}") from None
    return text


class FiscalCalendar(Model):
    """The unit's fiscal years, each named by the year in which it ends: of months, or of weeks."""

    year_starts: Annotated[int, Field(ge=1, le=12)] | None = Field(
        default=None, description="Month with which a fiscal year of calendar months begins."
    )
    pattern: Literal["4-4-5", "4-5-4", "5-4-4"] | None = Field(
        default=None, description="Weeks of the three months of each quarter, of a fiscal year of weeks."
    )
    first_day: date | None = Field(
        default=None,
        description="First day of one fiscal year of 52 weeks; the others begin on its weekday, on the day nearest to "
        "its anniversary, so that some have a 53rd week, in the last month.",
    )

    @model_validator(mode="after")
    def _of_months_or_weeks(self) -> Self:
        given = [name for name in ("year_starts", "pattern", "first_day") if getattr(self, name) is not None]
        if given not in (["year_starts"], ["pattern", "first_day"]):
            said = " and ".join(given) or "nothing"
            raise ValueError(f"gives {said}; give year_starts, or pattern and first_day")
        if self.first_day and not 1900 <= self.first_day.year <= 2200:
            raise ValueError(f"first_day {self.first_day} is no day of this time; give one near the data")
        return self

    @property
    def calendar(self) -> Calendar:
        """What says when fiscal months begin."""
        if self.pattern and self.first_day:
            first, second, third = map(int, self.pattern.split("-"))
            return WeeksFrom((first, second, third), self.first_day)
        return MonthsFrom(self.year_starts or 1)


def _compared(text: str) -> str:
    if text in ("previous", "year_before", "plan"):
        return text
    try:
        return _period(text)
    except ValueError as error:
        raise ValueError(f"{error}, or previous, year_before or plan") from None


PeriodText = Annotated[str, BeforeValidator(as_written), AfterValidator(_period)]


class Target(Model):
    """A target of a KPI; which side of it is good is the measure's own, unless it is given."""

    value: Finite | None = Field(default=None, description="Target of the unit, in the indicator's unit; null: none.")
    segments: dict[str, Finite] = Field(default={}, description="Targets of segments.")
    channels: dict[str, Finite] = Field(default={}, description="Targets of channels.")
    origin: Literal["plan", "history"] | None = Field(
        default=None,
        alias="from",
        description="Where targets come from that are not given: the mean that the stored plan of the period before "
        "foretold, near within its interval; or the median of the last earlier periods, twelve at most.",
    )
    tolerance: Annotated[float, Field(ge=0, allow_inf_nan=False)] = Field(
        default=0.0, description="So far off it is near, not missed; in the indicator's unit."
    )
    better: Literal["higher", "lower"] | None = Field(
        default=None, description="Which side of it is good; by default the indicator's own."
    )

    @model_validator(mode="after")
    def _of_somebody(self) -> Self:
        if self.value is None and not self.segments and not self.channels and self.origin is None:
            raise ValueError("is a target of nobody; give value, segments, channels or from")
        return self


if TYPE_CHECKING:
    Kpi = str
else:
    Kpi = Literal[measures.KPIS]


class Portal(Model):
    """The currency in which the portal shows every unit; a unit whose currency has no rate keeps its own."""

    currency: Annotated[str, Field(pattern="^[A-Z]{3}$")] | None = Field(
        default=None, description="Currency of the portal, as three letters; null: each unit's own."
    )
    rates: dict[Annotated[str, Field(pattern="^[A-Z]{3}$")], Positive] = Field(
        default={}, description="What one of each currency is worth in the portal's, as `SEK: 0.088`."
    )

    def shown(self, currency: str) -> tuple[str, float]:
        """Return the currency in which money of one is shown, and what one of it is worth in it.

        >>> Portal(currency="EUR", rates={"SEK": 0.088}).shown("SEK")
        ('EUR', 0.088)
        """
        if self.currency and currency in self.rates and currency != self.currency:
            return self.currency, self.rates[currency]
        return currency, 1.0


class Governance(Model):
    """Targets, limits and owners of the indicators."""

    compare: Annotated[str, BeforeValidator(as_written), AfterValidator(_compared)] = Field(
        default="previous",
        description="What is compared with: previous, year_before, plan (what the stored plan of the period before "
        "foretold; the bridge stays with that period), or a period such as 2025-Q4 or FY2026-Q1.",
    )
    on_time: OnTime = Field(default=OnTime(), description="When a line is on time, and when in full.")
    calendar: FiscalCalendar | None = Field(default=None, description="Fiscal years; null: those of the calendar.")
    targets: dict[Kpi, Target] = Field(default={}, description="Targets by indicator.")
    sigmas: Positive = Field(default=3.0, description="Width of the control limits, in standard deviations.")
    minimum_history: Annotated[int, Field(ge=3, le=60)] = Field(
        default=6, description="Earlier periods that a signal needs."
    )
    changes: list[PeriodText] = Field(default=[], description="Periods from which control limits start anew.")
    owners: dict[str, str] = Field(
        default={}, description="Owners of actions by indicator, channel or segment; `default` has the rest."
    )
    action_days: Annotated[int, Field(ge=1, le=730), UnitOf("days")] | None = Field(
        default=None, description="Days after the period by which an action is due; null: the end of the next period."
    )
    portal: Portal = Field(default=Portal(), description="The portal's currency, for units of several.")

    def compared_with(self, period: Period) -> Period:
        """Return the period that one is compared with; of the plan, the one that made it."""
        if self.compare in ("previous", "plan"):
            return period.previous
        if self.compare == "year_before":
            return period.year_before
        return period.named(self.compare)

    @property
    def reads_plan(self) -> bool:
        """Whether something is held against the stored plan of the period before."""
        return self.compare == "plan" or any(target.origin == "plan" for target in self.targets.values())

    @property
    def fiscal(self) -> Calendar | None:
        """The unit's fiscal calendar, if it has one."""
        return self.calendar.calendar if self.calendar else None

    @property
    def declared(self) -> list[Period]:
        """The declared changes as periods."""
        return [Period.parse(text, calendar=self.fiscal) for text in self.changes]


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
