"""Why profit changed, a second way: each cause of the bridge in plain Python, from docs/stages/govern.md alone.

Drawn are two periods: who buys, what, in which channel, at what price and cost; what comes back; rebates without
units; products that begin and end; customers known by calls alone; bills; and a ledger of which rows may lack.
"""

from __future__ import annotations

import pytest
from bridge_by_hand import FAMILY, HOME, INTEREST, MODEL, PERIODS, Bridge, Row, Side, periods
from hypothesis import HealthCheck, Phase, given, settings
from small_workbook import compute, make_workbook


@settings(
    max_examples=8,
    phases=[Phase.generate],  # each takes seconds: to shrink would take minutes
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(drawn=periods())
def test_every_cause_of_the_bridge_follows_from_the_lines_calls_and_ledger_of_two_periods(
    drawn: Row, tmp_path_factory: pytest.TempPathFactory
) -> None:
    params = make_workbook(
        tmp_path_factory.mktemp("bridge"),
        drawn["lines"],
        MODEL,
        customers=[{"customer_id": name, "channel": channel} for name, channel in HOME.items()],
        products=[{"product_id": name, "family": family} for name, family in FAMILY.items()],
        events=drawn["calls"],
        ledger=drawn["ledger"],
    )
    found = compute(params, PERIODS[1], ("profile", "segment", "govern")).all_tables
    told = found["bridge_details"].set_index(["component", "cause", "subject"])["amount"].to_dict()
    sides = [Side(drawn, at) for at in (0, 1)]
    if any(sides[1].cost[name] and not cost for name, cost in sides[0].cost.items()):
        assert found["bridge"].empty  # the ledger of before lacks what it cost then
        return
    assert told == pytest.approx(Bridge(*sides).causes(), abs=1e-6)
    bridge = found["bridge"]
    cells = bridge[bridge["segment"] != "(all)"].groupby("component")["amount"].sum().to_dict()
    assert cells == pytest.approx(Bridge(*sides).of_customers(INTEREST), abs=1e-6)
