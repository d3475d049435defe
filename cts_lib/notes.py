"""Remarks that stand next to figures: what was assumed, what is missing, what was left out."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Note:
    """A sentence with its values apart, so that it can be translated and its numbers written in the reader's way.

    ``assumed`` marks what a figure rests on without the data saying so; the manifest lists these.

    >>> Note("{count} lines have no weight.", {"count": 3}).english
    '3 lines have no weight.'
    """

    text: str
    values: dict[str, Any] = field(default_factory=dict)
    assumed: bool = False

    @property
    def english(self) -> str:
        """The sentence as it reads in the messages' own language."""
        return self.text.format(**self.values)
