"""The tables of stage segment: the segmentation matrix and how a segment is told."""

from __future__ import annotations

from cts_lib.tables.table import SERVICE, Table

TABLES = (
    Table(
        "segments",
        "segment",
        "The segment of each customer in each channel.",
        "customer_id:str channel:str segment:str value_class:str cost_class:str cluster:int stability:float",
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
        "How a segment is told: its thresholds, and what behaviour alone tells.",
        "segment:str rule:str coverage:float precision:float",
    ),
    Table(
        "rival_segments",
        "segment",
        "The segment each customer would have by the cost of rival methods, thresholds drawn again.",
        "customer_id:str channel:str method:str segment:str value_class:str cost_class:str changes_class:bool",
    ),
)
