"""Writes the mapping of each table: SQL over the user's files, with every guess and assumption beside it."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from collections.abc import Mapping as Mapped
from dataclasses import dataclass, field

from cts_lib.engine import fetch_rows, quote, quoted
from cts_lib.engine.base import Engine
from cts_lib.intake.notation import number_sql, with_sign
from cts_lib.params import Formats
from cts_lib.start.booked import Booked
from cts_lib.start.derived import Derived
from cts_lib.start.facts import DAYS_TO_PAY, ISO, PAID_AT_ONCE, Facts, date_reader, says_days, swapped
from cts_lib.start.guess import NAMED, File, Pick, Picks, Plan, once_each, repeats_of
from cts_lib.start.headings import event_of, plain, resource_of, unit_of
from cts_lib.start.marked import Marked, cancelled, is_positive, joined, signs, taken_back, together
from cts_lib.tables.column import DATE, NUMBER, Column, Kind
from cts_lib.tables.contract import Contract
from cts_lib.tables.inputs import CUSTOMERS, EVENTS, EXCHANGE_RATES, INPUTS, LEDGER, ORDER_LINES, PRODUCTS

EDIT = "-- Written by cts init from what the files look like. Edit it as you like: a second run leaves it alone then."
_MOST_UNITS = 12
_DAYS = ("posting_date", "shipped_date", "promised_date", "delivered_date")
_SIGNED = ("quantity", "net_sales", "gross_sales", "cogs", "weight_kg", "volume_m3")
"""Columns of order lines that are negative where a line takes back."""
_FEW = 0.01
"""Share of the lines that take back up to which numbers without a sign are slips."""

_COLUMNS = {column.name for contract in INPUTS for column in contract.columns}


def _shown(name: str) -> str:
    """Return a column's name as a query writes it: one of a user's own may be a word of SQL."""
    return name if name in _COLUMNS or name == "currency" else quoted(name)


@dataclass
class Mapping:
    """A mapping in the making: its columns as SQL and what is said of each, and what it takes on trust."""

    table: str
    reads: str
    origin: str
    columns: dict[str, tuple[str, str]] = field(default_factory=dict)
    assumptions: list[str] = field(default_factory=list)
    missing: dict[str, str] = field(default_factory=dict)
    grouped: bool = False
    more: str = ""

    def text(self, database: Engine | None) -> str:
        """Return the mapping as it is written to its file, in the dialect of a database where it reads one."""
        head = [f"-- Reads {self.reads}.", EDIT]
        head += [f"-- assumption: {text}." for text in dict.fromkeys(self.assumptions)]
        head += [f"-- TODO {name}: {what}." for name, what in self.missing.items()]
        if database:
            head += [
                said.strip().replace("guess: ", f"guess: {name} from ")
                for name, (_, said) in self.columns.items()
                if said
            ]
            return "\n".join([*head, database.shown(self.select(False))]) + "\n"
        return "\n".join([*head, self.select(True)]) + "\n"

    def select(self, with_comments: bool) -> str:
        """Return the query."""
        selected = [
            (f"    {sql} AS {_shown(name)}", said if with_comments else "")
            for name, (sql, said) in self.columns.items()
        ]
        lines = [f"{sql}{',' if place < len(selected) else ''}{said}" for place, (sql, said) in enumerate(selected, 1)]
        group = ["GROUP BY 1"] if self.grouped else []
        return "\n".join(["SELECT", *lines, self.origin, *group, *([self.more] if self.more else [])])


@dataclass
class Mappings:
    """All mappings, the notation that they leave to params, the units, and columns that repeat an order's amount."""

    formats: Formats
    tables: dict[str, Mapping]
    units: dict[str, str]
    repeated: list[str]


def unit_name(text: str) -> str:
    """Return a name for a unit's file.

    >>> unit_name("Süd & West"), unit_name("1000")
    ('sud_west', 'unit_1000')
    """
    name = plain(text).replace(" ", "_") or "unit"
    return name if name[0].isalpha() else f"unit_{name}"


def write_mappings(engine: Engine, plan: Plan, default_unit: str, currency: str | None = None) -> Mappings:
    """Return the mapping of every table that the files hold, and of customers and products that only lines know.

    ``currency`` is the unit's where a column or the headings name it.
    """
    return _Writer(engine, plan, default_unit, currency).write()


def sign_of_lines(plan: Plan) -> str | None:
    """Return the currency's sign that stands in the lines' money."""
    picks = plan.picks["order_lines"]
    named = [name for name in ("net_sales", "gross_sales", "unit_price", *picks) if name in picks]
    return next((sign for name in named if (sign := plan.facts_of(picks[name]).sign)), None)


class _Writer:
    def __init__(self, engine: Engine, plan: Plan, default_unit: str, currency: str | None) -> None:
        self.engine, self.plan, self.default_unit, self.currency = engine, plan, default_unit, currency
        self.formats = Formats.model_validate(
            plan.lines.numbers.model_dump()
            | {"date": self._common_forms(), "encoding": "utf-8", "sign": sign_of_lines(plan)}
        )
        self.units: dict[str, str] = {}
        self.repeated: list[str] = []
        self.cancelled = [one for one in cancelled(engine, plan) if self._is_sold(one)]

    def write(self) -> Mappings:
        tables = {"order_lines": self._order_lines()}
        for contract in (CUSTOMERS, PRODUCTS):
            tables[contract.name] = self._keyed(contract, tables["order_lines"])
        for contract in INPUTS:
            if contract.name in self.plan.files and contract.name not in tables:
                tables[contract.name] = self._other(contract)
        return Mappings(self.formats, tables, self.units, self.repeated)

    def _common_forms(self) -> tuple[str, ...]:
        """Return the notations of dates of the lines, without one that reads what another does."""
        forms: list[str] = []
        for name, pick in self.plan.picks["order_lines"].items():
            column = ORDER_LINES.column(name)
            facts = self.plan.facts_of(pick)
            if column is None or column.kind is not DATE or facts.is_date:
                continue
            for form in self.plan.forms_of(pick):
                if form and form not in forms and swapped(form) not in forms:
                    forms.append(form)
        return tuple(forms)

    def _place(self, pick: Pick) -> str:
        return self.plan.place(pick)

    def _cell(self, mapping: Mapping, pick: Pick, column: Column) -> str:
        """Return a cell as the contract is to read it: as it is where params say how, else read here."""
        place, facts = self._place(pick), self.plan.facts_of(pick)
        if unit := unit_of(pick.heading, column.name):
            mapping.assumptions.append(f"{column.name} is {pick.heading!r}, read as {unit[0]}, times {unit[1]:g}")
            return f"({self._number(pick)}) * {unit[1]!r}"
        if column.name == "payment_terms_days" and says_days(facts):
            said = f"the last number in {pick.heading!r}, as in {facts.words[0]!r}, 0 where paid at once"
            mapping.assumptions.append(f"{column.name} is {said}")
            text = f"CAST({place} AS VARCHAR)"
            days = f"CAST(REGEXP_REPLACE({text}, {quote(DAYS_TO_PAY)}, '\\2') AS DOUBLE)"
            at_once, told = (
                f"REGEXP_MATCHES({one})"
                for one in (f"LOWER({text}), {quote(PAID_AT_ONCE)}", f"{text}, {quote(DAYS_TO_PAY)}")
            )
            return f"CASE WHEN {at_once} THEN 0 WHEN {told} THEN {days} END"
        if column.kind is NUMBER and not facts.is_number:
            formats = self.plan.notation_of(pick)
            bad = facts.filled - facts.numbers.get(formats, 0)
            is_declared = formats.number_pattern == self.formats.number_pattern and facts.sign in (
                None,
                self.formats.sign,
            )
            if is_declared and (not bad or column.required):
                return place
            self._say_bad(mapping, pick, column, facts, bad, "numbers")
            return _number_of(place, facts, formats)
        if column.kind is DATE and not facts.is_date:
            forms = self.plan.forms_of(pick)
            bad = facts.filled - sum(facts.dates[form] for form in forms)
            is_declared = {form or "%Y-%m-%d" for form in forms} <= set(self.formats.dates) or (
                not self.formats.dates and forms == (ISO,)
            )
            if is_declared and (not bad or column.required):
                return place
            self._say_bad(mapping, pick, column, facts, bad, "dates")
            return _dates(place, forms)
        return place

    @staticmethod
    def _say_bad(mapping: Mapping, pick: Pick, column: Column, facts: Facts, bad: int, kind: str) -> None:
        if bad > 0:
            some = f", as {facts.words[0]!r}" if facts.words else ""
            mapping.assumptions.append(
                f"{bad:,} of {facts.filled:,} cells of {pick.heading!r} are no {kind}{some}, and count as unknown "
                f"{column.name}"
            )

    def _add(self, mapping: Mapping, name: str, pick: Pick, column: Column) -> None:
        file = self.plan.file_of(pick).seen.names
        said = f"  -- guess: {pick.heading!r} of {file}, {pick.how_sure}".replace("\n", " ")
        mapping.columns[name] = (self._cell(mapping, pick, column), said)

    def _origin(self) -> str:
        """Return the lines with their order heads, without what is no line."""
        lines = self.plan.lines.seen
        text = "\n".join([f"FROM {lines.sql} AS line", *self.plan.joins(lambda seen: seen.sql)])
        conditions = [lines.where] if lines.where else []
        conditions += [f"NOT COALESCE({one.condition}, FALSE)" for one in self.cancelled]
        return text + (f"\nWHERE {' AND '.join(conditions)}" if conditions else "")

    def _order_lines(self) -> Mapping:
        plan, picks = self.plan, self.plan.picks["order_lines"]
        heads = f", with the order heads of {plan.headers.seen.names}" if plan.headers else ""
        heads += f", with the delivery notes of {plan.notes.seen.names}" if plan.notes else ""
        mapping = Mapping("order_lines", f"the order lines of {plan.lines.seen.names}{heads}", self._origin())
        for file in plan.of_lines.values():
            mapping.assumptions += file.seen.assumptions
        mapping.assumptions += plan.repeats
        if plan.lines.seen.excluded:
            mapping.assumptions.append(plan.lines.seen.excluded)
        self._say_cancelled(mapping)
        self._unit(mapping)
        for column in ORDER_LINES.columns[1:]:
            if column.name in picks and column.name not in ("line_no", "order_date"):
                self._add(mapping, column.name, picks[column.name], column)
            if column.name in NAMED and column.name not in picks and NAMED[column.name] in picks:
                pick = picks[NAMED[column.name]]
                mapping.columns[column.name] = (self._place(pick), f"  -- guess: {pick.heading!r}, the name as key")
                mapping.assumptions.append(f"no column holds {column.name}: {pick.heading!r} stands in for it")
            if column.name == "order_date":
                self._order_date(mapping)
            if column.name == "line_no" and "order_id" in mapping.columns:
                self._line_no(mapping)
        self._derived(mapping)
        self._take_back(mapping)
        if "freight_cost" in picks and picks["freight_cost"].seen != plan.lines.seen.name:
            self.repeated = ["freight_cost"]
        if "currency" in picks:
            self._add(mapping, "currency", picks["currency"], Column("currency", Kind.TEXT, ""))
        lacking = [column.name for column in ORDER_LINES.columns if column.required]
        for name in lacking:
            if name not in mapping.columns:
                mapping.missing[name] = f"no column of {plan.lines.seen.names} seems to hold it; add `… AS {name}`"
        return mapping

    def _unit(self, mapping: Mapping) -> None:
        pick = self.plan.picks["order_lines"].get("business_unit")
        if pick:
            given = f"SELECT DISTINCT CAST({quoted(pick.heading)} AS VARCHAR) AS unit FROM {pick.seen} LIMIT 99"
            values = sorted(row["unit"] for row in fetch_rows(self.engine, given) if row["unit"])
            names = {unit_name(value): value for value in values}
            facts = self.plan.facts_of(pick)
            if 0 < len(values) == len(names) <= _MOST_UNITS and facts.filled == facts.rows:
                self.units = names
                self._add(mapping, "business_unit", pick, ORDER_LINES.columns[0])
                return
        name = unit_name(self.default_unit)
        self.units = {name: name}
        mapping.columns["business_unit"] = (quote(name), "")
        mapping.assumptions.append(f"all lines are one business unit, {name!r}, for no column says otherwise")

    def _line_no(self, mapping: Mapping) -> None:
        pick, order = self.plan.picks["order_lines"].get("line_no"), self.plan.picks["order_lines"].get("order_id")
        if pick and order and pick.seen == order.seen:
            unit = self.plan.picks["order_lines"].get("business_unit")
            keys = [order, pick, *([unit] if unit and unit.seen == order.seen else [])]
            key = ", ".join(quoted(one.heading) for one in keys)
            repeats = fetch_rows(
                self.engine,
                f"SELECT COUNT(*) AS n FROM (SELECT 1 AS one FROM {order.seen} GROUP BY {key} HAVING COUNT(*) > 1)",
            )[0]["n"]
            if not repeats:
                self._add(mapping, "line_no", pick, ORDER_LINES.columns[2])
                return
            pairs = "pair of order and {} stands" if repeats == 1 else "pairs of order and {} stand"
            twice = f"{repeats:,} {pairs.format(repr(pick.heading))} more than once"
            mapping.assumptions.append(f"{twice}, so lines are numbered anew")
            self.plan.doubts.append((1.6, f"{twice}: does an extract hold lines of another?"))
        else:
            mapping.assumptions.append(
                "no column numbers the lines of an order: they are numbered in the order of all cells"
            )
        among = mapping.columns["order_id"][0]
        if len(self.units) > 1:
            among = f"{mapping.columns['business_unit'][0]}, {among}"
        mapping.columns["line_no"] = (
            f"ROW_NUMBER() OVER (PARTITION BY {among} ORDER BY CAST(line AS VARCHAR))",
            "  -- the row as text orders it",
        )

    def _order_date(self, mapping: Mapping) -> None:
        """Take the day of the order; where its column has none, the next column of days that is like it."""
        picks = self.plan.picks["order_lines"]
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
            self._add(mapping, "order_date", chain[0], column)
            if not first:
                told = f"no column holds the order date: {chain[0].heading!r} stands in for it"
                mapping.assumptions.append(told)
                self.plan.doubts.append((1.35, f"{told}: on which day does an order come in?"))
            return
        read = [self._day(pick) for pick in chain]
        mapping.columns["order_date"] = (f"COALESCE({', '.join(read)})", f"  -- guess: {chain[0].heading!r} first")
        counted = f" (a day in {dated:,} of {self.plan.lines.seen.rows:,} rows)"
        then = ", ".join(repr(pick.heading) for pick in chain[1:])
        mapping.assumptions.append(
            f"the order date is {chain[0].heading!r}{counted}, where that has none the first of {then}"
        )

    def _dated(self, pick: Pick) -> int:
        """Return how many lines have a day in a column, of theirs or of what is joined to them."""
        day = f"SELECT COUNT({self._day(pick)}) AS n FROM {joined(self.plan)}"
        return int(fetch_rows(self.engine, day)[0]["n"])

    def _day(self, pick: Pick) -> str:
        facts, place = self.plan.facts_of(pick), self._place(pick)
        if facts.is_date:
            return f"CAST({place} AS DATE)"
        return _dates(place, self.plan.forms_of(pick))

    def _number(self, pick: Pick) -> str:
        facts, place = self.plan.facts_of(pick), self._place(pick)
        return place if facts.is_number else _number_of(place, facts, self.plan.notation_of(pick))

    def _derived(self, mapping: Mapping) -> None:
        """Make what can be made of other columns: an order, its value, its cost."""
        picks = self.plan.picks["order_lines"]
        if "order_id" not in mapping.columns and {"customer_id", "order_date"} <= mapping.columns.keys():
            day, customer = mapping.columns["order_date"][0], mapping.columns["customer_id"][0]
            mapping.columns["order_id"] = (f"CAST({customer} AS VARCHAR) || ' ' || CAST({day} AS VARCHAR)", "")
            mapping.assumptions.append("no column names the order: an order is a customer's lines of one day")
            self._line_no(mapping)
        made = Derived(self.engine, self.plan, self._number, mapping.columns, mapping.assumptions)
        if "net_sales" not in picks:
            made.sales()
        if "cogs" not in picks and "net_sales" in mapping.columns:
            made.cost_of_goods()
        made.taken_for()
        if "priority" in picks:
            made.rush(picks["priority"])

    def _is_sold(self, marked: Marked) -> bool:
        """Say whether cancelled lines stand there as those that were sold do."""
        picks = self.plan.picks["order_lines"]
        pick = next((picks[name] for name in ("net_sales", "gross_sales", "quantity") if name in picks), None)
        return pick is not None and is_positive(signs(self.engine, self.plan, marked, self._number(pick)))

    def _say_cancelled(self, mapping: Mapping) -> None:
        for one in self.cancelled:
            what = f"is {one.values}" if one.values else "is filled"
            told = f"{one.lines:,} lines are left out as cancelled, for {one.heading!r} {what}"
            mapping.assumptions.append(told)
            self.plan.doubts.append((1.5, f"{told}: were they never invoiced?"))

    def _take_back(self, mapping: Mapping) -> None:
        """Read as negative what lines of returns and credits hold without a sign."""
        found = taken_back(self.engine, self.plan)
        if not found:
            return
        whole = together(self.engine, self.plan, found)
        condition, said, lines = whole.condition, whole.values, whole.lines
        turned, picks = list[str](), self.plan.picks["order_lines"]
        for name in _SIGNED:
            if name not in mapping.columns:
                continue
            sql, about = mapping.columns[name]
            number = self._number(picks[name]) if name in picks and sql == self._place(picks[name]) else sql
            share = signs(self.engine, self.plan, whole, number)
            if is_positive(share):
                mapping.columns[name] = (f"CASE WHEN {condition} THEN -({number}) ELSE {number} END", about)
                turned.append(name)
            elif share > _FEW:
                told = f"where {said}, {name} has both signs: which of these lines take back?"
                self.plan.doubts.append((1.6, told))
        if turned:
            told = f"lines whose {said} take back: their {', '.join(turned)} are read as negative"
            mapping.assumptions.append(f"{lines:,} {told}")
            self.plan.doubts.append((1.55, f"{lines:,} {told}"))

    def _keyed(self, contract: Contract, lines: Mapping) -> Mapping:
        """Map customers or products: their own file, and those that only the lines name."""
        key, picks = contract.key[0], self.plan.picks.get(contract.name, {})
        named = lines.columns.get(key)
        if contract.name in self.plan.files:
            file = self.plan.files[contract.name]
            mapping = Mapping(
                contract.name, f"the {contract.name} of {file.seen.names}", f"FROM {file.seen.sql} AS line"
            )
            if told := repeats_of(file, picks[key].heading):
                mapping.origin = f"FROM {once_each(file.seen.sql, picks[key].heading)} AS line"
                mapping.assumptions.append(told)
                self.plan.doubts.append((0.8, told))
            mapping.origin += f"\nWHERE {file.seen.where}" if file.seen.where else ""
            mapping.assumptions += file.seen.assumptions
            for column in contract.columns:
                if column.name in picks:
                    self._add(mapping, column.name, picks[column.name], column)
            for name in picks:
                if contract.column(name) is None:
                    self._add(mapping, name, picks[name], Column(name, Kind.TEXT, ""))
            if contract is CUSTOMERS and "channel" not in picks and "channel" in lines.columns:
                self._channel(mapping, lines, picks[key])
            if named:
                own = quoted(picks[key].heading)
                unknown = (
                    f"CAST({named[0]} AS VARCHAR) NOT IN "
                    f"(SELECT CAST({own} AS VARCHAR) FROM {file.seen.sql} AS known WHERE {own} IS NOT NULL)"
                )
                values = [f"CAST({named[0]} AS VARCHAR) AS {key}"]
                values += [f"NULL AS {_shown(name)}" for name in mapping.columns if name != key]
                selected = f"SELECT {', '.join(values)}\n{_with_condition(lines.origin, unknown)}"
                mapping.more = f"UNION ALL\n{selected}\nGROUP BY 1"
                mapping.assumptions.append(f"{contract.name} that only the lines name have nothing but their key")
            return mapping
        mapping = Mapping(contract.name, f"the {contract.name} that the lines name", lines.origin, grouped=True)
        mapping.assumptions.append(
            f"there is no file of {contract.name}: they are those that the lines name; of several values "
            "the first in the alphabet counts"
        )
        if not named:
            mapping.missing[key] = f"no column of {self.plan.lines.seen.names} seems to hold it; add `… AS {key}`"
            return mapping
        mapping.columns[key] = named
        for column in contract.columns[1:]:
            pick = self.plan.picks["order_lines"].get(f"{contract.name}.{column.name}")
            if pick and column.name != "unit_cost":
                self._add(mapping, column.name, pick, column)
                sql, said = mapping.columns[column.name]
                mapping.columns[column.name] = (f"MIN({sql})", said)
        if contract is CUSTOMERS and "channel" in lines.columns:
            sql, said = lines.columns["channel"]
            mapping.columns["channel"] = (f"MIN({sql})", said)
        if "name" not in mapping.columns:
            mapping.columns["name"] = (f"MIN(CAST({named[0]} AS VARCHAR))", "")
        return mapping

    def _channel(self, mapping: Mapping, lines: Mapping, key: Pick) -> None:
        """Take as a customer's channel the one of most of its lines, where its own file says none."""
        customer, channel = (f"CAST({lines.columns[name][0]} AS VARCHAR)" for name in ("customer_id", "channel"))
        place = f"ROW_NUMBER() OVER (PARTITION BY {customer} ORDER BY COUNT(*) DESC, {channel})"
        bought = (
            f"SELECT {customer} AS customer_id, {channel} AS channel, {place} AS place\n{lines.origin}\nGROUP BY 1, 2"
        )
        where = mapping.origin.partition("\nWHERE ")
        same = f"bought.customer_id = CAST({self._place(key)} AS VARCHAR) AND bought.place = 1"
        mapping.origin = f"{where[0]}\nLEFT JOIN (\n{bought}\n) AS bought ON {same}{where[1]}{where[2]}"
        mapping.columns["channel"] = ("bought.channel", "")
        mapping.assumptions.append("a customer's channel is the one of most of its lines")

    def _other(self, contract: Contract) -> Mapping:
        mapping = self._table(contract, self.plan.files[contract.name], self.plan.picks[contract.name])
        if contract is EVENTS and self.plan.more_events:
            more = [self._table(contract, file, picks) for file, picks in self.plan.more_events]
            _put_together([mapping, *more])
        return mapping

    def _table(self, contract: Contract, file: File, picks: Picks) -> Mapping:
        mapping = Mapping(contract.name, f"the {contract.name} of {file.seen.names}", f"FROM {file.seen.sql} AS line")
        mapping.origin += f"\nWHERE {file.seen.where}" if file.seen.where else ""
        mapping.assumptions += file.seen.assumptions
        for column in contract.columns:
            if column.name in picks and picks[column.name].heading:
                self._add(mapping, column.name, picks[column.name], column)
        if contract is EVENTS and self.plan.more_events:
            self._typed(mapping, contract, picks)
        if contract is LEDGER:
            self._ledger(mapping, file, picks)
        if contract is EVENTS:
            self._events(mapping, picks["event"], file)
        if contract is EXCHANGE_RATES and "into" in picks:
            self._rates_into(mapping, picks["into"])
        if contract.has_unit and "business_unit" not in mapping.columns:
            mapping.columns = {"business_unit": (quote(next(iter(self.units.values()))), ""), **mapping.columns}
            mapping.assumptions.append(
                f"all rows of {contract.name} are the first business unit's, for no column says otherwise"
            )
        return mapping

    def _typed(self, mapping: Mapping, contract: Contract, picks: Picks) -> None:
        """Read cells here, whatever params say: another file of the table may write them otherwise."""
        for name, (_, said) in mapping.columns.items():
            column, pick = contract.column(name), picks[name]
            kind = column.kind if column else Kind.TEXT
            read = {DATE: self._day, NUMBER: self._number}.get(kind, lambda one: f"CAST({self._place(one)} AS VARCHAR)")
            mapping.columns[name] = (read(pick), said)

    def _ledger(self, mapping: Mapping, file: File, picks: Picks) -> None:
        booked = Booked(self.engine, file, picks, self._number, self._day, mapping.columns, mapping.assumptions)
        booked.period()
        booked.amount()
        income, less = booked.of_income()
        self._resources(mapping, picks["resource"], income)
        condition, told = booked.of_no_resource()
        if condition:
            mapping.origin = _with_condition(mapping.origin, condition)
            mapping.assumptions.append(told)
            self.plan.doubts.append((1.2, told))
        if income:
            names = f"CAST({self._place(picks['resource'])} AS VARCHAR) NOT IN ({', '.join(map(quote, income))})"
            mapping.origin = _with_condition(mapping.origin, names)
            mapping.assumptions.append(less)
            self.plan.doubts.append((1.2, less))

    def _events(self, mapping: Mapping, pick: Pick, file: File) -> None:
        """Call events as the cost model does, those whose names say which they are."""
        if not pick.heading:
            event = event_of(file.seen.names) or ""
            mapping.columns["event"] = (quote(event), f"  -- guess: the name of {file.seen.names}")
            mapping.assumptions.append(f"each row of {file.seen.names} is one {event}, as the file is called")
            return
        known = self._called(pick, event_of)
        if known:
            self._rename(mapping, "event", pick, known)
            told = ", ".join(f"{name!r} = {event}" for name, event in known.items())
            mapping.assumptions.append(f"events by their names: {told}")

    def _rates_into(self, mapping: Mapping, pick: Pick) -> None:
        """Leave out rates that convert into another currency than the unit's."""
        names = self._values(pick)
        own = self.currency if self.currency in names else None
        if own and len(names) > 1:
            mapping.origin = _with_condition(mapping.origin, f"{self._place(pick)} = {quote(own)}")
            mapping.assumptions.append(f"of the exchange rates only those into {own} count")
        elif not own:
            told = f"exchange rates are into {', '.join(names)}, which is not the unit's currency"
            self.plan.doubts.append((1.7, told))

    def _resources(self, mapping: Mapping, pick: Pick, income: Sequence[str]) -> None:
        """Call the ledger's resources as the cost model does, those whose names say which they are."""
        called = self._called(pick, resource_of)
        known = {name: meant for name, meant in called.items() if name not in income}
        if known:
            self._rename(mapping, "resource", pick, known)
            told = ", ".join(f"{name!r} = {resource}" for name, resource in known.items())
            mapping.assumptions.append(f"resources by their names: {told}")

    def _values(self, pick: Pick) -> list[str]:
        given = f"SELECT DISTINCT CAST({quoted(pick.heading)} AS VARCHAR) AS name FROM {pick.seen} ORDER BY 1"
        return [row["name"] for row in fetch_rows(self.engine, given) if row["name"]]

    def _called(self, pick: Pick, meaning: Callable[[str], str | None]) -> dict[str, str]:
        """Return what the cost model calls the values of a column, where that is another name."""
        return {name: meant for name in self._values(pick) if (meant := meaning(name)) and meant != name}

    def _rename(self, mapping: Mapping, column: str, pick: Pick, known: Mapped[str, str]) -> None:
        place = f"CAST({self._place(pick)} AS VARCHAR)"
        cases = " ".join(f"WHEN {quote(name)} THEN {quote(meant)}" for name, meant in known.items())
        mapping.columns[column] = (f"CASE {place} {cases} ELSE {place} END", mapping.columns[column][1])


def _put_together(mappings: Sequence[Mapping]) -> None:
    """Let the first mapping yield the rows of all, each with the columns of all."""
    first, *others = mappings
    names = list(dict.fromkeys(name for mapping in mappings for name in mapping.columns))
    for mapping in mappings:
        mapping.columns = {name: mapping.columns.get(name, ("NULL", "")) for name in names}
    first.more = "\n".join(f"UNION ALL\n{other.select(True)}" for other in others)
    first.reads += "".join(f" and {other.reads.removeprefix('the events of ')}" for other in others)
    first.assumptions += [told for other in others for told in other.assumptions if told not in first.assumptions]


def _with_condition(origin: str, condition: str) -> str:
    return f"{origin}\n{'AND' if re.search(r'^WHERE ', origin, re.MULTILINE) else 'WHERE'} {condition}"


def _number_of(place: str, facts: Facts, formats: Formats) -> str:
    formats = with_sign(formats, facts.sign)
    if formats.is_plain and facts.plain_numbers == facts.numbers.get(formats, 0):
        return f"TRY_CAST({place} AS DOUBLE)"
    return number_sql(place, formats)


def _dates(place: str, forms: Sequence[str]) -> str:
    if tuple(forms) == (ISO,):
        return f"TRY_CAST({place} AS DATE)"
    read = [date_reader(place, form) for form in forms]
    return f"COALESCE({', '.join(read)})" if len(read) > 1 else read[0]
