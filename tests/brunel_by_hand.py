"""The outbound logistics example worked apart from mapping, levers and choice: pandas on the files as published."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.optimize import linprog
from scipy.sparse import csr_array

ROOT = Path(__file__).parent.parent
DATA = (ROOT / os.environ.get("CTS_DATA", "../shared/data")).resolve() / "brunel"
SOON = 3
"""Days up to which a lane stands in for another; slower ones are deferred."""


def read(name: str) -> pd.DataFrame:
    """A file of the data set, with no spaces around names and values."""
    frame = pd.read_parquet(DATA / f"{name}.parquet").rename(columns=str.strip)
    return frame.apply(lambda values: values.str.strip() if values.dtype == "str" else values)


def orders() -> pd.DataFrame:
    """The order list, numbered, with what its plant charges a unit."""
    listed = read("OrderList").reset_index(drop=True)
    listed["order"] = listed.index
    return listed


def rates() -> pd.DataFrame:
    """The freight rates: bands reach to their neighbours, and a ground rate is that of a run."""
    found = []
    for _, lane in read("FreightRates").groupby(["Carrier", "orig_port_cd", "svc_cd", "mode_dsc", "tpt_day_cnt"]):
        least, most = np.sort(lane["minm_wgh_qty"].unique()), np.sort(lane["max_wgh_qty"].unique())
        below, above = least.searchsorted(lane["minm_wgh_qty"], "right"), most.searchsorted(lane["max_wgh_qty"]) - 1
        to = [least[at] if at < len(least) else end for at, end in zip(below, lane["max_wgh_qty"], strict=True)]
        start = [most[at] if at >= 0 else end for at, end in zip(above, lane["minm_wgh_qty"], strict=True)]
        found.append(lane.assign(start=start, to=to))
    return pd.concat(found)


def charges(listed: pd.DataFrame, keys: dict[str, str]) -> pd.DataFrame:
    """Each order with each rate that fits its weight; ``keys`` say which columns of orders and rates are equal."""
    pairs = listed.merge(rates(), left_on=list(keys), right_on=list(keys.values()))
    pairs = pairs[(pairs["Weight"] >= pairs["start"]) & (pairs["Weight"] < pairs["to"])]
    amount = pairs["rate"].where(pairs["mode_dsc"] == "GROUND", pairs["rate"] * pairs["Weight"])
    return pairs.assign(freight=np.maximum(amount, pairs["minimum cost"]))


def freight_today() -> pd.Series:
    """What each order is charged today, by its number: the cheapest rate of its carrier, port and service."""
    listed = orders()
    fitting = charges(listed, {"Carrier": "Carrier", "Origin Port": "orig_port_cd", "Service Level": "svc_cd"})
    return fitting.groupby("order")["freight"].min().reindex(listed["order"], fill_value=0.0)


def allowed() -> pd.DataFrame:
    """What each order may cost from each plant that may send it: order, plant, freight, storage, today.

    A plant may send an order whose product it has, whose customer it serves and to whose port a lane of its service
    goes within days; today's plant may always.
    """
    listed = orders()
    pairs = listed.merge(read("ProductsPerPlant").rename(columns={"Plant Code": "plant"}), on="Product ID")
    own = read("VmiCustomers")
    served = set(zip(own["Plant Code"], own["Customers"], strict=True))
    bound = set(own["Plant Code"])
    pairs = pairs[
        [
            plant not in bound or (plant, who) in served
            for plant, who in zip(pairs["plant"], pairs["Customer"], strict=True)
        ]
    ]
    pairs = pairs.merge(read("PlantPorts").rename(columns={"Plant Code": "plant", "Port": "port"}), on="plant")
    sent = charges(pairs, {"port": "orig_port_cd", "Service Level": "svc_cd"})
    sent = sent[sent["tpt_day_cnt"] <= SOON].groupby(["order", "plant"], as_index=False)["freight"].min()
    stays = listed[["order", "Plant Code"]].rename(columns={"Plant Code": "plant"}).assign(freight=freight_today())
    both = pd.concat([sent, stays]).groupby(["order", "plant"], as_index=False)["freight"].min()
    both = both.merge(listed[["order", "Plant Code", "Unit quantity"]], on="order")
    both["storage"] = both["Unit quantity"] * both["plant"].map(read("WhCosts").set_index("WH")["Cost/unit"])
    return both.assign(today=both["plant"] == both["Plant Code"])[["order", "plant", "freight", "storage", "today"]]


def limits() -> pd.Series:
    """Orders that each plant may send: its daily capacity, or today's where it is beyond that."""
    capacity = read("WhCapacities").set_index("Plant ID")["Daily Capacity"]
    return np.maximum(capacity, orders().groupby("Plant Code").size().reindex(capacity.index, fill_value=0))


def optimum(pairs: pd.DataFrame, most: pd.Series) -> pd.DataFrame:
    """The pairs of the cheapest assignment of every order to a plant that keeps capacities.

    A transportation problem, whose corners are whole numbers, so the linear programme's answer is the best there is.
    """
    plants = most.index.get_indexer(pairs["plant"])
    ones, at = np.ones(len(pairs)), np.arange(len(pairs))
    each = csr_array((ones, (pairs["order"], at)))
    held = csr_array((ones, (plants, at)), shape=(len(most), len(pairs)))
    solved = linprog(
        pairs["freight"] + pairs["storage"],
        A_ub=held,
        b_ub=most.to_numpy("float64"),
        A_eq=each,
        b_eq=np.ones(each.shape[0]),
        bounds=(0, 1),
    )
    return pairs[solved.x > 0.5]
