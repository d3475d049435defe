"""What a strategy can change, one file a kind: whose lines it reaches, what becomes of them, and its words.

A kind only says how lines are rewritten; ``replay`` does it and prices what comes of it.
"""

from __future__ import annotations

from cts_lib.levers import delivery_rhythm, minimum_order, order_method, rush
from cts_lib.levers.kind import Kind

__all__ = ["KINDS", "Kind"]

KINDS: tuple[Kind, ...] = (delivery_rhythm.KIND, minimum_order.KIND, order_method.KIND, rush.KIND)
"""Every kind, in the order in which they are told."""
