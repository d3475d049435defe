"""Money as systems book it: in several currencies, repeated on each line, and lines that arrive in parts."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_workbook import LEDGER, booked, compute, event, line, make_workbook, row

from cts_lib.errors import CtsError, DataError

FREIGHT = {
    "resources": {"freight": {}},
    "activities": {"carriage": {"resource": "freight", "per": "shipment", "direct": "freight_cost"}},
}
DAYS = [f"2026-0{month}-{day:02d}" for month in (1, 2, 3) for day in (1, 10, 20)]
CURRENCIES = st.sampled_from(["EUR", "HUF", "usd", " GBP", ""])


def with_tables(params: Path, **tables: list[dict[str, Any]]) -> Path:
    """Write more tables beside those of a small workbook."""
    for name, rows in tables.items():
        pd.DataFrame(rows).to_csv(params.parent / "data" / f"{name}.csv", index=False)
    return params


def converted(rows: pd.DataFrame, rates: pd.DataFrame, day: str, money: str) -> pd.Series:
    """Money in euros by the newest rate not after the day, written a second time in plain pandas."""
    values = []
    for item in rows.to_dict("records"):
        currency = (item["currency"] or "EUR").strip().upper()
        known = rates[(rates["currency"] == currency) & (rates["date"] <= item[day])].sort_values("date")
        values.append(float(item[money]) * (1.0 if currency == "EUR" else known["rate"].iloc[-1]))
    return pd.Series(values)


@settings(max_examples=8)
@given(
    st.lists(st.tuples(CURRENCIES, st.sampled_from(DAYS), st.integers(-500, 5000)), min_size=1, max_size=40),
    st.lists(
        st.tuples(st.sampled_from(["HUF", "USD", "GBP"]), st.sampled_from(DAYS[1:]), st.floats(0.001, 5)),
        max_size=8,
        unique_by=lambda rate: rate[:2],
    ),
)
def test_money_is_converted_by_the_newest_rate_of_its_day(tmp_path_factory: Any, sales: Any, given_rates: Any) -> None:
    folder = tmp_path_factory.mktemp("currencies")
    rates = [{"currency": code, "date": "2025-12-31", "rate": 0.5} for code in ("HUF", "USD", "GBP")]
    rates += [{"currency": code, "date": day, "rate": rate} for code, day, rate in given_rates]
    lines = [
        line(f"o{place}", order_date="2026-01-01", posting_date=day, currency=code, net_sales=str(money), cogs="0")
        for place, (code, day, money) in enumerate(sales)
    ]
    visits = [event("visit", event_date=day, currency=code, amount=str(money)) for code, day, money in sales]
    model = {
        "resources": {"desk": {"capacity_minutes": 1000}, "travel": {}},
        "activities": {
            "entry": {"resource": "desk", "per": "order", "minutes": "1"},
            "trip": {"resource": "travel", "per": "event:visit", "direct": "amount"},
        },
    }
    ledger = [booked("desk", 100, currency="HUF", period="2026-02"), booked("desk", 7, period="2026-03", currency="")]
    params = make_workbook(folder, lines, model, events=visits, ledger=ledger)
    found = compute(with_tables(params, exchange_rates=rates)).tables["profile"]
    frame = pd.DataFrame(rates)
    expected = converted(pd.DataFrame(lines), frame, "posting_date", "net_sales").sum()
    assert found["customer_profit"]["net_sales"].sum() == pytest.approx(expected)
    assert row(found["quality"], table="order_lines")["money_read"] == pytest.approx(expected)
    spent = converted(pd.DataFrame(visits), frame, "event_date", "amount").sum()
    trips = found["customer_costs"][found["customer_costs"]["activity"] == "trip"]["cost"].sum()
    assert trips == pytest.approx(spent)
    huf = frame[(frame["currency"] == "HUF") & (frame["date"] <= "2026-02-28")].sort_values("date")["rate"].iloc[-1]
    assert row(found["resources"], resource="desk")["ledger"] == pytest.approx(100 * huf + 7)


def test_money_without_a_rate_stops_the_unit(tmp_path: Path) -> None:
    lines = [line(), line("o2", currency="HUF", net_sales="1000"), line("o3", currency="HUF")]
    params = make_workbook(tmp_path, lines, ledger=LEDGER)
    with pytest.raises(DataError) as error:
        compute(params)
    assert str(error.value) == (
        "north, order_lines, currency: 2 rows in HUF, the first of 2026-02-02, without a rate of that day or before in "
        "exchange_rates; the unit's currency is EUR; write table exchange_rates (currency, date, rate), or convert the "
        "money to EUR"
    )
    with pytest.raises(DataError, match="2 rows in HUF"):
        compute(with_tables(params, exchange_rates=[{"currency": "HUF", "date": "2026-02-03", "rate": 1}]))
    with pytest.raises(DataError, match="2 rows in HUF"):
        compute(with_tables(params, exchange_rates=[{"currency": "HUF", "date": "2026-01-01", "rate": 0}]))


@settings(max_examples=8)
@given(st.lists(st.tuples(st.integers(0, 12), st.integers(0, 2), st.booleans()), min_size=1, max_size=40))
def test_an_amount_repeated_on_each_line_counts_once_a_shipment(tmp_path_factory: Any, drawn: Any) -> None:
    folder = tmp_path_factory.mktemp("repeated")
    lines = [
        line(
            f"o{order}", str(place), shipment_id=f"s{order}{part}", freight_cost=str(10 * order + part) if told else ""
        )
        for place, (order, part, told) in enumerate(drawn)
    ]
    source = {"path": "data", "repeated": ["freight_cost"]}
    params = make_workbook(folder, lines, FREIGHT, ledger=[booked("freight", 90)], source=source)
    found = compute(params).tables["profile"]
    once = {item["shipment_id"]: float(item["freight_cost"]) for item in lines if item["freight_cost"]}
    assert found["customer_costs"]["cost"].sum() == pytest.approx(sum(once.values()))


def test_lines_that_disagree_about_a_repeated_amount_are_told(tmp_path: Path) -> None:
    lines = [line(freight_cost="90"), line(line_no="2", freight_cost="80")]
    source = {"path": "data", "repeated": ["freight_cost"]}
    with pytest.raises(DataError, match="order_lines, freight_cost, shipment_id o1: 80 and 90, though source"):
        compute(make_workbook(tmp_path, lines, FREIGHT, source=source))


def test_a_repeated_column_that_is_not_there_is_told(tmp_path: Path) -> None:
    params = make_workbook(tmp_path, source={"path": "data", "repeated": ["freigt"]})
    with pytest.raises(CtsError, match=r"defaults\.yml, source\.repeated: order_lines have no column 'freigt'"):
        compute(params)


def test_freight_that_every_line_of_a_shipment_carries_is_doubted(tmp_path: Path) -> None:
    lines = [line(line_no=str(place), freight_cost="90") for place in range(3)] + [line("o2", freight_cost="10")]
    doubts = compute(make_workbook(tmp_path, lines, FREIGHT)).doubts
    assert [note.english for note in doubts] == [
        "The one shipment of several lines carries one freight_cost on all of them, 270.00 in all. If that is the "
        "whole shipment's, set source.repeated: [freight_cost], and 90.00 count."
    ]
    lines[0]["freight_cost"] = "80"
    assert not compute(make_workbook(tmp_path, lines, FREIGHT)).doubts


PARTS = st.lists(st.tuples(st.integers(0, 3), st.integers(1, 12), st.integers(-3, 3)), max_size=8)


@settings(max_examples=6)
@given(st.lists(PARTS, min_size=1, max_size=8))
def test_a_line_takes_quantity_days_and_punctuality_from_its_deliveries(tmp_path_factory: Any, drawn: Any) -> None:
    folder = tmp_path_factory.mktemp("deliveries")
    promised = pd.Timestamp("2026-02-10")
    customers = [{"customer_id": f"c{at}", "channel": "web"} for at in range(len(drawn))]
    days_of_delivery = {"promised_date": "2026-02-10", "delivered_date": "2026-02-09"}
    lines = [
        line(f"c{at}o{place}", "1", f"c{at}", delivered_quantity="10", **days_of_delivery)
        for at in range(len(drawn))
        for place in range(4)
    ]
    parts = [
        {
            "business_unit": "north",
            "order_id": f"c{at}o{order}",
            "line_no": "1",
            "delivered_date": str((promised + pd.Timedelta(days=days)).date()),
            "delivered_quantity": quantity,
        }
        for at, own in enumerate(drawn)
        for order, quantity, days in own
    ]
    params = make_workbook(folder, lines, customers=customers, ledger=LEDGER)
    found = compute(with_tables(params, deliveries=parts) if parts else params).tables["profile"]["customer_behaviour"]
    for at, arrived in enumerate(drawn):
        on_time, days, full = [], [], []
        for place in range(4):
            own = [item for item in arrived if item[0] == place]
            last = max((item[2] for item in own), default=-1)
            days.append(8 + last)
            full.append(sum(item[1] for item in own) >= 10 if own else True)
            on_time.append(min(sum(item[1] for item in own if item[2] <= 0) / 10, 1) if own else 1.0)
        customer = row(found, customer_id=f"c{at}")
        assert customer["on_time"] == pytest.approx(sum(on_time) / 4)
        assert customer["lead_time_days"] == pytest.approx(sum(days) / 4)
        assert customer["in_full"] == pytest.approx(sum(full) / 4)


def test_rows_of_one_line_that_differ_in_their_delivery_point_to_table_deliveries(tmp_path: Path) -> None:
    parts = [line(delivered_quantity="6", net_sales="60"), line(delivered_quantity="4", net_sales="40")]
    params = make_workbook(tmp_path, [*parts, line("o2")], ledger=LEDGER, quality={"max_rejected_share": 0.9})
    assert [note.english for note in compute(params).doubts] == [
        "1 line came in parts that stand as rows of one key: only the first counts. Write one row a line with all its "
        "money, and the parts into table deliveries."
    ]
    with pytest.raises(DataError, match="parts in which a line arrives go into table deliveries"):
        compute(params, overrides=["quality.max_rejected_share=0.1"])


def test_a_refused_unit_carries_its_rows_across_processes(tmp_path: Path) -> None:
    with pytest.raises(DataError) as error:
        compute(make_workbook(tmp_path, [line(), line("o2", quantity="many")], ledger=LEDGER))
    again = pickle.loads(pickle.dumps(error.value))  # noqa: S301
    assert str(again) == str(error.value)
    pd.testing.assert_frame_equal(again.rejected, error.value.rejected)


def test_an_unsound_delivery_is_rejected(tmp_path: Path) -> None:
    params = make_workbook(tmp_path, ledger=LEDGER, quality={"max_rejected_share": 0.9})
    part = {"business_unit": "north", "order_id": "o1", "line_no": "1", "delivered_quantity": 1}
    parts = [part | {"delivered_date": day} for day in ("soon", "2026-02-05")]
    found = compute(with_tables(params, deliveries=parts)).tables["profile"]
    assert row(found["rejected_rows"], table="deliveries")["value"] == "soon"


def test_direct_money_beyond_its_ledger_is_doubted(tmp_path: Path) -> None:
    lines = [line(freight_cost="90"), line(line_no="2", freight_cost="80")]
    params = make_workbook(tmp_path, lines, FREIGHT, ledger=[booked("freight", 100)])
    assert [note.english for note in compute(params).doubts] == [
        "The rows carry 170.00 of freight, and its ledger books 100.00. If they repeat an amount on each line, name "
        "its column in source.repeated."
    ]
    assert not compute(params, overrides=["cost_model.resources.freight.cost=160"]).doubts
