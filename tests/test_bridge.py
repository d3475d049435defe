"""The bridge names the cause: each planted change lands in its own component, whole, and all of them add up."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from small_workbook import booked, compute, event, line, make_workbook, open_run

from cts_lib.govern.bridge import COMPONENTS
from cts_lib.govern.sales_change import compare, margin_parts
from cts_lib.names import CUSTOMER
from cts_lib.params.period import Period
from cts_lib.run import Results

ALL = "(all)"
BEFORE, NOW = "2026-Q1", "2026-Q2"
STAGES = ("profile", "segment", "govern")
Rows = list[dict[str, Any]]
PRODUCTS = [
    {"product_id": "ice", "family": "cold", "unit_weight_kg": 1},
    {"product_id": "pie", "family": "cold", "unit_weight_kg": 3},
    {"product_id": "tin", "family": "dry", "unit_weight_kg": 2},
    {"product_id": "jar", "family": "dry", "unit_weight_kg": 5},
]
PRICES = {"ice": (4.0, 2.5), "pie": (10.0, 6.0), "tin": (2.0, 1.5), "jar": (6.0, 3.0)}
CUSTOMERS = [
    {"customer_id": name, "channel": channel} for name, channel in (("c1", "web"), ("c2", "web"), ("c3", "shop"))
]
MODEL: dict[str, Any] = {
    "resources": {
        "desk": {"capacity_minutes": 9000},
        "store": {"capacity_minutes": 5000},
        "trucks": {},
        "freight": {},
        "hall": {},
        "brand": {"level": "business_unit"},
    },
    "activities": {
        "entry": {"resource": "desk", "per": "order", "minutes": "12 + 3*lines"},
        "care": {"resource": "desk", "per": "event:call", "minutes": "minutes"},
        "picking": {"resource": "store", "per": "line", "minutes": "2 + 0.1*quantity", "when": "quantity > 0"},
        "frost": {"resource": "store", "per": "line", "minutes": "4", "when": "product_family = 'cold'"},
        "driving": {"resource": "trucks", "per": "shipment", "driver": "weight_kg"},
        "bills": {"resource": "freight", "per": "shipment", "direct": "freight_cost"},
        "interest": {"per": "line", "driver": "net_sales", "rate": 0.01},
    },
}
BOOKED = {"desk": 4500, "store": 2000, "trucks": 900, "freight": 72, "hall": 500, "brand": 300}
BASE: Rows = [
    {"order_id": f"{customer}-{order}", "customer_id": customer, "product_id": product, "quantity": quantity}
    for place, customer in enumerate(("c1", "c2", "c3"))
    for order in range(4)
    for product, quantity in (("ice", 10 + place), ("pie", 4), ("tin", 20), ("jar", 5 + order))
]
CALLS = [event("call", name, quantity=1, minutes=15) for name in ("c1", "c2", "c2", "c3")]
Change = Callable[[Rows], Rows]


def sold(rows: Rows, day: str) -> Rows:
    """Write the rows as order lines of a day; money is list price and cost unless a row says otherwise."""
    written = []
    for place, row in enumerate(rows):
        price, cost = PRICES.get(row["product_id"], (5.0, 4.0))
        money = {"net_sales": price * row["quantity"], "cogs": cost * row["quantity"], "freight_cost": 1.5}
        more = money | row | {"order_id": f"{row['order_id']}-{day}"}
        written.append(line(**more, line_no=str(place), order_date=day))
    return written


def computed(
    rows: Rows, calls: Rows = CALLS, now: dict[str, float] | None = None, before: Rows = BASE, model: Any = MODEL
) -> Results:
    """Compute a period after the base one, with the ledger it has; its events are those of the base unless told."""
    new = [{"product_id": "cup", "family": "dry", "unit_weight_kg": 1}]
    ledger = [booked(name, amount, BEFORE) for name, amount in BOOKED.items()]
    ledger += [booked(name, amount, NOW) for name, amount in (BOOKED | (now or {})).items()]
    events = [
        row | {"event_date": day} for day, group in (("2026-02-02", CALLS), ("2026-05-05", calls)) for row in group
    ]
    with tempfile.TemporaryDirectory() as folder:
        params = make_workbook(
            Path(folder),
            sold(before, "2026-02-02") + sold(rows, "2026-05-05"),
            model,
            customers=CUSTOMERS,
            products=PRODUCTS + new,
            events=events,
            ledger=ledger,
        )
        return compute(params, NOW, STAGES)


def total(results: Results) -> dict[str, float]:
    """Return the components that are not 0 of what happened to operating profit."""
    table = results.tables["govern"]["bridge"]
    amounts = table[(table["segment"] == ALL) & (table["channel"] == ALL)].set_index("component")["amount"]
    assert set(amounts.index) == set(COMPONENTS)
    return {name: amount for name, amount in amounts.items() if abs(amount) > 1e-6}


def cause(results: Results) -> dict[tuple[str, str, str], float]:
    table = results.tables["govern"]["bridge_details"]
    return {(row.component, row.cause, row.subject): row.amount for row in table.itertuples()}


def margin(rows: Rows) -> float:
    return sum((PRICES[row["product_id"]][0] - PRICES[row["product_id"]][1]) * row["quantity"] for row in rows)


def changed(**more: Any) -> Change:
    """Return what changes rows of a customer or product by a function of the row."""
    only = {name: more.pop(name) for name in ("customer_id", "product_id") if name in more}
    ((name, value),) = more.items()

    def change(rows: Rows) -> Rows:
        return [
            row | {name: value(row)} if all(row[key] in chosen for key, chosen in only.items()) else row for row in rows
        ]

    return change


def test_nothing_changed_nothing_is_told() -> None:
    results = computed(BASE)
    assert total(results) == {}
    assert results.tables["govern"]["bridge_details"].empty


def test_dearer_sales_are_price_whole_with_the_interest_on_them_in_customer_profit() -> None:
    results = computed(changed(net_sales=lambda row: 1.1 * PRICES[row["product_id"]][0] * row["quantity"])(BASE))
    rise = 0.1 * sum(PRICES[row["product_id"]][0] * row["quantity"] for row in BASE)
    assert total(results) == {"price": pytest.approx(rise)}
    cells = results.tables["govern"]["bridge"]
    cells = cells[cells["segment"] != ALL].groupby("component")["amount"].sum()
    assert cells["price"] == pytest.approx(0.99 * rise)
    assert cells.drop("price").abs().max() < 1e-9


def test_more_of_everything_on_each_line_is_volume_and_the_work_of_it_no_cost_but_use() -> None:
    results = computed(changed(quantity=lambda row: 1.5 * row["quantity"])(BASE))
    found = total(results)
    assert set(found) == {"volume", "capacity"}
    assert found["volume"] + found["capacity"] == pytest.approx(0.5 * margin(BASE))
    picked = 0.5 * 0.1 * sum(row["quantity"] for row in BASE) * 2000 / 5000
    assert found["capacity"] == pytest.approx(picked + 0.5 * 900)


def test_more_orders_are_volume() -> None:
    results = computed(BASE + [row | {"order_id": row["order_id"] + "+"} for row in BASE], [*CALLS, *CALLS])
    found = total(results)
    assert set(found) == {"volume", "capacity", "rate"}
    assert found["rate"] == pytest.approx(72)  # the bills doubled and the ledger did not
    assert sum(found.values()) == pytest.approx(margin(BASE))


def test_the_same_goods_in_more_orders_are_volume_alone() -> None:
    half = [row | {"quantity": row["quantity"] / 2, "freight_cost": 0.75} for row in BASE]
    results = computed(half + [row | {"order_id": row["order_id"] + "+"} for row in half])
    found = total(results)
    work = 12 * (12 + 12) * 0.5 + (48 * 2 + 24 * 4) * 0.4
    assert found == {"volume": pytest.approx(-work), "capacity": pytest.approx(work)}


def moved(one: str, other: str) -> Change:
    """Return what moves two units of a product to another on each order."""
    return changed(quantity=lambda row: row["quantity"] + {one: -2, other: 2}.get(row["product_id"], 0))


@pytest.mark.parametrize(("one", "other"), [("ice", "pie"), ("tin", "jar")])
def test_another_product_of_the_family_is_mix(one: str, other: str) -> None:
    results = computed(moved(one, other)(BASE))
    gain = 24 * (PRICES[other][0] - PRICES[other][1] - PRICES[one][0] + PRICES[one][1])
    found = total(results)
    assert set(found) <= {"mix", "capacity"}
    assert found["mix"] + found["capacity"] == pytest.approx(gain)
    assert {key[:2] for key in cause(results) if key[0] == "mix"} == {("mix", "products")}


def test_another_family_is_mix_and_told_so() -> None:
    rows = changed(quantity=lambda row: row["quantity"] * {"cold": 0.5, "dry": 1.0}[family(row)])(BASE)
    lost = sum(row["quantity"] for row in BASE if family(row) == "cold") / 2
    dry = sum(row["quantity"] for row in BASE if family(row) == "dry")
    rows = changed(quantity=lambda row: row["quantity"] * (1 + lost / dry if family(row) == "dry" else 1))(rows)
    results = computed(rows)
    found = total(results)
    assert set(found) == {"mix", "capacity"}
    assert found["mix"] + found["capacity"] == pytest.approx(margin(rows) - margin(BASE))
    told = {key[1]: amount for key, amount in cause(results).items() if key[0] == "mix"}
    assert abs(told["families"]) > 20 * abs(told.get("products", 0.0))


def family(row: dict[str, Any]) -> str:
    return "cold" if row["product_id"] in ("ice", "pie") else "dry"


def test_another_customer_is_mix() -> None:
    bought = {name: sum(row["quantity"] for row in BASE if row["customer_id"] == name) for name in ("c1", "c2", "c3")}
    factor = {"c1": 1.2, "c2": 1 - 0.2 * bought["c1"] / bought["c2"], "c3": 1.0}
    rows = changed(quantity=lambda row: row["quantity"] * factor[row["customer_id"]])(BASE)
    results = computed(rows)
    found = total(results)
    assert set(found) <= {"mix", "capacity"}
    assert found["mix"] + found.get("capacity", 0.0) == pytest.approx(margin(rows) - margin(BASE))
    assert {key[:2] for key in cause(results) if key[0] == "mix"} == {("mix", "customers")}


def test_dearer_goods_are_goods() -> None:
    results = computed(changed(cogs=lambda row: 1.2 * PRICES[row["product_id"]][1] * row["quantity"])(BASE))
    dearer = 0.2 * sum(PRICES[row["product_id"]][1] * row["quantity"] for row in BASE)
    assert total(results) == {"goods": pytest.approx(-dearer)}


@pytest.mark.parametrize("resource", ["desk", "store", "trucks", "freight", "hall", "brand"])
def test_what_a_resource_costs_is_rate(resource: str) -> None:
    results = computed(BASE, now={resource: 1.1 * BOOKED[resource]})
    assert total(results) == {"rate": pytest.approx(-0.1 * BOOKED[resource])}
    assert list(cause(results)) == [("rate", "cost", resource)]


def test_dearer_bills_are_rate() -> None:
    results = computed(changed(freight_cost=lambda row: 3.0)(BASE), now={"freight": 144})
    assert total(results) == {"rate": pytest.approx(-72)}


def test_longer_calls_are_efficiency_and_the_time_for_them_was_there() -> None:
    results = computed(BASE, [call | {"minutes": 45} for call in CALLS])
    assert total(results) == {"capacity": pytest.approx(60), "efficiency": pytest.approx(-60)}
    assert ("efficiency", "work", "care") in cause(results)


def test_a_new_product_is_mix_with_a_row_of_its_own() -> None:
    new = [{"order_id": f"c1-{order}", "customer_id": "c1", "product_id": "cup", "quantity": 8} for order in range(4)]
    results = computed(BASE + new)
    found, told = total(results), cause(results)
    assert set(found) == {"mix", "capacity", "rate"}
    work = 4 * 3 * 0.5 + 4 * (2 + 0.8) * 0.4 + 32 * 900 / weight(BASE)
    assert told["mix", "begun", "cup"] == pytest.approx(found["mix"]) == pytest.approx(32 - work - 6)
    assert sum(found.values()) == pytest.approx(32)


def weight(rows: Rows) -> float:
    return sum(row["quantity"] * {"ice": 1, "pie": 3, "tin": 2, "jar": 5}[row["product_id"]] for row in rows)


def test_a_product_given_up_is_mix_with_a_row_of_its_own() -> None:
    results = computed([row for row in BASE if row["product_id"] != "tin"])
    gone = [row for row in BASE if row["product_id"] == "tin"]
    told = cause(results)
    assert [key for key in told if key[0] == "mix"] == [("mix", "ended", "tin")]
    assert sum(total(results).values()) == pytest.approx(-margin(gone))


def test_a_rebate_without_quantity_is_price() -> None:
    results = computed(BASE, model=MODEL | {"activities": {"interest": MODEL["activities"]["interest"]}})
    assert total(results) == {}
    rebate = {"order_id": "bonus", "customer_id": "c2", "product_id": "jar", "quantity": 0, "net_sales": -50}
    for product in ("jar", "cup"):
        rows = [*BASE, rebate | {"product_id": product, "cogs": 0, "freight_cost": 0}]
        found = total(computed(rows, model=MODEL | {"activities": {"interest": MODEL["activities"]["interest"]}}))
        assert found == {"price": pytest.approx(-50)}


def test_what_became_dearer_for_all_is_price_for_who_is_new_to_it_too() -> None:
    before = [row for row in BASE if (row["customer_id"], row["product_id"]) != ("c3", "jar")]
    rows = changed(net_sales=lambda row: 1.2 * PRICES["jar"][0] * row["quantity"], product_id=("jar",))(BASE)
    found = total(computed(rows, before=before))
    jars = sum(row["quantity"] for row in BASE if row["product_id"] == "jar")
    assert found["price"] == pytest.approx(0.2 * PRICES["jar"][0] * jars)
    assert "goods" not in found


def test_customers_won_and_lost_are_customers() -> None:
    calls = [call for call in CALLS if call["customer_id"] != "c2"]
    results = computed([row for row in BASE if row["customer_id"] != "c2"], calls)
    gone = [row for row in BASE if row["customer_id"] == "c2"]
    found = total(results)
    assert set(found) == {"customers", "capacity", "rate"}
    assert sum(found.values()) == pytest.approx(-margin(gone))
    assert [key for key in cause(results) if key[0] == "customers"] == [("customers", "lost", "(none)")]


def test_the_published_volume_and_mix_of_three_drinks() -> None:
    """Prices stay; volume +1,054,000, mix -234,000, whether they are of one family or a customer each."""
    drinks = {
        "kola": (400_000, 480_000, 6, 4),
        "limor": (600_000, 900_000, 4, 2.8),
        "orlem": (1_500_000, 1_620_000, 7, 4.5),
    }
    for families in ({"family": "drinks"}, {}):
        rows = [
            line(
                f"o{day}{name}",
                product_id=name,
                order_date=day,
                quantity=sold,
                net_sales=sold * price,
                cogs=sold * cost,
            )
            for name, (before, now, price, cost) in drinks.items()
            for day, sold in (("2026-02-02", before), ("2026-05-05", now))
        ]
        products = [{"product_id": name, "family": name} | families for name in drinks]
        model = {"resources": {}, "activities": {"orders": {"per": "order", "driver": "1", "rate": 0}}}
        with tempfile.TemporaryDirectory() as folder:
            unit_run = open_run(make_workbook(Path(folder), rows, model, products=products))
            found = unit_run.compute(Period.parse(NOW), STAGES)
            unit_run.close()
        assert total(found) == {"volume": pytest.approx(1_054_000), "mix": pytest.approx(-234_000)}
        among = "products" if families else "families"
        assert ("mix", among, "(none)") in cause(found)


def test_details_add_up_to_the_row_of_totals() -> None:
    rows = [row | {"quantity": row["quantity"] + place % 3} for place, row in enumerate(BASE)]
    results = computed(rows[5:], CALLS[:2], {"desk": 5000, "hall": 400})
    table = results.tables["govern"]["bridge_details"].groupby("component")["amount"].sum()
    assert table.to_dict() == pytest.approx(total(results))


def test_no_component_without_a_name_is_left() -> None:
    rows = [row | {"quantity": row["quantity"] * (1 + place % 4)} for place, row in enumerate(BASE)]
    results = computed(rows[7:], CALLS[1:], {name: amount + 40 for name, amount in BOOKED.items()})
    assert "other" not in total(results)
    change = pd.Series(total(results)).sum()
    statements = results.tables["profile"]["statement"].set_index("line")["amount"]
    earlier = results.before
    assert earlier is not None
    before = earlier.tables["statement"].set_index("line")["amount"]
    assert change == pytest.approx(statements["operating_profit"] - before["operating_profit"])


def test_the_order_in_which_a_period_names_its_products_changes_nothing() -> None:
    def work(products: list[str], sales: list[float]) -> pd.DataFrame:
        frame = pd.DataFrame({"customer_id": "c1", "channel": "web", "product_id": products, "direction": 1})
        frame["family"] = ["of " + name for name in products]
        frame = frame.assign(lines=1.0, quantity=[float(len(name)) for name in products], net_sales=sales, cogs=0.5)
        return frame.astype(dict.fromkeys((*CUSTOMER, "product_id", "family"), "category"))

    now, before = work(["ice", "tart"], [9.0, 5.0]), work(["ice", "tart"], [6.0, 8.0])
    kept = now[CUSTOMER].drop_duplicates().astype("str")
    expected = margin_parts(compare(now, before, kept))
    for name in ("product_id", "family"):
        now[name] = now[name].cat.reorder_categories(list(now[name].cat.categories)[::-1])
    pd.testing.assert_frame_equal(margin_parts(compare(now, before, kept)), expected)
    prices = expected[expected["component"] == "price"].set_index("subject")["amount"]
    assert prices.to_dict() == {"of ice": 3.0, "of tart": -3.0}
