"""Every wait has a limit: a unit that takes too long or too much, or whose process dies, fails alone and by name."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook
from small_workbook import LEDGER, QUARTER, line, make_workbook

from cts_lib import jobs, limits, store
from cts_lib.errors import NotebookError, ParamsError
from cts_lib.limits import resident, size_of
from cts_lib.orders import Message, Order, Tell, Work
from cts_lib.reporting.kernel import WarmKernel
from cts_lib.workers import work_in_processes

PERIODS = (QUARTER, "2026-Q2")
UNITS = ("east", "north", "south", "west")
KILL = "import os, signal; os.kill(os.getpid(), signal.SIGKILL)"
LATER = "import os, threading; threading.Timer(0.5, lambda: os._exit(1)).start()"


def run(folder: Path, *notebooks: list[str], pause: float = 0.0) -> None:
    with WarmKernel(folder) as kernel:
        for number, cells in enumerate(notebooks, 1):
            made = new_notebook(cells=[new_code_cell(source) for source in cells])
            nbformat.write(made, folder / f"{number}.ipynb")
            kernel.run(folder / f"{number}.ipynb", folder / "out" / f"{number}.ipynb", {})
            time.sleep(pause)


@pytest.mark.parametrize(
    ("notebooks", "place"),
    [
        ([["1", KILL, "2"]], "1.ipynb, cell 2"),
        ([["import os; os._exit(0)"]], "1.ipynb, cell 1"),
        ([[LATER, "import time; time.sleep(60)"]], "1.ipynb, cell 2"),
        ([["1", LATER], ["2"]], "2.ipynb, before its first cell"),
    ],
    ids=["killed", "left", "between cells", "between notebooks"],
)
def test_a_kernel_that_dies_is_told_with_its_notebook_and_cell(
    tmp_path: Path, notebooks: list[list[str]], place: str
) -> None:
    with pytest.raises(NotebookError, match="the kernel died; give the run more memory") as raised:
        run(tmp_path, *notebooks, pause=1.5)
    assert raised.value.where == place


@pytest.mark.parametrize(
    "endless",
    ["while True: pass", "import os, signal; os.kill(os.getpid(), signal.SIGSTOP)"],
    ids=["busy", "stopped"],
)
def test_a_cell_that_never_ends_is_ended_and_named(tmp_path: Path, endless: str) -> None:
    started = time.monotonic()
    with limits.within(8), pytest.raises(NotebookError, match="took longer than the unit has") as raised:
        run(tmp_path, ["1", endless])
    assert raised.value.where == "1.ipynb, cell 2"
    assert time.monotonic() - started < 20


@pytest.mark.parametrize("text", ["", "4", "0GB", "4 GB", "1e9", "-1GB", "4TB"])
def test_a_size_that_is_none_is_told(text: str) -> None:
    with pytest.raises(ParamsError, match="write it as 900MB or 4GB"):
        size_of(text, "--memory")


def test_what_a_process_holds_is_held_with_its_children() -> None:
    code = "import time; held = bytearray(200 << 20); print(1, flush=True); time.sleep(60)"
    child = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE)
    try:
        assert child.stdout is not None
        child.stdout.readline()
        if memory := resident(os.getpid()):
            assert memory[child.pid] > 200 << 20
            assert memory[os.getpid()] > 0
    finally:
        child.kill()
        child.communicate()
    assert resident(child.pid) == {}


@pytest.fixture
def workbook(tmp_path: Path) -> Path:
    lines = [line(business_unit=unit) for unit in UNITS]
    lines += [line(order_id="o2", business_unit=unit, order_date="2026-05-05") for unit in UNITS]
    ledger = [
        LEDGER[0] | {"business_unit": unit, "period": period} for unit in UNITS for period in (QUARTER, "2026-Q2")
    ]
    params = make_workbook(tmp_path, lines, ledger=ledger)
    for unit in UNITS:
        (params / "units" / f"{unit}.yml").write_text("{}\n")
    return tmp_path


def hostile(work: Work, tell: Tell) -> None:
    """Do a unit's periods; in the first one north is killed, south takes memory, west sleeps and hears nothing."""
    for period in work.periods:
        tell(Message(work.unit.name, str(period), "progress", "profile"))
        if str(period) == QUARTER:
            if work.unit.name == "north":
                os.kill(os.getpid(), signal.SIGKILL)
            elif work.unit.name == "south":
                _ = [bytearray(os.urandom(1 << 20)) * 16 for _ in range(1000)]
            elif work.unit.name == "west":
                signal.signal(signal.SIGTERM, signal.SIG_IGN)
                time.sleep(120)
        tell(Message(work.unit.name, str(period), "done"))


@pytest.mark.skipif(not Path("/proc").exists(), reason="asks /proc what a process holds")
def test_a_process_that_ends_or_has_to_be_ended_fails_its_period_alone(
    workbook: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cts_lib.workers.GRACE", 1.0)
    order = Order(workbook / "params", workbook / "out", periods=PERIODS, timeout=4, memory=800 << 20)
    units, periods = jobs.prepare(order)
    heard: list[Message] = []
    works = [Work(order, unit, periods[unit.name], report=False) for unit in units]
    work_in_processes(hostile, works, 2, heard.append)
    assert {message.text for message in heard if message.kind == "failed"} == {
        "north, 2026-Q1, profile: its process was ended by SIGKILL; give it more memory (--memory), or the run fewer "
        "--jobs",
        "south, 2026-Q1, profile: took more than 0.8 GB and was ended; give --memory more",
        "west, 2026-Q1, profile: took more than 4 seconds and was ended; give --timeout more seconds, or the unit less "
        "to do",
    }
    done = {(message.unit, message.period) for message in heard if message.kind == "done"}
    assert done == {(unit, "2026-Q2") for unit in UNITS} | {("east", QUARTER)}


def test_a_unit_that_takes_too_long_fails_and_the_others_are_done(workbook: Path) -> None:
    (workbook / "mappings").mkdir()
    for table in ("customers", "products", "order_lines", "ledger"):
        text = f"SELECT * FROM read_csv('data/{table}.csv', all_varchar = true)"
        if table == "ledger":
            text += " WHERE (SELECT COUNT(*) FROM range(10000000) AS a, range(10000000) AS b) > 1"
        (workbook / "mappings" / f"{table}.sql").write_text(text)
    endless = "source: {path: null, sql: mappings}\n"
    (workbook / "params" / "units" / "south.yml").write_text(endless)
    run = subprocess.run(
        [
            *(sys.executable, "-m", "cts_lib.cli", "compute", "--until", "profile", "--timeout", "15"),
            *("--params", str(workbook / "params"), "--out", str(workbook / "out"), "--period", QUARTER),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 1
    assert run.stderr.startswith(f"south, {QUARTER}")
    assert run.stderr.endswith(
        "took more than 15 seconds and was ended; give --timeout more seconds, or the unit less to do\n"
    )
    states = {unit: (store.read_manifest(workbook / "out" / QUARTER / unit) or {}).get("state") for unit in UNITS}
    assert states == {"east": "done", "north": "done", "south": "failed", "west": "done"}
