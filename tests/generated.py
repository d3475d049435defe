"""Generated ledgers, cost models and transactions, a few rows each: what the properties of costing are tried on."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pandas as pd
from hypothesis import strategies as st
from small_workbook import QUARTER, booked, compute, event, line, make_workbook

from cts_lib.costing.priced import priced
from cts_lib.engine import open_engine
from cts_lib.intake import attach
from cts_lib.intake.raw import extra_kinds
from cts_lib.intake.rows import take_in
from cts_lib.model.compiled import compile_model
from cts_lib.model.drivers import finish
from cts_lib.params import load
from cts_lib.params.period import Period

Rows = list[dict[str, Any]]
Model = dict[str, Any]
CUSTOMERS = [
    {"customer_id": "c1", "channel": "direct", "customer_since": "2026-01-05"},
    {"customer_id": "c2", "channel": "retail", "customer_since": "2020-01-05"},
    {"customer_id": "c3", "channel": "", "customer_since": ""},
]
PRODUCTS = [
    {"product_id": "p1", "family": "cold"},
    {"product_id": "p2", "family": "cold"},
    {"product_id": "p3", "family": "dry"},
    {"product_id": "p4", "family": ""},
]
TIMED, SHARED, DEPARTMENTS = ("desk", "store"), ("trucks", "rent"), ("it", "hr", "site")
RESOURCES = (*TIMED, *SHARED, "freight", "idle", *DEPARTMENTS, "brand", "shops")
SERVED = ("desk", "store", "trucks", "idle", "freight", "brand")
QUANTITIES = {
    "line": [
        *("1 + 2*ABS(quantity)", "0.5 + sold_quantity + 2*sold_lines"),
        *("CASE WHEN weight_kg > 1 THEN 3 ELSE 0.5 END", "weight_kg"),
    ],
    "order": ["5 + 3*lines + 15*new_customer + 10*rush", "CEIL(ABS(net_sales)/100)", "GREATEST(weight_kg, 1)"],
    "shipment": ["2 + lines", "3*sold_lines + 0.25*sold_quantity", "weight_kg*distance_km", "1"],
    "customer": ["orders + months_active", "ABS(net_sales)"],
    "event:call": ["12*quantity"],
}
CONDITIONS = {
    "line": ["quantity > 0", "priority = 'rush'", "order_date >= '2026-02-01'"],
    "order": ["lines > 1", "net_sales > 0", "sold_lines > 0"],
    "shipment": ["distance_km > 5", "sold_quantity > 0"],
    "customer": ["channel = 'retail'"],
    "event:call": ["quantity > 1"],
}
PRICES = st.integers(0, 500).map(lambda cents: cents / 100)
GRAINS = st.sampled_from(list(QUANTITIES))
AMOUNTS = st.integers(-10_000, 1_000_000).map(lambda cents: cents / 100)
LEDGERS = st.fixed_dictionaries(dict.fromkeys(RESOURCES, AMOUNTS))
LINES = st.lists(
    st.fixed_dictionaries(
        {
            "order_id": st.sampled_from(["o1", "o2", "o3"]),
            "customer_id": st.sampled_from(["c1", "c2", "c3"]),
            "product_id": st.sampled_from(["p1", "p2", "p3", "p4"]),
            "quantity": st.integers(-5, 20).filter(bool),
            "net_sales": st.integers(-5000, 50_000).map(lambda cents: cents / 100),
            "cogs": st.integers(0, 30_000).map(lambda cents: cents / 100),
            "weight_kg": st.sampled_from(["", "0", "1.25", "7.3"]),
            "distance_km": st.sampled_from(["", "12", "0.7"]),
            "freight_cost": st.sampled_from(["", "3.3", "0.01"]),
            "priority": st.sampled_from(["", "rush", "standard"]),
            "order_date": st.sampled_from(["2026-01-31", "2026-02-02", "2026-03-31"]),
        }
    ),
    min_size=1,
    max_size=8,
)
EVENTS = st.lists(
    st.fixed_dictionaries(
        {
            "event": st.sampled_from(["call", "gift", "visit"]),
            "customer_id": st.sampled_from(["c1", "c2", "c3"]),
            "quantity": st.sampled_from(["", "1", "2.5"]),
            "amount": st.sampled_from(["", "9.99"]),
        }
    ),
    max_size=4,
)


@st.composite
def activities(draw: st.DrawFn, basis: str, resource: str) -> list[Model]:
    """One or two activities of a resource, of any grain, with or without a condition, spread or share."""
    made = []
    for _ in range(draw(st.integers(1, 2))):
        grain = draw(GRAINS)
        activity = {"resource": resource, "per": grain, basis: draw(st.sampled_from(QUANTITIES[grain]))}
        if draw(st.booleans()):
            activity["when"] = draw(st.sampled_from(CONDITIONS[grain]))
        if grain in ("order", "shipment") and draw(st.booleans()):
            activity["spread_over"] = draw(st.sampled_from(["lines", "net_sales", "weight_kg"]))
        if basis == "driver" and draw(st.booleans()):
            activity["share"] = draw(st.sampled_from([0.0, 0.25, 0.5]))
        made.append(activity)
    return made


@st.composite
def supports(draw: st.DrawFn) -> Model:
    """Shares among up to three departments, in cycles or not, some of which nobody uses or who serve nobody."""
    shares = {}
    for name in draw(st.lists(st.sampled_from(DEPARTMENTS), unique=True)):
        among = draw(st.lists(st.integers(0, 9), min_size=len(DEPARTMENTS), max_size=len(DEPARTMENTS)))
        others = draw(st.lists(st.integers(1, 9), min_size=len(SERVED), max_size=len(SERVED)))
        weights = dict(zip((*DEPARTMENTS, *SERVED), among + others, strict=True))
        shares[name] = {receiver: weight / sum(weights.values()) for receiver, weight in weights.items()}
    method = draw(st.sampled_from(["direct", "step", "reciprocal"]))
    return {"method": method, "order": draw(st.permutations(list(shares))), "shares": shares}


@st.composite
def models(draw: st.DrawFn) -> Model:
    """A cost model with every basis, at grains and with support, capacities, conditions and prices as they come."""
    resources: Model = {name: {"capacity_minutes": draw(st.integers(1, 500))} for name in TIMED}
    resources |= {name: {} for name in (*SHARED, "freight", "idle")}
    resources |= {name: {"support": True} for name in DEPARTMENTS}
    resources |= {"brand": {"level": "business_unit"}, "shops": {"level": "channel", "channel": "retail"}}
    made: list[Model] = []
    for basis, names in (("minutes", TIMED), ("driver", SHARED)):
        for name in names:
            made += draw(activities(basis, name))
    made += [
        {"resource": "freight", "per": "shipment", "direct": "freight_cost"},
        {"per": "customer", "driver": "orders + months_active", "rate": 7.5},
        {"per": "event:gift", "direct": "amount"},
    ]
    named = {f"activity_{place}": activity for place, activity in enumerate(made)}
    priced = [name for name, activity in named.items() if activity.get("resource") in (*TIMED, *SHARED)]
    prices = {name: draw(PRICES) for name in draw(st.lists(st.sampled_from(priced), unique=True))}
    return {"resources": resources, "support": draw(supports()), "activities": named, "prices": prices}


def cost(lines: Rows, events: Rows, ledger: dict[str, float], model: Model) -> dict[str, pd.DataFrame]:
    """Compute the profile of generated rows."""
    with _written(lines, events, ledger, model) as params:
        return compute(params).tables["profile"]


def costs(lines: Rows, events: Rows, ledger: dict[str, float], model: Model) -> pd.DataFrame:
    """Compute what each customer, channel and activity of generated rows costs, and nothing else of the profile."""
    with _written(lines, events, ledger, model) as params:
        unit, period = load(params)[0], Period.parse(QUARTER)
        engine = open_engine(unit.params.source, unit.root)
        try:
            source = attach(engine, unit)
            intake = take_in(engine, source, unit, period)
            finish(engine)
            activities = compile_model(unit.params.cost_model, extra_kinds(engine, source))
            found = priced(engine, unit, activities, intake.uncovered, period).costs
            return found.astype(dict.fromkeys(found.select_dtypes("category"), "str"))
        finally:
            engine.close()


def written_lines(lines: Rows) -> Rows:
    """Return the lines as they are written; line numbers are given where the rows have none."""
    return [line(**({"line_no": str(place + 1)} | item)) for place, item in enumerate(lines)]


def written_events(events: Rows) -> Rows:
    """Return the events as they are written."""
    return [event(item["event"]) | item for item in events]


@contextmanager
def _written(lines: Rows, events: Rows, ledger: dict[str, float], model: Model) -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as folder:
        yield make_workbook(
            Path(folder),
            written_lines(lines),
            model,
            customers=CUSTOMERS,
            products=PRODUCTS,
            events=written_events(events),
            ledger=[booked(name, amount) for name, amount in ledger.items()],
        )
