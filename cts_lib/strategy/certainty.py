"""How sure each decision is, and what that rests on: the ends that were tried, and what is taken as given.

A multiple of nothing is nothing: what params say is 0, or do not say, is moved by no end, so it is the word of whoever
wrote the params. It is named beside every decision, for one that no end turns is sure of the rest alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from cts_lib.levers import KIND_OF
from cts_lib.levers.kind import MERGED
from cts_lib.levers.settings import Lever
from cts_lib.names import NONE
from cts_lib.params import Strategy
from cts_lib.strategy.sensitivity import Cells, Doubt

_OF_EVERY = ("adoption", "margin_at_risk", "leave", "investment", "demand", "prices", "variable_share")
"""The assumptions that every decision rests on."""
BETWEEN = ","


class Certainty(NamedTuple):
    """How sure a decision is, the assumption it hangs on most, how many ends were tried, and what is taken as given.

    ``sure`` is the share of its cells whose option is better than today's at every end; nan where no end was tried.
    """

    sure: float
    hangs_on: str
    ends: int
    as_given: str


def certainty(strategy: Strategy, lever: Lever, cells: Cells, doubt: Doubt) -> Certainty:
    """Return how sure a decision is that gives a lever to cells."""
    tried = doubt.tried
    lost = [(len(cells & turn.cells), turn.assumption) for turn in doubt.turns]
    turned = cells & Cells().union(*(turn.cells for turn in doubt.turns))
    most, hangs_on = max(lost, key=lambda each: each[0], default=(0, NONE))
    return Certainty(
        sure=1 - len(turned) / len(cells) if tried else float("nan"),
        hangs_on=hangs_on if most else NONE,
        ends=len(tried),
        as_given=BETWEEN.join(_as_given(strategy, lever, doubt)) or NONE,
    )


def _as_given(strategy: Strategy, lever: Lever, doubt: Doubt) -> Iterator[str]:
    """Yield the assumptions that a decision about a lever rests on and that no end moved for it."""
    kind, own = KIND_OF[lever.kind], lever.investment
    tried, asked = ({end.assumption for end in ends} for ends in (doubt.tried, doubt.ends))
    nothing = {
        "margin_at_risk": not lever.margin_at_risk,
        "investment": not (own.once or own.per_customer or own.per_year),
    }
    yield from (name for name in _OF_EVERY if name not in tried or nothing.get(name))
    # Of lines alone: moved without any effect, they were tried all the same.
    for name, matters in (("freight_saving", kind.assumption is MERGED), ("rush_delay_days", kind.name == "rush")):
        if matters and (name not in asked or not getattr(strategy, name)):
            yield name
