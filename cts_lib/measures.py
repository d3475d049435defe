"""Every measure once: its word, its unit, which side is better, its formula, and what it needs from the data.

A formula is one sum over another, or a product of such; a measure without one stands in a column of its own.
``percent`` is a fraction: 1 is 100 %. A measure of which no line of the unit's period meets a need is unknown in every
table: ``unknown`` says which, from what the intake found filled; their wholes stay 0, and ``ratio`` of that is null.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

Kind = Literal["money", "percent", "days", "number", "decimal"]
PRIORITY, METHOD = ("order_lines.priority",), ("order_lines.order_method",)
PROMISE, COUNT = ("order_lines.promised_date",), ("order_lines.delivered_quantity",)
DELIVERY = ("order_lines.delivered_date", "order_lines.shipped_date")
DISTANCE, WEIGHT = ("order_lines.distance_km",), ("order_lines.weight_kg",)
TIMED, JUDGED = (PROMISE, DELIVERY), (PROMISE + COUNT, DELIVERY + COUNT)


@dataclass(frozen=True)
class Measure:
    """One measure.

    ``part`` and ``whole`` name sums, ``factors`` the measures whose product it is; ``better`` is None where neither
    side is. Each of ``needs`` is met where a line of the period has a value in one of its columns (``table.column``).
    """

    name: str
    words: str
    kind: Kind
    better: Literal["more", "less"] | None = None
    part: str | None = None
    whole: str | None = None
    needs: tuple[tuple[str, ...], ...] = ()
    factors: tuple[str, ...] = ()

    @property
    def is_sum(self) -> bool:
        """Whether it adds up, rather than being a share or a mean of something."""
        return self.part is None and not self.factors


MEASURES = (
    # money
    Measure("net_sales", "Net sales", "money", "more"),
    Measure("gross_sales", "Gross sales", "money", "more"),
    Measure("discounts", "Discounts", "money", "less"),
    Measure("cogs", "Cost of goods", "money", "less"),
    Measure("gross_margin", "Gross margin", "money", "more"),
    Measure("cost_to_serve", "Cost to serve", "money", "less"),
    Measure("profit", "Profit", "money", "more"),
    Measure("profit_low", "Profit, low", "money", "more"),
    Measure("profit_high", "Profit, high", "money", "more"),
    Measure("probability_unprofitable", "Chance of a loss", "percent", "less"),
    Measure("sustaining", "Sustaining cost", "money", "less"),
    Measure("avoidable_cost", "Avoidable cost", "money", "less"),
    Measure("avoidable_margin", "Margin after avoidable cost", "money", "more"),
    Measure("gross_margin_share", "Gross margin, share of sales", "percent", "more", "gross_margin", "net_sales"),
    Measure("cost_to_serve_share", "Cost to serve, share of sales", "percent", "less", "cost_to_serve", "net_sales"),
    Measure(
        "cost_to_serve_of_margin", "Cost to serve, share of margin", "percent", "less", "cost_to_serve", "gross_margin"
    ),
    Measure("profit_margin", "Profit, share of sales", "percent", "more", "profit", "net_sales"),
    Measure("discount_share", "Discount", "percent", "less", "discounts", "gross_sales"),
    Measure("cost_per_order", "Cost to serve an order", "money", "less", "cost_to_serve", "orders"),
    Measure("cost_per_line", "Cost to serve a line", "money", "less", "cost_to_serve", "lines"),
    Measure("cost_per_drop", "Cost to serve a drop", "money", "less", "cost_to_serve", "shipments"),
    Measure("cost_per_kg", "Cost to serve a kg", "money", "less", "cost_to_serve", "sold_weight_kg", (WEIGHT,)),
    Measure("unused_capacity", "Unused capacity", "money", "less"),
    Measure("overdriven_capacity", "Work beyond capacity", "money", "less"),
    Measure("payment_days", "Days until payment", "days", "less", "payment_days_sales", "payment_known_sales"),
    Measure("days_of_stock", "Days of stock", "days", "less"),
    Measure("cash_to_cash_days", "Cash to cash, before suppliers' terms", "days", "less"),
    Measure("growth", "Growth", "percent", "more"),
    Measure("channel_share", "Share of the channel", "percent", "more"),
    # how many, and how uneven
    Measure("customers", "Customers", "number", "more"),
    Measure("share_of_customers", "Share of customers", "percent"),
    Measure("share_of_sales", "Share of sales", "percent"),
    Measure("unprofitable_customers", "Customers that lose money", "number", "less"),
    Measure(
        "unprofitable_share",
        "Customers that lose money, share",
        "percent",
        "less",
        "unprofitable_customers",
        "customers",
    ),
    Measure("lost_on_customers", "Lost on customers that lose money", "money", "less"),
    Measure("share_of_customers_at_peak", "Customers up to the peak", "percent"),
    Measure("peak_profit", "Profit at the peak", "money", "more"),
    Measure("end_profit", "Profit at the end", "money", "more"),
    Measure("peak_to_end", "Peak to end", "percent", "less", "earned_on_customers", "profit"),
    Measure("erosion", "Lost behind the peak", "money", "less"),
    Measure("sales_of_top_10", "Sales of the largest 10% of customers", "percent"),
    Measure("sales_of_top_20", "Sales of the largest 20% of customers", "percent"),
    Measure("gini_net_sales", "Gini coefficient of sales", "decimal"),
    Measure("gini_profit", "Gini coefficient of profit", "decimal"),
    # how customers order
    Measure("orders", "Orders", "number", "more"),
    Measure("lines", "Order lines", "number", "more"),
    Measure("quantity", "Quantity", "number", "more"),
    Measure("shipments", "Shipments", "number"),
    Measure("products", "Products", "number"),
    Measure("orders_per_customer", "Orders per customer", "decimal", "more", "orders", "customers"),
    Measure("orders_per_month", "Orders a month", "decimal"),
    Measure("order_value", "Value of an order", "money", "more", "net_sales", "orders"),
    Measure("lines_per_order", "Lines per order", "decimal", "more", "sold_lines", "orders"),
    Measure("quantity_per_line", "Quantity per line", "decimal", "more", "sold_quantity", "sold_lines"),
    Measure("shipments_per_order", "Shipments per order", "decimal", "less", "shipments", "orders"),
    Measure("drop_size", "Units a drop", "decimal", "more", "sold_quantity", "shipments"),
    Measure("rush_share", "Rush lines", "percent", "less", "rush_lines", "priority_lines", (PRIORITY,)),
    Measure("return_share", "Returns", "percent", "less", "return_lines", "lines"),
    Measure("electronic_share", "Electronic lines", "percent", "more", "electronic_lines", "method_lines", (METHOD,)),
    Measure("distance_km", "Distance, km", "number", "less", "distance_km", "measured_shipments", (DISTANCE,)),
    Measure("drops_per_customer", "Drops per customer", "decimal", None, "shipments", "customers"),
    Measure("drops_per_100_km", "Drops per 100 km", "decimal", "more", needs=(DISTANCE,)),
    Measure("lines_per_product", "Lines per product", "number", "more"),
    Measure("tail_products", "Products in the tail", "number", "less"),
    Measure("tail_line_share", "Lines in the tail", "percent", "less"),
    Measure("tail_margin", "Margin of the tail", "money", "more"),
    Measure("tail_cost", "Cost of the tail", "money", "less"),
    Measure("carried_loss", "Loss that other families pay for", "money", "less"),
    # demand
    Measure("demand_interval", "Interval (ADI)", "decimal", "less"),
    Measure("variation", "Variation", "decimal", "less"),
    Measure("squared_variation", "Squared variation of demands", "decimal", "less"),
    Measure("trend_strength", "Strength of trend", "decimal"),
    Measure("season_strength", "Strength of season", "decimal"),
    Measure("yearly_change", "Change a year", "percent", "more"),
    # service
    Measure("lead_time_days", "Lead time", "days", "less", "lead_days", "lead_lines", (DELIVERY,)),
    Measure("cycle_time_days", "Cycle time of orders", "days", "less", "cycle_days", "arrived_orders", (DELIVERY,)),
    Measure("lead_time_spread", "Spread", "days", "less", needs=(DELIVERY,)),
    Measure("promised_days", "Promised", "days", "less", "promised_days", "promised_known", (PROMISE,)),
    Measure("on_time", "On time", "percent", "more", "on_time_lines", "promised_lines", TIMED),
    Measure("in_full", "In full", "percent", "more", "full_lines", "counted_lines", (COUNT,)),
    Measure("fill_rate", "Fill rate in units", "percent", "more", "filled_quantity", "counted_quantity", (COUNT,)),
    Measure("on_time_orders", "Orders on time", "percent", "more", "on_time_orders", "timed_orders", TIMED),
    Measure("in_full_orders", "Orders in full", "percent", "more", "full_orders", "counted_orders", (COUNT,)),
    Measure("perfect_lines", "Perfect lines", "percent", "more", "perfect_lines", "judged_lines", JUDGED),
    Measure("perfect_orders", "Perfect orders", "percent", "more", "perfect_orders", "judged_orders", JUDGED),
    Measure("kept_orders", "Orders without a return", "percent", "more", "kept_orders", "sold_orders"),
    Measure(
        "perfect_order_index",
        "Perfect orders, product of the rates",
        "percent",
        "more",
        needs=JUDGED,
        factors=("on_time_orders", "in_full_orders", "kept_orders"),
    ),
    # strategy's elements, and what a plan changes
    Measure("service_level", "Service level", "percent", "more", "on_time_lines", "promised_lines", TIMED),
    Measure("responsiveness", "Responsiveness", "percent", "more"),
    Measure("speed_days", "Lead time", "days", "less", "lead_days", "lead_lines", (DELIVERY,)),
    Measure("speed_p95_days", "Lead time of 95% of lines", "days", "less", needs=(DELIVERY,)),
    Measure("visibility", "Visibility", "percent", "more", "followed_lines", "followable_lines"),
    Measure("customers_reached", "Customers reached", "number", "more"),
    Measure("cash", "Cash", "money", "more"),
    Measure("investment", "Investment", "money", "less"),
    Measure("gain", "Gain", "money", "more"),
    Measure("cash_gain", "Gain in cash", "money", "more"),
    Measure("overspent", "Overspent", "money", "less"),
    Measure("at_risk", "At risk", "money", "less"),
    Measure("expected_saving", "Expected gain", "money", "more"),
    Measure("expected_cash", "Expected in cash", "money", "more"),
    Measure("realised_saving", "Realised saving", "money", "more"),
)
_BY_NAME = {each.name: each for each in MEASURES}
WORDS = {each.name: each.words for each in MEASURES}
SERVICE = ("lead_time_days", "on_time", "in_full")
KPIS = (
    "net_sales",
    "gross_margin",
    "cost_to_serve",
    "profit",
    "cost_to_serve_share",
    "cost_per_order",
    "cost_per_line",
    "cost_per_drop",
    "cost_per_kg",
    "unused_capacity",
    "overdriven_capacity",
    "profit_margin",
    "unprofitable_share",
    "lost_on_customers",
    "peak_to_end",
    "orders",
    "order_value",
    "lines_per_order",
    "on_time",
    "in_full",
    "fill_rate",
    "perfect_orders",
    "perfect_order_index",
    "lead_time_days",
    "cycle_time_days",
    "rush_share",
    "return_share",
    "payment_days",
    "days_of_stock",
    "cash_to_cash_days",
)
"""The indicators that are governed and may have a target, in the order of their table."""
_OF_A_COUNT = frozenset(
    [
        "unprofitable_share",
        "on_time",
        "in_full",
        "fill_rate",
        "perfect_orders",
        "perfect_order_index",
        "rush_share",
        "return_share",
    ]
)
_NOT_NEGATIVE = frozenset(["unused_capacity", "overdriven_capacity", "lost_on_customers", "orders", "lines_per_order"])


def ends(name: str) -> tuple[float, float]:
    """Return the least and the most that an indicator can be, whatever happens.

    >>> ends("on_time"), ends("lost_on_customers"), ends("profit"), ends("peak_to_end")
    ((0.0, 1.0), (0.0, inf), (-inf, inf), (1.0, inf))
    """
    if name == "peak_to_end":  # the curve ends below its peak, or at it
        return 1.0, float("inf")
    least = 0.0 if name in _OF_A_COUNT | _NOT_NEGATIVE else float("-inf")
    return least, 1.0 if name in _OF_A_COUNT else float("inf")


def of(name: str) -> Measure:
    """Return the measure of that name.

    >>> of("on_time").part, of("on_time").whole, of("on_time").better
    ('on_time_lines', 'promised_lines', 'more')
    """
    return _BY_NAME[name]


def kind_of(name: str) -> Kind:
    """Return the kind of a measure; any other number, such as a column of the user's, is a decimal.

    >>> kind_of("order_value"), kind_of("floor_area")
    ('money', 'decimal')
    """
    return _BY_NAME[name].kind if name in _BY_NAME else "decimal"


def has_formula(name: str) -> bool:
    """Tell whether this is a measure that is made of sums, of one customer as of many.

    >>> has_formula("order_value"), has_formula("orders_per_month"), has_formula("floor_area")
    (True, False, False)
    """
    return name in _BY_NAME and not _BY_NAME[name].is_sum


def change_as_written(before: float, now: float, kind: str) -> float:
    """Return the change between two figures as pages write them, so that it agrees with what stands beside it.

    Days that are written alike differ by what they do.

    >>> [round(change_as_written(before, now, "percent"), 4) for before, now in ((0.94082, 0.93833), (0.5, 0.5001))]
    [-0.003, 0.0]
    """
    digits = {"percent": 3, "days": 1}.get(kind)
    if digits is None:
        return now - before
    written = round(now, digits) - round(before, digits)
    return written or (now - before if kind == "days" else 0.0)


def kinds(*names: str) -> dict[str, str]:
    """Return the kind of each measure, as a table for reading asks for it.

    >>> kinds("orders", "on_time")
    {'orders': 'number', 'on_time': 'percent'}
    """
    return {name: of(name).kind for name in names}


def sign(name: str) -> int:
    """Return 1 where more of a measure is better, −1 where less is, 0 where neither.

    >>> sign("profit"), sign("lead_time_days"), sign("shipments")
    (1, -1, 0)
    """
    return {"more": 1, "less": -1, None: 0}[of(name).better]


def ratio(sums: pd.DataFrame, name: str) -> pd.Series:
    """Return a measure of summed rows: its part over its whole, null where the whole is not above 0.

    Of a product the factors that are not known are left out, as long as two are.

    >>> ratio(pd.DataFrame({"net_sales": [90.0, -5.0, 0.0], "orders": [3, 1, 0]}), "order_value").tolist()
    [30.0, -5.0, nan]
    """
    measure = of(name)
    if measure.factors:
        return pd.Series(ratios(sums, measure.factors).prod(axis=1, min_count=2))
    if measure.part is None or measure.whole is None:
        return sums[name]
    part, whole = (sums[column].to_numpy("float64") for column in (measure.part, measure.whole))
    return pd.Series(np.divide(part, whole, out=np.full(len(sums), np.nan), where=whole > 0), sums.index)


def ratios(sums: pd.DataFrame, names: Sequence[str]) -> pd.DataFrame:
    """Return measures of summed rows, a column each."""
    return pd.DataFrame({name: ratio(sums, name) for name in names}, index=sums.index)


def is_known(name: str, filled: Collection[str]) -> bool:
    """Tell whether the columns (``table.column``) that have a value somewhere meet all that a measure needs.

    >>> is_known("on_time", {"order_lines.promised_date", "order_lines.shipped_date"}), is_known("rush_share", set())
    (True, False)
    """
    return all(any(column in filled for column in need) for need in of(name).needs)


def unknown(filled: Collection[str]) -> list[Measure]:
    """Return the measures whose needs the filled columns do not meet."""
    return [each for each in MEASURES if not is_known(each.name, filled)]


def needed(table: str) -> list[str]:
    """Return the columns of an input table that some measure needs.

    >>> needed("order_lines")[:3]
    ['delivered_date', 'delivered_quantity', 'distance_km']
    """
    columns = {column.partition(".")[::2] for each in MEASURES for need in each.needs for column in need}
    return sorted(column for of_table, column in columns if of_table == table)
