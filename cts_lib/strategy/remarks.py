"""What the proposal gains and takes, and what it rests on."""

from __future__ import annotations

import pandas as pd

from cts_lib.levers import KINDS
from cts_lib.notes import Note, amount, names_in_words, shares
from cts_lib.params import UnitParams
from cts_lib.params.period import Period


def notes_of(
    unit: UnitParams,
    period: Period,
    capacities: dict[str, tuple[float, bool]],
    resources: pd.DataFrame,
    cells: pd.DataFrame,
    proposed: pd.DataFrame,
) -> list[Note]:
    """Return the stage's remarks; ``cells`` is table ``strategy``, ``proposed`` what all chosen options come to."""
    params, model = unit.params.strategy, unit.params.cost_model
    gain, cash, relieved = (float(cells[name].sum()) for name in ("gain", "cash_gain", "overload_gain"))
    freed = gain - cash - relieved
    notes = [
        Note(
            "The proposal gains {gain} at full cost, less the period's share of the investment. In cash it changes "
            "profit by {cash}: margin, investment and the cost that leaves the ledger.",
            {"gain": amount(gain, "money"), "cash": amount(cash, "money")},
            assumed=True,
        )
    ]
    if abs(relieved) >= 1:
        notes.append(
            Note(
                "{relieved} is work beyond capacity that nobody has to do any more; no ledger row paid for it.",
                {"relieved": amount(relieved, "money")},
                assumed=True,
            )
        )
    if freed >= 1:
        notes.append(
            Note(
                "{freed} is capacity set free: money only when it is used or given up.",
                {"freed": amount(freed, "money")},
                assumed=True,
            )
        )
    if freed <= -1:
        notes.append(
            Note(
                "The proposal uses {taken} more of capacity that is paid for anyway.",
                {"taken": amount(-freed, "money")},
                assumed=True,
            )
        )
    if all(resource.variable_share is None for resource in model.resources.values()):
        notes.append(
            Note(
                "No resource says what part of its cost is variable: all cost of work that goes is taken to leave the "
                "ledger, but for resources beyond capacity.",
                assumed=True,
            )
        )
    share = period.months / (12 * params.investment_years)
    outlay = float((cells["chosen_investment"] - cells["current_investment"]).sum()) / share
    if outlay:
        notes.append(
            Note(
                "The proposal takes an investment of {outlay}, spread over {years} years; the period bears {borne}.",
                {
                    "outlay": amount(outlay, "money"),
                    "years": f"{params.investment_years:g}",
                    "borne": amount(outlay * share, "money"),
                },
                assumed=True,
            )
        )
    assumptions = [kind.assumption for kind in KINDS if kind.name in params.levers.given and kind.assumption]
    for text, values in {each.text: each.values for each in assumptions}.items():
        amounts = {name: amount(getattr(params, key), written_as) for name, (key, written_as) in values.items()}
        notes.append(Note(text, amounts, assumed=True))
    notes += [
        Note(
            "Assumed: the share of margin lost where a lever touches an order is {risks}.",
            {
                "risks": shares(
                    "lever", {name: lever.margin_at_risk for name, lever in params.levers if lever is not None}
                )
            },
            assumed=True,
        ),
        Note(
            "An option is allowed while it makes at most {loss} of the promised lines late that are on time today; "
            "promises to customers stay as they are.",
            {"loss": amount(params.max_service_loss, "percent")},
            assumed=True,
        ),
    ]
    for name, minutes in resources.dropna(subset="capacity_minutes").set_index("resource")["capacity_minutes"].items():
        limit, is_over = capacities.get(f"uses_{name}", (0.0, False))
        if is_over:
            used = {"now": limit / minutes, "then": float(proposed[f"uses_{name}"].sum()) / minutes}
            notes.append(
                Note(
                    "{resource}: used beyond practical capacity today, {now}. The proposal may not use more, and uses "
                    "{then}.",
                    {"resource": names_in_words("resource", [str(name)])}
                    | {when: amount(share, "percent") for when, share in used.items()},
                )
            )
    return notes
