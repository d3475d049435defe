"""Which segment a customer is assigned to, a second way: its own by its own figures, else by the stored JSON."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pandas as pd
import pytest
from crowd import QUARTER, crowd
from hypothesis import Phase, example, given, settings
from hypothesis import strategies as st
from scipy.stats import multivariate_normal
from sklearn.mixture import GaussianMixture

from cts_lib.costing.costed import Costed
from cts_lib.customers.behaviour import behaviour_of
from cts_lib.errors import DataError
from cts_lib.params.segmentation import Segmentation
from cts_lib.segment import Model, assign, segment
from cts_lib.segment.groups import Groups
from cts_lib.segment.mixture import Mixture, components, fit_mixture

KEYS = ["customer_id", "channel"]
PLACES = ["segment", "value_class", "cost_class", "cluster", "need"]
VALUES = ["gross_margin", "net_sales", "profit", "gross_margin_share", "growth", "channel_share"]
COSTS = ["cost_to_serve_share", "cost_to_serve", "cost_to_serve_of_margin"]
Json = dict[str, Any]


def drawn(seed: int, count: int) -> tuple[Costed, Costed]:
    """Return a period with customers who buy nothing or give back more, and the one before it."""
    random = np.random.default_rng(seed)
    costed, before = crowd(count, seed)[0], crowd(count, seed + 1)[0]
    money = costed.tables["customer_channel_profit"]
    for at in random.integers(0, count, 3):
        money.loc[at, ["net_sales", "gross_margin"]] = random.choice([0.0, -50.0])
    money["profit"] = money["gross_margin"] - money["cost_to_serve"]
    costed.customers["vip"] = random.choice(["yes", "no", None, "1"], count)
    costed.customers["staff"] = random.choice([1.0, 5.0, np.nan], count)
    return costed, before


def known_of(costed: Costed, before: Costed) -> pd.DataFrame:
    """Return what a user would hand over: the stored tables of the customers, and what they bought before."""
    money = costed.tables["customer_channel_profit"]
    behaviour = behaviour_of(money, costed.customer_sums).drop(columns=KEYS, errors="ignore")
    frame = pd.concat([money.drop(columns=[name for name in money if name in behaviour]), behaviour], axis=1)
    frame = frame.merge(costed.customers.drop(columns=["channel"]), on="customer_id")
    sales = before.tables["customer_channel_profit"].set_index(KEYS)["net_sales"]
    frame["net_sales_before"] = sales.reindex(pd.MultiIndex.from_frame(frame[KEYS])).fillna(0.0).to_numpy()
    return frame


def encoded(row: Json, dimension: Json, balanced: bool) -> list[float]:
    """Return the columns of a dimension by docs/stages/segment.md: numbers standardised, categories of variance 1."""
    given_, weight = row.get(dimension["name"]), 1.0 if balanced else dimension["weight"]
    if not dimension["values"]:
        number = dimension["middle"] if given_ is None or not np.isfinite(given_) else float(given_)
        number = np.log1p(max(number, 0.0)) if dimension["logarithm"] else number
        return [weight * (number - dimension["centre"]) / dimension["scale"]]
    values, shares = dimension["values"], dimension["shares"]
    word = "(none)" if given_ is None else str(given_)
    word = word if word in values else "(other)"
    whole = np.sqrt(sum(share * (1 - share) for share in shares))
    return [
        weight * ((word == value) - share if word in values else 0.0) / (np.sqrt(share) if balanced else whole)
        for value, share in zip(values, shares, strict=True)
    ]


def group_of(row: Json, groups: Json) -> int:
    """Return the number of the nearest, or likeliest, group; 0 beyond three times what is usual in it."""
    if not groups["reach"]:
        return 1
    mixture = groups["mixture"]
    at = np.array([number for one in groups["dimensions"] for number in encoded(row, one, mixture is not None)])
    if mixture:
        at = at @ np.array(mixture["loadings"])
        spreads = [np.linalg.inv(each) for each in mixture["precisions"]]
        likely = [
            np.log(weight) + multivariate_normal(mean, spread).logpdf(at)
            for weight, mean, spread in zip(mixture["weights"], mixture["means"], spreads, strict=True)
        ]
        group = int(np.argmax(likely))
        away = at - mixture["means"][group]
        distance = np.sqrt(away @ np.array(mixture["precisions"][group]) @ away)
    else:
        spread = np.array(groups["spread"] or 1.0)
        distances = [np.sqrt((((at - centre) / spread) ** 2).sum()) for centre in groups["centres"]]
        group, distance = int(np.argmin(distances)), min(distances)
    return 0 if distance > groups["outlier_distance"] * groups["reach"][group] else group + 1


def measured(row: Json, name: str, of_channel: Json) -> float:
    """Return an axis of the matrix; a share of nothing is 0, or boundless where something was there."""
    shares = {
        "gross_margin_share": (row["gross_margin"], row["net_sales"]),
        "growth": (row["net_sales"] - row["net_sales_before"], row["net_sales_before"]),
        "channel_share": (row["net_sales"], of_channel[row["channel"]]),
        "cost_to_serve_share": (row["cost_to_serve"], row["net_sales"]),
        "cost_to_serve_of_margin": (row["cost_to_serve"], row["gross_margin"]),
    }
    if name in shares:
        part, whole = shares[name]
        return float(part / whole) if whole > 0 else (np.inf if part > 0 else 0.0)
    return float(row["gross_margin"] - row["cost_to_serve"] if name == "profit" else row[name])


def class_of(value: float, scale: Json) -> str:
    """Return the class that begins at the last cut that a value reaches."""
    return str(scale["classes"][sum(np.round(value, 9) >= cut for cut in scale["cuts"])])


def parts_of(tables: dict[str, pd.DataFrame]) -> Json:
    return {name: json.loads(value) for name, value in tables["segment_model"].itertuples(index=False, name=None)}


def rows_of(frame: pd.DataFrame) -> list[Json]:
    rows = frame.astype("object").where(frame.notna(), None).to_dict("records")
    return [{str(name): value for name, value in row.items()} for row in rows]


@settings(max_examples=8, phases=[Phase.explicit, Phase.generate])  # each takes most of a second
@example(2, 60, "growth", COSTS[0], "matrix", None, True, 0.6)
@example(5, 40, "gross_margin", COSTS[1], "groups", "money", False, 0.0)
@given(
    st.integers(0, 10_000),
    st.integers(8, 70),
    st.sampled_from(VALUES),
    st.sampled_from(COSTS),
    st.sampled_from(["matrix", "groups"]),
    st.sampled_from([None, None, "money", "customers"]),
    st.booleans(),
    st.sampled_from([0.0, 0.6]),
)
def test_a_customer_with_its_own_figures_gets_its_own_segment(
    seed: int, count: int, value: str, cost: str, named_by: str, abc: str | None, strategic: bool, stable: float
) -> None:
    costed, before = drawn(seed, count)
    params = Segmentation(
        value=value,
        cost=cost,
        named_by=named_by,
        value_abc=abc,
        cost_quantile=(0.3, 0.7),
        strategic="vip" if strategic else None,
        least_stability=stable,
        smallest_split=8,
        max_clusters=3,
        bootstraps=1,
        seed=seed,
    )
    tables, _ = segment(costed, params, QUARTER, before)
    known = known_of(costed, before).sample(frac=1, random_state=seed)  # the order and index are the user's
    model, parts = Model.read(tables["segment_model"]), parts_of(tables)
    found = assign(known, model).merge(tables["segments"], on=KEYS, suffixes=("", "_own"))
    for name in PLACES:
        assert (found[name] == found[f"{name}_own"]).all(), name
    told, rows = assign(known.drop(columns="profit"), model), rows_of(known)  # which margin and cost give
    assert told["cluster"].tolist() == [group_of(row, parts["groups"]) for row in rows]
    of_channel, matrix = known.groupby("channel")["net_sales"].sum().to_dict(), parts["matrix"]
    values = [class_of(measured(row, value, of_channel), matrix["value"]) for row in rows]
    highest = [strategic and row["vip"] in ("yes", "1") for row in rows]
    assert told["value_class"].tolist() == [
        matrix["value"]["classes"][-1] if high else own for high, own in zip(highest, values, strict=True)
    ]
    assert told["cost_class"].tolist() == [class_of(measured(row, cost, of_channel), matrix["cost"]) for row in rows]


@pytest.fixture(scope="module")
def placed() -> tuple[pd.DataFrame, Model, Json]:
    costed, before = drawn(3, 80)
    tables, _ = segment(costed, Segmentation(bootstraps=1, max_clusters=3), QUARTER, before)
    return known_of(costed, before), Model.read(tables["segment_model"]), parts_of(tables)


@pytest.mark.parametrize("away", [-1e-6, 0.0, 1e-6])
def test_a_class_begins_at_its_cut(away: float) -> None:
    costed, before = drawn(1, 30)
    params = Segmentation(value_threshold=(500.0,), cost_threshold=(0.3,), bootstraps=1, max_clusters=2)
    model = Model.read(segment(costed, params, QUARTER, before)[0]["segment_model"])
    one = known_of(costed, before).head(1).assign(net_sales=1000.0)
    one = one.assign(gross_margin=500.0 + away, cost_to_serve=(0.3 + away) * 1000.0)
    (found,) = assign(one, model).to_dict("records")
    assert found["value_class"] == found["cost_class"] == ("low" if away < 0 else "high")
    assert found["placed_by"] == "thresholds"


@pytest.mark.parametrize("unknown", ["gross_margin", "cost_to_serve", "net_sales"])
@pytest.mark.parametrize("empty", [True, False])
def test_without_its_money_a_customer_is_placed_by_the_most_precise_rule_that_holds(
    placed: tuple[pd.DataFrame, Model, Json], unknown: str, empty: bool
) -> None:
    known, model, parts = placed
    frame = known.assign(**{unknown: None}) if empty else known.drop(columns=unknown)
    found = assign(frame, model)
    assert found[["value_class", "cost_class"]].isna().all(axis=None)
    for row, told in zip(rows_of(frame), found.to_dict("records"), strict=True):
        holding = [
            rule
            for rule in parts["rules"]
            if all(
                row.get(one["column"]) is not None and (row[one["column"]] > one["cut"]) == one["above"]
                for one in rule["conditions"]
            )
        ]
        best = max(holding, key=lambda rule: rule["precision"], default={"segment": None, "precision": np.nan})
        assert told["placed_by"] == ("rules" if holding else "nothing known")
        assert told["precision"] == pytest.approx(best["precision"], nan_ok=True)
        assert not holding or told["segment"] in {
            rule["segment"] for rule in holding if rule["precision"] == best["precision"]
        }


def test_growth_of_whom_nothing_is_known_of_before_is_not_taken_for_that_of_a_new_customer() -> None:
    costed, before = drawn(4, 60)
    tables, _ = segment(costed, Segmentation(value="growth", bootstraps=1, max_clusters=2), QUARTER, before)
    model, known = Model.read(tables["segment_model"]), known_of(costed, before)
    assert not (assign(known.drop(columns="net_sales_before"), model)["placed_by"] == "thresholds").any()
    new = assign(known[known["net_sales"] > 0].assign(net_sales_before=0), model)
    assert set(new["value_class"]) == {"high"}


def test_numbers_written_as_text_are_numbers_and_words_among_them_are_named(
    placed: tuple[pd.DataFrame, Model, Json],
) -> None:
    known, model, _ = placed
    text = known.assign(**{name: known[name].astype("str") for name in ("orders", "net_sales", "gross_margin")})
    pd.testing.assert_frame_equal(assign(text, model), assign(known, model))
    text.loc[text.index[0], "orders"] = " "
    assert len(assign(text, model)) == len(known)
    text.loc[text.index[1], "net_sales"] = "1.234,5"
    with pytest.raises(DataError, match=r"assign, column net_sales: '1\.234,5' is no number"):
        assign(text, model)


def test_where_nobody_is_an_outlier_a_group_of_customers_all_alike_has_none() -> None:
    one = {"name": "orders", "scale": 1.0}
    groups = Groups.model_validate(
        {"dimensions": [one], "centres": [[0.0], [9.0]], "reach": [0.0, 1.0], "outlier_distance": np.inf}
    )
    assert groups.place(pd.DataFrame({"orders": [0.0, 3.0, 8.0]})).tolist() == [1, 1, 2]


@settings(max_examples=10, phases=[Phase.generate])
@given(st.integers(0, 10_000))
def test_a_customer_is_of_the_group_of_the_highest_weight_times_density(seed: int) -> None:
    random = np.random.default_rng(seed)
    matrix = np.vstack([random.normal(0, 0.3, (80, 2)), random.normal(1, 3, (60, 2))])  # one narrow, one wide
    found = fit_mixture(matrix, np.eye(2), 2, seed)
    densities = [
        weight * multivariate_normal(mean, np.linalg.inv(precision)).pdf(matrix)
        for weight, mean, precision in zip(found.weights, found.means, found.precisions, strict=True)
    ]
    assert (found.labels(matrix) == np.argmax(densities, axis=0)).all()


@settings(max_examples=10, phases=[Phase.generate])
@given(st.integers(0, 10_000), st.integers(2, 12))
def test_components_are_those_of_an_eigenvalue_above_one_two_at_least_and_eight_at_most(seed: int, width: int) -> None:
    random = np.random.default_rng(seed)
    matrix = random.normal(size=(60, width)) @ random.normal(size=(width, width))
    matrix = (matrix - matrix.mean(axis=0)) / matrix.std(axis=0)
    values, loadings = components(matrix)
    wanted = np.sort(np.linalg.svd(matrix, compute_uv=False) ** 2 / len(matrix))[::-1]
    assert values == pytest.approx(wanted)
    assert loadings.shape[1] == min(max((wanted > 1).sum(), 2), 8, width)
    assert np.var(matrix @ loadings, axis=0) == pytest.approx(wanted[: loadings.shape[1]])


def bic(scores: np.ndarray, mixture: Mixture, full: bool) -> float:
    """Return Schwarz's criterion of a mixture: −2 log likelihood + parameters × log n."""
    (count, width), groups = scores.shape, len(mixture.weights)
    densities = sum(
        weight * multivariate_normal(mean, np.linalg.inv(precision)).pdf(scores)
        for weight, mean, precision in zip(mixture.weights, mixture.means, mixture.precisions, strict=True)
    )
    spreads = width * (width + 1) / 2 if full else width
    return float(-2 * np.log(densities).sum() + (groups - 1 + groups * (width + spreads)) * np.log(count))


@settings(max_examples=15, phases=[Phase.generate])
@given(st.integers(0, 10_000), st.floats(0, 0.95), st.sampled_from([1, 2, 3]))
def test_a_mixture_has_the_shape_of_the_lower_bic(seed: int, slant: float, count: int) -> None:
    random, tried = np.random.default_rng(seed), {}
    matrix = np.vstack([random.multivariate_normal([4 * at, 0], [[1, slant], [slant, 1]], 60) for at in range(count)])
    found = fit_mixture(matrix, np.eye(2), count, seed)
    is_full = any(abs(each[0][1]) > 1e-12 for each in found.precisions)
    for shape in ("diag", "full"):
        model = GaussianMixture(count, covariance_type=shape, reg_covar=1e-3, random_state=seed, max_iter=200)
        model.fit(matrix)
        precisions = model.precisions_ if shape == "full" else [np.diag(each) for each in model.precisions_]
        one = Mixture(
            loadings=np.eye(2).tolist(),
            weights=model.weights_.tolist(),
            means=model.means_.tolist(),
            precisions=np.array(precisions).tolist(),
        )
        tried[shape] = bic(matrix, one, shape == "full")
    assert abs(tried["full"] - tried["diag"]) < 1e-6 or is_full == (tried["full"] < tried["diag"])
    best = bic(matrix, found, is_full)
    assert best == pytest.approx(min(tried.values()), rel=1e-6)
