"""What the plan makes of a customer is what costing says of its rewritten tables, for those who go along."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace

import pandas as pd
import pytest
from hypothesis import HealthCheck, Phase, assume, example, given, settings
from hypothesis import strategies as st
from small_workbook import compute, open_run, write_option
from test_replay import CHOICES, LEVERS, MODEL, Opened, in_order, open_workbook

from cts_lib.costing.avoidable import going_shares
from cts_lib.names import CUSTOMER
from cts_lib.replay.options import CURRENT, Option, placed_levers, read_option
from cts_lib.replay.policy import everywhere
from cts_lib.run.replayed import write_rewritten
from cts_lib.strategy.cells import Books
from cts_lib.strategy.customer_plan import WhollyTaken, customer_plan
from cts_lib.strategy.customer_terms import customer_terms

VARIABLE = {"desk": 0.3, "dock": 0.6, "trucks": 1.0, "freight": 0.9}
ALL_GO_ALONG = {name: lever | {"adoption": 1} for name, lever in LEVERS.items()}
STAYING = [choice for choice in CHOICES if choice != ("terms", "dear")]


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Opened]:
    resources = {name: given | {"variable_share": VARIABLE[name]} for name, given in MODEL["resources"].items()}
    dear = {"care": MODEL["activities"]["care"] | {"rate": 40}}  # so that most lose
    model = {"resources": resources, "activities": MODEL["activities"] | dear}
    with open_workbook(tmp_path_factory.mktemp("plan"), model, ALL_GO_ALONG) as found:
        yield found


def books_of(opened: Opened) -> Books:
    """The unit's books, by which all go along who would."""
    going = replace(opened.going, reached=opened.going.those)
    resources, unit = opened.costed.tables["resources"], opened.run.unit
    levers, shares = placed_levers(opened.strategy), going_shares(unit, resources)
    return Books(unit.params.cost_model, opened.strategy, levers, going, shares, resources, 1 / 12)


@settings(
    max_examples=6,
    phases=[Phase.explicit, Phase.generate],  # each takes seconds: to shrink would take an hour
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@example(choices=[("partner", "small"), ("rush", "fee"), ("portal", "half")])
@given(choices=st.lists(st.sampled_from(STAYING), max_size=4, unique_by=lambda choice: choice[0]))
def test_a_customer_in_the_plan_is_what_its_rewritten_tables_cost(
    opened: Opened, tmp_path_factory: pytest.TempPathFactory, choices: list[tuple[str, str]]
) -> None:
    option, today = in_order(choices), opened.results.all_tables["customer_channel_profit"].set_index(CUSTOMER)
    books = books_of(opened)
    taken = WhollyTaken.of(everywhere(option, books.going), books)
    table = customer_plan(opened.engine, opened.priced, opened.costed, books, taken)
    found = table.set_index(CUSTOMER)

    to = tmp_path_factory.mktemp("replayed") / "to"
    write_rewritten(opened.run, opened.period, opened.results, option.name, to)
    replayed = compute(to / "params").all_tables
    costs = replayed["customer_costs"]
    variable = costs["resource"].astype("object").map(VARIABLE).fillna(1.0)
    then = replayed["customer_channel_profit"].set_index(CUSTOMER)
    avoidable = (costs["cost"] * variable.astype("float64")).groupby([costs[key] for key in CUSTOMER]).sum()
    then["avoidable_margin"] = then["gross_margin"].sub(avoidable, fill_value=0.0)
    for figure in ("net_sales", "cost_to_serve", "profit", "avoidable_margin"):
        wanted = then[figure].reindex(found.index).fillna(0.0)
        assert (found[f"chosen_{figure}"] - wanted).abs().max() < 1e-6, figure
    for figure in ("net_sales", "cost_to_serve", "profit"):
        assert (found[f"current_{figure}"] == today[figure].reindex(found.index)).all(), figure
    changed = (found["chosen_profit"] - found["current_profit"]).abs() > 1e-6
    reached = (found["option"] != CURRENT).groupby("customer_id").transform("any")
    assert not (changed & ~reached).any()
    agreed = {"rhythm", "minimum_order", "order_method", "terms", "rush"}
    partners = {name for name, lever in opened.strategy.levers.items() if lever.kind == "hand_over"}
    handed_over = [not partners.isdisjoint(read_option(whole).settings) for whole in found["option"]]
    assert list(found["handed_over"]) == handed_over
    assert (found.loc[handed_over, ["asks", "chosen_net_sales"]] == [CURRENT, 0]).all(axis=None)
    for whole, asks in found.loc[~found["handed_over"], ["option", "asks"]].drop_duplicates().itertuples(index=False):
        wanted = {
            name: setting
            for name, setting in read_option(whole).settings.items()
            if (lever := opened.strategy.levers[name]).kind in agreed
            or lever.promise == "move"
            or "shared_forecast" in LEVERS[name]["settings"][setting]
        }
        assert read_option(asks).settings == wanted


@settings(
    max_examples=2,
    phases=[Phase.explicit, Phase.generate],  # each takes seconds: to shrink would take an hour
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@example(choices=[("rhythm", "weekly"), ("stock", "to order"), ("least", "weekly"), ("terms", "fees")], turn=0)
@given(
    choices=st.lists(st.sampled_from(STAYING), min_size=1, max_size=4, unique_by=lambda choice: choice[0]),
    turn=st.integers(0, 2),
)
def test_what_is_asked_on_top_of_the_plan_ends_the_loss(
    opened: Opened, tmp_path_factory: pytest.TempPathFactory, choices: list[tuple[str, str]], turn: int
) -> None:
    option = in_order(choices)
    unit, extras = opened.run.unit, opened.run.accepted(opened.period).extras
    taken = WhollyTaken.of(everywhere(option, opened.going), books_of(opened))
    planned = customer_plan(opened.engine, opened.priced, opened.costed, books_of(opened), taken)
    segments = opened.results.all_tables["segments"]
    terms, _ = customer_terms(opened.engine, unit, extras, opened.costed, segments, planned, taken)
    asked = terms[(terms["aim"] == "zero") & terms["chosen_needed"].notna()]
    assume(len(asked))
    each = [rows.iloc[(turn + at) % len(rows)] for at, (_, rows) in enumerate(asked.groupby(CUSTOMER))]  # a term each
    levers = {
        f"ask {at}": {
            "kind": "terms",
            "for": f"customer_id = '{one['customer_id']}' AND channel = '{one['channel']}'",
            "settings": {"it": {one["term"]: one["chosen_needed"]}},
        }
        for at, one in enumerate(each)
    }
    unit_run = open_run(opened.run.unit.root / "params", [f"strategy.levers={json.dumps(ALL_GO_ALONG | levers)}"])
    try:
        to, both = tmp_path_factory.mktemp("asked") / "to", Option(option.settings | dict.fromkeys(levers, "it"))
        write_option(unit_run, both.name, to)
    finally:
        unit_run.close()
    then = compute(to / "params").all_tables["customer_channel_profit"].set_index(CUSTOMER)
    for one in each:
        found = then.loc[(one["customer_id"], one["channel"])]
        assert found["net_sales"] == pytest.approx(one["chosen_net_sales_then"], abs=1e-6)
        assert -1e-6 <= found["profit"] <= 1, one


def test_nobody_is_let_go_whom_the_plan_makes_worth_keeping(opened: Opened) -> None:
    tables = opened.results.all_tables
    terms = tables["customer_terms"]
    plan = tables["customer_plan"].set_index(CUSTOMER).reindex(pd.MultiIndex.from_frame(terms[CUSTOMER]))
    for figure in ("chosen_profit", "chosen_avoidable_margin"):
        assert (terms[figure].to_numpy() == plan[figure].to_numpy()).all()
    least = opened.strategy.min_gain.money
    both = (terms["avoidable_margin"] <= -least) & (terms["chosen_avoidable_margin"] <= -least)
    assert (terms["worth_leaving"] == both & ~terms["strategic"]).all()
    assert (plan["chosen_profit"] > plan["current_profit"]).any()
