"""How customers are put into segments: the axes and cuts of the matrix, the needs, the groups, and what is kept."""

from __future__ import annotations

import difflib
from itertools import pairwise
from typing import Annotated, Literal

from annotated_types import Unit
from pydantic import Field, field_validator, model_validator

from cts_lib.errors import ParamsError
from cts_lib.levers.settings import Identifier
from cts_lib.names import ALL, NONE
from cts_lib.params.cost_model import Model, Money, Share
from cts_lib.params.period import Period

Inner = Annotated[float, Field(gt=0, lt=1), Unit("share")]
Variation = Annotated[float, Field(gt=0)]
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

    value: Literal["gross_margin", "net_sales", "profit", "gross_margin_share", "growth", "channel_share"] = Field(
        default="gross_margin",
        description="What is valued: money of the period, a share, growth since the period before, or the share of the "
        "channel's sales.",
    )
    cost: Literal["cost_to_serve_share", "cost_to_serve", "cost_to_serve_of_margin"] = Field(
        default="cost_to_serve_share", description="Cost to serve as a share of sales or of margin, or in money."
    )
    value_quantile: tuple[Inner, ...] = Field(
        default=(0.5,),
        description="Share of all customers, each counted in each of its channels, at which a class of value begins.",
    )
    cost_quantile: tuple[Inner, ...] = Field(default=(0.5,), description="The same for classes of cost.")
    value_threshold: tuple[Money, ...] | None = Field(
        default=None, description="Money (or shares) at which classes of value begin, instead of quantiles."
    )
    cost_threshold: tuple[Money, ...] | None = Field(default=None, description="The same for classes of cost.")
    value_abc: Literal["money", "customers"] | None = Field(
        default=None, description="Classes C, B, A of value instead, by share of the money or of the customers."
    )
    cost_abc: Literal["money", "customers"] | None = Field(default=None, description="The same for classes of cost.")
    abc_money: tuple[Inner, Inner] = Field(
        default=(0.8, 0.95), description="Shares of the money: A brings the first, A and B the second."
    )
    abc_customers: tuple[Inner, Inner] = Field(
        default=(0.2, 0.5), description="Shares of the customers, the highest first: A the first, A and B the second."
    )
    xyz: tuple[Variation, Variation] = Field(
        default=(0.5, 1.0), description="Coefficients of variation: X up to the first, Z beyond the second."
    )
    xyz_bucket: Literal["week", "month", "auto"] = Field(
        default="auto",
        description="In which buckets of time X, Y and Z look at demand; auto: the shortest in which the median "
        "customer that ordered did so at least once on average.",
    )
    strategic: str | None = Field(
        default=None, description="Customer column; 1, true or yes counts as the highest class of value."
    )
    names: dict[str, str] = Field(
        default={}, description="Names of fields by value class_cost class, as in {high_low: Passive}."
    )
    named_by: Literal["matrix", "groups"] = Field(default="matrix", description="Which names the segments.")
    needs: tuple[str, ...] = Field(
        default=("agreed_lead_time_days", "rush_share", "order_value"),
        description="Columns by which a field is split where needs are stable.",
    )
    smallest_split: Annotated[int, Field(ge=1), Unit("customers")] = Field(
        default=50, description="Customers that each part of a split field has at least."
    )
    dimensions: tuple[str, ...] | None = Field(
        default=None, description="Columns of the groups; null: behaviour and all customer columns but places."
    )
    attribute_weight: Annotated[float, Field(gt=0, le=1)] = Field(
        default=0.5, description="Weight of a customer column against a figure of behaviour."
    )
    group_names: dict[Annotated[int, Field(ge=1, le=12)], str] = Field(
        default={}, description="Names of groups by number; else what sets a group apart."
    )
    max_clusters: Annotated[int, Field(ge=2, le=12)] = Field(default=8, description="Groups tried at the most.")
    smallest_share: Annotated[float, Field(ge=0, lt=0.5), Unit("share")] = Field(
        default=0.03, description="Share of the customers below which a group is dissolved."
    )
    least_stability: Share = Field(
        default=0.6, description="Jaccard similarity among resampled customers below which a group is dissolved."
    )
    outlier_distance: Annotated[float, Field(gt=1)] = Field(
        default=3.0, description="Times the median member's distance from which a customer is an outlier."
    )
    bootstraps: Annotated[int, Field(ge=1, le=500)] = Field(
        default=25, description="Times customers are drawn again for the stability of segments and groups."
    )
    keep_from: Identifier | None = Field(
        default=None, description="Period whose segments later ones keep; null: each draws its own."
    )
    seed: Annotated[int, Field(ge=0)] = Field(default=7, description="Seed of groups and draws.")

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

    @field_validator("names", "group_names")
    @classmethod
    def _no_total(cls, names: dict[str | int, str]) -> dict[str | int, str]:
        for name in names.values():
            if name in (ALL, NONE):
                raise ValueError(f"{name!r} is no name: it stands for totals or for nothing")
        return names

    @field_validator("keep_from")
    @classmethod
    def _a_period(cls, text: str | None) -> str | None:
        if text is not None:
            try:
                Period.parse(text)
            except ParamsError as error:
                raise ValueError(f"{error.problem}; {error.expected}") from error
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
