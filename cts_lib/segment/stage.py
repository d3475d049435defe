"""Segment: the customer segmentation matrix, value against cost to serve, one segment per customer and channel.

Reads the costed period and, for growth, migration and drift, the one before; writes ``tables/segment.py``'s tables.
Methods and sources stand in the modules beside this one: ``matrix``, ``needs``, ``groups``, ``classes``, ``rules``,
``cards``, ``migration``, ``drift``.
"""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd
from sklearn.metrics import adjusted_rand_score

from cts_lib.costing.costed import Costed
from cts_lib.customers.behaviour import BEHAVIOUR
from cts_lib.errors import CtsError, EmptyPeriod
from cts_lib.names import ALL, CUSTOMER
from cts_lib.notes import Note, amount, counted, measures, names_in_words
from cts_lib.params import UnitParams
from cts_lib.params.period import Period
from cts_lib.params.segmentation import Segmentation
from cts_lib.segment.cards import segment_cards
from cts_lib.segment.classes import customer_classes
from cts_lib.segment.drift import drift
from cts_lib.segment.facts import attributes_of, channel_sales, facts_of, measure, sales_of
from cts_lib.segment.groups import CHOICE, Grouping, Groups, find_groups, notes_of
from cts_lib.segment.matrix import draw_matrix, matrix_table, stability
from cts_lib.segment.migration import COLUMNS as MIGRATION
from cts_lib.segment.migration import churn, health, migration, mistakes, sides
from cts_lib.segment.model import Model, strategic_of
from cts_lib.segment.names import OUTLIER, composed, field_names, in_words, names_of, names_table, traits_of_groups
from cts_lib.segment.needs import find_needs, find_splits
from cts_lib.segment.rules import find_rules, rules_table
from cts_lib.stage import Inputs, StageResult, Tables, why_not


@dataclass(frozen=True)
class Placed:
    """The customers of a period in their segments, with what placed them."""

    facts: pd.DataFrame
    places: pd.DataFrame
    model: Model
    choice: pd.DataFrame
    notes: list[Note]

    @property
    def segments(self) -> pd.DataFrame:
        return pd.concat([self.facts[CUSTOMER], self.places], axis=1)


def run(inputs: Inputs, unit: UnitParams) -> StageResult:
    """Put every customer and channel into a segment, and those of the period before as they were then.

    State ``segments_before`` holds the latter: customer_id, channel, segment; no rows without a period before.
    """
    costed, params = Costed.of(inputs.results["profile"]), unit.params.segmentation
    before = Costed.of(inputs.before) if isinstance(inputs.before, StageResult) else None
    kept = Model.read(inputs.kept) if isinstance(inputs.kept, pd.DataFrame) else None
    tables, notes = segment(costed, params, inputs.period, before, kept)
    if isinstance(inputs.kept, CtsError):
        notes.append(
            Note(
                "The segments of {period} could not be computed to be kept ({reason}); this period has its own.",
                {"period": params.keep_from} | why_not(inputs.kept),
            )
        )
    if isinstance(inputs.before, CtsError) and not isinstance(inputs.before, EmptyPeriod):
        values = {"period": str(inputs.period.previous)} | why_not(inputs.before)
        notes.append(Note("{period} could not be costed to compare with: {reason}.", values))
    earlier = pd.DataFrame(columns=[*CUSTOMER, "segment"], dtype="str")
    if before is not None:
        placed = place(before, params, inputs.period.previous, None, kept, params.named_by == "groups")
        earlier = placed.segments[[*CUSTOMER, "segment"]]
    return StageResult(tables, notes, {"segments_before": earlier})


def segment(
    costed: Costed, params: Segmentation, period: Period, before: Costed | None = None, kept: Model | None = None
) -> tuple[Tables, list[Note]]:
    """Put every customer and channel into a segment; return the stage's tables and its notes.

    Parameters
    ----------
    costed, before : Costed
        The period and, if it can be costed, the one before it.
    kept : Model, optional
        What placed the customers of an earlier period, to place these alike (``segmentation.keep_from``).
    """
    placed = place(costed, params, period, before, kept)
    facts, model = placed.facts, placed.model
    segments = placed.segments
    segments["stability"] = _stability(placed, params, before)
    segments["strategic"] = strategic_of(facts, model.matrix.strategic)
    service = [str(name) for name in costed.customer_sums if str(name).endswith(("_lines", "_days"))]
    rows = facts[[*CUSTOMER, "net_sales", "gross_margin", "cost_to_serve", "profit"]].merge(
        costed.customer_sums[[*CUSTOMER, *service]], on=CUSTOMER, how="left"
    )
    rows["segment"] = placed.places["segment"]
    classes, class_notes = customer_classes(facts, costed.demand, costed.paced, period, params)
    matrix = model.matrix if model.named_by == "matrix" else None
    tables = {
        "segments": segments,
        "segment_names": names_table(model.composed),
        "segment_matrix": matrix_table(rows),
        "segment_rules": rules_table(segments, facts, model.measures(facts, sales_of(before)), matrix, model.rules),
        "segment_cards": segment_cards(placed.places, facts, costed),
        "segment_groups_choice": placed.choice,
        "segment_cross": _cross(placed),
        "customer_classes": classes,
        "segment_drivers": costed.drivers.usual(costed.tables["customer_channel_profit"], segments),
        "segment_mistakes": mistakes(facts, placed.places["segment"]),
        "segment_model": model.table(),
        "rival_segments": _rival_segments(placed, costed, params, before, kept is not None),
    }
    then, then_notes = _compared(placed, params, period, before)
    return tables | then, [*placed.notes, *class_notes, *then_notes]


def place(
    costed: Costed,
    params: Segmentation,
    period: Period,
    before: Costed | None = None,
    kept: Model | None = None,
    with_groups: bool = True,
) -> Placed:
    """Put every customer and channel into its segment, without the tables that explain it."""
    facts = facts_of(costed)
    growing = params.value == "growth"
    notes = []
    if growing and before is None:
        params = params.model_copy(update={"value": "gross_margin"})
        notes.append(
            Note("Growth needs the period before, which could not be costed; value is the gross margin instead.")
        )
    if kept is not None and (kept.matrix.value.measure == "growth") <= (before is not None):
        model = kept.model_copy(update={"channel_sales": channel_sales(facts)})
        notes.append(Note("The segments are those of {period}, kept as they were.", {"period": kept.period}))
        places = model.place(facts, sales_of(before))
        return Placed(facts, places, model, pd.DataFrame(columns=[*CHOICE]), notes + _cuts(model))
    names = list(params.dimensions or [*BEHAVIOUR, *attributes_of(facts, costed), "channel"])
    absent = [name for name in names if name not in facts]
    if absent:
        notes.append(
            Note(
                "The customers have no {dimensions}, which segmentation.dimensions names.",
                {"dimensions": names_in_words("dimension", absent)},
            )
        )
    names = [name for name in names if name in facts]
    grouping = find_groups(facts, names, params, params.max_clusters) if with_groups else _no_groups(facts, params)
    needs, need_traits = find_needs(facts, params)
    group_traits = traits_of_groups(facts, grouping.groups.dimensions, grouping.labels, params.group_names)
    model = Model(
        period=str(period),
        named_by=params.named_by if grouping.groups.count > 1 else "matrix",
        matrix=draw_matrix(_measures(facts, params, before), params, field_names(params)),
        needs=needs.groups,
        need_names=names_of(need_traits),
        split=(),
        groups=grouping.groups,
        group_names=names_of(group_traits),
        channel_sales=channel_sales(facts),
    )
    places = model.place(facts, sales_of(before))
    if model.named_by == "matrix":
        split, split_notes = find_splits(places["segment"], places["need"], params)
        model = model.model_copy(update={"split": split})
        places["segment"] = model.segments_of(places)
    else:
        split_notes = [Note("segmentation.named_by lets the groups name the segments; the matrix stands beside them.")]
    rules = find_rules(places["segment"], facts, names, params)
    parts = composed(params, model.split, need_traits.values(), group_traits.values())
    model = model.model_copy(update={"rules": rules, "composed": parts})
    notes += [*_cuts(model), *_strategic(facts, params), *split_notes]
    if with_groups:
        notes += [*notes_of(grouping), *_agreement(places)]
    if params.named_by == "groups" and model.named_by == "matrix":
        notes.append(Note("There are no groups to name the segments, so the matrix does."))
    return Placed(facts, places, model, grouping.choice, notes)


def _no_groups(facts: pd.DataFrame, params: Segmentation) -> Grouping:
    groups = Groups(outlier_distance=params.outlier_distance)
    return Grouping(groups, groups.place(facts), pd.DataFrame(columns=CHOICE), [])


def _measures(facts: pd.DataFrame, params: Segmentation, before: Costed | None) -> pd.DataFrame:
    sales, channels = sales_of(before), channel_sales(facts)
    return pd.DataFrame(
        {axis: measure(name, facts, sales, channels) for axis, name in (("value", params.value), ("cost", params.cost))}
    )


def _stability(placed: Placed, params: Segmentation, before: Costed | None) -> pd.Series:
    model, facts = placed.model, placed.facts
    axes = model.measures(facts, sales_of(before))
    strategic = strategic_of(facts, model.matrix.strategic)
    placed_in = model.matrix.fields(axes, strategic)
    drawn = params.model_copy(update={"value": model.matrix.value.measure})
    return pd.Series(stability(axes, strategic, placed_in, drawn, model.matrix), index=facts.index)


def _cuts(model: Model) -> list[Note]:
    value, cost = model.matrix.value, model.matrix.cost
    values = {
        "value": measures(value.cuts, value.measure),
        "value_axis": names_in_words("measure", [value.measure]),
        "cost": measures(cost.cuts, cost.measure),
        "cost_axis": names_in_words("measure", [cost.measure]),
    }
    if len(value.cuts) == len(cost.cuts) == 1:
        note = Note(
            "A customer is high in value from {value} on ({value_axis}) and high in cost to serve from {cost} on "
            "({cost_axis}), per channel and period.",
            values,
        )
    else:
        note = Note(
            "Value ({value_axis}) is cut at {value}, cost to serve ({cost_axis}) at {cost}, per customer, channel and "
            "period.",
            values,
        )
    return [note]


def _strategic(facts: pd.DataFrame, params: Segmentation) -> list[Note]:
    if params.strategic is None:
        return []
    if params.strategic not in facts:
        return [
            Note(
                "The customers have no column {column}, so that nobody counts as strategic.",
                {"column": params.strategic},
            )
        ]
    count = int(facts.loc[strategic_of(facts, params.strategic), "customer_id"].nunique())
    return [
        counted(
            "{count} customer is marked as strategic and counts as high in value whatever it brings.",
            "{count} customers are marked as strategic and count as high in value whatever they bring.",
            {"count": count},
        )
    ]


def _agreement(places: pd.DataFrame) -> list[Note]:
    if places["cluster"].nunique() < 2 or places["segment"].nunique() < 2:
        return []
    rand = float(adjusted_rand_score(places["segment"], places["cluster"]))
    return [
        Note(
            "Groups and segments agree with an adjusted Rand index of {rand} (1: the same, 0: no more than chance): "
            "groups tell how customers buy, the matrix what they are worth.",
            {"rand": amount(rand, "decimal")},
        )
    ]


def _cross(placed: Placed) -> pd.DataFrame:
    """Return ``segment_cross``: how many customers, in each of their channels, of each segment are in each group."""
    keyed = placed.places.groupby(["segment", "cluster"]).size().rename("customers").reset_index()
    total = keyed.groupby("segment")["customers"].transform("sum")
    keyed.insert(2, "group", in_words(keyed["cluster"], {1: ALL, **placed.model.group_names}, OUTLIER))
    keyed["share_of_segment"] = keyed["customers"] / total
    return keyed


def _rival_segments(
    placed: Placed, costed: Costed, params: Segmentation, before: Costed | None, kept: bool
) -> pd.DataFrame:
    """Return each customer's place in the matrix that a rival method's cost would have drawn, cuts included."""
    model, facts = placed.model, placed.facts
    drawn = params.model_copy(update={"value": model.matrix.value.measure})
    parts = []
    for method, rival in costed.rivals.groupby("method", sort=False):
        costs = facts.drop(columns=["cost_to_serve", "profit"]).merge(rival, on=CUSTOMER, validate="one_to_one")
        axes = model.measures(costs, sales_of(before))
        matrix = model.matrix if kept else draw_matrix(axes, drawn, model.matrix.names)
        places = matrix.place(axes, strategic_of(costs, matrix.strategic))
        places["need"] = placed.places["need"]
        places["segment"] = model.model_copy(update={"named_by": "matrix"}).segments_of(places)
        parts.append(pd.concat([facts[CUSTOMER].assign(method=method), places.drop(columns="need")], axis=1))
    classes = ["value_class", "cost_class"]
    for part in parts:
        part["changes_class"] = (part[classes] != parts[0][classes]).any(axis=1)
    return pd.concat(parts, ignore_index=True)


def _compared(placed: Placed, params: Segmentation, period: Period, before: Costed | None) -> tuple[Tables, list[Note]]:
    """Return migration, drift and health against the period before; empty, with the reason, where there is none."""
    facts, model = placed.facts, placed.model
    nothing: Tables = {
        "segment_migration": pd.DataFrame(columns=MIGRATION),
        "segment_drift": pd.DataFrame(columns=["dimension", "psi", "chance", "verdict"]),
        "segment_health": pd.DataFrame(columns=["check", "value", "limit", "passed"]),
    }
    if before is None or before.tables["customer_channel_profit"].empty:
        return nothing, [
            Note(
                "There is no period before {period} to compare with: no migration and no drift is told.",
                {"period": str(period)},
            )
        ]
    earlier = facts_of(before)
    dimensions = model.groups.dimensions
    tables = nothing | {"segment_drift": drift(facts, earlier, dimensions)}
    if model.matrix.value.measure == "growth":
        return tables, [Note("Who moved is not told: the growth of the period before would need the one before that.")]
    model_before = model.model_copy(update={"channel_sales": channel_sales(earlier)})
    then = model_before.place(earlier)
    tables["segment_migration"] = migration(sides(facts, placed.places), sides(earlier, then), model)
    drawn = params.model_copy(update={"value": model.matrix.value.measure})
    matrix_before = draw_matrix(model_before.measures(earlier), drawn, model.matrix.names)
    tables["segment_health"], advice = health(
        facts, earlier, placed.places, model, matrix_before, tables["segment_drift"], params.seed
    )
    moved = amount(churn(tables["segment_migration"]), "percent")
    return tables, [
        advice,
        Note(
            "Of the customers of both periods, counted in each of their channels, {moved} changed segment since "
            "{before}, measured with today's cuts.",
            {"moved": moved, "before": str(period.previous)},
        ),
    ]
