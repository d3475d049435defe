"""Segment: each customer's segment in each channel, why, how sure, and who moved since the period before."""

from cts_lib.segment.assignment import assign, check_columns
from cts_lib.segment.model import Model
from cts_lib.segment.names import names_table
from cts_lib.segment.stage import Placed, place, run, segment

__all__ = ["Model", "Placed", "assign", "check_columns", "names_table", "place", "run", "segment"]
