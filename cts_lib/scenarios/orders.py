"""How a period would stand if customers ordered otherwise: its transactions rewritten by levers, for everybody at once.

Unlike a plan it chooses nothing: every segment gets the same setting, of those whom the lever is for and who go along.
What the lever takes to begin with is not in it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pandas as pd

from cts_lib.costing.costed import Costed
from cts_lib.names import CUSTOMER
from cts_lib.params import Strategy
from cts_lib.params.period import Period
from cts_lib.replay.options import Option
from cts_lib.replay.outcome import actual_transactions, reached_by, replay
from cts_lib.replay.policy import everywhere, policy_of
from cts_lib.replay.pricing import pricing
from cts_lib.replay.whom import who_goes_along
from cts_lib.scenarios.dials import SETTING

if TYPE_CHECKING:
    from cts_lib.run import UnitRun


def with_settings(strategy: Strategy, settings: Mapping[str, Mapping[str, Any]]) -> Strategy:
    """Return a strategy of these levers alone, each with the one setting; a wrong value is refused as in params."""
    levers = {
        name: strategy.levers[name].model_dump(by_alias=True) | {"settings": {SETTING: setting}}
        for name, setting in settings.items()
    }
    return Strategy.model_validate(strategy.model_dump(by_alias=True) | {"levers": levers})


def rewritten(
    run: UnitRun, period: Period, settings: Mapping[str, Mapping[str, Any]], segments: pd.DataFrame, sales: pd.Series
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return what the rewritten transactions cost by activity, and their money; both by customer and channel.

    Parameters
    ----------
    settings : mapping
        The setting of each lever that is at work, by lever.
    segments : DataFrame
        customer_id, channel, segment of today.
    sales : Series
        Net sales of the period by customer_id.
    """
    strategy = with_settings(run.unit.params.strategy, settings)
    stored = run.stored.stage("profile", period)
    costed = Costed.of(stored or run.stages(period, "profile")["profile"])
    accepted = run.accepted(period)
    engine, model = accepted.engine, run.unit.params.cost_model
    going = who_goes_along(
        engine,
        strategy,
        accepted.extras,
        segments,
        sales,
        lambda choices, everybody: reached_by(engine, strategy, choices, everybody),
    )
    priced = pricing(model, accepted.extras, strategy, costed.rates, run.unit.params.governance.on_time)
    cells = everywhere(Option(dict.fromkeys(settings, SETTING)), going)
    policy = policy_of({SETTING: cells}, going, strategy)
    outcome = replay(engine, priced, costed, strategy, policy, actual_transactions(engine))
    sums = outcome.customer_sums
    return outcome.costs, sums[CUSTOMER].assign(
        net_sales=sums["net_sales"], gross_margin=sums["net_sales"] - sums["cogs"]
    )
