"""Makes a ledger of what an accounting system books: days for periods, debit and credit for amounts."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Mapping as Mapped
from dataclasses import dataclass

from cts_lib.engine import fetch_row, fetch_rows, fetch_value, quote, quoted
from cts_lib.intake.assumed import Assumed
from cts_lib.intake.cells import PERIOD_PATTERN
from cts_lib.start.headings import (
    BALANCES,
    CREDITED,
    OF_A_SIDE,
    is_cost_of_goods,
    is_income,
    is_total,
    plain,
    resource_of,
    words_of,
)
from cts_lib.start.mapping import Mapping
from cts_lib.start.plan import File, Pick, Picks
from cts_lib.start.reading import Reading

_WRITTEN = {
    r"^([0-9]{4})[/. ]?(0[1-9]|1[0-2])$": (1, 2),
    r"^0?(0[1-9]|1[0-2])[/. -]([0-9]{4})$": (2, 1),
}
"""How systems write a month, with the places of year and month in it."""
_NEARLY_ALL = 0.98
_CENT = 0.005
_MOST_ACCOUNTS, _SHOWN = 2_000, 3
"""Accounts up to which sums of others are looked for, and accounts that are named."""


@dataclass(frozen=True)
class Booked:
    """Adds to the mapping of a ledger what is made of the columns of its file."""

    reading: Reading
    file: File
    picks: Picks
    mapping: Mapping

    def period(self) -> None:
        """Make the month of a day, of a year and a month, or of a month as systems write it."""
        pick = self.picks.get("period")
        is_one = f"REGEXP_MATCHES({self._text(pick)}, '{PERIOD_PATTERN}')" if pick else ""
        if pick and "year" not in self.picks and self._share(pick, is_one) == 1:
            return
        if pick and "year" in self.picks and self._share(pick, f"TRY_CAST({self._text(pick)} AS INTEGER) <= 12"):
            year = self.picks["year"]
            month = f"LPAD(CAST(TRY_CAST({self._text(pick)} AS INTEGER) AS VARCHAR), 2, '0')"
            sql = f"CAST(TRY_CAST({self._text(year)} AS INTEGER) AS VARCHAR) || '-' || {month}"
            told = Assumed.MONTH_OF_YEAR.said(month=repr(pick.heading), year=repr(year.heading))
            self._say("period", sql, pick, told)
            return
        for pattern, (year_at, month_at) in _WRITTEN.items() if pick else ():
            if pick and self._share(pick, f"REGEXP_MATCHES({self._text(pick)}, '{pattern}')") >= _NEARLY_ALL:
                text = self._text(pick)
                parts = (f"REGEXP_REPLACE({text}, '{pattern}', '\\{place}')" for place in (year_at, month_at))
                self._say("period", " || '-' || ".join(parts), pick, "")
                return
        dated = next((one for name in ("period", "day") if (one := self.picks.get(name)) and self._is_day(one)), None)
        if dated:
            told = Assumed.MONTH_OF_DAY.said(column=repr(dated.heading))
            self._say("period", f"SUBSTR(CAST({self.reading.day(dated)} AS VARCHAR), 1, 7)", dated, told)

    def amount(self) -> None:
        """Make the amount of what is debited less what is credited; a balance beside them is of more than the month."""
        debit, credit = self.picks.get("debit"), self.picks.get("credit")
        if debit and credit and "amount" in self.picks and words_of(self.picks["amount"].heading) & BALANCES:
            del self.picks["amount"]
        if "amount" not in self.picks and debit:
            less, told = "", Assumed.DEBIT.said(debit=repr(debit.heading))
            if credit:
                less = f" - COALESCE({self.reading.number(credit)}, 0)"
                told = Assumed.DEBIT_LESS_CREDIT.said(debit=repr(debit.heading), credit=repr(credit.heading))
            self._say("amount", f"COALESCE({self.reading.number(debit)}, 0){less}", debit, told)
        elif pick := self.picks.get("amount"):
            self._credited(pick)

    def _credited(self, pick: Pick) -> None:
        """Make negative what a column says is credited, where amounts have no sign of their own."""
        value = self.reading.number(pick)
        least = fetch_value(self.reading.engine, f"SELECT MIN({value}) AS least FROM {self.file.seen.kept}")
        for heading, facts in self.file.facts.items():
            if plain(heading) not in OF_A_SIDE or not 0 < facts.distinct <= len(CREDITED) or least < 0:
                continue
            side = f"CAST(line.{quoted(heading)} AS VARCHAR)"
            given = fetch_rows(self.reading.engine, f"SELECT DISTINCT {side} AS side FROM {self.file.seen.kept}")
            if said := sorted(row["side"] for row in given if row["side"] and plain(row["side"]) in CREDITED):
                sql = f"CASE WHEN {side} IN ({', '.join(map(quote, said))}) THEN -({value}) ELSE {value} END"
                told = Assumed.CREDITED.said(column=repr(heading), values=", ".join(map(repr, said)))
                self._say("amount", sql, pick, told)
                return

    def of_no_resource(self) -> tuple[str, str]:
        """Return the condition that leaves out rows without a resource, and what is said of it; else nothing."""
        pick = self.picks["resource"]
        empty = self.file.facts[pick.heading].rows - self.file.facts[pick.heading].filled
        if not empty:
            return "", ""
        rows, file = self.file.seen.rows, self.file.seen.names
        told = Assumed.NO_RESOURCE.said(count=empty, rows=rows, file=file, column=repr(pick.heading))
        return f"line.{quoted(pick.heading)} IS NOT NULL", told

    def sums(self) -> tuple[str, str]:
        """Return the condition that leaves out accounts that hold the sum of those below them, and what is said of it.

        An account is below another whose number its own begins with.
        """
        pick = self.picks.get("account")
        if not pick or self.file.facts[pick.heading].distinct > _MOST_ACCOUNTS:
            return "", ""
        value = self._value()
        rows = fetch_rows(
            self.reading.engine,
            f"SELECT {self._text(pick)} AS account, SUM({value}) AS total, SUM(ABS({value})) AS moved "
            f"FROM {self.file.seen.kept} WHERE line.{quoted(pick.heading)} IS NOT NULL GROUP BY 1 ORDER BY 1",
        )
        totals = {row["account"]: row["total"] or 0.0 for row in rows}
        moved = {row["account"]: row["moved"] or 0.0 for row in rows}
        found = _sums_of_others({one: total for one, total in totals.items() if moved[one]})
        if not found:
            return "", ""
        shown = ", ".join(map(repr, found[:_SHOWN])) + (" …" if len(found) > _SHOWN else "")
        told = Assumed.SUMS_OF_OTHERS.said(count=len(found), file=self.file.seen.names, names=shown)
        return f"COALESCE({self._text(pick)}, '') NOT IN ({', '.join(map(quote, found))})", told

    def names(self, condition: str) -> list[str]:
        """Return the resources of the rows of a condition, of all where it is empty."""
        resource, where = f"line.{quoted(self.picks['resource'].heading)}", f" WHERE {condition}" if condition else ""
        names = f"SELECT DISTINCT CAST({resource} AS VARCHAR) AS name FROM {self.file.seen.kept}{where}"
        return [row["name"] for row in fetch_rows(self.reading.engine, names) if row["name"]]

    def _value(self) -> str:
        pick, made = self.picks.get("amount"), self.mapping.columns.get("amount")
        if made and (not pick or made[0].startswith("CASE")):
            return made[0]
        return self.reading.number(self.picks["amount"])

    def signs(self, condition: str = "") -> tuple[list[str], list[str]]:
        """Return the resources that are none, and what is said of them and of signs.

        They are totals, income and cost of goods by their names, and what adds up to less than nothing: income too.

        Where it is costs that do so, all signs are turned first. Costs are those of resources that the cost model knows
        by their names, but for sales, which may be income; where there are none, what all is. Only rows of the
        ``condition`` count.
        """
        pick, resource = self.picks.get("amount"), quoted(self.picks["resource"].heading)
        value, file = self._value(), self.file.seen
        of_these = f" AND {condition}" if condition else ""
        rows = fetch_rows(
            self.reading.engine,
            f"SELECT CAST(line.{resource} AS VARCHAR) AS name, SUM({value}) AS total "
            f"FROM {file.name} AS line WHERE line.{resource} IS NOT NULL{of_these} GROUP BY 1 ORDER BY 1",
        )
        totals = {row["name"]: row["total"] for row in rows if row["total"]}
        costs_alone = {name: total for name, total in totals.items() if not (is_income(name) or is_total(name))}
        known = {name: total for name, total in costs_alone.items() if resource_of(name) not in (None, "sales")}
        costs, told = known or totals, list[str]()
        if sum(costs.values()) < 0 and (known or max(totals.values()) < 0):
            totals = {name: -total for name, total in totals.items()}
            self._say("amount", f"-({value})", pick or self.picks["debit"], "")
            told.append(Assumed.SIGNS_TURNED.said(file=file.names, names=", ".join(map(repr, costs))))
        sums = {name: total for name, total in totals.items() if is_total(name)}
        income = {name: one for name, one in totals.items() if name not in sums and (one < 0 or is_income(name))}
        goods = {name: one for name, one in totals.items() if name not in sums | income and is_cost_of_goods(name)}
        sentences = ((sums, Assumed.TOTALS), (income, Assumed.INCOME), (goods, Assumed.GOODS_IN_LEDGER))
        for found, sentence in sentences:
            if found:
                names, money = ", ".join(map(repr, found)), f"{sum(found.values()):,.2f}"
                told.append(sentence.said(names=names, file=file.names, money=money))
        return [*sums, *income, *goods], told

    def _say(self, name: str, sql: str, pick: Pick, told: str) -> None:
        self.mapping.columns[name] = (sql, pick.guess(self.file.seen.names))
        if told:
            self.mapping.assumptions.append(told)

    def _is_day(self, pick: Pick) -> bool:
        facts = self.file.facts[pick.heading]
        return facts.is_date or facts.most_dates >= _NEARLY_ALL

    @staticmethod
    def _text(pick: Pick) -> str:
        return f"CAST(line.{quoted(pick.heading)} AS VARCHAR)"

    def _share(self, pick: Pick, condition: str) -> float:
        """Return the share of a column's filled cells that satisfy a condition."""
        satisfying, filled = fetch_row(
            self.reading.engine,
            f"SELECT COUNT(CASE WHEN {condition} THEN 1 END) AS so, COUNT({self._text(pick)}) AS n "
            f"FROM {self.file.seen.kept}",
        ).values()
        return float(satisfying / filled) if filled else 0.0


def _sums_of_others(totals: Mapped[str, float]) -> list[str]:
    """Return the accounts whose total is the sum of those below them that are no such sums themselves.

    Of a number that ends in zeros, where no other begins with the whole of it, what stands before them counts; then one
    account below it is too few to tell.

    >>> _sums_of_others({"60": 7.0, "60-1": 3.0, "60-2": 4.0, "61": 3.0, "70000": 5.0, "70100": 2.0, "70200": 3.0})
    ['60', '70000']
    """
    whole = {one: one.rstrip("-. /") for one in totals}
    stems = {one: _stem(one, totals) for one in totals}
    found = set[str]()
    for one in sorted(totals, key=lambda one: (-len(stems[one]), one)):
        below = [other for other in totals if other not in found | {one} and other.startswith(stems[one])]
        is_enough = len(below) > (stems[one] != whole[one])
        if is_enough and abs(totals[one] - sum(totals[other] for other in below)) < _CENT:
            found.add(one)
    return sorted(found)


def _stem(account: str, among: Iterable[str]) -> str:
    """Return what the numbers of accounts below one begin with."""
    whole = account.rstrip("-. /")
    if any(other != account and other.startswith(whole) for other in among):
        return whole
    return account.rstrip("0-. /") or whole
