"""What explains cost to serve, and trend and season, a second way: from the tables that the reader has beside them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from small_workbook import compute, line, make_workbook
from statsmodels.tsa.seasonal import STL

Row = dict[str, Any]
WHO = ["customer_id", "channel"]
MODEL: Row = {
    "resources": {},
    "activities": {
        "entry": {"per": "order", "driver": "16 + 6*lines + 10*rush", "rate": 1},
        "drops": {"per": "shipment", "driver": "10 + 0.3*COALESCE(distance_km, 0)", "rate": 1},
    },
}
TIMES = {"one": 1.0, "ten": 0.1, "tenth": 10.0, "points": 10.0}
"""By what a figure is multiplied so that its effect is that of the step."""


def extract(generator: np.random.Generator, customers: int = 90) -> tuple[list[Row], list[Row]]:
    """Customers with traits that are not known of all, and three years of lines of some of them."""
    register, lines = [], []
    for at in range(customers):
        some = {"tier": generator.choice(["a", "a", "b"]), "stores": int(generator.integers(1, 40))}
        for name in [name for name in some if generator.random() < 0.05]:
            some[name] = ""
        name, distance = f"c{at:03}", generator.choice([0, 5, 50, 300], p=[0.05, 0.35, 0.3, 0.3])
        register.append({"customer_id": name, "channel": generator.choice(["web", "shops"])} | some)
        months = pd.date_range("2023-04-01", periods=36, freq="MS") if at < 30 else []
        days = [*generator.choice(["2026-01-07", "2026-02-11", "2026-03-19"], generator.integers(1, 6))]
        for order, day in enumerate([*days, *(str(month.date()) for month in months)]):
            rush = "rush" if generator.random() < 0.3 else "standard"
            for place in range(generator.integers(1, 4)):
                quantity = int(generator.integers(1, 20)) * (-1 if generator.random() < 0.06 else 1)
                lines.append(
                    line(
                        f"o{at}-{order}",
                        str(place),
                        name,
                        order_date=day,
                        quantity=quantity,
                        net_sales=round(quantity * float(generator.uniform(5, 12)), 2),
                        gross_sales=round(quantity * 12.5, 2),
                        cogs=quantity * 5,
                        priority=rush,
                        order_method=generator.choice(["edi", "phone"]),
                        distance_km=distance,
                        shipment_id=f"s{at}-{order}-{generator.integers(0, 2)}",
                    )
                )
    return register, lines


@pytest.fixture(scope="module", params=[1, 2])
def drawn(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[pd.DataFrame, Any]:
    register, lines = extract(np.random.default_rng(request.param))
    params = make_workbook(tmp_path_factory.mktemp("effects"), lines, MODEL, customers=register)
    return pd.DataFrame(register).replace("", None), compute(params).all_tables


def test_effects_are_those_of_least_squares_on_the_tables(drawn: tuple[pd.DataFrame, Any]) -> None:
    register, found = drawn
    rows = found["customer_behaviour"].merge(found["customer_channel_profit"].drop(columns="orders"), on=WHO)
    rows = rows.merge(register.drop(columns="channel"), on="customer_id")
    rows = rows[(rows["net_sales"] > 0) & (rows["cost_to_serve"] > 0)].assign(
        stores=pd.to_numeric(rows["stores"]), discount_share=rows["discounts"] / rows["gross_sales"]
    )
    share = rows["cost_to_serve"] / rows["net_sales"]
    share = np.log(share.clip(*share.quantile([0.01, 0.99])))
    asked = found["cost_effects"].query("verdict != 'left out'")
    assert {"lines_per_order", "rush_share"} < set(asked["effect"])
    design = {}
    for place, one in asked.iterrows():
        values = rows[one["effect"]]
        if one["step"] == "instead":
            design[place] = (values == one["value"]).astype(float).where(values.notna())
        elif one["step"] == "twice":
            design[place] = np.log2(values.where(values > 0))
        else:
            design[place] = values * TIMES[one["step"]]
    matrix = pd.DataFrame(design).dropna()
    fit = sm.OLS(share[matrix.index], sm.add_constant(matrix)).fit(cov_type="HC3", use_t=True)
    low, high = (fit.conf_int(0.1)[place].iloc[1:] for place in (0, 1))
    for told, by_hand in ((asked["estimate"], fit.params.iloc[1:]), (asked["low"], low), (asked["high"], high)):
        assert told.tolist() == pytest.approx((np.exp(by_hand) - 1).tolist(), abs=1e-9)
    assert set(asked["observations"]) == {len(matrix)}
    assert asked["r_squared"].tolist() == pytest.approx([fit.rsquared] * len(asked))
    assert asked["verdict"].tolist() == [
        "more" if a > 0 else "less" if b < 0 else "cannot tell" for a, b in zip(low, high, strict=True)
    ]


def test_strength_peak_and_growth_follow_from_the_parts_of_each_channel(drawn: tuple[pd.DataFrame, Any]) -> None:
    _, found = drawn
    told = found["seasonality"].set_index("channel")
    assert set(told.index) == {"(all)", "web", "shops"}
    for channel, months in found["monthly_sales"].groupby("channel"):
        parts = STL(months["net_sales"].to_numpy(), period=12).fit()
        trend, season, rest = parts.trend, parts.seasonal, parts.resid
        for name, part in (("trend", trend), ("season", season), ("remainder", rest)):
            assert months[name].tolist() == pytest.approx(part.tolist())
        last, number = season[-12:], months["month"].dt.month.to_numpy()[-12:]
        by_hand = {
            "months": 36,
            "season_strength": max(0.0, 1 - np.var(rest) / np.var(season + rest)),
            "trend_strength": max(0.0, 1 - np.var(rest) / np.var(trend + rest)),
            "yearly_change": (trend[-1] / trend[0]) ** (12 / 35) - 1 if min(trend[0], trend[-1]) > 0 else np.nan,
            "peak_month": number[last.argmax()],
            "peak": last.max() / trend[-12:].mean(),
            "trough_month": number[last.argmin()],
            "trough": last.min() / trend[-12:].mean(),
        }
        assert told.loc[channel, list(by_hand)].to_dict() == pytest.approx(by_hand, nan_ok=True)
