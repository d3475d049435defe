"""A drawn figure as a page carries it: without what nobody sees, and without a byte that the machine decides."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any, Literal

from matplotlib.backend_bases import GraphicsContextBase
from matplotlib.backends.backend_mixed import MixedModeRenderer
from matplotlib.backends.backend_svg import FigureCanvasSVG, RendererSVG
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.text import Text
from matplotlib.textpath import text_to_path

_FONTS = "'Segoe UI', Roboto, 'Helvetica Neue', Arial, 'DejaVu Sans', sans-serif"
"""Of a page; its last but one travels with matplotlib, which measures with it: it is the widest."""
_POINTS = 72
"""In an inch."""
_UNSEEN = re.compile(r"<\?xml.*?\?>|<!DOCTYPE.*?>|<metadata>.*?</metadata>|<!--.*?-->", re.DOTALL)
_BREAK = re.compile(r"\s*\n\s*")
_TAG = re.compile(r"<[a-z][^<>]*>")
_LEFT_OUT = re.compile(r" font-family: [^;\"]*;| transform=\"rotate\(-?0 [^\"]*\"")
_PLACE = re.compile(r' (?:d|x|y|transform|points)="[^"]*"')
_SIZES = re.compile(r'width="[^"]*" height="[^"]*" viewBox="[^"]*"')
_DECIMALS = re.compile(r"(\.\d\d)\d+")
_NAME = re.compile(r' id="([^"]+)"')
_POINTED_AT = re.compile(r"#([^\s\"')]+)")


def to_svg(figure: Figure) -> str:
    """Return a figure as SVG: the same figure gives the same bytes.

    ``savefig`` would draw it twice to cut its borders; a layout leaves none, and what stands out is measured.
    """
    page, pixels = io.StringIO(), figure.dpi
    figure.dpi = _POINTS
    width, height = (_POINTS * inches for inches in figure.get_size_inches())
    make: Callable[..., _Renderer] = _Renderer
    renderer = make(width, height, page, image_dpi=pixels, metadata={"Date": None, "Creator": None})
    _Canvas(figure, renderer)
    renderer.know(figure)
    mixed: Callable[..., Any] = MixedModeRenderer  # a scale of colours is drawn in pixels
    drawing = mixed(figure, *figure.get_size_inches(), pixels, renderer)
    figure.draw(drawing)
    drawing.finalize()
    return _with_all(figure, renderer, shrink(page.getvalue()))


@lru_cache(maxsize=20_000)
def _measured(text: str, font: FontProperties, ismath: bool | Literal["TeX"]) -> tuple[float, float, float]:
    """Return width, height and descent of a text: many stand in several figures, and all in a narrow one again."""
    measure: Callable[..., tuple[float, float, float]] = text_to_path.get_text_width_height_descent
    return measure(text, font, ismath)


class _Renderer(RendererSVG):
    """Draws, and remembers how wide texts are.

    Of a text of several lines matplotlib says where each begins in its own measure, which is wider than the page's
    font: names beside an axis would stand away from it, each line by another space. Here each line has the text's
    anchor, as a text of one line does.
    """

    _named: dict[str, Text]
    _drawn: Text | None = None

    def know(self, figure: Figure) -> None:
        """Number all texts of a figure, so that each is known as it is drawn."""
        for axes in figure.axes:
            for axis in (axes.xaxis, axes.yaxis):
                axis.get_ticklabels()  # which are made when they are asked for
        self._named = {f"text {at}": text for at, text in enumerate(figure.findobj(Text))}
        for name, text in self._named.items():
            text.set_gid(name)

    def open_group(self, s: str, gid: str | None = None) -> None:
        if s == "text":
            self._drawn = self._named.get(gid or "")
        begin: Callable[..., None] = super().open_group
        begin(s, None if gid in self._named else gid)

    def draw_text(
        self,
        gc: GraphicsContextBase,
        x: float,
        y: float,
        s: str,
        prop: FontProperties,
        angle: float,
        ismath: bool | Literal["TeX"] = False,
        mtext: Text | None = None,
    ) -> None:
        write: Callable[..., None] = super().draw_text
        write(gc, x, y, s, prop, angle, ismath, mtext or self._drawn)

    def get_text_width_height_descent(
        self, s: str, prop: FontProperties, ismath: bool | Literal["TeX"]
    ) -> tuple[float, float, float]:
        return _measured(s, prop.copy(), ismath)


class _Canvas(FigureCanvasSVG):
    """Lays a figure out with the renderer that draws it; without one matplotlib makes another to measure with."""

    def __init__(self, figure: Figure, renderer: RendererSVG) -> None:
        super().__init__(figure)
        self._renderer = renderer

    def get_renderer(self) -> RendererSVG:
        return self._renderer


def _with_all(figure: Figure, renderer: RendererSVG, svg: str) -> str:
    """Widen the picture to the texts that stand out of it: that of the longest bar, or above the highest."""
    width, height = (_POINTS * inches for inches in figure.get_size_inches())
    texts = [text for axes in figure.axes for text in [*axes.texts, axes.xaxis.label]]
    places = [each.get_window_extent(renderer) for each in [*texts, *figure.legends]]
    left, right = min([0.0, *(place.x0 for place in places)]), max([width, *(place.x1 for place in places)])
    top = min([0.0, *(height - place.y1 for place in places)])
    bottom = max([height, *(height - place.y0 for place in places)])
    box = [round(each, 2) for each in (left, top, right - left, bottom - top)]
    sizes = f'width="{box[2]:g}pt" height="{box[3]:g}pt" viewBox="{" ".join(f"{each:g}" for each in box)}"'
    return _SIZES.sub(sizes, svg, count=1)


def shrink(svg: str) -> str:
    """Return matplotlib's SVG in less than half of its bytes: names, comments, and places finer than is seen go.

    >>> shrink('<?xml version="1.0"?><g id="text_1">\\n <path d="M 1.234567 2 \\nz"/>\\n</g>\\n')
    '<g><path d="M 1.23 2 z"/></g>'
    """
    svg = _BREAK.sub(" ", _UNSEEN.sub("", svg)).strip().replace("> <", "><")
    used = set(_POINTED_AT.findall(svg))

    def shorter(tag: re.Match[str]) -> str:
        kept = _NAME.sub(lambda name: name[0] if name[1] in used else "", _LEFT_OUT.sub("", tag[0]))
        return _PLACE.sub(lambda place: _DECIMALS.sub(r"\1", place[0]), kept)

    return _TAG.sub(shorter, svg).replace("<svg ", f'<svg font-family="{_FONTS}" ', 1)
