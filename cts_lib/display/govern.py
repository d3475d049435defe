"""Tables of governing: indicators, signals and actions."""

from __future__ import annotations

import pandas as pd

from cts_lib.display.pieces import Shown, empty
from cts_lib.display.reader import Reader
from cts_lib.display.table import OF_CELL, intervals, table
from cts_lib.measures import kinds
from cts_lib.names import CELL, NONE, totals


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


def signals(kpis: pd.DataFrame, reader: Reader) -> Shown:
    """Show the cells whose indicators left their control limits."""
    if len(kpis) and kpis["upper_limit"].isna().all():
        text = reader.text("The history is too short for control limits: no signal can be told from chance.")
        return empty(text)
    shown = kpis.loc[kpis["signal"].fillna(NONE) != NONE]
    columns = OF_CELL | {"kpi": "text", "value": "indicator", "lower_limit": "indicator", "upper_limit": "indicator"}
    return table(shown, reader, columns | {"signal": "text"}, reader.text("Outside the control limits"))


def bridge_details(frame: pd.DataFrame, reader: Reader, rows: int = 15) -> Shown:
    """Show what the components of the bridge are made of, the largest amounts first."""
    shown = frame.loc[frame["amount"].abs().sort_values(ascending=False, kind="stable").index]
    told = zip(shown["component"], shown["cause"], shown["subject"], strict=True)
    shown = shown.assign(subject=[_subject(component, cause, name, reader) for component, cause, name in told])
    columns = {"component": "text", "cause": "text", "subject": "code", "amount": "money"}
    return table(shown, reader, columns, reader.text("What moved operating profit"), bars=("amount",), rows=rows)


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
    """Show what is to be done, by whom, until when, and what it saves."""
    columns = {"action": "code"} | OF_CELL | kinds("expected_saving", "expected_cash", "realised_saving")
    columns |= {"owner": "text", "due": "date", "state": "text"}
    return table(_worded(frame, reader), reader, columns, reader.text("Actions"), bars=("expected_saving",), rows=rows)


def _worded(actions: pd.DataFrame, reader: Reader) -> pd.DataFrame:
    """Write what is to be done, what gains most first."""
    shown = actions.sort_values("expected_saving", ascending=False, kind="stable")
    pairs = zip(shown["action"], shown["subject"], strict=True)
    return shown.assign(action=[_action(action, subject, reader) for action, subject in pairs])


def _action(action: str, subject: str, reader: Reader) -> str:
    """Write what is to be done: an option of the strategy, or what governing asks for of itself."""
    if action == "relieve":
        return reader.text("Relieve {name}", name=reader.word_within(subject, "resource"))
    if action == "bring_to_target":
        return reader.text("Bring {name} to target", name=reader.label_within(subject))
    return reader.word(action, "action")
