"""Whether a price is of one unit or of the whole line, and what is let off it: shares, one after another or in a cell.

A share that is let off is of 0 to 1, or of a hundred where the heading says percent. Of several, as ``Dto 1`` and
``Dto 2`` or a cell that reads ``10+5``, each is off what the one before leaves.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from cts_lib.engine import fetch_rows
from cts_lib.engine.base import Engine
from cts_lib.start.headings import is_percent, likeness, plain
from cts_lib.start.marked import joined
from cts_lib.start.plan import Pick, Plan

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
_NEARLY_ALL = 0.98


@dataclass(frozen=True)
class Price:
    """Looks at the prices of a plan's lines; ``number`` is the SQL that reads a pick's cells."""

    engine: Engine
    plan: Plan
    number: Callable[[Pick], str]

    def grows(self, price: Pick, quantity: Pick) -> float | None:
        """Return by how much of the quantity's growth a product's price grows; nothing where lines do not tell."""
        picks = self.plan.picks["order_lines"]
        product = picks.get("product_id") or picks.get("products.name")
        if product is None:
            return None
        each, units = self.number(price), self.number(quantity)
        logs = (
            f"SELECT CAST({self.plan.place(product)} AS VARCHAR) AS product, LN({each}) AS price, LN({units}) AS units "
            f"FROM {joined(self.plan)} WHERE ({each}) > 0 AND ({units}) > 0"
        )
        place = "OVER (PARTITION BY product)"
        answer = fetch_rows(
            self.engine,
            "SELECT COUNT(*) AS n, SUM(price * units) / NULLIF(SUM(units * units), 0) AS slope FROM ("
            f"SELECT price - AVG(price) {place} AS price, units - AVG(units) {place} AS units, "
            f"MAX(units) {place} - MIN(units) {place} AS span FROM ({logs})) WHERE span > 0",
        )[0]
        return float(answer["slope"]) if answer["n"] >= _FEWEST and answer["slope"] is not None else None

    def is_of_line(self, price: Pick, quantity: Pick) -> bool:
        """Say whether a price is the whole line's, for it grows with the quantity and its heading says nothing else."""
        slope = self.grows(price, quantity)
        says_one = bool(set(plain(price.heading).split()) & _OF_ONE)
        if slope is None or slope <= _STAYS:
            return False
        if slope > _GROWS and not says_one:
            told = f"{price.heading!r} is taken for the price of the whole line, for it grows with the quantity"
            self.plan.doubts.append((1.25, f"{told}: is it?"))
            return True
        told = f"{price.heading!r} is taken for the price of one unit, and grows with the quantity"
        self.plan.doubts.append((1.6, f"{told}: is it the whole line's?"))
        return False

    def discounts(self) -> list[Pick]:
        """Return the columns of what is let off: the one that is known, numbered ones, and one of several a cell."""
        picks, lines = self.plan.picks["order_lines"], self.plan.lines
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
        share = self.number(pick)
        span = fetch_rows(self.engine, f"SELECT MIN({share}) AS least, MAX({share}) AS most FROM {pick.seen} AS line")[
            0
        ]
        if span["most"] is None or span["least"] < 0:
            return ""
        if 1 < span["most"] <= 100 and is_percent(pick.heading):
            return f"(1 - COALESCE({share}, 0) / 100.0)"
        return f"(1 - COALESCE({share}, 0))" if span["most"] <= 1 else ""

    def _is_chain(self, pick: Pick) -> bool:
        """Say whether cells hold several percentages, as 10+5."""
        if self.plan.facts_of(pick).most_numbers >= 1 or pick.seen != self.plan.lines.seen.name:
            return False
        text = f"TRIM(CAST({self.plan.place(pick)} AS VARCHAR))"
        answer = fetch_rows(
            self.engine,
            f"SELECT COUNT({text}) AS n, COUNT(CASE WHEN REGEXP_MATCHES({text}, '{_CHAIN}') THEN 1 END) AS held, "
            f"COUNT(CASE WHEN {text} LIKE '%+%' THEN 1 END) AS several FROM {pick.seen} AS line",
        )[0]
        return bool(answer["several"]) and answer["held"] >= _NEARLY_ALL * answer["n"]

    def _left_of_chain(self, pick: Pick) -> str:
        text = f"REPLACE(REPLACE(CAST({self.plan.place(pick)} AS VARCHAR), '%', ''), ',', '.')"
        links = (f"TRIM(SPLIT_PART({text}, '+', {place}))" for place in range(1, _LINKS + 1))
        return " * ".join(f"(1 - COALESCE(TRY_CAST(NULLIF({link}, '') AS DOUBLE), 0) / 100.0)" for link in links)
