"""What levers make of lines is the same to the bit whatever the order of rows: no sum hangs on who came first."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from small_workbook import QUARTER, Row, line, make_workbook, open_run

from cts_lib.params.period import Period
from cts_lib.run import write_replay

LEVERS = {
    "small": {"kind": "minimum_order", "settings": {"weekly": {"value": 400, "below": "bundle"}}},
    "fees": {"kind": "terms", "settings": {"both": {"fee_per_order": 3.3, "fee_per_drop": 1.7}}},
    "partner": {"kind": "hand_over", "settings": {"small": {"below": 1500, "margin_kept": 0.37}}},
    "road": {"kind": "mode", "settings": {"all": {"to": "road"}}},
}
OPTIONS = ("small: weekly", "fees: both", "partner: small", "road: all")


def lines() -> list[Row]:
    """Return orders of several lines whose amounts no double holds exactly."""
    random, found = np.random.default_rng(8), list[Row]()
    for number in range(150):
        customer, day = f"c{random.integers(9)}", f"2026-0{random.integers(1, 4)}-{random.integers(10, 29)}"
        for at in range(random.integers(3, 9)):
            amounts = {"net_sales": round(random.uniform(5, 90), 2), "cogs": round(random.uniform(1, 60), 2)}
            amounts |= {"weight_kg": round(random.uniform(0.1, 7), 3), "warehouse": "A", "ship_mode": "air"}
            found.append(line(f"o{number}", str(at), customer, order_date=day, shipped_date=day, **amounts))
    return found


def replayed(folder: Path, rows: list[Row], option: str) -> dict[str, pd.DataFrame]:
    """Return the lines and events that an option for everybody makes of rows."""
    lane = {"business_unit": "north", "warehouse": "A", "destination": "Rome", "ship_mode": "road", "days": 2}
    params = make_workbook(
        folder,
        rows,
        customers=[
            {"customer_id": f"c{at}", "channel": ("direct", "retail")[at % 2], "city": "Rome"} for at in range(9)
        ],
        lanes=[lane | {"rate_per_kg": 0.3, "rate_per_shipment": 7, "minimum_charge": 1}],
        strategy={"levers": LEVERS},
    )
    unit_run = open_run(params)
    write_replay(unit_run, Period.parse(QUARTER), option, folder / "to")
    unit_run.close()
    return {path.stem: pd.read_parquet(path) for path in (folder / "to" / "data").glob("*.parquet")}


@pytest.mark.parametrize("option", OPTIONS)
def test_rows_in_another_order_are_rewritten_to_the_same_bits(tmp_path: Path, option: str) -> None:
    rows = lines()
    expected = replayed(tmp_path / "one", rows, option)
    found = replayed(tmp_path / "other", [rows[at] for at in np.random.default_rng(1).permutation(len(rows))], option)
    assert expected["order_lines"]["net_sales"].sum() > 0
    for name in ("order_lines", *({"events"} & set(expected))):
        pd.testing.assert_frame_equal(found[name], expected[name], obj=name, check_exact=True)
