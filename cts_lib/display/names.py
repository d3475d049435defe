"""Names that are made of others: what each is made of, so that a reader writes it in words part by part."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

import pandas as pd

from cts_lib.costing.rivals import orders_of_support
from cts_lib.costing.uncertainty import assumption
from cts_lib.levers.settings import amounts
from cts_lib.params import Params
from cts_lib.replay.options import read_option

Term = tuple[str, str]
"""A value, behind the domain or dimension that it is of."""


class Part(NamedTuple):
    """A part of a name: what it is about, and what is said of that, if anything."""

    about: Term
    values: tuple[Term, ...] = ()


Names = Mapping[str, Mapping[str, tuple[Part, ...]]]
"""By domain, the parts of every name that has some."""


class Options(Mapping[str, tuple[Part, ...]]):
    """Takes the name of any option apart into its levers and settings; they are too many to list."""

    def __getitem__(self, name: str) -> tuple[Part, ...]:
        try:
            settings = read_option(name).settings
        except ValueError as error:
            raise KeyError(name) from error
        if not settings:
            raise KeyError(name)
        return tuple(Part(("lever", lever), (("setting", setting),)) for lever, setting in settings.items())

    def __iter__(self) -> Iterator[str]:
        return iter(())

    def __len__(self) -> int:
        return 0


def names_of(params: Params) -> Names:
    """Return the names that come of params: options of levers, methods by departments, activities per event.

    Of settings, under ``amount``, what in them is money.
    """
    model = params.cost_model
    kinds = (("activity", "activity", model.activities), ("capacity", "resource", model.resources))
    events = {activity.per: activity.event for activity in model.activities.values() if activity.event}
    return {
        "option": Options(),
        "amount": {
            name: tuple(Part(("amount", f"{amount:.15g}")) for amount in amounts(setting))
            for lever in params.strategy.levers.values()
            for name, setting in lever.settings.items()
        },
        "method": {
            name: (Part(("method", "support step"), tuple(("resource", department) for department in order)),)
            for name, order in orders_of_support(model).items()
        },
        "per": {per: (Part(("per", "event"), (("event", event),)),) for per, event in events.items()},
        "assumption": {
            assumption(kind, name): (Part(("assumption", kind), ((of, name),)),)
            for kind, of, names in kinds
            for name in names
        },
    }


def names_of_segments(segment_names: pd.DataFrame) -> Names:
    """Return the names of segments, needs and groups that table ``segment_names`` takes apart."""
    rows = segment_names.sort_values("place", kind="stable")
    parts = [_trait(*row) for row in rows[["dimension", "level", "value"]].itertuples(index=False, name=None)]
    by_name: dict[str, tuple[Part, ...]] = {}
    for name, part in zip(rows["name"], parts, strict=True):
        by_name[name] = (*by_name.get(name, ()), part)
    return {"segment": by_name}


def _trait(dimension: str, level: str | None, value: str) -> Part:
    if dimension == "segment":
        return Part(("segment", value))
    return Part(("dimension", dimension), (("level", level) if isinstance(level, str) else (dimension, value),))
