"""What the data know of unit times: recorded minutes of events, and months of the ledger beside months of work.

Lines never leave the engine; what comes out is one sum a month for each term of an equation, and at most 20,000 events
of an activity.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import pandas as pd

from cts_lib.engine import Engine, fetch_frame, quoted
from cts_lib.model.compiled import CompiledActivity
from cts_lib.model.drivers import Transactions, exact_sum, units_of_work
from cts_lib.model.terms import Term
from cts_lib.params import UnitParams
from cts_lib.params.period import Period

FEWEST_MONTHS = 6
"""Fewer months are not looked at."""

_MOST_EVENTS = 20_000
_MONTH = "_month"
_BY_MONTH = Transactions(lines="lines_by_month", events="events_by_month", by=(_MONTH,))
_WORK = ["month", "activity", "place", "quantity"]
_BOOKS = ["month", "resource", "amount", "minutes", "capacity"]
_ADDITIVE = frozenset({"orders", "lines", "shipments", "quantity", "weight_kg", "gross_sales", "net_sales"})
"""Drivers of a customer whose months sum to the period."""


@dataclass(frozen=True)
class Evidence:
    """What one period, or several one after the other, say of unit times.

    Attributes
    ----------
    terms : dict
        The terms of each activity with minutes, by activity.
    once_a_period : frozenset
        Activities that count a customer once a period, so that months do not sum to it.
    events : dict
        By activity: ``recorded`` minutes of each event and one column a term, ``0`` to the last.
    work : DataFrame
        month, activity, place (of the term), quantity.
    books : DataFrame
        month, resource, amount, minutes (recorded, null where there are none), capacity.
    months : int
        How many months the periods have.
    """

    terms: dict[str, tuple[Term, ...]]
    once_a_period: frozenset[str] = frozenset()
    events: dict[str, pd.DataFrame] = field(default_factory=dict)
    work: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=_WORK))
    books: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=_BOOKS))
    months: int = 0


def gather(
    engine: Engine, unit: UnitParams, activities: Sequence[CompiledActivity], period: Period, months: bool = True
) -> Evidence:
    """Gather what the period that the engine holds says; without ``months``, its events alone."""
    timed = [item for item in activities if item.activity.basis == "minutes"]
    terms = {item.name: item.quantity.terms for item in timed}
    events = {
        item.name: _recorded(engine, item, terms[item.name])
        for item in timed
        if item.activity.event is not None and "minutes" not in item.drivers
    }
    once = frozenset(item.name for item in timed if not _adds_up(item, terms[item.name]))
    of_events = Evidence(terms, once, events, months=period.months)
    if not months or not timed:
        return of_events
    _view_months(engine, period)
    return Evidence(terms, once, events, _work(engine, timed, terms), _books(engine, unit, period), period.months)


def together(parts: Sequence[Evidence]) -> Evidence:
    """Return what several periods say together."""
    first = parts[0]
    return Evidence(
        first.terms,
        first.once_a_period,
        {name: pd.concat([part.events[name] for part in parts], ignore_index=True) for name in first.events},
        pd.concat([part.work for part in parts], ignore_index=True),
        pd.concat([part.books for part in parts], ignore_index=True),
        sum(part.months for part in parts),
    )


def _adds_up(item: CompiledActivity, terms: Sequence[Term]) -> bool:
    """Say whether the activity's months sum to its period: a customer is the one unit of work that lasts longer."""
    if item.grain.name != "customer":
        return True
    condition = item.when.drivers if item.when else frozenset[str]()
    return condition <= item.grain.from_table("customer") and all(term.label in _ADDITIVE for term in terms)


def _happened(item: CompiledActivity) -> str:
    """Return the condition under which a unit of work counts: it happened, and its value is known."""
    return f"{item.value} IS NOT NULL AND {item.happened}"


def _recorded(engine: Engine, item: CompiledActivity, terms: Sequence[Term]) -> pd.DataFrame:
    """Return the recorded minutes of an activity's events beside its terms; of very many events, evenly picked ones."""
    inner = units_of_work(item.grain, item.drivers | {"minutes"})
    values = [f"{term.sql.sql('duckdb')} AS x{place}" for place, term in enumerate(terms)]
    order = ", ".join(["customer_id", "recorded", *(f"x{place}" for place in range(len(terms)))])
    events = (
        f"SELECT customer_id, minutes AS recorded, {', '.join(values)} FROM ({inner}) AS work "
        f"WHERE {_happened(item)} AND minutes IS NOT NULL"
    )
    numbered = (
        f"SELECT *, ROW_NUMBER() OVER (ORDER BY {order}) - 1 AS place, COUNT(*) OVER () AS total "
        f"FROM ({events}) AS event"
    )
    every = f"CAST(CEIL(total / CAST({_MOST_EVENTS} AS DOUBLE)) AS BIGINT)"
    frame = fetch_frame(engine, f"SELECT * FROM ({numbered}) AS numbered WHERE place % {every} = 0 ORDER BY place")
    renamed = frame.rename(columns={f"x{place}": str(place) for place in range(len(terms))})
    return renamed[["recorded", *(str(place) for place in range(len(terms)))]].astype("float64")


def _view_months(engine: Engine, period: Period) -> None:
    for name, day in (("lines", "posting_date"), ("events", "event_date")):
        month = f"CAST(DATE_TRUNC('month', work.{day}) AS DATE)"
        if period.is_fiscal:
            begun = [f"WHEN work.{day} < DATE '{part.end}' THEN DATE '{part.start}'" for part in period.parts(1)]
            month = f"CASE {' '.join(begun)} END"
        engine.create(f"{name}_by_month", f"SELECT work.*, {month} AS {quoted(_MONTH)} FROM {name} AS work", view=True)


def _work(engine: Engine, timed: Sequence[CompiledActivity], terms: dict[str, tuple[Term, ...]]) -> pd.DataFrame:
    """Return how much of each term there was in each month."""
    parts = []
    for grain in dict.fromkeys(item.grain.name for item in timed):
        items = [item for item in timed if item.grain.name == grain]
        counted = [(item, place, term) for item in items for place, term in enumerate(terms[item.name])]
        drivers = {driver for item in items for driver in item.drivers}
        sums = [
            exact_sum(f"CASE WHEN {_happened(item)} THEN {term.sql.sql('duckdb')} END") + f" AS x{column}"
            for column, (item, _, term) in enumerate(counted)
        ]
        wide = fetch_frame(
            engine,
            f"SELECT {quoted(_MONTH)} AS month, {', '.join(sums)} FROM "
            f"({units_of_work(items[0].grain, drivers, _BY_MONTH)}) AS work GROUP BY {quoted(_MONTH)} ORDER BY 1",
        )
        for column, (item, place, _) in enumerate(counted):
            quantity = wide[f"x{column}"].astype("float64").fillna(0.0)
            parts.append(
                pd.DataFrame({"month": wide["month"], "activity": item.name, "place": place, "quantity": quantity})
            )
    work = pd.concat(parts, ignore_index=True)
    return work.assign(month=_as_month(work["month"]))


def _books(engine: Engine, unit: UnitParams, period: Period) -> pd.DataFrame:
    """Return what the ledger books in each month; rows of longer periods cannot be split by month."""
    is_number = engine.columns("accepted_ledger").get("minutes", "").upper().startswith("DOUBLE")
    minutes = "minutes" if is_number else "CAST(NULL AS DOUBLE)"
    frame = fetch_frame(
        engine,
        f"SELECT period AS month, resource, {exact_sum('amount')} AS amount, {exact_sum(minutes)} AS minutes "
        "FROM accepted_ledger GROUP BY period, resource ORDER BY period, resource",
    )
    months = {(part.start, part.end): part.start for part in period.parts(1)}
    booked = [period.named(text) for text in frame["month"]]
    starts = pd.Series([months.get((each.start, each.end)) for each in booked], index=frame.index, dtype="object")
    frame = frame.assign(month=starts)[starts.notna()]
    resources = unit.params.cost_model.resources
    capacity = {name: (item.minutes(period) or 0.0) / period.months for name, item in resources.items()}
    frame = frame.assign(month=_as_month(frame["month"]), capacity=frame["resource"].map(capacity))
    return frame[_BOOKS].astype({"amount": "float64", "minutes": "float64", "capacity": "float64"})


def _as_month(values: pd.Series) -> pd.Series:
    return pd.to_datetime(values).astype("datetime64[s]")
