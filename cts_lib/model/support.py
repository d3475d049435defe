"""Support departments: their cost is shared out over the departments they serve, before anything reaches a customer.

Direct, step and reciprocal allocation as in any cost accounting text (Horngren, Datar, Rajan, Cost Accounting, ch. 15).
With shares S (row i sends S[i, j] of its cost to j) and own costs c, the reciprocal method solves t = c + Sᵀt.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from cts_lib.errors import ModelError
from cts_lib.params import Support

Shares = dict[str, dict[str, float]]


def allocate(
    costs: Mapping[str, float], support: Support, departments: set[str]
) -> tuple[dict[str, float], dict[str, float]]:
    """Return what each resource received and sent; the sums of both are equal.

    Parameters
    ----------
    costs : mapping of resource to its own cost
    support : method, order and shares
    departments : the support resources

    >>> shares = {"a": {"b": 0.5, "p": 0.5}, "b": {"p": 1.0}}
    >>> received, sent = allocate({"a": 100, "b": 40, "p": 0}, Support(method="reciprocal", shares=shares), {"a", "b"})
    >>> received["b"], received["p"], sent["b"]
    (50.0, 140.0, 90.0)
    """
    received, sent = dict.fromkeys(costs, 0.0), dict.fromkeys(costs, 0.0)
    for sender, receiver, amount in flows(costs, support, departments):
        sent[sender] += amount
        received[receiver] += amount
    return received, sent


def flows(costs: Mapping[str, float], support: Support, departments: set[str]) -> list[tuple[str, str, float]]:
    """Return who sent how much to whom, as (sender, receiver, amount).

    >>> flows({"a": 100, "p": 0, "q": 0}, Support(shares={"a": {"p": 0.25, "q": 0.75}}), {"a"})
    [('a', 'p', 25.0), ('a', 'q', 75.0)]
    """
    shares = {name: _without_self(name, row) for name, row in support.shares.items()}
    if support.method == "reciprocal":
        totals = _solve(costs, shares)
        return [(name, to, totals[name] * share) for name, row in shares.items() for to, share in row.items()]
    moved = list[tuple[str, str, float]]()
    for name, row in _one_after_another(support, shares, departments):
        held = costs[name] + sum(amount for _, receiver, amount in moved if receiver == name)
        moved += [(name, to, held * share) for to, share in row.items()]
    return moved


def check_support(support: Support, departments: set[str]) -> None:
    """Raise a ModelError where a group of departments sends only to itself."""
    shares = {name: _without_self(name, row) for name, row in support.shares.items()}
    for name in shares:
        reached, frontier = {name}, [name]
        while frontier:
            for receiver, share in shares.get(frontier.pop(), {}).items():
                if share > 0 and receiver not in reached:
                    reached.add(receiver)
                    frontier.append(receiver)
        if reached <= set(shares):
            group = ", ".join(sorted(reached))
            raise ModelError("cost_model.support.shares", f"{group} send only to themselves", "one must serve others")
    if support.method != "reciprocal":
        list(_one_after_another(support, shares, departments))


def _one_after_another(
    support: Support, shares: Shares, departments: set[str]
) -> Iterator[tuple[str, dict[str, float]]]:
    """Yield the departments in the order in which they are emptied, each with its shares over those still open."""
    closed = set(departments) if support.method == "direct" else set()
    for name in support.order if support.method == "step" else shares:
        if name in shares:
            closed.add(name)
            open_to = {to: share for to, share in shares[name].items() if to not in closed}
            yield name, _rescaled(name, open_to, support.method)


def _without_self(name: str, row: Mapping[str, float]) -> dict[str, float]:
    others = {receiver: share for receiver, share in row.items() if receiver != name}
    total = sum(others.values())
    if total <= 0:
        raise ModelError(f"cost_model.support.shares.{name}", f"{name} sends only to itself", "name who it serves")
    return {receiver: share / total for receiver, share in others.items()}


def _rescaled(name: str, row: dict[str, float], method: str) -> dict[str, float]:
    total = sum(row.values())
    if total <= 0:
        expected = "one that is no support" if method == "direct" else "one that comes later in support.order"
        raise ModelError(f"cost_model.support.shares.{name}", f"{method} leaves {name} nobody to send to", expected)
    return {receiver: share / total for receiver, share in row.items()}


def _solve(costs: Mapping[str, float], shares: Shares) -> dict[str, float]:
    names = list(shares)
    matrix = np.eye(len(names))
    for column, sender in enumerate(names):
        for row, receiver in enumerate(names):
            matrix[row, column] -= shares[sender].get(receiver, 0.0)
    costs_alone = np.array([costs[name] for name in names])
    return dict(zip(names, np.linalg.solve(matrix, costs_alone).tolist() if names else [], strict=True))
