"""A made-up distributor: twelve quarters of trade that behave like a real one's, with the truth beside them."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

import numpy as np

from cts_lib.errors import ParamsError, SourceError
from cts_lib.sample.books import keep_books, leaving_cost, stock, true_profit
from cts_lib.sample.calendar import MONTHS, QUARTERS
from cts_lib.sample.consumption import COLUMNS, consumption
from cts_lib.sample.customers import Customers, Floats, Integers, draw_customers
from cts_lib.sample.events import draw_events
from cts_lib.sample.faults import Faults
from cts_lib.sample.opportunities import opportunities, sold_lines
from cts_lib.sample.orders import Orders, draw_orders
from cts_lib.sample.products import Products, draw_products
from cts_lib.sample.register import register
from cts_lib.sample.settings import write_params
from cts_lib.sample.supply import NEWEST, supply_of
from cts_lib.sample.tables import Tables
from cts_lib.sample.trade import Trade, draw_trade, order_lines
from cts_lib.sample.truth import write_truth
from cts_lib.sample.units import UNITS, Unit

__all__ = ["write_sample"]

_FEWEST_LINES_OF_A_UNIT = 1_000
_CUSTOMERS_FOR_A_FAULT = 300


def write_sample(folder: Path, lines: int = 200_000, units: int = 4, seed: int = 7) -> None:
    """Write a made-up distributor below ``folder``: tables, truth and params.

    Parameters
    ----------
    folder : Path
        Gets ``data/sample`` (the canonical tables, and ``truth`` with what was planted) and ``params``. Params that
        exist are left alone; their capacities then belong to the number of lines they were written for.
    lines : int
        Order lines over all units and the three years 2023-10 to 2026-09; memory holds one unit's quarter of them.
    units : int
        Business units, 1 to 8.
    seed : int
        The same seed, lines and units give the same bytes.

    Raises
    ------
    ParamsError
        If ``units`` or ``lines`` are out of range.
    SourceError
        If ``data/sample`` exists and is not a sample.
    """
    if not 1 <= units <= len(UNITS):
        raise ParamsError("--units", f"{units} business units", f"a number from 1 to {len(UNITS)}")
    if lines < units * _FEWEST_LINES_OF_A_UNIT:
        raise ParamsError("--lines", f"{lines} lines", f"at least {_FEWEST_LINES_OF_A_UNIT} a business unit")
    target = folder / "data" / "sample"
    if target.exists() and not (target / "truth").is_dir():
        raise SourceError(str(target), "exists and holds no truth/, so it is no sample", "another folder")
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".sample-", dir=target.parent) as scratch:
        built = Path(scratch) / "sample"
        shares = _shares(lines, UNITS[:units])
        _write_tables(built, shares, lines, seed)
        write_params(folder / "params", shares)
        if target.exists():
            shutil.move(target, Path(scratch) / "previous")
        built.rename(target)


def _shares(lines: int, units: tuple[Unit, ...]) -> dict[Unit, float]:
    """Order lines each unit is expected to sell."""
    size = sum(unit.size for unit in units)
    return {unit: lines * unit.size / size for unit in units}


def _write_tables(folder: Path, shares: dict[Unit, float], lines: int, seed: int) -> None:
    drawn = {unit: np.random.default_rng([seed, unit.number]) for unit in shares}
    products = {unit: draw_products(unit, share, drawn[unit]) for unit, share in shares.items()}
    customers = {unit: draw_customers(unit, share, drawn[unit]) for unit, share in shares.items()}
    customers = {unit: who.at_pace(shares[unit] / _expected(who).sum()) for unit, who in customers.items()}
    quotas = _rounded(np.array([_expected(who) for who in customers.values()]), lines)
    # One repeated customer must stay well below one percent of the table, which all units share.
    enough = sum(len(who.ids) for who in customers.values()) >= _CUSTOMERS_FOR_A_FAULT
    largest = max(shares, key=lambda unit: unit.size)
    faults, profits, planted = [], [], []
    with Tables(folder) as tables:
        for place, unit in enumerate(shares):
            plan = Faults(unit.name, first_kind=place, undated=unit is largest)
            tables.append("products", products[unit].table)
            who = register(customers[unit], drawn[unit])
            tables.append("customers", plan.in_customers(who) if place == 0 and enough else who)
            used, newest = _write_months(tables, customers[unit], products[unit], quotas[place], plan, seed)
            books = keep_books(unit, shares[unit], used.sum(axis=2).reshape(len(MONTHS), -1), drawn[unit])
            tables.append("ledger", books.table())
            profits.append(true_profit(customers[unit], books, used.sum(axis=1)))
            lines_sold = sold_lines(customers[unit], newest)
            supply = supply_of(unit, products[unit], lines_sold)
            for name, table in supply.tables(products[unit]).items():
                tables.append(name, table)
            leaving = leaving_cost(books, used[-1].sum(axis=0))
            planted.append(opportunities(customers[unit], supply, lines_sold, leaving))
            faults.extend(plan.planted)
    write_truth(folder / "truth", list(customers.values()), profits, planted, faults)


def _write_months(
    tables: Tables, customers: Customers, products: Products, quotas: Integers, faults: Faults, seed: int
) -> tuple[Floats, list[tuple[Orders, Trade]]]:
    """Write a unit's months; return what was consumed, and the trade of the newest quarter.

    What was consumed is by quarter, month of the quarter, customer and column.
    """
    unit = customers.unit
    used = np.zeros((len(QUARTERS), 3, len(customers.ids), len(COLUMNS)))
    newest = list[tuple[Orders, Trade]]()
    progress = np.random.default_rng([seed, unit.number, len(MONTHS)]).random(len(customers.ids))
    for month, quota in enumerate(quotas.tolist()):
        rng = np.random.default_rng([seed, unit.number, month])
        conduct = customers.conduct(month)
        orders = draw_orders(customers, conduct, month, quota, progress, rng)
        trade = draw_trade(customers, products, conduct, orders, month, rng)
        if month >= NEWEST:
            newest.append((orders, trade))
        events = draw_events(customers, conduct, orders, trade, month, rng)
        used[month // 3, month % 3] = consumption(customers, products, orders, trade, events, month)
        sold = np.zeros((len(unit.warehouses), len(products.ids)))
        np.add.at(sold, (customers.warehouse[trade.customer], trade.product), trade.quantity)
        quarter = quotas[month // 3 * 3 : month // 3 * 3 + 3]
        rows = faults.in_lines(order_lines(customers, products, orders, trade, month), month, int(quarter.sum()))
        tables.append(f"order_lines/{unit.name}-{MONTHS[month][0]}", rows)
        tables.append("events", faults.in_events(events, month))
        tables.append("inventory", stock(customers, products, month, sold, rng))
    return used, newest


def _expected(customers: Customers) -> Floats:
    """Order lines a unit's customers are expected to order in each month."""
    conducts = (customers.conduct(month) for month in range(len(MONTHS)))
    return np.array([float((conduct.orders * conduct.lines).sum()) for conduct in conducts])


def _rounded(expected: Floats, total: int) -> Integers:
    """Whole numbers near ``expected`` that sum to ``total``, by largest remainder."""
    exact: Floats = expected * (total / expected.sum())
    whole: Integers = np.floor(exact).astype(np.int64)
    missing = total - int(whole.sum())
    nearest = np.argsort(-(exact - whole).ravel(), kind="stable")[:missing]
    whole.ravel()[nearest] += 1
    return whole
