"""Names in a figure: in lines as its width asks for, and what had to be cut told in full below it."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar

from matplotlib.axes import Axes

from cts_lib.display.pieces import shorten

_cut = ContextVar[dict[str, None]]("_cut")
_LINE_HEIGHT = 0.155
"""Of a line of a name, inches."""


@contextmanager
def told_in_full() -> Iterator[None]:
    """Collect the names that are cut while a figure is drawn."""
    token = _cut.set({})
    try:
        yield
    finally:
        _cut.reset(token)


def cut_names() -> list[str]:
    """Return the names that were cut so far in the figure that is drawn."""
    return list(_cut.get({}))


def _tell(names: Sequence[str], written: Sequence[str]) -> None:
    cut = _cut.get({})
    cut.update({name: None for name, text in zip(names, written, strict=True) if "…" in text and "…" not in name})


def shortened(names: Sequence[str], length: int = 26) -> list[str]:
    """Return names cut to ``length`` characters, in their middle where they would read alike.

    >>> shortened(["Orders: few and large", "Orders: few and small", "Web"], 14)
    ['Orders…d large', 'Orders…d small', 'Web']
    """
    written = _shortened(names, length)
    _tell(names, written)
    return written


def _shortened(names: Sequence[str], length: int) -> list[str]:
    short = [shorten(name, length) for name in names]
    half = (length - 1) // 2
    return [
        text
        if text == name or short.count(text) == 1
        else f"{name[:half].rstrip()}…{name[half + 1 - length :].lstrip()}"
        for name, text in zip(names, short, strict=True)
    ]


def fitted(names: Sequence[str], line: int, most: int) -> list[str]:
    """Return names in at most so many lines, cut as little as it takes; those that would read alike keep their ends.

    >>> fitted(["Order portal: all orders", "Web"], 14, 2)
    ['Order portal:\\nall orders', 'Web']
    """
    longest = max(map(len, names), default=0)
    for length in range(max(longest, line), line, -1):
        lines = [textwrap.wrap(name, line) for name in _shortened(names, length)]
        if max(map(len, lines), default=0) <= most:
            written = ["\n".join(each) for each in lines]
            _tell(names, written)
            return written
    return shortened(names, line)


def grow(axes: Axes, written: Sequence[str], lines: int, rows: int) -> None:
    """Give a figure the height that names of more than so many lines take, each of its ``rows`` alike."""
    figure = axes.get_figure(root=True)
    more = max((text.count("\n") + 1 for text in written), default=1) - lines
    if figure and more > 0:
        figure.set_figheight(figure.get_figheight() + _LINE_HEIGHT * more * rows)
