"""Promises that are made to programs around the workbook, each as such a program would see it kept."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pytest
from small_workbook import LEDGER, UNIT, compute, line, make_workbook

from cts_lib import cli
from cts_lib.errors import CtsError
from cts_lib.params import Params, load

LINES = [
    line(f"o{at}", customer_id=f"c{at % 2 + 1}", promised_date="2026-02-20", delivered_date="2026-02-05")
    for at in range(4)
]
PAID: dict[str, Any] = {
    "resources": {"desk": {"capacity_minutes": 1000, "variable_share": 1}},
    "activities": {"entry": {"resource": "desk", "per": "order", "minutes": "100"}},
}


def params_of(folder: Path, *overrides: str) -> Params:
    return load(make_workbook(folder, ledger=LEDGER), [UNIT], list(overrides))[0].params


@pytest.mark.parametrize(("written", "meant"), [("0100017", "0100017"), ("0100087", "0100087"), ("4711", "4711")])
def test_an_identifier_keeps_its_leading_zeros_and_needs_no_quotes(tmp_path: Path, written: str, meant: str) -> None:
    told = params_of(
        tmp_path,
        f"unit.business_unit={written}",
        f"evaluation.scenarios={{gone: {{customers: [{written}], warehouse: {written}, channel: {written}}}}}",
        f"strategy.levers={{node: {{settings: {{other: {{to: {written}}}}}}}}}",
        f"cost_model.resources.shop={{level: channel, channel: {written}}}",
    )
    gone = told.evaluation.scenarios["gone"]
    assert gone.customers == [meant]
    assert (told.unit.business_unit, gone.warehouse, gone.channel) == (meant, meant, meant)
    assert told.strategy.levers["node"].settings["other"].to == meant
    assert told.cost_model.resources["shop"].channel == meant


def test_a_year_is_a_period_without_quotes(tmp_path: Path) -> None:
    governance = params_of(tmp_path, "governance.compare=2025", "governance.changes=[2024, 2026-Q1]").governance
    assert (governance.compare, governance.changes) == ("2025", ["2024", "2026-Q1"])
    actions = tmp_path / "params" / "actions"
    actions.mkdir()
    (actions / f"{UNIT}.yml").write_text("[{id: a, action: x, since: 2026}]", encoding="utf-8")
    assert load(tmp_path / "params")[0].actions[0].since == "2026"


def test_a_number_with_a_leading_zero_is_decimal(tmp_path: Path) -> None:
    assert params_of(tmp_path, "evaluation.replications=0032").evaluation.replications == 32


def test_a_label_of_a_lever_is_in_a_language_that_reports_speak(tmp_path: Path) -> None:
    lever = "strategy.levers={{rush: {{label: {{{}: Word}}, settings: {{none: {{drop: true}}}}}}}}"
    assert params_of(tmp_path, lever.format("es")).strategy.levers["rush"].label == {"es": "Word"}
    with pytest.raises(CtsError, match=r"rush\.label.*unknown language 'fr'; known are en, es"):
        params_of(tmp_path, lever.format("fr"))


def test_a_strategy_may_have_no_lever_at_all(tmp_path: Path) -> None:
    options = strategy(tmp_path, {})["strategy_options"]
    assert set(options["option"]) == {"current"}


@pytest.mark.parametrize(
    "levers",
    [
        {"hand_over": {"settings": {"all": {"below": 2000, "margin_kept": 0.99}}}},
        {"terms": {"settings": {"dearer": {"price": 0.1, "lose": 1}}}},
    ],
)
def test_a_plan_that_parts_with_every_customer_has_no_service_level(tmp_path: Path, levers: dict[str, Any]) -> None:
    frontier = strategy(tmp_path, levers)["strategy_frontier"]
    assert frontier["service_level"].isna().tolist() == [True] + [False] * (len(frontier) - 1)
    assert frontier["options_changed"].iloc[0] == 2


def strategy(folder: Path, levers: dict[str, Any]) -> dict[str, pd.DataFrame]:
    params = make_workbook(folder, LINES, PAID, ledger=LEDGER, strategy={"levers": levers})
    return compute(params, stages=("profile", "segment", "strategy")).tables["strategy"]


def test_the_history_keeps_the_plan_of_each_period(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make_workbook(tmp_path, LINES, PAID, ledger=LEDGER)
    for arguments in ([], ["--set", "strategy.levers={}"]):
        order = ["compute", "--params", str(tmp_path / "params"), "--out", str(tmp_path / "out"), "--period", "2026-Q1"]
        monkeypatch.setattr("sys.argv", ["cts", *order, "--until", "strategy", "--jobs", "1", *arguments])
        with pytest.raises(SystemExit) as left:
            cli.main()
        assert not left.value.code
    with duckdb.connect(str(tmp_path / "out" / "history.duckdb"), read_only=True) as history:
        kept = history.execute("SELECT unit, period, segment, channel, chosen_option FROM strategy").fetchall()
    stored = pd.read_parquet(tmp_path / "out" / "2026-Q1" / UNIT / "tables" / "strategy.parquet")
    chosen = stored[["segment", "channel", "chosen_option"]].itertuples(index=False, name=None)
    assert sorted(kept) == sorted((UNIT, "2026-Q1", *row) for row in chosen)
