"""A policy as rows: for each customer in a channel, under each scenario, which levers are at work and how.

An option applies in the cells that have it; who does not go along with a lever stays as today.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from cts_lib.names import CELL
from cts_lib.replay.options import TODAY, Option, PlacedLever
from cts_lib.replay.whom import GoingAlong

Cells = Mapping[tuple[str, str], Option]
"""The option of each segment and channel; one that is missing stays as today."""


@dataclass(frozen=True)
class Policy:
    """What ``replay`` registers: rows a scenario, customer and channel, factors on events, and the levers in them."""

    rows: pd.DataFrame
    events: pd.DataFrame
    levers: list[PlacedLever]


def everywhere(option: Option, going: GoingAlong) -> Cells:
    """Return the plan that gives every cell one option."""
    return dict.fromkeys(going.cells[CELL].drop_duplicates().itertuples(index=False, name=None), option)


def movers(cells: Cells, going: GoingAlong) -> np.ndarray:
    """Return which rows of the cells go along with some lever of their option."""
    moving = np.zeros(len(going.cells), dtype=bool)
    for option, inside in _by_option(cells, going):
        for choice in option.settings.items():
            moving |= inside & going.those[choice]
    return moving


def policy_of(
    scenarios: Mapping[str, Cells], going: GoingAlong, levers: Sequence[PlacedLever], everybody: bool = False
) -> Policy:
    """Return the policy of plans by scenario; of customers whom one moves, or of everybody."""
    used = {name for cells in scenarios.values() for option in cells.values() for name in option.levers}
    placed = [lever for lever in levers if lever.name in used]
    parts = [_rows(scenario, cells, going, placed, everybody) for scenario, cells in scenarios.items()]
    factors = [_factors(scenario, cells, going, placed) for scenario, cells in scenarios.items()]
    events = pd.concat(factors, ignore_index=True)
    return Policy(pd.concat(parts, ignore_index=True), events, placed)


def _by_option(cells: Cells, going: GoingAlong) -> Iterable[tuple[Option, np.ndarray]]:
    """Return each option with the rows of its cells."""
    names = list(going.cells[CELL].itertuples(index=False, name=None))
    option = np.array([cells.get(name, TODAY).name for name in names], dtype=object)
    for name, each in {each.name: each for each in cells.values()}.items():
        yield each, option == name


def _rows(
    scenario: str, cells: Cells, going: GoingAlong, placed: Sequence[PlacedLever], everybody: bool
) -> pd.DataFrame:
    size = len(going.cells)
    columns: dict[str, np.ndarray] = {"_leaves": np.zeros(size)}
    for lever in placed:
        columns[lever.place.at] = np.full(size, np.nan)
        for setting in lever.settings.values():
            for name, value in lever.kind.policy(setting).items():
                kept = columns.get(lever.place[name])
                if isinstance(value, str):
                    columns[lever.place[name]] = np.full(size, None, dtype=object)
                elif kept is None:
                    columns[lever.place[name]] = np.full(size, np.nan)
    by_name = {lever.name: lever for lever in placed}
    for option, inside in _by_option(cells, going):
        for name, setting_name in option.settings.items():
            lever, choice = by_name[name], (name, setting_name)
            rows = inside & going.those[choice]
            columns[lever.place.at][rows] = 1.0
            for column, value in lever.kind.policy(lever.settings[setting_name]).items():
                if value is not None:
                    columns[lever.place[column]][rows] = value
            columns["_leaves"][inside & going.leaving[choice]] = 1.0
    frame = going.cells.rename(columns={"segment": "_segment"}).assign(**columns, scenario=scenario)
    if not everybody:
        moved = going.cells.loc[movers(cells, going), "customer_id"]
        frame = frame.loc[frame["customer_id"].isin(moved)]
    return frame


def _factors(scenario: str, cells: Cells, going: GoingAlong, placed: Sequence[PlacedLever]) -> pd.DataFrame:
    """Return scenario, customer_id, channel, event, factor of those who go along, the product of their levers'."""
    by_name, parts = {lever.name: lever for lever in placed}, []
    for option, inside in _by_option(cells, going):
        for choice in option.settings.items():
            lever = by_name[choice[0]]
            events = lever.lever.events | lever.kind.events(lever.settings[choice[1]])
            rows = going.cells.loc[inside & going.those[choice], ["customer_id", "channel"]]
            parts += [rows.assign(event=event, factor=factor) for event, factor in events.items()]
    keys = ["customer_id", "channel", "event"]
    if not parts:
        columns = dict.fromkeys([*keys, "scenario"], pd.Series(dtype="str"))
        return pd.DataFrame({**columns, "factor": pd.Series(dtype="float64")})
    factors = pd.concat(parts, ignore_index=True).groupby(keys)["factor"].prod()
    return pd.DataFrame(factors).reset_index().assign(scenario=scenario)
