"""From a source to accepted and rejected rows: finding tables, reading cells, splitting, filling in defaults."""

from cts_lib.intake.rows import Intake, take_in
from cts_lib.intake.source import Source, attach

__all__ = ["Intake", "Source", "attach", "take_in"]
