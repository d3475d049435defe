"""What no person means to write is one line that says where, never a traceback and never a hang."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from small_workbook import LEDGER, QUARTER, compute, line, make_workbook

from cts_lib import cli, jobs
from cts_lib.engine import choice
from cts_lib.errors import CtsError
from cts_lib.params import load
from cts_lib.params.reading import read_yaml

BOMB = "\n".join([f"x0: &x0 [{'1, ' * 10}]", *(f"x{n}: &x{n} [{f'*x{n - 1}, ' * 10}]" for n in range(1, 12))])
MERGES = "\n".join(["m0: &m0 {a: 1}", *(f"m{n}: &m{n} {{<<: [{f'*m{n - 1}, ' * 10}]}}" for n in range(1, 12))])


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (BOMB, "aliases make it more than 200,000 values; write out what is meant"),
        (MERGES, "aliases make it more than 200,000 values; write out what is meant"),
        ("labels: &a {channel: *a}", "line 1: a value holds itself by its alias; write it out"),
        ("\nquality: &a [*a]", "line 2: a value holds itself by its alias; write it out"),
        ("m: &m {<<: *m, a: 1}", "line 1: a value holds itself by its alias; write it out"),
        ('source: {path: "a\\0b"}', "line 1: holds a NUL; write a text without it"),
        (f"labels: {'{a: ' * 3000}1{'}' * 3000}", "cannot be read: maximum recursion depth exceeded"),
        (f"labels: {'[' * 20000}", "cannot be read: maximum recursion depth exceeded"),
    ],
    ids=["aliases", "merges", "mapping", "list", "merge", "nul", "mappings", "lists"],
)
def test_a_params_file_that_would_never_end_is_one_line(tmp_path: Path, text: str, told: str) -> None:
    (tmp_path / "defaults.yml").write_text(text)
    with pytest.raises(CtsError) as error:
        read_yaml(tmp_path / "defaults.yml")
    assert told in str(error.value)
    assert len(str(error.value).splitlines()) == 1


def test_aliases_that_mean_what_they_say_are_read(tmp_path: Path) -> None:
    (tmp_path / "x.yml").write_text("base: &base {a: 1}\nmore: {<<: *base, b: 2}\nagain: [*base, *base]\n")
    assert read_yaml(tmp_path / "x.yml") == {"base": {"a": 1}, "more": {"a": 1, "b": 2}, "again": [{"a": 1}] * 2}


def changed(params: Path, change: Callable[[dict[str, Any]], None]) -> Path:
    tree = yaml.safe_load((params / "defaults.yml").read_text())
    change(tree)
    (params / "defaults.yml").write_text(yaml.safe_dump(tree))
    return params


def no_resources(tree: dict[str, Any]) -> None:
    del tree["cost_model"]["resources"]
    tree["cost_model"]["support"] = {"shares": {"it": {"hr": 2}}, "method": "nonsense"}


def largest_rate(tree: dict[str, Any]) -> None:
    tree["cost_model"]["activities"]["visits"] = {"per": "order", "driver": "1", "rate": -1e308}


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (no_resources, ["cost_model.resources: missing", "support.method: found 'nonsense'", "support.shares"]),
        (largest_rate, ["activities.visits.rate: found -1e+308"]),
    ],
)
def test_params_that_are_wrong_twice_are_told_together(
    tmp_path: Path, change: Callable[[dict[str, Any]], None], told: list[str]
) -> None:
    with pytest.raises(CtsError) as error:
        load(changed(make_workbook(tmp_path), change))
    lines = str(error.value).splitlines()
    assert len(lines) == len(told)
    assert all(part in line for part, line in zip(told, lines, strict=True))


@pytest.mark.parametrize(
    "text", ["1e", "1e+", "0x", "1..2", "1e5e5", "9" * 400, "(" * 3000, "'", "--", "\\0", "{a}", "😀"]
)
def test_an_expression_that_is_none_is_one_line(tmp_path: Path, text: str) -> None:
    params = make_workbook(tmp_path, ledger=LEDGER)
    changed(params, lambda tree: tree["cost_model"]["activities"]["entry"].update(minutes=text))
    with pytest.raises(CtsError) as error:
        compute(params)
    assert str(error.value).startswith("cost_model.activities.entry.minutes: ")
    assert len(str(error.value).splitlines()) == 1


def a_pipe(*parts: str) -> Callable[[Path], None]:
    def make(folder: Path) -> None:
        folder.joinpath(*parts).unlink(missing_ok=True)
        folder.joinpath(*parts).parent.mkdir(exist_ok=True)
        os.mkfifo(folder.joinpath(*parts))

    return make


def a_mapping_of_a_pipe(folder: Path) -> None:
    a_pipe("data", "pipe.csv")(folder)
    (folder / "sources").mkdir()
    for table in ("customers", "order_lines"):
        (folder / "sources" / f"{table}.sql").write_text(f"FROM 'data/{table}.csv'")
    (folder / "sources" / "products.sql").write_text("FROM read_csv('data/p*e.csv')")
    changed(folder / "params", lambda tree: tree.update(source={"sql": "sources"}))


def a_device(folder: Path) -> None:
    (folder / "data" / "events.csv").symlink_to("/dev/zero")


@pytest.mark.parametrize(
    ("make", "told"),
    [
        (a_pipe("data", "events.csv"), "events.csv: is no file but a pipe or a device"),
        (a_pipe("data", "customers.csv"), "customers.csv: is no file but a pipe or a device"),
        (a_pipe("params", "units", "south.yml"), "south.yml: cannot be read: it is no file"),
        (a_pipe("params", "defaults.yml"), "defaults.yml: no such file"),
        (a_mapping_of_a_pipe, "pipe.csv is no file but a pipe or a device"),
        (a_device, "events.csv: is no file but a pipe or a device"),
    ],
)
def test_what_is_no_file_is_not_waited_for(tmp_path: Path, make: Callable[[Path], None], told: str) -> None:
    params = make_workbook(tmp_path, ledger=LEDGER)
    make(tmp_path)
    with pytest.raises(CtsError) as error:
        for unit in load(params):
            compute(params, unit=unit.name)
    assert told in str(error.value)


@pytest.mark.parametrize("option", ["--params", "--out", "--set"])
def test_a_name_that_no_file_can_have_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], option: str
) -> None:
    long = "x" * 300
    given = {"--params": str(make_workbook(tmp_path, ledger=LEDGER)), "--out": str(tmp_path / "out")}
    given[option] = f"source.path={long}" if option == "--set" else str(tmp_path / long)
    arguments = [part for pair in given.items() for part in pair]
    monkeypatch.setattr(sys, "argv", ["cts", "compute", *arguments, "--period", QUARTER])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    told = capsys.readouterr().err
    assert (ended.value.code, len(told.splitlines())) == (2, 1)
    assert "File name too long; " in told


def small_files() -> None:
    """Let no file grow beyond some kilobytes, as on a disk that is full."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (3_000, 3_000))


def test_a_full_disk_is_one_line_a_unit(tmp_path: Path) -> None:
    params = make_workbook(tmp_path, ledger=LEDGER)
    places = ["--params", str(params), "--out", str(tmp_path / "out"), "--period", QUARTER]
    run = subprocess.run(
        [sys.executable, "-m", "cts_lib.cli", "compute", *places, "--until", "profile"],
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=small_files,
        env=os.environ | {"NUMBA_CACHE_DIR": str(tmp_path / "cache")},
    )
    assert "Traceback" not in run.stderr
    assert run.returncode in (1, 2)
    assert [line for line in run.stderr.splitlines() if "File too large" in line]
    assert not (tmp_path / "out" / QUARTER / "north" / "tables").exists()


def test_memory_that_ends_inside_a_query_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CTS_MEMORY", "1MB")
    with pytest.raises(CtsError, match=r"duckdb: has not enough memory: .*; set CTS_MEMORY to more") as error:
        compute(make_workbook(tmp_path, ledger=LEDGER))
    assert len(str(error.value).splitlines()) == 1


@pytest.mark.parametrize("mapped", [False, True])
def test_a_query_that_memory_ends_gets_more_where_nobody_said_how_much(
    mapped: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CTS_MEMORY", raising=False)
    monkeypatch.setattr(choice, "USUAL_MEMORY", "1MB")
    params = make_workbook(tmp_path, ledger=LEDGER)
    overrides = []
    if mapped:
        (params / "sources").mkdir()
        for table in ("customers", "products", "order_lines", "ledger"):
            (params / "sources" / f"{table}.sql").write_text(f"SELECT * FROM 'data/{table}.csv'")
        overrides = ["source.path=null", "source.sql=params/sources"]
    assert len(compute(params, overrides=overrides).all_tables["customer_profit"]) == 1


def test_what_cannot_be_written_of_a_failure_loses_no_unit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = [line(), line(business_unit="south", net_sales="none")]
    params = make_workbook(tmp_path, lines, ledger=LEDGER)
    (params / "units" / "south.yml").write_text("{}\n")
    (tmp_path / "out" / QUARTER).mkdir(parents=True)
    (tmp_path / "out" / QUARTER / "south").write_text("a file where the folder would be")
    order = jobs.Order(params, tmp_path / "out", periods=[QUARTER], jobs=1, stages=("profile",))
    assert jobs.work(order, report=False) == 1
    told = capsys.readouterr().err.splitlines()
    assert [each for each in told if "the units' folders stand" in each]
    assert (tmp_path / "out" / QUARTER / "north" / "manifest.json").exists()
