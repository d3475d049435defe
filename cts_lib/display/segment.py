"""Segments as a person reads them: the rules in words, the groups that were tried, classes, drift and mistakes."""

from __future__ import annotations

import math
from collections.abc import Hashable
from typing import Any

import pandas as pd

from cts_lib.display.domains import PASSED
from cts_lib.display.pieces import Shown, empty, piece
from cts_lib.display.reader import Reader, uncapitalised
from cts_lib.display.table import OF_CELL, table
from cts_lib.measures import SERVICE, has_formula, kind_of, kinds
from cts_lib.names import CELL, CUSTOMER, NONE, without_totals

_SIGNS = {"<=": "≤", ">=": "≥", "<": "<", ">": ">", "=": "="}
_SLIPPING = ("4", "5")
_LATE = ("1", "2")
_OFTENER_RIGHT = 0.5
_NOTHING = ("None", "nan", "<NA>")


def rule_in_words(conditions: pd.DataFrame, reader: Reader) -> str:
    """Return a rule with its dimensions, signs and values as the reader writes them.

    ``conditions`` are its rows of ``segment_rules``: dimension, comparison, cut, value.

    >>> rule = [("gross_margin", ">=", 1763.04, None), ("cost_to_serve_share", "<", 0.2336, None)]
    >>> conditions = pd.DataFrame(rule, columns=["dimension", "comparison", "cut", "value"])
    >>> rule_in_words(conditions, Reader("es", "EUR"))
    'Margen bruto ≥ 1.763\\xa0€ y coste de servir, % sobre ventas < 23,4\\xa0%'
    """
    parts = [_condition(row, reader) for row in conditions.to_dict("records")]
    return f" {reader.text('and')} ".join([*parts[:1], *map(uncapitalised, parts[1:])])


def _condition(row: dict[Hashable, Any], reader: Reader) -> str:
    dimension, comparison, cut, value = (row[name] for name in ("dimension", "comparison", "cut", "value"))
    if pd.isna(cut):  # true and false are the matrix's own, a column of the data holds 1 and 0
        written = reader.word(value, "passed") if value in PASSED else reader.value(value, dimension)
    else:
        whole = kind_of(dimension) == "number" and comparison in ("<=", ">")
        written = reader.measure(math.floor(cut) if whole else cut, dimension)
    return f"{reader.word(dimension, 'dimension')} {_SIGNS[comparison]} {written}"


def segment_rules(frame: pd.DataFrame, reader: Reader) -> Shown:
    """Show by which traits a segment's customers are recognised, and how well."""
    columns = {"segment": "text", "rule": "code", "coverage": "percent", "precision": "percent"}
    note = reader.text(
        "Coverage: share of the segment that the rule finds. Precision: share of those found that belong to it."
    )
    useful = frame[frame["precision"] >= _OFTENER_RIGHT]
    of_rule = ["segment", "rule", "coverage", "precision"]
    rules = [
        (segment, rule_in_words(conditions, reader), coverage, precision)
        for (segment, _, coverage, precision), conditions in useful.groupby(of_rule, sort=False)
    ]
    shown = pd.DataFrame(rules, columns=list(columns))
    return table(shown, reader, columns, reader.text("How to recognise a segment"), note=note)


def groups_choice(frame: pd.DataFrame, reader: Reader) -> Shown:
    """Show the numbers of groups that were tried, how far apart and how stable they are, and which was taken."""
    columns = {"method": "text", "tried": "number", "groups": "number", "silhouette": "decimal", "jaccard": "decimal"}
    columns |= {"smallest_share": "percent", "taken": "text"}
    shown = frame.assign(taken=frame["chosen"].map({True: "true", False: "false"}))
    note = reader.text(
        "Silhouette: how far apart groups are, 1 at the most. Jaccard: how alike the groups found among resampled "
        "customers are; below 0.6 a group is no pattern. Taken are the most groups that are neither clearly less "
        "apart nor clearly less stable than the best."
    )
    return table(shown, reader, columns, reader.text("Numbers of groups that were tried"), note=note)


def segment_answer(cards: pd.DataFrame, health: pd.DataFrame, reader: Reader) -> Shown:
    """Show the answer first: which segment earns, which takes it away, and whether the segments still hold."""
    if cards.empty:
        return empty(reader.text("There are too few customers for segments."))
    best, worst = cards.iloc[int(cards["profit"].argmax())], cards.iloc[int(cards["profit"].argmin())]
    of_best = {
        "segment": reader.word(best["segment"], "segment"),
        "profit": reader.money(best["profit"], compact=True),
        "customers": reader.percent(best["share_of_customers"], 0),
    }
    sentences = [reader.text("{segment} earns {profit} with {customers} of the customers.", **of_best)]
    if best["profit"] <= 0:
        sentences = [
            reader.text(
                "No segment earns money: {segment} leaves {profit} with {customers} of the customers.", **of_best
            )
        ]
    if len(cards) > 1:
        sentences.append(
            reader.text(
                "{segment} leaves {profit} with {customers} of them: serving it takes {share} of its sales.",
                segment=reader.word(worst["segment"], "segment"),
                profit=reader.money(worst["profit"], compact=True),
                customers=reader.percent(worst["share_of_customers"], 0),
                share=reader.percent(worst["cost_to_serve_share"], 0),
            )
        )
    if len(health):
        sentences.append(f"{_advice(health, reader)}.")
    text = " ".join(sentences)
    return piece("answer", text, text=text)


def _advice(health: pd.DataFrame, reader: Reader) -> str:
    if health["passed"].all():
        return reader.text("Keep the segments: nothing they rest on has moved beyond its limit")
    return reader.text("Rebuild the segments: what they rest on has moved beyond its limit")


def abc(customer_classes: pd.DataFrame, by_channel: pd.DataFrame, reader: Reader) -> Shown:
    """Show customers and sales by ABC in both conventions, each under its name."""
    keys = CUSTOMER
    known = customer_classes.merge(by_channel[[*keys, "net_sales", "profit"]], on=keys)
    parts = []
    for convention, column in (("by money", "abc_money"), ("by customers", "abc_customers")):
        grouped = known.groupby(column)
        part = grouped[["net_sales", "profit"]].sum()
        part.insert(0, "customers", grouped["customer_id"].nunique())
        parts.append(part.rename_axis("class").reset_index().assign(convention=convention))
    frame = pd.concat(parts, ignore_index=True)
    frame["share_of_customers"] = frame["customers"] / max(known["customer_id"].nunique(), 1)
    frame["share_of_sales"] = frame["net_sales"] / known["net_sales"].sum()
    columns = {"convention": "text", "class": "code"}
    columns |= kinds("customers", "share_of_customers", "net_sales", "share_of_sales", "profit")
    several = "" if known["customer_id"].is_unique else _in_several(reader)
    return table(frame, reader, columns, reader.text("ABC in both conventions"), note=several)


def abc_xyz(customer_classes: pd.DataFrame, by_channel: pd.DataFrame, reader: Reader) -> Shown:
    """Show customers and sales by ABC and XYZ, the steadiest large customers first."""
    title = reader.text("How much customers bring and how steadily they order")
    keys = CUSTOMER
    known = customer_classes.dropna(subset="abc_xyz").merge(by_channel[[*keys, "net_sales", "profit"]], on=keys)
    grouped = known.groupby("abc_xyz")
    frame = grouped[["net_sales", "profit"]].sum()
    frame.insert(0, "customers", grouped["customer_id"].nunique())
    frame["share_of_sales"] = frame["net_sales"] / by_channel["net_sales"].sum()
    frame = frame.reset_index()
    columns = {"abc_xyz": "code"} | kinds("customers", "net_sales", "share_of_sales", "profit")
    note = reader.text(
        "A, B and C by cumulative sales; X steady, Y varying, Z erratic demand by its coefficient of variation. X can "
        "be planned, Z has to be bought for or waited for."
    )
    note += "" if known["customer_id"].is_unique else f" {_in_several(reader)}"
    return table(frame, reader, columns, title, note=note, bars=("net_sales",))


def _in_several(reader: Reader) -> str:
    return reader.text("A customer of several channels may stand in several classes, and counts in each.")


def slipping(
    customer_classes: pd.DataFrame,
    customer_demand: pd.DataFrame,
    customer_profit: pd.DataFrame,
    reader: Reader,
    rows: int = 10,
) -> Shown:
    """Show customers that earn and order often and much, but not lately: recency, frequency, money in fifths.

    Of those who order every week the fifth that waited longest ordered last week: only whose last order is longer ago
    than its own orders lie apart is shown.
    """
    title = reader.text("Good customers that have not ordered lately")
    rfm = customer_classes.dropna(subset="rfm")
    scores = rfm["rfm"].astype("str").str
    frame = rfm[scores[0].isin(_LATE) & scores[1].isin(_SLIPPING) & scores[2].isin(_SLIPPING)]
    frame = frame.merge(customer_demand[[*CUSTOMER, "demand_interval"]], on=CUSTOMER, how="left")
    frame = frame[~(frame["recency"] <= frame["demand_interval"])]
    frame = frame.merge(customer_profit[["customer_id", "name", "net_sales", "profit"]], on="customer_id")
    frame = frame[frame["profit"] > 0].sort_values("net_sales", ascending=False, kind="stable")
    frame["name"] = frame["name"].mask(frame["name"] == frame["customer_id"])
    columns = {"customer_id": "code", "name": "code", "channel": "text", "rfm": "code", "recency": "number"}
    columns |= {"demand_interval": "decimal"} | kinds("net_sales", "profit")
    note = reader.text(
        "RFM: recency, frequency and money in fifths, 5 the best. Recency: weeks (months of a long period) since the "
        "last order, more than usually lie between two."
    )
    headings = {"demand_interval": reader.text("Usual interval")}
    return table(frame, reader, columns, title, note=note, rows=rows, headings=headings)


def segment_health(frame: pd.DataFrame, reader: Reader) -> Shown:
    """Show what speaks for keeping the segments or for building them again, the recommendation in the title."""
    title = _advice(frame, reader)
    shown = frame.assign(passed=frame["passed"].map({True: "true", False: "false"}))
    columns = {"check": "text", "value": "percent", "limit": "percent", "passed": "text"}
    return table(shown, reader, columns, title if len(frame) else reader.text("Keep or rebuild the segments"))


def segment_drift(frame: pd.DataFrame, reader: Reader, rows: int = 12) -> Shown:
    """Show how far the customers moved in each dimension, those that moved most first."""
    columns = {"dimension": "text", "psi": "decimal", "chance": "decimal", "verdict": "text"}
    note = reader.text(
        "Population stability index: below 0.1 stable, from 0.25 on shifted. With few customers chance alone makes up "
        "to the figure beside it."
    )
    return table(frame, reader, columns, reader.text("Drift of the dimensions"), note=note, rows=rows)


def segment_mistakes(frame: pd.DataFrame, reader: Reader) -> Shown:
    """Show what it costs to serve a customer of one segment as one of another, the dearest mistakes first."""
    columns = {"segment": "text", "served_as": "text"} | kinds("overspent", "at_risk")
    shown = frame[(frame["overspent"] > 0) | (frame["at_risk"] > 0)]
    order = (shown["overspent"] + shown["at_risk"]).sort_values(ascending=False, kind="stable").index
    note = reader.text(
        "Assumption: served as another segment, a customer costs that segment's share of its sales. Dearer is "
        "overspent; cheaper is less than it is used to, and puts its own profit at risk. A customer and period."
    )
    title = reader.text("What a wrong segment costs, for one customer")
    return table(shown.loc[order], reader, columns, title, note=note, bars=("overspent", "at_risk"), rows=12)


def segment_cards(frame: pd.DataFrame, reader: Reader) -> Shown:
    """Show a card a segment: who, what they buy, need, cost and earn, and a typical customer by name."""
    if frame.empty:
        return empty(reader.text("There are too few customers for segments."))
    cards = [
        {
            "heading": reader.word(row["segment"], "segment"),
            "lines": _lines({str(k): x for k, x in row.items()}, reader),
        }
        for row in frame.to_dict("records")
    ]
    note = reader.text("A customer of several channels may stand in several segments, and counts in each.")
    several = frame["share_of_customers"].sum() > 1.001
    summary = "; ".join(str(card["heading"]) for card in cards)
    return piece("cards", summary, cards=cards, note=note if several else "")


def _lines(row: dict[str, object], reader: Reader) -> list[tuple[str, str]]:
    def figure(name: str) -> float:
        return float(str(row[name])) if known(name) else float("nan")

    def known(name: str) -> bool:
        return str(row.get(name)) not in _NOTHING

    who = reader.plural(
        "{count} customer ({share}) brings {sales} ({of_sales}).",
        "{count} customers ({share}) bring {sales} ({of_sales}).",
        int(figure("customers")),
        share=reader.percent(figure("share_of_customers"), 0),
        sales=reader.money(figure("net_sales"), compact=True),
        of_sales=reader.percent(figure("share_of_sales"), 0),
    )
    if known("attribute"):
        who += " " + reader.text(
            "{attribute} {value}: {share} of them, {of_all} of all.",
            attribute=reader.word(row["attribute"], "attribute"),
            value=reader.value(row["attribute_value"], str(row["attribute"])),
            share=reader.percent(figure("attribute_share"), 0),
            of_all=reader.percent(figure("attribute_share_of_all"), 0),
        )
    buy = reader.text(
        "Orders of {value}, {orders} a customer",
        orders=reader.number(figure("orders_per_customer"), 1),
        value=reader.money(figure("order_value"), compact=True),
    )
    if known("family"):
        family = reader.value(row["family"], "family")
        buy += reader.text(
            "; largest family: {family} ({share})", family=family, share=reader.percent(figure("family_share"), 0)
        )
    trait, need = str(row.get("trait")), list[str]()
    says_the_same = reader.made_of(row.get("need"), "need")[:1]
    if known("need") and row["need"] != NONE and not any(part.about == ("dimension", trait) for part in says_the_same):
        share = reader.percent(figure("need_share"), 0)
        word = reader.word(row["need"], "need")
        need.append(reader.text("{need} ({share} of them, beside the usual customer)", need=word, share=share))
    if known("trait"):
        figures = {
            "trait": reader.word(trait, "trait"),
            "value": reader.measure(figure("trait_value"), trait, compact=True),
            "of_all": reader.measure(figure("trait_of_all"), trait, compact=True),
        }
        need.append(
            reader.text("{trait}: {value}, {of_all} for all segments together", **figures)
            if has_formula(trait)
            else reader.text(
                "{trait}: {value} for the average customer in a channel, {of_all} for that of all segments", **figures
            )
        )
    if known("lead_time_days"):
        need.append(reader.text("served within {days} on average", days=reader.days(figure("lead_time_days"))))
    cost = reader.text(
        "{share} of sales ({cost})",
        share=reader.percent(figure("cost_to_serve_share")),
        cost=reader.money(figure("cost_to_serve"), compact=True),
    )
    if known("activity_share"):
        cost += reader.text(
            "; largest activity: {activity} ({share})",
            activity=reader.word_within(row["activity"], "activity"),
            share=reader.percent(figure("activity_share"), 0),
        )
    earn = reader.text(
        "{profit}, {margin} of sales",
        profit=reader.money(figure("profit"), compact=True),
        margin=reader.percent(figure("profit_margin")),
    )
    needs = "; ".join(need)
    identity = "" if row["customer_id"] == NONE else str(row["customer_id"])
    name = str(row["name"]) if known("name") and identity else identity
    return [
        (reader.text("Who"), who),
        (reader.text("What they buy"), f"{buy}."),
        (reader.text("What they need"), f"{needs[:1].upper()}{needs[1:]}." if needs else ""),
        (reader.text("What they cost"), f"{cost}."),
        (reader.text("What they earn us"), f"{earn}."),
        (reader.text("Typical customer"), name if name == identity else f"{name} ({identity})"),
    ]


def segments(segment_matrix: pd.DataFrame, reader: Reader) -> Shown:
    """Show each segment in each channel with its money and its service."""
    columns = OF_CELL | kinds("customers", "net_sales", "cost_to_serve", "profit", *SERVICE)
    title, note = reader.text("Segments by channel"), reader.text("A customer counts in each of its channels.")
    frame = without_totals(segment_matrix, *CELL).sort_values("profit", kind="stable")
    return table(frame, reader, columns, title, note=note, bars=("profit",))
