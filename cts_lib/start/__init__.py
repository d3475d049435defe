"""From a user's own extracts to a first workbook: looks at files, guesses columns, writes mappings and params."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from cts_lib.bundle import bundled
from cts_lib.engine import DuckDB, Engine, open_engine
from cts_lib.errors import CtsError, Problems, SourceError
from cts_lib.intake.assumed import Assumed
from cts_lib.params.source import Source
from cts_lib.start.alike import put_together
from cts_lib.start.coded import with_codes
from cts_lib.start.completed import complete, read_zeros
from cts_lib.start.cost_model import COST_SHARE, UTILISATION, active, assumed_margin
from cts_lib.start.currency import currency_of
from cts_lib.start.database import Database, tables_of
from cts_lib.start.guess import guess
from cts_lib.start.lines import unit_name
from cts_lib.start.look import Seen, look_at
from cts_lib.start.mapping import Mapping as Map
from cts_lib.start.mappings import write_mappings
from cts_lib.start.masters import with_customers, with_products
from cts_lib.start.months import by_month
from cts_lib.start.once import parted
from cts_lib.start.params import EURO, defaults_text, unit_text
from cts_lib.start.plan import Plan
from cts_lib.start.record import Record
from cts_lib.start.sold import sold_alone
from cts_lib.start.summary import summary, told_of
from cts_lib.start.templates import template_of
from cts_lib.start.totals import without_totals
from cts_lib.start.unread import unread_of
from cts_lib.start.volumes import Volumes, measure
from cts_lib.tables.inputs import INPUTS

SOURCES = "params/sources"
_LARGE = 0.5
"""The share of net sales from which on a resource of the ledger may be income or cost of goods."""
_ASSUMED = Assumed.USUAL_FIGURES.said(share=f"{COST_SHARE:.0%}", used=f"{UTILISATION:.0%}")
_ASSUMED_TIMES = Assumed.USUAL_TIMES.said(used=f"{UTILISATION:.0%}")
"""What is said of params, and where the ledger has all costs."""


@dataclass
class Started:
    """What was made of the files: lines for the terminal, and what could not be read or is still missing."""

    lines: list[str] = field(default_factory=list)
    errors: list[CtsError] = field(default_factory=list)


def start(folder: Path, files: Sequence[Path], database: Database | None = None) -> Started:
    """Write a first workbook into a folder: from files or a database's tables, or, without any, from templates.

    A file that was edited since an earlier run stays as it is. Where none holds order lines, it is a SourceError.
    """
    if folder.exists() and not folder.is_dir():
        raise SourceError(str(folder), "is no folder", "name the folder of the new workbook")
    if files and database:
        raise SourceError("--database", "stands beside files", "give one of them")
    root = folder.resolve()
    record = Record.of(root)
    try:
        started = _started(root, files, database, record, str(folder))
    finally:
        if record.written:
            record.keep()
    if not (root / "notebooks").exists():
        shutil.copytree(bundled("notebooks"), root / "notebooks")
    started.lines += [f"left as you edited it: {where}" for where in record.edited]
    return started


def _started(root: Path, files: Sequence[Path], database: Database | None, record: Record, shown: str) -> Started:
    if database:
        source = Source(engine="postgres", sql=SOURCES, url_env=database.url_env)
        tables = open_engine(source, root)
        try:
            return _from_files(root, files, record, shown, source, (tables, database.schema))
        finally:
            tables.close()
    if files:
        return _from_files(root, files, record, shown, Source(sql=SOURCES, allow=_outside(root, files)), None)
    return _from_templates(root, record, shown)


def _outside(root: Path, files: Sequence[Path]) -> tuple[str, ...]:
    """Return the files and folders that lie outside of the workbook, which mappings may read where params say so."""
    places = dict.fromkeys(str(place) for file in files if not (place := file.resolve()).is_relative_to(root))
    return tuple(places)


def _from_templates(root: Path, record: Record, shown: str) -> Started:
    unit = unit_name(root.name)
    for contract in INPUTS:
        record.write(f"{SOURCES}/{'' if contract.required else '_'}{contract.name}.sql", template_of(contract))
    source, errors = Source(sql=SOURCES), list[CtsError]()
    is_filled = f"{SOURCES}/order_lines.sql" in record.edited
    volumes = _scaled(root, source, {unit: unit}, EURO, errors) if is_filled else {}
    _write_params(record, source, {unit: unit}, None, volumes)
    if volumes:
        found = [told_of(name, one) for name, one in volumes.items()]
        next_step = f"next: cts check --params {shown}/params"
        return Started([*found, f"{shown}/params: costs and capacities scaled to these lines", next_step], errors)
    again = "then cts init again, which scales costs and capacities to the lines"
    return Started(
        [
            f"{shown}/{SOURCES}: templates of {len(INPUTS)} tables; those with _ before their name are not read yet",
            f"{shown}/params: parameters to fill in; unit {unit}",
            f"next: fill in the mappings, {again}, and cts check --params {shown}/params",
        ],
        errors,
    )


def _write_params(
    record: Record, source: Source, units: Mapping[str, str], currency: str | None, volumes: Mapping[str, Volumes]
) -> None:
    known = _known(volumes)
    record.write("params/defaults.yml", defaults_text(source, known, bool(volumes), volumes.values()))
    for unit, value in units.items():
        label = record.root.name if unit == unit_name(record.root.name) else value
        record.write(f"params/units/{unit}.yml", unit_text(value, label, currency, volumes.get(unit)))


def _from_files(
    root: Path, files: Sequence[Path], record: Record, shown: str, source: Source, tables: tuple[Engine, str] | None
) -> Started:
    engine = DuckDB(root=root)
    try:
        seen, errors = look_at(engine, files, root, record)
        if not seen and errors:
            raise Problems(errors) if len(errors) > 1 else errors[0]
        if tables:
            seen = tables_of(*tables, engine)
        else:
            seen = [by_month(engine, without_totals(engine, one)) for one in seen]
            seen = put_together(engine, seen)
            seen = [with_codes(engine, part) for one in seen for part in parted(engine, one)]
        plan = _guessed(engine, seen, errors)
        sold_alone(engine, plan)
        read_zeros(engine, plan)
        with_customers(engine, plan)
        with_products(engine, plan)
        complete(engine, plan)
        lines = root / SOURCES / "order_lines.sql"
        edited = lines.read_text("utf-8", errors="replace") if lines.exists() else ""
        unread = unread_of(engine, plan, edited)
        currency = currency_of(engine, plan)
        mappings = write_mappings(engine, plan, root.name, currency)
    finally:
        engine.close()
    mappings.tables["order_lines"].assumptions += [*unread, _ASSUMED]
    for name, mapping in mappings.tables.items():
        record.write(f"{SOURCES}/{name}.sql", mapping.text(tables[0] if tables else None))
    for contract in INPUTS:
        if contract.name not in mappings.tables:
            record.write(f"{SOURCES}/_{contract.name}.sql", template_of(contract))
    source = source.model_copy(update={"formats": mappings.formats, "repeated": tuple(mappings.repeated)})
    incomplete = {mapping.table for mapping in mappings.tables.values() if mapping.missing}
    filled = {table for table in incomplete if f"{SOURCES}/{table}.sql" in record.edited}
    volumes = {}
    if incomplete <= filled:
        volumes = _scaled(root, source, mappings.units, currency or EURO, errors)
        for table in filled:
            mappings.tables[table].missing.clear()
    _say_times_alone(record, mappings.tables["order_lines"], volumes, tables[0] if tables else None)
    _write_params(record, source, mappings.units, currency, volumes)
    if empty := [unit for unit, one in volumes.items() if not one.rows]:
        told = f"no line is of {', '.join(empty)}: which business_unit does {shown}/{SOURCES}/order_lines.sql name?"
        plan.doubts.append((2.0, told))
    plan.doubts += _doubts_of_ledger(volumes)
    known = _known(volumes)
    if known & {"cogs", "unit_cost"} and any(one.uncosted for one in volumes.values()):
        margin, why = assumed_margin(volumes.values(), known)
        told = f"{why.rpartition(': ')[2]}: profile.assumed_gross_margin, {margin:g}, stands in for it"
        plan.doubts.append((1.15, told))
    if not currency:
        plan.doubts.append((0.4, "no column names the currency: EUR is assumed (unit.currency in params/units)"))
    return Started(summary(plan, mappings, volumes, shown), errors)


def _known(volumes: Mapping[str, Volumes]) -> frozenset[str]:
    """Return what the data of any unit tell beyond the required columns."""
    return frozenset[str]().union(*(one.known for one in volumes.values()))


def _doubts_of_ledger(volumes: Mapping[str, Volumes]) -> list[tuple[float, str]]:
    """Return what the ledger has that may be no cost of serving, or that no activity asks for."""
    doubts = [
        (1.6, f"{name!r} of the ledger adds up to {amount / one.money:.0%} of net sales: is it a cost of serving?")
        for one in volumes.values()
        for name, amount in one.booked.items()
        if amount > _LARGE * one.money > 0
    ]
    used = frozenset[str]().union(*map(_resources_of, volumes.values()))
    if left := sorted(frozenset[str]().union(*(one.booked for one in volumes.values())) - used):
        named, them = ", ".join(map(repr, left)), "it" if len(left) == 1 else "them"
        told = f"nobody bears {named} of the ledger until cost_model.resources names {them}, without a cost"
        doubts.append((1.42, f"{told}; leave out of ledger.sql what is no cost, or is cost of goods already"))
    return doubts


def _resources_of(volumes: Volumes) -> set[str]:
    """Return the resources that a unit's activities ask for."""
    return {draft.resource for draft in active(volumes.known).values() if draft.resource}


def _say_times_alone(record: Record, lines: Map, volumes: Mapping[str, Volumes], database: Engine | None) -> None:
    """Say that unit times and capacities are usual figures, and no costs, where the ledger has all of these."""
    if volumes and all(_resources_of(one) <= one.booked.keys() for one in volumes.values()):
        lines.assumptions[-1] = _ASSUMED_TIMES
        record.write(f"{SOURCES}/order_lines.sql", lines.text(database))


def _guessed(engine: DuckDB, seen: Sequence[Seen], errors: Sequence[CtsError]) -> Plan:
    """Return which file is which; where none holds order lines, that and what kept others from being read."""
    try:
        return guess(engine, seen)
    except SourceError as error:
        raise Problems([*errors, error]) if errors else error from None


def _scaled(
    root: Path, source: Source, units: Mapping[str, str], currency: str, errors: list[CtsError]
) -> dict[str, Volumes]:
    """Return what the mapped lines hold, by which costs are scaled; nothing where they cannot be read."""
    try:
        return measure(root, source, units, currency)
    except CtsError as error:
        errors += error.problems if isinstance(error, Problems) else [error]
        return {}
