"""What every page of a report shares: its place among the others, its words, the environment of its templates."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader

from cts_lib.display import Reader

THEME = Path(__file__).parent / "theme"
NOTEBOOKS = ("01_profile", "02_segment", "03_strategy", "04_evaluate", "05_govern")


@dataclass(frozen=True)
class Link:
    """A link: where to, in which words, whether it leads to the page it stands on, and what is there."""

    href: str
    text: str
    here: bool = False
    about: str = ""


@dataclass(frozen=True)
class Page:
    """The frame of one page, everything in the reader's language and not yet escaped."""

    title: str
    heading: str
    where: str
    language: str
    home: str
    made: str
    words: dict[str, str]
    links: list[Link] = field(default_factory=list)
    notebook: str = ""


def unit_page(name: str, label: str, period: str, reader: Reader, is_shared: bool = False) -> Page:
    """Return the frame of the page ``name`` (``index`` or a notebook's) of a unit and period.

    One of a shared edition says so, and leads to no notebook.
    """
    made = reader.text("Made by the cost-to-serve workbook from the unit's own data; the tables hold every figure.")
    if is_shared:
        made = reader.text(
            "Edition to be shared: customers have pseudonyms, places are regions, groups of fewer than five customers "
            "and rows of data are left out."
        )
    return Page(
        title=f"{label}, {period}: {page_name(name, reader)}",
        heading=f"{label}, {period}",
        where=f"{label} · {period}",
        language=reader.language,
        home="../../index.html",
        made=made,
        words=shared_words(reader),
        links=[Link(f"{other}.html", page_name(other, reader), other == name) for other in ("index", *NOTEBOOKS)],
        notebook="" if name == "index" or is_shared else f"notebooks/{name}.ipynb",
    )


def page_name(name: str, reader: Reader) -> str:
    """Return a page's name as the navigation shows it."""
    return reader.text("Summary") if name == "index" else reader.word(name.split("_", 1)[1], "stage")


def shared_words(reader: Reader) -> dict[str, str]:
    """Return the words of the frame."""
    return {
        "brand": reader.text("Cost to serve"),
        "pages": reader.text("Pages of this report"),
        "contents": reader.text("On this page"),
        "skip": reader.text("Go to the content"),
        "notebook": reader.text("The notebook as it ran, with its code"),
    }


@cache
def templates() -> Environment:
    """Return the environment of the pages that are no notebooks; it escapes everything."""
    return Environment(loader=FileSystemLoader(THEME / "cts"), autoescape=True, trim_blocks=True)
