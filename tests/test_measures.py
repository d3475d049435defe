"""The register of measures: what it names exists, and what it says of a measure is enough to show and judge it."""

from __future__ import annotations

import typing

import pandas as pd
import pytest

from cts_lib import measures
from cts_lib.evaluate.indicators import KPIS as SIMULATED
from cts_lib.params.governance import Kpi
from cts_lib.tables.inputs import INPUTS

COLUMNS = {f"{contract.name}.{column.name}" for contract in INPUTS for column in contract.columns}


def test_what_a_measure_needs_is_a_column_of_an_input_table() -> None:
    needs = {column for each in measures.MEASURES for need in each.needs for column in need}
    assert needs
    assert needs <= COLUMNS


def test_a_name_stands_once() -> None:
    names = [each.name for each in measures.MEASURES]
    assert len(names) == len(set(names))


def test_a_formula_has_a_part_and_a_whole() -> None:
    assert all((each.part is None) == (each.whole is None) for each in measures.MEASURES)


@pytest.mark.parametrize("name", [*measures.KPIS, *SIMULATED])
def test_of_an_indicator_one_side_is_better(name: str) -> None:
    assert measures.sign(name) in (1, -1)


def test_a_target_may_be_set_for_every_indicator_and_nothing_else() -> None:
    assert typing.get_args(Kpi) == measures.KPIS


def test_a_share_of_nothing_is_unknown() -> None:
    sums = pd.DataFrame({"return_lines": [1.0, 0.0, 0.0], "lines": [4.0, 4.0, 0.0]})
    assert measures.ratio(sums, "return_share").tolist()[:2] == [0.25, 0.0]
    assert measures.ratios(sums, ["return_share"])["return_share"].isna().tolist() == [False, False, True]
