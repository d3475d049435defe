"""No headline says what is not so: whoever earns or loses, be it one, all, none, or several alike."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd
import pytest
import small_tables
from hypothesis import given
from hypothesis import strategies as st

from cts_lib import charts, display
from cts_lib.charts.profile.behaviour import mix_message
from cts_lib.charts.profile.capacity import capacity_message
from cts_lib.charts.profile.costs import channel_message
from cts_lib.charts.profile.customers import whale_message
from cts_lib.charts.profile.places import place_message
from cts_lib.charts.segment.segments import matrix_message
from cts_lib.display import Reader
from cts_lib.display.profile.answer import beyond_the_ledger
from cts_lib.names import NONE

READER = Reader("en", "EUR")
NAMES = ("Web", "Shops", "Export", "Trade")
AMOUNTS = st.lists(st.sampled_from([-1e9, -1.0, -1e-9, 0.0, 1e-9, 1.0, 20.0, 1e9]), min_size=1, max_size=len(NAMES))
TAIL = pd.Series({"products": 3, "tail_products": 1, "tail_line_share": 0.1, "tail_margin": 4.0, "tail_cost": 9.0})


def of_channels(amounts: list[float]) -> str:
    return channel_message(NAMES[: len(amounts)], amounts, READER)


def of_places(amounts: list[float]) -> str:
    frame = pd.DataFrame({"place": NAMES[: len(amounts)], "net_sales": 10.0, "profit": amounts})
    return place_message(frame, READER)


def of_families(amounts: list[float]) -> str:
    return mix_message(NAMES[: len(amounts)], amounts, TAIL, READER)


def of_cells(amounts: list[float]) -> str:
    names = NAMES[: len(amounts)]
    frame = pd.DataFrame({"segment": names, "channel": "retail", "customers": 2, "profit": amounts})
    return matrix_message(frame, READER)


def of_customers(amounts: list[float]) -> str:
    cents = [round(amount, 2) for amount in amounts]
    gained, lost = sum(x for x in cents if x > 0), -sum(x for x in cents if x < 0)
    return whale_message(sum(x < 0 for x in cents), len(cents), gained, lost, READER)


@pytest.mark.parametrize("told", [of_channels, of_places, of_families, of_cells, of_customers])
@given(amounts=AMOUNTS)
def test_a_headline_holds_of_every_amount(told: Callable[[list[float]], str], amounts: list[float]) -> None:
    said, cents = told(amounts), [round(amount, 2) or 0.0 for amount in amounts]
    best, worst = max(cents), min(cents)
    clauses = said.rstrip(".").split("; ")
    for clause in clauses:
        named = [amount for name, amount in zip(NAMES, cents, strict=False) if name in clause]
        if "earns most" in clause or "earn most" in clause or "most margin" in clause:
            assert best > 0
            assert set(named) == {best}
        if "earn most" in clause or "bring most" in clause:
            assert len(named) == cents.count(best) > 1
        if "loses most" in clause:
            assert set(named) == {worst}
            assert worst < 0
        if "earns least" in clause:
            assert set(named) == {worst}
            assert worst >= 0
    assert worst > 0 or not said.startswith(("Every channel earns", "Every place earns", "The only customer earns"))
    assert worst >= 0 or not said.startswith(("No channel loses", "No place loses", "None of the"))
    assert best <= 0 or not said.startswith(("No channel earns", "No segment earns", "No customer earns"))
    assert len(cents) == 1 or "only c" not in said
    assert len(cents) > 1 or "most" not in said or told in (of_places, of_families)


def test_a_channel_that_nobody_stated_is_not_named() -> None:
    unstated = READER.word(NONE, "channel")
    assert channel_message([unstated], [1_500.0], READER) == (
        "No channel is stated; the customers together leave €1,500."
    )
    cells = pd.DataFrame({"segment": ["Passive", "Aggressive"], "channel": NONE, "profit": [500.0, -200.0]})
    assert matrix_message(cells, READER) == "Passive earns most, €500; Aggressive loses most, −€200."


def test_one_customer_is_not_all_customers() -> None:
    cells = pd.DataFrame({"segment": ["Passive"], "channel": ["web"], "customers": [1], "profit": [500.0]})
    assert matrix_message(cells, READER) == "The only customer is in Passive in web and leaves €500."
    assert (
        matrix_message(cells.assign(customers=2), READER) == "All customers are in Passive in web, which leaves €500."
    )


def test_a_loss_is_counted_and_named() -> None:
    assert of_channels([-16_700.0]) == "The only channel, Web, leaves −€16.7K."
    assert of_channels([-1.0, 2.0, -3.0]) == "2 of 3 channels lose money: Web, Export."
    assert of_channels([200.0, 200.0, 1.0]) == "Every channel earns money; Web, Shops earn most, €200 each."
    assert of_channels([0.0, 200.0]) == "No channel loses money; Shops earns most, €200."
    assert of_cells([-3.0, -500.0]) == "No segment earns money; Shops in retail loses most, −€500."
    assert of_customers([0.0]) == "No customer earns or loses money in this period."
    assert of_customers([1e6, -100.0]) == "1 of 2 customers loses money: €100."
    assert of_customers([1e6, -100.0, -20.0]) == "2 of 3 customers lose money: €120 together."


def test_a_headline_says_what_operating_profit_leaves_out_where_that_is_much() -> None:
    statement = pd.DataFrame({"line": ["operating_profit", "outside_ledger"], "amount": [17_700.0, 15_600.0]})
    said = "It leaves out {} that customers carry and the ledger does not book."
    assert beyond_the_ledger(statement, READER, is_headline=True) == [said.format("€15.6K")]
    little = statement.assign(amount=[17_700.0, 1_700.0])
    assert beyond_the_ledger(little, READER, is_headline=True) == []
    assert beyond_the_ledger(little, READER) == [
        "It leaves out €1,700 that customers carry and the ledger does not book."
    ]
    assert beyond_the_ledger(statement.head(1), READER) == []


def test_capacity_that_costs_nothing_pays_for_nothing() -> None:
    assert capacity_message(["Desk"], 0.0, READER) == "Desk worked beyond capacity."
    assert capacity_message([], 0.0, READER).startswith("No resource is overloaded, and no money")


@pytest.mark.parametrize("margin", [0.0, -50.0])
def test_without_a_margin_no_share_of_it_is_told(margin: float) -> None:
    title = charts.profit_waterfall(
        small_tables.channel_profit().assign(gross_margin=margin), small_tables.statement(), READER
    ).title
    assert title.startswith("There is no gross margin to pay the ")
    assert "–" not in title


def test_channels_that_cost_alike_are_not_ranked() -> None:
    costs, profit = small_tables.customer_costs(), small_tables.channel_profit()
    spent = costs.groupby("channel")["cost"].sum()
    alike = profit.assign(net_sales=10 * profit["channel"].map(spent))
    assert charts.cost_mix(costs, alike, READER).title == "Serving takes 10.0% of the sales in every channel."
    free = costs.assign(cost=0.0)
    assert charts.cost_mix(free, profit, READER).title == "No activity cost anything in this period."


def test_lines_without_a_promise_are_not_told_late() -> None:
    frame = small_tables.lead_times().assign(on_time_lines=0)
    assert charts.lead_times(frame, READER).title == "Half of the lines arrive by day 1, nine in ten by day 2."


def test_the_segments_answer_calls_no_loss_an_earning() -> None:
    cards = small_tables.segment_cards().assign(profit=-5.0)
    assert "earns €" not in display.segment_answer(cards, cards.head(0), READER).html
    assert "No segment earns money" in display.segment_answer(cards, cards.head(0), READER).html


def test_a_target_that_cannot_be_judged_is_not_called_met() -> None:
    kpis = small_tables.kpis().assign(
        signal="(none)", lower_limit=float("nan"), upper_limit=float("nan"), chance=float("nan")
    )
    kpis = kpis.assign(target=1.0, status="(none)")
    assert charts.kpi_scorecard(kpis, READER).title.startswith("No target is missed, but not all can be judged")


def test_customers_of_one_period_alone_did_not_stay() -> None:
    frame = small_tables.segment_migration()
    new = frame[frame["from_segment"] == "(new)"]
    assert charts.segment_migration(new, READER).title == "No customer bought in both periods."


def test_a_bridge_that_comes_back_to_its_start_says_so() -> None:
    frame = small_tables.bridge()
    unit = frame[(frame["segment"] == "(all)") & (frame["channel"] == "(all)")].head(2).assign(amount=[5.0, -5.0])
    assert charts.bridge(unit, small_tables.statement(), READER).title.startswith("Operating profit did not change; ")
