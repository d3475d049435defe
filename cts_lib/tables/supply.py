"""The tables that say how goods can travel, where they lie, and how stock is replenished; none is bound to a period."""

from __future__ import annotations

from cts_lib.tables.column import NUMBER, TEXT, Column
from cts_lib.tables.contract import PRODUCT, UNIT, Contract

_GIVEN = "0 where another of the three is given"

NODES = Contract(
    "nodes",
    "Warehouses with what they ship and cost, for levers that move shipments between them and for scenarios. A row "
    "without a product is for everything; rows with one limit what the warehouse ships to these products. Of several "
    "rows of a warehouse the greatest capacity and fixed cost count.",
    (
        UNIT,
        Column("warehouse", TEXT, "The warehouse."),
        Column("product_id", TEXT, "The product, as in table products; empty: everything.", null=True),
        Column(
            "capacity_lines_per_day",
            NUMBER,
            "Lines that it can ship a day; empty: no limit.",
            "count",
            null=True,
            not_negative=True,
        ),
        Column("fixed_cost", NUMBER, "What it costs in the run's period.", "money", null=True, not_negative=True),
        Column("latitude", NUMBER, "Degrees north.", "degrees", null=True),
        Column("longitude", NUMBER, "Degrees east.", "degrees", null=True),
    ),
    key=("business_unit", "warehouse", "product_id"),
    references=("product_id",),
)
LANES = Contract(
    "lanes",
    "Ways that goods can go, with days and freight, for levers of ship mode and warehouse. Of the lanes that fit a "
    "shipment's customer, mode and weight the most specific destination counts (customer, city, region, country), then "
    "the cheapest, so that two lanes may be alike in all but the price. Freight is max(minimum_charge, "
    "rate_per_shipment + rate_per_kg × weight_kg).",
    (
        UNIT,
        Column("warehouse", TEXT, "Where the way begins; order_lines, inventory or nodes name it too."),
        Column("destination", TEXT, "Where it ends: a customer_id, city, region or country, as in table customers."),
        Column("ship_mode", TEXT, "How goods travel on it."),
        Column("days", NUMBER, "Days from leaving to arriving.", "days", not_negative=True),
        Column("days_sd", NUMBER, "Standard deviation of the days.", "days", null=True, not_negative=True),
        Column("distance_km", NUMBER, "Distance, one way.", "km", null=True, not_negative=True),
        Column("weight_from_kg", NUMBER, "Least weight of a shipment.", "kg", default="0", not_negative=True),
        Column("weight_to_kg", NUMBER, "Weight from which the lane no longer fits.", "kg", default="no limit"),
        Column("rate_per_kg", NUMBER, "Freight of a kilogram.", "money", default=_GIVEN, not_negative=True),
        Column("rate_per_shipment", NUMBER, "Freight of a shipment.", "money", default=_GIVEN, not_negative=True),
        Column("minimum_charge", NUMBER, "Least freight of a shipment.", "money", default=_GIVEN, not_negative=True),
    ),
    references=("warehouse",),
    ranges=(("weight_from_kg", "weight_to_kg"),),
)
REPLENISHMENT = Contract(
    "replenishment",
    "How the stock of a product in a warehouse is replenished, for levers of stock and for simulated days.",
    (
        UNIT,
        PRODUCT,
        Column("warehouse", TEXT, "Where the stock lies; order_lines, inventory or nodes name it too."),
        Column("lead_time_days", NUMBER, "Days from ordering to having it.", "days", not_negative=True),
        Column("lead_time_sd_days", NUMBER, "Standard deviation of these days.", "days", null=True, not_negative=True),
        Column("order_cost", NUMBER, "Cost of ordering once.", "money", null=True, not_negative=True),
        Column("holding_rate", NUMBER, "Share of unit cost that a year costs.", "share", null=True, not_negative=True),
        Column("review_days", NUMBER, "Days between reviews; 0: continuous.", "days", null=True, not_negative=True),
        Column("reorder_point", NUMBER, "Position at which today's policy orders.", "units", null=True),
        Column("order_up_to", NUMBER, "Position up to which it orders.", "units", null=True),
        Column("order_quantity", NUMBER, "Units that it orders.", "units", null=True, not_negative=True),
    ),
    key=("business_unit", "product_id", "warehouse"),
    references=("product_id", "warehouse"),
)
