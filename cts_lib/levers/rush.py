"""Rush orders are served as standard ones.

Assumes that such an order arrives ``strategy.rush_delay_days`` later; what was promised stays.
"""

from cts_lib.levers.kind import Kind

KIND = Kind(
    "rush",
    "Rush orders",
    meaning="Rush orders are served as standard ones.",
    column="_no_rush",
    today=False,
    place=1,
    applies="_no_rush AND rush = 1",
    changes={
        "priority": "'standard'",
        "rush": "CAST(0 AS DOUBLE)",
        "_day": "_day + CAST(:rush_delay_days AS BIGINT)",
    },
    setting=str,
    policy=lambda setting: True,
)
