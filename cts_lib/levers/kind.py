"""What every kind of lever says of itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from cts_lib.levers.settings import Setting

Value = float | str | None


@dataclass(frozen=True)
class Assumption:
    """What a lever rests on that no data say: a sentence, and by placeholder the key of ``strategy`` and its kind."""

    text: str
    values: dict[str, tuple[str, str]]


MERGED = Assumption(
    "Assumed, not observed: merging shipments saves {saving} of the freight of each one merged away.",
    {"saving": ("freight_saving", "percent")},
)
"""What every lever rests on that lets shipments wait for each other."""


@dataclass(frozen=True)
class Place:
    """A lever of the params among others, as its kind's SQL sees it.

    ``at`` is the prefix of its columns: ``<at>`` is 1 for customers who go along and null for the others,
    ``<at>_<column>`` the values of their setting, ``<at>_applies`` and ``<at>_touched`` mark the lines that it would
    change and does change. ``used`` names the columns that some setting of the lever fills.
    """

    at: str
    name: str
    used: frozenset[str]

    def __getitem__(self, column: str) -> str:
        return f"{self.at}_{column}"


@dataclass(frozen=True)
class Kind:
    """A kind of lever, as SQL over the lines with the policy of their customer.

    A line has its own columns and, beside those of `Place`, ``_day`` (when it leaves, in days since 1970),
    ``_saving`` and ``_delay`` (what merging saves of freight, and how much later a rush order comes as standard),
    ``_transit`` (days until it arrives, where a lever says so), ``_visible``, ``_forecast`` (whether one is shared),
    ``_lever_cost``, ``_bundled``, ``_stock`` (standard deviations of demand that its stock covers, where a lever says
    so), ``_segment``, ``scenario`` and ``replication``.

    Parameters
    ----------
    name, label : str
        As params name it, and in the reader's words.
    meaning : str
        One sentence for the docs of params.
    setting : type
        What it may be set to.
    applies : callable
        From a `Place` to the condition under which a line would be changed.
    steps : callable
        From a `Place` to the queries over ``lines`` that change them one after the other; each keeps every column.
        Before them ``<at>_applies`` is known.
    facts : callable, optional
        From a `Place` to a query over ``lines`` that adds columns of its own, which ``applies`` reads.
    policy : callable
        From a setting to its columns' values.
    leaving : callable, optional
        From a setting to the share of those who go along that leave.
    samples_orders : callable, optional
        From a setting to whether it takes a share of all orders of a cell, so that what becomes of a customer hangs on
        the others.
    repeats : callable, optional
        From a setting, and whether days are simulated, to whether the same becomes of an order on any day and beside
        any others.
    agreed : callable, optional
        From a setting to whether customers have to agree to it.
    below : callable, optional
        From a setting to the net sales of the period below which customers are reached.
    events : callable, optional
        From a setting to factors on events, which hold also where params give others.
    default : dict, optional
        What params say of it where they are silent.
    assumption : Assumption, optional
        What it rests on that no data say.
    waits : bool
        Whether lines leave later or together by it; what that merges is merged before the other kinds.
    needs : tuple of str
        Input tables that it cannot do without.
    named : dict
        By key of the setting, the input table and column that must hold what the key says.
    """

    name: str
    label: str
    meaning: str
    setting: type[Setting]
    applies: Callable[[Place], str]
    steps: Callable[[Place], list[str]]
    facts: Callable[[Place], str] | None = None
    policy: Callable[[Any], Mapping[str, Value]] = field(default=lambda setting: setting.model_dump())
    leaving: Callable[[Any], float] = field(default=lambda setting: 0.0)
    samples_orders: Callable[[Any], bool] = field(default=lambda setting: False)
    repeats: Callable[[Any, bool], bool] = field(default=lambda setting, simulated: True)
    agreed: Callable[[Any], bool] = field(default=lambda setting: False)
    below: Callable[[Any], float | None] = field(default=lambda setting: None)
    events: Callable[[Any], dict[str, float]] = field(default=lambda setting: {})
    default: dict[str, Any] | None = None
    assumption: Assumption | None = None
    waits: bool = False
    needs: tuple[str, ...] = ()
    named: Mapping[str, tuple[str, str]] = field(default_factory=dict)
