"""What is up to date is not done again, stage by stage and page by page, and no stop on the way shows in the end."""

from __future__ import annotations

import json
import re
import shutil
import zipfile
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import yaml
from small_workbook import LEDGER, MINUTES, QUARTER, booked, line, make_workbook

from cts_lib import jobs, store
from cts_lib.bundle import bundled
from cts_lib.errors import Problems
from cts_lib.history import open_history
from cts_lib.params import load
from cts_lib.params.period import Period
from cts_lib.reporting import PAGES, execute, kept
from cts_lib.run import STAGES, stored, versions

NEXT = "2026-Q2"
TIME = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d)?")
TIMES = ("start", "end", "digest", "files")
"""What a manifest says of times, and of files with times in them."""


class Stopped(BaseException):
    """Ends a run where a test wants it ended, past everything that only minds errors."""


def workbook(folder: Path) -> jobs.Order:
    """Write a unit of two quarters, with an action, and return the order to run it."""
    lines = [line(f"{day}-{at}", customer_id=f"c{at}", order_date=day) for day in DAYS for at in (1, 2)]
    params = make_workbook(
        folder,
        lines,
        MINUTES | {"resources": {"desk": {"capacity_minutes": 1000, "owner": "Head of desk"}}},
        ledger=[*LEDGER, booked("desk", 1100, NEXT)],
    )
    (params / "actions").mkdir()
    action = {"id": "a", "action": "Call less", "channel": "direct", "since": "2026-02", "due": "2026-12-31"}
    (params / "actions" / "north.yml").write_text(yaml.safe_dump([action]))
    return jobs.Order(params, folder / "out", periods=[QUARTER, NEXT], resume=True)


def test_actions_are_those_of_the_plan_that_stands_there(tmp_path: Path) -> None:
    levers = {"levers": {"fee": {"kind": "terms", "settings": {"five": {"fee_per_order": 500}}}}}
    order = replace(workbook(tmp_path), periods=[NEXT], overrides=(f"strategy={json.dumps(levers)}",))
    dearer = replace(order, overrides=(order.overrides[0].replace("500", "900"),))

    def expected(order: jobs.Order) -> list[float]:
        do(order, report=False)
        table = pd.read_parquet(order.out / NEXT / "north" / "tables" / "actions.parquet")
        return list(table["expected_saving"].dropna())

    for stages in (("profile", "segment", "govern"), ("strategy",)):
        do(replace(order, stages=stages), report=False)
    assert expected(order) == [3000.0]
    assert expected(dearer) == [5400.0]
    assert expected(order) == [3000.0]


DAYS = ("2026-01-12", "2026-02-16", "2026-03-16", "2026-04-13", "2026-05-18", "2026-06-15")


def do(order: jobs.Order, stop_at: int | None = None, report: bool = True) -> tuple[list[str], list[str]]:
    """Do the order as a run does; return what it did and what it found done; end it before a step if asked."""
    done, current = list[str](), list[str]()
    (unit,) = load(order.params, None, list(order.overrides))

    def tell(message: jobs.Message) -> None:
        assert message.kind != "failed", message.text
        if message.kind == "current":
            current.append(message.period)
        elif message.kind == "progress" and message.text in (*STAGES, *PAGES):
            if len(done) == stop_at:
                raise Stopped
            done.append(f"{message.period} {message.text}")

    periods = [Period.parse(text) for text in order.periods]
    with suppress(Stopped):
        jobs.work_unit(jobs.Work(order, unit, periods, report=report), tell)
    return done, current


def content(out: Path) -> dict[str, Any]:
    """Return all that is below a folder, without the times of day that it was made at."""
    found: dict[str, Any] = {}
    for path in sorted(path for path in out.rglob("*") if path.is_file()):
        name = str(path.relative_to(out))
        if path.name == "manifest.json":
            found[name] = {key: value for key, value in json.loads(path.read_text()).items() if key not in TIMES}
        elif path.suffix == ".html":
            found[name] = TIME.sub("", path.read_text())
        elif path.suffix == ".ipynb":
            cells = json.loads(path.read_text())["cells"]
            found[name] = TIME.sub("", json.dumps([(cell["source"], cell.get("outputs")) for cell in cells]))
        elif path.suffix == ".feather":  # whose padding may hold anything
            found[name] = pd.read_feather(path).to_csv()
        elif path.suffix == ".xlsx":
            with zipfile.ZipFile(path) as book:
                found[name] = {each: book.read(each) for each in book.namelist() if each != "docProps/core.xml"}
        elif path.suffix == ".duckdb":
            units, history = {folder.parent.name for folder in out.glob("*/*/manifest.json")}, open_history(out)
            found[name] = [
                history.read(table, unit).to_csv()
                for unit in sorted(units)
                for table in ("kpis", "segments", "actions", "bridge")
            ]
        else:
            found[name] = path.read_bytes()
    return found


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> tuple[jobs.Order, list[str], Path]:
    """An order, what a run of it did, and a copy of what that left."""
    order = workbook(tmp_path_factory.mktemp("undisturbed"))
    done, current = do(order)
    assert not current
    copy = order.out.with_name("copy")
    shutil.copytree(order.out, copy)
    return order, done, copy


@pytest.fixture
def order(undisturbed: tuple[jobs.Order, list[str], Path]) -> jobs.Order:
    """The order with all that it yields there."""
    order, _, copy = undisturbed
    shutil.rmtree(order.out, ignore_errors=True)
    shutil.copytree(copy, order.out)
    return order


def steps(*chosen: str, period: str = QUARTER) -> list[str]:
    return [f"{period} {step}" for step in chosen]


def test_a_run_does_every_stage_and_page_once(undisturbed: tuple[jobs.Order, list[str], Path]) -> None:
    assert undisturbed[1] == [*steps(*STAGES, *PAGES), *steps(*STAGES, *PAGES, period=NEXT)]


def test_a_second_run_does_nothing(order: jobs.Order) -> None:
    before = content(order.out)
    assert do(order) == ([], [QUARTER, NEXT])
    assert content(order.out) == before


def test_a_run_from_the_beginning_does_all_and_yields_the_same(order: jobs.Order) -> None:
    before = content(order.out)
    assert do(replace(order, resume=False, periods=[NEXT])) == (steps(*STAGES, *PAGES, period=NEXT), [])
    assert content(order.out) == before


def test_a_run_that_is_stopped_again_and_again_ends_as_an_undisturbed_one(
    order: jobs.Order, undisturbed: tuple[jobs.Order, list[str], Path]
) -> None:
    expected, done = content(order.out), list[str]()
    shutil.rmtree(order.out)
    while len(done) < len(undisturbed[1]):
        found, _ = do(order, stop_at=3)
        assert found, done
        done += found
    assert done == undisturbed[1]
    assert content(order.out) == expected


def test_params_of_one_stage_do_that_stage_again_and_the_pages_that_show_it(order: jobs.Order) -> None:
    order = replace(order, periods=[QUARTER])
    of_govern = replace(order, overrides=["governance.minimum_history=5"])
    assert do(of_govern, stop_at=3)[0] == steps("govern", *PAGES[:2])  # every page tells the params
    of_segments = replace(order, overrides=["segmentation.keep_from=2026-Q1"])
    assert do(of_segments, stop_at=5)[0] == steps(*STAGES[1:], PAGES[0])


def test_an_action_does_governing_and_its_page_again(order: jobs.Order) -> None:
    path = order.params / "actions" / "north.yml"
    kept = path.read_text()
    try:
        path.write_text(kept.replace("Call less", "Call less often"))
        done, current = do(replace(order, periods=[QUARTER]))
    finally:
        path.write_text(kept)
    assert (done, current) == (steps("govern", "05_govern", "index"), [])


def test_other_data_do_all_again(order: jobs.Order) -> None:
    path = order.params.parent / "data" / "order_lines.csv"
    kept = path.read_text()
    try:
        path.write_text(kept.replace(",60", ",61"))
        done, current = do(replace(order, periods=[QUARTER]), stop_at=len(STAGES) + 1)
    finally:
        path.write_text(kept)
    assert (done, current) == (steps(*STAGES, PAGES[0]), [])


def test_another_notebook_makes_its_page_again(order: jobs.Order, monkeypatch: pytest.MonkeyPatch) -> None:
    other = order.out.with_name("notebooks")
    shutil.copytree(bundled("notebooks"), other, dirs_exist_ok=True)
    path = other / "02_segment.ipynb"
    notebook = json.loads(path.read_text())
    notebook["cells"][0]["source"] = ["# What was found"]
    path.write_text(json.dumps(notebook))
    monkeypatch.setattr(kept, "bundled", {"notebooks": other}.get)
    monkeypatch.setattr(execute, "bundled", {"notebooks": other}.get)
    assert do(replace(order, periods=[QUARTER])) == (steps("02_segment"), [])
    assert "What was found" in (order.out / QUARTER / "north" / "02_segment.html").read_text()


def test_a_stage_that_was_half_kept_is_nobodys(order: jobs.Order, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.rmtree(order.out)
    order = replace(order, periods=[QUARTER])
    do(order, stop_at=2)
    place = store.kept_folder(order.out / QUARTER / "north")

    def killed(*given: Any, **more: Any) -> None:
        (place / "state" / "segment" / "notes.json").write_text("[]")
        raise Stopped

    other = replace(order, overrides=["segmentation.keep_from=2026-Q1"])
    with monkeypatch.context() as patch:
        patch.setattr(stored, "write_stage", killed)
        assert do(other) == (steps("segment"), [])
    assert do(order, stop_at=2)[0] == steps("segment", "strategy")  # its files are of other params by now


def test_what_compilers_leave_is_no_code(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "package"
    (package / "__pycache__").mkdir(parents=True)
    (package / "a.py").write_text("one = 1")
    monkeypatch.setattr(versions, "_PACKAGE", package)
    found = versions.code.__wrapped__()
    (package / "__pycache__" / "a.loop-1.py311.nbc").write_bytes(b"compiled")
    assert versions.code.__wrapped__() == found
    (package / "a.py").write_text("one = 2")
    assert versions.code.__wrapped__() != found


def test_what_somebody_took_away_is_made_again(order: jobs.Order) -> None:
    folder = order.out / QUARTER / "north"
    before = content(order.out)
    (folder / "03_strategy.html").unlink()
    (folder / "tables" / "segments.parquet").unlink()
    assert do(order) == (steps("segment", "03_strategy"), [NEXT])
    (order.out / "history.duckdb").unlink()
    assert do(order)[0] == []
    assert content(order.out) == before


@pytest.mark.parametrize(
    ("name", "again"),
    [
        ("tables/segments.parquet", ("segment",)),
        ("state/segment/notes.json", ("segment",)),
        ("03_strategy.html", ("03_strategy",)),
        ("tables.xlsx", ()),
        ("manifest.json", (*STAGES, *PAGES)),
    ],
)
def test_what_somebody_changed_is_made_again(order: jobs.Order, name: str, again: tuple[str, ...]) -> None:
    before, path = content(order.out), order.out / QUARTER / "north" / name
    held = path.read_bytes()
    path.unlink()  # the copy shares it
    path.write_bytes(held.replace(b"north", b"south") if name == "manifest.json" else held[:-7])
    assert do(replace(order, periods=[QUARTER])) == (steps(*again), [])
    assert content(order.out) == before


def test_a_run_leaves_a_record_for_machines(order: jobs.Order) -> None:
    assert jobs.work(order, report=True) == 0
    record = json.loads((order.out / "run.json").read_text())
    assert (record["done"], record["current"], record["failed"]) == (0, 2, 0)
    assert [(each["unit"], each["period"], each["state"]) for each in record["periods"]] == [
        ("north", QUARTER, "current"),
        ("north", NEXT, "current"),
    ]
    path = order.params.parent / "data" / "order_lines.csv"
    kept = path.read_text()
    try:
        path.write_text(kept.replace(",60", ",sixty"))
        assert jobs.work(order, report=True) == 2
    finally:
        path.write_text(kept)
    record = json.loads((order.out / "run.json").read_text())
    assert (record["failed"], record["problems"]) == (2, [])
    assert "'sixty'" in record["periods"][0]["error"]
    with pytest.raises(Problems):
        jobs.work(replace(order, language="fr"), report=True)
    record = json.loads((order.out / "run.json").read_text())
    assert record["periods"] == []
    assert "'fr'" in record["problems"][0]
