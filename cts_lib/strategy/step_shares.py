"""What each decision brings of the steps of capacity and the overtime that a plan saves.

Several decisions may spare minutes that together make one step. What each adds to the others hangs on which of them
are taken already, so it is the mean over every order in which they may be taken: their Shapley values, which add up to
what the steps bring.
Shapley, L. S. (1953), A value for n-person games.
"""

from __future__ import annotations

from math import comb

import numpy as np

from cts_lib.strategy.choice import Capacity

MOST = 10
"""Decisions among which the steps of a resource are shared, those that move its minutes most."""
_MINUTES = 0.01


def step_shares(capacity: Capacity, used: float, spared: np.ndarray, cash: float) -> np.ndarray:
    """Return what each decision brings of the cash of a resource's steps and overtime.

    Parameters
    ----------
    used : float
        Minutes, or lines, used under the plan.
    spared : array
        What the plan would use more without each decision; below 0, less.
    cash : float
        What the plan's steps and overtime bring.
    """
    shares = np.zeros(len(spared))
    sharing = np.argsort(-np.abs(spared), kind="stable")[:MOST]
    sharing = np.sort(sharing[np.abs(spared[sharing]) > _MINUTES])
    if not len(sharing):
        return shares
    sets = np.arange(2 ** len(sharing))
    taken = (sets[:, None] >> np.arange(len(sharing))) & 1
    uses = used + (1 - taken) @ spared[sharing]
    brought = np.array([capacity.cash(each, capacity.steps_for(each)) for each in uses.tolist()])
    brought[-1] = cash
    others = taken.sum(axis=1)
    for place, decision in enumerate(sharing):
        without = sets[taken[:, place] == 0]
        orders = len(sharing) * np.array([comb(len(sharing) - 1, int(size)) for size in others[without]])
        shares[decision] = ((brought[without | 1 << place] - brought[without]) / orders).sum()
    return shares
