"""Which rows are rejected and why, and that nothing is lost."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from small_workbook import CUSTOMERS, LEDGER, PRODUCTS, booked, compute, event, line, make_workbook, row, taken_in

from cts_lib.errors import DataError
from cts_lib.intake import split
from cts_lib.tables.contract import Reason


@pytest.mark.parametrize(
    ("broken", "column", "reason", "value"),
    [
        ({"quantity": "ten"}, "quantity", Reason.NOT_A_NUMBER, "ten"),
        ({"quantity": "1;5"}, "quantity", Reason.NOT_A_NUMBER, "1;5"),
        ({"quantity": "1_000"}, "quantity", Reason.NOT_A_NUMBER, "1_000"),
        ({"quantity": "NaN"}, "quantity", Reason.NOT_A_NUMBER, "NaN"),
        ({"quantity": "inf"}, "quantity", Reason.NOT_A_NUMBER, "inf"),
        ({"quantity": "1e999"}, "quantity", Reason.NOT_A_NUMBER, "1e999"),
        ({"quantity": ""}, "quantity", Reason.MISSING, ""),
        ({"net_sales": ""}, "net_sales", Reason.MISSING, ""),
        ({"customer_id": ""}, "customer_id", Reason.MISSING, ""),
        ({"line_no": ""}, "line_no", Reason.MISSING, ""),
        ({"business_unit": ""}, "business_unit", Reason.MISSING, ""),
        ({"order_date": "2026-02-30"}, "order_date", Reason.NOT_A_DATE, "2026-02-30"),
        ({"order_date": "soon"}, "order_date", Reason.NOT_A_DATE, "soon"),
        ({"order_date": "infinity"}, "order_date", Reason.NOT_A_DATE, "infinity"),
        ({"order_date": ""}, "order_date", Reason.MISSING, ""),
        ({"posting_date": "2026-13-01"}, "posting_date", Reason.NOT_A_DATE, "2026-13-01"),
        ({"delivered_date": "31.02.2026"}, "delivered_date", Reason.NOT_A_DATE, "31.02.2026"),
        ({"weight_kg": "heavy"}, "weight_kg", Reason.NOT_A_NUMBER, "heavy"),
        ({"customer_id": "nobody"}, "customer_id", Reason.UNKNOWN_CUSTOMER, "nobody"),
        ({"product_id": "nothing"}, "product_id", Reason.UNKNOWN_PRODUCT, "nothing"),
        ({"order_id": "o1", "line_no": "1"}, "line_no", Reason.REPEATED_KEY, "north / o1 / 1"),
    ],
)
def test_a_row_that_breaks_the_contract_is_rejected_with_its_reason(
    tmp_path: Path, broken: dict[str, str], column: str, reason: Reason, value: str
) -> None:
    found = taken_in(
        tmp_path, [line(posting_date="", weight_kg="", delivered_date=""), line("o2"), line("o9") | broken]
    )
    rejected = row(found["rejected_rows"], table="order_lines")
    assert (rejected["column"], rejected["reason"], rejected["value"]) == (column, reason.value, value)
    assert row(found["quality"], table="order_lines")["accepted"] == 2


def test_a_row_is_rejected_once_at_its_first_fault(tmp_path: Path) -> None:
    broken = line("o9", quantity="x", net_sales="y", customer_id="nobody", order_date="2026-02-30")
    rejected = taken_in(tmp_path, [line(), broken])["rejected_rows"]
    assert rejected[["column", "reason"]].to_numpy().tolist() == [["order_date", "a date no calendar holds"]]


def test_other_tables_are_held_to_their_contracts_too(tmp_path: Path) -> None:
    found = taken_in(
        tmp_path,
        customers=[*CUSTOMERS, {"customer_id": "c1", "name": "Again"}],
        products=[*PRODUCTS, {"product_id": "p2", "family": "goods"}],
        events=[event("visit"), event("visit", customer_id="nobody", amount=5), event("visit", quantity="x", amount=7)],
        ledger=[*LEDGER, booked("desk", 1, period="first quarter"), booked("desk", 1) | {"amount": "much"}],
        inventory=[
            {"business_unit": "north", "product_id": "p1", "date": "2026-02-02", "on_hand": 5},
            {"business_unit": "north", "product_id": "p1", "date": "2026-02-02", "on_hand": 6},
            {"business_unit": "north", "product_id": "p9", "date": "2026-02-03", "on_hand": 6},
        ],
    )["rejected_rows"]
    told = {(table, reason) for table, reason in zip(found["table"], found["reason"], strict=True)}
    assert told == {
        ("customers", "a repeated key"),
        ("events", "a customer that no table knows"),
        ("events", "text in a number"),
        ("ledger", "not a period"),
        ("ledger", "text in a number"),
        ("inventory", "a repeated key"),
        ("inventory", "a product that no table knows"),
    }
    assert found.loc[found["table"] == "events", "money"].sum() == 12


FAULTS = st.sampled_from(
    [
        {},
        {},
        {},
        {"quantity": "x"},
        {"customer_id": "nobody"},
        {"order_date": "2026-02-30"},
        {"line_no": "1"},
        {"product_id": ""},
    ]
)


@settings(max_examples=6, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(FAULTS, st.integers(-500, 500)), min_size=1, max_size=12))
def test_accepted_and_rejected_make_what_was_read_in_rows_and_money(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[dict[str, str], int]]
) -> None:
    lines = [line("o1", str(place + 2), net_sales=money) | fault for place, (fault, money) in enumerate(rows)]
    found = taken_in(tmp_path_factory.mktemp("rows"), [line(net_sales=1), *lines], quality={"max_rejected_share": 1.0})
    counts = row(found["quality"], table="order_lines")
    rejected = found["rejected_rows"]
    assert counts["read"] == len(lines) + 1 == counts["accepted"] + counts["rejected"]
    assert counts["rejected"] == len(rejected)
    assert counts["money_read"] == pytest.approx(1 + sum(money for _, money in rows))
    assert counts["money_accepted"] + rejected["money"].sum() == pytest.approx(counts["money_read"])
    assert found["customer_profit"]["net_sales"].sum() == pytest.approx(counts["money_accepted"])


def test_a_share_above_the_limit_fails_the_unit_and_says_why(tmp_path: Path) -> None:
    lines = [line(f"o{place}") for place in range(99)] + [line("o99", customer_id="nobody")]
    taken_in(tmp_path, lines, quality={"max_rejected_share": 0.01})
    with pytest.raises(
        DataError, match=r"order_lines, customer_id: 2 of 101 rows rejected .* most often a customer that no"
    ):
        taken_in(tmp_path, [*lines, line("o100", customer_id="nobody")], quality={"max_rejected_share": 0.01})


def test_a_row_without_a_readable_date_counts_in_every_period(tmp_path: Path) -> None:
    lines = [line(), line("o2", order_date="2026-05-05"), line("o3", order_date="someday"), line("o4", order_date="")]
    params = make_workbook(
        tmp_path, lines, ledger=[*LEDGER, booked("desk", 1, "2026-Q2")], quality={"max_rejected_share": 0.9}
    )
    for period in ("2026-Q1", "2026-Q2"):
        counts = row(compute(params, period).tables["profile"]["quality"], table="order_lines")
        assert (counts["read"], counts["rejected"]) == (3, 2)


def test_the_posting_date_decides_the_period(tmp_path: Path) -> None:
    lines = [line(order_date="2026-03-31", posting_date="2026-04-01"), line("o2", posting_date="")]
    params = make_workbook(tmp_path, lines, ledger=[*LEDGER, booked("desk", 1, "2026-Q2")])
    assert compute(params, "2026-Q1").tables["profile"]["customer_profit"]["lines"].sum() == 1
    assert compute(params, "2026-Q2").tables["profile"]["customer_profit"]["lines"].sum() == 1


def test_an_empty_period_says_which_periods_have_data_also_beside_rows_without_a_date(tmp_path: Path) -> None:
    params = make_workbook(tmp_path, [line(), line("o2", order_date="2026-02-30")], ledger=LEDGER)
    with pytest.raises(DataError, match=r"north, 2031-Q1: no order line and no event; order lines exist in 2026-Q1"):
        compute(params, "2031-Q1")


def test_of_a_repeated_key_the_first_in_the_order_of_all_columns_is_kept_however_the_rows_stand(tmp_path: Path) -> None:
    rows = [
        line(quantity=5, net_sales=50, ship_mode="van", colour="red"),
        line(quantity=5, net_sales=40, ship_mode="van", colour="red"),
        line(quantity=5, net_sales=40, ship_mode="", colour="red"),
        line(quantity=5, net_sales=40, ship_mode="van", colour="blue"),
        line(quantity=9, net_sales=10, ship_mode="van", colour="blue"),
    ]
    generator = np.random.default_rng(7)
    kept = set()
    for place in range(5):
        shuffled = [rows[index] for index in generator.permutation(len(rows))]
        found = taken_in(tmp_path / str(place), shuffled)
        profit = found["customer_profit"].iloc[0]
        colours = found["profile"].query("dimension == 'colour'")["value"]
        kept.add((profit["quantity"], profit["net_sales"], *colours))
        assert len(found["rejected_rows"]) == 4
    assert kept == {(5.0, 40.0, "blue")}


NUMBERS = ["1", "62", "-1", "1.5", "1e300", "nan", "A", "B", "001", " 1"]


@pytest.mark.parametrize("few", [0, split.FEW_LINES])
def test_line_numbers_of_any_kind_tell_the_lines_of_an_order_apart(
    tmp_path: Path, few: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(split, "FEW_LINES", few)
    found = taken_in(tmp_path, [line(line_no=number) for number in NUMBERS])
    assert found["rejected_rows"].empty
    assert row(found["quality"], table="order_lines")["accepted"] == len(NUMBERS)


@pytest.mark.parametrize("number", NUMBERS)
@pytest.mark.parametrize("few", [0, split.FEW_LINES])
def test_a_line_number_that_stands_twice_is_found_whatever_it_is(
    tmp_path: Path, number: str, few: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(split, "FEW_LINES", few)
    lines = [line(line_no=other) for other in NUMBERS]
    found = taken_in(tmp_path, [*lines, line(line_no=number, net_sales=99), line("o2", line_no=number)])
    rejected = row(found["rejected_rows"], table="order_lines")
    assert (rejected["reason"], rejected["value"]) == (Reason.REPEATED_KEY.value, f"north / o1 / {number}")
