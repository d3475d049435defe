"""Rows of segments and channels: those that are told, and where sums matter the rest as one."""

from __future__ import annotations

import pandas as pd

from cts_lib.names import ALL, CELL, NONE, OTHER
from cts_lib.replay.options import CURRENT, PROPOSED, read_option
from cts_lib.sharing.known import GEOGRAPHY, Known, reaches_few, summed
from cts_lib.sharing.suppression import FEWEST, withheld_values

_SUMS = frozenset(
    {"customers", "net_sales", "gross_margin", "cost_to_serve", "profit", "customers_reached", "cash", "investment"}
    | {"promised_lines", "gain", "cash_gain"}
)
"""What of a segment in a channel adds up."""
_ASKS = frozenset({"relieve", "keep", "bring_to_target"})


def in_cells(table: pd.DataFrame, known: Known) -> pd.DataFrame:
    """Rows of segments in channels: those that are told."""
    return _reached(table[_is_told(table, known)])


def _is_told(table: pd.DataFrame, known: Known) -> list[bool]:
    pairs = zip(table["segment"], table["channel"], strict=True)
    return [known.told.tells(segment, channel, ALL) for segment, channel in pairs]


def _reached(table: pd.DataFrame) -> pd.DataFrame:
    """Leave out what would be done with a few customers alone."""
    return table[~reaches_few(table)] if "customers_reached" in table else table


def matrix(table: pd.DataFrame, known: Known) -> pd.DataFrame:
    """Rows of segments in channels, and those that are not told as one row a segment: the total less what is told."""
    is_cell = (table[CELL] != ALL).all(axis=1)
    totals = table[~is_cell]
    told = _with_rest(table[is_cell], pd.Series(_is_told(table[is_cell], known)), known)
    return pd.concat([told, totals[_is_told(totals, known)]], ignore_index=True)


def plan(table: pd.DataFrame, known: Known) -> pd.DataFrame:
    """The plan's cells; of those that are not told, or reach a few customers alone, only the sum."""
    told = pd.Series(_is_told(table, known)) & ~reaches_few(table).reset_index(drop=True)
    found = _with_rest(table, told, known)
    rest = (found[CELL] == OTHER).any(axis=1)
    texts = dict.fromkeys(("current_option", "chosen_option", "cheapest_option"), CURRENT) | {"cheapest_reason": NONE}
    return found.assign(**{name: found[name].where(~rest, value) for name, value in texts.items()})


def _with_rest(cells: pd.DataFrame, told: pd.Series, known: Known) -> pd.DataFrame:
    """Return the cells that are told, and of each segment the sum of the others, what is no sum left out."""
    table = cells.reset_index(drop=True)
    rest = table[~told.to_numpy()]
    rest = rest.assign(segment=rest["segment"].where(rest["segment"].isin(known.told.segments), OTHER), channel=OTHER)
    added = [name for name in table if _adds_up(str(name), table)]
    sums = rest.groupby(CELL, as_index=False, sort=False)[added].sum(min_count=1)
    sums = sums.reindex(columns=table.columns)
    return pd.concat([table[told.to_numpy()], sums], ignore_index=True) if len(sums) else table


def _adds_up(name: str, table: pd.DataFrame) -> bool:
    of = name.removeprefix("current_").removeprefix("chosen_")
    return pd.api.types.is_numeric_dtype(table[name]) and of in _SUMS


def decisions(table: pd.DataFrame, known: Known) -> pd.DataFrame:
    """The decisions; those for a few customers as one with the smallest of the others, so that the plan is whole."""
    few = reaches_few(table) | ~pd.Series(_is_told(table, known), table.index)
    while few.any() and not few.all() and table.loc[few, "customers_reached"].sum() < FEWEST:
        few |= table["customers_reached"] == table.loc[~few, "customers_reached"].min()
    if not few.any():
        return table
    rest, kept = table[few], table[~few]
    numbers = [name for name in table if pd.api.types.is_float_dtype(table[name])]
    one = rest.tail(1).assign(**rest[numbers].sum(min_count=1), cells=int(rest["cells"].sum()), small=False)
    words = dict.fromkeys(("lever", "setting"), OTHER) | dict.fromkeys(("resource", "owner", "hangs_on"), NONE)
    one = one.assign(**words, segment=ALL, channel=ALL, due=rest["due"].max(), sure=None, payback_years=None)
    return pd.concat([kept, one], ignore_index=True).assign(decision=range(1, len(kept) + 2))


def of_segments(table: pd.DataFrame, known: Known) -> pd.DataFrame:
    """Rows of segments: those whose total is told."""
    columns = [name for name in ("segment", "served_as") if name in table]
    told = table[columns].isin([ALL, *known.told.segments]).all(axis=1)
    return table[told]


def cards(table: pd.DataFrame, known: Known) -> pd.DataFrame:
    """Say of a segment nothing that holds for a few of its customers."""
    table = of_segments(table, known)
    rare = (table["attribute_share"] * table["customers"] < FEWEST) | table["attribute"].isin(GEOGRAPHY)
    said = {str(name): table[name].where(~rare) for name in table if str(name).startswith("attribute")}
    typical = [known.names.of(name) if known.tells_segment(name) else NONE for name in table["customer_id"]]
    return table.assign(**said).assign(customer_id=typical, name=None)


def cross(table: pd.DataFrame, known: Known) -> pd.DataFrame:
    """Segments by group: the pairs with customers enough."""
    return _grid(of_segments(table, known), "segment", "cluster")


def migration(table: pd.DataFrame, known: Known) -> pd.DataFrame:
    """Who moved: the pairs with customers enough, between segments that are told."""
    parts = [_grid(rows, "from_segment", "to_segment") for _, rows in table.groupby("scheme", sort=False)]
    found = pd.concat(parts) if parts else table
    seen = [*known.told.segments, "(new)", "(lost)"]
    is_told = found[["from_segment", "to_segment"]].isin(seen).all(axis=1)
    return found[(found["scheme"] != "segments") | is_told]


def _grid(table: pd.DataFrame, line: str, column: str) -> pd.DataFrame:
    """Return the rows with customers enough, of which no line's or column's total betrays another."""
    shut = set[str]()
    for key in (line, column):
        for _, rows in table.groupby(key):
            shut |= withheld_values({str(at): int(count) for at, count in rows["customers"].items()})
    return table[[str(at) not in shut for at in table.index]]


def bridge(table: pd.DataFrame, known: Known) -> pd.DataFrame:
    """Of a few customers won or lost the change stands among the others."""
    table = in_cells(table, known).copy()
    of_cell = (table[CELL] != ALL).any(axis=1)
    few = (table["component"] == "customers") & (of_cell | known.gone)
    return summed(table.assign(component=table["component"].where(~few, "other")))


def bridge_details(table: pd.DataFrame, known: Known) -> pd.DataFrame:
    """Without those of customers won and lost, where these are a few, and of work that few cause."""
    table = table[~table["subject"].isin(known.few)]
    return table[table["component"] != "customers"] if known.gone else table


def actions(table: pd.DataFrame, known: Known) -> pd.DataFrame:
    """Keep what the workbook proposes; what people wrote in their own words stays in the house."""
    cells = zip(table["action"], table["segment"], table["channel"], strict=True)
    told = [
        (row[0] in _ASKS or _is_option(row[0])) and row not in known.few_decisions and subject not in known.few
        for row, subject in zip(cells, table["subject"], strict=True)
    ]
    table = in_cells(table[told], known).copy()
    table["customer_id"] = table["customer_id"].map(known.names.of)
    return table.assign(id=[f"action-{number}" for number in range(1, len(table) + 1)])


def _is_option(name: str) -> bool:
    try:
        return name not in (CURRENT, PROPOSED) and bool(read_option(name).settings)
    except ValueError:
        return False
