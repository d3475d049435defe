"""A period's work and what it costs: ledger into pools, transactions into the cube, both into rates."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from cts_lib.costing.rates import Pools, accepted_ledger, cost_pools, price, unit_rates
from cts_lib.cube.cube import Cube, build_cube
from cts_lib.engine import Engine
from cts_lib.model.compiled import CompiledActivity
from cts_lib.params import UnitParams
from cts_lib.params.period import Period


@dataclass(frozen=True)
class Priced:
    """The ledger's rows, what each resource has to share out, the driver cube, and each activity's price of a unit."""

    ledger: pd.DataFrame
    pools: Pools
    cube: Cube
    rates: pd.DataFrame

    @property
    def costs(self) -> pd.DataFrame:
        """What each customer, channel and activity costs."""
        return price(self.cube, self.rates)


def priced(
    engine: Engine,
    unit: UnitParams,
    activities: list[CompiledActivity],
    uncovered: list[str],
    period: Period,
    cube: Cube | None = None,
) -> Priced:
    """Price the transactions of the period that the engine holds; ``uncovered`` resources have no ledger row of it.

    ``cube`` is the work of these activities where it is known already.
    """
    ledger = accepted_ledger(engine)
    pools, cube = cost_pools(unit, ledger, uncovered, period), cube or build_cube(engine, activities)
    return Priced(ledger, pools, cube, unit_rates(unit.params.cost_model, pools, cube.totals))
