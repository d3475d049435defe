"""Each end of an assumption is what a run says that assumes it, as long as that run plans the same."""

from __future__ import annotations

import copy
from itertools import permutations
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from small_workbook import CUSTOMERS, QUARTER, compute, make_workbook
from test_strategy import EVENTS, LEDGER, LINES, MODEL, STAGES, sold
from test_strategy import planned as without_shares

from cts_lib.names import CELL, NONE
from cts_lib.replay.money import plan_money
from cts_lib.strategy.cells import Books
from cts_lib.strategy.sensitivity import PAIRS, Doubt, Replay, stands_at, worst_pairs
from cts_lib.strategy.stand import End, Stand

LEVERS: dict[str, Any] = {
    "portal": {
        "kind": "order_method",
        "settings": {"all": {"to": "portal"}},
        "margin_at_risk": 0.002,
        "investment": {"per_customer": 12, "once": 24},
        "adoption": 0.5,
    },
    "weekly": {"kind": "rhythm", "settings": {"week": {"days": 7}}, "promise": "move", "margin_at_risk": 0.001},
    "rush": {"settings": {"none": {"drop": True}}},
}
STRATEGY: dict[str, Any] = {
    "sensitivity": {"adoption": [0.5, 2]},
    "levers": LEVERS,
    "freight_saving": 0.4,
    "max_service_loss": 1,
    "rush_delay_days": 1,
}
VARIABLE = 0.6
GROWS = ("trucks", "freight")
"""Resources without a capacity: their cost comes with what is delivered."""
MORE = [
    sold(f"{name}{at}", "2026-02-10", customer_id=name, net_sales=100 + at) for name in ("c3", "c4") for at in (1, 2)
]
"""Two customers alike, of whom half or both may go along."""


def planned(
    folder: Path, strategy: dict[str, Any], ledger: Any = LEDGER, variable: float = VARIABLE, demand: float = 1.0
) -> Any:
    """Plan the workbook; with another demand all that is sold, delivered and worked for is so many times as much."""
    model = copy.deepcopy(MODEL)
    for activity in model["activities"].values():
        for basis in ("minutes", "direct"):
            if basis in activity:
                activity[basis] = f"({activity[basis]}) * {demand}"
    model["activities"]["care"]["rate"] *= demand
    bought = [each | {name: float(each[name]) * demand for name in ("net_sales", "cogs")} for each in [*LINES, *MORE]]
    ledger = [each | {"amount": each["amount"] * (demand if each["resource"] in GROWS else 1)} for each in ledger]
    model["resources"]["desk"]["variable_share"] = model["resources"]["trucks"]["variable_share"] = variable
    params = make_workbook(
        folder,
        bought,
        model,
        customers=[*CUSTOMERS, *({**CUSTOMERS[1], "customer_id": name} for name in ("c3", "c4"))],
        events=EVENTS,
        ledger=ledger,
        strategy=strategy,
    )
    return compute(params, QUARTER, STAGES).all_tables


def cash_of(found: dict[str, pd.DataFrame]) -> float:
    return plan_money(found["strategy"], found["decisions"], found["capacity_plan"]).cash


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> dict[str, pd.DataFrame]:
    return planned(tmp_path_factory.mktemp("base"), STRATEGY)


def with_levers(**changes: Any) -> dict[str, Any]:
    """The strategy with a key of each lever multiplied."""
    levers = copy.deepcopy(LEVERS)
    for lever in levers.values():
        for key, factor in changes.items():
            if key in lever:
                lever[key] = (
                    {name: each * factor for name, each in lever[key].items()}
                    if key == "investment"
                    else (min(lever[key] * factor, 1.0))
                )
    return STRATEGY | {"levers": levers}


def dearer(resource: str) -> Any:
    return [each | {"amount": each["amount"] * 1.1} if each["resource"] == resource else each for each in LEDGER]


@pytest.mark.parametrize(
    ("assumption", "resource", "side", "changed"),
    [
        ("adoption", NONE, "high", {"strategy": with_levers(adoption=2)}),
        ("margin_at_risk", NONE, "high", {"strategy": with_levers(margin_at_risk=2)}),
        ("investment", NONE, "low", {"strategy": with_levers(investment=0.8)}),
        ("freight_saving", NONE, "low", {"strategy": STRATEGY | {"freight_saving": 0.2}}),
        ("variable_share", NONE, "high", {"strategy": STRATEGY, "variable": VARIABLE * 1.2}),
        ("prices", "desk", "high", {"strategy": STRATEGY, "ledger": dearer("desk")}),
        ("investment", NONE, "high", {"strategy": with_levers(investment=1.5)}),
        ("prices", "trucks", "high", {"strategy": STRATEGY, "ledger": dearer("trucks")}),
        ("demand", NONE, "low", {"strategy": STRATEGY, "demand": 0.9}),
        ("demand", NONE, "high", {"strategy": STRATEGY, "demand": 1.1}),
    ],
)
def test_an_end_is_what_a_run_says_that_assumes_it(
    base: dict[str, pd.DataFrame],
    tmp_path: Path,
    assumption: str,
    resource: str,
    side: str,
    changed: dict[str, Any],
) -> None:
    other = planned(tmp_path, **changed)
    same = ["chosen_option", *CELL]
    pd.testing.assert_frame_equal(other["strategy"][same], base["strategy"][same])
    table = base["strategy_sensitivity"].set_index(["assumption", "resource"])
    assert table.loc[(assumption, resource), f"cash_gain_{side}"] == pytest.approx(cash_of(other), abs=1e-6)
    assert cash_of(other) != pytest.approx(cash_of(base), abs=1e-6)


@pytest.mark.parametrize(
    ("first", "second", "changed"),
    [
        (End("adoption", NONE, 2), End("margin_at_risk", NONE, 2), {"adoption": 2, "margin_at_risk": 2}),
        (End("adoption", NONE, 2), End("investment", NONE, 0.8), {"adoption": 2, "investment": 0.8}),
        (End("freight_saving", NONE, 0.5), End("investment", NONE, 0.8), {"freight_saving": 0.2, "investment": 0.8}),
        (End("prices", "desk", 1.1), End("variable_share", NONE, 1.2), {"ledger": 1.1, "variable": VARIABLE * 1.2}),
        (End("adoption", NONE, 2), End("prices", "desk", 1.1), {"adoption": 2, "ledger": 1.1}),
    ],
)
def test_two_ends_at_once_are_what_a_run_says_that_assumes_both(
    base: dict[str, pd.DataFrame],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    first: End,
    second: End,
    changed: dict[str, float],
) -> None:
    found = list[float]()

    def looked_at(doubt: Doubt, stand: Stand, books: Books, replayed: Replay) -> pd.DataFrame:
        found.extend(each.cash for each in stands_at([(first, second), (second, first)], stand, books, replayed))
        return worst_pairs(doubt, stand, books, replayed)

    monkeypatch.setattr("cts_lib.strategy.stage.worst_pairs", looked_at)
    planned(tmp_path / "base", STRATEGY)
    monkeypatch.undo()
    levers = with_levers(**{name: changed[name] for name in changed if name in LEVERS["portal"]})
    levers |= {name: changed[name] for name in changed if name == "freight_saving"}
    ledger = dearer("desk") if "ledger" in changed else LEDGER
    other = planned(tmp_path / "other", levers, ledger, changed.get("variable", VARIABLE))
    pd.testing.assert_series_equal(other["strategy"]["chosen_option"], base["strategy"]["chosen_option"])
    assert found == pytest.approx([cash_of(other)] * 2, abs=1e-6)
    assert cash_of(other) != pytest.approx(cash_of(base), abs=1e-6)


def test_what_is_counted_does_not_hang_on_its_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ends = [
        End("investment", NONE, 1.5),
        End("demand", NONE, 0.9),
        End("variable_share", NONE, 0.8),
        End("prices", "desk", 1.1),
        End("leave", NONE, 0.25),
    ]
    found = list[float]()

    def looked_at(doubt: Doubt, stand: Stand, books: Books, replayed: Replay) -> pd.DataFrame:
        found.extend(each.cash for each in stands_at(list(permutations(ends)), stand, books, replayed))
        return worst_pairs(doubt, stand, books, replayed)

    monkeypatch.setattr("cts_lib.strategy.stage.worst_pairs", looked_at)
    planned(tmp_path, STRATEGY)
    assert found == pytest.approx([found[0]] * len(found))


def test_the_worst_pairs_leave_what_two_ends_at_once_leave_and_the_worst_comes_first(
    base: dict[str, pd.DataFrame],
) -> None:
    pairs, alone = base["strategy_pairs"], base["strategy_sensitivity"]
    assert 1 < len(pairs) <= PAIRS
    assert pairs["cash_gain"].is_monotonic_increasing
    same = (pairs["assumption"] == pairs["with_assumption"]) & (pairs["resource"] == pairs["with_resource"])
    assert not same.any()
    assert pairs["cash_gain"].iloc[0] < alone[["cash_gain_low", "cash_gain_high"]].min().min()
    ends = {
        (row["assumption"], row["resource"], row[end]): row[f"cash_gain_{end}"]
        for row in alone.to_dict("records")
        for end in ("low", "high")
    }
    for row in pairs.to_dict("records"):  # an end that brings cash is in none
        assert ends[row["assumption"], row["resource"], row["end"]] < cash_of(base)
        assert ends[row["with_assumption"], row["with_resource"], row["with_end"]] < cash_of(base)


def test_who_leaves_takes_all_it_brings_and_costs_and_leaves_the_investment(tmp_path: Path) -> None:
    fee = {"kind": "terms", "settings": {"five": {"fee_per_order": 5}}, "investment": 3}  # everybody orders, so pays
    found = without_shares(tmp_path, levers={"fee": fee}, sensitivity={"leave": 0.25})  # and all cost leaves with work
    strategy, table = found["strategy"], found["strategy_sensitivity"].set_index("assumption")
    assert (strategy["chosen_option"] == "fee: five").all()
    stays = strategy["chosen_profit"].sum() * 0.75
    cash = stays - strategy["current_profit"].sum() - strategy["chosen_investment"].sum()
    assert table.loc["leave", ["low", "high"]].tolist() == [0.0, 0.25]
    assert table.loc["leave", "cash_gain_high"] == pytest.approx(cash)
    assert table.loc["leave", "cash_gain_low"] == pytest.approx(strategy["cash_gain"].sum())
    kept = without_shares(tmp_path / "kept", levers={"fee": fee}, sensitivity={"leave": 0})
    assert "leave" not in set(kept["strategy_sensitivity"]["assumption"])
