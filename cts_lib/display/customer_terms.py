"""The account manager's page: what to ask of customers that lose money, and what to do if they refuse."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

import pandas as pd

from cts_lib.display.pieces import Shown, empty, shorten
from cts_lib.display.profile.reasons import reasons, sentence
from cts_lib.display.reader import Reader
from cts_lib.display.table import table
from cts_lib.names import CUSTOMER, NONE
from cts_lib.replay.options import CURRENT

_WEEK = 7
_CENT = 0.01
_MATTERS = 0.001
"""Share of net sales below which the largest losses of customers are nothing to decide on."""
_NAME = 30
"""Characters of a customer's name in brief."""
Row = dict[Hashable, Any]


def customer_terms(
    frame: pd.DataFrame,
    customer_profit: pd.DataFrame,
    customer_reasons: pd.DataFrame,
    reader: Reader,
    rows: int = 15,
    brief: bool = False,
) -> Shown:
    """Show the largest losses: the reason, the easiest term that ends each, and whether to keep the customer.

    In brief without that term, and only the first fact of the reason, for a name rather than a number.
    """
    title = reader.text("What would make a customer worth it")
    shown = frame.drop_duplicates(CUSTOMER).merge(
        customer_profit[["customer_id", "name"]], on="customer_id", how="left"
    )
    shown["name"] = [_whom(row, reader, brief) for row in shown.to_dict("records")]
    first = customer_reasons[customer_reasons["place"] == customer_reasons["place"].min()]
    why = _told(first if brief else customer_reasons, reader)
    shown["reason"] = [
        why.get((row["customer_id"], row["channel"])) or _costliest(row, reader) for row in shown.to_dict("records")
    ]
    terms, keys = _least_asked(frame), pd.MultiIndex.from_frame(shown[CUSTOMER])
    said = pd.Series([asked(row, reader) for row in terms.to_dict("records")], terms.index, dtype="object")
    shown["ask"] = said.reindex(keys).to_numpy()
    none_ends_it = shown["ask"].isna() & (shown["net_sales"] > 0) & (shown["chosen_profit"] < 0) & ~shown["handed_over"]
    shown.loc[none_ends_it, "ask"] = reader.text("No term: not even at twice its prices")
    shown["open"] = keys.isin(terms.index[terms["realistic"]])
    shown["asks"] = [reader.word(name, "option") if name != CURRENT else None for name in shown["asks"]]
    shown["advice"] = [_advice(row, reader) for row in shown.to_dict("records")]
    columns, headings, note = {"name": "sentence", "profit": "money"}, dict[str, str](), ""
    if not (frame["chosen_profit"] - frame["profit"]).abs().max() <= _CENT:
        columns |= {"chosen_profit": "money"}
        headings |= {"chosen_profit": reader.text("With the plan")}
    columns |= {"reason": "sentence"}
    if brief:
        lost, sales = -float(shown["profit"].head(rows).sum()), float(customer_profit["net_sales"].sum())
        if lost < _MATTERS * sales:
            return empty(
                reader.plural(
                    "The one that loses most loses {amount}, {share} of net sales: no customer by itself decides.",
                    "The {count} that lose most lose {amount} together, {share} of net sales: no customer by itself "
                    "decides.",
                    min(rows, len(shown)),
                    amount=reader.money(lost),
                    share=reader.percent(lost / sales, 2),
                )
            )
        columns |= {"advice": "sentence"}
        title = reader.text("Who loses most, and what to do")
        headings |= {"profit": reader.text("Profit in the period")}
        if shown["asks"].notna().any():
            note = reader.text(
                "With the plan: if the customer goes along with what it is asked; keep, renegotiate or let go: if not."
            )
        return table(shown, reader, columns, title, note=note, bars=("profit",), rows=rows, headings=headings)
    columns |= ({} if shown["asks"].isna().all() else {"asks": "sentence"}) | {"ask": "sentence", "advice": "sentence"}
    note = reader.text(
        "What ends the loss: the term that asks least of its money, alone or, where that is not realistic, on top of "
        "the plan; tables.xlsx has the others, and those for the target margin. Leaving saves "
        "the cost that would go with the customer, and loses its gross margin. With the plan: if the customer goes "
        "along with what it is asked."
    )
    return table(shown, reader, columns, title, note=note, bars=("profit",), rows=rows, headings=headings)


def _least_asked(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the term that ends each customer's loss and asks least: alone or, if that is not realistic, in the plan.

    ``in_plan`` says which it is.
    """
    zero = frame[frame["aim"] == "zero"]
    alone, on_top = zero[zero["easiest"]], zero[zero["chosen_easiest"]]
    on_top = on_top.assign(
        net_sales=on_top["chosen_net_sales"],
        net_sales_then=on_top["chosen_net_sales_then"],
        needed_number=on_top["chosen_needed"],
        realistic=on_top["chosen_realistic"],
    )
    both = pd.concat([alone.assign(in_plan=False), on_top.assign(in_plan=True)], ignore_index=True)
    both["place"] = 2 * ~both["realistic"] + (both["realistic"] == both["in_plan"])
    return both.sort_values("place", kind="stable").drop_duplicates(CUSTOMER).set_index(CUSTOMER)


def _whom(row: Row, reader: Reader, brief: bool) -> str:
    """Write a customer's name and number, in brief the name alone if there is one, and the channel where it has one."""
    names = list(dict.fromkeys(name for name in (row["name"], row["customer_id"]) if isinstance(name, str)))
    if brief:
        names = [shorten(name, _NAME) for name in names[:1]]
    return ", ".join([*names, *[reader.word(row["channel"], "channel")] * (row["channel"] != NONE)])


def _told(customer_reasons: pd.DataFrame, reader: Reader) -> dict[tuple[str, str], str]:
    """Return what the profile says of customers at the lower end, in the channel that it speaks of."""
    channel = customer_reasons[customer_reasons["side"] == "worst"].drop_duplicates("customer_id")
    channels = dict(channel[CUSTOMER].itertuples(index=False, name=None))
    return {(name, channels[name]): said for name, said in reasons(customer_reasons, "worst", reader).items()}


def _costliest(row: Row, reader: Reader) -> str:
    fact = {"fact": "activity", "activity": row["costliest"], "value": row["costliest_share"], "usual": float("nan")}
    return "" if pd.isna(row["costliest_share"]) else sentence([fact], reader)


def asked(row: Row, reader: Reader) -> str:
    """Return a term as what the customer is asked for, a fee with its share of what the customer buys."""
    number, term = row["needed_number"], row["term"]
    share = reader.percent(row["net_sales_then"] / row["net_sales"] - 1)
    if row["in_plan"]:
        return _on_top(row, share, reader)
    if not row["realistic"]:
        return reader.text("No realistic term: the least asks {share} of its sales", share=share)
    if term == "rhythm" and number == _WEEK:
        return reader.text("One delivery a week")
    if term == "rhythm":
        return reader.text("One delivery every {days} days", days=reader.number(number))
    if term == "order_method":
        return reader.text("Orders by {method}", method=reader.value(row["needed"], "order_method"))
    if term == "minimum_order":
        return reader.text("No orders below {amount}", amount=reader.money(number))
    if term == "price":
        return reader.text("Prices {share} higher", share=reader.percent(number))
    amount = reader.money(number, digits=2)
    if term == "fee_per_order":
        return reader.text("A fee of {amount} an order, {share} of its sales", amount=amount, share=share)
    return reader.text("A fee of {amount} a delivery, {share} of its sales", amount=amount, share=share)


def _on_top(row: Row, share: str, reader: Reader) -> str:
    """Return a fee or price as what the customer is asked for on top of the plan."""
    if not row["realistic"]:
        return reader.text("No realistic term: with the plan the least asks {share} of its sales", share=share)
    if row["term"] == "price":
        return reader.text("With the plan: prices {share} higher", share=reader.percent(row["needed_number"]))
    amount = reader.money(row["needed_number"], digits=2)
    if row["term"] == "fee_per_order":
        return reader.text(
            "With the plan: a fee of {amount} an order, {share} of its sales", amount=amount, share=share
        )
    return reader.text("With the plan: a fee of {amount} a delivery, {share} of its sales", amount=amount, share=share)


def _advice(row: Row, reader: Reader) -> str:
    """Return whether to keep, renegotiate or let go, with what leaving would come to in the plan, where it is known.

    Whom the plan hands over is handed over. Where neither the plan nor a realistic term ends the loss, what would go
    with the customer decides; one that is marked as strategic is not let go. Nor is one whose returns are worth more
    than what it bought: these are gone already.
    """
    if row["handed_over"]:
        return reader.text("Hand over, as the plan says.")
    if row["chosen_profit"] >= 0:
        return reader.text("Win it for the plan, which ends the loss.")
    if row["net_sales"] < 0:
        return reader.text("Look at what came back: it is worth more than what was bought.")
    margin, is_open = row["chosen_avoidable_margin"], row["open"]
    if pd.isna(margin):
        return reader.text("Renegotiate.") if is_open else reader.text("What leaving would save is not known.")
    amount = reader.money(abs(margin), digits=0)
    if margin > 0:
        if is_open:
            return reader.text("Renegotiate, else keep: leaving would lose {amount}.", amount=amount)
        return reader.text("Keep: leaving would lose {amount}.", amount=amount)
    if row["strategic"]:
        if is_open:
            return reader.text("Renegotiate, else keep as strategic: leaving would save {amount}.", amount=amount)
        return reader.text("Keep as strategic: leaving would save {amount}.", amount=amount)
    if row["worth_leaving"]:
        if is_open:
            return reader.text("Renegotiate, else let go: leaving would save {amount}.", amount=amount)
        return reader.text("Let go: leaving would save {amount}.", amount=amount)
    if is_open:
        return reader.text("Renegotiate, else keep: leaving would save only {amount}.", amount=amount)
    return reader.text("Keep: leaving would save only {amount}.", amount=amount)
