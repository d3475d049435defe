"""Govern: indicators by segment and channel against targets and the period before, why profit changed, what to do.

Reads ``profile`` and ``segment`` of this period and the one before, the strategy if there is one, and the KPIs of
earlier periods; writes ``kpis``, ``bridge``, ``bridge_details`` and ``actions``. Control limits are those of an
individuals chart: mean ± 2.66 mean moving range (Wheeler, Understanding Variation; with ``governance.sigmas`` other
than 3 in proportion).
"""

from __future__ import annotations

from datetime import date

import pandas as pd

from cts_lib.costing.costed import Costed
from cts_lib.errors import EmptyPeriod
from cts_lib.govern.bridge import DETAILS, Side, profit_bridge
from cts_lib.measures import KPIS, of, ratios
from cts_lib.names import ALL, CELL, CUSTOMER, NONE
from cts_lib.notes import Note
from cts_lib.params import UnitParams
from cts_lib.params.duties import due_of, owner_of
from cts_lib.params.period import Period
from cts_lib.params.sections import Governance, Target
from cts_lib.replay.options import Option
from cts_lib.stage import Inputs, StageResult, why_not

_INDIVIDUALS = 2.66 / 3


def run(inputs: Inputs, unit: UnitParams) -> StageResult:
    """Return the indicators, why profit changed since the period before, and the actions proposed."""
    params, period = unit.params.governance, inputs.period
    segmented = inputs.results["segment"]
    now: Side = (Costed.of(inputs.results["profile"]), segmented.tables["segments"])
    before, notes = _comparable(inputs, now[0], segmented.state["segments_before"])
    kpis = kpi_values(*now)
    previous = kpi_values(*before) if before else kpis.assign(value=float("nan"))
    kpis = kpis.merge(previous.rename(columns={"value": "previous"}), on=[*CELL, "kpi"], how="left")
    kpis = _judged(kpis.merge(_limits(inputs.history, period, params), on=[*CELL, "kpi"], how="left"), params)
    bridge, details = profit_bridge(now, before) if before else (None, None)
    decisions = inputs.results["strategy"].tables["decisions"] if "strategy" in inputs.results else None
    actions = _actions(unit, period, now[0].tables["resources"], decisions, kpis)
    if kpis["lower_limit"].isna().all():
        notes.append(
            Note(
                "Control limits need {count} earlier periods in the history; until then no signal is given.",
                {"count": params.minimum_history},
            )
        )
    if not params.targets:
        notes.append(Note("No targets are set: governance.targets holds them."))
    tables = {
        "kpis": kpis,
        "bridge": _of_columns(bridge, [*CELL, "component"]),
        "bridge_details": _of_columns(details, DETAILS[:-1]),
        "actions": actions,
    }
    return StageResult(tables, notes)


def _of_columns(found: pd.DataFrame | None, texts: list[str]) -> pd.DataFrame:
    """Return amounts by some texts; none where there is nothing to compare with."""
    table = pd.DataFrame(columns=[*texts, "amount"]) if found is None else found
    return table.astype(dict.fromkeys(texts, "str") | {"amount": "float64"})


def _comparable(inputs: Inputs, now: Costed, segments: pd.DataFrame) -> tuple[Side | None, list[Note]]:
    """Return the period before where it can be compared with, and a remark where it cannot."""
    before, period = inputs.before, str(inputs.period.previous)
    if not isinstance(before, StageResult):
        notes = [Note("There is no comparable data for {period}: nothing is compared.", {"period": period})]
        if before is not None and not isinstance(before, EmptyPeriod):
            notes.append(
                Note("{period} could not be costed to compare with: {reason}.", {"period": period} | why_not(before))
            )
        return None, notes
    costed = Costed.of(before)
    unbooked = sorted(set(costed.unbooked) - set(now.unbooked))
    if not unbooked:
        return (costed, segments), []
    values = {"period": period, "resources": ", ".join(unbooked)}
    return None, [
        Note("There is no comparable data for {period}: nothing is compared.", {"period": period}),
        Note("The ledger of {period} books nothing for {resources}, which this period's does.", values),
    ]


def kpi_values(profiled: Costed, segments: pd.DataFrame) -> pd.DataFrame:
    """Return segment, channel, kpi, value, with total rows."""
    money = profiled.tables["customer_channel_profit"]
    extra = [name for name in profiled.customer_sums.columns if name not in money.columns]
    rows = money.merge(profiled.customer_sums[["customer_id", "channel", *extra]], on=CUSTOMER, how="left")
    rows = rows.merge(segments[["customer_id", *CELL]], on=CUSTOMER)
    parts = []
    for totals in ([], ["segment"], ["channel"], CELL):
        keyed = rows.assign(**dict.fromkeys(totals, ALL))
        parts.append(keyed.groupby(CELL).sum(numeric_only=True))
    values = ratios(pd.concat(parts), KPIS)
    return values.astype("float64").reset_index().melt(CELL, var_name="kpi", value_name="value")


def _limits(history: pd.DataFrame, period: Period, params: Governance) -> pd.DataFrame:
    """Return control limits from the earlier periods of the same length."""
    columns = [*CELL, "kpi", "lower_limit", "upper_limit"]
    if history.empty:
        return pd.DataFrame(columns=columns).astype({"lower_limit": "float64", "upper_limit": "float64"})
    periods = {text: Period.parse(text) for text in history["period"].unique()}
    earlier = {text for text, item in periods.items() if item.months == period.months and item < period}
    past = history[history["period"].isin(earlier)].dropna(subset=["value"])
    past = past.assign(order=past["period"].map(lambda text: periods[text].first_month)).sort_values("order")
    grouped = past.groupby([*CELL, "kpi"])["value"]
    width = grouped.agg(lambda values: values.diff().abs().mean()) * _INDIVIDUALS * params.sigmas
    table = pd.DataFrame({"mean": grouped.mean(), "width": width, "count": grouped.count()})
    table = table[table["count"] >= params.minimum_history]
    table["lower_limit"], table["upper_limit"] = table["mean"] - table["width"], table["mean"] + table["width"]
    return table.reset_index()[columns]


def _judged(kpis: pd.DataFrame, params: Governance) -> pd.DataFrame:
    targets = params.targets
    kpis["target"] = kpis["kpi"].map({str(name): target.value for name, target in targets.items()}).astype("float64")
    higher = kpis["kpi"].map(lambda name: _more_is_better(name, targets.get(name)))
    met = (kpis["value"] >= kpis["target"]).where(higher, kpis["value"] <= kpis["target"])
    kpis["target"] = kpis["target"].where((kpis["segment"] == ALL) & (kpis["channel"] == ALL))
    known = kpis["target"].notna() & kpis["value"].notna()
    kpis["status"] = met.map({True: "met", False: "missed"}).where(known, NONE)
    kpis["signal"] = NONE
    kpis.loc[kpis["value"] < kpis["lower_limit"], "signal"] = "below"
    kpis.loc[kpis["value"] > kpis["upper_limit"], "signal"] = "above"
    order = [*CELL, "kpi", "value", "target", "status", "previous", "lower_limit", "upper_limit", "signal"]
    return kpis[order]


def _more_is_better(kpi: str, target: Target | None) -> bool:
    return target.better == "higher" if target and target.better else of(kpi).better == "more"


def _actions(
    unit: UnitParams, period: Period, resources: pd.DataFrame, decisions: pd.DataFrame | None, kpis: pd.DataFrame
) -> pd.DataFrame:
    """Turn decisions, overloaded resources and missed targets into proposed actions with an owner and a day."""
    due, rows = due_of(unit.params, period), list[tuple[str, str, str, str, str, date, float, float]]()
    unknown = (float("nan"), float("nan"))
    if decisions is not None:
        for row in decisions[~decisions["small"]].to_dict("records"):
            name, who = Option({row["lever"]: row["setting"]}).name, (row["owner"], row["due"])
            rows.append((name, NONE, row["segment"], row["channel"], *who, row["gain"], row["cash_gain"]))
    for name in resources.loc[resources["utilisation"] > 1, "resource"]:
        rows.append(("relieve", name, ALL, ALL, owner_of(unit.params, name, resource=name), due, *unknown))
    missed = kpis[(kpis["status"] == "missed") & (kpis["segment"] == ALL) & (kpis["channel"] == ALL)]
    rows += [("bring_to_target", name, ALL, ALL, owner_of(unit.params, name), due, *unknown) for name in missed["kpi"]]
    table = pd.DataFrame(rows, columns=["action", "subject", *CELL, "owner", "due", "expected_saving", "expected_cash"])
    table["due"] = table["due"].astype("datetime64[s]")
    table["realised_saving"], table["state"] = float("nan"), "proposed"
    savings = ["expected_saving", "expected_cash", "realised_saving"]
    texts = dict.fromkeys(["action", "subject", *CELL, "owner", "state"], "str")
    columns = ["action", "subject", *CELL, "owner", "due", *savings, "state"]
    return table[columns].astype(texts | dict.fromkeys(savings, "float64"))
