"""What a strategy can change, one file a kind: whose lines it reaches, what becomes of them, and its words.

A kind only says how lines are rewritten; ``replay`` does it and prices what comes of it.
"""

from __future__ import annotations

from collections.abc import Collection

from cts_lib.levers import delivery_rhythm, minimum_order, order_method, rush
from cts_lib.levers.kind import UNCHANGED, Archetype, Kind

__all__ = ["ARCHETYPES", "KINDS", "Kind", "archetype"]

KINDS: tuple[Kind, ...] = (delivery_rhythm.KIND, minimum_order.KIND, order_method.KIND, rush.KIND)
"""Every kind, in the order of params and pages."""
ARCHETYPES: tuple[Archetype, ...] = (UNCHANGED, *(made for kind in KINDS for made in kind.archetypes))
"""What a strategy may amount to."""


def archetype(changed: Collection[str]) -> str:
    """Name what a strategy amounts to that changes these levers.

    >>> archetype(["order_method", "rush"]), archetype(["minimum_order", "order_method"]), archetype([])
    ('Self-served', 'Consolidated and self-served', 'Keep as it is')
    """
    name = UNCHANGED.name
    for kind in KINDS:
        if kind.name in changed:
            name = next((made.name for made in kind.archetypes if (made.before or UNCHANGED.name) == name), name)
    return name
