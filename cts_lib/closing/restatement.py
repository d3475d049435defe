"""What a later run of a closed period would change: a row a value, by table, key and column."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from cts_lib.closing.record import RESTATEMENT
from cts_lib.stage import Tables
from cts_lib.store import keyed, read_table
from cts_lib.tables import OUTPUTS, Kind

COLUMNS = ["table", "key", "column", "published", "now"]
_ROW, _ABSENT, _PRESENT = "(row)", "absent", "present"
_TOLERANCE, _OF_ITSELF = 1e-9, 1e-12
"""What two numbers may differ by, and what share of them: less than a cent of thousands of millions."""


def restatement(folder: Path, tables: Tables, unit: str, period: str) -> pd.DataFrame:
    """Return what differs between the published tables of a folder and those computed now, all as text."""
    parts = [pd.DataFrame(columns=COLUMNS)]
    for name, table in tables.items():
        published = folder / "tables" / f"{name}.parquet"
        if not published.is_file():
            parts.append(_one(name, _ROW, _ROW, _ABSENT, _PRESENT))
            continue
        parts.append(_changes(name, read_table(folder, name), keyed(table, unit, period)))
    found = pd.concat([part for part in parts if len(part)] or parts, ignore_index=True)
    return keyed(found.astype(dict.fromkeys(COLUMNS, "str")), unit, period)


def write_restatement(folder: Path, changes: pd.DataFrame) -> None:
    """Write what would change beside what is published; nothing stands there where nothing would."""
    path = folder / RESTATEMENT
    path.unlink(missing_ok=True)
    if len(changes):
        changes.to_parquet(path, index=False)


def _changes(name: str, published: pd.DataFrame, now: pd.DataFrame) -> pd.DataFrame:
    columns = [column for column in published if column in now]
    key = _key(name, published[columns], now[columns])
    before, after = (_by_key(table, key) for table in (published, now))
    both = before.index.intersection(after.index, sort=False)
    parts = [
        _rows(name, before.index.difference(after.index, sort=False), _ROW, _PRESENT, _ABSENT),
        _rows(name, after.index.difference(before.index, sort=False), _ROW, _ABSENT, _PRESENT),
    ]
    before, after = before.reindex(both), after.reindex(both)
    for column in (column for column in columns if column not in key):
        moved = _differs(before[column], after[column])
        values = [[_text(value) for value in table[column][moved]] for table in (before, after)]
        parts.append(_rows(name, both[moved], str(column), *values))
    parts += [_one(name, _ROW, str(column), _PRESENT, _ABSENT) for column in published if column not in now]
    parts += [_one(name, _ROW, str(column), _ABSENT, _PRESENT) for column in now if column not in published]
    return pd.concat([part for part in parts if len(part)] or parts[:1], ignore_index=True)


def _key(name: str, *tables: pd.DataFrame) -> list[str]:
    """Return the first columns that name each row of all tables; none where only its place does."""
    key = list[str]()
    for column in OUTPUTS[name].columns:
        if column.kind is Kind.NUMBER or any(column.name not in table for table in tables):
            break
        key.append(column.name)
        if not any(table.duplicated(key).any() for table in tables):
            return key
    return []


def _by_key(table: pd.DataFrame, key: list[str]) -> pd.DataFrame:
    if not key:
        return table.set_axis([f"row {number}" for number in range(1, len(table) + 1)])
    return table.set_axis(table[key].astype("str").agg(", ".join, axis=1))


def _differs(old: pd.Series, new: pd.Series) -> np.ndarray:
    nothing = old.isna() & new.isna()
    if pd.api.types.is_numeric_dtype(old) and pd.api.types.is_numeric_dtype(new):
        one, other = old.to_numpy("float64", na_value=np.nan), new.to_numpy("float64", na_value=np.nan)
        return np.asarray(~np.isclose(one, other, rtol=_OF_ITSELF, atol=_TOLERANCE, equal_nan=True))
    return np.asarray(~nothing & (old.isna() | new.isna() | (old.astype("str") != new.astype("str"))))


def _text(value: object) -> str:
    if isinstance(value, float):
        return "" if np.isnan(value) else f"{value:.12g}"
    return "" if value is None or value is pd.NA or value is pd.NaT else str(value)


def _rows(table: str, keys: pd.Index, column: str, published: str | list[str], now: str | list[str]) -> pd.DataFrame:
    frame = pd.DataFrame({"key": keys.astype("str")}).assign(table=table, column=column)
    return frame.assign(published=published, now=now)[COLUMNS]


def _one(table: str, key: str, column: str, published: str, now: str) -> pd.DataFrame:
    return pd.DataFrame([(table, key, column, published, now)], columns=COLUMNS)
