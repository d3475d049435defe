"""What an option is worth, whether it is allowed, and whether it gains enough to change anything."""

from __future__ import annotations

from collections.abc import Collection

import pandas as pd

from cts_lib.engine import Engine, fetch_rows, quoted
from cts_lib.errors import ParamsError
from cts_lib.names import CELL, NONE
from cts_lib.params import UnitParams
from cts_lib.params.labels import nearest
from cts_lib.replay.options import CURRENT, placed_levers, read_option
from cts_lib.strategy.cells import Books, with_responsiveness

_NEARLY = 1e-9


def judged(table: pd.DataFrame, current: pd.DataFrame, books: Books) -> pd.DataFrame:
    """Add to options their cash, responsiveness and whether they are allowed, and what the choice reads.

    ``current`` has today's rows of the cells. Cash is the change of margin, less the cost that leaves the ledger, less
    the investment, against today.
    """
    params = books.strategy
    table = with_responsiveness(table, current, books)
    today = with_responsiveness(current, current, books).set_index(CELL)
    before = today.reindex(pd.MultiIndex.from_frame(table[CELL])).reset_index(drop=True)
    table = table.reset_index(drop=True)
    gone = table["going_cost"] - before["going_cost"]
    table["cash"] = table["margin"] - before["margin"] - gone - table["investment"]
    gain = table["cash"] if params.objective == "cash" else table["net_profit"] - before["net_profit"]
    table["worth"] = gain + _worth_of_service(table, before, books)
    table["reason"] = _reasons(table, before, books)
    table["allowed"] = table["reason"] == NONE
    is_today = table["option"] == CURRENT
    most = gain + _minutes_at_best(table, before, books)
    enough = (most >= params.min_gain.money) & (most >= params.min_gain.share_of_sales * before["net_sales"])
    table["eligible"] = table["allowed"] & (enough | is_today)
    options = [read_option(name) for name in table["option"]]
    table["levers"] = [tuple(option.levers) for option in options]
    table["changes"] = [float(len(option.levers)) for option in options]
    return table


def _minutes_at_best(table: pd.DataFrame, before: pd.DataFrame, books: Books) -> pd.Series:
    """Return the most that the minutes an option frees can bring: as overtime saved, or as steps given up.

    What they do bring depends on all cells together; the choice counts that.
    """
    brings = pd.Series(0.0, index=table.index)
    for row in books.resources.dropna(subset=["capacity_minutes", "used_minutes"]).to_dict("records"):
        name = str(row["resource"])
        steps, overtime = books.strategy.capacity_steps.get(name), books.model.resources[name].overload_cost or 0.0
        each = overtime if row["used_minutes"] > row["capacity_minutes"] else 0.0
        if steps and steps.least < 0:
            each = max(each, steps.saves / steps.minutes)
        freed = before[f"uses_{name}"] - table[f"uses_{name}"]
        brings += freed.clip(lower=0.0) * each
    return brings


def _worth_of_service(table: pd.DataFrame, before: pd.DataFrame, books: Books) -> pd.Series:
    """Return what more lines on time and sooner ones are worth, by the values that params assume."""
    values, lines = books.strategy.values, before["sold_lines"]
    points = (table["service_level"] - before["service_level"]).fillna(0.0) * 100
    sooner = (before["speed_days"] - table["speed_days"]).fillna(0.0)
    return lines * (values.service_level * points + values.speed_days * sooner)


def _reasons(table: pd.DataFrame, before: pd.DataFrame, books: Books) -> pd.Series:
    """Say why an option is not allowed: more lines late, slower where lateness is unknown, or below a floor.

    Where a segment has floors they stand in for ``max_service_loss``.
    """
    params = books.strategy
    reason = pd.Series(NONE, index=table.index, dtype="object")
    floored = table["segment"].isin(list(params.floors))
    late = table["service_level"] < before["service_level"] - params.max_service_loss - _NEARLY
    slower = before["service_level"].isna() & (table["speed_days"] > before["speed_days"] + _NEARLY)
    reason[~floored & late] = "service_level"
    reason[~floored & slower] = "speed_days"
    for segment, floor in params.floors.items():
        rows = table["segment"] == segment
        for name, least in floor.model_dump(exclude_none=True).items():
            below = table[name] > least + _NEARLY if name == "speed_days" else table[name] < least - _NEARLY
            reason[rows & below] = name
    return reason


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
            if not rows["allowed"].any():
                raise ParamsError(where, f"no option in {channel} keeps all of them", "loosen one")
