"""Rush orders are served as standard ones.

Assumes that such an order arrives ``strategy.rush_delay_days`` later; what was promised stays.
"""

from cts_lib.levers.kind import Archetype, Assumption, Kind
from cts_lib.levers.settings import WordLever

KIND = Kind(
    "rush",
    "Rush orders",
    meaning="Rush orders are served as standard ones.",
    column="_no_rush",
    today=False,
    place=1,
    applies="_no_rush AND rush = 1",
    changes={"priority": "'standard'", "rush": "CAST(0 AS DOUBLE)", "_day": "_day + CAST(:rush_delay_days AS BIGINT)"},
    model=WordLever,
    policy=lambda setting: True,
    default={"settings": {"none": "none"}, "margin_at_risk": 0.005},
    archetypes=(Archetype("Planned flow"),),
    assumption=Assumption(
        "Assumed, not observed: a rush order served as standard arrives {days} later.",
        {"days": ("rush_delay_days", "duration")},
    ),
)
