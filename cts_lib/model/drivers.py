"""The drivers of each grain: what an equation may read there, and the SQL that yields one row a thing.

A *thing* is a line, an order, a shipment, an event or a customer. Orders and shipments are lines summed up;
their attributes are those of the lowest line number.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from cts_lib.engine import Engine, quoted
from cts_lib.tables.column import Kind
from cts_lib.tables.inputs import CUSTOMERS, EVENTS, ORDER_LINES, PRODUCTS, Contract

Extras = Mapping[str, Mapping[str, Kind]]

SUMS = ("quantity", "weight_kg", "volume_m3", "gross_sales", "net_sales", "freight_cost")
_ATTRIBUTES = ("order_method", "priority", "ship_mode", "warehouse")
_ORDER_KEY = {"order": "order_id", "shipment": "shipment_id"}
KEPT = {"lines": "CAST(COUNT(*) AS DOUBLE)", "rush": "MAX(line.rush)", "distance_km": "MAX(line.distance_km)"}
COUNTS = frozenset({KEPT["lines"], KEPT["rush"]})
"""Of the kept ones, those that are whole numbers."""
_DECIMALS = (0, 2, 3, 4, 6)
UNTOLD = 99
"""Said of a column that has more decimals than a sum of whole numbers can hold."""
_CUSTOMER_SUMS = ("quantity", "weight_kg", "gross_sales", "net_sales")


def exact_sum(value: str) -> str:
    """Sum a double as a decimal: the same to the bit in any order and on any number of threads."""
    return f"CAST(SUM(CAST({value} AS DECIMAL(38, 12))) AS DOUBLE)"


def whole_sum(value: str, decimals: int) -> str:
    """Sum a double as whole numbers of its last decimal: as `exact_sum` where they stay below 2⁵³, and faster."""
    return f"{summed_units(value, decimals)} / 1e{decimals}"


def summed_units(value: str, decimals: int) -> str:
    """Sum a double as whole numbers of its last decimal, not yet divided by it."""
    return f"SUM(ROUND({value} * 1e{decimals}))" if decimals else f"SUM({value})"


@dataclass(frozen=True)
class Grain:
    """The drivers of one grain: name to kind, and name to the SQL that yields it."""

    name: str
    kinds: dict[str, Kind]
    sources: dict[str, str]


@dataclass(frozen=True)
class Transactions:
    """Which relations hold the transactions to cost, and by which further columns they are kept apart.

    Actual transactions are ``lines`` and ``events``; rewritten or simulated ones have the same columns and, say, a
    ``scenario`` and a ``replication``. ``finished`` names, by grain, the relation that keeps one row an order or
    shipment (see `finish`); without one, they are found in the lines anew. ``decimals`` names the one row that says
    how many decimals the lines' numbers have; without it, nobody knows.
    """

    lines: str = "lines"
    events: str = "events"
    by: tuple[str, ...] = ()
    finished: Mapping[str, str] = field(default_factory=dict)
    decimals: str = ""

    @property
    def cells(self) -> tuple[str, ...]:
        """The columns that cost is told by."""
        return (*self.by, "customer_id", "channel")

    def keys(self, grain: str) -> tuple[str, ...]:
        """Return the columns that tell one order or shipment from another."""
        return ("customer_id", "channel", _ORDER_KEY[grain], *self.by)


ACTUAL = Transactions(finished={"order": "orders", "shipment": "shipments"}, decimals="line_decimals")


def finish(engine: Engine, source: Transactions = ACTUAL) -> Transactions:
    """Keep one row for each order and shipment of the lines, with what an equation can ask of it without sums.

    What these rows add up to is kept too, a row for each customer and channel (see `counted`), and, where asked for,
    how many decimals the lines' numbers have.
    """
    names = {grain: source.finished.get(grain, f"{source.lines}_{grain}s") for grain in _ORDER_KEY}
    cells = ", ".join(quoted(key) for key in source.cells)
    for name, relation in names.items():
        keys = ", ".join(quoted(key) for key in source.keys(name))
        kept = ", ".join(f"{sql} AS {driver}" for driver, sql in KEPT.items())
        engine.create(relation, f"SELECT {keys}, {kept} FROM {source.lines} AS line GROUP BY {keys}")
        sums = ", ".join(f"{_sum_of_kept(driver)} AS {driver}" for driver in KEPT)
        counts = f"SELECT {cells}, CAST(COUNT(*) AS DOUBLE) AS things, {sums} FROM {relation} GROUP BY {cells}"
        engine.create(counted(relation), counts)
    if source.decimals:
        told = ", ".join(f"MAX({_decimals_of(name)}) AS {name}" for name in SUMS)
        engine.create(source.decimals, f"SELECT {told} FROM {source.lines}")
    return replace(source, finished=names)


def _decimals_of(name: str) -> str:
    """Return how many decimals a double was written with: the fewest that give the same double back."""
    tries = " ".join(f"WHEN ROUND({name} * 1e{places}) / 1e{places} = {name} THEN {places}" for places in _DECIMALS)
    return f"CASE {tries} WHEN {name} IS NULL THEN 0 ELSE {UNTOLD} END"


def counted(relation: str) -> str:
    """Return the relation that keeps what finished orders or shipments add up to for each customer and channel."""
    return f"{relation}_by_customer"


def _sum_of_kept(driver: str) -> str:
    """Whole numbers add up exactly as doubles; a distance need not be one."""
    return exact_sum(driver) if driver == "distance_km" else f"SUM({driver})"


def _declared(contract: Contract, extras: Extras) -> dict[str, Kind]:
    kinds = {column.name: column.kind for column in contract.columns if column.name != "business_unit"}
    return kinds | dict(extras.get(contract.name, {}))


def _add(kinds: dict[str, Kind], sources: dict[str, str], alias: str, columns: Mapping[str, Kind]) -> None:
    """Add a table's columns under their own names where they are free, and always under ``<table>_<name>``."""
    prefixed = {f"{alias}_{name}": name for name in columns}
    own = {name: name for name in columns if name not in kinds and name not in prefixed}
    for visible, name in (own | prefixed).items():
        kinds[visible], sources[visible] = columns[name], f"{alias}.{quoted(name)}"


def grain(name: str, extras: Extras) -> Grain:
    """Return the drivers of a grain (``line``, ``order``, ``shipment``, ``customer`` or ``event``)."""
    kinds: dict[str, Kind] = {}
    sources: dict[str, str] = {}
    lines, customers = _declared(ORDER_LINES, extras), _declared(CUSTOMERS, extras) | {"new_customer": Kind.NUMBER}

    def offer(names: Iterable[str], kind: Kind, pattern: str) -> None:
        for driver in names:
            kinds[driver], sources[driver] = kind, pattern.format(quoted(driver))

    if name == "line":
        for driver, kind in (lines | {"rush": Kind.NUMBER}).items():
            kinds[driver], sources[driver] = kind, f"line.{quoted(driver)}"
        _add(kinds, sources, "product", _declared(PRODUCTS, extras))
    elif name in _ORDER_KEY:
        for driver, source in KEPT.items():
            kinds[driver], sources[driver] = Kind.NUMBER, source
        offer(SUMS, Kind.NUMBER, exact_sum("line.{}"))
        kinds["return_lines"] = kinds["returned_quantity"] = Kind.NUMBER
        sources["return_lines"] = "CAST(COUNT(CASE WHEN line.quantity < 0 THEN 1 END) AS DOUBLE)"
        sources["returned_quantity"] = exact_sum(
            "COALESCE(line.returned_quantity, CASE WHEN line.quantity < 0 THEN -line.quantity ELSE 0 END)"
        )
        attributes = dict.fromkeys(_ATTRIBUTES, Kind.TEXT) | dict(extras.get("order_lines", {}))
        for driver, kind in attributes.items():
            if driver not in kinds:
                kinds[driver] = kind
                sources[driver] = (
                    f"ARG_MIN_NULL(line.{quoted(driver)}, (line._line_order, line.line_no, line.order_id))"
                )
        for key in ("customer_id", "channel", _ORDER_KEY[name]):
            kinds[key], sources[key] = Kind.TEXT, f"line.{key}"
    elif name == "customer":
        for driver, key in (("orders", "order_id"), ("shipments", "shipment_id")):
            counted = f"CASE WHEN line.line_no IS NOT NULL THEN (line.channel, line.{key}) END"
            kinds[driver], sources[driver] = Kind.NUMBER, f"CAST(COUNT(DISTINCT {counted}) AS DOUBLE)"
        kinds["lines"], sources["lines"] = Kind.NUMBER, "CAST(COUNT(line.line_no) AS DOUBLE)"
        offer(_CUSTOMER_SUMS, Kind.NUMBER, f"CASE WHEN COUNT(line.line_no) = 0 THEN 0 ELSE {exact_sum('line.{}')} END")
        kinds["months_active"] = Kind.NUMBER
        sources["months_active"] = "CAST(COUNT(DISTINCT DATE_TRUNC('month', line.posting_date)) AS DOUBLE)"
    elif name == "event":
        for driver, kind in _declared(EVENTS, extras).items():
            kinds[driver], sources[driver] = kind, f"event.{quoted(driver)}"
    _add(kinds, sources, "customer", customers)
    return Grain(name, kinds, sources)


def groups_lines(grain: Grain, used: Iterable[str], source: Transactions) -> bool:
    """Say whether the things of a grain are found by grouping the lines, for the kept ones lack a used driver."""
    own = {name for name in used if not grain.sources[name].startswith("customer.")}
    keys = {*source.by, "customer_id", "channel", _ORDER_KEY.get(grain.name)}
    return grain.name in _ORDER_KEY and not (grain.name in source.finished and own - keys <= set(KEPT))


def things(
    grain: Grain,
    used: Iterable[str],
    source: Transactions = ACTUAL,
    identify: bool = False,
    decimals: Mapping[str, int] | None = None,
    carried: Mapping[str, str] | None = None,
) -> str:
    """Return the SELECT that yields one row a thing: customer_id, channel, the further keys and the used drivers.

    With ``identify`` it also yields ``_thing``, words by which a person finds the row. ``decimals`` names columns
    whose sums over an order's or shipment's lines are known to hold so many as whole doubles; ``carried`` is what a
    grouping of lines yields besides, SQL by name.
    """
    names = sorted(set(used) - {"customer_id", "channel", *source.by})
    from_customer = [name for name in names if grain.sources[name].startswith("customer.")]
    own = [name for name in names if name not in from_customer]
    selected = [f"{grain.sources[name]} AS {quoted(name)}" for name in own]
    customer = [f"{grain.sources[name]} AS {quoted(name)}" for name in from_customer]
    join_customer = "JOIN customers AS customer ON customer.customer_id = {}.customer_id"
    keys = [quoted(key) for key in source.by]
    if grain.name == "line":
        columns = [f"line.{key}" for key in ("customer_id", "channel", *keys)] + selected + customer
        columns += ["'order ' || line.order_id || ', line ' || line.line_no AS _thing"] if identify else []
        joins = join_customer.format("line") if customer else ""
        if any(grain.sources[name].startswith("product.") for name in own):
            joins += " JOIN products AS product ON product.product_id = line.product_id"
        return f"SELECT {', '.join(columns)} FROM {source.lines} AS line {joins}"
    if grain.name in _ORDER_KEY:
        key = _ORDER_KEY[grain.name]
        grouped = ", ".join(f"line.{quoted(column)}" for column in source.keys(grain.name))
        own = [name for name in own if name != key]
        if not groups_lines(grain, used, source):
            listed = ", ".join([grouped, *(f"line.{name}" for name in own)])
            inner = f"SELECT {listed} FROM {source.finished[grain.name]} AS line"
        else:
            known = {name: whole_sum(f"line.{name}", places) for name, places in (decimals or {}).items()}
            summed = [f"{known.get(name, grain.sources[name])} AS {quoted(name)}" for name in own]
            summed += [f"{value} AS {quoted(name)}" for name, value in (carried or {}).items()]
            inner = f"SELECT {', '.join([grouped, *summed])} FROM {source.lines} AS line GROUP BY {grouped}"
        return _with_customer(inner, customer, f"'{grain.name} ' || thing.{key}" if identify else None)
    if grain.name == "event":
        columns = [f"event.{key}" for key in ("customer_id", *keys, "event")] + ["event.quantity AS _count"]
        columns += [column for column in selected if column not in ('event."event" AS "event"',)]
        columns += ["CAST(event.event_date AS VARCHAR) AS _day"] if identify else []
        inner = f"SELECT {', '.join(columns)} FROM {source.events} AS event"
        words = "thing.event || ' of ' || thing.customer_id || ' on ' || thing._day" if identify else None
        return _with_customer(inner, ["customer.channel", *customer], words)
    present = ", ".join(["customer_id", *keys])
    matched = "".join(f" AND line.{key} = here.{key}" for key in keys)
    grouped = ", ".join(f"here.{column}" for column in ("customer_id", *keys))
    everybody = f"SELECT {present} FROM {source.lines} UNION SELECT {present} FROM {source.events}"
    inner = (
        f"SELECT {', '.join([grouped, *selected])} FROM ({everybody}) AS here LEFT JOIN {source.lines} AS line "
        f"ON line.customer_id = here.customer_id{matched} GROUP BY {grouped}"
    )
    return _with_customer(
        inner, ["customer.channel", *customer], "'customer ' || thing.customer_id" if identify else None
    )


def _with_customer(inner: str, columns: list[str], identity: str | None) -> str:
    extra = columns + ([f"{identity} AS _thing"] if identity else [])
    if not extra:
        return inner
    return (
        f"SELECT thing.*, {', '.join(extra)} FROM ({inner}) AS thing "
        "JOIN customers AS customer ON customer.customer_id = thing.customer_id"
    )
