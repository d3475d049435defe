"""What late and short lines cause, a second way: regression by statsmodels, planted truths, and lines read by hand."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.stats import t as student
from small_workbook import QUARTER, Row, line, make_workbook, open_run
from test_calls import MORE, estimated

from cts_lib.evaluate.calls import FEWEST_EVENTS, Effect, effect_of, seen
from cts_lib.params.on_time import OnTime
from cts_lib.params.period import Period

BASE = 0.03
DATES = ("promised_date", "shipped_date", "delivered_date")


@st.composite
def histories(draw: st.DrawFn) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Lines and calls of customers by period, in parts, with periods of no lines and others of no calls."""
    rows = [
        (f"c{customer}", str(period), lines, draw(st.integers(0, lines)), draw(st.integers(0, 9)))
        for customer in range(draw(st.integers(2, 9)))
        for period in range(draw(st.integers(1, 6)))
        if (lines := draw(st.integers(0, 12)))
    ]
    lines = pd.DataFrame(rows, columns=["customer_id", "period", "lines", "failing", "quantity"]).astype(
        {"lines": "float64", "failing": "float64", "quantity": "float64"}
    )
    calls = lines[lines["quantity"] > 0].assign(event="call")
    alone = pd.DataFrame([("c0", "9", 4.0, "call")], columns=["customer_id", "period", "quantity", "event"])
    return pd.concat([lines, lines.head(3)]), pd.concat([calls, calls.head(2), alone])  # some rows of a period in parts


def regressed(lines: pd.DataFrame, calls: pd.DataFrame) -> tuple[float, float, int] | None:
    """Return effect, error and how many customers tell it: weighted regression with a constant of each customer."""
    keys = ["customer_id", "period"]
    table = lines.groupby(keys)[["lines", "failing"]].sum()
    table = table.join(calls.groupby(keys)["quantity"].sum()).fillna({"quantity": 0.0}).reset_index()
    share, rate = table["failing"] / table["lines"], table["quantity"] / table["lines"]
    telling = share.groupby(table["customer_id"]).transform(np.ptp) > 1e-9
    if table.loc[telling, "customer_id"].nunique() < 2:
        return None
    own = pd.get_dummies(table["customer_id"], dtype=float)[telling]
    groups = table.loc[telling, "customer_id"].astype("category").cat.codes
    model = sm.WLS(rate[telling], own.loc[:, own.any()].assign(share=share), weights=table.loc[telling, "lines"])
    fitted = model.fit(cov_type="cluster", cov_kwds={"groups": groups, "use_correction": False})
    many = groups.nunique()
    return fitted.params["share"], fitted.bse["share"] * (many / (many - 1)) ** 0.5, many


@settings(max_examples=100)
@given(history=histories())
def test_effect_and_error_are_those_of_weighted_regression_within_customers(
    history: tuple[pd.DataFrame, pd.DataFrame],
) -> None:
    lines, calls = history
    assume(len(lines))
    effect, wanted = effect_of("call", lines, calls), regressed(lines, calls)
    if wanted is None:
        assert (effect.more, effect.error) == (0, 0)
        return
    more, error, many = wanted
    assert (effect.more, effect.error) == pytest.approx((more, error), rel=1e-6, abs=1e-7)
    assert effect.customers == many
    if error > 1e-6:
        assert effect.chance == pytest.approx(student.sf(more / error, many - 1), abs=1e-4)
    end = more + error * student.ppf(0.95, many - 1)
    assert effect.more + effect.apart(0.95) == pytest.approx(end, rel=1e-6, abs=1e-6)


def planted(seed: int, customers: int, periods: int, more: float) -> pd.DataFrame:
    """Return a history of customers of very different sizes: who calls often is served worse in all of its periods."""
    random = np.random.default_rng(seed)
    customer, period = (each.ravel() for each in np.indices((customers, periods)))
    temper = (random.gamma(2, size=customers) / 2)[customer]
    bad = random.beta(2, 8, size=customers)[customer] * temper**0.5 + random.normal(0, 0.08, len(customer))
    lines = random.poisson(60 * random.lognormal(0, 1, customers)[customer]) + 1
    failing = random.binomial(lines, np.clip(bad, 0, 1))
    calls = random.poisson(BASE * temper * lines + more * failing)
    table = pd.DataFrame({"customer_id": customer.astype("str"), "period": period.astype("str"), "lines": lines})
    return table.assign(failing=failing, quantity=calls, event="call")


def inside(effect: Effect, truth: float) -> bool:
    low, high = effect.more + effect.apart(np.array([0.05, 0.95]))
    return bool(low <= truth <= high)


@pytest.mark.parametrize(("customers", "periods"), [(4, 4), (5, 12), (12, 6), (40, 6)])
def test_nine_of_ten_intervals_hold_what_was_planted_however_few_customers_there_are(
    customers: int, periods: int
) -> None:
    histories_ = [planted(seed, customers, periods, MORE) for seed in range(150)]
    held = sum(inside(effect_of("call", each, each), MORE) for each in histories_)
    assert 0.82 * 150 <= held <= 0.96 * 150


@pytest.mark.parametrize(("customers", "periods"), [(4, 4), (12, 6)])
def test_an_effect_is_seldom_told_where_there_is_none_however_few_customers_there_are(
    customers: int, periods: int
) -> None:
    told = [estimated(each, each).effects for seed in range(150) if len(each := planted(seed, customers, periods, 0.0))]
    assert sum(bool(each) for each in told) <= 0.1 * 150


def test_one_customer_whose_lines_fail_more_and_less_tells_nothing() -> None:
    one = planted(3, 1, 8, 0.5)
    same = planted(3, 5, 8, 0.0).assign(lines=30, failing=7)
    assert one["quantity"].sum() > FEWEST_EVENTS
    assert not estimated(one, one).effects
    assert not estimated(pd.concat([one, same]), pd.concat([one, same])).effects


def written(random: np.random.Generator) -> list[Row]:
    """Return lines of all kinds: late, early, short, returned, with dates and quantities known or not."""
    rows = []
    for at in range(300):
        day = pd.Timestamp("2026-01-01") + pd.Timedelta(days=int(random.integers(0, 60)))
        dates = {name: day + pd.Timedelta(days=int(random.integers(0, 6))) for name in DATES}
        known = {name: str(each.date()) if random.random() < 0.8 else "" for name, each in dates.items()}
        quantity = int(random.choice([1, 4, 10, -3]))
        known["delivered_quantity"] = random.choice(["", "0", str(quantity), str(max(quantity - 1, 0))])
        rows.append(line(f"o{at}", customer_id=f"c{random.integers(1, 3)}", quantity=quantity, **known))
        rows[-1]["order_date"] = rows[-1]["posting_date"] = str(day.date())
    return rows


def failing_by_hand(rows: list[Row], on_time: OnTime) -> dict[tuple[str, str], tuple[int, int]]:
    """Return the sold lines of each customer and day, and those that came outside the window or short."""
    found: dict[tuple[str, str], tuple[int, int]] = {}
    for each in rows:
        if each["quantity"] < 0:
            continue
        came, wanted = each["delivered_date"] or each["shipped_date"], each["promised_date"]
        late = (pd.Timestamp(came) - pd.Timestamp(wanted)).days if came and wanted else 0
        early = on_time.early_days is not None and -late > on_time.early_days
        arrived = each["delivered_quantity"]
        short = arrived != "" and float(arrived) < on_time.full_share * each["quantity"]
        fails = (bool(came and wanted) and (late > on_time.late_days or early)) or short
        key = each["customer_id"], each["posting_date"]
        lines, failing = found.get(key, (0, 0))
        found[key] = lines + 1, failing + fails
    return found


@pytest.mark.parametrize("seed", range(3))
def test_lines_that_fail_are_those_outside_the_window_of_params_or_short(tmp_path: Path, seed: int) -> None:
    random = np.random.default_rng(seed)
    rows = written(random)
    unit_run = open_run(make_workbook(tmp_path, rows))
    try:
        engine = unit_run.accepted(Period.parse(QUARTER)).engine
        for early, late, share in ((None, 0, 1.0), (0, 0, 1.0), (1, 2, 0.7), (None, 3, 0.9)):
            on_time = OnTime(early_days=early, late_days=late, full_share=share)
            lines, _ = seen(engine, on_time)
            days = pd.to_datetime(lines["day"], unit="D").dt.strftime("%Y-%m-%d")
            counted = zip(lines["lines"], lines["failing"], strict=True)
            found = dict(zip(zip(lines["customer_id"], days, strict=True), counted, strict=True))
            assert found == failing_by_hand(rows, on_time)
    finally:
        unit_run.close()
