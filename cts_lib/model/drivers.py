"""The drivers of each grain: what an equation may read there, and the SQL that yields one row a unit of work.

A unit of work is a line, an order, a shipment, an event or a customer. Orders and shipments are lines summed up;
their attributes are those of the lowest line number.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from cts_lib.engine import Engine, quoted
from cts_lib.tables.column import Kind
from cts_lib.tables.contract import Contract
from cts_lib.tables.inputs import CUSTOMERS, EVENTS, ORDER_LINES, PRODUCTS

Extras = Mapping[str, Mapping[str, Kind]]

SUMS = ("quantity", "weight_kg", "volume_m3", "gross_sales", "net_sales", "freight_cost", "sold_quantity")
_SOLD = {
    "sold_quantity": "CASE WHEN line.quantity > 0 THEN line.quantity ELSE CAST(0 AS DOUBLE) END",
    "sold_lines": "CASE WHEN line.quantity > 0 THEN CAST(1 AS DOUBLE) ELSE CAST(0 AS DOUBLE) END",
}
"""What a line brings to the customer: nothing where its quantity is not above 0."""
_RETURNED = "COALESCE(line.returned_quantity, CASE WHEN line.quantity < 0 THEN -line.quantity ELSE 0 END)"
_RETURN = "CASE WHEN line.quantity < 0 THEN CAST(1 AS DOUBLE) ELSE CAST(0 AS DOUBLE) END"
COMPUTED = {
    "rush": "1 where `priority` is `rush`, else 0.",
    "new_customer": "1 where `customer_since` lies in the period, else 0.",
    "sold_quantity": "`quantity` where it is above 0, else 0.",
    "sold_lines": "Lines of a quantity above 0.",
    "return_lines": "Lines of a quantity below 0.",
    "returned_quantity": "`returned_quantity` where it is filled, else what lines of negative quantity send back.",
    "lines": "Lines, returns among them.",
    "orders": "Orders.",
    "shipments": "Shipments.",
    "months_active": "Months of the calendar with a line.",
}
"""What drivers mean that are no column of a table, or not as the column stands."""
_ATTRIBUTES = ("order_method", "priority", "ship_mode", "warehouse")
_ORDER_KEY = {"order": "order_id", "shipment": "shipment_id"}
KEPT = {
    "lines": "CAST(COUNT(*) AS DOUBLE)",
    "sold_lines": "CAST(COUNT(CASE WHEN line.quantity > 0 THEN 1 END) AS DOUBLE)",
    "rush": "MAX(line.rush)",
    "distance_km": "MAX(line.distance_km)",
}
_DECIMALS = (0, 2, 3, 4, 6)
TOO_MANY = 99
"""Stands for more decimals than a sum of whole numbers can hold."""
_CUSTOMER_SUMS = ("quantity", "weight_kg", "gross_sales", "net_sales")


def of_line(name: str) -> str:
    """Return the SQL of a line's own driver, of ``line``."""
    return _SOLD.get(name, f"line.{quoted(name)}")


def brought() -> dict[str, str]:
    """Return what each line brings to what orders and shipments sum, SQL of ``line`` by driver."""
    counts = {"lines": "CAST(1 AS DOUBLE)", "return_lines": _RETURN, "returned_quantity": _RETURNED}
    return counts | {name: of_line(name) for name in (*SUMS, "sold_lines")}


def exact_sum(value: str) -> str:
    """Sum a double as a decimal: the same to the bit in any order and on any number of threads."""
    return f"CAST(SUM(CAST({value} AS DECIMAL(38, 12))) AS DOUBLE)"


def whole_sum(value: str, decimals: int) -> str:
    """Sum a double as whole numbers of its last decimal: as `exact_sum` where they stay below 2⁵³, and faster."""
    return f"{summed_units(value, decimals)} / 1e{decimals}"


def summed_units(value: str, decimals: int) -> str:
    """Sum a double as whole numbers of its last decimal, not yet divided by it."""
    return f"SUM(ROUND({value} * 1e{decimals}))" if decimals else f"SUM({value})"


Aggregation = Literal["none", "key", "count", "any", "sum", "maximum", "first"]


@dataclass(frozen=True)
class Driver:
    """What an equation may read of a unit of work.

    ``table`` is whose rows it comes from (``line``, ``product``, ``customer`` or ``event``), ``aggregation`` how the
    lines of an order, shipment or customer become one value (``none``: it is a column of the row itself; ``any``: 1 if
    any line has it, else 0; ``first``: the value of the lowest line number), ``sql`` the expression over these tables.
    """

    kind: Kind
    table: str
    sql: str
    aggregation: Aggregation = "none"

    @property
    def is_whole(self) -> bool:
        """Whether its values are sure to be whole numbers."""
        return self.aggregation in ("count", "any")


@dataclass(frozen=True)
class Grain:
    """The drivers of one grain, by name."""

    name: str
    drivers: dict[str, Driver]

    @property
    def kinds(self) -> dict[str, Kind]:
        return {name: driver.kind for name, driver in self.drivers.items()}

    def from_table(self, table: str) -> set[str]:
        """Return the names of the drivers that come from a table's rows."""
        return {name for name, driver in self.drivers.items() if driver.table == table}


@dataclass(frozen=True)
class Transactions:
    """Which relations hold the transactions to cost, and by which further columns they are kept apart.

    Actual transactions are ``lines`` and ``events``; rewritten or simulated ones have the same columns and, say, a
    ``scenario`` and a ``replication``. ``finished`` names, by grain, the relation that keeps one row an order or
    shipment (see `finish`); without one, they are grouped from the lines anew. ``decimals`` names the one row of how
    many decimals the lines' numbers have; without it, that is unknown.
    """

    lines: str = "lines"
    events: str = "events"
    by: tuple[str, ...] = ()
    finished: Mapping[str, str] = field(default_factory=dict)
    decimals: str = ""

    @property
    def cells(self) -> tuple[str, ...]:
        """The columns that cost is summed by."""
        return (*self.by, "customer_id", "channel")

    def keys(self, grain: str) -> tuple[str, ...]:
        """Return the columns that identify an order or shipment."""
        return ("customer_id", "channel", _ORDER_KEY[grain], *self.by)


ACTUAL = Transactions(finished={"order": "orders", "shipment": "shipments"}, decimals="line_decimals")


def finish(engine: Engine, source: Transactions = ACTUAL) -> Transactions:
    """Keep one row for each order and shipment of the lines, with what an equation can ask of it without sums.

    Exact because these are the very rows that grouping the lines yields; who makes other lines finishes them anew.

    What these rows add up to is kept too, a row for each customer and channel (see `sums_by_customer`): how many there
    are (``units``), how many of these carry something (``carrying``), and sums of what is kept; and, where asked for,
    how many decimals the lines' numbers have.
    """
    names = {grain: source.finished.get(grain, f"{source.lines}_{grain}s") for grain in _ORDER_KEY}
    cells = ", ".join(quoted(key) for key in source.cells)
    for name, relation in names.items():
        keys = ", ".join(quoted(key) for key in source.keys(name))
        kept = ", ".join(f"{sql} AS {driver}" for driver, sql in KEPT.items())
        engine.create(relation, f"SELECT {keys}, {kept} FROM {source.lines} AS line GROUP BY {keys}")
        sums = ", ".join(f"{_sum_of_kept(driver)} AS {driver}" for driver in KEPT)
        counts = (
            "CAST(COUNT(*) AS DOUBLE) AS units, CAST(COUNT(CASE WHEN sold_lines > 0 THEN 1 END) AS DOUBLE) AS carrying"
        )
        engine.create(sums_by_customer(relation), f"SELECT {cells}, {counts}, {sums} FROM {relation} GROUP BY {cells}")
    if source.decimals:
        written = {name: "quantity" if name == "sold_quantity" else name for name in SUMS}
        most = ", ".join(f"MAX({_decimals_of(column)}) AS {name}" for name, column in written.items())
        engine.create(source.decimals, f"SELECT {most} FROM {source.lines}")
    return replace(source, finished=names)


def _decimals_of(name: str) -> str:
    """Return how many decimals a double was written with: the fewest that give the same double back."""
    tries = " ".join(f"WHEN ROUND({name} * 1e{places}) / 1e{places} = {name} THEN {places}" for places in _DECIMALS)
    return f"CASE {tries} WHEN {name} IS NULL THEN 0 ELSE {TOO_MANY} END"


def sums_by_customer(relation: str) -> str:
    """Return the relation that keeps what finished orders or shipments add up to for each customer and channel."""
    return f"{relation}_by_customer"


def _sum_of_kept(driver: str) -> str:
    """Whole numbers add up exactly as doubles; a distance need not be one."""
    return exact_sum(driver) if driver == "distance_km" else f"SUM({driver})"


def _declared(contract: Contract, extras: Extras) -> dict[str, Kind]:
    kinds = {column.name: column.kind for column in contract.columns}
    return kinds | dict(extras.get(contract.name, {}))


def _add(drivers: dict[str, Driver], table: str, columns: Mapping[str, Kind]) -> None:
    """Add a table's columns under their own names where they are free, and always under ``<table>_<name>``."""
    prefixed = {f"{table}_{name}": name for name in columns}
    free = {name: name for name in columns if name not in drivers and name not in prefixed}
    for visible, name in (free | prefixed).items():
        drivers[visible] = Driver(columns[name], table, f"{table}.{quoted(name)}")


def grain(name: str, extras: Extras) -> Grain:
    """Return the drivers of a grain (``line``, ``order``, ``shipment``, ``customer`` or ``event``)."""
    customers = _declared(CUSTOMERS, extras) | {"new_customer": Kind.NUMBER}
    if name == "line":
        columns = _declared(ORDER_LINES, extras) | {"rush": Kind.NUMBER}
        columns |= dict.fromkeys(_SOLD, Kind.NUMBER)
        drivers = {column: Driver(kind, "line", of_line(column)) for column, kind in columns.items()}
        _add(drivers, "product", _declared(PRODUCTS, extras))
    elif name in _ORDER_KEY:
        drivers = _of_order_lines(_ORDER_KEY[name], extras)
    elif name == "customer":
        drivers = _of_customer_lines()
    else:
        columns = _declared(EVENTS, extras)
        del columns["business_unit"]  # a driver of lines alone
        drivers = {column: Driver(kind, "event", f"event.{quoted(column)}") for column, kind in columns.items()}
    _add(drivers, "customer", customers)
    return Grain(name, drivers)


def _of_order_lines(key: str, extras: Extras) -> dict[str, Driver]:
    """Return what the lines of an order or shipment say of it."""
    how: dict[str, Aggregation] = {"lines": "count", "sold_lines": "count", "rush": "any", "distance_km": "maximum"}
    drivers = {name: Driver(Kind.NUMBER, "line", sql, how[name]) for name, sql in KEPT.items()}
    drivers |= {name: Driver(Kind.NUMBER, "line", exact_sum(of_line(name)), "sum") for name in SUMS}
    returns = "CAST(COUNT(CASE WHEN line.quantity < 0 THEN 1 END) AS DOUBLE)"
    drivers["return_lines"] = Driver(Kind.NUMBER, "line", returns, "count")
    drivers["returned_quantity"] = Driver(Kind.NUMBER, "line", exact_sum(_RETURNED), "sum")
    attributes = dict.fromkeys(_ATTRIBUTES, Kind.TEXT) | dict(extras.get("order_lines", {}))
    for name, kind in attributes.items():
        first = f"ARG_MIN_NULL(line.{quoted(name)}, (line._line_order, line.line_no, line.order_id))"
        drivers.setdefault(name, Driver(kind, "line", first, "first"))
    keys = ("customer_id", "channel", key)
    return drivers | {name: Driver(Kind.TEXT, "line", f"line.{name}", "key") for name in keys}


def _of_customer_lines() -> dict[str, Driver]:
    """Return what the lines of a customer, if there are any, say of it."""
    counts = {"lines": "line.line_no", "months_active": "DISTINCT DATE_TRUNC('month', line.posting_date)"}
    for name, key in (("orders", "order_id"), ("shipments", "shipment_id")):
        counts[name] = f"DISTINCT CASE WHEN line.line_no IS NOT NULL THEN (line.channel, line.{key}) END"
    drivers = {
        name: Driver(Kind.NUMBER, "line", f"CAST(COUNT({what}) AS DOUBLE)", "count") for name, what in counts.items()
    }
    for name in _CUSTOMER_SUMS:
        total = f"CASE WHEN COUNT(line.line_no) = 0 THEN 0 ELSE {exact_sum(f'line.{name}')} END"
        drivers[name] = Driver(Kind.NUMBER, "line", total, "sum")
    return drivers


def groups_lines(grain: Grain, used: Iterable[str], source: Transactions) -> bool:
    """Say whether the units of a grain are found by grouping the lines, for the kept ones lack a used driver."""
    needed = set(used) - grain.from_table("customer")
    keys = {*source.by, "customer_id", "channel", _ORDER_KEY.get(grain.name)}
    return grain.name in _ORDER_KEY and not (grain.name in source.finished and needed - keys <= set(KEPT))


def units_of_work(
    grain: Grain,
    used: Iterable[str],
    source: Transactions = ACTUAL,
    labelled: bool = False,
    decimals: Mapping[str, int] | None = None,
    carried: Mapping[str, str] | None = None,
) -> str:
    """Return the SELECT that yields one row a unit of work: customer_id, channel, the further keys, the used drivers.

    Those of events also have ``event`` and ``_count``, how often it happened. With ``labelled`` it also yields
    ``_label``, words by which a person finds the row. ``decimals`` names columns whose sums over an order's or
    shipment's lines are known to hold so many as whole doubles; ``carried`` is what a grouping of lines yields
    besides, SQL by name.
    """
    names = sorted(set(used) - {"customer_id", "channel", *source.by})
    from_customer = grain.from_table("customer")
    customer = [_selected(grain, name) for name in names if name in from_customer]
    others = [name for name in names if name not in from_customer]
    by = [quoted(key) for key in source.by]
    if grain.name == "line":
        columns = [f"line.{key}" for key in ("customer_id", "channel", *by)]
        columns += [_selected(grain, name) for name in others] + customer
        columns += ["'order ' || line.order_id || ', line ' || line.line_no AS _label"] if labelled else []
        joins = " JOIN customers AS customer ON customer.customer_id = line.customer_id" if customer else ""
        if not grain.from_table("product").isdisjoint(others):
            joins += " JOIN products AS product ON product.product_id = line.product_id"
        return f"SELECT {', '.join(columns)} FROM {source.lines} AS line{joins}"
    if grain.name in _ORDER_KEY:
        key = _ORDER_KEY[grain.name]
        grouped = ", ".join(f"line.{quoted(column)}" for column in source.keys(grain.name))
        others = [name for name in others if name != key]
        if not groups_lines(grain, used, source):
            listed = ", ".join([grouped, *(f"line.{name}" for name in others)])
            inner = f"SELECT {listed} FROM {source.finished[grain.name]} AS line"
        else:
            sums = {name: grain.drivers[name].sql for name in others}
            sums |= {name: whole_sum(of_line(name), places) for name, places in (decimals or {}).items()}
            listed = "".join(f", {value} AS {quoted(name)}" for name, value in {**sums, **(carried or {})}.items())
            inner = f"SELECT {grouped}{listed} FROM {source.lines} AS line GROUP BY {grouped}"
        return _with_customer(inner, customer, f"'{grain.name} ' || work.{key}" if labelled else None)
    if grain.name == "event":
        columns = [f"event.{key}" for key in ("customer_id", *by, "event")] + ["event.quantity AS _count"]
        columns += [_selected(grain, name) for name in others if name != "event"]
        columns += ["CAST(event.event_date AS VARCHAR) AS _day"] if labelled else []
        inner = f"SELECT {', '.join(columns)} FROM {source.events} AS event"
        label = "work.event || ' of ' || work.customer_id || ' on ' || work._day" if labelled else None
        return _with_customer(inner, ["customer.channel", *customer], label)
    present = ", ".join(["customer_id", *by])
    matched = "".join(f" AND line.{key} = here.{key}" for key in by)
    grouped = ", ".join(f"here.{column}" for column in ("customer_id", *by))
    everybody = f"SELECT {present} FROM {source.lines} UNION SELECT {present} FROM {source.events}"
    inner = (
        f"SELECT {', '.join([grouped, *(_selected(grain, name) for name in others)])} FROM ({everybody}) AS here "
        f"LEFT JOIN {source.lines} AS line ON line.customer_id = here.customer_id{matched} GROUP BY {grouped}"
    )
    label = "'customer ' || work.customer_id" if labelled else None
    return _with_customer(inner, ["customer.channel", *customer], label)


def _selected(grain: Grain, name: str) -> str:
    return f"{grain.drivers[name].sql} AS {quoted(name)}"


def _with_customer(inner: str, columns: list[str], label: str | None) -> str:
    extra = columns + ([f"{label} AS _label"] if label else [])
    if not extra:
        return inner
    return (
        f"SELECT work.*, {', '.join(extra)} FROM ({inner}) AS work "
        "JOIN customers AS customer ON customer.customer_id = work.customer_id"
    )
