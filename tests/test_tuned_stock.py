"""Rules of stock tuned on the simulation: what theory calls best is found, and the search does not flatter itself."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from chain_by_simpy import flow_by_simpy
from chains import arrivals, nodes, resources, stock
from planted_chains import shelf
from scipy.stats import t
from small_workbook import QUARTER, compute

from cts_lib.names import totals, without_totals
from cts_lib.simulate.chain import Chain
from cts_lib.simulate.tune import COST, MISSING, Asked, Prices, Rules, play, tuned

HOLDING, STOCKOUT, ORDER, DEMAND, LEAD = 20.0, 150.0, 100.0, 1.5, 2
A_UNIT = 40
"""Days of the chain in theory's unit of time."""


def one_by_one(random: np.random.Generator, days: int, warm_up: int) -> Asked:
    """Return units that customers ask for one by one, each due at once."""
    day = np.repeat(np.arange(days, dtype="int32"), random.poisson(DEMAND / A_UNIT, days))
    nothing = np.zeros(len(day), "int32")
    lead = np.full((days, 1), LEAD * A_UNIT, "int32")
    return Asked(day, day, nothing, np.ones(len(day)), lead, random.random(1), warm_up)


def rule(low: float, lot: float, **more: object) -> Rules:
    return Rules(stock({"reorder_point": low, "order_quantity": lot} | more), np.array([lot]))


def prices(part: float, **more: float) -> Prices:
    """Return the published prices of a unit of time."""
    given = {"late": 0.0, "late_day": STOCKOUT / A_UNIT} | more
    return Prices(np.array([HOLDING]), np.array([ORDER]), np.zeros(1), **given, part=part)


@pytest.mark.parametrize("start", [(0, 12), (9, 2)])
def test_the_search_finds_the_published_policy_and_costs_what_fresh_numbers_say(start: tuple[int, int]) -> None:
    """Snyder and Shen, Fundamentals of Supply Chain Theory, 2019, example 5.8: (3, 5) costs 107.92358."""
    random, units, warm_up = np.random.default_rng(3), 2_000, 40
    days = (units + warm_up) * A_UNIT
    searched, judged = ([one_by_one(random, days, warm_up * A_UNIT) for _ in range(20)] for _ in range(2))
    of_a_unit = prices(1 / units)
    found = tuned(searched, rule(*start), of_a_unit, np.array([4.0]))
    assert (found.stock.reorder_point[0], found.stock.order_quantity[0]) == (3, 5)
    cost = play(judged, found, of_a_unit)[COST][:, 0]
    low, high = t.interval(0.99, len(cost) - 1, cost.mean(), cost.std(ddof=1) / np.sqrt(len(cost)))
    assert low <= 107.92358 <= high
    assert (high - low) / 2 <= 0.01 * 107.92358


def test_where_missing_goods_cost_nothing_no_more_of_them_may_be_missing() -> None:
    random = np.random.default_rng(4)
    searched = [one_by_one(random, 400 * A_UNIT, 20 * A_UNIT) for _ in range(5)]
    free, given = prices(1 / 380, late_day=0.0), rule(9, 5)
    found = tuned(searched, given, free, np.array([4.0]))
    before, after = (play(searched, rules, free).mean(axis=1) for rules in (given, found))
    assert after[MISSING] <= before[MISSING]
    assert after[COST] < before[COST]


def test_what_a_search_finds_by_chance_is_lost_on_numbers_that_it_has_not_seen() -> None:
    """Forty streams whose rules are the best there are already, and periods too few to know it."""
    random, count, days, warm_up = np.random.default_rng(6), 40, 20 * A_UNIT, 4 * A_UNIT
    lead = np.full((days, count), LEAD * A_UNIT, "int32")

    def period() -> Asked:
        day, stream = np.nonzero(random.random((days, count)) < DEMAND / A_UNIT)
        day, stream = day.astype("int32"), stream.astype("int32")
        return Asked(day, day, stream, np.ones(len(day)), lead, random.random(count), warm_up)

    given = Rules(stock(*[{"reorder_point": 3, "order_quantity": 5}] * count), np.full(count, 5.0))
    many = Prices(np.full(count, HOLDING), np.full(count, ORDER), np.zeros(count), 0.0, STOCKOUT / A_UNIT, 1 / 16)
    searched, judged = ([period() for _ in range(each)] for each in (3, 100))
    found = tuned(searched, given, many, np.full(count, 4.0))
    promised, kept = (
        (play(some, given, many)[COST] - play(some, found, many)[COST]).sum(axis=1) for some in (searched, judged)
    )
    assert promised.mean() > 200
    assert kept.mean() < 0


def drawn(seed: int) -> tuple[list[Asked], Rules, Prices]:
    """Return few periods of what is asked of up to three streams, their rules and prices."""
    random = np.random.default_rng(seed)
    count, days, warm_up = int(random.integers(1, 4)), int(random.integers(12, 40)), int(random.integers(0, 8))

    def period() -> Asked:
        lines = int(random.integers(0, 40))
        day = np.sort(random.integers(0, days, lines)).astype("int32")
        due = (day + random.integers(0, 3, lines)).astype("int32")
        stream, quantity = random.integers(0, count, lines).astype("int32"), random.integers(1, 5, lines).astype(float)
        lead = random.integers(0, 6, (days, count)).astype("int32")
        return Asked(day, due, stream, quantity, lead, random.random(count), warm_up)

    asked = [period() for _ in range(int(random.integers(3, 7)))]
    rules = [
        {
            "reorder_point": float(random.integers(-1, 12)),
            "order_quantity": float(random.choice([0, 1, 4, 9])),
            "order_up_to": float(random.integers(11, 22)),
            "review_days": int(random.integers(0, 4)),
            "is_lost": bool(random.random() < 0.4),
        }
        for _ in range(count)
    ]
    costs = (random.choice(some, count) for some in ([1.0, 10.0, 30.0], [np.nan, 0.0, 5.0, 40.0], [0.0, 3.0, 20.0]))
    late, late_day, part = (float(random.choice(some)) for some in ([0, 4], [0, 2], [1.0, 0.7]))
    return asked, Rules(stock(*rules), random.choice([0.0, 1, 3, 8], count)), Prices(*costs, late, late_day, part)


def played_by_simpy(asked: Asked, rules: Rules, prices: Prices) -> np.ndarray:
    """Return units at hand, missing and asked for, and the cost, of shelves that are objects, line by line."""
    shelves, (days, count) = rules.stock, asked.lead_days.shape
    top = np.where(
        shelves.order_quantity > 0, shelves.reorder_point + shelves.order_quantity, shelves.order_up_to
    )  # less whole units of the cycle that are gone when a period begins
    shelves = replace(shelves, on_hand=np.maximum(top - np.floor(asked.begun * rules.cycle), 0.0))
    lines = np.stack([asked.day, np.arange(len(asked.day)), asked.stream, -1 + 0 * asked.day, asked.quantity], axis=1)
    none = np.zeros((days, 0))
    came = arrivals(lines, np.zeros((len(lines), 0)), asked.lead_days[None])
    flow = flow_by_simpy(came, Chain(resources(none), nodes(none), shelves, asked.warm_up))
    told, units, waited = flow.streams, np.zeros(count), np.zeros(count)
    for at, stream in enumerate(asked.stream):
        if asked.day[at] >= asked.warm_up:
            late = max(int(flow.in_stock[at]) - int(asked.due[at]), 0)
            waited[stream] += prices.late * (late > 0) + prices.late_day * late
            units[stream] += asked.quantity[at]
    missing = told.short[0] * prices.part
    ordered = np.nan_to_num(prices.order) * told.orders[0]
    cost = prices.holding * told.on_hand[0] + shelves.is_lost * prices.lost * missing + prices.part * (ordered + waited)
    return np.stack([told.on_hand[0], missing, units * prices.part, cost])


def test_what_is_said_of_rules_is_what_simpy_says_and_a_search_never_ends_with_worse_ones() -> None:
    moved = 0
    for seed in range(1110, 1170):  # of 1158 what a rule cost hung on those tried before it
        asked, given, costs = drawn(seed)
        found = tuned(asked, given, costs, np.full(len(given.cycle), 4.0))
        before, after = (play(asked, rules, costs) for rules in (given, found))
        for rules, told in ((given, before), (found, after)):
            by_hand = np.stack([played_by_simpy(each, rules, costs) for each in asked], axis=1)
            assert told == pytest.approx(by_hand), seed
        saved, free = before[COST] - after[COST], costs.late + costs.late_day == 0
        is_free = np.where(given.stock.is_lost, costs.lost == 0, free)
        more = after[MISSING].mean(axis=0) - before[MISSING].mean(axis=0)
        assert (more[is_free] <= 1e-9).all(), seed
        unpriced = ~(costs.order > 0)
        assert (found.size[unpriced] == given.size[unpriced]).all(), seed
        changed = (found.stock.reorder_point != given.stock.reorder_point) | (found.size != given.size)
        sure = saved.mean(axis=0) > saved.std(axis=0, ddof=1) / np.sqrt(len(asked))
        assert sure[changed].all(), seed
        assert (saved[:, ~changed] == 0).all(), seed
        moved += changed.sum()
    assert moved > 40


def with_costs(params: Path, **columns: float) -> Path:
    """Return the params of a workbook whose replenishment says so besides."""
    path = params.parent / "data" / "replenishment.csv"
    pd.read_csv(path).assign(**columns).to_csv(path, index=False)
    return params


def table_of(params: Path) -> pd.DataFrame:
    return compute(params, QUARTER, ("profile", "segment", "strategy", "evaluate")).all_tables["tuned_stock"]


def test_the_stage_tunes_rules_that_are_short_and_tells_their_sum(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    params = with_costs(shelf(tmp_path), holding_rate=0.3)
    found = table_of(params)
    whole, rules = totals(found, "product_id", "warehouse").iloc[0], without_totals(found, "product_id", "warehouse")
    assert len(rules) == 12
    for name in ("on_hand", "cost", "tuned_cost", "saving"):
        assert whole[name] == pytest.approx(rules[name].sum()), name
    assert whole["saving"] == pytest.approx(whole["cost"] - whole["tuned_cost"])
    assert whole["verdict"] == "better"
    assert whole["low"] > 0
    assert whole["tuned_fill_rate"] > whole["fill_rate"]
    assert (rules["tuned_order_quantity"] == rules["order_quantity"]).all()  # an order has no price
    monkeypatch.setattr("cts_lib.replay.outcome.ROWS_AT_ONCE", 1)
    pd.testing.assert_frame_equal(table_of(params), found, check_exact=True)


def test_stock_that_costs_nothing_known_is_not_tuned(tmp_path: Path) -> None:
    assert table_of(shelf(tmp_path)).empty
