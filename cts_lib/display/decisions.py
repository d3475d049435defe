"""The tables of the later stages: segments, strategy, evaluation, indicators and actions."""

from __future__ import annotations

import pandas as pd

from cts_lib.display.pieces import Shown, empty
from cts_lib.display.reader import Reader
from cts_lib.display.table import table
from cts_lib.measures import SERVICE, kind_of, kinds
from cts_lib.names import CELL, NONE, totals, without_totals

_OF_CELL = {"segment": "text", "channel": "text"}
_BEST = 3
"""Options that are shown of each cell."""


def _stated(values: pd.Series[str]) -> pd.Series[str]:
    return values.mask(values == NONE)


def segments(segment_matrix: pd.DataFrame, reader: Reader) -> Shown:
    """Show each segment in each channel with its money and its service."""
    columns = _OF_CELL | kinds("customers", "net_sales", "cost_to_serve", "profit", *SERVICE)
    title, note = reader.text("Segments by channel"), reader.text("A customer counts in each of its channels.")
    frame = without_totals(segment_matrix, *CELL).sort_values("profit", kind="stable")
    return table(frame, reader, columns, title, note=note, bars=("profit",))


def gain_in_parts(strategy: pd.DataFrame, reader: Reader) -> str:
    """Say what of the proposal's gain is cash, what work beyond capacity, and what capacity set free."""
    sums = without_totals(strategy, *CELL)[["gain", "cash_gain", "overload_gain"]].sum()
    said = [reader.text("{cash} in cash", cash=reader.money(sums["cash_gain"], compact=True))]
    if abs(sums["overload_gain"]) >= 1:
        money = reader.money(sums["overload_gain"], compact=True)
        said.append(reader.text("{money} in work beyond capacity that nobody paid for", money=money))
    freed = sums["gain"] - sums["cash_gain"] - sums["overload_gain"]
    if abs(freed) >= 1:
        said.append(reader.text("{freed} in capacity set free", freed=reader.money(freed, compact=True)))
    return reader.listed(said) if len(said) > 1 else reader.text("all of it in cash")


def _then_and_now(figure: str) -> dict[str, str]:
    return dict.fromkeys([f"current_{figure}", f"chosen_{figure}"], kind_of(figure))


def strategy(frame: pd.DataFrame, reader: Reader, rows: int = 25) -> Shown:
    """Show for each cell what is done today, what was chosen, and what that changes."""
    columns = _OF_CELL | kinds("gain") | {"chosen_option": "text"} | kinds("cash_gain") | _then_and_now("profit")
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
    columns = _OF_CELL | {"option": "text"} | kinds(*figures)
    shown = shown.sort_values("left", ascending=False, kind="stable").drop_duplicates([*_OF_CELL, *figures])
    cells = shown.groupby(list(_OF_CELL), sort=False)
    today = (
        shown["left"].where(shown["option"] == "current").groupby([shown[name] for name in _OF_CELL]).transform("max")
    )
    shown = shown.assign(won=cells["left"].transform("max") - today)[cells.cumcount() < _BEST]
    shown = shown.sort_values(["won", *_OF_CELL, "left"], ascending=[False, True, True, False], kind="stable")
    note = reader.text(
        "The best {count} of each cell by profit less investment, both of the period; one of options that come to the "
        "same.",
        count=reader.number(_BEST),
    )
    return table(shown, reader, columns, reader.text("Options that are allowed"), note=note, rows=20)


def comparison(frame: pd.DataFrame, reader: Reader) -> Shown:
    """Show current against proposed for the whole unit, with the interval of the difference."""
    shown = totals(frame, *CELL)
    intervals = [
        reader.text(
            "{low} to {high}",
            low=reader.measure_change(row["low"], row["kpi"]),
            high=reader.measure_change(row["high"], row["kpi"]),
        )
        for row in shown.to_dict("records")
    ]
    columns = {"kpi": "text", "current": "indicator", "proposed": "indicator", "difference": "change"}
    columns |= {"interval": "text", "verdict": "text"}
    note = reader.text("Central 90% interval of the difference between paired replications.")
    title = reader.text("Current against proposed, simulated")
    return table(shown.assign(interval=intervals), reader, columns, title, note=note)


def calibration(frame: pd.DataFrame, reader: Reader) -> Shown:
    """Show how far the simulated current strategy is from what was observed."""
    columns = _OF_CELL | {"kpi": "text", "observed": "indicator", "simulated": "indicator", "error": "percent"}
    shown = frame.assign(near_enough=frame["accepted"].map({True: "true", False: "false"}))
    shown = shown.reindex(frame["error"].abs().sort_values(ascending=False, kind="stable").index)
    title = reader.text("Simulated against observed, largest errors first")
    note = reader.text("Near enough: the 90% interval holds what was observed, or the error is small; see below.")
    return table(shown, reader, columns | {"near_enough": "text"}, title, note, rows=15)


def indicators(kpis: pd.DataFrame, reader: Reader) -> Shown:
    """Show the whole unit's indicators against target, the period before and the control limits."""
    shown = totals(kpis, *CELL)
    limits = [
        reader.text(
            "{low} to {high}",
            low=reader.measure(row["lower_limit"], row["kpi"]),
            high=reader.measure(row["upper_limit"], row["kpi"]),
        )
        if pd.notna(row["lower_limit"]) and pd.notna(row["upper_limit"])
        else None
        for row in shown.to_dict("records")
    ]
    shown = shown.assign(
        status=_stated(shown["status"]),
        signal=_stated(shown["signal"]),
        limits=pd.Series(limits, shown.index, dtype=object),
    )
    columns = {"kpi": "text", "value": "indicator", "previous": "indicator", "target": "indicator"}
    columns |= {"status": "text", "limits": "text", "signal": "text"}
    return table(shown, reader, columns, reader.text("Indicators of the unit"))


def signals(kpis: pd.DataFrame, reader: Reader) -> Shown:
    """Show the cells whose indicators left their control limits."""
    if len(kpis) and kpis["upper_limit"].isna().all():
        said = reader.text("The history is too short for control limits: no signal can be told from chance.")
        return empty(said)
    shown = kpis.loc[kpis["signal"].fillna(NONE) != NONE]
    columns = _OF_CELL | {"kpi": "text", "value": "indicator", "lower_limit": "indicator", "upper_limit": "indicator"}
    return table(shown, reader, columns | {"signal": "text"}, reader.text("Outside the control limits"))


def actions(frame: pd.DataFrame, reader: Reader, rows: int = 25) -> Shown:
    """Show what is to be done, by whom, until when, and what it saves."""
    columns = {"action": "code"} | _OF_CELL | kinds("expected_saving", "expected_cash", "realised_saving")
    columns |= {"owner": "text", "due": "date", "state": "text"}
    return table(_named(frame, reader), reader, columns, reader.text("Actions"), bars=("expected_saving",), rows=rows)


def actions_in_short(frame: pd.DataFrame, reader: Reader) -> Shown:
    """Show what is to be done once for all the cells where one does it until the same day."""
    alike = frame.groupby(["action", "subject", "owner", "due", "state"], dropna=False, sort=False)
    sums = alike[["expected_saving", "expected_cash"]].sum(min_count=1)
    cells = without_totals(frame, *CELL).groupby(alike.ngroup()).size().reindex(range(len(sums)))
    columns = {"action": "code", "cells": "number"} | kinds("expected_saving", "expected_cash")
    columns |= {"owner": "text", "due": "date", "state": "text"}
    shown, note = sums.assign(cells=cells.to_numpy()).reset_index(), reader.text("A cell is a segment in a channel.")
    return table(_named(shown, reader), reader, columns, reader.text("Actions"), note=note, bars=("expected_saving",))


def _named(actions: pd.DataFrame, reader: Reader) -> pd.DataFrame:
    """Write what is to be done, what gains most first."""
    shown = actions.sort_values("expected_saving", ascending=False, kind="stable")
    named = zip(shown["action"], shown["subject"], strict=True)
    return shown.assign(action=[_action(action, subject, reader) for action, subject in named])


def _action(action: str, subject: str, reader: Reader) -> str:
    """Write what is to be done: an option of the strategy, or what governing asks for of itself."""
    if action == "relieve":
        return reader.text("Relieve {name}", name=reader.word_within(subject, "resource"))
    if action == "bring_to_target":
        return reader.text("Bring {name} to target", name=reader.label_within(subject))
    return reader.word(action, "action")
