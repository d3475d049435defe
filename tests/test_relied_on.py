"""What the simulation repeats of the period, and what of it is relied on, by hand."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd
import pytest
from small_workbook import LEDGER, QUARTER, costed, line, make_workbook, open_run, row

from cts_lib.costing.costed import Costed
from cts_lib.evaluate.calibration import calibrate, relied_on
from cts_lib.names import ALL
from cts_lib.params.period import Period

SEGMENTS = pd.DataFrame({"customer_id": ["c1", "c2"], "channel": ["direct", "retail"], "segment": ["Core", "Small"]})


@pytest.fixture(scope="module")
def period(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Costed]:
    """Two customers who buy for 100 and 300, at a cost of goods of 60 and of 260, and cost 40 each."""
    lines = [line("o1"), line("o2", customer_id="c2", net_sales="300", cogs="260")]
    unit_run = open_run(make_workbook(tmp_path_factory.mktemp("relied"), lines, ledger=LEDGER))
    yield costed(unit_run, Period.parse(QUARTER))
    unit_run.close()


def calibrated(period: Costed, kpi: str, values: list[float], segment: str = ALL, channel: str = ALL) -> pd.Series:
    repeated = pd.DataFrame({"value": values}).assign(segment=segment, channel=channel, kpi=kpi)
    return row(calibrate(period, SEGMENTS, repeated, tolerance=0.05), segment=segment, channel=channel, kpi=kpi)


@pytest.mark.parametrize(
    ("values", "error", "accepted"),
    [
        ([380.0] * 3, -0.05, True),
        ([379.0] * 3, -21 / 400, False),
        ([421.0] * 3, 21 / 400, False),
        ([378.0, 380.0, 379.0], -21 / 400, True),  # half of the mean's interval is 2.92 ÷ √3 = 1.69
        ([378.9, 379.1, 379.0], -21 / 400, False),  # a tenth of that
    ],
)
def test_a_mean_may_miss_by_the_tolerance_and_by_what_few_replications_miss(
    period: Costed, values: list[float], error: float, accepted: bool
) -> None:
    found = calibrated(period, "net_sales", values)
    assert found["observed"] == 400
    assert found["error"] == pytest.approx(error)
    assert found["accepted"] == accepted


def test_a_cell_is_held_to_its_own_customers_and_of_nothing_the_error_is_money(period: Costed) -> None:
    assert calibrated(period, "cost_to_serve", [40.0], "Small", "retail")[["observed", "error"]].tolist() == [40, 0]
    found = calibrated(period, "profit", [3.0, 3.0], "Core", "direct")  # 100 − 60 − 40
    assert found[["observed", "error", "accepted"]].tolist() == [0, 3, False]


def test_an_indicator_is_relied_on_that_was_repeated_for_the_unit_and_foretold() -> None:
    calibration = pd.DataFrame(
        [
            (ALL, ALL, "profit", True),
            (ALL, ALL, "net_sales", False),
            (ALL, ALL, "on_time", True),
            ("Core", ALL, "profit", False),
        ],
        columns=["segment", "channel", "kpi", "accepted"],
    )
    foretold = pd.DataFrame({"kpi": ["profit", "on_time"], "reliable": [True, False]})
    found = relied_on(calibration, foretold)
    assert (found["profit"], found["net_sales"], found["on_time"]) == (True, False, False)
    assert found["in_full"], "of which nothing speaks against it"
