"""The history: a period replaces itself and nothing else, nobody is in the way, and what breaks is made again."""

from __future__ import annotations

import multiprocessing
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import duckdb
import pandas as pd
import pytest
from servers import postgres_server

from cts_lib import store
from cts_lib.errors import LockedError, SourceError
from cts_lib.history import URL, History, Rows, open_history, rows_of
from cts_lib.history.rows import NewerHistory
from cts_lib.locks import WAIT

PERIODS = ("2026-Q1", "2026-Q2")


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with postgres_server() as address:
        yield address


@pytest.fixture(params=["file", pytest.param("server", marks=pytest.mark.postgres)])
def out(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Results whose history stands in either place."""
    if request.param == "server":
        import adbc_driver_postgresql.dbapi

        address = request.getfixturevalue("server")
        connected = adbc_driver_postgresql.dbapi.connect(address, autocommit=True)
        with connected as connection, connection.cursor() as cursor:
            cursor.execute("DROP SCHEMA IF EXISTS cts_history CASCADE")
        monkeypatch.setenv(URL, address)
    return tmp_path


def frame(amount: float, rows: int = 1) -> pd.DataFrame:
    return pd.DataFrame({"segment": ["(all)"] * rows, "channel": ["(all)"] * rows, "amount": [amount] * rows})


def write(out: Path, unit: str, period: str, **tables: pd.DataFrame) -> None:
    keys = {"business_unit": unit, "period": period, "unit": unit, "params": "m1"}
    open_history(out).write(Rows(unit, period, {name: table.assign(**keys) for name, table in tables.items()}))


def amounts(out: Path, unit: str = "north") -> dict[str, float]:
    table = open_history(out).read("bridge", unit)
    return dict(zip(table["period"], table["amount"], strict=True)) if len(table) else {}


def test_a_period_run_again_replaces_that_period_and_nothing_else(out: Path) -> None:
    for unit in ("north", "south"):
        for place, period in enumerate(PERIODS):
            write(out, unit, period, bridge=frame(place))
    write(out, "north", "2026-Q1", bridge=frame(9))
    assert amounts(out) == {"2026-Q1": 9, "2026-Q2": 1}
    assert amounts(out, "south") == {"2026-Q1": 0, "2026-Q2": 1}
    write(out, "north", "2026-Q2", bridge=frame(9, rows=0), kpis=frame(1))
    assert amounts(out) == {"2026-Q1": 9}
    assert amounts(out, "south") == {"2026-Q1": 0, "2026-Q2": 1}


def test_it_may_begin_with_an_empty_table_and_takes_new_columns_and_hostile_names(out: Path) -> None:
    name = "o'north; DROP TABLE bridge"
    assert open_history(out).read("bridge", name).empty
    write(out, name, "2026-Q1", bridge=pd.DataFrame(columns=["segment", "channel", "amount"]))
    assert open_history(out).read("bridge", name).empty
    write(out, name, "2026-Q1", bridge=frame(1))
    due = pd.Series([pd.Timestamp("2026-12-31")]).astype("datetime64[s]")
    write(out, name, "2026-Q2", bridge=frame(2).assign(note="new", due=due, small=True))
    table = open_history(out).read("bridge", name).sort_values("period")
    assert table["note"].fillna("").tolist() == ["", "new"]
    assert str(table["due"].iloc[1])[:10] == "2026-12-31"
    assert open_history(out).read("bridge", "north").empty


def _one_unit(out: Path, number: int) -> None:
    for period in PERIODS:
        write(out, f"u{number}", period, bridge=frame(number), kpis=frame(number, rows=200))


def test_eight_processes_write_eight_units_at_once_and_lose_nothing(out: Path) -> None:
    with ProcessPoolExecutor(8, multiprocessing.get_context("spawn")) as pool:
        for each in [pool.submit(_one_unit, out, number) for number in range(8)]:
            each.result()
    history = open_history(out)
    assert [amounts(out, f"u{number}") for number in range(8)] == [
        dict.fromkeys(PERIODS, number) for number in range(8)
    ]
    assert {len(history.read("kpis", f"u{number}")) for number in range(8)} == {400}


HOLD = """
import sys, duckdb
connection = duckdb.connect(sys.argv[1], read_only=sys.argv[2] == "reader")
connection.execute("SHOW TABLES")
print("held", flush=True)
sys.stdin.read()
"""


@contextmanager
def held(out: Path, by: str) -> Iterator[None]:
    """Let another program have the file open."""
    command = [sys.executable, "-c", HOLD, str(out / "history.duckdb"), by]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        try:
            yield
        finally:
            process.kill()


def test_a_reader_is_in_nobodys_way(tmp_path: Path) -> None:
    write(tmp_path, "north", "2026-Q1", bridge=frame(1))
    with held(tmp_path, "reader"):
        write(tmp_path, "north", "2026-Q2", bridge=frame(2))
        assert amounts(tmp_path) == {"2026-Q1": 1, "2026-Q2": 2}


def test_a_program_that_writes_is_waited_for_and_then_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, "north", "2026-Q1", bridge=frame(1))
    monkeypatch.setenv(WAIT, "1")
    with held(tmp_path, "writer"):
        started = time.monotonic()
        for attempt in (lambda: write(tmp_path, "north", "2026-Q2", bridge=frame(2)), lambda: amounts(tmp_path)):
            with pytest.raises(LockedError, match=r"history.duckdb: is held by .*python.* \(PID \d+\); close"):
                attempt()
        assert 2 <= time.monotonic() - started < 20
    assert amounts(tmp_path) == {"2026-Q1": 1}
    assert sorted(path.name for path in tmp_path.iterdir()) == ["history.duckdb"]


@pytest.mark.parametrize("content", [b"", b"no database" * 1000])
def test_a_broken_file_is_set_aside_with_a_line_and_made_again_from_the_stored_tables(
    content: bytes, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for period in PERIODS:
        folder = store.unit_folder(tmp_path, period, "north")
        store.write_tables(folder / "tables", {"bridge": frame(5)}, "north", period)
        known = {"unit": "north", "business_unit": "north", "period": period, "state": "done", "model": "m1"}
        store.write_manifest(folder, known)
    failed = store.unit_folder(tmp_path, "2026-Q2", "south")
    store.write_manifest(failed, {"unit": "south", "period": "2026-Q2", "state": "failed"})
    path = tmp_path / "history.duckdb"
    path.write_bytes(content)
    assert amounts(tmp_path) == {"2026-Q1": 5, "2026-Q2": 5}
    (told,) = capsys.readouterr().err.splitlines()
    assert told.startswith(f"{path}: cannot be opened: IO Error: The file")
    (aside,) = tmp_path.glob("history-*.broken")
    assert f"; set aside as {aside.name}, and made again from the stored tables" in told
    assert aside.read_bytes() == content
    aside.unlink()
    path.write_bytes(content)
    write(tmp_path, "north", "2026-Q1", bridge=frame(7))
    assert amounts(tmp_path) == {"2026-Q1": 7, "2026-Q2": 5}
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_a_file_of_the_first_version_is_read_and_brought_up_to_date(tmp_path: Path) -> None:
    with duckdb.connect(str(tmp_path / "history.duckdb")) as old:
        columns = "'north' AS business_unit, '2026-Q1' AS period, 'north' AS unit, '(all)' AS segment"
        old.execute(f"CREATE TABLE bridge AS SELECT {columns}, 3.0::DOUBLE AS amount")
    assert amounts(tmp_path) == {"2026-Q1": 3}
    write(tmp_path, "north", "2026-Q2", bridge=frame(4))
    table = open_history(tmp_path).read("bridge", "north")
    assert table["params"].fillna("").tolist() == ["", "m1"]
    assert table["amount"].tolist() == [3, 4]


def test_a_history_of_a_newer_workbook_is_left_alone(tmp_path: Path) -> None:
    write(tmp_path, "north", "2026-Q1", bridge=frame(1))
    with duckdb.connect(str(tmp_path / "history.duckdb")) as newer:
        newer.execute("INSERT INTO history_version VALUES (9)")
    before = (tmp_path / "history.duckdb").read_bytes()
    with pytest.raises(NewerHistory, match="is of version 9; this workbook knows up to 2: update it"):
        write(tmp_path, "north", "2026-Q1", bridge=frame(2))
    assert (tmp_path / "history.duckdb").read_bytes() == before


@pytest.mark.postgres
def test_a_server_that_cannot_be_reached_is_said_without_its_address(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(URL, "postgresql://me:s3cret@127.0.0.1:1/nothing")
    with pytest.raises(SourceError) as raised:
        amounts(tmp_path)
    assert "s3cret" not in str(raised.value)


def test_what_a_folder_brings_names_its_unit_and_the_params_that_made_it(tmp_path: Path) -> None:
    folder = tmp_path / "2026-Q1" / "iberia"
    store.write_tables(folder / "tables", {"kpis": frame(1), "statement": frame(2)}, "IB", "2026-Q1")
    store.write_manifest(folder, {"unit": "iberia", "period": "2026-Q1", "model": "m7"})
    rows = rows_of(folder)
    assert (rows.unit, rows.period, list(rows.tables)) == ("iberia", "2026-Q1", ["kpis"])
    first = rows.tables["kpis"].iloc[0]
    assert first[["business_unit", "period", "unit", "params"]].tolist() == ["IB", "2026-Q1", "iberia", "m7"]


def test_both_places_are_a_history(tmp_path: Path) -> None:
    history: History = open_history(tmp_path)
    assert history.read("kpis", "north").empty
    assert list(tmp_path.iterdir()) == []
