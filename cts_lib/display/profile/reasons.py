"""Why a customer earns or costs, in words: each fact with what is usual in its channel."""

from __future__ import annotations

from typing import Any

import pandas as pd

from cts_lib.display.reader import Reader
from cts_lib.measures import kind_of


def reasons(customer_reasons: pd.DataFrame, side: str, reader: Reader) -> dict[str, str]:
    """Return a sentence for each customer at one end of the whale curve (``best`` or ``worst``).

    Where a customer buys in several channels, it names the one that it speaks of.
    """
    rows = customer_reasons[customer_reasons["side"] == side].sort_values(["customer_id", "place"])
    return {str(name): sentence(part.to_dict("records"), reader) for name, part in rows.groupby("customer_id")}


def sentence(facts: list[dict[Any, Any]], reader: Reader) -> str:
    """Return the facts of one customer in one channel as a sentence.

    >>> facts = [
    ...     {"fact": "drop_size", "count": 24, "value": 2.0, "usual": 40.0},
    ...     {"fact": "activity", "activity": "drops", "count": None, "value": 0.61, "usual": float("nan")},
    ... ]
    >>> sentence(facts, Reader())
    '24 deliveries, each of 2 units (usual: 40); 61% of its cost is drops.'
    >>> sentence([{"fact": "net_sales", "value": -2000.0, "usual": float("nan")}], Reader())
    'What came back is worth €2,000 more than what it bought.'
    >>> sentence([{"fact": "drop_size", "count": 3, "value": 40.2, "usual": 40.0}], Reader())
    '3 deliveries, each of 40 units.'
    """
    text = "; ".join(_clause(fact, reader) for fact in facts)
    if text and facts[0].get("channels", 1) > 1:
        return reader.text("In {channel}: {said}.", channel=reader.word(facts[0]["channel"], "channel"), said=text)
    return f"{text[:1].upper()}{text[1:]}." if text else ""


def _clause(fact: dict[Any, Any], reader: Reader) -> str:
    name, value = fact["fact"], _figure(fact["fact"], fact["value"], reader)
    if name == "net_sales" and fact["value"] < 0:
        more = _figure(name, -fact["value"], reader)
        return reader.text("what came back is worth {value} more than what it bought", value=more)
    clause = {
        "net_sales": lambda: reader.text("buys {value}", value=value),
        "order_value": lambda: reader.text("orders of {value}", value=value),
        "drop_size": lambda: reader.plural(
            "{count} delivery of {size}",
            "{count} deliveries, each of {size}",
            int(fact["count"]),
            size=reader.text("1 unit") if value == "1" else reader.text("{value} units", value=value),
        ),
        "distance_km": lambda: reader.text("{value} km away", value=value),
        "gross_margin_share": lambda: reader.text("a gross margin of {value}", value=value),
        "discount_share": lambda: reader.text("discounts of {value}", value=value),
        "rush_share": lambda: reader.text("{value} of its lines are rush", value=value),
        "return_share": lambda: reader.text("{value} of its lines came back", value=value),
        "electronic_share": lambda: reader.text("{value} of its lines come electronically", value=value),
        "cost_to_serve_share": lambda: reader.text("cost to serve is {value} of its sales", value=value),
        "activity": lambda: reader.text(
            "{value} of its cost is {activity}",
            value=value,
            activity=reader.word_within(fact.get("activity"), "activity"),
        ),
    }[name]()
    usual = "" if pd.isna(fact["usual"]) else _figure(name, fact["usual"], reader)
    if usual in ("", value):  # what is as usual sets nobody apart
        return clause
    return reader.text("{fact} (usual: {usual})", fact=clause, usual=usual)


def _figure(name: str, value: float, reader: Reader) -> str:
    if kind_of(name) == "money":
        return reader.money(value, compact=True)
    if kind_of(name) == "percent" or name == "activity":
        return reader.percent(value, 0)
    return reader.number(value, 1 if 0 < abs(value) < 10 and round(value, 1) != round(value) else 0)
