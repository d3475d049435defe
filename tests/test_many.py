"""The soak of many units sees what it is there to see, and each soak has its section; make soak runs them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import fuzz
import kills
import many
import numpy as np
import pandas as pd
import pytest
from processes import ports, still_there, tree
from reliability import REPORT, add_row, write_section

HOLDS = """
import socket, subprocess, sys
child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
with socket.create_server(("127.0.0.1", 0)) as server, open(sys.argv[1], "w") as held:
    print(child.pid, flush=True)
    input()
child.communicate(b"\\n")
"""


def test_what_grows_from_unit_to_unit_is_told_and_what_goes_up_and_down_is_not() -> None:
    done = np.repeat(np.arange(many.UNITS), 4)
    looks = pd.DataFrame(
        {"done": done, "a worker: MB": 500.0 + done * 100 / many.UNITS, "ports": [0, 5, 10, 5] * many.UNITS}
    )
    looks["a worker: open files"] = 20.0 + done // 10
    parts = many.by_part(looks)
    assert parts.shape == (3, many.PARTS)
    assert many.grown(parts) == ["a worker: MB", "a worker: open files"]


@pytest.mark.skipif(not Path("/proc").exists(), reason="asks /proc what a process holds")
def test_what_a_process_and_its_children_hold_is_seen_until_they_end(tmp_path: Path) -> None:
    file = tmp_path / "held"
    run = subprocess.Popen([sys.executable, "-c", HOLDS, str(file)], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert run.stdout is not None
    child = int(run.stdout.readline())
    held = tree(run.pid)
    assert held.keys() == {run.pid, child}
    assert (held[child].parent, held[child].threads) == (run.pid, 1)
    assert str(file) in held[run.pid].files
    assert str(file) not in held[child].files
    assert ports(held) == 1
    known = {each.known for each in held.values()}
    assert still_there(known) == known
    run.communicate(b"\n")
    assert still_there(known) == set()


def test_each_soak_writes_its_own_section_and_leaves_the_others(tmp_path: Path) -> None:
    path, begins = tmp_path / "report.md", [many.BEGIN, *kills.BEGIN.values(), fuzz.BEGIN]
    path.write_text(REPORT.read_text())
    for begin in begins:
        write_section(begin, f"found by {begin}", path)
    first = path.read_text()
    assert [first.count(f"{begin}\n\nfound by {begin}\n\n<!--") for begin in begins] == [1] * len(begins)
    write_section(begins[0], "other", path)
    assert path.read_text() == first.replace(f"found by {begins[0]}", "other")
    rows = path.read_text().count("\n|")
    add_row(fuzz.GOES, ["today", "1", "2", "0"], path)
    assert path.read_text().count("\n|") == rows + 1
    assert path.read_text().endswith("|\n| today | 1 | 2 | 0 |\n\n<!-- Written by make soak until here. -->\n")
