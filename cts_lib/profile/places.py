"""Where the customers are, what each place brings, and how far and how often one drives there."""

from __future__ import annotations

import pandas as pd

from cts_lib.names import CUSTOMER

_NAMES = ["country", "region", "city"]
_COORDINATES = ["latitude", "longitude"]
_MONEY = ["net_sales", "cost_to_serve", "profit"]


def places(
    by_channel: pd.DataFrame, customer_sums: pd.DataFrame, service_sums: pd.DataFrame, customers: pd.DataFrame
) -> pd.DataFrame:
    """Return table ``places``: one row a city, or a tenth of a degree where no city is known; empty without either.

    ``drops_per_100_km`` is 100 ÷ the mean distance of a shipment, one way from where it starts.
    """
    known = customers[["customer_id", *_NAMES, *_COORDINATES]].copy()
    known.loc[known[_COORDINATES].isna().any(axis=1), _COORDINATES] = float("nan")
    is_known = known[_NAMES].notna().any(axis=1) | known["latitude"].notna()
    columns = [*_NAMES, *_COORDINATES, "customers", "orders", "shipments", *_MONEY]
    columns += ["distance_km", "drops_per_customer", "drops_per_100_km"]
    if not is_known.any():
        return pd.DataFrame(columns=columns)
    cell = known[_COORDINATES].round(1).where(known["city"].isna())
    known[["_latitude", "_longitude"]] = cell
    rows = by_channel[[*CUSTOMER, "orders", *_MONEY]]
    rows = rows.merge(customer_sums[[*CUSTOMER, "shipments"]], on=CUSTOMER, how="left")
    rows = rows.merge(service_sums[[*CUSTOMER, "distance_km", "measured_shipments"]], on=CUSTOMER, how="left")
    sums = ["orders", "shipments", *_MONEY, "distance_km", "measured_shipments"]
    rows = rows.groupby("customer_id", as_index=False)[sums].sum().merge(known, on="customer_id")
    grouped = rows.groupby([*_NAMES, "_latitude", "_longitude"], dropna=False, sort=True)
    table = grouped[sums].sum()
    table[_COORDINATES] = grouped[_COORDINATES].mean()
    table["customers"] = grouped.size()
    measured = table["measured_shipments"]
    table["distance_km"] = table["distance_km"] / measured.where(measured > 0)
    table["drops_per_customer"] = table["shipments"] / table["customers"]
    table["drops_per_100_km"] = 100 / table["distance_km"].where(table["distance_km"] > 0)
    table = table.reset_index().sort_values("net_sales", ascending=False, kind="stable", ignore_index=True)
    return table[columns].astype({"shipments": "int64"})
