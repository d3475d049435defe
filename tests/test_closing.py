"""Closing a period: frozen, told what would change, restated for a reason, and verified along the chain."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from small_workbook import UNIT, booked, line, make_workbook

from cts_lib import audit, jobs, store
from cts_lib.cli import app
from cts_lib.closing import read_record, restatement
from cts_lib.errors import CtsError
from cts_lib.history import open_history

QUARTERS = ("2026-Q1", "2026-Q2")
STAGES = ("profile", "segment", "govern")
LINES = [line("o1", order_date="2026-02-02"), line("o2", order_date="2026-05-05")]


def order(folder: Path, *periods: str, overrides: tuple[str, ...] = (), restating: str = "") -> jobs.Order:
    places = (folder / "params", folder / "out")
    return jobs.Order(*places, periods=periods or QUARTERS, overrides=overrides, stages=STAGES, restating=restating)


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two quarters, both closed."""
    folder = tmp_path_factory.mktemp("closing")
    make_workbook(folder, LINES, ledger=[booked("desk", 1000, quarter) for quarter in QUARTERS])
    assert jobs.work(order(folder), report=False) == 0
    for quarter in QUARTERS:
        assert audit.close_periods(order(folder, quarter)) == 0
    return folder


@pytest.fixture
def closed(published: Path, tmp_path: Path) -> Path:
    shutil.copytree(published, tmp_path / "closed")
    return tmp_path / "closed"


def folder_of(folder: Path, quarter: str) -> Path:
    return store.unit_folder(folder / "out", quarter, UNIT)


def contents(folder: Path) -> dict[str, bytes]:
    files = (path for path in folder.rglob("*") if path.is_file() and path.name != "restatement.parquet")
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


def test_a_later_run_says_what_would_change_and_changes_nothing(
    closed: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = folder_of(closed, "2026-Q1")
    before, kept = contents(folder), open_history(closed / "out").read("kpis", UNIT)
    assert jobs.work(order(closed, "2026-Q1"), report=False) == 0
    assert "nothing would change" in capsys.readouterr().out
    assert not (folder / "restatement.parquet").exists()
    dearer = order(closed, "2026-Q1", overrides=("cost_model.activities.entry.minutes=50",))
    assert jobs.work(dearer, report=False) == 0
    assert "values would change, as restatement.parquet says" in capsys.readouterr().out
    assert contents(folder) == before
    pd.testing.assert_frame_equal(open_history(closed / "out").read("kpis", UNIT), kept)
    told = pd.read_parquet(folder / "restatement.parquet")
    assert list(told) == ["business_unit", "period", "table", "key", "column", "published", "now"]
    cost = told[(told["table"] == "customer_costs") & (told["column"] == "cost")]
    assert cost[["key", "published", "now"]].to_numpy().tolist() == [["c1", "40", "50"]], (
        "a row is named by as few columns as it takes"
    )
    assert {"statement", "kpis", "activities"} <= set(told["table"])
    assert jobs.work(order(closed, "2026-Q1"), report=False) == 0
    assert not (folder / "restatement.parquet").exists()


def test_a_restatement_needs_a_reason_publishes_and_closes_anew(
    closed: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    dearer = ("cost_model.activities.entry.minutes=50",)
    with pytest.raises(CtsError, match="--reason: is missing; say why"):
        audit.restate_periods(order(closed, "2026-Q1", overrides=dearer))
    folder = folder_of(closed, "2026-Q1")
    old = read_record(folder)
    assert audit.restate_periods(order(closed, "2026-Q1", overrides=dearer, restating="the clock was wrong")) == 0
    new = read_record(folder)
    assert old is not None and new is not None
    assert [(each.digest, each.reason) for each in new.restated] == [(old.digest, "the clock was wrong")]
    assert store.read_table(folder, "customer_costs")["cost"].tolist() == [50]
    assert len(pd.read_parquet(folder / "restatement.parquet")) > 1
    capsys.readouterr()
    assert audit.verify_periods(order(closed, "2026-Q2")) == 0, "the next quarter knows which one it was closed upon"
    assert audit.verify_periods(order(closed, "2026-Q1", overrides=dearer)) == 0
    said = "as it was closed"
    assert [row.split("  ")[2] for row in capsys.readouterr().out.splitlines()] == [said, said]
    assert audit.restate_periods(order(closed, "2026-Q1", overrides=dearer, restating="again")) == 0
    assert read_record(folder) == new, "nothing changed"


@pytest.mark.parametrize(
    ("touch", "said", "status"),
    [
        (lambda folder: (folder / "tables" / "kpis.parquet").write_bytes(b"x"), "tables/kpis.parquet was changed", 1),
        (lambda folder: (folder / "tables" / "kpis.parquet").unlink(), "tables/kpis.parquet is missing", 1),
        (lambda folder: (folder / "index.html").write_text("x"), "index.html was added", 1),
        (
            lambda folder: (folder.parents[2] / "data" / "products.csv").write_text("product_id,name\np1,Else\n"),
            "input products was changed",
            0,
        ),
        (
            lambda folder: (folder.parents[2] / "params" / "units" / "north.yml").write_text("profile: {}\n"),
            "params profile was added",
            0,
        ),
    ],
)
def test_what_was_touched_is_named(
    touch: object, said: str, status: int, closed: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert callable(touch)
    touch(folder_of(closed, "2026-Q2"))
    assert audit.verify_periods(order(closed, "2026-Q2")) == status
    (told,) = capsys.readouterr().out.splitlines()
    assert told.startswith(f"{UNIT}  2026-Q2  {said}")


def test_a_record_made_again_does_not_fit_the_next_ones_chain(closed: Path, capsys: pytest.CaptureFixture[str]) -> None:
    first = folder_of(closed, "2026-Q1")
    record = json.loads((first / "closed.json").read_text())
    (first / "closed.json").write_text(json.dumps(record | {"closed": "2026-04-01"}))
    assert audit.verify_periods(order(closed, "2026-Q1")) == 1
    assert "record of 2026-Q1 was changed" in capsys.readouterr().out
    (first / "closed.json").unlink()
    (first / "tables" / "kpis.parquet").unlink()
    assert audit.verify_periods(order(closed, "2026-Q2")) == 1
    assert "record of 2026-Q1 is missing" in capsys.readouterr().out
    assert audit.close_periods(order(closed, "2026-Q1")) == 0
    capsys.readouterr()
    assert audit.verify_periods(order(closed, "2026-Q1")) == 0, "by itself it looks right"
    assert audit.verify_periods(order(closed, "2026-Q2")) == 1
    assert "record of 2026-Q1 is not the one that 2026-Q2 was closed upon" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (["close", "2026-Q2"], "is closed since"),
        (["close", "2026-Q2", "--unit", "nort"], "--unit nort: has no 2026-Q2; did you mean 'north'?"),
        (["close", "2026-Q9"], "PERIOD: '2026-Q9' is not a period"),
        (["close", "2025-Q1"], "2025-Q1: nothing is published there; cts run --period 2025-Q1"),
        (["close", "2026-Q2", "--restate"], "--reason: is missing"),
        (["verify", "2025-Q1"], "2025-Q1: nothing is published there"),
    ],
)
def test_what_cannot_be_closed_says_so_in_one_line(command: list[str], said: str, published: Path) -> None:
    places = ["--params", str(published / "params"), "--out", str(published / "out")]
    with pytest.raises(CtsError) as raised:
        app([*command, *places], standalone_mode=False)
    (told,) = str(raised.value).splitlines()
    assert said in told


def test_rows_that_came_and_went_are_told_and_the_last_digits_are_not(tmp_path: Path) -> None:
    def table(*rows: tuple[str, float]) -> pd.DataFrame:
        frame = pd.DataFrame(rows, columns=["component", "amount"])
        return frame.assign(segment="(all)", channel="(all)")[["segment", "channel", "component", "amount"]]

    old = table(("price", 0.1), ("mix", 5.0), ("volume", np.nan))
    store.write_tables(tmp_path / "tables", {"bridge": old}, UNIT, "2026-Q1")
    new = table(("price", 0.1 + 1e-15), ("goods", 5.0), ("volume", 1.5))
    found = restatement(tmp_path, {"bridge": new, "segments": new.head(0)}, UNIT, "2026-Q1")
    assert found[["table", "key", "column", "published", "now"]].to_numpy().tolist() == [
        ["bridge", "(all), (all), mix", "(row)", "present", "absent"],
        ["bridge", "(all), (all), goods", "(row)", "absent", "present"],
        ["bridge", "(all), (all), volume", "amount", "", "1.5"],
        ["segments", "(row)", "(row)", "absent", "present"],
    ]


def test_a_cent_of_many_millions_is_told_and_so_is_a_column_that_went(tmp_path: Path) -> None:
    frame = pd.DataFrame({"segment": "(all)", "channel": "(all)", "component": ["price", "mix"]})
    frame = frame.assign(amount=[123_456_789.12, 5.0])
    store.write_tables(tmp_path / "tables", {"bridge": frame.assign(note="old")}, UNIT, "2026-Q1")
    now = frame.assign(amount=[123_456_789.13, 5.0], more=1.0)
    found = restatement(tmp_path, {"bridge": now}, UNIT, "2026-Q1")
    assert found[["key", "column", "published", "now"]].to_numpy().tolist() == [
        ["(all), (all), price", "amount", "123456789.12", "123456789.13"],
        ["(row)", "note", "present", "absent"],
        ["(row)", "more", "absent", "present"],
    ]


def test_a_month_is_no_link_in_the_chain_of_quarters(closed: Path) -> None:
    month = order(closed, "2026-05", overrides=("cost_model.resources.desk.cost=100",))
    assert jobs.work(month, report=False) == 0
    assert audit.close_periods(month) == 0
    of_month, of_quarter = (read_record(folder_of(closed, period)) for period in ("2026-05", "2026-Q2"))
    assert of_month is not None and of_quarter is not None
    assert of_month.previous is None
    assert of_quarter.previous is not None and of_quarter.previous[0] == "2026-Q1"


def test_limits_against_another_model_are_doubted(closed: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shutil.rmtree(folder_of(closed, "2026-Q2"))
    assert jobs.work(order(closed, "2026-Q2"), report=False) == 0
    assert "doubt" not in capsys.readouterr().out
    assert jobs.work(order(closed, overrides=("cost_model.activities.entry.minutes=50",)), report=False) == 0
    assert "doubt: Costs or segments of 2026-Q1 were made by other params" in capsys.readouterr().out
