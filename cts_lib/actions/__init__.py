"""What ``cts actions`` does: lists the actions that people keep and those proposed, adds and moves them."""

from cts_lib.actions.agenda import agenda
from cts_lib.actions.moves import MOVES, add, move

__all__ = ["MOVES", "add", "agenda", "move"]
