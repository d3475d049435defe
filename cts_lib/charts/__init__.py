"""Figures of a report: each takes stored tables and a reader, and returns a chart that says its message."""

from cts_lib.charts.behaviour import order_size, product_mix
from cts_lib.charts.capacity import capacity
from cts_lib.charts.chart import Chart, Charts
from cts_lib.charts.costs import channel_profit, cost_by_activity, cost_mix, profit_waterfall
from cts_lib.charts.customers import profile_dimension, profile_dimensions, whale_curve
from cts_lib.charts.demand import monthly_sales
from cts_lib.charts.effects import cost_effects
from cts_lib.charts.evaluation import calibration, comparison, evaluation
from cts_lib.charts.governance import bridge, kpi_scorecard
from cts_lib.charts.margins import margin_waterfall
from cts_lib.charts.migration import segment_migration
from cts_lib.charts.places import places
from cts_lib.charts.segments import segment_customers, segment_groups, segment_matrix
from cts_lib.charts.service import lead_times, perfect_orders
from cts_lib.charts.strategy import frontier, strategy_change

__all__ = [
    "Chart",
    "Charts",
    "bridge",
    "calibration",
    "capacity",
    "channel_profit",
    "comparison",
    "cost_by_activity",
    "cost_effects",
    "cost_mix",
    "evaluation",
    "frontier",
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
    "segment_customers",
    "segment_groups",
    "segment_matrix",
    "segment_migration",
    "strategy_change",
    "whale_curve",
]
