"""Money per customer and channel, who is worth keeping, and what is missing, a second way on drawn workbooks."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st
from profile_by_hand import Book, orders_of
from small_workbook import booked, compute, event, make_workbook
from test_profile_second_way import PRODUCTS, books, maybe, same

Row = dict[str, Any]
WHO = ["customer_id", "channel"]
MONEY = ["gross_sales", "net_sales", "cogs"]
COUNTED = [
    ("customers", ("channel", "city", "latitude")),
    ("products", ("family", "handling_class")),
    (
        "order_lines",
        ("order_method", "priority", "promised_date", "delivered_date", "delivered_quantity", "distance_km"),
    ),
]


def model(goes: Row) -> Row:
    """A cost model of each basis, of which ``goes`` says what share of a resource's cost goes with the work."""
    resources: Row = {"desk": {"capacity_minutes": 400}, "trucks": {}, "brand": {"level": "business_unit"}}
    resources["fair"] = {"level": "channel", "channel": "shops"}
    for name, share in goes.items():
        resources[name] = resources[name] | {"variable_share": share}
    return {
        "resources": resources,
        "activities": {
            "entry": {"resource": "desk", "per": "order", "minutes": "12 + 3*lines"},
            "drops": {"resource": "trucks", "per": "shipment", "driver": "1"},
            "visits": {"per": "event:visit", "driver": "quantity", "rate": 25},
        },
    }


def money(book: Book, assumed: float | None, costs: pd.DataFrame) -> pd.DataFrame:
    """Money of each customer and channel, of lines and of what was charged."""
    lines = book.lines.copy()
    lines["gross_sales"] = lines["gross_sales"].fillna(lines["net_sales"])
    rests = lines["cogs"].isna()
    lines["cogs"] = lines["cogs"].fillna(lines["net_sales"] * (1 - (assumed or 0.0)))
    lines["assumed_cogs"] = lines["cogs"].where(rests, 0.0)
    found = lines.groupby(WHO)[["quantity", *MONEY, "assumed_cogs"]].sum()
    found["lines"] = lines.groupby(WHO).size()
    found["orders"] = pd.Series({key: orders_of(rows) for key, rows in lines.groupby(WHO)})
    found = found.join(costs.groupby(WHO)["cost"].sum().rename("cost_to_serve"), how="outer").fillna(0.0)
    found["discounts"] = found["gross_sales"] - found["net_sales"]
    found["gross_margin"] = found["net_sales"] - found["cogs"]
    found["profit"] = found["gross_margin"] - found["cost_to_serve"]
    return found.reset_index()


def avoidable(costs: pd.DataFrame, goes: Row, keys: list[str]) -> pd.Series:
    """What goes with a customer: of each resource's cost the share that is variable, of other money all."""
    shares = costs["resource"].map(lambda name: 1.0 if pd.isna(name) else goes.get(name, 0.0))
    return (costs["cost"] * shares).groupby([costs[key] for key in keys]).sum()


@settings(
    max_examples=15,
    phases=[Phase.generate],  # each takes a second and more: to shrink would take minutes
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    drawn=books(),
    gross=st.lists(maybe("", 0, 120.005, -30), min_size=25, max_size=25),
    cogs=st.lists(st.sampled_from([None, "", 5]), min_size=25, max_size=25),
    assumed=st.sampled_from([0.3, -0.5]),
    visited=st.lists(st.sampled_from(["c0", "c6"]), max_size=2),
    goes=st.fixed_dictionaries(
        {}, optional={name: st.sampled_from([0, 0.4, 1]) for name in ("desk", "trucks", "fair")}
    ),
)
def test_tables_of_money(
    drawn: Row,
    gross: list[Any],
    cogs: list[Any],
    assumed: float,
    visited: list[str],
    goes: Row,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    lines = [
        one | {"gross_sales": more} | ({} if goods is None else {"cogs": goods})
        for one, more, goods in zip(drawn["lines"], gross, cogs, strict=False)
    ]
    products = [one | {"unit_cost": 1.5 if at % 2 else ""} for at, one in enumerate(PRODUCTS)]
    ledger = [booked(name, amount) for name, amount in {"desk": 900, "trucks": 333.33, "brand": 50, "fair": 70}.items()]
    book = Book(
        *(pd.DataFrame(table) for table in (lines, drawn["customers"], products, [])), "2026-01-01", "2026-04-01"
    )
    assume("shops" in set(book.lines["channel"]))
    params = make_workbook(
        tmp_path_factory.mktemp("money"),
        lines,
        model(goes),
        customers=drawn["customers"],
        products=products,
        events=[event("visit", name) for name in visited],
        ledger=ledger,
        profile={"assumed_gross_margin": assumed},
    )
    check(compute(params).all_tables, book, assumed, goes)


def check(found: dict[str, pd.DataFrame], book: Book, assumed: float, goes: Row) -> None:
    costs = found["customer_costs"]
    by_hand = money(book, assumed, costs)
    same(found["customer_channel_profit"], by_hand, WHO)
    sums = [name for name in by_hand.columns if name not in WHO]
    channels = by_hand.groupby("channel")[sums].sum()
    channels["sustaining"] = np.where(channels.index == "shops", 70.0, 0.0)
    customers = by_hand.groupby("customer_id")[sums].sum()
    most = by_hand.sort_values(["net_sales", "channel"], ascending=[False, True]).drop_duplicates("customer_id")
    customers["channel"] = most.set_index("customer_id")["channel"]
    for table, key in ((channels, "channel"), (customers, "customer_id")):
        table["avoidable_cost"] = avoidable(costs, goes, [key]) if goes else np.nan
        table["avoidable_cost"] = table["avoidable_cost"].fillna(0.0) if goes else np.nan
        if key == "channel":
            table["avoidable_cost"] += table["sustaining"]  # which goes with the channel
        table["avoidable_margin"] = table["gross_margin"] - table["avoidable_cost"]
        table["worth_keeping"] = (table["profit"] < 0) & (table["avoidable_margin"] > 0)
    same(found["channel_profit"], channels.reset_index(), ["channel"])
    customers = customers.reset_index().sort_values(["profit", "customer_id"], ascending=[False, True])
    customers["rank"] = range(1, len(customers) + 1)
    customers["cumulative_profit"] = customers["profit"].cumsum()
    same(found["customer_profit"], customers, ["customer_id"])
    check_statement(found, by_hand)
    missing = found["missing_values"].set_index(["table", "column"])
    sold = book.lines[book.lines["sold"]]
    tables = {
        "customers": book.customers[book.customers["customer_id"].isin(by_hand["customer_id"])],
        "products": book.products[book.products["product_id"].isin(book.lines["product_id"])],
        "order_lines": sold,
    }
    for name, columns in COUNTED:
        for column in columns:
            rows = tables[name]
            told = missing.loc[(name, column)]
            without = int(rows[column].isna().sum())
            if column == "channel":  # neither its own nor one in its lines
                without = by_hand.loc[by_hand["channel"] == "(none)", "customer_id"].nunique()
            assert (told["rows"], told["missing"]) == (len(rows), without), (name, column)
            assert told["share"] == pytest.approx(without / len(rows) if len(rows) else 0.0)


def check_statement(found: dict[str, pd.DataFrame], by_hand: pd.DataFrame) -> None:
    """From customer profit to operating profit."""
    lines = found["statement"].set_index("line")["amount"]
    whole, resources = by_hand[["net_sales", "profit"]].sum(), found["resources"].sum(numeric_only=True)
    outside = found["customer_costs"].loc[found["customer_costs"]["resource"].isna(), "cost"].sum()
    operating = whole["profit"] - resources["unused"] + resources["overdriven"] - resources["sustaining"]
    operating += outside - resources["unassigned"]
    assert lines["operating_profit"] == pytest.approx(operating, abs=1e-6), lines
