"""A part of a page."""

from __future__ import annotations

from dataclasses import dataclass, field

from markupsafe import Markup

from cts_lib.reporting.page import Link


@dataclass
class Section:
    """A part of the page: sentences, figures and tables, a list, a folded list, or links."""

    id: str
    heading: str
    sentences: list[str] = field(default_factory=list)
    pieces: list[Markup] = field(default_factory=list)
    points: list[str] = field(default_factory=list)
    folded: list[str] = field(default_factory=list)
    folded_under: str = ""
    links: list[Link] = field(default_factory=list)
