"""How sure the verdicts are, as tables: whose sign and class hang on the method."""

from __future__ import annotations

import re

import pandas as pd

from cts_lib import display
from cts_lib.display import Reader

METHODS = ("this model", "driver shares", "by sales")
SALES = {"small": 100.0, "large": 900.0, "steady": 500.0}


def rivals() -> pd.DataFrame:
    profits = {"small": (-5.0, 5.0, 6.0), "large": (-1.0, -1.0, 2.0), "steady": (9.0, 9.0, 9.0)}
    rows = [
        {"customer_id": name, "method": method, "cost_to_serve": 1.0, "profit": profit}
        for name, row in profits.items()
        for method, profit in zip(METHODS, row, strict=True)
    ]
    frame = pd.DataFrame(rows)
    return frame.assign(changes_sign=(frame["profit"] < 0) != frame["customer_id"].isin(["small", "large"]))


def segments() -> pd.DataFrame:
    frame = rivals().assign(channel="shops", segment="Passive")
    frame["cost_class"] = frame["customer_id"].map({"small": "high"}).fillna("low")
    return frame.assign(changes_class=frame["changes_sign"]).drop(columns=["cost_to_serve", "profit", "changes_sign"])


def by_channel() -> pd.DataFrame:
    return pd.DataFrame({"customer_id": list(SALES), "channel": "shops", "net_sales": list(SALES.values())})


def rows_of(html: str) -> list[list[str]]:
    return [re.findall(r"<td[^>]*>(.*?)</td>", row) for row in html.split("<tr")[1:] if "<td" in row]


def test_the_customers_whose_sign_most_methods_change_come_first() -> None:
    told = rows_of(display.sign_changes(rivals(), Reader()).html)
    assert [row[0] for row in told if row[0] in SALES] == ["small", "large"]


def test_how_many_change_sign_is_counted_by_method() -> None:
    told = rows_of(display.rivals(rivals(), Reader()).html)
    assert [row[-1] for row in told if len(row) == 4] == ["0", "1", "2"]


def test_how_many_change_class_is_counted_with_their_sales() -> None:
    told = rows_of(display.rival_segments(segments(), by_channel(), Reader()).html)
    assert [row[1:] for row in told if len(row) == 4] == [
        ["0", "0.0%", "0.0%"],
        ["1", "33.3%", "6.7%"],
        ["2", "66.7%", "66.7%"],
    ]


def test_a_method_that_puts_all_into_one_class_of_cost_tells_nobody_apart() -> None:
    alike = segments()
    alike.loc[alike["method"] == "by sales", "cost_class"] = "high"
    told = rows_of(display.rival_segments(alike, by_channel(), Reader()).html)
    assert [row[0] for row in told if len(row) == 4] == ["This model", "Driver shares"]
    assert "By sales</th>" not in display.class_changes(alike, by_channel(), Reader()).html


def test_a_customer_that_no_method_moves_is_not_told() -> None:
    html = display.class_changes(segments(), by_channel(), Reader()).html
    assert "steady" not in html
    assert html.index("small") < html.index("large")


def test_where_no_method_moves_anybody_a_sentence_says_so() -> None:
    calm = rivals().assign(changes_sign=False)
    assert display.sign_changes(calm, Reader()).html.endswith("nothing to show.</p>")
