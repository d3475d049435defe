"""The tables of the history, the same in every database: how they are made, brought up to date, replaced and read."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from cts_lib.engine import Engine, fetch_frame, fetch_rows, quote
from cts_lib.errors import CtsError
from cts_lib.store import read_manifest, read_table

TABLES = ("kpis", "segments", "actions", "bridge", "strategy")
"""What is kept of each period; `strategy` is its plan."""
VERSION = 2
"""Of the schema. 1 had no table of versions; 2 has one, and in each row the fingerprint of the params that made it."""
_KEPT = "history_version"
_KEYS = ("business_unit", "period")


@dataclass(frozen=True)
class Rows:
    """What a unit's period brings to the history."""

    unit: str
    period: str
    tables: dict[str, pd.DataFrame]


class NewerHistory(CtsError, ValueError):
    """A history that a newer version of the workbook wrote."""


def rows_of(folder: Path) -> Rows:
    """Return what a unit's stored period brings, each row with its unit: two may share a business unit."""
    manifest = read_manifest(folder) or {}
    own = {"unit": str(manifest["unit"]), "params": str(manifest.get("model", ""))}
    tables = {}
    for name in TABLES:
        if (folder / "tables" / f"{name}.parquet").is_file():
            tables[name] = table = read_table(folder, name)
            for at, (column, value) in enumerate(own.items(), len(_KEYS)):
                table.insert(at, column, pd.Series(value, index=table.index, dtype="str"))
    return Rows(own["unit"], str(manifest["period"]), tables)


def replace(engine: Engine, rows: Rows) -> None:
    """Put the rows of a unit's period in place of those that are there."""
    for name, table in rows.tables.items():
        if has(engine, name):
            engine.execute(f"DELETE FROM {name} WHERE unit = {quote(rows.unit)} AND period = {quote(rows.period)}")
        if table.empty:  # its columns have no types to declare
            continue
        engine.register("incoming", table)
        columns = engine.columns("incoming")
        declared = ", ".join(f'"{column}" {kind}' for column, kind in columns.items())
        engine.execute(f"CREATE TABLE IF NOT EXISTS {name} ({declared})")
        for column in columns.keys() - engine.columns(name).keys():
            engine.execute(f'ALTER TABLE {name} ADD COLUMN "{column}" {columns[column]}')
        listed = ", ".join(f'"{column}"' for column in columns)
        engine.execute(f"INSERT INTO {name} ({listed}) SELECT {listed} FROM incoming")


def select(engine: Engine, name: str, unit: str) -> pd.DataFrame:
    """Return a table for one unit, by period."""
    if not has(engine, name):
        return pd.DataFrame()
    table = fetch_frame(engine, f"SELECT * FROM {name} WHERE unit = {quote(unit)}")
    return table.sort_values(list(table.columns), kind="stable", ignore_index=True)


def bring_up_to_date(engine: Engine, where: str) -> None:
    """Make the schema that of this version, whatever wrote it; a newer one is a NewerHistory."""
    found = 1
    if has(engine, _KEPT):
        found = max((int(row["version"]) for row in fetch_rows(engine, f"SELECT version FROM {_KEPT}")), default=1)
    if found > VERSION:
        raise NewerHistory(where, f"is of version {found}", f"this workbook knows up to {VERSION}: update it")
    if found == VERSION:
        return
    for name in (name for name in TABLES if has(engine, name)):
        if "params" not in engine.columns(name):
            engine.execute(f'ALTER TABLE {name} ADD COLUMN "params" VARCHAR')
    engine.execute(f"CREATE TABLE IF NOT EXISTS {_KEPT} (version INTEGER)")
    engine.execute(f"INSERT INTO {_KEPT} (version) VALUES ({VERSION})")


def has(engine: Engine, name: str) -> bool:
    """Whether the history holds a table."""
    schema = "current_schema()"
    found = engine.query(
        f"SELECT table_name FROM information_schema.tables WHERE table_schema = {schema} AND table_name = {quote(name)}"
    )
    return bool(found.num_rows)
