"""What is planted: unit times, rates and capacities. They are the truth that a run's params only come near.

Minutes are per activity and term, money is in euro (a unit multiplies it by its exchange rate), capacities
belong to a unit of 50,000 lines in twelve quarters and grow with its lines.
"""

from __future__ import annotations

BASE_LINES = 50_000
"""Order lines in twelve quarters of the unit that the capacities below belong to."""

UNIT_TIMES: dict[str, dict[str, float]] = {
    "order_entry": {
        "order": 16.8,
        "line": 5.8,
        "rush": 42.0,
        "new_customer": 54.0,
        "phone": 30.4,
        "email": 22.8,
        "portal": 4.0,
    },
    "complaints": {"call": 62.4},
    "picking": {"line": 5.0, "unit": 0.428, "fragile": 6.4, "bulky": 8.4},
    "packing": {"shipment": 20.8, "line": 3.1, "kg": 0.0129, "rush": 16.8},
    "returns": {"order": 36.8, "line": 12.4, "unit": 0.96},
    "invoicing": {"edi": 4.0, "other": 13.6, "line": 1.45},
    "collection": {"order": 3.3},
}

SPREAD_OF_MINUTES = 0.2
"""How much the minutes of one event or order scatter around those above, as a share; the mean is true."""

TIME_RATES: dict[str, float] = {
    "customer_service": 0.71,
    "warehouse": 0.50,
    "dispatch": 0.50,
    "returns_dock": 0.48,
    "billing": 0.63,
}
"""Euro per practical minute before support."""

CAPACITY_MINUTES: dict[str, float] = {
    "customer_service": 66_240,
    "warehouse": 81_696,
    "dispatch": 60_996,
    "returns_dock": 11_200,
    "billing": 29_000,
}
"""Practical minutes a quarter of a unit of ``BASE_LINES``."""

OVERLOADED = "customer_service"

DRIVER_PRICES: dict[str, float] = {"kg_km": 0.00028, "drop": 42.0, "chilled_m3": 105.0}
"""Euro a unit of what own trucks and the cold store do."""

SALES_SHARE: dict[str, float] = {"key_accounts": 0.010, "account_care": 0.007}
"""Cost of the sales team as a share of the unit's mean net sales."""

OVERHEAD_SHARE: dict[str, float] = {
    "it": 0.0085,
    "hr": 0.0045,
    "facilities": 0.0090,
    "brand": 0.0090,
    "retail_marketing": 0.0035,
    "parking": 0.0004,
}
"""Cost of support, sustaining and forgotten resources as a share of the unit's mean net sales."""

SUPPORT_SHARES: dict[str, dict[str, float]] = {
    "it": {
        "hr": 0.05,
        "facilities": 0.05,
        "customer_service": 0.35,
        "warehouse": 0.15,
        "dispatch": 0.05,
        "billing": 0.20,
        "sales": 0.15,
    },
    "hr": {
        "it": 0.10,
        "facilities": 0.05,
        "customer_service": 0.20,
        "warehouse": 0.25,
        "dispatch": 0.15,
        "returns_dock": 0.05,
        "billing": 0.05,
        "sales": 0.10,
        "brand": 0.05,
    },
    "facilities": {
        "it": 0.05,
        "hr": 0.05,
        "customer_service": 0.10,
        "warehouse": 0.40,
        "dispatch": 0.20,
        "returns_dock": 0.10,
        "cold_store": 0.05,
        "billing": 0.05,
    },
}

VISIT_RATE = 330.0
"""Euro a sales visit, outside the ledger."""

FINANCING_RATE = 0.07
"""Yearly interest on receivables."""

COLLECTION_TERMS_DAYS = 45
"""Customers with longer payment terms than this are chased for every order."""
