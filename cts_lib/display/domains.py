"""The workbook's own values in words, by domain: what a column's cells may hold that the user did not write.

A domain is named after the column that its values stand in. What the user's data and params bring (channels, customer
types, families, priorities, resources, activities, owners …) has no domain here: it is never looked up.
"""

from __future__ import annotations

from cts_lib.levers import KINDS
from cts_lib.tables.inputs import INPUTS

RESERVED = {"(all)": "All", "(none)": "Not stated", "(new)": "New", "(lost)": "Lost", "(other)": "Other"}
"""What stands for everybody, nothing, and the rest, in whatever column."""
PASSED = {"true": "Yes", "false": "No"}
LEVELS = {"lowest": "Lowest", "low": "Low", "middle": "Middle", "high": "High", "highest": "Highest"}

WORDS: dict[str, dict[str, str]] = {
    "table": {
        "customers": "Customers",
        "products": "Products",
        "order_lines": "Order lines",
        "events": "Events",
        "ledger": "Ledger",
        "inventory": "Inventory",
        "deliveries": "Deliveries",
        "exchange_rates": "Exchange rates",
        "nodes": "Warehouses",
        "lanes": "Lanes",
        "replenishment": "Replenishment",
    },
    "per": {"line": "Line", "order": "Order", "shipment": "Shipment", "customer": "Customer", "event": "Event"},
    "basis": {"minutes": "Minutes", "driver": "Driver", "rate": "Rate", "direct": "Direct"},
    "event": {"sales_visit": "Sales visit", "service_call": "Service call", "expedite": "Expediting"},
    "cost_from": {"ledger": "Ledger", "params": "Params"},
    "tenure": {
        "under 1 year": "under 1 year",
        "1–3 years": "1–3 years",
        "3–6 years": "3–6 years",
        "over 6 years": "over 6 years",
    },
    "demand_class": {
        "smooth": "Smooth: regular and even",
        "erratic": "Erratic: regular, uneven",
        "intermittent": "Intermittent: rare, even",
        "lumpy": "Lumpy: rare and uneven",
        "once": "In one bucket alone",
    },
    "method": {
        "this model": "This model",
        "driver shares": "Driver shares",
        "by sales": "By sales",
        "support direct": "Support, direct method",
        "support step": "Support, step by step",
        "support step reversed": "Support, step by step in reverse",
        "support reciprocal": "Support, reciprocal method",
        "k-means": "K-means",
        "mixture": "Mixture",
    },
    "assumption": {"activity": "Activity", "capacity": "Capacity"},
    "plan_assumption": {
        "adoption": "Customers who go along",
        "margin_at_risk": "Margin lost by the change",
        "freight_saving": "Freight saved by merging",
        "rush_delay_days": "Delay of rush orders",
        "investment": "Investment",
        "demand": "Demand",
        "prices": "Price",
        "variable_share": "Share that is variable",
        "leave": "Customers who leave",
    },
    "source": {"events.minutes": "Recorded events", "ledger months": "Months of the ledger"},
    "segment": {
        "Passive": "Passive",
        "Carriage trade": "Carriage trade",
        "Bargain basement": "Bargain basement",
        "Aggressive": "Aggressive",
        "Outliers": "Outliers",
    },
    "convention": {"by money": "By cumulative money", "by customers": "By share of customers"},
    "check": {
        "same class by the cuts of the period before": "Same class by the cuts of the period before",
        "same groups from the period before": "Same groups found in the period before",
        "dimensions that shifted": "Dimensions that shifted",
    },
    "verdict": {
        "agrees": "Agrees",
        "differs": "Differs",
        "cannot tell": "Cannot tell",
        "stable": "Stable",
        "moderate": "Moderate",
        "shifted": "Shifted",
        "within chance": "Within chance",
        "better": "Better",
        "worse": "Worse",
        "no difference": "No difference",
        "negligible": "Negligible",
        "not to be told": "Not to be told",
    },
    "strategy": {"current": "Current", "proposed": "Proposed", "one_option": "One option for all"},
    "scenario": {
        "base": "As demand varies by itself",
        "surge": "A surge",
        "dearer_transport": "Dearer transport",
        "largest_customer_lost": "The largest customer gone",
        "half_adoption": "Half of those who would go along",
    },
    "option": {"current": "Current", "proposed": "Proposed", "as today": "As today"},
    "lever": {kind.name: kind.label for kind in KINDS},
    "setting": {
        "weekly": "Weekly",
        "every 2 days": "Every 2 days",
        "weekly below 150": "Those below 150 together weekly",
        "none": "None",
        "portal": "Portal",
    },
    "archetype": {
        "efficient": "Efficient",
        "responsive": "Responsive",
        "risk-hedging": "Risk-hedging",
        "agile": "Agile",
    },
    "status": {"met": "✓ Met", "near": "≈ Nearly met", "missed": "✗ Missed"},
    "signal": {"above": "Above the usual", "below": "Below the usual"},
    "evidence": {"point": "This period", "run": "The newest periods together", "trend": "A trend"},
    "component": {
        "price": "Price",
        "volume": "Volume",
        "mix": "Mix",
        "goods": "Cost of goods",
        "efficiency": "Efficiency",
        "rate": "Cost of resources",
        "capacity": "Use of capacity",
        "customers": "Customers",
        "other": "Other",
    },
    "cause": {
        "sales": "What was sold",
        "goods": "What goods cost",
        "work": "The work of serving",
        "customers": "Between customers",
        "families": "Between product families",
        "products": "Between products of a family",
        "begun": "New product",
        "ended": "Product given up",
        "cost": "Cost of a resource",
        "use": "Use of a resource",
        "won": "Customers won",
        "lost": "Customers lost",
    },
    "state": {
        "proposed": "Proposed",
        "agreed": "Agreed",
        "running": "Running",
        "done": "Done",
        "dropped": "Dropped",
        "open": "Open",
        "failed": "Failed",
        "planned": "Planned",
    },
    "passed": PASSED,
    "level": LEVELS,
    "unit": {
        "money a minute": "money a minute",
        "minutes": "minutes",
        "days": "days",
        "months": "months",
        "share": "share",
        "count": "count",
        "units": "units sold",
        "degrees": "degrees",
    },
    "stage": {
        "profile": "Profile",
        "segment": "Segments",
        "strategy": "Strategy",
        "evaluate": "Evaluate",
        "govern": "Govern",
    },
    "query": {"customers and channels": "Customers and channels"},
    "cheapest_reason": {
        "service_level": "too few lines on time",
        "in_full": "too few lines in full",
        "responsiveness": "too little slack for a surge",
        "speed_days": "too slow",
        "visibility": "customers see too little",
        "min_gain": "gains too little",
        "limits": "breaks a limit of the plan",
    },
    "reason": {
        # of a rejected row
        "a required value is missing": "A required value is missing",
        "text in a number": "Text in a number",
        "a date no calendar holds": "A date no calendar holds",
        "not a period": "Not a period",
        "a customer that no table knows": "A customer that no table knows",
        "a product that no table knows": "A product that no table knows",
        "a warehouse that no table knows": "A warehouse that no table knows",
        "a negative number": "A negative number",
        "an upper end not above the lower": "An upper end not above the lower",
        "a repeated key": "A repeated key",
        # of a unit time that the data do not tell
        "too few months": "Too few months",
        "too few recorded events": "Too few recorded events",
        "did not happen": "Did not happen",
        "moves together with other terms": "Moves together with other terms",
        "scatters too much": "Scatters too much",
        "counts customers once a period": "Counts customers once a period",
        "the ledger does not follow the work": "The ledger does not follow the work",
        "no ledger row of a month": "No ledger row of a month",
        "a few outliers weigh": "A few outliers weigh",
        "something else moved over the months": "Something else moved over the months",
        # of an effect that was left out
        "alike for all": "Alike for all",
        "missing too often": "Missing too often",
        "too many values": "Too many values",
        "too few customers": "Too few customers for so many effects",
        "moves together with others": "Moves together with others",
    },
    "consequence": {
        "one channel for all of them": "One channel for all of them",
        "not told by this trait": "Stand under “not stated”",
        "not found in a place": "Not found in a place",
        "not on the map": "Not on the map",
        "no time as a customer": "No time as a customer",
        "held to the promised date instead": "Held to the promised date instead",
        "no cost of financing or collection": "No cost by payment terms",
        "no handling of their own": "No handling of their own",
        "no weight to share out by": "No cost shared out by weight",
        "no volume to share out by": "No cost shared out by volume",
        "no distance to share out by": "No cost shared out by distance",
        "counted as not electronic": "Counted as not electronic",
        "counted as not rush": "Counted as not rush",
        "electronic lines unknown": "Electronic lines unknown",
        "rush orders unknown": "Rush orders unknown",
        "not judged on time": "Not judged on time",
        "the shipping date stands in": "The shipping date stands in",
        "not judged in full": "Not judged in full",
        "no freight of its own": "No freight of its own",
    },
}

SAME = {
    "sender": "resource",
    "served_as": "segment",
    "from_segment": "segment",
    "to_segment": "segment",
    "group": "segment",
    "need": "segment",
    "action": "option",
    "current_option": "option",
    "chosen_option": "option",
    "taken": "passed",
    "repeated": "passed",
    "reliable": "passed",
    "time_as_a_customer": "tenure",
    "effect": "dimension",
    "driver": "term",
    "trait": "dimension",
    "attribute": "dimension",
    "kpi": "column",
    "measure": "column",
    "line": "column",
}
"""Columns whose cells are of another's domain."""
KEYS = frozenset({"resource", "activity", "lever", "setting", "event", "dimension"})
"""Domains whose values are names, of keys in params or of columns: spelled with spaces where nobody gives words."""
_DERIVED = (
    "tenure", "new_customer", "rush", "need", "value", "lines", "orders", "shipments", "net_sales", "gross_margin",
    "gross_margin_share", "profit", "growth", "channel_share", "cost_to_serve", "cost_to_serve_share",
    "cost_to_serve_of_margin", "order_value", "lines_per_order", "quantity_per_line", "orders_per_month", "drop_size",
    "rush_share", "return_share", "electronic_share", "discount_share", "shipments_per_order", "lead_time_days",
)  # fmt: skip
OF_DATA = frozenset({column.name for contract in INPUTS for column in contract.columns} | set(_DERIVED))
"""Columns of the data that the workbook has words for: those of the contract, and what it makes of them."""
TEXTS = frozenset(
    {"customer_type", "channel", "country", "region", "city", "size_class", "industry", "family", "handling_class"}
    | {"order_method", "priority", "ship_mode", "warehouse"}
)
"""Dimensions whose values are the user's words: high and low of them are no levels of a number."""
