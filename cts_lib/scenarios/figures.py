"""The figures by which an answer is held against today, and the customers that it moves."""

from __future__ import annotations

import pandas as pd

from cts_lib.names import ALL, NONE
from cts_lib.replay.money import plan_money
from cts_lib.stage import Tables

FIGURES = ("profit", "cost_to_serve", "loss_makers", "on_time", "utilisation", "plan_gain", "plan_cash")
"""What is compared, in order; utilisation a row a resource."""


def of_period(tables: Tables) -> dict[tuple[str, str], float]:
    """Return the figures of a period as it was, by figure and resource."""
    service = tables["service"]
    on_time = service.loc[service["channel"] == ALL, "on_time"].mean()  # one row, or none without a line
    return (
        of_customers(tables["customer_profit"])
        | {("on_time", NONE): float(on_time)}
        | of_resources(tables["resources"])
    )


def of_customers(customers: pd.DataFrame) -> dict[tuple[str, str], float]:
    """Return what the customers leave, what serving them takes, and how many make a loss."""
    return {
        ("profit", NONE): float(customers["profit"].sum()),
        ("cost_to_serve", NONE): float(customers["cost_to_serve"].sum()),
        ("loss_makers", NONE): float((customers["profit"] < 0).sum()),
    }


def of_resources(resources: pd.DataFrame) -> dict[tuple[str, str], float]:
    """Return how much of its capacity each resource of minutes uses."""
    timed = resources.dropna(subset=["utilisation"])
    return {
        ("utilisation", name): float(used) for name, used in zip(timed["resource"], timed["utilisation"], strict=True)
    }


def of_plan(tables: Tables) -> dict[tuple[str, str], float]:
    """Return what a plan brings, how many lines come on time under it, and how far it uses each resource."""
    strategy, capacity = tables["strategy"], tables["capacity_plan"]
    money = plan_money(strategy, tables["decisions"], capacity)
    promised = strategy["promised_lines"].where(strategy["chosen_service_level"].notna(), 0.0)
    kept = float((promised * strategy["chosen_service_level"].fillna(0.0)).sum())
    lines = float(promised.sum())
    then = capacity.assign(utilisation=capacity["used_then"] / capacity["capacity_then"])
    brought = {("plan_gain", NONE): money.gain, ("plan_cash", NONE): money.cash}
    return brought | {("on_time", NONE): kept / lines if lines else float("nan")} | of_resources(then)


def compared(today: dict[tuple[str, str], float], then: dict[tuple[str, str], float]) -> pd.DataFrame:
    """Return the figures side by side: figure, resource, today, then, change."""
    keys = sorted(dict.fromkeys([*today, *then]), key=lambda key: FIGURES.index(key[0]))
    rows = [(*key, today.get(key, float("nan")), then.get(key, float("nan"))) for key in keys]
    frame = pd.DataFrame(rows, columns=["figure", "resource", "today", "then"]).astype(
        {"today": "float64", "then": "float64"}
    )
    return frame.assign(change=frame["then"] - frame["today"])


def movers(today: pd.DataFrame, then: pd.DataFrame) -> pd.DataFrame:
    """Return the customers that begin or cease to make a loss, or change segment, the largest change first.

    Parameters
    ----------
    today, then : DataFrame
        customer_id, name, profit, and segment where it is known.
    """
    both = today.merge(then[["customer_id", "profit", "segment"]], on="customer_id", suffixes=("", "_then"))
    both["change"] = both["profit_then"] - both["profit"]
    crossed = (both["profit"] < 0) != (both["profit_then"] < 0)
    moved = both["segment"].fillna(NONE) != both["segment_then"].fillna(NONE)
    found = both[crossed | moved]
    order = found["change"].abs().sort_values(ascending=False, kind="stable").index
    columns = ["customer_id", "name", "profit", "profit_then", "change", "segment", "segment_then"]
    return found.loc[order, columns].reset_index(drop=True)
