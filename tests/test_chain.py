"""The chain with days: equal to SimPy on any network, and what holds of every chain."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from chain_by_simpy import flow_by_simpy
from chains import arrivals, chains, figures, nodes, resources, stock, with_capacity
from hypothesis import given, settings
from hypothesis import strategies as st

from cts_lib.simulate.chain import Arrivals, Chain
from cts_lib.simulate.compiled import compiled
from cts_lib.simulate.flow import flow

Drawn = tuple[Arrivals, Chain]


@given(chains())
@settings(max_examples=300)
def test_every_figure_is_that_of_simpy(drawn: Drawn) -> None:
    ours, theirs = figures(flow(*drawn)), figures(flow_by_simpy(*drawn))
    for name, values in ours.items():
        np.testing.assert_allclose(values, theirs[name], rtol=1e-9, atol=1e-9, err_msg=name)


@given(chains())
def test_nothing_leaves_before_it_arrives(drawn: Drawn) -> None:
    lines, chain = drawn
    found = flow(lines, chain)
    steps = np.stack([lines.day, found.processed, found.in_stock, found.picked])
    assert (np.diff(steps, axis=0) >= 0).all()
    assert (found.picked <= len(chain.resources.capacity)).all()


@given(chains())
def test_units_are_neither_made_nor_lost(drawn: Drawn) -> None:
    lines, chain = drawn[0], replace(drawn[1], warm_up=0)
    found, days = flow(lines, chain), len(chain.resources.capacity)
    for replication, begun in enumerate(lines.starts[:-1]):
        mine = slice(begun, lines.starts[replication + 1])
        asked = (lines.stream[mine] >= 0) & (found.processed[mine] < days)
        delivered = np.bincount(lines.stream[mine][asked], found.filled[mine][asked], minlength=len(chain.stock.names))
        left = {name: values[replication] for name, values in vars(found.streams).items()}
        came = chain.stock.on_hand + left["ordered"]
        gone = left["left"] + delivered - left["owed"] + left["on_order"]
        np.testing.assert_allclose(came, gone, atol=1e-9)


@given(chains(), st.sampled_from([1.25, 2.0, 7.0]))
def test_more_capacity_never_finishes_an_order_later(drawn: Drawn, factor: float) -> None:
    lines, chain = drawn
    before, after = flow(lines, chain), flow(lines, with_capacity(chain, factor))
    assert (after.processed <= before.processed).all()
    assert (after.backlog <= before.backlog + 1e-9).all()


@given(chains(), st.sampled_from([1.25, 2.0, 7.0]))
def test_more_picks_never_pick_a_line_later(drawn: Drawn, factor: float) -> None:
    lines, chain = drawn
    more = replace(chain, nodes=with_capacity(chain, factor).nodes)
    assert (flow(lines, more).picked <= flow(lines, chain).picked).all()


@given(chains(unlimited=True))
def test_without_limits_nothing_waits(drawn: Drawn) -> None:
    lines, chain = drawn
    plenty = replace(chain.stock, on_hand=np.full(len(chain.stock.names), 1e6))
    found = flow(lines, replace(chain, stock=plenty))
    assert (found.picked == lines.day).all()
    assert (found.filled == lines.quantity).all()
    assert not found.backlog.any() and not found.queue.any() and not found.backorders.any()


@given(chains())
def test_replications_are_the_same_in_one_batch_or_many(drawn: Drawn) -> None:
    lines, chain = drawn
    together = figures(flow(lines, chain))
    alone = [figures(flow(_only(lines, replication), chain)) for replication in range(len(lines.starts) - 1)]
    for name, values in together.items():
        assert np.concatenate([one[name] for one in alone]).tobytes() == values.tobytes(), name


def _only(lines: Arrivals, replication: int) -> Arrivals:
    mine = slice(*lines.starts[replication : replication + 2])
    order = lines.order[mine]
    first, last = (order[0], order[-1] + 1) if len(order) else (0, 0)
    return Arrivals(
        np.array([0, len(order)]),
        lines.day[mine],
        order - first,
        lines.stream[mine],
        lines.node[mine],
        lines.quantity[mine],
        lines.minutes[first:last],
        lines.lead_days[replication : replication + 1],
        None if lines.due is None else lines.due[mine],
    )


@given(chains())
def test_what_is_given_stays_as_it_is(drawn: Drawn) -> None:
    lines, chain = drawn
    parts = [vars(lines), vars(chain.resources), vars(chain.nodes), vars(chain.stock)]
    given_arrays = [values for part in parts for values in part.values() if isinstance(values, np.ndarray)]
    before = [values.copy() for values in given_arrays]
    for values in given_arrays:
        values.setflags(write=False)
    flow(lines, chain)
    assert all((old == new).all() for old, new in zip(before, given_arrays, strict=True))


def test_a_day_off_and_an_outage_only_shift_the_work() -> None:
    lines = arrivals([(day, day, -1, -1, 1) for day in range(3)], [[6.0]] * 3, np.zeros((1, 6, 0)))
    open_days = np.array([10.0, 0, 0, 6, 6, 6])[:, None]
    found = flow(lines, Chain(resources(open_days), nodes(np.zeros((6, 0))), stock()))
    assert found.processed.tolist() == [0, 3, 4]
    assert found.backlog[0, :, 0].tolist() == [0, 6, 12, 6, 0, 0]


def test_what_is_due_first_is_done_first_whoever_came_first() -> None:
    lines = arrivals([(0, 0, -1, 0, 1), (0, 1, -1, 0, 1), (1, 2, -1, 0, 1)], [[10.0]] * 3, np.zeros((1, 4, 0)))
    chain = Chain(resources(np.full((4, 1), 10.0)), nodes(np.full((4, 1), 1.0)), stock())
    assert flow(lines, chain).picked.tolist() == [0, 1, 2]
    assert flow(replace(lines, due=np.array([3, 0, 1], "int32")), chain).picked.tolist() == [2, 0, 1]


def test_overtime_is_worked_only_where_the_day_does_not_suffice() -> None:
    lines = arrivals([(0, 0, -1, -1, 1), (1, 1, -1, -1, 1)], [[14.0], [5.0]], np.zeros((1, 3, 0)))
    desk = resources(np.full((3, 1), 10.0), overtime=[0.2])
    found = flow(lines, Chain(desk, nodes(np.zeros((3, 0))), stock()))
    assert found.overtime_minutes[0, :, 0].tolist() == [2, 0, 0]
    assert found.backlog[0, :, 0].tolist() == [2, 0, 0]
    assert found.processed.tolist() == [1, 1]


def test_one_of_four_people_takes_four_days_for_what_all_do_in_one() -> None:
    lines = arrivals([(0, 0, -1, -1, 1), (0, 1, -1, -1, 1)], [[40.0], [10.0]], np.zeros((1, 5, 0)))
    for share, days in ((1.0, [0, 1]), (0.25, [3, 0])):
        desk = resources(np.full((5, 1), 40.0), order_share=[share])
        assert flow(lines, Chain(desk, nodes(np.zeros((5, 0))), stock())).processed.tolist() == days


def test_replenishments_may_overtake_each_other_and_the_first_who_waits_is_served_first() -> None:
    lead = np.array([4, 1, 1, 1, 1, 1])[None, :, None]
    asked = [(0, 0, 0, -1, 2), (1, 1, 0, -1, 1), (1, 2, 0, -1, 3)]
    lines = arrivals(asked, np.zeros((3, 0)), lead)
    base = stock({"reorder_point": 0, "order_up_to": 0})
    found = flow(lines, Chain(resources(np.zeros((6, 0))), nodes(np.zeros((6, 0))), base))
    assert found.in_stock.tolist() == [2, 2, 4]  # day 2 brings the 4 ordered on day 1, day 4 the 2 of day 0
    assert found.backorders[0].tolist() == [2, 6, 2, 2, 0, 0]


def test_a_lot_is_ordered_as_often_as_the_position_needs() -> None:
    lines = arrivals([(0, 0, 0, -1, 23)], np.zeros((1, 0)), np.full((1, 2, 1), 1))
    lots = stock({"on_hand": 20, "reorder_point": 5, "order_quantity": 4})
    found = flow(lines, Chain(resources(np.zeros((2, 0))), nodes(np.zeros((2, 0))), lots))
    assert found.streams.ordered.tolist() == [[12]]  # from −3: above 5 only with the third


def test_the_last_of_a_sum_of_tenths_is_not_left_over() -> None:
    lines = arrivals([(0, number, 0, 0, 0.1) for number in range(10)], np.full((10, 1), 0.1), np.full((1, 3, 1), 1))
    held = stock({"on_hand": 1.0})
    found = flow(lines, Chain(resources(np.full((3, 1), 1.0)), nodes(np.full((3, 1), 10.0)), held))
    assert not found.picked.any()
    assert not found.backlog.any()


def test_loops_run_where_what_is_compiled_cannot_be_kept() -> None:
    def twice(number: float) -> float:
        return 2 * number

    twice.__code__ = twice.__code__.replace(co_filename="/nowhere/loops.py")
    assert compiled(twice)(4.0) == 8.0
