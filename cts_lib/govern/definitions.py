"""What each governed indicator means, where it comes from, who looks after it and how often it is looked at.

Its unit, its good side and its formula are those of `cts_lib.measures`. An owner here is a role; who it is,
``governance.owners`` says.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from cts_lib.measures import of


@dataclass(frozen=True)
class Definition:
    """One indicator in words."""

    meaning: str
    source: str
    owner: str
    rhythm: Literal["month", "quarter"] = "month"


_LINES, _COSTS, _SERVED = "order_lines", "order_lines, ledger, cost model", "order_lines, deliveries"
_FINANCE, _SALES, _SUPPLY, _DESK = "finance", "sales", "supply chain", "customer service"
DEFINITIONS = {
    "net_sales": Definition("What was sold less what came back, after discounts.", _LINES, _SALES),
    "gross_margin": Definition("Net sales less cost of goods.", _LINES, _SALES),
    "cost_to_serve": Definition("What the work for customers cost, at what practical capacity costs.", _COSTS, _SUPPLY),
    "profit": Definition("Gross margin less cost to serve.", _COSTS, _FINANCE),
    "cost_to_serve_share": Definition("Cost to serve of each unit of net sales.", _COSTS, _SUPPLY),
    "cost_per_order": Definition("Cost to serve of an order that carries something.", _COSTS, _DESK),
    "cost_per_line": Definition("Cost to serve of an order line.", _COSTS, "warehouse"),
    "cost_per_drop": Definition("Cost to serve of a shipment.", _COSTS, "transport"),
    "cost_per_kg": Definition("Cost to serve of a kg sold; known where every sold line has a weight.", _COSTS, _SUPPLY),
    "unused_capacity": Definition("Paid capacity that nobody used; of the unit.", "ledger, cost model", _SUPPLY),
    "overdriven_capacity": Definition(
        "Work beyond capacity that no ledger row pays for; of the unit.", _COSTS, _SUPPLY
    ),
    "profit_margin": Definition("Profit of each unit of net sales.", _COSTS, _FINANCE),
    "unprofitable_share": Definition("Share of the customers that lose money.", _COSTS, _SALES, "quarter"),
    "lost_on_customers": Definition("What is lost on customers that lose money.", _COSTS, _SALES, "quarter"),
    "peak_to_end": Definition("Peak of the whale curve over its end: 1 where nobody loses.", _COSTS, _SALES, "quarter"),
    "orders": Definition("Orders that carry something.", _LINES, _SALES),
    "order_value": Definition("Net sales of an order.", _LINES, _SALES),
    "lines_per_order": Definition("Sold lines of an order.", _LINES, _DESK),
    "on_time": Definition(
        "Share of promised lines that arrived in their window (governance.on_time).", _SERVED, _SUPPLY
    ),
    "in_full": Definition(
        "Share of lines of which enough arrived (governance.on_time.full_share).", _SERVED, "warehouse"
    ),
    "fill_rate": Definition(
        "Units that arrived of those ordered; more than ordered counts as ordered.", _SERVED, _SUPPLY
    ),
    "perfect_orders": Definition(
        "Orders on time, in full and without a return, all three of the same order.", _SERVED, _SUPPLY
    ),
    "perfect_order_index": Definition("Product of the rates of orders on time, in full and kept.", _SERVED, _SUPPLY),
    "lead_time_days": Definition("Days from ordering to arriving, of a line.", _SERVED, _SUPPLY),
    "cycle_time_days": Definition("Days from ordering to the arrival of an order's last line.", _SERVED, _SUPPLY),
    "rush_share": Definition("Share of lines that are rush.", _LINES, _SALES),
    "return_share": Definition("Share of lines that are returns or partly came back.", _LINES, _SALES),
    "payment_days": Definition(
        "Days of payment terms, weighed by net sales.", "order_lines, customers", _FINANCE, "quarter"
    ),
    "days_of_stock": Definition("Days of cost of goods that stock lasts; of the unit.", "inventory, products", _SUPPLY),
    "cash_to_cash_days": Definition(
        "Days of stock and until payment together; suppliers' terms are in no table.",
        "inventory, customers",
        _FINANCE,
        "quarter",
    ),
}


def formula_of(name: str) -> str:
    """Write an indicator's formula in the sums and measures that it is made of.

    >>> formula_of("on_time"), formula_of("perfect_order_index"), formula_of("net_sales")
    ('on_time_lines ÷ promised_lines', 'on_time_orders × in_full_orders × kept_orders', 'net_sales')
    """
    measure = of(name)
    if measure.factors:
        return " × ".join(measure.factors)
    return name if measure.is_sum else f"{measure.part} ÷ {measure.whole}"
