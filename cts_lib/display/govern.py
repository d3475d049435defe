"""Tables of governing: indicators, signals and actions."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

import numpy as np
import pandas as pd

from cts_lib.display.pieces import Shown, empty
from cts_lib.display.reader import Reader
from cts_lib.display.table import OF_CELL, intervals, table
from cts_lib.measures import kinds, sign
from cts_lib.names import ALL, CELL, NONE, totals


def _stated(values: pd.Series[str]) -> pd.Series[str]:
    return values.mask(values == NONE)


def indicators(kpis: pd.DataFrame, reader: Reader) -> Shown:
    """Show the whole unit's indicators against target, the period before and the control limits."""
    shown = totals(kpis, *CELL)
    shown = shown.assign(
        status=_stated(shown["status"]),
        signal=_stated(shown["signal"]),
        limits=intervals(shown, "lower_limit", "upper_limit", "indicator", reader),
    )
    columns = {"kpi": "text", "value": "indicator", "previous": "indicator", "target": "indicator"}
    columns |= {"status": "text", "limits": "text", "signal": "text"}
    return table(shown, reader, columns, reader.text("Indicators of the unit"))


def service_against_targets(kpis: pd.DataFrame, kpi_tree: pd.DataFrame, reader: Reader) -> Shown:
    """Show the unit's indicators of service that have a target, all of them where none has one."""
    told = kpi_tree.loc[kpi_tree["parent"] == "service", "measure"]
    whole = totals(kpis, *CELL).set_index("kpi", drop=False)
    shown = whole.loc[[name for name in told if name in whole.index]]
    has_target = shown["target"].notna()
    title = reader.text("Service against target") if has_target.any() else reader.text("Service")
    shown = shown[has_target] if has_target.any() else shown
    shown = shown.assign(status=_stated(shown["status"]))
    columns = {"kpi": "text", "value": "indicator", "previous": "indicator", "target": "indicator", "status": "text"}
    return table(shown, reader, columns, title)


def targets(kpis: pd.DataFrame, reader: Reader, rows: int = 25) -> Shown:
    """Show the targets of segments and channels, those missed first."""
    is_unit = (kpis["segment"] == ALL) & (kpis["channel"] == ALL)
    shown = kpis[~is_unit & kpis["target"].notna() & (kpis["status"].fillna(NONE) != NONE)]
    order = shown["status"].map({"missed": 0, "near": 1, "met": 2})
    shown = shown.assign(_order=order).sort_values("_order", kind="stable")
    columns = OF_CELL | {"kpi": "text", "value": "indicator", "target": "indicator", "status": "text"}
    return table(shown, reader, columns, reader.text("Targets of segments and channels"), rows=rows)


def signals(kpis: pd.DataFrame, reader: Reader, rows: int = 15) -> Shown:
    """Show the indicators that moved by more than chance, the surest first."""
    if len(kpis) and kpis["chance"].isna().all():
        text = reader.text("The history is too short for control limits: no signal can be told from chance.")
        return empty(text)
    shown = surest(kpis)
    shown = shown.assign(
        limits=intervals(shown, "lower_limit", "upper_limit", "indicator", reader),
        judged=[_judged(row, reader) for row in shown.to_dict("records")],
        evidence=[_evidence(row, reader) for row in shown.to_dict("records")],
    )
    columns = OF_CELL | {"kpi": "text", "value": "indicator", "limits": "text", "judged": "text", "evidence": "text"}
    tested = int(kpis["chance"].notna().sum())
    note = reader.text(
        "{count} indicators of the unit, its segments and channels were held against their past. Of those that moved "
        "by more than chance one in ten may be chance all the same.",
        count=reader.number(tested),
    )
    return table(shown, reader, columns, reader.text("Moved by more than chance"), note=note, rows=rows)


def surest(kpis: pd.DataFrame) -> pd.DataFrame:
    """Return the signals, what chance explains least first; of cells only those that no total of theirs tells of.

    >>> rows = pd.DataFrame({"segment": ["(all)", "s"], "channel": "c", "kpi": "orders", "chance": [0.001, 0.0001]})
    >>> surest(rows.assign(signal="above"))["segment"].tolist()
    ['(all)']
    """
    found = kpis[kpis["signal"].fillna(NONE) != NONE]
    keys = [*CELL, "kpi", "signal"]
    told = set(found[keys].itertuples(index=False, name=None))
    is_told = [
        bool({(ALL, channel, *of), (segment, ALL, *of), (ALL, ALL, *of)} & told - {(segment, channel, *of)})
        for segment, channel, *of in found[keys].itertuples(index=False, name=None)
    ]
    return found[~np.array(is_told, bool)].sort_values("chance", kind="stable")


def signal_sentence(row: dict[Hashable, Any], reader: Reader) -> str:
    """Write who moved, by what evidence, and whether that is good."""
    known = pd.notna(row["lower_limit"])
    values = {
        "who": _who(row, reader),
        "indicator": reader.label_within(row["kpi"]),
        "value": reader.measure(row["value"], row["kpi"], compact=True),
        "low": reader.measure(row["lower_limit"], row["kpi"], compact=True) if known else "",
        "high": reader.measure(row["upper_limit"], row["kpi"], compact=True) if known else "",
        "evidence": _evidence(row, reader),
        "judged": _judged(row, reader),
    }
    if not values["judged"]:
        return reader.text("{who}: {indicator} {value}, usually {low} to {high} ({evidence}).", **values)
    return reader.text("{who}: {indicator} {value}, usually {low} to {high}: {judged} ({evidence}).", **values)


def _who(row: dict[Hashable, Any], reader: Reader) -> str:
    segment, channel = reader.word(row["segment"], "segment"), reader.word(row["channel"], "channel")
    if row["segment"] == ALL:
        return reader.text("The unit") if row["channel"] == ALL else channel
    return segment if row["channel"] == ALL else reader.text("{segment} in {channel}", segment=segment, channel=channel)


def _judged(row: dict[Hashable, Any], reader: Reader) -> str:
    side = sign(str(row["kpi"])) * (1 if row["signal"] == "above" else -1)
    return {1: reader.text("better"), -1: reader.text("worse"), 0: ""}[side]


def _evidence(row: dict[Hashable, Any], reader: Reader) -> str:
    """Write what a signal rests on."""
    count = int(row["evidence_periods"])
    if row["evidence"] == "point":
        return reader.text("this period alone")
    if row["evidence"] == "run":
        return reader.text("the newest {count} periods", count=count)
    if row["signal"] == "above":
        return reader.text("it rises over {count} periods", count=count)
    return reader.text("it falls over {count} periods", count=count)


def bridge_details(frame: pd.DataFrame, reader: Reader, rows: int = 15) -> Shown:
    """Show what the components of the bridge are made of, the largest amounts first."""
    shown = frame.loc[frame["amount"].abs().sort_values(ascending=False, kind="stable").index]
    shown = shown.assign(subject=subjects(shown, reader))
    columns = {"component": "text", "cause": "text", "subject": "code", "amount": "money"}
    return table(shown, reader, columns, reader.text("What moved operating profit"), bars=("amount",), rows=rows)


def subjects(bridge_details: pd.DataFrame, reader: Reader) -> list[str]:
    """Write what each cause is told by."""
    told = bridge_details[["component", "cause", "subject"]].itertuples(index=False, name=None)
    return [_subject(component, cause, name, reader) for component, cause, name in told]


def _subject(component: str, cause: str, name: str, reader: Reader) -> str:
    """Write what a cause is told by: a family, a product, an activity or a resource."""
    if name == NONE and component not in ("price", "goods"):
        return ""
    if cause in ("begun", "ended"):
        return name
    if cause in ("sales", "goods"):
        return reader.value(name, "family")
    return reader.word(name, "activity" if component == "efficiency" else "resource")


def actions(frame: pd.DataFrame, reader: Reader, rows: int = 25) -> Shown:
    """Show what is to be done, by whom, until when, where it stands, and what was promised against what was kept."""
    shown = _worded(frame, reader)
    shown = shown.assign(
        customer_id=_stated(shown["customer_id"]),
        verdict=_stated(shown["verdict"]),
        interval=intervals(shown, "realised_low", "realised_high", "money", reader),
    )
    columns = {"action": "code"} | OF_CELL | {"customer_id": "code"}
    columns |= kinds("expected_saving", "expected_cash", "realised_saving")
    columns |= {"interval": "text", "verdict": "text", "owner": "text", "due": "date", "state": "text"}
    note, bars = _promised_and_kept(frame, reader), ("expected_saving",)
    return table(shown, reader, columns, reader.text("Actions"), note, bars=bars, rows=rows)


def action_sentences(frame: pd.DataFrame, reader: Reader, most: int = 5) -> list[str]:
    """Write the actions that come first: what, for whom, by whom and until when."""
    shown = _worded(frame[~frame["state"].isin(["done", "dropped"])], reader).head(most)
    return [
        reader.text(
            "{action} ({who}): {owner}, {due}",
            action=row["action"],
            who=_who(row, reader),
            owner=reader.word(row["owner"], "owner"),
            due=reader.date(row["due"]),
        )
        for row in shown.to_dict("records")
    ]


def _promised_and_kept(actions: pd.DataFrame, reader: Reader) -> str:
    """Say what the actions whose saving can be told promised and what they brought."""
    told = actions.dropna(subset=["expected_saving", "realised_saving"])
    if told.empty:
        return ""
    return reader.text(
        "What can be told: {promised} a period promised, {kept} kept.",
        promised=reader.money(told["expected_saving"].sum(), digits=0),
        kept=reader.money(told["realised_saving"].sum(), digits=0),
    )


def _worded(actions: pd.DataFrame, reader: Reader) -> pd.DataFrame:
    """Write what is to be done: what runs first, then what gains most."""
    ranks = {state: rank for rank, state in enumerate(("running", "done", "agreed", "proposed", "dropped"))}
    shown = actions.assign(rank=actions["state"].map(ranks)).sort_values(
        ["rank", "expected_saving"], ascending=[True, False], kind="stable"
    )
    return shown.assign(action=action_names(shown, reader))


def action_names(actions: pd.DataFrame, reader: Reader) -> list[str]:
    """Write what each action does."""
    return [_action(*pair, reader) for pair in zip(actions["action"], actions["subject"], strict=True)]


def _action(action: str, subject: str, reader: Reader) -> str:
    """Write what is to be done: an option of the strategy, or what governing asks for of itself."""
    if action == "relieve":
        return reader.text("Relieve {name}", name=reader.word_within(subject, "resource"))
    if action == "keep":
        return reader.text("Keep the capacity of {name}", name=reader.word_within(subject, "resource"))
    if action == "bring_to_target":
        return reader.text("Bring to target: {name}", name=reader.label_within(subject))
    return reader.word(action, "action")
