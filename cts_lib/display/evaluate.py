"""Tables of the evaluation: may the simulation be believed, both strategies simulated, and does the proposal pay."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any

import pandas as pd

from cts_lib.display.pieces import Shown, empty, piece
from cts_lib.display.reader import Reader
from cts_lib.display.table import OF_CELL, intervals, table
from cts_lib.measures import SERVICE, change_as_written, kind_of
from cts_lib.names import BASE, CELL, NONE, totals, without_totals
from cts_lib.params.sections import Evaluation
from cts_lib.replay.options import CURRENT, PROPOSED

_STREAM = ("product_id", "warehouse")
_ORDER = ("profit", "net_sales", "cost_to_serve", *SERVICE)
_NEGLIGIBLE = 0.001
"""The share of today's figure below which a difference is none to speak of, however surely it is told."""
_FIRM, _PERIODS = 0.8, 4
"""The past confirms an indicator where it foretold so many figures' share, of so many periods at least."""


def comparison(
    frame: pd.DataFrame,
    reader: Reader,
    precision: float = Evaluation().precision,
    backtest: pd.DataFrame | None = None,
    days: pd.DataFrame | None = None,
) -> Shown:
    """Show current against proposed for the whole unit, with the interval of the difference.

    Beside whether an indicator held against the past stands how wide its interval is, where half of that is more than
    ``precision`` of today's figure; with ``backtest``, whether the past is enough to tell. ``days`` is table
    ``chain_days``: what it moves was never held against the past.
    """
    shown = in_order(totals(frame.loc[frame["scenario"] == BASE], *CELL))
    sides = zip(shown["current"], shown["proposed"], shown["kpi"], strict=True)
    held, failed = _held(frame, backtest, days, reader), ~shown["reliable"].astype("bool")
    shown = shown.assign(
        difference=[change_as_written(current, proposed, kind_of(kpi)) for current, proposed, kpi in sides],
        interval=intervals(shown, "low", "high", "change", reader),
        verdict=shown["verdict"].mask(_is_negligible(shown), "negligible").mask(failed, "not to be told"),
        reliable=[_relied_on(row, held[row["kpi"]], precision, reader) for row in shown.to_dict("records")],
        likely=shown["likely"].mask(failed | ((shown["low"] == 0) & (shown["high"] == 0))),  # alike: none is better
    )
    columns = {"kpi": "text", "current": "indicator", "proposed": "indicator", "difference": "change"}
    columns |= {"interval": "text", "likely": "chance", "verdict": "text", "reliable": "code"}
    title = reader.text("Current against proposed, simulated")
    note = reader.text(
        "Current: today's strategy in the period to come, whose demand differs from that of the period reported. "
        "Verdict: on the average of all simulated periods, so it may be clear though the interval of one holds 0; "
        "negligible is less than {least} of today's figure, not to be told what the simulation failed at. "
        "Holds against the past: whether the simulation repeats the period and foretold earlier ones, if there are "
        "enough of them to tell; it does not say that an interval is narrow. Half its width is told where that is more "
        "than {precision} of today's figure.",
        least=reader.percent(_NEGLIGIBLE, 1),
        precision=reader.percent(precision, 0),
    )
    return table(shown, reader, columns, title, note)


def _is_negligible(frame: pd.DataFrame) -> pd.Series:
    """Say of which indicators the difference is told, and is none to speak of."""
    small = frame["difference"].abs() < _NEGLIGIBLE * frame["current"].abs()
    told: pd.Series = small & frame["verdict"].isin(["better", "worse"])
    return told


def _held(
    comparison: pd.DataFrame, backtest: pd.DataFrame | None, days: pd.DataFrame | None, reader: Reader
) -> dict[str, str]:
    """Write of each indicator whether it held against the past: what no past refutes is not yet confirmed by it."""
    relied = totals(comparison.loc[comparison["scenario"] == BASE], *CELL).set_index("kpi")["reliable"]
    told = {str(kpi): reader.word("true" if held else "false", "reliable") for kpi, held in relied.items()}
    if backtest is None:
        return told
    for kpi in relied[relied].index:
        known = backtest[backtest["kpi"] == kpi]
        periods = known["period"].nunique()
        if not periods:
            told[kpi] = reader.text("Untried")
        elif periods < _PERIODS or known["inside"].mean() < _FIRM or kpi in _moved_by(days):
            told[kpi] = reader.text("Not refuted")
    return told


def _moved_by(days: pd.DataFrame | None) -> list[str]:
    """Return the indicators that simulated days move; earlier periods are foretold without these (`backtest`)."""
    if days is None or days.empty:
        return []
    told = set(days["measure"])
    stock = {"in_full"} if "on_hand" in told else set[str]()
    moved = stock | ({"on_time", "lead_time_days"} if stock or "behind" in told else set())
    return [kpi for kpi in SERVICE if kpi in moved]


def _relied_on(row: Mapping[Hashable, Any], said: str, precision: float, reader: Reader) -> str:
    """Write whether an indicator held against the past, and how wide its interval is where that is much."""
    half = (row["high"] - row["low"]) / 2
    if not row["reliable"] or not half > precision * abs(row["current"]):
        return said
    return reader.text("{said}, but ±{half}", said=said, half=reader.measure_change(half, row["kpi"]).removeprefix("+"))


def in_order(frame: pd.DataFrame) -> pd.DataFrame:
    """Return rows of indicators, profit first."""
    return frame.sort_values("kpi", key=lambda kpi: kpi.map({name: at for at, name in enumerate(_ORDER)}))


def payback(frame: pd.DataFrame, reader: Reader) -> Shown:
    """Say how likely the proposal's cash of a year pays what it takes to introduce it."""
    if frame.empty:
        return empty(reader.text("Nothing was simulated."))
    if not frame[["cash_a_year", "low", "high", "outlay"]].any(axis=None):
        return empty(reader.text("The proposal changes nothing, so it brings no cash and asks no outlay."))
    told = reader.text("Only demand varies between them; adoption and prices are as assumed.")
    return piece("paragraph", text := f"{_paid_back(frame.iloc[0], reader)} {told}", kind="lead", text=text)


def _paid_back(row: pd.Series, reader: Reader) -> str:
    amounts = {name: reader.money(float(row[name]), compact=True) for name in ("cash_a_year", "low", "high", "outlay")}
    if not row["outlay"]:
        return reader.text(
            "In cash it brings {cash_a_year} in a year of such periods ({low} to {high}) and asks no outlay.", **amounts
        )
    return reader.text(
        "In cash it brings {cash_a_year} in a year of such periods ({low} to {high}); that pays its outlay of {outlay} "
        "within the year in {likely} of the simulated periods.",
        likely=reader.chance(float(row["likely"])),
        **amounts,
    )


def trust(
    calibration: pd.DataFrame,
    backtest: pd.DataFrame,
    comparison: pd.DataFrame,
    reader: Reader,
    days: pd.DataFrame | None = None,
) -> Shown:
    """Show of each indicator whether the simulation repeats the period and foretold the past: may it be believed.

    ``days`` is table ``chain_days``, as in `comparison`.
    """
    shown = in_order(totals(calibration, *CELL))
    counts = backtest.groupby("kpi")["inside"].agg(["sum", "size"]).itertuples(name=None)
    counted = {
        kpi: reader.text("{inside} of {foretold}", inside=reader.number(inside), foretold=reader.number(foretold))
        for kpi, inside, foretold in counts
    }
    shown = shown.assign(
        foretold=shown["kpi"].map(counted), reliable=shown["kpi"].map(_held(comparison, backtest, days, reader))
    )
    columns = {"kpi": "text", "observed": "indicator", "simulated": "indicator", "error": "percent"}
    title = reader.text("May it be believed: the period repeated, the past foretold")
    if backtest.empty:
        note = reader.text("There are no earlier periods to foretell.")
        return table(shown, reader, columns | {"reliable": "code"}, title, note)
    note = reader.plural(
        "Foretold: figures of {count} earlier period that lay in the 90% interval foretold for them.",
        "Foretold: figures of {count} earlier periods that lay in the 90% interval foretold for them.",
        backtest["period"].nunique(),
    )
    note += " " + reader.text(
        "Holds against the past: the period is repeated, and no fewer figures than chance allows lay in their "
        "interval. Not refuted: that is so, but of fewer than {periods} earlier periods, or of fewer than {share} of "
        "the figures.",
        periods=reader.number(_PERIODS),
        share=reader.percent(_FIRM, 0),
    )
    if moved := _moved_by(days):
        note += " " + _of_days(moved, backtest, reader)
    return table(shown, reader, columns | {"foretold": "code", "reliable": "code"}, title, note)


def _of_days(moved: list[str], backtest: pd.DataFrame, reader: Reader) -> str:
    """Say of the indicators that simulated days move how little of the past was foretold with its days."""
    known = backtest[backtest["with_days"].astype(bool)]
    indicators = ", ".join(reader.word_within(kpi, "kpi") for kpi in moved)
    if known.empty:
        return reader.text(
            "No more than not refuted: {indicators}; earlier periods are foretold without the days on which capacity "
            "or stock runs out.",
            indicators=indicators,
        )
    return reader.text(
        "No more than not refuted: {indicators}; of the past, {period} alone is foretold with the days on which "
        "capacity or stock runs out, and {inside} of {foretold} of its figures lay in their interval.",
        indicators=indicators,
        period=str(known["period"].iloc[0]),
        inside=reader.number(int(known["inside"].sum())),
        foretold=reader.number(len(known)),
    )


def calibration(frame: pd.DataFrame, reader: Reader) -> Shown:
    """Show how far the simulated current strategy is from what was observed."""
    columns = OF_CELL | {"kpi": "text", "observed": "indicator", "simulated": "indicator", "error": "percent"}
    shown = frame.assign(repeated=frame["accepted"].map({True: "true", False: "false"}))
    shown = shown.reindex(frame["error"].abs().sort_values(ascending=False, kind="stable").index)
    title = reader.text("Simulated against observed, largest errors first")
    return table(shown, reader, columns | {"repeated": "text"}, title, rows=10)


def worst_weeks(frame: pd.DataFrame, comparison: pd.DataFrame, reader: Reader) -> Shown:
    """Show how each strategy holds in each scenario: its worst week, what waits most, and when all is well again.

    ``comparison`` tells of all scenarios: what one leaves as it was, such as a dearer resource the days, is not
    simulated again, and said to be the same; one that leaves both strategies alone is named below.
    """
    if frame.empty:
        return empty(reader.text("Nothing of the chain is simulated day by day."))
    frame = _of_all_scenarios(frame, comparison)
    alone = frame.groupby("scenario", sort=False)["is_base"].all()
    frame = frame[~frame["scenario"].map(alone)]
    columns = {"scenario": "text", "strategy": "code", "on_time": "percent", "day": "number"}
    waits = bool(frame["behind"].any())
    columns |= {"behind": "decimal", "behind_at": "text"} if waits else {}
    columns |= {"fill_rate": "percent", "recovery": "number"}
    labels = {"on_time": reader.text("On time, worst week"), "fill_rate": reader.text("Filled from stock")}
    shown = frame.assign(
        behind_at=["" if at == NONE else reader.word(at, "resource") for at in frame["behind_at"]],
        strategy=[
            reader.text("{strategy}: same as base", strategy=reader.word(name, "strategy"))
            if is_base
            else reader.word(name, "strategy")
            for name, is_base in zip(frame["strategy"], frame["is_base"], strict=True)
        ],
    )
    title = reader.text("How each strategy holds: the worst week of each scenario")
    note = reader.text("Averages of simulated periods, the same for every scenario.")
    if waits:
        note = reader.text(
            "Averages of simulated periods, the same for every scenario; where most waits, on its worst day."
        )
    of_time = comparison[comparison["kpi"] == "on_time"]
    if len(of_time) and not of_time["reliable"].all():
        said = reader.text("{indicator}: the simulation failed at it, do not rely on it.", indicator=labels["on_time"])
        note += f" {said}"
    base = reader.word(BASE, "scenario")
    if alone.any():
        names = reader.listed([reader.word_within(name, "scenario") for name in alone.index[alone]])
        note += " " + reader.text("All days are as in “{base}” in: {scenarios}.", base=base, scenarios=names)
    if frame["is_base"].any():
        note += " " + reader.text("Same as base: the scenario leaves the days as in “{base}”.", base=base)
    if frame["recovery"].notna().any():
        note += " " + reader.text(
            "Days to recover: from the scenario's last day until a week's lines are on time as without it; empty where "
            "it has no last day, or all is not well again within the period."
        )
    return table(shown, reader, columns, title, note, headings=labels)


def _of_all_scenarios(frame: pd.DataFrame, comparison: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of all scenarios, with those of the base where one leaves a strategy's days as they were."""
    parts, sides = [frame.iloc[:0].assign(is_base=False)], frame["strategy"].isin([CURRENT, PROPOSED])
    for scenario in dict.fromkeys([*comparison["scenario"], *frame["scenario"]]):
        own = frame[frame["scenario"] == scenario]
        base = frame[sides & (frame["scenario"] == BASE) & ~frame["strategy"].isin(own["strategy"])]
        both = pd.concat([own.assign(is_base=False), base.assign(scenario=scenario, is_base=True)])
        parts.append(both.sort_values("strategy", kind="stable"))
    every: pd.DataFrame = pd.concat(parts, ignore_index=True)
    return every


def tuned_stock(frame: pd.DataFrame, reader: Reader) -> Shown:
    """Say what tuning the stock rules on the simulation adds, and show the rules that save most."""
    if frame.empty:
        return empty(
            reader.text(
                "No tuned stock rules stand here: no stock is simulated, what it costs to hold is not known, or this "
                "edition leaves products out."
            )
        )
    whole, rules = totals(frame, *_STREAM).iloc[0], without_totals(frame, *_STREAM)
    moved = ["reorder_point", "order_quantity", "order_up_to"]
    is_moved = (rules[moved].fillna(0) != rules[[f"tuned_{name}" for name in moved]].fillna(0).to_numpy()).any(axis=1)
    said = _tuned(whole, int(is_moved.sum()), len(rules), reader)
    if not is_moved.any():
        return piece("paragraph", said, kind="lead", text=said)
    shown = rules.loc[is_moved].sort_values("saving", ascending=False, kind="stable")
    shown = shown.assign(interval=intervals(shown, "low", "high", "money", reader))
    columns = {"product_id": "code", "warehouse": "text", "reorder_point": "number", "tuned_reorder_point": "number"}
    if (shown["order_quantity"].fillna(0) != shown["tuned_order_quantity"].fillna(0)).any():
        columns |= {"order_quantity": "number", "tuned_order_quantity": "number"}
    if shown["order_up_to"].notna().any():
        columns |= {"order_up_to": "number", "tuned_order_up_to": "number"}
    columns |= {"fill_rate": "percent", "tuned_fill_rate": "percent", "saving": "money", "interval": "text"}
    columns |= {"verdict": "text"}
    return table(shown, reader, columns, said, rows=8)


def _tuned(whole: pd.Series, moved: int, count: int, reader: Reader) -> str:
    """Say in a sentence what tuning adds to the strategy's own rules."""
    if not moved:
        return reader.text("On the simulation no stock rule was found that costs less than the strategy's own.")
    values = {name: reader.money(float(whole[name]), compact=True) for name in ("saving", "low", "high")}
    rates = {name: reader.percent(float(whole[name]), 1) for name in ("fill_rate", "tuned_fill_rate")}
    values |= {"moved": reader.number(moved), "count": reader.number(count)}
    if whole["verdict"] == "no difference":
        return reader.text(
            "Tuned on the simulation, {moved} of {count} stock rules change, with no difference at this precision: "
            "{saving} a period ({low} to {high}).",
            **values,
        )
    if whole["verdict"] == "worse":
        return reader.text(
            "Tuned on the simulation, {moved} of {count} stock rules change, and cost more than the strategy's own: "
            "{saving} a period ({low} to {high}). Leave them.",
            **values,
        )
    return reader.text(
        "Tuned on the simulation, {moved} of {count} stock rules save {saving} a period on average ({low} to {high}) "
        "beside the strategy's own; {tuned_fill_rate} of the units are there on the day, {fill_rate} before.",
        **values,
        **rates,
    )
