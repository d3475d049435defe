"""What there is to decide: for each opportunity in the newest quarter the lever and setting, whose it is, and its cash.

Worked out from the trade itself, at the terms that were planted. A channel is told for a lever where that brings money
there in sum, with those of its customers for whom it costs some; who is handed over is told one by one. Of those whom
a lever reaches a share goes along, so cash is what it brings with all of them times that share.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import pyarrow as pa

from cts_lib.sample.behaviours import CHANNELS
from cts_lib.sample.calendar import QUARTERS
from cts_lib.sample.customers import Customers, Floats
from cts_lib.sample.orders import GROUPAGE, PARCEL, SHIP_MODES, Orders
from cts_lib.sample.planted import LEVERS, REPLENISHMENT
from cts_lib.sample.supply import DAYS, HUB, PALLETS, Supply, freight
from cts_lib.sample.trade import Trade

_WHOM = ["customer", "channel"]


def sold_lines(customers: Customers, months: Sequence[tuple[Orders, Trade]]) -> pd.DataFrame:
    """The lines sold in some months, with what of their order and customer decides who serves them and how."""
    frames = []
    for month, (orders, trade) in enumerate(months):
        order = trade.order
        frame = {
            "month": month,
            "order": order,
            "parcel": trade.parcel,
            "customer": trade.customer,
            "channel": orders.channel[order],
            "mode": orders.mode[order],
            "rush": orders.rush[order],
            "day": orders.posting_day[order],
            "warehouse": customers.warehouse[trade.customer],
            "product": trade.product,
            "quantity": trade.quantity,
            "net": trade.net,
            "cogs": trade.cogs,
            "weight": trade.weight,
            "freight": trade.freight,
        }
        frames.append(pd.DataFrame(frame)[trade.quantity > 0])
    return pd.concat(frames, ignore_index=True)


def opportunities(customers: Customers, supply: Supply, lines: pd.DataFrame, leaving: Floats) -> pa.Table:
    """Return what was planted for a unit: business_unit, period, lever, setting, channel, customer_id and cash.

    ``leaving`` is the cost that would leave the ledger with each customer.
    """
    by_shipment = lines.groupby(["month", "parcel", *_WHOM, "mode", "warehouse"])
    shipments = by_shipment[["weight", "freight"]].sum().reset_index()
    by_order = lines.groupby(["month", "order", *_WHOM])
    orders = by_order.agg(net=("net", "sum"), cogs=("cogs", "sum"), rush=("rush", "any")).reset_index()
    found = {
        "minimum_order": _fees(orders[orders["net"] < LEVERS["minimum_order"]["below"]], "minimum_order"),
        "rush": _fees(orders[orders["rush"]], "rush"),
        "pallets": _by_pallet(supply, shipments[shipments["mode"] == GROUPAGE]),
        "parcel_hub": _from_hub(
            customers,
            supply,
            shipments[(shipments["mode"] == PARCEL) & (shipments["channel"] == CHANNELS.index("e-commerce"))],
        ),
        "stock": _held_for_nothing(supply, lines),
    }
    rows = [each.reset_index().assign(lever=lever) for lever, each in found.items()]
    table = pd.concat(rows, ignore_index=True)
    brings = table.groupby(["lever", "channel"])["cash"].transform("sum") > 0
    table = pd.concat([table[brings], _small(customers, lines, leaving).assign(lever="partner")], ignore_index=True)
    terms = pd.DataFrame(LEVERS).T.loc[table["lever"]]
    return pa.table(
        {
            "business_unit": [customers.unit.name] * len(table),
            "period": [QUARTERS[-1]] * len(table),
            "lever": pa.array(table["lever"].astype(str)),
            "setting": pa.array(terms["setting"].astype(str)),
            "channel": pa.array(np.array(CHANNELS)[table["channel"]]),
            "customer_id": pa.array(customers.ids[table["customer"]]),
            "cash": (table["cash"].to_numpy() * terms["adoption"].to_numpy("float64")).round(2),
        }
    )


def _by_whom(rows: pd.DataFrame, cash: pd.Series | Floats) -> pd.Series:
    return rows[_WHOM].assign(cash=cash).groupby(_WHOM)["cash"].sum()


def _fees(orders: pd.DataFrame, lever: str) -> pd.Series:
    """What fees of orders bring, less the margin at risk."""
    fee, risk = LEVERS[lever]["fee"], LEVERS[lever]["margin_at_risk"]
    margin = (orders["net"] - orders["cogs"]).clip(lower=0.0) + fee
    return _by_whom(orders, fee - risk * margin)


def _by_pallet(supply: Supply, shipments: pd.DataFrame) -> pd.Series:
    """What the pallet network saves of the bills of groupage."""
    lanes = supply.lanes[supply.lanes["ship_mode"] == PALLETS].iloc[[0] * len(shipments)]
    return _by_whom(shipments, shipments["freight"] - freight(lanes, shipments["weight"].to_numpy("float64")))


def _from_hub(customers: Customers, supply: Supply, shipments: pd.DataFrame) -> pd.Series:
    """What parcels save that leave from the hub, where its tariff is below that of today's warehouse."""
    names = np.array([customers.unit.places[which][0] for which in customers.unit.warehouses])
    cities = np.array([place[0] for place in customers.unit.places])
    lanes = supply.lanes[supply.lanes["ship_mode"] == SHIP_MODES[PARCEL]].set_index(["warehouse", "destination"])
    city, weight = cities[customers.place[shipments["customer"]]], shipments["weight"].to_numpy("float64")
    own = freight(lanes.loc[list(zip(names[shipments["warehouse"]], city, strict=True))], weight)
    hub = freight(lanes.loc[[(names[HUB], each) for each in city]], weight)
    saved = np.where((shipments["warehouse"] != HUB) & (hub < own), shipments["freight"] - hub, 0.0)
    return _by_whom(shipments, saved)


def _held_for_nothing(supply: Supply, lines: pd.DataFrame) -> pd.Series:
    """What it costs the quarter to hold more than the service level needs, by who buys the products."""
    streams = supply.streams
    holding = streams["excess"] * streams["unit_cost"] * REPLENISHMENT["holding_rate"] * DAYS / 365
    of_unit = streams.assign(each=holding / streams["quantity"])[["product", "warehouse", "each"]]
    priced = lines.merge(of_unit, on=["product", "warehouse"])
    return _by_whom(priced, priced["quantity"] * priced["each"])


def _small(customers: Customers, lines: pd.DataFrame, leaving: Floats) -> pd.DataFrame:
    """Who buys little and would cost the partner's share of its margin less than what leaves with it."""
    terms, size = LEVERS["partner"], len(customers.ids)
    net = np.bincount(lines["customer"], lines["net"], minlength=size)
    margin = net - np.bincount(lines["customer"], lines["cogs"], minlength=size)
    cash = leaving - (1 - terms["margin_kept"]) * margin
    who = np.flatnonzero((net > 0) & (net < terms["below"]) & (cash > 0))
    return pd.DataFrame({"customer": who, "channel": customers.channel[who], "cash": cash[who]})
