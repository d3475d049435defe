import shutil
from collections.abc import Mapping
from pathlib import Path

import pandas as pd
import pytest
from small_workbook import QUARTER, booked, compute, line, make_workbook, open_run

from cts_lib import display, jobs
from cts_lib.display import Reader
from cts_lib.errors import ParamsError, Problems
from cts_lib.params.period import Period
from cts_lib.run import STAGES
from cts_lib.sample import write_sample
from cts_lib.scenarios import Answer, ask
from cts_lib.workbook import Workbook

MODEL = {
    "resources": {"desk": {"capacity_minutes": 1000}},
    "activities": {"entry": {"resource": "desk", "per": "order", "minutes": "8 + 3*lines"}},
}
GIVEN_UP = ("portal", "rhythm", "minimum_order", "delivery_fee", "stock", "pallets", "parcel_hub")
FEW_LEVERS = [f"strategy.levers.{name}=null" for name in GIVEN_UP]
LESS = "strategy.levers.partner=null"
FASTER = "cost_model.activities.entry.minutes=6 + 3*lines"


@pytest.fixture(scope="module")
def stored(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("stored")
    rows = [line("o1"), line("o1", "2"), line("o2", customer_id="c2", net_sales="70")]
    params = make_workbook(folder, rows, MODEL, ledger=[booked("desk", 500)])
    assert jobs.work(jobs.Order(params, folder / "reports", periods=[QUARTER]), report=False) == 0
    return folder


@pytest.fixture
def book(stored: Path, tmp_path: Path) -> Workbook:
    shutil.copytree(stored, tmp_path, dirs_exist_ok=True)
    return Workbook.open(period=QUARTER, params=str(tmp_path / "params"), out=str(tmp_path / "reports"))


def test_a_question_that_changes_nothing_gives_todays_profit(book: Workbook) -> None:
    today = book.table("customer_profit")
    asked = book.what_if().customers
    pd.testing.assert_frame_equal(asked.drop(columns="change"), today[asked.columns.drop("change")], check_dtype=False)
    assert (asked["change"] == 0).all()


def test_other_minutes_give_the_profit_of_a_run_with_them(book: Workbook, tmp_path: Path) -> None:
    run = compute(tmp_path / "params", overrides=[FASTER]).all_tables["customer_profit"]
    asked = book.what_if(FASTER).customers
    pd.testing.assert_series_equal(asked["profit"], run["profit"], check_exact=True)
    assert asked["change"].tolist() == pytest.approx([1.0, 1.0])


def test_questions_do_not_add_up(book: Workbook) -> None:
    book.what_if(FASTER)
    assert (book.what_if("cost_model.resources.desk.capacity_minutes=500").customers["change"] < 0).all()
    assert (book.what_if().customers["change"] == 0).all()


def test_a_question_that_cannot_be_priced_is_told_as_on_the_command_line(book: Workbook) -> None:
    with pytest.raises(Problems, match=r"cost_model\.activities\.entry\.minutes: .* no driver .*did you mean 'lines'"):
        book.what_if("cost_model.activities.entry.minutes=6 + 3*line")


def test_a_question_about_what_no_stage_answers_is_refused(book: Workbook) -> None:
    with pytest.raises(Problems, match="'profile' cannot be asked about; ask about cost_model, strategy"):
        book.what_if("profile.assumed_gross_margin=0.3")


def figure(answer: Answer, name: str, resource: str = "(none)") -> tuple[float, float]:
    rows = answer.figures.set_index(["figure", "resource"]).loc[(name, resource)]
    return float(rows["today"]), float(rows["then"])


def test_an_answer_holds_profit_loss_makers_service_and_utilisation_against_today(book: Workbook) -> None:
    dear = book.what_if("cost_model.resources.desk.capacity_minutes=20")
    assert figure(dear, "profit") == pytest.approx((90 - 12.5, 90 - 500 * 25 / 20))
    assert figure(dear, "loss_makers") == (0, 2)
    assert figure(dear, "utilisation", "desk") == pytest.approx((0.025, 1.25))
    assert dear.movers["customer_id"].tolist() == ["c1", "c2"]
    assert (dear.movers["profit_then"] < 0).all()
    shown = dear._repr_html_()
    assert "Customers that lose money" in shown
    assert "Customers that move" in shown


def test_a_scenario_is_kept_by_one_call_listed_and_compared(book: Workbook, tmp_path: Path) -> None:
    kept = book.keep("faster", FASTER)
    assert (tmp_path / "params" / "scenarios" / "faster.yml").read_text(encoding="utf-8") == (
        "cost_model:\n  activities:\n    entry:\n      minutes: 6 + 3*lines\n"
    )
    pd.testing.assert_frame_equal(book.what_if("faster").figures, kept.figures)
    assert book.scenarios()["scenario"].tolist() == ["faster"]
    book.keep("dear", "cost_model.resources.desk.capacity_minutes=20")
    beside = book.compare()
    assert list(dict.fromkeys(beside["scenario"])) == ["dear", "faster"]
    html = display.compared(beside, book.reader).html
    assert html.index("dear") < html.index("faster")
    assert "No scenario is kept" in display.compared(book.compare().head(0), book.reader).html


def test_a_kept_scenario_is_replaced_only_when_told_and_an_impossible_one_is_not_kept(
    book: Workbook, tmp_path: Path
) -> None:
    book.keep("faster", FASTER)
    with pytest.raises(ParamsError, match=r"faster\.yml: is kept already; give it another name, or replace=True"):
        book.keep("faster", "cost_model.prices.entry=2")
    book.keep("faster", "cost_model.prices.entry=2", replace=True)
    with pytest.raises(Problems):
        book.keep("wrong", "cost_model.activities.entry.minutes=6 + 3*line")
    assert [path.name for path in (tmp_path / "params" / "scenarios").iterdir()] == ["faster.yml"]


@pytest.mark.parametrize("name", ["../evil", "NUL", "a:b", " a", "x" * 101])
def test_a_scenario_is_named_as_a_unit_is(book: Workbook, name: str) -> None:
    with pytest.raises(ParamsError, match="scenario name"):
        book.keep(name, FASTER)


def test_a_typo_is_one_line_that_names_the_file(book: Workbook, tmp_path: Path) -> None:
    book.keep("faster", FASTER)
    with pytest.raises(ParamsError, match="scenario fastr: no such scenario; did you mean 'faster'"):
        book.what_if("fastr")
    path = tmp_path / "params" / "scenarios" / "faster.yml"
    path.write_text("cost_model: {activities: {entry: {minuts: 3}}}\n", encoding="utf-8")
    with pytest.raises(Problems) as told:
        book.what_if("faster")
    lines = told.value._render_traceback_()
    assert lines == [f"{path}, cost_model.activities.entry.minuts: unknown key 'minuts'; did you mean 'minutes'?"]


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Mapping[str, pd.DataFrame]]:
    """The params of a small made-up unit, and its tables up to strategy."""
    folder = tmp_path_factory.mktemp("sample")
    write_sample(folder, lines=3000, units=1)
    return folder / "params", compute(folder / "params", "2026-Q3", STAGES[:3], FEW_LEVERS, "iberia").all_tables


def test_levers_are_answered_by_the_plan_that_they_make(
    sample: tuple[Path, Mapping[str, pd.DataFrame]], tmp_path: Path
) -> None:
    (params, tables), period, out = sample, Period.parse("2026-Q3"), tmp_path / "reports"
    run = open_run(params, FEW_LEVERS, "iberia")
    try:
        answer = ask(run, period, [LESS], tables.__getitem__, out, Reader())
    finally:
        run.close()
    plan = compute(params, str(period), STAGES[:3], [*FEW_LEVERS, LESS], "iberia").all_tables["strategy"]
    assert figure(answer, "profit") == pytest.approx((plan["current_profit"].sum(), plan["chosen_profit"].sum()))
    assert figure(answer, "cost_to_serve")[1] == pytest.approx(plan["chosen_cost_to_serve"].sum())
    assert figure(answer, "plan_cash")[0] > figure(answer, "plan_cash")[1] > 0
    assert answer.customers["profit"].sum() == pytest.approx(plan["chosen_profit"].sum())


def test_other_segments_move_customers_and_no_money(
    sample: tuple[Path, Mapping[str, pd.DataFrame]], tmp_path: Path
) -> None:
    (params, tables), period = sample, Period.parse("2026-Q3")
    run = open_run(params, unit="iberia")
    try:
        answer = ask(run, period, ["segmentation.value=profit"], tables.__getitem__, tmp_path / "reports", Reader())
    finally:
        run.close()
    assert (answer.figures["change"].dropna() == 0).all()
    assert len(answer.movers)
    assert (answer.movers["segment"] != answer.movers["segment_then"]).all()


def test_the_workbook_says_what_it_holds_and_what_can_be_asked(book: Workbook) -> None:
    said = repr(book)
    assert said.startswith(f"north, {QUARTER}: computed ")
    assert "book.what_if(" in said
    assert "customer_profit" in said
    assert "customer_profit" in book._repr_html_()


def test_placing_refuses_a_column_that_nobody_knows(book: Workbook) -> None:
    with pytest.raises(Problems, match="assign, column rush_shar: unknown; did you mean 'rush_share'"):
        book.assign(pd.DataFrame({"customer_id": ["n1"], "orders": [3], "rush_shar": [0.0]}))
    assert book.assign(pd.DataFrame({"customer_id": ["n1"], "orders": [3]}))["customer_id"].tolist() == ["n1"]
