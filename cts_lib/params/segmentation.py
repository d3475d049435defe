"""How customers are put into segments: the axes and cuts of the matrix, the needs, the groups, and what is kept."""

from __future__ import annotations

import difflib
from itertools import pairwise
from typing import Annotated, Literal

from pydantic import Field, field_validator, model_validator

from cts_lib.errors import ParamsError
from cts_lib.params.cost_model import Model, Money
from cts_lib.params.period import Period

Inner = Annotated[float, Field(gt=0, lt=1)]
Axis = Literal["value", "cost"]
MOST_CLASSES = 5
LEVELS: dict[int, tuple[str, ...]] = {
    1: ("low",),
    2: ("low", "high"),
    3: ("low", "middle", "high"),
    4: ("lowest", "low", "high", "highest"),
    5: ("lowest", "low", "middle", "high", "highest"),
}
"""Names of the classes of an axis, from the lowest to the highest, by their number."""
SHAPIRO = {
    "high_low": "Passive",
    "high_high": "Carriage trade",
    "low_low": "Bargain basement",
    "low_high": "Aggressive",
}
"""Fields of the matrix by value and cost to serve: Shapiro and others, Manage Customers for Profits, 1987."""
ABC = ("C", "B", "A")
"""Names of the classes where an axis is cut by ABC, from the lowest to the highest."""


def _cuts(value: object) -> object:
    """A bare number is a list of one cut."""
    return (value,) if isinstance(value, int | float) and not isinstance(value, bool) else value


class Segmentation(Model):
    """How customers are put into segments.

    ``*_quantile`` and ``*_threshold`` are one cut or several in rising order; n cuts make n + 1 classes.
    """

    value: Literal["gross_margin", "net_sales", "profit", "gross_margin_share", "growth", "channel_share"] = (
        "gross_margin"
    )
    cost: Literal["cost_to_serve_share", "cost_to_serve", "cost_to_serve_of_margin"] = "cost_to_serve_share"
    value_quantile: tuple[Inner, ...] = (0.5,)
    cost_quantile: tuple[Inner, ...] = (0.5,)
    value_threshold: tuple[Money, ...] | None = None
    cost_threshold: tuple[Money, ...] | None = None
    value_abc: Literal["money", "customers"] | None = None
    cost_abc: Literal["money", "customers"] | None = None
    abc_money: tuple[Inner, Inner] = (0.8, 0.95)
    abc_customers: tuple[Inner, Inner] = (0.2, 0.5)
    xyz: tuple[Annotated[float, Field(gt=0)], Annotated[float, Field(gt=0)]] = (0.5, 1.0)
    strategic: str | None = None
    names: dict[str, str] = {}
    named_by: Literal["matrix", "groups"] = "matrix"
    needs: tuple[str, ...] = ("agreed_lead_time_days", "rush_share", "order_value")
    smallest_split: Annotated[int, Field(ge=1)] = 50
    dimensions: tuple[str, ...] | None = None
    attribute_weight: Annotated[float, Field(gt=0, le=1)] = 0.5
    group_names: dict[Annotated[int, Field(ge=1, le=12)], str] = {}
    max_clusters: Annotated[int, Field(ge=2, le=12)] = 8
    smallest_share: Annotated[float, Field(ge=0, lt=0.5)] = 0.03
    least_stability: Annotated[float, Field(ge=0, le=1)] = 0.6
    outlier_distance: Annotated[float, Field(gt=1)] = 3.0
    bootstraps: Annotated[int, Field(ge=1, le=500)] = 25
    keep_from: str | None = None
    seed: Annotated[int, Field(ge=0)] = 7

    @field_validator("value_quantile", "cost_quantile", "value_threshold", "cost_threshold", mode="before")
    @classmethod
    def _one_or_several(cls, value: object) -> object:
        return _cuts(value)

    @field_validator(
        "value_quantile", "cost_quantile", "value_threshold", "cost_threshold", "abc_money", "abc_customers", "xyz"
    )
    @classmethod
    def _rising(cls, cuts: tuple[float, ...] | None) -> tuple[float, ...] | None:
        if cuts is not None and not 1 <= len(cuts) < MOST_CLASSES:
            raise ValueError(f"{len(cuts)} cuts; give from 1 to {MOST_CLASSES - 1}")
        if cuts is not None and any(later <= earlier for earlier, later in pairwise(cuts)):
            raise ValueError(f"{', '.join(map(str, cuts))} do not rise; write them from the lowest to the highest")
        return cuts

    @field_validator("keep_from")
    @classmethod
    def _a_period(cls, text: str | None) -> str | None:
        if text is not None:
            try:
                Period.parse(text)
            except ParamsError as error:
                raise ValueError(f"{error.found}; {error.expected}") from error
        return text

    @model_validator(mode="after")
    def _known_fields(self) -> Segmentation:
        known = [f"{value}_{cost}" for value in self.classes("value") for cost in self.classes("cost")]
        for key in self.names:
            if key not in known:
                near = difflib.get_close_matches(key, known, 1, 0) or known[:1]
                raise ValueError(
                    f"names has the unknown key {key!r}; did you mean {near[0]}? Known: {', '.join(known)}"
                )
        return self

    def classes(self, axis: Axis) -> tuple[str, ...]:
        """Return the names of an axis's classes from the lowest to the highest."""
        if (self.value_abc if axis == "value" else self.cost_abc) is not None:
            return ABC
        threshold = self.value_threshold if axis == "value" else self.cost_threshold
        cuts = threshold or (self.value_quantile if axis == "value" else self.cost_quantile)
        return LEVELS[len(cuts) + 1]
