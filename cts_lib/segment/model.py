"""What places a customer, old or new: the matrix, the needs, the groups and the rules, as a table of JSON.

No pickle: the table ``segment_model`` has one row a part, which any program can read.
"""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cts_lib.customers.behaviour import BEHAVIOUR
from cts_lib.measures import of, ratio
from cts_lib.names import NONE
from cts_lib.segment.dimensions import Frozen
from cts_lib.segment.facts import measure
from cts_lib.segment.groups import Groups
from cts_lib.segment.matrix import Matrix
from cts_lib.segment.names import JOINT, OUTLIER, Traits, in_words

_YES = frozenset({"1", "1.0", "true", "yes", "y", "strategic"})


class Condition(Frozen):
    """A column's value above, or not above, a cut."""

    column: str
    above: bool
    cut: float


class Rule(Frozen):
    """Conditions on behaviour that most often mean a segment."""

    segment: str
    conditions: tuple[Condition, ...]
    precision: float

    def holds(self, frame: pd.DataFrame) -> NDArray[np.bool_]:
        """Return for whom all conditions hold; a customer of whom a column is unknown is not one of them."""
        held = np.ones(len(frame), dtype=bool)
        for one in self.conditions:
            values = frame[one.column].to_numpy("float64", na_value=np.nan)
            held &= (values > one.cut) if one.above else (values <= one.cut)
        return held


class Model(Frozen):
    """Everything that placing needs, and ``composed``, what the names of segments, needs and groups are made of.

    ``split`` names the segments that are told apart by needs.
    """

    period: str
    named_by: str
    matrix: Matrix
    needs: Groups
    need_names: dict[int, str]
    split: tuple[str, ...]
    groups: Groups
    group_names: dict[int, str]
    rules: tuple[Rule, ...] = ()
    channel_sales: dict[str, float] = {}
    composed: dict[str, Traits] = {}

    def table(self) -> pd.DataFrame:
        """Return the table ``segment_model``: part, value (JSON)."""
        parts = json.loads(self.model_dump_json())
        rows = [(name, json.dumps(value, ensure_ascii=False)) for name, value in parts.items()]
        return pd.DataFrame(rows, columns=["part", "value"])

    @classmethod
    def read(cls, table: pd.DataFrame) -> Model:
        """Return the model that a table ``segment_model`` holds."""
        values = dict(zip(table["part"], table["value"], strict=True))
        return cls.model_validate({name: json.loads(value) for name, value in values.items()})

    def measures(self, facts: pd.DataFrame, sales_before: pd.Series | None = None) -> pd.DataFrame:
        """Return value and cost of each customer in the measures of the matrix."""
        value, cost = self.matrix.value.measure, self.matrix.cost.measure
        return pd.DataFrame(
            {
                "value": measure(value, facts, sales_before, self.channel_sales),
                "cost": measure(cost, facts, sales_before, self.channel_sales),
            }
        )

    def place(self, facts: pd.DataFrame, sales_before: pd.Series | None = None) -> pd.DataFrame:
        """Return segment, value_class, cost_class, cluster and need of customers whose money is known."""
        strategic = strategic_of(facts, self.matrix.strategic)
        placed = self.matrix.place(self.measures(facts, sales_before), strategic)
        placed["cluster"] = self.groups.place(facts)
        placed["need"] = self.need_of(facts)
        placed["segment"] = self.segments_of(placed)
        return placed

    def need_of(self, facts: pd.DataFrame) -> pd.Series:
        """Return the name of each customer's needs."""
        return in_words(pd.Series(self.needs.place(facts), index=facts.index), self.need_names, NONE)

    def segments_of(self, placed: pd.DataFrame) -> pd.Series:
        """Return the name of each customer's segment from its place in the matrix, its need and its group."""
        if self.named_by == "groups":
            return in_words(placed["cluster"], self.group_names, OUTLIER)
        split = placed["segment"].isin(self.split) & (placed["need"] != NONE)
        return placed["segment"].where(~split, placed["segment"] + JOINT + placed["need"])


def strategic_of(facts: pd.DataFrame, column: str | None) -> NDArray[np.bool_]:
    """Return who is marked as strategic: 1, true, yes or strategic."""
    if column is None or column not in facts:
        return np.zeros(len(facts), dtype=bool)
    return facts[column].astype("str").str.lower().isin(_YES).to_numpy()


def complete(frame: pd.DataFrame) -> pd.DataFrame:
    """Return customers with what follows from the columns they have; what stays unknown is missing.

    A new customer may be known by a few figures: orders, net_sales and lines give order_value and lines_per_order.
    """
    facts = frame.copy()
    sold = {f"sold_{name}": facts[name] for name in ("lines", "quantity") if name in facts}
    sums = facts.assign(**{name: values for name, values in sold.items() if name not in facts})
    for name in ("order_value", "lines_per_order", "quantity_per_line"):
        if name not in facts and {of(name).part, of(name).whole} <= set(sums):
            facts[name] = ratio(sums, name)
    if "profit" not in facts and {"gross_margin", "cost_to_serve"} <= set(facts):
        facts["profit"] = facts["gross_margin"] - facts["cost_to_serve"]
    for name in BEHAVIOUR:
        if name not in facts:
            facts[name] = np.nan
    return facts
