"""Questions to a unit's period: what another cost model, other levers or other segments would change."""

from cts_lib.scenarios.ask import Answer, ask, told_of

__all__ = ["Answer", "ask", "told_of"]
