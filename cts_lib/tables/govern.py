"""The tables of stage govern: indicators, why profit changed, and actions."""

from __future__ import annotations

from cts_lib.tables.table import Table

TABLES = (
    Table(
        "kpis",
        "govern",
        "Indicators against target, the period before and control limits.",
        "segment:str channel:str kpi:str value:float? target:float? status:str previous:float? lower_limit:float? "
        "upper_limit:float? signal:str",
        totals=True,
    ),
    Table(
        "bridge",
        "govern",
        "Why profit changed; the row of totals leads to operating profit.",
        "segment:str channel:str component:str amount:float",
        totals=True,
    ),
    Table(
        "actions",
        "govern",
        "What to do, who, and until when: an option of the strategy, `relieve` a resource or `bring_to_target` an "
        "indicator, which is then the subject. expected_saving is at full cost, expected_cash in cash; realised_saving "
        "is null and state proposed until somebody follows them up.",
        "action:str subject:str segment:str channel:str owner:str due:date expected_saving:float? expected_cash:float? "
        "realised_saving:float? state:str",
        totals=True,
    ),
)
