"""Reads masters that lines name otherwise: customers with a row for each address or site, products by their values."""

from __future__ import annotations

from cts_lib.engine import fetch_row, quoted
from cts_lib.engine.base import Engine
from cts_lib.intake.assumed import Assumed
from cts_lib.start.guess import HELD, held_by, picks_of, take_keyed
from cts_lib.start.headings import likeness, names_table, subject, words_of
from cts_lib.start.plan import File, Pick, Plan
from cts_lib.tables.column import DATE, NUMBER
from cts_lib.tables.inputs import CUSTOMERS, ORDER_LINES, PRODUCTS

_FEWEST = 10
"""Different values below which a column names no customers."""
_NEARLY_ALL = 0.9
"""Share of the values of a column that are customers of a table, from which on it names them."""
_SLIPS = 0.01
"""Share of the customers whose rows may differ in a column that is read all the same."""


def with_customers(engine: Engine, plan: Plan) -> None:
    """Take a file that is called one of customers for their table, where none has a row for each that lines name."""
    for file in plan.unused if CUSTOMERS.name not in plan.files else ():
        if names_table(file.seen.names, CUSTOMERS.name) and not tells_of_sales(file):
            took = _with_addresses if "customer_id" in plan.line_picks else _by_values
            if took(engine, plan, file):
                plan.unused.remove(file)
                return


def with_products(engine: Engine, plan: Plan) -> None:
    """Take for the product what lines call otherwise, where a file with costs or families has a row for each."""
    own, lines = plan.line_picks, plan.lines
    taken = {pick.heading for name, pick in own.items() if name not in ("product_id", "products.name")}
    for file in plan.unused if PRODUCTS.name not in plan.files else ():
        if tells_of_sales(file, "product_id") or not {"unit_cost", "family"} & picks_of(file, [PRODUCTS]).keys():
            continue
        for key in file.seen.columns:
            if not file.is_key(key) or not (file.is_bare_id(key) or file.likeness(key, PRODUCTS.name, "product_id")):
                continue
            for heading, facts in lines.facts.items():
                pick = Pick(lines.seen.name, heading, 0.75)
                is_free = heading not in taken and facts.distinct >= _FEWEST
                if is_free and held_by(engine, pick, file, key) >= _NEARLY_ALL:
                    own["product_id"] = pick
                    take_keyed(plan, PRODUCTS, file, key)
                    told = Assumed.PRODUCTS_ARE.said(
                        column=repr(heading), file=lines.seen.names, others=file.seen.names
                    )
                    plan.assume(told, 1.2)
                    plan.unused.remove(file)
                    return


def tells_of_sales(file: File, key: str = "") -> bool:
    """Say whether a file called one of a master holds what was bought, as prices, invoices or fees beside ``key``."""
    picks = picks_of(file, [ORDER_LINES]).keys() - {key}
    return bool({"order_id", "product_id", "quantity"} & picks) or {"order_date", "net_sales"} <= picks


def _with_addresses(engine: Engine, plan: Plan, file: File) -> bool:
    """Take a file with several rows a customer, without the columns in which these differ."""
    pick = plan.line_picks["customer_id"]
    for heading in file.seen.columns:
        is_one = file.likeness(heading, CUSTOMERS.name, "customer_id") or file.is_bare_id(heading)
        filled = file.facts[heading].filled >= 0.99 * file.facts[heading].rows
        if is_one and filled and held_by(engine, pick, file, heading) >= HELD:
            take_keyed(plan, CUSTOMERS, file, heading)
            _leave_out_what_differs(engine, plan, file, heading)
            return True
    return False


def _leave_out_what_differs(engine: Engine, plan: Plan, file: File, key: str) -> None:
    picks = plan.picks[CUSTOMERS.name]
    others = {name: pick.heading for name, pick in picks.items() if pick.heading != key}
    if not others:
        return
    different = ", ".join(
        f"COUNT(DISTINCT COALESCE(CAST({quoted(heading)} AS VARCHAR), '')) AS c{place}"
        for place, heading in enumerate(others.values())
    )
    counted = ", ".join(f"COUNT(CASE WHEN c{place} > 1 THEN 1 END) AS c{place}" for place in range(len(others)))
    rows = f"SELECT {different} FROM {file.seen.name} GROUP BY {quoted(key)}"
    answer = fetch_row(engine, f"SELECT COUNT(*) AS n, {counted} FROM ({rows})")
    differing = [name for place, name in enumerate(others) if answer[f"c{place}"] > _SLIPS * answer["n"]]
    for name in differing:
        del picks[name]
    if differing:
        named = ", ".join(repr(others[name]) for name in differing)
        told = Assumed.ROWS_DIFFER.said(columns=named, file=file.seen.names, column=repr(key))
        plan.assume(told, 0.8)


def _by_values(engine: Engine, plan: Plan, file: File) -> bool:
    """Take a file whose key lines name by a heading that is none of a customer's, as a site's."""
    own = plan.line_picks
    amounts = {
        (pick.seen, pick.heading)
        for name, pick in own.items()
        if (column := ORDER_LINES.column(name)) and column.kind in (NUMBER, DATE)
    }
    for of_lines in plan.of_lines.values():
        for heading, facts in of_lines.facts.items():
            pick = Pick(of_lines.seen.name, heading, 0.75)
            if facts.distinct < _FEWEST or (pick.seen, heading) in amounts:
                continue
            for key in file.seen.columns:
                is_one = file.is_key(key) and subject(key) & subject(heading)
                if is_one and held_by(engine, pick, file, key) >= _NEARLY_ALL:
                    for name in [name for name, one in own.items() if (one.seen, one.heading) == (pick.seen, heading)]:
                        del own[name]
                    own["customer_id"] = pick
                    take_keyed(plan, CUSTOMERS, file, key)
                    _name_by_the_key(plan, file, key)
                    whose, others = of_lines.seen.names, file.seen.names
                    told = Assumed.SITES_ARE_CUSTOMERS.said(column=repr(heading), file=whose, others=others)
                    plan.assume(told, 1.3)
                    return True
    return False


def _name_by_the_key(plan: Plan, file: File, key: str) -> None:
    """Take for the name what says itself the name of what the key is of: of a site's, not of its head office."""
    for heading in file.seen.columns:
        rest = words_of(heading) - subject(key)
        if subject(key) <= subject(heading) and likeness(" ".join(rest), CUSTOMERS.name, "name"):
            plan.picks[CUSTOMERS.name]["name"] = Pick(file.seen.name, heading, 0.75)
            return
