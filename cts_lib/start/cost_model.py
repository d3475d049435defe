"""Writes params to start from: a usual cost model of a wholesaler, scaled to the lines there are, all of it assumed."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from cts_lib.levers import KINDS
from cts_lib.params import Source
from cts_lib.params.period import MONTHS_PER
from cts_lib.start.volumes import PICKED, Volumes

EURO = "EUR"
"""The unit's currency where nothing names one."""
COST_SHARE = 0.12
UTILISATION = 0.85
MARGIN = 0.25
_SMALL, _FEE = 0.3, 0.06
"""What part of the median order a small one is below, and what part of that it pays."""
_SPANISH_SIGNS = str.maketrans(",.", ".,")
LEAST_GAIN = 0.0001
"""What a decision must bring at least, as a share of the unit's net sales."""
_PLACEHOLDER = 100_000.0


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


def defaults_text(source: Source, known: frozenset[str], scaled: bool, volumes: Iterable[Volumes] = ()) -> str:
    """Return ``params/defaults.yml``."""
    assumed, why = assumed_margin(volumes, known)
    margin = "null" if assumed is None else f"{assumed:g}"
    lines = [
        "# Written by cts init. Money is in the unit's currency, time in minutes, weight in kg, distance in km, shares",
        "# are fractions. What is marked as an assumption is a usual figure: replace it by your own.",
        "",
        "source:",
        *(f"  {key}: {json.dumps(value, ensure_ascii=False)}" for key, value in _given(source).items()),
        "",
        "profile:",
        f"  assumed_gross_margin: {margin}    # {why}",
        "",
        "cost_model:",
        f"  # assumption: cost to serve is {COST_SHARE:.0%} of net sales, a third of it transport, known or not, where",
        f"  # the ledger does not give it, and the activities ask for {UTILISATION:.0%} of capacity.",
        "  # params/units/<unit>.yml has each unit's figures.",
        "  # variable_share, assumption: the part of a resource's cost that goes when the work goes, so what a",
        "  # decision or a customer who leaves saves in cash.",
        "  resources:",
    ]
    used = {draft.resource for draft in active(known).values()}
    lines += [
        f"    {'' if name in used else '# '}{name}: {{owner: {pool.owner}, variable_share: {pool.variable}}}"
        for name, pool in POOLS.items()
    ]
    lines += [
        "",
        "  # assumption, minutes and shares: usual figures of a wholesaler, no company's own.",
        "  activities:",
    ]
    for name, draft in DRAFTS.items():
        is_active = draft.is_active(known)
        mark = "    " if is_active else "    # "
        text = ", ".join(f"{key}: {json.dumps(value)}" for key, value in draft.fields.items())
        unlock = "" if is_active else f"; unlocked by {draft.unlock}" if draft.needs else f"; {draft.unlock}"
        lines += [f"    # {draft.about}{unlock}", f"{mark}{name}: {{{text}}}"]
    lines += [
        "",
        "governance:",
        "  # assumption: who answers for what is no resource's own; `targets` would say what is good enough",
        "  owners: {default: Head of sales}",
        "",
        "labels:",
    ]
    for kind, words in SPANISH.items():
        lines.append(f"  {kind}:")
        for name, word in words.items():
            english = "" if kind == "owner" else f"en: {name.replace('_', ' ').capitalize()}, "
            lines.append(f"    {name}: {{{english}es: {word}}}")
    if not scaled:
        lines += [
            "",
            "# TODO costs and capacities of units could not be scaled: mappings lack columns, see TODO there.",
        ]
    return "\n".join(lines) + "\n"


def unit_text(value: str, label: str, currency: str | None, volumes: Volumes | None) -> str:
    """Return ``params/units/<unit>.yml``: who the unit is, and its resources scaled to its lines."""
    period = volumes.period if volumes else None
    per = next((name for name, months in MONTHS_PER.items() if period and months == period.months), "quarter")
    of = f" of {period}" if period else ""
    head = [
        f"# {label}. Written by cts init.",
        "unit:",
        f"  label: {json.dumps(label, ensure_ascii=False)}",
        f"  business_unit: {json.dumps(value, ensure_ascii=False)}    # as the tables call it",
        f"  currency: {currency}" if currency else f"  currency: {EURO}    # assumption: no column names it",
        "",
        "cost_model:",
        "  resources:",
    ]
    drafts = active(volumes.known if volumes else frozenset())
    head.append(
        "    # waits: false, for an assumed capacity shows no queue; delete it where capacity_minutes are yours"
    )
    for name, pool in POOLS.items():
        mine = [draft for draft in drafts.values() if draft.resource == name]
        if not mine:
            continue
        sales = volumes.sales if volumes else 0.0
        share = COST_SHARE * pool.part / sum(item.part for item in POOLS.values())
        cost = round(max(sales, 0) * share, 2)
        asked = sum(draft.asked(volumes) for draft in mine) if volumes else 0.0
        said = f"assumption: {share:.1%} of net sales{of}" if sales > 0 else "TODO what it costs"
        figures = [f"cost: {cost or _PLACEHOLDER:.2f}"]
        if volumes and name in volumes.booked:
            said, figures = "its cost is the ledger's", []
        if pool.is_time:
            figures.append(f"capacity_minutes: {max(round(asked / UTILISATION), 1) if asked else _PLACEHOLDER:.0f}")
            figures.append("waits: false")
            said += f"; minutes used to {UTILISATION:.0%} by the activities" if asked else "; TODO its minutes"
        head.append(f"    {name}: {{{', '.join([*figures, f'per: {per}'])}}}    # {said}")
    least = float(f"{max(volumes.sales, 0) * LEAST_GAIN:.1g}") if volumes else 0.0
    if least:
        told = f"assumption: what brings less than {LEAST_GAIN:.2%} of net sales{of} is no decision"
        head += ["", "strategy:", f"  min_gain: {{money: {least:g}, share_of_sales: 0.001}}    # {told}"]
        head += _levers(volumes.order, currency or EURO) if volumes and volumes.order > 0 else []
    return "\n".join(head) + "\n"


def _levers(order: float, currency: str) -> list[str]:
    """Return what customers could be asked, small orders by what an order is worth, as lines of params."""
    small = float(f"{_SMALL * order:.1g}")
    worth = f"{small:,.10g} {currency}"
    own = {
        "label": {"en": f"Orders below {worth}", "es": f"Pedidos de menos de {worth.translate(_SPANISH_SIGNS)}"},
        "settings": {
            "weekly": {"value": small, "below": "bundle"},
            "fee": {"value": small, "fee": float(f"{_FEE * small:.1g}")},
        },
        "adoption": 0.7,
        "promise": "move",
        "margin_at_risk": 0.01,
    }
    usual = {kind.name: kind.default for kind in KINDS if kind.default}
    return [
        "  # assumption: what customers could be asked, how many of them go along, what that loses and takes.",
        f"  # An order is small below {_SMALL:g} of the median order; its fee is {_FEE:.0%} of that.",
        "  levers:",
        *(f"    {name}: {json.dumps(given)}" for name, given in (usual | {"minimum_order": own}).items()),
    ]


def _given(source: Source) -> dict[str, object]:
    """Return a source as params give it, without what is the default."""
    given = source.model_dump(exclude_defaults=True) | {"formats": source.formats.model_dump(exclude_defaults=True)}
    if len(source.formats.dates) == 1:
        given["formats"]["date"] = source.formats.dates[0]
    return {key: value for key, value in given.items() if value}
