"""Tables of the strategy: what is decided, what that changes in each segment and channel, and what else could be."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any, NamedTuple

import pandas as pd

from cts_lib.display.pieces import Shown
from cts_lib.display.reader import Reader
from cts_lib.display.table import OF_CELL, table
from cts_lib.measures import kind_of, kinds
from cts_lib.names import ALL, CELL, NONE, without_totals

MOST_DECISIONS = 10


class PlanMoney(NamedTuple):
    """What the plan brings in the period, all decisions together."""

    gain: float
    cash: float


def plan_money(strategy: pd.DataFrame, decisions: pd.DataFrame, capacity_plan: pd.DataFrame) -> PlanMoney:
    """Return what the plan brings at full cost and in cash, in the period."""
    cells = without_totals(strategy, *CELL)
    upkeep = float(decisions["upkeep"].sum())
    steps = float(capacity_plan["cash"].sum())
    return PlanMoney(float(cells["gain"].sum()) - upkeep, float(cells["cash_gain"].sum()) + steps - upkeep)


def decided(decisions: pd.DataFrame) -> pd.Series:
    """Return each decision as the name of its option."""
    return decisions["lever"] + ": " + decisions["setting"]


def plan_message(money: PlanMoney, decisions: pd.DataFrame, reader: Reader) -> str:
    """Say what the plan brings: first the cash, then full cost."""
    amounts = {
        "cash": reader.money(money.cash, compact=True),
        "gain": reader.money(money.gain, compact=True),
        "loss": reader.money(-money.cash, compact=True),
    }
    if decisions.empty:
        return reader.text("No allowed option is better than what is done today: nothing changes.")
    if money.cash <= 0:
        return reader.text(
            "No cash case: the plan costs {loss} in cash and gains {gain} at full cost in the period.", **amounts
        )
    return reader.plural(
        "{count} decision brings {cash} in cash in the period, {gain} at full cost.",
        "{count} decisions bring {cash} in cash in the period, {gain} at full cost.",
        len(decisions),
        **amounts,
    )


def decisions(frame: pd.DataFrame, reader: Reader, rows: int = MOST_DECISIONS) -> Shown:
    """Show what is decided: for whom, what it brings a year, what it takes, and what the customer notices."""
    small = frame.loc[frame["small"].astype(bool)]
    shown = frame.loc[~frame["small"].astype(bool)]
    shown = shown.assign(
        option=[reader.word(name, "option") for name in decided(shown)],
        whom=[_whom(row, reader) for row in shown[CELL].to_dict("records")],
        payback_years=shown["payback_years"].where(shown["investment"] > 0),
        service_level=[reader.points(change) for change in shown["service_level"]],
        speed_days=[reader.signed(change, 1) for change in shown["speed_days"].fillna(0.0)],
    )
    columns = {"option": "sentence", "whom": "code", "customers_reached": "number", "orders_reached": "number"}
    columns |= {"cash_a_year": "money", "gain_a_year": "money", "investment": "money", "payback_years": "decimal"}
    columns |= {"service_level": "code", "speed_days": "code"}
    note = reader.text(
        "Of each: what the plan would lose without it, in a year like the period; so they need not add up to the plan. "
        "Service level and lead time (days): change for the whole unit."
    )
    if len(small):
        note += " " + reader.plural(
            "{count} smaller decision brings {cash} a year.",
            "{count} smaller decisions bring {cash} a year together.",
            len(small),
            cash=reader.money(float(small["cash_a_year"].sum())),
        )
    return table(shown, reader, columns, reader.text("Decisions"), note=note, bars=("cash_a_year",), rows=rows)


def _whom(row: Mapping[Hashable, Any], reader: Reader) -> str:
    """Write for whom a decision is: a segment, a channel, both, or all."""
    named = [reader.word(row[name], name) for name in CELL if row[name] != ALL]
    return ", ".join(named) or reader.word(ALL, "segment")


def _then_and_now(figure: str) -> dict[str, str]:
    return dict.fromkeys([f"current_{figure}", f"chosen_{figure}"], kind_of(figure))


def strategy(frame: pd.DataFrame, reader: Reader, rows: int = 25) -> Shown:
    """Show for each cell that changes what was chosen, and what that changes."""
    columns = OF_CELL | {"archetype": "text", "chosen_option": "sentence"}
    columns |= kinds("customers_reached", "cash_gain", "gain")
    columns |= _then_and_now("service_level") | _then_and_now("speed_days")
    changed = frame.loc[frame["chosen_option"] != frame["current_option"]]
    changed = changed.assign(chosen_option=[reader.word(name, "option") for name in changed["chosen_option"]])
    shown = changed.sort_values("cash_gain", ascending=False, kind="stable")
    title = reader.text("What changes in which segment and channel")
    note = reader.plural(
        "{count} cell of {all} changes. Gain: change of profit less the period's share of the investment; in cash, of "
        "cost only what leaves the ledger.",
        "{count} cells of {all} change. Gain: change of profit less the period's share of the investment; in cash, of "
        "cost only what leaves the ledger.",
        len(changed),
        all=reader.number(len(frame)),
    )
    return table(shown, reader, columns, title, note=note, bars=("cash_gain",), rows=rows)


def capacity_plan(frame: pd.DataFrame, reader: Reader) -> Shown:
    """Show what each resource can do and does, today and under the plan."""
    shown = frame.assign(
        utilisation=frame["used_now"] / frame["capacity_now"],
        utilisation_then=frame["used_then"] / frame["capacity_then"],
    )
    columns = {
        "resource": "text",
        "utilisation": "percent",
        "utilisation_then": "percent",
        "steps": "number",
        "cash": "money",
    }
    return table(shown, reader, columns, reader.text("Capacity under the plan"))


def alternatives(frame: pd.DataFrame, reader: Reader) -> Shown:
    """Show of each cell that could change what was chosen, what came second, and why it is not the cheapest."""
    could = frame.loc[frame["second_option"].notna()]
    shown = could.assign(
        chosen_option=[reader.word(name, "option") for name in could["chosen_option"]],
        second_option=[_less(row["second_option"], row["second_behind"], reader) for row in could.to_dict("records")],
        cheapest_option=[_why_not(row, reader) for row in could.to_dict("records")],
    )
    shown = shown.sort_values(["cash_gain", *CELL], ascending=[False, True, True], kind="stable")
    columns = OF_CELL | dict.fromkeys(["chosen_option", "second_option", "cheapest_option"], "sentence")
    note = reader.text(
        "Less: what the plan would be worth less in the period with that option here, all else as planned."
    )
    return table(shown, reader, columns, reader.text("Why this, and not another"), note=note, rows=10)


def _less(option: str, behind: float, reader: Reader) -> str:
    """Write an option with what the plan would be worth less."""
    name = reader.word(option, "option")
    return reader.text("{option}: {money} less", option=name, money=reader.money(behind, compact=True))


def _why_not(row: Mapping[Hashable, Any], reader: Reader) -> str:
    """Write the option that costs least to serve, and why it is not chosen."""
    reason = row["cheapest_reason"]
    if reason == NONE:
        return reader.text("The chosen one costs least")
    if reason == "worth_less":
        return _less(row["cheapest_option"], row["cheapest_behind"], reader)
    return f"{reader.word(row['cheapest_option'], 'option')}: {reader.word(reason, 'cheapest_reason')}"
