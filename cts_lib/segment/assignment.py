"""Placing customers by a stored model: by their money where it is known, by the rules of behaviour where it is not.

Where groups name the segments, it is the nearest group that places.
"""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
import pandas as pd

from cts_lib.customers.behaviour import BEHAVIOUR
from cts_lib.errors import DataError, Problems
from cts_lib.params.labels import nearest
from cts_lib.segment.facts import SALES_BEFORE
from cts_lib.segment.model import Model, complete
from cts_lib.tables import OUTPUTS
from cts_lib.tables.column import INTEGER, NUMBER
from cts_lib.tables.inputs import CUSTOMERS

_TOLD = ("customer_channel_profit", "customer_behaviour")
_KEY = "customer_id"
BY_MONEY, BY_GROUPS, BY_RULES, NOT_AT_ALL = "thresholds", "groups", "rules", "nothing known"


def assign(frame: pd.DataFrame, model: Model) -> pd.DataFrame:
    """Put customers, also new ones, into the existing segments.

    Parameters
    ----------
    frame : DataFrame
        customer_id, and whatever is known: the columns of the matrix (``net_sales``, ``gross_margin``,
        ``cost_to_serve`` …), of behaviour (``orders``, ``rush_share`` …; ``lines`` and ``quantity`` help) and of the
        customers' table. What is missing counts as usual for the groups. Where growth is the value,
        ``net_sales_before`` are the sales of the period before, 0 for a customer that is new.

    Returns
    -------
    DataFrame
        customer_id, channel, segment, value_class, cost_class, cluster, need, placed_by (``thresholds`` where the money
        is known, else ``rules``; ``groups`` where these name the segments; ``nothing known`` gets no segment),
        precision (of the rule among the customers it was found from).

    Raises
    ------
    DataError
        If there is no customer_id, or text in a number.
    """
    if _KEY not in frame:
        raise DataError("assign", f"no column {_KEY}", f"found are {', '.join(map(str, frame.columns))}")
    facts = complete(_with_numbers(frame, model))
    if "channel" not in facts:
        facts["channel"] = None
    placed = pd.DataFrame({"segment": None, "value_class": None, "cost_class": None}, index=facts.index, dtype="object")
    placed["cluster"] = model.groups.place(facts)
    placed["need"] = model.need_of(facts)
    placed["placed_by"], placed["precision"] = NOT_AT_ALL, np.nan
    if model.named_by == "groups":
        known = facts[[one.name for one in model.groups.dimensions if one.name in facts]].notna().any(axis=1)
        placed.loc[known, "segment"] = model.segments_of(placed)[known]
        placed.loc[known, "placed_by"] = BY_GROUPS
    _by_money(placed, facts, model)
    _by_rules(placed, facts, model)
    return pd.concat([facts[[_KEY, "channel"]], placed], axis=1)


def check_columns(frame: pd.DataFrame, model: Model, own: Collection[str] = ()) -> None:
    """Raise Problems for columns that nobody knows, each with the nearest known one.

    Known are what is known of customers anywhere: the columns of their table, ``own`` ones among them, their money, how
    they order, and what the model places by.
    """
    read = {one.column for rule in model.rules for one in rule.conditions} | {SALES_BEFORE}
    read |= {one.name for groups in (model.groups, model.needs) for one in groups.dimensions}
    read |= {column.name for column in CUSTOMERS.columns}
    read |= {column.name for name in _TOLD for column in OUTPUTS[name].columns}
    known = sorted({*read, *own, *BEHAVIOUR, *([model.matrix.strategic] if model.matrix.strategic else [])})
    wrong = [str(name) for name in frame if name not in known]
    if wrong:
        raise Problems([DataError(f"assign, column {name}", "unknown", nearest(name, known)) for name in wrong])


def _with_numbers(frame: pd.DataFrame, model: Model) -> pd.DataFrame:
    """Return the frame with numbers for the texts of columns that are numbers."""
    read = {one.column for rule in model.rules for one in rule.conditions} | {SALES_BEFORE, *BEHAVIOUR}
    read |= {one.name for groups in (model.groups, model.needs) for one in groups.dimensions if not one.values}
    read |= {column.name for name in _TOLD for column in OUTPUTS[name].columns if column.kind in (INTEGER, NUMBER)}
    texts = [name for name in frame if name in read and not pd.api.types.is_numeric_dtype(frame[name])]
    numbers = {name: pd.to_numeric(frame[name], errors="coerce") for name in texts}
    for name, each in numbers.items():
        is_empty = frame[name].isna() | (frame[name].astype("str").str.strip() == "")
        wrong = frame.loc[(each.isna() & ~is_empty).to_numpy(), name]
        if len(wrong):
            raise DataError(f"assign, column {name}", f"{wrong.iloc[0]!r} is no number", "a number, or nothing")
    return frame.assign(**numbers)


def _by_money(placed: pd.DataFrame, facts: pd.DataFrame, model: Model) -> None:
    try:
        measures = model.measures(facts)
    except KeyError:  # a column that a measure is made of is not in the frame at all
        return
    known = measures.notna().all(axis=1)
    if not known.any():
        return
    through = model.place(facts[known])
    placed.loc[known, ["value_class", "cost_class"]] = through[["value_class", "cost_class"]]
    if model.named_by == "matrix":
        placed.loc[known, "segment"] = through["segment"]
        placed.loc[known, "placed_by"] = BY_MONEY


def _by_rules(placed: pd.DataFrame, facts: pd.DataFrame, model: Model) -> None:
    for rule in sorted(model.rules, key=lambda rule: -rule.precision):
        if all(one.column in facts for one in rule.conditions):
            held = rule.holds(facts) & (placed["placed_by"] == NOT_AT_ALL).to_numpy()
            for column, value in (("segment", rule.segment), ("placed_by", BY_RULES), ("precision", rule.precision)):
                placed.loc[held, column] = value
