"""The cost model to start from: that of a usual wholesaler, all of it assumed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from cts_lib.start.volumes import PICKED, Volumes

COST_SHARE = 0.12
UTILISATION = 0.85
MARGIN = 0.25


@dataclass(frozen=True)
class Pool:
    """A resource to start from: its part of cost to serve, whether its time is counted, who answers for it.

    ``variable`` is the part of its cost that goes when the work goes.
    """

    part: float
    is_time: bool
    owner: str
    variable: float


POOLS = {
    "customer_service": Pool(2.0, True, "Head of customer service", 0.3),
    "warehouse": Pool(3.5, True, "Warehouse manager", 0.4),
    "administration": Pool(1.0, True, "Head of finance", 0.2),
    "transport": Pool(4.0, False, "Head of transport", 0.6),
    "sales": Pool(1.5, False, "Head of sales", 0.2),
}
SPANISH = {
    "setting": {"fee": "Recargo"},
    "resource": {
        "customer_service": "Atención al cliente",
        "warehouse": "Almacén",
        "administration": "Administración",
        "transport": "Transporte",
        "sales": "Ventas",
    },
    "activity": {
        "order_entry": "Entrada de pedidos",
        "rush_handling": "Gestión de urgencias",
        "complaints": "Reclamaciones",
        "picking": "Preparación de pedidos",
        "packing": "Embalaje",
        "loading": "Carga",
        "returns": "Devoluciones",
        "invoicing": "Facturación",
        "delivery_drops": "Paradas de reparto",
        "distance": "Kilómetros de reparto",
        "freight": "Portes",
        "sales_visits": "Visitas comerciales",
        "account_care": "Atención comercial",
        "financing": "Financiación",
    },
    "owner": {
        "Head of customer service": "Responsable de atención al cliente",
        "Warehouse manager": "Responsable de almacén",
        "Head of finance": "Dirección financiera",
        "Head of transport": "Responsable de transporte",
        "Head of sales": "Dirección comercial",
    },
}
"""What the pages say for the names of the cost model to start from."""


@dataclass(frozen=True)
class Draft:
    """An activity to start from.

    ``terms`` are minutes by driver (``""``: of each thing); ``needs`` is what the data must tell, ``unlock`` which
    column that is; ``unless`` is what makes it needless.
    """

    about: str
    resource: str | None
    per: str
    terms: Mapping[str, float] = field(default_factory=dict)
    rest: Mapping[str, object] = field(default_factory=dict)
    needs: str = ""
    unlock: str = ""
    unless: str = ""
    work: str = ""

    @property
    def minutes(self) -> str:
        return " + ".join(
            f"{minutes:g}" if not term else term if minutes == 1 else f"{minutes:g}*{term}"
            for term, minutes in self.terms.items()
        )

    def asked(self, volumes: Volumes) -> float:
        """Return the minutes that it takes for a period's work."""
        return sum(minutes * volumes.work.get((self.work or self.per, term), 0) for term, minutes in self.terms.items())

    def is_active(self, known: frozenset[str]) -> bool:
        return (not self.needs or self.needs in known) and (not self.unless or self.unless not in known)

    @property
    def fields(self) -> dict[str, object]:
        resource = {"resource": self.resource} if self.resource else {}
        return resource | {"per": self.per} | ({"minutes": self.minutes} if self.terms else {}) | dict(self.rest)


_SOLD = {"when": "sold_lines > 0"}
"""What a credit note or a return by itself does not ask for."""
DRAFTS = {
    "order_entry": Draft(
        "take an order and clarify it", "customer_service", "order", {"": 6, "lines": 1.5}, _SOLD, work="sold order"
    ),
    "rush_handling": Draft(
        "push a rush order through", "customer_service", "order", {"rush": 12}, {"when": "rush > 0"}, "rush",
        "order_lines.priority that reads 'rush'",
    ),
    "complaints": Draft(
        "answer a call about what went wrong", "customer_service", "event:service_call", {"quantity": 20}, {},
        "service_call", "events.event that reads 'service_call'",
    ),
    "picking": Draft("fetch a line", "warehouse", "line", {"": 2, PICKED: 1}, {"when": "quantity > 0"}),
    "packing": Draft(
        "pack and label a shipment", "warehouse", "shipment", {"": 6, "lines": 1}, _SOLD, work="sold shipment"
    ),
    "loading": Draft(
        "move a shipment to the truck", "warehouse", "shipment", {"weight_kg": 0.01}, {"when": "weight_kg > 0"},
        "weight_kg", "order_lines.weight_kg",
    ),
    "returns": Draft(
        "take goods back and inspect them", "warehouse", "order", {"": 15, "return_lines": 3},
        {"when": "returned_quantity > 0"}, "returns", "order_lines.returned_quantity, or lines of negative quantity",
        work="returns",
    ),
    "invoicing": Draft("write, send and book an invoice", "administration", "order", {"": 4, "lines": 0.5}),
    "delivery_drops": Draft(
        "stop and unload", "transport", "shipment", rest={"driver": "1"} | _SOLD, unless="freight_cost",
        unlock="delete freight if you deliver with trucks of your own",
    ),
    "distance": Draft(
        "drive", "transport", "shipment", rest={"driver": "distance_km", "share": 0.4}, needs="distance_km",
        unlock="order_lines.distance_km", unless="freight_cost",
    ),
    "freight": Draft(
        "bills of carriers, as the lines state them; in no ledger yet", None, "line", rest={"direct": "freight_cost"},
        needs="freight_cost", unlock="order_lines.freight_cost",
    ),
    "sales_visits": Draft(
        "visit a customer", "sales", "event:sales_visit", rest={"driver": "quantity"}, needs="sales_visit",
        unlock="events.event that reads 'sales_visit'",
    ),
    "account_care": Draft(
        "look after a customer", "sales", "order", rest={"driver": "1"} | _SOLD, unless="sales_visit",
        unlock="sales_visits takes its place",
    ),
    "financing": Draft(
        "carry receivables until they are paid; rate: interest a year", None, "line",
        rest={"driver": "net_sales*payment_terms_days/365", "rate": 0.06}, needs="payment_terms_days",
        unlock="customers.payment_terms_days",
    ),
}  # fmt: skip
"""The activities of a usual wholesaler."""


def active(known: frozenset[str]) -> dict[str, Draft]:
    """Return the activities that the data allow."""
    return {name: draft for name, draft in DRAFTS.items() if draft.is_active(known)}


def assumed_margin(volumes: Iterable[Volumes], known: frozenset[str]) -> tuple[float | None, str]:
    """Return the gross margin of lines without a cost of goods, a usual one or that of the other lines, and why."""
    if not known & {"cogs", "unit_cost"}:
        return MARGIN, "assumption, share of net sales: the data hold no cost"
    units = list(volumes)
    uncosted, rows = sum(one.uncosted for one in units), sum(one.rows for one in units)
    if not uncosted:
        return None, "cost of goods is in the data"
    margin = sum(one.margin * one.rows for one in units) / rows
    told = f"{uncosted:,} of {rows:,} lines have no cost of goods"
    if not 0 < margin < 1:
        return MARGIN, f"assumption, a usual one: {told}"
    return round(margin, 3), f"assumption, the margin of the other lines: {told}"
