"""A made-up crowd of customers drawn from planted groups, as a costed period: any number of them in a moment."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from cts_lib.costing.costed import Costed
from cts_lib.costing.driver_costs import DriverCosts
from cts_lib.customers.demand import buckets, rhythm
from cts_lib.params.period import Period

QUARTER = Period.parse("2026-Q2")
CHANNELS = np.array(["wholesale", "retail", "web", "key account"])
TYPES = np.array(["chain", "independent", "distributor", "public"])
SIZES = np.array(["small", "medium", "large"])
INDUSTRIES = np.array(["food", "pharma", "horeca", "online", "export", "other"])
TIERS = np.array(["gold", "silver", "bronze"])
GROUPS = np.array(
    # orders, order value, lines an order, quantity a line, rush, returns, electronic, shipments an order
    [
        (5.0, 9000.0, 14.0, 36.0, 0.01, 0.01, 0.95, 1.0),
        (9.0, 1400.0, 4.4, 16.0, 0.03, 0.02, 0.80, 1.1),
        (24.0, 180.0, 1.5, 4.0, 0.06, 0.03, 0.15, 1.2),
        (12.0, 600.0, 3.6, 8.0, 0.46, 0.07, 0.10, 1.3),
        (11.0, 420.0, 2.8, 7.0, 0.05, 0.32, 0.75, 1.6),
        (3.0, 500.0, 2.4, 11.0, 0.02, 0.02, 0.30, 1.0),
    ]
)
"""The planted groups by how they buy."""
_COST = np.array([0.06, 0.11, 0.50, 0.35, 0.30, 0.17])
_ODDS = 3.0
"""How much likelier a group's own value of a category is than each other value."""


def crowd(
    count: int, seed: int = 7, scatter: float = 0.3, members: Sequence[int] | None = None
) -> tuple[Costed, np.ndarray]:
    """Return a costed period of ``count`` customers, one channel each, and the group each was drawn from.

    ``members`` gives the group of each customer instead of drawing it.
    """
    random = np.random.default_rng(seed)
    group = random.integers(0, len(GROUPS), count) if members is None else np.array(members)
    usual = GROUPS[group]
    sizes = usual[:, :4] * np.exp(random.normal(0, scatter, (count, 4)))
    orders = np.maximum(1, sizes[:, 0].round())
    lines = np.maximum(1, (sizes[:, 2] * orders).round())
    quantity = np.maximum(1, (sizes[:, 3] * lines).round())
    shares = np.clip(usual[:, 4:7] + random.normal(0, 0.03, (count, 3)), 0, 1)
    sales = sizes[:, 1] * orders
    margin = sales * random.uniform(0.15, 0.3, count)
    cost = sales * _COST[group] * np.exp(random.normal(0, scatter, count))
    ids = np.array([f"c{number:06d}" for number in range(count)])
    channel = _category(CHANNELS, group, random)
    keys = {"customer_id": ids, "channel": channel}
    money = {"gross_sales": sales, "discounts": 0.0, "net_sales": sales, "cogs": sales - margin, "gross_margin": margin}
    by_channel = pd.DataFrame(keys | {"orders": orders.astype("int64"), "lines": lines.astype("int64")})
    by_channel = by_channel.assign(
        quantity=quantity, **money, cost_to_serve=cost, profit=margin - cost, assumed_cogs=0.0
    )
    sold = {"lines": lines, "sold_lines": lines, "sold_quantity": quantity}
    base = pd.DataFrame(keys | sold | {"shipments": orders * usual[:, 7]})
    for place, name in enumerate(("rush_lines", "return_lines", "electronic_lines")):
        base[name] = shares[:, place] * lines
    base = base.assign(lead_days=4 * lines, lead_lines=lines, on_time_lines=0.9 * lines, promised_lines=lines)
    base = base.assign(priority_lines=lines, method_lines=lines)
    base = base.assign(full_lines=0.95 * lines, counted_lines=lines)
    customers = pd.DataFrame({"customer_id": ids, "name": [f"Customer {one}" for one in ids], "channel": channel})
    named = {"customer_type": TYPES, "size_class": SIZES, "industry": INDUSTRIES, "tier": TIERS}
    for name, values in named.items():
        customers[name] = _category(values, group, random)
    rivals = [by_channel[["customer_id", "channel", "cost_to_serve", "profit"]].assign(method="this model")]
    costs = pd.DataFrame(keys | {"activity": "order_entry", "volume": orders, "cost": cost})
    families = pd.DataFrame(
        keys | {"family": "goods", "quantity": quantity, "net_sales": sales, "cogs": sales - margin}
    )
    tables = {"customer_channel_profit": by_channel, "customer_costs": costs}
    none, demand = pd.DataFrame(), _demand(by_channel, random)
    return (
        Costed(
            tables,
            base,
            none,
            pd.concat(rivals),
            families,
            customers,
            [],
            demand,
            demand if rhythm("auto", demand, QUARTER) == "week" else _by_month(demand),
            _no_drivers(),
            frozenset(),
            none,
            none,
            none,
        ),
        group,
    )


def _no_drivers() -> DriverCosts:
    drivers = pd.DataFrame({"activity": [], "driver": [], "price": []})
    return DriverCosts(pd.DataFrame({"customer_id": [], "channel": []}), drivers, np.zeros((0, 0)))


def _category(values: np.ndarray, group: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Draw a value for each customer; a group has one that it likes best."""
    odds = np.ones((len(GROUPS), len(values)))
    odds[np.arange(len(GROUPS)), np.arange(len(GROUPS)) % len(values)] = _ODDS
    ends = (odds / odds.sum(axis=1, keepdims=True)).cumsum(axis=1)[group]
    return values[(random.random(len(group))[:, None] >= ends).sum(axis=1).clip(max=len(values) - 1)]


def _by_month(demand: pd.DataFrame) -> pd.DataFrame:
    """Put each week into the month that it begins in."""
    months = demand["bucket"].dt.to_period("M").dt.start_time.astype("datetime64[s]")
    sums = demand.assign(bucket=months).groupby(["customer_id", "channel", "bucket"], as_index=False)
    return sums[["orders", "quantity", "net_sales"]].sum()


def _demand(by_channel: pd.DataFrame, random: np.random.Generator) -> pd.DataFrame:
    """Spread each customer's orders over the weeks of the quarter."""
    weeks = pd.to_datetime(buckets(QUARTER)).astype("datetime64[s]")
    orders = by_channel["orders"].to_numpy()
    rows = by_channel.loc[by_channel.index.repeat(orders), ["customer_id", "channel", "quantity", "net_sales"]]
    share = 1 / np.repeat(orders, orders)
    rows = rows.assign(bucket=weeks[random.integers(0, len(weeks), len(rows))], orders=1.0)
    rows[["quantity", "net_sales"]] = rows[["quantity", "net_sales"]].to_numpy() * share[:, None]
    return rows.groupby(["customer_id", "channel", "bucket"], as_index=False)[["orders", "quantity", "net_sales"]].sum()
