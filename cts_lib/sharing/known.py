"""What is known while the tables of an edition are rewritten."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import pandas as pd

from cts_lib.names import CUSTOMER
from cts_lib.sharing.pseudonyms import Pseudonyms
from cts_lib.sharing.suppression import FEWEST, Cells, told_cells, withheld_values, without_description
from cts_lib.sharing.words import Words
from cts_lib.stage import Tables

GEOGRAPHY = ("region", "city", "latitude", "longitude")
"""Dimensions finer than a country, which table ``places`` tells in its own way."""


@dataclass(frozen=True)
class Known:
    """What an edition may tell: the cells, and the customers ``without`` a description; ``segments`` are everybody's.

    ``few`` are the activities and resources whose cost few customers cause, ``few_decisions`` what reaches few, each as
    action, segment and channel; ``gone`` says whether fewer than five customers are new, or were lost.
    """

    names: Pseudonyms
    told: Cells
    segments: pd.Series
    without: frozenset[str]
    few: frozenset[str]
    few_decisions: frozenset[tuple[str, str, str]]
    gone: bool
    words: Words

    def tells_segment(self, customer_id: str) -> bool:
        """Tell whether a customer's own rows tell its segments."""
        own = self.segments.xs(customer_id, level="customer_id")
        cells = zip(own, own.index, strict=True)
        return customer_id not in self.without and all(cell in self.told.cells for cell in cells)

    @classmethod
    def of(cls, tables: Tables, names: Pseudonyms) -> Self:
        """Find out from a period's tables."""
        told = told_cells(tables["segments"])
        customers = tables["customer_profit"][["customer_id", "name"]].itertuples(index=False, name=None)
        return cls(
            names,
            told,
            tables["segments"].set_index(CUSTOMER)["segment"],
            frozenset(without_description(tables["segments"], told)),
            _few(tables["customer_costs"], "activity") | _few(tables["customer_costs"], "resource"),
            _few_decisions(tables["decisions"]),
            _few_came_or_went(tables["segment_migration"]),
            Words(dict(customers), names),
        )


def _few(costs: pd.DataFrame, column: str) -> frozenset[str]:
    """Return the activities or resources whose cost is withheld."""
    caused = costs.groupby(column, observed=True)["customer_id"].nunique()
    return frozenset(withheld_values({str(name): int(count) for name, count in caused.items()}))


def _few_decisions(decisions: pd.DataFrame) -> frozenset[tuple[str, str, str]]:
    few = decisions[reaches_few(decisions)]
    names = few["lever"] + ": " + few["setting"]
    return frozenset(zip(names, few["segment"], few["channel"], strict=True))


def reaches_few(table: pd.DataFrame) -> pd.Series:
    """Tell of each row whether what it does reaches a few customers alone."""
    return (table["customers_reached"] > 0) & (table["customers_reached"] < FEWEST)


def _few_came_or_went(migration: pd.DataFrame) -> bool:
    """Tell whether fewer than five customers are new, or were lost."""
    rows = migration[migration["scheme"] == "segments"]
    came = int(rows.loc[rows["from_segment"] == "(new)", "customers"].sum())
    went = int(rows.loc[rows["to_segment"] == "(lost)", "customers"].sum())
    return 0 < came < FEWEST or 0 < went < FEWEST


def summed(table: pd.DataFrame) -> pd.DataFrame:
    """Return rows of the same keys as one."""
    numbers = [name for name in table if pd.api.types.is_numeric_dtype(table[name])]
    keys = [name for name in table if name not in numbers]
    summed = table.groupby(keys, dropna=False, sort=False, observed=True, as_index=False)[numbers].sum(min_count=1)
    return summed[list(table.columns)]
