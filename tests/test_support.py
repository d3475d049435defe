"""Support departments: what is sent is received, whatever the method, and the reciprocal solution is a limit."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cts_lib.errors import ParamsError
from cts_lib.model.support import allocate, check_support, flows
from cts_lib.params import Support

DEPARTMENTS, PRODUCTIVE = ("it", "hr", "site"), ("desk", "store")
WEIGHTS = st.lists(st.integers(0, 20), min_size=len(DEPARTMENTS), max_size=len(DEPARTMENTS))
SERVED = st.lists(st.integers(1, 20), min_size=len(PRODUCTIVE), max_size=len(PRODUCTIVE))
COSTS = st.fixed_dictionaries({name: st.integers(0, 10**6) for name in (*DEPARTMENTS, *PRODUCTIVE)})


@st.composite
def support(draw: st.DrawFn, method: str) -> Support:
    """Shares in which every department serves others at least a little."""
    shares = {}
    for name in DEPARTMENTS:
        weights = dict(zip((*DEPARTMENTS, *PRODUCTIVE), draw(WEIGHTS) + draw(SERVED), strict=True))
        total = sum(weights.values())
        shares[name] = {receiver: weight / total for receiver, weight in weights.items()}
    return Support.model_validate({"method": method, "order": list(DEPARTMENTS), "shares": shares})


@pytest.mark.parametrize("method", ["direct", "step", "reciprocal"])
@given(st.data(), COSTS)
def test_all_that_is_sent_is_received_and_departments_end_empty(
    method: str, data: st.DataObject, costs: dict[str, int]
) -> None:
    received, sent = allocate(costs, data.draw(support(method)), set(DEPARTMENTS))
    total = sum(costs.values())
    assert math.fsum(received.values()) == pytest.approx(math.fsum(sent.values()), abs=1e-6)
    for name in DEPARTMENTS:
        assert costs[name] + received[name] - sent[name] == pytest.approx(0, abs=1e-6)
    left = math.fsum(costs[name] + received[name] - sent[name] for name in PRODUCTIVE)
    assert left == pytest.approx(total, abs=1e-6)


@given(support("reciprocal"), COSTS)
def test_reciprocal_is_the_limit_of_sending_on_what_arrives(shares: Support, costs: dict[str, int]) -> None:
    received, _ = allocate(costs, shares, set(DEPARTMENTS))
    own = {
        name: {receiver: share / (1 - row[name]) for receiver, share in row.items() if receiver != name}
        for name, row in shares.shares.items()
    }
    arrived = dict.fromkeys(costs, 0.0)
    moving = {name: float(costs[name]) for name in DEPARTMENTS}
    while max(moving.values()) > 1e-9:
        following = dict.fromkeys(DEPARTMENTS, 0.0)
        for name, amount in moving.items():
            for receiver, share in own[name].items():
                arrived[receiver] += amount * share
                if receiver in following:
                    following[receiver] += amount * share
        moving = following
    assert received == pytest.approx(arrived, abs=1e-4)


def test_a_departments_own_share_is_ignored_and_the_rest_rescaled() -> None:
    plain = Support(method="direct", shares={"it": {"desk": 0.75, "store": 0.25}})
    selfish = Support(method="direct", shares={"it": {"it": 0.6, "desk": 0.3, "store": 0.1}})
    costs = {"it": 100.0, "desk": 0.0, "store": 0.0}
    assert allocate(costs, selfish, {"it"})[0] == pytest.approx(allocate(costs, plain, {"it"})[0])


def test_step_never_sends_back_to_a_department_that_was_emptied() -> None:
    shares = {"it": {"hr": 0.5, "desk": 0.5}, "hr": {"it": 0.5, "desk": 0.5}}
    received, sent = allocate(
        {"it": 100.0, "hr": 10.0, "desk": 0.0}, Support(method="step", order=("it", "hr"), shares=shares), {"it", "hr"}
    )
    assert (received["it"], received["hr"], sent["hr"]) == (0.0, 50.0, 60.0)


def test_a_department_without_shares_keeps_what_it_gets() -> None:
    received, sent = allocate(
        {"it": 100.0, "hr": 10.0, "desk": 0.0},
        Support(method="reciprocal", shares={"it": {"hr": 0.5, "desk": 0.5}}),
        {"it", "hr"},
    )
    assert (received["hr"], sent["hr"]) == (50.0, 0.0)


@pytest.mark.parametrize("order", [("hr", "it"), ("it", "hr"), ("it",)])
def test_a_department_without_shares_is_never_emptied_wherever_it_stands_in_the_order(order: tuple[str, ...]) -> None:
    shares = {"it": {"hr": 0.5, "desk": 0.5}}
    received, _ = allocate(
        {"it": 100.0, "hr": 10.0, "desk": 0.0}, Support(method="step", order=order, shares=shares), {"it", "hr"}
    )
    assert (received["hr"], received["desk"]) == (50.0, 50.0)


@given(st.integers(0, 10**6), st.sampled_from(["direct", "step", "reciprocal"]))
def test_flows_of_any_network_solve_the_equations(seed: int, method: str) -> None:
    """With T[i, j], the part of its cost that i sends to j, what each has is t = c + Tᵀt."""
    random = np.random.default_rng(seed)
    count, served = int(random.integers(1, 6)), int(random.integers(1, 4))
    departments, whole = [f"d{at}" for at in range(count)], count + served
    names = [*departments, *(f"p{at}" for at in range(served))]
    sending = [at for at in range(count) if random.random() < 0.85]
    weights = random.integers(0, 4, (whole, whole)) * (random.random((whole, whole)) < 0.6)
    weights[:, count] += 1  # so that each reaches somebody who keeps it
    order = [int(at) for at in random.permutation(count)]  # also of those without shares
    parts = np.zeros((whole, whole))
    for at in sending:
        emptied = {"direct": range(count), "step": [one for one in order[: order.index(at)] if one in sending]}
        row = weights[at].astype(float)
        row[[at, *emptied.get(method, [])]] = 0
        parts[at] = row / row.sum()
    costs = random.integers(-100, 1000, whole).astype(float)
    wanted = parts * np.linalg.solve(np.eye(whole) - parts.T, costs)[:, None]
    shares = {
        names[at]: {name: float(weight) for name, weight in zip(names, weights[at] / weights[at].sum(), strict=True)}
        for at in sending
    }
    given_support = Support.model_validate({"method": method, "order": [names[at] for at in order], "shares": shares})
    check_support(given_support, set(departments))
    found = np.zeros((whole, whole))
    for sender, receiver, amount in flows(dict(zip(names, costs, strict=True)), given_support, set(departments)):
        found[names.index(sender), names.index(receiver)] += amount
    assert found == pytest.approx(wanted, abs=1e-6)


@pytest.mark.parametrize("method", ["direct", "step", "reciprocal"])
@pytest.mark.parametrize(
    "shares",
    [{"it": {"hr": 1.0}, "hr": {"it": 1.0}}, {"it": {"it": 1.0}}, {"it": {"hr": 1.0, "desk": 0.0}, "hr": {"it": 1}}],
)
def test_a_group_that_sends_only_to_itself_is_an_error(method: str, shares: dict[str, dict[str, float]]) -> None:
    given_support = Support.model_validate({"method": method, "order": ["it", "hr"], "shares": shares})
    with pytest.raises(ParamsError, match=r"support\.shares"):
        check_support(given_support, {"it", "hr"})


def test_direct_needs_somebody_who_is_no_support() -> None:
    shares = Support(method="direct", shares={"it": {"hr": 1.0}, "hr": {"desk": 1.0}})
    with pytest.raises(ParamsError, match="direct leaves it nobody to send to"):
        check_support(shares, {"it", "hr"})
