"""Tables of the strategy: what is decided, what that changes in each segment and channel, and what else could be."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any

import pandas as pd

from cts_lib.display.conditions import given_up, of_decision, said
from cts_lib.display.pieces import Shown, empty
from cts_lib.display.reader import Reader
from cts_lib.display.table import OF_CELL, table
from cts_lib.measures import kind_of, kinds
from cts_lib.names import ALL, CELL, NONE
from cts_lib.replay.money import PlanMoney, a_year
from cts_lib.replay.options import CURRENT, Option, read_option

MOST_DECISIONS = 10
_CENT = 0.01
_NOT_ALL = 0.99
"""The most that a share is written as which is not the whole."""


def decided(decisions: pd.DataFrame) -> pd.Series:
    """Return each decision as the name of its option."""
    return decisions["lever"] + ": " + decisions["setting"]


def plan_message(money: PlanMoney, decisions: pd.DataFrame, reader: Reader, yearly: bool = False) -> str:
    """Say what the plan brings in the period, or in a year like it: first the cash, then full cost."""
    if decisions.empty:
        return reader.text("No allowed option is enough better than what is done today: nothing changes.")
    brought = a_year(money, decisions) if yearly else money
    amounts = {
        "cash": reader.money(brought.cash, compact=True),
        "gain": reader.money(brought.gain, compact=True),
        "loss": reader.money(-brought.cash, compact=True),
    }
    if money.cash <= 0 and yearly:
        return reader.text(
            "No cash case: in a year like the period the plan costs {loss} in cash and gains {gain} at full cost.",
            **amounts,
        )
    if money.cash <= 0:
        return reader.text(
            "No cash case: the plan costs {loss} in cash and gains {gain} at full cost in the period.", **amounts
        )
    if yearly:
        return reader.plural(
            "{count} decision brings {cash} in cash in a year like the period, {gain} at full cost.",
            "{count} decisions bring {cash} in cash in a year like the period, {gain} at full cost.",
            len(decisions),
            **amounts,
        )
    return reader.plural(
        "{count} decision brings {cash} in cash in the period, {gain} at full cost.",
        "{count} decisions bring {cash} in cash in the period, {gain} at full cost.",
        len(decisions),
        **amounts,
    )


def service_levels(frontier: pd.DataFrame, strategy: pd.DataFrame, money: PlanMoney) -> tuple[float, float]:
    """Return which share of the promised lines of all cells comes on time today, and under the plan.

    The plan's is that of its point of ``frontier``, of the lines that it promises, where it is one of these points.
    """
    levels = strategy[["current_service_level", "chosen_service_level"]]
    lines = levels.notna().mul(strategy["promised_lines"], axis=0)
    today, then = (levels * lines).sum() / lines.sum()
    own = frontier.loc[(frontier["cash"] - money.cash).abs() < _CENT, "service_level"]
    return float(today), float(own.iloc[0] if len(own) else then)


def service_message(frontier: pd.DataFrame, strategy: pd.DataFrame, money: PlanMoney, reader: Reader) -> str:
    """Say of a plan that has fewer lines on time than today what keeping them would cost; empty of any other."""
    if strategy.empty or not strategy["promised_lines"].sum():
        return ""
    today, then = (round(level, 3) for level in service_levels(frontier, strategy, money))
    if not then < today:
        return ""
    levels = {"today": reader.percent(today), "then": reader.percent(then)}
    kept = frontier.loc[frontier["service_level"].round(3) >= today, "cash"]
    if kept.empty:
        return reader.text("On time falls from {today} to {then} with the plan.", **levels)
    return reader.text(
        "On time falls from {today} to {then} with the plan; one that keeps it brings {less} less.",
        less=reader.money(money.cash - float(kept.max())),
        **levels,
    )


def decisions(
    frame: pd.DataFrame, reader: Reader, conditions: pd.DataFrame | None = None, rows: int = MOST_DECISIONS
) -> Shown:
    """Show what is decided: for whom, what it brings a year and takes, what the customer notices.

    ``conditions`` is that table, where it is known what a decision holds only without.
    """
    held = pd.DataFrame(columns=["lever", "setting"]) if conditions is None else conditions
    small = frame.loc[frame["small"].astype(bool)]
    shown = frame.loc[~frame["small"].astype(bool)]
    shown = shown.assign(
        option=[
            "\n".join(
                (
                    reader.word(name, "option"),
                    _reached(row, reader),
                    *of_decision(held, row["lever"], row["setting"], reader),
                )
            )
            for name, row in zip(decided(shown), shown.to_dict("records"), strict=True)
        ],
        payback_years=shown["payback_years"].where(shown["investment"] > 0),
        noticed=[_noticed(row, reader) for row in shown.to_dict("records")],
        sure=[_how_sure(row, reader) for row in shown.to_dict("records")],
        owner=[_by_whom(row, reader) for row in shown.to_dict("records")],
    )
    columns = {"option": "lines", "cash_a_year": "money", "gain_a_year": "money", "investment": "money"}
    columns |= {"payback_years": "decimal", "noticed": "code", "sure": "code", "owner": "lines"}
    note = reader.text(
        "Of each: what the plan would lose without it, in a year like the period; so they need not add up to the plan: "
        "levers help or hinder each other. A step of capacity that several spare together is shared among them; "
        "without one of them it may not be spared at all. "
        "Change of service: of lines on time, of lines in full and of lead time, for the whole unit. How sure: the "
        "share of its segments in channels that keep it at both ends of every assumption, one moved at a time, and the "
        "assumption that it hangs on most."
    )
    choice = ["lever", "setting"]
    is_other = ~pd.MultiIndex.from_frame(held[choice]).isin(pd.MultiIndex.from_frame(shown[choice]))
    others = held[is_other]
    if not is_other.all():
        note += " " + reader.text("How sure looks at money, the condition below a decision at simulated days.")
    note += _of_given(shown, reader) + _of_payback(shown, reader)
    note += f" {said(others, reader)}" if len(others) else ""
    note += f" {_of_smaller(small, reader)}" if len(small) else ""
    headings = {"owner": reader.text("Owner and date")}
    title = reader.text("Decisions")
    return table(shown, reader, columns, title, note=note, bars=("cash_a_year",), rows=rows, headings=headings)


def _of_smaller(small: pd.DataFrame, reader: Reader) -> str:
    return reader.plural(
        "{count} smaller decision brings {cash} a year.",
        "{count} smaller decisions bring {cash} a year, added up.",
        len(small),
        cash=reader.money(float(small["cash_a_year"].sum())),
    )


def first_decisions(frame: pd.DataFrame, reader: Reader, most: int = 3, service: str = "") -> Shown:
    """Show the first decisions: for whom, what they bring a year and take, how sure, by whom and when.

    ``service`` is what the plan costs in service (`service_message`), told below.
    """
    if frame.empty:
        return empty(reader.text("No allowed option is enough better than what is done today: nothing changes."))
    small = frame["small"].astype(bool)
    if small.all():
        return empty(_of_smaller(frame, reader))
    first = frame[~small].head(most)
    rows = first.to_dict("records")
    owners = pd.Series([reader.word(owner, "owner") for owner in first["owner"]], first.index, dtype="str")
    shown = first.assign(
        option=[reader.word(name, "option") for name in decided(first)],
        whom=[_reached(row, reader) for row in rows],
        payback_years=first["payback_years"].where(first["investment"] > 0),
        sure=[_kept(row, reader, reader.text("{ends} of {ends}", ends=int(row["ends"]))) for row in rows],
        owner=owners.mask(first["owner"] == NONE),
    )
    given = [_as_given(row, reader) for row in rows]
    of_any = list(dict.fromkeys(name for names in given for name in names))
    of_all = [name for name in of_any if all(name in names for names in given)]
    of_some = [name for name in of_any if name not in of_all]
    columns = {"option": "code", "whom": "code", "gain_a_year": "money", "cash_a_year": "money", "investment": "money"}
    columns |= {"payback_years": "decimal", "sure": "code", "owner": "code", "due": "date"}
    note = reader.text(
        "A year like the period; not to be added up. How sure: at how many ends of the assumptions it is kept."
    )
    if (first["hangs_on"] != NONE).any():
        note += " " + reader.text("A percentage: its segments that keep it at all ends.")
    if of_all:
        note += " " + reader.text("Not varied: {assumptions}.", assumptions=reader.listed(of_all))
    if of_some:
        note += " " + reader.text("Not varied for some: {assumptions}.", assumptions=reader.listed(of_some))
    note += _of_payback(shown, reader)
    if more := len(frame) - len(first):
        note += " " + reader.plural(
            "{count} more decision on page Strategy.", "{count} more decisions on page Strategy.", more
        )
    note += f" {service}" if service else ""
    headings = {
        "gain_a_year": reader.text("A year at full cost"),
        "cash_a_year": reader.text("A year in cash"),
    }
    return table(shown, reader, columns, reader.text("What is proposed"), note=note, headings=headings)


def _of_given(shown: pd.DataFrame, reader: Reader) -> str:
    """Say once what is taken as given, and for which decisions where it is not for all."""
    given = {name: str(as_given).split(",") for name, as_given in zip(decided(shown), shown["as_given"], strict=True)}
    said = []
    for assumption in dict.fromkeys(name for names in given.values() for name in names if name != NONE):
        those = [reader.word(option, "option") for option, names in given.items() if assumption in names]
        others = [reader.word(option, "option") for option, names in given.items() if assumption not in names]
        words = reader.word_within(assumption, "plan_assumption")
        if not others:
            said.append(words)
        elif len(others) < len(those):
            said.append(reader.text("{what} (not of {options})", what=words, options=", ".join(others)))
        else:
            said.append(reader.text("{what} (of {options})", what=words, options=", ".join(those)))
    if not said:
        return ""
    told = reader.text(
        "As given, taken from the params and not varied, for they say 0 or nothing: {assumptions}.",
        assumptions="; ".join(said),
    )
    return f" {told}"


def _of_payback(shown: pd.DataFrame, reader: Reader) -> str:
    """Say what pays an investment back, where there is any: cash of a year is less the year's share of it."""
    if not shown["payback_years"].notna().any():
        return ""
    return " " + reader.text("Payback: by cash before the investment's share.")


def _reached(row: Mapping[Hashable, Any], reader: Reader) -> str:
    return reader.plural(
        "{whom}: {count} customer", "{whom}: {count} customers", int(row["customers_reached"]), whom=_whom(row, reader)
    )


def _noticed(row: Mapping[Hashable, Any], reader: Reader) -> str:
    """Write what a decision changes of the unit's service, as far as it is seen in the figures."""
    figures = ("service_level", "in_full", "speed_days")
    points, full, days = (0.0 if pd.isna(row[name]) else row[name] for name in figures)
    changes = [reader.text("{points} on time", points=reader.points(points))] if round(points, 3) else []
    changes += [reader.text("{points} in full", points=reader.points(full))] if round(full, 3) else []
    changes += [reader.text("{days} days", days=reader.signed(days, 1))] if round(days, 1) else []
    return ", ".join(changes) or reader.text("unchanged")


def _by_whom(row: Mapping[Hashable, Any], reader: Reader) -> str:
    """Write who owns a decision and when it is due, as far as either is known."""
    owner = "" if row["owner"] == NONE else reader.word(row["owner"], "owner")
    return "\n".join(text for text in (owner, "" if pd.isna(row["due"]) else reader.date(row["due"])) if text)


def _whom(row: Mapping[Hashable, Any], reader: Reader) -> str:
    """Write for whom a decision is: a segment, a channel, both, or all."""
    named = [reader.word(row[name], name) for name in CELL if row[name] not in (ALL, NONE)]
    return ", ".join(named) or reader.word(ALL, "segment")


def _how_sure(row: Mapping[Hashable, Any], reader: Reader) -> str:
    """Write how sure a decision is and what that rests on: the ends tried, or what it hangs on."""
    everywhere = reader.plural("kept at {count} end tried", "kept at all {count} ends tried", int(row["ends"]))
    return _kept(row, reader, everywhere)


def _kept(row: Mapping[Hashable, Any], reader: Reader, everywhere: str) -> str:
    """Write where a decision is kept: everywhere, or in what share of its cells and what that hangs on."""
    if pd.isna(row["sure"]):
        return reader.text("nothing was moved")
    if row["hangs_on"] == NONE:
        return everywhere
    share = reader.percent(min(row["sure"], _NOT_ALL), 0)
    return f"{share}: {reader.word_within(row['hangs_on'], 'plan_assumption')}"


def _as_given(row: Mapping[Hashable, Any], reader: Reader) -> list[str]:
    given = [] if row["as_given"] == NONE else row["as_given"].split(",")
    return [reader.word_within(name, "plan_assumption") for name in given]


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
        "Of {all} segments in channels {count} changes. Gain: change of profit less the period's share of the "
        "investment; in cash, of cost only what leaves the ledger.",
        "Of {all} segments in channels {count} change. Gain: change of profit less the period's share of the "
        "investment; in cash, of cost only what leaves the ledger.",
        len(changed),
        all=reader.number(len(frame)),
    )
    return table(shown, reader, columns, title, note=note, bars=("cash_gain",), rows=rows)


def capacity_plan(
    frame: pd.DataFrame, node_plan: pd.DataFrame, reader: Reader, kept_capacity: pd.DataFrame | None = None
) -> Shown:
    """Show what each resource and warehouse can do and does, today and under the plan, of warehouses the fullest first.

    Warehouses that ship nothing are left out. Below stands what of it had better be kept, where that is known.
    """
    resources = frame.assign(
        utilisation=frame["used_now"] / frame["capacity_now"],
        utilisation_then=frame["used_then"] / frame["capacity_then"],
        named=[reader.word(name, "resource") for name in frame["resource"]],
    )
    nodes = node_plan[(node_plan["ships_now"] > 0) | (node_plan["ships_then"] > 0)]
    limit = nodes["capacity"].where(nodes["capacity"] > 0)
    nodes = nodes.assign(
        utilisation=nodes["ships_now"] / limit,
        utilisation_then=nodes["ships_then"] / limit,
        named=[reader.word(name, "warehouse") for name in nodes["warehouse"]],
    ).sort_values(["utilisation", "utilisation_then"], ascending=False, kind="stable")
    thing = "resource" if len(frame) else "warehouse"
    columns = {thing: "code", "capacity": "number", "ships_now": "number", "ships_then": "number"}
    columns |= {"utilisation": "percent", "utilisation_then": "percent", "steps": "number", "cash": "money"}
    columns |= {"hour_worth": "money"}
    things = pd.concat([each for each in (resources, nodes) if len(each)] or [resources], ignore_index=True)
    kept = " ".join(sentence for _, sentence in given_up(kept_capacity, reader)) if kept_capacity is not None else ""
    title = reader.text("Capacity under the plan")
    return table(things.assign(**{thing: things["named"]}), reader, columns, title, note=kept)


def service_prices(frame: pd.DataFrame, reader: Reader) -> Shown:
    """Show what another point of lines on time costs in each segment; a sentence where none has it to buy."""
    if len(frame) and frame["cash_of_point"].isna().all():
        return empty(reader.text("No allowed plan has another point on time in any segment."))
    shown = frame.assign(
        price_of_point=[
            reader.text("not to be had") if pd.isna(price) else reader.money(price, compact=True)
            for price in frame["cash_of_point"]
        ]
    )
    title = reader.text("What another point on time costs")
    note = reader.text("Cash in the period that the best plan with a point more would bring less.")
    return table(
        shown, reader, {"segment": "text", "service_level": "percent", "price_of_point": "code"}, title, note=note
    )


def alternatives(frame: pd.DataFrame, reader: Reader) -> Shown:
    """Show how in each cell the second best and the cheapest option differ from the chosen one, and what they lose."""
    could = frame.loc[frame["second_option"].notna()]
    could = could.sort_values(["cash_gain", *CELL], ascending=[False, True, True], kind="stable")
    rows = could.to_dict("records")
    shown = could.assign(
        second_option=[_less(row, "second", reader) for row in rows],
        cheapest_option=[_why_not(row, reader) for row in rows],
    )
    columns = OF_CELL | dict.fromkeys(["second_option", "cheapest_option"], "sentence")
    note = reader.text(
        "Told is what differs from the chosen option, and what the plan would lose in the period with it here, all "
        "else as planned."
    )
    return table(shown, reader, columns, reader.text("Why this, and not another"), note=note, rows=10)


def _less(row: Mapping[Hashable, Any], which: str, reader: Reader) -> str:
    """Write how an option differs from the chosen one, with what the plan would be worth less."""
    money = reader.money(row[f"{which}_behind"], compact=True)
    return reader.text("{option}: {money} less", option=_instead(row, which, reader), money=money)


def _why_not(row: Mapping[Hashable, Any], reader: Reader) -> str:
    """Write how the option that costs least to serve differs from the chosen one, and why it is not chosen."""
    reason = row["cheapest_reason"]
    if reason == NONE:
        return reader.text("The chosen one costs least")
    if reason == "worth_less":
        return _less(row, "cheapest", reader)
    return f"{_instead(row, 'cheapest', reader)}: {reader.word(reason, 'cheapest_reason')}"


def _instead(row: Mapping[Hashable, Any], which: str, reader: Reader) -> str:
    """Write the settings of an option that the chosen one has not, and the levers that it lacks."""
    chosen, other = read_option(row["chosen_option"]).settings, read_option(row[f"{which}_option"]).settings
    if not other:
        return reader.word(CURRENT, "option")
    more = Option({lever: setting for lever, setting in other.items() if chosen.get(lever) != setting})
    lacks = [lever for lever in chosen if lever not in other]
    words = [reader.word(more.name, "option")] if more.settings else []
    words += [reader.text("without {lever}", lever=reader.word_within(lever, "lever")) for lever in lacks]
    return reader.listed(words)
