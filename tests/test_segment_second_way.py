"""The tables of segments, a second way: drawn periods in plain pandas from docs/tables.md and segment.md."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from indicators_by_hand import (
    ALL,
    CALENDARS,
    CUTS,
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
MONEY = ["net_sales", "gross_margin", "cost_to_serve", "profit"]
SERVICE = ["lead_time_days", "on_time", "in_full"]
Tables = dict[str, pd.DataFrame]


def check_matrix(found: pd.DataFrame, money: pd.DataFrame, lines: pd.DataFrame) -> None:
    for row in found.to_dict("records"):
        own = inside(money, row["segment"], row["channel"])
        wanted = indicators(inside(lines, row["segment"], row["channel"]), own)
        assert row["customers"] == own["customer_id"].nunique()
        assert [row[name] for name in MONEY + SERVICE] == pytest.approx(
            [wanted[name] for name in MONEY + SERVICE], nan_ok=True
        )
    cells = set(money[["segment", "channel"]].itertuples(index=False, name=None))
    places = cells | {(segment, ALL) for segment, _ in cells} | {(ALL, channel) for _, channel in cells} | {(ALL, ALL)}
    assert set(found[["segment", "channel"]].itertuples(index=False, name=None)) == places


def check_cards(found: pd.DataFrame, money: pd.DataFrame, lines: pd.DataFrame, costs: pd.DataFrame) -> None:
    whole = money["net_sales"].sum()
    assert sorted(found["segment"]) == sorted(set(money["segment"]))
    for card in found.to_dict("records"):
        own, bought = inside(money, card["segment"], ALL), inside(lines, card["segment"], ALL)
        wanted = indicators(bought, own)
        customers = own["customer_id"].nunique()
        wanted |= {
            "customers": customers,
            "share_of_customers": customers / money["customer_id"].nunique(),
            "lines": len(bought),
            "share_of_sales": over(wanted["net_sales"], whole),
            "orders_per_customer": wanted["orders"] / customers,
        }
        numbers = ["customers", "share_of_customers", "orders", "lines", "share_of_sales", "cost_to_serve_share"]
        numbers += ["profit_margin", "orders_per_customer", "order_value", "rush_share", *MONEY, *SERVICE]
        assert {name: card[name] for name in numbers} == pytest.approx(
            {name: wanted[name] for name in numbers}, nan_ok=True
        )
        of_families = bought.groupby("family")["net_sales"].sum()
        if len(of_families):
            assert of_families[card["family"]] == pytest.approx(of_families.max())
            share = over(of_families.max(), wanted["net_sales"])
            assert card["family_share"] == pytest.approx(share, nan_ok=True)
        of_activities = inside(costs, card["segment"], ALL).groupby("activity")["cost"].sum()
        assert of_activities[card["activity"]] == pytest.approx(of_activities.max())
        share = over(of_activities.max(), wanted["cost_to_serve"])
        assert card["activity_share"] == pytest.approx(share, nan_ok=True)
        assert card["customer_id"] in set(own["customer_id"])


def check_cross(found: pd.DataFrame, segments: pd.DataFrame) -> None:
    counts = segments.groupby(["segment", "cluster"]).size()
    told = found[found["customers"] > 0].set_index(["segment", "cluster"])
    assert told["customers"].to_dict() == counts.to_dict()
    shares = counts / counts.groupby("segment").transform("sum")
    assert told["share_of_segment"].to_dict() == pytest.approx(shares.to_dict())


def check_migration(found: pd.DataFrame, now: pd.DataFrame, before: pd.DataFrame) -> None:
    """Hold who moved to both periods placed by the cuts of params."""
    both = before.merge(now, on=KEYS, how="outer", suffixes=("_before", ""))
    both["from_segment"] = both["segment_before"].fillna("(new)")
    both["to_segment"] = both["segment"].fillna("(lost)")
    for name in ("net_sales", "profit"):
        both[name] = both[name].fillna(both[name + "_before"])
    wanted = both.groupby(["from_segment", "to_segment"]).agg(
        customers=("customer_id", "size"), net_sales=("net_sales", "sum"), profit=("profit", "sum")
    )
    told = found[found["scheme"] == "segments"].set_index(["from_segment", "to_segment"])
    assert sorted(told.index) == sorted(wanted.index)
    for name in wanted:
        assert told[name].to_dict() == pytest.approx(wanted[name].to_dict()), name


def check_drivers(found: pd.DataFrame, money: pd.DataFrame, lines: pd.DataFrame, tables: Tables) -> None:
    """Hold the medians of what a unit of net sales takes to the lines."""
    selling = money[money["net_sales"] > 0].set_index(KEYS)
    sold = lines[lines["sold"]]
    counts = {
        ("entry", "1"): lines.groupby(KEYS)["order_id"].nunique(),
        ("entry", "lines"): lines.groupby(KEYS).size(),
        ("trips", "1"): lines.groupby(KEYS)["shipment_id"].nunique(),
        ("interest", "quantity"): sold.groupby(KEYS)["quantity"].sum(),
    }
    minute = tables["resources"].set_index("resource").loc["desk", "rate"]
    trips = tables["activities"].set_index("activity").loc["trips", "unit_cost"]
    price = {("entry", "1"): 12 * minute, ("entry", "lines"): 3 * minute, ("trips", "1"): trips}
    price[("interest", "quantity")] = 0.1
    told = found.set_index(["segment", "activity", "driver"])
    for (activity, driver), count in counts.items():
        each = count.reindex(selling.index).fillna(0.0) / selling["net_sales"]
        for segment in {ALL, *selling["segment"]}:
            own = each[(selling["segment"] == segment) | (segment == ALL)]
            if own.sum() == 0:
                continue
            row = told.loc[(segment, activity, driver)]
            assert row["customers"] == len(own)
            assert row["quantity"] == pytest.approx(own.median()), (segment, activity, driver)
            assert row["cost"] == pytest.approx(own.median() * price[activity, driver]), (segment, activity, driver)


def check_health(found: pd.DataFrame, now: pd.DataFrame, before: pd.DataFrame, tables: Tables) -> None:
    drift = tables["segment_drift"]
    told = found.set_index("check")
    shifted = over((drift["verdict"] == "shifted").sum(), len(drift))
    assert told.loc["dimensions that shifted", "value"] == pytest.approx(0.0 if np.isnan(shifted) else shifted)
    same = told.loc["same class by the cuts of the period before"]
    assert same["value"] == pytest.approx(1.0)  # cuts in money stay what they are
    for row in found.to_dict("records"):
        keeps = row["value"] <= row["limit"] if "shifted" in row["check"] else row["value"] >= row["limit"]
        assert row["passed"] == keeps


@settings(
    max_examples=4,
    phases=[Phase.generate],  # each takes seconds: to shrink would take minutes
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(drawn=books(), calendar=st.sampled_from(CALENDARS))
def test_the_tables_of_segments_follow_from_lines_and_costs_of_two_periods(
    drawn: Row, calendar: tuple[Row | None, tuple[str, str]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    found, earlier = computed(tmp_path_factory.mktemp("segment"), drawn, calendar[0], calendar[1][1])
    assert isinstance(earlier, Costed)
    tables = found.all_tables
    money, then = (side["customer_channel_profit"] for side in (tables, earlier.tables))
    money, then = money.merge(segments_of(money), on=KEYS), then.merge(segments_of(then), on=KEYS)
    segments = tables["segments"].merge(money[[*KEYS, "segment"]], on=KEYS, suffixes=("", "_wanted"))
    assert (segments["segment"] == segments["segment_wanted"]).all()
    assert ((segments["value_class"] == "high") == (money["gross_margin"] >= CUTS[0])).all()
    lines = lines_of(drawn, 1).merge(money[[*KEYS, "segment"]], on=KEYS)
    costs = tables["customer_costs"].merge(money[[*KEYS, "segment"]], on=KEYS)
    check_matrix(tables["segment_matrix"], money, lines)
    check_cards(tables["segment_cards"], money, lines, costs)
    check_cross(tables["segment_cross"], segments)
    check_migration(tables["segment_migration"], money, then)
    check_drivers(tables["segment_drivers"], money, lines, tables)
    check_health(tables["segment_health"], money, then, tables)
