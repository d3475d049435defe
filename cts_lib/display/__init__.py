"""Tables, notes and numbers as a person reads them, in the reader's language."""

from cts_lib.display.conditions import conditions
from cts_lib.display.customer_terms import customer_terms
from cts_lib.display.evaluate import calibration, comparison, payback, trust, tuned_stock, worst_weeks
from cts_lib.display.govern import (
    actions,
    bridge_details,
    indicators,
    service_against_targets,
    signals,
    targets,
)
from cts_lib.display.holdings import holdings
from cts_lib.display.kpi_tree import kpi_tree, kpi_tree_details
from cts_lib.display.names import names_of, names_of_segments
from cts_lib.display.notes import notes, sql
from cts_lib.display.pieces import Shown
from cts_lib.display.profile.answer import answer, data_quality
from cts_lib.display.profile.costs import (
    activities,
    channels,
    least_profitable,
    margins,
    most_profitable,
    quality,
    rejected,
    resources,
    segment_margins,
    service,
    service_by_trait,
    statement,
)
from cts_lib.display.profile.customers import behaviour, concentration, demand, places, product_mix, seasons
from cts_lib.display.profile.effects import effects
from cts_lib.display.profile.explanation import explanation
from cts_lib.display.profile.families import families
from cts_lib.display.profile.unit_times import unit_times
from cts_lib.display.profile.verdicts import (
    assumptions,
    class_changes,
    fragile,
    rival_segments,
    rivals,
    sign_changes,
    worth_keeping,
)
from cts_lib.display.reader import Labels, Reader, labels_of
from cts_lib.display.segment import (
    abc,
    abc_xyz,
    groups_choice,
    segment_answer,
    segment_cards,
    segment_drift,
    segment_health,
    segment_mistakes,
    segment_rules,
    segments,
    slipping,
)
from cts_lib.display.strategy import alternatives, capacity_plan, decisions, first_decisions, service_prices, strategy
from cts_lib.display.table import table
from cts_lib.display.what_if import compared, what_if, what_if_figures

__all__ = [
    "Labels",
    "Reader",
    "Shown",
    "abc",
    "abc_xyz",
    "actions",
    "activities",
    "alternatives",
    "answer",
    "assumptions",
    "behaviour",
    "bridge_details",
    "calibration",
    "capacity_plan",
    "channels",
    "class_changes",
    "compared",
    "comparison",
    "concentration",
    "conditions",
    "customer_terms",
    "data_quality",
    "decisions",
    "demand",
    "effects",
    "explanation",
    "families",
    "first_decisions",
    "fragile",
    "groups_choice",
    "holdings",
    "indicators",
    "kpi_tree",
    "kpi_tree_details",
    "labels_of",
    "least_profitable",
    "margins",
    "most_profitable",
    "names_of",
    "names_of_segments",
    "notes",
    "payback",
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
    "segment_margins",
    "segment_mistakes",
    "segment_rules",
    "segments",
    "service",
    "service_against_targets",
    "service_by_trait",
    "service_prices",
    "sign_changes",
    "signals",
    "slipping",
    "sql",
    "statement",
    "strategy",
    "table",
    "targets",
    "trust",
    "tuned_stock",
    "unit_times",
    "what_if",
    "what_if_figures",
    "worst_weeks",
    "worth_keeping",
]
