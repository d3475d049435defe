"""What can be moved while one looks: unit times, people, how customers order, cuts of the segments; each with its ends.

A dial of prices or segments is an override, as `ask` takes it; one of how customers order is a setting of a lever.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
import pandas as pd

from cts_lib.errors import ParamsError
from cts_lib.params import CostModel, Resource, UnitParams
from cts_lib.params.labels import nearest
from cts_lib.params.segmentation import Segmentation

Group = Literal["minutes", "people", "orders", "cuts"]
GROUPS: tuple[Group, ...] = ("minutes", "people", "orders", "cuts")
Positions = Mapping[str, float]
"""Where dials stand that are not at today's place, by name."""
SETTING = "panel"
"""What a lever's setting is called that a dial makes."""
_ROUNDING = 1e-9
_LINE_END = re.compile(r"\s*\n\s*")
_MOST_MINIMUM = 4
"""So many times the first setting's minimum is the highest."""


@dataclass(frozen=True)
class Dial:
    """Something to move: where it stands today, its ends and its step.

    ``name`` is its group and what it moves, as in ``minutes.order_entry``; ``of`` the activity, resource, lever or
    axis; ``kind`` how a place is written, percent being a share of what is today; ``each`` the minutes of one unit.
    """

    name: str
    group: Group
    of: str
    kind: Literal["percent", "number", "decimal", "money"]
    today: float
    low: float
    high: float
    step: float
    each: float = math.nan


def minutes_dials(model: CostModel, volumes: Mapping[str, float], totals: Mapping[str, float]) -> list[Dial]:
    """Return a dial for each time equation: so many per cent of what it says."""
    timed = [name for name, activity in model.activities.items() if activity.basis == "minutes" and volumes.get(name)]
    return [
        Dial(f"minutes.{name}", "minutes", name, "percent", 100.0, 25.0, 200.0, 5.0, totals[name] / volumes[name])
        for name in timed
    ]


def people_dials(model: CostModel) -> list[Dial]:
    """Return a dial for each capacity: its people, or so many per cent of its minutes."""
    timed = {activity.resource for activity in model.activities.values() if activity.basis == "minutes"}
    return [_people(name, resource) for name, resource in model.resources.items() if name in timed]


def _people(name: str, resource: Resource) -> Dial:
    if resource.capacity is None:
        return Dial(f"people.{name}", "people", name, "percent", 100.0, 50.0, 200.0, 5.0)
    today = resource.capacity.people
    step = 10.0 ** (math.floor(math.log10(today)) - 1)
    steps = int(today / step + _ROUNDING)
    low, high = today - step * (steps // 2), today + step * steps
    return Dial(f"people.{name}", "people", name, "number", today, low, high, step)


def order_dials(unit: UnitParams) -> list[Dial]:
    """Return a dial for each lever that moves orders to an electronic method, or asks for a minimum order."""
    found = list[Dial]()
    for name, lever in unit.params.strategy.levers.items():
        first: Any = next(iter(lever.settings.values()), None)
        if first is not None and lever.kind == "order_method":
            found.append(Dial(f"orders.{name}", "orders", name, "percent", 0.0, 0.0, 100.0, 25.0))
        elif first is not None and lever.kind == "minimum_order":
            high = _MOST_MINIMUM * first.value
            found.append(Dial(f"orders.{name}", "orders", name, "money", 0.0, 0.0, high, first.value / 2))
    return found


def cut_dials(params: Segmentation, axes: pd.DataFrame) -> list[Dial]:
    """Return a dial for each axis of the matrix that is cut once, by a share of the customers or at a threshold.

    ``axes`` has the value and cost of each customer and channel.
    """
    found = list[Dial]()
    for axis in ("value", "cost"):
        threshold, quantile = getattr(params, f"{axis}_threshold"), getattr(params, f"{axis}_quantile")
        if getattr(params, f"{axis}_abc") is not None or len(threshold or quantile) != 1:
            continue
        if threshold is None:
            found.append(Dial(f"cuts.{axis}", "cuts", axis, "percent", 100 * quantile[0], 5.0, 95.0, 5.0))
            continue
        known = axes[axis][np.isfinite(axes[axis])]
        low, high = (float(np.quantile(known, share)) for share in (0.05, 0.95)) if len(known) else (0.0, 0.0)
        low, high = min(low, threshold[0]), max(high, threshold[0])
        found.append(Dial(f"cuts.{axis}", "cuts", axis, "decimal", threshold[0], low, high, (high - low) / 100 or 1.0))
    return found


def snapped(dial: Dial, place: float) -> float:
    """Return the place that a browser means, which counts steps in binary fractions.

    >>> dial = Dial("people.desk", "people", "desk", "number", 3.7, 1.9, 7.4, 0.1)
    >>> snapped(dial, 3.7000000000000002), snapped(dial, 3.3999999999999995)
    (3.7, 3.4)
    """
    return dial.today if abs(place - dial.today) < dial.step / 1000 else float(f"{place:.9g}")


def checked(dials: Iterable[Dial], name: str, value: object) -> float:
    """Return where a dial is to stand; an unknown one, and a place beyond its ends, is a ParamsError."""
    known = {dial.name: dial for dial in dials}
    if name not in known:
        raise ParamsError(f"panel, {name}", "no such slider", nearest(name, known))
    dial = known[name]
    if isinstance(value, bool) or not isinstance(value, int | float) or not dial.low <= value <= dial.high:
        raise ParamsError(f"panel, {name}", f"{value!r} is no place of it", f"give {dial.low:g} to {dial.high:g}")
    return float(value)


def overrides_of(unit: UnitParams, dials: Sequence[Dial], positions: Positions) -> list[str]:
    """Return what prices and segments the positions ask about, as `ask` takes it; levers are not among it."""
    return [_override(unit, dial, positions[dial.name]) for dial in dials if dial.name in positions and _priced(dial)]


def _priced(dial: Dial) -> bool:
    return dial.group != "orders"


def _override(unit: UnitParams, dial: Dial, at: float) -> str:
    model, params = unit.params.cost_model, unit.params.segmentation
    if dial.group == "minutes":
        written = _LINE_END.sub(" ", model.activities[dial.of].quantity)
        equation = json.dumps(f"{at / 100!r}*({written})", ensure_ascii=False)
        return f"cost_model.activities.{dial.of}.minutes.expr={equation}"
    if dial.group == "people":
        key, value = _capacity(model.resources[dial.of], dial, at)
        return f"cost_model.resources.{dial.of}.{key}={value!r}"
    by = "quantile" if getattr(params, f"{dial.of}_threshold") is None else "threshold"
    return f"segmentation.{dial.of}_{by}={_cut(dial, at)!r}"


def _capacity(resource: Resource, dial: Dial, at: float) -> tuple[str, float]:
    if dial.kind == "number":
        return "capacity.people", at
    return "capacity_minutes", (resource.capacity_minutes or 0.0) * at / 100


def _cut(dial: Dial, at: float) -> float:
    return at / 100 if dial.kind == "percent" else at


def moved(unit: UnitParams, dials: Sequence[Dial], positions: Positions) -> tuple[UnitParams, dict[str, float]]:
    """Return the unit with the capacities and cuts of the positions, and the factors on its time equations.

    The same as params with `overrides_of`, without reading params again.
    """
    model, cuts, factors = unit.params.cost_model, dict[str, object](), dict[str, float]()
    resources = dict(model.resources)
    for dial in dials:
        if dial.name not in positions:
            continue
        at = positions[dial.name]
        if dial.group == "minutes":
            factors[dial.of] = at / 100
        elif dial.group == "people":
            resources[dial.of] = _with_capacity(resources[dial.of], *_capacity(resources[dial.of], dial, at))
        elif dial.group == "cuts":
            by = "quantile" if getattr(unit.params.segmentation, f"{dial.of}_threshold") is None else "threshold"
            cuts[f"{dial.of}_{by}"] = (_cut(dial, at),)
    params = unit.params.model_copy(
        update={
            "cost_model": model.model_copy(update={"resources": resources}),
            "segmentation": unit.params.segmentation.model_copy(update=cuts),
        }
    )
    return replace(unit, params=params), factors


def _with_capacity(resource: Resource, key: str, value: float) -> Resource:
    if key == "capacity_minutes":
        return resource.model_copy(update={key: value})
    capacity = resource.capacity.model_copy(update={"people": value}) if resource.capacity else None
    return resource.model_copy(update={"capacity": capacity})


def settings_of(unit: UnitParams, dials: Sequence[Dial], positions: Positions) -> dict[str, dict[str, Any]]:
    """Return the setting of each lever that the positions move, as params would have it, by lever."""
    found = dict[str, dict[str, Any]]()
    for dial in dials:
        at = positions.get(dial.name, 0.0)
        if dial.group != "orders" or not at:
            continue
        first = next(iter(unit.params.strategy.levers[dial.of].settings.values()))
        given = first.model_dump(exclude_none=True)
        found[dial.of] = given | ({"share": at / 100} if dial.kind == "percent" else {"value": at})
    return found
