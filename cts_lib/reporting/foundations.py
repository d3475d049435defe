"""What the figures of a unit and period rest on: the ledger's way into them, the data, what was assumed, the doubts."""

from __future__ import annotations

from typing import Any

import pandas as pd

from cts_lib import display
from cts_lib.charts.evaluate import comparison_message
from cts_lib.display import Reader
from cts_lib.display.conditions import given_up, told
from cts_lib.display.profile.answer import assumed_share, unread
from cts_lib.names import BASE, CELL, totals
from cts_lib.reporting.render import on_page
from cts_lib.reporting.section import Section

_TERMS = ("ledger", "assigned", "unused", "overdriven", "sustaining", "unassigned", "difference", "tolerance")
_SEVERAL = 2
_ANSWERED = ["scenario", "resource"]
_LEVELS = ("customer_profit", "outside_ledger", "operating_profit")


def doubts(
    quality: pd.DataFrame,
    channel_profit: pd.DataFrame,
    customer_profit: pd.DataFrame,
    comparison: pd.DataFrame,
    evaluation: pd.DataFrame,
    conditions: pd.DataFrame,
    kept_capacity: pd.DataFrame,
    backtest: pd.DataFrame,
    reader: Reader,
) -> list[tuple[str, str]]:
    """Return how far the data, the model and demand leave the figures open, and what the plan hangs on.

    A condition that hangs on capacity given up is told with what keeping it does.
    """
    answered = {tuple(pair) for pair in kept_capacity.loc[kept_capacity["verdict"] == "better", _ANSWERED].to_numpy()}
    is_open = [pair not in answered for pair in zip(conditions["scenario"], conditions["place"], strict=True)]
    demand = [comparison_message(comparison, reader), *_on_time_then(evaluation, backtest, reader)]
    return [
        (reader.text("Data"), _of_data(quality, channel_profit, reader)),
        (reader.text("Model"), _of_model(customer_profit, reader)),
        (reader.text("Demand"), " ".join(demand)),
        *told(conditions[is_open], reader),
        *given_up(kept_capacity, reader),
    ]


def of_mapping(manifest: dict[str, Any], reader: Reader) -> list[tuple[str, str]]:
    """Return how many assumptions the queries on the source state, if any: of these no figure above tells."""
    count = sum(str(item["where"]).endswith(".sql") for item in manifest.get("assumptions") or [])
    if not count:
        return []
    told = reader.plural(
        "The queries on the source make {count} assumption: it stands below, in what was assumed.",
        "The queries on the source make {count} assumptions: they stand below, in what was assumed.",
        count,
    )
    return [(reader.text("Source"), told)]


def _of_data(quality: pd.DataFrame, channel_profit: pd.DataFrame, reader: Reader) -> str:
    read = float(quality["read"].sum())
    values = {
        "rejected": reader.percent(float(quality["rejected"].sum()) / max(read, 1.0), 2),
        "rows": reader.number(read),
    }
    assumed = assumed_share(channel_profit)
    if not assumed:
        return reader.text("{rejected} of {rows} rows rejected; no margin is assumed.", **values)
    values["assumed"] = reader.percent(assumed, 0 if assumed >= 0.01 else 2)
    return reader.text(
        "{rejected} of {rows} rows rejected; {assumed} of the cost of goods rests on an assumed margin.", **values
    )


def _of_model(customer_profit: pd.DataFrame, reader: Reader) -> str:
    if customer_profit["profit_low"].isna().all():
        return reader.text("The cost model gives no spread: which verdicts are fragile cannot be told.")
    return reader.plural(
        "Of {all} customers {count} may earn or lose within the spread of unit times, drivers and capacities.",
        "Of {all} customers {count} may earn or lose within the spread of unit times, drivers and capacities.",
        int(customer_profit["fragile"].sum()),
        all=reader.number(len(customer_profit)),
    )


def _on_time_then(evaluation: pd.DataFrame, backtest: pd.DataFrame, reader: Reader) -> list[str]:
    """Say what share of lines comes on time in a next period, with the proposal and without, and came so far."""
    rows = totals(evaluation.loc[(evaluation["kpi"] == "on_time") & (evaluation["scenario"] == BASE)], *CELL)
    found = {row["strategy"]: row for row in rows.to_dict("records") if row["reliable"] and pd.notna(row["low"])}
    if not {"current", "proposed"} <= set(found):
        return []
    proposed, today = (
        {end: reader.measure(found[strategy][end], "on_time") for end in ("low", "high")}
        for strategy in ("proposed", "current")
    )
    known = _on_time_so_far(backtest, reader)
    if proposed == today:
        return [reader.text("On time then: {low} to {high}.", **proposed), *known]
    then = {"low": proposed["low"], "high": proposed["high"], "low_now": today["low"], "high_now": today["high"]}
    return [reader.text("On time then: {low} to {high}; without the proposal {low_now} to {high_now}.", **then), *known]


def _on_time_so_far(backtest: pd.DataFrame, reader: Reader) -> list[str]:
    """Say between which shares of lines came on time in the periods that were foretold, where there are several."""
    observed = totals(backtest[backtest["kpi"] == "on_time"], *CELL)["observed"]
    if len(observed) < _SEVERAL:
        return []
    ends = {"least": reader.measure(observed.min(), "on_time"), "most": reader.measure(observed.max(), "on_time")}
    return [
        reader.text("In the last {count} periods it was {least} to {most}.", count=reader.number(len(observed)), **ends)
    ]


def foundations(
    manifest: dict[str, Any], quality: pd.DataFrame, statement: pd.DataFrame, reader: Reader
) -> list[Section]:
    """Return what the figures rest on: assumptions, reconciliation, data quality."""
    return [
        _assumptions(manifest, reader),
        _reconciliation(manifest, statement, reader),
        Section(
            "quality",
            reader.text("How good the data are"),
            [_of_rows(quality, reader)],
            [on_page(display.quality(quality, reader))],
        ),
    ]


def _assumptions(manifest: dict[str, Any], reader: Reader) -> Section:
    assumed = [(reader.remark(item), item["where"]) for item in manifest.get("assumptions") or []]
    assumptions = [_sentence(remark, reader.word(where, "stage")) for remark, where in assumed]
    defaults = manifest.get("defaults_used") or []
    if defaults:
        names = ", ".join(str(name) for name in defaults)
        assumptions.append(reader.text("Parameters left at the workbook's own defaults: {names}.", names=names))
    if not assumptions:
        assumptions = [reader.text("No assumption was needed here.")]
    told = {remark for remark, _ in assumed}
    remarks = [remark for note in manifest.get("notes") or [] if (remark := reader.remark(note)) not in told]
    folded_under = reader.plural(
        "{count} more remark of the stages", "{count} more remarks of the stages", len(remarks)
    )
    heading = reader.text("What was assumed")
    return Section("assumptions", heading, points=assumptions, folded=remarks, folded_under=folded_under)


def _sentence(text: str, where: str) -> str:
    return f"{text.strip().rstrip('.')} ({where})."


def _reconciliation(manifest: dict[str, Any], statement: pd.DataFrame, reader: Reader) -> Section:
    sums = {name: float(manifest["reconciliation"].get(name) or 0.0) for name in _TERMS}
    amounts = {name: reader.money(amount, digits=2) for name, amount in sums.items()}
    sums_up = reader.text(
        "Every cent of the ledger is accounted for: {ledger} = {assigned} assigned to customers + {unused} unused "
        "capacity − {overdriven} worked beyond capacity + {sustaining} sustaining + {unassigned} unassigned; "
        "difference {difference}, allowed {tolerance}.",
        **amounts,
    )
    lines = statement.set_index("line")["amount"]
    way = reader.text(
        "From the customers' profit to operating profit: {customer_profit} − {unused} unused capacity + {overdriven} "
        "worked beyond capacity − {sustaining} sustaining − {unassigned} unassigned + {outside_ledger} that customers "
        "carry and the ledger does not book = {operating_profit}.",
        **amounts | {name: reader.money(float(lines[name]), digits=2) for name in _LEVELS},
    )
    return Section("reconciliation", reader.text("Does it add up"), [sums_up, way])


def _of_rows(quality: pd.DataFrame, reader: Reader) -> str:
    rejected = float(quality["rejected"].sum()) / max(float(quality["read"].sum()), 1.0)
    share = {"share": reader.percent(rejected, 2), "rows": reader.number(float(quality["read"].sum()))}
    if unread(quality).any():
        return reader.text(
            "{share} of the {rows} rows read were rejected; accepted and rejected add up to read. What some of the "
            "rejected are worth cannot be read.",
            **share,
        )
    return reader.text(
        "{share} of the {rows} rows read were rejected; accepted and rejected add up to read, in rows and in money.",
        **share,
    )
