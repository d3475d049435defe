"""What the accepted rows give reason to doubt, said beside the figures and on the terminal."""

from __future__ import annotations

from cts_lib.engine import fetch_frame, fetch_row
from cts_lib.engine.base import Engine, fetch_rows
from cts_lib.intake.repeated import FREIGHT
from cts_lib.intake.source import Source
from cts_lib.notes import Note, amount, counted
from cts_lib.params import UnitParams
from cts_lib.tables.contract import Reason
from cts_lib.tables.inputs import ORDER_LINES

_DELIVERY = ["shipped_date", "delivered_date", "delivered_quantity", "shipment_id"]
_LINE = ["customer_id", "product_id", "order_date"]
_FEW_ORDERS = 500
_FEW_NAMES = 3
_SHIPMENTS = (
    "SELECT COUNT(*) AS shipments, COUNT(CASE WHEN least = most AND most <> 0 AND filled = lines THEN 1 END) AS alike, "
    "SUM(total) AS now, SUM(most) AS once FROM (SELECT COUNT(*) AS lines, COUNT(freight_cost) AS filled, "
    "MIN(freight_cost) AS least, MAX(freight_cost) AS most, SUM(freight_cost) AS total FROM lines{among} "
    "GROUP BY customer_id, channel, shipment_id HAVING COUNT(*) > 1) AS shipments"
)


def doubts_of(engine: Engine, source: Source, unit: UnitParams) -> list[Note]:
    """Return what a unit's rows of the period give reason to doubt."""
    return [
        *_zones(source),
        *_parts_of_lines(engine, source),
        *_repeated_freight(engine, source, unit.params.source.repeated),
        *_lanes_to_nobody(engine),
        *_products_of_no_node(engine),
    ]


def _zones(source: Source) -> list[Note]:
    if source.time_zone:
        return [Note("Time stamps with a zone are read as days in {zone}.", {"zone": source.time_zone}, assumed=True)]
    zones = sorted({zone for columns in source.zones.values() for zone in columns.values()})
    if not zones:
        return []
    return [
        Note(
            "Time stamps are read as days in the zone that they were written in: {zone}.",
            {"zone": ", ".join(zones)},
            assumed=True,
        )
    ]


def _parts_of_lines(engine: Engine, source: Source) -> list[Note]:
    """Rows of one key, customer, product and day whose deliveries differ: a line that came in parts."""
    repeated = f"SELECT 1 AS one FROM rejected_{ORDER_LINES.name} WHERE _fault LIKE '%{Reason.REPEATED_KEY.value}%'"
    if not fetch_rows(engine, f"{repeated} LIMIT 1"):
        return []
    rows = fetch_frame(engine, f"SELECT {', '.join([*ORDER_LINES.key, *_LINE, *_DELIVERY])} FROM placed_order_lines")
    different = rows.groupby(list(ORDER_LINES.key), dropna=False).nunique(dropna=False) > 1
    in_parts = int((different[_DELIVERY].any(axis="columns") & ~different[_LINE].any(axis="columns")).sum())
    if not in_parts:
        return []
    return [
        counted(
            "{count} line came in parts that stand as rows of one key: only the first counts. Write one row a line "
            "with all its money, and the parts into table deliveries.",
            "{count} lines came in parts that stand as rows of one key: only the first of each counts. Write one row a "
            "line with all its money, and the parts into table deliveries.",
            {"count": in_parts},
            doubt=True,
        )
    ]


def _repeated_freight(engine: Engine, source: Source, repeated: tuple[str, ...]) -> list[Note]:
    """Freight that each line of a shipment carries alike; a few orders are asked first, for most data it ends there."""
    if FREIGHT in repeated or FREIGHT not in source.columns.get(ORDER_LINES.name, {}):
        return []
    few = f" WHERE order_id IN (SELECT order_id FROM (SELECT order_id FROM lines LIMIT {_FEW_ORDERS}) AS few)"
    for among in (few, ""):
        seen = fetch_row(engine, _SHIPMENTS.format(among=among))
        if not seen["alike"] or seen["alike"] < seen["shipments"]:
            return []
    values = {name: amount(seen[name], "money") for name in ("now", "once")} | {"count": int(seen["shipments"])}
    return [
        counted(
            "The one shipment of several lines carries one freight_cost on all of them, {now} in all. If that is the "
            "whole shipment's, set source.repeated: [freight_cost], and {once} count.",
            "Each of the {count} shipments of several lines carries one freight_cost on all of them, {now} in all. If "
            "that is the whole shipment's, set source.repeated: [freight_cost], and {once} count.",
            values,
            doubt=True,
        )
    ]


def _lanes_to_nobody(engine: Engine) -> list[Note]:
    """Lanes whose destination is no customer's: no lever can send anything on them."""
    rows = fetch_rows(
        engine,
        "SELECT lane.destination, COUNT(*) AS lanes FROM lanes AS lane WHERE NOT EXISTS (SELECT 1 FROM customers AS "
        "customer WHERE lane.destination IN (customer.customer_id, customer.city, customer.region, customer.country)) "
        "GROUP BY lane.destination ORDER BY lanes DESC, lane.destination",
    )
    if not rows:
        return []
    return [
        counted(
            "{count} lane of table lanes fits no shipment: its destination ({names}) is no customer_id, city, region "
            "or country of table customers.",
            "{count} lanes of table lanes fit no shipment: their destinations ({names}) are no customer_id, city, "
            "region or country of table customers.",
            {"count": sum(int(row["lanes"]) for row in rows), "names": _first([row["destination"] for row in rows])},
            doubt=True,
        )
    ]


def _products_of_no_node(engine: Engine) -> list[Note]:
    """Products sold that no warehouse of ``nodes`` may ship: no lever can move their shipments to another."""
    rows = fetch_rows(
        engine,
        "SELECT product_id, COUNT(*) AS sold FROM lines WHERE quantity > 0 AND EXISTS (SELECT 1 FROM nodes) AND NOT "
        "EXISTS (SELECT 1 FROM nodes AS node WHERE node.product_id IS NULL OR node.product_id = lines.product_id) "
        "GROUP BY product_id ORDER BY sold DESC, product_id",
    )
    if not rows:
        return []
    values = {
        "count": len(rows),
        "names": _first([row["product_id"] for row in rows]),
        "lines": f"{sum(int(row['sold']) for row in rows):,}",
    }
    return [
        counted(
            "{count} product ({names}; {lines} sold lines) may leave no warehouse of table nodes, so no shipment with "
            "it can move to another. Give it a row there, or a warehouse one without a product, which is for "
            "everything.",
            "{count} products ({names}; {lines} sold lines) may leave no warehouse of table nodes, so no shipment with "
            "one can move to another. Give them rows there, or a warehouse one without a product, which is for "
            "everything.",
            values,
            doubt=True,
        )
    ]


def _first(names: list[str]) -> str:
    return ", ".join(names[:_FEW_NAMES]) + (" …" if len(names) > _FEW_NAMES else "")
