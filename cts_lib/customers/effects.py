"""What goes with cost to serve: a regression of its share of sales on how customers behave and what they are.

For customer and channel i with cost to serve as a share of net sales yᵢ, winsorised at its 1st and 99th percentile so
that one customer of tiny sales does not decide, and predictors zᵢⱼ in units of their standard deviation:

    ln yᵢ = β₀ + Σⱼ βⱼ zᵢⱼ + εᵢ

by least squares with errors robust to unequal scatter (HC3: J. G. MacKinnon and H. White, *Journal of Econometrics* 29,
1985), stated as the relative change exp(β) − 1 for a step that a reader knows (a line more, twice the value, ten points
of a share), with the central 90 %. Logarithms, for what an order costs is spread over its value: in levels the effect
of a small order would be no line, and what large customers have in common would pass for its cause. A predictor that is
alike for all, missing too often or a combination of others (variance inflation above 10: D. W. Marquardt,
*Technometrics* 12, 1970) is left out by name: of those that tell each other the last in the list of behaviour and
traits, which begins with what makes work most directly. It is association, not cause.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cts_lib.measures import kind_of, ratio
from cts_lib.names import ALL, NONE

FEWEST, FEWEST_EACH = 30, 10
"""Rows altogether, and for each predictor."""
_MOST_MISSING, _LARGEST_INFLATION, _MOST_VALUES, _FEWEST_ALIKE = 0.1, 10.0, 8, 5
_CENTRAL = 0.9
_ALIKE = 1e-9
_NO_TRAITS = ("channel", "name", "latitude", "longitude", "customer_since")
_BEHAVIOUR = (
    "order_value",
    "lines_per_order",
    "quantity_per_line",
    "orders_per_month",
    "shipments_per_order",
    "rush_share",
    "return_share",
    "electronic_share",
    "distance_km",
    "discount_share",
)
_STEPS = {"lines_per_order": "one", "shipments_per_order": "tenth"}
"""Steps other than ten points of a share and twice any other measure."""
_SIZES = {"twice": 1.0, "one": 1.0, "ten": 10.0, "tenth": 0.1, "points": 0.1, "instead": 1.0}
_COLUMNS = ["effect", "value", "instead_of", "step", "estimate", "low", "high", "verdict", "reason"]
_FIT = ["observations", "r_squared", "condition"]


@dataclass(frozen=True)
class Predictor:
    """A column of the regression: what it is of, and the step it is stated for."""

    effect: str
    step: str
    value: str | None = None
    instead_of: str | None = None


def cost_effects(by_channel: pd.DataFrame, behaviour: pd.DataFrame, customers: pd.DataFrame) -> pd.DataFrame:
    """Return table ``cost_effects``: one row an effect, and one for each predictor that was left out and why.

    Where the regression cannot be made, the row ``(all)`` says why.
    """
    sold = ((by_channel["net_sales"] > 0) & (by_channel["cost_to_serve"] > 0)).to_numpy()
    share = (by_channel["cost_to_serve"] / by_channel["net_sales"])[sold].reset_index(drop=True)
    rows = by_channel[sold].reset_index(drop=True)
    behaviour = behaviour[sold].reset_index(drop=True)
    if len(rows) < FEWEST:
        return _nothing("too few customers", len(rows))
    if share.quantile(0.01) == share.quantile(0.99):
        return _nothing("alike for all", len(rows))
    left_out: list[tuple[Predictor, str]] = []
    columns, known = _asked(list(_predictors(rows, behaviour, customers, left_out)), len(rows), left_out)
    low, high = float(share.quantile(0.01)), float(share.quantile(0.99))
    logs = np.log(np.clip(share[known].to_numpy(), low, high))
    if not columns:
        few = any(reason == "too few customers" for _, reason in left_out)
        return _nothing("too few customers" if few else "alike for all", len(logs))
    names = list(columns)
    matrix = np.column_stack([columns[predictor][known].to_numpy() for predictor in names])
    apart = _apart(matrix, names, left_out)
    return _fitted(logs, matrix[:, apart], [names[place] for place in apart], left_out)


def _asked(
    predictors: list[tuple[Predictor, pd.Series]], rows: int, left_out: list[tuple[Predictor, str]]
) -> tuple[dict[Predictor, pd.Series], NDArray[np.bool_]]:
    """Return the predictors that there are customers enough for, in their order, and of which rows all these are known.

    A predictor that is left out costs no row: what is missing of it is missed by nobody.
    """
    columns, known = dict[Predictor, pd.Series](), np.ones(rows, dtype=bool)
    for predictor, values in predictors:
        told = known & values.notna().to_numpy()
        if _is_alike(values[told]):
            left_out.append((predictor, "alike for all"))
        elif told.sum() < max(FEWEST, FEWEST_EACH * (len(columns) + 1)):
            left_out.append((predictor, "too few customers"))
        else:
            columns[predictor], known = values, told
    for predictor in [name for name, values in columns.items() if _is_alike(values[known])]:
        left_out.append((predictor, "alike for all"))
        del columns[predictor]
    return columns, known


def _is_alike(values: pd.Series) -> bool:
    return bool(np.ptp(values.to_numpy()) <= _ALIKE * values.abs().max()) if len(values) else True


def _predictors(
    rows: pd.DataFrame, behaviour: pd.DataFrame, customers: pd.DataFrame, left_out: list[tuple[Predictor, str]]
) -> Iterator[tuple[Predictor, pd.Series]]:
    figures = behaviour.assign(discount_share=ratio(rows, "discount_share"))
    for name in _BEHAVIOUR:
        step = _STEPS.get(name, "points" if kind_of(name) == "percent" else "twice")
        values = figures[name].astype("float64")
        if step == "twice":
            values = pd.Series(np.log2(values.where(values > 0)), index=values.index)
        if values.isna().mean() > _MOST_MISSING:
            left_out.append((Predictor(name, step), "missing too often"))
        else:
            yield Predictor(name, step), values
    attributes = customers.set_index("customer_id")
    traits = {"channel": rows["channel"]} | {
        str(name): rows["customer_id"].map(attributes[name]) for name in attributes.columns if name not in _NO_TRAITS
    }
    for name, trait in traits.items():
        if trait.isna().mean() > _MOST_MISSING:
            left_out.append((Predictor(name, "instead"), "missing too often"))
        elif pd.api.types.is_numeric_dtype(trait) and trait.nunique() > 2:
            yield Predictor(name, _step_of(float(trait.std()))), trait.astype("float64")
        elif not pd.api.types.is_datetime64_any_dtype(trait):
            yield from _dummies(name, trait, left_out)


def _step_of(spread: float) -> str:
    """A step of a number that is of the order of its spread."""
    return "one" if spread < 10 else "ten" if spread < 100 else "spread"


def _dummies(
    name: str, trait: pd.Series, left_out: list[tuple[Predictor, str]]
) -> Iterator[tuple[Predictor, pd.Series]]:
    """Each value of a trait beside its commonest one; rare values stand together."""
    if pd.api.types.is_numeric_dtype(trait):
        trait = trait.map(lambda value: f"{value:g}", na_action="ignore")
    counts = trait.value_counts()
    if len(counts) > _MOST_VALUES or len(counts) < 2:
        left_out.append((Predictor(name, "instead"), "too many values" if len(counts) > 1 else "alike for all"))
        return
    common = sorted(counts[counts >= _FEWEST_ALIKE].index, key=lambda value: (-counts[value], value))
    for value in common[1:]:
        dummy = (trait == value).astype("float64").where(trait.notna())
        yield Predictor(name, "instead", str(value), str(common[0])), dummy


def _apart(values: NDArray[np.float64], names: list[Predictor], left_out: list[tuple[Predictor, str]]) -> list[int]:
    """Return the places of the predictors that stay when the least direct of those that others tell go, one by one.

    They stand in the order of how directly they make work: what an order is before what the customer is.
    """
    kept = list(range(len(names)))
    while len(kept) > 1:
        told = np.flatnonzero(variance_inflation(values[:, kept]) > _LARGEST_INFLATION)
        if not len(told):
            break
        left_out.append((names[kept.pop(int(told[-1]))], "moves together with others"))
    return kept


def variance_inflation(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return 1 ÷ (1 − R²) of each column on the others, from the correlations; 1e9 and more where they tell it wholly.

    >>> x = np.array([[1.0, 1.0], [2.0, 3.0], [3.0, 2.0], [4.0, 4.0]])
    >>> variance_inflation(x).round(4)  # the correlation is 0.8
    array([2.7778, 2.7778])
    """
    size, direction = np.linalg.eigh(np.corrcoef(values, rowvar=False))
    inflation: NDArray[np.float64] = (direction**2 / np.maximum(size, 1e-9)).sum(axis=1)
    return inflation


def _fitted(
    logs: NDArray[np.float64],
    values: NDArray[np.float64],
    names: list[Predictor],
    left_out: list[tuple[Predictor, str]],
) -> pd.DataFrame:
    import statsmodels.api as sm  # pages tell effects without it

    spread = values.std(axis=0)
    scaled = (values - values.mean(axis=0)) / spread
    fit = sm.OLS(logs, sm.add_constant(scaled, has_constant="add")).fit(cov_type="HC3", use_t=True)
    intervals = fit.conf_int(alpha=1 - _CENTRAL)
    effects = []
    for place, predictor in enumerate(names):
        factor = 1.0 if predictor.step == "spread" else _SIZES[predictor.step] / spread[place]
        low, high = np.expm1(intervals[place + 1] * factor)
        verdict = "more" if low > 0 else "less" if high < 0 else "cannot tell"
        estimate = np.expm1(fit.params[place + 1] * factor)
        effects.append(asdict(predictor) | {"estimate": estimate, "low": low, "high": high, "verdict": verdict})
    effects += [asdict(predictor) | {"verdict": "left out", "reason": reason} for predictor, reason in left_out]
    table = pd.DataFrame(effects, columns=_COLUMNS)
    measures = {"observations": len(logs), "r_squared": float(fit.rsquared), "condition": float(fit.condition_number)}
    return table.assign(**measures)[_COLUMNS + _FIT]


def _nothing(reason: str, observations: int) -> pd.DataFrame:
    row = {"effect": ALL, "step": NONE, "verdict": "left out", "reason": reason, "observations": observations}
    return pd.DataFrame([row], columns=_COLUMNS + _FIT)
