"""What `cts check` says of sound tables: what they hold, what they lack, and what that costs."""

from __future__ import annotations

from pathlib import Path

import pytest
from small_workbook import LEDGER, QUARTER, booked, line, make_workbook, open_run

from cts_lib.params.period import Period
from cts_lib.run import Overview


def seen(params: Path) -> Overview:
    unit_run = open_run(params)
    try:
        found = unit_run.look(Period.parse(QUARTER))
    finally:
        unit_run.close()
    assert isinstance(found, Overview), found
    return found


def test_rows_money_and_days_of_each_table_are_said(tmp_path: Path) -> None:
    lines = [line(), line("o2", order_date="2026-03-30", net_sales="50.5"), line("o3", order_date="2026-04-01")]
    text = seen(make_workbook(tmp_path, lines, ledger=LEDGER)).text()
    assert "order_lines     2 rows, 150.50 EUR, 2026-02-02 to 2026-03-30" in text
    assert "customers       2 rows" in text
    assert "ledger          1 rows, 1,000.00 EUR" in text
    assert "cost            1,000.00 EUR for 1 resources" in text
    assert "events          absent: What a customer consumes outside orders" in text


def test_a_missing_column_names_what_it_would_unlock(tmp_path: Path) -> None:
    gaps = seen(make_workbook(tmp_path, ledger=LEDGER)).gaps
    assert "On time" in gaps["order_lines.promised_date"]
    assert "Lead time" in gaps["order_lines.delivered_date or order_lines.shipped_date"]
    dated = [line(promised_date="2026-02-05", delivered_date="2026-02-04")]
    gaps = seen(make_workbook(tmp_path, dated, ledger=LEDGER)).gaps
    assert not {"order_lines.promised_date", "order_lines.delivered_date or order_lines.shipped_date"} & set(gaps)


def test_ledger_and_model_are_held_against_each_other(tmp_path: Path) -> None:
    model = {
        "resources": {"desk": {"capacity_minutes": 1000}, "vans": {}},
        "activities": {
            "entry": {"resource": "desk", "per": "order", "minutes": "40"},
            "drops": {"resource": "vans", "per": "shipment", "driver": "1"},
        },
    }
    found = seen(make_workbook(tmp_path, cost_model=model, ledger=[*LEDGER, booked("fleet", 250)]))
    assert found.unassigned == {"fleet": 250.0}
    assert found.unpaid == ["vans"]
    assert found.ledger == 1000.0
    assert "not in the model, so assigned to nobody: fleet 250.00" in found.text()
    assert "in the model without any cost, so free: vans" in found.text()


def test_rejected_rows_and_doubts_are_said(tmp_path: Path) -> None:
    lines = [line(freight_cost="90"), line(line_no="2", freight_cost="90"), line("o2", quantity="many")]
    text = seen(make_workbook(tmp_path, lines, ledger=LEDGER, quality={"max_rejected_share": 0.9})).text()
    assert "order_lines     2 rows, 1 rejected, 200.00 EUR" in text
    assert "doubt: The one shipment of several lines carries one freight_cost" in text


def test_the_command_ends_with_the_next_step(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from cts_lib import cli

    params = make_workbook(tmp_path, ledger=LEDGER)
    monkeypatch.setattr("sys.argv", ["cts", "check", "--params", str(params), "--period", QUARTER])
    with pytest.raises(SystemExit) as left:
        cli.main()
    assert not left.value.code
    assert f"No problem found. Next: cts run --params {params}" in capsys.readouterr().out
