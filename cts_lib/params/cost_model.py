"""The cost model as a user writes it: resources, support shares and activities, checked each and together."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from annotated_types import Unit
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from cts_lib.levers.settings import Identifier
from cts_lib.params.period import MONTHS_PER, Period

Share = Annotated[float, Field(ge=0, le=1), Unit("share")]
Spread = Annotated[float, Field(ge=0, lt=1), Unit("share")]
Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]
Minutes = Annotated[Positive, Unit("minutes")]
LARGEST = 1e15
"""Money beyond what any ledger holds; sums of more would lose their cents, or end at infinity."""
Money = Annotated[float, Field(ge=-LARGEST, le=LARGEST, allow_inf_nan=False), Unit("money")]
Price = Annotated[float, Field(ge=0, le=LARGEST, allow_inf_nan=False), Unit("money")]


def _as_text(value: object) -> object:
    """A bare number is an equation too: ``minutes: 40``."""
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else value


Expression = Annotated[str, BeforeValidator(_as_text), Field(min_length=1)]
Distribution = Literal["lognormal", "normal", "uniform", "triangular"]
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_GRAINS = ("line", "order", "shipment", "customer")


class Model(BaseModel):
    """Base of every section: unknown keys are errors, values do not change afterwards."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Uncertain(Model):
    """An equation that may carry a spread: the central 90 % of its true value lie within ± spread of what it says."""

    expr: Expression = Field(description="SQL expression over the drivers of the grain.")
    spread: Spread | None = Field(default=None, description="Half the width of the central 90 % of its true value.")
    distribution: Distribution = Field(default="lognormal", description="Shape of the spread.")


def _as_uncertain(value: object) -> object:
    """Text or a bare number is an equation without a spread."""
    return {"expr": value} if isinstance(value, str | int | float) and not isinstance(value, bool) else value


Equation = Annotated[Uncertain, BeforeValidator(_as_uncertain)]


class Capacity(Model):
    """Practical capacity from people, weeks, minutes a week and the share that is practical."""

    people: Positive = Field(description="Full-time equivalents.")
    weeks: Positive = Field(description="Weeks worked in the time that `per` names, else in the run's period.")
    minutes_per_week: Minutes = Field(description="Paid minutes a week of one of them.")
    practical_share: Annotated[float, Field(gt=0, le=1), Unit("share")] = Field(
        default=0.8, description="What breaks, training and meetings leave."
    )

    @property
    def minutes(self) -> float:
        return self.people * self.weeks * self.minutes_per_week * self.practical_share


class Resource(Model):
    """A pool of cost: people and machines with a capacity, or money shared out by drivers."""

    capacity_minutes: Minutes | None = Field(default=None, description="Practical capacity.")
    capacity: Capacity | None = Field(default=None, description="Practical capacity from people, instead.")
    per: Literal["year", "half", "quarter", "month"] | None = Field(
        default=None, description="What capacity and cost here are of, scaled by months; null: of the run's period."
    )
    spread: Spread | None = Field(default=None, description="Half the width of the central 90 % of its true capacity.")
    distribution: Distribution = Field(default="lognormal", description="Shape of the spread.")
    cost: Money | None = Field(default=None, description="Its cost, which stands in for the ledger's.")
    support: bool = Field(default=False, description="Whether it is passed on to others by `support.shares`.")
    level: Literal["business_unit", "channel"] | None = Field(
        default=None, description="Level at which a sustaining resource stays; no customer carries it."
    )
    channel: Identifier | None = Field(default=None, description="The channel of `level: channel`.")
    variable_share: Share | None = Field(default=None, description="Share of its cost that goes when the work goes.")
    overload_cost: Annotated[float, Field(ge=0, allow_inf_nan=False), Unit("money")] | None = Field(
        default=None, description="Of a minute worked beyond its capacity: overtime, agency."
    )
    waits: bool = Field(
        default=True, description="Whether, in simulated days, work beyond a day's capacity waits for the next."
    )
    owner: str | None = Field(default=None, description="Who answers for it.")

    @model_validator(mode="after")
    def _agrees(self) -> Resource:
        if self.capacity_minutes is not None and self.capacity is not None:
            raise ValueError("has capacity and capacity_minutes; give one of them")
        if self.support and self.level:
            raise ValueError("is support and sustaining (level); give one of them")
        if self.spread and self.capacity_minutes is None and self.capacity is None:
            raise ValueError("has a spread without a capacity; a resource's spread is that of its capacity")
        if (self.level == "channel") != (self.channel is not None):
            raise ValueError("needs channel with level: channel, and only then")
        return self

    def minutes(self, period: Period) -> float | None:
        """Practical capacity of the period in minutes, null without one; scaled by months where ``per`` says so."""
        given = self.capacity.minutes if self.capacity else self.capacity_minutes
        return None if given is None else given * self.scale(period)

    def scale(self, period: Period) -> float:
        """How many of the resource's own periods the run's period holds; 1 without ``per``."""
        return period.months / MONTHS_PER[self.per] if self.per else 1.0


class Activity(Model):
    """What is done for a customer, once per thing of its grain, and what it consumes."""

    resource: str | None = Field(default=None, description="Whose cost it consumes; null: outside the ledger.")
    per: str = Field(description="Grain: line, order, shipment, customer or event:<name>.")
    minutes: Equation | None = Field(default=None, description="Minutes of each, of a resource with a capacity.")
    driver: Equation | None = Field(default=None, description="What the resource's cost is shared out by.")
    direct: Equation | None = Field(default=None, description="Money of each that is known by itself.")
    rate: Money | None = Field(default=None, description="Money of a driver's unit, outside the ledger.")
    share: Share | None = Field(default=None, description="Share of the resource's cost; null: what the others leave.")
    when: Expression | None = Field(default=None, description="Condition; what does not meet it is not charged.")
    spread_over: Literal["lines", "net_sales", "weight_kg"] = Field(
        default="lines",
        description="How what is no sum over its lines falls on an order's or shipment's products: equally over the "
        "lines, or by their sales or weight.",
    )

    @model_validator(mode="after")
    def _one_basis(self) -> Activity:
        if self.grain not in (*_GRAINS, "event") or (self.grain == "event") != (self.event is not None):
            raise ValueError(f"per is {self.per!r}; write line, order, shipment, customer or event:<name>")
        given = [name for name in ("minutes", "driver", "direct") if getattr(self, name) is not None]
        if len(given) != 1:
            raise ValueError(f"has {' and '.join(given) or 'no basis'}; give exactly one of minutes, driver, direct")
        if self.rate is not None and (self.driver is None or self.resource is not None):
            raise ValueError("rate goes with a driver and without a resource")
        if self.share is not None and (self.driver is None or self.resource is None):
            raise ValueError("share goes with a driver and a resource")
        if self.spread_over != "lines" and self.grain not in ("order", "shipment"):
            raise ValueError("spread_over goes with per: order or shipment")
        if self.minutes is not None and self.resource is None:
            raise ValueError("minutes need a resource with capacity")
        if self.driver is not None and self.rate is None and self.resource is None:
            raise ValueError("a driver needs a resource whose cost it shares out, or a rate")
        return self

    @property
    def grain(self) -> str:
        return self.per.partition(":")[0]

    @property
    def event(self) -> str | None:
        return self.per.partition(":")[2] or None

    @property
    def basis(self) -> Literal["minutes", "driver", "rate", "direct"]:
        if self.minutes is not None:
            return "minutes"
        if self.direct is not None:
            return "direct"
        return "driver" if self.rate is None else "rate"

    @property
    def equation(self) -> Uncertain:
        """What the activity is charged by, with its spread."""
        given = self.minutes or self.driver or self.direct
        if given is None:
            raise AssertionError("an activity has exactly one basis")
        return given

    @property
    def quantity(self) -> str:
        """The expression whose sum the activity is charged by."""
        return self.equation.expr


class Support(Model):
    """How support departments are shared out before anything reaches a customer."""

    method: Literal["direct", "step", "reciprocal"] = Field(default="reciprocal", description="How it is shared out.")
    order: tuple[str, ...] = Field(default=(), description="Order of the departments, which step alone uses.")
    shares: dict[str, dict[str, Share]] = Field(
        default={}, description="By department, what share of its cost goes to whom; they sum to 1."
    )


class CostModel(Model):
    """Resources, fixed prices, support and activities, checked each and together."""

    resources: dict[str, Resource] = Field(description="Pools of cost by name.")
    prices: dict[str, Price] = Field(
        default={}, description="By activity, what one of its minutes or driver units costs, whatever the ledger says."
    )
    support: Support = Field(default=Support(), description="How support departments are passed on.")
    activities: dict[str, Activity] = Field(description="What is done for customers, by name.")

    def of_resource(self, name: str) -> dict[str, Activity]:
        """The activities that use a resource."""
        return {key: activity for key, activity in self.activities.items() if activity.resource == name}

    def problems(self) -> list[tuple[str, str, str]]:
        """Return (key, found, expected) for each disagreement between the parts."""
        found = [
            (f"{section}.{name}", f"the name {name!r} cannot be a column", "use letters, digits and _")
            for section, names in (("resources", self.resources), ("activities", self.activities))
            for name in names
            if not _NAME.fullmatch(name)
        ]
        for name, activity in self.activities.items():
            found += self._activity_problems(name, activity)
        for name, resource in self.resources.items():
            found += self._resource_problems(name, resource)
        return found + self._price_problems() + self._support_problems()

    def _activity_problems(self, name: str, activity: Activity) -> list[tuple[str, str, str]]:
        if activity.resource is None:
            return []
        key, resource = f"activities.{name}.resource", self.resources.get(activity.resource)
        if resource is None:
            return [(key, f"no resource {activity.resource!r}", f"declare it; known are {', '.join(self.resources)}")]
        if resource.support or resource.level:
            return [(key, f"{activity.resource!r} is support or sustaining", "only other resources have activities")]
        has_capacity = resource.capacity is not None or resource.capacity_minutes is not None
        if activity.basis == "minutes" and not has_capacity:
            return [
                (key, f"{activity.resource!r} has no capacity", "minutes need capacity or capacity_minutes above 0")
            ]
        if activity.basis == "driver" and has_capacity:
            return [(key, f"{activity.resource!r} has a capacity", "a driver shares out a resource without capacity")]
        return []

    def _price_problems(self) -> list[tuple[str, str, str]]:
        found = []
        for name in self.prices:
            activity = self.activities.get(name)
            if activity is None:
                told = f"no activity {name!r}", f"known are {', '.join(self.activities)}"
            elif activity.basis == "rate":
                told = f"{name!r} has a price of its own, its rate", f"change activities.{name}.rate"
            elif activity.basis == "direct":
                told = f"{name!r} is money already, at no price", "fix prices of minutes and drivers of a resource only"
            else:
                continue
            found.append((f"prices.{name}", *told))
        return found

    def _resource_problems(self, name: str, resource: Resource) -> list[tuple[str, str, str]]:
        activities = self.of_resource(name)
        kinds = sorted({activity.basis for activity in activities.values()})
        found = []
        if len(kinds) > 1:
            found.append((f"resources.{name}", f"its activities mix {' and '.join(kinds)}", "keep to one kind"))
        total = sum(activity.share or 0 for activity in activities.values())
        if total > 1 + 1e-9:
            found.append((f"resources.{name}", f"shares of its activities sum to {total:g}", "at most 1"))
        return found

    def _support_problems(self) -> list[tuple[str, str, str]]:
        found = []
        support = {name for name, resource in self.resources.items() if resource.support}
        for name, shares in self.support.shares.items():
            key = f"support.shares.{name}"
            if name not in support:
                found.append((key, f"{name!r} is no support resource", "declare it with support: true"))
            found += [
                (f"{key}.{receiver}", f"no resource {receiver!r}", f"known are {', '.join(self.resources)}")
                for receiver in shares
                if receiver not in self.resources
            ]
            if abs(sum(shares.values()) - 1) > 1e-9:
                found.append((key, f"shares sum to {sum(shares.values()):g}", "they sum to 1"))
        order = self.support.order
        found += [
            ("support.order", f"{name!r} stands there without being a support resource", "name support resources only")
            for name in order
            if name not in support
        ]
        found += [
            ("support.order", f"{name!r} stands there twice", "name it once")
            for name in set(order)
            if order.count(name) > 1
        ]
        missing = [name for name in self.support.shares if name not in order]
        if self.support.method == "step" and missing:
            found.append(
                ("support.order", f"{', '.join(missing)} not named", "step needs the order of all with shares")
            )
        return found
