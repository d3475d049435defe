"""From the ledger to what a minute or a driver unit costs, and from the cube to money."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from cts_lib.cube.cube import Cube, room
from cts_lib.engine import Engine, fetch_frame
from cts_lib.errors import CtsError, DataError, Problems
from cts_lib.model.support import allocate
from cts_lib.notes import Note, amount, names_in_words
from cts_lib.params import CostModel, Support, UnitParams
from cts_lib.params.calendar import Calendar
from cts_lib.params.period import Period


@dataclass(frozen=True)
class Pools:
    """What each resource has to share out.

    ``frame`` has one row a resource: resource, declared, ledger, received, sent, capacity_minutes; ledger resources
    that the model lacks are rows with declared = False. ``notes`` are sentences for the report,
    ``unbooked`` the model's resources that the ledger has no row for.
    """

    frame: pd.DataFrame
    notes: list[Note]
    unbooked: list[str] = field(default_factory=list)


def accepted_ledger(engine: Engine) -> pd.DataFrame:
    """Return the accepted rows inside the period: period, resource, account, amount."""
    return fetch_frame(engine, "SELECT period, resource, account, amount FROM accepted_ledger ORDER BY 1, 2, 3, 4")


def cost_pools(unit: UnitParams, ledger: pd.DataFrame, uncovered: list[str], period: Period) -> Pools:
    """Sum the ledger by resource, put in costs given in params, and share out support.

    Parameters
    ----------
    ledger : DataFrame
        The rows of `accepted_ledger`.
    uncovered : list of str
        Resources that only rows of a longer period cover.
    """
    model = unit.params.cost_model
    given = given_costs(unit, period)
    check_ledger(unit, ledger, uncovered, period)
    booked = booked_by_resource(ledger)
    unknown = sorted(set(booked.index) - set(model.resources))
    silent = without_cost(model, given, booked)
    costs = resource_costs(unit, ledger, period)
    rows = [(name, True, costs[name], 0.0, 0.0, item.minutes(period)) for name, item in model.resources.items()]
    rows += [(name, False, float(booked[name]), 0.0, 0.0, None) for name in unknown]
    frame = pd.DataFrame(rows, columns=["resource", "declared", "ledger", "received", "sent", "capacity_minutes"])
    frame = frame.astype({"declared": "bool", "capacity_minutes": "float64"})
    notes = [
        Note("The ledger has no row for {resource}: it costs 0.", {"resource": names_in_words("resource", [name])})
        for name in silent
    ]
    notes += [
        Note(
            "The ledger books {resource}, which the cost model lacks: it stays unassigned.",
            {"resource": names_in_words("resource", [name])},
        )
        for name in unknown
    ]
    notes += [
        Note(
            "The cost of {resource} is given in params and stands in for the ledger.",
            {"resource": names_in_words("resource", [name])},
            assumed=True,
        )
        for name in given
    ]
    notes += [
        Note(
            "Assumed: {share} of the time of {resource} is practical capacity, for params do not say.",
            {"share": amount(item.capacity.practical_share, "percent"), "resource": names_in_words("resource", [name])},
            assumed=True,
        )
        for name, item in model.resources.items()
        if item.capacity and "practical_share" not in item.capacity.model_fields_set
    ]
    return share_out_support(model, Pools(frame, notes, silent), model.support)


def share_out_support(model: CostModel, pools: Pools, support: Support) -> Pools:
    """Return the pools with support shared out as ``support`` says."""
    declared = pools.frame[pools.frame["declared"]]
    costs = dict(zip(declared["resource"], declared["ledger"], strict=True))
    received, sent = allocate(costs, support, {name for name, item in model.resources.items() if item.support})
    names = pools.frame["resource"]
    amounts = {"received": names.map(received).fillna(0.0), "sent": names.map(sent).fillna(0.0)}
    return replace(pools, frame=pools.frame.assign(**amounts))


def with_capacities(pools: Pools, model: CostModel, period: Period) -> Pools:
    """Return the pools with the capacities that a model gives the same resources."""
    minutes = {name: resource.minutes(period) for name, resource in model.resources.items()}
    capacities = pools.frame["resource"].map(minutes).astype("float64")
    return replace(pools, frame=pools.frame.assign(capacity_minutes=capacities))


def given_costs(unit: UnitParams, period: Period) -> dict[str, float]:
    """Return the costs that params give, for the period."""
    resources = unit.params.cost_model.resources
    return {name: item.cost * item.scale(period) for name, item in resources.items() if item.cost is not None}


def booked_by_resource(ledger: pd.DataFrame) -> pd.Series:
    """Return what the ledger has of each resource."""
    return ledger.groupby("resource")["amount"].sum() if len(ledger) else pd.Series(dtype="float64")


def without_cost(model: CostModel, given: Mapping[str, float], booked: pd.Series) -> list[str]:
    """Return the model's resources that neither params nor the ledger give a cost."""
    return [name for name in model.resources if name not in given and name not in booked.index]


def resource_costs(unit: UnitParams, ledger: pd.DataFrame, period: Period) -> dict[str, float]:
    """Return each resource's cost before support: the one given in params, else the sum of its ledger rows.

    ``ledger`` has resource and amount, in the unit's currency.
    """
    given = given_costs(unit, period)
    booked = booked_by_resource(ledger)
    return {name: float(given.get(name, booked.get(name, 0.0))) for name in unit.params.cost_model.resources}


def check_ledger(unit: UnitParams, ledger: pd.DataFrame, uncovered: list[str], period: Period) -> None:
    """Raise a DataError, or Problems, for a ledger that the period's cost cannot be read from.

    ``ledger`` has period, resource, account and amount; ``uncovered`` names what only longer periods cover.
    """
    given, model = given_costs(unit, period), unit.params.cost_model
    problems = list[CtsError]()
    lacking = [name for name in uncovered if name not in given]
    if lacking and unit.sound:
        problems.append(
            DataError(
                f"ledger, {', '.join(lacking)}",
                f"only rows of a period longer than {period}",
                "give rows of the period or of shorter ones, or a cost in params",
            )
        )
    problems += _overlaps(ledger[~ledger["resource"].isin(list(given))], period.calendar)
    unknown = sorted(set(ledger["resource"]) - set(model.resources))
    if unknown and unit.params.quality.strict_ledger and unit.sound:
        where = f"ledger, {', '.join(unknown)}"
        problems.append(DataError(where, "resources that the model lacks", "declare them"))
    if problems:
        raise Problems(problems) if len(problems) > 1 else problems[0]


def _overlaps(ledger: pd.DataFrame, calendar: Calendar | None) -> Iterator[DataError]:
    """A month and its quarter of one resource and account would be counted twice."""
    for (resource, account), rows in ledger.groupby(["resource", "account"], dropna=False):
        periods = sorted(
            {Period.parse(text, calendar=calendar) for text in rows["period"]}, key=lambda item: -item.months
        )
        for place, longer in enumerate(periods):
            inside = [str(item) for item in periods[place + 1 :] if item.overlaps(longer)]
            if inside:
                where = f"ledger, {resource}" + (f", account {account}" if isinstance(account, str) else "")
                expected = "keep the months or the longer period, not both"
                yield DataError(where, f"{longer} and {inside[0]} overlap", expected)
                break


def unit_rates(model: CostModel, pools: Pools, totals: Mapping[str, float]) -> pd.DataFrame:
    """Return what one unit of each activity's quantity (a minute, a driver unit) costs, in the unit's currency.

    Parameters
    ----------
    totals : mapping
        The quantity of each activity over all customers, by name.

    Returns
    -------
    DataFrame
        activity, resource, basis, share (of the resource's cost, driver basis only), price: money for a minute, for a
        driver unit, or 1 for direct money. A driver that nobody used has price 0, and its share stays unassigned.
        Where the model fixes the price, ledger_price is what it would have been; else that is null.
    """
    pool = pools.frame.set_index("resource")
    net = pool["ledger"] + pool["received"] - pool["sent"]
    rows = []
    for name, activity in model.activities.items():
        share, price = None, 1.0
        resource = activity.resource or ""
        if activity.basis == "rate":
            price = float(activity.rate or 0.0)
        elif activity.basis == "minutes":
            price = float(net[resource] / pool["capacity_minutes"][resource])
        elif activity.basis == "driver":
            share = default_share(model, name)
            total = float(totals.get(name, 0.0))
            price = float(net[resource]) * share / total if total else 0.0
        fixed = model.prices.get(name)
        prices = (price, None) if fixed is None else (fixed, price)
        rows.append((name, activity.resource, activity.basis, share, *prices))
    rates = pd.DataFrame(rows, columns=["activity", "resource", "basis", "share", "price", "ledger_price"])
    return rates.astype({"share": "float64", "price": "float64", "ledger_price": "float64"})


def default_share(model: CostModel, name: str) -> float:
    """Return the share of its resource's cost an activity gets: its own, or an equal part of what is left."""
    siblings = model.of_resource(model.activities[name].resource or "")
    given = model.activities[name].share
    if given is not None:
        return given
    left = 1 - sum(activity.share or 0.0 for activity in siblings.values())
    return max(left, 0.0) / sum(activity.share is None for activity in siblings.values())


def price(cube: Cube, rates: pd.DataFrame) -> pd.DataFrame:
    """Turn a cube into cost: quantity × price, for whatever transactions the cube was made of.

    Parameters
    ----------
    rates : DataFrame
        Table of `unit_rates`: activity, resource, basis, price.

    Returns
    -------
    DataFrame
        The cube's keys, activity, resource, volume, missing, driver_quantity (null for minutes), minutes (null for
        the others) and cost; one row where something happened, in the order of the cells and of the model.
    """
    used = rates.set_index("activity").reindex(list(cube.activities))
    happened = (cube.volume != 0) | (cube.quantity != 0) | (cube.missing != 0)
    rows_of_cells = happened.sum(axis=1)
    everywhere = bool(happened.all())

    def at_rows(values: np.ndarray) -> np.ndarray:
        rows: np.ndarray = values.ravel() if everywhere else values[happened]
        return rows

    copied = np.copy if everywhere else np.asarray
    numbers = np.arange(len(used), dtype=np.min_scalar_type(-max(len(used), 1)))
    activity = at_rows(np.tile(numbers, (len(happened), 1)))
    quantity, timed = at_rows(cube.quantity), (used["basis"] == "minutes").to_numpy()[activity]
    cost = np.take(used["price"].to_numpy("float64"), activity, out=room(len(activity)), mode="clip")
    cost *= quantity
    columns = {
        **{name: _categories(keys, lambda codes: np.repeat(codes, rows_of_cells)) for name, keys in cube.cells.items()},
        "activity": pd.Categorical.from_codes(activity, used.index, validate=False),
        "resource": _categories(used["resource"], lambda codes: codes[activity]),
        "volume": at_rows(copied(cube.volume)),
        "missing": at_rows(copied(cube.missing)) if cube.missing.any() else np.zeros(len(cost)),
        "driver_quantity": _only(quantity, ~timed),
        "minutes": _only(quantity, timed),
        "cost": cost,
    }
    return pd.DataFrame(columns, copy=False)


def _only(values: np.ndarray, those: np.ndarray) -> np.ndarray:
    """Return some of the values; the others are missing."""
    kept = room(len(values))
    np.copyto(kept, np.nan)
    np.copyto(kept, values, where=those)
    return kept


def _categories(names: pd.Index | pd.Series, spread: Callable[[np.ndarray], np.ndarray]) -> pd.Categorical:
    """Return a name for each row; millions of them as numbers of their categories."""
    codes, categories = pd.factorize(names)
    smallest = np.min_scalar_type(-max(len(categories), 1))
    return pd.Categorical.from_codes(spread(codes.astype(smallest)), categories, validate=False)


def cost_to_serve(cube: Cube, rates: pd.DataFrame) -> np.ndarray:
    """Return the cost of each cell of a cube, in its order: what `price` yields by activity, summed, and much faster.

    Parameters
    ----------
    rates : DataFrame
        activity, price (money for a unit of its quantity).
    """
    prices = rates.set_index("activity")["price"].reindex(list(cube.activities)).to_numpy("float64")
    costs: np.ndarray = cube.quantity @ prices
    return costs
