"""Which currency the lines are in: that of a column, of the sign beside their money, or of a heading."""

from __future__ import annotations

from cts_lib.engine import fetch_rows, quoted
from cts_lib.engine.base import Engine
from cts_lib.intake.signs import code_of, currencies_of
from cts_lib.start.headings import CURRENCIES
from cts_lib.start.plan import Plan
from cts_lib.start.reading import sign_of_lines
from cts_lib.tables.inputs import EXCHANGE_RATES


def currency_of(engine: Engine, plan: Plan) -> str | None:
    """Return the currency that a column names, of several the commonest, or the sign beside money, or a heading."""
    pick = plan.line_picks.get("currency")
    if pick:
        named = fetch_rows(
            engine,
            f"SELECT {quoted(pick.heading)} AS name, COUNT(*) AS n FROM {pick.seen} "
            f"WHERE {quoted(pick.heading)} IS NOT NULL GROUP BY 1 ORDER BY n DESC, name LIMIT 9",
        )
        codes = {str(row["name"]): code_of(str(row["name"])) for row in named}
        first, *others = dict.fromkeys(code or "" for code in codes.values())
        facts = plan.facts_of(pick)
        if "" in (first, *others):
            del plan.line_picks["currency"]
            odd = next(name for name, code in codes.items() if not code)
            plan.doubts.append((1.6, f"{pick.heading!r} is not read, for {odd!r} is no currency of three letters"))
            return None
        if 2 * facts.filled < facts.rows:  # as systems leave their own currency empty
            plan.doubts.append((1.2, f"{pick.heading!r} is empty on most lines: these are in EUR, it is assumed"))
            return None
        if others:
            shown, rated = ", ".join(others), EXCHANGE_RATES.name in plan.files
            how = "the table of rates converts" if rated else "write table exchange_rates, which converts"
            plan.doubts.append(
                (1.2 + rated * -0.4, f"{first}, the commonest, is taken as the unit's currency; {how} {shown}")
            )
        return first
    if sign := sign_of_lines(plan):
        meant = currencies_of(sign)
        if len(meant) > 1:
            may_be = ", ".join(meant[1:4])
            plan.doubts.append((1.2, f"{sign} is taken for {meant[0]}, and may be {may_be} (unit.currency)"))
        return meant[0]
    words = {word for heading in plan.lines.seen.columns for word in heading.lower().replace("(", " ").split()}
    found = {word.strip(")") for word in words} & CURRENCIES
    return next(iter(found)).upper() if len(found) == 1 else None
