"""The tables of stage segment: the matrix, the groups beside it, how a segment is told, and who moved."""

from __future__ import annotations

from cts_lib.tables.table import SERVICE, Table

TABLES = (
    Table(
        "segments",
        "segment",
        "The segment of each customer in each channel. cluster is its group in all dimensions, 0 for outliers; need "
        "its service needs; stability how often it keeps its classes when the cuts are drawn again.",
        "customer_id:str channel:str segment:str value_class:str cost_class:str cluster:int need:str stability:float "
        "strategic:bool",
    ),
    Table(
        "segment_matrix",
        "segment",
        "Money and service per segment and channel.",
        "segment:str channel:str customers:int net_sales:float gross_margin:float cost_to_serve:float profit:float "
        f"{SERVICE}",
        totals=True,
    ),
    Table(
        "segment_rules",
        "segment",
        "How a segment is told: its cuts, and what behaviour alone tells. A rule is conditions joined by ` and `, each "
        "a column, a sign and a value; where customers are strategic, those of the matrix say so.",
        "segment:str rule:str coverage:float precision:float",
    ),
    Table(
        "segment_cards",
        "segment",
        "Each segment on a card. trait is the figure that differs most from everybody's, attribute the value of a "
        "category that is most over-represented, customer_id the medoid; each with its share or mean.",
        "segment:str customers:int share_of_customers:float orders:float net_sales:float share_of_sales:float? "
        "gross_margin:float cost_to_serve:float profit:float cost_to_serve_share:float? profit_margin:float? "
        f"orders_per_customer:float order_value:float? {SERVICE} rush_share:float? family:str? family_share:float? "
        "activity:str? activity_share:float? need:str? need_share:float? trait:str? trait_value:float? "
        "trait_of_all:float? attribute:str? attribute_value:str? attribute_share:float? attribute_share_of_all:float? "
        "customer_id:str name:str?",
    ),
    Table(
        "segment_groups_choice",
        "segment",
        "Numbers of groups that were tried: what was left after unstable and small ones were dissolved, and which was "
        "chosen.",
        "method:str tried:int groups:int silhouette:float? standard_error:float? jaccard:float jaccard_deviation:float "
        "smallest_share:float? chosen:bool",
    ),
    Table(
        "segment_cross",
        "segment",
        "How many customers (in a channel) of each segment are in each group.",
        "segment:str cluster:int group:str customers:int share_of_segment:float",
    ),
    Table(
        "customer_classes",
        "segment",
        "ABC by both conventions, XYZ by the coefficient of variation of demand over the buckets of the period, and "
        "recency (buckets since the last order), frequency and money in fifths, 5 the best.",
        "customer_id:str channel:str abc_money:str abc_customers:str variation:float? xyz:str? abc_xyz:str? "
        "recency:float? rfm:str?",
    ),
    Table(
        "segment_migration",
        "segment",
        "Who moved since the period before, both placed by today's model; customers are counted in each channel.",
        "scheme:str from_segment:str to_segment:str customers:int net_sales:float profit:float",
    ),
    Table(
        "segment_drift",
        "segment",
        "Population stability index of each dimension against the period before; chance is what a PSI below is no "
        "evidence of.",
        "dimension:str psi:float chance:float verdict:str",
    ),
    Table(
        "segment_health",
        "segment",
        "What speaks for keeping the segments, or for building them again.",
        "check:str value:float limit:float passed:bool",
    ),
    Table(
        "segment_drivers",
        "segment",
        "What is usual in a segment, and in (all), for a unit of net sales, the median over its customers that sell, "
        "each in each of its channels: how much of each driver of an activity's equation there is, and its cost.",
        "segment:str customers:int activity:str driver:str quantity:float cost:float",
    ),
    Table(
        "segment_mistakes",
        "segment",
        "What a customer of a segment is worth less, a period, when served as one of another: money overspent, or "
        "profit at risk.",
        "segment:str served_as:str overspent:float at_risk:float",
    ),
    Table(
        "segment_model",
        "segment",
        "What places a customer, new or old: cuts, needs, groups and rules, one part a row as JSON.",
        "part:str value:str",
    ),
    Table(
        "rival_segments",
        "segment",
        "The segment each customer would have by the cost of rival methods, thresholds drawn again.",
        "customer_id:str channel:str method:str segment:str value_class:str cost_class:str changes_class:bool",
    ),
)
