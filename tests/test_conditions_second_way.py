"""What a plan holds only without, a second way: from the other tables of a run in plain pandas, by the docs alone."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from small_workbook import QUARTER, Row, booked, compute, line, make_workbook
from test_surge_second_way import UNMOVED

from cts_lib.evaluate import prepare
from cts_lib.evaluate.conditions import conditions
from cts_lib.evaluate.indicators import KPIS
from cts_lib.evaluate.plans import steps_of
from cts_lib.names import CELL
from cts_lib.params.sections import Scenario

STAGES = ("profile", "segment", "strategy", "evaluate")
Tables = dict[str, pd.DataFrame]
Found = dict[tuple[str, str], Row]
NOBODY = ("(none)", "(none)")


def by_hand(tables: Tables, adoption: dict[str, float], may_lose: float) -> Found:
    """Return the conditions by scenario and measure; ``levers`` are all decisions that free as much."""
    comparison, weeks = tables["comparison"], tables["worst_weeks"]
    on_time = comparison[(comparison[CELL] == "(all)").all(axis=1) & (comparison["kpi"] == "on_time")]
    waits = {(row["strategy"], row["scenario"]): row for row in weeks.to_dict("records")}
    usual = next((row["difference"] for row in on_time.to_dict("records") if row["scenario"] == "base"), 0.0)
    found: Found = {}
    for row in on_time[on_time["reliable"]].to_dict("records"):
        name = row["scenario"]
        if name == "base":
            continue
        lost = -row["difference"] - max(-usual, 0.0)
        if row["verdict"] == "worse" and lost > may_lose:
            found[name, "on_time"] = {"current": row["current"], "proposed": row["proposed"]}
        today, then = waits.get(("current", name)), waits.get(("proposed", name))
        if today and then and pd.notna(today["recovery"]) and pd.isna(then["recovery"]):
            found[name, "recovery"] = {"current": today["recovery"], "proposed": np.nan}
    for (name, _), row in found.items():
        then = waits.get(("proposed", name), {"behind": 0.0})
        today = waits.get(("current", name), waits.get(("current", "base"), {"behind": 0.0}))
        place = then["behind_at"] if then["behind"] > today["behind"] else "(none)"
        row |= {"adoption": adoption[name], "place": place, "behind": then["behind"], "levers": frees(place, tables)}
    return found


def frees(place: str, tables: Tables) -> set[tuple[str, str]]:
    """Return the decisions that alone free most of a place in the cells that get them."""
    column = next((name for name in (f"uses_{place}", f"ships_{place}") if name in tables["strategy_options"]), None)
    if column is None:
        return {NOBODY}
    chosen = tables["strategy"][[*CELL, "chosen_option"]]
    options = tables["strategy_options"][[*CELL, "option", column]]
    today = options[options["option"] == "current"].rename(columns={column: "today"}).drop(columns="option")
    freed = {}
    for lever, setting in tables["decisions"][["lever", "setting"]].itertuples(index=False, name=None):
        alone = f"{lever}: {setting}"
        cells = chosen[[alone in option.split(" + ") for option in chosen["chosen_option"]]]
        both = cells.merge(options[options["option"] == alone], on=CELL).merge(today, on=CELL)
        freed[lever, setting] = float((both["today"] - both[column]).sum())
    most = max(freed.values(), default=0.0)
    return {choice for choice, each in freed.items() if each > most - 1e-9} if most > 0 else {NOBODY}


def check(told: pd.DataFrame, wanted: Found) -> None:
    assert sorted(told[["scenario", "measure"]].itertuples(index=False, name=None)) == sorted(wanted)
    for row in told.to_dict("records"):
        mine = wanted[row["scenario"], row["measure"]]
        assert (row["lever"], row["setting"]) in mine["levers"]
        assert row["place"] == mine["place"]
        for name in ("current", "proposed", "behind", "adoption"):
            assert row[name] == pytest.approx(mine[name], abs=1e-12, nan_ok=True), (row["scenario"], name)


def drawn(
    folder: Path, seed: int, is_promised: bool = True, reserve: float = 0.3
) -> tuple[Path, dict[str, float], float]:
    """Return a unit whose desk is given up as far as a portal frees it, and scenarios that may need it after all.

    Also each scenario's adoption, and the share of lines on time that params allow to be lost.
    """
    random = np.random.default_rng(seed)
    lines = [
        line(
            f"o{day:%m%d}-{at}",
            customer_id=f"c{random.integers(80)}",
            order_date=str(day.date()),
            shipped_date=str(day.date()),
            delivered_date=str((day + pd.Timedelta(days=1)).date()),
            **({"promised_date": str((day + pd.Timedelta(days=2)).date())} if is_promised else {}),
            order_method="phone",
            net_sales=int(random.integers(50, 150)),
            cogs=30,
        )
        for day in pd.bdate_range("2026-01-01", "2026-03-31")
        for at in range(random.poisson(14))
    ]
    activities = {
        "entry": {
            "resource": "desk",
            "per": "order",
            "minutes": "CASE WHEN order_method = 'portal' THEN 2 ELSE 10 END",
        },
        "packing": {"resource": "dock", "per": "shipment", "minutes": "6"},
    }
    resources = {"desk": {"capacity_minutes": 11000}, "dock": {"capacity_minutes": 9000}}
    levers = {
        "portal": {"kind": "order_method", "settings": {"all": {"to": "portal"}}},
        "fee": {"kind": "terms", "settings": {"small": {"fee_per_order": 2}}},
    }
    first = int(random.integers(15, 30))
    scenarios: Row = {
        "few": {"adoption": 0.25},
        "most": {"adoption": float(random.choice([0.7, 0.95]))},
        "surge": {"demand": float(random.choice([1.2, 2])), "from_day": first, "to_day": first + 14},
        "both": {"demand": 1.5, "from_day": first, "to_day": first + 7, "adoption": 0.5, "channel": "web"},
        "dear": {"cost": {"desk": 3}},
    }
    may_lose = float(random.choice([0, 0.02, 0.15]))
    desk = {"minutes": int(random.choice([250, 500])), "saves": 400, "least": -30, "reserve": 0.3}
    params = make_workbook(
        folder,
        lines,
        {"resources": resources, "activities": activities},
        customers=[{"customer_id": f"c{at}", "channel": ("web", "shops")[at % 2]} for at in range(80)],
        ledger=[booked("desk", 5000), booked("dock", 4000)],
        strategy={
            "levers": levers,
            "max_service_loss": may_lose,
            "sensitivity": UNMOVED,
            "capacity_steps": {"desk": desk},
        },
        evaluation={"replications": 10, "precision": 1, "scenarios": scenarios},
    )
    return params, {name: each.get("adoption", 1.0) for name, each in scenarios.items()}, may_lose


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_conditions_of_a_run_follow_from_its_other_tables(tmp_path: Path, seed: int) -> None:
    params, adoption, may_lose = drawn(tmp_path, seed)
    tables = compute(params, QUARTER, STAGES).all_tables
    told = tables["conditions"]
    assert told.loc[told["scenario"] == "few", "lever"].tolist() == ["portal"]  # the desk was given up for it
    assert "dear" not in set(told["scenario"])
    check(told, by_hand(tables, adoption, may_lose))


@pytest.mark.parametrize("seed", [1, 2])
def test_capacity_kept_serves_as_a_plan_does_that_keeps_it(
    tmp_path: Path, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The plan is simulated with the steps it takes, and in a run of its own for each resource with all but its."""
    params, *_ = drawn(tmp_path, seed)
    tables = compute(params, QUARTER, STAGES).all_tables
    told, taken = tables["kept_capacity"], tables["capacity_plan"].set_index("resource")
    given_up = set(taken.index[taken["steps"] < 0])
    full = tables["conditions"].loc[tables["conditions"]["place"].isin(given_up)]
    assert set(full[["scenario", "place"]].itertuples(index=False, name=None)) <= set(keys_of(told))
    assert {("base", place) for place in full["place"]} <= set(keys_of(told))
    assert set(told["scenario"]) <= {"base", *full["scenario"]}
    for resource, rows in told.groupby("resource"):
        assert (rows["steps"] == taken.loc[resource, "steps"]).all()
        assert np.allclose(rows["saves"], taken.loc[resource, "cash"])
        with monkeypatch.context() as patched:
            patched.setattr(prepare, "steps_of", partial(steps_but, resource))
            kept = compute(params, QUARTER, STAGES).all_tables["comparison"]
        for row in rows.to_dict("records"):
            for side, source in (("proposed", tables["comparison"]), ("kept", kept)):
                own = source[(source[CELL] == "(all)").all(axis=1) & (source["kpi"] == "on_time")]
                assert own.set_index("scenario").loc[row["scenario"], "proposed"] == pytest.approx(row[side], abs=1e-9)
    assert told.loc[told["scenario"] == "few", "verdict"].tolist() == ["better"]


def keys_of(told: pd.DataFrame) -> list[tuple[str, str]]:
    return list(told[["scenario", "resource"]].itertuples(index=False, name=None))


def steps_but(resource: str, plans: Iterable[str], taken: pd.DataFrame) -> dict[str, dict[str, float]]:
    """Return what becomes of capacities under plans, but for one resource."""
    return steps_of(plans, taken[taken["resource"] != resource])


@pytest.mark.parametrize("is_promised", [True, False])
def test_of_lines_on_time_that_nobody_knows_nothing_is_said_to_be_kept(
    tmp_path: Path, is_promised: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither where no line has a promised day nor where the simulation is not to be relied on for them."""
    params, *_ = drawn(tmp_path, 1, is_promised)
    monkeypatch.setattr("cts_lib.evaluate.kept.A_DAY", -1.0)  # whatever waits at the desk is missed
    if is_promised:
        monkeypatch.setattr("cts_lib.evaluate.stage.relied_on", lambda *_: dict.fromkeys(KPIS, False))
    results = compute(params, QUARTER, STAGES)
    assert results.all_tables["kept_capacity"].empty
    doubts = [note.text for note in results.stages["evaluate"].notes if note.doubt]
    assert not [text for text in doubts if "Kept" in text]
    assert [text for text in doubts if text.endswith("Give capacity up only when that is seen.")]


SCENARIOS = {"half": Scenario(adoption=0.5), "surge": Scenario(demand=2, from_day=5, to_day=20), "dear": Scenario()}
LAST = {"surge": 20}
PLACES = ["desk", "dock", "east", "(none)"]
OPTIONS = ["current", "portal: all", "portal: some", "rhythm: weekly", "portal: all + rhythm: weekly"]
CELLS = [("A", "web"), ("A", "shops"), ("B", "web")]


def told(random: np.random.Generator) -> Tables:
    """Return tables as a run leaves them: what every scenario tells, what every option uses, what is chosen."""
    compared = []
    for name in ("base", *SCENARIOS):
        current, proposed = random.integers(0, 41, 2) / 40
        verdict = random.choice(["better", "no difference", "worse", "worse", "worse"])
        for cell in (("(all)", "(all)"), *CELLS):
            for kpi in ("on_time", "profit"):
                compared.append((*cell, kpi, name, current, proposed, proposed - current, verdict))
    columns = [*CELL, "kpi", "scenario", "current", "proposed", "difference", "verdict"]
    weeks = []
    for strategy, name in product(("current", "proposed"), ("base", *SCENARIOS)):
        behind = random.choice([0.0, 1.0, 2.5, 7.0])
        place = random.choice(PLACES[:-1]) if behind else "(none)"
        recovery = random.choice([np.nan, 0.0, 6.0]) if name in LAST else np.nan
        weeks.append((strategy, name, behind, place, recovery))
    simulated = pd.DataFrame(weeks, columns=["strategy", "scenario", "behind", "behind_at", "recovery"])
    options = pd.DataFrame(product(CELLS, OPTIONS), columns=["cell", "option"])
    options[CELL] = pd.DataFrame(options.pop("cell").tolist())
    for column in ("uses_desk", "uses_dock", "ships_east"):
        options[column] = random.integers(0, 50, len(options)).astype(float)
    chosen = pd.DataFrame(CELLS, columns=CELL).assign(chosen_option=random.choice(OPTIONS, len(CELLS)))
    parts = sorted({part for option in chosen["chosen_option"] for part in option.split(" + ")} - {"current"})
    kept = (options["option"] == "current") | (random.random(len(options)) < 0.9)  # not every option reaches every cell
    return {
        "comparison": pd.DataFrame(compared, columns=columns).assign(reliable=random.random() < 0.7),
        "worst_weeks": simulated[random.random(len(simulated)) < 0.85],
        "strategy": chosen,
        "strategy_options": options[kept],
        "decisions": pd.DataFrame([part.split(": ") for part in parts], columns=["lever", "setting"]),
    }


@pytest.mark.parametrize("may_lose", [0.0, 0.02, 0.13, 0.4])
def test_conditions_follow_from_whatever_the_other_tables_say(may_lose: float) -> None:
    random = np.random.default_rng(round(100 * may_lose))
    adoption = {name: each.adoption for name, each in SCENARIOS.items()}
    measures, levers = set[str](), set[str]()
    for _ in range(80):
        tables = told(random)
        found = conditions(tables["comparison"], tables["worst_weeks"], LAST, SCENARIOS, tables, may_lose)
        check(found, by_hand(tables, adoption, may_lose))
        measures, levers = measures | set(found["measure"]), levers | set(found["lever"])
    assert measures == {"on_time", "recovery"}
    assert len(levers) > 1
