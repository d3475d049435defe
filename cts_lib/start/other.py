"""Writes the mappings of the tables beside lines, customers and products: ledger, events, exchange rates and others."""

from __future__ import annotations

from dataclasses import dataclass

from cts_lib.engine import count_rows, quote
from cts_lib.intake.assumed import Assumed
from cts_lib.start.booked import Booked
from cts_lib.start.headings import event_of, resource_of
from cts_lib.start.mapping import Mapping, put_together, with_condition
from cts_lib.start.plan import File, Pick, Picks
from cts_lib.start.reading import Reading
from cts_lib.tables.column import DATE, NUMBER, Kind
from cts_lib.tables.contract import Contract
from cts_lib.tables.inputs import DELIVERIES, EVENTS, EXCHANGE_RATES, LEDGER


@dataclass(frozen=True)
class OtherTables:
    """Writes the mappings; ``first_unit`` has the rows of a table that names no unit, ``currency`` is the unit's."""

    reading: Reading
    first_unit: str
    currency: str | None

    def write(self, contract: Contract) -> Mapping:
        """Map the file, or the files, of a table."""
        plan = self.reading.plan
        mapping = self._table(contract, plan.files[contract.name], plan.picks[contract.name])
        if contract is EVENTS and plan.more_events:
            more = [self._table(contract, file, picks) for file, picks in plan.more_events]
            put_together([mapping, *more])
        return mapping

    def _table(self, contract: Contract, file: File, picks: Picks) -> Mapping:
        mapping = Mapping.of_file(contract.name, file.seen)
        for column in contract.columns:
            if column.name in picks and picks[column.name].heading:
                self.reading.add(mapping, column.name, picks[column.name], column)
        if contract is EVENTS and self.reading.plan.more_events:
            self._typed(mapping, contract, picks)
        if contract is LEDGER:
            self._ledger(mapping, file, picks)
        if contract is EVENTS:
            self._events(mapping, picks["event"], file)
        if contract is DELIVERIES:
            self._deliveries(mapping, file, picks)
        if contract is EXCHANGE_RATES and "into" in picks:
            self._rates_into(mapping, picks["into"])
        if contract.has_unit and "business_unit" not in mapping.columns:
            mapping.columns = {"business_unit": (quote(self.first_unit), ""), **mapping.columns}
            mapping.assumptions.append(Assumed.FIRST_UNIT.said(table=contract.name))
        return mapping

    def _typed(self, mapping: Mapping, contract: Contract, picks: Picks) -> None:
        """Read cells here, whatever params say: another file of the table may write them otherwise."""
        for name, (_, said) in mapping.columns.items():
            column, pick = contract.column(name), picks[name]
            kind = column.kind if column else Kind.TEXT
            read = {DATE: self.reading.day, NUMBER: self.reading.number}.get(kind, self.reading.text)
            mapping.columns[name] = (read(pick), said)

    def _ledger(self, mapping: Mapping, file: File, picks: Picks) -> None:
        reading = self.reading
        booked = Booked(reading, file, picks, mapping)
        booked.period()
        booked.amount()
        above, summed = booked.sums()
        if above:
            mapping.origin = with_condition(mapping.origin, above)
            reading.plan.assume(summed, 1.1, among=mapping.assumptions)
        income, said = booked.signs(above)
        for told in said:
            reading.plan.assume(told, 1.2, among=mapping.assumptions)
        self._resources(mapping, picks["resource"], set(booked.names(above)) - set(income))
        if income:
            names = f"{reading.text(picks['resource'])} NOT IN ({', '.join(map(quote, income))})"
            mapping.origin = with_condition(mapping.origin, names)
        condition, told = booked.of_no_resource()
        if condition:
            mapping.origin = with_condition(mapping.origin, condition)
            reading.plan.assume(told, 1.2, among=mapping.assumptions)

    def _deliveries(self, mapping: Mapping, file: File, picks: Picks) -> None:
        """Take the day on which a part left where none says when it arrived; one without a day is still to come."""
        name = "delivered_date" if "delivered_date" in picks else "shipped_date"
        pick, day = picks[name], self.reading.day(picks[name])
        if name == "shipped_date":
            mapping.columns["delivered_date"] = mapping.columns[name]
            told = Assumed.STANDS_IN.said(name="delivered_date", column=repr(pick.heading))
            self.reading.plan.assume(told, 1.0, among=mapping.assumptions)
        if count := count_rows(self.reading.engine, f"{file.seen.kept} WHERE {day} IS NULL"):
            mapping.origin = with_condition(mapping.origin, f"{day} IS NOT NULL")
            said = {"file": file.seen.names, "column": repr(pick.heading)}
            mapping.assumptions.append(Assumed.NOT_YET.said(count=count, rows=file.seen.rows, **said))

    def _events(self, mapping: Mapping, pick: Pick, file: File) -> None:
        """Call events as the cost model does, those whose names say which they are."""
        if not pick.heading:
            event = event_of(file.seen.names) or ""
            mapping.columns["event"] = (quote(event), f"  -- guess: the name of {file.seen.names}")
            mapping.assumptions.append(Assumed.ROW_IS_EVENT.said(file=file.seen.names, event=event))
            return
        self._called(mapping, "event", pick, self.reading.called(pick, event_of), Assumed.EVENTS_BY_NAME)

    def _rates_into(self, mapping: Mapping, pick: Pick) -> None:
        """Leave out rates that convert into another currency than the unit's."""
        names = self.reading.values(pick)
        own = self.currency if self.currency in names else None
        if own and len(names) > 1:
            mapping.origin = with_condition(mapping.origin, f"{self.reading.plan.place(pick)} = {quote(own)}")
            mapping.assumptions.append(Assumed.RATES_INTO_OWN.said(currency=own))
        elif not own:
            told = f"exchange rates are into {', '.join(names)}, which is not the unit's currency"
            self.reading.plan.doubts.append((1.7, told))

    def _resources(self, mapping: Mapping, pick: Pick, counted: set[str]) -> None:
        """Call the ledger's resources as the cost model does, those whose names say which they are."""
        called = self.reading.called(pick, resource_of)
        known = {name: resource for name, resource in called.items() if name in counted}
        self._called(mapping, "resource", pick, known, Assumed.RESOURCES_BY_NAME)

    def _called(self, mapping: Mapping, column: str, pick: Pick, known: dict[str, str], sentence: Assumed) -> None:
        """Let a column read the cost model's names, and say which, where there are any."""
        if known:
            self.reading.rename(mapping, column, pick, known)
            names = ", ".join(f"{name!r} = {meant}" for name, meant in known.items())
            mapping.assumptions.append(sentence.said(names=names))
