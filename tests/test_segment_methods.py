"""The methods behind the segments, held to published figures and to what must always be true of them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from crowd import QUARTER, crowd
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn.cluster import KMeans
from sklearn.metrics import adjusted_rand_score
from small_workbook import make_workbook

from cts_lib.customers.behaviour import BEHAVIOUR
from cts_lib.customers.demand import buckets, customer_demand
from cts_lib.errors import Problems
from cts_lib.params import load
from cts_lib.params.segmentation import LEVELS, Segmentation
from cts_lib.segment.classes import customer_classes
from cts_lib.segment.dimensions import columns_of, encode, find_dimensions
from cts_lib.segment.drift import drift, psi
from cts_lib.segment.facts import attributes_of, facts_of
from cts_lib.segment.groups import Groups, find_groups, sharpened
from cts_lib.segment.matrix import abc_cuts, draw_matrix
from cts_lib.segment.migration import COLUMNS, churn, mistakes
from cts_lib.segment.mixture import components, fit_mixture
from cts_lib.segment.names import field_names, name_of, traits_apart
from cts_lib.segment.rules import find_rules
from cts_lib.segment.stability import jaccards

COUNTS = arrays("float64", 6, elements=st.integers(1, 500).map(float))
MONEY = st.lists(st.integers(0, 10_000).map(float), min_size=1, max_size=40)


@given(COUNTS)
def test_the_stability_index_of_the_same_customers_is_nothing(counts: np.ndarray) -> None:
    assert psi(counts, counts) == 0
    assert psi(counts * 3, counts) == pytest.approx(0, abs=1e-12)


@given(COUNTS, COUNTS)
def test_the_stability_index_is_never_negative_and_the_same_both_ways(one: np.ndarray, other: np.ndarray) -> None:
    assert psi(one, other) >= 0
    assert psi(one, other) == pytest.approx(psi(other, one))


def test_chance_is_told_from_drift_by_the_number_of_customers() -> None:
    random = np.random.default_rng(3)
    few, many = (pd.DataFrame({"orders": random.normal(0, 1, count)}) for count in (40, 20_000))
    moved = pd.DataFrame({"orders": random.normal(1.0, 1, 20_000)})
    dimensions, _ = find_dimensions(many, ["orders"])
    verdicts = [drift(now, then, dimensions)["verdict"].item() for now, then in ((many, many), (moved, many))]
    assert verdicts == ["stable", "shifted"]
    again = [drift(few.sample(40, replace=True, random_state=seed), few, dimensions) for seed in range(30)]
    assert np.mean([table["verdict"].item() in ("moderate", "shifted") for table in again]) <= 0.1


def test_a_customer_is_a_while_those_before_have_not_brought_the_share() -> None:
    sales = np.array([60.0, 20, 10, 5, 3, 2])
    low, high = abc_cuts(sales, "money", (0.8, 0.95))
    assert (sales >= high).tolist() == [True, True, False, False, False, False]
    assert (sales >= low).tolist() == [True, True, True, True, False, False]


@given(MONEY, st.sampled_from(["money", "customers"]))
def test_classes_of_abc_hold_at_least_their_share(sales: list[float], convention: str) -> None:
    values = np.array(sales)
    shares = (0.8, 0.95) if convention == "money" else (0.2, 0.5)
    low, high = abc_cuts(values, "money" if convention == "money" else "customers", shares)
    assert low <= high
    weights = values if convention == "money" else np.ones(len(values))
    if weights.sum() > 0:
        for cut, share in ((high, shares[0]), (low, shares[1])):
            assert weights[values >= cut].sum() >= share * weights.sum() - 1e-6


@settings(max_examples=20)
@given(st.integers(1, 4), st.integers(1, 4), st.integers(0, 100))
def test_every_place_of_the_matrix_has_a_name_and_each_customer_one_place(value: int, cost: int, seed: int) -> None:
    cuts = [tuple(np.linspace(0, 1, count + 2)[1:-1]) for count in (value, cost)]
    params = Segmentation(value_quantile=cuts[0], cost_quantile=cuts[1])
    random = np.random.default_rng(seed)
    measures = pd.DataFrame({"value": random.normal(size=50), "cost": random.normal(size=50)})
    matrix = draw_matrix(measures, params, field_names(params))
    placed = matrix.place(measures, np.zeros(50, dtype=bool))
    assert set(placed["value_class"]) <= set(LEVELS[value + 1])
    assert placed["segment"].isin(field_names(params).values()).all()
    higher = measures["value"].to_numpy()[:, None] > measures["value"].to_numpy()
    codes = placed["value_class"].map(LEVELS[value + 1].index).to_numpy()
    assert (codes[:, None] >= codes)[higher].all()


def test_shapiros_names_are_those_of_two_by_two_alone() -> None:
    assert set(field_names(Segmentation()).values()) == {"Passive", "Carriage trade", "Bargain basement", "Aggressive"}
    three = field_names(Segmentation(value_quantile=(0.3, 0.7), names={"high_low": "Stars"}))
    assert three["high_low"] == "Stars"
    assert three["middle_low"] == "value: middle · cost_to_serve: low"


def test_eigenvalues_of_mixed_data_sum_to_numbers_and_values_less_one() -> None:
    costed, _ = crowd(300)
    dimensions, _ = find_dimensions(facts_of(costed), ["orders", "order_value", "rush_share", "industry", "tier"])
    values, loadings = components(encode(facts_of(costed), dimensions, balanced=True))
    assert values.sum() == pytest.approx(3 + (6 - 1) + (3 - 1))
    np.testing.assert_allclose(loadings.T @ loadings, np.eye(loadings.shape[1]), atol=1e-9)


@settings(max_examples=10)
@given(st.integers(0, 50))
def test_encoded_dimensions_are_centred_and_weigh_alike(seed: int) -> None:
    facts = facts_of(crowd(80, seed)[0])
    dimensions, _ = find_dimensions(facts, ["orders", "return_share", "industry", "size_class"])
    for one in dimensions:
        encoded = one.encode(facts, balanced=False)
        np.testing.assert_allclose(encoded.mean(axis=0), 0, atol=1e-9)
        assert encoded.var(axis=0).sum() == pytest.approx(1)


def test_clear_groups_are_found_again_and_noise_is_not() -> None:
    random = np.random.default_rng(5)
    clear = np.vstack([random.normal(place, 0.1, (60, 2)) for place in (0, 5)])
    noise = random.normal(0, 1, (120, 2))

    def fit(matrix: np.ndarray, seed: int) -> object:
        return KMeans(2, n_init=1, random_state=seed).fit(matrix).predict

    generator = np.random.default_rng(1)
    for matrix, low, high in ((clear, 0.99, 1.0), (noise, 0.0, 0.95)):
        labels = KMeans(2, n_init=3, random_state=1).fit_predict(matrix).astype("int64")
        found = np.nanmean(jaccards(matrix, labels, fit, 20, generator))
        assert low <= found <= high


def test_crossing_groups_are_told_by_the_mixture_where_k_means_cannot() -> None:
    random = np.random.default_rng(2)
    group = np.repeat([0, 1], 500)
    along, across = random.normal(0, 3, 1000), random.normal(0, 0.2, 1000)
    matrix = np.where(group[:, None] == 0, np.c_[along, across], np.c_[across, along])
    mixture = fit_mixture(matrix, np.eye(2), 2, 1)
    assert adjusted_rand_score(group, mixture.labels(matrix)) > 0.7
    assert adjusted_rand_score(group, KMeans(2, n_init=5, random_state=1).fit_predict(matrix)) < 0.2


def test_where_nothing_stands_apart_the_mixture_is_tried_and_the_choice_is_kept() -> None:
    random = np.random.default_rng(4)
    frame = pd.DataFrame(random.normal(size=(400, 8)), columns=list("abcdefgh"))
    found = find_groups(frame, list(frame), Segmentation(bootstraps=5), 4)
    assert set(found.choice["method"]) == {"k-means", "mixture"}
    assert found.choice["silhouette"].max() < 0.25
    again = Groups.model_validate_json(found.groups.model_dump_json())
    np.testing.assert_array_equal(again.place(frame), found.labels)


def test_an_outlier_stands_apart_from_the_groups() -> None:
    costed, _ = crowd(200, scatter=0.1)
    by_channel = costed.tables["customer_channel_profit"]
    by_channel.loc[0, ["orders", "lines", "quantity", "net_sales"]] = [900, 90_000, 9_000_000, 9e9]
    facts = facts_of(costed)
    found = find_groups(facts, [*BEHAVIOUR], Segmentation(bootstraps=5), 8)
    assert found.labels[0] == 0
    assert (found.labels[1:] > 0).mean() > 0.97


def test_the_number_of_planted_groups_is_found_in_mixed_dimensions() -> None:
    costed, group = crowd(3000)
    facts = facts_of(costed)
    found = find_groups(facts, [*BEHAVIOUR, *attributes_of(facts, costed), "channel"], Segmentation(), 8)
    assert found.groups.count == 6
    assert adjusted_rand_score(group, found.labels) > 0.95
    assert found.choice["chosen"].sum() == 1


def test_names_say_what_sets_a_group_apart_and_differ() -> None:
    orders, food = ("orders", None), ("industry", "food")
    apart = pd.DataFrame({orders: [2.0, -1.0, -1.1], food: [0.1, 0.5, 0.4]}, index=[1, 2, 3])
    names = {label: name_of(traits) for label, traits in traits_apart(apart, {3: "Foodies"}).items()}
    assert names[1] == "orders: high"
    assert names[2] == "orders: low · industry: food"
    assert names[3] == "Foodies"
    same = traits_apart(pd.concat([apart.iloc[[1]], apart.iloc[[1]]]).set_axis([1, 2]), {})
    assert len(set(same.values())) == 2


def test_steady_demand_is_x_and_a_single_order_is_z() -> None:
    weeks = pd.to_datetime(buckets(QUARTER))
    facts = pd.DataFrame(
        {"customer_id": ["steady", "once", "idle"], "channel": "web", "net_sales": [130.0, 130.0, 0.0]}
    )
    rows = [("steady", week, 10.0) for week in weeks] + [("once", weeks[2], 130.0)]
    demand = pd.DataFrame(rows, columns=["customer_id", "bucket", "quantity"])
    demand = demand.assign(channel="web", orders=1.0, net_sales=demand["quantity"])
    table, notes = customer_classes(facts, demand, demand, QUARTER, Segmentation(xyz_bucket="week"))
    assert "X, Y and Z look at demand by the week, as segmentation.xyz_bucket says." in [n.english for n in notes]
    assert table["xyz"].fillna("?").tolist() == ["X", "Z", "?"]
    assert table["variation"].tolist()[:2] == pytest.approx([0.0, np.sqrt(13)])
    assert table["recency"].fillna(-1).tolist() == [0, 10, -1]


def test_a_customer_has_one_variation_of_demand() -> None:
    costed, _ = crowd(60)
    weekly = Segmentation(xyz_bucket="week")
    classes, _ = customer_classes(facts_of(costed), costed.demand, costed.demand, QUARTER, weekly)
    both = classes.merge(
        customer_demand(costed.demand, QUARTER), on=["customer_id", "channel"], suffixes=("", "_of_demand")
    )
    assert len(both) == len(classes)
    assert both["variation"].tolist() == pytest.approx(both["variation_of_demand"].tolist())


def test_without_repeated_orders_there_is_no_rfm() -> None:
    costed, _ = crowd(20)
    demand = costed.demand.drop_duplicates("customer_id").assign(orders=1.0)
    table, notes = customer_classes(facts_of(costed), demand, demand, QUARTER, Segmentation())
    assert table["rfm"].isna().all()
    assert any("ordered more than once" in note.english for note in notes)


@st.composite
def shuffled_crowds(draw: st.DrawFn) -> tuple[pd.DataFrame, pd.DataFrame, list[int]]:
    """Customers of whom many bring and order alike, what they ordered, and another order to stand in."""
    sales = draw(st.lists(st.sampled_from([100.0, 200.0, 700.0]), min_size=5, max_size=12))
    ids = [f"k{place}" for place in range(len(sales))]
    facts = pd.DataFrame({"customer_id": ids, "channel": "web", "net_sales": sales})
    weeks = pd.to_datetime(buckets(QUARTER))
    orders = draw(st.lists(st.sampled_from([2, 3, 9]), min_size=len(ids), max_size=len(ids)))
    rows = [(name, weeks[place], 1.0) for name, many in zip(ids, orders, strict=True) for place in range(many)]
    demand = pd.DataFrame(rows, columns=["customer_id", "bucket", "quantity"]).assign(channel="web", orders=1.0)
    return facts, demand.assign(net_sales=1.0), draw(st.permutations(range(len(ids))))


@given(shuffled_crowds())
def test_customers_alike_are_of_one_class_in_whatever_order_they_stand(
    crowd: tuple[pd.DataFrame, pd.DataFrame, list[int]],
) -> None:
    facts, demand, order = crowd
    table, again = (
        customer_classes(standing, demand, demand, QUARTER, Segmentation(xyz_bucket="week"))[0]
        for standing in (facts, facts.iloc[order].reset_index(drop=True))
    )
    assert again.set_index("customer_id").loc[facts["customer_id"]].equals(table.set_index("customer_id"))
    alike = table.assign(sales=facts["net_sales"]).groupby("sales")
    assert (alike[["abc_money", "abc_customers"]].nunique() == 1).all().all()
    score = table["rfm"].str[2]
    assert (score.groupby(facts["net_sales"]).nunique() == 1).all()
    for fifth in "2345":  # ties never push more customers up than stand in the fifths above
        assert (score >= fifth).sum() <= np.ceil(len(table) * (6 - int(fifth)) / 5)
    assert score[facts["net_sales"].idxmin()] == "1"


def test_behaviour_rules_hold_for_the_customers_that_they_were_found_from() -> None:
    costed, _ = crowd(300)
    facts = facts_of(costed)
    segments = pd.Series(np.where(facts["orders"] > 15, "often", "seldom"))
    rules = find_rules(segments, facts, BEHAVIOUR, Segmentation())
    assert {rule.segment for rule in rules} == {"often", "seldom"}
    covered = sum(rule.holds(facts).astype(int) for rule in rules)
    assert (covered == 1).all()
    assert all(rule.precision == 1 for rule in rules)


def test_a_wrong_segment_costs_the_difference_of_the_shares() -> None:
    facts = pd.DataFrame({"net_sales": [100.0, 100.0], "cost_to_serve": [10.0, 40.0], "profit": [20.0, -5.0]})
    table = mistakes(facts, pd.Series(["cheap", "dear"])).set_index("segment")
    assert table.loc["cheap", ["overspent", "at_risk"]].tolist() == pytest.approx([30.0, 0.0])
    assert table.loc["dear", ["overspent", "at_risk"]].tolist() == pytest.approx([0.0, 0.0])


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("segmentation.value_quantile=[0.5, 0.2]", "do not rise"),
        ("segmentation.value_quantile=[0.1, 0.2, 0.3, 0.4, 0.5]", "5 cuts; give from 1 to 4"),
        ("segmentation.names={high_lo: Stars}", "did you mean high_low?"),
        ("segmentation.names={high_low: (all)}", "'(all)' is no name"),
        ("segmentation.group_names={1: (none)}", "'(none)' is no name"),
        ("segmentation.keep_from=soon", "'soon' is not a period"),
        ("segmentation.smalest_split=3", "did you mean 'smallest_split'?"),
    ],
)
def test_params_that_cannot_be_meant_are_told(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(Problems, match="segmentation") as error:
        load(make_workbook(tmp_path), None, [text])
    assert told in str(error.value)


def test_columns_of_a_category_carry_its_values() -> None:
    facts = facts_of(crowd(100)[0])
    dimensions, _ = find_dimensions(facts, ["orders", "tier"])
    assert columns_of(dimensions) == [("orders", None), ("tier", "bronze"), ("tier", "gold"), ("tier", "silver")]


def test_sharpened_groups_are_told_by_the_dimension_in_which_their_members_are_alike() -> None:
    random = np.random.default_rng(5)
    group = np.repeat([0, 1], 500)
    matrix = np.column_stack([random.normal(0, 1.0, 1_000), random.normal(group, 0.15)])
    plain = Groups(centres=((0.0, 0.0), (0.5, 1.0)), reach=(1.0, 1.0))
    exact = sharpened(plain, matrix)
    assert adjusted_rand_score(group, plain.nearest(matrix)[0]) < 0.5
    assert adjusted_rand_score(group, exact.nearest(matrix)[0]) > 0.99


def test_sharpening_leaves_groups_alone_where_one_would_be_emptied() -> None:
    plain = Groups(centres=((0.0,), (99.0,)), reach=(1.0, 1.0))
    assert sharpened(plain, np.zeros((20, 1))) is plain


def test_sharpening_does_not_change_with_the_order_of_customers_or_the_unit_of_a_dimension() -> None:
    random = np.random.default_rng(6)
    matrix = random.normal(np.repeat([0, 3], 60)[:, None], 1, (120, 3))
    labels = []
    for factor in (1.0, 1000.0):
        plain = Groups(centres=((0.0,) * 3, (3.0 * factor,) * 3), reach=(1.0, 1.0))
        order = random.permutation(120)
        labels.append(sharpened(plain, factor * matrix[order]).nearest(factor * matrix)[0])
    assert (labels[0] == labels[1]).all()


def test_churn_is_the_share_that_moved_of_those_who_were_there_in_both_periods() -> None:
    rows = [
        ("segments", "A", "A", 6),
        ("segments", "A", "B", 1),
        ("segments", "B", "A", 1),
        ("segments", "(new)", "A", 7),
        ("segments", "B", "(lost)", 5),
        ("groups", "1", "2", 9),
    ]
    table = pd.DataFrame(rows, columns=COLUMNS[:4])
    assert churn(table) == 2 / 8
    assert churn(table, "groups") == 1
    assert churn(table[table["from_segment"] == "(new)"]) == 0
