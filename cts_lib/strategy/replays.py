"""What each segment in each channel costs, earns and gets under a plan: transactions rewritten and priced again.

On a cohort the same levers are at work under many plans. Its transactions are rewritten and priced once for each set of
levers, and what came of it is kept; the figures of a plan are sums of what is kept.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd
from scipy.sparse import csr_array

from cts_lib.costing.costed import Costed
from cts_lib.engine import Engine
from cts_lib.names import CELL, CUSTOMER
from cts_lib.params import Strategy
from cts_lib.replay.cohorts import Cohorts, signatures
from cts_lib.replay.options import placed_levers
from cts_lib.replay.outcome import ROWS_AT_ONCE, Outcome, actual_arrivals, actual_transactions, replay
from cts_lib.replay.policy import AS_TODAY, AtWork, Cells, Policy, joined, policy_for
from cts_lib.replay.pricing import Pricing
from cts_lib.replay.whom import GoingAlong
from cts_lib.strategy.cells import Books, with_money

_LATEST = 0.95
_OWN = ("cost_to_serve", "going_cost", "followable_lines", "followed_lines")
_OF_PLAN = ("customers_reached", "investment", "speed_p95_days")


@dataclass
class _Batch:
    """What is replayed together: by plan the rows of the cohorts, with codes and signatures of all of them."""

    rows: dict[str, np.ndarray] = field(default_factory=dict)
    codes: dict[str, np.ndarray] = field(default_factory=dict)
    signatures: dict[str, np.ndarray] = field(default_factory=dict)
    lines: float = 0.0


class Replays:
    """Replays plans on a period's own transactions, at its prices."""

    def __init__(self, engine: Engine, priced: Pricing, costed: Costed, books: Books) -> None:
        self._engine, self._priced, self._costed, self._books = engine, priced, costed, books
        going = books.going
        self._cohorts = Cohorts.among(going)
        table = self._cohorts.going.cells
        self._customers = pd.MultiIndex.from_frame(going.cells[CUSTOMER])
        self._at_work, self._signed = AtWork(self._cohorts.going, books.levers), {0: AS_TODAY}
        self._names = table[CELL].drop_duplicates().sort_values(CELL).reset_index(drop=True)
        number = {tuple(row): at for at, row in enumerate(self._names.itertuples(index=False, name=None))}
        cell = np.array([number[row] for row in table[CELL].itertuples(index=False, name=None)])
        self._cell, size = cell, len(table)
        sums = costed.customer_sums
        self._numbers = [name for name in sums.columns if sums[name].dtype == "float64"]
        self._resources = list(books.model.resources)
        lines = pd.Series(sums["lines"].to_numpy(), pd.MultiIndex.from_frame(sums[CUSTOMER]))
        self._lines = np.bincount(self._cohorts.of, lines.reindex(self._customers).fillna(0.0).to_numpy(), size)
        self._per_customer = {lever.name: lever.lever.investment.per_customer * books.years for lever in books.levers}
        self._places = dict[tuple[int, int], int]()
        self._sums = np.empty((0, 0))
        self._days = list[float]()
        self._arrived = csr_array((0, 0))
        costs = costed.tables["customer_costs"].assign(scenario="")
        arrived = actual_arrivals(engine, books.strategy).assign(scenario="")
        today = Outcome(costs, sums.assign(scenario=""), arrived)
        self._keep(today, [""], {"": np.arange(size)}, {"": np.zeros(size, dtype="int64")})

    def __call__(self, plans: Mapping[str, Cells], leaving: float = 0.0) -> pd.DataFrame:
        """Return a row a plan and cell of it: plan, segment, channel, option, sums, money and elements.

        ``leaving`` is the share of those who go along that leaves, of every cohort alike: all they bring and cost goes,
        the investment does not.
        """
        codes = {name: self._at_work.codes(cells) for name, cells in plans.items()}
        table = self._cohorts.going.cells
        signed = {name: signatures(own, table, self._signed) for name, own in codes.items()}
        self._replay(codes, signed)
        columns = [*self._numbers, *_OWN[:2], *(f"uses_{name}" for name in self._resources), *_OWN[2:], *_OF_PLAN]
        figures = np.vstack([self._figures(codes[name], signed[name], leaving) for name in plans])
        names = list(self._names.itertuples(index=False, name=None))
        options = [cells.get(cell) for cells in plans.values() for cell in names]
        rows = pd.concat([self._names] * len(plans), ignore_index=True)
        rows.insert(0, "plan", np.repeat(list(plans), len(names)))
        rows["option"] = [option.name if option else "" for option in options]
        rows = rows.join(with_money(pd.DataFrame(figures, columns=columns)))
        return rows[[option is not None for option in options]].reset_index(drop=True)

    def _replay(self, codes: Mapping[str, np.ndarray], signed: Mapping[str, np.ndarray]) -> None:
        """Replay what is not known yet, as many plans at once as memory allows."""
        batch, asked = _Batch(), set[tuple[int, int]]()
        for name, own in signed.items():
            keys = zip(range(len(own)), own.tolist(), strict=True)
            unknown = np.array([key not in self._places and key not in asked for key in keys])
            rows = np.flatnonzero(self._with_fellows(unknown, codes[name]))
            if not len(rows):
                continue
            moved = float(self._lines[rows].sum())
            if batch.rows and batch.lines + moved > ROWS_AT_ONCE:
                self._price(batch)
                batch = _Batch()
            batch.rows[name], batch.codes[name], batch.signatures[name] = rows, codes[name], own
            batch.lines += moved
            asked |= set(zip(rows.tolist(), own[rows].tolist(), strict=True))
        if batch.rows:
            self._price(batch)

    def _with_fellows(self, wanted: np.ndarray, codes: np.ndarray) -> np.ndarray:
        """Add to rows those of cohorts whose orders are counted with theirs, and the other channels of all of them."""
        sampled = np.array([bool(treatment.option) for treatment in self._at_work.treatments])[codes]
        counted = np.isin(self._cell, self._cell[wanted & sampled]) & sampled
        cohort = self._cohorts.going.cells["customer_id"].to_numpy()
        whole: np.ndarray = np.isin(cohort, cohort[wanted | counted])
        return whole

    def _price(self, batch: _Batch) -> None:
        """Rewrite and price the transactions of cohorts, and keep what comes of them."""
        outcome = self._outcome(self._policy(batch))
        self._keep(outcome, list(batch.rows), batch.rows, batch.signatures)

    def _policy(self, batch: _Batch) -> Policy:
        scenarios = {}
        for name, rows in batch.rows.items():
            customers = np.flatnonzero(np.isin(self._cohorts.of, rows))
            scenarios[name] = customers, batch.codes[name][self._cohorts.of[customers]]
        return policy_for(scenarios, self._at_work, self._books.going, self._books.strategy)

    def _outcome(self, policy: Policy) -> Outcome:
        actual, strategy = actual_transactions(self._engine), self._books.strategy
        return replay(self._engine, self._priced, self._costed, strategy, policy, actual, with_arrivals=True)

    def varied(
        self, plan: Cells, assumed: Mapping[str, Strategy], going: Mapping[str, GoingAlong]
    ) -> dict[str, Replays]:
        """Return what replays under strategies that assume other things, each with what the plan needs already kept.

        Few are replayed together, as many as memory allows.
        """
        others = {
            name: Replays(
                self._engine,
                self._priced,
                self._costed,
                replace(self._books, strategy=strategy, levers=placed_levers(strategy), going=going[name]),
            )
            for name, strategy in assumed.items()
        }
        batches = {name: other._moved(name, plan) for name, other in others.items()}
        waiting = [name for name, batch in batches.items() if len(batch.rows[name])]
        while waiting:
            lines = np.cumsum([batches[name].lines for name in waiting])
            some = waiting[: max(1, int(np.searchsorted(lines, ROWS_AT_ONCE, side="right")))]
            outcome = self._outcome(joined([others[name]._policy(batches[name]) for name in some]))
            for name in some:
                batch = batches[name]
                others[name]._keep(outcome.of_scenario(name), [name], batch.rows, batch.signatures)
            waiting = waiting[len(some) :]
        return others

    def _moved(self, name: str, plan: Cells) -> _Batch:
        """Return all that a plan moves, as what is to be replayed."""
        codes = self._at_work.codes(plan)
        signed = signatures(codes, self._cohorts.going.cells, self._signed)
        rows = np.flatnonzero(signed != AS_TODAY)
        return _Batch({name: rows}, {name: codes}, {name: signed}, float(self._lines[rows].sum()))

    def _keep(
        self,
        outcome: Outcome,
        names: list[str],
        rows: Mapping[str, np.ndarray],
        signed: Mapping[str, np.ndarray],
    ) -> None:
        """Add up what came of each cohort, by plan, and keep it under what was at work on it."""
        size, begun = len(self._cell), len(self._sums)
        keys = np.concatenate([at * size + rows[name] for at, name in enumerate(names)])
        keys = keys[np.argsort(keys)]
        plans = pd.Index(names)

        def places(frame: pd.DataFrame) -> np.ndarray:
            plan = plans.get_indexer(pd.Index(frame["scenario"].astype("object")))
            customer = self._customers.get_indexer(pd.MultiIndex.from_frame(frame[CUSTOMER].astype("object")))
            if (customer < 0).any():
                raise KeyError("costs of a customer in a channel without a segment")
            at: np.ndarray = np.searchsorted(keys, plan * size + self._cohorts.of[customer])
            return at

        sums = outcome.customer_sums  # nothing where no line could say, so that a customer adds nothing to its cell
        kept = np.hstack(
            [
                _added(sums[self._numbers].fillna(0.0).to_numpy(), places(sums), len(keys)),
                self._costs(outcome.costs, places(outcome.costs), len(keys)),
            ]
        )
        arrivals = outcome.arrivals
        at = places(arrivals)
        follows = bool(self._books.strategy.tracked_modes) or any(
            lever.kind.name == "visibility" for lever in self._books.levers
        )
        seen = _added(arrivals[["lines", "visible"]].to_numpy("float64"), at, len(keys)) * [float(follows), 1.0]
        self._sums = np.vstack([self._sums, np.hstack([kept, seen])]) if begun else np.hstack([kept, seen])
        self._add_days(arrivals, at, len(keys))
        for place, key in enumerate(keys.tolist()):
            plan, row = divmod(key, size)
            self._places[row, int(signed[names[plan]][row])] = begun + place

    def _costs(self, costs: pd.DataFrame, at: np.ndarray, size: int) -> np.ndarray:
        """Return cost to serve, the cost that would go, and what each resource does."""
        shares = costs["activity"].astype("object").map(self._books.going_shares).fillna(1.0).to_numpy("float64")
        cost = costs["cost"].to_numpy("float64")
        used = costs["minutes"].where(costs["minutes"].notna(), costs["cost"]).to_numpy("float64")
        resource = pd.Index(self._resources).get_indexer(pd.Index(costs["resource"].astype("object")))
        uses = np.zeros((size, len(self._resources)))
        of_resource = resource >= 0
        np.add.at(uses, (at[of_resource], resource[of_resource]), used[of_resource])
        return np.hstack([_added(np.column_stack([cost, cost * shares]), at, size), uses])

    def _add_days(self, arrivals: pd.DataFrame, at: np.ndarray, size: int) -> None:
        """Keep how many lines took how many days."""
        known = arrivals["days"].notna().to_numpy()
        days = arrivals["days"].to_numpy("float64")[known]
        self._days += [float(day) for day in np.setdiff1d(days, self._days)]
        order = np.argsort(self._days)
        column = order[np.searchsorted(np.array(self._days)[order], days)]
        lines, width = arrivals["lines"].to_numpy("float64")[known], len(self._days)
        new = csr_array((lines, (at[known], column)), shape=(size, width))
        old = self._arrived
        self._arrived = csr_array(
            (
                np.concatenate([old.data, new.data]),
                np.concatenate([old.indices, new.indices]),
                np.concatenate([old.indptr, old.nnz + new.indptr[1:]]) if old.shape[0] else new.indptr,
            ),
            shape=(old.shape[0] + size, width),
        )

    def _figures(self, codes: np.ndarray, signed: np.ndarray, leaving: float) -> np.ndarray:
        """Return the figures of every cell, from what is kept of each cohort."""
        stay = 1 - leaving * (codes != AS_TODAY)
        cells_of = csr_array((stay, (self._cell, np.arange(len(stay)))), shape=(len(self._names), len(stay)))
        places = [self._places[key] for key in zip(range(len(signed)), signed.tolist(), strict=True)]
        sizes, cells = self._cohorts.sizes, len(self._names)
        each = [
            sum(self._per_customer[lever] for lever, _ in treatment.choices) for treatment in self._at_work.treatments
        ]
        of_plan = (
            np.bincount(self._cell, sizes * (codes != AS_TODAY), cells),
            np.bincount(self._cell, sizes * np.array(each)[codes], cells),
            self._latest(cells_of @ self._arrived[places]),
        )
        return np.column_stack([np.asarray(cells_of @ self._sums[places]), *of_plan])

    def _latest(self, arrived: csr_array) -> np.ndarray:
        """Return the days that all but few lines of each cell stay within."""
        order = np.argsort(self._days)
        lines = arrived.toarray()[:, order].cumsum(axis=1)
        if not lines.shape[1]:
            return np.full(len(self._names), np.nan)
        enough = lines >= (_LATEST - 1e-12) * lines[:, -1:]
        days: np.ndarray = np.array(self._days)[order][enough.argmax(axis=1)]
        return np.where(lines[:, -1] > 0, days, np.nan)


def _added(amounts: np.ndarray, at: np.ndarray, size: int) -> np.ndarray:
    """Return the sums of rows of amounts by their place."""
    sums = np.zeros((size, amounts.shape[1]))
    np.add.at(sums, at, amounts)
    return sums
