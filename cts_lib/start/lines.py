"""Writes the mapping of order lines: their columns, and what can be made of others."""

from __future__ import annotations

from cts_lib.engine import count_rows, fetch_row, fetch_value, quote, quoted
from cts_lib.intake.assumed import Assumed
from cts_lib.intake.signs import code_of
from cts_lib.start.derived import Derived
from cts_lib.start.guess import NAMED, with_tax
from cts_lib.start.headings import plain
from cts_lib.start.lots import parting
from cts_lib.start.mapping import Mapping
from cts_lib.start.marked import Marked, cancelled, is_positive, no_sales, signs, taken_back, together
from cts_lib.start.plan import Pick
from cts_lib.start.reading import Reading
from cts_lib.tables.column import Column, Kind
from cts_lib.tables.inputs import ORDER_LINES

_MOST_UNITS = 12
_DAYS = ("posting_date", "shipped_date", "promised_date", "delivered_date")
_SIGNED = ("quantity", "net_sales", "gross_sales", "cogs", "weight_kg", "volume_m3")
"""Columns of order lines that are negative where a line takes back."""
_MOSTLY = 0.9
"""Share of the lines whose sign must be the other one than that of net sales for all to be turned."""
_FEW = 0.01
"""Share of the lines that take back up to which numbers without a sign are slips."""


def unit_name(text: str) -> str:
    """Return a name for a unit's file.

    >>> unit_name("Süd & West"), unit_name("1000")
    ('sud_west', 'unit_1000')
    """
    name = plain(text).replace(" ", "_") or "unit"
    return name if name[0].isalpha() else f"unit_{name}"


class OrderLines:
    """Writes the mapping; ``units`` are the units' files by the value of each, ``repeated`` as params have it."""

    def __init__(self, reading: Reading, default_unit: str) -> None:
        self.reading, self.plan, self.engine = reading, reading.plan, reading.engine
        self.default_unit = default_unit
        self.units: dict[str, str] = {}
        self.repeated: list[str] = []
        self.others = self._other_orders()
        self.cancelled = [one for one in cancelled(self.engine, self.plan) if self._is_sold(one)]

    def write(self) -> Mapping:
        plan, picks = self.plan, self.plan.line_picks
        heads = f", with the order heads of {plan.headers.seen.names}" if plan.headers else ""
        heads += f", with the delivery notes of {plan.notes.seen.names}" if plan.notes else ""
        mapping = Mapping("order_lines", f"the order lines of {plan.lines.seen.names}{heads}", self._origin())
        for file in plan.of_lines.values():
            mapping.assumptions += file.seen.assumptions
        mapping.assumptions += plan.assumptions
        if plan.lines.seen.excluded:
            mapping.assumptions.append(plan.lines.seen.excluded)
        self._say_cancelled(mapping)
        self._unit(mapping)
        for column in ORDER_LINES.columns[1:]:
            if column.name == "order_id" and column.name in picks and self.others:
                self._order_id(mapping, picks[column.name])
            elif column.name in picks and column.name not in ("line_no", "order_date"):
                self.reading.add(mapping, column.name, picks[column.name], column)
            if column.name in NAMED and column.name not in picks and NAMED[column.name] in picks:
                pick = picks[NAMED[column.name]]
                mapping.columns[column.name] = (self.plan.place(pick), f"  -- guess: {pick.heading!r}, the name as key")
                mapping.assumptions.append(Assumed.STANDS_IN.said(name=column.name, column=repr(pick.heading)))
            if column.name == "order_date":
                self._order_date(mapping)
            if column.name == "line_no" and "order_id" in mapping.columns:
                self._line_no(mapping)
        self._derived(mapping)
        self._turn(mapping)
        self._take_back(mapping)
        self._say_no_sales(mapping)
        self._say_open(mapping)
        if "freight_cost" in picks and picks["freight_cost"].seen != plan.lines.seen.name:
            self.repeated = ["freight_cost"]
        if "currency" in picks:
            self.reading.add(mapping, "currency", picks["currency"], Column("currency", Kind.TEXT, ""))
            if known := self.reading.called(picks["currency"], code_of):
                self.reading.rename(mapping, "currency", picks["currency"], known)
        held = ", ".join(map(repr, with_tax(plan.lines)))
        for column in ORDER_LINES.columns:
            if column.required and column.name not in mapping.columns:
                taxed = f", for {held} is with tax" if held and column.name == "net_sales" else ""
                what = f"no column of {plan.lines.seen.names} seems to hold it{taxed}; add `… AS {column.name}`"
                mapping.missing[column.name] = what
        return mapping

    def _origin(self) -> str:
        """Return the lines with their order heads, without what is no line."""
        lines = self.plan.lines.seen
        text = "\n".join([f"FROM {lines.sql} AS line", *self.plan.joins(lambda seen: seen.sql)])
        conditions = [lines.where] if lines.where else []
        conditions += self._of_none_cancelled()
        return text + (f"\nWHERE {' AND '.join(conditions)}" if conditions else "")

    def _of_none_cancelled(self) -> list[str]:
        return [f"NOT COALESCE({one.condition}, FALSE)" for one in self.cancelled]

    def _unit(self, mapping: Mapping) -> None:
        pick = self.plan.line_picks.get("business_unit")
        if pick:
            values = self.reading.some_values(pick)
            names = {unit_name(value): value for value in values}
            facts = self.plan.facts_of(pick)
            if 0 < len(values) == len(names) <= _MOST_UNITS and facts.filled == facts.rows:
                self.units = names
                self.reading.add(mapping, "business_unit", pick, ORDER_LINES.columns[0])
                return
        name = unit_name(self.default_unit)
        self.units = {name: name}
        mapping.columns["business_unit"] = (quote(name), "")
        mapping.assumptions.append(Assumed.ONE_UNIT.said(unit=repr(name)))

    def _line_no(self, mapping: Mapping) -> None:
        pick, order = self.plan.line_picks.get("line_no"), self.plan.line_picks.get("order_id")
        if pick and order and pick.seen == order.seen:
            unit = self.plan.line_picks.get("business_unit")
            keys = [order, pick, *([unit] if unit and unit.seen == order.seen else [])]
            key = ", ".join(quoted(one.heading) for one in [*keys, *self.others])
            repeated = f"(SELECT 1 AS one FROM {order.seen} GROUP BY {key} HAVING COUNT(*) > 1)"
            repeats = count_rows(self.engine, repeated)
            if not repeats:
                self.reading.add(mapping, "line_no", pick, ORDER_LINES.columns[2])
                return
            if parts := parting(self.engine, self.plan, key, pick):
                told = Assumed.LINES_IN_ROWS.said(count=repeats, columns=parts)
                self.plan.assume(told, 1.3, "is that how they are picked?", mapping.assumptions)
            else:
                sentence = Assumed.PAIR_TWICE if repeats == 1 else Assumed.PAIRS_TWICE
                twice = sentence.said(count=repeats, column=repr(pick.heading))
                self.plan.assume(twice, 1.6, "does an extract hold lines of another?", mapping.assumptions)
        else:
            mapping.assumptions.append(Assumed.NO_LINE_NUMBER.said())
        among = mapping.columns["order_id"][0]
        if len(self.units) > 1:
            among = f"{mapping.columns['business_unit'][0]}, {among}"
        mapping.columns["line_no"] = (
            f"ROW_NUMBER() OVER (PARTITION BY {among} ORDER BY CAST(line AS VARCHAR))",
            "  -- the row as text orders it",
        )

    def _other_orders(self) -> list[Pick]:
        """Return the full column of documents that names the order where its own column is empty; else nothing."""
        picks, lines = self.plan.line_picks, self.plan.lines
        first = picks.get("order_id")
        if not first or first.seen != lines.seen.name or lines.facts[first.heading].filled == lines.seen.rows:
            return []
        taken = {pick.heading for pick in picks.values()}
        full = [one for one, facts in lines.facts.items() if facts.filled == facts.rows and one not in taken]
        best, like = lines.nearest(full, ("order_lines", "order_id"))
        return [Pick(lines.seen.name, best, like)] if best else []

    def _order_id(self, mapping: Mapping, first: Pick) -> None:
        """Take the order; where its column is empty, the document."""
        facts, texts = self.plan.facts_of(first), [self.reading.text(pick) for pick in [first, *self.others]]
        mapping.columns["order_id"] = (f"COALESCE({', '.join(texts)})", f"  -- guess: {first.heading!r} first")
        others = ", ".join(repr(pick.heading) for pick in self.others)
        counts = {"count": facts.filled, "rows": facts.rows}
        told = Assumed.ORDER_OF_SEVERAL.said(column=repr(first.heading), others=others, **counts)
        self.plan.assume(told, 1.1, among=mapping.assumptions)

    def _say_no_sales(self, mapping: Mapping) -> None:
        """Say which lines count as sales though a kind or a status says otherwise, as fees or what was refunded."""
        if "net_sales" not in mapping.columns:
            return
        picks, (sql, _) = self.plan.line_picks, mapping.columns["net_sales"]
        number = self.reading.number(picks["net_sales"]) if "net_sales" in picks else sql
        for one in no_sales(self.engine, self.plan):
            sales = f"SELECT {number} AS said FROM {self.plan.rows} WHERE {one.condition}"
            total = fetch_value(self.engine, f"SELECT COALESCE(SUM(said), 0) AS total FROM ({sales})")
            said = {"column": repr(one.heading), "values": one.values, "money": f"{total:,.2f}"}
            told = Assumed.NO_SALES.said(count=one.lines, **said)
            self.plan.assume(told, 1.7, "are they sales?", mapping.assumptions)

    def _say_open(self, mapping: Mapping) -> None:
        """Say which lines nothing was delivered of, as a system says of those that are still to come."""
        picks = self.plan.line_picks
        day = picks.get("delivered_date") or picks.get("shipped_date")
        if not day or "delivered_quantity" not in picks:
            return
        number = self.reading.number(picks["delivered_quantity"])
        of_these = [f"{number} = 0", f"{self.reading.day(day)} IS NULL", *self._of_none_cancelled()]
        if count := count_rows(self.engine, f"{self.plan.rows} WHERE {' AND '.join(of_these)}"):
            said = {"column": repr(picks["delivered_quantity"].heading), "day": repr(day.heading)}
            told = Assumed.OPEN_LINES.said(count=count, **said)
            self.plan.assume(told, 1.25, "are they still to come?", mapping.assumptions)

    def _order_date(self, mapping: Mapping) -> None:
        """Take the day of the order; where its column has none, the next column of days that is like it."""
        picks = self.plan.line_picks
        first, column = picks.get("order_date"), ORDER_LINES.column("order_date")
        if column is None:
            raise AssertionError("order lines have a day")
        days = [picks[name] for name in _DAYS if name in picks]
        chain = [first] if first else days[:1]
        dated = self._dated(chain[0]) if chain else 0
        if chain and dated < self.plan.lines.seen.rows:
            taken = {pick.heading for pick in picks.values()}
            for file in self.plan.of_lines.values():
                chain += [
                    Pick(file.seen.name, heading, like)
                    for heading, facts in file.facts.items()
                    if (like := file.likeness(heading, "order_lines", "order_date"))
                    and heading not in taken
                    and facts.most_dates >= 0.2
                ]
            chain += [pick for pick in days if pick not in chain]
        if not chain:
            return
        if len(chain) == 1:
            self.reading.add(mapping, "order_date", chain[0], column)
            if not first:
                told = Assumed.NO_ORDER_DATE.said(column=repr(chain[0].heading))
                self.plan.assume(told, 1.35, "on which day does an order come in?", mapping.assumptions)
            return
        read = [self.reading.day(pick) for pick in chain]
        mapping.columns["order_date"] = (f"COALESCE({', '.join(read)})", f"  -- guess: {chain[0].heading!r} first")
        first_of, *others = (repr(pick.heading) for pick in chain)
        rows, then = self.plan.lines.seen.rows, ", ".join(others)
        said = Assumed.ORDER_DATE_OF_SEVERAL.said(column=first_of, count=dated, rows=rows, others=then)
        mapping.assumptions.append(said)

    def _dated(self, pick: Pick) -> int:
        """Return how many lines have a day in a column, of theirs or of what is joined to them."""
        return int(fetch_value(self.engine, f"SELECT COUNT({self.reading.day(pick)}) AS n FROM {self.plan.rows}"))

    def _derived(self, mapping: Mapping) -> None:
        """Make what can be made of other columns: an order, its value, its cost."""
        picks = self.plan.line_picks
        if "order_id" not in mapping.columns and {"customer_id", "order_date"} <= mapping.columns.keys():
            day, customer = mapping.columns["order_date"][0], mapping.columns["customer_id"][0]
            mapping.columns["order_id"] = (f"CAST({customer} AS VARCHAR) || ' ' || CAST({day} AS VARCHAR)", "")
            mapping.assumptions.append(Assumed.NO_ORDER.said())
            self._line_no(mapping)
        made = Derived(self.reading, mapping)
        if "net_sales" not in picks:
            made.sales()
        elif "gross_sales" not in picks:
            made.gross()
        if "cogs" not in picks and "net_sales" in mapping.columns:
            made.cost_of_goods()
        if "priority" in picks:
            made.rush(picks["priority"])
        made.taken_for()

    def _is_sold(self, marked: Marked) -> bool:
        """Say whether cancelled lines stand there as those that were sold do."""
        picks = self.plan.line_picks
        pick = next((picks[name] for name in ("net_sales", "gross_sales", "quantity") if name in picks), None)
        return pick is not None and is_positive(signs(self.engine, self.plan, marked, self.reading.number(pick)))

    def _say_cancelled(self, mapping: Mapping) -> None:
        for one in self.cancelled:
            what = {"values": one.values} if one.values else {}
            sentence = Assumed.CANCELLED_AS if one.values else Assumed.CANCELLED
            told = sentence.said(count=one.lines, column=repr(one.heading), **what)
            self.plan.assume(told, 1.5, "were they never invoiced?", mapping.assumptions)

    def _turn(self, mapping: Mapping) -> None:
        """Turn the signs of what is negative where net sales are positive, as goods that leave a warehouse are."""
        if "net_sales" not in mapping.columns:
            return
        numbers = {name: self._number(mapping, name) for name in _SIGNED if name in mapping.columns}
        sales, turned = numbers.pop("net_sales"), list[str]()
        for name, number in numbers.items():
            product = f"SELECT ({number}) * ({sales}) AS signs FROM {self.plan.rows}"
            counts = "COUNT(CASE WHEN signs < 0 THEN 1 END) AS other, COUNT(CASE WHEN signs <> 0 THEN 1 END) AS n"
            other, n = fetch_row(self.engine, f"SELECT {counts} FROM ({product})").values()
            if other > _MOSTLY * n:
                mapping.columns[name] = (f"-({number})", mapping.columns[name][1])
                turned.append(name)
        if turned:
            self.plan.assume(Assumed.TURNED.said(columns=", ".join(turned)), 1.2, among=mapping.assumptions)

    def _number(self, mapping: Mapping, name: str) -> str:
        """Return the SQL of a column as a number."""
        picks, sql = self.plan.line_picks, mapping.columns[name][0]
        return self.reading.number(picks[name]) if name in picks and sql == self.plan.place(picks[name]) else sql

    def _take_back(self, mapping: Mapping) -> None:
        """Read as negative what lines of returns and credits hold without a sign."""
        found = taken_back(self.engine, self.plan)
        if not found:
            return
        whole = together(self.engine, self.plan, found)
        turned = list[str]()
        for name in _SIGNED:
            if name not in mapping.columns:
                continue
            about, number = mapping.columns[name][1], self._number(mapping, name)
            share = signs(self.engine, self.plan, whole, number)
            if is_positive(share):
                mapping.columns[name] = (f"CASE WHEN {whole.condition} THEN -({number}) ELSE {number} END", about)
                turned.append(name)
            elif share > _FEW:
                told = f"where {whole.values}, {name} has both signs: which of these lines take back?"
                self.plan.doubts.append((1.6, told))
        if turned:
            told = Assumed.TAKEN_BACK.said(count=whole.lines, which=whole.values, columns=", ".join(turned))
            self.plan.assume(told, 1.55, among=mapping.assumptions)
