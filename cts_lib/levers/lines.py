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


def summed(value: str) -> str:
    """Return the sum of a value, as of decimals: the same to the bit in any order of rows."""
    return f"CAST(SUM(CAST({value} AS DECIMAL(38, 12))) AS DOUBLE)"


def with_facts(over: str, facts: Mapping[str, str], where: str) -> str:
    """Return the query that adds facts of its order or shipment to each line, of those lines that meet a condition.

    They are grouped and joined, null where no line meets it; windows would sort whole lines.
    """
    named = ", ".join(f"facts.{name}" for name in facts)
    return f"SELECT line.*, {named} FROM lines AS line {_joined(over, facts, f'WHERE {where}', 'facts')}"


def _joined(over: str, facts: Mapping[str, str], where: str, name: str, having: str = "") -> str:
    listed = ", ".join(f"{fact} AS {column}" for column, fact in facts.items())
    grouped = f"SELECT {over}, {listed} FROM lines {where} GROUP BY {over} {having}"
    return f"LEFT JOIN ({grouped}) AS {name} ON {same(over, 'line', name)}"


def with_fees(fees: Mapping[str, str], paying: str = "") -> str:
    """Return the query that adds fees to net and gross sales of sold lines: by net sales, else evenly by line.

    ``fees`` has, by the columns that identify an order or shipment, the column of what it pays: the same on each line,
    null for none. Only those pay of which a line meets the condition ``paying``.
    """
    sums, having = {"_value": summed(_VALUE), "_sold": f"SUM({_SOLD})"}, f"HAVING {any_line(paying)}" if paying else ""
    joins, paid = list[str](), list[str]()
    for at, (over, fee) in enumerate(fees.items()):
        part = f"CASE WHEN fee_{at}._value > 0 THEN ({_VALUE}) / fee_{at}._value ELSE ({_SOLD}) / fee_{at}._sold END"
        joins.append(_joined(over, sums, f"WHERE {fee} > 0", f"fee_{at}", having))
        paid.append(f"COALESCE({fee} * {part}, 0)")
    dearer = ", ".join(
        f"CASE WHEN quantity > 0 THEN {name} + {' + '.join(paid)} ELSE {name} END AS {name}"
        for name in ("net_sales", "gross_sales")
    )
    return f"SELECT line.* REPLACE ({dearer}) FROM lines AS line {' '.join(joins)}"


def worth_of_order(lever: Place) -> str:
    """Return the query that adds ``<at>_worth``: the net sales of a line's order, to hold against a limit."""
    return with_facts(ORDER, {lever["worth"]: f"ROUND({summed('net_sales')}, 9)"}, f"{lever.at} = 1")


def any_line(condition: str) -> str:
    """Return the condition that a line of a group meets one."""
    return f"MAX(CASE WHEN {condition} THEN 1 ELSE 0 END) = 1"


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
          HAVING {any_line(f"{place['applies']} = 1")}
        ) AS applied
      ) AS placed ON {same(ORDER, "line", "placed")}
    """
