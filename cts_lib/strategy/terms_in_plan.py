"""What is left to ask of customers that lose money in the plan too: the least fee or price on top of it.

Nothing is said of those whom the plan leaves as they are, for whom the terms of today hold, of those whom it hands
over, and of those whose orders it takes a share of, for which of them hangs on the orders of others.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from cts_lib.names import CUSTOMER
from cts_lib.replay.options import CURRENT
from cts_lib.strategy.customer_plan import WhollyTaken
from cts_lib.strategy.needed import PAID_ON, easiest, first_steps, solved
from cts_lib.strategy.trials import Trials

KEYS = [*CUSTOMER, "term", "aim"]
FOUND = ["chosen_needed", "chosen_net_sales_then", "chosen_easiest", "chosen_realistic"]
_HALF_A_CENT = 0.005


def left_to_ask(losing: pd.DataFrame, planned: pd.DataFrame, taken: WhollyTaken) -> pd.DataFrame:
    """Return those of the losing who are asked on top of the plan, with what they sell and bring in it.

    How often they order and are delivered is today's: from there the search begins.
    """
    then = planned.rename(columns={"chosen_net_sales": "net_sales", "chosen_profit": "profit"})
    loses = (then["profit"] < -_HALF_A_CENT) & (then["option"] != CURRENT)
    asked = then.loc[loses & taken.by_themselves & ~then["handed_over"], [*CUSTOMER, "net_sales", "profit"]]
    return losing[[*CUSTOMER, "orders", "shipments"]].merge(asked, on=CUSTOMER)


def terms_in_plan(left: pd.DataFrame, aims: pd.DataFrame, trials: Trials, most_asked: float) -> pd.DataFrame:
    """Return, by customer_id, channel, term and aim, what is needed on top of the plan; ``trials`` are made in it."""
    if left.empty:
        return pd.DataFrame(columns=[*KEYS, *FOUND])
    wanted = left.merge(pd.DataFrame({"term": list(PAID_ON)}), how="cross").merge(aims, how="cross")
    found = solved(wanted, trials.outcomes(first_steps(left)), trials)
    asked = found["net_sales_then"] / found["net_sales"] - 1
    return found[KEYS].assign(
        chosen_needed=found["needed_number"].where(found["possible"]),
        chosen_net_sales_then=found["net_sales_then"].where(found["possible"], np.nan),
        chosen_easiest=easiest(found, asked),
        chosen_realistic=found["possible"] & ~(asked.round(9) > most_asked),
    )
