"""What a strategy can change, one file a kind: whose lines it reaches, what becomes of them, and its words.

A kind only says how lines are rewritten; ``replay`` does it and prices what comes of it.
"""

from __future__ import annotations

from cts_lib.levers import hand_over, minimum_order, mode, node, order_method, rhythm, rush, stock, terms, visibility
from cts_lib.levers.kind import Kind, Place

__all__ = ["KINDS", "KIND_OF", "Kind", "Place"]

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
