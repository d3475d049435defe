"""A mixed-integer programme: variables, what each is worth, and the sums that must be kept (HiGHS through scipy)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array

from cts_lib.strategy.silence import silent

GAP = 1e-6
"""How far from the best the solver may stop, as a share of what the plan is worth."""


class Programme:
    """Variables, what each is worth, and constraints; a variable is from 0 to its upper end.

    The limit that is ``counted`` is not kept: in the place of worth the programme makes its sum least.
    """

    def __init__(self, size: int, counted: str | None = None) -> None:
        self.worth, self.upper, self.whole = np.zeros(size), np.ones(size), np.ones(size)
        self.investments = dict[int, float]()
        self._rows = list[tuple[dict[int, float], float, float]]()
        self._counted, self._sum = counted, dict[int, float]()

    def add(self, upper: float, worth: float, whole: bool = True) -> int:
        """Add a variable and return its number."""
        self.worth, self.upper = np.append(self.worth, worth), np.append(self.upper, upper)
        self.whole = np.append(self.whole, float(whole))
        return len(self.worth) - 1

    def within(self, amounts: Mapping[int, float], low: float, high: float) -> None:
        """Keep a sum between two ends; amounts are brought to the size of 1, where the solver is exact."""
        ends = [abs(end) for end in (low, high) if np.isfinite(end)]
        scale = max([abs(amount) for amount in amounts.values()] + ends + [1e-9])
        slack = 1e-9 if low != high else 0.0
        scaled = {at: amount / scale for at, amount in amounts.items() if amount}
        self._rows.append((scaled, low / scale - slack, high / scale + slack))

    def at_most(self, name: str, amounts: Mapping[int, float], high: float) -> None:
        """Keep a sum below an end, under the name of the limit that it is."""
        if name == self._counted:
            self._sum = dict(amounts)
        else:
            self.within(amounts, -np.inf, high)

    def least(self) -> tuple[np.ndarray, float] | None:
        """Return values with which the counted sum is least, and that; None where nothing keeps the other limits."""
        found = self.solve() if self._sum else None
        if found is None:
            return None
        values: np.ndarray = np.where(self.whole > 0, found[0].round(), found[0])
        return values, sum(amount * float(values[at]) for at, amount in self._sum.items())

    def solve(self) -> tuple[np.ndarray, float] | None:
        """Return the values of the variables and the gap that is left, or None where the limits cannot be kept.

        Variables whose upper end is 0 are not given to the solver, whose time goes with their number.
        """
        at = [
            (row, column, amount)
            for row, (amounts, _, _) in enumerate(self._rows)
            for column, amount in amounts.items()
        ]
        rows, columns, amounts = zip(*at, strict=True)
        matrix = csr_array((amounts, (rows, columns)), shape=(len(self._rows), len(self.worth)))
        lows, highs = (np.array([row[end] for row in self._rows]) for end in (1, 2))
        worth = self.worth
        if self._counted is not None:
            worth = np.zeros(len(worth))
            worth[list(self._sum)] = [-amount for amount in self._sum.values()]
        scale, free = max(float(np.abs(worth).max()), 1e-9), np.flatnonzero(self.upper > 0)
        if not len(free):
            return None
        # where a solution has to be repaired HiGHS (to 1.12) prints a line to C's output, whatever it is told
        with silent():
            solved: Any = milp(
                -worth[free] / scale,
                constraints=[LinearConstraint(matrix[:, free], lows, highs)],
                bounds=Bounds(0.0, self.upper[free]),
                integrality=self.whole[free].astype("int64"),
                options={"mip_rel_gap": GAP if self._counted is None else 0.0},
            )
        if solved.x is None:
            return None
        values = np.zeros(len(worth))
        values[free] = solved.x
        return values, float(solved.mip_gap or 0.0)
