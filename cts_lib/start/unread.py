"""Says which files that are not read hold money of customers, orders or products, and how much."""

from __future__ import annotations

import re

from cts_lib.engine import fetch_rows, quoted
from cts_lib.engine.base import Engine
from cts_lib.intake.assumed import Assumed
from cts_lib.intake.notation import number_sql, with_sign
from cts_lib.start.guess import picks_of
from cts_lib.start.plan import File, Plan
from cts_lib.tables.inputs import CUSTOMERS, ORDER_LINES, PRODUCTS

_OF_WHOM = {"order_id", "customer_id", "customers.name", "product_id", "products.name"}

_PLACE = re.compile(r"'(?:[^']|'')+'")
"""How SQL names the file that it reads."""


def unread_money(engine: Engine, plan: Plan, edited: str) -> list[str]:
    """Return a sentence for each unused file that has an amount of sales beside an order, a customer or a product.

    ``edited`` is the mapping of order lines as it stands there: a file that people wrote into it is read.
    """
    told = []
    for file in plan.unused:
        place = _PLACE.search(file.seen.sql)
        if place and place.group() in edited:
            continue
        picks = picks_of(file, [ORDER_LINES, CUSTOMERS, PRODUCTS])
        pick = picks.get("net_sales") or picks.get("gross_sales")
        if pick and _OF_WHOM & picks.keys():
            total = _total(engine, file, pick.heading)
            said = Assumed.NOT_READ.said(file=file.seen.names, column=repr(pick.heading), money=f"{total:,.2f}")
            told.append(said)
    return told


def _total(engine: Engine, file: File, heading: str) -> float:
    facts, place = file.facts[heading], quoted(heading)
    if not facts.is_number:
        formats = max(facts.numbers, key=lambda one: (facts.numbers[one], one == file.numbers))
        place = number_sql(f"CAST({place} AS VARCHAR)", with_sign(formats, facts.sign))
    return float(fetch_rows(engine, f"SELECT COALESCE(SUM({place}), 0) AS total FROM {file.seen.name}")[0]["total"])
