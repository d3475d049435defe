"""Remarks that stand next to figures: what was assumed, what is missing, what was left out."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


def amount(number: float, kind: str) -> dict[str, Any]:
    """Return a number that the reader's language writes; ``kind`` is money, percent or decimal."""
    return {"number": float(number), "kind": kind}


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
        return self.text.format(**{name: _plain(value) for name, value in self.values.items()})


def _plain(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    return f"{value['number']:.1%}" if value["kind"] == "percent" else f"{value['number']:,.2f}"
