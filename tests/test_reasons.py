from __future__ import annotations

import pandas as pd
import pytest

from cts_lib.customers.reasons import customer_reasons

USUAL = {
    "order_value": 100.0,
    "drop_size": 40.0,
    "distance_km": 50.0,
    "rush_share": 0.0,
    "return_share": 0.0,
    "electronic_share": 1.0,
    "shipments": 10,
}


def told(changes: dict[str, float], peers: int = 9, spent: pd.DataFrame | None = None, **money: float) -> pd.DataFrame:
    """The facts of customer c0, which differs from its peers in ``changes``; ``spent`` stands in for all costs."""
    names = [f"c{place}" for place in range(peers + 1)]
    behaviour = pd.DataFrame([USUAL | changes, *[USUAL] * peers])
    by_channel = pd.DataFrame({"customer_id": names, "channel": "shops", "net_sales": 1000.0, "gross_sales": 1000.0})
    by_channel = by_channel.assign(discounts=0.0, gross_margin=300.0, cost_to_serve=100.0)
    by_channel.loc[0, list(money)] = list(money.values())
    by_channel["profit"] = by_channel["gross_margin"] - by_channel["cost_to_serve"]
    by_customer = by_channel.sort_values(["profit", "customer_id"], ascending=[False, True])
    drops = [0.61, *[0.3] * peers]
    costs = pd.concat(
        [
            by_channel[["customer_id", "channel"]].assign(activity="drops", cost=by_channel["cost_to_serve"] * drops),
            by_channel[["customer_id", "channel"]].assign(
                activity="picking", cost=by_channel["cost_to_serve"] * [1 - share for share in drops]
            ),
        ]
    )
    table = customer_reasons(by_customer, by_channel, behaviour, costs if spent is None else spent)
    return table[table["customer_id"] == "c0"]


def test_small_drops_and_the_costliest_activity_explain_a_loss() -> None:
    facts = told({"drop_size": 2.0, "shipments": 24}, cost_to_serve=400.0)
    worst = facts[facts["side"] == "worst"]
    assert worst["fact"].tolist() == ["drop_size", "activity"]
    assert worst[["value", "usual"]].iloc[0].tolist() == [2, 40]
    assert worst["count"].iloc[0] == 24
    assert worst["activity"].iloc[1] == "drops"
    assert worst[["value", "usual"]].iloc[1].round(2).tolist() == [0.61, 0.3]


def test_of_figures_of_size_only_the_clearest_is_told() -> None:
    facts = told({"drop_size": 2.0, "order_value": 10.0}, cost_to_serve=400.0)
    assert facts.loc[facts["side"] == "worst", "fact"].tolist() == ["drop_size", "activity"]


def test_returns_beyond_purchases_are_the_reason_and_no_size_of_orders() -> None:
    facts = told({"order_value": -50.0, "drop_size": 2.0}, net_sales=-500.0, gross_margin=-300.0)
    assert facts["fact"].tolist()[0] == "net_sales" and facts["value"].iloc[0] == -500
    assert not {"order_value", "gross_margin_share", "drop_size"} & set(facts["fact"])


def test_what_is_good_for_profit_does_not_explain_a_loss() -> None:
    facts = told({"drop_size": 400.0, "rush_share": 0.8}, cost_to_serve=400.0)
    assert facts.loc[facts["side"] == "worst", "fact"].tolist() == ["rush_share", "activity"]


def test_where_a_unit_costs_the_same_in_any_order_small_orders_are_no_reason() -> None:
    """Ten customers whose cost is 90 % of their sales however large their orders are; c0's is three times its sales."""
    names = [f"c{place}" for place in range(11)]
    sizes = [50.0, *[100.0 * 2**place for place in range(5)], *[200.0 * 2**place for place in range(5)]]
    by_channel = pd.DataFrame({"customer_id": names, "channel": "shops", "gross_sales": sizes, "net_sales": sizes})
    by_channel["gross_margin"], by_channel["discounts"] = by_channel["net_sales"], 0.0
    costs = {  # by the unit, and by the order: 45 for each
        "unit": [3.0 * sizes[0], *[0.9 * size for size in sizes[1:]]],
        "order": [3.0 * sizes[0], *[45.0] * 10],
    }
    behaviour = pd.DataFrame([USUAL | {"order_value": size, "drop_size": size / 2} for size in sizes])
    told = {}
    for driver, cost in costs.items():
        frame = by_channel.assign(cost_to_serve=cost)
        frame["profit"] = frame["gross_margin"] - frame["cost_to_serve"]
        spent = frame[["customer_id", "channel"]].assign(activity="storage", cost=frame["cost_to_serve"])
        ranked = frame.sort_values("profit", ascending=False)
        found = customer_reasons(ranked, frame, behaviour, spent)
        told[driver] = found[(found["customer_id"] == "c0") & (found["side"] == "worst")]["fact"].tolist()
    assert told == {"unit": ["cost_to_serve_share"], "order": ["order_value"]}


def test_large_drops_explain_who_earns() -> None:
    facts = told({"drop_size": 400.0}, cost_to_serve=20.0)
    assert facts.loc[facts["side"] == "best", "fact"].tolist()[0] == "drop_size"


def test_alone_in_its_channel_a_customer_is_told_without_a_usual() -> None:
    facts = told({}, peers=0, cost_to_serve=400.0)
    worst = facts[facts["side"] == "worst"]
    assert worst["fact"].tolist() == ["drop_size", "activity"]
    assert worst["usual"].isna().all()


def test_who_is_like_its_peers_is_told_by_its_deliveries() -> None:
    facts = told({})
    assert facts.loc[facts["side"] == "best", "fact"].tolist() == ["drop_size"]


def test_what_sets_a_customer_apart_comes_before_what_is_as_usual() -> None:
    facts = told({"drop_size": 38.0}, cost_to_serve=400.0)  # 61% of its cost is drops, 30% usually
    assert facts.loc[facts["side"] == "worst", "fact"].tolist() == ["activity", "drop_size"]


def test_large_drops_are_no_reason_for_a_loss() -> None:
    facts = told({"drop_size": 50.0}, cost_to_serve=400.0)
    assert facts.loc[facts["side"] == "worst", "fact"].tolist() == ["activity"]


def test_of_three_customers_nothing_is_usual_and_of_four_it_is() -> None:
    for peers, is_known in ((2, False), (3, True)):
        usual = told({"drop_size": 2.0}, peers=peers, cost_to_serve=400.0).query("side == 'worst'")["usual"]
        assert usual.notna().tolist() == [is_known, is_known]


def test_what_an_activity_usually_costs_is_the_median_of_its_channel_those_without_it_counted() -> None:
    # c0 gives half of its 400 to repairs; of the other nine in its channel, who cost 100, four give 20 and five nothing
    spent = [("c0", "shops", "repairs", 200.0), ("c0", "shops", "calls", 190.0), ("c0", "shops", "post", 10.0)]
    spent += [(f"c{place}", "shops", "repairs", 20.0) for place in range(1, 5)]
    spent += [(f"c{place}", "shops", "post", 80.0 if place < 5 else 100.0) for place in range(1, 10)]
    spent += [(f"c{place}", "web", "repairs", 90.0) for place in range(1, 10)]
    frame = pd.DataFrame(spent, columns=["customer_id", "channel", "activity", "cost"])
    fact = told({}, spent=frame, cost_to_serve=400.0).query("fact == 'activity'").iloc[0]
    assert (fact["activity"], fact["value"]) == ("repairs", 0.5)
    assert fact["usual"] == pytest.approx(0.1)  # between 0 and 0.2: five of ten have it
