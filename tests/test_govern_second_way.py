"""Indicators, the tree and actions, a second way: drawn periods in plain pandas from the docs alone."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from indicators_by_hand import (
    ALL,
    CALENDARS,
    CAPACITY,
    OWNERS,
    TARGETS,
    Row,
    books,
    computed,
    indicators,
    inside,
    lines_of,
    over,
    segments_of,
)

from cts_lib.costing.costed import Costed

KEYS = ["customer_id", "channel"]
MONEY = {"carried": -1, "unused": -1, "overdriven": 1, "sustaining": -1, "unassigned": -1}


def values(drawn: Row, at: int, side: pd.DataFrame) -> dict[tuple[str, str], dict[str, float]]:
    """Return the indicators of a period by segment and channel, given the money of its customers."""
    segments = segments_of(side)
    money, lines = side.merge(segments, on=KEYS), lines_of(drawn, at).merge(segments, on=KEYS)
    places = {(a, b) for a in (ALL, *money["segment"]) for b in (ALL, *money["channel"])}
    scopes = {place: inside(money, *place) for place in places}
    return {place: indicators(inside(lines, *place), rows) for place, rows in scopes.items() if len(rows)}


def standard_errors(lines: pd.DataFrame, money: pd.DataFrame) -> dict[str, float]:
    """Return how indicators of a scope scatter where each customer's orders are alike and come at random."""
    sold, told = lines[lines["sold"]], indicators(lines, money)
    each = money.groupby("customer_id")[["net_sales", "gross_margin", "cost_to_serve", "profit"]].sum()
    orders = sold.drop_duplicates([*KEYS, "order_id"]).groupby("customer_id").size().reindex(each.index, fill_value=0)
    each = each.assign(orders=orders, lines=lines.groupby("customer_id").size()).fillna(0.0)
    ratios = {
        "cost_per_order": ("cost_to_serve", "orders"),
        "cost_per_line": ("cost_to_serve", "lines"),
        "profit_margin": ("profit", "net_sales"),
        "order_value": ("net_sales", "orders"),
    }
    found = {}
    for name in ("net_sales", "gross_margin", "cost_to_serve", "profit", "orders"):
        found[name] = float(np.sqrt((each[name] ** 2 / orders.clip(lower=1)).sum()))
    for name, (part, whole) in ratios.items():
        off = each[part] - told[name] * each[whole]
        found[name] = over(float(np.sqrt((off**2 / orders.clip(lower=1)).sum())), each[whole].sum())
    counted = {"unprofitable_share": len(each), "return_share": len(lines), "rush_share": len(lines)}
    counted["on_time"] = int((sold["promised_date"].notna() & sold["arrived"].notna()).sum())
    counted["in_full"] = int(sold["delivered_quantity"].notna().sum())
    for name, count in counted.items():
        share = (told[name] * count + 1) / (count + 2) if count else np.nan
        found[name] = float(np.sqrt(share * (1 - share) / count)) if count else np.nan
    return {name: np.nan if np.isnan(told[name]) else error for name, error in found.items()}


def check_errors(drawn: Row, found: pd.DataFrame, side: pd.DataFrame) -> None:
    """Hold standard errors to those by hand."""
    segments = segments_of(side)
    money, lines = side.merge(segments, on=KEYS), lines_of(drawn, 1).merge(segments, on=KEYS)
    for place, rows in found.groupby(["segment", "channel"]):
        wanted = standard_errors(inside(lines, *place), inside(money, *place))
        told = rows.set_index("kpi")["standard_error"]
        assert told[list(wanted)].to_dict() == pytest.approx(wanted, nan_ok=True), place


def of_unit(drawn: Row, at: int, found: dict[str, float], tables: dict[str, pd.DataFrame]) -> dict[str, float]:
    """Return the indicators that only the unit has."""
    used = tables["resources"].set_index("resource").loc["desk", "used_minutes"]
    booked = sum(row["amount"] for row in drawn["ledger"] if row["resource"] == "desk" and month_of(row) // 3 == at)
    rate, days = booked / CAPACITY, (90, 91)[at]
    stock = [row for row in drawn["stock"] if (row["date"] >= "2026-04") == bool(at)]
    held = {name: [row["on_hand"] for row in stock if row["product_id"] == name] for name in ("p1", "p2")}
    worth = sum(cost * float(np.mean(held[name])) for name, cost in (("p1", 3), ("p2", 5)) if held[name])
    lasts = over(worth, found["net_sales"] - found["gross_margin"]) * days
    return {
        "unused_capacity": max(CAPACITY - used, 0) * rate,
        "overdriven_capacity": max(used - CAPACITY, 0) * rate,
        "days_of_stock": lasts,
        "cash_to_cash_days": lasts + found["payment_days"],
    }


def month_of(row: Row) -> int:
    return int(row["period"][-2:]) - 1


def check_kpis(drawn: Row, found: pd.DataFrame, sides: list[dict[str, pd.DataFrame]], compared: bool) -> None:
    """Hold values, what they are compared with, targets and states to those by hand."""
    told = [values(drawn, at, side["customer_channel_profit"]) for at, side in enumerate(sides)]
    for at, side in enumerate(sides):
        told[at][ALL, ALL] |= of_unit(drawn, at, told[at][ALL, ALL], side)
    assert set(found[["segment", "channel"]].itertuples(index=False, name=None)) == set(told[1])
    for row in found.to_dict("records"):
        place, name = (row["segment"], row["channel"]), row["kpi"]
        value = told[1][place].get(name, np.nan)
        before = told[0].get(place, {}).get(name, np.nan) if compared else np.nan
        assert row["value"] == pytest.approx(value, nan_ok=True), (place, name)
        assert row["previous"] == pytest.approx(before, nan_ok=True), (place, name)
        target, state = TARGETS.get(name, {}), "(none)"
        given_by = {(ALL, ALL): target.get("value")}
        given_by |= {(ALL, channel): aim for channel, aim in target.get("channels", {}).items()}
        given_by |= {(segment, ALL): aim for segment, aim in target.get("segments", {}).items()}
        aim = given_by.get(place)
        if aim is not None and not np.isnan(value):
            good = 1 if name in ("on_time", "profit") else -1
            short = (aim - value) * good
            state = "met" if short <= 0 else "near" if short <= target.get("tolerance", 0) else "missed"
        assert row["target"] == pytest.approx(np.nan if aim is None else aim, nan_ok=True)
        assert row["status"] == state, (place, name, value)


def check_actions(found: pd.DataFrame, kpis: pd.DataFrame, resources: pd.DataFrame) -> None:
    """Hold what is proposed to the missed targets and the resources beyond capacity."""
    missed = kpis[kpis["status"] == "missed"]
    wanted = [
        ("bring_to_target", name, *place, next(OWNERS[each] for each in (name, *place, "default") if each in OWNERS))
        for name, *place in missed[["kpi", "segment", "channel"]].itertuples(index=False, name=None)
    ]
    if resources.set_index("resource").loc["desk", "used_minutes"] > CAPACITY:
        wanted.append(("relieve", "desk", ALL, ALL, "Dana"))
    names = ["action", "subject", "segment", "channel", "owner"]
    assert sorted(found[names].itertuples(index=False, name=None)) == sorted(wanted)
    assert (found["due"] == pd.Timestamp("2026-09-30")).all()
    assert (found["state"] == "proposed").all()
    assert found[["expected_saving", "expected_cash", "realised_saving"]].isna().all(axis=None)


def amounts(tables: dict[str, pd.DataFrame], measure: str, subject: str) -> float:
    """Return the money of a node with its sign, 0 where the period has none."""
    if measure == "activity":
        return -tables["activities"].set_index("activity")["cost"].get(subject, 0.0)
    costs = tables["resources"].set_index("resource")
    if measure in MONEY and subject != "(none)":
        return MONEY[measure] * costs.loc[subject, "assigned" if measure == "carried" else measure]
    if measure in MONEY and measure != "carried":
        return MONEY[measure] * costs[measure].sum()
    whole, given_away = tables["customer_channel_profit"].sum(numeric_only=True), tables["activities"]
    outside = given_away.loc[given_away["resource"].isna(), "cost"].sum()
    lines = {name: whole[name] for name in ("gross_margin", "net_sales", "gross_sales")}
    lines |= {"discounts": -whole["discounts"], "cogs": -whole["cogs"], "cost_to_serve": -whole["cost_to_serve"]}
    lines |= {"carried": -outside, "outside_ledger": outside}
    lines["operating_profit"] = whole["gross_margin"] - costs["ledger"].sum()
    return float(lines[measure])


def chain(parent: str, tables: dict[str, pd.DataFrame], subject: str) -> list[tuple[str, float]]:
    """Return what stands below an activity or a capacity, in order."""
    if parent == "activity":
        row = tables["activities"].set_index("activity").loc[subject]
        return [("volume", row["volume"]), ("unit_cost", over(row["cost"], row["volume"]))]
    row = tables["resources"].set_index("resource").loc[subject]
    return [(name, row[name]) for name in ("capacity_minutes", "used_minutes", "rate")]


def money_of(parent: str, numbers: list[float]) -> float:
    """Return the money that a chain makes."""
    if parent == "activity":
        return -numbers[0] * (0.0 if np.isnan(numbers[1]) else numbers[1])
    free = (numbers[0] - numbers[1]) * (1 if parent == "unused" else -1)
    return MONEY[parent] * max(free, 0.0) * numbers[2]


def check_tree(tree: pd.DataFrame, sides: list[dict[str, pd.DataFrame]], kpis: pd.DataFrame) -> None:
    """Hold every node to its money, and what stands below activities and capacities to chain substitution."""
    measure_of = tree.set_index("node")["measure"]
    unit = kpis[(kpis["segment"] == ALL) & (kpis["channel"] == ALL)].set_index("kpi")
    for row in tree.to_dict("records"):
        parent, name, subject = measure_of.get(row["parent"]), row["measure"], row["subject"]
        if name == "service":
            continue
        if parent == "service":
            assert [row["value"], row["previous"]] == pytest.approx(
                list(unit.loc[name, ["value", "previous"]]), nan_ok=True
            )
            continue
        if name in ("volume", "unit_cost", "capacity_minutes", "used_minutes", "rate"):
            before, now = (chain(str(parent), side, subject) for side in sides)
            at = [each for each, _ in now].index(name)
            steps = [[number for _, number in (*now[:moved], *before[moved:])] for moved in (at, at + 1)]
            if parent == "activity" and np.isnan(before[1][1]):  # it never happened before: all of it is volume
                steps = [[0, 0.0], [now[0][1], now[1][1]]] if at == 0 else [[0, 0.0], [0, 0.0]]
            change = money_of(str(parent), steps[1]) - money_of(str(parent), steps[0])
            value, previous = now[at][1], before[at][1]
        else:
            previous, value = (amounts(side, name, subject) for side in sides)
            change = value - previous
        assert row["value"] == pytest.approx(value, abs=1e-9, nan_ok=True), row["node"]
        assert row["previous"] == pytest.approx(previous, abs=1e-9, nan_ok=True), row["node"]
        assert row["contribution"] == pytest.approx(change, abs=1e-6), row["node"]


@settings(
    max_examples=6,
    phases=[Phase.generate],  # each takes seconds: to shrink would take minutes
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(drawn=books(), calendar=st.sampled_from(CALENDARS))
def test_indicators_tree_and_actions_follow_from_lines_and_costs_of_two_periods(
    drawn: Row, calendar: tuple[Row | None, tuple[str, str]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    found, before = computed(tmp_path_factory.mktemp("govern"), drawn, calendar[0], calendar[1][1])
    assert isinstance(before, Costed)
    tables = found.all_tables
    sides = [before.tables, tables]
    check_kpis(drawn, tables["kpis"], sides, compared=True)
    check_errors(drawn, tables["kpis"], tables["customer_channel_profit"])
    check_actions(tables["actions"], tables["kpis"], tables["resources"])
    check_tree(tables["kpi_tree"], sides, tables["kpis"])
