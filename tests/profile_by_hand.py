"""Order lines as the profile reads them, and how they were served: plain pandas, by the interface and docs alone."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

Row = dict[str, Any]
WHO = ["customer_id", "channel"]
ORDER, SHIPMENT = [*WHO, "order_id"], [*WHO, "shipment_id"]
DATES = ("order_date", "posting_date", "promised_date", "shipped_date", "delivered_date")
NUMBERS = ("quantity", "net_sales", "gross_sales", "cogs", "delivered_quantity", "returned_quantity", "distance_km")
TEXTS = ("channel", "shipment_id", "order_method", "priority")
NONE = "(none)"


@dataclass
class Window:
    """When a line is on time, and when in full."""

    early_days: int | None = None
    late_days: int = 0
    full_share: float = 1.0

    def holds(self, late: pd.Series) -> pd.Series:
        return (late <= self.late_days) & (late >= (-np.inf if self.early_days is None else -self.early_days))


@dataclass
class Book:
    """A unit's tables as an extract has them, of which columns may be absent."""

    lines: pd.DataFrame
    customers: pd.DataFrame
    products: pd.DataFrame
    parts: pd.DataFrame
    start: str
    end: str
    window: Window = field(default_factory=Window)
    electronic: tuple[str, ...] = ("edi", "portal", "web")
    every: pd.DataFrame = field(init=False)
    filled: set[str] = field(init=False)

    def __post_init__(self) -> None:
        """Fill in what the extract leaves out, judge every line, and keep those of the period."""
        for table, columns in (
            (self.customers, ("name", "channel", "country", "region", "city", "latitude", "longitude")),
            (self.products, ("family", "handling_class", "unit_cost")),
            (self.lines, (*DATES, *NUMBERS, *TEXTS)),
        ):
            for column in columns:
                if column not in table:
                    table[column] = None
        self.customers, self.products = (table.replace("", None) for table in (self.customers, self.products))
        lines = self.lines.replace("", None)
        for column in DATES:
            lines[column] = pd.to_datetime(lines[column])
        for column in NUMBERS:
            lines[column] = pd.to_numeric(lines[column])
        lines = lines.merge(self.customers.rename(columns={"channel": "home"}), on="customer_id", how="left")
        lines = lines.merge(self.products.drop(columns="name", errors="ignore"), on="product_id", how="left")
        lines["channel"] = lines["channel"].fillna(lines["home"]).fillna(NONE)
        lines["shipment_id"] = lines["shipment_id"].fillna(lines["order_id"])
        lines["posting_date"] = lines["posting_date"].fillna(lines["order_date"])
        lines["cogs"] = lines["cogs"].fillna(lines["quantity"] * pd.to_numeric(lines["unit_cost"]))
        lines["sold"] = lines["quantity"] > 0
        sent_back = lines["returned_quantity"].fillna(-lines["quantity"].clip(upper=0))
        lines["back"] = (sent_back > 0) | (lines["quantity"] < 0)
        self.every = self._judged(lines)
        self.lines = self.every[self.every["posting_date"].between(self.start, self.end, inclusive="left")]
        self.filled = {str(name) for name in self.lines.columns if self.lines[name].notna().any()}

    def _judged(self, lines: pd.DataFrame) -> pd.DataFrame:
        """Add lead time, punctuality and whether in full; a line in parts has them from its parts."""
        promised = lines["promised_date"]
        arrived = lines["delivered_date"].fillna(lines["shipped_date"])
        on_time = self.window.holds((arrived - promised).dt.days).astype(float)
        on_time[arrived.isna() | promised.isna()] = np.nan
        whole = lines["delivered_quantity"].astype(float)
        for at, line in lines.iterrows() if len(self.parts) else ():
            its = self.parts[(self.parts["order_id"] == line["order_id"]) & (self.parts["line_no"] == line["line_no"])]
            if len(its):
                days = pd.to_datetime(its["delivered_date"])
                quantities = pd.to_numeric(its["delivered_quantity"])
                arrived[at], whole[at] = days.max(), quantities.sum()
                if pd.notna(promised[at]):
                    came = quantities[self.window.holds((days - promised[at]).dt.days)].sum()
                    on_time[at] = min(came / line["quantity"], 1.0)
        lines["lead"] = (arrived - lines["order_date"]).dt.days
        lines["promised_days"] = (promised - lines["order_date"]).dt.days
        lines["arrived"], lines["whole"], lines["on_time"] = arrived, whole, on_time
        lines["in_full"] = (whole / lines["quantity"] >= self.window.full_share).astype(float).where(whole.notna())
        return lines


def orders_of(lines: pd.DataFrame) -> int:
    return len(lines.loc[lines["sold"], ORDER].drop_duplicates())


def shipments_of(lines: pd.DataFrame) -> int:
    return len(lines.loc[lines["sold"], SHIPMENT].drop_duplicates())


def over(part: float, whole: float) -> float:
    return part / whole if whole else float("nan")


def distance_of(lines: pd.DataFrame) -> float:
    """Mean over shipments that carry something of their greatest distance."""
    shipments = lines.groupby(SHIPMENT)
    return float(shipments["distance_km"].max()[shipments["sold"].any()].mean())


def served(lines: pd.DataFrame, book: Book) -> Row:
    """How a group of lines was served."""
    sold = lines[lines["sold"]].copy()
    known = ["on_time"] * ({"promised_date", "arrived"} <= book.filled) + ["in_full"] * ("whole" in book.filled)
    full = sold["on_time"] >= book.window.full_share
    good = (full | ("on_time" not in known)) & ((sold["in_full"] == 1) | ("in_full" not in known)) & ~sold["back"]
    judged = sold[known].notna().all(axis=1) & bool(known)
    sold["timely"], sold["good"], sold["judged"] = full.where(sold["on_time"].notna()), good, judged
    by_order = dict(list(sold.groupby(ORDER)))
    spoilt = set(lines.loc[lines["back"], ORDER].itertuples(index=False, name=None))
    timely = [rows["timely"].all() for rows in by_order.values() if rows["timely"].notna().all()]
    in_full = [(rows["in_full"] == 1).all() for rows in by_order.values() if rows["in_full"].notna().all()]
    perfect = [rows["good"].all() and key not in spoilt for key, rows in by_order.items() if rows["judged"].all()]
    return {
        "lines": len(sold),
        "orders": len(by_order),
        "judged_orders": len(perfect),
        "promised_days": sold["promised_days"].mean(),
        "lead_time_days": sold["lead"].mean(),
        "lead_time_spread": sold["lead"].std(),
        "on_time": sold["on_time"].mean(),
        "in_full": sold["in_full"].mean(),
        "on_time_orders": over(sum(timely), len(timely)),
        "in_full_orders": over(sum(in_full), len(in_full)),
        "perfect_lines": over(good[judged].sum(), judged.sum()),
        "perfect_orders": over(sum(perfect), len(perfect)),
    }


def service(book: Book) -> pd.DataFrame:
    groups = [*book.lines.groupby("channel"), ("(all)", book.lines)]
    return pd.DataFrame([{"channel": name} | served(lines, book) for name, lines in groups])


def lead_times(book: Book) -> pd.DataFrame:
    sold = book.lines[book.lines["sold"]].dropna(subset=["lead"])
    found = sold.groupby(["channel", "lead"]).agg(lines=("order_id", "size"), on_time_lines=("on_time", "sum"))
    return found.reset_index().rename(columns={"lead": "days"})


def behaviour(book: Book, months: int) -> pd.DataFrame:
    found = []
    for (customer, channel), lines in book.lines.groupby(WHO):
        sold = lines[lines["sold"]]
        orders, shipments = orders_of(lines), shipments_of(lines)
        family = lines["family"].fillna(lines["product_id"])  # a product without one is one by itself
        by_family = lines[family.isin(set(family[lines["sold"]]))].groupby(family)["net_sales"].sum()
        of_service = served(lines, book)
        found.append(
            {
                "customer_id": customer,
                "channel": channel,
                "orders": orders,
                "order_value": over(lines["net_sales"].sum(), orders),
                "lines_per_order": over(len(sold), orders),
                "quantity_per_line": over(sold["quantity"].sum(), len(sold)),
                "orders_per_month": orders / months,
                "rush_share": over((lines["priority"] == "rush").sum(), len(lines) * ("priority" in book.filled)),
                "return_share": over(((lines["quantity"] < 0) | (lines["returned_quantity"] > 0)).sum(), len(lines)),
                "electronic_share": over(
                    lines["order_method"].isin(book.electronic).sum(), len(lines) * ("order_method" in book.filled)
                ),
                "shipments": shipments,
                "shipments_per_order": over(shipments, orders),
                "drop_size": over(sold["quantity"].sum(), shipments),
                "distance_km": distance_of(lines),
                "products": sold["product_id"].nunique(),
                "families": family[lines["sold"]].nunique(),
                "top_family_share": over(by_family.max(), by_family.clip(lower=0).sum()),
            }
            | {name: of_service[name] for name in ("promised_days", "lead_time_days", "on_time", "in_full")}
            | {name: of_service[name] for name in ("lead_time_spread", "perfect_lines", "perfect_orders")}
        )
    return pd.DataFrame(found)
