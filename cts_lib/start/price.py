"""Whether a price is of one unit or of the whole line, and what is let off it: shares, one after another or in a cell.

A share that is let off is of 0 to 1, or of a hundred where the heading says percent. Of several, as ``Dto 1`` and
``Dto 2`` or a cell that reads ``10+5``, each is off what the one before leaves.
"""

from __future__ import annotations

from dataclasses import dataclass

from cts_lib.engine import fetch_row
from cts_lib.start.headings import is_percent, likeness, plain, words_of
from cts_lib.start.plan import Pick, Plan
from cts_lib.start.reading import Reading

_OF_ONE = {"unit", "unitario", "unidad", "einzelpreis", "stuckpreis", "stuck", "each", "list", "lista", "listenpreis"}
"""Words of a heading that say the price of one."""
_FEWEST = 30
"""Lines of products sold in several quantities below which a price does not tell what it is of."""
_GROWS, _STAYS = 0.8, 0.4
"""By how much of the quantity's growth a line's price grows, and up to which a unit's does."""
_CHAIN = r"^[0-9]{1,2}([.,][0-9]+)?( ?%)?( ?[+] ?[0-9]{1,2}([.,][0-9]+)?( ?%)?)*$"
"""How a cell holds percentages of which each is off the rest."""
_LINKS = 4
"""Percentages of a cell that are read."""
_CENT, _NEARLY_ALL = 0.01, 0.98
"""By what net sales may differ from what a price makes, and on which share of the lines they must not differ more."""


@dataclass(frozen=True)
class Price:
    """Looks at the prices of a plan's lines."""

    reading: Reading

    @property
    def plan(self) -> Plan:
        return self.reading.plan

    def grows(self, price: Pick, quantity: Pick) -> float | None:
        """Return by how much of the quantity's growth a product's price grows; nothing where lines do not tell."""
        product = self.plan.product
        if product is None:
            return None
        each, units = self.reading.number(price), self.reading.number(quantity)
        logs = (
            f"SELECT CAST({self.plan.place(product)} AS VARCHAR) AS product, LN({each}) AS price, LN({units}) AS units "
            f"FROM {self.plan.rows} WHERE ({each}) > 0 AND ({units}) > 0"
        )
        place = "OVER (PARTITION BY product)"
        n, slope = fetch_row(
            self.reading.engine,
            "SELECT COUNT(*) AS n, SUM(price * units) / NULLIF(SUM(units * units), 0) AS slope FROM ("
            f"SELECT price - AVG(price) {place} AS price, units - AVG(units) {place} AS units, "
            f"MAX(units) {place} - MIN(units) {place} AS span FROM ({logs})) WHERE span > 0",
        ).values()
        return float(slope) if n >= _FEWEST and slope is not None else None

    def is_of_line(self, price: Pick, quantity: Pick) -> bool:
        """Say whether a price is the whole line's, for it grows with the quantity and its heading says nothing else."""
        slope = self.grows(price, quantity)
        says_one = bool(words_of(price.heading) & _OF_ONE)
        if slope is None or slope <= _STAYS:
            return False
        if slope > _GROWS and not says_one:
            told = f"{price.heading!r} is taken for the price of the whole line, for it grows with the quantity"
            self.plan.doubts.append((1.25, f"{told}: is it?"))
            return True
        told = f"{price.heading!r} is taken for the price of one unit, and grows with the quantity"
        self.plan.doubts.append((1.6, f"{told}: is it the whole line's?"))
        return False

    def are_net_sales(self, value: str) -> bool:
        """Say whether a value, SQL of the lines, is the net sales of nearly all lines that have some."""
        net = self.reading.number(self.plan.line_picks["net_sales"])
        n, same = fetch_row(
            self.reading.engine,
            f"SELECT COUNT(net) AS n, COUNT(CASE WHEN ABS(net - made) <= {_CENT} THEN 1 END) AS same FROM "
            f"(SELECT {net} AS net, {value} AS made FROM {self.plan.rows})",
        ).values()
        return bool(n > 0 and same >= _NEARLY_ALL * n)

    def discounts(self) -> list[Pick]:
        """Return the columns of what is let off: the one that is known, numbered ones, and one of several a cell."""
        picks, lines = self.plan.line_picks, self.plan.lines
        taken = {pick.heading for name, pick in picks.items() if name != "discount"}
        found = [picks["discount"]] if "discount" in picks else []
        for heading in lines.seen.columns:
            bare = " ".join(word for word in plain(heading).split() if not word.isdigit())
            is_one = heading not in taken and likeness(bare, "order_lines", "discount")
            if is_one and all(pick.heading != heading for pick in found):
                pick = Pick(lines.seen.name, heading, 0.75)
                is_numbers = lines.facts[heading].most_numbers >= 0.9
                if (is_numbers and bare != plain(heading)) or self._is_chain(pick):
                    found.append(pick)
        return found

    def left(self, pick: Pick) -> str:
        """Return the SQL of the share that a discount leaves, nothing where it holds no share.

        Where the heading says percent and a cell is above 1, all are percent.
        """
        if self._is_chain(pick):
            return self._left_of_chain(pick)
        share = self.reading.number(pick)
        span = f"SELECT MIN({share}) AS least, MAX({share}) AS most FROM {pick.seen} AS line"
        least, most = fetch_row(self.reading.engine, span).values()
        if most is None or least < 0:
            return ""
        if 1 < most <= 100 and is_percent(pick.heading):
            return f"(1 - COALESCE({share}, 0) / 100.0)"
        return f"(1 - COALESCE({share}, 0))" if most <= 1 else ""

    def _is_chain(self, pick: Pick) -> bool:
        """Say whether cells hold several percentages, as 10+5."""
        if self.plan.facts_of(pick).most_numbers >= 1 or pick.seen != self.plan.lines.seen.name:
            return False
        text = f"TRIM(CAST({self.plan.place(pick)} AS VARCHAR))"
        answer = fetch_row(
            self.reading.engine,
            f"SELECT COUNT({text}) AS n, COUNT(CASE WHEN REGEXP_MATCHES({text}, '{_CHAIN}') THEN 1 END) AS held, "
            f"COUNT(CASE WHEN {text} LIKE '%+%' THEN 1 END) AS several FROM {pick.seen} AS line",
        )
        return bool(answer["several"]) and answer["held"] >= _NEARLY_ALL * answer["n"]

    def _left_of_chain(self, pick: Pick) -> str:
        text = f"REPLACE(REPLACE(CAST({self.plan.place(pick)} AS VARCHAR), '%', ''), ',', '.')"
        links = (f"TRIM(SPLIT_PART({text}, '+', {place}))" for place in range(1, _LINKS + 1))
        return " * ".join(f"(1 - COALESCE(TRY_CAST(NULLIF({link}, '') AS DOUBLE), 0) / 100.0)" for link in links)
