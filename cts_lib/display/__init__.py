"""Tables, notes and numbers as a person reads them, in the reader's language."""

from cts_lib.display.answer import answer, data_quality
from cts_lib.display.costs import (
    activities,
    channels,
    least_profitable,
    margins,
    most_profitable,
    quality,
    rejected,
    resources,
    service,
    service_by_trait,
    statement,
)
from cts_lib.display.customers import behaviour, concentration, demand, places, product_mix, seasons
from cts_lib.display.decisions import (
    actions,
    calibration,
    comparison,
    indicators,
    segments,
    signals,
    strategy,
    strategy_options,
)
from cts_lib.display.effects import effects
from cts_lib.display.explanation import explanation
from cts_lib.display.notes import notes, sql
from cts_lib.display.reader import Reader
from cts_lib.display.segmentation import (
    abc,
    abc_xyz,
    groups_choice,
    segment_answer,
    segment_cards,
    segment_drift,
    segment_health,
    segment_mistakes,
    segment_rules,
    slipping,
)
from cts_lib.display.table import Shown, table
from cts_lib.display.unit_times import unit_times
from cts_lib.display.verdicts import (
    assumptions,
    class_changes,
    fragile,
    rival_segments,
    rivals,
    sign_changes,
    worth_keeping,
)

__all__ = [
    "Reader",
    "Shown",
    "abc",
    "abc_xyz",
    "actions",
    "activities",
    "answer",
    "assumptions",
    "behaviour",
    "calibration",
    "channels",
    "class_changes",
    "comparison",
    "concentration",
    "data_quality",
    "demand",
    "effects",
    "explanation",
    "fragile",
    "groups_choice",
    "indicators",
    "least_profitable",
    "margins",
    "most_profitable",
    "notes",
    "places",
    "product_mix",
    "quality",
    "rejected",
    "resources",
    "rival_segments",
    "rivals",
    "seasons",
    "segment_answer",
    "segment_cards",
    "segment_drift",
    "segment_health",
    "segment_mistakes",
    "segment_rules",
    "segments",
    "service",
    "service_by_trait",
    "sign_changes",
    "signals",
    "slipping",
    "sql",
    "statement",
    "strategy",
    "strategy_options",
    "table",
    "unit_times",
    "worth_keeping",
]
