"""What is planted: unit times, rates and capacities. They are the truth that a run's params only come near.

Minutes are per activity and term, money is in euro (a unit multiplies it by its exchange rate), capacities
belong to a unit of 50,000 lines in twelve quarters and grow with its lines.
"""

from __future__ import annotations

from typing import Any

from cts_lib.sample.entries import read

_PLANTED = read("planted")
BASE_LINES = 50_000
"""Order lines in twelve quarters of the unit that the capacities below belong to."""

UNIT_TIMES: dict[str, dict[str, float]] = _PLANTED["unit_times"]

SPREAD_OF_MINUTES = 0.2
"""How much the minutes of one event or order scatter around those above, as a share; the mean is true."""

TIME_RATES: dict[str, float] = _PLANTED["time_rates"]
"""Euro per practical minute before support."""

CAPACITY_MINUTES: dict[str, float] = _PLANTED["capacity_minutes"]
"""Practical minutes a quarter of a unit of ``BASE_LINES``."""

OVERLOADED = "customer_service"

DRIVER_PRICES: dict[str, float] = _PLANTED["driver_prices"]
"""Euro a unit of what own trucks and the cold store do."""

SALES_SHARE: dict[str, float] = _PLANTED["sales_share"]
"""Cost of the sales team as a share of the unit's mean net sales."""

OVERHEAD_SHARE: dict[str, float] = _PLANTED["overhead_share"]
"""Cost of support, sustaining and forgotten resources as a share of the unit's mean net sales."""

SUPPORT_SHARES: dict[str, dict[str, float]] = _PLANTED["support_shares"]

VISIT_RATE = 330.0
"""Euro a sales visit, outside the ledger."""

FINANCING_RATE = 0.07
"""Yearly interest on receivables."""

COLLECTION_TERMS_DAYS = 45
"""Customers with longer payment terms than this are chased for every order."""

ACCOUNTS: dict[str, str] = _PLANTED["accounts"]
"""The account of the ledger that each resource is booked on."""

VARIABLE_SHARES: dict[str, float] = _PLANTED["variable_shares"]
"""What of a resource leaves the ledger with the work, where no whole person has to be given up for it."""

TARIFFS: dict[str, dict[str, float]] = _PLANTED["tariffs"]
"""Euro of the carriers that nobody uses yet, as they were offered in the newest quarter."""

REPLENISHMENT: dict[str, float] = _PLANTED["replenishment"]
"""How every product is replenished: what it needs, and the days of demand that some hold beyond it."""

LEVERS: dict[str, dict[str, Any]] = _PLANTED["levers"]
"""By lever the setting that something was planted for, with its terms, as in the bundled defaults."""
