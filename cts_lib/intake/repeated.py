"""Amounts that the source repeats on each line of a shipment or order: shared out evenly, so that each counts once."""

from __future__ import annotations

from cts_lib.engine import quoted
from cts_lib.engine.base import Engine, fetch_rows
from cts_lib.errors import DataError, ParamsError
from cts_lib.params import UnitParams

FREIGHT = "freight_cost"


def share_out(engine: Engine, unit: UnitParams) -> None:
    """Share the amounts of ``source.repeated`` out over the lines of ``kept_lines`` that carry them.

    Freight is a shipment's, any other column an order's. Lines that disagree about their amount are a DataError.
    """
    names = unit.params.source.repeated
    if not names:
        return
    types = engine.columns("kept_lines")
    for name in names:
        if not types[name].startswith("DOUBLE"):
            raise ParamsError(unit.where("source", "repeated"), f"{name} holds texts", "name columns of amounts")
        _check_one_amount(engine, name)
    shares = ", ".join(
        f"{quoted(name)} / COUNT({quoted(name)}) OVER (PARTITION BY {_group(name)}) AS {quoted(name)}" for name in names
    )
    engine.create("kept_lines", f"SELECT * REPLACE ({shares}) FROM kept_lines")


def _check_one_amount(engine: Engine, name: str) -> None:
    column, group, key = quoted(name), _group(name), _key(name)
    rows = fetch_rows(
        engine,
        f"SELECT {group}, MIN({column}) AS least, MAX({column}) AS most FROM kept_lines GROUP BY {group} "
        f"HAVING MIN({column}) <> MAX({column}) ORDER BY {group} LIMIT 1",
    )
    if rows:
        raise DataError(
            f"order_lines, {name}, {key} {rows[0][key]}",
            f"{rows[0]['least']:g} and {rows[0]['most']:g}, though source.repeated says that it repeats one amount",
            "let all its lines carry the same amount, or leave the column out of source.repeated",
        )


def _group(name: str) -> str:
    return f"customer_id, channel, {_key(name)}"


def _key(name: str) -> str:
    return "shipment_id" if name == FREIGHT else "order_id"
