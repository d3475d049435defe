"""What an option is worth, whether it is allowed, and whether it gains enough to change anything."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from cts_lib.names import CELL, NONE
from cts_lib.params import Strategy
from cts_lib.replay.options import CURRENT, read_option
from cts_lib.strategy.cells import Books, with_responsiveness
from cts_lib.strategy.choice import Capacity

_NEARLY = 1e-9
_LOSS, _SLOWER = "strategy.max_service_loss", "speed_days"
_GAINS = ("strategy.min_gain.money", "strategy.min_gain.share_of_sales")


class Asked(NamedTuple):
    """What is asked of every option, whether loosening adds to it (1) or takes from it (−1), and of which element."""

    now: float
    away: int
    element: str = ""


def judged(table: pd.DataFrame, today: pd.DataFrame, books: Books, at_work: Sequence[Capacity] = ()) -> pd.DataFrame:
    """Add to options their cash, responsiveness and whether they are allowed, and what the choice reads.

    ``today`` has today's rows of the cells, with their responsiveness. Cash is the change of margin, less the cost that
    leaves the ledger, less the investment, against today. Rows of whole plans come with the capacities ``at_work``.
    """
    params = books.strategy
    table = with_responsiveness(table, today, books, at_work)
    before = today.set_index(CELL).reindex(pd.MultiIndex.from_frame(table[CELL])).reset_index(drop=True)
    table = table.reset_index(drop=True)
    gone = table["going_cost"] - before["going_cost"]
    table["cash"] = table["margin"] - before["margin"] - gone - table["investment"]
    gain = table["cash"] if params.objective == "cash" else table["net_profit"] - before["net_profit"]
    table["worth"] = gain + _worth_of_service(table, before, books)
    most = gain + _minutes_at_best(table, before, books)
    table["short"] = pd.Series(_short(table, before, most, params), table.index, dtype="object")
    asked = asked_of(params)
    of_service = [[_element(name, asked) for name in short if name not in _GAINS] for short in table["short"]]
    table["reason"] = [elements[-1] if elements else NONE for elements in of_service]
    table["allowed"] = table["reason"] == NONE
    table["eligible"] = [not short for short in table["short"]]
    options = [read_option(name) for name in table["option"]]
    table["levers"] = [tuple(option.levers) for option in options]
    table["changes"] = [float(len(option.levers)) for option in options]
    return table


def where_service_is_asked(table: pd.DataFrame) -> pd.DataFrame:
    """Return judged options where ``min_gain`` is not asked of one that has more lines on time than today's.

    For the question is then what service costs, and a change that buys some may cost money, as for a floor.
    """
    today = table[table["option"] == CURRENT].set_index(CELL)["service_level"]
    better = table["service_level"] > today.reindex(pd.MultiIndex.from_frame(table[CELL])).to_numpy() + _NEARLY
    return table.assign(eligible=table["eligible"] | (table["allowed"] & better))


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


def asked_of(params: Strategy) -> dict[str, Asked]:
    """Return what params ask of every option, by the key that says so."""
    gains = {f"strategy.min_gain.{name}": Asked(least, -1) for name, least in params.min_gain}
    floors = {
        f"strategy.floors.{segment}.{name}": Asked(least, 1 if name == "speed_days" else -1, name)
        for segment, floor in params.floors.items()
        for name, least in floor.model_dump(exclude_none=True).items()
    }
    return {_LOSS: Asked(params.max_service_loss, 1, "service_level"), **floors, **gains}


def _short(table: pd.DataFrame, before: pd.DataFrame, most: pd.Series, params: Strategy) -> list[dict[str, float]]:
    """Return by how much each option falls short of what is asked, by the key that asks; inf where none could do.

    A change that breaks no floor gains enough, unless today's option breaks one: then what is asked for must be had.
    """
    service = _short_of_service(table, before, params)
    forced = (_short_of_service(before.assign(segment=table["segment"]), before, params) > _NEARLY).any(axis=1)
    voluntary = (table["option"] != CURRENT) & ~forced
    money, share = params.min_gain.money, params.min_gain.share_of_sales
    sales = before["net_sales"]
    gains = {
        "strategy.min_gain.money": (money - most).where(most < money),
        "strategy.min_gain.share_of_sales": (share - most / sales).where(most < share * sales),
    }
    missing = pd.DataFrame({name: gap.where(voluntary) for name, gap in gains.items()}, index=table.index)
    missing = missing.mask(missing > pd.Series({name: asked_of(params)[name].now for name in gains}), np.inf)
    short = service.where(service > _NEARLY).join(missing)
    return [{str(name): float(by) for name, by in row.items() if by > 0} for row in short.to_dict("records")]


def _short_of_service(table: pd.DataFrame, before: pd.DataFrame, params: Strategy) -> pd.DataFrame:
    """Return by how much rows make more lines late than they may, or are below a floor; null or below 0 where not.

    Where a segment has floors they stand in for ``max_service_loss``; where lateness is unknown nothing may be slower.
    """
    floored = table["segment"].isin(list(params.floors))
    slower = before["service_level"].isna() & (table["speed_days"] > before["speed_days"] + _NEARLY)
    gaps = {
        _LOSS: (before["service_level"] - table["service_level"] - params.max_service_loss).where(~floored),
        _SLOWER: pd.Series(np.inf, table.index).where(slower & ~floored),
    }
    for segment, floor in params.floors.items():
        rows = table["segment"] == segment
        for name, least in floor.model_dump(exclude_none=True).items():
            gap = table[name] - least if name == "speed_days" else least - table[name]
            gaps[f"strategy.floors.{segment}.{name}"] = gap.where(rows)
    return pd.DataFrame(gaps)


def _element(name: str, asked: Mapping[str, Asked]) -> str:
    return _SLOWER if name == _SLOWER else asked[name].element
