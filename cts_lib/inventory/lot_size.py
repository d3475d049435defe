"""How much to order at once: the economic order quantity."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from cts_lib.inventory.loss import Floats


class LotSize(NamedTuple):
    """Units to order at once, and what ordering and holding cost a time unit."""

    quantity: Floats
    cost: Floats


def economic_order_quantity(order_cost: ArrayLike, holding_cost: ArrayLike, demand: ArrayLike) -> LotSize:
    """Return Q = √(2Kλ/h) and its cost √(2Kλh).

    Symbols: K money an order, h > 0 money a unit and time unit, λ units a time unit; Q in units, its cost in money a
    time unit, the goods left out.
    Source: F. W. Harris, How many parts to make at once, Factory 10, 1913. The figures: L. V. Snyder and Z.-J. M. Shen,
    Fundamentals of Supply Chain Theory, 2nd ed., 2019, example 3.1.

    >>> [round(float(value), 3) for value in economic_order_quantity(8, 0.225, 1300)]
    [304.047, 68.411]
    """
    k, h, rate = (np.asarray(value, "float64") for value in (order_cost, holding_cost, demand))
    return LotSize(np.sqrt(2 * k * rate / h), np.sqrt(2 * k * rate * h))
