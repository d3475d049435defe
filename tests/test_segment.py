"""The stage puts every customer and channel into one segment, finds what was planted, and says who moved."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from crowd import QUARTER, crowd
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import adjusted_rand_score
from small_workbook import costed as cost_of
from small_workbook import line, make_workbook, open_run, row

from cts_lib.costing.costed import Costed
from cts_lib.errors import DataError
from cts_lib.params import load
from cts_lib.params.segmentation import Segmentation
from cts_lib.run import UnitRun
from cts_lib.segment import Model, assign, place, segment
from cts_lib.segment.facts import facts_of
from cts_lib.tables import conform

KEYS = ["customer_id", "channel"]
PLACES = [*KEYS, "segment", "value_class", "cost_class", "cluster", "need"]
PARAMS = Segmentation()
QUICK = Segmentation(bootstraps=5, max_clusters=4)
Tables = dict[str, pd.DataFrame]


@pytest.fixture(scope="module")
def opened(small_sample: Path) -> Iterator[UnitRun]:
    run = UnitRun(load(small_sample / "params")[0])
    yield run
    run.close()


@pytest.fixture(scope="module")
def before(opened: UnitRun) -> Costed:
    return cost_of(opened, QUARTER.previous)


@pytest.fixture(scope="module")
def costed(opened: UnitRun, before: Costed) -> Costed:
    return cost_of(opened, QUARTER)


@pytest.fixture(scope="module")
def tables(costed: Costed, before: Costed) -> Tables:
    return segment(costed, PARAMS, QUARTER, before)[0]


def truth(folder: Path, name: str) -> pd.DataFrame:
    return pd.read_parquet(folder / "data" / "sample" / "truth" / f"{name}.parquet")


def told(costed: Costed, params: Segmentation = QUICK, before: Costed | None = None) -> tuple[Tables, str]:
    """The stage's tables, each as it is declared, and all it says."""
    tables, notes = segment(costed, params, QUARTER, before)
    return {name: conform(name, table) for name, table in tables.items()}, " ".join(note.english for note in notes)


def with_columns(costed: Costed, **columns: Any) -> Costed:
    return replace(costed, customers=costed.customers.assign(**columns))


def with_money(costed: Costed, **columns: Any) -> Costed:
    by_channel = costed.tables["customer_channel_profit"].assign(**columns)
    return replace(costed, tables=costed.tables | {"customer_channel_profit": by_channel})


def test_every_customer_and_channel_has_exactly_one_segment(tables: Tables, costed: Costed) -> None:
    segments, by_channel = tables["segments"], costed.tables["customer_channel_profit"]
    assert not segments.duplicated(KEYS).any()
    assert set(segments[KEYS].itertuples(index=False)) == set(by_channel[KEYS].itertuples(index=False))
    assert segments["segment"].notna().all()
    assert segments["stability"].between(0, 1).all()


def test_the_planted_segments_are_found(tables: Tables, small_sample: Path) -> None:
    planted = truth(small_sample, "customers").set_index("customer_id")["segment"]
    found = tables["segments"][tables["segments"]["customer_id"].isin(planted.index)]
    assert adjusted_rand_score(planted[found["customer_id"]], found["cluster"]) > 0.8


def test_the_planted_migration_is_seen(tables: Tables, costed: Costed, before: Costed, small_sample: Path) -> None:
    drifts = truth(small_sample, "drifts").query("kind == 'migration' and from_period == '2026-Q2'")
    model = Model.read(tables["segment_model"])
    then, now = (assign(facts_of(each), model).set_index("customer_id")["cluster"] for each in (before, costed))
    known = [name for name in drifts["subject"] if name in then.index and name in now.index]
    others = [name for name in then.index.intersection(now.index) if name not in set(drifts["subject"])]
    assert len(known) >= 2
    moved = [then[[name]].iloc[0] != now[[name]].iloc[0] for name in known]
    stayed = [then[[name]].iloc[0] == now[[name]].iloc[0] for name in others]
    assert np.mean(moved) >= 0.75
    assert np.mean(stayed) >= 0.85


def test_migration_counts_every_customer_of_either_period_once(tables: Tables, costed: Costed, before: Costed) -> None:
    either = pd.concat([each.tables["customer_channel_profit"][KEYS] for each in (costed, before)]).drop_duplicates()
    counts = tables["segment_migration"].groupby("scheme")["customers"].sum()
    assert counts.to_dict() == {"segments": len(either), "groups": len(either)}
    today = tables["segment_migration"].query("scheme == 'segments' and to_segment != '(lost)'")
    expected = tables["segments"]["segment"].value_counts().to_dict()
    assert today.groupby("to_segment")["customers"].sum().to_dict() == expected


def test_assigning_the_same_customers_again_gives_the_same_segments(tables: Tables, costed: Costed) -> None:
    again = assign(facts_of(costed), Model.read(tables["segment_model"]))
    pd.testing.assert_frame_equal(again[PLACES], tables["segments"][PLACES], check_dtype=False)
    assert set(again["placed_by"]) == {"thresholds"}


def test_a_customer_known_by_its_orders_alone_is_placed_by_the_rules(tables: Tables) -> None:
    model = Model.read(tables["segment_model"])
    known = pd.DataFrame({"customer_id": ["big", "small"], "orders": [6, 30], "net_sales": [90_000.0, 4_000.0]})
    known = known.assign(lines=[80, 40], quantity=[3000, 120], rush_share=0.02, electronic_share=[0.9, 0.1])
    known = known.assign(shipments_per_order=1.0)
    placed = assign(known, model).set_index("customer_id")
    assert placed["segment"].to_dict() == {"big": "Passive", "small": "Aggressive"}
    assert set(placed["placed_by"]) == {"rules"}
    assert placed["precision"].between(0.5, 1).all()


def test_a_customer_of_whom_nothing_is_known_gets_no_segment(tables: Tables) -> None:
    placed = assign(pd.DataFrame({"customer_id": ["n1"]}), Model.read(tables["segment_model"]))
    assert placed["segment"].isna().all()
    assert placed["placed_by"].tolist() == ["nothing known"]
    with pytest.raises(DataError, match="no column customer_id"):
        assign(pd.DataFrame({"name": ["n1"]}), Model.read(tables["segment_model"]))


def test_the_model_survives_its_table(tables: Tables) -> None:
    model = Model.read(tables["segment_model"])
    assert Model.read(model.table()) == model


def test_cards_sum_to_the_customers_and_name_a_typical_one_of_the_segment(tables: Tables, costed: Costed) -> None:
    cards, by_channel = tables["segment_cards"], costed.tables["customer_channel_profit"]
    for money in ("net_sales", "cost_to_serve", "profit"):
        assert cards[money].sum() == pytest.approx(by_channel[money].sum())
    places = set(tables["segments"][["customer_id", "segment"]].itertuples(index=False, name=None))
    assert set(cards[["customer_id", "segment"]].itertuples(index=False, name=None)) <= places
    assert cards["name"].notna().all()
    placed = tables["segments"]
    for card in cards.to_dict("records"):  # of customers, however many channels each has
        own = placed[placed["segment"] == card["segment"]]
        with_need = own.loc[own["need"] == card["need"], "customer_id"].nunique()
        assert card["need_share"] == pytest.approx(with_need / own["customer_id"].nunique())


def test_the_cuts_of_the_matrix_are_rules_without_a_mistake(tables: Tables) -> None:
    rules = tables["segment_rules"]
    cuts = rules[rules["dimension"] == "gross_margin"]
    assert set(cuts["segment"]) == set(tables["segments"]["segment"])
    assert (cuts["coverage"] == 1).all()
    assert (cuts["precision"] == 1).all()


def test_the_stage_changes_nothing_that_it_is_given(costed: Costed, before: Costed) -> None:
    copies = [each.tables["customer_channel_profit"].copy() for each in (costed, before)]
    segment(costed, QUICK, QUARTER, before)
    for each, copy in zip((costed, before), copies, strict=True):
        pd.testing.assert_frame_equal(each.tables["customer_channel_profit"], copy)


@settings(max_examples=8)
@given(st.integers(0, 1000), st.integers(2, 60), st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_nothing(seed: int, count: int, random: Any) -> None:
    costed, _ = crowd(count, seed)
    order = list(range(count))
    random.shuffle(order)
    by_channel = costed.tables["customer_channel_profit"].iloc[order].reset_index(drop=True)
    shuffled = replace(costed, tables=costed.tables | {"customer_channel_profit": by_channel})
    first, again = (place(each, QUICK, QUARTER).segments for each in (costed, shuffled))
    pd.testing.assert_frame_equal(first, again)
    assert not first.duplicated(KEYS).any()


def test_two_runs_give_the_same_bytes() -> None:
    costed, _ = crowd(200)
    first, again = (told(costed)[0] for _ in range(2))
    for name, table in first.items():
        pd.testing.assert_frame_equal(table, again[name])


def test_large_segments_are_split_by_needs_and_small_ones_are_not() -> None:
    split = Segmentation(bootstraps=5, max_clusters=4, smallest_split=10)
    costed, _ = crowd(600)
    tables, said = told(costed, split)
    parts = tables["segments"][tables["segments"]["segment"].str.contains(" · ")]
    assert parts["segment"].value_counts().min() >= 10
    assert parts["need"].nunique() > 1
    whole, _ = told(costed, split.model_copy(update={"smallest_split": 600}))
    assert set(whole["segments"]["segment"]) <= {"Passive", "Carriage trade", "Bargain basement", "Aggressive"}
    assert "split by service needs" in said
    matrix = tables["segment_matrix"].query("segment != '(all)' and channel != '(all)'")
    assert matrix["profit"].sum() == pytest.approx(costed.tables["customer_channel_profit"]["profit"].sum())


def test_groups_may_name_the_segments() -> None:
    params = Segmentation(bootstraps=5, named_by="groups", group_names={1: "The many"})
    tables, said = told(crowd(400)[0], params)
    segments = tables["segments"]
    assert (segments.loc[segments["cluster"] == 1, "segment"] == "The many").all()
    assert segments.groupby("cluster")["segment"].nunique().eq(1).all()
    assert "lets the groups name the segments" in said


def test_kept_segments_place_the_next_period_by_the_same_cuts() -> None:
    first, _ = crowd(300)
    dearer = with_money(first, cost_to_serve=first.tables["customer_channel_profit"]["cost_to_serve"] * 2)
    model = place(first, QUICK, QUARTER.previous).model
    tables, notes = segment(dearer, QUICK, QUARTER, first, model)
    assert tables["segments"]["cost_class"].eq("high").mean() > 0.6
    own, _ = told(dearer, QUICK, first)
    assert own["segments"]["cost_class"].eq("high").mean() == pytest.approx(0.5, abs=0.01)
    assert any("kept as they were" in note.english for note in notes)
    assert not own["segment_health"]["passed"].all()


def test_a_run_keeps_the_segments_of_the_period_that_params_name(tmp_path: Path) -> None:
    lines = [
        line(f"o{number}-{day}", customer_id=f"c{number % 2 + 1}", order_date=day, net_sales=str(100 * number + 50))
        for number in range(6)
        for day in ("2025-11-05", "2026-02-05")
    ]
    run = open_run(make_workbook(tmp_path, lines), ["segmentation.keep_from=2025-Q4"])
    results = run.compute(QUARTER.previous, ("segment",))
    run.close()
    assert "The segments are those of 2025-Q4, kept as they were." in [n.english for n in results.notes["segment"]]
    model = results.tables["segment"]["segment_model"]
    assert row(model, part="period")["value"] == '"2025-Q4"'


def test_what_cannot_be_kept_is_said(tmp_path: Path) -> None:
    run = open_run(make_workbook(tmp_path), ["segmentation.keep_from=2019-Q4"])
    notes = [note.english for note in run.compute(QUARTER.previous, ("segment",)).notes["segment"]]
    run.close()
    said = "could not be computed to be kept (2019-Q4: no order line and no event); this period has its own."
    assert f"The segments of 2019-Q4 {said}" in notes


def test_growth_compares_with_the_period_before() -> None:
    now, _ = crowd(60)
    sales = now.tables["customer_channel_profit"]["net_sales"]
    then = with_money(now, net_sales=np.where(np.arange(60) < 30, sales / 2, sales * 2))
    params = QUICK.model_copy(update={"value": "growth"})
    tables, said = told(now, params, then)
    assert tables["segments"]["value_class"].tolist() == ["high"] * 30 + ["low"] * 30
    assert "would need the one before that" in said
    _, without = told(now, params)
    assert "value is the gross margin instead" in without


def said_by_rules(tables: Tables, facts: pd.DataFrame) -> set[str]:
    """Hold every customer to the matrix's rules; return the segments that they find."""
    known = facts.assign(cost_to_serve_share=facts["cost_to_serve"] / facts["net_sales"])
    known["strategic"] = tables["segments"]["strategic"].map({True: "true", False: "false"})
    own, found = tables["segments"]["segment"], set()
    rules = tables["segment_rules"]
    for (name, _), conditions in rules.groupby(["segment", "rule"]):
        if not conditions["dimension"].isin(["cost_to_serve_share", "strategic"]).any():
            continue
        held = pd.Series(True, known.index)
        for condition in conditions.to_dict("records"):
            values, is_word = known[condition["dimension"]], condition["comparison"] == "="
            compared = {"=": values.eq, "<": values.lt, ">=": values.ge}[condition["comparison"]]
            held &= compared(condition["value"] if is_word else condition["cut"])
        assert (own[held] == name).all()
        assert (conditions["coverage"] == held.sum() / (own == name).sum()).all()
        found.add(name)
    return found


def test_a_strategic_customer_is_of_the_highest_value_whatever_it_brings() -> None:
    costed = with_columns(crowd(60)[0], vip=["yes"] * 20 + ["no"] * 40)
    tables, said = told(costed, QUICK.model_copy(update={"strategic": "vip"}))
    assert tables["segments"]["value_class"][:20].eq("high").all()
    assert tables["segments"]["strategic"].sum() == 20
    assert "20 customers are marked as strategic" in said
    assert said_by_rules(tables, facts_of(costed)) == set(tables["segments"]["segment"])
    _, without = told(costed, QUICK.model_copy(update={"strategic": "nobody"}))
    assert "no column nobody" in without


# bad input: the rest stands, and what could not be done is said


def test_one_customer_is_a_segment_without_groups() -> None:
    tables, said = told(crowd(1)[0])
    assert len(tables["segments"]) == 1
    assert len(tables["segment_cards"]) == 1
    assert "There are no groups" in said
    assert "no period before" in said


def test_customers_that_are_all_alike_stay_together() -> None:
    costed, _ = crowd(40, scatter=0.0, members=[1] * 40)
    by_channel = costed.tables["customer_channel_profit"].iloc[[0] * 40].reset_index(drop=True)
    by_channel["customer_id"] = costed.customers["customer_id"]
    sums = costed.customer_sums.iloc[[0] * 40].reset_index(drop=True).assign(customer_id=by_channel["customer_id"])
    rivals = by_channel[[*KEYS, "cost_to_serve", "profit"]].assign(method="this model")
    alike = replace(costed, tables=costed.tables | {"customer_channel_profit": by_channel}, rivals=rivals)
    nothing = {"demand": alike.demand.head(0), "paced": alike.paced.head(0)}
    alike = replace(alike, customer_sums=sums, customers=alike.customers[["customer_id", "channel"]], **nothing)
    tables, said = told(alike)
    assert tables["segments"]["segment"].nunique() == 1
    assert tables["segments"]["cluster"].eq(1).all()
    assert "Alike for all customers" in said


def test_losses_everywhere_still_make_a_matrix() -> None:
    costed, _ = crowd(40)
    tables, _ = told(with_money(costed, gross_margin=-5.0, profit=-9.0))
    assert (tables["segment_cards"]["profit"] < 0).all()
    assert tables["segment_mistakes"]["at_risk"].eq(0).all()


def test_identifiers_constants_and_columns_that_are_mostly_missing_tell_no_groups() -> None:
    random = np.random.default_rng(1)
    costed, group = crowd(6000)
    costed = with_columns(
        costed,
        code=[f"k{number % 5000}" for number in range(6000)],
        planet="earth",
        hint=np.where(random.random(6000) < 0.6, np.nan, 1.0 * group),
    )
    tables, said = told(costed)
    assert "code has 5,000 values" in said
    assert "Alike for all customers, so no help in telling groups: planet" in said
    assert "Known of less than half of the customers, so no help in telling groups: hint" in said
    assert tables["segments"]["cluster"].nunique() > 1


def test_no_channel_and_no_geography_are_no_hindrance() -> None:
    costed, _ = crowd(40)
    names = ("customer_sums", "rivals", "families", "demand", "paced")
    parts = {name: getattr(costed, name).assign(channel="(none)") for name in names}
    tables = {name: table.assign(channel="(none)") for name, table in costed.tables.items()}
    tables, _ = told(replace(costed, **parts, tables=tables, customers=costed.customers[["customer_id", "channel"]]))
    assert tables["segments"]["channel"].eq("(none)").all()
    assert tables["segment_cards"]["name"].isna().all()


def test_thirty_customers_get_something_sensible() -> None:
    tables, _ = told(crowd(30, scatter=0.1)[0], PARAMS)
    assert 2 <= tables["segments"]["segment"].nunique() <= 4
    chosen = tables["segment_groups_choice"].query("chosen")
    assert len(chosen) <= 1
    assert tables["segments"].query("cluster > 0")["cluster"].value_counts().min() >= 3
