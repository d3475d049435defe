"""When customers buy, where they are and what they buy: plain pandas, by the interface and docs alone."""

from __future__ import annotations

import numpy as np
import pandas as pd
from profile_by_hand import NONE, WHO, Book, distance_of, orders_of, over, shipments_of


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
    names = ["country", "region", "city"]
    if customers[[*names, "latitude"]].isna().all(axis=None):
        return pd.DataFrame(columns=names)
    keys = [*names, "cell_latitude", "cell_longitude"]
    found = []
    for key, its in customers.groupby(keys, dropna=False):
        lines = book.lines[book.lines["customer_id"].isin(its["customer_id"])]
        sums = money[money["customer_id"].isin(its["customer_id"])][["net_sales", "cost_to_serve", "profit"]].sum()
        distance, drops = distance_of(lines), shipments_of(lines)
        found.append(
            dict(zip(names, key[:3], strict=True))
            | {"latitude": its["latitude"].mean(), "longitude": its["longitude"].mean()}
            | {"customers": len(its), "orders": orders_of(lines), "shipments": drops, **sums}
            | {"distance_km": distance, "drops_per_customer": drops / len(its)}
            | {"drops_per_100_km": over(100, distance)}
        )
    return pd.DataFrame(found)


def product_mix(book: Book, cost: pd.Series) -> pd.DataFrame:
    """Families, handling classes and their tail; ``cost``: of a product's lines and its part of what carries them."""
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
