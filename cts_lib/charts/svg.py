"""A drawn figure as a page carries it: without what nobody sees, and without a byte that the machine decides."""

from __future__ import annotations

import io
import re
from collections.abc import Callable

from matplotlib.backends.backend_svg import FigureCanvasSVG, RendererSVG
from matplotlib.figure import Figure

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
    page = io.BytesIO()
    draw: Callable[..., None] = FigureCanvasSVG(figure).print_svg
    draw(page, metadata={"Date": None, "Creator": None})
    return _with_all(figure, shrink(page.getvalue().decode()))


def _with_all(figure: Figure, svg: str) -> str:
    """Widen the picture to the texts that stand out of it: that of the longest bar, or above the highest."""
    width, height = (_POINTS * inches for inches in figure.get_size_inches())
    make: Callable[..., RendererSVG] = RendererSVG
    renderer, dpi = make(width, height, io.StringIO()), figure.dpi
    figure.dpi = _POINTS
    try:
        texts = [text for axes in figure.axes for text in [*axes.texts, axes.xaxis.label]]
        places = [each.get_window_extent(renderer) for each in [*texts, *figure.legends]]
    finally:
        figure.dpi = dpi
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
