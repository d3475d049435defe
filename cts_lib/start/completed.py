"""Completes files by others of the same keys: masters by more of them, codes by names, what was delivered by its head.

A master whose keys lack the leading zeros that lines write, or have them where lines have none, is read with theirs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from cts_lib.engine import fetch_row, quoted
from cts_lib.engine.base import Engine
from cts_lib.intake.assumed import Assumed
from cts_lib.start.guess import BESIDE_LEDGER, BESIDE_PRODUCTS, HELD, add_keyed, held_by, like_a_ledger, picks_of
from cts_lib.start.look import Seen
from cts_lib.start.masters import tells_of_sales
from cts_lib.start.plan import File, Pick, Picks, Plan, once_each, repeats_of
from cts_lib.tables.column import Column
from cts_lib.tables.contract import Contract
from cts_lib.tables.inputs import CUSTOMERS, DELIVERIES, LEDGER, PRODUCTS

_MASTERS = (CUSTOMERS, PRODUCTS)
_PARTS = {"order_id", "line_no", "delivered_quantity"}
"""What a line of a delivery says beside the days of its head."""


def read_zeros(engine: Engine, plan: Plan) -> None:
    """Read the keys of unused masters with the leading zeros that lines write, or without, where they then hold theirs.

    Lines write as many digits wherever all their keys are of one length.
    """
    for contract in _MASTERS:
        pick = plan.line_picks.get(contract.key[0])
        for place, file in enumerate(plan.unused) if pick and contract.name not in plan.files else ():
            for heading in file.seen.columns:
                is_one = file.likeness(heading, contract.name, contract.key[0]) or file.is_bare_id(heading)
                if pick and is_one and file.is_key(heading) and held_by(engine, pick, file, heading) < HELD:
                    read = _with_zeros(engine, pick, file, heading)
                    if held_by(engine, pick, read, heading) >= HELD:
                        plan.unused[place] = read
                        plan.assumptions.append(Assumed.ZEROS.said(column=repr(heading), file=file.seen.names))
                        break
    add_keyed(engine, plan, plan.unused)


def _with_zeros(engine: Engine, pick: Pick, file: File, heading: str) -> File:
    key = f"LENGTH(CAST({quoted(pick.heading)} AS VARCHAR))"
    width = fetch_row(engine, f"SELECT MIN({key}) AS least, MAX({key}) AS most FROM {pick.seen}")
    cell = f"CAST(line.{quoted(heading)} AS VARCHAR)"
    is_fixed = width["least"] == width["most"]
    digits = f"LPAD({cell}, {width['most']}, '0')" if is_fixed else f"LTRIM({cell}, '0')"
    written = f"CASE WHEN REGEXP_MATCHES({cell}, '^[0-9]+$') THEN {digits} ELSE {cell} END AS {quoted(heading)}"
    shown = ", ".join(written if name == heading else f"line.{quoted(name)}" for name in file.seen.columns)
    name = f"{file.seen.name}_zeros"
    engine.create(name, f"SELECT {shown} FROM {file.seen.kept}")
    sql = f"(SELECT {shown} FROM {file.seen.origin})"
    return File.of(engine, replace(file.seen, name=name, sql=sql, where="", columns=engine.columns(name)))


def complete(engine: Engine, plan: Plan) -> None:
    """Complete masters, the ledger and what was delivered by files that are not used."""
    for contract in _MASTERS:
        for other in list(plan.unused) if contract.name in plan.files else ():
            key, picks = contract.key[0], plan.picks[contract.name]
            whose = _key_of(engine, other, picks[key], contract.name, key)
            beside = BESIDE_PRODUCTS if contract is PRODUCTS else ()
            found = {name: one for name, one in picks_of(other, [contract], beside).items() if one.heading != whose}
            new = {name: one for name, one in found.items() if name not in picks and name != key}
            if whose and new and not tells_of_sales(other, key):
                _join(engine, plan, contract.name, picks[key].heading, other, whose, new)
    if LEDGER.name not in plan.files:
        _with_heads(engine, plan, LEDGER, BESIDE_LEDGER, {"resource", "amount"}, {"day", "period"})
    if LEDGER.name in plan.files:
        _name_resources(engine, plan)
    if DELIVERIES.name not in plan.files and {"order_id", "line_no"} <= plan.line_picks.keys():
        _with_heads(engine, plan, DELIVERIES, (), _PARTS, {"delivered_date", "shipped_date"})
    plan.doubts += [(1.4, told) for file in plan.unused if (told := like_a_ledger(file))]


def _name_resources(engine: Engine, plan: Plan) -> None:
    """Call the resources of a ledger by their names, where another file has one for each of their codes."""
    code = plan.picks[LEDGER.name]["resource"]
    for other in list(plan.unused):
        whose = _key_of(engine, other, code, LEDGER.name, "resource")
        worded = [heading for heading, facts in other.facts.items() if heading != whose and facts.words]
        best, _ = other.nearest(worded, (LEDGER.name, "resource"), (PRODUCTS.name, "name"))
        if whose and best:
            named = {"resource": Pick(other.seen.name, best, 0.75)}
            _join(engine, plan, LEDGER.name, code.heading, other, whose, named)
            return


def _with_heads(
    engine: Engine, plan: Plan, contract: Contract, beside: Sequence[Column], needed: set[str], days: set[str]
) -> None:
    """Find a table whose rows say no day, and the table of their heads, as of documents or deliveries, that says it."""
    for file in list(plan.unused):
        picks = picks_of(file, [contract], beside)
        if not needed <= picks.keys() or days & picks.keys():
            continue
        own = plan.line_picks.get("order_id")
        if contract is DELIVERIES and own and held_by(engine, own, file, picks["order_id"].heading) < HELD:
            continue
        for other in (one for one in plan.unused if one is not file):
            new = {name: pick for name, pick in picks_of(other, [contract], beside).items() if name in days}
            keys = [one for one in other.seen.columns if one in file.seen.columns and other.is_key(one)]
            keys = [one for one in keys if held_by(engine, Pick(file.seen.name, one, 1), other, one) >= HELD]
            if new and keys:
                plan.files[contract.name], plan.picks[contract.name] = file, picks
                if contract is DELIVERIES:
                    picks.setdefault("shipment_id", Pick(file.seen.name, keys[0], 0.75))
                plan.unused.remove(file)
                _join(engine, plan, contract.name, keys[0], other, keys[0], new)
                return


def _key_of(engine: Engine, other: File, pick: Pick, table: str, key: str) -> str:
    """Return the column of another file that holds most keys of a table, by a heading like its own or a key's."""
    for heading in other.seen.columns:
        is_one = heading == pick.heading or other.is_bare_id(heading) or other.likeness(heading, table, key)
        if is_one and held_by(engine, pick, other, heading) >= HELD:
            return heading
    return ""


def _join(engine: Engine, plan: Plan, table: str, key: str, other: File, whose: str, new: Picks) -> None:
    """Join to a table's file, by a key, columns of another: of rows with the same one the first."""
    file = plan.files[table]
    headings = [pick.heading for pick in new.values()]
    names = {
        heading: heading if heading not in file.seen.columns else f"{heading} of {other.seen.names}"
        for heading in headings
    }
    shown = ", ".join(f"more.{quoted(heading)} AS {quoted(name)}" for heading, name in names.items())

    def joined(one: str, more: str) -> str:
        once = once_each(more, whose) if other.repeats(whose) else more
        same = f"CAST(more.{quoted(whose)} AS VARCHAR) = CAST(line.{quoted(key)} AS VARCHAR)"
        return f"SELECT line.*, {shown} FROM {one} AS line LEFT JOIN {once} AS more ON {same}"

    name = f"{file.seen.name}_more"
    engine.create(name, joined(file.seen.name, other.seen.name))
    seen = replace(
        file.seen, name=name, names=f"{file.seen.names} + {other.seen.names}", where="",
        sql=f"({joined(_rows(file.seen), _rows(other.seen))})", columns=engine.columns(name),
        assumptions=(*file.seen.assumptions, *other.seen.assumptions),
    )  # fmt: skip
    plan.files[table] = File.of(engine, seen)
    taken = {name: replace(pick, heading=names[pick.heading]) for name, pick in new.items()}
    plan.picks[table] = {name: replace(pick, seen=seen.name) for name, pick in (plan.picks[table] | taken).items()}
    plan.unused.remove(other)
    if told := repeats_of(other, whose):
        plan.assume(told, 0.8)


def _rows(seen: Seen) -> str:
    """Return the rows of a file that count, as a query reads them."""
    return f"(SELECT line.* FROM {seen.origin})" if seen.where else seen.sql
