from __future__ import annotations

import base64
import inspect
import re
from html import unescape

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
import small_tables
from matplotlib.colors import to_hex
from matplotlib.figure import Figure

from cts_lib import charts
from cts_lib.charts import Chart, Charts
from cts_lib.charts.chart import NEUTRAL, cell
from cts_lib.charts.evaluate import comparison_message
from cts_lib.charts.svg import to_svg
from cts_lib.display import Reader
from cts_lib.display.pieces import shorten

DRAWN = {
    "whale_curve": ["customer_profit"],
    "profile_dimensions": ["profile"],
    "profit_waterfall": ["channel_profit", "statement"],
    "channel_profit": ["channel_profit"],
    "cost_by_activity": ["activities"],
    "cost_mix": ["customer_costs", "channel_profit"],
    "capacity": ["resources"],
    "lead_times": ["lead_times"],
    "perfect_orders": ["service"],
    "margin_waterfall": ["customer_channel_profit", "customer_costs"],
    "order_size": ["customer_behaviour", "profit_of_twenty"],
    "product_mix": ["product_mix"],
    "family_profit": ["family_profit"],
    "places": ["places"],
    "monthly_sales": ["monthly_sales", "seasonality"],
    "cost_effects": ["cost_effects"],
    "segment_matrix": ["segment_matrix"],
    "segment_customers": ["segments", "customer_profit"],
    "segment_groups": ["segment_cross"],
    "segment_migration": ["segment_migration"],
    "decisions": ["decisions", "strategy", "capacity_plan"],
    "frontier": ["strategy_frontier", "strategy", "decisions", "capacity_plan"],
    "sensitivity": ["strategy_sensitivity", "strategy_pairs", "strategy", "decisions", "capacity_plan"],
    "calibration": ["calibration"],
    "comparison": ["comparison"],
    "scenarios": ["comparison"],
    "contributions": ["contributions"],
    "backlog": ["chain_days"],
    "full_days": ["chain_days"],
    "evaluation": ["evaluation"],
    "kpi_scorecard": ["kpis"],
    "bridge": ["bridge", "statement"],
}


COUNTED = {"backlog", "full_days", "lead_times", "calibration", "kpi_scorecard", "segment_groups", "segment_migration"}
"""Charts without money on an axis."""


def draw(name: str, language: str = "en", empty: bool = False) -> Chart:
    tables = [getattr(small_tables, table)() for table in DRAWN[name]]
    shown = getattr(charts, name)(*(table.head(0) if empty else table for table in tables), Reader(language, "EUR"))
    return shown.charts[0] if isinstance(shown, Charts) else shown


def words_of(chart: Chart) -> str:
    return " ".join(unescape(text) for text in re.findall(r">([^<>]+)<", chart.svg) if text.strip())


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize("name", DRAWN)
def test_a_chart_says_its_message_its_source_and_what_it_shows(name: str, language: str) -> None:
    chart = draw(name, language)
    assert chart.title.endswith(".")
    assert chart.alt
    assert chart.source
    page = chart._repr_html_()
    assert page.count("<figure") == page.count("<img") == page.count("<figcaption") == 1
    assert re.search(r'<img src="data:image/svg\+xml;base64,[^"]+" alt="[^"]+"', page)


@pytest.mark.parametrize("name", DRAWN)
def test_figures_on_a_spanish_chart_have_a_decimal_comma(name: str) -> None:
    written = [text.strip() for text in re.findall(r">([^<>]+)<", draw(name, "es").svg)]
    assert not [text for text in written if re.fullmatch(r"[-−+]?\d+\.\d{1,2}", text)]


@pytest.mark.parametrize("name", DRAWN)
def test_the_same_data_give_the_same_bytes(name: str) -> None:
    assert draw(name).svg == draw(name).svg


@pytest.mark.parametrize("name", DRAWN)
def test_a_chart_of_nothing_is_a_sentence(name: str) -> None:
    chart = draw(name, empty=True)
    assert not chart.svg
    assert chart.title.endswith(".")
    assert "<img" not in chart._repr_html_()


@pytest.mark.parametrize("name", DRAWN)
def test_a_chart_takes_nothing_from_the_network(name: str) -> None:
    assert not re.search(r"""(href|src)=["']https?:""", draw(name).svg)


@pytest.mark.parametrize("name", [name for name in DRAWN if name not in COUNTED])
def test_money_on_an_axis_has_its_unit(name: str) -> None:
    words = words_of(draw(name))
    assert "(EUR)" in words or "%" in words


def test_every_chart_is_drawn_here() -> None:
    exported = {name for name in charts.__all__ if inspect.isfunction(getattr(charts, name))}
    assert exported - {"profile_dimension"} == set(DRAWN)


def test_the_whale_curve_tells_how_much_the_losers_take() -> None:
    chart = draw("whale_curve")
    assert chart.title == "1 of 3 customers loses money; it takes 50% of the profit that the others make."
    assert "€100 at 67%" in chart.alt
    assert "Peak: €100 (200%)" in words_of(chart)


def test_the_matrix_in_brief_says_what_segments_are_and_how_many_customers_of_them_lose_how_much() -> None:
    matrix, classes = small_tables.segment_matrix(), small_tables.segments()
    whole = matrix[matrix["segment"] != "(all)"].groupby("segment", as_index=False)[["customers", "profit"]].sum()
    frame = pd.concat([matrix, whole.assign(channel="(all)")])
    chart = charts.segment_matrix(frame, Reader(), classes)
    assert chart.title == (
        "Aggressive (value low, cost high): 2 customers lose €10; Passive (value high, cost low): 1 customer earns €60."
    )
    assert "value low, cost high" in words_of(chart)
    assert "value" not in words_of(draw("segment_matrix"))
    several = classes.assign(value_class=["high", "low", "high"])
    assert "Aggressive: 2 customers lose" in charts.segment_matrix(frame, Reader(), several).title


def test_the_matrix_in_brief_keeps_the_channels_that_move_profit_most() -> None:
    names = [f"c{number:02}" for number in range(12)]
    frame = pd.DataFrame(
        {"segment": "Passive", "channel": names, "customers": 1, "net_sales": 9.0, "profit": range(12)}
    )
    said = words_of(charts.segment_matrix(frame, Reader(), small_tables.segments()))
    assert [name for name in names if name in said] == names[4:]
    assert "where profit moves most" in said
    wide = pd.concat([frame.assign(segment=f"s{number}", profit=frame["profit"] * number) for number in range(12)])
    said = words_of(charts.segment_matrix(wide, Reader(), small_tables.segments()))
    assert sum(name in said for name in names) + sum(f"s{number}" in said.split() for number in range(12)) == 8 + 4


@pytest.mark.parametrize("name", DRAWN)
def test_a_figure_drawn_for_a_telephone_says_the_same_in_less_width(name: str) -> None:
    chart = draw(name)
    wide, narrow = (float(re.search(r'width="([0-9.]+)pt"', svg)[1]) for svg in (chart.svg, chart.narrow.svg))
    assert narrow < 0.85 * wide
    assert (chart.title, chart.svg) == (draw(name).title, draw(name).svg)
    assert '<source media="(max-width: 640px)"' in chart._repr_html_()


def test_no_axis_has_ticks_in_the_room_that_bars_leave_for_their_texts() -> None:
    activities = small_tables.activities()
    axes = charts.cost_by_activity(activities.assign(cost=activities["cost"].abs() + 70_000), Reader()).figure.axes[0]
    longest, ticks = axes.dataLim.x1, axes.get_xticks()
    assert axes.get_xlim()[1] > 1.5 * longest
    assert ticks[-2] < longest
    assert len(ticks) > 1


def test_the_whale_curve_of_winners_says_that_nobody_loses() -> None:
    winners = small_tables.customer_profit().head(2)
    assert charts.whale_curve(winners, Reader()).title == "None of the 2 customers loses money."


def test_capacity_names_what_worked_beyond_it() -> None:
    title = draw("capacity").title
    assert title.startswith("Desk worked beyond capacity")
    assert "€20" in title


def test_the_waterfall_reads_from_gross_margin_to_operating_profit() -> None:
    alt = draw("profit_waterfall").alt
    assert alt.startswith("Gross margin: €590")
    assert alt.endswith("Operating profit: €40")


def test_the_heat_map_counts_every_activity_of_a_channel() -> None:
    assert draw("cost_mix").title == "Shops costs most to serve: 46.7% of its sales, the most for order entry."


@pytest.mark.parametrize(
    ("kpi", "change", "axis"),
    [
        ("on_time", ("−40.0 pp", "−50.0 pp", "−30.0 pp"), "(pp)"),
        ("lead_time_days", ("−0.4", "−0.5", "−0.3"), "(days)"),
        ("net_sales", ("−€0.40", "−€0.50", "−€0.30"), "(EUR)"),
    ],
)
def test_the_comparison_of_an_indicator_speaks_of_it_in_its_unit(kpi: str, change: tuple[str, ...], axis: str) -> None:
    frame = small_tables.comparison().assign(kpi=kpi, difference=-0.4, low=-0.5, high=-0.3, verdict="worse")
    chart = charts.comparison(frame, Reader(), kpi)
    assert chart.title.startswith(f"{Reader().label(kpi)}: {change[0]} with the proposal")
    assert f"90% interval {change[1]} to {change[2]}" in chart.title
    assert chart.alt.startswith(f"Whole unit: {change[0]}")
    assert chart.figure is not None
    assert chart.figure.axes[0].get_xlabel().endswith(axis)


@pytest.mark.parametrize(
    ("kpi", "axis"), [("lead_time_days", "Lead time (days)"), ("on_time", "On time"), ("profit", "Profit (EUR)")]
)
def test_the_evaluation_of_an_indicator_has_the_axis_of_its_unit(kpi: str, axis: str) -> None:
    chart = charts.evaluation(small_tables.evaluation().assign(kpi=kpi), Reader(), kpi)
    assert chart.figure is not None
    assert chart.figure.axes[0].get_xlabel() == axis


def test_the_comparison_speaks_of_the_whole_unit() -> None:
    title = draw("comparison").title
    assert "raises profit at full cost by €35, €25 to €45 in nine of ten" in title


def test_a_worse_proposal_is_told_as_a_loss() -> None:
    frame = small_tables.comparison().assign(verdict="worse")
    frame[["difference", "low", "high"]] = -frame[["difference", "high", "low"]].to_numpy()
    assert "lowers profit at full cost by €35, €25 to €45 in nine" in charts.comparison(frame, Reader()).title


def test_a_signal_is_the_scorecards_message() -> None:
    assert draw("kpi_scorecard").title == "1 indicator of the unit moved by more than chance: on time."


def test_decisions_are_led_by_what_the_plan_brings_with_its_steps_less_its_upkeep() -> None:
    chart = draw("decisions")
    assert chart.title == "2 decisions bring €76 in cash in a year like the period, €132 at full cost."
    assert chart.alt == (
        "order_method: portal: +€48 a year; +€120 at full cost; 3 customers; "
        "rush: none: +€20 a year; +€20 at full cost; 1 customer"
    )


def test_a_plan_that_costs_cash_says_that_it_has_no_cash_case() -> None:
    strategy = small_tables.strategy().assign(cash_gain=-10.0)
    chart = charts.decisions(small_tables.decisions(), strategy, small_tables.capacity_plan(), Reader())
    assert chart.title == (
        "No cash case: in a year like the period the plan costs €112 in cash and gains €132 at full cost."
    )


def test_the_plan_is_led_by_the_assumption_that_moves_it_most() -> None:
    chart = draw("sensitivity")
    assert chart.title == (
        "The plan brings €19 in cash in the period as assumed; most hangs on this: Customers who go along (×0.5–1.25), "
        "€8.00 – €22."
    )
    assert chart.source.startswith(
        "One assumption at a time goes to its low end (grey) or to its high end (blue). At the worst end 1 segment "
        "in a channel had better stay as today. The worst two at once, customers who leave 2% and price: Desk ×1.1, "
        "make it cost €3.00. Then 2 segments in channels had better stay as today."
    )
    tables = [small_tables.strategy(), small_tables.decisions(), small_tables.capacity_plan(), Reader()]
    pairs = small_tables.strategy_pairs()
    left = charts.sensitivity(small_tables.strategy_sensitivity(), pairs.iloc[1:], *tables)
    assert "The worst two at once, demand ×0.9 and customers who go along ×0.5, leave €4.00." in left.source
    alone = charts.sensitivity(small_tables.strategy_sensitivity(), pairs.iloc[:0], *tables)
    assert "worst two" not in alone.source


@pytest.mark.parametrize(
    ("assumption", "low", "high", "said"),
    [
        ("demand", 12.0, 15.0, "Both ends of demand lie below the plan, which was made for the demand expected"),
        ("demand", 12.0, 23.0, ""),
        ("demand", 19.0, 12.0, ""),  # the plan brings 19
        ("leave", 15.0, 12.0, "Both ends of this lie below the plan, which was made for what is assumed: customers"),
    ],
)
def test_the_figure_says_why_both_ends_of_an_assumption_lie_below_the_plan(
    assumption: str, low: float, high: float, said: str
) -> None:
    frame = small_tables.strategy_sensitivity()
    frame.loc[1, ["assumption", "resource", "cash_gain_low", "cash_gain_high"]] = [assumption, "(none)", low, high]
    tables = small_tables.strategy(), small_tables.decisions(), small_tables.capacity_plan()
    chart = charts.sensitivity(frame, small_tables.strategy_pairs(), *tables, Reader())
    assert said in chart.source
    assert chart.source.count("Both ends") == bool(said)


def test_decisions_that_are_not_drawn_are_told() -> None:
    many = pd.concat([small_tables.decisions()] * 6, ignore_index=True)
    chart = charts.decisions(many, small_tables.strategy(), small_tables.capacity_plan(), Reader())
    assert chart.title.endswith("Drawn are the 10 that bring most.")
    assert chart.alt.count("a year") == 10


def test_lead_times_tell_the_half_and_the_slow() -> None:
    title = draw("lead_times").title
    assert title == "Half of the lines arrive by day 1, nine in ten by day 2; 90% arrive by a promised date."


def test_markup_in_a_name_is_written_as_text() -> None:
    frame = small_tables.channel_profit().assign(channel=["<script>alert(1)</script>", "shops"])
    page = charts.channel_profit(frame, Reader())._repr_html_()
    assert "<script" not in page


def test_long_names_that_differ_at_their_end_do_not_read_alike() -> None:
    longer = f"{small_tables.LONG} and {small_tables.LONG} and {small_tables.LONG}"
    frame = small_tables.channel_profit().assign(channel=[f"{longer} {end}" for end in ("north", "south")])
    chart = charts.channel_profit(frame, Reader())
    assert longer not in words_of(chart)
    assert all(re.search(f"…[^…]*{end}", words_of(chart)) for end in ("north", "south"))
    assert chart.in_full == f"Names in full: {longer} north; {longer} south."


def test_a_name_of_two_lines_is_not_cut_on_a_telephone_and_one_that_is_stands_in_full_below() -> None:
    frame = small_tables.decisions().assign(lever="Portal de pedidos", setting="todos los pedidos del periodo")
    tables = small_tables.strategy(), small_tables.capacity_plan()
    narrow = charts.decisions(frame, *tables, Reader()).narrow
    assert (words_of(narrow).count("…"), narrow.in_full) == (0, "")
    matrix = small_tables.segment_matrix().assign(channel="Hotels, restaurants and canteens of the north coast")
    chart = charts.segment_matrix(matrix, Reader())
    assert (words_of(chart.narrow).count("…"), chart.narrow.in_full) == (0, "")
    longer = charts.segment_matrix(matrix.assign(channel=f"{small_tables.LONG} and {small_tables.LONG}"), Reader())
    assert f"Names in full: {small_tables.LONG} and {small_tables.LONG}." in longer._repr_html_()


def test_a_long_name_ends_in_an_ellipsis() -> None:
    assert shorten("Ordóñez Distribuciones del Norte", 12) == "Ordóñez Dis…"
    longer = f"{small_tables.LONG} and {small_tables.LONG}"
    frame = small_tables.channel_profit().assign(channel=["web", longer])
    drawn = words_of(charts.channel_profit(frame, Reader()))
    assert longer not in drawn
    assert "…" in drawn


def test_drawing_leaves_the_settings_of_others_alone() -> None:
    before = dict(mpl.rcParams)
    draw("whale_curve")
    assert dict(mpl.rcParams) == before


def test_a_curve_of_many_customers_stays_small() -> None:
    many = 20_000
    frame = small_tables.customer_profit().head(1)
    frame = frame.loc[frame.index.repeat(many)].assign(rank=range(1, many + 1))
    frame["cumulative_profit"] = frame["profit"].cumsum()
    assert len(base64.b64encode(charts.whale_curve(frame, Reader()).svg.encode())) < 100_000


def test_a_proposal_that_changes_nothing_is_a_sentence() -> None:
    same = small_tables.comparison().assign(difference=0.0, low=0.0, high=0.0, verdict="no difference")
    chart = charts.comparison(same, Reader())
    assert chart.title == "The proposal changes nothing, so there is nothing to compare."
    assert not chart.svg


def test_a_dimension_of_lines_has_no_profit_to_draw() -> None:
    shown = charts.profile_dimensions(small_tables.profile(), Reader())
    assert isinstance(shown, Charts)
    assert [chart.title.split(":")[0] for chart in (*shown.charts, *shown.folded)] == ["Region"]


def test_an_assumed_cost_of_goods_is_no_cause_beside_price() -> None:
    parts = {"price": -12.7e6, "goods": 11.6e6, "volume": 2.2e6}
    frame = pd.DataFrame({"segment": "(all)", "channel": "(all)", "component": list(parts), "amount": parts.values()})
    observed = small_tables.channel_profit()
    assumed = observed.assign(assumed_cogs=observed["cogs"])
    statement, reader = small_tables.statement(), Reader()
    alone = charts.bridge(frame, statement, reader, channel_profit=observed)
    assert alone.title.startswith("Operating profit rose by €1.1M; the most by cost of goods, +€11.6M. Most against")
    joined = charts.bridge(frame, statement, reader, channel_profit=assumed)
    assert joined.title.startswith("Operating profit rose by €1.1M; the most by volume, +€2.2M.")
    assert "Price and cost of goods are one, for the cost of goods is assumed as a share of sales." in joined.title
    assert "Price less cost of goods: \u2212€1.1M" in joined.alt
    assert "Cost of goods: " not in joined.alt


def test_the_bridge_ends_at_this_periods_operating_profit() -> None:
    chart = draw("bridge")
    assert chart.title == (
        "Operating profit rose by €5.00; the most by volume, +€9.00. Most against it: price, −€2.00."
    )
    assert chart.alt == "Before: €35; Price: −€2.00; Volume: +€9.00; Mix: −€2.00; Now: €40"


def test_the_alluvial_picture_says_how_many_moved_and_where() -> None:
    chart = draw("segment_migration")
    assert (
        chart.title
        == "Of the customers of both periods, counted in each of their channels, 25.0% changed segment; most often "
        "from Passive to Aggressive (2)."
    )
    assert "Aggressive → Lost: 1" in chart.alt
    frame = small_tables.segment_migration()
    back = frame.iloc[[1]].assign(from_segment="Aggressive", to_segment="Passive")
    tie = charts.segment_migration(pd.concat([frame, back], ignore_index=True), Reader())
    assert "most often from Passive to Aggressive, from Aggressive to Passive (2 each)" in tie.title


def test_groups_without_a_second_one_are_a_sentence() -> None:
    assert not charts.segment_groups(small_tables.segment_cross().head(1), Reader()).svg


def test_a_map_labels_its_places_and_says_which_lose() -> None:
    chart = draw("places")
    assert chart.title == "1 of 3 places loses money: Cádiz, −€50."
    assert {"Vigo", "Bilbao", "Cádiz"} <= set(re.findall(r"[A-Z]\w+", words_of(chart)))


def test_a_place_without_a_city_is_called_by_the_finer_of_region_and_country() -> None:
    frame = small_tables.places().assign(city=None, country=["PT", "ES", "MA"], region="south")
    assert charts.places(frame, Reader()).title == "1 of 3 places loses money: MA, −€50."


def test_without_coordinates_places_are_bars() -> None:
    chart = charts.places(small_tables.places().assign(latitude=None, longitude=None), Reader())
    assert chart.title == "Galicia buys most, €1,000, and leaves €60; there are no coordinates for a map."


def test_one_customers_waterfall_ends_at_its_own_profit() -> None:
    tables = small_tables.customer_channel_profit(), small_tables.customer_costs()
    chart = charts.margin_waterfall(*tables, Reader(), customer_id="c3")
    assert chart.title == "Customer c3: of €300 in net sales, €90 is gross margin and −€50 is left after serving."
    assert chart.alt == "Net sales: €300; Cost of goods: −€210; Gross margin: €90; Desk: −€140; Profit: −€50"


def test_the_strongest_effect_is_the_message() -> None:
    assert draw("cost_effects").title == (
        "Size: small, not large goes with a change of +5.0% in cost to serve on the same sales, one of the 2 effects "
        "found."
    )


def test_a_season_is_told_with_its_months_and_its_doubt() -> None:
    title = draw("monthly_sales").title
    assert "December stands 20% above the trend, August 15% below it." in title
    assert "With fewer than three years" in title


def test_each_line_of_a_name_ends_where_names_of_one_line_end() -> None:
    figure = Figure()
    axes = figure.subplots()
    axes.set_yticks([0, 1], ["Retail", "Hotels and\nrestaurants"])
    axes.set_xlabel("Customers, from the most\nto the least profitable", loc="right")
    axes.text(0.5, 0.5, "92.9\n(16)", ha="center")
    with mpl.rc_context({"svg.fonttype": "none"}):
        found = re.findall(r'text-anchor: (\w+)[^>]* x="([0-9.]+)"[^>]*>([^<]+)<', to_svg(figure))
    anchors = {text: (side, float(x)) for side, x, text in found}
    assert anchors["Hotels and"] == anchors["restaurants"] == anchors["Retail"]
    assert anchors["Retail"][0] == "end"
    assert anchors["Customers, from the most"] == anchors["to the least profitable"]
    assert anchors["92.9"] == anchors["(16)"]
    assert anchors["92.9"][0] == "middle"


def test_the_frontier_shows_where_today_and_the_proposal_stand() -> None:
    chart = draw("frontier")
    assert chart.alt.startswith("Current 95.0%: €0; Chosen 94.0%: €19; 80.0%: €40")
    assert chart.title.startswith("On time falls from 95.0% to 94.0% with the plan; one that keeps it brings €9")
    parts = [getattr(small_tables, name)() for name in DRAWN["frontier"]]
    title = charts.frontier(parts[0], parts[1].assign(current_service_level=0.9), *parts[2:], Reader()).title
    assert title.startswith("From 80.0% on time to 95.0% the best plan's cash changes by")


def test_what_waits_is_told_of_the_place_where_most_does() -> None:
    told = "Under the proposal most work waits at desk: on the worst day 1.7 days of it, 0.1 today, in half"
    assert draw("backlog").title.startswith(told)
    frame = small_tables.chain_days()
    other = frame.assign(strategy=frame["strategy"].map({"current": "proposed", "proposed": "current"}))
    told = "Today most work waits at desk: on the worst day 1.7 days of it, 0.1 under the proposal, in half"
    assert charts.backlog(other, Reader()).title.startswith(told)
    title = draw("full_days").title
    assert "Current: nowhere does half a day's work wait overnight" in title
    assert "at desk half a day's work or more waits overnight on 7 days, first on day 2" in title
    assert title.endswith("; so in half of the simulated periods or more.")


def test_a_scenario_in_which_the_proposal_costs_on_time_is_told_beside_the_profit_it_brings() -> None:
    frame = small_tables.comparison()
    late = frame.tail(1).assign(
        kpi="on_time", current=0.727, proposed=0.46, difference=-0.267, scenario="half_adoption"
    )
    both = pd.concat([frame, late.assign(verdict="worse")], ignore_index=True)
    told = (
        "On time: 46.0% with the proposal, 72.7% without, where it clearly costs most (half of those who would go along"
    )
    assert charts.scenarios(both, Reader(), "on_time").title == f"{told})."
    for unsure, said in (
        ({"verdict": "no difference"}, "in no scenario is the proposal clearly worse than today"),
        ({"verdict": "worse", "reliable": False}, "the simulation failed at it, do not rely on it"),
    ):
        one = pd.concat([frame, late.assign(**unsure)], ignore_index=True)
        assert charts.scenarios(one, Reader(), "on_time").title == f"On time: {said}."
    same = late.assign(verdict="no difference", difference=0.0, low=-0.0004, high=0.0)
    assert not charts.scenarios(same, Reader(), "on_time").svg
    assert charts.scenarios(late.assign(verdict="worse"), Reader(), "on_time").svg


def test_what_an_axis_shows_is_no_longer_than_the_axis() -> None:
    for height in (2.15, 3.4):
        chart = charts.whale_curve(small_tables.customer_profit(), Reader("es"), height=height)
        assert chart.figure
        chart.figure.draw_without_rendering()
        axes = chart.figure.axes[0]
        told, within = axes.yaxis.label.get_window_extent(), axes.get_window_extent()
        assert within.height >= told.height, height


def test_names_too_long_for_a_line_stand_in_two() -> None:
    frame = small_tables.evaluation()
    decision = "without pallets: pallet network of a carrier nearby"
    chart = charts.evaluation(frame.assign(strategy=frame["strategy"].replace({"proposed": decision})), Reader())
    assert chart.figure
    names = [label.get_text() for label in chart.figure.axes[0].get_yticklabels()]
    assert any("\n" in name for name in names), names
    assert not any("…" in name for name in names), names


def test_what_is_left_is_told_beside_a_curve_that_ends_at_its_peak() -> None:
    profits = np.concatenate([np.linspace(40, 1, 95), np.full(5, -2.0)])
    frame = pd.DataFrame({"rank": np.arange(1, 101), "profit": profits, "cumulative_profit": profits.cumsum()})
    chart = charts.whale_curve(frame, Reader())
    assert chart.figure
    chart.figure.draw_without_rendering()
    axes = chart.figure.axes[0]
    box = next(text for text in axes.texts if text.get_text().startswith("What is left")).get_window_extent()
    rising = axes.lines[0]
    at = axes.transData.transform(np.column_stack([rising.get_xdata(), rising.get_ydata()]))
    inside = at[(at[:, 0] > box.x0) & (at[:, 0] < box.x1)]
    assert len(inside) and (inside[:, 1] > box.y1).all()


def test_lines_without_any_promise_are_not_drawn_as_late() -> None:
    chart = charts.lead_times(small_tables.lead_times().assign(on_time_lines=0), Reader())
    assert chart.figure
    colours = {to_hex(bar.get_facecolor()) for bar in chart.figure.axes[0].patches if bar.get_height()}
    assert colours == {to_hex(NEUTRAL)}
    names = [text.get_text() for legend in chart.figure.legends for text in legend.get_texts()]
    assert "On time" not in names


def test_the_marks_of_lead_time_cross_no_text() -> None:
    for days in ([1, 2, 9], [1, 6, 9], [4, 7, 9]):
        chart = charts.lead_times(small_tables.lead_times().assign(days=days), Reader("es"))
        assert chart.figure
        chart.figure.draw_without_rendering()
        axes = chart.figure.axes[0]
        marks = [line.get_window_extent() for line in axes.lines]
        for text in axes.texts:
            box = text.get_window_extent()
            assert not any(box.x0 < mark.x0 < box.x1 and mark.y1 > box.y0 for mark in marks), (days, text.get_text())


def test_what_the_proposal_makes_worse_of_service_is_said_with_its_profit() -> None:
    frame = small_tables.comparison()
    service = frame.tail(1).assign(kpi="on_time", current=0.762, proposed=0.442, verdict="worse")
    told = comparison_message(pd.concat([frame, service], ignore_index=True), Reader())
    assert told.endswith("Service gets worse: on time goes from 76.2% to 44.2%.")
    faster = service.assign(kpi="lead_time_days", verdict="better")
    both = comparison_message(pd.concat([frame, service, faster]), Reader())
    assert both.endswith("In part service gets worse: on time goes from 76.2% to 44.2%.")
    unseen = service.assign(kpi="lead_time_days", current=6.08, proposed=6.12)
    assert "Service" not in comparison_message(pd.concat([frame, unseen]), Reader())
    assert "lead time" not in comparison_message(pd.concat([frame, service, unseen, faster]), Reader())
    unsure = comparison_message(pd.concat([frame, service.assign(reliable=False)]), Reader())
    assert unsure.endswith("What it does to this cannot be told: on time.")
    assert "Service" not in comparison_message(frame, Reader())
    doubtful = pd.concat([frame, service.assign(reliable=False)], ignore_index=True)
    assert "Service" not in comparison_message(doubtful, Reader())


def test_customers_whose_segment_is_kept_back_are_counted_though_not_drawn() -> None:
    segments, customers = small_tables.segments(), small_tables.customer_profit()
    whole = charts.segment_customers(segments, customers, Reader()).title
    kept = segments[segments["customer_id"] != segments["customer_id"].iloc[0]]
    title = charts.segment_customers(kept, customers, Reader()).title
    assert title == f"{whole} 1 is not drawn: which segment it is of is not told here."


def test_long_figures_of_the_matrix_take_two_lines_on_a_telephone() -> None:
    few = pd.concat(
        [small_tables.segment_matrix().head(1).assign(segment=f"s{i}", channel=c) for i in "123" for c in "abc"]
    )
    many = few.assign(profit=131_000.0, customers=1858)
    assert ">60 (1)<" in charts.segment_matrix(few, Reader()).narrow.svg
    assert ">131.0 (1,858)<" in charts.segment_matrix(many, Reader()).svg
    assert ">131.0 (1,858)<" not in charts.segment_matrix(many, Reader()).narrow.svg


def test_all_cells_of_the_matrix_are_in_one_unit() -> None:
    two = pd.concat([small_tables.segment_matrix().head(1).assign(segment=name) for name in "ab"])
    for amounts, unit, cells in (
        ((92_913, -157), "Beneficio (miles de EUR)", (">92,9 (1)<", ">−0,2 (1)<")),
        ((4_100_000, 30), "Beneficio (miles de EUR)", (">4.100 (1)<", ">0 (1)<")),
        ((31_000_000, 0), "Beneficio (millones de EUR)", (">31,0 (1)<", ">0,0 (1)<")),
        ((9_000, -157), "Beneficio (EUR)", (">9.000 (1)<", ">−157 (1)<")),
    ):
        svg = charts.segment_matrix(two.assign(profit=amounts), Reader("es")).svg
        assert f">{unit};" in svg
        assert all(cell in svg for cell in cells), svg


def test_a_cell_without_a_channel_is_called_by_its_segment() -> None:
    assert cell("Passive", "(none)", Reader("es")) == "Rentable y cómodo"
    assert cell("Passive", "(none)", Reader()) == "Passive"
    assert cell("Passive", "web", Reader()) == "Passive · web"
