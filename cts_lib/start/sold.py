"""Leaves out what is no order line: purchases among movements of goods, texts, and rows that stand twice."""

from __future__ import annotations

from dataclasses import replace

from cts_lib.engine import count_rows
from cts_lib.engine.base import Engine
from cts_lib.intake.assumed import Assumed
from cts_lib.start.marked import moved
from cts_lib.start.plan import File, Plan
from cts_lib.start.reading import Reading


def sold_alone(engine: Engine, plan: Plan) -> None:
    """Leave out of the plan's lines what is no order line."""
    _without_purchases(engine, plan)
    _without_texts(engine, plan)
    _without_twins(engine, plan)


def _without_purchases(engine: Engine, plan: Plan) -> None:
    """Leave out of the plan's lines what moved otherwise than by a sale, and say how much that is."""
    if found := moved(engine, plan.lines):
        _leave_out(engine, plan, found.condition, found.lines)
        told = Assumed.MOVED.said(column=repr(found.heading), values=found.values, count=found.lines)
        plan.assume(told, 1.3, "is that so?")


def _without_texts(engine: Engine, plan: Plan) -> None:
    """Leave out of the plan's lines those without a product, a quantity and money, and say how many they are."""
    picks, lines = plan.line_picks, plan.lines
    product = plan.product
    of_lines = [one for name in ("quantity", "net_sales") if (one := picks.get(name)) and one.seen == lines.seen.name]
    if not product or product.seen != lines.seen.name or not of_lines:
        return
    number = Reading.of(engine, plan).number
    empty = [f"COALESCE({number(one)}, 0) = 0" for one in of_lines]
    condition = " AND ".join([f"{plan.place(product)} IS NULL", *empty])
    count = count_rows(engine, f"{lines.seen.kept} WHERE {condition}")
    if 0 < count < lines.seen.rows:
        _leave_out(engine, plan, condition, count)
        plan.assume(Assumed.TEXTS.said(count=count), 0.9)


def _leave_out(engine: Engine, plan: Plan, condition: str, count: int) -> None:
    seen = plan.lines.seen
    engine.create(seen.name, f"SELECT line.* FROM {seen.kept} WHERE NOT ({condition})")
    where = " AND ".join([*([seen.where] if seen.where else []), f"NOT ({condition})"])
    plan.lines = File.of(engine, replace(seen, rows=seen.rows - count, where=where))


def _without_twins(engine: Engine, plan: Plan) -> None:
    """Leave out of the plan's lines those that repeat another in every cell, where lines of an order are numbered."""
    picks, lines = plan.line_picks, plan.lines
    numbers = [picks[name] for name in ("order_id", "line_no") if name in picks]
    if len(numbers) < 2 or any(pick.seen != lines.seen.name for pick in numbers):
        return
    once = f"SELECT DISTINCT * FROM {lines.seen.name}"
    rows = count_rows(engine, f"({once})")
    if count := lines.seen.rows - rows:
        engine.create(lines.seen.name, once)
        sql = f"(SELECT DISTINCT line.* FROM {lines.seen.origin})"
        plan.lines = File.of(engine, replace(lines.seen, rows=rows, sql=sql, where=""))
        plan.assume(Assumed.TWINS.said(count=count), 1.6, "was none of them sold twice?")
