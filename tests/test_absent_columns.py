"""What an absent column means: the measures that need it are unknown, wherever they stand; nothing else changes."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from small_workbook import CUSTOMERS, compute, line, make_workbook

from cts_lib import measures

FULL = {
    "priority": "rush",
    "order_method": "edi",
    "promised_date": "2026-02-06",
    "shipped_date": "2026-02-04",
    "delivered_date": "2026-02-05",
    "delivered_quantity": "9",
    "distance_km": "30",
    "weight_kg": "4",
}
ABSENT: dict[tuple[str, ...], set[str]] = {
    (): set(),
    ("priority",): {"rush_share"},
    ("order_method",): {"electronic_share"},
    ("promised_date",): {"promised_days", "on_time", "on_time_orders", "service_level"},
    ("delivered_date", "shipped_date"): {
        "lead_time_days",
        "lead_time_spread",
        "speed_days",
        "speed_p95_days",
        "cycle_time_days",
        "on_time",
        "on_time_orders",
        "service_level",
    },
    ("delivered_quantity",): {"in_full", "in_full_orders", "fill_rate"},
    ("weight_kg",): {"cost_per_kg"},
    ("distance_km",): {"distance_km", "drops_per_100_km"},
}
TOWNS = [customer | {"city": "Town"} for customer in CUSTOMERS]
NEEDING = {each.name for each in measures.MEASURES if each.needs}
STAGES = ("profile", "segment", "strategy", "govern")


def lines(**more: str) -> list[dict[str, str]]:
    back = {"quantity": "-1", "net_sales": "-10", "cogs": "-6"}
    rows = [line("o1", "1"), line("o1", "2"), line("o2"), line("o3", customer_id="c2"), line("o4", customer_id="c2")]
    return [row | more for row in [*rows, line("o5", **back)]]


def values(tables: dict[str, pd.DataFrame]) -> dict[str, dict[str, pd.Series]]:
    """Every column, and every indicator of ``kpis``, that is of a measure, by the measure and its place."""
    found: dict[str, dict[str, pd.Series]] = {}
    for table, frame in tables.items():
        for column in frame.columns:
            name = column.removeprefix("current_").removeprefix("chosen_")
            if name in measures.WORDS and len(frame):
                found.setdefault(name, {})[f"{table}.{column}"] = frame[column]
    for name, part in tables["kpis"].groupby("kpi"):
        found.setdefault(str(name), {})["kpis"] = part["value"]
    return found


@pytest.mark.parametrize("absent", ABSENT, ids=" and ".join)
def test_a_measure_is_unknown_where_no_line_has_what_it_needs(tmp_path: Path, absent: tuple[str, ...]) -> None:
    filled = {name: value for name, value in FULL.items() if name not in absent}
    found = values(compute(make_workbook(tmp_path, lines(**filled), customers=TOWNS), stages=STAGES).all_tables)
    unknown = {
        name: {place: bool(column.isna().all()) for place, column in found[name].items()} for name in sorted(NEEDING)
    }
    assert unknown == {name: dict.fromkeys(places, name in ABSENT[absent]) for name, places in unknown.items()}
    columns = {f"order_lines.{name}" for name in filled}
    assert {each.name for each in measures.unknown(columns)} == ABSENT[absent]


def test_one_line_that_has_a_priority_makes_the_others_ordinary(tmp_path: Path) -> None:
    rows = [*lines(), line("o6", customer_id="c2", priority="rush")]
    found = compute(make_workbook(tmp_path, rows)).all_tables["customer_behaviour"]
    assert found.set_index("customer_id")["rush_share"].to_dict() == pytest.approx({"c1": 0, "c2": 1 / 3})


def test_returns_are_always_known(tmp_path: Path) -> None:
    found = values(compute(make_workbook(tmp_path, lines()), stages=STAGES).all_tables)["return_share"]
    assert set(found) >= {"customer_behaviour.return_share", "kpis"}
    assert found["customer_behaviour.return_share"].tolist() == [0.25, 0.0]


def test_rush_costs_nothing_where_no_line_has_a_priority(tmp_path: Path) -> None:
    minutes = {"entry": {"resource": "desk", "per": "order", "minutes": "10 + 30*rush"}}
    model = {"resources": {"desk": {"capacity_minutes": 1000}}, "activities": minutes}
    found = compute(make_workbook(tmp_path, lines(), model)).all_tables["activities"]
    assert found["missing"].tolist() == [0]
    assert found["minutes"].tolist() == [50]
