"""What a plan claims is what costing says of the transactions that it rewrites, written out as tables and read anew."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import lever_cases as cases
import pandas as pd
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from small_workbook import QUARTER, booked, compute, make_workbook, numbered, open_run

from cts_lib.costing.avoidable import going_shares
from cts_lib.costing.costed import Costed
from cts_lib.names import CELL, CUSTOMER
from cts_lib.params import load
from cts_lib.params.period import Period
from cts_lib.replay.options import Option, placed_levers
from cts_lib.replay.outcome import Outcome, actual_transactions, replay
from cts_lib.replay.policy import Cells, everywhere, policy_of
from cts_lib.replay.pricing import pricing
from cts_lib.replay.whom import GoingAlong
from cts_lib.run import UnitRun, write_replay
from cts_lib.run.replayed import write_rewritten
from cts_lib.strategy.cells import Books
from cts_lib.strategy.replays import Replays

MODEL: dict[str, Any] = {
    "resources": {"desk": {"capacity_minutes": 9000}, "dock": {"capacity_minutes": 9000}, "trucks": {}, "freight": {}},
    "activities": {
        "entry": {
            "resource": "desk",
            "per": "order",
            "minutes": "5 + 2*lines + 10*rush + CASE WHEN order_method = 'portal' THEN 0 ELSE 7 END",
        },
        "calls": {"resource": "desk", "per": "event:call", "minutes": "8*quantity + COALESCE(minutes, 0)"},
        "chase": {"resource": "desk", "per": "event:expedite", "minutes": "COALESCE(minutes, 3)"},
        "picking": {"resource": "dock", "per": "line", "minutes": "1 + 0.2*sold_quantity"},
        "packing": {"resource": "dock", "per": "shipment", "minutes": "3*sold_lines + CEIL(GREATEST(weight_kg, 0)/5)"},
        "drops": {"resource": "trucks", "per": "shipment", "driver": "1", "share": 0.4, "when": "sold_lines > 0"},
        "kilometres": {"resource": "trucks", "per": "shipment", "driver": "COALESCE(distance_km, 1)"},
        "bills": {"resource": "freight", "per": "shipment", "direct": "freight_cost"},
        "air": {"per": "shipment", "driver": "1", "rate": 4, "when": "ship_mode = 'air'"},
        "credit": {"per": "line", "driver": "net_sales*payment_terms_days/365", "rate": 0.1},
        "care": {"per": "customer", "driver": "orders + 0.01*ABS(net_sales)", "rate": 2},
    },
}
LEVERS: dict[str, Any] = {
    "partner": {"kind": "hand_over", "settings": {"small": {"below": 7500, "margin_kept": 0.4}}},
    "rush": {"settings": {"none": {"drop": True}, "fee": {"fee": 9}}, "margin_at_risk": 0.02},
    "least": {
        "kind": "minimum_order",
        "settings": {"weekly": {"value": 400, "below": "bundle"}, "lost": {"value": 400, "lose": 0.5}},
        "promise": "move",
    },
    "rhythm": {
        "settings": {"weekly": {"days": 7}, "tue": {"weekdays": ["tue"]}},
        "margin_at_risk": 0.01,
        "adoption": 0.7,
    },
    "node": {"settings": {"cheapest": {"choose": "cheapest"}}},
    "mode": {"settings": {"road": {"to": "road"}}, "promise": "move"},
    "portal": {"kind": "order_method", "settings": {"half": {"to": "portal", "share": 0.5}}, "events": {"call": 0.5}},
    "stock": {"settings": {"sure": {"service_level": 0.98}, "to order": {"make_to_order": True}}},
    "tracking": {
        "kind": "visibility",
        "settings": {"on": {"cost_per_order": 0.7}, "shared": {"shared_forecast": True, "cv_factor": 0.6}},
    },
    "terms": {
        "settings": {
            "dear": {"price": 0.03, "lose": 0.3},
            "fees": {"fee_per_order": 3, "fee_per_drop": 2, "payment_terms_days": 10},
        }
    },
}
CHOICES = [(lever, setting) for lever, given in LEVERS.items() for setting in given["settings"]]

FIGURES = ["net_sales", "cogs", "sold_lines", "on_time_lines", "promised_lines", "lead_days", "full_lines", "orders"]


def in_order(choices: list[tuple[str, str]]) -> Option:
    """The option of some choices, in the order of the params."""
    return Option(dict(sorted(choices, key=lambda choice: list(LEVERS).index(choice[0]))))


class Opened:
    """A unit that is open, with what its strategy yielded; a failing case need not print it."""

    def __init__(self, unit_run: UnitRun) -> None:
        self.run, self.period = unit_run, Period.parse(QUARTER)
        self.results = unit_run.compute(self.period, ("profile", "segment", "strategy"))
        self.costed = Costed.of(self.results.stages["profile"])

        self.engine, strategy = unit_run.accepted(self.period).engine, unit_run.unit.params.strategy
        state = self.results.stages["strategy"].state["going_along"]
        self.strategy = strategy
        self.going = GoingAlong.read(state, self.results.all_tables["segments"], strategy)
        model, extras = unit_run.unit.params.cost_model, unit_run.accepted(self.period).extras
        on_time = unit_run.unit.params.governance.on_time
        self.priced = pricing(model, extras, strategy, self.costed.rates, on_time)

    def outcome(self, plan: Cells) -> Outcome:
        """What a plan comes to, replayed alone for everybody."""
        policy = policy_of({"it": plan}, self.going, self.strategy)
        actual = actual_transactions(self.engine)
        return replay(self.engine, self.priced, self.costed, self.strategy, policy, actual)

    def replays(self) -> Replays:
        """What the strategy replays plans by, knowing none yet."""
        unit, resources = self.run.unit, self.costed.tables["resources"]
        levers, shares = placed_levers(self.strategy), going_shares(unit, resources)
        books = Books(unit.params.cost_model, self.strategy, levers, self.going, shares, resources, 1 / 12)
        return Replays(self.engine, self.priced, self.costed, books)


@contextmanager
def open_workbook(folder: Path, model: dict[str, Any], levers: dict[str, Any]) -> Iterator[Opened]:
    """Open a unit of the cases of levers."""
    params = make_workbook(
        folder,
        numbered(cases.LINES),
        model,
        customers=[each | {"payment_terms_days": 30} for each in cases.CUSTOMERS],
        **cases.beside_lines(),
        ledger=[booked("desk", 900), booked("dock", 4000), booked("trucks", 500), booked("freight", 120)],
        profile={"assumed_gross_margin": 0.3},
        strategy={"levers": levers, "max_service_loss": 1},
    )
    unit_run = open_run(params)
    try:
        yield Opened(unit_run)
    finally:
        unit_run.close()


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Opened]:
    with open_workbook(tmp_path_factory.mktemp("replay"), MODEL, LEVERS) as found:
        yield found


def test_every_setting_reaches_somebody(opened: Opened) -> None:
    assert [choice for choice in CHOICES if not opened.going.those[choice].any()] == []


@settings(
    max_examples=4,
    phases=[Phase.explicit, Phase.generate],  # each takes seconds: to shrink would take an hour
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(choices=st.lists(st.sampled_from(CHOICES), max_size=4, unique_by=lambda choice: choice[0]))
def test_an_option_costs_what_its_rewritten_tables_cost(
    opened: Opened, tmp_path_factory: pytest.TempPathFactory, choices: list[tuple[str, str]]
) -> None:
    option = in_order(choices)
    to = tmp_path_factory.mktemp("replayed") / "to"
    write_rewritten(opened.run, opened.period, opened.results, option.name, to)
    replayed, outcome = compute(to / "params"), opened.outcome(everywhere(option, opened.going))
    keys = [*CUSTOMER, "activity"]
    claimed = outcome.costs.astype({"activity": "str"}).groupby(keys, observed=True)["cost"].sum()
    costed = replayed.all_tables["customer_costs"].groupby(keys, observed=True)["cost"].sum()
    both = pd.concat([claimed.rename("claimed"), costed.rename("costed")], axis=1).fillna(0.0)
    assert (both["claimed"] - both["costed"]).abs().max() < 1e-6
    sums = replayed.stages["profile"].state["customer_sums"].set_index(CUSTOMER)
    pd.testing.assert_frame_equal(outcome.customer_sums.set_index(CUSTOMER)[FIGURES], sums[FIGURES], check_like=True)
    statement = replayed.all_tables["resources"]
    assert statement["difference"].abs().max() < 0.01


@settings(
    max_examples=4,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(data=st.data())
def test_plans_that_share_what_is_known_are_worth_what_each_replayed_alone_is(
    opened: Opened, data: st.DataObject
) -> None:
    replays, segments = opened.replays(), opened.results.all_tables["segments"]
    cells = list(segments[CELL].drop_duplicates().itertuples(index=False, name=None))
    some = st.lists(st.sampled_from(CHOICES), max_size=3, unique_by=lambda choice: choice[0]).map(in_order)
    for number in range(2):
        plans = {
            str(at): {cell: data.draw(some, f"{number} {at} {cell}") for cell in cells}
            for at in range(data.draw(st.integers(1, 3), "plans at once"))
        }
        found = replays(plans).set_index(["plan", *CELL])
        for name, plan in plans.items():
            outcome = opened.outcome(plan)
            costs = outcome.costs.astype({"resource": "str"}).merge(segments[[*CUSTOMER, "segment"]], on=CUSTOMER)
            sums = outcome.customer_sums.merge(segments[[*CUSTOMER, "segment"]], on=CUSTOMER)
            alone = sums.groupby(CELL)[FIGURES].sum().reindex(cells).fillna(0.0)
            alone["cost_to_serve"] = costs.groupby(CELL)["cost"].sum().reindex(cells).fillna(0.0)
            minutes = costs[costs["resource"] == "desk"].groupby(CELL)["minutes"].sum()
            alone["uses_desk"] = minutes.reindex(cells).fillna(0.0)
            both = found.loc[name].reindex(cells)[list(alone)] - alone
            assert both.abs().max().max() < 1e-6, (name, plan)


def test_the_proposal_of_the_sample_is_what_its_tables_cost(planned_unit: Path, tmp_path: Path) -> None:
    unit_run = UnitRun(load(planned_unit / "params")[0], out=planned_unit / "reports")
    period = Period.parse("2026-Q3")
    try:
        results = unit_run.compute(period, ("segment", "strategy"), resume=True).all_tables
        write_replay(unit_run, period, "proposed", tmp_path / "to")
    finally:
        unit_run.close()
    replayed = compute(tmp_path / "to" / "params", str(period), unit=unit_run.unit.name)
    profit = replayed.all_tables["customer_channel_profit"].merge(results["segments"], on=CUSTOMER)
    cells = profit.groupby(["segment", "channel"])[["cost_to_serve", "profit"]].sum()
    plan = results["strategy"].set_index(["segment", "channel"])
    assert (plan["chosen_option"] != "current").any()
    for figure in ("cost_to_serve", "profit"):
        assert (plan[f"chosen_{figure}"] - cells[figure].reindex(plan.index).fillna(0.0)).abs().max() < 0.005


def test_a_replay_says_in_one_line_what_cannot_be_written(one_unit: Path, tmp_path: Path) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "mine.txt").write_text("kept", encoding="utf-8")

    def replays(*arguments: str) -> tuple[int, str]:
        command = [sys.executable, "-m", "cts_lib.cli", "replay", "--params", str(one_unit / "params"), *arguments]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        return done.returncode, done.stderr

    status, said = replays("--period", "2026-Q3", "--to", str(tmp_path / "full"))
    assert (status, said) == (2, f"--to {tmp_path / 'full'}: is not empty; name a new folder\n")
    assert (tmp_path / "full" / "mine.txt").read_text(encoding="utf-8") == "kept"
    status, said = replays("--period", "2026-Q3", "--plan", "rythm: weekly", "--to", str(tmp_path / "new"))
    assert status == 2
    assert said.startswith("--plan rythm: weekly: is no option of the levers; did you mean 'rhythm: weekly'")
    assert not (tmp_path / "new").exists()


def test_the_params_of_a_replay_fix_every_price(opened: Opened, tmp_path: Path) -> None:
    write_rewritten(opened.run, opened.period, opened.results, "current", tmp_path / "to")
    written = load(tmp_path / "to" / "params")[0].params
    rates = opened.costed.rates.set_index("activity")["price"]
    assert written.strategy.levers == {}
    assert set(written.cost_model.prices) == {"entry", "calls", "chase", "picking", "packing", "drops", "kilometres"}
    assert all(price == rates[name] for name, price in written.cost_model.prices.items())
    assert json.dumps(written.cost_model.model_dump(mode="json"))
