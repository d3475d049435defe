"""The course of a figure drawn as small as a word."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from cts_lib.reporting.trend import trend


@given(st.lists(st.one_of(st.none(), st.floats(-1e12, 1e12)), max_size=12))
def test_every_known_value_is_a_point_inside_and_the_dot_is_the_newest(values: list[float | None]) -> None:
    drawn = trend(values, "told")
    known = [value for value in values if value is not None]
    if len(known) < 2:
        assert drawn == ""
        return
    points = [(float(x), float(y)) for x, y in re.findall(r"[ML]([\d.]+) ([\d.]+)", drawn)]
    assert len(points) == len(known)
    assert all(0 <= x <= 84 and 0 <= y <= 18 for x, y in points)
    assert re.findall(r'cx="([\d.]+)" cy="([\d.]+)"', drawn) == [(f"{points[-1][0]:.1f}", f"{points[-1][1]:.1f}")]
    highest = max(range(len(known)), key=known.__getitem__)
    assert points[highest][1] == min(y for _, y in points)


def test_a_gap_is_no_line() -> None:
    assert re.sub(r"[\d. ]", "", re.findall(r'd="([^"]*)"', trend([1.0, 2.0, None, 3.0, 4.0], ""))[0]) == "MLML"


def test_what_it_says_aloud_is_text() -> None:
    assert 'aria-label="a &lt;b&gt;"' in trend([1.0, 2.0], "a <b>")
