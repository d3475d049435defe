"""Governance: an exact bridge between periods, control limits from the history, targets and actions."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_workbook import UNIT, booked, compute, event, line, make_workbook, open_run

from cts_lib.govern.bridge import COMPONENTS
from cts_lib.params import load
from cts_lib.params.period import Period
from cts_lib.run import Results, UnitRun

ALL = "(all)"
STAGES = ("profile", "segment", "govern")
BEFORE, NOW = "2026-Q1", "2026-Q2"
MODEL: dict[str, Any] = {
    "resources": {"desk": {"capacity_minutes": 300}, "trucks": {}, "freight": {}, "brand": {"level": "business_unit"}},
    "activities": {
        "entry": {"resource": "desk", "per": "order", "minutes": "10 + 2*lines"},
        "calls": {"resource": "desk", "per": "event:call", "minutes": "8*quantity"},
        "drops": {"resource": "trucks", "per": "shipment", "driver": "1", "when": "net_sales > 50"},
        "bills": {"resource": "freight", "per": "shipment", "direct": "freight_cost"},
        "interest": {"per": "line", "driver": "net_sales", "rate": 0.01},
    },
}
PRODUCTS = [{"product_id": "p1", "family": "a"}, {"product_id": "p2", "family": "b"}]
LINES = st.lists(
    st.fixed_dictionaries(
        {
            "order_id": st.sampled_from(["o1", "o2"]),
            "customer_id": st.sampled_from(["c1", "c2"]),
            "product_id": st.sampled_from(["p1", "p2"]),
            "quantity": st.integers(-4, 12),
            "net_sales": st.integers(-2000, 20_000).map(lambda cents: cents / 100),
            "cogs": st.integers(0, 10_000).map(lambda cents: cents / 100),
            "freight_cost": st.sampled_from(["", "4.4"]),
        }
    ),
    min_size=1,
    max_size=5,
)
LEDGER = st.lists(st.integers(0, 500), min_size=4, max_size=4)


def ledger(amounts: list[int], period: str) -> list[dict[str, Any]]:
    return [booked(name, amount, period) for name, amount in zip(MODEL["resources"], amounts, strict=True)]


def rows(lines: list[dict[str, Any]], day: str) -> list[dict[str, Any]]:
    return [
        line(**item | {"order_id": f"{item['order_id']}-{day}"}, line_no=str(place), order_date=day)
        for place, item in enumerate(lines)
    ]


def both(params: Path) -> tuple[Results, Results]:
    """Compute two periods one after the other."""
    unit_run = open_run(params)
    try:
        before, now = (unit_run.compute(Period.parse(period), STAGES) for period in (BEFORE, NOW))
    finally:
        unit_run.close()
    return before, now


@settings(max_examples=8)
@given(LINES, LINES, LEDGER, LEDGER, st.booleans())
def test_the_bridge_is_exact_in_every_cell_and_in_total(
    old: list[dict[str, Any]], new: list[dict[str, Any]], paid: list[int], paid_now: list[int], called: bool
) -> None:
    events = [event("call", event_date="2026-05-05", quantity=3)] if called else []
    with tempfile.TemporaryDirectory() as folder:
        before, now = both(
            make_workbook(
                Path(folder),
                rows(old, "2026-02-02") + rows(new, "2026-05-05"),
                MODEL,
                products=PRODUCTS,
                events=events,
                ledger=ledger(paid, BEFORE) + ledger(paid_now, NOW),
            )
        )
    bridge = now.tables["govern"]["bridge"]
    assert set(bridge["component"]) == set(COMPONENTS)
    sums = bridge.groupby(["segment", "channel"])["amount"].sum()
    change = statement(now) - statement(before)
    assert sums[ALL, ALL] == pytest.approx(change["operating_profit"], abs=1e-6)
    kept, gone = cells(now), cells(before)
    keys = ["customer_id", "channel"]
    merged = kept.merge(gone, on=keys, how="outer", suffixes=("", "_before"))
    merged["segment"] = merged["segment"].fillna(merged["segment_before"])
    merged = merged.fillna({"profit": 0.0, "profit_before": 0.0})
    merged["change"] = merged["profit"] - merged["profit_before"]
    for (segment, channel), amount in merged.groupby(["segment", "channel"])["change"].sum().items():
        assert sums[segment, channel] == pytest.approx(amount, abs=1e-6)


def statement(results: Results) -> pd.Series:
    amounts: pd.Series = results.tables["profile"]["statement"].set_index("line")["amount"]
    return amounts


def cells(results: Results) -> pd.DataFrame:
    profit = results.tables["profile"]["customer_channel_profit"][["customer_id", "channel", "profit"]]
    return profit.merge(results.tables["segment"]["segments"][["customer_id", "channel", "segment"]])


def bridge_of(folder: Path, old: list[dict[str, Any]], new: list[dict[str, Any]], **more: Any) -> pd.Series:
    """The total row of a bridge by component."""
    amounts = more.pop("amounts", ([0, 0, 0, 0], [0, 0, 0, 0]))
    _, now = both(
        make_workbook(
            folder,
            rows(old, "2026-02-02") + rows(new, "2026-05-05"),
            MODEL,
            products=PRODUCTS,
            ledger=ledger(amounts[0], BEFORE) + ledger(amounts[1], NOW),
            **more,
        )
    )
    table = now.tables["govern"]["bridge"]
    totals: pd.Series = table[table["segment"] == ALL].set_index("component")["amount"]
    return totals


SOLD = {"order_id": "o1", "customer_id": "c1", "quantity": 10, "net_sales": 100, "cogs": 60}


def test_a_dearer_price_is_price_and_a_new_customer_is_customers(tmp_path: Path) -> None:
    dearer = bridge_of(tmp_path / "price", [SOLD], [SOLD | {"net_sales": 110}])
    assert dearer["price"] == pytest.approx(10)  # interest is charged outside the ledger
    new = bridge_of(tmp_path / "new", [SOLD], [SOLD, SOLD | {"customer_id": "c2", "order_id": "o2"}])
    assert new["customers"] == pytest.approx(40)
    assert new[["price", "volume", "mix", "efficiency", "rate"]].abs().sum() == pytest.approx(0)


def test_more_of_the_same_is_volume_and_another_family_is_mix(tmp_path: Path) -> None:
    more = bridge_of(tmp_path / "volume", [SOLD], [SOLD | {"quantity": 20, "net_sales": 200, "cogs": 120}])
    assert (more["volume"], more["efficiency"]) == (pytest.approx(40), 0)
    other = bridge_of(tmp_path / "mix", [SOLD], [SOLD | {"product_id": "p2", "cogs": 80}])
    assert other["mix"] == pytest.approx(-20)
    assert other[["price", "volume"]].abs().sum() == pytest.approx(0)


def test_a_dearer_minute_is_rate_whether_it_was_worked_or_idle(tmp_path: Path) -> None:
    found = bridge_of(tmp_path, [SOLD], [SOLD], amounts=([300, 0, 0, 0], [600, 0, 0, 0]))
    assert found["rate"] == pytest.approx(-300)
    assert found["capacity"] == pytest.approx(0)


def test_when_no_customer_is_left_all_is_customers(tmp_path: Path) -> None:
    found = bridge_of(tmp_path, [SOLD], [SOLD | {"customer_id": "c2"}])
    assert found["customers"] == pytest.approx(0)
    assert found.drop("customers").abs().sum() == 0


def test_without_a_previous_period_nothing_is_compared(tmp_path: Path) -> None:
    before, now = both(
        make_workbook(
            tmp_path,
            rows([SOLD], "2026-02-02") + rows([SOLD], "2026-05-05"),
            MODEL,
            ledger=ledger([1] * 4, BEFORE) + ledger([1] * 4, NOW),
        )
    )
    assert before.tables["govern"]["bridge"].empty
    assert before.tables["govern"]["kpis"]["previous"].isna().all()
    assert any("no comparable data for 2025-Q4" in note.english for note in before.notes["govern"])
    old, new = (results.tables["govern"]["kpis"] for results in (before, now))
    merged = new.merge(old, on=["segment", "channel", "kpi"], suffixes=("", "_then"))
    known = merged.dropna(subset=["value_then"])
    assert known["previous"].tolist() == pytest.approx(known["value_then"].tolist())


def test_a_period_whose_ledger_lacks_what_this_one_books_is_not_compared(tmp_path: Path) -> None:
    lines = rows([SOLD], "2026-02-02") + rows([SOLD], "2026-05-05")
    _, now = both(make_workbook(tmp_path, lines, MODEL, ledger=ledger([1] * 4, NOW)))
    assert now.tables["govern"]["bridge"].empty
    told = [note.english for note in now.notes["govern"]]
    assert "The ledger of 2026-Q1 books nothing for brand, desk, freight, trucks, which this period's does." in told


MONTHS = [f"{2025 + place // 12}-{place % 12 + 1:02d}" for place in range(8)]


SALES = [100.0, 110, 100, 120, 100, 110, 105, 500]


def make_months(folder: Path, **governance: Any) -> Path:
    """Write an order a month; return the params folder."""
    lines = [
        line(f"o{month}", order_date=f"{month}-05", net_sales=amount, cogs=0)
        for month, amount in zip(MONTHS, SALES, strict=True)
    ]
    return make_workbook(folder, lines, ledger=[booked("desk", 10, month) for month in MONTHS], governance=governance)


@pytest.fixture(scope="module")
def params_of_months(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_months(tmp_path_factory.mktemp("months"), minimum_history=6)


@pytest.fixture(scope="module")
def months(params_of_months: Path) -> list[Results]:
    """The months one after the other, each with those before as its history."""
    unit_run = open_run(params_of_months)
    try:
        return [unit_run.compute(Period.parse(month), STAGES) for month in MONTHS]
    finally:
        unit_run.close()


def total(results: Results, kpi: str) -> pd.Series:
    table = results.tables["govern"]["kpis"]
    found: pd.Series = table[(table["segment"] == ALL) & (table["channel"] == ALL) & (table["kpi"] == kpi)].iloc[0]
    return found


def test_control_limits_are_those_of_an_individuals_chart_and_give_signals(months: list[Results]) -> None:
    assert [pd.isna(total(results, "net_sales")["lower_limit"]) for results in months] == [True] * 6 + [False] * 2
    seventh, eighth = total(months[6], "net_sales"), total(months[7], "net_sales")
    earlier = pd.Series(SALES[:6])
    width = 2.66 * earlier.diff().abs().mean()
    assert seventh["upper_limit"] == pytest.approx(earlier.mean() + width)
    assert seventh["lower_limit"] == pytest.approx(earlier.mean() - width)
    assert (seventh["signal"], eighth["signal"]) == ("(none)", "above")


def test_limits_use_only_earlier_periods_of_the_same_length(params_of_months: Path, months: list[Results]) -> None:
    history = pd.concat(
        [m.tables["govern"]["kpis"].assign(period=name) for m, name in zip(months, MONTHS, strict=True)]
    )
    unit = load(params_of_months, [UNIT], ["governance.minimum_history=3"])[0]
    for period, known in (("2025-03", False), ("2025-04", True), ("2025-Q3", False)):
        unit_run = UnitRun(unit, history)
        try:
            found = total(unit_run.compute(Period.parse(period), STAGES), "net_sales")
        finally:
            unit_run.close()
        assert pd.notna(found["upper_limit"]) == known, period


def test_a_customer_of_two_channels_is_one_customer_of_the_unit(tmp_path: Path) -> None:
    sold = [SOLD, SOLD | {"order_id": "o2", "channel": "web", "cogs": 180}]
    sold += [SOLD | {"order_id": "o3", "customer_id": "c2"}]
    lines = [line(**item, line_no="1", order_date="2026-05-05") for item in sold]
    results = compute(make_workbook(tmp_path, lines, ledger=[booked("desk", 10, NOW)]), NOW, STAGES)
    profit = results.tables["profile"]["customer_profit"]["profit"]
    assert total(results, "unprofitable_share")["value"] == pytest.approx((profit < 0).mean()) == 0.5
    assert total(results, "lost_on_customers")["value"] == pytest.approx(-profit[profit < 0].sum())
    table = results.tables["govern"]["kpis"]
    web = table[(table["segment"] == ALL) & (table["channel"] == "web")].set_index("kpi")["value"]
    assert web["unprofitable_share"] == 1
    assert web["cost_per_order"] == pytest.approx(web["cost_to_serve"])


@pytest.mark.parametrize(
    ("compare", "change"), [("previous", 40), ("year_before", 60), ("2025-Q3", 55), ("2026", None), ("2026-Q2", None)]
)
def test_what_is_compared_with_can_be_chosen(tmp_path: Path, compare: str, change: float | None) -> None:
    sales = {"2025-Q2": 40, "2025-Q3": 45, "2026-Q1": 60, "2026-Q2": 100}
    days = {period: str(Period.parse(period).start) for period in sales}
    lines = [
        line(f"o{number}", order_date=days[period], net_sales=amount, cogs=0)
        for number, (period, amount) in enumerate(sales.items())
    ]
    paid = [booked("desk", 10, period) for period in sales]
    params = make_workbook(tmp_path, lines, ledger=paid, governance={"compare": compare})
    results = compute(params, NOW, STAGES)
    bridge = results.tables["govern"]["bridge"]
    assert total(results, "net_sales")["value"] == 100
    assert results.tables["segment"]["segments"]["segment"].notna().all()
    if change is None:
        assert bridge.empty
        expected = f"{compare} is not an earlier period as long as 2026-Q2: nothing is compared."
        assert expected in [note.english for note in results.stages["govern"].notes]
    else:
        assert bridge.loc[bridge["segment"] == ALL, "amount"].sum() == pytest.approx(change)
        assert total(results, "net_sales")["previous"] == pytest.approx(100 - change)


def test_targets_are_met_or_missed_and_a_missed_one_becomes_an_action(tmp_path: Path) -> None:
    targets = {
        "net_sales": {"value": 100},
        "profit": {"value": 1000},
        "cost_to_serve": {"value": 50},
        "lines_per_order": {"value": 5, "better": "lower"},
        "on_time": {"value": 0.9},
        "order_value": {"value": 500.5, "tolerance": 1, "channels": {"moon": 1}},
    }
    owners = {"default": "Chief", "profit": "Head of sales"}
    params = make_months(tmp_path, targets=targets, owners=owners, action_days=30)
    results = compute(params, MONTHS[-1], STAGES)
    found = {kpi: total(results, kpi)["status"] for kpi in (*targets, "orders")}
    assert found == {
        "net_sales": "met",
        "profit": "missed",
        "cost_to_serve": "met",
        "lines_per_order": "met",
        "on_time": "(none)",
        "order_value": "near",
        "orders": "(none)",
    }
    notes = [note.english for note in results.stages["govern"].notes]
    assert "There are targets for moon, which this period does not have." in notes
    actions = results.tables["govern"]["actions"]
    assert actions[["action", "subject", "owner", "state"]].to_numpy().tolist() == [
        ["bring_to_target", "profit", "Head of sales", "proposed"]
    ]
    assert [str(day)[:10] for day in actions["due"]] == ["2025-09-30"]


def test_a_resource_beyond_its_capacity_is_to_be_relieved_by_whoever_owns_it(tmp_path: Path) -> None:
    desk = {"capacity_minutes": 20, "owner": "Head of orders"}
    model = MODEL | {"resources": MODEL["resources"] | {"desk": desk}}
    lines = rows([SOLD], "2026-02-02") + rows([SOLD, SOLD | {"order_id": "o2"}], "2026-05-05")
    _, now = both(
        make_workbook(tmp_path, lines, model, products=PRODUCTS, ledger=ledger([9] * 4, BEFORE) + ledger([9] * 4, NOW))
    )
    actions = now.tables["govern"]["actions"]
    assert actions[["action", "subject", "owner"]].to_numpy().tolist() == [["relieve", "desk", "Head of orders"]]
