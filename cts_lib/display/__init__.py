"""Tables, notes and numbers as a person reads them, in the reader's language."""

from cts_lib.display.costs import (
    activities,
    channels,
    least_profitable,
    most_profitable,
    quality,
    rejected,
    resources,
    service,
    service_by_trait,
    statement,
)
from cts_lib.display.decisions import (
    actions,
    calibration,
    comparison,
    indicators,
    segment_rules,
    segments,
    signals,
    strategy,
    strategy_options,
)
from cts_lib.display.notes import notes, sql
from cts_lib.display.reader import Reader
from cts_lib.display.table import Shown, table
from cts_lib.display.verdicts import assumptions, fragile, rivals, worth_keeping

__all__ = [
    "Reader",
    "Shown",
    "actions",
    "activities",
    "assumptions",
    "calibration",
    "channels",
    "comparison",
    "fragile",
    "indicators",
    "least_profitable",
    "most_profitable",
    "notes",
    "quality",
    "rejected",
    "resources",
    "rivals",
    "segment_rules",
    "segments",
    "service",
    "service_by_trait",
    "signals",
    "sql",
    "statement",
    "strategy",
    "strategy_options",
    "table",
    "worth_keeping",
]
