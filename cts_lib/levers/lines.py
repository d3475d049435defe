"""SQL that several kinds of levers share: changing lines, fees, and which orders a share of them takes."""

from __future__ import annotations

from collections.abc import Mapping

from cts_lib.levers.kind import Place

_RUN = "scenario, replication"
HALF = 0.5 + 1e-9
"""Added before rounding down: halves go up, also those that a double holds a little less of."""
ORDER = f"{_RUN}, customer_id, channel, order_id"
SHIPMENT = f"{_RUN}, customer_id, channel, shipment_id"
_VALUE = "CASE WHEN quantity > 0 THEN GREATEST(net_sales, 0) ELSE 0 END"
_SOLD = "CASE WHEN quantity > 0 THEN CAST(1 AS DOUBLE) ELSE CAST(0 AS DOUBLE) END"


def changed(condition: str, changes: Mapping[str, str], more: str = "") -> str:
    """Return the query that changes columns of the lines that meet a condition; ``more`` adds columns."""
    listed = ", ".join(
        f"CASE WHEN {condition} THEN {value} ELSE {column} END AS {column}" for column, value in changes.items()
    )
    return f"SELECT * REPLACE ({listed}){more} FROM lines"


def summed(value: str, over: str) -> str:
    """Return the sum of a value over an order or shipment, as of decimals: the same to the bit in any order of rows."""
    return f"CAST(SUM(CAST({value} AS DECIMAL(38, 12))) OVER (PARTITION BY {over}) AS DOUBLE)"


def spread(amount: str, over: str) -> str:
    """Return a line's part of an amount of its order or shipment: by net sales of sold lines, else evenly by them.

    ``over`` are the columns that identify the order or shipment; ``amount`` is the same on each of its lines.
    """
    total, sold = summed(_VALUE, over), f"SUM({_SOLD}) OVER (PARTITION BY {over})"
    part = f"CASE WHEN {total} > 0 THEN ({_VALUE}) / {total} ELSE ({_SOLD}) / {sold} END"
    return f"CASE WHEN quantity > 0 THEN ({amount}) * {part} ELSE 0 END"


def with_fees(fees: Mapping[str, str]) -> str:
    """Return the query that adds fees to net and gross sales of sold lines.

    ``fees`` has, by the columns that identify an order or shipment, what it pays: the same on each line, null for none.
    """
    paid = " + ".join(spread(f"COALESCE({fee}, 0)", over) for over, fee in fees.items())
    return changed("quantity > 0", {name: f"{name} + {paid}" for name in ("net_sales", "gross_sales")})


def worth_of_order() -> str:
    """Return the net sales of a line's order, as far as doubles can be held against a limit."""
    return f"ROUND({summed('net_sales', ORDER)}, 9)"


def any_line(condition: str, over: str) -> str:
    """Return the condition that a line of the same order or shipment meets one."""
    return f"MAX(CASE WHEN {condition} THEN 1 ELSE 0 END) OVER (PARTITION BY {over}) = 1"


def same(keys: str, one: str, other: str) -> str:
    """Return the condition that two relations agree in their keys.

    >>> same("customer_id, channel", "line", "placed")
    'line.customer_id = placed.customer_id AND line.channel = placed.channel'
    """
    return " AND ".join(f"{one}.{key} = {other}.{key}" for key in keys.split(", "))


def sampled_orders(place: Place, share: str) -> str:
    """Return the query that marks a share of the orders to which a lever applies.

    Of a cell's orders those with the lowest hash of lever and order, the nearest whole number (halves up); a bundle has
    the id of its first line's order of today. All lines of such an order have ``<at>_taken`` 1.
    """
    cell = f"{_RUN}, _segment, channel"
    return f"""
      SELECT line.*, CASE WHEN placed.rank <= FLOOR(COALESCE(line.{share}, 1) * placed.size + {HALF})
        THEN 1 ELSE 0 END AS {place["taken"]}
      FROM lines AS line
      LEFT JOIN (
        SELECT {ORDER}, COUNT(*) OVER (PARTITION BY {cell}) AS size,
          ROW_NUMBER() OVER (PARTITION BY {cell} ORDER BY MD5(:lever || id), customer_id, order_id) AS rank
        FROM (
          SELECT {ORDER}, _segment, ARG_MIN_NULL(_order, (order_date, _order, _line_order, line_no)) AS id
          FROM lines
          GROUP BY {ORDER}, _segment
          HAVING MAX(CASE WHEN {place["applies"]} = 1 THEN 1 ELSE 0 END) = 1
        ) AS applied
      ) AS placed ON {same(ORDER, "line", "placed")}
    """
