"""Guesses which file is which table, and which column is which, from headings checked against what the cells hold."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from cts_lib.engine import fetch_row, quoted
from cts_lib.engine.base import Engine
from cts_lib.errors import SourceError
from cts_lib.intake.assumed import Assumed
from cts_lib.start.facts import Facts, says_days
from cts_lib.start.headings import (
    COSTS,
    GIVEN_BACK,
    LET_OFF,
    OF_A_PLAN,
    OF_EITHER,
    event_of,
    names_month,
    names_table,
    numbers_things,
    plain,
    words_of,
)
from cts_lib.start.look import Seen
from cts_lib.start.marked import moved
from cts_lib.start.plan import File, Pick, Picks, Plan, repeats_of
from cts_lib.tables.column import DATE, NUMBER, Column, Kind
from cts_lib.tables.contract import Contract
from cts_lib.tables.inputs import (
    CUSTOMERS,
    DELIVERIES,
    EVENTS,
    EXCHANGE_RATES,
    INVENTORY,
    LEDGER,
    ORDER_LINES,
    PRODUCTS,
)

_MOSTLY = {"quantity": 0.9, "net_sales": 0.9, "unit_price": 0.9, "discount": 0.9, "margin": 0.9}
_UNTAXED_MONEY = {"net_sales", "gross_sales", "unit_price"}
_AN_AMOUNT = 0.9
"""Share of cells that are numbers, from which on a tax or a discount is an amount of it."""
_AMOUNTS = {"quantity", "net_sales", "gross_sales", "unit_price"}
_PARTS = {
    "a product": {"product_id", "products.name"},
    "a quantity or an amount": _AMOUNTS,
    "an order, a customer or a day": {"order_id", "customer_id", "order_date"},
}
"""What order lines hold, each by the columns of which one will do."""
_RENAME = "call the column product, quantity, amount, order, customer or date, and run cts init again"
_TAXED = {"vat", "tax", "mwst", "ust", "iva", "steuer", "impuestos", "taxes", "inc", "incl", "including"}
_UNTAXED = {"excl", "excluding", "without", "sin", "ohne", "net", "netto", "neto", "untaxed"}
BESIDE_LINES = (
    Column("unit_price", NUMBER, "Price of one unit."),
    Column("discount", NUMBER, "Share of the price that is let off."),
    Column("margin", NUMBER, "Sales less cost of goods."),
    Column("currency", Kind.TEXT, "Currency."),
)
"""What stands beside the columns of order lines, and makes them."""
BESIDE_LEDGER = (
    Column("day", DATE, "Day of the booking."),
    Column("year", NUMBER, "Year of the period."),
    Column("debit", NUMBER, "Amount debited."),
    Column("credit", NUMBER, "Amount credited."),
)
BESIDE_PRODUCTS = (Column("price_unit", NUMBER, "Units that the unit's cost is for."),)
"""What stands beside the columns of products."""
_BESIDE_RATES = (Column("into", Kind.TEXT, "Currency that the rate converts into."),)
BESIDE = {column.name for column in BESIDE_LINES}
_OF_LINES = BESIDE - {"currency"} | {"line_no"}
"""What an order's head says of the order alone."""
_DAYS = {"order_date", "promised_date", "shipped_date", "delivered_date"}
"""What a delivery note says of its lines, one of which they must lack."""
_NUMBERED = "([A-Za-z_ ]+)(0?[1-9]|1[0-2])"
"""How columns of months are called that count from one to twelve."""
_NEAREST = 2
"""So many files that come near to order lines are described where none holds them."""
_MOST_VALUES, _MOST_DIMENSIONS = 20, 6
"""Of what tells customers apart besides the columns of the contract: values of a column, and columns."""
HELD = 0.5
"""Share of the lines' keys that a table of them must hold."""
NAMED = {"customer_id": "customers.name", "product_id": "products.name"}
"""What stands for a key of which lines have the name alone."""
_OTHERS: tuple[tuple[Contract, tuple[Column, ...], tuple[set[str], ...], set[str]], ...] = (
    (EXCHANGE_RATES, _BESIDE_RATES, ({"currency"}, {"date"}, {"rate"}), {"product_id", "order_id"}),
    (INVENTORY, (), ({"product_id"}, {"date"}, {"on_hand"}), {"order_id", "net_sales"}),
    (LEDGER, BESIDE_LEDGER, ({"period", "day"}, {"resource"}, {"amount", "debit"}), {"product_id", "order_id"}),
    (EVENTS, (), ({"customer_id"}, {"event_date"}, {"event"}), {"product_id", "order_id"}),
    (
        DELIVERIES, (), ({"order_id"}, {"line_no"}, {"delivered_date"}, {"delivered_quantity"}),
        {"product_id", "net_sales"},
    ),
)  # fmt: skip
"""Tables beside lines, customers and products: what stands beside their columns, of which columns each needs one, and
which no file of theirs has."""


def guess(engine: Engine, seen: Sequence[Seen]) -> Plan:
    """Return which file is which; where none holds order lines, a SourceError."""
    files = [File.of(engine, one) for one in seen]
    as_lines = {
        file.seen.name: _with_bare_ids(file, picks_of(file, [ORDER_LINES, CUSTOMERS, PRODUCTS], BESIDE_LINES))
        for file in files
    }
    candidates = [file for file in files if _holds_lines(as_lines[file.seen.name])]
    if not candidates:
        raise _no_lines(files, as_lines)
    sold = [file for file in candidates if not moved(engine, file)] or candidates
    lines = max(sold, key=lambda file: (len(_keys(as_lines[file.seen.name])), file.seen.rows))
    plan = Plan(lines)
    own = as_lines[lines.seen.name]
    rest = [file for file in files if file is not lines]
    for contract, beside, needed, foreign in _OTHERS:
        for file in list(rest):
            picks = picks_of(file, [contract], beside)
            if contract is EVENTS and "event" not in picks and event_of(file.seen.names):
                picks["event"] = Pick(file.seen.name, "", 0.75)
            if contract is LEDGER and "account" in picks and "resource" not in picks:
                picks |= _named_by_accounts(file, picks)
            extra = picks_of(file, [ORDER_LINES])
            if contract is LEDGER and {"account", "debit"} & picks.keys():
                extra.pop("order_id", None)  # the document of a journal
            if not all(names & picks.keys() for names in needed) or foreign & extra.keys():
                continue
            if contract.name not in plan.files:
                plan.files[contract.name], plan.picks[contract.name] = file, picks
            elif contract is EVENTS:
                plan.more_events.append((file, picks))
            else:
                continue
            rest.remove(file)
    plan.picks[ORDER_LINES.name] = own
    _add_headers(engine, plan, rest, as_lines)
    _add_notes(engine, plan, rest, as_lines)
    add_keyed(engine, plan, rest)
    plan.unused = rest
    return plan


def like_a_ledger(file: File) -> str:
    """Return what a file that may be a ledger lacks; nothing where it is like none."""
    numbered = Counter(found[1] for one in file.seen.columns if (found := re.fullmatch(_NUMBERED, one)))
    if sum(map(names_month, file.seen.columns)) > 1 or 12 in numbered.values():
        how = "a row for each account and month, of costs alone, with columns Period, Account name and Amount"
        return f"{file.seen.names} is not read, for its months stand side by side: a ledger has {how}"
    picks = picks_of(file, [LEDGER], BESIDE_LEDGER)
    is_dated = {"period", "day"} & picks.keys()
    if "account" in picks and {"amount", "debit"} & picks.keys() and not is_dated:
        return f"{file.seen.names} is not read, for no column says its period: add one, as 2026-06, and it is a ledger"
    return ""


def _named_by_accounts(file: File, picks: Picks) -> Picks:
    """Take what accounts are called, beside their numbers, for the resources."""
    taken = {pick.heading for pick in picks.values()}
    worded = [heading for heading, facts in file.facts.items() if heading not in taken and facts.words]
    best, _ = file.nearest(worded, (PRODUCTS.name, "name"))
    return {"resource": Pick(file.seen.name, best, 0.75)} if best else {}


def _holds_lines(picks: Picks) -> bool:
    return all(names & picks.keys() for names in _PARTS.values())


def _no_lines(files: Sequence[File], as_lines: Mapping[str, Picks]) -> SourceError:
    """Return the error that says of the files that come nearest what they hold and lack."""
    told: list[tuple[int, int, str, str]] = []
    for file in files:
        picks = as_lines[file.seen.name]
        wanted = {part: names & picks.keys() for part, names in _PARTS.items()}
        held = [f"{picks[name].heading!r} for {part}" for part, names in wanted.items() for name in sorted(names)[:1]]
        lacking = [part for part, names in wanted.items() if not names]
        taken = {pick.heading for pick in picks.values()}
        rest = ", ".join(repr(heading) for heading in file.seen.columns if heading not in taken)
        shown = f"has {', '.join(held)}; lacks {' and '.join(lacking)}, which may be {rest or 'in another file'}"
        told.append((len(lacking), len(told), file.seen.names, shown))
    least = min(lacking for lacking, *_ in told)
    near = [(name, shown) for lacking, _, name, shown in sorted(told) if lacking == least < len(_PARTS)][:_NEAREST]
    where = ", ".join(file.seen.names for file in files)
    found = "none holds order lines" + "".join(f"; {name} {shown}" for name, shown in near)
    return SourceError(where, found, _RENAME)


def _keys(picks: Picks) -> set[str]:
    return {"order_id", "customer_id", "product_id", "order_date", "quantity", "net_sales"} & picks.keys()


def picks_of(file: File, contracts: Sequence[Contract], beside: Sequence[Column] = ()) -> Picks:
    """Return a file's columns by the column that each is taken for; each goes to one, the surest first."""
    ranked: list[tuple[float, int, str, str]] = []
    names = set[str]()
    for contract in contracts:
        columns = [column for column in contract.columns if column.name not in names]
        names |= {column.name for column in columns if contract is contracts[0] or column.name != "name"}
        for column in [*columns, *(beside if contract is contracts[0] else ())]:
            name = column.name if contract is contracts[0] else f"{contract.name}.{column.name}"
            for heading in file.seen.columns:
                like = file.likeness(heading, contract.name, column.name)
                if like and _fits(column, heading, file.facts[heading]):
                    ranked.append((-like, len(ranked), name, heading))
    picks: Picks = {}
    taken = set[str]()
    for like, _, name, heading in sorted(ranked):
        if name not in picks and heading not in taken:
            picks[name] = Pick(file.seen.name, heading, -like)
            taken.add(heading)
    return picks


def is_taxed(heading: str) -> bool:
    """Say whether a heading is of a tax, or of money with it."""
    words = words_of(heading)
    return bool(words & _TAXED) and not words & _UNTAXED


def with_tax(file: File) -> list[str]:
    """Return the columns of a file that would be its sales or prices, and are with tax."""
    beside = [column for column in (*ORDER_LINES.columns, *BESIDE_LINES) if column.name in _UNTAXED_MONEY]
    return [
        heading
        for heading, facts in file.facts.items()
        if is_taxed(heading)
        and facts.most_numbers >= _AN_AMOUNT
        and any(file.likeness(heading, ORDER_LINES.name, column.name) for column in beside)
    ]


def _fits(column: Column, heading: str, facts: Facts) -> bool:
    """Say whether cells can be what the heading promises."""
    if not facts.filled:
        return False
    words = words_of(heading)
    if column.name in _UNTAXED_MONEY and is_taxed(heading):
        return False
    if column.name in ("shipped_date", "delivered_date") and words & OF_A_PLAN:
        return False
    if column.name == "payment_terms_days" and says_days(facts):
        return True
    if column.kind is NUMBER and numbers_things(heading):
        return False
    if column.kind is NUMBER:
        return facts.most_numbers >= _MOSTLY.get(column.name, 0.3)
    if facts.sign and column.kind is not Kind.PERIOD:
        return False
    if column.kind is Kind.TEXT and facts.most_numbers >= _AN_AMOUNT and words & (_TAXED | LET_OFF | GIVEN_BACK):
        return False
    if column.kind is DATE:
        return facts.most_dates >= 0.2
    return not facts.holds_days or column.kind is Kind.PERIOD


def _with_bare_ids(file: File, picks: Picks) -> Picks:
    """Take a heading as ``No.``, beside an order, for the line where it never repeats, else for the product."""
    if "order_id" not in picks or not _AMOUNTS & picks.keys():
        return picks
    used = {pick.heading for pick in picks.values()}
    for heading, facts in file.facts.items():
        name = "line_no" if facts.is_unique else "product_id"
        if (
            file.is_bare_id(heading)
            and plain(file.spoken[heading]) != "name"
            and heading not in used
            and name not in picks
        ):
            picks[name] = Pick(file.seen.name, heading, 0.6)
    return picks


@dataclass(frozen=True)
class _Join:
    """A file to join to the lines: which key of theirs it has in which column, and the share of their keys it holds."""

    file: File
    key: str
    heading: str
    share: float

    def own(self, as_lines: Mapping[str, Picks]) -> Picks:
        """Return its columns beside the key."""
        return {name: pick for name, pick in as_lines[self.file.seen.name].items() if pick.heading != self.heading}


def _add_headers(engine: Engine, plan: Plan, rest: list[File], as_lines: Mapping[str, Picks]) -> None:
    """Find the table of order heads: one row an order of the lines, with its customer or its date."""
    picks = plan.line_picks
    heads = [
        file
        for file in rest
        if file.seen.key or as_lines[file.seen.name].keys() & {"customer_id", "order_date", "customers.name"}
    ]
    if head := _best_join(engine, plan, heads, as_lines, ("order_id",)):
        plan.headers, plan.joined = head.file, (plan.place(picks["order_id"]), head.heading)
        own = head.own(as_lines)
        plan.order_sales = None if "net_sales" in picks else own.get("net_sales")
        _take(plan, rest, head, own, "shipment_id" not in picks)


def _add_notes(engine: Engine, plan: Plan, rest: list[File], as_lines: Mapping[str, Picks]) -> None:
    """Find the table of delivery notes: one row a shipment of the lines, or else an order, with its days."""
    picks = plan.line_picks
    wanted = (_DAYS - picks.keys()) | ({"delivered_date"} if _may_be_promised(plan) else set())
    notes = [file for file in rest if as_lines[file.seen.name].keys() & wanted]
    note = _best_join(engine, plan, notes, as_lines, ("shipment_id", "order_id"))
    if not note:
        return
    plan.notes, plan.noted = note.file, (plan.place(picks[note.key]), note.heading)
    own = note.own(as_lines)
    promised = picks["delivered_date"] if _may_be_promised(plan) and "delivered_date" in own else None
    if promised:
        picks["promised_date"] = replace(picks.pop("delivered_date"), sure=0.75)
    _take(plan, rest, note, own, note.key == "shipment_id")
    if promised:
        came = {"other": repr(own["delivered_date"].heading), "file": note.file.seen.names}
        plan.assume(Assumed.PROMISED_BY.said(column=repr(promised.heading), **came), 1.3, "is it?")


def _best_join(
    engine: Engine, plan: Plan, files: Sequence[File], as_lines: Mapping[str, Picks], keys: Sequence[str]
) -> _Join | None:
    """Return the file of no products whose column holds most of the lines' keys of a kind, and looks most like one."""
    found = [
        (share + like, _Join(file, key, heading, share))
        for file in files
        if "product_id" not in as_lines[file.seen.name]
        for key in keys
        if key in plan.line_picks
        for heading, like, share in _keys_held(engine, plan, key, file)
        if share >= HELD
    ]
    return max(found, key=lambda one: one[0])[1] if found else None


def _take(plan: Plan, rest: list[File], join: _Join, own: Picks, is_of_freight: bool) -> None:
    """Take from a file that is joined to the lines what they lack: of numbers only the distance and their freight."""
    file, picks = join.file, plan.line_picks
    rest.remove(file)
    if told := repeats_of(file, join.heading):
        plan.assume(told, 1.3)
    amounts = {"distance_km", "freight_cost"} if is_of_freight else {"distance_km"}
    for name, pick in own.items():
        column = ORDER_LINES.column(name)
        is_amount = column is not None and column.kind is NUMBER and name not in amounts
        if name not in picks and not is_amount and name not in _OF_LINES:
            picks[name] = pick
    if join.share < 1:
        what = {"shipment_id": "shipments", "order_id": "orders"}[join.key]
        lacking = f"{1 - join.share:.1%} of the {what} in {plan.lines.seen.names} are not in {file.seen.names}"
        plan.doubts.append((1 - join.share + 0.5, lacking))


def _may_be_promised(plan: Plan) -> bool:
    """Say whether the lines' only day of a delivery may be the promised one."""
    picks = plan.line_picks
    pick = picks.get("delivered_date")
    return pick is not None and "promised_date" not in picks and plain(plan.spoken(pick)) in OF_EITHER


def add_keyed(engine: Engine, plan: Plan, rest: list[File]) -> None:
    """Find the tables of customers and of products: one row for each that the lines name.

    Keys that count from one fit both, so the file's name and its other columns have a say.
    """
    found: list[tuple[float, int, Contract, str, File]] = []
    for contract in (CUSTOMERS, PRODUCTS):
        own = plan.line_picks.keys()
        for file in rest if {contract.key[0], NAMED[contract.key[0]]} & own else ():
            fitting = names_table(file.seen.names, contract.name) + 0.2 * len(picks_of(file, [contract]))
            for heading, like, share in _keys_held(engine, plan, contract.key[0], file):
                if share >= HELD:
                    found.append((-share - like - fitting, len(found), contract, heading, file))
    for _, _, contract, heading, file in sorted(found, key=lambda one: one[:2]):
        if contract.name in plan.files or file not in rest:
            continue
        rest.remove(file)
        take_keyed(plan, contract, file, heading)


def take_keyed(plan: Plan, contract: Contract, file: File, heading: str) -> None:
    """Take a file for the table of customers or of products, with one of its columns as the key."""
    key, own = contract.key[0], plan.line_picks
    if key not in own:
        own[key] = replace(own[NAMED[key]], sure=0.75)
    beside = BESIDE_PRODUCTS if contract is PRODUCTS else ()
    found = picks_of(file, [contract], beside)
    picks = {name: pick for name, pick in found.items() if heading != pick.heading and name != key}
    if contract is PRODUCTS and "unit_cost" not in picks:
        costs = [one for one, facts in file.facts.items() if plain(one) in COSTS and facts.most_numbers > _AN_AMOUNT]
        if costs:
            picks["unit_cost"] = Pick(file.seen.name, costs[0], 0.75)
    keyed = Pick(file.seen.name, heading, max(file.likeness(heading, contract.name, key), 0.75))
    picks = {key: keyed} | picks
    plan.files[contract.name] = file
    plan.picks[contract.name] = picks | (_dimensions(file, picks) if contract is CUSTOMERS else {})
    for name in [name for name in own if name.startswith(f"{contract.name}.")]:
        if name != "products.unit_cost":  # what a line's goods cost goes before what they cost in general
            del own[name]


def _dimensions(file: File, picks: Picks) -> Picks:
    """Return what else tells customers apart, by a name of its own: columns of few values, most cells filled."""
    taken = {pick.heading for pick in picks.values()}
    known = {column.name for contract in (CUSTOMERS, PRODUCTS, ORDER_LINES) for column in contract.columns} | BESIDE
    found: Picks = {}
    for heading, facts in file.facts.items():
        name = plain(heading).replace(" ", "_")
        is_told = 1 < facts.distinct <= min(_MOST_VALUES, facts.filled / 3) and 2 * facts.filled >= facts.rows
        is_free = heading not in taken and not facts.holds_days
        if is_free and is_told and name not in known | found.keys() and name[:1].isalpha():
            found[name] = Pick(file.seen.name, heading, 0.75)
    return dict(list(found.items())[:_MOST_DIMENSIONS])


def _keys_held(engine: Engine, plan: Plan, key: str, file: File) -> list[tuple[str, float, float]]:
    """Return the columns without repeats, with their headings' likeness and the share of the lines' keys they hold."""
    picks = plan.line_picks
    pick = picks[key] if key in picks else picks[NAMED[key]]
    table = next((one.name for one in (CUSTOMERS, PRODUCTS) if one.key[0] == key), "order_lines")
    held = []
    for heading in file.seen.columns:
        like = max(file.likeness(heading, table, key), 0.5 if file.is_bare_id(heading) else 0)
        if key not in picks:
            like = max(like, file.likeness(heading, table, "name"))
        if file.is_key(heading) and like:
            held.append((heading, like, held_by(engine, pick, file, heading)))
    return held


def held_by(engine: Engine, pick: Pick, file: File, heading: str) -> float:
    """Return the share of the different values of a pick that stand in a column of another file."""
    wanted = f"SELECT DISTINCT CAST({quoted(pick.heading)} AS VARCHAR) AS key FROM {pick.seen}"
    given = f"SELECT CAST({quoted(heading)} AS VARCHAR) FROM {file.seen.name}"
    n, held = fetch_row(
        engine,
        f"SELECT COUNT(*) AS n, COUNT(CASE WHEN key IN ({given}) THEN 1 END) AS held FROM ({wanted}) "
        "WHERE key IS NOT NULL",
    ).values()
    return float(held / max(n, 1))
