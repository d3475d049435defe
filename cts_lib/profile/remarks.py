"""What stands beside the figures of the profile: what was assumed, what is missing, what nobody charges."""

from __future__ import annotations

import pandas as pd

from cts_lib.engine import Engine, fetch_rows, fetch_value
from cts_lib.intake import Intake
from cts_lib.model.compiled import CompiledActivity
from cts_lib.notes import Note, amount, counted, names_in_words
from cts_lib.params import UnitParams
from cts_lib.profile.missing import mixed_attributes, partly_known

_MORE = 1.1
"""Direct money of so many times its ledger is doubted."""


def notes_of(
    engine: Engine,
    unit: UnitParams,
    intake: Intake,
    activities: list[CompiledActivity],
    tables: dict[str, pd.DataFrame],
    customer_sums: pd.DataFrame,
) -> list[Note]:
    """Return the stage's remarks on its tables."""
    notes = [*intake.notes]
    if intake.assumed_cogs_lines:
        notes.append(
            counted(
                "{count} line has no cost of goods: a gross margin of {margin} is assumed, and every margin and "
                "profit with it rests on that.",
                "{count} lines have no cost of goods: a gross margin of {margin} is assumed, and every margin and "
                "profit with one of them rests on that.",
                {
                    "count": intake.assumed_cogs_lines,
                    "margin": amount(unit.params.profile.assumed_gross_margin or 0.0, "percent"),
                },
                assumed=True,
            )
        )
    for row in tables["activities"].to_dict("records"):
        activity = names_in_words("activity", [row["activity"]])
        if row["missing"]:
            notes.append(
                counted(
                    "{count} of {volume} cases of activity {activity} lacks its driver and carries none of its cost.",
                    "{count} of {volume} cases of activity {activity} lack its driver and carry none of its cost.",
                    {"count": int(row["missing"]), "volume": int(row["volume"]), "activity": activity},
                )
            )
        if not row["volume"]:
            notes.append(Note("Activity {activity} did not happen in the period.", {"activity": activity}))
    notes += _fixed_prices(tables["activities"])
    for name, driver, count in partly_known(engine, activities):
        notes.append(
            Note(
                "Where activity {activity} sums {driver}, some lines lack it and add nothing (cases: {count}).",
                {
                    "count": count,
                    "driver": names_in_words("dimension", [driver]),
                    "activity": names_in_words("activity", [name]),
                },
            )
        )
    for name, driver, count in mixed_attributes(engine, activities):
        values = {"count": count, "driver": names_in_words("dimension", [driver])}
        if name == "order":
            notes.append(
                Note("Orders whose lines differ in {driver}: {count}; the lowest line number decides.", values)
            )
        else:
            notes.append(
                Note("Shipments whose lines differ in {driver}: {count}; the lowest line number decides.", values)
            )
    totals = customer_sums[["shipped_only_lines", "early_lines", "promised_lines", "lead_lines"]].sum()
    if totals["shipped_only_lines"]:
        notes.append(
            counted(
                "{count} line has no delivery date: the shipping date stands in for it.",
                "{count} lines have no delivery date: the shipping date stands in for it.",
                {"count": int(totals["shipped_only_lines"])},
                assumed=True,
            )
        )
    if totals["early_lines"]:
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
    for name, resource in unit.params.cost_model.resources.items():
        if resource.support and resource.variable_share is not None:
            notes.append(
                Note(
                    "The variable share of {resource} is not used: what it sends goes with the work of its receiver.",
                    {"resource": names_in_words("resource", [name])},
                )
            )
    return notes + _more_than_booked(activities, tables) + _unused_money(engine, activities)


def _fixed_prices(activities: pd.DataFrame) -> list[Note]:
    """What stays unassigned, of either sign, because params fix prices."""
    fixed = activities.dropna(subset="ledger_price")
    if fixed.empty:
        return []
    quantity = fixed["minutes"].fillna(fixed["driver_quantity"])
    beyond = float((quantity * (fixed["ledger_price"] - fixed["price"])).sum())
    return [
        Note(
            "Params fix the price of {activities}; what the ledger would have charged beyond it, {money}, stays "
            "unassigned.",
            {"activities": names_in_words("activity", list(fixed["activity"])), "money": amount(beyond, "money")},
            assumed=True,
        )
    ]


def _more_than_booked(activities: list[CompiledActivity], tables: dict[str, pd.DataFrame]) -> list[Note]:
    """Direct money of a resource beyond what its ledger books."""
    resources = tables["resources"].set_index("resource")[["assigned", "ledger"]]
    direct = {str(item.activity.resource) for item in activities if item.activity.basis == "direct"}
    notes = []
    for name in sorted(direct & set(resources.index)):
        assigned, ledger = map(float, resources.loc[name])
        if ledger > 0 and assigned > ledger * _MORE:
            values = {
                "resource": names_in_words("resource", [name]),
                "assigned": amount(assigned, "money"),
                "ledger": amount(ledger, "money"),
            }
            notes.append(
                Note(
                    "The rows carry {assigned} of {resource}, and its ledger books {ledger}. If they repeat an amount "
                    "on each line, name its column in source.repeated.",
                    values,
                    doubt=True,
                )
            )
    return notes


def _unused_money(engine: Engine, activities: list[CompiledActivity]) -> list[Note]:
    """Money in the data that no activity charges."""
    read = {(item.grain.name, driver) for item in activities for driver in item.drivers}
    charged_events = {item.activity.event for item in activities if "amount" in item.quantity.drivers}
    notes = []
    if not any(driver == "freight_cost" for _, driver in read):
        total = fetch_value(engine, "SELECT COALESCE(SUM(freight_cost), 0) AS money FROM lines")
        if total:
            notes.append(
                Note(
                    "{money} of freight_cost in the lines is charged by no activity.", {"money": amount(total, "money")}
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
