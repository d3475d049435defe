"""Units on a Dask cluster, a real scheduler with two workers: what one machine does, whoever dies meanwhile."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from processes import tree
from small_workbook import LEDGER, QUARTER, line, make_workbook
from test_resume import content

from cts_lib import jobs
from cts_lib.errors import MissingExtra, ParamsError
from cts_lib.orders import Message, Order, Tell, Work

UNITS = ("east", "north", "south")
LATER = "2026-Q2"
TESTS = Path(__file__).parent
PATH = {"PYTHONPATH": os.pathsep.join([str(TESTS.parent), str(TESTS)])}


@contextmanager
def started(*command: str, says: str, **more: str) -> Iterator[subprocess.Popen[bytes]]:
    """A program of Dask's, from when it says that it is there."""
    words = [sys.executable, "-u", "-m", *command]
    with tempfile.TemporaryDirectory() as folder, (Path(folder) / "log").open("w+") as log:
        process = subprocess.Popen(words, env=os.environ | PATH | more, stderr=log, cwd=folder)
        try:
            while says not in (Path(folder) / "log").read_text():
                assert process.poll() is None
                time.sleep(0.1)
            yield process
        finally:
            process.terminate()
            process.wait()


@contextmanager
def worker(address: str, threads: str = "1", **more: str) -> Iterator[subprocess.Popen[bytes]]:
    command = ["dask", "worker", address, "--nworkers", "1", "--nthreads", threads, "--no-nanny", "--no-dashboard"]
    with started(*command, says="Starting established connection", **more) as process:
        yield process


@pytest.fixture
def scheduler() -> Iterator[str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    command = ["dask", "scheduler", "--host", "127.0.0.1", "--port", port, "--no-dashboard"]
    with started(*command, says="Scheduler at", DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES="1"):
        yield f"tcp://127.0.0.1:{port}"


@pytest.fixture
def workbook(tmp_path: Path) -> Path:
    lines = [line(business_unit=unit) for unit in UNITS]
    lines += [line(order_id="o2", business_unit=unit, order_date="2026-05-05") for unit in UNITS]
    ledger = [LEDGER[0] | {"business_unit": unit, "period": period} for unit in UNITS for period in (QUARTER, LATER)]
    params = make_workbook(tmp_path, lines, ledger=ledger)
    for unit in UNITS:
        (params / "units" / f"{unit}.yml").write_text("{}\n")
    return tmp_path


def started_run(
    folder: Path, out: str, *more: str, do: tuple[str, ...] = ("compute", "--stages", "profile,segment")
) -> subprocess.Popen[str]:
    """A run of one period, in the workbook's own folder, where no worker started."""
    places = ["--params", "params", "--out", out, "--period", QUARTER]
    command = [sys.executable, "-u", "-m", "cts_lib.cli", *do, *places, *more]
    pipe = subprocess.PIPE
    return subprocess.Popen(command, cwd=folder, env=os.environ | PATH, stdout=pipe, stderr=pipe, text=True)


def tables_of(out: Path) -> dict[str, bytes]:
    return {str(path.relative_to(out)): path.read_bytes() for path in sorted(out.glob("*/*/tables/*"))}


def shown(out: Path) -> dict[str, object]:
    """What pages of notebooks show: their outputs, without times."""
    pages = {name: value for name, value in content(out).items() if name.endswith((".html", ".ipynb"))}
    return {name: str(value).replace(str(out), "OUT") for name, value in pages.items()}


def kill_who_works(run: subprocess.Popen[str], out: Path) -> tuple[int, str]:
    """Kill the process that holds a unit's lock once the run heard of it; return its number and what was told."""
    assert run.stdout is not None
    told = [run.stdout.readline()]
    while told[-1] and not told[-1].endswith("  profile\n"):
        told.append(run.stdout.readline())
    for lock in out.glob("*/.work/*/lock"):
        if words := lock.read_text().split():
            os.kill(int(words[1]), signal.SIGKILL)
            return int(words[1]), "".join(told)
    raise AssertionError(f"nobody works in {out}")


@pytest.mark.cluster
def test_a_unit_whose_worker_is_killed_is_done_again_to_the_same_bytes(scheduler: str, workbook: Path) -> None:
    alone = started_run(workbook, "alone", "--jobs", "1")
    assert "3 done, 0 failed" in alone.communicate()[0]
    with worker(scheduler) as one, worker(scheduler) as other:
        run = started_run(workbook, "out", "--scheduler", scheduler)
        killed, before = kill_who_works(run, workbook / "out")
        told, errors = run.communicate()
        told = before + told
        assert killed in {one.pid, other.pid}
    assert (run.returncode, errors) == (0, "")
    assert "3 done, 0 failed" in told
    lost = [text for text in told.splitlines() if "was lost" in text]
    assert len(lost) == 1
    assert lost[0].endswith("was lost; the unit is done again by another")
    done = [text.split()[:2] for text in told.splitlines() if "  done, " in text]
    assert sorted(done) == [[unit, QUARTER] for unit in UNITS]
    assert tables_of(workbook / "out") == tables_of(workbook / "alone")
    assert not list((workbook / "out").glob(".cluster-*"))
    assert not list((workbook / "out").glob("*/.work/*"))


@pytest.mark.cluster
@pytest.mark.skipif(not Path("/proc").exists(), reason="asks /proc who started a kernel")
def test_a_units_pages_are_made_by_the_worker_as_one_machine_makes_them(scheduler: str, workbook: Path) -> None:
    alone = started_run(workbook, "alone", "--unit", "north", do=("run",))
    assert "1 done, 0 failed" in alone.communicate()[0]
    kernels = set[int]()
    with worker(scheduler) as one:
        run = started_run(workbook, "out", "--unit", "north", "--scheduler", scheduler, do=("run",))
        while run.poll() is None:
            held = tree(one.pid).values()
            kernels |= {each.number for each in held if "ipykernel_launcher" in each.command}
            time.sleep(0.2)
        told, errors = run.communicate()
    assert (run.returncode, errors) == (0, "")
    assert "1 done, 0 failed" in told
    assert len(kernels) == 1
    found, expected = shown(workbook / "out"), shown(workbook / "alone")
    assert found.keys() == expected.keys()
    assert [name for name in expected if found[name] != expected[name]] == []
    assert tables_of(workbook / "out") == tables_of(workbook / "alone")


def hostile(work: Work, tell: Tell) -> None:
    """Do a unit's periods; in the first one east kills whoever does it, south never ends."""
    for period in work.periods:
        tell(Message(work.unit.name, str(period), "progress", "profile"))
        if str(period) == QUARTER and work.unit.name == "east":
            time.sleep(1.5)  # what it told is on its way
            os.kill(os.getpid(), signal.SIGKILL)
        while str(period) == QUARTER and work.unit.name == "south":
            time.sleep(1)
        tell(Message(work.unit.name, str(period), "done"))


@pytest.mark.cluster
def test_a_unit_that_kills_its_workers_or_never_ends_fails_its_period_alone(
    scheduler: str, workbook: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from cts_lib import cluster

    monkeypatch.setattr(cluster, "GRACE", 1.0)
    command = ["dask", "worker", scheduler, "--nthreads", "1", "--no-dashboard", "--nworkers", "2"]
    heard: list[Message] = []
    order = Order(workbook / "params", workbook / "out", periods=(QUARTER, LATER), timeout=10, scheduler=scheduler)
    units, periods = jobs.prepare(order)
    with started(*command, says="Starting established connection"):
        works = [Work(order, unit, periods[unit.name], report=False) for unit in units]
        cluster.work_on_cluster(hostile, works, heard.append)
    failed = sorted(message.text for message in heard if message.kind == "failed")
    assert len(failed) == 2
    assert failed[0].startswith(f"east, {QUARTER}, profile: 2 workers died of it, the last tcp://")
    assert failed[1].startswith(f"south, {QUARTER}, profile: took more than 10 seconds and was ended")
    done = {(message.unit, message.period) for message in heard if message.kind == "done"}
    assert done == {("north", QUARTER)} | {(unit, LATER) for unit in UNITS}


@pytest.mark.cluster
def test_a_run_that_is_told_to_stop_stops_its_workers(scheduler: str, workbook: Path) -> None:
    with worker(scheduler):
        run = started_run(workbook, "out", "--scheduler", scheduler)
        assert run.stdout is not None
        while "profile" not in run.stdout.readline():
            assert run.poll() is None
        run.send_signal(signal.SIGTERM)
        assert run.communicate()[1] == "stopped; what was finished is kept\n"
        assert run.returncode == 143
        for _ in range(300):
            if not list((workbook / "out").glob("*/.work/*")):
                break
            time.sleep(0.1)
        time.sleep(3)
        assert not list((workbook / "out").glob("*/.work/*"))
        assert len(list((workbook / "out").glob("*/*/manifest.json"))) < 2


@pytest.mark.cluster
def test_workers_that_would_do_something_else_are_refused_in_a_line(scheduler: str, workbook: Path) -> None:
    def refused() -> str:
        run = started_run(workbook, "out", "--scheduler", scheduler)
        errors = run.communicate()[1]
        assert run.returncode == 2
        assert errors.count("\n") == 1
        return errors

    assert refused().startswith(f"{scheduler}: has no worker; start some: dask worker {scheduler}")
    with worker(scheduler, threads="2", CTS_HISTORY_URL="postgresql://nowhere/secret"):
        errors = refused()
    assert "threads 2, here 1; CTS_HISTORY_URL set, here not set; start it as" in errors
    assert "secret" not in errors
    assert not list((workbook / "out").glob("*/*"))


@pytest.mark.cluster
@pytest.mark.parametrize(
    ("address", "problem"),
    [
        ("", "'' is no address"),
        ("nowhere", "'nowhere' is no address"),
        ("tcp://nowhere.invalid:8786", "tcp://nowhere.invalid:8786 does not answer: "),
        ("tcp://127.0.0.1:1", "tcp://127.0.0.1:1 does not answer: Connection refused"),
    ],
)
def test_a_scheduler_that_is_not_there_is_told_before_anything_is_looked_at(
    tmp_path: Path, address: str, problem: str
) -> None:
    order = Order(tmp_path / "no params", tmp_path / "out", scheduler=address)
    before = time.monotonic()
    with pytest.raises(ParamsError) as raised:
        jobs.work(order, report=False)
    assert str(raised.value).startswith(f"--scheduler: {problem}")
    assert time.monotonic() - before < 10
    assert not (tmp_path / "out").exists()


@pytest.mark.cluster
def test_what_answers_but_is_no_scheduler_is_told(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"tcp://127.0.0.1:{server.getsockname()[1]}"
        with pytest.raises(ParamsError, match="does not answer: timed out"):
            jobs.work(Order(tmp_path, tmp_path / "out", scheduler=address), report=False)


def test_a_cluster_without_its_package_says_how_to_install_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "cts_lib.cluster", raising=False)
    monkeypatch.setitem(sys.modules, "distributed", None)
    order = Order(tmp_path, tmp_path / "out", scheduler="tcp://127.0.0.1:8786")
    with pytest.raises(
        MissingExtra, match=r"--scheduler: cluster needs distributed, which is not installed here; pip "
    ):
        jobs.work(order, report=False)
