"""A policy in parts holds every customer once, with all levers that are at work on it."""

from __future__ import annotations

import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from cts_lib.names import CUSTOMER
from cts_lib.params import Strategy
from cts_lib.replay.groups import parts_of
from cts_lib.replay.options import placed_levers
from cts_lib.replay.policy import Policy

SHARES = {"half": {"to": "edi", "share": 0.5}, "all": {"to": "edi"}}
LEVERS = placed_levers(
    Strategy.model_validate(
        {
            "levers": {
                "portal": {
                    "kind": "order_method",
                    "settings": SHARES,
                },
                "rush": {"settings": {"none": {"drop": True}}},
                "rhythm": {"settings": {"weekly": {"days": 7}}},
            }
        }
    )
)
SETTINGS = {lever.name: [None, *lever.settings] for lever in LEVERS}


def policy(chosen: list[dict[str, str | None]]) -> Policy:
    """A customer a row, with the chosen setting of each lever."""
    rows = pd.DataFrame(
        {"customer_id": [f"c{at}" for at in range(len(chosen))], "channel": "direct", "scenario": "one"}
    )
    for lever in LEVERS:
        given_ = [lever.settings.get(each[lever.name] or "") for each in chosen]
        rows[lever.place.at] = [1.0 if setting else np.nan for setting in given_]
        for column in sorted(lever.place.used):
            values = [lever.kind.policy(setting)[column] if setting else None for setting in given_]
            rows[lever.place[column]] = pd.Series(values, dtype="object")
    return Policy(rows, pd.DataFrame(), LEVERS)


@given(
    st.lists(st.fixed_dictionaries({name: st.sampled_from(some) for name, some in SETTINGS.items()}), min_size=1),
    st.sampled_from([1, 20_000, 1_000_000]),
)
def test_every_customer_is_in_one_part_with_its_levers(chosen: list[dict[str, str | None]], lines: int) -> None:
    whole = policy(chosen)
    parts = parts_of(whole, whole.rows[CUSTOMER].assign(n=lines))
    kept = [name for part in parts for name in part.rows["customer_id"]]
    assert sorted(kept) == sorted(whole.rows["customer_id"])
    for part in parts:
        there = {lever.name for lever in part.levers}
        for name in part.rows["customer_id"]:
            assert {lever for lever, setting in chosen[int(name[1:])].items() if setting} <= there
    half = {f"c{at}" for at, each in enumerate(chosen) if each["portal"] == "half"}
    assert sum(bool(half & set(part.rows["customer_id"])) for part in parts) <= 1  # they share a cell's orders
