"""Profile: who the customers are, and what each really costs to serve.

Reads accepted lines, events and ledger of the engine and the cost model; writes the tables of stage ``profile``.
Method: time-driven activity-based costing (Kaplan and Anderson, Harvard Business Review, November 2004) and the
customer profitability whale curve (Kaplan and Narayanan, Measuring and Managing Customer Profitability, 2001).
"""

from __future__ import annotations

from datetime import date

import pandas as pd
from sqlglot import exp

from cts_lib import sql
from cts_lib.contracts import CUSTOMERS, Kind
from cts_lib.costing.avoidable import add_avoidable
from cts_lib.costing.base import SERVICE, build_base, ratios
from cts_lib.costing.calibration import remarks, unit_times
from cts_lib.costing.compiled import CompiledActivity
from cts_lib.costing.costed import Costed
from cts_lib.costing.cube import build_cube, mixed_attributes
from cts_lib.costing.drivers import quoted
from cts_lib.costing.evidence import FEWEST_MONTHS, gather
from cts_lib.costing.rates import cost_pools, price, unit_rates
from cts_lib.costing.reconcile import activities_table, check_identity, resources_table, statement_table
from cts_lib.costing.rivals import rival_allocations, rival_costs
from cts_lib.costing.trace import customer_things, ledger_rows, support_flows
from cts_lib.costing.uncertainty import propagate
from cts_lib.engine import Engine, Intake, fetch_frame, fetch_rows
from cts_lib.notes import Note, amount
from cts_lib.params import UnitParams
from cts_lib.period import Period

NONE = "(none)"
MONEY = ("gross_sales", "discounts", "net_sales", "cogs", "gross_margin", "cost_to_serve", "profit", "assumed_cogs")
_COUNTS = ("orders", "lines", "quantity")
_LINE_DIMENSIONS = ("order_method", "priority", "ship_mode", "warehouse")
_PRODUCT_DIMENSIONS = ("family", "handling_class")
_MOST_VALUES = 200
"""A dimension of more values than this is an identifier, and left out."""
_NO_DIMENSION = ("customer_id", "name", "channel", "latitude", "longitude", "customer_since")


def profile(
    engine: Engine, unit: UnitParams, period: Period, intake: Intake, activities: list[CompiledActivity]
) -> Costed:
    """Cost the period's transactions and say who the customers are."""
    model, params = unit.params.cost_model, unit.params
    ledger = fetch_frame(engine, "SELECT period, resource, account, amount FROM accepted_ledger ORDER BY 1, 2, 3, 4")
    pools = cost_pools(unit, ledger, intake.uncovered, period)
    cube = build_cube(engine, activities)
    rates = unit_rates(model, pools, cube.totals)
    costs = price(cube, rates)
    resources = resources_table(model, pools, costs)
    check_identity(resources, params.quality.ledger_tolerance, unit.name)
    base = build_base(engine, params.strategy.electronic_methods)
    customers = _customers(engine)
    by_channel = channel_profit_of(base, costs, customers)
    by_customer = customer_profit(by_channel, customers)
    rivals = rival_costs(model, pools, cube, by_channel)
    costliest = str(by_customer["customer_id"].iloc[-1]) if len(by_customer) else None
    uncertainty = propagate(costs, by_customer, model, params.profile.draws, params.profile.seed)
    evidence = gather(engine, unit, activities, period, months=period.months >= FEWEST_MONTHS)
    tables = {
        "resources": resources,
        "activities": activities_table(model, costs, rates),
        "statement": statement_table(by_channel, resources, costs),
        "customer_costs": costs.astype({"activity": "str", "resource": "str"}),
        "customer_channel_profit": by_channel,
        "customer_profit": add_avoidable(by_customer, costs, model, "customer_id").merge(
            uncertainty.customers, on="customer_id", validate="one_to_one"
        ),
        "rival_allocations": rival_allocations(rivals),
        "whale_band": uncertainty.band,
        "assumption_shares": uncertainty.assumptions,
        "unit_times": unit_times(evidence, model),
        "channel_profit": add_avoidable(channel_profit(by_channel, resources, unit), costs, model, "channel"),
        "profile": _dimensions(engine, intake, by_channel, base, customers, period),
        "lead_times": fetch_frame(engine, sql.load("lead_times")),
        "ledger_rows": ledger_rows(unit, ledger, period),
        "support_flows": support_flows(unit, ledger, period),
        "customer_things": customer_things(engine, activities, rates, costliest),
        "rejected_rows": intake.rejected,
        "quality": intake.quality,
    }
    notes = pools.notes + _notes(engine, unit, intake, activities, tables, base) + remarks(tables["unit_times"])
    families = fetch_frame(engine, sql.load("families"))
    return Costed(tables, notes, base, rates, rivals, families, customers, pools.unbooked)


def _customers(engine: Engine) -> pd.DataFrame:
    """The customers of the period, with all their columns."""
    return fetch_frame(
        engine,
        "SELECT customer.* FROM customers AS customer WHERE customer_id IN (SELECT customer_id FROM lines UNION "
        "SELECT customer_id FROM events) ORDER BY customer_id",
    )


def channel_profit_of(base: pd.DataFrame, costs: pd.DataFrame, customers: pd.DataFrame) -> pd.DataFrame:
    """Return money per customer and channel: ``orders`` … ``profit``; customers with events alone are kept."""
    keys = ["customer_id", "channel"]
    served = costs.groupby(keys)["cost"].sum().rename("cost_to_serve").reset_index()
    sold = base[[*keys, "orders", "lines", "quantity", "gross_sales", "net_sales", "cogs", "assumed_cogs"]]
    table = sold.merge(served, on=keys, how="outer")
    idle = customers.loc[~customers["customer_id"].isin(table["customer_id"]), ["customer_id", "channel"]]
    table = pd.concat([table, idle], ignore_index=True).sort_values(keys, ignore_index=True)
    numbers = [name for name in table.columns if name not in keys]
    table[numbers] = table[numbers].astype("float64").fillna(0.0)
    table["discounts"] = table["gross_sales"] - table["net_sales"]
    table["gross_margin"] = table["net_sales"] - table["cogs"]
    table["profit"] = table["gross_margin"] - table["cost_to_serve"]
    return table[[*keys, *_COUNTS, *MONEY]].astype({"orders": "int64", "lines": "int64"})


def customer_profit(by_channel: pd.DataFrame, customers: pd.DataFrame) -> pd.DataFrame:
    """Return the whale curve's table: customers from most to least profitable, with the running total.

    ``channel`` is the one the customer buys most in.
    """
    table = by_channel.groupby("customer_id", as_index=False)[[*_COUNTS, *MONEY]].sum()
    table = table.sort_values(["profit", "customer_id"], ascending=[False, True], ignore_index=True)
    largest = by_channel.sort_values(["customer_id", "net_sales", "channel"], ascending=[True, False, True])
    table = table.merge(
        largest.drop_duplicates("customer_id")[["customer_id", "channel"]], on="customer_id", how="left"
    )
    table = table.merge(customers[["customer_id", "name"]], on="customer_id", how="left")
    table["rank"] = range(1, len(table) + 1)
    table["cumulative_profit"] = table["profit"].cumsum()
    return table


def channel_profit(by_channel: pd.DataFrame, resources: pd.DataFrame, unit: UnitParams) -> pd.DataFrame:
    """Return money per channel, and what the channel costs beyond its customers."""
    table = by_channel.groupby("channel", as_index=False)[[*_COUNTS, *MONEY]].sum()
    sustaining = resources.set_index("resource")["sustaining"]
    own = {
        name: item.channel
        for name, item in unit.params.cost_model.resources.items()
        if item.level == "channel" and item.channel
    }
    kept = pd.Series(own, dtype="object").rename("channel").to_frame().assign(sustaining=sustaining)
    sums = kept.groupby("channel")["sustaining"].sum()
    missing = [channel for channel in sums.index if channel not in set(table["channel"])]
    table = pd.concat([table, pd.DataFrame({"channel": missing})], ignore_index=True) if missing else table
    table["sustaining"] = table["channel"].map(sums).astype("float64")
    return table.fillna(dict.fromkeys([*_COUNTS, *MONEY, "sustaining"], 0.0)).sort_values("channel", ignore_index=True)


def _dimensions(
    engine: Engine,
    intake: Intake,
    by_channel: pd.DataFrame,
    base: pd.DataFrame,
    customers: pd.DataFrame,
    period: Period,
) -> pd.DataFrame:
    rows = by_channel.merge(
        base.drop(columns=[*_COUNTS, "gross_sales", "net_sales", "cogs", "assumed_cogs"]),
        on=["customer_id", "channel"],
        how="left",
    )
    values = {"channel": rows["channel"]}
    attributes = customers.set_index("customer_id")
    for name in [column.name for column in CUSTOMERS.columns] + list(intake.extras["customers"]):
        if name not in _NO_DIMENSION and attributes[name].notna().any():
            banded = bands(attributes[name]) if attributes[name].dtype == "float64" else attributes[name]
            values[name] = rows["customer_id"].map(banded)
    if attributes["customer_since"].notna().any():
        values["tenure" if "tenure" not in values else "time_as_a_customer"] = rows["customer_id"].map(
            tenure(attributes["customer_since"], period.end)
        )
    parts = [_by_value(rows, name, value) for name, value in values.items()]
    own = set(values)
    products = {name: f"product.{name}" for name in _PRODUCT_DIMENSIONS}
    products |= {
        name: f"product.{quoted(name)}" for name, kind in intake.extras["products"].items() if kind is Kind.TEXT
    }
    lines = {name: f"line.{name}" for name in _LINE_DIMENSIONS}
    lines |= {name: f"line.{quoted(name)}" for name, kind in intake.extras["order_lines"].items() if kind is Kind.TEXT}
    places = {(f"line_{name}" if name in own else name): place for name, place in (products | lines).items()}
    parts += [_by_line(engine, name, place) for name, place in places.items()]
    parts = [part for part in parts if len(part) <= _MOST_VALUES]
    columns = [
        "dimension",
        "value",
        "customers",
        "orders",
        "net_sales",
        "gross_margin",
        "cost_to_serve",
        "profit",
        *SERVICE,
    ]
    return pd.concat(parts, ignore_index=True).reindex(columns=columns)


def bands(values: pd.Series) -> pd.Series:
    """Return a number as it is where it takes few values, else its quarter of the customers."""
    numbers = values.dropna()
    if numbers.nunique() <= 12:
        return values.map(lambda value: f"{value:g}", na_action="ignore")
    cuts = pd.qcut(numbers, 4, duplicates="drop")
    return cuts.map(lambda part: f"{part.left:.4g} – {part.right:.4g}").astype("str").reindex(values.index)


def tenure(since: pd.Series, end: date) -> pd.Series:
    """Return how long each has been a customer at the period's end, in bands of years."""
    years = (pd.Timestamp(end) - pd.to_datetime(since)).dt.days / 365.25
    return pd.cut(
        years,
        [-float("inf"), 1, 3, 6, float("inf")],
        labels=["under 1 year", "1–3 years", "3–6 years", "over 6 years"],
        right=False,
    ).astype("object")


def _by_value(rows: pd.DataFrame, name: str, values: pd.Series) -> pd.DataFrame:
    grouped = rows.assign(value=values.astype("object").where(values.notna(), NONE)).groupby("value")
    sums = grouped.sum(numeric_only=True)
    table = pd.concat([sums[["orders", "net_sales", "gross_margin", "cost_to_serve", "profit"]], ratios(sums)], axis=1)
    table.insert(0, "customers", grouped["customer_id"].nunique())
    return table.reset_index().assign(dimension=name)


def _by_line(engine: Engine, name: str, place: str) -> pd.DataFrame:
    query = exp.replace_placeholders(sql.load("dimension"), dimension=exp.maybe_parse(place, dialect="duckdb"))
    table = fetch_frame(engine, query)
    return table.assign(dimension=name) if set(table["value"]) - {NONE} else table.head(0)


def _notes(
    engine: Engine,
    unit: UnitParams,
    intake: Intake,
    activities: list[CompiledActivity],
    tables: dict[str, pd.DataFrame],
    base: pd.DataFrame,
) -> list[Note]:
    notes = []
    if intake.assumed_cogs_lines:
        notes.append(
            Note(
                "{count} lines have no cost of goods: a gross margin of {margin} is assumed, and every margin and "
                "profit rests on it.",
                {
                    "count": intake.assumed_cogs_lines,
                    "margin": amount(unit.params.profile.assumed_gross_margin or 0.0, "percent"),
                },
                assumed=True,
            )
        )
    for row in tables["activities"].to_dict("records"):
        if row["missing"]:
            notes.append(
                Note(
                    "{count} of {volume} things of activity {activity} lack a driver and carry none of its cost.",
                    {"count": int(row["missing"]), "volume": int(row["volume"]), "activity": row["activity"]},
                )
            )
        if not row["volume"]:
            notes.append(Note("Activity {activity} did not happen in the period.", {"activity": row["activity"]}))
    for place, count in mixed_attributes(engine, activities).items():
        notes.append(
            Note("{place} differs within {count}; the lowest line number decides.", {"place": place, "count": count})
        )
    totals = base[["shipped_only_lines", "early_lines", "promised_lines", "lead_lines"]].sum()
    if totals["shipped_only_lines"]:
        notes.append(
            Note(
                "{count} lines have no delivery date: the shipping date stands in for it.",
                {"count": int(totals["shipped_only_lines"])},
                assumed=True,
            )
        )
    if totals["promised_lines"]:
        share = totals["early_lines"] / totals["promised_lines"]
        notes.append(
            Note(
                "{share} of the lines came before the promised day; they count as on time.",
                {"share": amount(share, "percent")},
            )
        )
    outside = tables["statement"].set_index("line")["amount"]["outside_ledger"]
    if outside:
        notes.append(
            Note(
                "Customers carry {money} that no ledger row books (rates and direct money without a resource); the "
                "operating profit leaves it out.",
                {"money": amount(outside, "money")},
            )
        )
    return notes + _unused_money(engine, activities)


def _unused_money(engine: Engine, activities: list[CompiledActivity]) -> list[Note]:
    """Money in the data that no activity charges."""
    read = {(item.grain.name, driver) for item in activities for driver in item.drivers}
    charged_events = {item.activity.event for item in activities if "amount" in item.quantity.drivers}
    notes = []
    if not any(driver == "freight_cost" for _, driver in read):
        total = fetch_rows(engine, "SELECT COALESCE(SUM(freight_cost), 0) AS money FROM lines")[0]["money"]
        if total:
            notes.append(
                Note(
                    "freight_cost of {money} in the lines is charged by no activity.", {"money": amount(total, "money")}
                )
            )
    sums = fetch_rows(
        engine, "SELECT event, SUM(amount) AS money FROM events WHERE amount IS NOT NULL GROUP BY event ORDER BY event"
    )
    return notes + [
        Note(
            "amount of {money} in events {event} is charged by no activity.",
            {"money": amount(row["money"], "money"), "event": row["event"]},
        )
        for row in sums
        if row["event"] not in charged_events and row["money"]
    ]
