"""What a strategy can change, one file a kind: whose lines it reaches, what becomes of them, and its words.

A kind only says how lines are rewritten; ``replay`` does it and prices what comes of it.
"""

from __future__ import annotations

from collections.abc import Collection

from cts_lib.levers import hand_over, minimum_order, mode, node, order_method, rhythm, rush, stock, terms, visibility
from cts_lib.levers.kind import UNCHANGED, Archetype, Kind, Place

__all__ = ["ARCHETYPES", "KINDS", "KIND_OF", "Kind", "Place", "archetype"]

KINDS: tuple[Kind, ...] = (
    hand_over.KIND,
    rush.KIND,
    stock.KIND,
    minimum_order.KIND,
    rhythm.KIND,
    node.KIND,
    mode.KIND,
    order_method.KIND,
    visibility.KIND,
    terms.KIND,
)
"""Every kind, in the order in which they rewrite lines."""
KIND_OF = {kind.name: kind for kind in KINDS}
ARCHETYPES: tuple[Archetype, ...] = (UNCHANGED, *(made for kind in KINDS for made in kind.archetypes))
"""What a strategy may amount to."""


def archetype(kinds: Collection[str]) -> str:
    """Name what a strategy amounts to that has levers of these kinds.

    >>> archetype(["order_method", "rush"]), archetype(["minimum_order", "order_method"]), archetype([])
    ('Planned flow', 'Consolidated and self-served', 'Keep as it is')
    """
    name = UNCHANGED.name
    for kind in KINDS:
        if kind.name in kinds:
            name = next((made.name for made in kind.archetypes if (made.before or UNCHANGED.name) == name), name)
    return name
