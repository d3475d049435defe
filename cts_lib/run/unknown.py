"""What params name that a unit cannot have, told before anything is computed.

What fields of the matrix are called is known from params; what groups and the parts of a field are called comes with
the customers, and stages refuse there what is not of the run.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from cts_lib.engine import Engine, fetch_rows
from cts_lib.errors import CtsError, ParamsError
from cts_lib.params import UnitParams
from cts_lib.params.segmentation import Segmentation
from cts_lib.segment.names import JOINT, field_names


def unknown_names(engine: Engine, unit: UnitParams) -> list[CtsError]:
    """Return floors and scenarios of a segment, channel, resource or customer that is not there.

    The engine holds the tables of a period.
    """
    return [*_of_segments(unit), *_of_scenarios(engine, unit)]


def _of_segments(unit: UnitParams) -> Iterator[CtsError]:
    params = unit.params
    if params.segmentation.named_by != "matrix":
        return
    named: list[tuple[str, tuple[str, ...]]] = [
        (floor, ("strategy", "floors", floor)) for floor in params.strategy.floors
    ]
    for name, scenario in params.evaluation.scenarios.items():
        if scenario.segment is not None:
            named.append((scenario.segment, ("evaluation", "scenarios", name, "segment")))
    known = list(dict.fromkeys(field_names(params.segmentation).values()))
    for segment, where in named:
        if not _may_be(segment, params.segmentation):
            yield _unknown(unit, where, segment, "segment", known)


def _may_be(segment: str, params: Segmentation) -> bool:
    """Say whether it is a field of the matrix, or may be a part of one that its needs split."""
    return any(segment == field or segment.startswith(field + JOINT) for field in field_names(params).values())


def _of_scenarios(engine: Engine, unit: UnitParams) -> Iterator[CtsError]:
    for name, scenario in unit.params.evaluation.scenarios.items():
        at = ("evaluation", "scenarios", name)
        if scenario.channel is not None:
            known = _names(engine, "channel")
            if scenario.channel not in known:
                yield _unknown(unit, (*at, "channel"), scenario.channel, "channel", known)
        for resource in scenario.cost:
            if resource not in unit.params.cost_model.resources:
                yield _unknown(unit, (*at, "cost"), resource, "resource", unit.params.cost_model.resources)
        known = _names(engine, "customer_id") if scenario.customers else []
        for customer in scenario.customers:
            if customer not in known:
                yield ParamsError(unit.where(*at, "customers"), f"{customer!r} is no customer", "write a customer_id")


def _names(engine: Engine, column: str) -> list[str]:
    """Return the customers or channels of a period, also of those that did not order in it."""
    rows = fetch_rows(engine, f"SELECT {column} AS name FROM customers UNION SELECT {column} FROM lines ORDER BY 1")
    return [row["name"] for row in rows if row["name"] is not None]


def _unknown(unit: UnitParams, where: tuple[str, ...], name: str, kind: str, known: Collection[str]) -> ParamsError:
    return ParamsError(unit.where(*where), f"{name!r} is no {kind}", f"known: {', '.join(known) or 'none'}")
