"""What serving each customer with each product takes: every term of an activity that is counted on lines, by product.

A line's own activities are its own. Of an order's or shipment's activity each term that is a sum over lines falls on
them by what they bring to it; what is left, priced, is spread equally over the lines, or over what
``spread_over`` says. Lines stay in the engine; one grouping of them answers all.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import pandas as pd
from sqlglot import exp, parse_one

from cts_lib.engine import Engine, fetch_rows, quoted
from cts_lib.engine.quoting import added
from cts_lib.model.compiled import CompiledActivity
from cts_lib.model.drivers import ACTUAL, Grain, Transactions, brought, exact_sum, units_of_work
from cts_lib.model.terms import Term, summed

Terms = Sequence[tuple[CompiledActivity, Term]]
RELATION = "product_work"
LINES_AT_ONCE = 2_000_000
_PARTS, _PART = "parts_of_customers", "lines_of_part"
KEYS = ("customer_id", "channel", "product_id", "direction")
_SUMS = ("quantity", "net_sales", "cogs")
_OF_LINES = ("order", "shipment")
_BROUGHT = brought()


@dataclass
class _Units:
    """What is asked of each order or shipment: drivers, factors of what its lines bring, and money to spread."""

    grain: Grain
    used: set[str] = field(default_factory=lambda: {"lines"})
    factors: dict[str, str] = field(default_factory=dict)
    left: dict[str, list[str]] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return f"of_{self.grain.name}"

    def factor(self, sql: str) -> str:
        """Return the column that holds a factor."""
        return f"{self.name}.{self.factors.setdefault(sql, f'factor_{len(self.factors)}')}"

    def joined(self, source: Transactions) -> str:
        """Return the JOIN of the lines with it."""
        keys = source.keys(self.grain.name)
        over = [name for name in self.left if name != "lines"]
        carried = {f"_{name}": exact_sum(_positive(name)) for name in over}
        work = units_of_work(self.grain, self.used | set(over), source, carried=carried)
        shown = [*map(quoted, keys), *(f"{sql} AS {name}" for sql, name in self.factors.items())]
        shown += [f"{value} AS {name}" for name, value in self._spread().items()]
        matched = " AND ".join(f"{self.name}.{quoted(key)} = line.{quoted(key)}" for key in keys)
        return f" JOIN (SELECT {', '.join(shown)} FROM ({work}) AS work) AS {self.name} ON {matched}"

    def _spread(self) -> dict[str, str]:
        """Return the money of a line, and of a unit of what it is spread over; where nobody has any, of a line."""
        each, spread = list[str](), dict[str, str]()
        for name, parts in self.left.items():
            money = f"({added(parts)})"
            if name == "lines":
                each.append(money)
                continue
            spread[f"per_{name}"] = f"CASE WHEN _{name} > 0 THEN {money} / _{name} ELSE 0 END"
            each.append(f"CASE WHEN _{name} > 0 THEN 0 ELSE {money} END")
        return {"per_lines": f"({added(each)}) / lines"} | spread if each else {}

    @property
    def spread_on_line(self) -> list[str]:
        """Return the money of a line, as terms of it."""
        if not self.left:
            return []
        others = [name for name in self.left if name != "lines"]
        return [f"{self.name}.per_lines", *(f"{self.name}.per_{name} * {_positive(name)}" for name in others)]


def keep_product_work(
    engine: Engine, terms: Terms, priced: pd.DataFrame, source: Transactions = ACTUAL
) -> list[str | None]:
    """Keep ``product_work`` in the engine; return under which of its columns each term is counted, None for the others.

    It has a row for each customer, channel, product and direction of lines (1 sold, -1 returned, 0 money alone), with
    lines, quantity, net_sales, cogs, the counted terms, and ``cost``, what all activities of lines, orders and
    shipments cost.

    Parameters
    ----------
    priced : DataFrame
        Table ``activities``: activity, price (money for a minute or driver unit), missing.
    """
    price = dict(zip(priced["activity"], priced["price"].astype(float), strict=True))
    lacking = set(priced.loc[priced["missing"] > 0, "activity"])
    units = {item.grain.name: _Units(item.grain) for item, _ in terms if item.grain.name in _OF_LINES}
    columns, places, tables = dict[str, str](), list[str | None](), set[str]()
    cost = list[str]()
    for item, term in terms:
        sql = _on_line(item, term, units, item.name in lacking)
        if sql is None and item.grain.name in _OF_LINES:
            _leave(units[item.grain.name], item, term, price[item.name], item.name in lacking)
        places.append(columns.setdefault(sql, f"term_{len(columns)}") if sql else None)
        if sql:
            cost.append(f"{places[-1]} * {price[item.name] * term.coefficient!r}")
            tables |= {item.grain.drivers[name].table for name in item.drivers if item.grain.name == "line"}
    left = added([part for unit in units.values() for part in unit.spread_on_line])
    sums = {name: f"line.{name}" for name in _SUMS} | {name: sql for sql, name in columns.items()}
    sums |= {"spread": left} if left else {}
    shown = ", ".join(f"{exact_sum(f'COALESCE({sql}, 0)')} AS {name}" for name, sql in sums.items())
    direction = "CASE WHEN line.quantity > 0 THEN 1 WHEN line.quantity < 0 THEN -1 ELSE 0 END"
    keys = f"line.customer_id, line.channel, line.product_id, {direction}"
    priced_work = added([*cost, *["spread"] * bool(left)]) or "0.0"
    parts = list[str]()
    for part in _in_parts(engine, source):
        grouped = (
            f"SELECT {keys} AS direction, CAST(COUNT(*) AS DOUBLE) AS lines, {shown} FROM {part.lines} AS line"
            f"{''.join(_lookups(tables))}{''.join(unit.joined(part) for unit in units.values())} GROUP BY {keys}"
        )
        parts.append(f"{RELATION}_{len(parts)}")
        engine.create(parts[-1], f"SELECT work.*, {priced_work} AS cost FROM ({grouped}) AS work")
    engine.create(RELATION, " UNION ALL ".join(f"SELECT * FROM {name}" for name in parts))
    for name in parts:
        engine.forget(name)
    return places


def _in_parts(engine: Engine, source: Transactions) -> Iterator[Transactions]:
    """Yield the transactions, where there are many lines some customers' at a time: all are grouped by customer.

    Beyond its memory an engine puts rows aside, but not the groups that it is adding up.
    """
    (row,) = fetch_rows(engine, f"SELECT COUNT(*) AS lines FROM {source.lines}")
    parts = -(-row["lines"] // LINES_AT_ONCE)
    if parts <= 1:
        yield source
        return
    known = f"SELECT DISTINCT customer_id FROM {source.lines}"
    place = f"(ROW_NUMBER() OVER (ORDER BY customer_id)) % {parts}"
    engine.create(_PARTS, f"SELECT customer_id, {place} AS part FROM ({known}) AS known")
    for part in range(parts):
        whose = f"JOIN {_PARTS} AS whose ON whose.customer_id = line.customer_id WHERE whose.part = {part}"
        engine.create(_PART, f"SELECT line.* FROM {source.lines} AS line {whose}", view=True)
        yield replace(source, lines=_PART, finished={}, decimals="")


def fetch_product_work(engine: Engine) -> pd.DataFrame:
    """Return what is kept of it but cost, and ``family``: a product without one is one by itself.

    Texts are categories, and leave the engine as their places in order, for a large unit has many rows.
    """
    work = (
        f"SELECT work.*, COALESCE(product.family, work.product_id) AS family FROM {RELATION} AS work "
        "JOIN products AS product ON product.product_id = work.product_id"
    )
    texts = (*KEYS[:3], "family")
    known = {
        name: fetch_rows(engine, f"SELECT DISTINCT {name} FROM ({work}) AS work ORDER BY {name}") for name in texts
    }
    for name, rows in known.items():
        places = pd.DataFrame({name: [row[name] for row in rows], "place": range(len(rows))})
        engine.register(f"places_of_{name}", places)
    numbers = [name for name in engine.columns(RELATION) if name not in (*KEYS, "spread", "cost")]
    shown = [f"CAST({name}.place AS INT) AS {name}" for name in KEYS[:3]]
    joined = "".join(f" JOIN places_of_{name} AS {name} ON {name}.{name} = work.{name}" for name in texts)
    order = ", ".join(map(str, range(1, len(KEYS) + 1)))
    table = engine.query(
        f"SELECT {', '.join([*shown, 'direction', *numbers])}, CAST(family.place AS INT) AS family "
        f"FROM ({work}) AS work{joined} ORDER BY {order}"
    )
    frame: pd.DataFrame = table.to_pandas(split_blocks=True, self_destruct=True)
    for name, rows in known.items():
        categories = pd.Index([row[name] for row in rows], dtype="str")
        frame[name] = pd.Categorical.from_codes(frame[name], categories)
    return frame


def _on_line(item: CompiledActivity, term: Term, units: Mapping[str, _Units], lacks: bool) -> str | None:
    """Return a line's own part of a term as SQL over the line and what is joined to it, if it has one."""
    if item.grain.name == "line":
        return _of_tables(item.grain, _where(item, term.sql, lacks))
    part = summed(term.sql, _BROUGHT) if item.grain.name in _OF_LINES else None
    if part is None:
        return None
    name, factor = part
    if not item.drivers - {name} and item.when is None and not lacks and not factor.find(exp.Column):
        return f"{factor.sql('duckdb')} * {_BROUGHT[name]}"
    unit = units[item.grain.name]
    unit.used |= item.drivers
    return f"{unit.factor(_where(item, factor, lacks))} * {_BROUGHT[name]}"


def _leave(unit: _Units, item: CompiledActivity, term: Term, price: float, lacks: bool) -> None:
    """Leave the money of a term to be spread over the lines of its unit of work."""
    unit.used |= item.drivers
    money = f"{_where(item, term.sql, lacks)} * {price * term.coefficient!r}"
    unit.left.setdefault(item.activity.spread_over, []).append(money)


def _where(item: CompiledActivity, value: exp.Expr, lacks: bool) -> str:
    """Return a value where its activity happened and has one, else 0."""
    conditions = [item.happened] if item.when is not None else []
    conditions += [f"NOT ({item.value}) IS NULL"] if lacks else []
    text = value.sql("duckdb")
    return f"CASE WHEN {' AND '.join(conditions)} THEN {text} ELSE 0 END" if conditions else text


def _of_tables(grain: Grain, sql: str) -> str:
    """Write an expression over a line's drivers as one over the tables that they come from."""
    tree = parse_one(sql, dialect="duckdb")
    return tree.transform(
        lambda node: (
            exp.paren(parse_one(grain.drivers[node.name].sql, dialect="duckdb"))
            if isinstance(node, exp.Column) and not node.table
            else node
        )
    ).sql("duckdb")


def _positive(name: str) -> str:
    """What a line has of what money is spread over; less than nothing counts as nothing."""
    return f"CASE WHEN line.{name} > 0 THEN line.{name} ELSE CAST(0 AS DOUBLE) END"


def _lookups(tables: Collection[str]) -> list[str]:
    """Return the JOINs of the lines with their products and customers, as far as they are read."""
    return [
        f" JOIN {name}s AS {name} ON {name}.{name}_id = line.{name}_id"
        for name in ("product", "customer")
        if name in tables
    ]
