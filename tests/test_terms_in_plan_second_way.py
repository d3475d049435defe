"""What the plan makes of losing customers, and what is needed on top of it, a second way: by hand on drawn plans."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from lanes_by_hand import Ways
from lever_kinds_by_hand import Lever
from levers_by_hand import apply, going_along, held
from small_workbook import QUARTER, compute
from terms_by_hand import ELECTRONIC, GRAINS, HOME, Books, Place, Row, Wanted
from test_terms_second_way import CUSTOMERS, DRAWN, completed, workbook

from cts_lib.names import CUSTOMER

STAGES = ("profile", "segment", "strategy")
CELL = ["segment", "channel"]
KINDS: dict[str, list[Row]] = {
    "rhythm": [{"days": 7}, {"weekdays": ["tue", "fri"]}],
    "minimum_order": [{"value": 150, "below": "bundle"}, {"value": 90, "fee": 9}, {"value": 90, "lose": 0.5}],
    "order_method": [{"to": "portal"}, {"to": "edi", "share": 0.5}],
    "terms": [
        {"fee_per_order": 4},
        {"fee_per_drop": 3, "price": 0.05},
        {"discount": {"from": 120, "share": 0.1}, "price": 0.2},
        {"price": 0.1, "lose": 0.3},
    ],
    "hand_over": [{"below": 200, "margin_kept": 0.5}],
}
AGREED = ("rhythm", "minimum_order", "order_method", "terms")


def lever_of(kind: str) -> st.SearchStrategy[Row]:
    return st.fixed_dictionaries(
        {"kind": st.just(kind), "settings": st.sampled_from(KINDS[kind]).map(lambda setting: {"it": setting})},
        optional={
            "adoption": st.sampled_from([0.5, 0.8]),
            "margin_at_risk": st.sampled_from([0.02, 0.3]),
            "events": st.just({"call": 0.5}),
            "for": st.sampled_from(["channel = 'direct'", "customer_id <> 'c1'"]),
        },
    )


PLANS = st.lists(st.sampled_from([*KINDS]), min_size=1, max_size=3, unique=True).flatmap(
    lambda kinds: st.fixed_dictionaries({f"my {kind}": lever_of(kind) for kind in kinds})
)


class InPlan(Books):
    """The period under a plan, everybody going along: what becomes of a customer with one term on top."""

    def __init__(
        self, drawn: Row, lines: list[Row], calls: Counter[str], strategy: Row, tables: dict[str, pd.DataFrame]
    ) -> None:
        super().__init__(drawn, lines, calls)
        self.usual = {"electronic_methods": ELECTRONIC, "freight_saving": strategy["freight_saving"]}
        self.before = dict(self.today)
        everybody, customers = [row for rows in self.before.values() for row in rows], pd.DataFrame(CUSTOMERS)
        self.levers = list[Lever]()
        for name, written in strategy["levers"].items():
            for segment, channel, chosen in tables["strategy"][[*CELL, "chosen_option"]].itertuples(index=False):
                if f"{name}: it" not in chosen.split(" + "):
                    continue
                one = Lever(name, written | {"adoption": 1}, "it", self.usual, Ways({}, [], []), {})
                places = held(tables["segments"], customers, one.condition, segment, channel)
                one.along = going_along(one, everybody, places)
                one.at = {key: value for key, value in one.at.items() if written["kind"] != "terms" or key != "lose"}
                self.levers.append(one)
        under = {place: self.lines_of(place) for place in self.before}
        self.today.update({place: rows for place, (rows, _) in under.items()})
        self.kept = Counter[Place]()  # what a partner leaves is an event, and so the customer's own channel's
        for (customer, _), (_, money) in under.items():
            self.kept[customer, HOME[customer]] += money

    def of(self, place: Place) -> list[Lever]:
        return [lever for lever in self.levers if place in lever.along]

    def lines_of(self, place: Place, *more: Lever) -> tuple[list[Row], float]:
        """Return the lines of a customer in a channel under the plan, and what a partner leaves of those that went."""
        rows, brought, _ = apply(
            [dict(row) for row in self.before.get(place, [])], [*self.of(place), *more], self.usual
        )
        for row in rows:
            lost = min(row["_risk"], 1) * max(row["net_sales"] - row["cogs"], 0)
            row["net_sales"] -= lost
        return rows, -sum(event["amount"] for event in brought)

    def calls_of(self, place: Place) -> float:
        factor = 1.0
        for lever in self.of(place):
            factor *= 0 if lever.kind == "hand_over" else lever.events.get("call", 1)
        return factor

    def in_plan(self, place: Place, *more: Lever) -> tuple[float, float, dict[str, float]]:
        """Return net sales, profit and cost by activity."""
        rows, _ = self.lines_of(place, *more)
        costs = self.costs(rows, *place)
        costs["calls"] *= self.calls_of(place)
        net, cogs = (sum(each[name] for each in rows) for name in ("net_sales", "cogs"))
        return net, net - cogs - sum(costs.values()) + self.kept[place], costs

    def outcome(self, place: Place, strategy: Row, kind: str = "", **setting: Any) -> tuple[float, float]:
        more = []
        if kind:
            lever = Lever("on top", {"kind": kind, "settings": {"it": setting}}, "it", self.usual, Ways({}, [], []), {})
            lever.along = [place]
            more.append(lever)
        return self.in_plan(place, *more)[:2]

    def takes_a_share(self, place: Place) -> bool:
        of_orders = {"order_method": "share", "minimum_order": "lose"}
        return any(0 < lever.at.get(of_orders.get(lever.kind, ""), 0) < 1 for lever in self.of(place))


def check(rows: pd.DataFrame, books: InPlan, place: Place, strategy: Row) -> None:
    """Hold what is asked on top of the plan, for one aim, to what every value of it brings by hand."""
    told, aim = rows.set_index("term"), rows["aim"].iloc[0]
    target = strategy["target_margin"] if aim == "margin" else 0.0
    wanted = Wanted(books, place, strategy, target)
    net, profit = books.outcome(place, strategy)
    ended = profit >= -0.005
    nothing = ended or not books.of(place) or books.takes_a_share(place) or told["handed_over"].any()
    known = {}
    for term in GRAINS:
        root, one = None if nothing else wanted.paid(term), told.loc[term]
        assert pd.notna(one["chosen_needed"]) == (root is not None), (place, aim, term, root, one.to_dict(), strategy)
        if root is not None:
            exact, grain = root
            assert exact - 1e-6 <= one["chosen_needed"] <= exact + grain + 1e-6, (place, aim, term, exact, strategy)
            then = books.outcome(place, strategy, "terms", **{term: one["chosen_needed"]})
            assert one["chosen_net_sales_then"] == pytest.approx(then[0], abs=1e-5), (place, term)
            known[term] = one["chosen_net_sales_then"] / net - 1
    assert told["chosen_easiest"].sum() == bool(known)
    for term, asked in known.items():
        assert told.loc[term, "chosen_realistic"] == (asked <= strategy["most_asked"] + 1e-9)
    if known:
        easiest = told.index[told["chosen_easiest"]][0]
        assert known[easiest] <= min(known.values()) + 0.001
    assert not told.loc[~told.index.isin([*known]), ["chosen_easiest", "chosen_realistic"]].any(axis=None)


@settings(
    max_examples=6,
    phases=[Phase.generate],  # each takes seconds: to shrink would take minutes
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(**DRAWN, levers=PLANS)
def test_what_the_plan_makes_of_losing_customers_and_what_is_needed_on_top_by_hand(
    drawn: Row,
    lines: list[Row],
    calls: Counter[str],
    strategy: Row,
    levers: Row,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    strategy = strategy | {"levers": levers, "objective": "full_cost"}
    asked = strategy | {"min_gain": {"money": 0, "share_of_sales": 0}}  # so that the plan changes much
    params = workbook(tmp_path_factory.mktemp("plan"), drawn, lines, calls, asked)
    tables = compute(params, QUARTER, STAGES).all_tables
    books = InPlan(drawn, lines, calls, strategy, tables)
    goes = {"entry": drawn["desk_goes"], "picking": drawn["desk_goes"], "drops": drawn["trucks_go"]}
    said = goes["entry"] is not None or goes["drops"] is not None
    for place, rows in tables["customer_terms"].groupby(CUSTOMER):
        first = rows.iloc[0]
        over = any(lever.kind == "hand_over" for lever in books.of(place))
        assert (rows["handed_over"] == over).all()
        if not books.takes_a_share(place):
            net, profit, costs = books.in_plan(place)
            assert first["chosen_net_sales"] == pytest.approx(net, abs=1e-6), (place, strategy, first.to_dict())
            assert first["chosen_profit"] == pytest.approx(profit, abs=1e-6), (place, strategy, first.to_dict())
            avoidable = sum(cost * (goes.get(name, 1) or 0) for name, cost in costs.items())
            margin = profit + sum(costs.values()) - avoidable if said else float("nan")
            assert first["chosen_avoidable_margin"] == pytest.approx(margin, abs=1e-6, nan_ok=True)
        both = rows["avoidable_margin"].iloc[0], first["chosen_avoidable_margin"]
        assert set(rows["worth_leaving"]) == {bool(said and max(both) <= 0)}
        asks = {f"{lever.name}: it" for lever in books.of(place) if lever.kind in AGREED and not over} or {"current"}
        assert set(first["asks"].split(" + ")) <= asks, (place, first["asks"], asks)
        for _, several in rows.groupby("aim"):
            check(several, books, place, strategy)


@pytest.mark.parametrize("share", [{}, {"share": 0.5}])
def test_nothing_is_asked_on_top_of_a_plan_that_takes_a_share_of_the_orders(tmp_path: Path, share: Row) -> None:
    nothing = dict.fromkeys(["small", "pick", "drop", "credit", "care"], 0)
    model = nothing | {"entry": 1, "manual": 30, "desk_goes": None, "trucks_go": None}
    one = {"customer_id": "c0", "channel": "", "product_id": "p1", "quantity": 1, "net_sales": 20, "cogs": 19}
    one |= {"order_method": "phone", "warehouse": "A", "freight_cost": 0}
    lines = [completed(one | {"order_id": f"o{at}", "order_date": 2 + at}, at) for at in range(4)]  # each loses 28.7
    lever = {"kind": "order_method", "settings": {"it": {"to": "edi"} | share}}  # by edi 1.7
    strategy = {"levers": {"method": lever}, "objective": "full_cost", "min_gain": {"money": 0, "share_of_sales": 0}}
    found = compute(workbook(tmp_path, model, lines, Counter(), strategy), QUARTER, STAGES).all_tables["customer_terms"]
    price = found.query("term == 'price' and aim == 'zero'").iloc[0]
    assert price["asks"] == "method: it"
    assert price["chosen_profit"] == pytest.approx(-61 if share else -7, abs=1)
    assert (price["chosen_needed"] > 0) == (not share)
