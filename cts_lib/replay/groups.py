"""A policy in parts: customers with the same levers at work are rewritten together, through the steps of these alone.

What a lever makes of a line hangs on the lines of the same customer, so that a policy may be taken apart by customers
(but where a share of a cell's orders is taken: all these stay together). Each part costs a query of its own, so that
few customers are put with others, whose levers are then at work on nobody of them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import numpy as np
import pandas as pd

from cts_lib.names import CUSTOMER
from cts_lib.replay.options import PlacedLever
from cts_lib.replay.policy import Policy

A_QUERY = 10_000
"""A lever more in a query takes as long as this many lines that it has to pass."""


def parts_of(policy: Policy, lines: pd.DataFrame) -> list[Policy]:
    """Return the policy in parts of different customers and scenarios; ``lines`` counts those of each customer."""
    if not policy.levers:
        return [policy]
    places = [lever.place for lever in policy.levers]
    at_work = policy.rows[[place.at for place in places]].notna().to_numpy(copy=True)
    shares = [place["share"] for place in places if place["share"] in policy.rows]
    sampled = policy.rows[shares].notna().any(axis=1).to_numpy()
    at_work[sampled] = at_work[sampled].any(axis=0)
    count = pd.Series(lines["n"].to_numpy(), pd.MultiIndex.from_frame(lines[CUSTOMER].astype("object")))
    weight = count.reindex(pd.MultiIndex.from_frame(policy.rows[CUSTOMER].astype("object"))).fillna(0).to_numpy()
    patterns, own = np.unique(at_work, axis=0, return_inverse=True)
    groups = _merged(patterns, np.bincount(own.ravel(), weight, len(patterns)))
    return [_part(policy, np.isin(own.ravel(), group), np.any(patterns[group], axis=0)) for group in groups]


def _merged(patterns: np.ndarray, lines: np.ndarray) -> list[list[int]]:
    """Return patterns of levers in groups: two become one as long as that takes less time in all."""
    groups, levers, lines = [[at] for at in range(len(patterns))], patterns.copy(), lines.astype("float64")
    saved = np.array([_saved(levers, lines, one) for one in range(len(groups))])
    saved[np.tril_indices(len(groups))] = -np.inf
    while len(groups) > 1:
        one, other = np.unravel_index(saved.argmax(), saved.shape)
        if saved[one, other] <= 0:
            break
        groups[one] += groups.pop(other)
        levers[one] |= levers[other]
        lines[one] += lines[other]
        levers, lines = np.delete(levers, other, axis=0), np.delete(lines, other)
        saved = np.delete(np.delete(saved, other, axis=0), other, axis=1)
        now = _saved(levers, lines, int(one))
        saved[one, one + 1 :], saved[:one, one] = now[one + 1 :], now[:one]
    return groups


def _saved(levers: np.ndarray, lines: np.ndarray, one: int) -> np.ndarray:
    """Return how much less time each other group takes together with one than apart."""
    together: np.ndarray = _time(levers | levers[one], lines + lines[one])
    saved: np.ndarray = _time(levers, lines) + _time(levers[one], lines[one]) - together
    return saved


def _time(levers: np.ndarray, lines: np.ndarray) -> np.ndarray:
    """Return about how long queries take: one lever's place for the reading, and one for each lever."""
    times: np.ndarray = (1 + levers.sum(axis=-1)) * (lines + A_QUERY)
    return times


def _part(policy: Policy, kept: np.ndarray, at_work: np.ndarray) -> Policy:
    """Return the rows of a policy that are kept, with the levers at work there and the columns that these fill."""
    rows, others = policy.rows[kept], list[str]()
    levers = list[PlacedLever]()
    for lever, is_here in zip(policy.levers, at_work, strict=True):
        if is_here:
            used = frozenset(name for name in lever.place.used if rows[lever.place[name]].notna().any())
            levers.append(replace(lever, place=replace(lever.place, used=used)))
        else:
            others += _columns(lever, policy.rows.columns)
    return Policy(rows.drop(columns=others), policy.events, levers)


def _columns(lever: PlacedLever, columns: Iterable[str]) -> list[str]:
    at = lever.place.at
    return [name for name in columns if name == at or name.startswith(f"{at}_")]
