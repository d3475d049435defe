"""The supply chain of a segment in a channel follows from its demand and its supply under the plan, as Lee says."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from small_workbook import QUARTER, UNIT, booked, compute, line, make_workbook

from cts_lib.params.strategy import Archetypes
from cts_lib.strategy.archetypes import named

STAGES = ("profile", "segment", "strategy")
MODEL = {
    "resources": {"freight": {}},
    "activities": {"bills": {"resource": "freight", "per": "shipment", "direct": "freight_cost"}},
}
WEEKS = pd.date_range("2026-01-01", periods=12, freq="7D")
STEADY, LUMPY = [10] * 12, [0, 0, 90, 0, 0, 0, 2, 0, 0, 40, 0, 0]
CELLS = {
    "both certain": ("a", STEADY, 0, "near"),
    "demand varies": ("b", LUMPY, 0, "near"),
    "comes late": ("c", STEADY, 6, "near"),
    "both uncertain": ("d", LUMPY, 2, "near"),
    "replenished anyhow": ("e", STEADY, 0, "far"),
    "seldom late": ("f", STEADY, 1, "unruled"),
}
"""By channel: its one customer, what is bought each week, how many deliveries come late, and from which warehouse."""
RULES = [
    {"business_unit": UNIT, "product_id": "p1", "warehouse": warehouse, "lead_time_days": 10, "lead_time_sd_days": sd}
    for warehouse, sd in (("near", 3), ("far", 8))
]
TRADE = [
    line(
        f"{customer}{week:%m%d}",
        customer_id=customer,
        channel=channel,
        order_date=f"{week:%Y-%m-%d}",
        quantity=quantity,
        warehouse=warehouse,
        promised_date=f"{week + pd.Timedelta(days=3):%Y-%m-%d}",
        delivered_date=f"{week + pd.Timedelta(days=4 if number < late else 3):%Y-%m-%d}",
    )
    for channel, (customer, quantities, late, warehouse) in CELLS.items()
    for number, (week, quantity) in enumerate(
        (week, quantity) for week, quantity in zip(WEEKS, quantities, strict=True) if quantity
    )
]

TRADE += [
    line(
        f"more{week:%m%d}{quantity}",
        customer_id="e",
        channel="replenished anyhow",
        order_date=f"{week:%Y-%m-%d}",
        quantity=quantity,
        warehouse="near",
        promised_date="",
        delivered_date="",
    )
    for week, quantity in [*((week, 5) for week in WEEKS), (WEEKS[3], -40)]
]
"""Of two warehouses the quantities weigh, and what came back was not replenished."""


def strategy(folder: Path, lines: list[dict[str, Any]], **more: Any) -> pd.DataFrame:
    customers = [{"customer_id": each[0], "name": each[0], "channel": name} for name, each in CELLS.items()]
    ledger = [booked("freight", 3000)]
    params = make_workbook(folder, lines, MODEL, customers=customers, replenishment=RULES, ledger=ledger, strategy=more)
    return compute(params, QUARTER, STAGES).all_tables["strategy"].set_index("channel")


def by_hand(lines: list[dict[str, Any]], demand: float = 0.5, late: float = 0.1, supply: float = 0.5) -> pd.DataFrame:
    """The rule in plain pandas, for customers who are alone in their channel and whom no lever changes."""
    frame = pd.DataFrame(lines)
    frame["quantity"] = frame["quantity"].astype(float)
    frame = frame[frame["quantity"] > 0]
    frame["week"] = (pd.to_datetime(frame["order_date"]) - WEEKS[0]).dt.days // 7
    weekly = frame.pivot_table(index="channel", columns="week", values="quantity", aggfunc="sum", fill_value=0)
    weekly = weekly.reindex(columns=range(12), fill_value=0)
    frame = frame.merge(pd.DataFrame(RULES), on=["product_id", "warehouse"], how="left")
    frame["late"] = (frame["delivered_date"] > frame["promised_date"]).where(frame["promised_date"] != "")
    ratio = frame["lead_time_sd_days"] / frame["lead_time_days"] * frame["quantity"]
    sold = frame.groupby("channel")["quantity"].sum()
    table = pd.DataFrame(
        {
            "demand_variation": weekly.std(axis=1) / weekly.mean(axis=1),
            "supply_variation": ratio.groupby(frame["channel"]).sum(min_count=1) / sold,
            "late": frame.groupby("channel")["late"].agg(lambda those: those.mean()),
        }
    )
    names = {(False, False): "efficient", (True, False): "responsive", (False, True): "risk-hedging"}
    table["archetype"] = [
        names.get((row.demand_variation > demand, row.late > late or row.supply_variation > supply), "agile")
        for row in table.itertuples()
    ]
    return table


def test_the_rule_gives_what_it_gives_by_hand(tmp_path: Path) -> None:
    found, wanted = strategy(tmp_path, TRADE, levers={}), by_hand(TRADE)
    assert found["archetype"].to_dict() == wanted["archetype"].to_dict()
    assert wanted["archetype"].to_dict() == {
        "both certain": "efficient",
        "demand varies": "responsive",
        "comes late": "risk-hedging",
        "both uncertain": "agile",
        "replenished anyhow": "risk-hedging",
        "seldom late": "efficient",
    }
    for measure in ("demand_variation", "supply_variation"):
        assert found[measure].to_dict() == pytest.approx(wanted[measure].to_dict(), nan_ok=True)


def test_the_thresholds_are_those_of_the_params(tmp_path: Path) -> None:
    above = {"demand_variation": 3, "late": 0.05, "supply_variation": 0.9}
    found = strategy(tmp_path, TRADE, levers={}, archetypes=above)["archetype"]
    assert found.to_dict() == by_hand(TRADE, 3, 0.05, 0.9)["archetype"].to_dict()
    assert set(found) == {"efficient", "risk-hedging"}
    assert found["seldom late"] == "risk-hedging"


def test_what_is_at_a_threshold_is_not_above_it() -> None:
    at = {"demand_variation": 0.5, "supply_variation": 0.5, "chosen_service_level": 0.9}
    above = {"demand_variation": 0.501, "supply_variation": 0.501, "chosen_service_level": 0.899}
    rows = [at, *({**at, name: value} for name, value in above.items())]
    names = named(pd.DataFrame(rows), Archetypes(demand_variation=0.5, late=0.1, supply_variation=0.5))
    assert names.tolist() == ["efficient", "responsive", "risk-hedging", "risk-hedging"]


def test_where_a_side_is_not_known_there_is_no_name(tmp_path: Path) -> None:
    found = strategy(tmp_path, [each | {"promised_date": ""} for each in TRADE], levers={})
    assert pd.isna(found.loc["seldom late", "archetype"])
    assert found.loc["comes late", "archetype"] == "efficient", "its replenishment alone tells"


def test_a_plan_that_delivers_later_makes_another_chain_of_a_cell(tmp_path: Path) -> None:
    shipped = [each | {"shipped_date": each["order_date"], "freight_cost": 50, "ship_mode": "van"} for each in TRADE]
    fortnights = {"rhythm": {"settings": {"fortnights": {"days": 14}}}}
    today = strategy(tmp_path / "today", shipped, levers={}).loc["both certain"]
    then = strategy(tmp_path / "then", shipped, levers=fortnights, max_service_loss=1.0).loc["both certain"]
    assert (today["archetype"], then["archetype"]) == ("efficient", "risk-hedging")
    assert today["demand_variation"] == then["demand_variation"]
    assert 1 - then["chosen_service_level"] > 0.1
