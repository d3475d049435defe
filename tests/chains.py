"""Chains with days for tests: plain parts of one, and small ones drawn at random, in eighths: no sum is rounded."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

import numpy as np
from hypothesis import strategies as st

from cts_lib.simulate.chain import Arrivals, Chain, Nodes, Resources, Stock
from cts_lib.simulate.flow import Flow

MINUTES = st.sampled_from([0.0, 0.125, 0.5, 1.0, 2.75, 6.0])
UNITS = st.sampled_from([0.125, 0.5, 1.0, 2.0, 3.5])


def resources(capacity: Any, overtime: Any = None, order_share: Any = None) -> Resources:
    """Return resources of a capacity by day and resource; without overtime, all working on one order."""
    by_day = np.asarray(capacity, "float64")
    count = by_day.shape[1]
    return Resources(
        tuple(f"desk{place}" for place in range(count)),
        by_day,
        np.zeros(count) if overtime is None else np.asarray(overtime, "float64"),
        np.ones(count) if order_share is None else np.asarray(order_share, "float64"),
    )


def nodes(picks: Any) -> Nodes:
    by_day = np.asarray(picks, "float64")
    return Nodes(tuple(f"node{place}" for place in range(by_day.shape[1])), by_day)


def stock(*rules: dict[str, Any]) -> Stock:
    """Return streams of these rules; what one does not say is nothing at hand and never an order."""
    none = {"on_hand": 0, "reorder_point": -np.inf, "order_up_to": 0, "order_quantity": 0, "review_days": 0}
    table = {name: [rule.get(name, value) for rule in rules] for name, value in (none | {"is_lost": False}).items()}
    kinds = dict.fromkeys(table, "float64") | {"review_days": "int64", "is_lost": "bool"}
    return Stock(
        tuple(f"stream{place}" for place in range(len(rules))),
        **{name: np.array(values, kinds[name]) for name, values in table.items()},
    )


def arrivals(lines: Any, minutes: Any, lead_days: Any, starts: Any = None) -> Arrivals:
    """Return lines given as rows of day, order, stream, node and quantity."""
    table = np.asarray(lines, "float64").reshape(-1, 5)
    day, order, stream, node = table[:, :4].T.astype("int32")
    lead = np.asarray(lead_days, "int32")
    begins = np.array([0, len(table)] if starts is None else starts, "int64")
    return Arrivals(begins, day, order.astype("int64"), stream, node, table[:, 4], np.asarray(minutes, "float64"), lead)


@st.composite
def chains(draw: st.DrawFn, *, unlimited: bool = False) -> tuple[Arrivals, Chain]:
    """Draw a network of few days and what arrives in it."""
    days, replications = draw(st.integers(1, 8)), draw(st.integers(1, 3))
    desks, places, streams = (draw(st.integers(0, 3)) for _ in range(3))

    def by_day(values: list[float], count: int) -> np.ndarray:
        limits = st.just(np.inf) if unlimited else st.sampled_from(values)
        drawn = draw(st.lists(st.lists(limits, min_size=count, max_size=count), min_size=days, max_size=days))
        table = np.array(drawn, "float64").reshape(days, count)
        table[days - 1, (table == 0).all(axis=0)] = 1.0
        return table

    def each(values: st.SearchStrategy[Any], count: int) -> list[Any]:
        return draw(st.lists(values, min_size=count, max_size=count))

    one_line = st.tuples(st.integers(-1, streams - 1), st.integers(-1, places - 1), UNITS)
    one_order = st.tuples(
        st.integers(0, days - 1),
        st.lists(MINUTES, min_size=desks, max_size=desks),
        st.lists(one_line, min_size=1, max_size=3),
    )
    lines, minutes, starts = [], [], [0]
    for _ in range(replications):
        for day, work, of_order in sorted(draw(st.lists(one_order, max_size=8)), key=lambda order: order[0]):
            lines += [(day, len(minutes), *line) for line in of_order]
            minutes.append(work)
        starts.append(len(lines))
    leads = each(st.integers(0, 4), replications * days * streams)
    given = arrivals(
        lines,
        np.array(minutes).reshape(len(minutes), desks),
        np.array(leads).reshape(replications, days, streams),
        starts,
    )
    if draw(st.booleans()):
        due = each(st.integers(0, days - 1), len(lines))
        given = replace(given, due=np.array(due, "int32"))
    rule = st.fixed_dictionaries(
        {
            "on_hand": st.sampled_from([0.0, 0.5, 2.0, 5.0]),
            "reorder_point": st.sampled_from([-np.inf, -1.0, 0.0, 1.5, 3.0]),
            "order_up_to": st.sampled_from([3.0, 3.5, 6.0]),
            "order_quantity": st.sampled_from([0.0, 0.0, 0.5, 2.0]),
            "review_days": st.integers(0, 3),
            "is_lost": st.booleans(),
        }
    )
    overtime, share = each(st.sampled_from([0.0, 0.25, 1.0]), desks), each(st.sampled_from([1.0, 0.5, 0.25]), desks)
    chain = Chain(
        resources(by_day([0.0, 0.5, 1.0, 4.0, np.inf], desks), overtime, share),
        nodes(by_day([0.0, 1.0, 1.5, 3.0, np.inf], places)),
        stock(*each(rule, streams)),
        draw(st.integers(0, days - 1)),
    )
    return given, chain


def with_capacity(chain: Chain, factor: float) -> Chain:
    """Return the chain with so many times the capacity."""
    desks, places = chain.resources, chain.nodes
    return replace(
        chain,
        resources=replace(desks, capacity=desks.capacity * factor),
        nodes=replace(places, picks=places.picks * factor),
    )


def figures(flow: Flow) -> dict[str, np.ndarray]:
    """Return every figure of a flow by its name."""
    told = {field.name: getattr(flow, field.name) for field in fields(flow)}
    return told | {f"streams.{name}": values for name, values in vars(told.pop("streams")).items()}
