"""What stands in a unit's tables for a period before anything is computed: rows, money, days, costs, gaps, doubts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

import pandas as pd

from cts_lib.costing.rates import accepted_ledger, booked_by_resource, given_costs, without_cost
from cts_lib.engine import Engine, fetch_row
from cts_lib.intake import Intake, Source
from cts_lib.measures import MEASURES
from cts_lib.params import UnitParams
from cts_lib.params.period import Period
from cts_lib.tables.inputs import INPUTS, ORDER_LINES

_MOST = 4
"""So many names are listed of what a column would unlock."""


@dataclass(frozen=True)
class TableRows:
    """A table's rows of the period: accepted and rejected, their money, and the first and last day."""

    name: str
    accepted: int
    rejected: int
    money: float | None
    first: date | None
    last: date | None


@dataclass(frozen=True)
class Overview:
    """What a unit's tables hold of a period.

    ``absent`` are tables with what they would hold, ``gaps`` columns that are missing or empty with the measures that
    need them, ``unassigned`` ledger resources that the model lacks, ``unpaid`` resources without cost, ``doubts`` what
    may make figures wrong.
    """

    unit: UnitParams
    period: Period
    tables: list[TableRows]
    absent: dict[str, str]
    gaps: dict[str, list[str]]
    ledger: float
    unassigned: dict[str, float] = field(default_factory=dict)
    unpaid: list[str] = field(default_factory=list)
    doubts: list[str] = field(default_factory=list)

    def text(self) -> str:
        """Return it as lines for a terminal."""
        currency = self.unit.params.unit.currency
        head = f"{self.unit.name}  {self.period}  ({self.unit.label}, {self.period.start} to before {self.period.end})"
        return "\n".join(
            [
                head,
                *(_row(table, currency) for table in self.tables),
                *(f"  {name:<15} absent: {about}" for name, about in self.absent.items()),
                *self._costs(currency),
                *(f"  missing {column}: no {_some(words)}" for column, words in self.gaps.items()),
                *(f"  doubt: {text}" for text in self.doubts),
            ]
        )

    def _costs(self, currency: str) -> list[str]:
        lines = [
            f"  {'cost':<15} {self.ledger:,.2f} {currency} for {len(self.unit.params.cost_model.resources)} resources"
        ]
        if self.unassigned:
            named = ", ".join(f"{name} {money:,.2f}" for name, money in self.unassigned.items())
            lines.append(f"  not in the model, so assigned to nobody: {named}")
        if self.unpaid:
            lines.append(f"  in the model without any cost, so free: {', '.join(self.unpaid)}")
        return lines


def overview(engine: Engine, source: Source, unit: UnitParams, intake: Intake, period: Period) -> Overview:
    """Look at a unit's rows of a period, which the engine holds."""
    ledger = booked_by_resource(accepted_ledger(engine))
    model, given = unit.params.cost_model, given_costs(unit, period)
    booked = ledger.drop(labels=list(given), errors="ignore")
    return Overview(
        unit,
        period,
        _tables(engine, source, intake.quality),
        {contract.name: contract.about.split(". ")[0].rstrip(".") for contract in INPUTS if not source.has(contract)},
        _gaps(intake),
        float(booked.reindex(list(model.resources)).sum()) + sum(given.values()),
        {str(name): float(money) for name, money in booked.items() if name not in model.resources},
        without_cost(model, given, booked),
        [note.english for note in intake.notes if note.doubt],
    )


def _tables(engine: Engine, source: Source, quality: pd.DataFrame) -> list[TableRows]:
    counts = {row["table"]: row for row in quality.to_dict("records")}
    tables = []
    for contract in INPUTS:
        if not source.has(contract):
            continue
        first = last = None
        if contract.dates:
            relation = "lines" if contract is ORDER_LINES else f"accepted_{contract.name}"
            day = contract.dates[0]
            first, last = fetch_row(engine, f"SELECT MIN({day}) AS a, MAX({day}) AS b FROM {relation}").values()
        row = counts[contract.name]
        money = None if pd.isna(row["money_accepted"]) else float(row["money_accepted"])
        tables.append(TableRows(contract.name, int(row["accepted"]), int(row["rejected"]), money, first, last))
    return tables


def _gaps(intake: Intake) -> dict[str, list[str]]:
    gaps: dict[str, list[str]] = {}
    for measure in MEASURES:
        for need in measure.needs:
            if intake.filled.isdisjoint(need):
                words = gaps.setdefault(" or ".join(need), [])
                words += [measure.words] if measure.words not in words else []
    return gaps


def _row(table: TableRows, currency: str) -> str:
    parts = [f"{table.accepted:,} rows"]
    parts += [f"{table.rejected:,} rejected"] if table.rejected else []
    parts += [f"{table.money:,.2f} {currency}"] if table.money is not None else []
    parts += [f"{table.first} to {table.last}"] if table.first else []
    return f"  {table.name:<15} {', '.join(parts)}"


def _some(words: Sequence[str]) -> str:
    listed = ", ".join(word[0].lower() + word[1:] for word in words[:_MOST])
    return listed + (f" and {len(words) - _MOST} more" if len(words) > _MOST else "")
