"""The command line: exit statuses, one line per error, and nothing written where nothing was run."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from small_workbook import CUSTOMERS, LEDGER, booked, cts, line, make_workbook

from cts_lib import store
from cts_lib.display import Reader
from cts_lib.history import open_history

LINES = [line(), line("o2", order_date="2026-05-05")]


@pytest.fixture
def workbook(tmp_path: Path) -> Path:
    make_workbook(tmp_path, LINES, ledger=[*LEDGER, booked("desk", 900, "2026-Q2")])
    return tmp_path


def compute(monkeypatch: pytest.MonkeyPatch, folder: Path, *more: str) -> int:
    places = ("--params", folder / "params", "--out", folder / "out", "--jobs", "1")
    return cts(monkeypatch, "compute", *places, *more)


def test_all_done_is_zero_and_tables_manifest_and_history_are_there(
    workbook: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert compute(monkeypatch, workbook, "--period", "2026-Q1", "--period", "2026-Q2") == 0
    folder = workbook / "out" / "2026-Q2" / "north"
    manifest = json.loads((folder / "manifest.json").read_text())
    assert (manifest["state"], manifest["period"], manifest["unit"]) == ("done", "2026-Q2", "north")
    assert len(manifest["inputs"]["order_lines"]) == 64
    assert manifest["stages"] == ["profile", "segment", "strategy", "evaluate", "govern"]
    for path in (folder / "tables").glob("*.parquet"):
        assert list(pd.read_parquet(path).columns)[:2] == ["business_unit", "period"], path.name
    assert set(open_history(workbook / "out").read("kpis", "north")["period"]) == {"2026-Q1", "2026-Q2"}
    assert not list((workbook / "out").rglob(".*"))


def test_the_default_period_is_the_newest_quarter_and_what_it_leaves_out_is_said(
    workbook: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert compute(monkeypatch, workbook, "--until", "profile") == 0
    assert [path.name for path in (workbook / "out").iterdir() if path.is_dir()] == ["2026-Q1"]
    said = (
        "No period was asked for: 2026-Q1, 2026-01-01 to 2026-03-31, is the newest quarter whose last day is at most "
        "seven days after the newest posting date, 2026-05-05; 1 newer line is left out."
    )
    assert f"north  {said}" in capsys.readouterr().out.splitlines()
    manifest = store.read_manifest(workbook / "out" / "2026-Q1" / "north")
    assert manifest is not None
    for place in ("notes", "assumptions"):
        assert Reader().remark(manifest[place][0]) == said


def test_each_unit_has_its_own_newest_quarter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    late = [line("s1", business_unit="south", order_date=day) for day in ("2026-03-30", "2026-06-24")]
    params = make_workbook(tmp_path, [*LINES, *late], ledger=LEDGER)
    (params / "units" / "south.yml").touch()
    assert compute(monkeypatch, tmp_path, "--until", "profile") == 0
    assert (tmp_path / "out" / "2026-Q1" / "north").exists()
    assert (tmp_path / "out" / "2026-Q2" / "south").exists()
    assert not (tmp_path / "out" / "2026-Q2" / "north").exists()


def test_the_same_run_twice_gives_the_same_tables(workbook: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = []
    for _ in range(2):
        assert compute(monkeypatch, workbook, "--period", "2026-Q2", "--until", "strategy") == 0
        paths = sorted((workbook / "out" / "2026-Q2").rglob("*.parquet"))
        found.append({path.name: path.read_bytes() for path in paths})
    assert found[0] == found[1]


def test_stages_can_be_picked_and_until_stops(workbook: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tables = workbook / "out" / "2026-Q2" / "north" / "tables"
    assert compute(monkeypatch, workbook, "--period", "2026-Q2", "--stages", "govern") == 0
    assert {path.stem for path in tables.iterdir()} == {"kpis", "kpi_tree", "bridge", "bridge_details", "actions"}
    assert compute(monkeypatch, workbook, "--period", "2026-Q2", "--until", "segment") == 0
    assert {"kpis", "segments", "resources"} <= {path.stem for path in tables.iterdir()}
    assert not (tables / "strategy.parquet").exists()


def test_a_unit_that_fails_is_one_the_others_finish_and_an_earlier_result_stays(
    workbook: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (workbook / "params" / "units" / "east.yml").write_text("{}\n")
    assert compute(monkeypatch, workbook, "--until", "profile") == 1
    assert (workbook / "out" / "2026-Q1" / "north" / "tables" / "resources.parquet").exists()
    failed = store.read_manifest(workbook / "out" / "2026-Q1" / "east")
    assert failed is not None
    assert failed["state"] == "failed"
    told = capsys.readouterr().err.splitlines()
    assert len(told) == 1
    assert told[0].startswith("east, 2026-Q1: no order line and no event; ")
    before = (workbook / "out" / "2026-Q1" / "north" / "manifest.json").read_bytes()
    assert (
        compute(monkeypatch, workbook, "--until", "profile", "--set", "quality.strict_ledger=true", "--unit", "east")
        == 2
    )
    assert (workbook / "out" / "2026-Q1" / "north" / "manifest.json").read_bytes() == before


def remove(name: str) -> Any:
    return lambda folder: (folder / "data" / name).unlink()


def write(name: str, text: str) -> Any:
    return lambda folder: (folder / name).write_text(text)


def nothing(folder: Path) -> None:
    """Leave the workbook as it is."""


def undated(folder: Path) -> None:
    make_workbook(folder, [item | {"order_date": "soon"} for item in LINES], ledger=LEDGER)


def test_an_extra_column_may_be_labelled_and_a_label_of_nothing_is_fine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    customers = [item | {"sales_rep": "ana"} for item in CUSTOMERS]
    labels = {"sales_rep": {"ana": {"es": "Ana"}}, "region": {"nowhere": {"es": "Ninguna parte"}}}
    params = make_workbook(tmp_path, LINES, customers=customers, ledger=LEDGER, labels=labels)
    assert cts(monkeypatch, "check", "--params", params, "--period", "2026-Q1") == 0
    assert cts(monkeypatch, "check", "--params", params, "--period", "2026-Q1", "--set", "labels.sales={}") == 2


@pytest.mark.parametrize(
    ("spoil", "arguments", "told"),
    [
        (nothing, ["--params", "nowhere"], "nowhere: no such folder"),
        (nothing, ["--set", "source.path=nowhere"], "nowhere: no such folder"),
        (remove("products.csv"), [], "no table products; write products.parquet"),
        (write("data/customers.csv", "id\nc1\n"), [], "customers.csv: column 'customer_id' is missing; has id"),
        (nothing, ["--unit", "nort"], "--unit nort: no such unit; did you mean 'north'?"),
        (write("params/units/north.yml", "unit: [1\n"), [], "north.yml, line 2, column 1"),
        (nothing, ["--set", "qualty.strict_ledger=true"], "unknown key 'qualty'; did you mean 'quality'?"),
        (nothing, ["--set", "cost_model.resources.desk.capacity_minutes=-1"], "capacity_minutes: found -1"),
        (
            nothing,
            ["--set", "cost_model.activities.x={resource: t, per: order, driver: '1', share: 2}"],
            "share: found 2; input should be less than or equal to 1",
        ),
        (
            nothing,
            ["--set", "cost_model.activities.entry.minutes=5*line"],
            "no driver 'line' at this grain; did you mean 'lines'?",
        ),
        (nothing, ["--set", "cost_model.activities.entry.minutes=random()"], "is not allowed; use arithmetic"),
        (nothing, ["--set", "cost_model.activities.entry.minutes=1/0"], "divides by zero"),
        (
            nothing,
            ["--set", "labels.chanel.web.es=Red"],
            "--set, labels.chanel: unknown key 'chanel'; did you mean 'channel'?",
        ),
        (
            nothing,
            ["--set", "labels.channel.web.fr=Toile"],
            "--set, labels.channel.web.fr: unknown language 'fr'; known are en, es",
        ),
        (nothing, ["--set", "quality"], "not of the form dotted.key=value"),
        (nothing, ["--set", "source.engine=postgres"], "source.path: PostgreSQL reads no files; give source.sql"),
        (nothing, ["--period", "2026-Q7"], "--period: '2026-Q7' is not a period; write 2026"),
        (nothing, ["--period", "2031-Q1"], "no order line and no event; order lines exist in 2026-Q1, 2026-Q2"),
        (nothing, ["--until", "profit"], "--until: no stage 'profit'; known are profile"),
        (nothing, ["--stages", "profile,x"], "--stages: no stage 'x'"),
        (nothing, ["--until", "profile", "--stages", "govern"], "both given"),
        (nothing, ["--language", "fr"], "--language: 'fr'; known are en, es"),
        (nothing, ["--out", "params/defaults.yml"], "is no folder"),
        (nothing, ["--nonsense"], "No such option: --nonsense"),
        (nothing, ["--jobs", "0"], "command line"),
        (undated, [], "no dated row; none of its 2 order lines has a date that can be read"),
        (nothing, ["--set", "unit.business_unit=nort"], "no dated row; no order line at all has business_unit 'nort'"),
    ],
)
def test_bad_input_is_one_line_exit_two_and_nothing_written(
    workbook: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    spoil: Any,
    arguments: list[str],
    told: str,
) -> None:
    spoil(workbook)
    monkeypatch.chdir(workbook)
    before = sorted(workbook.rglob("*"))
    assert compute(monkeypatch, workbook, *arguments) == 2
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 1, lines
    assert told in lines[0]
    assert sorted(workbook.rglob("*")) == before


def test_several_problems_are_all_told_one_line_each(
    workbook: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    model = "cost_model.activities"
    status = compute(
        monkeypatch,
        workbook,
        *("--set", f"{model}.entry.minutes=5*line"),
        *("--set", f"{model}.b={{per: line, driver: x, rate: 1}}"),
        *("--period", "never"),
        *("--language", "fr"),
    )
    assert status == 2
    assert len(capsys.readouterr().err.splitlines()) == 4


def test_what_only_one_unit_has_is_told_with_its_name(
    workbook: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    odd = workbook / "params" / "units" / "odd.yml"
    odd.write_text("unit: {business_unit: north}\ncost_model: {activities: {entry: {minutes: nothing}}}\n")
    places = ("--params", workbook / "params", "--out", workbook / "out")
    assert cts(monkeypatch, "check", *places) == 2
    assert capsys.readouterr().err.startswith("odd, cost_model.activities.entry.minutes: 'nothing'")


def test_check_finds_no_problem_or_tells_all_and_writes_nothing(
    workbook: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    places = ("--params", workbook / "params", "--out", workbook / "out")
    assert cts(monkeypatch, "check", *places) == 0
    assert capsys.readouterr().err == ""
    assert cts(monkeypatch, "check", *places, "--period", "2031-Q1", "--period", "2032-Q1") == 2
    assert len(capsys.readouterr().err.splitlines()) == 2
    assert not (workbook / "out").exists()


def test_check_tells_params_expressions_and_tables_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = [line("o1"), line("o2", quantity="many"), line("o3")]
    params = make_workbook(tmp_path, lines, ledger=LEDGER)
    (params / "units" / "north.yml").write_text(
        "profile: {draws: few}\nquality: {max_rejected_share: 10 %}\n"
        "cost_model: {activities: {entry: {minutes: nothing}, packing: {resource: desk, minutes: 2}}}\n"
    )
    (params / "units" / "south.yml").write_text("unit: {business_unit: north}\nsegmentation: {max_clusters: -1}\n")
    assert cts(monkeypatch, "check", "--params", params, "--period", "2026-Q1") == 2
    told = capsys.readouterr().err.splitlines()
    assert len(told) == 6, told
    keys = ("profile.draws", "quality.max_rejected_share", "cost_model.activities.packing", "segmentation.max_clusters")
    assert all(any(f".yml, {key}" in problem for problem in told[:4]) for key in keys), told
    assert told[4].startswith("north, cost_model.activities.entry.minutes: 'nothing'")
    assert told[5].startswith("south, order_lines, quantity: 1 of 3 rows rejected")


@pytest.mark.parametrize(
    ("ledger", "told"),
    [
        ([*LEDGER, booked("desk", 5, "2026-01")], ["ledger, desk: 2026-Q1 and 2026-01 overlap"]),
        ([booked("desk", 5, "2026")], ["ledger, desk: only rows of a period longer than 2026-Q1"]),
        (
            [*LEDGER, booked("desk", 5, "2026-01"), booked("attic", 5)],
            ["ledger, desk: 2026-Q1 and 2026-01 overlap", "ledger, attic: resources that the model lacks"],
        ),
    ],
)
def test_check_looks_at_the_ledger_as_costing_does(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    ledger: list[dict[str, Any]],
    told: list[str],
) -> None:
    make_workbook(tmp_path, LINES, ledger=ledger, quality={"strict_ledger": True})
    for command in ("check", "compute"):
        places = ("--params", tmp_path / "params", "--out", tmp_path / "out", "--period", "2026-Q1")
        assert cts(monkeypatch, command, *places) != 0
        found = capsys.readouterr().err
        assert all(f"north, {one}" in found for one in told), found


@pytest.mark.parametrize(
    ("row", "found"),
    [
        ("north,o9,1,c1,p1,2026-02-02,1,2,3,4,5,6", "more cells than the header's 9"),
        ("north,o9,1", "3 of 9 cells"),
        ('north,"o9,1,c1,p1,2026-02-02,1,2', "value with unterminated quote found"),
    ],
)
@pytest.mark.parametrize("place", [1, 3000])
def test_a_row_of_other_cells_than_its_header_is_told_with_its_line(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    row: str,
    found: str,
    place: int,
) -> None:
    make_workbook(tmp_path, [line(f"o{number}") for number in range(place)], ledger=LEDGER)
    with (tmp_path / "data" / "order_lines.csv").open("a") as table:
        table.write(row + "\n")
    assert cts(monkeypatch, "check", "--params", tmp_path / "params", "--out", tmp_path / "out") == 2
    told = capsys.readouterr().err.splitlines()
    assert told == [f"{tmp_path}/data/order_lines.csv, line {place + 2}: {found}; mend the row"]


def test_explain_writes_names_as_they_are_and_tells_a_unit_that_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    customers = [{"customer_id": "c1", "channel": "[/x]"}, *CUSTOMERS[1:]]
    south = [line(business_unit="south", customer_id="c1"), *LINES]
    ledger = [*LEDGER, booked("desk", 1, "2026-01"), booked("desk", 7, business_unit="south")]
    params = make_workbook(tmp_path, south, customers=customers, ledger=ledger)
    (params / "units" / "south.yml").touch()
    assert cts(monkeypatch, "explain", "c1", "--params", params, "--period", "2026-Q1") == 2
    told = capsys.readouterr()
    assert "[/x]" in told.out
    assert (
        told.err == "north, ledger, desk: 2026-Q1 and 2026-01 overlap; keep the months or the longer period, not both\n"
    )


def test_a_source_that_is_wrong_is_not_read(
    workbook: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (workbook / "params" / "units" / "north.yml").write_text("source: {type: oracle}\nprofile: {draws: few}\n")
    assert cts(monkeypatch, "check", "--params", workbook / "params", "--period", "2026-Q1") == 2
    assert len(capsys.readouterr().err.splitlines()) == 2


def test_text_that_looks_like_a_formula_stays_text(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    customers = [{"customer_id": "c1", "name": "=1+1"}, *CUSTOMERS[1:]]
    make_workbook(tmp_path, LINES, customers=customers, ledger=LEDGER)
    assert compute(monkeypatch, tmp_path, "--period", "2026-Q1", "--until", "profile", "--xlsx") == 0
    folder = tmp_path / "out" / "2026-Q1" / "north"
    assert (folder / "tables.xlsx").exists()
    assert "=1+1" in set(store.read_table(folder, "customer_profit")["name"])


def test_units_are_worked_off_in_processes_too(workbook: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (workbook / "params" / "units" / "twin.yml").write_text("unit: {business_unit: north}\n")
    arguments = ("--params", workbook / "params", "--out", workbook / "out", "--jobs", "2", "--until", "profile")
    assert cts(monkeypatch, "compute", *arguments) == 0
    north, twin = (
        store.read_table(workbook / "out" / "2026-Q1" / name, "customer_costs").drop(columns="business_unit")
        for name in ("north", "twin")
    )
    pd.testing.assert_frame_equal(north, twin)


def test_a_secret_in_the_environment_appears_nowhere(workbook: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CTS_SOURCE_URL", "postgresql://user:s3cret@host/db")
    assert compute(monkeypatch, workbook, "--period", "2026-Q1", "--set", "source.url_env=CTS_SOURCE_URL") == 0
    for path in (workbook / "out").rglob("*"):
        assert not path.is_file() or b"s3cret" not in path.read_bytes(), path


def test_check_tells_floors_and_scenarios_of_what_is_not_there_in_a_line_each(
    workbook: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    places = ("--params", workbook / "params", "--out", workbook / "out", "--period", "2026-Q1", "--unit", "north")
    asked = (
        "strategy.floors={Pasive: {service_level: 0.9}, Passive: {}, 'Passive · rush_share: high': {}}",
        "evaluation.scenarios={one: {demand: 2, segment: Agressive}, "
        "two: {demand: 2, channel: moon, cost: {attic: 2}}, "
        "three: {customers: [nobody, c1]}, four: {demand: 2, segment: Aggressive, channel: direct}}",
    )
    assert cts(monkeypatch, "check", *places, *(each for text in asked for each in ("--set", text))) == 2
    told = capsys.readouterr().err.splitlines()
    known = "known: Bargain basement, Aggressive, Passive, Carriage trade"
    assert len(told) == 5, told
    for at, (where, found, expected) in enumerate(
        [
            ("strategy.floors.Pasive", "'Pasive' is no segment", known),
            ("evaluation.scenarios.one.segment", "'Agressive' is no segment", known),
            ("evaluation.scenarios.two.channel", "'moon' is no channel", "known: direct"),
            ("evaluation.scenarios.two.cost", "'attic' is no resource", "known: "),
            ("evaluation.scenarios.three.customers", "'nobody' is no customer", "write a customer_id"),
        ]
    ):
        assert f"{where}: {found}; {expected}" in told[at]


def test_check_leaves_names_that_come_with_the_groups_to_the_strategy_which_refuses_them(
    workbook: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    places = ("--params", workbook / "params", "--out", workbook / "out", "--period", "2026-Q1", "--unit", "north")
    asked = ("--set", "segmentation.named_by=groups", "--set", "strategy.floors={Pasive: {service_level: 0.9}}")
    assert cts(monkeypatch, "check", *places, *asked) == 0
    assert cts(monkeypatch, "compute", *places, *asked, "--until", "strategy") != 0
    assert "strategy.floors.Pasive: is no segment of this run; known: " in capsys.readouterr().err


def test_check_finds_no_problem_in_the_sample(
    small_sample: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert cts(monkeypatch, "check", "--params", small_sample / "params", "--out", tmp_path) == 0


def test_rejected_rows_are_written_although_the_unit_fails(
    workbook: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ("--period", "2026-Q1", "--until", "profile")
    spoilt = [line(), line("o2", quantity="many"), line("o3", quantity="few")]
    make_workbook(workbook, spoilt, ledger=LEDGER)
    folder = workbook / "out" / "2026-Q1" / "north"
    assert compute(monkeypatch, workbook, *arguments) == 2
    assert set(pd.read_parquet(folder / "tables" / "rejected_rows.parquet")["value"]) == {"many", "few"}
    printed = capsys.readouterr()
    assert "order_lines, quantity: 2 of 3 rows rejected (66.7%)" in printed.err
    assert len(printed.err.splitlines()) == 1
    assert f"rejected rows: {folder / 'tables' / 'rejected_rows.parquet'}" in printed.out
    make_workbook(workbook, [line()], ledger=LEDGER)
    assert compute(monkeypatch, workbook, *arguments) == 0
    assert pd.read_parquet(folder / "tables" / "rejected_rows.parquet").empty
    make_workbook(workbook, spoilt, ledger=LEDGER)
    assert compute(monkeypatch, workbook, *arguments) == 2
    assert pd.read_parquet(folder / "tables" / "rejected_rows.parquet").empty
    assert len(pd.read_parquet(folder / "failed" / "rejected_rows.parquet")) == 2


def test_a_doubt_is_said_on_the_terminal(
    workbook: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    make_workbook(workbook, [line(freight_cost="90"), line(line_no="2", freight_cost="90")], ledger=LEDGER)
    assert compute(monkeypatch, workbook, "--until", "profile", "--period", "2026-Q1") == 0
    assert "doubt: The one shipment of several lines carries one freight_cost" in capsys.readouterr().out
