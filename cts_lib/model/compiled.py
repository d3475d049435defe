"""The cost model's activities with their expressions checked: what the cube is made of."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import sqlglot
from sqlglot import exp

from cts_lib.engine import quote
from cts_lib.errors import CtsError, ModelError, Problems
from cts_lib.model.drivers import KEPT, Extras, Grain, grain
from cts_lib.model.equations import Equation, Wanted, compile_equation
from cts_lib.model.support import check_support
from cts_lib.params import Activity, CostModel


@dataclass(frozen=True)
class CompiledActivity:
    """An activity whose expressions were checked against its grain."""

    name: str
    activity: Activity
    grain: Grain
    quantity: Equation
    when: Equation | None

    @property
    def drivers(self) -> frozenset[str]:
        return self.quantity.drivers | (self.when.drivers if self.when else frozenset())

    @cached_property
    def value(self) -> str:
        """The SQL of its quantity for one unit of work."""
        return self.quantity.sql.sql("duckdb")

    @cached_property
    def happened(self) -> str:
        """The SQL condition under which a unit of work counts: the right event, and a true ``when`` (null is false)."""
        conditions = []
        if self.activity.event is not None:
            conditions.append(f"event = {quote(self.activity.event)}")
        if self.when is not None:
            conditions.append(f"COALESCE({self.when.sql.sql('duckdb')}, FALSE)")
        return " AND ".join(conditions) or "TRUE"

    @property
    def may_be_negative(self) -> bool:
        return self.activity.basis in ("rate", "direct")


def columns_of_lines(query: exp.Expr) -> set[str]:
    """Return the columns of ``line`` that a query reads.

    >>> sorted(columns_of_lines(sqlglot.parse_one("SELECT line.a FROM lines AS line JOIN x ON x.b = line.c")))
    ['a', 'c']
    """
    return {column.name for column in query.find_all(exp.Column) if column.table == "line"}


def columns_read(activities: list[CompiledActivity]) -> set[str]:
    """Return the columns of lines that pricing the activities reads."""
    return {"product_id", "line_no"} | columns_of_drivers(activities) | _columns(KEPT.values())


def columns_of_drivers(activities: Iterable[CompiledActivity]) -> set[str]:
    """Return the columns of lines that the activities' equations read."""
    return _columns(each.grain.drivers[name].sql for each in activities for name in each.drivers)


def _columns(texts: Iterable[str]) -> set[str]:
    trees = [sqlglot.parse_one(text, dialect="duckdb") for text in sorted(set(texts))]
    return set[str]().union(*map(columns_of_lines, trees))


def compile_model(model: CostModel, extras: Extras) -> list[CompiledActivity]:
    """Check every expression of the model, and its support shares; raise Problems with all that is wrong."""
    grains = {name: grain(name, extras) for name in ("line", "order", "shipment", "customer", "event")}
    compiled, problems = [], list[CtsError]()
    for name, activity in model.activities.items():
        key, at = f"cost_model.activities.{name}", grains[activity.grain]
        basis = "driver" if activity.basis == "rate" else activity.basis
        equations = list[Equation | None]()
        for text, part in ((activity.quantity, basis), (activity.when, "when")):
            wanted: Wanted = "condition" if part == "when" else "number"
            try:
                equations.append(compile_equation(text, at.kinds, f"{key}.{part}", wanted) if text else None)
            except ModelError as error:
                problems.append(error)
        if len(equations) == 2 and equations[0]:
            compiled.append(CompiledActivity(name, activity, at, equations[0], equations[1]))
    try:
        check_support(model.support, {name for name, resource in model.resources.items() if resource.support})
    except ModelError as error:
        problems.append(error)
    if problems:
        raise Problems(problems)
    return compiled
