"""The tables of stage evaluate: both strategies simulated."""

from __future__ import annotations

from cts_lib.tables.table import Table

TABLES = (
    Table(
        "evaluation",
        "evaluate",
        "Each KPI over the simulated periods.",
        "segment:str channel:str strategy:str kpi:str mean:float low:float high:float replications:int",
        totals=True,
    ),
    Table(
        "comparison",
        "evaluate",
        "Proposed against current, paired by simulated period.",
        "segment:str channel:str kpi:str current:float proposed:float difference:float low:float high:float "
        "verdict:str",
        totals=True,
    ),
    Table(
        "calibration",
        "evaluate",
        "The simulated current strategy against what was observed.",
        "segment:str channel:str kpi:str observed:float? simulated:float? error:float? accepted:bool",
        totals=True,
    ),
)
