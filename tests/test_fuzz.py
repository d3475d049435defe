"""A few of the hostile inputs of `fuzz`; make soak tries thousands."""

from __future__ import annotations

from pathlib import Path

import pytest
from fuzz import KINDS, count, try_one


@pytest.mark.parametrize("kind", KINDS)
def test_whatever_comes_in_a_run_adds_up_or_says_in_lines_why_not(kind: str, tmp_path: Path) -> None:
    assert {try_one(kind, seed, tmp_path / "try") for seed in range(count(kind, 0))} <= {"refused", "computed"}
