"""What share of a surge is served, a second way: streams and cells in plain Python, by the rules of the docs alone.

Drawn are the surge, the rules of stock and what is known of it, what sells, and levers of stock and of shared
forecasts, several of a kind, for some customers or all. Who goes along is read.
"""

from __future__ import annotations

from collections import defaultdict
from itertools import product
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from small_workbook import QUARTER, UNIT, booked, compute, line, make_workbook
from stock_by_hand import NORMAL, Stream, streams_of

from cts_lib.names import CUSTOMER
from cts_lib.replay.options import read_option

DAYS = 90
CUSTOMERS = [{"customer_id": f"c{at}", "channel": "web" if at < 3 else "shops"} for at in range(6)]
PRODUCTS = [{"product_id": name} for name in ("p1", "p2")]
STREAMS = list(product(["p1", "p2"], ["A", "B"]))
MOVED = ("adoption", "margin_at_risk", "freight_saving", "rush_delay_days", "investment", "demand", "prices")
UNMOVED: dict[str, Any] = {name: [1, 1] for name in (*MOVED, "variable_share")} | {"leave": 0}
"""No end of an assumption is tried: what they cost is not asked here."""
Row = dict[str, Any]
Book = dict[str, list[Row]]


def maybe(values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.none() | values


RULE = st.fixed_dictionaries(
    {
        "lead_time_days": st.sampled_from([0, 1, 2.5, 9, 30]),
        "lead_time_sd_days": st.sampled_from([None, 0, 1.5, 6]),
        "review_days": st.sampled_from([None, 0, 7, 20]),
        "order_cost": maybe(st.sampled_from([0, 2, 40])),
        "reorder_point": maybe(st.integers(-2, 30)),
        "order_up_to": maybe(st.integers(5, 60)),
        "order_quantity": maybe(st.integers(1, 20)),
        "holding_rate": st.sampled_from([0.1, 0.4]),
    }
)
SERVICE = st.sampled_from([0.5, 0.7, 0.9, 0.98, 0.9999]).map(lambda level: {"service_level": level})
STOCK = SERVICE | st.just({"make_to_order": True})
HANDED = st.sampled_from([60, 150, 1000]).map(lambda below: {"below": below})
FORECAST = st.sampled_from([0.05, 0.3, 0.8, 1.0]).map(lambda factor: {"shared_forecast": True, "cv_factor": factor})
WHOM = {
    "adoption": st.sampled_from([0.5, 1.0, 1.0]),
    "for": st.sampled_from(["channel = 'web'", "channel <> ''", "channel <> ''"]),
}


def lever(kind: str, setting: st.SearchStrategy[Row], most: int) -> st.SearchStrategy[Row]:
    """Return a lever of a kind with up to so many settings."""
    several = st.lists(setting, min_size=1, max_size=most, unique_by=str)
    named = several.map(lambda each: {f"s{at}": one for at, one in enumerate(each)})
    return st.fixed_dictionaries({"kind": st.just(kind), "settings": named, **WHOM})


@st.composite
def books(draw: st.DrawFn) -> Book:
    """Return lines of all streams and others, rules of some streams, and what was at hand of some."""
    lines = [
        line(
            f"o{at}",
            customer_id=f"c{draw(st.integers(0, 5))}",
            product_id=place[0],
            warehouse=place[1],
            order_date=f"2026-{draw(st.integers(1, 3)):02d}-{draw(st.integers(1, 28)):02d}",
            quantity=draw(st.sampled_from([1, 4, 10, 25, -3])) if at >= 4 else 6,
            cogs=draw(st.integers(1, 60)),
        )
        for at, place in enumerate([*STREAMS, *draw(st.lists(st.sampled_from([*STREAMS, ("p1", "C")]), max_size=30))])
    ]
    places = draw(st.lists(st.sampled_from(STREAMS), unique=True, min_size=3))
    keys = [{"business_unit": UNIT, "product_id": each, "warehouse": warehouse} for each, warehouse in places]
    rules = [key | draw(RULE) for key in keys]
    inventory = [
        key | {"date": f"2026-0{month}-01", "on_hand": draw(st.integers(0, 60))}
        for key in keys
        for month in range(1, 1 + draw(st.integers(0, 3)))
    ]
    return {"lines": lines, "replenishment": rules, "inventory": inventory}


LEVERS = st.fixed_dictionaries(
    {"stock": lever("stock", STOCK, 2), "forecast": lever("visibility", FORECAST, 2)},
    optional={
        "more stock": lever("stock", STOCK, 1),
        "more forecast": lever("visibility", FORECAST, 1),
        "partner": lever("hand_over", HANDED, 1),
    },
)


def served(stream: Stream, surge: Row, plan: Row | None, factor: float) -> float:
    """Return the share of a surge that a stream's safety stock serves until a replenishment is there."""
    extra = (surge["demand"] - 1) * stream.d * min(surge["days"], stream.lead + stream.review)
    if extra == 0:
        return 1.0
    today = stream.safety or 0.0
    if plan is None:
        spared = stream.z() * (stream.spread() - stream.spread(factor))
        there = today - spared
    elif "service_level" in plan:
        there = NORMAL.inv_cdf(plan["service_level"]) * stream.spread(factor)
    else:
        there = 0.0
    return min(max(there / extra, 0.0), 1.0)


def first(levers: Row, along: dict[tuple[str, str], set[tuple[str, str]]], option: Row, kind: str, whom: Any) -> Any:
    """Return the setting of the first lever of a kind that a customer goes along with in an option."""
    names = [name for name, each in levers.items() if each["kind"] == kind and name in option]
    return next((levers[n]["settings"][option[n]] for n in names if whom in along.get((n, option[n]), ())), None)


@settings(
    max_examples=10,
    phases=[Phase.generate],  # each takes seconds: to shrink would take minutes
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    book=books(),
    levers=LEVERS,
    surge=st.fixed_dictionaries({"demand": st.sampled_from([1.3, 3, 12, 40]), "days": st.sampled_from([1, 5, 20, 60])}),
    capacity=maybe(st.integers(20, 500)),
)
def test_the_share_of_a_surge_that_each_option_serves_follows_from_the_rules_of_the_docs(
    book: Book, levers: Row, surge: Row, capacity: int | None, tmp_path_factory: pytest.TempPathFactory
) -> None:
    model: Row = {"resources": {}, "activities": {"care": {"per": "order", "driver": "1", "rate": 1}}}
    if capacity:
        model["resources"]["desk"] = {"capacity_minutes": capacity}
        model["activities"]["entry"] = {"resource": "desk", "per": "order", "minutes": "10"}
    params = make_workbook(
        tmp_path_factory.mktemp("surge"),
        book["lines"],
        model,
        customers=CUSTOMERS,
        products=PRODUCTS,
        ledger=[booked("desk", 100)] if capacity else [],
        replenishment=book["replenishment"],
        inventory=book["inventory"],
        strategy={"levers": levers, "surge": surge, "max_service_loss": 1, "sensitivity": UNMOVED},
    )
    found = compute(params, QUARTER, ("profile", "segment", "strategy"))
    going = found.stages["strategy"].state["going_along"]
    along = {
        key: set(rows[CUSTOMER].itertuples(index=False, name=None)) for key, rows in going.groupby(["lever", "setting"])
    }
    home = {row["customer_id"]: row["channel"] for row in CUSTOMERS}
    lines = [
        each | {"channel": home[each["customer_id"]], "posting_date": each["order_date"]} for each in book["lines"]
    ]
    streams = streams_of(lines, book["replenishment"], book["inventory"], DAYS)
    segments = found.all_tables["segments"].set_index(CUSTOMER)["segment"].to_dict()
    sold: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for each in lines:
        if each["quantity"] > 0 and (each["product_id"], each["warehouse"]) in streams:
            sold[segments[each["customer_id"], each["channel"]], each["channel"]].append(each)
    cell_of = [(segments[each["customer_id"], each["channel"]], each["channel"]) for each in lines]
    for row in found.all_tables["strategy_options"].to_dict("records"):
        cell, option = (row["segment"], row["channel"]), read_option(row["option"]).settings
        gone = along.get(("partner", option.get("partner", "")), set())
        shares = []
        for each in sold[cell]:
            whom = each["customer_id"], each["channel"]
            if whom in gone:
                continue  # who is not there asks for nothing
            plan, forecast = (first(levers, along, option, kind, whom) for kind in ("stock", "visibility"))
            stream = streams[each["product_id"], each["warehouse"]]
            factor = 1.0 if forecast is None else forecast["cv_factor"]
            shares.append((each["quantity"], served(stream, surge, plan, factor)))
        of = sum(quantity for quantity, _ in shares)
        least = [sum(quantity * share for quantity, share in shares) / of] if of else []
        staying = [
            own
            for own, each in zip(cell_of, lines, strict=True)
            if own != cell or (each["customer_id"], each["channel"]) not in gone
        ]
        if capacity and cell in staying:
            used = 10 * len(staying)
            least.append(min(max((capacity - used) / ((surge["demand"] - 1) * used), 0), 1))
        wanted = min(least, default=float("nan"))
        assert row["responsiveness"] == pytest.approx(wanted, abs=1e-9, nan_ok=True), row["option"]
