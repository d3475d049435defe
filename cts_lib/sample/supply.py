"""How goods can travel and how stock is replenished: lanes, warehouses and rules, as of the newest quarter.

Beside the carriers of today there are two that nobody uses: a network for pallets, cheap for heavy shipments alone, and
a parcel hub in the unit's second warehouse. Stock of a few products is held for far longer than it needs.
"""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
import pandas as pd
import pyarrow as pa

from cts_lib.sample.calendar import MONTHS, first_day, inflation, last_day
from cts_lib.sample.customers import Floats, road_kilometres
from cts_lib.sample.orders import GROUPAGE, PARCEL, SHIP_MODES
from cts_lib.sample.planted import REPLENISHMENT, TARIFFS
from cts_lib.sample.products import Products
from cts_lib.sample.trade import FREIGHT_BASE, FREIGHT_PER_KG, FREIGHT_PER_KG_KM
from cts_lib.sample.units import Unit

PALLETS = "pallet network"
HUB = 1
"""Place of the warehouse among the unit's, whose parcels are cheap."""
_DAYS = {SHIP_MODES[GROUPAGE]: 2, SHIP_MODES[PARCEL]: 1, PALLETS: 2}
_TOO_MUCH = 2.0
"""Months of cover from which on a product is one that lies for too long."""
NEWEST = len(MONTHS) - 3
"""Place of the newest quarter's first month."""
DAYS = last_day(NEWEST + 2) - first_day(NEWEST) + 1
_LANE = ("warehouse", "destination", "ship_mode", "rate_per_shipment", "rate_per_kg", "minimum_charge")


@dataclass(frozen=True)
class Supply:
    """A unit's supply side: ``lanes``, and ``streams`` (a product in a warehouse) with their rules and figures.

    Columns of ``streams``: product and warehouse (places), reorder_point, order_quantity, and ``excess`` (units held
    beyond what the service level needs), ``unit_cost`` and ``quantity`` sold in the quarter.
    """

    unit: Unit
    lanes: pd.DataFrame
    streams: pd.DataFrame

    def tables(self, products: Products) -> dict[str, pa.Table]:
        """The canonical tables."""
        unit, streams = self.unit, self.streams
        places = [unit.places[which] for which in unit.warehouses]
        nodes = pd.DataFrame(
            {
                "warehouse": [place[0] for place in places],
                "latitude": [place[2] for place in places],
                "longitude": [place[3] for place in places],
            }
        )
        rules = pd.DataFrame(
            {
                "product_id": products.ids[streams["product"]],
                "warehouse": np.array([place[0] for place in places])[streams["warehouse"]],
                "lead_time_days": REPLENISHMENT["lead_time_days"],
                "lead_time_sd_days": REPLENISHMENT["lead_time_sd_days"],
                "holding_rate": REPLENISHMENT["holding_rate"],
                "reorder_point": streams["reorder_point"],
                "order_quantity": streams["order_quantity"],
            }
        )
        lanes = self.lanes.assign(days=self.lanes["ship_mode"].map(_DAYS))
        tables = {"lanes": lanes, "nodes": nodes, "replenishment": rules}
        for table in tables.values():
            table.insert(0, "business_unit", unit.name)
        return {
            name: pa.Table.from_pandas(table, preserve_index=False).replace_schema_metadata()
            for name, table in tables.items()
        }


def supply_of(unit: Unit, products: Products, lines: pd.DataFrame) -> Supply:
    """Return the supply side of a unit with these sold lines of the newest quarter (see `opportunities.sold_lines`)."""
    return Supply(unit, _lanes(unit), _streams(products, lines))


def _lanes(unit: Unit) -> pd.DataFrame:
    """Today's carriers to every city, the hub's parcels in the place of theirs, and pallets to the whole country."""
    level = inflation(NEWEST + 1) * unit.exchange
    rows = []
    for at, which in enumerate(unit.warehouses):
        name = unit.places[which][0]
        for city, _, latitude, longitude in unit.places:
            away = float(road_kilometres(unit, np.array([latitude]), np.array([longitude]))[0, at].clip(3.0))
            for mode in (GROUPAGE, PARCEL):
                tariff = (FREIGHT_BASE[mode], FREIGHT_PER_KG[mode] + FREIGHT_PER_KG_KM[mode] * away, 0.0)
                if mode == PARCEL and at == HUB:
                    tariff = _offered("parcel hub")
                rows.append((name, city, SHIP_MODES[mode], *tariff))
        rows.append((name, unit.country, PALLETS, *_offered(PALLETS)))
    lanes = pd.DataFrame(rows, columns=list(_LANE))
    return lanes.assign(**{rate: (lanes[rate] * level).round(4) for rate in _LANE[3:]})


def _offered(carrier: str) -> tuple[float, float, float]:
    tariff = TARIFFS[carrier]
    return tariff["per_shipment"], tariff["per_kg"], tariff["minimum"]


def freight(lanes: pd.DataFrame, weight: Floats) -> Floats:
    """What shipments of these weights cost, each on its lane."""
    base, per_kg, least = (lanes[name].to_numpy("float64") for name in _LANE[3:])
    bill: Floats = np.maximum(least, base + per_kg * weight)
    return bill


def _streams(products: Products, lines: pd.DataFrame) -> pd.DataFrame:
    """The rules that give each stream the service level, and what some of them hold beyond it."""
    stream = ["product", "warehouse"]
    by_day = lines.groupby([*stream, "day"])["quantity"].sum().reset_index()
    by_day["squares"] = by_day["quantity"] ** 2
    streams = by_day.groupby(stream)[["quantity", "squares"]].sum().reset_index()
    streams["unit_cost"] = lines.groupby(stream)["cogs"].sum().to_numpy() / streams["quantity"]
    daily = streams["quantity"] / DAYS
    variance = (streams["squares"] - DAYS * daily**2) / (DAYS - 1)
    lead, late = REPLENISHMENT["lead_time_days"], REPLENISHMENT["lead_time_sd_days"]
    spread = np.sqrt(lead * variance + (daily * late) ** 2)
    needed = NormalDist().inv_cdf(REPLENISHMENT["service_level"]) * spread
    too_much = products.cover[streams["product"]] > _TOO_MUCH
    held = needed + np.where(too_much, REPLENISHMENT["excess_days"] * daily, 0.0)
    streams["reorder_point"] = np.rint(daily * lead + held)
    streams["order_quantity"] = np.maximum(1.0, np.rint(daily * REPLENISHMENT["lot_days"]))
    return streams.assign(excess=streams["reorder_point"] - daily * lead - needed)
