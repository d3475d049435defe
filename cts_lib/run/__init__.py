"""One unit through its stages: what is computed, what is read where an earlier run left it, and the manifest of it."""

from cts_lib.run.overview import Overview
from cts_lib.run.replayed import write_replay
from cts_lib.run.simulated import write_simulated
from cts_lib.run.stages import NEEDS, READS, STAGE, STAGES, Results
from cts_lib.run.unit import UnitRun, open_sound

__all__ = [
    "NEEDS",
    "READS",
    "STAGE",
    "STAGES",
    "Overview",
    "Results",
    "UnitRun",
    "open_sound",
    "write_replay",
    "write_simulated",
]
