from __future__ import annotations

import ast
import re
from datetime import date
from pathlib import Path

import pandas as pd
import pytest
import small_tables
from hypothesis import given
from hypothesis import strategies as st

from cts_lib import charts, display
from cts_lib.display import Reader, domains, labels_of, names_of, names_of_segments
from cts_lib.display.conditions import beyond_limits
from cts_lib.display.names import Part
from cts_lib.display.profile.reasons import reasons, sentence
from cts_lib.display.strategy import service_message
from cts_lib.display.words import WORDS
from cts_lib.levers import KINDS
from cts_lib.notes import Note, amount, names_in_words, shares
from cts_lib.params import Params
from cts_lib.replay.money import PlanMoney
from cts_lib.reporting.foundations import doubts, foundations, of_mapping

MODEL = {
    "resources": {"desk": {"support": True}, "it": {"support": True}, "site": {"support": True}, "van": {}},
    "support": {"shares": {"desk": {"van": 1.0}, "it": {"van": 1.0}, "site": {"van": 1.0}}},
    "activities": {
        "order_entry": {"per": "order", "driver": "1", "rate": 1},
        "visits": {"per": "event:sales_visit", "driver": "quantity", "rate": 30},
    },
}
PARAMS = Params.model_validate({"source": {"path": "data"}, "cost_model": MODEL})
SEGMENTS = names_of_segments(small_tables.segment_names())
SHOWN = {
    "least_profitable": "customer_profit",
    "most_profitable": "customer_profit",
    "channels": "channel_profit",
    "activities": "activities",
    "resources": "resources",
    "unit_times": "unit_times",
    "statement": "statement",
    "service": "service",
    "concentration": "concentration",
    "behaviour": "customer_behaviour",
    "demand": "customer_demand",
    "seasons": "seasonality",
    "product_mix": "product_mix",
    "families": "family_profit",
    "places": "places",
    "service_by_trait": "profile",
    "quality": "quality",
    "rejected": "rejected_rows",
    "segments": "segment_matrix",
    "segment_rules": "segment_rules",
    "groups_choice": "segment_groups_choice",
    "segment_health": "segment_health",
    "segment_drift": "segment_drift",
    "segment_mistakes": "segment_mistakes",
    "strategy": "strategy",
    "alternatives": "strategy",
    "service_prices": "service_prices",
    "decisions": "decisions",
    "comparison": "comparison",
    "calibration": "calibration",
    "indicators": "kpis",
    "kpi_tree": "kpi_tree",
    "kpi_tree_details": "kpi_tree",
    "signals": "kpis",
    "actions": "actions",
    "bridge_details": "bridge_details",
}


@pytest.mark.parametrize(
    ("language", "written"),
    [("en", ["€1,234,568", "€1.2M", "12.3%", "1,234.50", "30 Sept 2026", "4.2 days", "−€50.00"]),
     ("es", ["1.234.568 €", "1,2 M€", "12,3 %", "1.234,50", "30 sept 2026", "4,2 días", "−50,00 €"])],
)  # fmt: skip
def test_numbers_money_and_dates_are_written_in_the_readers_way(language: str, written: list[str]) -> None:
    reader = Reader(language, "EUR")
    said = [
        reader.money(1234567.891),
        reader.money(1234567.891, compact=True),
        reader.percent(0.12345),
        reader.number(1234.5, 2),
        reader.date(date(2026, 9, 30)),
        reader.days(4.2),
        reader.money(-50),
    ]
    assert [" ".join(text.split()) for text in said] == written


@given(st.floats(allow_nan=False, allow_infinity=False, min_value=-1e9, max_value=1e9), st.sampled_from(["en", "es"]))
def test_no_figure_is_written_with_a_tail_of_digits(x: float, language: str) -> None:
    reader = Reader(language, "EUR")
    decimal = "," if language == "es" else "."
    for text in (
        reader.money(x),
        reader.money(x, compact=True),
        reader.percent(x),
        reader.days(x),
        reader.number(x, 2),
    ):
        tail = text.rpartition(decimal)[2] if decimal in text else ""
        assert len(re.findall(r"\d", tail)) <= 2


@pytest.mark.parametrize("nothing", [None, float("nan"), pd.NaT, pd.NA])
def test_what_is_missing_is_a_dash(nothing: object) -> None:
    reader = Reader()
    assert {reader.write(nothing, kind) for kind in ("money", "number", "percent", "days", "date", "text", "code")} == {
        "–"
    }


def test_nothing_is_not_negative_zero() -> None:
    assert Reader().money(-0.001) == "€0"
    assert Reader().number(-0.2) == "0"


def test_an_unknown_message_stays_english() -> None:
    assert Reader("es").text("Nobody translated {this}.", this="it") == "Nobody translated it."


def test_a_share_changes_by_points_and_money_by_money() -> None:
    reader = Reader()
    assert reader.measure_change(-0.02, "on_time") == "−2.0 pp"
    assert reader.measure_change(1200.0, "profit") == "+€1,200"


def test_a_change_too_small_for_one_decimal_is_told_with_two() -> None:
    reader = Reader()
    assert reader.measure_change(-0.02, "lead_time_days") == "−0.02"
    assert reader.measure_change(0.3, "lead_time_days") == "+0.3"


def test_a_remark_writes_names_and_shares_in_the_readers_words() -> None:
    values = {"risks": shares("lever", {"rhythm": 0.002, "rush": 0.01}), "days": amount(1, "duration")}
    note = Note("{risks} after {days}", values)
    assert note.english == "rhythm 0.2%, rush 1.0% after 1 days"
    said = Reader("es").remark({"text": note.text, "values": values})
    assert said == "Ritmo de entrega 0,2\u00a0%; pedidos urgentes 1\u00a0% after 1 día"


@pytest.mark.parametrize(
    ("action", "subject", "written"),
    [
        ("relieve", "customer_desk", "Aliviar: customer desk"),
        ("keep", "customer_desk", "Mantener la capacidad: customer desk"),
        ("bring_to_target", "cost_to_serve_share", "Llevar a su objetivo: coste de servir, % sobre ventas"),
        ("order_method: portal", "(none)", "Forma de pedido: portal"),
    ],
)
def test_an_action_is_written_in_the_readers_language(action: str, subject: str, written: str) -> None:
    actions = small_tables.actions().assign(action=action, subject=subject)
    shown = display.actions(actions, Reader("es", "EUR", names=names_of(PARAMS)))
    assert written in shown.html


def test_without_limits_no_signal_is_claimed_to_be_absent() -> None:
    kpis = small_tables.kpis().assign(lower_limit=float("nan"), upper_limit=float("nan"), chance=float("nan"))
    assert "too short for control limits" in display.signals(kpis, Reader()).html


def test_a_decision_says_for_whom_what_it_brings_and_what_changes_in_service() -> None:
    found = display.decisions(small_tables.decisions(), Reader(names=names_of(PARAMS))).html
    rows = [re.findall(r"(?s)<td[^>]*>(.*?)</td>", row) for row in re.findall(r"<tr>.*?</tr>", found, re.DOTALL)]
    assert rows[0][:4] == ["Order method: portal\nAggressive, shops: 3 customers", "€48.00", "€120", "€15.00"]
    assert rows[1][0].startswith("Rush orders: none\n")
    assert rows[0][5:] == ["unchanged", "0%: customers who go along", "Ana\n31 Dec 2026"]
    assert rows[1][5:] == ["−1.0 pp on time, +0.2 days", "kept at all 14 ends tried", "31 Dec 2026"]
    less = cells_of(display.decisions(small_tables.decisions().assign(in_full=[-0.0015, -0.0004]), Reader()).html)
    assert [row[5] for row in less] == ["−0.2 pp in full", "−1.0 pp on time, +0.2 days"]
    of_one = "margin lost by the change (of Rush orders: none); investment (of Rush orders: none)."
    assert f"say 0 or nothing: {of_one}" in found
    untried = small_tables.decisions().assign(sure=float("nan"), hangs_on="(none)", as_given="adoption")
    told = display.decisions(untried, Reader()).html
    assert "nothing was moved" in told
    assert told.count("customers who go along") == 1
    assert "say 0 or nothing: customers who go along." in told
    nearly = small_tables.decisions().assign(sure=0.998, hangs_on="demand", as_given="(none)")
    assert "99%: demand" in display.decisions(nearly, Reader()).html


def test_a_plan_with_fewer_lines_on_time_says_what_keeping_them_would_cost() -> None:
    strategy, money = small_tables.strategy(), PlanMoney(25.0, 40.0)
    frontier = small_tables.strategy_frontier().assign(service_level=[0.9412, 0.9496, 0.96])

    def said(frontier: pd.DataFrame, strategy: pd.DataFrame = strategy) -> str:
        return service_message(frontier, strategy, money, Reader())

    told = "On time falls from 95.0% to 94.1% with the plan; one that keeps it brings €5.00 less."
    assert said(frontier) == told  # 94.96 % is 95.0 % as it is written
    assert "; one that keeps it brings €30.00 less" in said(frontier.assign(service_level=[0.9412, 0.9494, 0.96]))
    assert said(frontier.head(1)) == "On time falls from 95.0% to 94.1% with the plan."
    assert said(frontier.head(0)) == "On time falls from 95.0% to 94.0% with the plan."  # the levels of its cells
    assert not said(frontier.assign(service_level=0.9499))
    assert not said(frontier, strategy.assign(promised_lines=0.0))
    assert not said(frontier, strategy.head(0))


def test_where_no_point_on_time_is_to_be_had_a_sentence_says_so() -> None:
    frame = small_tables.service_prices()
    assert "not to be had" in display.service_prices(frame, Reader()).html
    none = display.service_prices(frame.assign(cash_of_point=float("nan")), Reader())
    assert none.summary == "No allowed plan has another point on time in any segment."
    assert "<table" not in none.html


def test_the_first_decisions_say_what_a_manager_asks_of_each() -> None:
    found = display.first_decisions(small_tables.decisions(), Reader(names=names_of(PARAMS)), most=1).html
    cells = re.findall(r'<td [^>]*data-label="(.*?)"[^>]*>(.*?)</td>', found)
    assert cells[1:] == [
        ("For whom", "Aggressive, shops: 3 customers"),
        ("A year at full cost", "€120"),
        ("A year in cash", "€48.00"),
        ("Investment", "€15.00"),
        ("Payback, years", "0.30"),
        ("How sure", "0%: customers who go along"),
        ("Owner", "Ana"),
        ("Due", "31 Dec 2026"),
    ]
    assert "Rush orders: none" not in found
    assert "1 more decision on page Strategy." in found
    told = display.first_decisions(small_tables.decisions(), Reader(), service="On time falls.")
    assert told.html.count(" On time falls.") == 1
    assert "more decision" not in display.first_decisions(small_tables.decisions(), Reader()).html
    assert "Payback: by cash before the investment&#39;s share." in found.replace("'", "&#39;")
    free = small_tables.decisions().assign(investment=0.0)
    assert "Payback: by" not in display.first_decisions(free, Reader(names=names_of(PARAMS))).html
    both = display.first_decisions(small_tables.decisions(), Reader(names=names_of(PARAMS))).html
    assert ">14 of 14<" in both
    percentage = "A percentage: its segments that keep it at all ends."
    assert percentage in both
    whole = small_tables.decisions().assign(sure=1.0, hangs_on="(none)")
    assert percentage not in display.first_decisions(whole, Reader()).html
    assert "Not varied for some: margin lost by the change, investment." in both
    alone = display.first_decisions(small_tables.decisions().tail(1), Reader(names=names_of(PARAMS))).html
    assert "Not varied: margin lost by the change, investment." in alone
    assert "nothing changes" in display.first_decisions(small_tables.decisions().head(0), Reader()).html
    frame = small_tables.decisions().head(2).assign(small=[True, False], cash_a_year=[90.0, 80.0])
    said = display.first_decisions(frame, Reader()).html
    assert "€80" in said
    assert "€90" not in said  # too small to be among the first
    assert (
        "2 smaller decisions bring €170 a year, added up."
        in display.first_decisions(frame.assign(small=True), Reader()).html
    )


def test_service_stands_against_its_targets_and_alone_where_none_is_set() -> None:
    kpis, tree = small_tables.kpis(), small_tables.kpi_tree()
    found = display.service_against_targets(kpis, tree, Reader()).html
    cells = re.findall(r'<td [^>]*data-label="(?:Indicator|Target|Status)"[^>]*>(.*?)</td>', found)
    assert cells == ["On time", "95.0%", "✗ Missed"]
    more = kpis[kpis["kpi"] == "on_time"].assign(kpi="in_full", target=float("nan"), status="(none)")
    tree = pd.concat([tree, tree[tree["measure"] == "on_time"].assign(measure="in_full")])
    assert "In full" not in display.service_against_targets(pd.concat([kpis, more]), tree, Reader()).html
    without = pd.concat([kpis, more]).assign(target=float("nan"), status="(none)")
    shown = display.service_against_targets(without, tree, Reader()).html
    assert "On time" in shown
    assert "In full" in shown
    assert 'data-label="Target"' not in shown


def test_in_brief_a_customer_has_its_name_its_first_reason_and_what_to_do() -> None:
    tables = small_tables.customer_terms(), small_tables.customer_profit(), small_tables.customer_reasons()
    found = display.customer_terms(*tables, Reader(), brief=True).html
    headings = re.findall(r'<th [^>]*scope="col"[^>]*>(.*?)</th>', found)
    assert headings == ["Name", "Profit in the period", "Reason", "What to do"]
    whole = display.customer_terms(*tables, Reader()).html
    assert found.count("; ") < whole.count("; ")


def test_what_was_promised_stands_against_what_was_kept_where_that_can_be_told() -> None:
    proposed = small_tables.actions()
    assert "Realised" not in display.actions(proposed, Reader()).html
    running = proposed.assign(id="b", state="running", realised_saving=20.0, realised_low=-5.0, realised_high=45.0)
    running = running.assign(verdict="no difference", customer_id="0042")
    found = display.actions(pd.concat([proposed, running], ignore_index=True), Reader()).html
    rows = [re.findall(r"<td[^>]*>(.*?)</td>", row) for row in re.findall(r"<tr>.*?</tr>", found, re.DOTALL)]
    assert rows[0][3:] == [
        *(
            "0042",
            "€30.00",
            "€12.00",
            "€20.00",
            "−€5.00 to €45.00",
            "No difference",
            "Not stated",
            "30 Dec 2026",
            "Running",
        )
    ]
    assert rows[1][-1] == "Proposed"
    assert "What can be told: €30 a period promised, €20 kept." in found


def test_every_heading_of_a_table_has_a_word() -> None:
    kinds = {"text", "value", "code", "sentence", "date", "money", "price", "cents", "number", "decimal", "exact"}
    kinds |= {"rate", "rounded", "percent", "days", "indicator", "change", "lines"}
    written = [
        (key.value, value.value)
        for path in Path(display.__file__).parent.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Dict)
        for key, value in zip(node.keys, node.values, strict=True)
        if isinstance(key, ast.Constant) and isinstance(value, ast.Constant)
    ]
    headings = {str(name) for name, kind in written if kind in kinds}
    assert len(headings) > 100
    assert headings - set(WORDS) == set()


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize("name", SHOWN)
def test_a_table_shows_its_rows_under_words(name: str, language: str) -> None:
    shown = getattr(display, name)(getattr(small_tables, SHOWN[name])(), Reader(language, "EUR"))
    assert shown.html.count("<table") == 1
    headings = re.findall(r"<th[^>]*>(.*?)</th>", shown.html)
    assert headings
    assert not any("_" in heading for heading in headings)
    cells = re.findall(r"<td[^>]*>(.*?)</td>", shown.html.lower())
    assert not {"nan", "none", "nat", "&lt;na&gt;"} & set(cells)


@pytest.mark.parametrize("name", SHOWN)
def test_an_empty_table_is_a_sentence(name: str) -> None:
    shown = getattr(display, name)(getattr(small_tables, SHOWN[name])().head(0), Reader())
    assert shown.html.endswith("nothing to show.</p>")


def test_markup_in_a_customers_name_is_written_as_text() -> None:
    shown = display.least_profitable(small_tables.customer_profit(), Reader())
    assert "<script" not in shown.html
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in shown.html


HOSTILE = "<script>alert(1)</script> & \"quotes\" 'single' =HYPERLINK(1)"


def test_markup_in_labels_headings_cards_and_titles_is_written_as_text() -> None:
    labels = {of: {name: {"en": HOSTILE} for name in names} for of, names in {
        "resource": ["desk", "picking", "warehouse"], "activity": ["order_entry", "freight", "visits"],
        "channel": ["shops", "web"], "segment": ["Passive", "Aggressive"], "dimension": ["city", "region"],
    }.items()}  # fmt: skip
    reader = Reader("en", "EUR", labels)
    money, costs = small_tables.customer_channel_profit(), small_tables.customer_costs().assign(resource=HOSTILE)
    shown = [
        display.margins(small_tables.channel_profit(), costs, reader),
        display.segment_cards(small_tables.segment_cards().assign(name=HOSTILE, activity=HOSTILE), reader),
        display.data_quality(
            small_tables.quality(), small_tables.missing_values(), money.assign(assumed_cogs=0.0), reader
        ),
        display.table(pd.DataFrame({"name": [HOSTILE]}), reader, {"name": "text"}, HOSTILE, note=HOSTILE),
        display.notes([HOSTILE], reader),
        charts.whale_curve(small_tables.customer_profit().head(0), reader),
    ]
    assert not any("<script" in piece._repr_html_() for piece in shown)
    assert sum("&lt;script&gt;" in piece._repr_html_() for piece in shown) == 4


def test_notes_and_queries_are_written_as_text() -> None:
    reader = Reader()
    assert "<b>" not in display.notes(["<b>bold</b>"], reader).html
    assert "a &lt; b" in display.sql([("Cube", "SELECT a < b")], reader).html


def test_a_table_tells_how_many_rows_it_leaves_out() -> None:
    frame = pd.DataFrame({"name": [f"n{number}" for number in range(30)]})
    shown = display.table(frame, Reader(), {"name": "text"}, "Names", rows=27)
    assert "3 more rows in tables.xlsx." in shown.html
    assert "n27" not in shown.html
    assert "more row" not in display.table(frame, Reader(), {"name": "text"}, "Names", rows=28).html


def test_a_column_of_a_table_has_one_number_of_decimals() -> None:
    frame = pd.DataFrame({"cash_gain": [-160.4, -58.03], "drop_size": [393.08, 2.5]})
    shown = display.table(frame, Reader(), {"cash_gain": "money", "drop_size": "decimal"}, "Cells").html
    assert re.findall(r"<td[^>]*>(.*?)</td>", shown)[1:5] == ["−€160", "393.1", "−€58", "2.5"]


def test_the_second_and_the_cheapest_are_shown_with_what_they_would_cost_the_plan() -> None:
    shown = display.alternatives(small_tables.strategy(), Reader()).html
    cells = re.findall(r"<td[^>]*>([^<]*)</td>", shown)
    assert "rush: none, without order method: €18 less" in cells
    assert "rush: none, without order method: too few lines on time" in cells
    assert cells[-2:] == ["Current: €3.00 less", "The chosen one costs least"]


def test_the_longest_bar_fills_its_cell() -> None:
    shown = display.least_profitable(small_tables.customer_profit(), Reader())
    assert "100.0%" in shown.html
    assert "83.3%" in shown.html


def test_a_rule_is_written_with_the_readers_words_and_figures() -> None:
    shown = display.segment_rules(small_tables.segment_rules(), Reader("es", "EUR", names=SEGMENTS))
    assert "Margen bruto ≥ 12,50" in shown.html
    assert "y necesidad = Líneas urgentes: alta" in shown.html


def test_a_second_column_names_a_card_only_where_the_first_does_not_tell_rows_apart() -> None:
    frame = pd.DataFrame({"segment": ["Passive", "Passive"], "channel": ["web", "shops"], "net_sales": [1.0, 2.0]})
    columns = {"segment": "text", "channel": "text", "net_sales": "money"}
    for rows, named in ((frame, ["web", "shops"]), (frame.assign(segment=["Passive", "Aggressive"]), [])):
        html = display.table(rows, Reader(), columns, "Segments").html
        assert re.findall(r"<td [^>]*data-names[^>]*>(.*?)</td>", html) == named
    first = display.table(frame, Reader(), {"segment": "text", "net_sales": "money"}, "Segments").html
    assert "data-names" not in first


def test_a_card_tells_who_and_what_and_a_typical_customer() -> None:
    shown = display.segment_cards(small_tables.segment_cards(), Reader())
    assert shown.html.count("<section") == 2
    assert small_tables.LONG in shown.html
    assert "largest activity: order entry (60%)" in shown.html
    assert re.search(r"Orders of €[\d,.K]+, [\d.]+ a customer", shown.html)
    assert "<b>cold" not in shown.html
    assert not re.search(r"\bnan\b|None", shown.html)


def test_customers_are_counted_by_abc_and_xyz() -> None:
    by_channel = small_tables.customer_profit()
    shown = display.abc_xyz(small_tables.customer_classes(), by_channel, Reader())
    assert re.findall(r"<td[^>]*>(A[XZ])</td>", shown.html) == ["AX", "AZ"]


def test_a_good_customer_that_does_not_order_any_more_is_named() -> None:
    classes, demand, money = (
        small_tables.customer_classes(),
        small_tables.customer_demand(),
        small_tables.customer_profit(),
    )
    shown = display.slipping(classes, demand, money, Reader())
    assert re.findall(r"<td[^>]*>(c\d)</td>", shown.html) == ["c1"]
    assert "Usual interval" in shown.html
    as_usual = display.slipping(classes, demand.assign(demand_interval=9.0), money, Reader())
    assert "nothing to show" in as_usual.html  # the last order is no longer ago than its orders lie apart


@pytest.mark.parametrize(
    ("name", "domain", "written"),
    [
        ("order_method: portal + rush: none", "option", "Order method: portal + rush orders: none"),
        ("support step: it, desk, site", "method", "Support, step by step: IT, desk, site"),
        ("event:sales_visit", "per", "Event: sales visit"),
        ("capacity van", "assumption", "Capacity: van"),
        ("my + own: name", "option", "my + own: name"),
    ],
)
def test_a_name_that_comes_of_params_is_written_part_by_part(name: str, domain: str, written: str) -> None:
    assert Reader(names=names_of(PARAMS)).word(name, domain) == written


def test_a_composed_name_is_said_in_the_readers_words() -> None:
    reader = Reader("es", names=SEGMENTS)
    assert reader.word("value: middle · cost_to_serve: low", "segment") == "Valor: medio · Coste de servir: bajo"
    assert reader.word("Peter · Söhne: GmbH", "segment") == "Peter · Söhne: GmbH"


USER_COLUMNS = ("channel", "customer_id", "name", "owner", "country", "region", "city", "account")
TRAITS = ("customer_type", "priority", "order_method", "family", "ship_mode", "industry", "state", "class", "reason")


@pytest.mark.parametrize("value", sorted({*WORDS, *(name for words in domains.WORDS.values() for name in words)}))
def test_a_value_of_the_user_is_never_one_of_the_workbooks_words(value: str) -> None:
    reader = Reader("es")
    assert {reader.word(value, column) for column in USER_COLUMNS} == {value}
    assert {reader.value(value, trait) for trait in TRAITS} == {value}


def test_a_segment_that_params_rename_is_as_written() -> None:
    renamed = labels_of({"segmentation": {"names": {"high_low": "Passive", "low_low": "value: low"}}})
    reader = Reader("es", labels=renamed, names=SEGMENTS)
    assert [reader.word(name, "segment") for name in ("Passive", "value: low")] == ["Passive", "value: low"]
    assert reader.word("Passive · rush_share: high", "segment") == "Passive · Líneas urgentes: altas"
    assert Reader("es").word("Passive", "segment") != "Passive"


def test_labels_of_params_stand_for_the_users_names_wherever_they_are_read() -> None:
    labels = {
        "channel": {"shops": {"es": "Tiendas"}},
        "resource": {"desk": {"es": "Mesa"}},
        "activity": {"order_entry": {"es": "Alta de pedidos"}},
        "lever": {"order_method": {"es": "Vía del pedido"}},
        "setting": {"portal": {"es": "En línea"}},
        "dimension": {"loyalty": {"es": "Fidelidad"}},
        "loyalty": {"high": {"es": "Oro"}},
        "event": {"service_call": {"es": "Nunca"}},
        "state": {"open": {"es": "Nunca"}},
    }
    reader = Reader("es", labels=labels, names=names_of(PARAMS)).knowing(SEGMENTS)
    assert reader.word("shops", "channel") == "Tiendas"
    assert reader.word("desk", "sender") == "Mesa"
    assert reader.word("order_method: portal", "chosen_option") == "Vía del pedido: en línea"
    assert reader.word("loyalty: high", "group") == "Fidelidad: Oro"
    assert reader.word("open", "state") != "Nunca"
    assert reader.word("activity order_entry", "assumption") == "Actividad: alta de pedidos"
    note = Note("{who}", {"who": names_in_words("resource", ["desk", "it"])})
    assert reader.remark({"text": note.text, "values": note.values}) == "Mesa, IT"
    assert Reader("en", labels=labels).word("order_entry", "activity") == "Order entry"


def test_a_reason_is_one_sentence_in_the_readers_language() -> None:
    why = reasons(small_tables.customer_reasons(), "worst", Reader())
    assert why == {"c3": "24 deliveries, each of 2 units (usual: 40); 61% of its cost is order entry (usual: 30%)."}
    said = reasons(small_tables.customer_reasons(), "worst", Reader("es", "EUR"))["c3"]
    assert said.startswith("24 entregas, cada una de 2 unidades (habitual: 40); el 61\u00a0%")


def test_a_reason_names_the_channel_of_who_buys_in_several() -> None:
    why = reasons(small_tables.customer_reasons().assign(channels=2), "worst", Reader())
    assert why["c3"].startswith("In shops: 24 deliveries, each of 2 units")


def test_one_delivery_of_one_unit_is_told_in_the_singular() -> None:
    facts = [{"fact": "drop_size", "count": 1, "value": 1.0, "usual": float("nan")}]
    assert sentence(facts, Reader()) == "1 delivery of 1 unit."


def test_the_customers_that_cost_most_stand_with_their_reason() -> None:
    tables = small_tables.customer_profit(), Reader(), small_tables.customer_reasons()
    assert "24 deliveries, each of 2 units" in display.least_profitable(*tables).html


def test_what_to_ask_of_a_customer_and_what_to_do_if_it_refuses_is_said_beside_its_reason() -> None:
    tables = small_tables.customer_terms(), small_tables.customer_profit(), small_tables.customer_reasons()
    said = display.customer_terms(*tables, Reader()).html
    for text in (
        "24 deliveries, each of 2 units",
        "40% of its cost is order entry.",
        "A fee of €2.50 an order, 20.0% of its sales",
        "One delivery a week",
        "Renegotiate, else keep: leaving would lose €90.",
        "Renegotiate, else let go: leaving would save €15.",
        "Keep: leaving would lose €30.",
    ):
        assert text in said
    said = display.customer_terms(*tables, Reader("es", "EUR")).html
    assert "Un cargo de 2,50\u00a0€ por pedido, el 20,0\u00a0% de sus compras" in said
    assert "Una entrega a la semana" in said
    nobody = display.customer_terms(small_tables.customer_terms().head(0), *tables[1:], Reader())
    assert "nothing to show" in nobody.html


@pytest.mark.parametrize(
    ("term", "needed", "said"),
    [
        ("fee_per_drop", "3.456", "A fee of €3.46 a delivery, 20.0% of its sales"),
        ("minimum_order", "150", "No orders below €150"),
        ("rhythm", "5", "One delivery every 5 days"),
        ("order_method", "portal", "Orders by portal"),
        ("price", "0.2215", "Prices 22.2% higher"),
    ],
)
def test_every_term_has_its_words(term: str, needed: str, said: str) -> None:
    one = small_tables.customer_terms().head(1)
    number = float(needed) if term != "order_method" else float("nan")
    frame = one.assign(term=term, needed=needed, needed_number=number)
    shown = display.customer_terms(frame, small_tables.customer_profit(), small_tables.customer_reasons(), Reader())
    assert said in shown.html


def test_where_no_term_is_realistic_what_would_go_with_the_customer_decides() -> None:
    frame = small_tables.customer_terms().assign(realistic=False, net_sales_then=555.0)
    tables = frame, small_tables.customer_profit(), small_tables.customer_reasons()
    for said in (
        display.customer_terms(*tables, Reader()).html,
        display.customer_terms(*tables, Reader(), brief=True).html,
    ):
        assert "Renegotiate" not in said
        assert "Keep: leaving would lose €90." in said
        assert "Let go: leaving would save €15." in said
    planned = tables[0].assign(chosen_profit=[4.0, 4.0, -19.0, -10.0], chosen_avoidable_margin=[95.0, 95.0, 2.0, 30.0])
    for brief in (False, True):
        said = display.customer_terms(planned, *tables[1:], Reader(), brief=brief).html
        assert "With the plan" in said
        assert "Win it for the plan, which ends the loss." in said
        assert "Keep: leaving would lose €2." in said
        assert "Let go" not in said
    assert "With the plan" not in display.customer_terms(*tables, Reader(), brief=True).html
    little = tables[0].assign(worth_leaving=False), *tables[1:]
    assert "Keep: leaving would save only €15." in display.customer_terms(*little, Reader()).html
    marked = tables[0].assign(strategic=True, worth_leaving=False), *tables[1:]
    assert "Keep as strategic: leaving would save €15." in display.customer_terms(*marked, Reader()).html
    returned = display.customer_terms(tables[0].assign(net_sales=-5.0), *tables[1:], Reader()).html
    assert "Look at what came back: it is worth more than what was bought." in returned
    assert "leaving would" not in returned
    said = display.customer_terms(*tables, Reader()).html
    assert "No realistic term: the least asks 85.0% of its sales" in said
    assert "A fee of" not in said


def test_a_channel_that_is_nowhere_stated_has_no_column() -> None:
    frame = small_tables.segment_matrix()
    assert ">Channel<" in display.segments(frame, Reader()).html
    assert ">Channel<" not in display.segments(frame.assign(channel="(none)"), Reader()).html


def test_of_whom_no_term_ends_the_loss_that_is_said() -> None:
    frame, others = small_tables.customer_terms(), (small_tables.customer_profit(), small_tables.customer_reasons())
    frame[["easiest", "chosen_easiest", "possible", "realistic"]] = False
    told, said = "No term: not even at twice its prices", display.customer_terms
    assert told in said(frame, *others, Reader()).html
    for without in ({"chosen_profit": 1.0}, {"handed_over": True}, {"net_sales": 0.0}):
        assert told not in said(frame.assign(**without), *others, Reader()).html


def test_what_the_plan_asks_of_a_customer_stands_beside_what_would_end_its_loss() -> None:
    frame, others = small_tables.customer_terms(), (small_tables.customer_profit(), small_tables.customer_reasons())
    assert "What the plan asks" not in display.customer_terms(frame, *others, Reader()).html
    frame.loc[frame["customer_id"] == "c1", "asks"] = "rush: none + order_method: portal"
    said = display.customer_terms(frame, *others, Reader(names=names_of(PARAMS))).html
    assert "What the plan asks" in said
    assert "Rush orders: none + order method: portal" in said
    note = "if the customer goes along with what it is asked"
    assert note in display.customer_terms(frame, *others, Reader(), brief=True).html
    assert note not in display.customer_terms(frame.assign(asks="current"), *others, Reader(), brief=True).html
    frame["handed_over"] = frame["customer_id"] == "c3"
    for brief in (False, True):
        said = display.customer_terms(frame, *others, Reader(), brief=brief).html
        assert "Hand over, as the plan says." in said
        assert "would lose €90" not in said


@pytest.mark.parametrize(
    ("term", "needed", "said"),
    [
        ("fee_per_order", 2.5, "With the plan: a fee of €2.50 an order, 20.0% of its sales"),
        ("fee_per_drop", 2.5, "With the plan: a fee of €2.50 a delivery, 20.0% of its sales"),
        ("price", 0.2, "With the plan: prices 20.0% higher"),
    ],
)
def test_what_is_realistic_on_top_of_the_plan_is_asked_where_no_term_is_realistic_alone(
    term: str, needed: float, said: str
) -> None:
    frame, others = small_tables.customer_terms(), (small_tables.customer_profit(), small_tables.customer_reasons())
    last = frame["customer_id"] == "c1"
    frame.loc[last, "term"] = term
    frame.loc[last, ["chosen_needed", "chosen_net_sales_then"]] = needed, 360.0
    frame.loc[last, ["chosen_easiest", "chosen_realistic"]] = True
    assert said in display.customer_terms(frame, *others, Reader()).html
    assert "Renegotiate, else keep: leaving would lose €30." in display.customer_terms(frame, *others, Reader()).html
    frame.loc[last, ["easiest", "realistic"]] = True
    assert said not in display.customer_terms(frame.assign(needed="9"), *others, Reader()).html
    frame.loc[last, ["realistic", "chosen_realistic"]] = False
    found = display.customer_terms(frame.assign(needed="9"), *others, Reader()).html
    assert said not in found
    assert "No realistic term: with the plan the least asks 20.0% of its sales" in found


def test_what_a_plan_holds_only_without_stands_with_the_decision_that_hangs_on_it() -> None:
    frame = small_tables.conditions()
    on_time = small_tables.comparison().assign(kpi="on_time")
    said = display.conditions(frame, on_time, Reader(names=names_of(PARAMS))).summary
    holds = (
        "Holds only if more than 50% of those expected go along; else 45.0% on time, 76.0% without the plan: dispatch "
        "is full."
    )
    whole = (
        "Holds only without this: a surge; else it is not on time again within the period, without the plan it is in "
        "9 days."
    )
    assert f"– h{holds[1:]}" in said
    assert said.endswith(f"The plan – h{whole[1:]}")
    table = display.decisions(small_tables.decisions(), Reader(), frame).html
    assert table.count(holds) == table.count(f"h{whole[1:]}") == 1
    apart = "How sure looks at money, the condition below a decision at simulated days."
    assert apart in table
    assert apart not in display.decisions(small_tables.decisions(), Reader(), frame.tail(1)).html
    assert display.decisions(small_tables.decisions(), Reader(), frame.head(0)).html.count("Holds only") == 0
    small = small_tables.decisions().assign(small=[True, False])
    assert f"– h{holds[1:]}" in display.decisions(small, Reader(), frame).html
    assert (
        "more lines on time than it may lose: no condition"
        in display.conditions(frame.head(0), on_time, Reader()).summary
    )
    kept = small_tables.kept_capacity()
    missed = (
        "What the plan gives up of dispatch (€4,400 in the period) may be missed: kept, 80.5% of the lines are on time "
        "in the period to come and not 76.5%; half of those who would go along: 79.5% and not 44.9%."
    )
    for held in (frame, frame.head(0)):
        assert display.conditions(held, on_time, Reader(), kept).summary.endswith(missed)
    assert display.conditions(frame, on_time, Reader(), kept.head(0)).summary.endswith("in 9 days.")
    capacity = small_tables.capacity_plan(), small_tables.node_plan()
    assert missed in display.capacity_plan(*capacity, Reader(), kept).html
    useless = display.conditions(frame, on_time, Reader(), kept.assign(verdict="no difference")).summary
    assert useless.endswith("leaves work waiting there; keeping it brings no more lines on time.")
    for unknown in (on_time.assign(reliable=False), on_time.head(0)):
        assert "cannot be told" in display.conditions(frame.head(0), unknown, Reader()).summary


def test_without_variable_shares_nothing_is_said_of_leaving() -> None:
    frame = small_tables.customer_terms().assign(avoidable_margin=float("nan"), chosen_avoidable_margin=float("nan"))
    shown = display.customer_terms(frame, small_tables.customer_profit(), small_tables.customer_reasons(), Reader())
    assert "Renegotiate." in shown.html
    assert "What leaving would save is not known." in shown.html
    assert "leaving would" not in shown.html.replace("What leaving would save", "")


def test_a_decision_of_a_unit_without_channels_names_none() -> None:
    frame = small_tables.decisions().assign(channel="(none)")
    assert "Sin indicar" not in display.first_decisions(frame.head(1), Reader("es")).html


def test_no_decision_says_nothing_of_options_that_gain_too_little() -> None:
    none = small_tables.decisions().head(0)
    told = "No allowed option is enough better than what is done today: nothing changes."
    assert told in display.first_decisions(none, Reader()).html


def test_the_settings_of_the_workbooks_own_levers_have_words() -> None:
    names = {name for kind in KINDS if kind.default for name in kind.default["settings"]} - {"portal"}
    assert all(Reader("es").word(name, "setting") != Reader().word(name, "setting") for name in names)


def test_a_customer_without_a_channel_is_named_without_one() -> None:
    frame = small_tables.customer_terms().assign(channel="(none)")
    shown = display.customer_terms(frame, small_tables.customer_profit(), small_tables.customer_reasons(), Reader())
    assert "Not stated" not in shown.html


def test_losses_too_small_to_decide_on_are_a_sentence_on_the_summary() -> None:
    profit = small_tables.customer_profit()
    parts = small_tables.customer_terms(), profit, small_tables.customer_reasons(), Reader()
    assert "<table" in display.customer_terms(*parts, brief=True).html
    large = parts[0], profit.assign(net_sales=1e6), *parts[2:]
    assert "of net sales: no customer by itself decides." in display.customer_terms(*large, brief=True).html
    assert "<table" in display.customer_terms(*large).html


def test_the_answer_says_what_serving_costs_and_what_the_peak_would_leave() -> None:
    said = display.answer(small_tables.channel_profit(), small_tables.concentration(), Reader()).summary
    assert said == (
        "Serving the customers costs €540, 25.7% of what they bought, and leaves €50. "
        "1 customer loses money; had the curve ended at its peak, €100 would be left."
    )


def test_the_quality_box_says_what_was_rejected_and_what_is_missing() -> None:
    channels = small_tables.channel_profit().assign(cogs=100.0, assumed_cogs=50.0)
    said = display.data_quality(small_tables.quality(), small_tables.missing_values(), channels, Reader()).summary
    assert "Rejected: 1 row of 100 (1.00%), with €10 in it" in said
    assert "50% of the cost of goods, from a margin given in params" in said
    assert "promised date in 60% of order lines (not judged on time)" in said
    assert "margin and profit are rough" in said


def test_effects_are_told_a_step_at_a_time_with_their_interval() -> None:
    said = display.effects(small_tables.cost_effects(), Reader()).summary
    assert "One line more per order goes with 0.8% less cost to serve on the same sales, 0.5% to 1.1%." in said
    assert "Cannot be told from chance: rush lines." in said
    assert "Left out (too many values): city." in said


def test_of_a_trait_that_is_told_only_its_other_values_are_left_out() -> None:
    frame = small_tables.cost_effects()
    rare = frame.tail(1).assign(effect="channel", value="export", reason="too few customers")
    channel = frame.iloc[[2]].assign(effect="channel", value="web", instead_of="shops")
    said = display.effects(pd.concat([frame, channel, rare], ignore_index=True), Reader()).summary
    assert "Cannot be told from chance: rush lines; channel." in said
    assert "Left out (too few customers for so many effects): channel (export)." in said
    rare = pd.concat([rare.assign(value=f"v{at}") for at in range(5)])
    said = display.effects(pd.concat([frame, channel, rare], ignore_index=True), Reader()).summary
    assert "Left out (too few customers for so many effects): channel (other values)." in said


def test_a_customer_that_loses_is_none_to_protect() -> None:
    frame = small_tables.customer_profit()
    assert (frame["profit"] < 0).any()
    shown = display.most_profitable(frame, Reader()).html
    found = set(re.findall(r"<td[^>]*>(c\d)</td>", shown))
    assert found == set(frame.loc[frame["profit"] > 0, "customer_id"])


def test_a_weak_regression_says_that_it_is_weak() -> None:
    weak = small_tables.cost_effects().assign(r_squared=0.05, condition=90.0)
    said = display.effects(weak, Reader()).summary
    assert "That is little" in said
    assert "hard to keep apart" in said


def test_margins_of_a_channel_add_up_from_gross_margin_to_profit() -> None:
    shown = display.margins(small_tables.channel_profit(), small_tables.customer_costs(), Reader())
    row = re.findall(r"<td[^>]*>(.*?)</td>", shown.html.split("shops")[1])
    assert row[:5] == ["0.0%", "30.0%", "46.7%", "0.0%", "−16.7%"]  # discounts, margin, desk, picking, profit


def test_margins_of_a_segment_are_those_of_its_customers() -> None:
    tables = small_tables.customer_channel_profit(), small_tables.customer_costs(), small_tables.segments()
    row = re.findall(r"<td[^>]*>(.*?)</td>", display.segment_margins(*tables, Reader()).html.split("Passive")[1])
    assert row[:5] == ["10.0%", "30.0%", "18.0%", "6.0%", "6.0%"]  # discounts, margin, desk, picking, profit


def test_a_card_writes_a_customer_once_whose_name_is_its_number() -> None:
    cards = small_tables.segment_cards()
    shown = display.segment_cards(cards.assign(name=cards["customer_id"]), Reader())
    assert str(cards["customer_id"].iloc[0]) in shown.html
    assert f"({cards['customer_id'].iloc[0]})" not in shown.html


def test_capacity_shows_resources_then_the_fullest_warehouse_and_none_that_ships_nothing() -> None:
    shown = display.capacity_plan(small_tables.capacity_plan(), small_tables.node_plan(), Reader())
    places = [shown.html.index(name) for name in ("Desk", "Hall", "south", "north")]
    assert places == sorted(places)
    assert "150.0%" in shown.html and "130.0%" in shown.html
    assert "idle" not in shown.html


def test_capacity_of_warehouses_alone_has_no_columns_of_resources() -> None:
    nodes = display.capacity_plan(small_tables.capacity_plan().head(0), small_tables.node_plan(), Reader("es")).html
    assert "Almacén" in nodes and "Recurso" not in nodes
    assert "Escalones" not in nodes
    none = display.capacity_plan(small_tables.capacity_plan().head(0), small_tables.node_plan().head(0), Reader())
    assert "nothing to show" in none.summary


def test_trust_says_of_each_indicator_what_was_repeated_and_foretold() -> None:
    reader = Reader()
    calibration, backtest, comparison = (getattr(small_tables, n)() for n in ("calibration", "backtest", "comparison"))
    page = display.trust(calibration, backtest, comparison.assign(reliable=False), reader).html
    assert "1 of 2" in page
    assert ">No<" in page
    assert "Profit" in page


def test_a_difference_of_a_euro_in_thousands_is_negligible() -> None:
    frame = small_tables.comparison().assign(current=64_612.0, proposed=64_613.02, difference=1.02)
    assert cells_of(display.comparison(frame, Reader()).html)[0][-2] == "Negligible"
    told = cells_of(display.comparison(frame.assign(difference=65.0), Reader()).html)[0][-2]
    assert told == "Better"
    unsure = frame.assign(verdict="no difference")
    assert cells_of(display.comparison(unsure, Reader()).html)[0][-2] == "No difference"


def test_of_what_the_simulation_failed_at_no_verdict_is_told() -> None:
    frame = small_tables.comparison().assign(kpi="on_time", likely=1.0, verdict="better")
    row = cells_of(display.comparison(frame, Reader()).html)[0]
    assert row[-2] == "Better"
    failed = frame.assign(reliable=False)
    row = cells_of(display.comparison(failed, Reader()).html)[0]
    assert row[-2:] == ["Not to be told", "No"]
    assert "more than" not in " ".join(row)
    weeks = [display.worst_weeks(small_tables.worst_weeks(), told, Reader()).html for told in (frame, failed)]
    assert ["On time, worst week: the simulation failed at it, do not rely on it." in week for week in weeks] == [
        False,
        True,
    ]


def test_what_few_periods_do_not_refute_is_not_confirmed() -> None:
    comparison, calibration = small_tables.comparison(), small_tables.calibration()
    one = small_tables.backtest().head(1).assign(inside=True)

    def told(backtest: pd.DataFrame) -> str:
        pages = (
            display.comparison(comparison, Reader(), 1.0, backtest),
            display.trust(calibration, backtest, comparison, Reader()),
        )
        found = {row[-1] for page in pages for row in cells_of(page.html)}
        assert len(found) == 1, found
        return found.pop()

    several = pd.concat([one.assign(period=f"2025-Q{number}") for number in range(1, 5)])
    assert told(several) == "Yes"
    assert told(several[several["period"] > "2025-Q1"]) == "Not refuted"
    assert told(several.assign(inside=[True, *[False] * (len(several) - 1)])) == "Not refuted"
    assert told(one.iloc[:0]) == "Untried"
    assert "There are no earlier periods to foretell." in (
        display.trust(calibration, one.iloc[:0], comparison, Reader()).html
    )


def test_what_simulated_days_move_was_never_held_against_the_past() -> None:
    kpis = ["profit", "on_time", "lead_time_days", "in_full"]
    comparison = pd.concat([small_tables.comparison().assign(kpi=kpi) for kpi in kpis])
    whole = small_tables.calibration().head(1).assign(segment="(all)", channel="(all)")
    calibration = pd.concat([whole.assign(kpi=kpi) for kpi in kpis])
    one = small_tables.backtest().head(1).assign(inside=True)
    backtest = pd.concat([one.assign(kpi=kpi, period=f"2025-Q{at}") for kpi in kpis for at in range(1, 5)])

    def told(*measures: str) -> tuple[list[str], str]:
        days = pd.DataFrame({"measure": list(measures)})
        shown = display.comparison(comparison, Reader(), 1.0, backtest, days)
        trusted = display.trust(calibration, backtest, comparison, Reader(), days)
        found = {row[0]: row[-1] for row in cells_of(shown.html)}
        assert found == {row[0]: row[-1] for row in cells_of(trusted.html)}
        return [name for name, held in found.items() if held == "Not refuted"], trusted.html

    said = "No more than not refuted: "
    nothing, note = told()
    assert not nothing
    assert said not in note
    resources, note = told("behind", "on_time")
    assert sorted(resources) == ["Lead time", "On time"]
    assert said + "lead time, on time; earlier periods" in note
    stock, _ = told("on_hand", "on_time")
    assert sorted(stock) == ["In full", "Lead time", "On time"]
    newest = (backtest["period"] == "2025-Q4") & backtest["kpi"].isin(["on_time", "lead_time_days"])
    backtest = backtest.assign(with_days=newest, inside=~(newest & (backtest["kpi"] == "on_time")))
    resources, note = told("behind", "on_time")
    assert sorted(resources) == ["Lead time", "On time"]
    assert "of the past, 2025-Q4 alone is foretold with the days" in note
    assert "and 1 of 2 of its figures lay" in note


def test_an_indicator_that_failed_is_marked_wherever_it_is_told() -> None:
    reader = Reader()
    failed = small_tables.comparison().assign(reliable=False)
    assert "do not rely on it" in charts.comparison(failed, reader).title
    assert "do not rely on it" in charts.evaluation(small_tables.evaluation().assign(reliable=False), reader).title


def test_payback_says_how_likely_a_years_cash_pays_the_outlay() -> None:
    told = display.payback(small_tables.payback(), Reader()).html
    assert "€140 in a year of such periods (€100 to €180)" in told
    assert "outlay of €150 within the year in 30%" in told
    always = display.payback(small_tables.payback().assign(likely=1.0), Reader()).html
    assert "within the year in more than 99% of" in always
    free = display.payback(small_tables.payback().assign(outlay=0.0), Reader()).html
    assert "asks no outlay" in free
    nothing = small_tables.payback().assign(cash_a_year=0.0, low=0.0, high=0.0, outlay=0.0)
    assert "changes nothing" in display.payback(nothing, Reader()).html


def test_on_time_of_a_plan_that_changes_nothing_is_told_once() -> None:
    rows = small_tables.evaluation().assign(kpi="on_time", low=0.5, high=0.9)
    frames = small_tables.quality(), small_tables.channel_profit(), small_tables.customer_profit()
    nothing, kept = small_tables.conditions().head(0), small_tables.kept_capacity().head(0)

    def said(evaluation: pd.DataFrame) -> str:
        told = doubts(*frames, small_tables.comparison(), evaluation, nothing, kept, backtest, Reader())
        return dict(told)["Demand"]

    backtest = small_tables.backtest().iloc[:0]
    assert said(rows).endswith("On time then: 50.0% to 90.0%.")
    assert "without the proposal 50.0% to 80.0%" in said(rows.assign(high=[0.8, 0.9]))
    known = small_tables.backtest().head(1).assign(segment="(all)", channel="(all)", kpi="on_time")
    backtest = pd.concat([known.assign(observed=share) for share in (0.86, 0.84, 0.85)])
    assert said(rows).endswith("On time then: 50.0% to 90.0%. In the last 3 periods it was 84.0% to 86.0%.")
    backtest = backtest.head(1)
    assert said(rows).endswith("On time then: 50.0% to 90.0%.")


def test_a_summary_names_warehouses_beyond_their_limit_and_counts_what_the_queries_assume() -> None:
    plan, limits = small_tables.node_plan(), "Lines beyond what a warehouse can send, also with the plan:"
    assert beyond_limits(plan, Reader()) == [("Capacity", f"{limits} south 52 of 40 (today 60).")]
    assert beyond_limits(plan.assign(capacity=60.0), Reader()) == []
    south = plan[plan["warehouse"] == "south"]
    three = pd.concat([south.assign(warehouse=name, ships_then=at) for name, at in (("a", 41), ("b", 90), ("c", 50))])
    told = f"{limits} b 90 of 40 (today 60); c 50 of 40 (today 60); 1 more warehouse."
    assert beyond_limits(three, Reader()) == [("Capacity", told)]
    assumed = [{"text": "A year has 50 weeks", "where": where} for where in ("profile", "q/lines.sql", "q/nodes.sql")]
    told = "The queries on the source make 2 assumptions: they stand below, in what was assumed."
    assert of_mapping({"assumptions": assumed}, Reader()) == [("Source", told)]
    assert of_mapping({"assumptions": assumed[:1]}, Reader()) == []


def test_a_condition_of_capacity_given_up_is_told_by_what_keeping_it_does() -> None:
    frames = small_tables.quality(), small_tables.channel_profit(), small_tables.customer_profit()
    simulated = small_tables.comparison(), small_tables.evaluation(), small_tables.conditions()
    kept, backtest = small_tables.kept_capacity(), small_tables.backtest()

    def headings(kept: pd.DataFrame) -> list[str]:
        return [heading for heading, _ in doubts(*frames, *simulated, kept, backtest, Reader())][3:]

    assert headings(kept) == ["The plan", "Capacity"]
    assert headings(kept.head(0))[1:] == ["The plan"]
    assert headings(kept.assign(verdict="no difference"))[1:] == ["The plan", "Capacity"]


def test_no_assumption_is_told_twice() -> None:
    assumed, other = {"text": "Rush is standard.", "values": {}}, {"text": "Parking is unassigned.", "values": {}}
    manifest = {"assumptions": [assumed | {"where": "strategy"}], "notes": [assumed, other], "reconciliation": {}}
    first = foundations(manifest, small_tables.quality(), small_tables.statement(), Reader())[0]
    assert first.points == ["Rush is standard (Strategy)."]
    assert (first.folded, first.folded_under) == (["Parking is unassigned."], "1 more remark of the stages")


def test_what_is_alike_has_no_chance_of_being_better() -> None:
    frame = small_tables.comparison()
    assert "How likely better" in display.comparison(frame, Reader()).html
    alike = frame.assign(difference=0.0, low=0.0, high=0.0, likely=0.0)
    assert "How likely better" not in display.comparison(alike, Reader()).html


def test_the_worst_week_tells_where_most_waits_and_when_all_is_well_again() -> None:
    comparison = small_tables.comparison()
    told = display.worst_weeks(small_tables.worst_weeks(), comparison, Reader()).html
    for part in ("40.0%", "2.50", "Desk", ">9<", "97.0%", "Averages of simulated periods", "Days to recover: from"):
        assert part in told, part
    never = display.worst_weeks(small_tables.worst_weeks().assign(recovery=float("nan")), comparison, Reader()).html
    assert "Days to recover" not in never
    idle = display.worst_weeks(
        small_tables.worst_weeks().assign(behind=0.0, behind_at="(none)"), comparison, Reader()
    ).html
    assert "Days of work that wait" not in idle
    assert "where most waits" not in idle


def test_tuned_stock_says_what_it_saves_or_that_no_difference_can_be_told() -> None:
    table = small_tables.tuned_stock()
    told = display.tuned_stock(table, Reader()).html
    for part in ("1 of 2 stock rules save €20 a period on average (€5.00 to €35)", "96.0%", ">41<", "p1"):
        assert part in told, part
    assert ">p2<" not in told  # its rule stays
    unsure = display.tuned_stock(table.assign(verdict="no difference"), Reader()).html
    assert "no difference at this precision: €20 a period (€5.00 to €35)" in unsure
    assert "Leave them" in display.tuned_stock(table.assign(verdict="worse"), Reader()).html
    kept = table.assign(tuned_reorder_point=table["reorder_point"])
    assert "no stock rule was found that costs less" in display.tuned_stock(kept, Reader()).html
    assert "No tuned stock rules stand here" in display.tuned_stock(table.iloc[:0], Reader()).html


def test_a_difference_agrees_with_the_figures_beside_it() -> None:
    frame = small_tables.comparison().assign(kpi="in_full", current=0.94082, proposed=0.93833, difference=-0.00249)
    found = display.comparison(frame, Reader()).html
    cells = dict(re.findall(r'<td [^>]*data-label="(Current|Proposed|Difference)"[^>]*>(.*?)</td>', found))
    assert cells == {"Current": "94.1%", "Proposed": "93.8%", "Difference": "−0.3 pp"}


def test_levels_agree_with_what_they_are_of_in_spanish() -> None:
    traits = tuple(Part(("dimension", name), (("level", "low"),)) for name in ("electronic_share", "orders"))
    reader = Reader("es", names={"segment": {"few": traits}})
    assert reader.word("few", "group") == "Líneas electrónicas: bajas · Pedidos: bajos"
    assert reader.word_within("few", "group") == "líneas electrónicas: bajas · pedidos: bajos"


def test_what_a_scenario_leaves_as_it_was_is_the_same_as_base() -> None:
    both = pd.concat([small_tables.comparison().assign(scenario=name) for name in ("base", "fuel", "surge")])
    told = display.worst_weeks(small_tables.worst_weeks(), both, Reader()).html
    assert "All days are as in “As demand varies by itself” in: fuel." in told
    assert [row[:3] for row in cells_of(told)] == [
        ["As demand varies by itself", "Current", "90.0%"],
        ["A surge", "Current: same as base", "90.0%"],
        ["A surge", "Proposed", "40.0%"],
    ]


def test_beside_what_held_against_the_past_stands_how_wide_its_interval_is() -> None:
    frame = small_tables.comparison()
    rows = cells_of(display.comparison(frame, Reader(), 0.05).html)
    assert rows[0][-1] == "Yes, but ±€10"
    assert cells_of(display.comparison(frame, Reader(), 0.5).html)[0][-1] == "Yes"
    assert cells_of(display.comparison(frame.assign(reliable=False), Reader(), 0.05).html)[0][-1] == "No"


def test_a_table_that_the_unit_lacks_is_not_given_rather_than_empty() -> None:
    given = small_tables.quality()
    lacks = given.assign(table="deliveries", given=False, read=0, accepted=0, rejected=0, money_read=0.0)
    told = display.quality(pd.concat([given, lacks]), Reader()).html
    assert "Not given: Deliveries." in told
    assert len(cells_of(told)) == 1


def test_money_in_the_name_of_a_setting_carries_its_currency() -> None:
    setting = {"fee below 250": {"value": 250, "fee": 250}, "with €250": {"value": 250, "fee": 5}}
    levers = {"minimum_order": {"settings": setting | {"2500 or 250 %": {"value": 250, "fee": 15}}}}
    params = Params.model_validate(PARAMS.model_dump(exclude_unset=True) | {"strategy": {"levers": levers}})
    words = [
        Reader("en", "EUR", names=names_of(params)).word(name, "setting")
        for name in levers["minimum_order"]["settings"]
    ]
    assert words == ["Fee below €250", "With €250", "2500 or 250 %"]
    label = {"setting": {"fee below 250": {"es": "Recargo por debajo de 250"}}}
    spanish = Reader("es", "EUR", label, names_of(params))
    assert spanish.word("fee below 250", "setting") == "Recargo por debajo de 250\u00a0€"


def test_a_chance_of_a_loss_is_never_certain() -> None:
    frame = small_tables.customer_profit().assign(probability_unprofitable=1.0, fragile=True, profit_low=-9.0)
    assert "more than 99%" in display.fragile(frame, Reader()).html
    without = display.fragile(frame.assign(profit_low=float("nan")), Reader()).html
    assert "cannot be told." in without
    assert "nothing to show" not in without


def test_customers_of_two_channels_count_once_in_a_class() -> None:
    classes = pd.DataFrame({"customer_id": ["a", "a", "b"], "channel": ["x", "y", "x"], "abc_money": "A"})
    money = classes[["customer_id", "channel"]].assign(net_sales=1.0, profit=1.0)
    told = display.abc(classes.assign(abc_customers="A"), money, Reader())
    assert [row[2:4] for row in cells_of(told.html)] == [["2", "100.0%"]] * 2
    assert "counts in each" in told.html


def cells_of(html: str) -> list[list[str]]:
    rows = re.findall(r"(?s)<tr>(.*?)</tr>", html)
    return [cells for row in rows if (cells := re.findall(r"(?s)<td [^>]*data-label[^>]*>(.*?)</td>", row))]
