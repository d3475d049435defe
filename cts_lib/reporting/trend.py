"""The course of a figure over the periods, drawn as small as a word."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from markupsafe import Markup

_WIDTH, _HEIGHT, _EDGE = 84, 18, 2.5
_LINE = (
    '<svg class="trend" viewBox="0 0 {width} {height}" role="img" aria-label="{told}"><path d="{path}"/>'
    '<circle cx="{x}" cy="{y}" r="2"/></svg>'
)


def trend(values: Sequence[float | None], told: str) -> Markup:
    """Return a line through the values, with a dot at the newest; a gap where one is missing.

    Fewer than two values have no course. ``told`` says it to whoever does not see it.

    >>> trend([1.0, None], "one")
    Markup('')
    """
    known = np.array([np.nan if value is None else value for value in values], float)
    if np.isfinite(known).sum() < 2:
        return Markup()
    low, high = np.nanmin(known), np.nanmax(known)
    across = np.linspace(_EDGE, _WIDTH - _EDGE, len(known))
    down = _HEIGHT - _EDGE - (known - low) / ((high - low) or 1.0) * (_HEIGHT - 2 * _EDGE)
    if high == low:
        down = np.where(np.isfinite(known), _HEIGHT / 2, np.nan)
    lines, pen = [], "M"
    for x, y in zip(across, down, strict=True):
        if np.isfinite(y):
            lines.append(f"{pen}{x:.1f} {y:.1f}")
        pen = "L" if np.isfinite(y) else "M"
    last = int(np.flatnonzero(np.isfinite(known))[-1])
    return Markup(_LINE).format(  # noqa: S704 (a constant; what is put in is escaped)
        told=told, path="".join(lines), x=f"{across[last]:.1f}", y=f"{down[last]:.1f}", width=_WIDTH, height=_HEIGHT
    )
