"""What the panel knows without a browser: where its sliders stand, and what the period would look like there."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pandas as pd

from cts_lib.display import Reader, Shown
from cts_lib.errors import ParamsError
from cts_lib.panel.drill import Drill
from cts_lib.panel.picture import picture
from cts_lib.params.labels import nearest
from cts_lib.scenarios.dials import GROUPS, Dial, Positions, checked, moved, overrides_of, settings_of
from cts_lib.scenarios.figures import compared
from cts_lib.scenarios.standing import Answer, Standing, Work

Rewrite = Callable[[Mapping[str, Mapping[str, Any]]], tuple[pd.DataFrame, pd.DataFrame]]
"""Rewrites the transactions by settings of levers; returns what they cost by activity, and their money."""
_SERVED = "JPY_SESSION_NAME"
"""Jupyter's server tells a kernel by this variable which document somebody opened; papermill has no server."""
_KEPT = 8
"""So many rewritten periods stay in memory."""


def in_a_browser() -> bool:
    """Say whether somebody who can move a slider opened the kernel's notebook."""
    return _SERVED in os.environ


def chosen_dials(dials: Sequence[Dial], names: Sequence[str]) -> list[Dial]:
    """Return the dials of these names or groups, by default all; an unknown one is a ParamsError."""
    known = [*GROUPS, *(dial.name for dial in dials)]
    for name in names:
        if name not in known:
            raise ParamsError(f"panel {name}", "no such slider", nearest(name, known))
    return [dial for dial in dials if not names or {dial.name, dial.group} & set(names)]


class Panel:
    """A period whose unit times, people, orders and cuts are moved while one looks.

    Parameters
    ----------
    standing : Standing
        The period in memory.
    dials : sequence of Dial
        What is moved.
    rewrite : callable
        Reads the transactions again where customers order otherwise.
    drill : Drill
        Leads from a segment to the ledger.
    live : bool
        Whether there is a browser to show sliders in; else the panel shows where it stands.
    """

    def __init__(
        self, standing: Standing, dials: Sequence[Dial], reader: Reader, rewrite: Rewrite, drill: Drill, live: bool
    ) -> None:
        self.dials, self.reader, self.drill = tuple(dials), reader, drill
        self.positions: dict[str, float] = {}
        self._standing, self._rewrite, self._live = standing, rewrite, live
        self._rewritten: dict[tuple[tuple[str, float], ...], Work] = {}
        self._today = standing.at(standing.unit, {})
        self.answer: Answer = self._today

    def move(self, name: str, to: float) -> Panel:
        """Move a slider, as in ``panel.move("minutes.order_entry", 80)``, and return the panel as it then stands."""
        at = checked(self.dials, name, to)
        today = next(dial.today for dial in self.dials if dial.name == name)
        others = {each: place for each, place in self.positions.items() if each != name}
        return self._to(others if at == today else others | {name: at})

    def back(self) -> Panel:
        """Move all sliders back to where they are today."""
        return self._to({})

    def _to(self, positions: Positions) -> Panel:
        unit, factors = moved(self._standing.unit, self.dials, positions)
        self.answer = self._standing.at(unit, factors, self._work(positions))
        self.positions = dict(positions)
        return self

    def is_known(self, name: str, to: float) -> bool:
        """Say whether a slider's place is answered at once: transactions are rewritten once for each place."""
        return not any(dial.name == name and dial.group == "orders" for dial in self.dials) or (
            self._key(self.positions | {name: to}) in {(), *self._rewritten}
        )

    def _key(self, positions: Positions) -> tuple[tuple[str, float], ...]:
        moving = {dial.name for dial in self.dials if dial.group == "orders"}
        return tuple(sorted((name, at) for name, at in positions.items() if name in moving and at))

    def _work(self, positions: Positions) -> Work | None:
        key = self._key(positions)
        if key and key not in self._rewritten:
            costs, money = self._rewrite(settings_of(self._standing.unit, self.dials, positions))
            kept = list(self._rewritten.items())[1 - _KEPT :]
            self._rewritten = {**dict(kept), key: self._standing.work(costs, money)}
        return self._rewritten[key] if key else None

    @property
    def figures(self) -> pd.DataFrame:
        """What the sliders change: figure, resource, today, then, change, as of ``book.what_if``."""
        return compared(self._today.figures, self.answer.figures)

    @property
    def asked(self) -> list[str]:
        """Where the sliders of prices and segments stand, as ``book.what_if`` and ``book.keep`` take it."""
        return overrides_of(self._standing.unit, self.dials, self.positions)

    def customers(self, segment: str, most: int = 50) -> pd.DataFrame:
        """Return the customers of a segment that now leave the least: customer_id, name, cost_to_serve, profit."""
        if segment not in self.answer.segments:
            raise ParamsError(f"panel, segment {segment}", "no such segment", nearest(segment, self.answer.segments))
        return self._standing.customers_of(self.answer, segment, most)

    def picture(self) -> Shown:
        """Return the figures, the whale curve and the matrix at the sliders' places."""
        return picture(self.answer, self.figures, self.reader)

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, Any]:
        shown = self.picture()
        still = {"text/plain": shown.summary, "text/html": shown.html}
        if not self._live:
            return still
        from cts_lib.panel.widgets import widget_of

        return {**widget_of(self)._repr_mimebundle_(), **still}
