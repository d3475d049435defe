"""Pieces of page: HTML from templates that escape by themselves, and what they say where there is no HTML."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader
from markupsafe import Markup

_TEMPLATES = Path(__file__).parent / "templates"


@dataclass(frozen=True)
class Shown:
    """A piece of page ready to be shown: its HTML, and a summary in words for where there is no HTML.

    In a template it stands as it is; whatever else is put into one is escaped.
    """

    html: str
    summary: str

    def __html__(self) -> str:
        return self.html

    def _repr_html_(self) -> str:
        return self.html

    def __repr__(self) -> str:
        return self.summary


@cache
def _templates() -> Environment:
    return Environment(loader=FileSystemLoader(_TEMPLATES), autoescape=True, trim_blocks=True)


def render(template: str, **values: Any) -> Markup:
    """Return the HTML of a template; values are escaped, unless they are pieces of page.

    >>> render("paragraph", kind="lead", text="1 < 2")
    Markup('<p class="lead">1 &lt; 2</p>')
    """
    return Markup(_templates().get_template(f"{template}.html.j2").render(**values))  # noqa: S704 (autoescaped)


def piece(template: str, summary: str, **values: Any) -> Shown:
    """Return a template filled in as a piece of page."""
    return Shown(str(render(template, **values)), summary)


def empty(sentence: str) -> Shown:
    """Return what stands in the place of a table or figure that has nothing to show."""
    return piece("paragraph", sentence, kind="empty", text=sentence)


def shorten(name: str, length: int = 26) -> str:
    """Return a name cut to ``length`` characters, an ellipsis in the place of what is missing.

    >>> shorten("Muñoz y Compañía", 8)
    'Muñoz y…'
    """
    return name if len(name) <= length else name[: length - 1].rstrip() + "…"


def folded(shown: Shown) -> Shown:
    """Return a piece of page that waits behind its summary until somebody opens it."""
    return piece("folded", shown.summary, folded=[shown], under=shown.summary)
