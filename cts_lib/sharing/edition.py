"""Rewrite a unit's stored tables once, before anything is drawn from them, so that no page can tell more than they do.

What happens to each table stands in `HOW`; a table that is not there cannot be shared. Threat: a reader who knows the
market and its customers, but not the key, and holds one known. Customers know their own figures, and find themselves.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from cts_lib.display import labels_of
from cts_lib.errors import DataError
from cts_lib.sharing import cells, customers, groups
from cts_lib.sharing.known import Known
from cts_lib.sharing.places import coarse_places
from cts_lib.sharing.pseudonyms import Pseudonyms
from cts_lib.sharing.suppression import FEWEST
from cts_lib.stage import Tables
from cts_lib.tables import conform

FOLDER = "shared"
"""Below ``out``: where shared editions stand, by period and unit."""
_KEPT = (
    "unit", "label", "business_unit", "currency", "period", "previous_period", "language", "versions", "seed", "start",
    "end", "state", "stages", "reconciliation", "quality", "defaults_used", "error",
)  # fmt: skip


def share(tables: Tables, manifest: Mapping[str, Any], names: Pseudonyms) -> tuple[Tables, dict[str, Any]]:
    """Return a unit's tables and manifest as they may be shared.

    Raises
    ------
    DataError
        For a table of which nobody said how it is shared, or where stages are missing.
    """
    unknown = [name for name in tables if name not in HOW]
    missing = [name for name in ("segments", "customer_profit", "decisions") if name not in tables]
    if unknown or missing:
        problem = f"no rule for table {unknown[0]}" if unknown else f"no table {missing[0]}"
        raise DataError("--share", problem, "share a period of which all stages are computed")
    known = Known.of(tables, names)
    found = {name: conform(name, HOW[name](table.copy(), known)) for name, table in tables.items()}
    found = {name: known.words.cleaned(table) for name, table in found.items()}
    kept = {key: manifest[key] for key in _KEPT if key in manifest}
    remarks = {key: known.words.said(manifest.get(key) or []) for key in ("assumptions", "notes")}
    labels = known.words.said(labels_of(manifest["params"]))
    return found, kept | remarks | {"sql": [], "labels": labels, "shared": {"fewest": FEWEST}}


def _as_it_is(table: pd.DataFrame, known: Known) -> pd.DataFrame:
    return table


def _left_out(table: pd.DataFrame, known: Known) -> pd.DataFrame:
    return table.head(0)


def _places(table: pd.DataFrame, known: Known) -> pd.DataFrame:
    return coarse_places(table)


_ROWS = (
    "customer_things customer_drivers rejected_rows ledger_rows product_profit segment_model chain_stocks tuned_stock"
)
_PLAIN = (
    "statement whale_band assumption_shares unit_times support_flows quality concentration missing_values "
    "segment_names segment_groups_choice segment_drift segment_health strategy_frontier strategy_sensitivity "
    "strategy_pairs capacity_plan node_plan payback contributions conditions kept_capacity chain_days worst_weeks"
)
_CELLS = "strategy_options evaluation comparison calibration backtest kpis"
HOW = {
    **dict.fromkeys(_ROWS.split(), _left_out),
    **dict.fromkeys(_PLAIN.split(), _as_it_is),
    **dict.fromkeys(_CELLS.split(), cells.in_cells),
    **dict.fromkeys(("customer_costs", "customer_channel_profit"), customers.added),
    **dict.fromkeys(("customer_profit", "customer_reasons", "customer_terms"), customers.of_customers),
    "rival_allocations": customers.rivals,
    **dict.fromkeys(
        ["customer_behaviour", "customer_demand", "segments", "customer_classes", "rival_segments", "customer_plan"],
        customers.in_channels,
    ),
    **dict.fromkeys(["segment_rules", "segment_drivers", "segment_mistakes", "service_prices"], cells.of_segments),
    "service": groups.of_channels,
    "channel_profit": groups.channel_profit,
    "monthly_sales": groups.of_all,
    "seasonality": groups.of_all,
    "lead_times": groups.lead_times,
    "profile": groups.profile,
    "product_mix": groups.values,
    "family_profit": groups.families,
    **dict.fromkeys(("activities", "resources", "kpi_tree"), groups.activities),
    "places": _places,
    "cost_effects": groups.effects,
    "segment_cards": cells.cards,
    "segment_matrix": cells.matrix,
    "strategy": cells.plan,
    "decisions": cells.decisions,
    "segment_cross": cells.cross,
    "segment_migration": cells.migration,
    "bridge": cells.bridge,
    "bridge_details": cells.bridge_details,
    "actions": cells.actions,
}
"""What happens to each table."""
