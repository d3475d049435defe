"""Places as regions: where five customers or more are, in whole degrees."""

from __future__ import annotations

import pandas as pd

from cts_lib.names import OTHER
from cts_lib.sharing.suppression import FEWEST, withheld_values

_ADDED = ["customers", "orders", "shipments", "net_sales", "cost_to_serve", "profit"]


def coarse_places(table: pd.DataFrame) -> pd.DataFrame:
    """Return the places by country and region, without cities; regions and countries of a few customers together."""
    table = table.assign(country=table["country"].fillna(OTHER), region=table["region"].fillna(OTHER), city=None)
    countries = _counts(table, "country")
    shut = withheld_values(countries)
    table["country"] = table["country"].where(~table["country"].isin(shut), OTHER)
    table["region"] = table["region"].where(table["country"] != OTHER, OTHER)
    for country in table["country"].unique():
        inside = table["country"] == country
        few = withheld_values(_counts(table[inside], "region"))
        table["region"] = table["region"].where(~(inside & table["region"].isin(few)), OTHER)
    weights = {"latitude": "customers", "longitude": "customers", "distance_km": "shipments"}
    weighed = table.assign(**{name: table[name] * table[by] for name, by in weights.items()})
    sums = weighed.groupby(["country", "region"], sort=False, as_index=False)[[*_ADDED, *weights]].sum(min_count=1)
    sums = sums[sums["customers"] >= FEWEST]
    known = sums["region"] != OTHER
    means = {name: (sums[name] / sums[by].where(sums[by] > 0)) for name, by in weights.items()}
    found = sums.assign(
        city=None,
        latitude=means["latitude"].round().where(known),
        longitude=means["longitude"].round().where(known),
        distance_km=means["distance_km"].round(),
        drops_per_customer=sums["shipments"] / sums["customers"],
    )
    found["drops_per_100_km"] = 100 / found["distance_km"].where(found["distance_km"] > 0)
    return found[[name for name in table if name in found]]


def _counts(table: pd.DataFrame, column: str) -> dict[str, int]:
    return {str(name): int(count) for name, count in table.groupby(column)["customers"].sum().items()}
