"""What segments choose, a second way: classes, their stability, groups, rivals and what a card names, in plain pandas.

From the stored tables of a sample, by docs/stages/segment.md alone.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.stats import skew

KEYS = ["customer_id", "channel"]
DRAWS = 600
Tables = dict[str, pd.DataFrame]


@pytest.fixture(scope="module")
def tables(one_unit: Path) -> Tables:
    (folder,) = one_unit.glob("reports/2026-Q3/*/tables")
    found = {path.stem: pd.read_parquet(path) for path in folder.glob("*.parquet")}
    (customers,) = one_unit.glob("data/sample/customers.parquet")
    return found | {"customers": pd.read_parquet(customers)}


@pytest.fixture(scope="module")
def money(tables: Tables) -> pd.DataFrame:
    """Margin, cost as a share of sales (without sales: dear), and class of each customer."""
    placed = tables["segments"][[*KEYS, "value_class", "cost_class", "strategic", "stability"]]
    rows = tables["customer_channel_profit"].merge(placed, on=KEYS)
    share = rows["cost_to_serve"] / rows["net_sales"].where(rows["net_sales"] > 0)
    return rows.assign(share=share.fillna(np.inf))


def is_high(values: pd.Series, drawn: pd.Series) -> pd.Series:
    """Return who reaches the median of those drawn, of all channels together."""
    return values >= np.quantile(drawn[np.isfinite(drawn)], 0.5)


def test_classes_are_cut_at_the_median_of_all_customers(money: pd.DataFrame) -> None:
    valued = is_high(money["gross_margin"], money["gross_margin"]) | money["strategic"]
    assert ((money["value_class"] == "high") == valued).all()
    assert ((money["cost_class"] == "high") == is_high(money["share"], money["share"])).all()


def test_stability_is_how_often_a_customer_keeps_its_classes_when_customers_are_drawn_again(
    money: pd.DataFrame,
) -> None:
    random, kept = np.random.default_rng(3), np.zeros(len(money))
    for _ in range(DRAWS):
        drawn = money.iloc[random.integers(0, len(money), len(money))]
        valued = is_high(money["gross_margin"], drawn["gross_margin"]) | money["strategic"]
        dear = is_high(money["share"], drawn["share"])
        kept += (valued == (money["value_class"] == "high")) & (dear == (money["cost_class"] == "high"))
    expected, draws = kept / DRAWS, 25  # as `segmentation.bootstraps` has it
    error = np.sqrt(expected * (1 - expected) / draws + 1 / draws**2)
    assert ((money["stability"] - expected).abs() < 5 * error).all()
    assert money["stability"].mean() == pytest.approx(expected.mean(), abs=0.03)


def test_rivals_change_the_class_of_whom_their_cost_puts_beyond_its_own_median(
    tables: Tables, money: pd.DataFrame
) -> None:
    rivals, once = tables["rival_segments"], ~money["customer_id"].duplicated(keep=False)
    assert rivals["changes_class"].any()
    for method, rows in tables["rival_allocations"].groupby("method"):
        told = money[KEYS].merge(rivals[rivals["method"] == method], on=KEYS, how="left")
        dear = told["cost_class"] == "high"
        assert (told["value_class"] == money["value_class"]).all()
        assert (told["changes_class"] == (told["cost_class"] != money["cost_class"])).all()
        cost = money["customer_id"].map(rows.set_index("customer_id")["cost_to_serve"])
        share = (cost / money["net_sales"].where(money["net_sales"] > 0)).fillna(np.inf)[once]
        if np.ptp(share[np.isfinite(share)]) < 1e-9:
            continue  # nobody is told from anybody
        assert share[dear].min() > share[~dear].max(), method  # a cut of its own
        assert abs(dear.sum() - len(money) / 2) <= 1  # at the median


def test_the_largest_number_of_groups_is_taken_that_is_as_good_as_the_best(tables: Tables) -> None:
    table = tables["segment_groups_choice"]
    means = table[(table["method"] == "k-means") & table["silhouette"].notna()]
    best, surest = (means.loc[means[name].idxmax()] for name in ("silhouette", "jaccard"))
    good = means[means["silhouette"] >= best["silhouette"] - 2 * best["standard_error"]]
    good = good[good["jaccard"] >= surest["jaccard"] - surest["jaccard_deviation"]]
    (chosen,) = table[table["chosen"]].to_dict("records")
    assert best["silhouette"] >= 0.25  # so no mixture was asked
    assert chosen["groups"] == good["groups"].max()
    found = tables["segments"].query("cluster > 0")["cluster"]
    assert found.nunique() == chosen["groups"]


def encoded(values: pd.Series) -> np.ndarray:
    """Return a number in standard deviations, a skewed one of its logarithm; or a category as columns of variance 1."""
    if not pd.api.types.is_numeric_dtype(values):
        ones = pd.get_dummies(values.astype("object").fillna("(none)")).to_numpy("float64")
        rare = ones.mean(axis=0) < 0.02
        ones = np.column_stack([ones[:, ~rare], ones[:, rare].sum(axis=1)]) if rare.any() else ones
        share = ones.mean(axis=0)
        found: np.ndarray = (ones - share) / np.sqrt((share * (1 - share)).sum())
        return found
    numbers = values.astype("float64").fillna(values.median()).to_numpy()
    numbers = np.log1p(numbers) if numbers.min() >= 0 and skew(numbers) > 0.5 else numbers
    return ((numbers - numbers.mean()) / numbers.std())[:, None]


def shares(rows: pd.DataFrame) -> pd.Series:
    """Return which share of the customers has each value."""
    return rows.groupby("value")["customer_id"].nunique() / rows["customer_id"].nunique()


def test_a_card_names_what_stands_out_most_and_the_customer_nearest_to_all_others(tables: Tables) -> None:
    rows = tables["segments"][[*KEYS, "segment"]].merge(tables["customer_behaviour"], on=KEYS)
    rows = rows.merge(tables["customers"].drop(columns=["channel"]), on="customer_id")
    names = [name for name in (*tables["segment_drift"]["dimension"], "channel") if name in rows]
    columns = {name: encoded(rows[name]) for name in dict.fromkeys(names)}
    for card in tables["segment_cards"].to_dict("records"):
        inside = (rows["segment"] == card["segment"]).to_numpy()
        apart = {name: abs(each[inside].mean()) for name, each in columns.items() if each.shape[1] == 1}
        assert apart[card["trait"]] == pytest.approx(max(apart.values())), card["segment"]
        more = {}
        for name in columns:
            if columns[name].shape[1] > 1:
                values = rows.assign(value=rows[name].astype("object").fillna("(none)"))
                ours, everybody = (shares(each) for each in (values[inside], values))
                more |= {(name, value): share - everybody[value] for value, share in ours.items() if value != "(none)"}
        assert more[card["attribute"], card["attribute_value"]] == pytest.approx(max(more.values())), card["segment"]
        matrix = np.hstack([each[inside] for each in columns.values()])
        sums = ((matrix[:, None] - matrix[None]) ** 2).sum(axis=(1, 2))
        typical = int(np.flatnonzero(rows.loc[inside, "customer_id"] == card["customer_id"])[0])
        assert sums[typical] == pytest.approx(sums.min()), card["segment"]
