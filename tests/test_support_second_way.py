"""What support departments send, a second way: cost is passed on round after round until none is left to pass."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st
from small_workbook import booked, compute, make_workbook

Row = dict[str, Any]
SUPPORT, SERVED = ("it", "hr", "rooms"), ("desk", "trucks", "brand")
MODEL: Row = {
    "resources": {name: {"support": True} for name in SUPPORT}
    | {"desk": {"capacity_minutes": 500}, "trucks": {}, "brand": {"level": "business_unit"}},
    "activities": {
        "entry": {"resource": "desk", "per": "order", "minutes": "40"},
        "drops": {"resource": "trucks", "per": "shipment", "driver": "1"},
    },
}
WEIGHTS = st.fixed_dictionaries({name: st.sampled_from([0, 0, 1, 2, 7]) for name in (*SUPPORT, *SERVED)})


def shares_of(weights: Row) -> Row:
    """Return shares that sum to 1; those of 0 are not written."""
    whole = sum(weights.values())
    return {name: weight / whole for name, weight in weights.items() if weight}


def sent(method: str, order: list[str], shares: dict[str, Row], own: Row) -> dict[tuple[str, str], float]:
    """Return what each department sends to whom, by passing on what it has again and again."""
    flows: dict[tuple[str, str], float] = {}
    has = dict(own)

    def pass_on(sender: str, closed: set[str]) -> None:
        to = {name: share for name, share in shares[sender].items() if name != sender and name not in closed}
        for name, share in to.items():
            amount = has[sender] * share / sum(to.values())
            flows[sender, name] = flows.get((sender, name), 0.0) + amount
            has[name] += amount
        if to:
            has[sender] = 0.0

    if method == "reciprocal":
        for _ in range(5_000):
            for name in shares:
                pass_on(name, set())
    elif method == "direct":
        for name in shares:
            pass_on(name, set(SUPPORT))
    else:
        for place, name in enumerate(order):
            pass_on(name, set(order[:place]))
    return flows


@settings(
    max_examples=12,
    phases=[Phase.generate],  # each takes most of a second: to shrink would take minutes
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    method=st.sampled_from(["direct", "step", "reciprocal"]),
    order=st.permutations(SUPPORT),
    drawn=st.fixed_dictionaries({}, optional=dict.fromkeys(SUPPORT, WEIGHTS)),
    own=st.fixed_dictionaries({name: st.sampled_from([0, 100, 333.33, -50]) for name in (*SUPPORT, *SERVED)}),
)
def test_support_sends_what_passing_on_by_hand_sends(
    method: str, order: list[str], drawn: Row, own: Row, tmp_path_factory: pytest.TempPathFactory
) -> None:
    shares = {name: shares_of(weights) for name, weights in drawn.items() if sum(weights.values())}
    for name, to in shares.items():  # each reaches somebody who keeps it, whatever the method
        assume(set(to) & set(SERVED) or (method == "reciprocal" and set(to) - {name}))
    assume(all(reaches(name, shares) for name in shares))
    order = [name for name in order if name in shares]
    support = {"method": method, "shares": shares} | ({"order": order} if method == "step" else {})
    params = make_workbook(
        tmp_path_factory.mktemp("support"),
        cost_model=MODEL | {"support": support},
        ledger=[booked(name, amount) for name, amount in own.items()],
    )
    found = compute(params).all_tables
    told = found["support_flows"].set_index(["sender", "resource"])["amount"]
    by_hand = sent(method, order, shares, own)
    for key in {*by_hand, *told.index}:
        assert told.get(key, 0.0) == pytest.approx(by_hand.get(key, 0.0), abs=1e-6), key
    resources = found["resources"].set_index("resource")
    for name in own:
        received = sum(amount for (_, to), amount in by_hand.items() if to == name)
        passed = sum(amount for (sender, _), amount in by_hand.items() if sender == name)
        kept = own[name] + received - passed
        assert resources.loc[name, ["received", "sent"]].tolist() == pytest.approx([received, passed], abs=1e-6)
        if name in SUPPORT:
            assert resources.loc[name, "unassigned"] == pytest.approx(kept, abs=1e-6)
    assert resources.loc["brand", "sustaining"] == pytest.approx(
        own["brand"] + sum(amount for (_, to), amount in by_hand.items() if to == "brand"), abs=1e-6
    )


def reaches(name: str, shares: dict[str, Row]) -> bool:
    """Whether what a department sends reaches in the end somebody who keeps it."""
    seen, at = {name}, [name]
    while at:
        new = set(shares.get(at.pop(), {})) - seen
        if new & set(SERVED) or new - set(shares):
            return True
        seen |= new
        at += new
    return False
