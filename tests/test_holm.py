"""Holm's correction finds what statsmodels finds, of any chances."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.multitest import multipletests

from cts_lib.evaluate.compare import by_holm


@given(
    st.lists(st.floats(0, 1) | st.sampled_from([0.0, 0.01, 0.05, 1.0]), min_size=1, max_size=40), st.floats(0.01, 0.5)
)
def test_what_stands_is_what_statsmodels_lets_stand(chances: list[float], doubt: float) -> None:
    assert by_holm(np.array(chances), doubt).tolist() == multipletests(chances, doubt, "holm")[0].tolist()


def test_of_nothing_nothing_stands() -> None:
    assert by_holm(np.zeros(0), 0.05).tolist() == []
