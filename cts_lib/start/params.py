"""Writes params to start from: the usual cost model, scaled to the lines there are."""

from __future__ import annotations

import json
from collections.abc import Iterable

from cts_lib.levers import KINDS
from cts_lib.params import Source
from cts_lib.params.period import MONTHS_PER
from cts_lib.start.cost_model import COST_SHARE, DRAFTS, POOLS, SPANISH, UTILISATION, active, assumed_margin
from cts_lib.start.volumes import Volumes

EURO = "EUR"
"""The unit's currency where nothing names one."""
_SMALL, _FEE = 0.3, 0.06
"""What part of the median order a small one is below, and what part of that it pays."""
_SPANISH_SIGNS = str.maketrans(",.", ".,")
LEAST_GAIN = 0.0001
"""What a decision must bring at least, as a share of the unit's net sales."""
_PLACEHOLDER = 100_000.0


def defaults_text(source: Source, known: frozenset[str], scaled: bool, volumes: Iterable[Volumes] = ()) -> str:
    """Return ``params/defaults.yml``."""
    assumed, why = assumed_margin(volumes, known)
    margin = "null" if assumed is None else f"{assumed:g}"
    lines = [
        "# Written by cts init. Money is in the unit's currency, time in minutes, weight in kg, distance in km, shares",
        "# are fractions. What is marked as an assumption is a usual figure: replace it by your own.",
        "",
        "source:",
        *(f"  {key}: {json.dumps(value, ensure_ascii=False)}" for key, value in _given(source).items()),
        "",
        "profile:",
        f"  assumed_gross_margin: {margin}    # {why}",
        "",
        "cost_model:",
        f"  # assumption: cost to serve is {COST_SHARE:.0%} of net sales, a third of it transport, known or not, where",
        f"  # the ledger does not give it, and the activities ask for {UTILISATION:.0%} of capacity.",
        "  # params/units/<unit>.yml has each unit's figures.",
        "  # variable_share, assumption: the part of a resource's cost that goes when the work goes, so what a",
        "  # decision or a customer who leaves saves in cash.",
        "  resources:",
    ]
    used = {draft.resource for draft in active(known).values()}
    lines += [
        f"    {'' if name in used else '# '}{name}: {{owner: {pool.owner}, variable_share: {pool.variable}}}"
        for name, pool in POOLS.items()
    ]
    lines += [
        "",
        "  # assumption, minutes and shares: usual figures of a wholesaler, no company's own.",
        "  activities:",
    ]
    for name, draft in DRAFTS.items():
        is_active = draft.is_active(known)
        mark = "    " if is_active else "    # "
        text = ", ".join(f"{key}: {json.dumps(value)}" for key, value in draft.fields.items())
        unlock = "" if is_active else f"; unlocked by {draft.unlock}" if draft.needs else f"; {draft.unlock}"
        lines += [f"    # {draft.about}{unlock}", f"{mark}{name}: {{{text}}}"]
    lines += [
        "",
        "governance:",
        "  # assumption: who answers for what is no resource's own; `targets` would say what is good enough",
        "  owners: {default: Head of sales}",
        "",
        "labels:",
    ]
    for kind, words in SPANISH.items():
        lines.append(f"  {kind}:")
        for name, word in words.items():
            english = "" if kind == "owner" else f"en: {name.replace('_', ' ').capitalize()}, "
            lines.append(f"    {name}: {{{english}es: {word}}}")
    if not scaled:
        lines += [
            "",
            "# TODO costs and capacities of units could not be scaled: mappings lack columns, see TODO there.",
        ]
    return "\n".join(lines) + "\n"


def unit_text(value: str, label: str, currency: str | None, volumes: Volumes | None) -> str:
    """Return ``params/units/<unit>.yml``: who the unit is, and its resources scaled to its lines."""
    period = volumes.period if volumes else None
    per = next((name for name, months in MONTHS_PER.items() if period and months == period.months), "quarter")
    of = f" of {period}" if period else ""
    head = [
        f"# {label}. Written by cts init.",
        "unit:",
        f"  label: {json.dumps(label, ensure_ascii=False)}",
        f"  business_unit: {json.dumps(value, ensure_ascii=False)}    # as the tables call it",
        f"  currency: {currency}" if currency else f"  currency: {EURO}    # assumption: no column names it",
        "",
        "cost_model:",
        "  resources:",
    ]
    drafts = active(volumes.known if volumes else frozenset())
    head.append(
        "    # waits: false, for an assumed capacity shows no queue; delete it where capacity_minutes are yours"
    )
    for name, pool in POOLS.items():
        mine = [draft for draft in drafts.values() if draft.resource == name]
        if not mine:
            continue
        sales = volumes.sales if volumes else 0.0
        share = COST_SHARE * pool.part / sum(item.part for item in POOLS.values())
        cost = round(max(sales, 0) * share, 2)
        asked = sum(draft.asked(volumes) for draft in mine) if volumes else 0.0
        said = f"assumption: {share:.1%} of net sales{of}" if sales > 0 else "TODO what it costs"
        figures = [f"cost: {cost or _PLACEHOLDER:.2f}"]
        if volumes and name in volumes.booked:
            said, figures = "its cost is the ledger's", []
        if pool.is_time:
            figures.append(f"capacity_minutes: {max(round(asked / UTILISATION), 1) if asked else _PLACEHOLDER:.0f}")
            figures.append("waits: false")
            said += f"; minutes used to {UTILISATION:.0%} by the activities" if asked else "; TODO its minutes"
        head.append(f"    {name}: {{{', '.join([*figures, f'per: {per}'])}}}    # {said}")
    least = float(f"{max(volumes.sales, 0) * LEAST_GAIN:.1g}") if volumes else 0.0
    if least:
        told = f"assumption: what brings less than {LEAST_GAIN:.2%} of net sales{of} is no decision"
        head += ["", "strategy:", f"  min_gain: {{money: {least:g}, share_of_sales: 0.001}}    # {told}"]
        head += _levers(volumes.order, currency or EURO) if volumes and volumes.order > 0 else []
    return "\n".join(head) + "\n"


def _levers(order: float, currency: str) -> list[str]:
    """Return what customers could be asked, small orders by what an order is worth, as lines of params."""
    small = float(f"{_SMALL * order:.1g}")
    worth = f"{small:,.10g} {currency}"
    own = {
        "label": {"en": f"Orders below {worth}", "es": f"Pedidos de menos de {worth.translate(_SPANISH_SIGNS)}"},
        "settings": {
            "weekly": {"value": small, "below": "bundle"},
            "fee": {"value": small, "fee": float(f"{_FEE * small:.1g}")},
        },
        "adoption": 0.7,
        "promise": "move",
        "margin_at_risk": 0.01,
    }
    usual = {kind.name: kind.default for kind in KINDS if kind.default}
    return [
        "  # assumption: what customers could be asked, how many of them go along, what that loses and takes.",
        f"  # An order is small below {_SMALL:g} of the median order; its fee is {_FEE:.0%} of that.",
        "  levers:",
        *(f"    {name}: {json.dumps(given)}" for name, given in (usual | {"minimum_order": own}).items()),
    ]


def _given(source: Source) -> dict[str, object]:
    """Return a source as params give it, without what is the default."""
    given = source.model_dump(exclude_defaults=True) | {"formats": source.formats.model_dump(exclude_defaults=True)}
    if len(source.formats.dates) == 1:
        given["formats"]["date"] = source.formats.dates[0]
    return {key: value for key, value in given.items() if value}
