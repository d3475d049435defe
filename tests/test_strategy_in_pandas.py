"""Options, decisions and the plan's money worked out a second time, in plain pandas and brute force, on drawn data.

Three levers whose rewriting anybody can do by hand: a fee, a portal, and customers who see where their orders are. The
five elements, cash, overload and what decisions bring follow from the contract alone; who goes along is read.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from small_workbook import QUARTER, booked, compute, line, make_workbook

from cts_lib.names import CELL
from cts_lib.replay.money import plan_money
from cts_lib.replay.options import read_option

DESK, DOCK = 600.0, 5000.0
VARIABLE = {"desk": 0.5, "dock": 0.25}
OVERLOAD_COST = 0.7
SURGE = 1.5
FEE, AT_RISK, SEEN = 6.0, 0.01, 4.0
MODEL: dict[str, Any] = {
    "resources": {
        "desk": {"capacity_minutes": DESK, "variable_share": VARIABLE["desk"], "overload_cost": OVERLOAD_COST},
        "dock": {"capacity_minutes": DOCK, "variable_share": VARIABLE["dock"]},
    },
    "activities": {
        "entry": {
            "resource": "desk",
            "per": "order",
            "minutes": "CASE WHEN order_method = 'portal' THEN 4 ELSE 44 END",
        },
        "picking": {"resource": "dock", "per": "line", "minutes": "10 + quantity"},
        "care": {"per": "order", "driver": "1", "rate": 3},
    },
}
BOOKED = {"desk": 900.0, "dock": 2500.0}
LEVERS: dict[str, Any] = {
    "fee": {
        "kind": "terms",
        "settings": {"six": {"fee_per_order": FEE}},
        "margin_at_risk": AT_RISK,
        "adoption": 0.5,
        "investment": {"once": 60, "per_year": 8},
    },
    "portal": {"kind": "order_method", "settings": {"all": {"to": "portal"}}, "investment": {"per_customer": 24}},
    "seen": {"kind": "visibility", "settings": {"yes": {"cost_per_order": SEEN}}},
}
FIXED = {"fee": 60 / 3 / 4 + 8 / 4}
PER_CUSTOMER = {"portal": 24 / 3 / 4}
CUSTOMERS = [{"customer_id": f"c{at}", "name": f"C{at}", "channel": "web" if at < 3 else "shops"} for at in range(6)]
Cell = tuple[str, str]
Row = dict[str, Any]


@st.composite
def books(draw: st.DrawFn) -> list[Row]:
    """Some orders of each customer, on time or late, whole or in part, known or not."""
    rows: list[Row] = []
    for customer in CUSTOMERS:
        for order in range(draw(st.integers(1, 3))):
            day, method = draw(st.integers(1, 20)), draw(st.sampled_from(["phone", "phone", "mail", "portal"]))
            for number in range(draw(st.integers(1, 2))):
                arrives = day + draw(st.integers(0, 8))
                rows.append(
                    line(
                        f"{customer['customer_id']}o{order}",
                        str(number + 1),
                        customer["customer_id"],
                        order_date=f"2026-02-{day:02d}",
                        promised_date=draw(st.sampled_from(["", f"2026-02-{day + 4:02d}"])),
                        delivered_date=draw(st.sampled_from([f"2026-02-{arrives:02d}"] * 3 + [""])),
                        delivered_quantity=str(draw(st.sampled_from([5, 5, 4]))),
                        order_method=method,
                        ship_mode=draw(st.sampled_from(["van", "rail"])),
                        quantity="5",
                        net_sales=str(draw(st.integers(20, 200))),
                        cogs=str(draw(st.integers(10, 120))),
                    )
                )
    return rows


class ByHand:
    """The period in plain pandas: what each customer brings, costs and gets under any set of levers."""

    def __init__(self, lines: list[Row], segments: pd.DataFrame, going: pd.DataFrame) -> None:
        frame = pd.DataFrame(lines).replace("", None)
        for name in ("quantity", "net_sales", "cogs", "delivered_quantity"):
            frame[name] = frame[name].astype(float)
        for name in ("order_date", "promised_date", "delivered_date"):
            frame[name] = pd.to_datetime(frame[name])
        self.lines = frame.merge(segments[["customer_id", *CELL]], on="customer_id")
        self.along = {name: set(rows["customer_id"]) for name, rows in going.groupby("lever")}
        self.known = dict[tuple[Cell, tuple[str, ...]], dict[str, float]]()
        self.cells = sorted(set(self.lines[CELL].itertuples(index=False, name=None)))
        self.rate = {"desk": BOOKED["desk"] / DESK, "dock": BOOKED["dock"] / DOCK}
        self.today = {cell: self.row(cell, ()) for cell in self.cells}
        used = {name: sum(row[name] for row in self.today.values()) for name in ("desk", "dock")}
        self.used = used
        over = {name: used[name] > capacity for name, capacity in (("desk", DESK), ("dock", DOCK))}
        self.going = {name: 0.0 if over[name] else VARIABLE[name] for name in VARIABLE}  # nobody was paid beyond

    def row(self, cell: Cell, levers: Iterable[str]) -> dict[str, float]:
        """Return the figures of a cell under some levers."""
        own = self.lines[(self.lines[CELL] == pd.Series(cell, CELL)).all(axis=1)]
        along = {name: own["customer_id"].isin(self.along.get(name, set())) for name in levers}
        nobody = pd.Series(False, own.index)
        orders = own.drop_duplicates("order_id")
        method = own["order_method"].mask(along.get("portal", nobody), "portal")
        pays, sees = along.get("fee", nobody), along.get("seen", nobody)
        sales = own["net_sales"].groupby(own["order_id"]).transform("sum")
        net = own["net_sales"] + pays * FEE * own["net_sales"] / sales
        net = net - pays * AT_RISK * (net - own["cogs"]).clip(lower=0)
        desk = float((44 - 40 * (method[orders.index] == "portal")).sum())
        dock = float((10 + own["quantity"]).sum())
        care, seen = 3.0 * len(orders), SEEN * float(sees[orders.index].sum())
        judged = own.dropna(subset=["promised_date", "delivered_date"])
        days = (own["delivered_date"] - own["order_date"]).dt.days.dropna().sort_values()
        reached = set[str]().union(*(own.loc[mask, "customer_id"] for mask in along.values()))
        customers = {name: own.loc[mask, "customer_id"].nunique() for name, mask in along.items()}
        invested = sum(PER_CUSTOMER.get(name, 0.0) * count for name, count in customers.items())
        cost = desk * self.rate["desk"] + dock * self.rate["dock"] + care + seen
        return {
            "customers_reached": float(len(reached)),
            "margin": float((net - own["cogs"]).sum()),
            "cost_to_serve": cost,
            "profit": float((net - own["cogs"]).sum()) - cost,
            "outside": care + seen,
            "investment": invested,
            "desk": desk,
            "dock": dock,
            "service_level": float((judged["delivered_date"] <= judged["promised_date"]).mean()),
            "in_full": float((own["delivered_quantity"] >= own["quantity"]).mean()),
            "speed_days": float(days.mean()),
            "speed_p95_days": float(days.iloc[int(np.ceil(0.95 * len(days) - 1e-9)) - 1]) if len(days) else np.nan,
            "visibility": float(((own["ship_mode"] == "rail") | sees).mean()),
        }

    def option(self, cell: Cell, levers: tuple[str, ...]) -> dict[str, float]:
        """Return the figures of an option, with cash and responsiveness, against today."""
        if (cell, levers) not in self.known:
            self.known[cell, levers] = self._against_today(cell, levers)
        return self.known[cell, levers]

    def _against_today(self, cell: Cell, levers: tuple[str, ...]) -> dict[str, float]:
        row, before = self.row(cell, levers), self.today[cell]
        gone = row["outside"] - before["outside"]
        slack = []
        for name, capacity in (("desk", DESK), ("dock", DOCK)):
            gone += (row[name] - before[name]) * self.rate[name] * self.going[name]
            used = self.used[name] + row[name] - before[name]
            slack.append(min(max((capacity - used) / ((SURGE - 1) * used), 0.0), 1.0))
        cash = row["margin"] - before["margin"] - gone - row["investment"]
        return row | {"cash": cash, "responsiveness": min(slack)}

    def money(self, plan: Mapping[Cell, tuple[str, ...]]) -> tuple[float, float]:
        """Return what a plan brings at full cost and in cash, overtime saved included."""
        rows = {cell: self.option(cell, levers) for cell, levers in plan.items()}
        fixed = sum(FIXED.get(name, 0.0) for name in {name for levers in plan.values() for name in levers})
        gain = sum(rows[cell]["profit"] - rows[cell]["investment"] - self.today[cell]["profit"] for cell in plan)
        overtime = self.overtime(self.desk_of(plan))
        return gain - fixed, sum(row["cash"] for row in rows.values()) + overtime - fixed

    def desk_of(self, plan: Mapping[Cell, tuple[str, ...]]) -> float:
        """Return the desk's minutes under a plan."""
        return sum(self.option(cell, levers)["desk"] for cell, levers in plan.items())

    def overtime(self, desk: float) -> float:
        """Return the money that is saved of today's overtime with so many minutes at the desk."""
        return OVERLOAD_COST * (max(self.used["desk"] - DESK, 0.0) - max(desk - DESK, 0.0))

    def shared(
        self, plan: Mapping[Cell, tuple[str, ...]], lesser: Sequence[Mapping[Cell, tuple[str, ...]]]
    ) -> list[float]:
        """Return what each decision adds to the overtime saved, in the mean of every order of taking them."""
        desk = self.desk_of(plan)
        spared = [self.desk_of(less) - desk for less in lesser]
        orders = list(itertools.permutations(range(len(lesser))))
        brought = [0.0] * len(lesser)
        for order in orders:
            work = desk + sum(spared)
            for decision in order:
                brought[decision] += (self.overtime(work - spared[decision]) - self.overtime(work)) / len(orders)
                work -= spared[decision]
        return brought


@settings(
    max_examples=5,
    phases=[Phase.generate],  # each takes seconds: to shrink would take minutes
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(lines=books())
def test_options_decisions_and_the_plan_are_what_plain_pandas_makes_of_the_contract(
    lines: list[Row], tmp_path_factory: pytest.TempPathFactory
) -> None:
    strategy = {"levers": LEVERS, "surge": {"demand": SURGE}, "tracked_modes": ["rail"], "max_service_loss": 1}
    ledger = [booked(name, money) for name, money in BOOKED.items()]
    folder = tmp_path_factory.mktemp("drawn")
    params = make_workbook(folder, lines, MODEL, customers=CUSTOMERS, ledger=ledger, strategy=strategy)
    results = compute(params, QUARTER, ("profile", "segment", "strategy"))
    found, state = results.all_tables, results.stages["strategy"].state
    by_hand = ByHand(lines, found["segments"], state["going_along"])
    for row in found["strategy_options"].to_dict("records"):
        levers = tuple(read_option(row["option"]).levers)
        wanted = by_hand.option((row["segment"], row["channel"]), levers)
        told = {name: row.get(name, row.get(f"uses_{name}")) for name in wanted if name not in ("margin", "outside")}
        assert told == pytest.approx({name: wanted[name] for name in told}, abs=1e-6, nan_ok=True), row["option"]
    chosen = found["strategy"].set_index(CELL)["chosen_option"]
    plan = {cell: tuple(read_option(name).levers) for cell, name in chosen.items()}
    gain, cash = by_hand.money(plan)
    money = plan_money(found["strategy"], found["decisions"], found["capacity_plan"])
    assert (money.gain, money.cash) == pytest.approx((gain, cash), abs=1e-6)
    decided = found["decisions"].to_dict("records")
    rests = [
        {cell: tuple(each for each in levers if each != row["lever"]) for cell, levers in plan.items()}
        for row in decided
    ]
    of_overtime = by_hand.shared(plan, rests)
    for at, (decision, without) in enumerate(zip(decided, rests, strict=True)):
        rest, alone = by_hand.money(without), by_hand.overtime(by_hand.desk_of(plan))
        brought = cash - rest[1] - (alone - by_hand.overtime(by_hand.desk_of(without))) + of_overtime[at]
        assert (decision["gain"], decision["cash_gain"]) == pytest.approx((gain - rest[0], brought), abs=1e-6)
    options = {cell: rows["option"].tolist() for cell, rows in found["strategy_options"].groupby(CELL)}
    allowed = {cell: [tuple(read_option(name).levers) for name in names] for cell, names in options.items()}
    every = (dict(zip(allowed, each, strict=True)) for each in itertools.product(*allowed.values()))
    assert cash >= max(by_hand.money(each)[1] for each in itertools.islice(every, 5000)) - 0.01
