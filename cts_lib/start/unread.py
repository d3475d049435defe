"""Says which money is not read, and how much: files beside the lines, and columns of what lowers sales."""

from __future__ import annotations

import re

from cts_lib.engine import fetch_value, quoted
from cts_lib.engine.base import Engine
from cts_lib.intake.assumed import Assumed
from cts_lib.intake.notation import number_sql, with_sign
from cts_lib.start.guess import BESIDE_LINES, picks_of
from cts_lib.start.headings import GIVEN_BACK, LET_OFF, is_percent, words_of
from cts_lib.start.plan import File, Picks, Plan
from cts_lib.start.price import Price
from cts_lib.start.reading import Reading
from cts_lib.tables.inputs import CUSTOMERS, ORDER_LINES, PRODUCTS

_OF_WHOM = {"order_id", "customer_id", "customers.name", "product_id", "products.name"}

_NUMBERS = 0.9
"""Share of a column's cells that are numbers, from which on it holds money."""
_PLACE = re.compile(r"(?<=[a-z]\()'(?:[^']|'')+'")
"""How SQL names the file that it reads."""


def unread_of(engine: Engine, plan: Plan, edited: str) -> list[str]:
    """Return the sentences of all money that is not read, which the plan then doubts.

    ``edited`` is the mapping of order lines as it stands there: what people wrote into it is read.
    """
    files, columns = _money_of_files(engine, plan, edited), _not_taken_off(engine, plan, edited)
    if files:
        plan.doubts.append((1.45, f"{'; '.join(files)}: is any of it part of net sales?"))
    plan.doubts += [(1.5, f"{told}: does it lower them?") for told in columns]
    return [*files, *columns]


def _money_of_files(engine: Engine, plan: Plan, edited: str) -> list[str]:
    """Return a sentence for each unused file that has an amount of sales beside an order, a customer or a product."""
    told = []
    for file in plan.unused:
        place = _PLACE.search(file.seen.sql)
        if place and place.group() in edited:
            continue
        picks = picks_of(file, [ORDER_LINES, CUSTOMERS, PRODUCTS], BESIDE_LINES)
        pick = picks.get("net_sales") or picks.get("gross_sales")
        if pick and _OF_WHOM & picks.keys():
            total = _total(engine, file, pick.heading)
            said = Assumed.NOT_READ.said(file=file.seen.names, column=repr(pick.heading), money=f"{total:,.2f}")
            told.append(said)
        elif {"quantity", "unit_price"} <= picks.keys() and _OF_WHOM & picks.keys():
            column, total = _by_price(engine, file, picks)
            told.append(Assumed.NOT_READ.said(file=file.seen.names, column=column, money=f"{total:,.2f}"))
    return told


def _not_taken_off(engine: Engine, plan: Plan, edited: str) -> list[str]:
    """Return a sentence for each unused column of lines and their heads that lowers sales, as its heading says.

    A discount is told where net sales are made of a price, or are no other than quantity and price make; what was given
    back always.
    """
    picks, told = plan.line_picks, list[str]()
    is_full = _is_full(engine, plan)
    taken = {(pick.seen, pick.heading) for pick in picks.values()}
    is_made = is_full or ("net_sales" not in picks and not plan.order_sales)
    for file in plan.of_lines.values():
        for heading, facts in file.facts.items():
            words = words_of(heading)
            lowers = words & GIVEN_BACK or (is_made and words & LET_OFF)
            is_read = (file.seen.name, heading) in taken or quoted(heading) in edited or is_percent(heading)
            if lowers and not is_read and facts.most_numbers >= _NUMBERS:
                total = _total(engine, file, heading)
                said = {"column": repr(heading), "file": file.seen.names, "money": f"{total:,.2f}"}
                told += [Assumed.NOT_TAKEN_OFF.said(**said)] if total else []
    if is_full and (shares := _shares(engine, plan, edited)):
        column, price = repr(picks["net_sales"].heading), repr(picks["unit_price"].heading)
        told.append(Assumed.BEFORE_DISCOUNT.said(column=column, value=price, discounts=", ".join(shares)))
    return told


def _is_full(engine: Engine, plan: Plan) -> bool:
    """Say whether the lines' net sales are quantity × price, and so before what stands beside as a discount."""
    picks, reading = plan.line_picks, Reading.of(engine, plan)
    if not {"net_sales", "quantity", "unit_price"} <= picks.keys():
        return False
    return Price(reading).are_net_sales(reading.by_quantity(picks["unit_price"]))


def _shares(engine: Engine, plan: Plan, edited: str) -> list[str]:
    """Return the columns of discounts that are shares, and not nothing on all lines."""
    prices = Price(Reading.of(engine, plan))
    lefts = {one.heading: prices.left(one) for one in prices.discounts() if quoted(one.heading) not in edited}
    least = {
        heading: fetch_value(engine, f"SELECT MIN({left}) AS least FROM {plan.rows}")
        for heading, left in lefts.items()
        if left
    }
    return [repr(heading) for heading, share in least.items() if share is not None and share < 1]


def _by_price(engine: Engine, file: File, picks: Picks) -> tuple[str, float]:
    """Return what a file's sales are made of, and their sum."""
    plan = Plan(file, picks={"order_lines": picks})
    reading, price, quantity = Reading.of(engine, plan), picks["unit_price"], picks["quantity"]
    if Price(reading).is_of_line(price, quantity):
        return repr(price.heading), _total(engine, file, price.heading)
    made = f"SELECT COALESCE(SUM({reading.by_quantity(price)}), 0) AS total FROM {file.seen.kept}"
    total = fetch_value(engine, made)
    return f"{quantity.heading!r} × {price.heading!r}", float(total)


def _total(engine: Engine, file: File, heading: str) -> float:
    facts, place = file.facts[heading], quoted(heading)
    if not facts.is_number:
        formats = max(facts.numbers, key=lambda one: (facts.numbers[one], one == file.numbers))
        place = number_sql(f"CAST({place} AS VARCHAR)", with_sign(formats, facts.sign))
    return float(fetch_value(engine, f"SELECT COALESCE(SUM({place}), 0) AS total FROM {file.seen.name}"))
