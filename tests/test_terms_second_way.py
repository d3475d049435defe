"""What would make a customer worth it, a second way: every term tried by hand on drawn customers, models and params."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from statistics import median

import pandas as pd
import pytest
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st
from lanes_by_hand import groups
from small_workbook import QUARTER, booked, compute, event, line, make_workbook, open_run, row, write_option
from terms_by_hand import ELECTRONIC, GRAINS, HOME, Books, Place, Row, Wanted, losing, model_of
from test_surge_second_way import UNMOVED

from cts_lib.names import CUSTOMER

STAGES = ("profile", "segment", "strategy")
CUSTOMERS = [{"customer_id": name, "channel": channel} for name, channel in HOME.items()]
PRODUCTS = [{"product_id": name} for name in ("p1", "p2")]
RHYTHMS, OF_MEDIAN = (2, 3, 5, 7, 14, 28), (0.25, 0.5, 1, 1.5, 2, 3, 5)

MODELS = st.fixed_dictionaries(
    {
        "entry": st.integers(1, 30),
        "manual": st.integers(0, 30),
        "small": st.sampled_from([0, 0, 25]),
        "pick": st.integers(0, 12),
        "drop": st.integers(0, 400),
        "credit": st.sampled_from([0, 0.05, 0.2]),
        "care": st.sampled_from([0, 8]),
        "desk_goes": st.sampled_from([None, 0, 0.6]),
        "trucks_go": st.sampled_from([None, 1]),
    }
)
STRATEGIES = st.fixed_dictionaries(
    {
        "target_margin": st.sampled_from([0, 0.05, 0.3]),
        "most_asked": st.sampled_from([0, 0.1, 0.4, 1]),
        "min_gain": st.fixed_dictionaries({"money": st.sampled_from([0, 20, 150])}),
        "freight_saving": st.sampled_from([0, 0.3, 1]),
    }
)
LINE = st.fixed_dictionaries(
    {
        "customer_id": st.sampled_from([*HOME]),
        "order_id": st.sampled_from([f"o{at}" for at in range(6)]),
        "channel": st.sampled_from(["", "", "", "direct"]),
        "product_id": st.sampled_from(["p1", "p2"]),
        "quantity": st.sampled_from([1, 4, 9, 9, -2]),
        "net_sales": st.integers(5, 150),
        "cogs": st.integers(1, 120),
        "order_date": st.integers(1, 27),
        "order_method": st.sampled_from(["phone", "email", "edi", ""]),
        "warehouse": st.sampled_from(["A", "B"]),
        "freight_cost": st.integers(0, 20),
    }
)


def completed(given: Row, at: int) -> Row:
    """Return a drawn line as an extract has it; a return brings back what a fourth of a sale brings."""
    day = f"2026-02-{given['order_date']:02d}"
    back = given["quantity"] < 0
    money = {name: round(-given[name] / 4, 2) if back else given[name] for name in ("net_sales", "cogs")}
    owned = {"channel": given["channel"] or HOME[given["customer_id"]], "shipment_id": f"s{given['order_id']}"}
    return line(**given | money | owned | {"line_no": str(at), "order_date": day, "shipped_date": day})


def check(found: pd.DataFrame, books: Books, place: Place, strategy: Row, minimum_orders: list[float]) -> None:
    """Hold all terms of a customer for one aim against what every value of them brings by hand."""
    aim = found["aim"].iloc[0]
    wanted = Wanted(books, place, strategy, strategy["target_margin"] if aim == "margin" else 0.0)
    told = found.set_index("term")
    for term in GRAINS:
        root, one = wanted.paid(term), told.loc[term]
        assert bool(one["possible"]) == (root is not None), (place, aim, term, root)
        if root is not None:
            exact, grain = root
            assert exact - 1e-6 <= one["needed_number"] <= exact + grain + 1e-6, (place, aim, term, exact)
            both = (0.0, 1e-8)  # at the least fee an order may just reach what another activity asks for
            sides = [books.outcome(place, strategy, "terms", **{term: one["needed_number"] + more}) for more in both]
            compare(one, *sides)
    tried = {
        "rhythm": ("rhythm", list(RHYTHMS), lambda days: {"days": days}),
        "minimum_order": ("minimum_order", minimum_orders, lambda value: {"value": value, "below": "bundle"}),
        "order_method": ("order_method", ["edi"], lambda method: {"to": method}),
    }
    ordering = any(each["quantity"] > 0 for each in books.today[place])
    for term, (kind, values, setting) in tried.items():
        needed, one = wanted.smallest(values if ordering else [], kind, setting), told.loc[term]
        assert bool(one["possible"]) == (needed is not None), (place, aim, term, needed)
        if needed is not None:
            assert (one["needed"] if term == "order_method" else one["needed_number"]) == needed
            compare(one, books.outcome(place, strategy, kind, **setting(needed)))
        elif ordering and values:
            best = max(books.outcome(place, strategy, kind, **setting(value))[1] for value in values)
            assert one["profit_then"] == pytest.approx(best, abs=1e-6), (place, aim, term)
    possible = found[found["possible"]]
    asked = possible["net_sales_then"] / possible["net_sales"] - 1
    assert found["easiest"].sum() == bool(len(possible))
    if len(possible) and asked.notna().all():
        assert asked[possible["easiest"]].iloc[0] <= asked.min() + 0.001
        assert (possible["realistic"] == (asked <= strategy["most_asked"] + 1e-9)).all()
    assert not found.loc[~found["possible"], ["easiest", "realistic"]].any(axis=None)


def compare(told: pd.Series, *then: tuple[float, float]) -> None:
    said = told["net_sales_then"], told["profit_then"]
    assert any(said == pytest.approx(each, abs=1e-6) for each in then), (said, then)


DRAWN = {
    "drawn": MODELS,
    "lines": st.lists(LINE, min_size=8, max_size=30).map(
        lambda each: [completed(one, at) for at, one in enumerate(each)]
    ),
    "calls": st.lists(st.sampled_from([*HOME]), max_size=6).map(Counter),
    "strategy": STRATEGIES,
}


def workbook(folder: Path, drawn: Row, lines: list[Row], calls: Counter[str], strategy: Row) -> Path:
    return make_workbook(
        folder,
        lines,
        model_of(drawn),
        customers=CUSTOMERS,
        products=PRODUCTS,
        events=[event("call", name, quantity=count) for name, count in calls.items()],
        ledger=[booked("desk", 900), booked("trucks", drawn["drop"])],
        strategy={"levers": {}, "max_service_loss": 1, "sensitivity": UNMOVED, "electronic_methods": ELECTRONIC}
        | strategy,
    )


@settings(
    max_examples=8,
    phases=[Phase.generate],  # each takes seconds: to shrink would take minutes
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(**DRAWN)
def test_every_term_is_the_smallest_that_does_by_hand(
    drawn: Row, lines: list[Row], calls: Counter[str], strategy: Row, tmp_path_factory: pytest.TempPathFactory
) -> None:
    params = workbook(tmp_path_factory.mktemp("terms"), drawn, lines, calls, strategy)
    found = compute(params, QUARTER, STAGES).all_tables["customer_terms"]
    books = Books(drawn, lines, calls)
    places = {(each["customer_id"], each["channel"]) for each in lines} | {(name, HOME[name]) for name in calls}
    profits = {place: books.outcome(place, strategy)[1] for place in places}
    listed = list(found[CUSTOMER].drop_duplicates().itertuples(index=False, name=None))
    wanted = [profits[place] for place in losing(profits)]  # of equal losses either may come first
    assert [profits[place] for place in listed] == pytest.approx(wanted, abs=1e-6)
    orders = [order for order in groups(lines, "order_id") if any(each["quantity"] > 0 for each in order)]
    middle = median(sum(each["net_sales"] for each in order) for order in orders)
    minimum_orders = [float(f"{times * middle:.1e}") for times in OF_MEDIAN] if middle > 0 else []
    goes = {"entry": drawn["desk_goes"], "picking": drawn["desk_goes"], "drops": drawn["trucks_go"]}
    for place, rows in found.groupby(CUSTOMER):
        own = books.today[place]
        costs = books.costs(own, *place)
        avoidable = sum(cost * (goes.get(name, 1) or 0) for name, cost in costs.items())
        margin = sum(each["net_sales"] - each["cogs"] for each in own) - avoidable
        said = goes["entry"] is not None or goes["drops"] is not None
        assert rows["avoidable_margin"].iloc[0] == pytest.approx(
            margin if said else float("nan"), abs=1e-6, nan_ok=True
        )
        least, then = strategy["min_gain"]["money"], rows["chosen_avoidable_margin"].iloc[0]
        assert set(rows["worth_leaving"]) == {bool(said and -margin >= least and -then >= least)}
        assert costs[rows["costliest"].iloc[0]] == pytest.approx(max(costs.values()), abs=1e-6)
        methods = Counter({each["order_method"]: 0 for each in own if each["order_method"]})
        for method in methods:
            methods[method] = len({each["order_id"] for each in own if each["order_method"] == method})
        usual = max(sorted(methods), key=methods.__getitem__, default="(none)")
        assert set(rows.loc[rows["term"] == "order_method", "setting"]) == {usual}
        for _, several in rows.groupby("aim"):
            check(several, books, place, strategy, minimum_orders)


@pytest.mark.parametrize(("rate", "needed"), [(51, 0.7), (61, None)])
def test_a_price_on_what_is_sold_may_bring_no_more_than_returns_leave_of_it(
    tmp_path: Path, rate: float, needed: float | None
) -> None:
    # 100 sold for 60 of goods, 20 of 12 come back: 80 are left, so a price of more than 0.8 would more than double them
    lines = [line("o1"), line("o2", quantity="-2", net_sales="-20", cogs="-12")]
    model = {"resources": {}, "activities": {"care": {"per": "order", "driver": "1", "rate": rate}}}
    found = compute(make_workbook(tmp_path, lines, model), QUARTER, STAGES).all_tables["customer_terms"]
    zero = row(found, term="price", aim="zero")
    assert zero["profit"] == pytest.approx(32 - 2 * rate)
    assert zero["possible"] == (needed is not None)
    assert needed is None or zero["needed_number"] == needed


ASKED: dict[str, Callable[[pd.Series], tuple[str, Row]]] = {
    **{name: lambda one: ("terms", {one["term"]: float(one["needed"])}) for name in GRAINS},
    "minimum_order": lambda one: ("minimum_order", {"value": float(one["needed"]), "below": "bundle"}),
    "rhythm": lambda one: ("rhythm", {"days": int(one["needed"])}),
    "order_method": lambda one: ("order_method", {"to": one["needed"]}),
}


@settings(
    max_examples=3,
    phases=[Phase.generate],  # each takes seconds: to shrink would take minutes
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(**DRAWN, which=st.lists(st.floats(0, 1, exclude_max=True), min_size=3, max_size=3))
def test_terms_of_several_customers_replayed_together_bring_each_to_zero(
    drawn: Row,
    lines: list[Row],
    calls: Counter[str],
    strategy: Row,
    which: list[float],
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    folder = tmp_path_factory.mktemp("asked")
    found = compute(workbook(folder / "terms", drawn, lines, calls, strategy), QUARTER, STAGES)
    terms = found.all_tables["customer_terms"].query("possible and aim == 'zero'")
    asked, levers = [], {}
    for place, (customer, rows) in zip(
        which, terms.groupby("customer_id"), strict=False
    ):  # one term each, three at most
        one = rows.iloc[int(place * len(rows))]
        kind, setting = ASKED[one["term"]](one)
        whom = f"customer_id = '{customer}' AND channel = '{one['channel']}'"
        levers[customer] = {"kind": kind, "for": whom, "settings": {"it": setting}}
        asked.append(one)
    assume(asked)
    params = workbook(folder / "levers", drawn, lines, calls, strategy | {"levers": levers})
    unit_run = open_run(params)
    try:
        write_option(unit_run, " + ".join(f"{name}: it" for name in levers), folder / "to")
    finally:
        unit_run.close()
    profit = compute(folder / "to" / "params").all_tables["customer_channel_profit"]
    for one in asked:
        then = row(profit, customer_id=one["customer_id"], channel=one["channel"])
        assert then["profit"] == pytest.approx(one["profit_then"], abs=1e-6)
        assert then["profit"] >= -1e-6
        if one["term"] in GRAINS:  # where orders grow beyond what is small, profit leaps
            assert then["profit"] <= 1 + drawn["small"] * len(lines)
