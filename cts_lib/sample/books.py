"""What the books say: the ledger of one unit month by month, its stock, and the true profit behind both."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from cts_lib.sample.calendar import MONTHS, QUARTERS, inflation, last_day, month_name
from cts_lib.sample.consumption import COLUMNS
from cts_lib.sample.customers import Customers, Floats
from cts_lib.sample.planted import (
    ACCOUNTS,
    BASE_LINES,
    CAPACITY_MINUTES,
    DRIVER_PRICES,
    OVERHEAD_SHARE,
    SALES_SHARE,
    SPREAD_OF_MINUTES,
    SUPPORT_SHARES,
    TIME_RATES,
    VARIABLE_SHARES,
)
from cts_lib.sample.products import Products
from cts_lib.sample.units import Unit

_WAREHOUSE_AGENCY = 0.15
_NOISE = 0.008


@dataclass(frozen=True)
class Books:
    """The ledger of one unit: cost by resource, one entry a month; ``minutes`` are those of the time sheets."""

    unit: Unit
    scale: float
    costs: dict[str, Floats]
    minutes: dict[str, Floats]

    def table(self) -> pa.Table:
        """The canonical ledger rows of the unit."""
        rows = [
            (month_name(month), resource, account, amount, minutes if place == 0 else None)
            for month in range(len(MONTHS))
            for resource, amounts in self.costs.items()
            for minutes in [float(self.minutes[resource][month]) if resource in self.minutes else None]
            for place, (account, amount) in enumerate(_accounts(resource, float(amounts[month])))
        ]
        period, resource, account, amount, minutes = zip(*rows, strict=True)
        return pa.table(
            {
                "business_unit": pa.array([self.unit.name] * len(rows)),
                "period": pa.array(period),
                "resource": pa.array(resource),
                "amount": pa.array(amount),
                "account": pa.array(account),
                "minutes": pa.array(minutes, pa.float64()),
            }
        )


def keep_books(unit: Unit, lines: float, months: Floats, rng: np.random.Generator) -> Books:
    """Write a unit's ledger from what all its customers consumed (``months``: one row a month, ``COLUMNS``)."""
    scale = lines / BASE_LINES
    level = np.array([inflation(month) for month in range(len(MONTHS))])
    used = {column: months[:, place] for place, column in enumerate(COLUMNS)}
    sales = used["net_sales"].mean() * level
    money = level * unit.exchange
    costs = {name: CAPACITY_MINUTES[name] / 3 * scale * rate * money for name, rate in TIME_RATES.items()}
    costs["transport"] = sum(used[name] * DRIVER_PRICES[name] for name in ("kg_km", "drop")) * money
    costs["cold_store"] = used["chilled_m3"].mean() * DRIVER_PRICES["chilled_m3"] * money
    costs["sales"] = sum(SALES_SHARE.values()) * sales
    costs |= {name: share * sales for name, share in OVERHEAD_SHARE.items()}
    costs["freight"] = used["freight"]
    # Each order takes its own time; the more of them a month has, the less its minutes scatter.
    scatter = SPREAD_OF_MINUTES / np.sqrt(np.maximum(used["orders"], 1.0))
    return Books(
        unit,
        scale,
        {name: _noisy(amounts, _NOISE, rng).round(2) for name, amounts in costs.items()},
        {name: _noisy(used[name], scatter, rng).round() for name in TIME_RATES},
    )


def _noisy(amounts: Floats, noise: float | Floats, rng: np.random.Generator) -> Floats:
    noisy: Floats = amounts * (1 + noise * rng.standard_normal(len(amounts)))
    return noisy


def true_profit(customers: Customers, books: Books, quarters: NDArray[np.float64]) -> pa.Table:
    """Profit of every customer and quarter at the planted unit times and the ledger's costs, support included.

    ``quarters`` has one layer a quarter of what each customer consumed; the rates are the ledger's.
    """
    column = {name: place for place, name in enumerate(COLUMNS)}
    tables = []
    for quarter, period in enumerate(QUARTERS):
        used = quarters[quarter]
        cost = sum(_costs(books, used, quarter).values(), np.zeros(len(used)))
        net, margin = used[:, column["net_sales"]], used[:, column["gross_margin"]]
        tables.append(
            pa.table(
                {
                    "business_unit": [books.unit.name] * len(used),
                    "period": [period] * len(used),
                    "customer_id": pa.array(customers.ids),
                    "net_sales": net.round(2),
                    "gross_margin": margin.round(2),
                    "cost_to_serve": cost.round(2),
                    "profit": (margin - cost).round(2),
                }
            )
        )
    return pa.concat_tables(tables)


def leaving_cost(books: Books, used: Floats) -> Floats:
    """What leaves the ledger, or is not bought, when a customer goes: of the newest quarter, one entry a customer."""
    costs = _costs(books, used, len(QUARTERS) - 1)
    shares = VARIABLE_SHARES | {"freight": 1.0, "outside_ledger": 1.0}
    return sum((costs[name] * share for name, share in shares.items()), np.zeros(len(used)))


def _costs(books: Books, used: Floats, quarter: int) -> dict[str, Floats]:
    """True cost of every customer by resource, and of what is in no ledger."""
    column = {name: place for place, name in enumerate(COLUMNS)}
    full = _with_support({name: costs[quarter * 3 : quarter * 3 + 3].sum() for name, costs in books.costs.items()})
    price = {name: full[name] / (CAPACITY_MINUTES[name] * books.scale) for name in TIME_RATES}
    kg_km, drop = (used[:, column[name]] * DRIVER_PRICES[name] for name in ("kg_km", "drop"))
    care = SALES_SHARE["account_care"] / sum(SALES_SHARE.values())
    return {name: used[:, column[name]] * rate for name, rate in price.items()} | {
        "transport": full["transport"] * _part(kg_km + drop),
        "cold_store": full["cold_store"] * _part(used[:, column["chilled_m3"]]),
        "sales": full["sales"]
        * ((1 - care) * _part(used[:, column["key_account_sales"]]) + care * _part(used[:, column["orders"]])),
        "freight": used[:, column["freight"]],
        "outside_ledger": used[:, column["outside_ledger"]],
    }


def stock(customers: Customers, products: Products, month: int, sold: Floats, rng: np.random.Generator) -> pa.Table:
    """Month-end stock by product and warehouse; ``sold`` is the month's units, one row a warehouse."""
    unit = customers.unit
    warehouses, count = sold.shape
    cover = products.cover * rng.lognormal(0, 0.15, sold.shape)
    on_hand = np.maximum(0, np.rint(sold.clip(min=1.0) * cover)).astype(np.int64).ravel()
    names = [unit.places[which][0] for which in unit.warehouses]
    return pa.table(
        {
            "business_unit": pa.array([unit.name] * (warehouses * count)),
            "product_id": pa.array(np.tile(products.ids, warehouses)),
            "date": pa.array(np.full(warehouses * count, last_day(month), np.int32)).cast(pa.date32()),
            "warehouse": pa.array(np.repeat(names, count)),
            "on_hand": pa.array(on_hand),
        }
    )


def _accounts(resource: str, amount: float) -> list[tuple[str, float]]:
    """A resource's month split over its accounts, to the cent."""
    if resource != "warehouse":
        return [(ACCOUNTS[resource], amount)]
    agency = round(amount * _WAREHOUSE_AGENCY, 2)
    return [(ACCOUNTS[resource], round(amount - agency, 2)), ("agency", agency)]


def _with_support(direct: dict[str, float]) -> dict[str, float]:
    """Costs after support resources have passed theirs on by the reciprocal method."""
    support = list(SUPPORT_SHARES)
    passed = np.array([[SUPPORT_SHARES[giver].get(taker, 0.0) for giver in support] for taker in support])
    gross = np.linalg.solve(np.eye(len(support)) - passed, [direct[name] for name in support])
    return {
        name: cost
        + sum(SUPPORT_SHARES[giver].get(name, 0.0) * sent for giver, sent in zip(support, gross, strict=True))
        for name, cost in direct.items()
        if name not in SUPPORT_SHARES
    }


def _part(driver: Floats) -> Floats:
    total = driver.sum()
    return driver / total if total else driver
