"""Remarks that stand next to figures: what was assumed, what is missing, what was left out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


def amount(number: float, kind: str) -> dict[str, Any]:
    """Return a number that the reader's language writes; ``kind`` is money, percent, decimal or duration (days)."""
    return {"number": float(number), "kind": kind}


def names_in_words(names: Sequence[str]) -> dict[str, Any]:
    """Return names of the workbook (columns, measures) that the reader's language writes as words."""
    return {"number": list(names), "kind": "labels"}


def measures(values: Sequence[float], of: str) -> dict[str, Any]:
    """Return values of a measure, each written in the measure's own unit."""
    return {"number": [float(value) for value in values], "kind": "measures", "of": of}


def shares(values: Mapping[str, float]) -> dict[str, Any]:
    """Return names of the workbook, each with a share of 1."""
    return {"number": {name: float(share) for name, share in values.items()}, "kind": "shares"}


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
        return f"{value:,}" if isinstance(value, int) else value
    if value["kind"] == "labels":
        return ", ".join(value["number"])
    if value["kind"] == "measures":
        return ", ".join(f"{each:,.2f}" for each in value["number"])
    if value["kind"] == "shares":
        return ", ".join(f"{name} {share:.1%}" for name, share in value["number"].items())
    if value["kind"] == "duration":
        return f"{value['number']:g} days"
    return f"{value['number']:.1%}" if value["kind"] == "percent" else f"{value['number']:,.2f}"
