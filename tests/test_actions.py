"""Actions that people keep: the file read strictly, moved with its comments, and joined with what is proposed."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from small_workbook import UNIT, booked, line, make_workbook

from cts_lib import jobs, store
from cts_lib.actions import add, agenda, move
from cts_lib.cli import app
from cts_lib.errors import CtsError, ParamsError, Problems
from cts_lib.govern.actions import proposals
from cts_lib.params import UnitParams, load
from cts_lib.params.actions import Action, actions_file, read_actions
from cts_lib.params.period import Period
from cts_lib.run import Results, UnitRun

FILE = """\
# Agreed in the meeting of October; ask Ana before you change one.
- id: portal   # the large ones first
  action: "order_method: portal"
  segment: Passive
  channel: retail
  owner: Ana
  due: 2026-12-31
  state: agreed
- {id: rhythm, action: "rhythm: weekly", channel: retail}   # waits for the carrier
"""
STAGES = ("profile", "segment", "govern")


def keep(params: Path, text: str) -> Path:
    path = actions_file(params, UNIT)
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def unit_of(params: Path) -> UnitParams:
    return load(params, [UNIT])[0]


@pytest.mark.parametrize(
    ("text", "where", "said"),
    [
        (
            "[{id: a, action: x, state: begun}]",
            "a, state",
            "unknown state 'begun'; known are proposed, agreed, ru",
        ),
        ("[{id: a, action: x, state: runing}]", "a, state", "unknown state 'runing'; did you mean 'running'?"),
        ("[{id: a, action: x}, {id: a, action: y}]", "item 2, id", "'a' stands twice; item 1 has it already"),
        ("[{id: a, action: x, since: 2026-Q5}]", "a, since", "'2026-Q5' is not a period; write 2026, 2026-H1, 2026-Q3"),
        ("[{id: a, action: x, chanel: web}]", "a, chanel", "unknown key 'chanel'; did you mean 'channel'?"),
        ("[{id: a, action: x, due: soon}]", "a, due", "'soon' is no day; write it as 2026-12-31"),
        ("[{id: a, action: x, customer_id: 87}]", "a, customer_id", "87 is no text; write it in quotes, as '87'"),
        ("[{action: x}]", "item 1, id", "missing; it is required"),
        ("[{id: a}]", "a, action", "missing; it is required"),
        ("[portal]", "item 1", "found 'portal'; write a mapping as {id: …, action: …}"),
        ("{id: a}", "", "holds a dict; write a list of actions"),
        ("[{id: a, action: x, expected_saving: much}]", "a, expected_saving", "found 'much'; input should be a valid"),
    ],
)
def test_what_is_wrong_of_a_file_is_one_line_with_file_id_key_and_value(
    text: str, where: str, said: str, tmp_path: Path
) -> None:
    params = make_workbook(tmp_path)
    path = keep(params, text)
    with pytest.raises(Problems) as raised:
        load(params)
    (found,) = str(raised.value).splitlines()
    assert found.startswith(f"{path.resolve()}{', ' if where else ''}{where}: {said}")


def test_a_unit_without_a_file_has_no_actions(tmp_path: Path) -> None:
    assert unit_of(make_workbook(tmp_path)).actions == ()
    assert read_actions(keep(make_workbook(tmp_path), "# nothing yet\n")) == ([], [])


def test_moving_an_action_keeps_everything_else_that_people_wrote(tmp_path: Path) -> None:
    params = make_workbook(tmp_path)
    path = keep(params, FILE)
    said = move([unit_of(params)], tmp_path, None, "portal", "start", {"since": "2026-Q4", "note": "pilot: A, B"})
    assert said == f"{UNIT}  portal  agreed → running"
    expected = FILE.replace("state: agreed", "state: running")
    expected = expected.replace("first\n", "first\n  since: 2026-Q4\n  note: 'pilot: A, B'\n")
    assert path.read_text() == expected
    move([unit_of(params)], tmp_path, None, "rhythm", "drop", {"note": None})
    assert path.read_text() == expected.replace("{id: rhythm,", "{id: rhythm, state: dropped,")
    assert [action.state for action in unit_of(params).actions] == ["running", "dropped"]


def test_an_action_is_added_below_the_others(tmp_path: Path) -> None:
    params = make_workbook(tmp_path)
    path = keep(params, FILE)
    values = {"action": "call them", "customer_id": "0042", "due": "2026-11-30", "expected_saving": 50.0, "note": None}
    said = add(unit_of(params), values)
    name = said.split()[1]
    added = f"- id: {name}\n  action: call them\n  customer_id: '0042'\n  due: 2026-11-30\n  expected_saving: 50.0\n"
    assert path.read_text() == FILE + added + "  state: proposed\n"
    with pytest.raises(ParamsError, match=f"{name}: is there already"):
        add(unit_of(params), values)
    with pytest.raises(ParamsError, match=f"again: is the same as {name}"):
        add(unit_of(params), values | {"id": "again"})


@pytest.mark.parametrize(
    "before", ["", "[]\n", "[{id: one, action: x}]\n", "# only this\n", "  - id: one\n    action: x"]
)
def test_an_action_may_be_added_to_a_file_of_any_form(before: str, tmp_path: Path) -> None:
    params = make_workbook(tmp_path)
    path = keep(params, before)
    add(unit_of(params), {"id": "two", "action": "y: z", "state": "agreed"})
    assert unit_of(params).actions[-1] == Action(id="two", action="y: z", state="agreed")
    assert path.read_text().startswith(before.rstrip("]\n"))


def test_a_note_of_several_lines_costs_the_comments_and_that_is_said(tmp_path: Path) -> None:
    params = make_workbook(tmp_path)
    path = keep(params, "# gone\n- id: a\n  action: x\n  note: |\n    one\n    two\n")
    said = move([unit_of(params)], tmp_path, None, "a", "agree", {"note": "new"})
    assert said.endswith(f"{path.resolve()} was written anew, without its comments")
    assert unit_of(params).actions == (Action(id="a", action="x", state="agreed", note="new"),)


@pytest.mark.parametrize(
    ("name", "verb", "values", "said"),
    [
        ("portal", "agree", {}, "portal, state: is agreed; agree takes one that is proposed"),
        ("portal", "finish", {}, "portal, state: is agreed; finish takes one that is running"),
        ("portal", "start", {}, "portal, since: missing; give --since, the first period in which it works"),
        ("portal", "start", {"since": "soon"}, "portal, since: 'soon' is not a period; write 2026"),
        ("portl", "agree", {}, "action portl: no such action; did you mean 'portal'?"),
    ],
)
def test_a_move_that_cannot_be_says_so_and_writes_nothing(
    name: str, verb: str, values: dict[str, Any], said: str, tmp_path: Path
) -> None:
    params = make_workbook(tmp_path)
    path = keep(params, FILE)
    with pytest.raises(CtsError) as raised:
        move([unit_of(params)], tmp_path, None, name, verb, values)
    assert said in str(raised.value)
    assert path.read_text() == FILE


def test_the_list_has_state_day_and_what_is_overdue(tmp_path: Path) -> None:
    params = make_workbook(tmp_path)
    keep(params, FILE)
    lines = agenda([unit_of(params)], tmp_path, None, date(2027, 1, 1))
    assert [" ".join(line.split()) for line in lines] == [
        "unit id state due action for owner",
        "north portal agreed 2026-12-31 overdue order_method: portal Passive, retail Ana",
        "north rhythm proposed rhythm: weekly retail",
    ]
    assert "overdue" not in "".join(agenda([unit_of(params)], tmp_path, None, date(2026, 12, 31)))


def overloaded(folder: Path) -> Path:
    """A workbook whose one resource works beyond its capacity: it is to be relieved."""
    model = {
        "resources": {"desk": {"capacity_minutes": 20, "owner": "Head of orders"}},
        "activities": {"entry": {"resource": "desk", "per": "order", "minutes": "40"}},
    }
    lines = [line(order_id=f"o{day}", order_date=f"2026-02-{day:02d}") for day in (2, 3)]
    return make_workbook(folder, lines, model, ledger=[booked("desk", 100)])


def governed(params: Path) -> Results:
    unit_run = UnitRun(unit_of(params))
    try:
        return unit_run.compute(Period.parse("2026-Q1"), STAGES)
    finally:
        unit_run.close()


def test_what_is_worth_doing_overloaded_or_missed_is_proposed_with_what_it_is_to_bring(tmp_path: Path) -> None:
    targets = {"targets": {"profit": {"value": 5, "channels": {"web": 3}}}}
    shares = {name: {"driver": "lines", "per": "order", "resource": name} for name in ("desk", "dock")}
    model = {"resources": {"desk": {}, "dock": {}}, "activities": shares}
    unit, day = load(make_workbook(tmp_path, cost_model=model, governance=targets))[0], date(2026, 5, 1)
    resources = pd.DataFrame({"resource": ["desk", "dock"], "utilisation": [1.0, 1.01]})
    columns = ["lever", "setting", "segment", "channel", "owner", "due", "gain", "cash_gain", "small"]
    decided = [("rush", "none", "(all)", "web", "Ana", day, 70.0, 40.0, False)]
    decided += [("fee", "five", "Core", "web", "Ben", day, 3.0, 2.0, True)]
    cells = [("(all)", "(all)"), ("(all)", "web"), ("Core", "web"), ("(all)", "shop"), ("Core", "(all)")]
    kpis = pd.DataFrame(cells, columns=["segment", "channel"]).assign(kpi="profit", status="missed")
    near = kpis.head(1).assign(kpi="on_time", status="near")
    period, kpis = Period.parse("2026-Q1"), pd.concat([kpis, near])
    then = pd.DataFrame({"resource": ["dock"], "used_then": [100.06], "capacity_then": [100.0]})
    planned = {"decisions": pd.DataFrame(decided, columns=columns), "capacity_plan": then}
    found = proposals(unit, period, resources, planned, kpis)
    names = ["action", "subject", "segment", "channel", "expected_saving", "expected_cash"]
    rows = [[None if pd.isna(each[name]) else each[name] for name in names] for each in found]
    assert rows == [
        ["rush: none", "(none)", "(all)", "web", 70, 40],
        ["relieve", "dock", "(all)", "(all)", None, None],
        *(["bring_to_target", "profit", *cell, None, None] for cell in cells[:3]),
    ]
    assert (found[0]["owner"], found[0]["due"]) == ("Ana", day)
    planned["capacity_plan"] = then.assign(used_then=100.04)
    relieved = proposals(unit, period, resources, planned, kpis)
    assert [row["action"] for row in relieved] == ["rush: none", *["bring_to_target"] * 3]
    tried = [("base", "desk", "better"), ("base", "dock", "no difference"), ("half", "desk", "better")]
    kept = pd.DataFrame(tried, columns=["scenario", "resource", "verdict"]).assign(saves=400.0)
    (keep,) = [row for row in proposals(unit, period, resources, planned, kpis, kept) if row["action"] == "keep"]
    assert (keep["subject"], keep["expected_cash"], keep["due"]) == ("desk", -400, relieved[1]["due"])


def test_a_proposal_is_taken_from_a_stored_period_and_never_made_again(tmp_path: Path) -> None:
    params, out = overloaded(tmp_path), tmp_path / "out"
    proposed = governed(params).tables["govern"]["actions"]
    assert proposed[["action", "subject", "state", "since", "verdict"]].to_numpy().tolist() == [
        ["relieve", "desk", "proposed", "(none)", "(none)"]
    ]
    name = proposed["id"][0]
    store.write_tables(out / "2026-Q1" / UNIT / "tables", {"actions": proposed}, UNIT, "2026-Q1")
    listed = agenda([unit_of(params)], out, None, date(2026, 4, 1))
    assert listed[1].split()[:6] == [UNIT, name, "proposed", "2026-06-30", "by", "2026-Q1"]
    assert move([unit_of(params)], out, None, name, "start", {}) == f"{UNIT}  {name}  running"
    (kept,) = unit_of(params).actions
    assert (kept.since, kept.owner, kept.due) == ("2026-Q2", "Head of orders", date(2026, 6, 30))
    again = governed(params).tables["govern"]["actions"]
    assert again[["id", "action", "subject", "state", "since"]].to_numpy().tolist() == [
        [name, "relieve", "desk", "running", "2026-Q2"]
    ]
    assert len(agenda([unit_of(params)], out, None, date(2026, 4, 1))) == 2


def test_a_scope_that_no_period_knows_fails_the_unit_by_one_line_each(tmp_path: Path) -> None:
    params = overloaded(tmp_path)
    rows = ["{id: a, action: x, channel: retial}", "{id: b, action: x, segment: Nobody, since: 2026-Q1}"]
    rows += ["{id: c, action: x, customer_id: c9}", "{id: d, action: x, channel: gone, state: dropped}"]
    rows += ["{id: e, action: x, channel: later, since: 2026-Q2}", "{id: f, action: x, customer_id: c2}"]
    path = keep(params, f"[{', '.join(rows)}]").resolve()
    with pytest.raises(Problems) as raised:
        governed(params)
    told = str(raised.value).splitlines()
    assert [said.partition("; ")[0] for said in told] == [
        f"{UNIT}, {path}, a, channel: unknown channel 'retial'",
        f"{UNIT}, {path}, b, segment: unknown segment 'Nobody'",
        f"{UNIT}, {path}, c, customer_id: unknown customer 'c9'",
    ]


def test_a_segment_that_vanished_is_no_error_while_the_history_knows_it(tmp_path: Path) -> None:
    params = overloaded(tmp_path)
    keep(params, "[{id: a, action: x, segment: Gone, state: agreed}]")
    history = pd.DataFrame({"period": ["2025-Q4"], "segment": ["Gone"], "channel": ["direct"], "kpi": ["profit"]})
    unit_run = UnitRun(unit_of(params), history.assign(value=1.0))
    try:
        found = unit_run.compute(Period.parse("2026-Q1"), STAGES).tables["govern"]["actions"]
    finally:
        unit_run.close()
    assert found["segment"].tolist() == ["Gone", "(all)"]


def test_the_command_adds_moves_and_lists(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    params = make_workbook(tmp_path)
    place = ["--params", str(params), "--out", str(tmp_path / "out")]
    for command in (
        ["add", "call them", "--id", "call", "--channel", "retail", "--due", "2020-01-01", "--state", "agreed"],
        ["start", "call", "--since", "2026-Q1"],
        ["finish", "call", "--note", "they said yes"],
    ):
        app(["actions", *place, *command], standalone_mode=False)
    capsys.readouterr()
    app(["actions", *place], standalone_mode=False)
    assert capsys.readouterr().out.splitlines()[1].split() == [
        *(UNIT, "call", "done", "2020-01-01", "call", "them", "retail")
    ]
    (kept,) = unit_of(params).actions
    assert (kept.state, kept.since, kept.note) == ("done", "2026-Q1", "they said yes")


def test_what_an_action_brought_is_read_from_the_stored_periods(tmp_path: Path) -> None:
    quarters = {"2025-Q3": "2025-08-04", "2025-Q4": "2025-11-03", "2026-Q1": "2026-02-02", "2026-Q2": "2026-05-04"}
    customers = [{"customer_id": f"c{number}", "channel": "retail"} for number in range(1, 9)]
    lines = []
    for at, day in enumerate(quarters.values()):
        for place, customer in enumerate(customers):
            orders = 5 if customer["customer_id"] == "c1" and at < 2 else 2
            money = (5 if customer["customer_id"] == "c1" else 2) / orders
            sold = {"net_sales": f"{money * (100 + place + at % 3)}", "cogs": f"{money * 60}"}
            lines += [line(f"{at}-{place}-{number}", order_date=day, **customer, **sold) for number in range(orders)]
    ledger = [booked("desk", 1000, quarter) for quarter in quarters]
    params = make_workbook(tmp_path, lines, customers=customers, ledger=ledger)
    keep(params, "[{id: a, action: fewer orders, customer_id: c1, state: running, since: 2026-Q1, expected_saving: 9}]")
    order = jobs.Order(params, tmp_path / "out", periods=list(quarters), stages=STAGES)
    assert jobs.work(order, report=False) == 0
    kept = {quarter: store.read_table(tmp_path / "out" / quarter / UNIT, "actions").iloc[0] for quarter in quarters}
    assert [pd.notna(kept[quarter]["realised_saving"]) for quarter in quarters] == [False, False, True, True]
    last = kept["2026-Q2"]
    assert last["verdict"] == "better", "three orders of forty minutes less, with the same sales"
    assert last["realised_saving"] == pytest.approx(120, abs=10)
    assert 0 < last["realised_low"] < last["realised_saving"] < last["realised_high"]
