"""Remarks that stand next to figures: what was assumed, what is missing, what was left out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


def amount(number: float, kind: str) -> dict[str, Any]:
    """Return a number that the reader's language writes: money, number, percent, decimal or duration (days)."""
    return {"number": float(number), "kind": kind}


def names_in_words(of: str, names: Sequence[str]) -> dict[str, Any]:
    """Return names that the reader's language writes as words; ``of`` is the column that they would stand in."""
    return {"number": list(names), "kind": "words", "of": of}


def measures(values: Sequence[float], of: str) -> dict[str, Any]:
    """Return values of a measure, each written in the measure's own unit."""
    return {"number": [float(value) for value in values], "kind": "measures", "of": of}


def shares(of: str, values: Mapping[str, float]) -> dict[str, Any]:
    """Return names, as for ``names_in_words``, each with a share of 1."""
    return {"number": {name: float(share) for name, share in values.items()}, "kind": "shares", "of": of}


@dataclass(frozen=True)
class Note:
    """A sentence with its values apart, so that it can be translated and its numbers written in the reader's way.

    ``assumed`` marks what a figure rests on without the data saying so; the manifest lists these. ``plural`` is the
    sentence where the value ``count`` is not 1 (see ``counted``). ``doubt`` marks what may make figures wrong: it is
    said on the terminal too.

    >>> Note("{count} lines have no weight.", {"count": 3}).english
    '3 lines have no weight.'
    """

    text: str
    values: dict[str, Any] = field(default_factory=dict)
    assumed: bool = False
    plural: str = ""
    doubt: bool = False

    @property
    def english(self) -> str:
        """The sentence as it reads in the messages' own language."""
        text = self.plural if self.plural and self.values["count"] != 1 else self.text
        return text.format(**{name: _plain(value) for name, value in self.values.items()})

    @property
    def stored(self) -> dict[str, Any]:
        """The note as the manifest holds it."""
        return {"text": self.text, "values": self.values} | ({"plural": self.plural} if self.plural else {})


def counted(one: str, many: str, values: dict[str, Any], assumed: bool = False, doubt: bool = False) -> Note:
    """Return a note that counts something: ``one`` where the value ``count`` is 1, else ``many``.

    >>> counted("{count} line has no weight.", "{count} lines have no weight.", {"count": 1}).english
    '1 line has no weight.'
    """
    return Note(one, values, assumed, many, doubt)


def _plain(value: Any) -> Any:
    if not isinstance(value, dict):
        return f"{value:,}" if isinstance(value, int) else value
    if value["kind"] == "words":
        return ", ".join(value["number"])
    if value["kind"] == "measures":
        return ", ".join(f"{each:,.2f}" for each in value["number"])
    if value["kind"] == "shares":
        return ", ".join(f"{name} {share:.1%}" for name, share in value["number"].items())
    if value["kind"] == "duration":
        return f"{value['number']:g} days"
    return f"{value['number']:.1%}" if value["kind"] == "percent" else f"{value['number']:,.2f}"
