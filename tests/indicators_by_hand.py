"""Two drawn periods and their indicators by hand: in plain pandas from docs/indicators.md and docs/tables.md.

Drawn are two periods of the calendar or of a fiscal year: customers in several channels who come and go, what comes
late, short or not at all and what comes back, lines without dates, methods or weights, targets, and stock.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from hypothesis import strategies as st
from small_workbook import booked, event, line, make_workbook, open_run

from cts_lib.costing.costed import Costed
from cts_lib.params.period import Period
from cts_lib.run import Results

ALL = "(all)"
DAYS = ("2026-01-01", "2026-04-01")
CALENDARS = [(None, ("2026-Q1", "2026-Q2")), ({"year_starts": 10}, ("FY2026-Q2", "FY2026-Q3"))]
HOME = {f"c{at}": "web" if at < 3 else "shop" for at in range(6)}
TERMS = {"c0": 30, "c1": 0, "c3": 60, "c4": 10}
PRODUCTS = [
    {"product_id": name, "family": family, "unit_weight_kg": weight, "unit_cost": cost}
    for name, family, weight, cost in (("p1", "x", 2, 3), ("p2", "x", 0.5, 5), ("p3", "y", None, None))
]
CUTS = (60.0, 0.3)
NAMES = {(True, True): "Carriage trade", (True, False): "Passive"}
NAMES |= {(False, True): "Aggressive", (False, False): "Bargain basement"}
CAPACITY = 200
MODEL: dict[str, Any] = {
    "resources": {"desk": {"capacity_minutes": CAPACITY}, "trucks": {}, "brand": {"level": "business_unit"}},
    "activities": {
        "entry": {"resource": "desk", "per": "order", "minutes": "12 + 3*lines"},
        "care": {"resource": "desk", "per": "event:call", "minutes": "20*quantity"},
        "trips": {"resource": "trucks", "per": "shipment", "driver": "1", "share": 0.8},
        "interest": {"per": "line", "driver": "quantity", "when": "quantity > 0", "rate": 0.1},
    },
}
OWNERS = {"orders": "Ana", "web": "Bea", "Passive": "Cem", "desk": "Dana", "default": "Eva"}
TARGETS: dict[str, Any] = {
    "on_time": {"value": 0.6, "channels": {"web": 0.7}, "segments": {"Passive": 0.5}, "tolerance": 0.2},
    "cost_per_line": {"value": 20, "tolerance": 3},
    "orders": {"value": 6, "better": "lower"},
    "profit": {"channels": {"shop": 0}, "segments": {"Passive": 90, "Aggressive": -20}},
}
STAGES = ("profile", "segment", "govern")
Row = dict[str, Any]


def day(period: int, at: int) -> str:
    return str((pd.Timestamp(DAYS[period]) + pd.Timedelta(days=at)).date())


@st.composite
def books(draw: st.DrawFn) -> Row:
    """Return lines, calls, ledger and stock of both periods."""
    drawn: Row = {"lines": [], "calls": [], "ledger": [], "stock": []}
    maybe = st.sampled_from([True, True, True, False])
    for period in (0, 1):
        who = draw(st.lists(st.sampled_from([*HOME]), min_size=2, max_size=6, unique=True))
        for at in range(draw(st.integers(5, 20))):
            name, ordered = draw(st.sampled_from(who)), draw(st.integers(0, 70))
            quantity = draw(st.sampled_from([1, 4, 6, 10, 10, 20, -2, 0]))
            price, arrives = draw(st.integers(0, 12)), ordered + draw(st.integers(0, 9))
            short = draw(st.sampled_from([0, 0, 0, 1, -2]))
            more = {
                "quantity": quantity,
                "net_sales": price * quantity,
                "gross_sales": price * quantity + draw(st.integers(0, 3)),
                "cogs": draw(st.integers(1, 6)) * quantity,
                "channel": draw(st.sampled_from(["web", HOME[name], HOME[name]])),
                "product_id": draw(st.sampled_from(["p1", "p1", "p2", "p3"])),
                "order_date": day(period, ordered),
                "promised_date": day(period, ordered + 5) if draw(maybe) else "",
                "shipped_date": day(period, ordered + 1) if draw(maybe) else "",
                "delivered_date": day(period, arrives) if draw(maybe) else "",
                "delivered_quantity": max(quantity - short, 0) if draw(maybe) and quantity > 0 else "",
                "returned_quantity": draw(st.sampled_from(["", "", 0, 1])),
                "priority": draw(st.sampled_from(["rush", "standard", "standard", ""])),
            }
            order = f"{period}-{name}-{draw(st.integers(0, 2))}"
            shipment = draw(st.sampled_from([order, order + "+"]))
            drawn["lines"].append(line(order, str(at), name, **more, shipment_id=shipment))
        for name in draw(st.lists(st.sampled_from(who), max_size=3)):
            drawn["calls"].append(event("call", name, event_date=day(period, 9), quantity=draw(st.integers(1, 3))))
        drawn["ledger"] += [
            booked(name, draw(st.integers(100, 900)), f"2026-0{1 + 3 * period + month}")
            for name in MODEL["resources"]
            for month in range(draw(st.integers(1, 3)))
        ]
        drawn["stock"] += [
            {"business_unit": "north", "product_id": product, "date": day(period, at), "warehouse": "A"}
            | {"on_hand": draw(st.integers(0, 40))}
            for product in draw(st.sampled_from([["p1"], ["p1", "p2"]]))
            for at in (0, 31)
        ]
    return drawn


def lines_of(drawn: Row, period: int) -> pd.DataFrame:
    """Return the lines of a period with what the contract says of each."""
    frame = pd.DataFrame(drawn["lines"]).replace("", None)
    for name in ("order_date", "promised_date", "shipped_date", "delivered_date"):
        frame[name] = pd.to_datetime(frame[name])
    frame = frame[(frame["order_date"] >= DAYS[1]) == bool(period)].copy()
    for name in ("quantity", "net_sales", "cogs", "delivered_quantity", "returned_quantity"):
        frame[name] = frame[name].astype("float64")
    frame["sold"], frame["return"] = frame["quantity"] > 0, frame["quantity"] < 0
    frame["arrived"] = frame["delivered_date"].fillna(frame["shipped_date"])
    weights = {each["product_id"]: each["unit_weight_kg"] for each in PRODUCTS}
    frame["kg"] = frame["quantity"] * frame["product_id"].map(weights).astype("float64")
    families = {each["product_id"]: each["family"] for each in PRODUCTS}
    return frame.assign(family=frame["product_id"].map(families), terms=frame["customer_id"].map(TERMS))


def over(amount: float, of: float) -> float:
    return amount / of if of > 0 else np.nan


def indicators(lines: pd.DataFrame, money: pd.DataFrame) -> dict[str, float]:
    """Return the indicators of a scope that need no capacity or stock, of its lines and customers' money."""
    sold = lines[lines["sold"]]
    sums = money[["net_sales", "gross_margin", "cost_to_serve", "profit"]].sum()
    keys = ["customer_id", "channel"]
    orders = len(sold[[*keys, "order_id"]].drop_duplicates())
    drops = len(sold[[*keys, "shipment_id"]].drop_duplicates())
    cost, sales, profit = sums["cost_to_serve"], sums["net_sales"], sums["profit"]
    of_customers = money.groupby("customer_id")["profit"].sum()
    lost = -of_customers[of_customers < 0].sum()
    promised = sold[sold["promised_date"].notna() & sold["arrived"].notna()]
    counted = sold[sold["delivered_quantity"].notna()]
    known = lines[lines["terms"].notna()]
    lead = (sold["arrived"] - sold["order_date"]).dt.days
    found = sums.to_dict() | {
        "cost_to_serve_share": over(cost, sales),
        "cost_per_order": over(cost, orders),
        "cost_per_line": over(cost, len(lines)),
        "cost_per_drop": over(cost, drops),
        "cost_per_kg": over(cost, sold["kg"].sum()) if sold["kg"].notna().all() else np.nan,
        "profit_margin": over(profit, sales),
        "unprofitable_share": (of_customers < 0).mean(),
        "lost_on_customers": lost,
        "peak_to_end": over(profit + lost, profit),
        "orders": orders,
        "order_value": over(sales, orders),
        "lines_per_order": over(len(sold), orders),
        "on_time": (promised["arrived"] <= promised["promised_date"]).mean(),
        "in_full": (counted["delivered_quantity"] >= counted["quantity"]).mean(),
        "fill_rate": over(counted[["delivered_quantity", "quantity"]].min(axis=1).sum(), counted["quantity"].sum()),
        "lead_time_days": lead.mean(),
        "rush_share": over((lines["priority"] == "rush").sum(), len(lines)),
        "return_share": over((lines["return"] | (lines["returned_quantity"] > 0)).sum(), len(lines)),
        "payment_days": over((known["terms"] * known["net_sales"]).sum(), known["net_sales"].sum()),
    }
    return found | of_orders(sold, lines, [*keys, "order_id"])


def of_orders(sold: pd.DataFrame, lines: pd.DataFrame, keys: list[str]) -> dict[str, float]:
    """Return the indicators that look at whole orders."""
    on_time, in_full, kept, cycle = [], [], [], []
    perfect = []
    for key, rows in sold.groupby(keys):
        every = lines[(lines[keys] == list(key)).all(axis=1)]
        judged = rows["promised_date"].notna() & rows["arrived"].notna()
        late, short = rows["arrived"] > rows["promised_date"], rows["delivered_quantity"] < rows["quantity"]
        back = bool((every["return"] | (every["returned_quantity"] > 0)).any())
        counted = rows["delivered_quantity"].notna()
        kept.append(not back)
        if judged.all():
            on_time.append(not late.any())
        if counted.all():
            in_full.append(not short.any())
        if judged.all() and counted.all():
            perfect.append(not (late.any() or short.any() or back))
        if rows["arrived"].notna().all():
            cycle.append((rows["arrived"].max() - rows["order_date"].min()).days)
    rates = [float(np.mean(each)) if each else np.nan for each in (on_time, in_full, kept, perfect, cycle)]
    known = [each for each in rates[:3] if not np.isnan(each)]
    return {
        "perfect_orders": rates[3],
        "perfect_order_index": float(np.prod(known)) if len(known) > 1 else np.nan,
        "cycle_time_days": rates[4],
    }


def computed(folder: Path, drawn: Row, calendar: Row | None, period: str) -> tuple[Results, Costed | None]:
    """Compute the second period of a drawn book; return it with what it compares with."""
    params = make_workbook(
        folder,
        drawn["lines"],
        MODEL,
        customers=[
            {"customer_id": name, "channel": HOME[name], "payment_terms_days": TERMS.get(name)} for name in HOME
        ],
        products=PRODUCTS,
        events=drawn["calls"],
        ledger=drawn["ledger"],
        inventory=drawn["stock"],
        governance={"targets": TARGETS, "owners": OWNERS} | ({"calendar": calendar} if calendar else {}),
        segmentation={"value_threshold": [CUTS[0]], "cost_threshold": [CUTS[1]]},
    )
    unit_run = open_run(params)
    try:
        found = unit_run.compute(Period.parse(period).under(unit_run.unit.params.governance.fiscal), STAGES)
    finally:
        unit_run.close()
    return found, Costed.of(found.before) if found.before else None


def segments_of(money: pd.DataFrame) -> pd.DataFrame:
    """Return customer_id, channel and segment by the cuts of params."""
    share = money["cost_to_serve"] / money["net_sales"].where(money["net_sales"] > 0)
    dear = (share >= CUTS[1]) | share.isna()
    high = money["gross_margin"] >= CUTS[0]
    names = [NAMES[bool(of_value), bool(of_cost)] for of_value, of_cost in zip(high, dear, strict=True)]
    return money[["customer_id", "channel"]].assign(segment=names)


def inside(rows: pd.DataFrame, segment: str, channel: str) -> pd.DataFrame:
    """Return the rows of a segment and channel, each of which may be all."""
    chosen = pd.Series(True, rows.index)
    for name, value in (("segment", segment), ("channel", channel)):
        chosen &= (rows[name] == value) | (value == ALL)
    return rows[chosen]
