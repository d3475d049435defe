"""What would make a customer worth it: worked by hand, and applied as a lever it does what the table says."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import lever_cases as cases
import pandas as pd
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from small_workbook import QUARTER, booked, compute, event, line, make_workbook, numbered, open_run, row, write_option
from test_replay import MODEL

from cts_lib.names import CUSTOMER
from cts_lib.params import load
from cts_lib.params.period import Period
from cts_lib.run import UnitRun

STAGES = ("profile", "segment", "strategy")
SIMPLE: dict[str, Any] = {
    "resources": {"desk": {"capacity_minutes": 1000}},
    "activities": {
        "entry": {"per": "order", "driver": "1", "rate": 40},
        "drops": {"per": "shipment", "driver": "1", "rate": 15},
        "credit": {"per": "line", "driver": "net_sales", "rate": 0.1},
        "calls": {"per": "event:call", "driver": "quantity", "rate": 30},
        "portal": {"resource": "desk", "per": "order", "minutes": "1"},
    },
}
LOSING = [
    line("o1", order_date="2026-02-02", shipped_date="2026-02-02", shipment_id="s1", order_method="phone"),
    line("o2", order_date="2026-02-03", shipped_date="2026-02-03", shipment_id="s2", order_method="phone"),
    line("o3", order_date="2026-02-04", shipped_date="2026-02-04", shipment_id="s3", order_method="phone"),
]
EARNING = line("o9", customer_id="c2", net_sales="1000", cogs="100", order_method="portal")
Tables = dict[str, pd.DataFrame]


def terms_of(folder: Path, *lines: dict[str, Any], **more: Any) -> pd.DataFrame:
    """Return table ``customer_terms`` of a workbook whose ledger is empty, so that rates alone charge."""
    usual: dict[str, Any] = {"cost_model": SIMPLE, "ledger": [booked("desk", 0)]}
    found = compute(make_workbook(folder, lines, **usual | more), QUARTER, STAGES)
    return found.all_tables["customer_terms"]


@pytest.fixture(scope="module")
def by_hand(tmp_path_factory: pytest.TempPathFactory) -> pd.DataFrame:
    """Three orders of 100 that cost 60 in goods, 40 + 15 + 10 % of sales to serve: each loses 25."""
    return terms_of(tmp_path_factory.mktemp("by_hand"), *LOSING, EARNING)


@pytest.mark.parametrize(
    ("term", "aim", "needed"),
    [
        ("fee_per_order", "zero", 27.78),  # 75 = 3 orders × 0.9 × 27.777…
        ("fee_per_order", "margin", 35.3),  # 75 + 5 % of 300 = 3 × (0.9 − 0.05) × 35.294…
        ("fee_per_drop", "zero", 27.78),
        ("price", "zero", 0.2778),  # 75 = 300 × 0.9 × 0.27777…
        ("price", "margin", 0.353),
    ],
)
def test_fees_and_prices_are_those_worked_by_hand(by_hand: pd.DataFrame, term: str, aim: str, needed: float) -> None:
    found = row(by_hand, term=term, aim=aim)
    assert found["profit"] == pytest.approx(-75)
    assert (found["needed_number"], found["needed"], found["possible"]) == (needed, f"{needed}", True)
    then = 300 + (300 * needed if term == "price" else 3 * needed)
    assert found["net_sales_then"] == pytest.approx(then)
    assert found["profit_then"] == pytest.approx(0.9 * then - 180 - 165)
    assert found["target"] == pytest.approx(0.05 * then if aim == "margin" else 0)
    assert 0 <= found["profit_then"] - found["target"] < 0.1


def test_what_is_tried_in_many_replays_is_what_is_tried_in_one(
    by_hand: pd.DataFrame, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cts_lib.strategy.trials.ROWS_AT_ONCE", 5)
    pd.testing.assert_frame_equal(terms_of(tmp_path, *LOSING, EARNING), by_hand)


def test_a_rhythm_is_the_shortest_that_does(tmp_path: Path) -> None:
    # 2 February is day 20486: in windows of 2 and of 3 days the three leave as two, in one of 5 days as one
    model = {
        **SIMPLE,
        "activities": {"drops": {"per": "shipment", "driver": "1", "rate": 70}, "calls": SIMPLE["activities"]["calls"]},
    }
    found = terms_of(tmp_path / "two", *LOSING, EARNING, cost_model=model, strategy={"target_margin": 0.2})
    zero, margin = (row(found, term="rhythm", aim=aim) for aim in ("zero", "margin"))
    assert zero["profit"] == pytest.approx(120 - 210)
    assert (zero["needed"], zero["profit_then"]) == ("5", pytest.approx(120 - 70))
    assert (margin["possible"], margin["profit_then"]) == (False, pytest.approx(120 - 70))
    assert margin["target"] == pytest.approx(60)
    dear = terms_of(tmp_path / "five", *LOSING, EARNING, cost_model=_with_rate(model, 45))
    assert row(dear, term="rhythm", aim="zero")["needed"] == "2"
    assert row(dear, term="rhythm", aim="zero")["easiest"]


def _with_rate(model: dict[str, Any], rate: float) -> dict[str, Any]:
    return {**model, "activities": {**model["activities"], "drops": {"per": "shipment", "driver": "1", "rate": rate}}}


def test_todays_setting_is_told_and_a_method_is_named(tmp_path: Path) -> None:
    entry = {"per": "order", "driver": "CASE WHEN order_method = 'portal' THEN 0 ELSE 50 END", "rate": 1}
    found = terms_of(tmp_path, *LOSING, EARNING, cost_model={**SIMPLE, "activities": {"entry": entry}})
    method = row(found, term="order_method", aim="zero")
    assert (method["setting"], method["needed"], method["possible"]) == ("phone", "portal", True)
    assert method["easiest"]
    assert pd.isna(method["needed_number"])
    assert row(found, term="price", aim="zero")["setting"] == "0"
    assert row(found, term="minimum_order", aim="zero")["setting"] == "none"


def test_nothing_helps_with_a_customer_that_buys_nothing(tmp_path: Path) -> None:
    model = {**SIMPLE, "resources": {"desk": {"capacity_minutes": 1000, "variable_share": 0.5}}}
    found = terms_of(tmp_path, EARNING, events=[event("call", quantity=2)], cost_model=model)
    assert set(found["customer_id"]) == {"c1"}
    assert len(found) == 6 * 2
    assert not found["possible"].any()
    assert not found["easiest"].any()
    assert found["needed"].isna().all()
    assert (found["avoidable_margin"] == -60).all()  # it would save its two calls
    assert set(found["costliest"]) == {"calls"}


@pytest.mark.parametrize(("least", "worth"), [(60, True), (61, False)])
def test_a_customer_is_worth_leaving_from_the_least_gain_on(tmp_path: Path, least: int, worth: bool) -> None:
    model = {**SIMPLE, "resources": {"desk": {"capacity_minutes": 1000, "variable_share": 0.5}}}
    strategy = {"min_gain": {"money": least}}
    found = terms_of(tmp_path, EARNING, events=[event("call", quantity=2)], cost_model=model, strategy=strategy)
    assert (found["worth_leaving"] == worth).all()


@pytest.mark.parametrize("marked", [0, 1])
def test_a_strategic_customer_is_never_let_go(tmp_path: Path, marked: int) -> None:
    model = {**SIMPLE, "resources": {"desk": {"capacity_minutes": 1000, "variable_share": 0.5}}}
    customers = [{"customer_id": name, "channel": "direct", "vip": marked} for name in ("c1", "c2")]
    more = {"customers": customers, "segmentation": {"strategic": "vip"}, "strategy": {"min_gain": {"money": 60}}}
    found = terms_of(tmp_path, EARNING, events=[event("call", quantity=2)], cost_model=model, **more)
    assert len(found)
    assert (found["strategic"] == bool(marked)).all()
    assert (found["worth_leaving"] == (not marked)).all()


def test_however_many_make_nine_tenths_of_the_loss_all_are_listed(tmp_path: Path) -> None:
    names = [f"k{at:03d}" for at in range(150)]
    lines = [line(f"o{name}", customer_id=name, net_sales="100", cogs="60") for name in names]  # each loses 25
    found = terms_of(tmp_path, *lines, customers=[{"customer_id": name, "channel": "direct"} for name in names])
    assert found["customer_id"].unique().tolist() == names[:135]
    assert (found.loc[(found["term"] == "price") & (found["aim"] == "zero"), "needed_number"] == 0.2778).all()


def test_where_nobody_loses_the_table_is_empty(tmp_path: Path) -> None:
    assert terms_of(tmp_path, EARNING).empty


def test_a_price_that_would_more_than_double_is_impossible(tmp_path: Path) -> None:
    cheap = [each | {"net_sales": "30", "cogs": "20"} for each in LOSING]
    found = terms_of(tmp_path, *cheap, EARNING)
    money = found[found["term"].isin(["price", "fee_per_order", "fee_per_drop"])]
    assert not money["possible"].any()
    assert money["profit_then"].isna().all()


@pytest.mark.parametrize("most_asked", [0.2777, 0.2778, 0.3])
def test_a_term_that_asks_more_than_any_customer_accepts_is_not_realistic(tmp_path: Path, most_asked: float) -> None:
    # 75 = 300 × 0.9 × 0.27777…, of which a fee or price is rounded up; to a margin of 5 % it takes 0.35294…
    found = terms_of(tmp_path, *LOSING, EARNING, strategy={"most_asked": most_asked})
    paid = found[found["term"].isin(["price", "fee_per_order", "fee_per_drop"])].set_index(["aim", "term"])
    assert paid["possible"].all()
    assert (paid.loc["zero", "realistic"] == (most_asked >= 0.2778)).all()
    assert not paid.loc["margin", "realistic"].any()


def test_what_asks_no_money_is_realistic_wherever_it_is_possible(tmp_path: Path) -> None:
    entry = {"per": "order", "driver": "CASE WHEN order_method = 'portal' THEN 0 ELSE 50 END", "rate": 1}
    found = terms_of(
        tmp_path, *LOSING, EARNING, cost_model={**SIMPLE, "activities": {"entry": entry}}, strategy={"most_asked": 0}
    )
    method = row(found, term="order_method", aim="zero")
    assert (method["easiest"], method["realistic"]) == (True, True)
    assert not found.loc[found["term"] == "price", "realistic"].any()


@pytest.fixture(scope="module")
def made_up(planned_unit: Path) -> Tables:
    unit_run = UnitRun(load(planned_unit / "params")[0], out=planned_unit / "reports")
    try:
        return unit_run.compute(Period.parse("2026-Q3"), STAGES, resume=True).all_tables
    finally:
        unit_run.close()


def test_the_list_has_those_who_make_nine_tenths_of_the_loss_the_largest_first(made_up: Tables) -> None:
    profit, terms = made_up["customer_channel_profit"], made_up["customer_terms"]
    losses = profit.loc[profit["profit"] < 0, "profit"]
    listed = terms.drop_duplicates(CUSTOMER)
    assert listed["profit"].is_monotonic_increasing
    assert listed["profit"].sum() <= 0.9 * losses.sum()
    assert listed["profit"].iloc[:-1].sum() > 0.9 * losses.sum()
    assert (terms.groupby(CUSTOMER).size() == 6 * 2).all()
    reached = terms[terms["possible"]]
    assert (reached["profit_then"] >= reached["target"] - 1e-6).all()
    paid = reached[reached["term"].isin(["price", "fee_per_order", "fee_per_drop"])]
    assert (paid["profit_then"] - paid["target"]).max() < 1
    assert (terms[terms["easiest"]].groupby([*CUSTOMER, "aim"]).size() == 1).all()


BOOK = {
    "cost_model": MODEL,
    "customers": [each | {"payment_terms_days": 30} for each in cases.CUSTOMERS],
    "products": cases.PRODUCTS,
    "events": [event(**{"name": each["event"]} | each) for each in cases.EVENTS],
    "lanes": cases.LANES,
    "nodes": cases.NODES,
    "ledger": [booked("desk", 900), booked("dock", 4000), booked("trucks", 500), booked("freight", 120)],
    "profile": {"assumed_gross_margin": 0.3},
}
LINES = numbered(cases.LINES)
SETTINGS: dict[str, Any] = {
    "fee_per_order": lambda needed: ("terms", {"fee_per_order": float(needed)}),
    "fee_per_drop": lambda needed: ("terms", {"fee_per_drop": float(needed)}),
    "price": lambda needed: ("terms", {"price": float(needed)}),
    "minimum_order": lambda needed: ("minimum_order", {"value": float(needed), "below": "bundle"}),
    "rhythm": lambda needed: ("rhythm", {"days": int(needed)}),
    "order_method": lambda needed: ("order_method", {"to": needed}),
}


@pytest.fixture(scope="module")
def possible(tmp_path_factory: pytest.TempPathFactory) -> pd.DataFrame:
    folder = tmp_path_factory.mktemp("terms")
    found = compute(make_workbook(folder, LINES, **BOOK, strategy={"levers": {}}), QUARTER, STAGES)
    terms = found.all_tables["customer_terms"]
    return terms[terms["possible"]].reset_index(drop=True)


@settings(
    max_examples=5,
    phases=[Phase.generate],  # each takes seconds: to shrink would take minutes
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(place=st.floats(0, 1, exclude_max=True))
def test_a_term_replayed_as_a_lever_brings_the_profit_that_it_says(
    possible: pd.DataFrame, tmp_path_factory: pytest.TempPathFactory, place: float
) -> None:
    term = possible.iloc[int(place * len(possible))]
    kind, setting = SETTINGS[term["term"]](term["needed"])
    whom = f"customer_id = '{term['customer_id']}' AND channel = '{term['channel']}'"
    lever = {"kind": kind, "for": whom, "settings": {"it": setting}}
    folder = tmp_path_factory.mktemp("lever")
    strategy = {"levers": {"asked": lever}, "max_service_loss": 1}
    unit_run = open_run(make_workbook(folder, LINES, **BOOK, strategy=strategy))
    try:
        write_option(unit_run, "asked: it", folder / "to")
    finally:
        unit_run.close()
    profit = compute(folder / "to" / "params").all_tables["customer_channel_profit"]
    then = row(profit, customer_id=term["customer_id"], channel=term["channel"])
    assert then["profit"] == pytest.approx(term["profit_then"], abs=1e-6)
    assert then["net_sales"] == pytest.approx(term["net_sales_then"], abs=1e-6)
    assert then["profit"] >= term["target"] - 1e-6
    if kind == "terms":
        assert then["profit"] <= term["target"] + 1
