"""Levers of stock on an engine: what they need, and that a customer's outcome hangs on nobody else's choice."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import lever_cases as cases
import numpy as np
import pandas as pd
import pytest
from pydantic import ValidationError
from small_workbook import LEDGER, MINUTES, QUARTER, compute, line, make_workbook, numbered, open_run

from cts_lib.engine import Engine, fetch_frame
from cts_lib.errors import CtsError
from cts_lib.params import Strategy
from cts_lib.params.period import Period
from cts_lib.replay.options import Option
from cts_lib.replay.outcome import actual_transactions
from cts_lib.replay.policy import policy_of
from cts_lib.replay.rewrite import rewrite
from cts_lib.replay.stock import leave_stock
from cts_lib.replay.streams import todays_streams
from cts_lib.replay.whom import GoingAlong

STAGES = ("profile", "segment", "strategy", "evaluate")
DAYS = Period.parse(QUARTER).days
SHARED = {"shared_forecast": True, "cv_factor": 0.6}
LEVERS: dict[str, Any] = {
    "stock": {"settings": {"sure": {"service_level": 0.98}, "to order": {"make_to_order": True}}},
    "tracking": {"kind": "visibility", "settings": {"shared": SHARED}},
}
RULES = cases.REPLENISHMENT
BOOK: dict[str, Any] = {"customers": cases.CUSTOMERS, "products": cases.PRODUCTS, "ledger": LEDGER}
BOOK["inventory"] = [each | {"on_hand": 20} for each in cases.INVENTORY]
LINES = numbered(cases.LINES[:150])


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    folder = tmp_path_factory.mktemp("stock")
    unit_run = open_run(make_workbook(folder, LINES, **BOOK, replenishment=RULES, profile={"assumed_gross_margin": 0}))
    engine = unit_run.accepted(Period.parse(QUARTER)).engine
    leave_stock(engine, Strategy.model_validate({"levers": LEVERS}), DAYS)
    yield engine
    unit_run.close()


def lines_of(engine: Engine, option: dict[str, str], customers: list[str]) -> pd.DataFrame:
    """Return the lines where these customers go along with an option, and everybody is priced."""
    strategy = Strategy.model_validate({"levers": LEVERS})
    cells = cases.cells_of(fetch_frame(engine, "SELECT * FROM lines"), pd.DataFrame(columns=["customer_id"]))
    those = {choice: cells["customer_id"].isin(customers).to_numpy() for choice in option.items()}
    going = GoingAlong(cells, those, {choice: np.zeros(len(cells), dtype=bool) for choice in those})
    plan = {(segment, channel): Option(option) for segment in ("Core", "Small") for channel in cases.CHANNELS}
    policy = policy_of({"plan": plan}, going, strategy)
    rewrite(engine, policy, strategy, actual_transactions(engine), cases.COMPARED)
    return cases.comparable(fetch_frame(engine, "SELECT * FROM rewritten"), cases.COMPARED, cases.KEY)


@pytest.mark.parametrize(
    "option",
    [
        {"stock": "sure"},
        {"stock": "to order"},
        {"tracking": "shared"},
        {"stock": "sure", "tracking": "shared"},
    ],
)
def test_what_becomes_of_a_customer_hangs_on_nobody_else(engine: Engine, option: dict[str, str]) -> None:
    together = lines_of(engine, option, list(cases.CELLS))
    today = lines_of(engine, option, [])
    for customer in cases.CELLS:
        alone = lines_of(engine, option, [customer])
        own = alone["customer_id"] == customer
        pd.testing.assert_frame_equal(alone[own], together[own])
        pd.testing.assert_frame_equal(alone[~own], today[~own])
        assert (alone.loc[own, "lever_cost"] != 0).any()


def test_lines_bear_together_what_the_stream_costs_more(engine: Engine) -> None:
    streams = todays_streams(engine, DAYS).set_index(["product_id", "warehouse"])
    known = streams[streams["safety"].notna()]
    assert 0 < len(known) < len(streams)
    lines = lines_of(engine, {"stock": "sure"}, list(cases.CELLS))
    borne = lines.groupby(["product_id", "warehouse"])["lever_cost"].sum()
    more = (2.053748910631823 * known["spread"] - known["safety"].clip(lower=0)) * known["holding"]
    pd.testing.assert_series_equal(borne[borne != 0], more, check_names=False, check_index_type=False, rtol=1e-6)


def test_short_lines_arrive_as_often_as_theory_says(engine: Engine) -> None:
    short = pd.DataFrame({"order_id": [f"o{n}" for n in range(4000)], "line_no": "1"})
    engine.register("short", short)
    plans = fetch_frame(engine, "SELECT * FROM stock_plans WHERE plan = '0.98' AND NOT mended IN ('', 'g')")
    assert len(plans)
    for mended in plans["mended"]:
        hashed = f"SELECT COUNT(*) AS n FROM short WHERE MD5(CONCAT('stock/', order_id, '/', line_no)) < '{mended}'"
        assert fetch_frame(engine, hashed)["n"][0] / len(short) == pytest.approx(int(mended, 16) / 16**12, abs=0.03)


@pytest.mark.parametrize(
    ("kind", "setting", "said"),
    [
        ("stock", {"service_level": 1.0}, "less than or equal to 0.9999"),
        ("stock", {"service_level": 0.3}, "greater than or equal to 0.5"),
        ("stock", {}, "has both or none of service_level and make_to_order; give one of them"),
        ("stock", {"service_level": 0.9, "make_to_order": True}, "has both or none of service_level"),
        ("visibility", {"shared_forecast": True}, "has one of shared_forecast and cv_factor; give both or none"),
        ("visibility", {"cv_factor": 0.5}, "has one of shared_forecast and cv_factor; give both or none"),
        ("visibility", SHARED | {"cv_factor": 0}, "greater than 0"),
        ("visibility", SHARED | {"cv_factor": 1.2}, "less than or equal to 1"),
    ],
)
def test_a_setting_that_cannot_be_is_refused(kind: str, setting: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        Strategy.model_validate({"levers": {kind: {"settings": {"it": setting}}}})


@pytest.mark.parametrize(
    ("rules", "lever", "said"),
    [
        (
            [],
            "stock",
            "strategy.levers.stock: needs table replenishment, which has no row; give it, or take the lever out",
        ),
        (
            [],
            "tracking",
            "strategy.levers.tracking.settings.shared: needs table replenishment, which has no row; "
            "give it, or take the setting out",
        ),
        (
            [each | {"holding_rate": "" if each["product_id"] == "p1" else 0.25} for each in RULES],
            "stock",
            "replenishment, holding_rate: is empty for p1 in A, p1 in B, whose stock "
            "strategy.levers.stock.settings.sure changes; fill it for each product and warehouse that has a policy of "
            "today or stock at hand",
        ),
    ],
)
def test_what_a_lever_lacks_is_said_in_one_line(
    tmp_path: Path, rules: list[dict[str, Any]], lever: str, said: str
) -> None:
    params = make_workbook(
        tmp_path,
        LINES,
        **BOOK,
        replenishment=rules,
        profile={"assumed_gross_margin": 0},
        strategy={"levers": {lever: LEVERS[lever]}},
    )
    with pytest.raises(CtsError) as error:
        compute(params, stages=("profile", "segment", "strategy"))
    assert str(error.value).endswith(said)


def test_the_page_says_whose_stock_is_known_and_what_is_assumed(tmp_path: Path) -> None:
    params = make_workbook(
        tmp_path,
        LINES,
        **BOOK,
        replenishment=RULES,
        profile={"assumed_gross_margin": 0},
        strategy={"levers": LEVERS, "max_service_loss": 1},
    )
    found = compute(params, stages=STAGES)
    said = [note.english for note in found.stages["strategy"].notes]
    assert any(each.startswith("The stock of today is known of 3 of 4 products in warehouses") for each in said)
    assert any(each.startswith("Assumed, not observed: demand on stock is normal") for each in said)
    assert any("so much of the standard deviation of demand: tracking: shared 60.0%" in each for each in said)
    options = found.all_tables["strategy_options"]
    assert {"sure", "to order"} < set(options["stock"])
    assert (options.loc[options["stock"] == "to order", "speed_days"].mean()) > options.loc[
        options["option"] == "current", "speed_days"
    ].mean()


MADE: dict[str, Any] = {"stock": {"settings": {"to order": {"make_to_order": True}, "even": {"service_level": 0.5}}}}


@pytest.mark.parametrize(
    ("surge", "minutes", "today"),
    [
        ({"demand": 1.3, "days": 20}, 1000, 1 / 1.2),  # 9 days until more is there: 0.3 × 40 ÷ 90 × 9 = 1.2, of it 1
        ({"demand": 1.3, "days": 3}, 1000, 1.0),  # 0.4
        ({"demand": 1.3, "days": 20}, 92, 0.5),  # 80 minutes of work, 12 to spare of 24
    ],
)
def test_what_a_surge_gets_is_the_least_that_slack_and_stock_can_do(
    tmp_path: Path, surge: dict[str, float], minutes: float, today: float
) -> None:
    rule = RULES[0] | {"lead_time_days": 9, "lead_time_sd_days": "", "reorder_point": 5}
    params = make_workbook(
        tmp_path,
        [line(quantity="40", warehouse="A"), line("o2", quantity="30", warehouse="B")],
        MINUTES | {"resources": {"desk": {"capacity_minutes": minutes}}},
        customers=cases.CUSTOMERS,
        ledger=LEDGER,
        replenishment=[rule],
        strategy={"levers": MADE, "max_service_loss": 1, "surge": surge},
    )
    options = compute(params, stages=("profile", "segment", "strategy")).all_tables["strategy_options"]
    found = options.set_index("option")["responsiveness"]
    assert found["current"] == pytest.approx(today)
    assert found["stock: to order"] == found["stock: even"] == 0
