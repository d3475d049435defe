"""The ways of buying that customers are drawn from: the segments a run should find again."""

from __future__ import annotations

from dataclasses import dataclass

from cts_lib.sample.entries import entries

ORDER_METHODS = ("edi", "portal", "email", "phone")
CHANNELS = ("wholesale", "retail", "e-commerce", "key account", "pharmacy", "horeca", "export")


@dataclass(frozen=True)
class Behaviour:
    """How customers of one segment buy.

    ``share`` of the unit's customers; ``orders`` a month, ``lines`` an order and ``quantity`` a line are means;
    ``rush``, ``returns``, ``calls`` are shares of orders; ``spread`` is how much sizes differ within the segment;
    ``visits`` a month; ``terms`` and ``lead_time`` in days; ``methods`` and ``channels`` are odds in the order of
    ``ORDER_METHODS`` and ``CHANNELS``; ``fleet`` and ``consolidated`` are shares of orders that go on own trucks
    and that wait for the customer's next order of the same days.
    """

    name: str
    share: float
    orders: float
    lines: float
    quantity: float
    rush: float
    returns: float
    discount: float
    spread: float
    calls: float
    visits: float
    terms: tuple[int, ...]
    lead_time: tuple[int, ...]
    methods: tuple[float, float, float, float]
    channels: tuple[float, float, float, float, float, float, float]
    fleet: float
    consolidated: float


BEHAVIOURS = tuple(Behaviour(**entry) for entry in entries("behaviours"))

BULK, CORE, SMALL = 0, 1, 2
"""Places in ``BEHAVIOURS`` of the segments that drifts start from and lead to."""
