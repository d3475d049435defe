"""The figures at the top of the executive page: each with the period before, its change, and its target."""

from __future__ import annotations

import pandas as pd

from cts_lib.display import Reader
from cts_lib.measures import change_as_written, kind_of, sign
from cts_lib.names import CELL, NONE, totals

_TILES = ("net_sales", "cost_to_serve_share", "operating_profit", "on_time")


_MOSTLY = 0.5
"""A share of cost to serve beyond the ledger from which on operating profit is not what a unit is led by."""


def tiles(kpis: pd.DataFrame, statement: pd.DataFrame, bridge: pd.DataFrame, reader: Reader) -> list[dict[str, str]]:
    """Return net sales, the share of cost to serve, operating profit and service, as far as they are known.

    Where the ledger books little of what customers cost, their profit stands in the place of the operating one.
    """
    booked = not is_mostly_beyond(statement)
    found = [
        _operating_profit(statement, bridge, reader)
        if name == "operating_profit" and booked
        else _key_figure(kpis, name if booked else name.removeprefix("operating_"), reader)
        for name in _TILES
    ]
    return [tile for tile in found if tile]


def is_mostly_beyond(statement: pd.DataFrame) -> bool:
    """Say whether most of what customers cost is booked in no ledger, so that operating profit leaves it out."""
    amounts = statement.groupby("line")["amount"].sum()
    cost = abs(float(amounts.get("cost_to_serve", 0.0)))
    return bool(cost and float(amounts.get("outside_ledger", 0.0)) > _MOSTLY * cost)


def is_booked(resources: pd.DataFrame) -> bool:
    """Say whether a ledger, or the params in its stead, books any cost; without one nothing is left of operating."""
    return bool(resources["ledger"].abs().sum() > 0)


def operating(statement: pd.DataFrame) -> float:
    """Return what is left of all."""
    return float(statement.loc[statement["line"] == "operating_profit", "amount"].sum())


def _operating_profit(statement: pd.DataFrame, bridge: pd.DataFrame, reader: Reader) -> dict[str, str]:
    """Return what is left of all, and its change; a bridge leads there from the period before."""
    now, name = operating(statement), "operating_profit"
    tile = {"name": reader.label(name), "value": reader.money(now, compact=True)}
    parts = totals(bridge, *CELL).groupby("component", sort=False)["amount"].sum()
    if parts.empty:
        return tile
    change = float(parts.sum())
    most = str(parts.idxmax() if change >= 0 else parts.idxmin())
    cause = {"cause": f"{reader.word(most, 'component')} {reader.signed_money(float(parts[most]))}"}
    return tile | cause | _compared(now, now - change, "profit", reader)


def _key_figure(kpis: pd.DataFrame, name: str, reader: Reader) -> dict[str, str]:
    rows = totals(kpis.loc[kpis["kpi"] == name], *CELL)
    if rows.empty or pd.isna(rows["value"].iloc[0]):
        return {}
    row = rows.iloc[0]
    tile = {"name": reader.label(name), "value": reader.measure(float(row["value"]), name, compact=True)}
    if pd.notna(row["target"]):
        tile["target"] = _target(row, name, reader)
    return tile | (
        _compared(float(row["value"]), float(row["previous"]), name, reader) if pd.notna(row["previous"]) else {}
    )


def _target(row: pd.Series, name: str, reader: Reader) -> str:
    """Return the target and whether it is met."""
    target = reader.text("target {value}", value=reader.measure(float(row["target"]), name, compact=True))
    return target if row["status"] in (NONE, None) else f"{target} {reader.word_within(row['status'], 'status')}"


def _compared(now: float, before: float, name: str, reader: Reader) -> dict[str, str]:
    """Return a figure of the period before, its change since, and whether that is better."""
    improved = sign(name) * (now - before) > 0
    same = reader.measure(now, name) == reader.measure(before, name)
    return {
        "before": reader.text("before {value}", value=reader.measure(before, name, compact=True)),
        "change": _change(now, before, name, reader),
        "judged": "" if same else "better" if improved else "worse",
    }


def _change(now: float, before: float, name: str, reader: Reader) -> str:
    """Return how a figure changed; a difference is that of the figures that are written beside it."""
    kind = kind_of(name)
    if kind in ("percent", "days"):
        return reader.measure_change(change_as_written(before, now, kind), name)
    return ("+" if now > before else "") + reader.percent((now - before) / abs(before)) if before else ""
