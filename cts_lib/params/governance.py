"""Section ``governance`` of the params: calendar, targets, owners and what periods are held against."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Annotated, Literal, Self

from annotated_types import Unit as UnitOf
from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from cts_lib import measures
from cts_lib.errors import CtsError
from cts_lib.levers.settings import as_written
from cts_lib.params.calendar import Calendar, MonthsFrom, WeeksFrom
from cts_lib.params.cost_model import Model, Positive
from cts_lib.params.on_time import OnTime
from cts_lib.params.period import Period

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
