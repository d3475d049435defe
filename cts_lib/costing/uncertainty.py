"""How far profit moves when unit times, drivers and capacities are not exactly what the model says.

Every assumption with a spread is a factor around 1, drawn anew thousands of times; the cube stays, so a draw is a
product of small matrices. A spread of 0.2 means that the central 90 % of the factor lie between 1/1.2 and 1.2 (a
lognormal; the other distributions between 0.8 and 1.2). The factor of an activity's minutes, rate or direct money is
one for all customers; that of a proportional driver is each customer's own, for one common to all would cancel in the
shares. A capacity's factor divides the rate of its resource. A fixed price stays: a capacity does not move it, and
nothing is shared out at it. A customer whose central 90 % hold 0 is fragile.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from cts_lib.params import CostModel

_Z90 = 1.6448536269514722
_TRIANGLE = 1 - 0.1**0.5
_CELLS_AT_ONCE = 2_000_000
_CELLS = 60_000_000
_FEWEST_DRAWS = 500
_CURVE_POINTS = 101


@dataclass(frozen=True)
class Factor:
    """An uncertain factor around 1: half the width of its central 90 %, and its shape."""

    spread: float
    distribution: str

    @property
    def sigma(self) -> float:
        """The standard deviation."""
        if self.distribution == "lognormal":
            variance = (np.log1p(self.spread) / _Z90) ** 2
            return float(np.sqrt(np.expm1(variance) * np.exp(variance)))
        widths = {"uniform": 0.9 * 3**0.5, "triangular": _TRIANGLE * 6**0.5}
        return self.spread / widths.get(self.distribution, _Z90)

    def draw(self, generator: np.random.Generator, size: int | tuple[int, ...]) -> np.ndarray:
        """Return factors; none is below a hundredth."""
        if self.distribution == "uniform":
            factors = 1 + generator.uniform(-1, 1, size) * self.spread / 0.9
        elif self.distribution == "triangular":
            factors = 1 + generator.triangular(-1, 0, 1, size) * self.spread / _TRIANGLE
        elif self.distribution == "normal":
            factors = 1 + generator.standard_normal(size) * self.spread / _Z90
        else:
            factors = np.exp(generator.standard_normal(size) * np.log1p(self.spread) / _Z90)
        return np.maximum(factors, 0.01)


@dataclass(frozen=True)
class Factors:
    """The uncertain factors of a model: of activities by name, and of capacities by resource."""

    activities: dict[str, Factor]
    capacities: dict[str, Factor]

    def __bool__(self) -> bool:
        return bool(self.activities or self.capacities)


def factors_of(model: CostModel) -> Factors:
    """Collect the spreads that the cost model gives."""
    equations = {name: activity.equation for name, activity in model.activities.items()}
    activities = {name: Factor(item.spread, item.distribution) for name, item in equations.items() if item.spread}
    capacities = {name: Factor(item.spread, item.distribution) for name, item in model.resources.items() if item.spread}
    return Factors(activities, capacities)


@dataclass(frozen=True)
class Uncertainty:
    """``customers``: customer_id, profit_low, profit_high, probability_unprofitable, fragile.

    ``band``: share of customers, profit low and high of the whale curve. ``assumptions``: each factor's share of the
    variance of customers' profit, over all and over fragile customers. ``draws`` is how many there were.
    """

    customers: pd.DataFrame
    band: pd.DataFrame
    assumptions: pd.DataFrame
    draws: int


def propagate(costs: pd.DataFrame, profit: pd.DataFrame, model: CostModel, draws: int, seed: int) -> Uncertainty:
    """Draw the factors and price the cube again under each draw; all is null or empty where the model gives no spread.

    Very many customers get fewer draws, never fewer than 500, to stay within memory.

    Parameters
    ----------
    costs : DataFrame
        Table ``customer_costs``.
    profit : DataFrame
        Table ``customer_profit``: customer_id, gross_margin and profit in the order of rank.
    """
    factors = factors_of(model)
    if not factors or profit.empty:
        return _certain(profit)
    wide = costs.pivot_table(index="customer_id", columns="activity", values="cost", aggfunc="sum", fill_value=0.0)
    wide = wide.reindex(profit["customer_id"], fill_value=0.0)
    names = [str(name) for name in wide.columns]
    cost, margin = wide.to_numpy(), profit["gross_margin"].to_numpy()
    draws = min(draws, max(_FEWEST_DRAWS, _CELLS // len(cost)))
    generator = np.random.default_rng(seed)
    common = np.ones((draws, len(names)))
    for resource, factor in factors.capacities.items():
        timed = _timed_by(resource, names, model)
        common[:, timed] /= factor.draw(generator, draws)[:, None]
    by_customer: dict[int, Factor] = {}
    for name, factor in factors.activities.items():
        if name in names and _is_shared_out(model, name):
            by_customer[names.index(name)] = factor
        elif name in names:
            common[:, names.index(name)] *= factor.draw(generator, draws)
    profits = cost @ common.T
    np.subtract(margin[:, None], profits, out=profits)
    for place, factor in by_customer.items():
        _share_out_again(profits, cost[:, [place]], factor, generator)
    customers = _verdicts(profit, profits)
    shares = _shares(cost, names, model, factors, customers["fragile"].to_numpy())
    return Uncertainty(customers, _band(profits), shares, draws)


def _certain(profit: pd.DataFrame) -> Uncertainty:
    """What a model without spreads says: nothing."""
    customers = profit[["customer_id"]].assign(profit_low=float("nan"), profit_high=float("nan"))
    customers = customers.assign(probability_unprofitable=float("nan"), fragile=False)
    band = pd.DataFrame(columns=["share", "low", "mean", "high"], dtype="float64")
    shares = pd.DataFrame(columns=["assumption", "variance_share", "fragile_share"])
    return Uncertainty(customers, band, shares, 0)


def _share_out_again(profits: np.ndarray, cost: np.ndarray, factor: Factor, generator: np.random.Generator) -> None:
    """Charge a proportional driver's total by customers' own uncertain drivers, draw by draw."""
    total = cost.sum()
    step = max(1, _CELLS_AT_ONCE // len(cost))
    for start in range(0, profits.shape[1] if total else 0, step):
        part = profits[:, start : start + step]
        weight = cost * factor.draw(generator, part.shape)
        part -= weight * (total / weight.sum(axis=0)) - cost


def _verdicts(profit: pd.DataFrame, profits: np.ndarray) -> pd.DataFrame:
    step = max(1, _CELLS_AT_ONCE // profits.shape[1])
    parts = (profits[start : start + step] for start in range(0, len(profits), step))
    low, high = np.hstack([np.quantile(part, [0.05, 0.95], axis=1) for part in parts])
    return pd.DataFrame(
        {
            "customer_id": profit["customer_id"].to_numpy(),
            "profit_low": low,
            "profit_high": high,
            "probability_unprofitable": (profits < 0).mean(axis=1),
            "fragile": (low < 0) & (high > 0),
        }
    )


def _band(profits: np.ndarray) -> pd.DataFrame:
    """Return the whale curve's band: each draw's own curve, at equal shares of the customers."""
    customers, draws = profits.shape
    shares = np.linspace(0, 1, min(_CURVE_POINTS, customers + 1))
    picks = np.round(shares * customers).astype("int64")
    step = max(1, _CELLS_AT_ONCE // customers)
    parts = (profits[:, start : start + step] for start in range(0, draws, step))
    picked = np.hstack([_curves(part)[picks] for part in parts])
    low, high = np.quantile(picked, [0.05, 0.95], axis=1)
    return pd.DataFrame({"share": shares, "low": low, "mean": picked.mean(axis=1), "high": high})


def _curves(profits: np.ndarray) -> np.ndarray:
    ordered = -np.sort(-profits, axis=0)
    return np.vstack([np.zeros(profits.shape[1]), np.cumsum(ordered, axis=0)])


def _shares(
    cost: np.ndarray, names: list[str], model: CostModel, factors: Factors, fragile: np.ndarray
) -> pd.DataFrame:
    """Return how much of the variance of profit each factor makes, to first order."""
    rows = []
    for name, factor in factors.activities.items():
        mine = cost[:, names.index(name)] if name in names else np.zeros(len(cost))
        variance = (mine * factor.sigma) ** 2
        left = _left(mine) if _is_shared_out(model, name) else 1.0
        rows.append((assumption("activity", name), variance * left))
    for resource, factor in factors.capacities.items():
        timed = _timed_by(resource, names, model)
        rows.append((assumption("capacity", resource), (cost[:, timed].sum(axis=1) * factor.sigma) ** 2))
    total = sum((variance for _, variance in rows), np.zeros(len(cost)))
    table = pd.DataFrame(
        {
            "assumption": [name for name, _ in rows],
            "variance_share": [_mean_share(variance, total) for _, variance in rows],
            "fragile_share": [_mean_share(variance[fragile], total[fragile]) for _, variance in rows],
        }
    )
    return table.sort_values("variance_share", ascending=False, ignore_index=True)


def assumption(kind: str, name: str) -> str:
    """Return what table ``assumption_shares`` calls an activity's equation or a resource's capacity."""
    return f"{kind} {name}"


def _left(cost: np.ndarray) -> np.ndarray:
    """Return what is left of the variance of each customer's proportional driver, as the shares always add up to one.

    A customer of share s moves by (1 − s) of its own factor and by s times each other's share of theirs: whoever takes
    nearly all of a driver pays nearly all of its cost, however uncertain the driver.
    """
    share = cost / (cost.sum() or 1.0)
    left: np.ndarray = (1 - share) ** 2 + (share**2).sum() - share**2
    return left


def _timed_by(resource: str, names: list[str], model: CostModel) -> list[int]:
    """Return the places of the activities that are costed by a resource's minutes."""
    timed = {name for name, one in model.activities.items() if one.basis == "minutes" and one.resource == resource}
    return [place for place, name in enumerate(names) if name in timed - model.prices.keys()]


def _is_shared_out(model: CostModel, name: str) -> bool:
    return model.activities[name].basis == "driver" and name not in model.prices


def _mean_share(variance: np.ndarray, total: np.ndarray) -> float:
    counted = total > 0
    return float((variance[counted] / total[counted]).mean()) if counted.any() else 0.0
