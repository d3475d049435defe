"""Classes, cards and drift of segments, a second way: drawn periods in plain pandas from the docs alone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.stats import chi2
from small_workbook import UNIT, booked, line, make_workbook

from cts_lib.params import load
from cts_lib.params.period import Period
from cts_lib.run import UnitRun

KEYS = ["customer_id", "channel"]
BEHAVIOUR = ["orders", "order_value", "lines_per_order", "quantity_per_line", "rush_share", "return_share"]


def workbook(folder: Path, seed: int, segmentation: dict[str, Any]) -> Path:
    """Write two years of drawn orders, some of them of several weeks, in two channels; return the params folder."""
    random = np.random.default_rng(seed)
    lines = [
        line(
            f"{year}-{who}-{order}",
            str(at),
            f"c{who:02d}",
            order_date=f"{year}-{month:02d}-{random.integers(1, 28):02d}",
            quantity=int(random.choice([1, 5, 5, 9] if not at else [5, -2])),
            net_sales=int(random.choice([50, 100, 100, 300, 0])),
            cogs=20,
            channel=("retail", "web")[(who + (random.random() < 0.1)) % 2],
            priority=str(random.choice(["rush", "standard"])),
        )
        for year in (2025, 2026)
        for who in range(36)
        for order in range(random.integers(0, 12))
        for month in [random.integers(1, 13)]
        for at in range(random.integers(1, 3))
    ]
    quarters = [f"{year}-Q{quarter}" for year in (2025, 2026) for quarter in (1, 2, 3, 4)]
    return make_workbook(
        folder,
        lines,
        customers=[
            {"customer_id": f"c{who:02d}", "industry": ("food", "metal", "paper")[who % 3]} for who in range(36)
        ],
        ledger=[booked("desk", int(random.integers(300, 900)), quarter) for quarter in quarters],
        segmentation={"value_threshold": [200.0], "cost_threshold": [0.3], "bootstraps": 1, "max_clusters": 2}
        | segmentation,
    )


def lines_of(params: Path, period: Period) -> pd.DataFrame:
    lines = pd.read_csv(params.parent / "data" / "order_lines.csv", dtype={"customer_id": str, "order_id": str})
    lines["day"] = pd.to_datetime(lines["order_date"])
    return lines[lines["day"].between(str(period.start), str(period.end), inclusive="left")]


def abc(money: pd.Series, cuts: list[float], by_money: bool) -> pd.Series:
    """Return A while those before have not brought the first share, of the money or of the customers."""
    whole = money.clip(lower=0).sum() if by_money else len(money)
    ahead = [money[money > each].sum() if by_money else (money > each).sum() for each in money]
    return pd.Series(["ABC"[np.searchsorted(cuts, each / whole, side="right")] for each in ahead], money.index)


def starts(period: Period, bucket: str) -> pd.DatetimeIndex:
    """Return the first days of months, or of weeks from the period's first day; the last week takes what is left."""
    if bucket == "month":
        return pd.date_range(period.start, period.end, freq="MS", inclusive="left")
    return pd.date_range(period.start, periods=(period.end - period.start).days // 7, freq="7D")


def fifths(values: pd.Series) -> pd.Series:
    """Return 5 for the best fifth; equals share the lowest fifth that one of them is in."""
    return np.ceil((values.rank(method="min") * 5 / len(values)).round(9)).astype(int).astype(str)


def check_classes(found: pd.DataFrame, lines: pd.DataFrame, period: Period, policy: dict[str, Any]) -> None:
    """Hold ABC, XYZ and RFM to the lines."""
    money, sold = lines.groupby(KEYS)["net_sales"].sum(), lines[lines["quantity"] > 0]
    orders = sold.drop_duplicates([*KEYS, "order_id"]).groupby(KEYS).size()
    found = found.set_index(KEYS)
    assert sorted(found.index) == sorted(money.index)
    classes = {"abc_money": abc(money, policy.get("abc_money", [0.8, 0.95]), by_money=True)}
    classes["abc_customers"] = abc(money, policy.get("abc_customers", [0.2, 0.5]), by_money=False)
    for name, letters in classes.items():
        assert found[name].to_dict() == letters.to_dict(), name
    bucket = policy.get("xyz_bucket", "auto")
    if bucket == "auto":
        bucket = "week" if orders.median() >= len(starts(period, "week")) else "month"
    first = starts(period, bucket)
    at = np.searchsorted(first, sold["day"], side="right") - 1
    demand = sold.assign(at=at).pivot_table(index=KEYS, columns="at", values="quantity", aggfunc="sum", fill_value=0)
    demand = demand.reindex(columns=range(len(first)), fill_value=0)
    variation = demand.std(axis=1, ddof=1) / demand.mean(axis=1)
    assert found["variation"].to_dict() == pytest.approx(variation.reindex(found.index).to_dict(), nan_ok=True)
    letter = pd.cut(variation, [-1, *policy.get("xyz", [0.5, 1.0]), np.inf], labels=list("XYZ")).astype(str)
    assert found["xyz"].dropna().to_dict() == letter.to_dict()
    assert found["abc_xyz"].dropna().to_dict() == (classes["abc_money"].reindex(letter.index) + letter).to_dict()
    usual = starts(period, "month" if period.months > 6 else "week")
    last = np.searchsorted(usual, sold.groupby(KEYS)["day"].max(), side="right") - 1
    recency = pd.Series(len(usual) - 1.0 - last, orders.index)
    assert found["recency"].dropna().to_dict() == recency.to_dict()
    rfm = fifths(-recency) + fifths(orders) + fifths(money.reindex(orders.index))
    most_again = (orders > 1).sum() >= len(found) / 2
    assert found["rfm"].dropna().to_dict() == (rfm.to_dict() if most_again else {})


def check_cards(tables: dict[str, pd.DataFrame], lines: pd.DataFrame) -> None:
    """Hold what a card says of traits, needs and categories to the segment's customers."""
    segments = tables["segments"][[*KEYS, "segment", "need"]].assign(
        industry=lambda rows: rows["customer_id"].map(lambda name: ("food", "metal", "paper")[int(name[1:]) % 3])
    )
    bought = lines.merge(segments, on=KEYS)
    for card in tables["segment_cards"].to_dict("records"):
        mine = segments[segments["segment"] == card["segment"]]
        ratio = {"trait_value": bought[bought["segment"] == card["segment"]], "trait_of_all": bought}
        for name, rows in ratio.items():
            sold = rows[rows["quantity"] > 0]
            orders, who = len(sold.drop_duplicates([*KEYS, "order_id"])), len(rows.drop_duplicates(KEYS))
            figures = {
                "orders": orders / who,
                "order_value": rows["net_sales"].sum() / orders if orders else np.nan,
                "lines_per_order": len(sold) / orders if orders else np.nan,
                "quantity_per_line": sold["quantity"].mean(),
                "rush_share": (rows["priority"] == "rush").mean(),
                "return_share": (rows["quantity"] < 0).mean(),
            }
            assert card[name] == pytest.approx(figures[card["trait"]]), (card["segment"], card["trait"])
        ours, everybody = (rows.drop_duplicates("customer_id") for rows in (mine, segments))
        has = ours[card["attribute"]] == card["attribute_value"]
        assert card["attribute_share"] == pytest.approx(has.mean())
        of_all = (everybody[card["attribute"]] == card["attribute_value"]).mean()
        assert card["attribute_share_of_all"] == pytest.approx(of_all)
        needs = mine.drop_duplicates(["customer_id", "need"])["need"].value_counts()
        assert needs[card["need"]] == needs.max()
        assert card["need_share"] == pytest.approx(needs.max() / len(ours))


def check_drift(found: pd.DataFrame, now: pd.DataFrame, before: pd.DataFrame) -> int:
    """Hold the population stability index over fifths of the period before; return how many were compared."""
    told = 0
    for row in found[found["dimension"].isin(BEHAVIOUR)].to_dict("records"):
        values, earlier = now[row["dimension"]].round(9), before[row["dimension"]].round(9)
        if values.isna().any() or earlier.isna().any():
            continue
        cuts = sorted(set(np.quantile(earlier, [0.2, 0.4, 0.6, 0.8])))
        bins = [np.searchsorted(cuts, each, side="left") for each in (values, earlier)]
        filled = sorted({*bins[0], *bins[1]})
        p, q = (np.array([max((each == at).mean(), 1e-4) for at in filled]) for each in bins)
        index, chance = (
            ((p - q) * np.log(p / q)).sum(),
            chi2.ppf(0.95, len(filled) - 1) * (1 / len(now) + 1 / len(before)),
        )
        assert (row["psi"], row["chance"]) == pytest.approx((index, chance)), row["dimension"]
        beyond = "moderate" if index < 0.25 else "shifted"
        assert row["verdict"] == ("stable" if index < 0.1 else "within chance" if index <= chance else beyond)
        told += 1
    return told


def check_rules(tables: dict[str, pd.DataFrame]) -> None:
    """Hold how much of a segment each rule finds, and how many of those it finds are of it."""
    who = tables["segments"][[*KEYS, "segment"]].merge(tables["customer_behaviour"], on=KEYS)
    who = who.merge(tables["customer_channel_profit"].drop(columns="orders"), on=KEYS)
    share = who["cost_to_serve"] / who["net_sales"].where(who["net_sales"] > 0)
    who["cost_to_serve_share"] = share.fillna(np.inf)  # cost without sales is dear
    who["industry"] = who["customer_id"].map(lambda name: ("food", "metal", "paper")[int(name[1:]) % 3])
    signs = {"<": "lt", "<=": "le", ">": "gt", ">=": "ge", "=": "eq"}
    for (segment, _), conditions in tables["segment_rules"].groupby(["segment", "rule"]):
        holds = pd.Series(True, who.index)
        for row in conditions.to_dict("records"):
            held_to = row["cut"] if pd.isna(row["value"]) else row["value"]
            holds &= getattr(who[row["dimension"]], signs[row["comparison"]])(held_to)
        own = who["segment"] == segment
        told = conditions[["coverage", "precision"]].drop_duplicates().to_numpy().tolist()
        assert told == [pytest.approx([(holds & own).sum() / own.sum(), (holds & own).sum() / holds.sum()])]


def check_mistakes(tables: dict[str, pd.DataFrame]) -> None:
    """Hold what it costs to serve a customer at another segment's share of sales."""
    money = tables["segments"][[*KEYS, "segment"]].merge(tables["customer_channel_profit"], on=KEYS)
    sums = money.groupby("segment")[["net_sales", "cost_to_serve", "profit"]].sum()
    share, count = sums["cost_to_serve"] / sums["net_sales"], money.groupby("segment").size()
    for row in tables["segment_mistakes"].to_dict("records"):
        own = row["segment"]
        dearer = sums.loc[own, "net_sales"] / count[own] * (share[row["served_as"]] - share[own])
        lost = max(sums.loc[own, "profit"] / count[own], 0.0)
        wanted = (max(dearer, 0.0), lost if dearer < 0 else 0.0)
        assert (row["overspent"], row["at_risk"]) == pytest.approx(wanted), row


@pytest.mark.parametrize(
    ("seed", "name", "policy"),
    [
        (1, "2026-H2", {"xyz_bucket": "month"}),
        (2, "2026-H1", {"abc_money": [0.6, 0.9], "abc_customers": [0.1, 0.4], "xyz": [1.2, 2.5]}),
        (3, "2026", {"xyz_bucket": "week", "xyz": [2.0, 4.0]}),
        (4, "2026", {"xyz_bucket": "auto"}),
    ],
)
def test_classes_cards_and_drift_follow_from_the_lines(
    seed: int, name: str, policy: dict[str, Any], tmp_path: Path
) -> None:
    params, period = workbook(tmp_path, seed, policy), Period.parse(name)
    unit_run = UnitRun(load(params, [UNIT], [])[0])
    tables = unit_run.compute(period, ("profile", "segment")).all_tables
    before = unit_run.compute(period.previous, ("profile",)).all_tables["customer_behaviour"]
    unit_run.close()
    lines = lines_of(params, period)
    check_classes(tables["customer_classes"], lines, period, policy)
    check_cards(tables, lines)
    check_rules(tables)
    check_mistakes(tables)
    assert check_drift(tables["segment_drift"], tables["customer_behaviour"], before) >= 3
