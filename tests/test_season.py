from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from small_workbook import compute, line, make_workbook, row

from cts_lib.customers.season import decompose, monthly_sales, seasonality

MONTHS = pd.date_range("2024-01-01", periods=36, freq="MS")
WAVE = np.cos(2 * np.pi * np.arange(36) / 12)


def months(values: np.ndarray) -> pd.DataFrame:
    return pd.DataFrame({"channel": "(all)", "month": MONTHS[: len(values)], "net_sales": values})


def test_a_pure_wave_is_all_season_and_peaks_in_january() -> None:
    found = seasonality(monthly_sales(months(100 + 20 * WAVE))).iloc[0]
    assert found["season_strength"] > 0.99
    assert (found["peak_month"], found["trough_month"]) == (1, 7)
    assert found["peak"] == pytest.approx(0.2, abs=0.02)


def test_growth_is_told_a_year() -> None:
    found = seasonality(monthly_sales(months(100 * 1.1 ** (np.arange(36) / 12) + WAVE))).iloc[0]
    assert found["trend_strength"] > 0.95
    assert found["yearly_change"] == pytest.approx(0.1, abs=0.01)


def test_trend_season_and_remainder_add_up_to_sales() -> None:
    table = monthly_sales(months(100 + 20 * WAVE + np.arange(36) % 5))
    assert np.allclose(table[["trend", "season", "remainder"]].sum(axis=1), table["net_sales"])


@pytest.mark.parametrize("values", [np.ones(36), 100 + WAVE[:23]])
def test_too_short_or_flat_a_series_is_not_taken_apart(values: np.ndarray) -> None:
    assert decompose(values) is None
    assert pd.isna(seasonality(monthly_sales(months(values))).iloc[0]["season_strength"])


def test_months_are_counted_from_the_raw_lines_and_empty_ones_are_zero(tmp_path: Path) -> None:
    rows = [
        line("o1", "1", order_date="2025-11-05"),
        line("o1", "2", order_date="2025-11-06"),
        line("o2", "1", customer_id="c2"),
        line("o2", "2", customer_id="c2", order_date="2026-03-03", quantity="-1", net_sales="-10"),
        line("o3", "1", net_sales="much"),
        line("o4", "1", business_unit="south"),
    ]
    table = compute(make_workbook(tmp_path, rows, quality={"max_rejected_share": 0.9})).all_tables["monthly_sales"]
    whole = table[table["channel"] == "(all)"].set_index("month")
    assert [f"{month:%Y-%m}" for month in whole.index] == ["2025-11", "2025-12", "2026-01", "2026-02", "2026-03"]
    assert whole["lines"].tolist() == [2, 0, 0, 1, 1]
    assert whole["orders"].tolist() == [1, 0, 0, 1, 0]
    assert whole["net_sales"].tolist() == [200, 0, 0, 100, -10]
    assert row(table, channel="retail", month=pd.Timestamp("2026-02-01"))["net_sales"] == 100


def test_growth_peak_and_trough_are_those_that_the_table_shows() -> None:
    # the trend doubles in two years less a month, 23 steps; the season of the last year has its ends in June and May
    trend = 100 * 2 ** (np.arange(24) / 23)
    season = np.zeros(24)
    season[[0, 6]], season[[17, 16]] = (90.0, -90.0), (30.0, -15.0)
    table = months(trend).assign(trend=trend, season=season, remainder=0.0)
    found = seasonality(table).iloc[0]
    assert found["yearly_change"] == pytest.approx(2 ** (12 / 23) - 1)
    assert (found["peak_month"], found["trough_month"]) == (6, 5)
    assert found["peak"] == pytest.approx(30 / trend[12:].mean())
    assert found["trough"] == pytest.approx(-15 / trend[12:].mean())
