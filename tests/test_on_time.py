"""The window of a line on time and the share that is in full, held against plain pandas."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_workbook import LEDGER, compute, line, make_workbook, row

from cts_lib.errors import CtsError
from cts_lib.measures import ratio

PROMISED = date(2026, 2, 10)
AFTER = st.one_of(st.none(), st.integers(-6, 6))
PARTS = st.lists(st.tuples(st.integers(-6, 6), st.integers(1, 12)), max_size=3)
LINES = st.lists(
    st.tuples(st.integers(0, 3), st.booleans(), AFTER, AFTER, st.one_of(st.none(), st.integers(0, 12)), PARTS),
    min_size=1,
    max_size=6,
)
WINDOWS = st.tuples(st.one_of(st.none(), st.integers(0, 5)), st.integers(0, 5), st.sampled_from([0.55, 0.7, 0.95, 1.0]))


def day(after: int | None) -> str:
    return "" if after is None else str(PROMISED + timedelta(days=after))


def judged(drawn: Any, window: tuple[int | None, int, float]) -> pd.DataFrame:
    """Return what a line's on_time, in_full and filled units are, by hand; null where unknown."""
    early, late, share = window
    rows = []
    for order, promised, delivered, shipped, quantity, parts in drawn:
        arrived = max(after for after, _ in parts) if parts else delivered if delivered is not None else shipped
        came = sum(part for _, part in parts) if parts else quantity
        in_time = [(part, -(99 if early is None else early) <= after <= late) for after, part in parts]
        on_time = None
        if promised and arrived is not None:
            on_time = float(-(99 if early is None else early) <= arrived <= late)
            if parts:
                on_time = min(sum(part for part, is_in_time in in_time if is_in_time) / 10, 1.0)
        in_full = None if came is None else float(came >= round(share * 10, 9))
        rows.append((f"o{order}", on_time, in_full, None if came is None else min(came, 10) / 10))
    return pd.DataFrame(rows, columns=["order_id", "on_time", "in_full", "fill_rate"])


@settings(max_examples=15)
@given(LINES, WINDOWS)
def test_every_figure_judges_lines_by_the_window(tmp_path_factory: Any, drawn: Any, window: Any) -> None:
    places = list(enumerate(drawn))
    lines = [
        line(
            f"o{order}",
            str(place),
            warehouse="A",
            promised_date=day(0) if promised else "",
            delivered_date=day(delivered),
            shipped_date=day(shipped),
            delivered_quantity="" if quantity is None else str(quantity),
        )
        for place, (order, promised, delivered, shipped, quantity, _) in places
    ]
    parts = [
        line(f"o{order}", str(place), delivered_date=day(after), delivered_quantity=str(part))
        for place, (order, *_, several) in places
        for after, part in several
    ]
    settings_of = dict(zip(("early_days", "late_days", "full_share"), window, strict=True))
    folder = tmp_path_factory.mktemp("window")
    params = make_workbook(folder, lines, ledger=LEDGER, governance={"on_time": settings_of})
    if parts:
        columns = ["business_unit", "order_id", "line_no", "delivered_date", "delivered_quantity"]
        pd.DataFrame(parts)[columns].to_csv(folder / "data" / "deliveries.csv", index=False)
    profile = compute(params).stages["profile"]
    found = profile.tables
    expected = judged(drawn, window)
    sums = profile.state["customer_sums"].sum(numeric_only=True).to_frame().T
    for name in ("on_time", "in_full", "fill_rate"):
        mean = pytest.approx(expected[name].astype("float64").mean(), nan_ok=True)
        assert ratio(sums, name).iloc[0] == mean
        if name != "fill_rate":
            assert row(found["service"], channel="(all)")[name] == mean
            assert row(found["profile"], dimension="warehouse")[name] == mean
    for name, least in (("on_time", window[2]), ("in_full", 1.0)):
        known = expected.groupby("order_id")[name].agg(lambda own: own.notna().all())
        met = expected.groupby("order_id")[name].agg(lambda own, least=least: (own.astype("float64") >= least).all())
        share = pytest.approx(met[known].mean() if known.any() else float("nan"), nan_ok=True)
        assert row(found["service"], channel="(all)")[f"{name}_orders"] == share


@pytest.mark.parametrize(
    ("setting", "told"),
    [
        ({"late_days": -1}, r"defaults\.yml, governance\.on_time\.late_days: .*-1"),
        ({"early_days": 1.5}, r"governance\.on_time\.early_days: .*1\.5"),
        ({"full_share": 95}, r"governance\.on_time\.full_share: .*95"),
        ({"late": 1}, r"governance\.on_time\.late: unknown key"),
    ],
)
def test_a_wrong_window_is_told_in_one_line(tmp_path: Path, setting: dict[str, float], told: str) -> None:
    with pytest.raises(CtsError, match=told):
        compute(make_workbook(tmp_path, governance={"on_time": setting}))
