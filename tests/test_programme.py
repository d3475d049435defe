"""The programme solves without a word: what the solver prints by itself does not reach whoever reads the output."""

from __future__ import annotations

import ctypes
import os

import numpy as np
import pytest

from cts_lib.strategy.programme import Programme
from cts_lib.strategy.silence import silent


def badly_scaled(seed: int) -> Programme:
    """Return a programme of amounts from 0.0001 to 10,000, of which a solution once presolved has to be repaired."""
    draw, whole, loose, rows = np.random.default_rng(seed), 6, 4, 8
    amounts = draw.normal(0, 1, (rows, whole + loose)) * 10.0 ** draw.integers(-4, 5, whole + loose)
    values = np.r_[draw.integers(0, 4, whole), draw.uniform(0, 9, loose)]
    programme = Programme(0)
    for at in range(whole + loose):
        programme.add(5.0 if at < whole else 1e4, float(draw.normal(0, 100)), at < whole)
    for at, row in enumerate(amounts):
        high = float(row @ values)
        programme.within(dict(enumerate(row.tolist())), high if at % 3 == 0 else -np.inf, high)
    return programme


@pytest.mark.parametrize("seed", [9, 232, 540])
def test_a_solve_that_repairs_its_solution_prints_nothing(seed: int, capfd: pytest.CaptureFixture[str]) -> None:
    assert badly_scaled(seed).solve() is not None
    if os.name == "posix":
        ctypes.CDLL(None).fflush(None)  # what waits in C's buffer would come out at the process's end
    assert capfd.readouterr() == ("", "")


@pytest.mark.skipif(os.name != "posix", reason="C's own library is asked by its POSIX name")
def test_only_what_is_printed_in_silence_is_lost(capfd: pytest.CaptureFixture[str]) -> None:
    c = ctypes.CDLL(None)
    c.puts(b"before")
    print("Python's own")
    with silent():
        c.puts(b"a stray line")
    c.puts(b"after")
    c.fflush(None)
    out = capfd.readouterr().out
    assert "stray" not in out
    assert {"before", "after", "Python's own"} <= set(out.splitlines())


def test_output_comes_back_though_something_fails(capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(ZeroDivisionError), silent():
        os.write(1, b"lost\n")
        raise ZeroDivisionError
    os.write(1, b"seen\n")
    assert capfd.readouterr().out == "seen\n"
