"""Every stage has one shape, and runs alone from what the stages before it stored."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from small_workbook import line, make_workbook

from cts_lib import jobs, run, store
from cts_lib.costing.costed import Costed
from cts_lib.intake import take_in
from cts_lib.params import UnitParams, load
from cts_lib.params.period import Period
from cts_lib.run import NEEDS, READS, STAGES, UnitRun
from cts_lib.sample import write_sample
from cts_lib.stage import StageResult

QUARTER, FEW = "2026-Q3", ("evaluation.replications=10", "evaluation.precision=1")


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("stages")
    write_sample(folder, lines=3000, units=1)
    return folder


@pytest.fixture(scope="module")
def whole(sample: Path) -> dict[str, pd.DataFrame]:
    """All tables of a run of every stage, which it leaves below ``reports``."""
    work(sample, STAGES)
    return stored(sample)


def work(folder: Path, stages: tuple[str, ...], *overrides: str) -> None:
    order = jobs.Order(
        folder / "params", folder / "reports", periods=[QUARTER], overrides=[*FEW, *overrides], stages=stages
    )
    assert jobs.work(order, report=False) == 0


def stored(folder: Path) -> dict[str, pd.DataFrame]:
    tables = (folder / "reports" / QUARTER / "iberia" / "tables").glob("*.parquet")
    return {path.stem: pd.read_parquet(path) for path in tables}


@pytest.mark.parametrize("stage", STAGES[1:])
def test_a_stage_alone_yields_what_it_yields_in_a_whole_run_and_costs_nothing_anew(
    stage: str, sample: Path, whole: dict[str, pd.DataFrame], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("the profile was costed anew")

    monkeypatch.setattr(UnitRun, "_profile", refuse)
    work(sample, (stage,))
    again = stored(sample)
    assert again.keys() == whole.keys()
    for name, table in whole.items():
        if name != "kpis":  # its limits rest on the history, which has grown by the period itself
            pd.testing.assert_frame_equal(again[name], table, obj=name)


def test_a_changed_target_leaves_the_costs_as_they_are(
    sample: Path, whole: dict[str, pd.DataFrame], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(UnitRun, "_profile", None)
    work(sample, ("govern",), "governance.targets.profit_margin.value=0.9")
    kpis = stored(sample)["kpis"].set_index("kpi")["target"]
    assert kpis["profit_margin"].max() == 0.9 != whole["kpis"].set_index("kpi")["target"]["profit_margin"].max()
    assert len(stored(sample)["actions"]) == len(whole["actions"])
    work(sample, ("govern",))


def test_a_changed_cost_model_costs_the_period_anew(tmp_path: Path) -> None:
    params = make_workbook(tmp_path, [line(order_date="2026-08-03")])
    order = jobs.Order(params, tmp_path / "out", periods=[QUARTER], stages=("profile", "segment"))
    assert jobs.work(order, report=False) == 0
    dearer = replace(order, overrides=["cost_model.activities.entry.minutes=50"])
    assert jobs.work(replace(dearer, stages=("govern",)), report=False) == 0
    folder = tmp_path / "out" / QUARTER / "north" / "tables"
    assert {path.stem for path in folder.iterdir()} == {"kpis", "kpi_tree", "bridge", "bridge_details", "actions"}, (
        "what rests on the old model is gone"
    )


def test_changed_data_cost_the_period_anew(tmp_path: Path) -> None:
    params = make_workbook(tmp_path, [line(order_date="2026-08-03")])
    order = jobs.Order(params, tmp_path / "out", periods=[QUARTER], stages=("profile",))
    assert jobs.work(order, report=False) == 0
    make_workbook(tmp_path, [line(order_date="2026-08-03", quantity="20", net_sales="500")])
    assert jobs.work(replace(order, stages=("segment",)), report=False) == 0
    matrix = store.read_table(tmp_path / "out" / QUARTER / "north", "segment_matrix")
    assert matrix["net_sales"].max() == 500


@pytest.fixture(scope="module")
def profiled(sample: Path) -> StageResult:
    unit_run = UnitRun(load(sample / "params", [], FEW)[0])
    try:
        return unit_run.compute(Period.parse(QUARTER), ["profile"]).stages["profile"]
    finally:
        unit_run.close()


def keep(result: StageResult, folder: Path) -> None:
    store.write_stage(folder, "profile", result, tables=True)
    store.write_manifest(folder, {"fingerprints": {"profile": "same"}})
    store.seal(folder)


def test_the_state_of_a_costed_period_survives_storing(profiled: StageResult, tmp_path: Path) -> None:
    keep(profiled, tmp_path)
    read = store.read_stage(tmp_path, "profile", "same")
    assert read is not None
    assert read.notes == profiled.notes
    for name, table in (profiled.tables | profiled.state).items():
        pd.testing.assert_frame_equal((read.tables | read.state)[name], table, obj=name)
    assert Costed.of(read).unbooked == Costed.of(profiled).unbooked


@pytest.mark.parametrize("harm", ["missing", "torn", "foreign"])
def test_a_stored_stage_that_cannot_be_read_is_no_stage(harm: str, profiled: StageResult, tmp_path: Path) -> None:
    keep(profiled, tmp_path)
    assert store.read_stage(tmp_path, "profile", "other") is None
    path = tmp_path / "state" / "profile" / "notes.json"
    if harm == "missing":
        path.unlink()
    else:
        path.write_text("[{" if harm == "torn" else '[{"who": "knows"}]')
    assert store.read_stage(tmp_path, "profile", "same") is None


class Watched:
    """Params that keep account of the keys that are read."""

    def __init__(self, section: Any, keys: set[str], path: str = "") -> None:
        self._section, self._keys, self._path = section, keys, path

    def __getattr__(self, name: str) -> Any:
        key = f"{self._path}{name}"
        value = getattr(self._section, name)
        if key in ("strategy", "segmentation", "governance"):
            return Watched(value, self._keys, f"{key}.")
        self._keys.add(key)
        return value


@pytest.fixture(scope="module")
def read_keys(sample: Path) -> Iterator[dict[str, set[str]]]:
    """The keys of params that each stage reads, of a run in which each is given its own account.

    What is read to take a period's rows in is stage profile's.
    """
    unit = load(sample / "params", [], FEW)[0]
    unit_run, keys = UnitRun(unit), {stage: set[str]() for stage in STAGES}

    def watched(stage: str, given: UnitParams) -> UnitParams:
        return replace(given, params=Watched(given.params, keys[stage]))  # type: ignore[arg-type]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(run.unit, "take_in", lambda e, s, u, p: take_in(e, s, watched("profile", u), p))
        for stage, function in run.STAGE.items():
            patch.setitem(run.STAGE, stage, lambda i, u, s=stage, f=function: f(i, watched(s, u)))
        unit_run.compute(Period.parse(QUARTER))
    unit_run.close()
    yield keys


@pytest.mark.parametrize("stage", STAGES)
def test_a_stage_reads_no_params_but_those_that_its_fingerprint_covers(
    stage: str, read_keys: dict[str, set[str]]
) -> None:
    covered = {key for each in (*NEEDS[stage], stage) for key in READS[each]}
    unseen = {key for key in read_keys[stage] if key not in covered and key.partition(".")[0] not in covered}
    assert not unseen
