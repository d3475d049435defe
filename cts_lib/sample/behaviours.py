"""The ways of buying that customers are drawn from: the segments a run should find again."""

from __future__ import annotations

from dataclasses import dataclass

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


BEHAVIOURS = (
    Behaviour(
        name="efficient_bulk",
        share=0.14,
        orders=1.6,
        lines=14.0,
        quantity=36.0,
        rush=0.01,
        returns=0.012,
        discount=0.13,
        spread=0.55,
        calls=0.05,
        visits=0.25,
        terms=(45, 60),
        lead_time=(5, 6, 7),
        methods=(0.85, 0.13, 0.02, 0.0),
        channels=(0.45, 0.0, 0.0, 0.35, 0.0, 0.0, 0.20),
        fleet=0.80,
        consolidated=0.60,
    ),
    Behaviour(
        name="loyal_core",
        share=0.28,
        orders=3.0,
        lines=4.4,
        quantity=16.0,
        rush=0.03,
        returns=0.02,
        discount=0.09,
        spread=0.32,
        calls=0.05,
        visits=0.15,
        terms=(30, 45),
        lead_time=(3, 4, 5),
        methods=(0.20, 0.60, 0.15, 0.05),
        channels=(0.22, 0.40, 0.0, 0.03, 0.20, 0.15, 0.0),
        fleet=0.70,
        consolidated=0.50,
    ),
    Behaviour(
        name="small_frequent",
        share=0.22,
        orders=8.0,
        lines=1.5,
        quantity=4.2,
        rush=0.06,
        returns=0.03,
        discount=0.01,
        spread=0.30,
        calls=0.03,
        visits=0.05,
        terms=(14, 30),
        lead_time=(2, 3),
        methods=(0.0, 0.15, 0.55, 0.30),
        channels=(0.0, 0.18, 0.17, 0.0, 0.25, 0.40, 0.0),
        fleet=0.55,
        consolidated=0.05,
    ),
    Behaviour(
        name="demanding_rush",
        share=0.13,
        orders=4.2,
        lines=3.6,
        quantity=8.0,
        rush=0.46,
        returns=0.07,
        discount=0.05,
        spread=0.30,
        calls=0.22,
        visits=0.25,
        terms=(45, 60),
        lead_time=(2, 3),
        methods=(0.02, 0.08, 0.35, 0.55),
        channels=(0.05, 0.20, 0.0, 0.10, 0.40, 0.25, 0.0),
        fleet=0.45,
        consolidated=0.0,
    ),
    Behaviour(
        name="return_prone",
        share=0.12,
        orders=3.6,
        lines=2.8,
        quantity=7.5,
        rush=0.05,
        returns=0.32,
        discount=0.07,
        spread=0.30,
        calls=0.10,
        visits=0.05,
        terms=(30, 60),
        lead_time=(3, 4),
        methods=(0.0, 0.75, 0.20, 0.05),
        channels=(0.0, 0.38, 0.62, 0.0, 0.0, 0.0, 0.0),
        fleet=0.25,
        consolidated=0.05,
    ),
    Behaviour(
        name="occasional",
        share=0.11,
        orders=0.9,
        lines=2.4,
        quantity=11.0,
        rush=0.02,
        returns=0.02,
        discount=0.02,
        spread=0.30,
        calls=0.04,
        visits=0.02,
        terms=(30,),
        lead_time=(4, 5),
        methods=(0.0, 0.30, 0.45, 0.25),
        channels=(0.20, 0.25, 0.15, 0.0, 0.10, 0.20, 0.10),
        fleet=0.50,
        consolidated=0.0,
    ),
)

BULK, CORE, SMALL = 0, 1, 2
"""Places in ``BEHAVIOURS`` of the segments that drifts start from and lead to."""
