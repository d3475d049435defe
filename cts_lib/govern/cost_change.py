"""Why what customers carry of cost changed: the work by its cause, and what a unit of it costs.

Work is counted term by term: by product where it is of lines (`product_work`), else by customer. Where units bought
grew (volume) or shifted (mix), work is expected to follow, and does as far as it really did, from not at all to in
full: larger lines are no more lines. What work changed beyond that is

- more or fewer things for the same goods: volume;
- a share of the sales: price;
- money that is known for each thing, such as bills of carriers: rate;
- else minutes, kilograms or kilometres of a thing: efficiency. Events are counted, so that theirs is told from more of
  them.

A unit of work costs more where its resource does (rate), or where the same cost is shared out over less (capacity).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd

from cts_lib.costing.costed import Costed
from cts_lib.govern.sales_change import MOVED, PARTS, Sold, subject_of, summed
from cts_lib.names import CUSTOMER, NONE

OUTSIDE = "(outside)"
"""Stands for the resource of activities that the ledger does not pay for."""
Counts = tuple[np.ndarray, np.ndarray]
_BEYOND = {"count": "volume", "sales": "price", "money": "rate", "work": "efficiency"}


class Change(NamedTuple):
    """What a cause changed of some work, an amount a row of what is sold, or a customer."""

    component: str
    cause: str
    amounts: np.ndarray


def net_costs(resources: pd.DataFrame) -> pd.Series:
    """Return what each resource has to share out: its own cost, what it received, less what it sent."""
    table = resources.set_index("resource")
    net: pd.Series = table["ledger"] + table["received"] - table["sent"]
    return net


def unit_prices(now: Costed, before: Costed) -> pd.DataFrame:
    """Return what a unit of each activity's work costs, by activity: resource, before, shared and now.

    ``shared`` is what it would cost had the resource cost what it did before: from before to there is capacity, from
    there to now is rate. Where nothing was shared out before, ``before`` is ``shared``.
    """
    table = now.rates.set_index("activity")
    earlier = before.rates.set_index("activity")["price"].reindex(table.index)
    cost, cost_before = (net_costs(side.tables["resources"]).reindex(table["resource"]) for side in (now, before))
    by_use = table["basis"].isin(["minutes", "driver"]) & table["ledger_price"].isna() & (cost != 0).to_numpy()
    scaled = table["price"] * (cost_before / cost.where(cost != 0)).to_numpy()
    shared = scaled.where(by_use, earlier)
    work = _quantity(before.tables["customer_costs"]).groupby(before.tables["customer_costs"]["activity"]).sum()
    was_shared = (work.reindex(table.index).fillna(0.0) != 0) | ~by_use
    return pd.DataFrame(
        {
            "resource": table["resource"],
            "before": earlier.where(was_shared, shared),
            "shared": shared,
            "now": table["price"],
        }
    )


def cost_parts(now: Costed, before: Costed, sold: Sold) -> pd.DataFrame:
    """Return why the cost of each customer changed, as `PARTS`; what raises it is negative."""
    prices = unit_prices(now, before)
    of_sales = _moved_sales(sold)
    of_units = {"volume": np.full(len(sold.customers), sold.growth - 1), "customers": sold.of_customers - sold.growth}
    parts = [_of_prices(now, sold.customers, prices)]
    for term in _terms(now, before):
        price, resource = term.coefficient * prices["before"][term.activity], _text(prices["resource"][term.activity])
        if term.columns:
            was, is_now = sold.before[term.columns[0]], sold.now[term.columns[1]]
            for change in _of_rows(sold, was, is_now, term.nature):
                amounts, subject = -price * change.amounts, subject_of(change.cause)
                part = summed(sold, change.component, change.cause, subject, amounts, resource)
                parts.append(_told(part, term.activity, resource))
        else:
            was, is_now = (_taken(side, sold.customers) for side in term.taken)
            moved = of_sales if term.nature == "sales" else of_units
            for change in _of_customers(was, is_now, moved, term.nature, _counts(term, now, before, sold.customers)):
                part = sold.customers.assign(component=change.component, cause=change.cause, subject=NONE)
                part = part.assign(resource=resource, amount=-price * change.amounts)
                parts.append(_told(part[part["amount"] != 0], term.activity, resource))
    return pd.concat(parts, ignore_index=True)[PARTS]


class _Term(NamedTuple):
    """A term of an activity in both periods, before and now: columns of `product_work`, or what each customer took."""

    activity: str
    coefficient: float
    nature: str
    columns: tuple[str, str] | None
    taken: tuple[pd.Series, pd.Series]


def _terms(now: Costed, before: Costed) -> Iterator[_Term]:
    """Yield the terms that both periods count alike; of an activity where they do not, the whole."""
    keys = ["activity", "driver", "nature", "coefficient"]
    sides = [
        side.drivers.drivers.rename_axis("place").reset_index()[[*keys, "column", "place"]] for side in (now, before)
    ]
    both = sides[0].merge(sides[1], on=keys, how="outer", suffixes=("", "_before"), indicator=True)
    differs = (both["_merge"] != "both") | (both["column"].isna() != both["column_before"].isna())
    odd = set(both.loc[differs, "activity"])
    for row in both[~both["activity"].isin(odd)].to_dict("records"):
        columns = (row["column_before"], row["column"]) if isinstance(row["column"], str) else None
        taken = (_of_driver(before, int(row["place_before"])), _of_driver(now, int(row["place"])))
        yield _Term(row["activity"], row["coefficient"], row["nature"], columns, taken)
    for activity in sorted(odd):
        yield _Term(activity, 1.0, "work", None, (_of_activity(before, activity), _of_activity(now, activity)))


def _of_driver(side: Costed, place: int) -> pd.Series:
    return pd.Series(side.drivers.quantities[:, place], pd.MultiIndex.from_frame(side.drivers.cells))


def _of_activity(side: Costed, activity: str, measure: str = "quantity") -> pd.Series:
    costs = side.tables["customer_costs"]
    chosen = costs[costs["activity"] == activity]
    values = _quantity(chosen) if measure == "quantity" else chosen[measure]
    return pd.Series(values.to_numpy(), pd.MultiIndex.from_frame(chosen[CUSTOMER]))


def _taken(quantity: pd.Series, customers: pd.DataFrame) -> np.ndarray:
    """Return how much each of the customers took."""
    return quantity.reindex(pd.MultiIndex.from_frame(customers), fill_value=0.0).to_numpy()


def _of_rows(sold: Sold, was: np.ndarray, now: np.ndarray, nature: str) -> Iterator[Change]:
    """Yield what changed some work of the rows; that of rows that begin is mix."""
    yield from _changes(was, np.where(sold.begun, was, now), {"volume": sold.volume, **sold.mix}, nature, sold.begun)
    for cause in MOVED:
        yield Change("mix", cause, np.where(sold.begun & (sold.of_begun == cause), now - was, 0.0))


def _of_customers(
    was: np.ndarray, now: np.ndarray, moved: Mapping[str, np.ndarray], nature: str, counts: Counts | None
) -> Iterator[Change]:
    """Yield what changed some work of customers; of events first how many there were, then what each took."""
    if counts is None:
        yield from _changes(was, now, moved, nature)
        return
    counted = was * np.divide(counts[1], counts[0], out=np.ones(len(was)), where=counts[0] != 0)
    counted = np.where(was == 0, now, counted)
    yield from _changes(was, counted, moved, "count")
    yield Change(_BEYOND[nature], "work", now - counted)


def _counts(term: _Term, now: Costed, before: Costed, customers: pd.DataFrame) -> Counts | None:
    """Return how many events of an activity each customer had, before and now; None for what is no event."""
    activities = now.tables["activities"].set_index("activity")
    if term.nature == "count" or not activities["per"][term.activity].startswith("event:"):
        return None
    volumes = [_of_activity(side, term.activity, "volume") for side in (before, now)]
    return _taken(volumes[0], customers), _taken(volumes[1], customers)


def _changes(
    was: np.ndarray, now: np.ndarray, moved: Mapping[str, np.ndarray], nature: str, still: np.ndarray | None = None
) -> Iterator[Change]:
    """Yield what changed some work.

    ``moved`` says by how much of what it was each cause would change it, ``still`` where none did.
    """
    expected = np.sum(list(moved.values()), axis=0) * was
    follows = np.clip(np.divide(now - was, expected, out=np.zeros(len(was)), where=expected != 0), 0.0, 1.0)
    if still is not None:
        follows = np.where(still, 0.0, follows)
    for cause, share in moved.items():
        component, told = ("volume", "work") if cause == "volume" else ("mix", cause)
        yield Change(component, told, follows * share * was)
    yield Change(_BEYOND[nature], "work", now - was - follows * expected)


def _told(part: pd.DataFrame, activity: str, resource: str) -> pd.DataFrame:
    """Say which activity took more, or which resource's bills are dearer."""
    if part.empty or part["component"].iloc[0] not in ("efficiency", "rate"):
        return part
    by_activity = part["component"].iloc[0] == "efficiency" or resource == OUTSIDE
    return part.assign(subject=activity if by_activity else resource)


def _moved_sales(sold: Sold) -> dict[str, np.ndarray]:
    """Return by how much of what they were each cause moved the sales of each customer, prices as before."""
    before = sold.before["net_sales"]
    whole = sold.by_customer(before)
    moved = {"volume": sold.volume * before} | {cause: sold.moved(cause, before, sold.sales) for cause in MOVED}
    return {
        cause: np.divide(sold.by_customer(amounts), whole, out=np.zeros(len(whole)), where=whole != 0)
        for cause, amounts in moved.items()
    }


def _of_prices(now: Costed, customers: pd.DataFrame, prices: pd.DataFrame) -> pd.DataFrame:
    """Return what today's work costs more because its resource, or a unit of it, does."""
    costs = now.tables["customer_costs"].merge(customers, on=CUSTOMER)
    quantity, unit = _quantity(costs), prices.reindex(costs["activity"]).reset_index()
    keys = costs[CUSTOMER].assign(
        subject=unit["resource"].fillna(unit["activity"]), resource=unit["resource"].fillna(OUTSIDE)
    )
    rate = keys.assign(component="rate", cause="cost", amount=-quantity * (unit["now"] - unit["shared"]))
    shared = keys.assign(component="capacity", cause="use", amount=-quantity * (unit["shared"] - unit["before"]))
    both = pd.concat([rate, shared], ignore_index=True)
    return both[both["amount"] != 0]


def _quantity(costs: pd.DataFrame) -> pd.Series:
    return costs["minutes"].fillna(costs["driver_quantity"])


def _text(resource: object) -> str:
    return resource if isinstance(resource, str) else OUTSIDE
