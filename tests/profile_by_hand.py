"""Tables of the profile a second way: plain pandas, by the interface and the docs alone."""

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
        whole = lines["delivered_quantity"]
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
    return float(lines[lines["sold"]].groupby(SHIPMENT)["distance_km"].max().mean())


def served(lines: pd.DataFrame, book: Book) -> Row:
    """How a group of lines was served."""
    sold = lines[lines["sold"]].copy()
    known = ["on_time"] * ({"promised_date", "arrived"} <= book.filled) + ["in_full"] * ("whole" in book.filled)
    full = sold["on_time"] >= book.window.full_share
    good = (full | ("on_time" not in known)) & ((sold["in_full"] == 1) | ("in_full" not in known)) & ~sold["back"]
    judged = sold[known].notna().all(axis=1) & bool(known)
    sold["timely"], sold["good"], sold["judged"] = full.where(sold["on_time"].notna()), good, judged
    by_order = {key: rows for key, rows in sold.groupby(ORDER)}
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
                "return_share": over((lines["quantity"] < 0).sum(), len(lines)),
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


def demand(book: Book) -> pd.DataFrame:
    """Demand of each customer and channel by week, of what was sold."""
    start, end = pd.Timestamp(book.start), pd.Timestamp(book.end)
    if end > start + pd.DateOffset(months=6):
        edges = pd.date_range(start, end, freq="MS")
    else:
        edges = pd.date_range(start, end, freq="7D")
        edges = edges[: (end - start).days // 7].append(pd.DatetimeIndex([end]))
    sold = book.lines[book.lines["sold"]]
    bucket = np.searchsorted(edges, sold["posting_date"], side="right") - 1
    found = []
    for (customer, channel), rows in sold.groupby(WHO):
        each = np.bincount(bucket[sold.index.get_indexer(rows.index)], rows["quantity"], minlength=len(edges) - 1)
        wanted = each[each > 0]
        interval, squared = (
            len(each) / len(wanted),
            (wanted.std(ddof=1) / wanted.mean()) ** 2 if len(wanted) > 1 else np.nan,
        )
        named = ("smooth", "erratic") if interval < 1.32 else ("intermittent", "lumpy")
        found.append(
            {
                "customer_id": customer,
                "channel": channel,
                "buckets": len(each),
                "active_buckets": len(wanted),
                "mean_quantity": each.mean(),
                "variation": each.std(ddof=1) / each.mean(),
                "demand_interval": interval,
                "squared_variation": squared,
                "demand_class": "once" if len(wanted) == 1 else named[int(squared >= 0.49)],
            }
        )
    return pd.DataFrame(found)


def months(book: Book) -> pd.DataFrame:
    """Lines, orders and sales by channel and month, up to 36 that end with the period."""
    end = pd.Timestamp(book.end)
    lines = book.every[book.every["posting_date"].between(end - pd.DateOffset(months=36), end, inclusive="left")].copy()
    lines["month"] = lines["posting_date"].dt.to_period("M").dt.to_timestamp()
    return pd.DataFrame(
        {
            "channel": name,
            "month": month,
            "lines": len(its),
            "orders": orders_of(its),
            "net_sales": its["net_sales"].sum(),
        }
        for name, rows in [*lines.groupby("channel"), ("(all)", lines)]
        for month in pd.date_range(rows["month"].min(), end, freq="MS", inclusive="left")
        for its in [rows[rows["month"] == month]]
    )


def places(book: Book, present: set[str], money: pd.DataFrame) -> pd.DataFrame:
    """Customers of the period by city, or by tenth of a degree; ``money`` is table ``customer_channel_profit``."""
    customers = book.customers[book.customers["customer_id"].isin(present)].replace("", None).copy()
    axes = customers[["latitude", "longitude"]].apply(pd.to_numeric)
    customers[["latitude", "longitude"]] = axes.where(axes.notna().all(axis=1))
    customers[["cell_latitude", "cell_longitude"]] = axes.round(1).where(
        axes.notna().all(axis=1) & customers["city"].isna()
    )
    names = [*("country", "region", "city"), "latitude"]
    if not book.customers[names[:3]].notna().any(axis=None) and not customers["latitude"].notna().any():
        return pd.DataFrame(columns=["country", "region", "city"])
    keys = ["country", "region", "city", "cell_latitude", "cell_longitude"]
    found = []
    for key, its in customers.groupby(keys, dropna=False):
        lines = book.lines[book.lines["customer_id"].isin(its["customer_id"])]
        sums = money[money["customer_id"].isin(its["customer_id"])][["net_sales", "cost_to_serve", "profit"]].sum()
        distance, drops = distance_of(lines), shipments_of(lines)
        found.append(
            dict(zip(keys[:3], key[:3], strict=True))
            | {"latitude": its["latitude"].mean(), "longitude": its["longitude"].mean()}
            | {"customers": len(its), "orders": orders_of(lines), "shipments": drops, **sums}
            | {"distance_km": distance, "drops_per_customer": drops / len(its)}
            | {"drops_per_100_km": over(100, distance)}
        )
    return pd.DataFrame(found)


def product_mix(book: Book, cost: pd.Series) -> pd.DataFrame:
    """Families and handling classes, and their tail; ``cost`` is what each product took of lines, orders and shipments."""
    sales = book.lines.groupby("product_id")["net_sales"].sum().round(9)
    brought = sales.clip(lower=0)
    at_most = {name: brought[sales <= own].sum() for name, own in sales.items()}  # who sell alike, all or none
    tail = {name for name, sum_of in at_most.items() if sum_of <= 0.05 * brought.sum() + 1e-9 and brought.sum() > 0}
    lines = book.lines.assign(**{"(all)": "(all)"})
    found = []
    for dimension in [name for name in ("(all)", "family", "handling_class") if lines[name].notna().any()]:
        for value, its in lines.groupby(lines[dimension].fillna(NONE)):
            sold, own = its[its["sold"]], its[its["product_id"].isin(tail)]
            products = sold["product_id"].nunique()
            found.append(
                {
                    "dimension": dimension,
                    "value": value,
                    "products": products,
                    "customers": its["customer_id"].nunique(),
                    "orders": orders_of(its),
                    "lines": len(its),
                    "net_sales": its["net_sales"].sum(),
                    "gross_margin": (its["net_sales"] - its["cogs"]).sum(),
                    "lines_per_product": over(len(its), products),
                    "tail_products": own.loc[own["sold"], "product_id"].nunique(),
                    "tail_line_share": len(own) / len(its),
                    "tail_margin": (own["net_sales"] - own["cogs"]).sum(),
                    "tail_cost": sum(cost.get(name, 0.0) for name in own["product_id"].unique()),
                }
            )
    return pd.DataFrame(found)


def concentration(profit: pd.DataFrame) -> dict[str, float]:
    """How unevenly sales and profit lie on customers; ``profit`` has net_sales and profit of each."""
    sales, money = (profit[name].sort_values(ascending=False).to_numpy() for name in ("net_sales", "profit"))
    whale = np.append(0.0, money.cumsum())
    bought = sales.clip(min=0)
    top = {share: over(bought[: max(1, round(share * len(sales)))].sum(), bought.sum()) for share in (0.1, 0.2)}

    def gini(each: np.ndarray) -> float:
        return over(np.abs(each[:, None] - each).sum(), 2 * len(each) * np.abs(each).sum())

    return {
        "gini_net_sales": gini(sales),
        "gini_profit": gini(money),
        "share_of_customers_at_peak": whale.argmax() / len(money),
        "peak_profit": whale.max(),
        "end_profit": whale[-1],
        "peak_to_end": whale.max() / whale[-1] if whale[-1] > 0 else np.nan,
        "erosion": whale.max() - whale[-1],
        "unprofitable_customers": (money < 0).sum(),
        "sales_of_top_10": top[0.1],
        "sales_of_top_20": top[0.2],
    }
