from pathlib import Path

import pandas as pd
import pytest
from small_workbook import QUARTER, booked, compute, line, make_workbook

from cts_lib.errors import ParamsError, Problems
from cts_lib.workbook import Workbook

MODEL = {
    "resources": {"desk": {"capacity_minutes": 1000}},
    "activities": {"entry": {"resource": "desk", "per": "order", "minutes": "8 + 3*lines"}},
}
FASTER = "cost_model.activities.entry.minutes=6 + 3*lines"


@pytest.fixture
def book(tmp_path: Path) -> Workbook:
    rows = [line("o1"), line("o1", "2"), line("o2", customer_id="c2", net_sales="70")]
    params = make_workbook(tmp_path, rows, MODEL, ledger=[booked("desk", 500)])
    return Workbook.open(period=QUARTER, params=str(params), out=str(tmp_path / "reports"))


def test_a_question_that_changes_nothing_gives_todays_profit(book: Workbook) -> None:
    today = book.table("customer_profit")
    asked = book.what_if()
    pd.testing.assert_frame_equal(asked.drop(columns="change"), today[asked.columns.drop("change")], check_dtype=False)
    assert (asked["change"] == 0).all()


def test_other_minutes_give_the_profit_of_a_run_with_them(book: Workbook, tmp_path: Path) -> None:
    run = compute(tmp_path / "params", overrides=[FASTER]).all_tables["customer_profit"]
    asked = book.what_if(FASTER)
    pd.testing.assert_series_equal(asked["profit"], run["profit"], check_exact=True)
    assert asked["change"].tolist() == pytest.approx([1.0, 1.0])


def test_questions_do_not_add_up(book: Workbook) -> None:
    book.what_if(FASTER)
    assert (book.what_if("cost_model.resources.desk.capacity_minutes=500")["change"] < 0).all()
    assert (book.what_if()["change"] == 0).all()


def test_a_question_that_cannot_be_priced_is_told_as_on_the_command_line(book: Workbook) -> None:
    with pytest.raises(Problems, match=r"cost_model\.activities\.entry\.minutes: .* no driver .*did you mean 'lines'"):
        book.what_if("cost_model.activities.entry.minutes=6 + 3*line")


def test_a_question_that_is_not_of_the_cost_model_is_refused_for_no_price_would_change(book: Workbook) -> None:
    with pytest.raises(ParamsError, match="is not of the cost model; ask"):
        book.what_if("profile.assumed_gross_margin=0.3")
