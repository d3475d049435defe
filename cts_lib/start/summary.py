"""Says on the terminal what was read, what was guessed and how surely, what is doubtful, and what comes next."""

from __future__ import annotations

from collections.abc import Mapping as Mapped

from cts_lib.engine import quoted
from cts_lib.start.facts import swapped
from cts_lib.start.guess import BESIDE
from cts_lib.start.mappings import Mappings
from cts_lib.start.plan import Plan
from cts_lib.start.volumes import Volumes
from cts_lib.tables.column import DATE, NUMBER
from cts_lib.tables.inputs import EVENTS, ORDER_LINES

_DOUBTS = 3


def summary(plan: Plan, mappings: Mappings, volumes: Mapped[str, Volumes], shown: str) -> list[str]:
    """Return the lines of the terminal."""
    lines = _files(plan)
    for unit, one in volumes.items():
        lines.append(told_of(unit, one))
    lines += ["guessed:"] + [
        f"  {_table(table, name)} from {pick.heading!r} of {plan.file_of(pick).seen.names}, {pick.how_sure}"
        for table, picks in plan.picks.items()
        for name, pick in picks.items()
        if name not in BESIDE - {"currency"}
    ]
    lines += _left_out(plan, mappings)
    missing = [(mapping.table, name) for mapping in mappings.tables.values() for name in mapping.missing]
    lines += [f"missing: {table}.{name}; see TODO in params/sources/{table}.sql" for table, name in missing]
    newest = max((one.period for one in volumes.values() if one.period), default=None)
    plan.doubts += [
        (1.2, f"unit {unit} has no order line in {newest}: leave it out with --unit, or name another --period")
        for unit, one in volumes.items()
        if not one.fits and any(other.fits for other in volumes.values())
    ]
    doubts = [text for _, text in sorted([*plan.doubts, *_doubts(plan, mappings)], key=lambda doubt: -doubt[0])]
    lines += ["look at first:", *(f"  {text}" for text in doubts[:_DOUBTS])] if doubts else []
    lines += ["then at:", *(f"  {text}" for text in doubts[_DOUBTS:])] if doubts[_DOUBTS:] else []
    return [*lines, *_next(volumes, bool(missing), shown)]


def told_of(unit: str, one: Volumes) -> str:
    """Return what a unit's lines hold, in a line."""
    span = f"{one.first} to {one.last}" if one.first else "no day that can be read"
    return f"unit {unit}: {one.rows:,} order lines, {one.customers:,} customers, net sales {one.money:,.2f}, {span}"


def _files(plan: Plan) -> list[str]:
    lines = [f"{plan.lines.seen.names}: order lines{_remarks(plan.lines.seen.remarks)}"]
    if plan.headers:
        lines.append(f"{plan.headers.seen.names}: order heads{_remarks(plan.headers.seen.remarks)}")
    if plan.notes:
        lines.append(f"{plan.notes.seen.names}: delivery notes{_remarks(plan.notes.seen.remarks)}")
    lines += [f"{file.seen.names}: {name}{_remarks(file.seen.remarks)}" for name, file in plan.files.items()]
    lines += [f"{file.seen.names}: {EVENTS.name}{_remarks(file.seen.remarks)}" for file, _ in plan.more_events]
    return lines + [f"{file.seen.names}: not used" for file in plan.unused]


def _left_out(plan: Plan, mappings: Mappings) -> list[str]:
    """Return the columns of each file that no mapping reads."""
    texts = {name: mapping.text(None) for name, mapping in mappings.tables.items()}
    found: list[str] = []
    more = [file for file, _ in plan.more_events]
    for file in plan.read:
        alias = next((alias for alias, one in plan.of_lines.items() if one is file), "line")
        own = [texts[name] for name, one in plan.files.items() if one is file and name in texts]
        own += [texts[EVENTS.name]] if file in more else []
        text = "\n".join(own or [texts[name] for name in texts if name not in plan.files or name == "order_lines"])
        text = text.replace(file.seen.where, "") if file.seen.where else text
        filled = [heading for heading in file.seen.columns if file.facts[heading].filled]
        rest = [heading for heading in filled if f"{alias}.{quoted(heading)}" not in text]
        if rest:
            found.append(f"not used of {file.seen.names}: {', '.join(map(repr, rest))}")
    return found


def _remarks(remarks: tuple[str, ...]) -> str:
    return f" ({'; '.join(remarks)})" if remarks else ""


def _table(table: str, name: str) -> str:
    return name if "." in name else f"{table}.{name}"


def _next(volumes: Mapped[str, Volumes], is_missing: bool, shown: str) -> list[str]:
    check = f"cts check --params {shown}/params"
    if is_missing:
        return [f"next: write what is missing into {shown}/params/sources, then {check}"]
    periods = {one.period: one.fits for one in volumes.values() if one.period}
    if not periods:
        return [f"next: {check}"]
    newest = max(periods)
    period = "" if periods[newest] else f" --period {newest}"
    return [
        f"period: {newest}",
        f"next: {check}{period}",
        f"then: cts run --params {shown}/params{period} --out {shown}/reports",
    ]


def _doubts(plan: Plan, mappings: Mappings) -> list[tuple[float, str]]:
    """Return what may be wrong, each with its weight."""
    doubts: list[tuple[float, str]] = []
    picks = plan.line_picks
    for mapping in mappings.tables.values():
        doubts += [(2.0, f"{mapping.table}.{name} is missing: {what}") for name, what in mapping.missing.items()]
    doubts += [(1.5, f"{file.seen.names}: {file.seen.doubt}") for file in plan.read if file.seen.doubt]
    for name, pick in picks.items():
        column = ORDER_LINES.column(name)
        if column is None:
            continue
        facts, weight = plan.facts_of(pick), 1.0 if column.required else 0.5
        where = f"{name} from {pick.heading!r}"
        empty = facts.rows - facts.filled
        if column.required and empty and not mappings.tables["order_lines"].columns[name][0].startswith("COALESCE("):
            doubts.append((weight + empty / facts.rows, f"{where} is empty in {empty:,} of {facts.rows:,} rows"))
        if column.kind is NUMBER and not facts.is_number:
            bad = facts.filled - max(facts.numbers.values(), default=0)
            if bad:
                told = f"{where}: {bad:,} cells are no numbers{_some(facts.words)}"
                doubts.append((1.6 * weight + bad / facts.rows, told))
            if facts.grouped and plan.file_of(pick).numbers.thousands is None:
                doubts.append((1.4, f"{where}: 1.234 is read as a fraction; if it is a thousand, set source.formats"))
        if column.kind is DATE and not facts.is_date:
            forms = plan.forms_of(pick)
            if bad := facts.filled - sum(facts.dates[form] for form in forms):
                read = " or ".join(form or "2026-07-31" for form in forms)
                doubts.append((1.6 * weight + bad / facts.rows, f"{where}: {bad:,} cells do not read as {read}"))
            if any(swapped(form) != form and facts.dates.get(swapped(form)) == facts.dates[form] for form in forms):
                doubts.append(
                    (1.3, f"{where}: every day reads as {forms[0]} and as {swapped(forms[0])}; the first is taken")
                )
        if pick.how_sure == "unsure":
            doubts.append((weight * 0.8, f"{where} is a guess from the heading alone"))
    has_cost = "cogs" in mappings.tables["order_lines"].columns or "unit_cost" in mappings.tables["products"].columns
    if not has_cost:
        doubts.append((0.6, "no cost of goods: profile.assumed_gross_margin stands in for it"))
    return doubts


def _some(words: tuple[str, ...]) -> str:
    return f", as {words[0]!r}" if words else ""
