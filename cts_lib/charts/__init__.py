"""Figures of a report: each takes stored tables and a reader, and returns a chart that says its message."""

from cts_lib.charts.chart import Chart, Charts
from cts_lib.charts.days import backlog, full_days
from cts_lib.charts.evaluate import calibration, comparison, contributions, evaluation, scenarios
from cts_lib.charts.govern import bridge, kpi_scorecard
from cts_lib.charts.profile.behaviour import order_size, product_mix
from cts_lib.charts.profile.capacity import capacity
from cts_lib.charts.profile.costs import channel_profit, cost_by_activity, cost_mix, profit_waterfall
from cts_lib.charts.profile.customers import profile_dimension, profile_dimensions, whale_curve
from cts_lib.charts.profile.demand import monthly_sales
from cts_lib.charts.profile.effects import cost_effects
from cts_lib.charts.profile.families import family_profit
from cts_lib.charts.profile.margins import margin_waterfall
from cts_lib.charts.profile.places import places
from cts_lib.charts.profile.service import lead_times, perfect_orders
from cts_lib.charts.segment.migration import segment_migration
from cts_lib.charts.segment.segments import segment_customers, segment_groups, segment_matrix
from cts_lib.charts.strategy import decisions, frontier, sensitivity

__all__ = [
    "Chart",
    "Charts",
    "backlog",
    "bridge",
    "calibration",
    "capacity",
    "channel_profit",
    "comparison",
    "contributions",
    "cost_by_activity",
    "cost_effects",
    "cost_mix",
    "decisions",
    "evaluation",
    "family_profit",
    "frontier",
    "full_days",
    "kpi_scorecard",
    "lead_times",
    "margin_waterfall",
    "monthly_sales",
    "order_size",
    "perfect_orders",
    "places",
    "product_mix",
    "profile_dimension",
    "profile_dimensions",
    "profit_waterfall",
    "scenarios",
    "segment_customers",
    "segment_groups",
    "segment_matrix",
    "segment_migration",
    "sensitivity",
    "whale_curve",
]
