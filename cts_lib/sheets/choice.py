"""Which tables people read in a workbook, in the order of the report: their titles, columns and sums."""

from __future__ import annotations

from dataclasses import dataclass

from cts_lib.tables import OUTPUTS, Column


@dataclass(frozen=True)
class Sheet:
    """A table for reading: its title, its columns in order, and those that a last row adds up.

    A table that has total rows of its own adds nothing up.
    """

    table: str
    title: str
    columns: tuple[str, ...]
    sums: tuple[str, ...] = ()

    def column(self, name: str) -> Column:
        """Return what the table says of one of its columns."""
        found: Column | None = OUTPUTS[self.table].column(name)
        if found is None:
            raise KeyError(f"{self.table}.{name}")
        return found


def _names(text: str) -> tuple[str, ...]:
    return tuple(text.split())


_SOLD = "orders lines gross_sales discounts net_sales cogs gross_margin cost_to_serve profit"
_LEDGER = "ledger received sent assigned unused overdriven sustaining unassigned"
_OF_CUSTOMER = (
    "current_net_sales chosen_net_sales current_cost_to_serve chosen_cost_to_serve current_profit chosen_profit"
)
_PLAN = "current_cost_to_serve chosen_cost_to_serve current_profit chosen_profit gain cash_gain"

SHEETS = (
    Sheet("statement", "From sales to profit", _names("line amount")),
    Sheet("channel_profit", "Channels", _names(f"channel {_SOLD}"), _names(_SOLD)),
    Sheet(
        "customer_profit",
        "Customers by profit",
        _names(f"rank customer_id name channel {_SOLD} cumulative_profit profit_low profit_high")
        + _names("probability_unprofitable avoidable_cost avoidable_margin"),
        _names(_SOLD),
    ),
    Sheet(
        "customer_costs",
        "Cost by customer and activity",
        _names("customer_id channel activity resource volume minutes cost"),
        _names("cost"),
    ),
    Sheet(
        "activities",
        "Activities",
        _names("activity resource per basis volume minutes cost unit_cost"),
        _names("cost"),
    ),
    Sheet(
        "resources",
        "Resources",
        _names(f"resource {_LEDGER} capacity_minutes used_minutes utilisation rate"),
        _names(f"{_LEDGER} capacity_minutes used_minutes"),
    ),
    Sheet(
        "service",
        "Service",
        _names("channel orders promised_days lead_time_days on_time in_full on_time_orders in_full_orders")
        + _names("perfect_orders"),
    ),
    Sheet(
        "customer_behaviour",
        "How customers order",
        _names("customer_id channel orders order_value lines_per_order rush_share return_share electronic_share")
        + _names("shipments drop_size distance_km lead_time_days on_time in_full"),
        _names("orders shipments"),
    ),
    Sheet(
        "profile",
        "Profit by trait",
        _names("dimension value customers orders net_sales gross_margin cost_to_serve profit on_time"),
    ),
    Sheet(
        "places",
        "Places",
        _names("country region city customers orders shipments net_sales cost_to_serve profit distance_km"),
        _names("customers orders shipments net_sales cost_to_serve profit"),
    ),
    Sheet(
        "quality",
        "Rows read and rejected",
        _names("table given read accepted rejected share money_read money_accepted money_rejected"),
    ),
    Sheet("rejected_rows", "Rejected rows", _names("table row column value reason money")),
    Sheet(
        "segment_matrix",
        "Segments and channels",
        _names("segment channel customers net_sales gross_margin cost_to_serve profit lead_time_days on_time"),
    ),
    Sheet(
        "segments", "Segment of each customer", _names("customer_id channel segment value_class cost_class stability")
    ),
    Sheet(
        "decisions",
        "Decisions",
        _names("lever setting segment channel customers_reached cash_a_year gain_a_year investment payback_years")
        + _names("service_level speed_days sure owner due"),
    ),
    Sheet(
        "strategy",
        "Plan by segment and channel",
        _names(f"segment channel chosen_option archetype {_PLAN} current_service_level chosen_service_level"),
        _names(_PLAN),
    ),
    Sheet(
        "capacity_plan",
        "Capacity under the plan",
        _names("resource capacity_now used_now steps capacity_then used_then cash"),
        _names("cash"),
    ),
    Sheet(
        "customer_plan",
        "Plan by customer",
        _names(f"customer_id channel segment asks handed_over {_OF_CUSTOMER}"),
        _names(_OF_CUSTOMER),
    ),
    Sheet(
        "customer_terms",
        "Terms that end a loss",
        _names("customer_id channel net_sales profit needed profit_then"),
    ),
    Sheet(
        "comparison",
        "Simulated, today and proposed",
        _names("segment channel scenario kpi current proposed difference low high likely verdict"),
    ),
    Sheet("payback", "Payback", _names("cash_a_year low high outlay likely")),
    Sheet("bridge", "Why profit changed", _names("segment channel component amount")),
    Sheet("bridge_details", "Causes of the change", _names("component cause subject amount"), _names("amount")),
    Sheet(
        "kpis",
        "Indicators",
        _names("segment channel kpi value target status previous lower_limit upper_limit signal"),
    ),
    Sheet(
        "actions",
        "Actions",
        _names("action segment channel customer_id owner due since expected_saving expected_cash realised_saving")
        + _names("verdict state"),
    ),
)
