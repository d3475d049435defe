"""Events that late and short lines cause: found where they are, not where they are not, and applied to lines."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from small_workbook import QUARTER, Row, booked, compute, event, line, make_workbook, open_run
from test_repeated import both_ways

from cts_lib.evaluate.calls import Calls, Effect, effect_of, notes_of_calls
from cts_lib.evaluate.prepare import Prepared, prepare
from cts_lib.params.on_time import OnTime
from cts_lib.params.period import Period
from cts_lib.replay.options import Option
from cts_lib.replay.policy import everywhere
from cts_lib.run import UnitRun
from cts_lib.run.simulated import leave_simulated
from cts_lib.run.stages import Results
from cts_lib.simulate.draws import Surge

BASE, MORE = 0.03, 0.06


def drawn(seed: int, more: float) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return lines and calls of customers by period: who calls often is served worse in all of them."""
    random = np.random.default_rng(seed)
    customer, period = (each.ravel() for each in np.indices((60, 8)))
    temper = (random.gamma(2, size=60) / 2)[customer]
    bad = random.beta(2, 8, size=60)[customer] * temper**0.5 + random.normal(0, 0.08, 480)
    lines = random.poisson(60, 480) + 1
    failing = random.binomial(lines, np.clip(bad, 0, 1))
    table = pd.DataFrame({"customer_id": customer.astype("str"), "period": period.astype("str"), "lines": lines})
    calls = random.poisson(BASE * temper * lines + more * failing)
    table = table.assign(failing=failing, quantity=calls, event="call")
    return table, table


def test_what_a_late_line_causes_lies_in_its_interval_nine_times_of_ten() -> None:
    inside = 0
    for seed in range(100):
        effect = effect_of("call", *drawn(seed, MORE))
        inside += abs(effect.more - MORE) <= 1.645 * effect.error
    assert 84 <= inside <= 96


@pytest.mark.parametrize(("more", "least", "most"), [(MORE, 36, 40), (0.0, 0, 4)])
def test_it_is_told_where_it_is_there_and_seldom_where_it_is_not(more: float, least: int, most: int) -> None:
    told = 0
    for seed in range(40):
        calls = estimated(*drawn(seed, more))
        told += len(calls.effects)
    assert least <= told <= most


class Nothing:
    """An engine of which only the observed lines would be asked."""

    def create(self, *_: object) -> None: ...


def estimated(lines: pd.DataFrame, events: pd.DataFrame) -> Calls:
    return Calls.of(Nothing(), OnTime(), 7, lines, events)  # type: ignore[arg-type]


def test_too_few_events_or_periods_are_said() -> None:
    lines, events = drawn(1, MORE)
    few = lines["period"].isin(["0", "1"])
    for some in (estimated(lines[few], events[few]), estimated(lines, events.head(3)), None):
        assert "not simulated: fewer than" in notes_of_calls(some)[0].text
    assert "do not show" in notes_of_calls(estimated(*drawn(2, 0.0)))[0].text
    assert "With a hundred late or short lines come" in notes_of_calls(estimated(lines, events))[0].text


def test_as_many_events_come_as_lines_that_fail_bring() -> None:
    effect = Effect("call", rate=0.05, failing=0.2, more=0.1, error=0.0, customers=2)
    share, beyond = np.array([0.2, 0.2, 0.2, 0.0, 0.0]), np.array([-0.2, 0.0, 0.8, 0.0, -0.9])
    factor = effect.factor(np.array(0.1), share, beyond)
    assert factor == pytest.approx([0.03 / 0.05, 1, 0.13 / 0.05, 1, 0])


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[UnitRun, Results, Prepared]]:
    """A unit of six quarters, whose customers call when their orders are late, and whose desk is nearly full."""
    random, lines, events = np.random.default_rng(9), list[Row](), list[Row]()
    for number in range(6 * 400):
        customer, quarter = f"c{random.integers(30)}", number // 400
        day = pd.Timestamp("2024-10-01") + pd.DateOffset(months=3 * quarter, days=int(random.integers(0, 80)))
        is_late = random.random() < (0.6 if random.integers(30) < 5 * (quarter % 3) else 0.1)
        came = {"shipped_date": day + pd.Timedelta(days=3 * is_late), "promised_date": day + pd.Timedelta(days=1)}
        came |= {"order_date": day, "delivered_date": came["shipped_date"] + pd.Timedelta(days=1)}
        dates = {name: str(each.date()) for name, each in came.items()}
        lines.append(line(f"o{number}", customer_id=customer, **dates))
        if random.random() < (0.9 if is_late else 0.05):
            events.append(event("call", customer, event_date=dates["order_date"], minutes=5))
    model = {
        "resources": {"desk": {"capacity_minutes": 5200}},
        "activities": {
            "entry": {"resource": "desk", "per": "order", "minutes": "10"},
            "calls": {"per": "event:call", "driver": "quantity", "rate": 20},
        },
    }
    params = make_workbook(
        tmp_path_factory.mktemp("calls"),
        lines,
        model,
        customers=[{"customer_id": f"c{at}", "channel": "direct"} for at in range(30)],
        events=events,
        ledger=[booked("desk", 900)],
        strategy={"levers": {"rhythm": {"settings": {"weekly": {"days": 7}}, "adoption": 0.5}}, "max_service_loss": 1},
        evaluation={"replications": 10, "precision": 1, "scenarios": {}},
    )
    unit_run, period = open_run(params), Period.parse(QUARTER)
    results = unit_run.compute(period, ("profile", "segment", "strategy"))
    yield unit_run, results, prepare(unit_run.inputs(period, results.stages), unit_run.unit)
    unit_run.close()


def test_a_surge_that_the_desk_cannot_serve_brings_the_calls_of_its_late_lines(
    opened: tuple[UnitRun, Results, Prepared],
) -> None:
    _, _, made = opened
    simulator, some = made.simulator, range(8)
    calls = simulator.calls
    assert calls is not None
    assert [each.event for each in calls.effects] == ["call"]
    assert abs(calls.effects[0].more - 0.85) < 3 * calls.effects[0].error
    known = replace(calls, effects=[replace(calls.effects[0], error=0.0)])
    surge = Surge(2.0, range(20, 60), np.ones(len(simulator.demand.streams.streams), bool))
    found = {}
    for name, chain, each in (
        ("drawn", None, None),
        ("waits", simulator.chain, None),
        ("calls", simulator.chain, known),
    ):
        one = replace(simulator, chain=chain, calls=each)
        runs = one.runs(one.plays({"current": {}}, made.going), some, surge=surge)
        whole = runs[runs["segment"] == "(all)"].mean(numeric_only=True)
        found[name] = whole["cost of "] / 20, whole["promised_lines"] - whole["on_time_lines"]
    late = found["waits"][1] - found["drawn"][1]
    assert late > 150
    assert found["waits"][0] > 1.4 * 105  # calls of the surge's days come twice
    beyond = found["calls"][0] - found["waits"][0]
    assert beyond == pytest.approx(calls.effects[0].more * late, rel=0.05)


def test_calls_come_to_the_same_counted_and_rewritten(opened: tuple[UnitRun, Results, Prepared]) -> None:
    _, _, made = opened
    weekly = everywhere(Option({"rhythm": "weekly"}), made.going)
    assert 0 < made.going.those["rhythm", "weekly"].mean() < 1
    both_ways(made, {"current": {}, "weekly": weekly}, surge=True, gone=["c3"])


def test_a_plan_of_capacity_steps_alone_is_simulated_with_them(opened: tuple[UnitRun, Results, Prepared]) -> None:
    _, _, made = opened
    for steps, is_later in (({}, False), ({"proposed": {"desk": 0.8}}, True)):
        simulator = replace(made.simulator, steps=steps)
        sums = simulator.runs(simulator.plays({"current": {}, "proposed": {}}, made.going), range(2))
        took = sums[sums["segment"] == "(all)"].groupby("strategy")["lead_days"].sum()
        assert (took["proposed"] > took["current"]) == is_later


@pytest.mark.parametrize("replication", [0, 3])
def test_a_written_replication_has_the_calls_of_the_stage(
    opened: tuple[UnitRun, Results, Prepared], tmp_path: Path, replication: int
) -> None:
    unit_run, results, made = opened
    plays = made.simulator.plays({"current": {}}, made.going)
    told = made.simulator.runs(plays, range(replication, replication + 1))
    leave_simulated(unit_run, Period.parse(QUARTER), results, "current", replication, tmp_path / "to")
    written = compute(tmp_path / "to" / "params").all_tables["customer_costs"]
    assert written["cost"].sum() == pytest.approx(
        float(told[told["segment"] == "(all)"]["cost_to_serve"].iloc[0]), abs=0.01
    )
