"""The tables of stage segment: the matrix, the groups beside it, how a segment is recognised, and who moved."""

from __future__ import annotations

from dataclasses import replace

from cts_lib.tables.column import BOOLEAN, INTEGER, NUMBER, TEXT, Column
from cts_lib.tables.shared import (
    CELL_OR_ALL,
    CUSTOMER,
    CUSTOMERS,
    LINES,
    NAME,
    NET_SALES,
    RESULT,
    RUSH_SHARE,
    SEGMENT,
    SERVICE,
)
from cts_lib.tables.table import Table

_CLASSES = (
    Column("value_class", TEXT, "Class of value: low or high, or as many as there are cuts; A, B, C by ABC."),
    Column("cost_class", TEXT, "Class of cost to serve, likewise."),
)
_CLUSTER = Column("cluster", INTEGER, "Number of the group in all dimensions; 0 for outliers.")
_IN_CHANNELS = replace(CUSTOMERS, meaning="Customers, counted in each of their channels.")

TABLES = (
    Table(
        "segments",
        "segment",
        "The segment of each customer in each channel.",
        (
            *CUSTOMER,
            SEGMENT,
            *_CLASSES,
            _CLUSTER,
            Column("need", TEXT, "The customer's service needs; `(none)` where none stand out."),
            Column("stability", NUMBER, "How often it keeps its classes when the cuts are drawn again.", "share"),
            Column("strategic", BOOLEAN, "Whether it is marked as strategic and counts as high in value."),
        ),
    ),
    Table(
        "segment_names",
        "segment",
        "What the name of a segment, need or group is made of, where it is made of traits: a row a trait.",
        (
            Column("name", TEXT, "The name as other tables have it."),
            Column("place", INTEGER, "Place of the trait in the name, from 1."),
            Column("dimension", TEXT, "The dimension; `segment` where the part is a name itself."),
            Column("level", TEXT, "How much of a number, as low or high.", null=True),
            Column("value", TEXT, "Value of a category, or the name that the part is.", null=True),
        ),
    ),
    Table(
        "segment_matrix",
        "segment",
        "Money and service per segment and channel.",
        (*CELL_OR_ALL, CUSTOMERS, *RESULT, *SERVICE),
        totals=True,
    ),
    Table(
        "segment_rules",
        "segment",
        "How a segment is recognised, by its cuts and by behaviour alone: a row a condition of a rule.",
        (
            SEGMENT,
            Column("rule", INTEGER, "Number of the rule in its segment; all conditions of a rule hold together."),
            Column("dimension", TEXT, "The dimension that the condition looks at."),
            Column("comparison", TEXT, "`<`, `<=`, `>`, `>=` or `=`."),
            Column("cut", NUMBER, "What a number is held to, in the dimension's unit.", null=True),
            Column("value", TEXT, "What a word is held to; `true` or `false` of `strategic`.", null=True),
            Column("coverage", NUMBER, "Share of the segment that the rule finds.", "share"),
            Column("precision", NUMBER, "Share of those that the rule finds that are of the segment.", "share"),
        ),
    ),
    Table(
        "segment_cards",
        "segment",
        "Each segment on a card.",
        (
            SEGMENT,
            CUSTOMERS,
            Column("share_of_customers", NUMBER, "Share of all customers.", "share"),
            Column("orders", NUMBER, "Orders.", "count"),
            replace(LINES, kind=NUMBER),
            NET_SALES,
            Column("share_of_sales", NUMBER, "Share of all net sales.", "share", True),
            *RESULT[1:],
            Column("cost_to_serve_share", NUMBER, "Cost to serve over net sales.", "share", True),
            Column("profit_margin", NUMBER, "Profit over net sales.", "share", True),
            Column("orders_per_customer", NUMBER, "Orders a customer.", "count"),
            Column("order_value", NUMBER, "Net sales an order.", "money", True),
            *SERVICE,
            RUSH_SHARE,
            Column("family", TEXT, "Product family of the most net sales.", null=True),
            Column("family_share", NUMBER, "Its share of the segment's net sales.", "share", True),
            Column("activity", TEXT, "Costliest activity.", null=True),
            Column("activity_share", NUMBER, "Its share of the segment's cost to serve.", "share", True),
            Column("need", TEXT, "Most frequent service needs.", null=True),
            Column("need_share", NUMBER, "Share of the customers that have them.", "share", True),
            Column("trait", TEXT, "Figure that differs most from everybody's.", null=True),
            Column(
                "trait_value", NUMBER, "What it is of the segment; its mean where it is no ratio of sums.", null=True
            ),
            Column("trait_of_all", NUMBER, "The same of all customers.", null=True),
            Column("attribute", TEXT, "Category with the most over-represented value.", null=True),
            Column("attribute_value", TEXT, "That value.", null=True),
            Column("attribute_share", NUMBER, "Share of the segment's customers that have it.", "share", True),
            Column("attribute_share_of_all", NUMBER, "Share of all customers that have it.", "share", True),
            Column("customer_id", TEXT, "The most typical customer (medoid)."),
            NAME,
        ),
    ),
    Table(
        "segment_groups_choice",
        "segment",
        "Numbers of groups that were tried, and which was chosen.",
        (
            Column("method", TEXT, "k-means or mixture."),
            Column("tried", INTEGER, "Number of groups that was tried.", "count"),
            Column("groups", INTEGER, "Groups left after unstable and small ones were dissolved.", "count"),
            Column("silhouette", NUMBER, "Mean silhouette: how apart the groups are, −1 to 1.", null=True),
            Column("standard_error", NUMBER, "Standard error of the silhouette.", null=True),
            Column("jaccard", NUMBER, "Mean Jaccard similarity among resampled customers.", "share"),
            Column("jaccard_deviation", NUMBER, "Its standard deviation over resamples.", "share"),
            Column("smallest_share", NUMBER, "Share of the customers of the smallest group.", "share", True),
            Column("chosen", BOOLEAN, "Whether it was chosen."),
        ),
    ),
    Table(
        "segment_cross",
        "segment",
        "How many customers of each segment are in each group.",
        (
            SEGMENT,
            _CLUSTER,
            Column("group", TEXT, "What sets the group apart, or its name from params."),
            _IN_CHANNELS,
            Column("share_of_segment", NUMBER, "Their share of the segment.", "share"),
        ),
    ),
    Table(
        "customer_classes",
        "segment",
        "ABC by both conventions, XYZ, and recency, frequency and money in fifths.",
        (
            *CUSTOMER,
            Column("abc_money", TEXT, "A, B or C by share of the money."),
            Column("abc_customers", TEXT, "A, B or C by share of the customers."),
            Column("variation", NUMBER, "Coefficient of variation of demand over the buckets of XYZ.", null=True),
            Column("xyz", TEXT, "X steady, Y varying or Z erratic demand.", null=True),
            Column("abc_xyz", TEXT, "ABC by money with XYZ.", null=True),
            Column("recency", NUMBER, "Buckets (weeks or months) since the last order.", "count", True),
            Column("rfm", TEXT, "Recency, frequency and money in fifths, 5 the best.", null=True),
        ),
    ),
    Table(
        "segment_migration",
        "segment",
        "Who moved since the period before, both placed by today's model.",
        (
            Column("scheme", TEXT, "What is compared: segments or groups."),
            Column("from_segment", TEXT, "Where the customers were; `(new)` where they bought nothing before."),
            Column("to_segment", TEXT, "Where they are; `(lost)` where they buy nothing now."),
            _IN_CHANNELS,
            NET_SALES,
            RESULT[3],
        ),
    ),
    Table(
        "segment_drift",
        "segment",
        "Whether the customers still look as they did in the period before.",
        (
            Column("dimension", TEXT, "The dimension."),
            Column("psi", NUMBER, "Population stability index."),
            Column("chance", NUMBER, "What an index below is no evidence of."),
            Column("verdict", TEXT, "stable, within chance, moderate or shifted."),
        ),
    ),
    Table(
        "segment_health",
        "segment",
        "What speaks for keeping the segments, or for building them again.",
        (
            Column("check", TEXT, "What is checked."),
            Column("value", NUMBER, "What was found."),
            Column("limit", NUMBER, "The limit it is held to."),
            Column("passed", BOOLEAN, "Whether it keeps the limit."),
        ),
    ),
    Table(
        "segment_drivers",
        "segment",
        "What is usual in a segment, and in `(all)`, for a unit of net sales: the median over its customers that sell, "
        "each in each of its channels.",
        (
            CELL_OR_ALL[0],
            replace(CUSTOMERS, meaning="Customers that sell, counted in each of their channels."),
            Column("activity", TEXT, "The activity of the cost model."),
            Column("driver", TEXT, "Driver as the equation writes it; 1 is once a thing."),
            Column("quantity", NUMBER, "How much of the driver there is for a unit of net sales."),
            Column("cost", NUMBER, "What it costs for a unit of net sales.", "share"),
        ),
        totals=True,
    ),
    Table(
        "segment_mistakes",
        "segment",
        "What a customer of a segment is worth less, a period, when served as one of another.",
        (
            SEGMENT,
            Column("served_as", TEXT, "The segment it is served as."),
            Column("overspent", NUMBER, "Spent for nothing where that is dearer.", "money"),
            Column("at_risk", NUMBER, "Profit that may be lost where that is cheaper.", "money"),
        ),
    ),
    Table(
        "segment_model",
        "segment",
        "What places a customer, new or old: cuts, needs, groups and rules.",
        (Column("part", TEXT, "Part of the model."), Column("value", TEXT, "That part as JSON.")),
    ),
    Table(
        "rival_segments",
        "segment",
        "The segment each customer would have by the cost of rival methods, thresholds drawn again.",
        (
            *CUSTOMER,
            Column("method", TEXT, "How cost is shared out; `this model` is the cost model's own way."),
            SEGMENT,
            *_CLASSES,
            Column("changes_class", BOOLEAN, "Whether a class is another than by this model."),
        ),
    ),
)
