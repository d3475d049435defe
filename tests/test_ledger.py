"""The ledger: which rows a period sums, what is an error, and costs that params give instead."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from small_workbook import MINUTES, booked, compute, line, make_workbook, row

from cts_lib.errors import DataError

DAYS = ("2026-01-15", "2026-02-15", "2026-05-15", "2026-08-15")
LINES = [line(f"o{place}", order_date=day) for place, day in enumerate(DAYS)]


def desk(folder: Path, ledger: list[dict[str, Any]], period: str = "2026-Q1", **more: Any) -> pd.Series:
    params = make_workbook(folder, LINES, more.pop("cost_model", MINUTES), ledger=ledger, **more)
    return row(compute(params, period).tables["profile"]["resources"], resource="desk")


def test_months_inside_the_quarter_and_the_quarter_of_another_account_are_summed(tmp_path: Path) -> None:
    ledger = [
        booked("desk", 100, "2026-01", account="wages"),
        booked("desk", 10, "2026-01", account="wages"),
        booked("desk", 200, "2026-03", account="wages"),
        booked("desk", 7, "2026-Q1", account="rent"),
        booked("desk", 1000, "2026-04", account="wages"),
        booked("desk", 5000, "2026-Q2", account="wages"),
    ]
    assert desk(tmp_path, ledger)["ledger"] == 317
    assert desk(tmp_path, [*ledger[:4], booked("desk", 1000, "2026-05", account="wages")], "2026-H1")["ledger"] == 1317


def test_rows_of_another_unit_are_not_ours(tmp_path: Path) -> None:
    ledger = [booked("desk", 100), booked("desk", 999) | {"business_unit": "south"}]
    assert desk(tmp_path, ledger)["ledger"] == 100


def test_a_longer_period_is_not_used_where_something_else_covers_the_resource(tmp_path: Path) -> None:
    assert desk(tmp_path, [booked("desk", 4000, "2026"), booked("desk", 100, "2026-02")])["ledger"] == 100


@pytest.mark.parametrize("longer", ["2026", "2026-H1"])
def test_a_resource_that_only_a_longer_period_covers_fails_the_unit(tmp_path: Path, longer: str) -> None:
    with pytest.raises(DataError, match=r"north, ledger, desk: only rows of a period longer than 2026-Q1"):
        desk(tmp_path, [booked("desk", 4000, longer)])
    assert desk(tmp_path, [booked("desk", 4000, longer)], longer)["ledger"] == 4000


def test_a_month_run_needs_rows_of_the_month(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="longer than 2026-02"):
        desk(tmp_path, [booked("desk", 300)], "2026-02")


@pytest.mark.parametrize(
    ("periods", "told"),
    [
        (("2026-01", "2026-Q1"), "2026-Q1 and 2026-01 overlap"),
        (("2026-Q1", "2026-H1"), "2026-H1 and 2026-Q1 overlap"),
        (("2026", "2026-08"), "2026 and 2026-08 overlap"),
    ],
)
def test_overlapping_rows_of_one_resource_and_account_are_an_error(
    tmp_path: Path, periods: tuple[str, str], told: str
) -> None:
    ledger = [booked("desk", 100, period, account="wages") for period in periods]
    with pytest.raises(DataError, match=f"north, ledger, desk, account wages: {told}"):
        desk(tmp_path, ledger, "2026")


def test_a_resource_without_rows_costs_nothing_and_is_named(tmp_path: Path) -> None:
    results = compute(make_workbook(tmp_path, LINES))
    assert row(results.tables["profile"]["resources"], resource="desk")["ledger"] == 0
    assert "The ledger has no row for desk: it costs 0." in [note.english for note in results.notes["profile"]]


def test_a_resource_that_the_model_lacks_is_unassigned_or_an_error_when_strict(tmp_path: Path) -> None:
    ledger = [booked("desk", 100), booked("garden", 30)]
    results = compute(make_workbook(tmp_path, LINES, ledger=ledger))
    garden = row(results.tables["profile"]["resources"], resource="garden")
    assert (garden["ledger"], garden["unassigned"], garden["difference"]) == (30, 30, 0)
    assert any("garden" in note.english for note in results.notes["profile"])
    with pytest.raises(DataError, match="north, ledger, garden: resources that the model lacks"):
        compute(make_workbook(tmp_path, LINES, ledger=ledger, quality={"strict_ledger": True}))


def test_a_cost_in_params_stands_in_for_the_ledger(tmp_path: Path) -> None:
    model = MINUTES | {"resources": {"desk": {"capacity_minutes": 1000, "cost": 56}}}
    assert desk(tmp_path, [booked("desk", 100)], cost_model=model)["ledger"] == 56
    assert desk(tmp_path, [booked("desk", 4000, "2026")], cost_model=model)["ledger"] == 56


def test_costs_and_capacities_are_never_prorated_unless_the_resource_says_per(tmp_path: Path) -> None:
    given = {"capacity_minutes": 1200, "cost": 600}
    for period, months in (("2026", 12), ("2026-Q1", 3)):
        plain = desk(tmp_path / f"plain{months}", [], period, cost_model=MINUTES | {"resources": {"desk": given}})
        assert (plain["ledger"], plain["capacity_minutes"]) == (600, 1200)
        for per, length in (("half", 6), ("month", 1)):
            model = MINUTES | {"resources": {"desk": given | {"per": per}}}
            scaled = desk(tmp_path / f"{per}{months}", [], period, cost_model=model)
            assert scaled["ledger"] == pytest.approx(600 * months / length)
            assert scaled["capacity_minutes"] == pytest.approx(1200 * months / length)


def test_a_rate_counts_what_support_sent_and_the_resource_keeps_its_own(tmp_path: Path) -> None:
    model = {
        "resources": {"desk": {"capacity_minutes": 1000}, "it": {"support": True}, "lost": {"support": True}},
        "support": {"method": "direct", "shares": {"it": {"desk": 1.0}}},
        "activities": MINUTES["activities"],
    }
    params = make_workbook(tmp_path, LINES, model, ledger=[booked("desk", 100), booked("it", 400), booked("lost", 9)])
    table = compute(params).tables["profile"]["resources"].set_index("resource")
    assert table.loc["desk", ["ledger", "received", "rate", "assigned"]].tolist() == [100, 400, 0.5, 40]
    assert table.loc["it", ["ledger", "sent", "unassigned"]].tolist() == [400, 400, 0]
    assert table.loc["lost", ["sent", "unassigned"]].tolist() == [0, 9]
