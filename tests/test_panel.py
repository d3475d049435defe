import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_workbook import LEDGER, MINUTES, Model, compute, line, make_workbook, open_run

from cts_lib import store
from cts_lib.display import Reader
from cts_lib.errors import ParamsError, SourceError
from cts_lib.names import CUSTOMER
from cts_lib.panel import Panel
from cts_lib.panel.picture import picture
from cts_lib.panel.widgets import _Live
from cts_lib.panel.words import slider_name
from cts_lib.params import load
from cts_lib.params.period import Period
from cts_lib.params.segmentation import Segmentation
from cts_lib.run.replayed import write_replay
from cts_lib.scenarios.dials import cut_dials
from cts_lib.scenarios.figures import compared
from cts_lib.scenarios.standing import Standing
from cts_lib.workbook import Workbook

QUARTER, UNIT = "2026-Q3", "iberia"
PLACES = {"minutes.order_entry": 80, "minutes.picking": 130, "people.warehouse": 3.0, "people.billing": 90}


@pytest.fixture(scope="module")
def book(one_unit: Path) -> Iterator[Workbook]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(store.FOLDER, str(one_unit / "reports" / QUARTER / UNIT))
        yield Workbook.open(period=QUARTER, params=str(one_unit / "params"), out=str(one_unit / "reports"))


@pytest.fixture(scope="module")
def made(book: Workbook) -> Panel:
    return book.panel()


@pytest.fixture
def panel(made: Panel) -> Panel:
    return made.back()


def figures(table: pd.DataFrame) -> pd.DataFrame:
    return table[table["figure"] != "on_time"].set_index(["figure", "resource"]).sort_index()


def test_a_panel_that_nobody_touched_shows_the_period_as_it_was(panel: Panel, book: Workbook) -> None:
    today = book.table("customer_profit").set_index("customer_id")["profit"]
    found = panel._standing.customers.assign(profit=panel.answer.profit).set_index("customer_id")["profit"]
    pd.testing.assert_series_equal(found, today, rtol=0, atol=1e-6)
    assert (panel.figures["change"] == 0).all()
    assert panel.asked == []
    assert panel.answer.curve["profit"].max() == pytest.approx(book.table("customer_profit")["cumulative_profit"].max())


def test_the_matrix_of_a_panel_that_nobody_touched_is_that_of_the_segments(panel: Panel, book: Workbook) -> None:
    money = book.table("customer_channel_profit").merge(book.table("segments"), on=CUSTOMER)
    classes = money.groupby(["value_class", "cost_class"]).agg(customers=("profit", "size"), profit=("profit", "sum"))
    fields = panel.answer.matrix.groupby("segment")[["customers", "profit"]].sum()
    assert len(fields) == len(classes) == 4
    np.testing.assert_allclose(np.sort(fields["profit"]), np.sort(classes["profit"]), atol=1e-6)
    assert sorted(fields["customers"]) == sorted(classes["customers"])


@settings(max_examples=8)
@given(st.data())
def test_wherever_its_sliders_stand_a_panel_says_what_the_workbook_answers(
    made: Panel, book: Workbook, data: st.DataObject
) -> None:
    dials = [dial for dial in made.back().dials if dial.group in ("minutes", "people")]
    for dial in data.draw(st.lists(st.sampled_from(dials), unique=True, min_size=1, max_size=4)):
        steps = round((dial.high - dial.low) / dial.step)
        made.move(dial.name, min(dial.low + dial.step * data.draw(st.integers(0, steps)), dial.high))
    answer = book.what_if(*made.asked)
    pd.testing.assert_frame_equal(figures(made.figures), figures(answer.figures), rtol=1e-9, atol=1e-6)
    found = made._standing.customers.assign(profit=made.answer.profit).set_index("customer_id")["profit"]
    said = answer.customers.set_index("customer_id")["profit"].reindex(found.index)
    pd.testing.assert_series_equal(found, said, rtol=0, atol=1e-6)


def test_moved_cuts_give_the_fields_of_a_run_with_them(panel: Panel, one_unit: Path) -> None:
    panel.move("cuts.value", 70).move("cuts.cost", 35).move("minutes.order_entry", 60)
    few = ["segmentation.bootstraps=1", "segmentation.max_clusters=2"]
    done = compute(one_unit / "params", QUARTER, ("profile", "segment"), [*panel.asked, *few], UNIT).all_tables
    joined = done["customer_channel_profit"].merge(done["segments"], on=CUSTOMER)
    classes = joined.groupby(["value_class", "cost_class"]).agg(customers=("profit", "size"), profit=("profit", "sum"))
    fields = panel.answer.matrix.groupby("segment")[["customers", "profit"]].sum()
    assert sorted(fields["customers"]) == sorted(classes["customers"])
    np.testing.assert_allclose(np.sort(fields["profit"]), np.sort(classes["profit"]), atol=1e-6)


@pytest.mark.parametrize(
    ("name", "to", "setting"),
    [
        ("orders.portal", 50, "{to: portal, share: 0.5}"),
        ("orders.minimum_order", 375, "{value: 375, fee: 15}"),
    ],
)
def test_orders_that_come_otherwise_cost_what_their_replay_costs(
    panel: Panel, one_unit: Path, tmp_path: Path, name: str, to: float, setting: str
) -> None:
    lever = name.partition(".")[2]
    params = open_run(one_unit / "params", unit=UNIT)
    params.close()
    others = [f"strategy.levers.{each}=null" for each in params.unit.params.strategy.levers if each != lever]
    known = params.unit.params.strategy.levers[lever].settings
    without = [f"strategy.levers.{lever}.settings.{each}=null" for each in known]
    run = open_run(one_unit / "params", [*others, *without, f"strategy.levers.{lever}.settings.panel={setting}"], UNIT)
    try:
        write_replay(run, Period.parse(QUARTER), f"{lever}: panel", tmp_path / "replay")
    finally:
        run.close()
    then = compute(tmp_path / "replay" / "params", QUARTER, unit=UNIT).all_tables["customer_profit"]
    assert not panel.is_known(name, to)
    panel.move(name, to)
    assert panel.is_known(name, to)
    found = panel._standing.customers.assign(profit=panel.answer.profit).set_index("customer_id")["profit"]
    said = then.set_index("customer_id")["profit"].reindex(found.index)
    pd.testing.assert_series_equal(found, said, rtol=0, atol=1e-6)
    assert (panel.figures["change"] != 0).any()
    panel.move(name, 0)
    assert (panel.figures["change"] == 0).all()


def test_prices_move_rewritten_orders_as_they_move_todays(panel: Panel) -> None:
    alone = panel.move("orders.portal", 50).answer.cost_to_serve.sum()
    both = panel.move("people.customer_service", 4.0).answer.cost_to_serve.sum()
    back = panel.move("orders.portal", 0).answer.cost_to_serve.sum()
    today = panel.back().answer.cost_to_serve.sum()
    assert both < min(alone, back) < max(alone, back) < today


def test_back_to_today_is_where_it_was(panel: Panel) -> None:
    for name, to in PLACES.items():
        panel.move(name, to)
    assert (panel.figures["change"] != 0).any()
    assert len(panel.asked) == len(PLACES)
    assert (panel.back().figures["change"] == 0).all()


@pytest.mark.parametrize(
    ("name", "to", "told"),
    [
        ("minutes.order_entri", 80, "panel, minutes.order_entri: no such slider; did you mean 'minutes.order_entry'?"),
        ("minutes.order_entry", 900, "panel, minutes.order_entry: 900 is no place of it; give 25 to 200"),
        ("minutes.order_entry", "8", "panel, minutes.order_entry: '8' is no place of it; give 25 to 200"),
        ("cuts.value", float("nan"), "panel, cuts.value: nan is no place of it; give 5 to 95"),
        ("orders.portal", True, "panel, orders.portal: True is no place of it; give 0 to 100"),
    ],
)
def test_a_wrong_place_is_one_line(panel: Panel, name: str, to: float, told: str) -> None:
    with pytest.raises(ParamsError) as raised:
        panel.move(name, to)
    assert raised.value._render_traceback_() == [told]
    assert (panel.figures["change"] == 0).all()


def test_a_panel_of_some_sliders_and_one_of_a_typo(book: Workbook, panel: Panel) -> None:
    some = book.panel("people", "minutes.picking").dials
    assert {dial.name for dial in some} == {
        "minutes.picking",
        *(dial.name for dial in panel.dials if dial.group == "people"),
    }
    with pytest.raises(ParamsError, match="panel minuts: no such slider; did you mean 'minutes'"):
        book.panel("minuts")
    with pytest.raises(ParamsError, match="segment Pasive: no such segment; did you mean 'Passive'"):
        panel.customers("Pasive")


def test_the_way_leads_from_a_segment_to_the_ledger(panel: Panel, book: Workbook) -> None:
    customers = panel.customers("Aggressive", most=5)
    assert customers["profit"].is_monotonic_increasing
    customer = customers["customer_id"].iloc[0]
    orders = panel.drill.orders(customer)
    costs = book.table("customer_costs")
    told_apart = costs[(costs["customer_id"] == customer) & (costs["activity"].isin(["order_entry", "picking"]))]
    work = panel.drill.trace(customer).work
    assert work.loc[work["activity"].isin(["order_entry", "picking"]), "cost"].sum() == pytest.approx(
        told_apart["cost"].sum()
    )
    first = orders[orders["unit"] == "order"].iloc[0]
    done = panel.drill.work(customer, "order", first["id"])
    assert done["cost"].sum() == pytest.approx(first["cost"])
    rows = panel.drill.ledger(customer, "customer_service")
    paid = book.table("resources").set_index("resource").loc["customer_service", "ledger"]
    assert rows["amount"].sum() == pytest.approx(paid)
    assert first["id"] in panel.drill.work_shown(customer, "order", first["id"]).html
    assert "Ledger rows" in panel.drill.ledger_shown(customer, "customer_service").html


def test_the_next_customer_is_traced_as_one_alone(book: Workbook, one_unit: Path) -> None:
    first, second = book.table("customer_profit")["customer_id"].iloc[[3, 7]]
    book.explain(first, most=200)
    fresh = Workbook.open(period=QUARTER, params=str(one_unit / "params"), out=str(one_unit / "reports"))
    for name in ("work", "reasons", "activities"):
        one, other = (getattr(each.explain(second, most=200), name) for each in (book, fresh))
        pd.testing.assert_frame_equal(one, other)


def test_without_a_browser_it_is_a_picture_that_needs_nothing(
    book: Workbook, panel: Panel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("JPY_SESSION_NAME", raising=False)
    shown = book.panel()._repr_mimebundle_()
    assert set(shown) == {"text/plain", "text/html"}
    assert "script" not in shown["text/html"]
    assert "http" not in shown["text/html"]
    assert len(shown["text/html"]) < 8_000
    assert f'data-profit="{panel.answer.profit.sum():.2f}"' in shown["text/html"]
    live = book.panel(live=True)._repr_mimebundle_()
    assert set(live) == {"text/plain", "text/html", "application/vnd.jupyter.widget-view+json"}


def test_a_slider_that_is_moved_moves_the_picture(panel: Panel) -> None:
    live = _Live(panel)
    live._sliders["minutes.order_entry"].value = 50.0
    assert panel.positions == {"minutes.order_entry": 50.0}
    assert f'data-profit="{panel.answer.profit.sum():.2f}"' in live._shown.value
    assert "book.what_if(" in live._said.value
    live._sliders["minutes.picking"].value = 100.00000000000001
    assert panel.positions == {"minutes.order_entry": 50.0}
    live._back()
    assert live._sliders["minutes.order_entry"].value == 100.0
    assert (panel.figures["change"] == 0).all()
    assert live._said.value == ""


def test_lists_lead_from_a_segment_to_the_ledger(panel: Panel) -> None:
    from cts_lib.panel.steps import _Steps

    steps = _Steps(panel)
    steps._segment.value = "Aggressive"
    steps._customer.value = steps._customer.options[1][1]
    order = next(value for name, value in steps._order.options if value and value[0] == "order")
    steps._order.value = order
    assert order[1] in steps._shown.value
    steps._resource.value = steps._resource.options[1][1]
    assert "Ledger rows" in steps._shown.value
    steps._segment.value = "Passive"
    assert [each.value for each in steps._lists] == ["Passive", None, None, None]
    assert [len(each.options) for each in steps._lists[2:]] == [1, 1]


NO_WORK: Model = {"resources": {}, "activities": {}}
MONEY: Model = {"resources": {}, "activities": {"visits": {"per": "order", "driver": "1", "rate": 5}}}


@pytest.mark.parametrize(
    ("model", "stages"),
    [
        (MINUTES, ("profile",)),
        (MINUTES, ("profile", "segment")),
        (MONEY, ("profile", "segment")),
        (NO_WORK, ("profile", "segment")),
    ],
    ids=["no segments", "one customer", "no minutes", "no activity"],
)
def test_a_small_period_has_a_panel_too(tmp_path: Path, model: Model, stages: tuple[str, ...]) -> None:
    params = make_workbook(tmp_path, [line()], model, ledger=LEDGER)
    tables = compute(params, stages=stages).all_tables

    def table(name: str) -> pd.DataFrame:
        if name not in tables:
            raise SourceError(f"table {name}", "no such table")
        return tables[name]

    standing = Standing(load(params)[0], Period.parse("2026-Q1"), table)
    answer = standing.at(standing.unit, {})
    assert answer.profit.sum() == pytest.approx(tables["customer_profit"]["profit"].sum())
    assert {dial.group for dial in standing.dials} <= {"minutes", "people", "orders", "cuts"}
    assert picture(answer, compared(answer.figures, answer.figures), Reader()).html.startswith('<div class="panel"')


def test_an_axis_has_a_slider_where_it_is_cut_once() -> None:
    axes = pd.DataFrame({"value": [0.0, 10.0, 100.0], "cost": [0.1, 0.2, np.inf]})
    both = cut_dials(Segmentation(value_threshold=(50.0,), cost_quantile=(0.3, 0.6)), axes)
    assert [(dial.name, dial.kind, dial.today) for dial in both] == [("cuts.value", "decimal", 50.0)]
    assert both[0].low < 50 < both[0].high
    assert cut_dials(Segmentation(value_abc="money", cost_abc="money"), axes) == []


def test_sliders_are_called_in_the_readers_words(panel: Panel) -> None:
    names = {dial.name: slider_name(dial, Reader("es")) for dial in panel.dials}
    assert names["minutes.order_entry"].startswith("Order entry, % de ")
    assert names["people.warehouse"] == "Warehouse, personas"
    assert names["orders.minimum_order"] == "Pedido mínimo, EUR"
    assert names["cuts.value"] == "Valor bajo, % de los clientes"


def test_neither_the_command_line_nor_opening_a_workbook_imports_widgets() -> None:
    code = "import sys, cts_lib.cli, cts_lib.workbook; print('ipywidgets' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=dict(os.environ))
    assert done.stdout.strip() == "False", done.stderr
