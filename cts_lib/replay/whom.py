"""Whom each setting of a lever reaches, and who of them goes along: told by a hash, so that anyone can tell again."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from cts_lib.engine import Engine, fetch_frame, quoted
from cts_lib.errors import CtsError, ModelError, Problems
from cts_lib.levers.lines import HALF
from cts_lib.model.drivers import Extras, grain
from cts_lib.model.equations import Equation, compile_equation
from cts_lib.names import CELL, CUSTOMER
from cts_lib.params import Strategy
from cts_lib.replay.options import placed_levers
from cts_lib.tables.column import Kind

Choice = tuple[str, str]
"""A lever and one of its settings."""


@dataclass(frozen=True)
class GoingAlong:
    """Who goes along with what: ``those`` and ``leaving`` mark rows of ``cells`` (customer_id, channel, segment).

    ``reached`` marks those of whom they are a share; it is not stored.
    """

    cells: pd.DataFrame
    those: Mapping[Choice, np.ndarray]
    leaving: Mapping[Choice, np.ndarray]
    reached: Mapping[Choice, np.ndarray] = field(default_factory=dict)

    def table(self) -> pd.DataFrame:
        """Return lever, setting, customer_id, channel, leaves: what is stored."""
        parts = [
            self.cells.loc[mask, CUSTOMER].assign(
                lever=lever, setting=setting, leaves=self.leaving[lever, setting][mask]
            )
            for (lever, setting), mask in self.those.items()
        ]
        columns = ["lever", "setting", *CUSTOMER, "leaves"]
        return pd.concat(parts, ignore_index=True)[columns] if parts else pd.DataFrame(columns=columns)

    @classmethod
    def read(cls, table: pd.DataFrame, cells: pd.DataFrame, strategy: Strategy) -> GoingAlong:
        """Return what `table` stored, for the levers of a strategy."""
        cells = _numbered(cells)
        at = pd.MultiIndex.from_frame(cells[CUSTOMER])
        those, leaving = dict[Choice, np.ndarray](), dict[Choice, np.ndarray]()
        rows = dict(list(table.groupby(["lever", "setting"]))) if len(table) else {}
        for lever, given in strategy.levers.items():
            for setting in given.settings:
                part = rows.get((lever, setting), table.iloc[:0])
                those[lever, setting] = at.isin(pd.MultiIndex.from_frame(part[CUSTOMER]))
                gone = part[part["leaves"].astype(bool)]
                leaving[lever, setting] = at.isin(pd.MultiIndex.from_frame(gone[CUSTOMER]))
        return cls(cells, those, leaving)


def _numbered(cells: pd.DataFrame) -> pd.DataFrame:
    return cells[["customer_id", *CELL]].sort_values(CUSTOMER, kind="stable").reset_index(drop=True)


def conditions(strategy: Strategy, extras: Extras) -> dict[str, Equation]:
    """Return for whom each lever is, checked; raise Problems with all that is wrong."""
    kinds = grain("customer", extras)
    known = {name: driver.kind for name, driver in kinds.drivers.items() if driver.table == "customer"}
    known = {name: kind for name, kind in known.items() if name != "new_customer"} | dict.fromkeys(CELL, Kind.TEXT)
    found, problems = dict[str, Equation](), list[CtsError]()
    for name, lever in strategy.levers.items():
        if lever.whom is None:
            continue
        try:
            found[name] = compile_equation(lever.whom, known, f"strategy.levers.{name}.for", "condition")
        except ModelError as error:
            problems.append(error)
    if problems:
        raise Problems(problems)
    return found


def who_goes_along(
    engine: Engine,
    strategy: Strategy,
    extras: Extras,
    cells: pd.DataFrame,
    net_sales: pd.Series,
    reached_by: Callable[[list[Choice], GoingAlong], pd.DataFrame],
) -> GoingAlong:
    """Return who goes along with each setting of the levers.

    Parameters
    ----------
    cells : DataFrame
        customer_id, channel, segment.
    net_sales : Series
        The period's net sales by customer_id, over all channels.
    reached_by : callable
        Says which customers a setting would change lines of, if all went along: lever, setting, customer_id, channel.
    """
    cells = _numbered(cells)
    meant = _meant(engine, conditions(strategy, extras), cells)
    sales = cells["customer_id"].map(net_sales).fillna(0.0).to_numpy("float64")
    within = dict[Choice, np.ndarray]()
    for placed in placed_levers(strategy):
        for name, setting in placed.settings.items():
            below = placed.kind.below(setting)
            mask = meant.get(placed.name, np.ones(len(cells), dtype=bool))
            within[placed.name, name] = mask & (sales < below) if below is not None else mask
    nobody = {choice: np.zeros(len(cells), dtype=bool) for choice in within}
    reached = GoingAlong.read(
        reached_by(list(within), GoingAlong(cells, within, nobody)).assign(leaves=False), cells, strategy
    )
    return share_of(cells, reached.those, strategy)


def share_of(cells: pd.DataFrame, reached: Mapping[Choice, np.ndarray], strategy: Strategy) -> GoingAlong:
    """Return who goes along of those whom each setting reaches."""
    those, leaving = dict[Choice, np.ndarray](), dict[Choice, np.ndarray]()
    cell = cells.groupby(CELL, sort=False).ngroup().to_numpy()
    for placed in placed_levers(strategy):
        shares = [placed.lever.adoption, *map(placed.kind.leaving, placed.settings.values())]
        place = _places(placed.name, cells["customer_id"]) if any(0 < share < 1 for share in shares) else cell
        for name, setting in placed.settings.items():
            choice = placed.name, name
            those[choice] = _sample(reached[choice], cell, place, placed.lever.adoption)
            leaving[choice] = _sample(those[choice], cell, place, placed.kind.leaving(setting))
    return GoingAlong(cells, those, leaving, reached)


def _meant(engine: Engine, whom: Mapping[str, Equation], cells: pd.DataFrame) -> dict[str, np.ndarray]:
    """Return, by lever, the rows of the cells for which its condition holds; unknown is no."""
    if not whom:
        return {}
    engine.register("strategy_cells", cells.assign(_row=range(len(cells))))
    own = ", ".join(f"customer.{quoted(name)}" for name in engine.columns("customers") if name not in CELL)
    marks = ", ".join(
        f"CASE WHEN {equation.sql.sql('duckdb')} THEN 1 ELSE 0 END AS {quoted(f'for {name}')}"
        for name, equation in whom.items()
    )
    rows = fetch_frame(
        engine,
        f"SELECT _row, {marks} FROM (SELECT {own}, cell.channel, cell.segment, cell._row FROM strategy_cells AS cell "
        "JOIN customers AS customer ON customer.customer_id = cell.customer_id) AS customer ORDER BY _row",
    )
    return {name: (rows[f"for {name}"] == 1).to_numpy() for name in whom}


def _places(lever: str, customers: pd.Series) -> np.ndarray:
    """Return the place of each row's customer by its hash, then by its name."""
    names, at = np.unique(customers.to_numpy("object"), return_inverse=True)
    hashes = np.array([stable_hash(lever, name) for name in names])
    places: np.ndarray = np.argsort(np.argsort(hashes, kind="stable"))[at]
    return places


def _sample(reached: np.ndarray, cell: np.ndarray, place: np.ndarray, share: float) -> np.ndarray:
    """Return the share of those reached in each cell that has the lowest places, the nearest whole number."""
    if share >= 1:
        return reached
    rows = np.flatnonzero(reached)
    rows = rows[np.lexsort((place[rows], cell[rows]))]
    _, first, size = np.unique(cell[rows], return_index=True, return_counts=True)
    before = np.arange(len(rows)) - np.repeat(first, size)
    chosen = np.zeros(len(reached), dtype=bool)
    chosen[rows[before < np.floor(share * np.repeat(size, size) + HALF)]] = True
    return chosen


def stable_hash(lever: str, identity: str) -> str:
    """Return the hash by which a share of customers or orders is told.

    >>> stable_hash("portal", "c1")[:8]
    '10b1956b'
    """
    return hashlib.md5(f"{lever}/{identity}".encode(), usedforsecurity=False).hexdigest()
