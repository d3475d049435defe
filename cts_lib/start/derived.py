"""Makes columns of order lines of what stands beside them: net sales, cost of goods, what is urgent."""

from __future__ import annotations

from dataclasses import dataclass

from cts_lib.engine import fetch_row, fetch_value, quote
from cts_lib.intake.assumed import Assumed
from cts_lib.start.headings import CHARGED, COSTS, INVOICES, SAID_YES, URGENT, is_share, plain, words_of
from cts_lib.start.mapping import Mapping
from cts_lib.start.plan import Pick, Plan
from cts_lib.start.price import Price
from cts_lib.start.reading import Reading

_CENT, _NEARLY_ALL = 0.01, 0.98
"""By what an order and its lines may differ a line, and the share of orders that must not differ more."""
_A_COST = 0.2, 1.1
"""Between which shares of net sales the goods of most lines cost."""
_BY_PRICE = Assumed.PRICE, Assumed.PRICE_LESS_SHARE, Assumed.ORDER_SALES_BY_PRICE
_GROSS = Assumed.GROSS, Assumed.GROSS_LESS_SHARE, Assumed.ORDER_SALES_BY_VALUE
"""What is said of net sales that are the value, that are less a share of it, that are the order's."""
_LEAST = 0.5
"""The part of its lines' value that an order's net sales must be: less is another amount."""


@dataclass(frozen=True)
class Derived:
    """Adds to the mapping of order lines what is made of other columns."""

    reading: Reading
    mapping: Mapping

    @property
    def plan(self) -> Plan:
        return self.reading.plan

    def _assume(self, told: str, weight: float, question: str = "") -> None:
        self.plan.assume(told, weight, question, self.mapping.assumptions)

    def sales(self) -> None:
        """Make net sales of the quantity and a price, or of sales before discounts, less the shares let off."""
        picks, prices = self.plan.line_picks, Price(self.reading)
        discounts = prices.discounts()
        if {"quantity", "unit_price"} <= picks.keys() and not ("gross_sales" in picks and discounts):
            pick, sentences = picks["unit_price"], _BY_PRICE
            full = self.reading.by_quantity(pick)
            if prices.is_of_line(pick, picks["quantity"]):
                full, sentences = self.reading.number(pick), _GROSS
        elif "gross_sales" in picks:
            pick, sentences = picks["gross_sales"], _GROSS
            full = self.reading.number(pick)
            if not discounts:
                told = f"net sales are {pick.heading!r}: is that what customers pay, after discounts?"
                self.plan.doubts.append((1.3, told))
        else:
            return
        left = {one.heading: share for one in discounts if (share := prices.left(one))}
        value = " * ".join([full, *left.values()])
        shared = self._shared_out(value)
        self.mapping.columns["net_sales"] = (shared or value, "")
        if left or shared:
            self.mapping.columns.setdefault("gross_sales", (full, ""))
        if shared and self.plan.order_sales:
            told = sentences[2].said(sales=repr(self.plan.order_sales.heading), value=repr(pick.heading))
            self._assume(told, 1.1, "is that after discounts and without tax?")
            return
        less = {"column": ", then ".join(map(repr, left))} if left else {}
        self.mapping.assumptions.append(sentences[bool(left)].said(value=repr(pick.heading), **less))
        if len(left) > 1:
            told = f"{', then '.join(map(repr, left))} are taken off one after the other"
            self.plan.doubts.append((1.2, f"{told}: or are they added up?"))
        self.plan.doubts += [
            (1.55, f"{one.heading!r} is no share of 0 to 1: net sales are without it; see the mapping")
            for one in discounts
            if one.heading not in left
        ]

    def gross(self) -> None:
        """Make sales before discounts of the quantity and the price that discounts lead from to net sales."""
        picks, prices = self.plan.line_picks, Price(self.reading)
        left = {one.heading: prices.left(one) for one in prices.discounts()}
        if not left or not all(left.values()) or not {"quantity", "unit_price"} <= picks.keys():
            return
        pick = picks["unit_price"]
        full = self.reading.by_quantity(pick)
        if prices.are_net_sales(" * ".join([full, *left.values()])):
            self.mapping.columns["gross_sales"] = (full, "")
            less = ", then ".join(map(repr, left))
            self.mapping.assumptions.append(Assumed.GROSS_BY_PRICE.said(value=repr(pick.heading), column=less))

    def _shared_out(self, value: str) -> str:
        """Return an order's own net sales by the value of its lines, where they are less than the lines add up to."""
        pick, order = self.plan.order_sales, self.mapping.columns.get("order_id")
        if not pick or not order:
            return ""
        place = f"PARTITION BY {order[0]}"
        answer = fetch_row(
            self.reading.engine,
            f"SELECT COUNT(*) AS n, COUNT(CASE WHEN ABS(net - lines) < {_CENT} * n THEN 1 END) AS same, "
            f"COUNT(CASE WHEN net <= lines + {_CENT} * n THEN 1 END) AS below, "
            "SUM(net) / SUM(lines) AS part FROM ("
            f"SELECT MAX({self.reading.number(pick)}) AS net, SUM({value}) AS lines, COUNT(*) AS n "
            f"FROM {self.plan.rows} GROUP BY {order[0]})",
        )
        if answer["same"] >= _NEARLY_ALL * answer["n"]:
            return ""
        if answer["below"] < _NEARLY_ALL * answer["n"] or not answer["part"] or answer["part"] < _LEAST:
            others = answer["n"] - answer["same"]
            told = f"net sales are of lines, and {pick.heading!r} of {others:,} orders is another sum"
            self.plan.doubts.append((1.2, f"{told}: which of them is without tax and after discounts?"))
            return ""
        own = self.reading.number(pick)
        return (
            f"{own} * CASE WHEN SUM({value}) OVER ({place}) = 0 THEN 1.0 / COUNT(*) OVER ({place}) "
            f"ELSE {value} / SUM({value}) OVER ({place}) END"
        )

    def taken_for(self) -> None:
        """Say where an invoice stands for an order, or what customers pay for freight for what it costs."""
        picks = self.plan.line_picks
        if "order_id" in picks and words_of(picks["order_id"].heading) & INVOICES:
            heading = picks["order_id"].heading
            self._assume(Assumed.INVOICE_IS_ORDER.said(column=repr(heading)), 1.1)
        if "freight_cost" in picks and words_of(picks["freight_cost"].heading) & CHARGED:
            self._assume(Assumed.CHARGE_IS_COST.said(column=repr(picks["freight_cost"].heading)), 1.4)

    def rush(self, pick: Pick) -> None:
        """Read what a system calls urgent as the contract's `rush`."""
        values = self.reading.some_values(pick)
        is_flag = bool(words_of(pick.heading) & URGENT)
        urgent = [value for value in values if words_of(value) & URGENT or (is_flag and plain(value) in SAID_YES)]
        if urgent and urgent != ["rush"]:
            sql, about = self.mapping.columns["priority"]
            named = ", ".join(map(quote, urgent))
            self.mapping.columns["priority"] = (f"CASE WHEN {sql} IN ({named}) THEN 'rush' ELSE {sql} END", about)
            said = Assumed.RUSH.said(column=repr(pick.heading), values=", ".join(map(repr, urgent)))
            self.mapping.assumptions.append(said)
        elif values and not urgent:
            self.mapping.assumptions.append(Assumed.NO_RUSH.said(column=repr(pick.heading)))
            told = f"no priority in {pick.heading!r} says urgent, as {values[0]!r}; a rush line reads 'rush'"
            self.plan.doubts.append((0.7, told))

    def cost_of_goods(self) -> None:
        """Make the cost of goods of the quantity and a unit's cost, or of sales less the margin where that is money."""
        picks = self.plan.line_picks
        stated = picks.get("products.unit_cost")
        is_bare = stated is not None and plain(self.plan.spoken(stated)) in COSTS
        bare = self._bare_cost() if "quantity" in picks and (is_bare or not stated) else None
        if bare:
            pick, is_unit = bare
            full = self.reading.by_quantity(pick) if is_unit else self.reading.number(pick)
            self.mapping.columns["cogs"] = (full, pick.guess())
            told = (Assumed.COST_OF_UNIT if is_unit else Assumed.COST_OF_LINE).said(column=repr(pick.heading))
            self.mapping.assumptions.append(told)
            self.plan.doubts.append((0.9, f"{told}, as its size beside net sales says: is it what the goods cost?"))
            if is_bare and not is_unit:
                picks["cogs"] = picks.pop("products.unit_cost")
        elif stated and "quantity" in picks:
            full = self.reading.by_quantity(stated)
            self.mapping.columns["cogs"] = (full, stated.guess())
            told = Assumed.COST_OF_UNIT.said(column=repr(stated.heading))
            self.mapping.assumptions.append(told)
            if is_bare:
                self.plan.doubts.append((1.25, f"{told}: is that the cost of one unit, or of the whole line?"))
        elif {"net_sales", "margin"} <= picks.keys() and self._is_money(picks["margin"]):
            sales, pick = picks["net_sales"], picks["margin"]
            self.mapping.columns["cogs"] = (f"{self.reading.number(sales)} - {self.reading.number(pick)}", pick.guess())
            told = Assumed.SALES_LESS_MARGIN.said(sales=repr(sales.heading), column=repr(pick.heading))
            self._assume(told, 0.9, "is that so?")

    def _bare_cost(self) -> tuple[Pick, bool] | None:
        """Return a column of the lines that is called a cost and no more, and whether its size is that of a unit's.

        A line of one unit does not tell.
        """
        picks, lines = self.plan.line_picks, self.plan.lines
        taken = {pick.heading for name, pick in picks.items() if name != "products.unit_cost"}
        quantity = self.reading.number(picks["quantity"])
        if "net_sales" in picks:
            sales = self.reading.number(picks["net_sales"])
        elif "unit_price" in picks:
            sales = self.reading.by_quantity(picks["unit_price"])
        else:
            return None
        for heading in lines.seen.columns:
            if plain(lines.spoken[heading]) not in COSTS or heading in taken or lines.facts[heading].most_numbers < 0.5:
                continue
            pick = Pick(lines.seen.name, heading, 0.8)
            cost = self.reading.number(pick)
            answer = fetch_row(
                self.reading.engine,
                "SELECT MEDIAN(whole) AS whole, MEDIAN(whole * quantity) AS unit FROM ("
                f"SELECT ({cost}) / ({sales}) AS whole, {quantity} AS quantity FROM {self.plan.rows} "
                f"WHERE ({sales}) > 0 AND ({quantity}) > 0 AND ({quantity}) <> 1)",
            )
            fitting = [name for name in ("whole", "unit") if answer[name] and _A_COST[0] < answer[name] < _A_COST[1]]
            if len(fitting) == 1:
                return pick, fitting == ["unit"]
        return None

    def _is_money(self, pick: Pick) -> bool:
        """Say whether a margin is an amount and no share."""
        if is_share(pick.heading):
            return False
        margin = self.reading.number(pick)
        return bool(fetch_value(self.reading.engine, f"SELECT MAX(ABS({margin})) > 1 AS so FROM {pick.seen} AS line"))
