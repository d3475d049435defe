"""Orders by methods that are not electronic come in by the new one."""

from cts_lib.levers.kind import Archetype, Kind
from cts_lib.levers.settings import WordLever

KIND = Kind(
    "order_method",
    "Order method",
    meaning="Orders come in by this electronic method.",
    column="_order_method",
    today=None,
    place=4,
    applies="NOT _order_method IS NULL AND NOT STRPOS(:electronic_methods, '|' || order_method || '|') > 0",
    changes={"order_method": "_order_method"},
    model=WordLever,
    default={"settings": {"portal": "portal"}, "investment": 5.0, "margin_at_risk": 0.001},
    archetypes=(Archetype("Self-served"), Archetype("Consolidated and self-served", before="Consolidated flow")),
)
