"""What params ask of the strategy that the data or the options cannot give: one line each."""

from __future__ import annotations

from collections.abc import Collection

import pandas as pd

from cts_lib.engine import Engine, fetch_rows, quoted
from cts_lib.errors import ParamsError
from cts_lib.params import UnitParams
from cts_lib.params.labels import nearest
from cts_lib.replay.options import placed_levers

_NEARLY = 1e-9


def check_levers(engine: Engine, unit: UnitParams) -> None:
    """Raise a ParamsError for a lever without the tables it needs, or that names what they do not hold."""
    for lever in placed_levers(unit.params.strategy):
        for table in lever.kind.needs:
            if not fetch_rows(engine, f"SELECT COUNT(*) AS n FROM {quoted(table)}")[0]["n"]:
                where = unit.where("strategy", "levers", lever.name)
                raise ParamsError(where, f"needs table {table}, which has no row", "give it, or take the lever out")
        for key, (table, column) in lever.kind.named.items():
            rows = fetch_rows(engine, f"SELECT DISTINCT {quoted(column)} AS name FROM {quoted(table)} ORDER BY 1")
            known = [str(row["name"]) for row in rows]
            for name, setting in lever.settings.items():
                wanted = getattr(setting, key)
                if wanted is not None and wanted not in known:
                    where = unit.where("strategy", "levers", lever.name, "settings", name, key)
                    raise ParamsError(where, f"{wanted!r} is no {column} of {table}", nearest(wanted, known))


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
