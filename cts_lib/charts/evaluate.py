"""Figures of evaluation: is the simulation to be believed, and is the proposal better than today."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any

import pandas as pd
from matplotlib.lines import Line2D

from cts_lib.charts.bars import beside, finish_rows, height_of, pairs, write_beside, write_names
from cts_lib.charts.chart import (
    INK,
    LOSS,
    NEUTRAL,
    PROFIT,
    Chart,
    canvas,
    cell,
    finish,
    legend_above,
    measure_axis,
    percent_axis,
    styled,
)
from cts_lib.display import Reader
from cts_lib.display.reader import uncapitalised
from cts_lib.measures import SERVICE, sign
from cts_lib.names import BASE, CELL, totals, without_totals

_MOST_CELLS = 16
_WITHOUT = "without "
_NOTHING = 0.0005
"""What reads as no difference: half of a tenth of a point."""
_UNCLEAR = "#6b7780"
_VERDICT_COLOURS = {"better": PROFIT, "worse": LOSS}


@styled
def comparison(frame: pd.DataFrame, reader: Reader, kpi: str = "profit") -> Chart:
    """Draw the difference that the proposal makes in each cell, with its 90 % interval.

    Parameters
    ----------
    frame : DataFrame
        segment, channel, scenario, kpi, difference, low, high, likely, verdict, with a row for the whole unit.
    """
    of_kpi = frame.loc[(frame["kpi"] == kpi) & (frame["scenario"] == BASE)]
    cells = without_totals(of_kpi, *CELL)
    cells = cells.loc[(cells["difference"].abs() > 0) | (cells["verdict"] != "no difference")]
    largest = cells["difference"].abs().sort_values(ascending=False, kind="stable").index[:_MOST_CELLS]
    shown = cells.loc[largest].sort_values("difference", ascending=False, kind="stable")
    total = totals(of_kpi, *CELL)
    shown = pd.concat([total, shown])
    if shown.empty:
        return Chart(reader.text("Nothing was simulated."))
    if not shown[["low", "high"]].to_numpy().any():
        return Chart(comparison_message(frame, reader, kpi))
    names = [cell(s, c, reader) for s, c in zip(shown["segment"], shown["channel"], strict=True)]
    if len(total):
        names[0] = reader.text("Whole unit")
    return _differences(shown, names, len(total), comparison_message(frame, reader, kpi), kpi, "comparison", reader)


@styled
def scenarios(frame: pd.DataFrame, reader: Reader, kpi: str = "profit") -> Chart:
    """Draw the difference that the proposal makes to the whole unit in each scenario, with its 90 % interval.

    Parameters
    ----------
    frame : DataFrame
        segment, channel, scenario, kpi, current, proposed, difference, low, high, verdict, reliable.
    """
    shown = totals(frame.loc[frame["kpi"] == kpi], *CELL)
    if shown.empty:
        return Chart(reader.text("Nothing was simulated."))
    names = [reader.word(name, "scenario") for name in shown["scenario"]]
    title = _least_brought(shown, reader) if kpi == "profit" else _most_lost(shown, kpi, reader)
    if shown[["difference", "low", "high"]].abs().max().max() < _NOTHING:
        return Chart(title)
    return _differences(shown, names, 1, title, kpi, "comparison", reader)


def _least_brought(shown: pd.DataFrame, reader: Reader) -> str:
    """Return in a sentence in which scenario the proposal brings least profit."""
    worst = shown.sort_values("difference", kind="stable").iloc[0]
    values = {
        "difference": reader.money(float(worst["difference"]), compact=True),
        "scenario": reader.word_within(worst["scenario"], "scenario"),
    }
    if worst["verdict"] == "better":
        return reader.text(
            "Whatever of this happens, the proposal brings at least {difference} on average ({scenario}).", **values
        )
    return reader.text("Where the proposal brings least, it is {difference} ({scenario}).", **values)


def _most_lost(shown: pd.DataFrame, kpi: str, reader: Reader) -> str:
    """Return in a sentence in which scenario the proposal costs most of an indicator, if it does in any."""
    values = {"indicator": reader.label(kpi)}
    if not shown["reliable"].all():
        return reader.text("{indicator}: the simulation failed at it, do not rely on it.", **values)
    worse = shown[shown["verdict"] == "worse"]
    if worse.empty:
        return reader.text("{indicator}: in no scenario is the proposal clearly worse than today.", **values)
    worst = worse.iloc[int((sign(kpi) * worse["difference"]).argmin())]
    values["scenario"] = reader.word_within(worst["scenario"], "scenario")
    values |= {side: reader.measure(worst[side], kpi, compact=True) for side in ("current", "proposed")}
    return reader.text(
        "{indicator}: {proposed} with the proposal, {current} without, where it clearly costs most ({scenario}).",
        **values,
    )


@styled
def contributions(frame: pd.DataFrame, reader: Reader) -> Chart:
    """Draw what each decision adds to the unit's profit, with its 90 % interval.

    Parameters
    ----------
    frame : DataFrame
        lever, setting, difference, low, high.
    """
    if frame.empty:
        return Chart(reader.text("No decision is proposed, so none adds anything."))
    options = [f"{lever}: {setting}" for lever, setting in zip(frame["lever"], frame["setting"], strict=True)]
    names = [reader.word(option, "option") for option in options]
    verdict = ["better" if low > 0 else "worse" if high < 0 else "no difference" for low, high in _ends(frame)]
    idle = sum(name != "better" for name in verdict)
    title = reader.text(
        "{decision} adds most: {difference} in the period.",
        decision=names[0],
        difference=reader.money(float(frame["difference"].iloc[0]), compact=True),
    )
    if idle:
        title += " " + reader.plural(
            "Of {count} decision it cannot be told that it adds profit at full cost.",
            "Of {count} decisions it cannot be told that they add profit at full cost.",
            idle,
        )
    return _differences(frame.assign(verdict=verdict), names, 0, title, "profit", "contributions", reader)


def _ends(frame: pd.DataFrame) -> list[tuple[float, float]]:
    return list(zip(frame["low"], frame["high"], strict=True))


def _differences(
    shown: pd.DataFrame, names: list[str], wide: int, title: str, kpi: str, name: str, reader: Reader
) -> Chart:
    """Draw differences with their intervals, the first ``wide`` of them thicker."""
    texts = [reader.measure_change(difference, kpi) for difference in shown["difference"]]
    figure, axes = canvas(height_of(len(shown)) + 0.35)
    for position, row in enumerate(shown.to_dict("records")):
        colour = _VERDICT_COLOURS.get(str(row["verdict"]), _UNCLEAR)
        width = 3.2 if position < wide else 2.0
        axes.plot([row["low"], row["high"]], [position] * 2, color=colour, linewidth=width, solid_capstyle="round")
        axes.plot([row["difference"]], [position], "o", color=colour, markersize=5 + width)
        write_beside(axes, float(row["high"]), position, texts[position])
    write_names(axes, names)
    finish_rows(axes, min(0.0, shown["low"].min()), max(0.0, shown["high"].max()), max(len(text) for text in texts))
    axes.set_xlim(left=min(0.0, shown["low"].min()) - 0.03 * (shown["high"].max() - min(0.0, shown["low"].min())))
    axis = reader.text("Proposed less current: {indicator}", indicator=reader.label(kpi))
    measure_axis(axes, reader, kpi, axis, change=True)
    parts = {
        "better": (PROFIT, reader.text("Better")),
        "worse": (LOSS, reader.text("Worse")),
        "no difference": (_UNCLEAR, reader.text("No clear difference")),
    }
    drawn = [part for verdict, part in parts.items() if (shown["verdict"] == verdict).any()]
    legend_above(figure, [Line2D([], [], color=c, marker="o", linewidth=2.5, label=label) for c, label in drawn])
    return finish(figure, title, pairs(names, texts), name, reader)


def comparison_message(frame: pd.DataFrame, reader: Reader, kpi: str = "profit") -> str:
    """Return in one sentence what the simulation says of the proposal's profit, or of another indicator."""
    total = totals(frame.loc[(frame["kpi"] == kpi) & (frame["scenario"] == BASE)], *CELL)
    if total.empty:
        return reader.text("The proposal was not simulated for the whole unit.")
    row = total.iloc[0]
    doubt = "" if row["reliable"] else " " + reader.text("The simulation failed at this indicator: do not rely on it.")
    if kpi != "profit":
        return _change_message(row, reader, kpi) + doubt
    if row["low"] == row["high"] == 0:
        return reader.text("The proposal changes nothing, so there is nothing to compare.")
    sign = -1.0 if row["verdict"] == "worse" else 1.0
    ends = sorted((sign * float(row["low"]), sign * float(row["high"])))
    change = {"difference": sign * float(row["difference"]), "low": ends[0], "high": ends[1]}
    amounts = {name: reader.money(amount, compact=True) for name, amount in change.items()}
    if row["verdict"] == "better":
        message = reader.text(
            "In a period to come the proposal raises profit at full cost by {difference}, {low} to {high} in nine of "
            "ten simulated ones.",
            **amounts,
        )
    elif row["verdict"] == "worse":
        message = reader.text(
            "In a period to come the proposal lowers profit at full cost by {difference}, {low} to {high} in nine of "
            "ten simulated ones.",
            **amounts,
        )
    else:
        message = reader.text(
            "The simulation cannot tell the proposal's profit from today's: {difference} ({low} to {high} in nine of "
            "ten simulated periods).",
            **amounts,
        )
    return message + doubt + _against(frame, reader)


def _is_seen(row: Mapping[Hashable, Any], reader: Reader) -> bool:
    """Say whether an indicator's change shows in its two figures as they are written."""
    before, after = (reader.measure(row[name], row["kpi"], compact=True) for name in ("current", "proposed"))
    return before != after


def _against(frame: pd.DataFrame, reader: Reader) -> str:
    """Return what the proposal makes worse of the unit's service, and of what that cannot be told, after its profit."""
    whole = totals(frame.loc[frame["scenario"] == BASE], *CELL)
    service = whole[whole["kpi"].isin(SERVICE)]
    worse = service[(service["verdict"] == "worse") & service["reliable"]]
    changes = [
        reader.text(
            "{indicator} goes from {current} to {proposed}",
            indicator=reader.label_within(row["kpi"]),
            current=reader.measure(row["current"], row["kpi"], compact=True),
            proposed=reader.measure(row["proposed"], row["kpi"], compact=True),
        )
        for row in worse.to_dict("records")
    ]
    changes = [change for change, row in zip(changes, worse.to_dict("records"), strict=True) if _is_seen(row, reader)]
    said = ""
    if changes and (service["reliable"] & (service["verdict"] == "better")).any():
        said = " " + reader.text("In part service gets worse: {changes}.", changes=reader.listed(changes))
    elif changes:
        said = " " + reader.text("Service gets worse: {changes}.", changes=reader.listed(changes))
    open_ = [reader.label_within(kpi) for kpi in service.loc[~service["reliable"].astype("bool"), "kpi"]]
    if open_:
        said += " " + reader.text("What it does to this cannot be told: {indicators}.", indicators=reader.listed(open_))
    return said


def _change_message(row: pd.Series, reader: Reader, kpi: str) -> str:
    values = {name: reader.measure_change(float(row[name]), kpi) for name in ("difference", "low", "high")}
    values["indicator"] = reader.label(kpi)
    if row["low"] == row["high"] == 0:
        return reader.text("{indicator}: the proposal changes nothing.", indicator=values["indicator"])
    if row["verdict"] == "no difference":
        return reader.text(
            "{indicator}: the simulation cannot tell the proposal from today, {difference} (90% interval {low} to "
            "{high}).",
            **values,
        )
    return reader.text(
        "{indicator}: {difference} with the proposal (90% interval {low} to {high}) when demand varies.", **values
    )


@styled
def evaluation(frame: pd.DataFrame, reader: Reader, kpi: str = "profit") -> Chart:
    """Draw each strategy's indicator for the whole unit with the range in which nine of ten replications fall.

    Parameters
    ----------
    frame : DataFrame
        segment, channel, strategy, scenario, kpi, mean, low, high, replications, reliable.
    """
    shown = totals(frame.loc[(frame["kpi"] == kpi) & (frame["scenario"] == BASE)], *CELL)
    if shown.empty:
        return Chart(reader.text("Nothing was simulated."))
    names = [_strategy(str(name), reader) for name in shown["strategy"]]
    texts = [reader.measure(mean, kpi, compact=True) for mean in shown["mean"]]
    figure, axes = canvas(height_of(len(shown)))
    for position, row in enumerate(shown.to_dict("records")):
        colour = {"current": NEUTRAL, "proposed": PROFIT}.get(str(row["strategy"]), _UNCLEAR)
        axes.plot(
            [row["low"], row["high"]], [position] * 2, color=colour, linewidth=7, solid_capstyle="butt", alpha=0.55
        )
        axes.plot([row["mean"]], [position], "D", color=colour, markeredgecolor=INK, markersize=7)
        write_beside(axes, float(row["high"]), position, texts[position])
    write_names(axes, names)
    axes.grid(visible=False, axis="y")
    spread = float(shown["high"].max() - shown["low"].min()) or 1.0
    axes.set_xlim(
        float(shown["low"].min()) - 0.06 * spread,
        float(shown["high"].max()) + beside(axes, spread, max(map(len, texts))),
    )
    measure_axis(axes, reader, kpi, reader.label(kpi))
    both = shown["strategy"].isin(["current", "proposed"]).to_numpy()
    title = reader.text(
        "{indicator} of a simulated period: {figures}.",
        indicator=reader.label(kpi),
        figures=", ".join(
            f"{uncapitalised(name)} {text}" for name, text, of in zip(names, texts, both, strict=True) if of
        ),
    )
    if not shown["reliable"].all():
        title += " " + reader.text("The simulation failed at this indicator: do not rely on it.")
    alt = "; ".join(
        reader.text(
            "{name}: {low} to {high}",
            name=name,
            low=reader.measure(row["low"], kpi),
            high=reader.measure(row["high"], kpi),
        )
        for name, row in zip(names, shown.to_dict("records"), strict=True)
    )
    return finish(figure, title, alt, "evaluation", reader)


def _strategy(name: str, reader: Reader) -> str:
    if name.startswith(_WITHOUT):
        return reader.text("Without {decision}", decision=reader.word_within(name.removeprefix(_WITHOUT), "option"))
    return reader.word(name, "strategy")


@styled
def calibration(frame: pd.DataFrame, reader: Reader) -> Chart:
    """Draw how far the simulated current strategy is from what was observed, a dot for each cell.

    Parameters
    ----------
    frame : DataFrame
        segment, channel, kpi, observed, simulated, error (a share of what was observed), accepted.
    """
    shown = frame.dropna(subset=["error"])
    if shown.empty:
        return Chart(reader.text("Nothing was observed that the simulation could be held against."))
    kpis = list(dict.fromkeys(shown["kpi"]))
    names = [reader.label(kpi) for kpi in kpis]
    reach = min(1.0, max(float(shown["error"].abs().max()) * 1.1, 0.02))
    figure, axes = canvas(height_of(len(kpis)) + 0.4)
    for position, kpi in enumerate(kpis):
        of_kpi = shown.loc[shown["kpi"] == kpi]
        for believed, colour in ((True, PROFIT), (False, LOSS)):
            errors = of_kpi.loc[of_kpi["accepted"].astype(bool) == believed, "error"].astype(float)
            axes.plot(errors.clip(-reach, reach), [position] * len(errors), "o", color=colour, alpha=0.65, markersize=7)
    write_names(axes, names)
    finish_rows(axes, -reach, reach, 0)
    axes.set_xlim(-reach * 1.06, reach * 1.06)
    percent_axis(axes, reader, reader.text("Simulated less observed, share of observed"))
    accepted = int(shown["accepted"].astype(bool).sum())
    if accepted < len(shown):
        parts = ((PROFIT, reader.text("Repeated")), (LOSS, reader.text("Not repeated")))
        legend_above(figure, [Line2D([], [], color=c, marker="o", linestyle="", label=label) for c, label in parts])
    title = reader.plural(
        "{count} of {all} simulated figures repeats what was observed.",
        "{count} of {all} simulated figures repeat what was observed.",
        accepted,
        all=reader.number(len(shown)),
    )
    alt = "; ".join(
        f"{name}: {reader.percent(float(shown.loc[shown['kpi'] == kpi, 'error'].abs().max()))}"
        for name, kpi in zip(names, kpis, strict=True)
    )
    return finish(figure, title, alt, "calibration", reader)
