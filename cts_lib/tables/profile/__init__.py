"""The tables of stage profile: who the customers are and what each costs to serve."""

from cts_lib.tables.profile import certainty, costs, dimensions, portrait, quality, trace

TABLES = (
    *costs.TABLES,
    *certainty.TABLES,
    *dimensions.TABLES,
    *trace.TABLES,
    *quality.TABLES,
    *portrait.TABLES,
    quality.MISSING_VALUES,
)
