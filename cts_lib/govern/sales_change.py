"""Why gross margin changed: price, volume, mix and goods for each customer, channel, product and direction of lines.

For customers that both periods know. With q units, net sales S, cost of goods C and margin M of a row before, q', S'
and C' of it now, and g how many times what all of them bought grew, in units of products that both periods know:

- volume: (g − 1) M
- mix: (q' / q − g) M; of a row that begins all its margin, of one that ends what volume leaves of it
- price: S' − q' S / q
- goods: C q' / q − C'

A row that begins has no price of before. It is taken to have moved as the product's did where both periods have it, so
that what became dearer for all is price for who is new to it as well. A row without units, a rebate, is price and
goods. Mix is told apart by what moved: ``customers`` grew unlike the unit, ``families`` unlike their customer,
``products`` unlike their family, or the unit began or ended a product.

Source: C. T. Horngren and others, Cost Accounting, on sales-quantity and sales-mix variances, here by customer and
product, at which prices are agreed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from cts_lib.names import CUSTOMER, NONE

MOVED = ("customers", "families", "products", "begun", "ended")
ROW = [*CUSTOMER, "product_id", "direction"]
PARTS = [*CUSTOMER, "component", "cause", "subject", "resource", "amount"]


@dataclass(frozen=True)
class Side:
    """One period's ``product_work``; ``at`` is where each of the rows stands in it, -1 where it does not.

    A large unit has many rows and columns, so that each column is put in their order when somebody asks for it.
    """

    work: pd.DataFrame
    at: np.ndarray

    def __getitem__(self, name: str) -> np.ndarray:
        """Return a column in the order of the rows, 0 where this period has none."""
        column: np.ndarray = np.append(self.work[name].to_numpy(), 0.0)[self.at]
        return column


@dataclass(frozen=True)
class Sold:
    """What customers of both periods bought, row by row, and how far each row moved.

    ``rows`` has their keys and family, ``now`` and ``before`` what each was; ``place`` is each row's customer, a row of
    ``customers``. ``volume`` and ``mix`` (by cause, see `MOVED`) say by how much of what it was a
    row moved; ``begun`` marks rows that were not there, and ``of_begun`` under which cause each of them falls.
    ``growth`` is that of the whole, ``of_customers`` that of each customer. ``sales`` and ``goods`` are what they would
    be now at the prices of before.
    """

    rows: pd.DataFrame
    now: Side
    before: Side
    customers: pd.DataFrame
    place: np.ndarray
    volume: np.ndarray
    mix: dict[str, np.ndarray]
    begun: np.ndarray
    of_begun: np.ndarray
    growth: float
    of_customers: np.ndarray
    sales: np.ndarray
    goods: np.ndarray

    def moved(self, cause: str, was: np.ndarray, now: np.ndarray) -> np.ndarray:
        """Return what a cause of mix moved of some amount of the rows; what began falls under it whole."""
        amounts: np.ndarray = self.mix[cause] * was + np.where(self.begun & (self.of_begun == cause), now, 0.0)
        return amounts

    def by_customer(self, amounts: np.ndarray) -> np.ndarray:
        """Sum amounts of the rows, a value a customer."""
        sums: np.ndarray = np.bincount(self.place, amounts, len(self.customers))
        return sums

    def summed(self, amounts: np.ndarray, subject: str | None) -> pd.DataFrame:
        """Return the sums of amounts other than 0: customer_id, channel, subject, amount."""
        keys, group = self._told_by[subject]
        there = np.flatnonzero(amounts)
        found = np.flatnonzero(np.bincount(group[there], minlength=len(keys)))
        sums = np.bincount(group[there], amounts[there], len(keys))
        told = keys.iloc[found].astype(dict.fromkeys(keys, "str"))
        return told.assign(amount=sums[found])

    @cached_property
    def _told_by(self) -> dict[str | None, tuple[pd.DataFrame, np.ndarray]]:
        """By column that rows are told by, what tells them, in order, and the place of each row in it."""
        found = dict[str | None, tuple[pd.DataFrame, np.ndarray]]()
        for subject in (None, "family", "product_id"):
            told = self.rows[CUSTOMER].assign(subject=self.rows[subject] if subject else NONE)
            group = told.groupby([*CUSTOMER, "subject"], dropna=False, observed=True).ngroup().to_numpy()
            keys = told.assign(group=group).drop_duplicates("group").sort_values("group").drop(columns="group")
            found[subject] = keys.reset_index(drop=True), group
        return found


def compare(now: pd.DataFrame, before: pd.DataFrame, kept: pd.DataFrame) -> Sold:
    """Put both periods side by side.

    Parameters
    ----------
    now, before : DataFrame
        ``product_work`` of both periods.
    kept : DataFrame
        customer_id and channel of both periods.
    """
    rows, place, sides = _side_by_side(now, before, kept)
    is_new, is_gone = (~rows["product_id"].isin(side.work["product_id"].unique()).to_numpy() for side in sides[::-1])
    family = rows.groupby([*CUSTOMER, "family"], sort=False, observed=True).ngroup().to_numpy()
    quantity, was = (side["quantity"] for side in sides)
    counts = (rows["direction"] == 1).to_numpy() & ~is_new & ~is_gone
    sold, sold_before = np.where(counts, quantity, 0.0), np.where(counts, was, 0.0)
    growth = float(sold.sum() / sold_before.sum()) if sold_before.sum() > 0 else 1.0
    of_customers = _grown(place, sold, sold_before, np.full(len(kept), growth))
    of_row = of_customers[place]
    otherwise = pd.Series(of_row).groupby(family).first().to_numpy() if len(rows) else of_row
    of_family = _grown(family, sold, sold_before, otherwise)[family]
    grown = np.divide(quantity, was, out=np.ones(len(rows)), where=was != 0)
    stays = (was != 0) & ~is_gone
    mix = {
        "customers": np.where(stays, of_row - growth, 0.0),
        "families": np.where(stays, of_family - of_row, 0.0),
        "products": np.where(stays, grown - of_family, 0.0),
        "begun": np.zeros(len(rows)),
        "ended": np.where((was != 0) & is_gone, -1.0, 0.0),
    }
    had_family = np.bincount(family, sold_before)[family] > 0
    of_begun = np.where(is_new, "begun", np.where(had_family, "products", "families"))
    volume, begun = np.where(stays, growth - 1, 0.0), (was == 0) & (quantity != 0)
    moved = 1 + volume + np.sum(list(mix.values()), axis=0)
    sales, goods = (_at_old_prices(rows, sides, name, moved, begun) for name in ("net_sales", "cogs"))
    return Sold(rows, *sides, kept, place, volume, mix, begun, of_begun, growth, of_customers, sales, goods)


def _at_old_prices(
    rows: pd.DataFrame, sides: tuple[Side, Side], name: str, moved: np.ndarray, begun: np.ndarray
) -> np.ndarray:
    """Return what money of the rows would be at the prices of before; of what begins, by those of its product."""
    now, expected = sides[0][name], moved * sides[1][name]
    product = rows.groupby(["product_id", "direction"], sort=False, observed=True).ngroup().to_numpy()
    both = (sides[0]["quantity"] != 0) & (sides[1]["quantity"] != 0)
    sums, at_old = (np.bincount(product, np.where(both, money, 0.0)) for money in (now, expected))
    change = np.divide(at_old, sums, out=np.ones(len(sums)), where=(sums * at_old) > 0)[product]
    return np.where(begun, now * change, expected)


def _side_by_side(
    now: pd.DataFrame, before: pd.DataFrame, kept: pd.DataFrame
) -> tuple[pd.DataFrame, np.ndarray, tuple[Side, Side]]:
    """Return the rows of both periods in order, the place of each one's customer, and both periods."""
    known = {name: _names((now, before, kept), name) for name in (*ROW[:3], "family")}
    works = [_numbered(frame, known) for frame in (now, before)]
    customers = pd.MultiIndex.from_frame(_numbered(kept[CUSTOMER], known))
    keys = []
    for work in works:
        place = customers.get_indexer(pd.MultiIndex.from_frame(work[CUSTOMER]))
        keys.append(work[ROW].assign(at=np.arange(len(work)), place=place)[place >= 0])
    rows = keys[0].merge(keys[1], on=ROW, how="outer", suffixes=("", "_before"))
    ats = [rows.pop(name).fillna(-1).to_numpy("int64") for name in ("at", "at_before")]
    place = rows.pop("place").fillna(rows.pop("place_before")).to_numpy("int64")
    codes, before_codes = (np.append(work["family"].cat.codes, -1)[at] for work, at in zip(works, ats, strict=True))
    family = np.where(ats[0] >= 0, codes, before_codes)
    rows["family"] = pd.Categorical.from_codes(family, dtype=pd.CategoricalDtype(known["family"]))
    return rows, place, (Side(works[0], ats[0]), Side(works[1], ats[1]))


def _names(frames: Iterable[pd.DataFrame], name: str) -> list[str]:
    """Return all names of a column, in order."""
    columns = [frame[name].astype("category") for frame in frames if name in frame]
    return sorted({each for column in columns for each in column.cat.categories})


def _numbered(frame: pd.DataFrame, known: Mapping[str, list[str]]) -> pd.DataFrame:
    """Return a frame whose names are numbered in order: ``astype`` leaves alone what differs in the order alone."""
    return frame.assign(
        **{
            name: frame[name].astype("category").cat.set_categories(names)
            for name, names in known.items()
            if name in frame
        }
    )


def _grown(group: np.ndarray, now: np.ndarray, before: np.ndarray, otherwise: np.ndarray) -> np.ndarray:
    """Return how many times each group grew; what sold nothing before as ``otherwise``."""
    sums, sums_before = (np.bincount(group, values, len(otherwise)) for values in (now, before))
    grown: np.ndarray = np.divide(sums, sums_before, out=otherwise.copy(), where=sums_before > 0)
    return grown


def margin_parts(sold: Sold) -> pd.DataFrame:
    """Return why gross margin changed: customer_id, channel, component, cause, subject, resource, amount."""
    margin, margin_before = sold.sales - sold.goods, sold.before["net_sales"] - sold.before["cogs"]
    parts = [
        summed(sold, "price", "sales", "family", sold.now["net_sales"] - sold.sales),
        summed(sold, "goods", "goods", "family", sold.goods - sold.now["cogs"]),
        summed(sold, "volume", "sales", None, sold.volume * margin_before),
    ]
    for cause in MOVED:
        parts.append(summed(sold, "mix", cause, subject_of(cause), sold.moved(cause, margin_before, margin)))
    return pd.concat(parts, ignore_index=True)


def subject_of(cause: str) -> str | None:
    """Return the column that a cause of mix is told by: a product that began or ended stands by itself."""
    return "product_id" if cause in ("begun", "ended") else None


def summed(
    sold: Sold, component: str, cause: str, subject: str | None, amounts: np.ndarray, resource: str = NONE
) -> pd.DataFrame:
    """Return the amounts of the rows as parts of the change, summed by customer and what they are told by."""
    sums = sold.summed(amounts, subject)
    parts: pd.DataFrame = sums.assign(component=component, cause=cause, resource=resource)[PARTS]
    return parts
