"""Service needs: who wants it fast, small or urgent; and which segments are large enough to be split by it.

Needs are groups like any other (see ``groups``) in the few dimensions that params name, three at most. A segment is
split only where needs were found to be stable and every part of it has ``smallest_split`` customers: strategy and
simulation work by segment and channel, and a cell of a handful of customers tells nothing (docs/decisions/0014).
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from cts_lib.names import NONE
from cts_lib.notes import Note, counted
from cts_lib.params.segmentation import Segmentation
from cts_lib.segment.groups import Grouping, find_groups
from cts_lib.segment.names import Traits, traits_of_groups

_MOST_NEEDS = 3


def find_needs(facts: pd.DataFrame, params: Segmentation) -> tuple[Grouping, dict[int, Traits]]:
    """Return the groups by needs and their traits; one group where there is nothing to tell."""
    names = [name for name in params.needs if name in facts]
    everybody = params.model_copy(update={"outlier_distance": np.inf})  # whoever is far from all needs has the nearest
    grouping = find_groups(facts, names, everybody, _MOST_NEEDS)
    return grouping, traits_of_groups(facts, grouping.groups.dimensions, grouping.labels, {}, traits=1)


def find_splits(fields: pd.Series, needs: pd.Series, params: Segmentation) -> tuple[tuple[str, ...], list[Note]]:
    """Return which segments of the matrix are split by needs, and why.

    Parameters
    ----------
    fields, needs : Series
        The field of the matrix and the need of each customer and channel.
    """
    known = needs[needs != NONE]
    if known.nunique() < 2:
        return (), [
            Note("No service needs stand apart clearly enough to refine the matrix; its fields are the segments.")
        ]
    parts = pd.crosstab(fields[known.index], known)
    large = ((parts >= params.smallest_split) | (parts == 0)).all(axis=1) & ((parts > 0).sum(axis=1) > 1)
    split = tuple(sorted(str(name) for name in parts.index[large]))
    values = {"count": len(split), "fields": int(fields.nunique()), "least": params.smallest_split}
    return split, [
        counted(
            "{count} of {fields} fields of the matrix is split by service needs: the one where each part has at least "
            "{least} customers. In the others the need stands beside the segment, for a smaller cell would tell "
            "nothing.",
            "{count} of {fields} fields of the matrix are split by service needs: those where each part has at least "
            "{least} customers. In the others the need stands beside the segment, for a smaller cell would tell "
            "nothing.",
            values,
        )
    ]
