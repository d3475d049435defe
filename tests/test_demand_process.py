"""Demand that is simulated behaves like demand: of each process nine of ten next periods lie in the interval."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cts_lib.evaluate.backtest import Past, backtest, coverage
from cts_lib.params.period import Period
from cts_lib.simulate.arrivals import Streams, weekday
from cts_lib.simulate.common import Change, Common
from cts_lib.simulate.past import SUMS, bounds, with_period

SETS, DRAWS, CUSTOMERS = 40, 60, 40
PERIODS = [Period.parse("2024-Q1")]
for _ in range(8):
    PERIODS.append(PERIODS[-1].following)
FIRST, LAST = bounds(PERIODS[0])[0], bounds(PERIODS[-1])[1]


def arrivals(random: np.random.Generator, variation: float, shock: float, season: float = 0.0) -> pd.DataFrame:
    """Return days on which customers order: gamma renewals in a time that passes faster where all order more."""
    rates = random.gamma(1.0, 0.08, CUSTOMERS) + 0.03
    days = np.array([period.days for period in PERIODS])
    seasons = np.array([1 + season * (period.first_month % 12 == 0) for period in PERIODS])
    common = np.exp(shock * random.standard_normal(len(days)) - shock**2 / 2) * seasons
    passed, ends = (np.concatenate([[0.0], np.cumsum(time)]) for time in (common * days, days))
    parts = []
    for customer, rate in enumerate(rates):
        most = int(40 + 2 * rate * passed[-1] * (1 + 3 * np.sqrt(variation)))
        gaps = random.gamma(1 / variation, variation / rate, most)
        gaps[0] = random.gamma(1 / variation + 1, variation / rate) * random.random()  # it orders already
        when = np.cumsum(gaps)
        inside = np.unique(FIRST + np.interp(when[when < passed[-1]], passed, ends).astype("int64"))
        parts.append(pd.DataFrame({"customer_id": f"c{customer:03d}", "day": inside}))
    table = pd.concat(parts, ignore_index=True)
    channel = np.where(table["customer_id"].str[-1].isin(list("0369")), "shop", "web")
    return with_period(table.assign(channel=channel)[["customer_id", "channel", "day"]], PERIODS[0])


@pytest.mark.parametrize(
    ("variation", "shock"),
    [(1.0, 0.0), (0.1, 0.0), (2.5, 0.0), (1.0, 0.15)],
    ids=["Poisson", "regular", "clustered", "shock"],
)
def test_nine_of_ten_next_periods_lie_in_the_interval(variation: float, shock: float) -> None:
    target, inside = PERIODS[-1], []
    for number in range(SETS):
        table = arrivals(np.random.default_rng(number), variation, shock)
        past = table[table["period"] < target]
        today = past[past["period"] == target.previous].reset_index(drop=True)
        streams = Streams.of(today, *bounds(target.previous), past[past["period"] < target.previous])
        common = Common.of(streams.streams, streams.variation, past, target)
        counts = []
        for replication in range(DRAWS):
            random = np.random.default_rng([7, number, replication])
            _, unit = streams.draw(random, common.draw(random), bounds(target))
            in_shop = (today["channel"].to_numpy()[unit] == "shop").sum()
            counts.append((len(unit), in_shop, len(unit) - in_shop))
        low, high = np.quantile(counts, [0.05, 0.95], axis=0)
        came = table[table["period"] == target]["channel"]
        observed = np.array([len(came), (came == "shop").sum(), (came == "web").sum()])
        inside.append((observed >= low) & (observed <= high))
    assert 0.85 <= np.mean(inside) <= 0.95, np.mean(inside, axis=0)  # three figures of 40 sets scatter by 4 points


def days_with_sums(table: pd.DataFrame) -> Past:
    orders = table.assign(**dict.fromkeys(SUMS, 1.0) | {"net_sales": 100.0})
    none = orders.iloc[:0][["customer_id", "channel", "day", "period", "cost_to_serve"]]
    return Past(orders, none)


def test_a_forecast_that_leaves_a_season_out_is_not_relied_on(monkeypatch: pytest.MonkeyPatch) -> None:
    table = arrivals(np.random.default_rng(3), 0.1, 0.0, season=0.6)
    honest = backtest(days_with_sums(table), 7)
    sales = coverage(honest).set_index("kpi").loc["net_sales"]
    assert sales["reliable"]

    def blind(*_: object) -> Change:
        return Change(0.0, 0.0, 6.0, 0.0)

    monkeypatch.setattr(Change, "of", blind)
    left_out = coverage(backtest(days_with_sums(table), 7)).set_index("kpi").loc["net_sales"]
    assert not left_out["reliable"]
    assert left_out["inside"] < sales["inside"]


@pytest.mark.parametrize(
    ("held", "is_reliable"),
    [
        ([8] * 8 + [0, 0], True),
        ([6, 7] * 5, False),
        ([8, 8, 7, 7, 7, 8, 7, 7, 7, 6], True),
        ([0], True),
        ([8, 8, 0, 0, 0], False),
        ([8, 8, 4, 3, 4, 4], False),
    ],
    ids=[
        "two periods of ten missed whole",
        "a little missed each period",
        "nine of ten",
        "one period",
        "three periods of five missed whole",
        "half of four periods of six missed",
    ],
)
def test_figures_of_one_period_hang_together(held: list[int], is_reliable: bool) -> None:
    inside = [place < of_period for of_period in held for place in range(8)]
    periods = np.repeat([f"2024-{month + 1:02d}" for month in range(len(held))], 8)
    table = pd.DataFrame({"period": periods, "kpi": "profit", "inside": inside})
    assert coverage(table)["reliable"].tolist() == [is_reliable]


@pytest.mark.parametrize("alike", [0.2, 2.0, 50.0], ids=["all or nothing", "much alike", "each by itself"])
@pytest.mark.parametrize("periods", [3, 5, 11])
def test_a_simulation_that_is_right_is_seldom_refused(alike: float, periods: int) -> None:
    random = np.random.default_rng(11)
    share = np.repeat(random.beta(0.9 * alike, 0.1 * alike, (600, periods)), 8)
    names = np.repeat([f"kpi {number}" for number in range(600)], periods * 8)
    which = np.tile(np.repeat([f"period {number}" for number in range(periods)], 8), 600)
    table = pd.DataFrame({"kpi": names, "period": which, "inside": random.random(len(share)) < share})
    assert (~coverage(table)["reliable"]).mean() < 0.12


def test_each_period_is_foretold_from_those_before_it_alone() -> None:
    table = arrivals(np.random.default_rng(5), 1.0, 0.1)
    whole = backtest(days_with_sums(table), 7)
    assert set(whole["period"]) == {str(period) for period in PERIODS[1:]}
    earlier = backtest(days_with_sums(table[table["period"] < PERIODS[5]]), 7)
    shared = whole[whole["period"].isin(set(earlier["period"]))].reset_index(drop=True)
    pd.testing.assert_frame_equal(shared, earlier)


def test_who_orders_on_tuesdays_does_so_in_a_simulated_period() -> None:
    tuesdays = [day for day in range(20_000, 20_360) if weekday(np.array(day)) == 1]
    table = pd.DataFrame({"customer_id": "c", "channel": "web", "day": tuesdays})
    streams = Streams.of(table, 20_000, 20_360)
    day, unit = streams.draw(np.random.default_rng(1), np.ones(1))
    assert (weekday(day) == 1).mean() > 0.8
    assert abs(len(day) - len(tuesdays)) <= 8
    assert set(unit) <= set(range(len(tuesdays)))


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10_000), st.integers(0, 6), st.integers(8, 100), st.booleans())
def test_what_is_drawn_again_comes_on_the_weekday_on_which_it_came(
    seed: int, begins: int, length: int, known: bool
) -> None:
    """Whatever few days its customer ordered on, also where the channel orders on others."""
    random, first = np.random.default_rng(seed), 20_000 + begins
    rows = [
        (f"c{number}", day) for number in range(30) for day in set(random.integers(0, length, random.integers(1, 9)))
    ]
    today = pd.DataFrame(rows, columns=["customer_id", "day"]).assign(channel="web")
    today["day"] += first
    streams = Streams.of(today, first, first + length)
    day, unit = streams.draw(random, np.ones(len(streams.counts)), known=known)
    assert len(day) and (first <= day).all() and (day < first + length).all()
    assert (weekday(day) == weekday(today["day"].to_numpy()[unit])).all()


@pytest.mark.parametrize("length", [10, 31, 92])
def test_no_arrival_is_drawn_more_often_than_another_whatever_the_others_weekdays_are(length: int) -> None:
    """Nor are the weekdays on which all others order."""
    random, first, draws = np.random.default_rng(length), 20_003, 400
    mondays = {number: sorted(random.integers(0, length, 6)) for number in range(40)}
    rows = [
        (f"c{number}", day - weekday(np.array(first + day)) * (number % 4 > 0))
        for number in mondays
        for day in set(mondays[number])
    ]
    today = pd.DataFrame(rows, columns=["customer_id", "day"]).drop_duplicates().assign(channel="web")
    today = (
        today[today["day"].between(0, length - 1)].assign(day=lambda rows: rows["day"] + first).reset_index(drop=True)
    )
    streams = Streams.of(today, first, first + length)
    often = np.zeros(len(today))
    for replication in range(draws):
        drawn = np.random.default_rng([1, replication])
        _, unit = streams.draw(drawn, np.ones(len(streams.counts)), known=True)
        often += np.bincount(unit, minlength=len(today))
    by_weekday = pd.DataFrame({"weekday": weekday(today["day"].to_numpy()), "often": often / draws})
    for _, some in by_weekday.groupby("weekday"):
        assert some["often"].mean() == pytest.approx(1, abs=4.5 / np.sqrt(draws * len(some)))


def test_known_rates_repeat_the_period_on_average() -> None:
    table = arrivals(np.random.default_rng(2), 1.0, 0.0)
    first, last = bounds(PERIODS[0])
    today = table[table["period"] == PERIODS[0]].reset_index(drop=True)
    streams = Streams.of(today, first, last)
    counts = [
        len(streams.draw(np.random.default_rng(r), np.ones(len(streams.counts)), known=True)[0]) for r in range(200)
    ]
    assert np.mean(counts) == pytest.approx(len(today), abs=4 * np.std(counts) / np.sqrt(200))


def test_customers_who_leave_are_seen_beyond_those_who_only_seem_to() -> None:
    random = np.random.default_rng(4)
    steady = arrivals(random, 0.1, 0.0)
    streams = steady[["customer_id", "channel"]].drop_duplicates().reset_index(drop=True)
    past = steady[steady["period"] < PERIODS[-1]]
    regular = np.full(len(streams), 0.1)
    assert Common.of(streams, regular, past, PERIODS[-1]).left < 2
    gone = {f"c{number:03d}": PERIODS[1 + number % 7] for number in range(0, 20)}
    left = past[
        [
            period < gone.get(customer, LAST_PERIOD)
            for customer, period in zip(past["customer_id"], past["period"], strict=True)
        ]
    ]
    here = left[left["period"] == PERIODS[-2]][["customer_id", "channel"]].drop_duplicates().reset_index(drop=True)
    found = Common.of(here, np.full(len(here), 0.1), left, PERIODS[-1]).left
    assert 14 <= found <= 20


LAST_PERIOD = PERIODS[-1].following


def test_of_few_changes_no_period_becomes_a_multiple_of_what_was_seen() -> None:
    change = Change.of(np.array([0.0, 0.3, -0.35]), 0.0005, np.array([0, 3, 6]), 9)
    random = np.random.default_rng(5)
    factors = np.exp([change.draw(random) for _ in range(20_000)])
    assert change.free == 3
    assert factors.max() < 4
    assert 0.98 < factors.mean() < 1.12
    spread = np.sqrt(change.scatter)
    assert np.quantile(np.log(factors), [0.05, 0.95]) == pytest.approx([-2.353 * spread, 2.353 * spread], rel=0.05)
