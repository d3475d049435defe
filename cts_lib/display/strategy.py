"""Tables of the strategy: what is proposed for each segment in each channel, and what else could be."""

from __future__ import annotations

import pandas as pd

from cts_lib.display.pieces import Shown
from cts_lib.display.reader import Reader
from cts_lib.display.table import OF_CELL, table
from cts_lib.measures import kind_of, kinds
from cts_lib.names import CELL, without_totals

_BEST = 3
"""Options that are shown of each cell."""


def gain_in_parts(strategy: pd.DataFrame, reader: Reader) -> str:
    """Say what of the proposal's gain is cash, what work beyond capacity, and what capacity set free."""
    sums = without_totals(strategy, *CELL)[["gain", "cash_gain", "overload_gain"]].sum()
    parts = [reader.text("{cash} in cash", cash=reader.money(sums["cash_gain"], compact=True))]
    if abs(sums["overload_gain"]) >= 1:
        money = reader.money(sums["overload_gain"], compact=True)
        parts.append(reader.text("{money} in work beyond capacity that nobody paid for", money=money))
    freed = sums["gain"] - sums["cash_gain"] - sums["overload_gain"]
    if abs(freed) >= 1:
        parts.append(reader.text("{freed} in capacity set free", freed=reader.money(freed, compact=True)))
    return reader.listed(parts) if len(parts) > 1 else reader.text("all of it in cash")


def _then_and_now(figure: str) -> dict[str, str]:
    return dict.fromkeys([f"current_{figure}", f"chosen_{figure}"], kind_of(figure))


def strategy(frame: pd.DataFrame, reader: Reader, rows: int = 25) -> Shown:
    """Show for each cell what is done today, what was chosen, and what that changes."""
    columns = OF_CELL | kinds("gain") | {"chosen_option": "text"} | kinds("cash_gain") | _then_and_now("profit")
    columns |= {"archetype": "text"} | _then_and_now("service_level")
    shown = frame.sort_values("gain", ascending=False, kind="stable")
    title = reader.text("Proposed strategy by segment and channel")
    note = reader.text(
        "Gain: profit chosen less profit today, less the period's share of the investment; in cash, of cost only what "
        "leaves the ledger."
    )
    return table(shown, reader, columns, title, note=note, bars=("gain",), rows=rows)


def strategy_options(frame: pd.DataFrame, reader: Reader) -> Shown:
    """Show the best allowed options of each cell, the cells where they gain most first."""
    shown = frame.loc[frame["allowed"].astype(bool)].assign(left=lambda f: f["profit"] - f["investment"])
    figures = ["cost_to_serve", "profit", "service_level", "speed_days", "investment"]
    columns = OF_CELL | {"option": "text"} | kinds(*figures)
    shown = shown.sort_values("left", ascending=False, kind="stable").drop_duplicates([*OF_CELL, *figures])
    cells = shown.groupby(list(OF_CELL), sort=False)
    today = (
        shown["left"].where(shown["option"] == "current").groupby([shown[name] for name in OF_CELL]).transform("max")
    )
    shown = shown.assign(won=cells["left"].transform("max") - today)[cells.cumcount() < _BEST]
    shown = shown.sort_values(["won", *OF_CELL, "left"], ascending=[False, True, True, False], kind="stable")
    note = reader.text(
        "The best {count} of each cell by profit less investment, both of the period; one of options that come to the "
        "same.",
        count=reader.number(_BEST),
    )
    return table(shown, reader, columns, reader.text("Options that are allowed"), note=note, rows=20)
