"""Unit times held against what the data know: what the model assumes beside what a regression finds.

Two sources. Recorded minutes of events are regressed on the terms of the activity's own equation. Months of the ledger
are regressed on how much of each term the month had: the ledger's recorded minutes where it has a column ``minutes``,
else its amounts, turned into minutes at the resource's cost a minute of practical capacity. Through the origin, least
squares with errors that allow for unequal scatter (HC3; MacKinnon and White, Journal of Econometrics 29, 1985) and
intervals of 90 %; a time that would be negative is estimated by non-negative least squares instead.

Nothing here changes a cost: the table ``unit_times`` stands beside the model, and a person decides.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.optimize import nnls

from cts_lib.costing.evidence import FEWEST_MONTHS, Evidence
from cts_lib.model.terms import Term
from cts_lib.names import ALL
from cts_lib.notes import Note, amount, names_in_words
from cts_lib.params import CostModel

EVENTS, LEDGER = "events.minutes", "ledger months"
AGREES, DIFFERS, CANNOT_TELL = "agrees", "differs", "cannot tell"

TOO_FEW_MONTHS = "too few months"
TOO_FEW_EVENTS = "too few recorded events"
NOTHING_HAPPENED = "did not happen"
COLLINEAR = "moves together with other terms"
SCATTERED = "scatters too much"
NOT_BY_MONTH = "counts customers once a period"
FIXED = "the ledger does not follow the work"
NO_CAPACITY_COST = "no ledger row of a month"
OUTLIERS = "a few outliers weigh"
DRIFTING = "something else moved over the months"

COLUMNS = [
    "activity", "resource", "term", "assumed", "estimated", "low", "high", "source", "measured", "observations",
    "r_squared", "condition", "verdict", "reason",
]  # fmt: skip

_FEWEST_EVENTS = 30
NEGLIGIBLE = 0.02
"""Below this share a difference is none: rejected rows alone may make one."""
_WIDE = 0.5
"""An interval that is wider than this share of the assumed time to either side cannot tell."""
_INFLATED = 10.0
_SINGULAR = 1e8
_FIXED_SHARE, _UNPROVEN_SHARE = 0.1, 0.25

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class _Fit:
    """Estimates with their intervals, and what the residuals say of them."""

    estimated: Floats
    low: Floats
    high: Floats
    inflation: Floats
    r_squared: float
    condition: float
    remark: str | None


def unit_times(evidence: Evidence, model: CostModel) -> pd.DataFrame:
    """Return assumed beside estimated unit times, one row a term and source.

    Returns
    -------
    DataFrame
        ``activity``, ``resource``, ``term`` (as the equation writes it; ``1`` is once a unit of work, ``(all)`` the
        whole equation, or all of a resource's equations, in minutes a month), ``assumed``, ``estimated``, ``low`` and
        ``high`` in minutes, ``source``, ``measured`` (minutes or money), ``observations``, ``r_squared``, ``condition``
        (number of the design; null where nothing was fitted), ``verdict`` and ``reason`` (null where there is none).
    """
    rows: list[dict[str, object]] = []
    for name, recorded in evidence.events.items():
        rows += _from_events(name, model.activities[name].resource or "", evidence.terms[name], recorded)
    for resource in model.resources:
        names = [name for name in evidence.terms if model.activities[name].resource == resource]
        if names:
            rows += _from_ledger(resource, names, evidence, model)
    frame = pd.DataFrame(rows, columns=COLUMNS)
    numbers = ["assumed", "estimated", "low", "high", "r_squared", "condition"]
    frame["reason"] = frame["reason"].astype("object").where(frame["reason"].notna(), None)
    return frame.astype(dict.fromkeys(numbers, "float64") | {"observations": "int64"})


def remarks(table: pd.DataFrame) -> list[Note]:
    """Return a note for each row of ``unit_times`` where events or the ledger contradict the assumed minutes."""
    notes = []
    for row in table[table["verdict"] == DIFFERS].to_dict("records"):
        values = {name: amount(row[name], "decimal") for name in ("assumed", "estimated", "low", "high")}
        if row["source"] == EVENTS:
            note = Note(
                "{activity}, term {term}: the model assumes {assumed} minutes, the recorded events say {estimated} "
                "({low} to {high}).",
                {"activity": names_in_words("activity", [row["activity"]]), "term": row["term"]} | values,
            )
            notes.append(note)
        elif row["term"] == ALL:
            note = Note(
                "{resource}: the equations add up to {assumed} minutes a month, the ledger's months say {estimated} "
                "({low} to {high}).",
                {"resource": names_in_words("resource", [row["resource"]])} | values,
            )
            notes.append(note)
    return notes


def _from_events(name: str, resource: str, terms: Sequence[Term], recorded: pd.DataFrame) -> list[dict[str, object]]:
    known = recorded.replace([np.inf, -np.inf], np.nan).dropna()
    design = known[[str(place) for place in range(len(terms))]].to_numpy("float64")
    labels = [(name, term) for term in terms]
    common = {"resource": resource, "source": EVENTS, "measured": "minutes", "observations": len(known)}
    too_few = TOO_FEW_EVENTS if len(known) < max(_FEWEST_EVENTS, 5 * len(terms)) else None
    return _rows(labels, known["recorded"].to_numpy("float64"), design, common, too_few, name)


def _from_ledger(resource: str, names: list[str], evidence: Evidence, model: CostModel) -> list[dict[str, object]]:
    labels = [(name, term) for name in names for term in evidence.terms[name]]
    places = [(name, place) for name in names for place in range(len(evidence.terms[name]))]
    books = evidence.books[evidence.books["resource"] == resource].set_index("month").sort_index()
    measured = "minutes" if books["minutes"].notna().any() else "money"
    common = {"resource": resource, "source": LEDGER, "measured": measured, "observations": evidence.months}
    needed = max(FEWEST_MONTHS, 2 * len(labels))
    if evidence.months < FEWEST_MONTHS:
        return _rows(labels, np.empty(0), np.empty((0, len(labels))), common, TOO_FEW_MONTHS, ALL)
    wide = evidence.work[evidence.work["activity"].isin(names)].pivot_table(
        index="month", columns=["activity", "place"], values="quantity", aggfunc="sum", fill_value=0.0
    )
    minutes = _booked_minutes(books, given=model.resources[resource].cost is not None)
    months = minutes.index.intersection(wide.index)
    design = wide.reindex(index=months, columns=pd.MultiIndex.from_tuples(places), fill_value=0.0).to_numpy("float64")
    values = minutes.reindex(months).to_numpy("float64")
    common["observations"] = len(months)
    problem = None
    if evidence.once_a_period & set(names):
        problem = NOT_BY_MONTH
    elif minutes.empty:
        problem = NO_CAPACITY_COST
    elif len(months) < FEWEST_MONTHS:
        problem = TOO_FEW_MONTHS
    elif len(months) >= needed and _is_fixed(values, design, measured):
        problem = FIXED
    return _rows(labels, values, design, common, problem, ALL, needed)


def _booked_minutes(books: pd.DataFrame, given: bool) -> pd.Series:
    """Return each month's recorded minutes, else its amount in minutes of practical capacity."""
    recorded: pd.Series = books["minutes"].dropna()
    capacity, money = books["capacity"].sum(), books["amount"].sum()
    if len(recorded) or given or not (capacity > 0 and money > 0):
        return recorded
    in_minutes: pd.Series = books["amount"] * (capacity / money)
    return in_minutes


def _is_fixed(values: Floats, design: Floats, measured: str) -> bool:
    """Say whether part of what is booked would be there without work: the constant of a regression that has one.

    Money must be shown to follow the work, recorded minutes only not to be shown otherwise.
    """
    happened = design[:, np.abs(design).sum(axis=0) > 0]
    with_constant = np.column_stack([np.ones(len(values)), happened])
    fit = _fitted(values, with_constant, np.ones(with_constant.shape[1])) if values.mean() > 0 else None
    if fit is None:
        return measured == "money"
    low, high = fit.low[0] / values.mean(), fit.high[0] / values.mean()
    return bool(low > _FIXED_SHARE or (measured == "money" and high > _UNPROVEN_SHARE))


def _rows(
    labels: list[tuple[str, Term]],
    values: Floats,
    design: Floats,
    common: dict[str, object],
    problem: str | None,
    total: str,
    needed: int = 0,
) -> list[dict[str, object]]:
    """Return a row a term, and one for all terms together under the activity ``total`` where there are several."""
    assumed = np.array([term.coefficient for _, term in labels])
    rows = [common | {"activity": name, "term": term.label, "assumed": term.coefficient} for name, term in labels]
    happened = np.abs(design).sum(axis=0) > 0
    for row in rows:
        row |= {"verdict": CANNOT_TELL, "reason": problem or NOTHING_HAPPENED}
    if problem is None and happened.any():
        few = TOO_FEW_MONTHS if len(values) < needed else None
        fit = None if few else _fitted(values, design[:, happened], np.sign(assumed[happened]))
        for place, column in enumerate(np.flatnonzero(happened)):
            rows[column] |= {"reason": few or COLLINEAR} if fit is None else _judged(assumed[column], fit, place)
    if len(labels) > 1:
        # The whole equation is one term: how much of it there was, in minutes a month or an event.
        row = common | {"activity": total, "term": ALL, "verdict": CANNOT_TELL, "reason": problem or NOTHING_HAPPENED}
        work = design @ assumed
        row["assumed"] = work.mean() if len(work) else float("nan")
        if problem is None and np.abs(work).sum() > 0:
            fit = _fitted(values, (work / work.mean())[:, None], np.ones(1))
            row |= {"reason": COLLINEAR} if fit is None else _judged(float(work.mean()), fit, 0)
        rows.append(row)
    return rows


def _judged(assumed: float, fit: _Fit, place: int) -> dict[str, object]:
    low, high = fit.low[place], fit.high[place]
    slack = NEGLIGIBLE * abs(assumed)
    verdict, reason = AGREES, fit.remark
    wide = high - low > 2 * _WIDE * abs(assumed)
    if wide:
        reason = COLLINEAR if fit.inflation[place] > _INFLATED else SCATTERED
    if not low - slack <= assumed <= high + slack:
        verdict = DIFFERS
    elif wide:
        verdict = CANNOT_TELL
    figures = {"estimated": fit.estimated[place], "low": low, "high": high}
    return figures | {"r_squared": fit.r_squared, "condition": fit.condition, "verdict": verdict, "reason": reason}


def _fitted(values: Floats, design: Floats, signs: Floats) -> _Fit | None:
    """Regress through the origin; null where the terms cannot be distinguished at all.

    An estimate of the other sign than ``signs`` is no time: non-negative least squares give all of them then, and the
    intervals end at 0.
    """
    import statsmodels.api as sm  # pages read only what is known of unit times

    scale = np.linalg.norm(design, axis=0) * signs
    scaled = design / scale
    condition = float(np.linalg.cond(scaled))
    if len(values) <= design.shape[1] or condition > _SINGULAR:
        return None
    alone = np.linalg.norm(np.linalg.qr(scaled)[0], axis=1).max() ** 2 > 1 - 1e-9
    fitted = sm.OLS(values, scaled).fit(cov_type="nonrobust" if alone else "HC3", use_t=True)
    ends, estimated = fitted.conf_int(alpha=0.1), np.asarray(fitted.params)
    if (estimated < 0).any():
        estimated = nnls(scaled, values)[0]
    low = np.maximum(np.minimum(ends[:, 0], estimated), 0.0) / scale
    high = np.maximum(ends[:, 1], estimated) / scale
    scatter = float(((values - values.mean()) ** 2).sum())
    left = values - scaled @ estimated
    return _Fit(
        estimated / scale,
        np.minimum(low, high),
        np.maximum(low, high),
        np.diag(np.linalg.inv(scaled.T @ scaled)),
        1 - float((left**2).sum()) / scatter if scatter > 0 else float("nan"),
        condition,
        _remark(values, scaled, left, ends),
    )


def _remark(values: Floats, scaled: Floats, left: Floats, ends: Floats) -> str | None:
    """Say what the residuals hold against the fit: outliers that decide it, or a drift over time."""
    import statsmodels.api as sm
    from statsmodels.stats.stattools import durbin_watson

    if not np.median(np.abs(left)) > 1e-9 * np.abs(values).max():
        return None
    usual = np.asarray(sm.RLM(values, scaled, M=sm.robust.norms.HuberT()).fit().params)
    mean = np.asarray(np.linalg.lstsq(scaled, values, rcond=None)[0])
    if ((np.abs(usual - mean) > 0.1 * np.abs(mean)) & ((usual < ends[:, 0]) | (usual > ends[:, 1]))).any():
        return OUTLIERS
    return DRIFTING if durbin_watson(left) < 1 else None
