"""Tables of the profile that managers read, a second way, on drawn workbooks of the kind that users have."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st
from portrait_by_hand import concentration, demand, months, places, product_mix
from profile_by_hand import ORDER, SHIPMENT, Book, Window, behaviour, lead_times, service
from small_workbook import compute, event, line, make_workbook

Row = dict[str, Any]
PLACES = [("ES", "North", "Leon"), ("ES", "West", "Leon"), ("ES", "North", ""), ("", "", ""), ("PT", "", "Porto")]
PLACE = ["country", "region", "city"]
PRODUCTS = [
    {"product_id": f"p{at}", "family": family, "handling_class": handling}
    for at, (family, handling) in enumerate(
        [("tea", "dry"), ("tea", ""), ("milk", "cold"), ("", "cold"), ("", ""), ("salt", "dry")]
    )
]
CARRIED = {
    "entry": {"per": "order", "driver": "16 + 6*lines", "rate": 1},
    "picking": {"per": "line", "driver": "2", "rate": 1, "when": "quantity > 0"},
    "drops": {"per": "shipment", "driver": "10", "rate": 1},
    "visits": {"per": "event:visit", "driver": "quantity", "rate": 25},
}
OPTIONAL = (
    *("posting_date", "channel", "order_method", "priority", "promised_date", "shipped_date", "delivered_date"),
    *("delivered_quantity", "returned_quantity", "shipment_id", "distance_km"),
)


def maybe(*values: Any) -> st.SearchStrategy[Any]:
    return st.sampled_from(["", *values])


LINE = st.fixed_dictionaries(
    {
        "order_id": st.sampled_from([f"o{at}" for at in range(7)]),
        "customer_id": st.sampled_from(["c0", "c1", "c2", "c3", "c4"]),
        "product_id": st.sampled_from([each["product_id"] for each in PRODUCTS]),
        "channel": maybe("", "web", "shops"),
        "order_date": st.sampled_from(
            ["2025-12-30", "2026-01-01", "2026-01-08", "2026-02-02", "2026-03-26", "2026-03-31"]
        ),
        "posting_date": maybe("", "", "2025-11-03", "2026-01-31", "2026-03-31", "2026-04-01"),
        "quantity": st.sampled_from([1, 1, 2, 3, 10, 0.5, 0, -1, -4]),
        "net_sales": st.sampled_from([100, 100, 99.995, 250, 7, 0, -30, 1.005, 3000]),
        "cogs": st.sampled_from([0, 60, 60.005, 1, -20, 300]),
        "promised_days": maybe(0, 2, 2, 5, -1),
        "shipped_days": maybe(0, 1, 4),
        "delivered_days": maybe(0, 1, 2, 3, 6),
        "delivered_share": maybe(1, 1, 1, 0.5, 0, 1.5, 0.98),
        "returned_quantity": maybe("", "", "", 0, 1),
        "shipment_id": maybe("", "s0", "s1"),
        "order_method": maybe("phone", "edi", "portal"),
        "priority": maybe("rush", "standard"),
        "distance_km": maybe(0, 10, 55.5, 300),
    }
)


def completed(drawn: Row, at: int) -> Row:
    """Return a drawn line as an extract has it."""
    after = {
        f"{name}_date": "" if (days := drawn[f"{name}_days"]) == "" else _later(drawn["order_date"], days)
        for name in ("promised", "shipped", "delivered")
    }
    share = drawn["delivered_share"]
    known = {name: value for name, value in drawn.items() if not name.endswith(("_days", "_share"))}
    return line(
        **known | after | {"line_no": str(at), "delivered_quantity": "" if share == "" else share * drawn["quantity"]}
    )


def _later(day: str, days: int) -> str:
    return str((pd.Timestamp(day) + pd.Timedelta(days=days)).date())


@st.composite
def books(draw: st.DrawFn) -> Row:
    lines = [completed(each, at) for at, each in enumerate(draw(st.lists(LINE, min_size=3, max_size=25)))]
    for name in draw(st.lists(st.sampled_from(OPTIONAL), max_size=3, unique=True)):
        for each in lines:
            del each[name]
    customers = [
        {"customer_id": f"c{at}", "channel": draw(maybe("shops", "web", "key"))}
        | dict(zip(("country", "region", "city"), draw(st.sampled_from(PLACES)), strict=True))
        | {"latitude": draw(maybe(42.31, 42.349, -0.04)), "longitude": draw(maybe(-5.5, 3.25))}
        for at in range(7)
    ]
    in_parts = draw(st.lists(st.sampled_from(lines), max_size=4, unique_by=lambda each: each["line_no"]))
    parts = [
        {name: each[name] for name in ("business_unit", "order_id", "line_no")}
        | {"delivered_date": _later(each["order_date"], draw(st.integers(0, 6))), "delivered_quantity": quantity}
        for each in in_parts
        if each["quantity"] > 0
        for quantity in draw(
            st.sampled_from([[each["quantity"]], [each["quantity"] / 2] * 2, [each["quantity"] / 4, 1]])
        )
    ]
    return {"lines": lines, "customers": customers, "parts": parts}


def same(told: pd.DataFrame, by_hand: pd.DataFrame, keys: list[str]) -> None:
    """Hold a table against the same by hand, row by row, whatever stands in the columns that both have."""
    told = told.drop(columns=["business_unit", "period"], errors="ignore")
    if by_hand.empty:
        assert told.empty, told
        return
    both = by_hand.merge(told, on=keys, how="outer", suffixes=("_by_hand", ""), indicator=True)
    assert (both["_merge"] == "both").all(), both.loc[both["_merge"] != "both", [*keys, "_merge"]].to_string()
    for name in by_hand.columns.difference(keys):
        mine, its = both[f"{name}_by_hand"], both[name]
        if pd.api.types.is_numeric_dtype(its):
            equal = np.isclose(mine.astype(float), its.astype(float), rtol=1e-9, atol=1e-9, equal_nan=True)
        else:
            equal = mine == its
        assert equal.all(), f"{name}\n{both.loc[~equal, [*keys, f'{name}_by_hand', name]].to_string()}"


@settings(
    max_examples=12,
    phases=[Phase.generate],  # each takes a second and more: to shrink would take minutes
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    drawn=books(),
    visited=st.lists(st.sampled_from(["c0", "c6"]), max_size=2),
    window=st.sampled_from([{}, {}, {"early_days": 1, "late_days": 1}, {"full_share": 0.5}, {"full_share": 0.98}]),
)
def test_tables_of_orders_and_service(
    drawn: Row, visited: list[str], window: Row, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("profile")
    params = make_workbook(
        folder,
        drawn["lines"],
        {"resources": {}, "activities": CARRIED},
        customers=drawn["customers"],
        products=PRODUCTS,
        events=[event("visit", name) for name in visited],
        governance={"on_time": window},
    )
    if drawn["parts"]:
        pd.DataFrame(drawn["parts"]).to_csv(folder / "data" / "deliveries.csv", index=False)
    book = Book(
        *(pd.DataFrame(drawn[name]) for name in ("lines", "customers")),
        pd.DataFrame(PRODUCTS),
        pd.DataFrame(drawn["parts"]),
        "2026-01-01",
        "2026-04-01",
        Window(**window),
    )
    assume(len(book.lines))
    check(compute(params).all_tables, book, visited)


def check(found: dict[str, pd.DataFrame], book: Book, visited: list[str]) -> None:
    """Hold all tables against those by hand."""
    bought = set(book.lines["channel"]) | {"(all)"}
    same(found["service"][found["service"]["channel"].isin(bought)], service(book), ["channel"])
    same(found["lead_times"], lead_times(book), ["channel", "days"])
    of_lines = found["customer_behaviour"].merge(book.lines[["customer_id", "channel"]].drop_duplicates())
    same(of_lines, behaviour(book, 3), ["customer_id", "channel"])
    same(found["customer_demand"], demand(book), ["customer_id", "channel"])
    same(found["monthly_sales"], months(book), ["channel", "month"])
    present = set(book.lines["customer_id"]) | set(visited)
    money = found["customer_channel_profit"]
    same(in_order(found["places"]), in_order(places(book, present, money)), ["index"])
    same(found["product_mix"], product_mix(book, carried(book)), ["dimension", "value"])
    told = found["concentration"].set_index("measure")["value"].to_dict()
    assert told == pytest.approx(concentration(found["customer_profit"]), nan_ok=True)


def in_order(cells: pd.DataFrame) -> pd.DataFrame:
    """Return table ``places`` with a row's place in it, for a cell without a name has no key."""
    named = cells.astype(dict.fromkeys(PLACE, "object")).fillna(dict.fromkeys(PLACE, ""))
    by = [*PLACE, "customers", "net_sales", "profit", "orders", "distance_km"]
    return named.sort_values([name for name in by if name in named], ignore_index=True).reset_index()


def carried(book: Book) -> pd.Series:
    """What each product took of lines, orders and shipments: each line its own, and its part of what carries it."""
    lines = book.lines.copy()
    lines["cost"] = 6 + 16 / lines.groupby(ORDER)["line_no"].transform("size") + 2 * lines["sold"]
    lines["cost"] += 10 / lines.groupby(SHIPMENT)["line_no"].transform("size")
    return lines.groupby("product_id")["cost"].sum()
