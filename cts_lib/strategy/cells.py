"""What each segment in each channel costs, earns and gets under an option: today's customers, and those it moves.

An option's figures are today's of who stays as today, and the replayed ones of who goes along.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from cts_lib.costing.costed import Costed
from cts_lib.measures import ratios
from cts_lib.names import CELL, CUSTOMER
from cts_lib.params import CostModel, Strategy
from cts_lib.replay.options import PlacedLever
from cts_lib.replay.outcome import Outcome
from cts_lib.replay.policy import Cells, movers
from cts_lib.replay.whom import GoingAlong

RATIOS = ("service_level", "in_full", "speed_days", "visibility")
ELEMENTS = ("service_level", "in_full", "responsiveness", "speed_days", "speed_p95_days", "visibility")
_LATEST = 0.95


@dataclass(frozen=True)
class Books:
    """What turns outcomes into figures of cells.

    ``going_shares`` says what of an activity's cost leaves the ledger with the work, ``resources`` is that table,
    ``years`` the run's period as a share of the years over which an investment is spread.
    """

    model: CostModel
    strategy: Strategy
    levers: list[PlacedLever]
    going: GoingAlong
    going_shares: Mapping[str, float]
    resources: pd.DataFrame
    years: float

    def by_customer(self, costs: pd.DataFrame, sums: pd.DataFrame, by: Sequence[str] = ()) -> pd.DataFrame:
        """Return sums, cost to serve, the cost that would go and what each resource does, by customer and channel.

        ``by`` are further columns, such as the scenario, by which rows are kept apart.
        """
        keys = [*by, *CUSTOMER]
        numbers = [name for name in sums.columns if sums[name].dtype == "float64"]
        table = sums.set_index(keys)[numbers]
        cells, names = pd.MultiIndex.from_frame(costs[keys].astype("object")).factorize()
        shares = costs["activity"].astype("object").map(self.going_shares).fillna(1.0).to_numpy("float64")
        cost = costs["cost"].to_numpy("float64")
        resources = list(self.model.resources)
        place = pd.Index(resources).get_indexer(pd.Index(costs["resource"].astype("object")))
        used = costs["minutes"].where(costs["minutes"].notna(), costs["cost"]).to_numpy("float64")
        columns = ["cost_to_serve", "going_cost", *(f"uses_{name}" for name in resources)]
        amounts = np.zeros((len(names), len(columns)))
        amounts[:, 0] = np.bincount(cells, cost, len(names))
        amounts[:, 1] = np.bincount(cells, cost * shares, len(names))
        of_resource = place >= 0
        np.add.at(amounts, (cells[of_resource], place[of_resource] + 2), used[of_resource])
        index = pd.MultiIndex.from_tuples(names, names=keys)
        return table.join(pd.DataFrame(amounts, index=index, columns=columns), how="outer").fillna(0.0)


class Today:
    """Today's figures of each customer, from which those of any option are made."""

    def __init__(self, books: Books, costed: Costed, arrivals: pd.DataFrame) -> None:
        self.books = books
        cells = books.going.cells
        index = pd.MultiIndex.from_frame(cells[CUSTOMER])
        self._table = books.by_customer(costed.tables["customer_costs"], costed.customer_sums).reindex(index)
        self._table = self._table.fillna(0.0)
        self.names = cells[CELL].drop_duplicates().sort_values(CELL).reset_index(drop=True)
        number = {tuple(row): at for at, row in enumerate(self.names.itertuples(index=False, name=None))}
        self._cell = np.array([number[row] for row in cells[CELL].itertuples(index=False, name=None)])
        self._row = dict(zip(index, range(len(index)), strict=True))
        self._days = self._with_rows(arrivals)
        kinds = {lever.kind.name for lever in books.levers}
        self._is_followed = bool(books.strategy.tracked_modes or "visibility" in kinds)

    def _with_rows(self, arrivals: pd.DataFrame) -> pd.DataFrame:
        """Return arrivals with the row of their customer and channel."""
        keys = arrivals[CUSTOMER].itertuples(index=False, name=None)
        return arrivals.assign(row=np.array([self._row[key] for key in keys], dtype="int64"))

    def figures(self, scenarios: Mapping[str, Cells], outcome: Outcome | None) -> Iterator[tuple[str, pd.DataFrame]]:
        """Yield the figures of every cell under each plan; ``outcome`` has what its movers become."""
        new = dict[str, pd.DataFrame]()
        arrived = dict[str, pd.DataFrame]()
        if outcome is not None:
            moved = self.books.by_customer(outcome.costs, outcome.customer_sums, ["scenario"])
            new = {str(name): rows.droplevel(0) for name, rows in moved.groupby(level=0, sort=False)}
            arrived = {str(name): rows for name, rows in self._with_rows(outcome.arrivals).groupby("scenario")}
        customers = self.books.going.cells["customer_id"]
        for scenario, cells in scenarios.items():
            moving = movers(cells, self.books.going)
            moved_too = customers.isin(customers[moving]).to_numpy()
            yield scenario, self._figures(cells, moving, moved_too, new.get(scenario), arrived.get(scenario))

    def _figures(
        self,
        cells: Cells,
        moving: np.ndarray,
        moved: np.ndarray,
        new: pd.DataFrame | None,
        arrived: pd.DataFrame | None,
    ) -> pd.DataFrame:
        table = self._sums(self._table[~moved], self._cell[~moved])
        days = self._days[~moved[self._days["row"].to_numpy()]]
        if new is not None:
            rows = np.array([self._row[key] for key in new.index], dtype="int64")
            table = table.add(self._sums(new, self._cell[rows]), fill_value=0.0)
        if arrived is not None:
            days = pd.concat([days, arrived])
        table = table.join(self._arrived(days))
        table["customers_reached"] = np.bincount(self._cell[moving], minlength=len(self.names)).astype("float64")
        table["investment"] = self._investment(cells)
        return self._derived(table)

    def _sums(self, frame: pd.DataFrame, cell: np.ndarray) -> pd.DataFrame:
        sums = np.zeros((len(self.names), frame.shape[1]))
        np.add.at(sums, cell, frame.to_numpy("float64"))
        return pd.DataFrame(sums, columns=frame.columns)

    def _arrived(self, arrivals: pd.DataFrame) -> pd.DataFrame:
        """Return of each cell how many sold lines the customer can see, and the days that all but few stay within."""
        cell = self._cell[arrivals["row"].to_numpy()] if len(arrivals) else np.empty(0, dtype=int)
        counts = arrivals[["lines", "visible"]].groupby(cell).sum().reindex(range(len(self.names)), fill_value=0.0)
        known = arrivals.assign(cell=cell).dropna(subset=["days"])
        by_day = known.groupby(["cell", "days"])["lines"].sum()
        share = by_day.groupby("cell").cumsum() / by_day.groupby("cell").transform("sum")
        late = share[share >= _LATEST - 1e-12].reset_index().groupby("cell")["days"].min()
        return pd.DataFrame(
            {
                "followed_lines": counts["visible"],
                "followable_lines": counts["lines"] * self._is_followed,
                "speed_p95_days": late.reindex(range(len(self.names))),
            }
        )

    def _investment(self, cells: Cells) -> np.ndarray:
        """Return the period's share of what the customers who go along take, by cell."""
        amount = np.zeros(len(self.names))
        names = list(self.books.going.cells[CELL].itertuples(index=False, name=None))
        for lever in self.books.levers:
            each = lever.lever.investment.per_customer
            if not each:
                continue
            for setting in lever.settings:
                takes = np.array(
                    [
                        option.settings.get(lever.name) == setting if (option := cells.get(cell)) else False
                        for cell in names
                    ],
                    dtype=bool,
                )
                going = self.books.going.those[lever.name, setting] & takes
                amount += np.bincount(self._cell[going], minlength=len(self.names)) * each * self.books.years
        return amount

    def _derived(self, table: pd.DataFrame) -> pd.DataFrame:
        """Add money, the elements of the chain and the names of the cells."""
        table["margin"] = table["net_sales"] - table["cogs"]
        table["profit"] = table["margin"] - table["cost_to_serve"]
        table["net_profit"] = table["profit"] - table["investment"]
        table = table.assign(**ratios(table, RATIOS))
        return pd.concat([self.names, table], axis=1)


def with_responsiveness(table: pd.DataFrame, today: pd.DataFrame, books: Books) -> pd.DataFrame:
    """Add ``responsiveness``: the share of a surge's extra work that the slack of the resources can do in time.

    With the surge's demand d, capacity C and use U of a resource, all of the period, its extra work is (d − 1) U and
    its slack C − U; a cell's share is the least of min(1, slack ÷ extra work) over the resources that work for it. An
    option changes U by what its own cell uses more or less. Unknown where no resource with a capacity works for it.
    """
    extra = books.strategy.surge.demand - 1
    least = np.full(len(table), np.nan)
    before = today.set_index(CELL)
    rows = pd.MultiIndex.from_frame(table[CELL])
    for row in books.resources.dropna(subset=["capacity_minutes", "used_minutes"]).to_dict("records"):
        column = f"uses_{row['resource']}"
        own = table[column].to_numpy("float64")
        used = row["used_minutes"] + own - before[column].reindex(rows).to_numpy("float64")
        with np.errstate(divide="ignore", invalid="ignore"):
            share = np.clip((row["capacity_minutes"] - used) / (extra * used), 0.0, 1.0)
        least = np.where(own > 0, np.fmin(least, share), least)
    return table.assign(responsiveness=least)
