"""What scenarios bring, a second way: plain pandas over written replications, by what params say of a scenario."""

from __future__ import annotations

from hashlib import md5
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from small_workbook import QUARTER, Row, event, line, make_workbook, open_run

from cts_lib.params.period import Period
from cts_lib.run.simulated import leave_simulated

REPLICATIONS = 10
PRICES = {"entry": 0.5, "calls": 0.25, "drops": 7.0}
MODEL = {
    "resources": {"desk": {}, "trucks": {}},
    "activities": {
        "entry": {"resource": "desk", "per": "order", "driver": "10 + 2*lines"},
        "calls": {"resource": "desk", "per": "event:call", "driver": "quantity"},
        "drops": {"resource": "trucks", "per": "shipment", "driver": "1"},
    },
    "prices": PRICES,
}
ONCE, EACH, YEARLY = 60.0, 48.0, 12.0
FEE = 9.0
SURGE = {"demand": 2, "from_day": 20, "to_day": 60, "channel": "direct"}
DOWN = {"warehouse": "A", "from_day": 30, "to_day": 44}
PERIOD = Period.parse(QUARTER)
FIRST = pd.Timestamp("2026-01-01")
Tables = dict[str, pd.DataFrame]
Found = tuple[Tables, dict[str, list[pd.DataFrame]]]


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Found:
    """A unit whose orders are drawn: the tables of the stages, and the written lines of each plan's replications."""
    folder = tmp_path_factory.mktemp("unit")
    random = np.random.default_rng(5)
    customers = [{"customer_id": f"c{at}", "channel": ("direct", "retail")[at % 2]} for at in range(14)]
    orders = [order(at, random) for at in range(120)]
    lines = [each | {"line_no": str(number)} for each in orders for number in range(random.integers(1, 4))]
    params = make_workbook(
        folder,
        lines,
        MODEL,
        customers=customers,
        events=[event("call", f"c{at}", quantity=2, event_date=f"2026-0{1 + at // 4}-1{at}") for at in range(9)],
        strategy={
            "levers": {
                "delivery": {
                    "kind": "terms",
                    "settings": {"drop": {"fee_per_drop": FEE}},
                    "investment": {"once": ONCE, "per_customer": EACH, "per_year": YEARLY},
                }
            },
            "max_service_loss": 1,
            "min_gain": {"money": 0, "share_of_sales": 0},
        },
        evaluation={
            "replications": REPLICATIONS,
            "precision": 1,
            "horizon": "mean",
            "scenarios": {"surge": SURGE, "down": DOWN, "half": {"adoption": 0.5}},
        },
    )
    unit_run = open_run(params)
    results = unit_run.compute(PERIOD, ("profile", "segment", "strategy", "evaluate"))
    written = dict[str, list[pd.DataFrame]]()
    for plan in ("current", "proposed"):
        for replication in range(REPLICATIONS):
            leave_simulated(unit_run, PERIOD, results, plan, replication, to := folder / f"{plan}-{replication}")
            written.setdefault(plan, []).append(lines_of(to))
    unit_run.close()
    return results.all_tables, written


def order(at: int, random: np.random.Generator) -> Row:
    """Return a line of an order that leaves up to eight days later, from one of two warehouses."""
    day = FIRST + pd.Timedelta(days=int(random.integers(0, 75)))
    left = day + pd.Timedelta(days=int(random.integers(0, 9)))
    dates = {"order_date": day, "shipped_date": left, "delivered_date": left + pd.Timedelta(days=1)}
    dates["promised_date"] = day + pd.Timedelta(days=6)
    money = {"net_sales": int(random.integers(40, 160)), "cogs": 30, "warehouse": "AB"[random.integers(2)]}
    return line(f"o{at}", customer_id=f"c{random.integers(14)}", **money) | {
        name: str(day.date()) for name, day in dates.items()
    }


def lines_of(folder: Path) -> pd.DataFrame:
    """Return written lines, the first of them with the number of all calls, and of those that a surge brings twice."""
    lines = pd.read_parquet(folder / "data" / "order_lines.parquet").assign(calls=0.0, calls_again=0.0)
    if (folder / "data" / "events.parquet").exists():  # none may have happened
        calls = pd.read_parquet(folder / "data" / "events.parquet")
        is_direct = calls["customer_id"].str[1:].astype(int) % 2 == 0
        is_twice = is_direct & surges(calls["event_date"])
        both = [calls["quantity"].sum(), calls.loc[is_twice, "quantity"].sum()]
        lines.loc[lines.index[0], ["calls", "calls_again"]] = both
    return lines


def surges(date: pd.Series) -> pd.Series:
    """Say which dates are in the days of the surge."""
    return ((pd.to_datetime(date) - FIRST).dt.days + 1).between(SURGE["from_day"], SURGE["to_day"])


def profit(lines: pd.DataFrame) -> float:
    """Return what lines bring: sales less goods, 5 an order and 1 a line, a drop a shipment, and calls."""
    orders = len(lines[["customer_id", "channel", "order_id"]].drop_duplicates())
    drops = len(lines[["customer_id", "channel", "shipment_id"]].drop_duplicates())
    cost = PRICES["entry"] * (10 * orders + 2 * len(lines)) + PRICES["drops"] * drops
    return float((lines["net_sales"] - lines["cogs"]).sum() - cost - PRICES["calls"] * lines["calls"].sum())


def invested(customers: int) -> float:
    """Return a quarter's part of the investment, which is spread over three years."""
    return (ONCE + EACH * customers) / 12 + YEARLY / 4


def figure(tables: Tables, scenario: str, kpi: str) -> dict[str, float]:
    whole = tables["evaluation"].query("segment == '(all)' and kpi == @kpi and scenario == @scenario")
    return whole.set_index("strategy")["mean"].loc[["current", "proposed"]].to_dict()


def going(tables: Tables) -> pd.DataFrame:
    """Return who goes along with the proposal: all of the cells that it changes."""
    chosen = tables["strategy"].query("chosen_option != 'current'")[["segment", "channel"]]
    return tables["segments"].merge(chosen)[["customer_id", "segment", "channel"]]


def test_written_replications_bring_the_base(found: Found) -> None:
    tables, written = found
    own = {"current": 0.0, "proposed": invested(len(going(tables)))}
    expected = {plan: np.mean([profit(lines) for lines in written[plan]]) - own[plan] for plan in own}
    assert figure(tables, "base", "profit") == pytest.approx(expected, abs=0.01)


def test_a_surge_doubles_the_orders_and_calls_of_its_days_and_channel(found: Found) -> None:
    tables, written = found
    own = {"current": 0.0, "proposed": invested(len(going(tables)))}
    expected = {}
    for plan, several in written.items():
        profits = []
        for lines in several:
            again = lines[surges(lines["order_date"]) & (lines["channel"] == SURGE["channel"])]
            more = again.assign(order_id=again["order_id"] + "+", shipment_id=again["shipment_id"] + "+", calls=0.0)
            called = lines["calls"] + lines["calls_again"]
            profits.append(profit(pd.concat([lines.assign(calls=called), more])))
        assert sum(lines["calls_again"].sum() for lines in several)
        expected[plan] = np.mean(profits) - own[plan]
    assert figure(tables, "surge", "profit") == pytest.approx(expected, abs=0.01)


def test_nothing_leaves_a_warehouse_that_is_down_until_the_day_after(found: Found) -> None:
    tables, written = found
    on_time, lead = dict[str, float](), dict[str, float]()
    for plan, several in written.items():
        shares, leads = [], []
        for lines in several:
            ordered, left, came, promised = (
                (pd.to_datetime(lines[name]) - FIRST).dt.days + 1
                for name in ("order_date", "shipped_date", "delivered_date", "promised_date")
            )
            kept = (lines["warehouse"] == DOWN["warehouse"]) & left.between(DOWN["from_day"], DOWN["to_day"])
            came = came + (DOWN["to_day"] + 1 - left).where(kept, 0)
            shares.append((came <= promised).mean())
            leads.append((came - ordered).mean())
        on_time[plan], lead[plan] = np.mean(shares), np.mean(leads)
    assert figure(tables, "down", "on_time") == pytest.approx(on_time, abs=1e-9)
    assert figure(tables, "down", "lead_time_days") == pytest.approx(lead, abs=1e-9)
    assert figure(tables, "down", "profit") == pytest.approx(figure(tables, "base", "profit"), abs=1e-6)


def test_with_half_the_adoption_those_pay_and_are_paid_for_whose_turn_is_first(found: Found) -> None:
    tables, written = found
    turn = going(tables)
    turn["hash"] = [md5(f"delivery/{name}".encode(), usedforsecurity=False).hexdigest() for name in turn["customer_id"]]
    cells = turn.sort_values("hash").groupby(["segment", "channel"])
    chosen = pd.concat([rows.head(int(len(rows) / 2 + 0.5)) for _, rows in cells])[["customer_id", "channel"]]
    profits = []
    for lines in written["current"]:
        drops = lines[["customer_id", "channel", "shipment_id"]].drop_duplicates().merge(chosen)
        profits.append(profit(lines) + FEE * len(drops))
    assert 0 < len(chosen) < len(turn)
    expected = np.mean(profits) - invested(len(chosen))
    assert figure(tables, "half", "profit")["proposed"] == pytest.approx(expected, abs=0.01)


def weeks_on_time(several: list[pd.DataFrame], scenario: str) -> pd.Series:
    """Return, by day, which share is on time of the lines ordered in the seven days that end with it, on average."""
    shares = []
    for lines in several:
        ordered, left, came, promised = (
            (pd.to_datetime(lines[name]) - FIRST).dt.days + 1
            for name in ("order_date", "shipped_date", "delivered_date", "promised_date")
        )
        weight = pd.Series(1.0, lines.index)
        if scenario == "surge":
            is_twice = ordered.between(SURGE["from_day"], SURGE["to_day"]) & (lines["channel"] == SURGE["channel"])
            weight += is_twice
        if scenario == "down":
            kept = (lines["warehouse"] == DOWN["warehouse"]) & left.between(DOWN["from_day"], DOWN["to_day"])
            came = came + (DOWN["to_day"] + 1 - left).where(kept, 0)
        by_day = pd.DataFrame({"lines": weight, "met": weight * (came <= promised)}).groupby(ordered).sum()
        week = by_day.reindex(range(1, PERIOD.days + 1), fill_value=0.0).rolling(7, min_periods=1).sum()
        shares.append(week["met"] / week["lines"].where(week["lines"] > 0))
    return pd.concat(shares, axis=1).mean(axis=1)


def days_to_recover(week: pd.Series, base: pd.Series, last: int) -> float:
    """Return the days after the last of a scenario on which a line may still be late for it: it shows for a week."""
    ill = [day for day in week.dropna().index if base[day] - week[day] > 0.01]
    if ill and ill[-1] == week.dropna().index[-1]:
        return np.nan
    return max([0, *(day - 6 - last for day in ill)])


def test_the_worst_week_and_the_days_to_recover_are_those_of_written_replications(found: Found) -> None:
    tables, written = found
    told, checked = tables["worst_weeks"].set_index(["strategy", "scenario"]), set()
    for plan, several in written.items():
        base = weeks_on_time(several, "base")
        for scenario, last in (("base", None), ("surge", SURGE["to_day"]), ("down", DOWN["to_day"])):
            week = weeks_on_time(several, scenario)
            row, whole = told.loc[(plan, scenario)], week.loc[7:]
            assert row["on_time"] == pytest.approx(whole.min(), abs=1e-9), (plan, scenario)
            assert row["day"] == whole.idxmin()
            assert [row["behind"], row["behind_at"]] == [0.0, "(none)"]  # nothing has a capacity
            assert pd.isna(row["fill_rate"])
            waits = scenario == "down"  # of a surge nothing has to recover here
            wanted = days_to_recover(week, base, last) if last and waits else np.nan
            assert row["recovery"] == pytest.approx(wanted, nan_ok=True), (plan, scenario)
            checked.add((plan, scenario))
    assert checked < set(told.index)
