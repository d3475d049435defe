"""Keeping results: whole or not at all."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from cts_lib import store
from cts_lib.errors import DataError, LockedError


def frame(amount: float, rows: int = 1) -> pd.DataFrame:
    return pd.DataFrame({"segment": ["(all)"] * rows, "channel": ["(all)"] * rows, "amount": [amount] * rows})


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def test_an_exception_in_the_middle_leaves_the_old_folder_whole_and_no_trace(tmp_path: Path) -> None:
    folder = tmp_path / "2026-Q1" / "north"
    with store.replacing(folder) as fresh:
        store.write_tables(fresh / "tables", {"bridge": frame(1)}, "north", "2026-Q1")
    before = contents(folder)
    with pytest.raises(ValueError, match="halfway"), store.replacing(folder) as fresh:
        store.write_tables(fresh / "tables", {"bridge": frame(2)}, "north", "2026-Q1")
        raise ValueError("halfway")
    assert contents(folder) == before
    assert [path.name for path in folder.parent.iterdir()] == ["north"]


KILLED = """
import sys, time
from pathlib import Path
import pandas as pd
from cts_lib import store
from cts_lib.errors import LockedError
with store.replacing(Path(sys.argv[1])) as fresh:
    (fresh / "new.txt").write_text("half")
    print("writing", flush=True)
    time.sleep(60)
"""


def test_a_kill_in_the_middle_leaves_the_old_folder_whole(tmp_path: Path) -> None:
    folder = tmp_path / "north"
    with store.replacing(folder) as fresh:
        (fresh / "old.txt").write_text("whole")
    with subprocess.Popen([sys.executable, "-c", KILLED, str(folder)], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "writing\n"
        os.kill(process.pid, signal.SIGKILL)
    assert contents(folder) == {"old.txt": b"whole"}
    with store.replacing(folder) as fresh:
        (fresh / "new.txt").write_text("whole")
    assert contents(folder) == {"new.txt": b"whole"}


def test_a_file_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "manifest.json"
    store.write_text(path, "one")
    store.write_text(path, "two")
    assert path.read_text() == "two"
    assert [found.name for found in path.parent.iterdir()] == ["manifest.json"]


def test_keys_come_first_in_each_table(tmp_path: Path) -> None:
    store.write_tables(tmp_path / "tables", {"bridge": frame(1), "empty": frame(1, rows=0)}, "north", "2026-Q1")
    for name, rows in (("bridge", 1), ("empty", 0)):
        table = store.read_table(tmp_path, name)
        assert list(table.columns)[:2] == ["business_unit", "period"]
        assert len(table) == rows


def test_a_manifest_is_read_back(tmp_path: Path) -> None:
    store.write_manifest(tmp_path / "north", {"unit": "Ñ", "seconds": 1})
    read = store.read_manifest(tmp_path / "north") or {}
    assert {key: read[key] for key in ("unit", "seconds")} == {"unit": "Ñ", "seconds": 1}
    assert store.read_manifest(tmp_path / "south") is None


@pytest.mark.parametrize("harm", ["gone", "cut", "a bit", "manifest", "none", "beside"])
def test_what_was_harmed_since_it_was_written_is_not_whole(harm: str, tmp_path: Path) -> None:
    store.write_tables(tmp_path / "tables", {"bridge": frame(1), "kpis": frame(2)}, "north", "2026-Q1")
    store.write_manifest(tmp_path, {"unit": "north", "at": 0.1})
    store.seal(tmp_path)
    path, manifest = tmp_path / "tables" / "bridge.parquet", tmp_path / "manifest.json"
    held = path.read_bytes()
    if harm == "gone":
        path.unlink()
    elif harm in ("cut", "a bit"):
        path.write_bytes(held[:-9] if harm == "cut" else held[:50] + bytes([held[50] ^ 1]) + held[51:])
    elif harm == "manifest":
        manifest.write_text(manifest.read_text().replace("north", "south"))
    elif harm == "beside":
        (tmp_path / "closed.json").write_text("{}")
    read = store.read_manifest(tmp_path) or {}
    assert store.is_whole(tmp_path, read) == (harm in ("none", "beside"))
    assert store.is_whole(tmp_path, read, "tables/kpis.parquet") == (harm != "manifest")


def test_a_table_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    store.write_tables(tmp_path / "tables", {"bridge": frame(1)}, "north", "2026-Q1")
    path = tmp_path / "tables" / "bridge.parquet"
    for held in (b"", path.read_bytes()[:-20] + b"x" * 16 + b"PAR1"):
        path.write_bytes(held)
        with pytest.raises(DataError, match=r"bridge\.parquet: cannot be read: .*put it back, or run its period again"):
            store.read_table(tmp_path, "bridge")


def test_earlier_stages_of_the_same_input_are_carried_over_without_touching_the_old_files(tmp_path: Path) -> None:
    folder = tmp_path / "north"
    notes = [{"stage": "profile", "text": "a", "values": {}}]
    first = {"stages": ["profile"], "fingerprints": {"profile": "1"}, "notes": notes}
    with store.replacing(folder) as fresh:
        store.write_tables(fresh / "tables", {"resources": frame(1)}, "north", "2026-Q1")
        store.write_manifest(fresh, first)
        store.seal(fresh)
    first = store.read_manifest(folder) or {}
    time.sleep(0.01)
    with store.replacing(folder) as fresh:
        again = {"stages": ["segment"], "fingerprints": {"segment": "2"}, "notes": []}
        gained = store.keep(folder, fresh, first, again, {"profile"})
        store.write_tables(fresh / "tables", {"segments": frame(2)}, "north", "2026-Q1")
    prints = {"profile": "1", "segment": "2"}
    assert gained == {"stages": ["profile", "segment"], "notes": notes, "fingerprints": prints}
    assert sorted(contents(folder)) == ["tables/resources.parquet", "tables/segments.parquet"]


@pytest.mark.parametrize("harmed", [False, True])
def test_the_period_before_is_carried_over_whole_or_not_at_all(harmed: bool, tmp_path: Path) -> None:
    folder, place = tmp_path / "north", Path("state", store.BEFORE)
    first = {"stages": [], "fingerprints": {store.BEFORE: "1"}, "notes": []}
    with store.replacing(folder) as fresh:
        (fresh / place).mkdir(parents=True)
        for name in ("one", "other"):
            (fresh / place / name).write_text(name)
        store.write_manifest(fresh, first)
        store.seal(fresh)
    if harmed:
        (folder / place / "one").write_text("none")
    with store.replacing(folder) as fresh:
        gained = store.keep(folder, fresh, store.read_manifest(folder) or {}, {**first, "fingerprints": {}}, set())
    assert gained["fingerprints"] == ({} if harmed else {store.BEFORE: "1"})
    assert sorted(contents(folder)) == ([] if harmed else ["state/before/one", "state/before/other"])


@pytest.mark.parametrize(("labels", "stays"), [({"channel": {"web": {"es": "Web"}}}, True), ({}, False)])
def test_pages_stay_only_while_the_words_on_them_are_the_same(
    labels: dict[str, Any], stays: bool, tmp_path: Path
) -> None:
    folder, page = tmp_path / "north", "index.html"
    kept = {"channel": {"web": {"es": "Web"}}}
    first = {"stages": ["profile"], "fingerprints": {}, "notes": [], "params": {"labels": kept}, "language": "es"}
    with store.replacing(folder) as fresh:
        (fresh / page).write_text("a page")
        store.write_manifest(fresh, first)
        store.seal(fresh)
    with store.replacing(folder) as fresh:
        store.keep(
            folder, fresh, store.read_manifest(folder) or {}, first | {"params": {"labels": labels}}, {"profile"}
        )
    assert (folder / page).exists() == stays


@pytest.mark.parametrize("other", ["north-east", "north~1", ".north", "work"])
def test_what_a_killed_run_left_is_mended_by_the_next_and_another_units_work_stays(other: str, tmp_path: Path) -> None:
    folder = tmp_path / "2026-Q1" / "north"
    work = folder.parent / ".work"
    theirs = work / other / "new-abc"
    for left, text in ((work / "north" / "old-abc", "finished"), (work / "north" / "new-xyz", "half"), (theirs, "new")):
        left.mkdir(parents=True)
        (left / "manifest.json").write_text(text)
    with pytest.raises(RuntimeError), store.replacing(folder):
        raise RuntimeError
    assert (folder / "manifest.json").read_text() == "finished"
    assert sorted(path.name for path in folder.parent.iterdir()) == [".work", "north"]
    assert contents(work) == {f"{other}/new-abc/manifest.json": b"new"}


def test_a_folder_and_what_belongs_to_it_appear_together_or_not_at_all(tmp_path: Path) -> None:
    folder, seen = tmp_path / "north", list[str]()

    def keep(place: Path) -> None:
        seen.append((place / "text").read_text())
        if seen[-1] == "refused":
            raise OSError("no room")

    def make(text: str) -> None:
        with store.replacing(folder, keep) as fresh:
            (fresh / "text").write_text(text)

    make("first")
    with pytest.raises(OSError, match="no room"):
        make("refused")
    assert (folder / "text").read_text() == "first"
    killed = tmp_path / ".work" / "north" / "whole-abc"
    killed.mkdir(parents=True)
    (killed / "text").write_text("killed after it was whole")
    with pytest.raises(RuntimeError), store.replacing(folder, keep):
        raise RuntimeError
    assert (folder / "text").read_text() == "killed after it was whole" == seen[-1]
    assert [path.name for path in tmp_path.iterdir()] == ["north"]


HOLDING = """
import sys
from pathlib import Path
from cts_lib import store
from cts_lib.errors import LockedError
with store.held(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_a_second_run_of_a_units_period_waits_and_is_told_who_makes_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "2026-Q1" / "north"
    monkeypatch.setenv("CTS_WAIT", "1")
    command = [sys.executable, "-c", HOLDING, str(folder)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None and process.stdin is not None
        assert process.stdout.readline() == "held\n"
        said = f"{folder}: is held by process {process.pid} on .* since .*; wait for it, or set CTS_WAIT"
        with pytest.raises(LockedError, match=said), store.held(folder):
            raise AssertionError("two hold it")
        with store.held(folder.with_name("north-east")):
            pass
        os.kill(process.pid, signal.SIGKILL)
    with store.held(folder):
        assert (folder.parent / ".work" / "north" / "lock").exists()
    assert list(folder.parent.iterdir()) == []
    with store.held(tmp_path / "2026-Q2" / "north"):
        pass
    assert not (tmp_path / "2026-Q2").exists(), "nothing came of it"


def test_what_is_written_has_the_rights_that_the_user_gives(tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        folder = store.unit_folder(tmp_path / "out", "2026-Q1", "north")
        with store.replacing(folder) as fresh:
            store.write_text(fresh / "index.html", "<p>")
            store.write_tables(fresh / "tables", {"kpis": pd.DataFrame({"kpi": ["sales"]})}, "north", "2026-Q1")
    finally:
        os.umask(before)
    rights = {path.relative_to(folder.parent).as_posix(): path.stat().st_mode & 0o777 for path in folder.rglob("*")}
    assert rights == {"north/index.html": 0o640, "north/tables": 0o750, "north/tables/kpis.parquet": 0o640}
    assert folder.stat().st_mode & 0o777 == 0o750


def test_what_is_half_written_is_noted_nowhere(tmp_path: Path) -> None:
    def pages_noted() -> object:
        return (store.read_manifest(tmp_path) or {})["pages"]

    for name in ("one", "other"):
        with store.noted(tmp_path, "pages", name, "1"):
            pass
    with pytest.raises(ValueError, match="halfway"), store.noted(tmp_path, "pages", "one", "2"):
        assert pages_noted() == {"other": "1"}
        raise ValueError("halfway")
    assert pages_noted() == {"other": "1"}
    with store.noted(tmp_path, "pages", "one", "2"):
        pass
    assert pages_noted() == {"other": "1", "one": "2"}
