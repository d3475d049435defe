"""The panel of a notebook: sliders, what they would change, and the way from a segment to the ledger."""

from cts_lib.panel.drill import Drill
from cts_lib.panel.panel import Panel, chosen_dials, in_a_browser

__all__ = ["Drill", "Panel", "chosen_dials", "in_a_browser"]
