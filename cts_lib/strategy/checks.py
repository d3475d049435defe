"""What params ask of the strategy that the data or the options cannot give: one line each."""

from __future__ import annotations

from collections.abc import Collection, Iterator

import pandas as pd

from cts_lib.engine import Engine, count_rows, fetch_rows, quoted
from cts_lib.errors import CtsError, ParamsError, Problems
from cts_lib.params import UnitParams
from cts_lib.params.labels import nearest
from cts_lib.replay.options import placed_levers

_NEARLY = 1e-9


def check_levers(engine: Engine, unit: UnitParams) -> None:
    """Raise Problems with what is `wrong_of_levers`."""
    if problems := wrong_of_levers(engine, unit):
        raise Problems(problems)


def wrong_of_levers(engine: Engine, unit: UnitParams) -> list[CtsError]:
    """Return each lever that lacks a table it needs or names what none holds, and each step of no resource.

    The engine holds the tables of a period.
    """
    return [*_of_levers(engine, unit), *_of_steps(unit)]


def _of_levers(engine: Engine, unit: UnitParams) -> Iterator[CtsError]:
    for lever in placed_levers(unit.params.strategy):
        where = unit.where("strategy", "levers", lever.name)
        lacking = [table for table in lever.kind.needs if not _has_rows(engine, table)]
        if lacking:
            tables, have = " and ".join(f"table {table}" for table in lacking), "has" if len(lacking) == 1 else "have"
            yield ParamsError(where, f"needs {tables}, which {have} no row", "give it, or take the lever out")
        named = lever.kind.named.items() if not lacking else ()
        for key, (table, column) in named:
            rows = fetch_rows(engine, f"SELECT DISTINCT {quoted(column)} AS name FROM {quoted(table)} ORDER BY 1")
            known = [str(row["name"]) for row in rows]
            for name, setting in lever.settings.items():
                wanted = getattr(setting, key)
                if wanted is not None and wanted not in known:
                    at = unit.where("strategy", "levers", lever.name, "settings", name, key)
                    yield ParamsError(at, f"{wanted!r} is no {column} of {table}", nearest(wanted, known))


def _has_rows(engine: Engine, table: str) -> bool:
    return bool(count_rows(engine, quoted(table)))


def _of_steps(unit: UnitParams) -> Iterator[CtsError]:
    model = unit.params.cost_model
    timed = {activity.resource for activity in model.activities.values() if activity.minutes is not None}
    known = [name for name in model.resources if name in timed]
    for name in unit.params.strategy.capacity_steps:
        if name not in known:
            where = unit.where("strategy", "capacity_steps", name)
            yield ParamsError(
                where, "is no resource with a capacity in minutes", f"known: {', '.join(known) or 'none'}"
            )


def check_segments(unit: UnitParams, segments: Collection[str]) -> None:
    """Raise a ParamsError for floors of a segment that nobody is in."""
    for segment in unit.params.strategy.floors:
        if segment not in segments:
            where, known = unit.where("strategy", "floors", segment), ", ".join(sorted(set(segments)))
            raise ParamsError(where, "is no segment of this run", f"known: {known}")


def check_floors(unit: UnitParams, table: pd.DataFrame) -> None:
    """Raise a ParamsError for a floor that no option of a cell reaches."""
    for segment, floor in unit.params.strategy.floors.items():
        where = unit.where("strategy", "floors", segment)
        for channel, rows in table[table["segment"] == segment].groupby("channel"):
            for name, least in floor.model_dump(exclude_none=True).items():
                best = rows[name].min() if name == "speed_days" else rows[name].max()
                short = best > least + _NEARLY if name == "speed_days" else best < least - _NEARLY
                if short:
                    found = f"{name} {least:g}, and no option in {channel} gets beyond {best:.3g}"
                    raise ParamsError(where, found, "loosen it")
