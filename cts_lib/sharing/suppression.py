"""Which groups of customers are withheld: those of fewer than five, and what would reveal them by difference.

A. Hundepool et al., Statistical Disclosure Control (2012), chapter 4: primary suppression by a threshold, and
complementary suppression, so that no total less what is shown gives a group of fewer.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from cts_lib.names import ALL, CELL, OTHER

FEWEST = 5
"""A group of fewer customers is not told of."""
_SURE = 1e-9


def withheld_values(customers: Mapping[str, int]) -> set[str]:
    """Return the values of one dimension that are withheld, where its total is told.

    Where one has too few customers, the smallest that has enough goes with them, so that the total less all that are
    shown is a group of enough, even where a customer counts in several values.

    >>> sorted(withheld_values({"retail": 20, "export": 2, "pharmacy": 7})), withheld_values({"retail": 20})
    (['export', 'pharmacy'], set())
    """
    few = {name for name, count in customers.items() if count < FEWEST}
    enough = sorted((count, name) for name, count in customers.items() if count >= FEWEST)
    return few | ({enough[0][1]} if few and enough else set())


@dataclass(frozen=True)
class Cells:
    """What may be told of segments in channels: lines with a total that is told, and cells that are."""

    segments: frozenset[str]
    channels: frozenset[str]
    cells: frozenset[tuple[str, str]]

    def tells(self, segment: str, channel: str, everybody: str) -> bool:
        """Tell whether a row of this segment and channel, or of a total, may be shown."""
        if segment == everybody:
            return channel == everybody or channel in self.channels
        return segment in self.segments if channel == everybody else (segment, channel) in self.cells

    def label(self, segment: str, channel: str) -> tuple[str, str]:
        """Return segment and channel as the row of a customer tells them.

        >>> Cells(frozenset({"A"}), frozenset({"web", "shops"}), frozenset({("A", "web")})).label("A", "shops")
        ('(other)', 'shops')
        """
        return segment if (segment, channel) in self.cells else OTHER, channel if channel in self.channels else OTHER


def told_cells(segments: pd.DataFrame) -> Cells:
    """Return what may be told of the customers' segments in their channels.

    Parameters
    ----------
    segments : DataFrame
        customer_id, segment, channel.
    """
    rows = segments[["customer_id", *CELL]].drop_duplicates()
    counts: dict[tuple[str, str], int] = {}
    of_lines: dict[str, dict[str, set[str]]] = {name: {} for name in CELL}
    for customer, *cell in rows.itertuples(index=False, name=None):
        counts[cell[0], cell[1]] = counts.get((cell[0], cell[1]), 0) + 1
        for name, value in zip(CELL, cell, strict=True):
            of_lines[name].setdefault(value, set()).add(customer)
    lines = {name: {value: len(those) for value, those in found.items()} for name, found in of_lines.items()}
    shut = {name: withheld_values(lines[name]) for name in CELL}
    hidden = {cell for cell, count in counts.items() if count < FEWEST or _is_shut(cell, shut)}
    while (open_line := _betrayed(counts, hidden, shut)) is not None:
        name, at, value = open_line
        rest = [(count, cell) for cell, count in counts.items() if cell[at] == value and cell not in hidden]
        if rest:
            hidden.add(min(rest)[1])
        else:
            others = [(count, key) for key, count in lines[name].items() if key not in shut[name] and key != value]
            shut[name] |= {value} if shut[name] or not others else {value, min(others)[1]}
            hidden |= {cell for cell in counts if _is_shut(cell, shut)}
    told = [frozenset(set(lines[name]) - shut[name]) for name in CELL]
    return Cells(told[0], told[1], frozenset(set(counts) - hidden))


def _is_shut(cell: tuple[str, str], shut: Mapping[str, set[str]]) -> bool:
    return cell[0] in shut["segment"] or cell[1] in shut["channel"]


def _betrayed(
    counts: Mapping[tuple[str, str], int], hidden: set[tuple[str, str]], shut: Mapping[str, set[str]]
) -> tuple[str, int, str] | None:
    """Return a line whose total betrays a hidden cell, or too few customers: its kind, its place in a cell, its name.

    A cell is betrayed where its unit vector lies in the space that the totals span, that of everybody among them.
    """
    cells = sorted(hidden)
    lines = [
        (name, at, value) for at, name in enumerate(CELL) for value in sorted({cell[at] for cell in cells} - shut[name])
    ]
    if not lines:
        return None
    sums = np.array([[float(cell[at] == value) for cell in cells] for _, at, value in lines])
    numbers = np.array([counts[cell] for cell in cells])
    for line, row in zip(lines, sums, strict=True):
        if 0 < row @ numbers < FEWEST or row.sum() == 1:
            return line
    told = np.vstack([sums, np.ones(len(cells))])
    basis = np.linalg.svd(told, full_matrices=False)[2][: np.linalg.matrix_rank(told)]
    for cell, length in zip(cells, (basis**2).sum(axis=0), strict=True):
        if length > 1 - _SURE:
            return next((line for line in lines if cell[line[1]] == line[2]), lines[0])
    return None


def without_description(segments: pd.DataFrame, told: Cells) -> set[str]:
    """Return the customers whose channels no row of their own tells.

    A customer keeps them where at least five customers have the same labels, and where of no total that is told the
    customers without its label are fewer than five: the total less the rows that carry it would be theirs.
    """
    labels: dict[str, set[tuple[str, str]]] = {}
    lines: dict[tuple[str, str], set[str]] = {}
    labelled: dict[tuple[str, str], set[str]] = {}
    for customer, segment, channel in segments[["customer_id", *CELL]].itertuples(index=False, name=None):
        label = told.label(segment, channel)
        labels.setdefault(customer, set()).add(label)
        for line in ((segment, channel), (segment, ALL), (ALL, channel)):
            if told.tells(line[0], line[1], ALL):
                lines.setdefault(line, set()).add(customer)
                if all(part in (own, ALL) for part, own in zip(line, label, strict=True)):
                    labelled.setdefault(line, set()).add(customer)
    members: dict[frozenset[tuple[str, str]], set[str]] = {}
    for customer, own in labels.items():
        members.setdefault(frozenset(own), set()).add(customer)
    lines["", ""] = labelled["", ""] = set(labels)
    hidden = {description for description, those in members.items() if len(those) < FEWEST}
    while True:
        without = set[str]().union(*(members[description] for description in hidden))
        betrayed = next(
            (those for line, those in lines.items() if _leaves_few(those, labelled.get(line, set()) - without)), None
        )
        if betrayed is None:
            return without
        others = [one for one, those in members.items() if one not in hidden and those & betrayed]
        hidden.add(min(others, key=lambda one: (len(members[one]), sorted(one))))


def _leaves_few(line: set[str], labelled: set[str]) -> bool:
    """Tell whether a total less the rows that carry its label is that of a few; of a few altogether it always is."""
    return 0 < len(line - labelled) < min(FEWEST, len(line))
