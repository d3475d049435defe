"""Stage tables of a handful of rows, with figures that can be checked in the head."""

from __future__ import annotations

import pandas as pd

CELLS = [("Passive", "web"), ("Aggressive", "web"), ("Aggressive", "shops")]
LONG = "The longest name that any customer of this unit ever gave itself, and Sons"


def customer_profit() -> pd.DataFrame:
    profits = [60.0, 40.0, -50.0]
    return pd.DataFrame(
        {
            "customer_id": ["c1", "c2", "c3"],
            "name": ["One", "<script>alert(1)</script>", LONG],
            "channel": ["web", "web", "shops"],
            "orders": [4, 3, 20],
            "net_sales": [1000.0, 800.0, 300.0],
            "gross_margin": [300.0, 200.0, 90.0],
            "cost_to_serve": [240.0, 160.0, 140.0],
            "profit": profits,
            "probability_unprofitable": [None, None, None],
            "rank": [1, 2, 3],
            "cumulative_profit": [60.0, 100.0, 50.0],
        }
    )


def channel_profit() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "channel": ["web", "shops"],
            "net_sales": [1800.0, 300.0],
            "gross_margin": [500.0, 90.0],
            "cost_to_serve": [400.0, 140.0],
            "profit": [100.0, -50.0],
            "sustaining": [0.0, 0.0],
        }
    )


def customer_costs() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "channel": ["web", "web", "shops"],
            "activity": ["order_entry", "picking", "order_entry"],
            "cost": [300.0, 100.0, 140.0],
        }
    )


def statement() -> pd.DataFrame:
    lines = ["gross_margin", "cost_to_serve", "customer_profit", "unused", "overdriven", "operating_profit"]
    return pd.DataFrame({"line": lines, "amount": [590.0, -540.0, 50.0, -20.0, 10.0, 40.0]})


def activities() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "activity": ["order_entry", "picking"],
            "resource": ["desk", None],
            "per": ["order", "event:service_call"],
            "basis": ["minutes", "rate"],
            "volume": [27, 100],
            "missing": [0, 2],
            "minutes": [440.0, None],
            "cost": [440.0, 100.0],
            "unit_cost": [440 / 27, 1.0],
        }
    )


def resources() -> pd.DataFrame:
    money = {"received": 0.0, "sent": 0.0, "sustaining": 0.0, "unassigned": 0.0, "difference": 0.0}
    desk = {"resource": "desk", "ledger": 430.0, "assigned": 440.0, "unused": 0.0, "overdriven": 10.0}
    hall = {"resource": "hall", "ledger": 120.0, "assigned": 100.0, "unused": 20.0, "overdriven": 0.0}
    used = [
        desk | money | {"capacity_minutes": 430.0, "utilisation": 440 / 430, "rate": 1.0},
        hall | money | {"capacity_minutes": 120.0, "utilisation": 100 / 120, "rate": 1.0},
    ]
    return pd.DataFrame(used)


def unit_times() -> pd.DataFrame:
    frame = pd.DataFrame({"activity": ["order_entry", "order_entry", "(all)"], "term": ["1", "lines", "(all)"]})
    frame["assumed"], frame["estimated"] = [5.0, 0.013, 440.0], [6.0, 0.012, None]
    frame["low"], frame["high"] = [5.5, 0.01, None], [6.5, 0.02, None]
    frame["verdict"], frame["reason"] = ["differs", "agrees", "cannot tell"], [None, None, "too few months"]
    return frame.assign(resource="desk", source="ledger months", observations=12)


def profile() -> pd.DataFrame:
    rows = [
        ("family", "cold", None),
        ("channel", "web", 100.0),
        ("channel", "shops", -50.0),
        ("region", "north", 90.0),
        ("region", "(none)", -40.0),
    ]
    frame = pd.DataFrame(rows, columns=["dimension", "value", "profit"])
    service = {"lead_time_days": 4.25, "on_time": 0.9, "in_full": None}
    return frame.assign(customers=2, orders=10, net_sales=1000.0, gross_margin=300.0, cost_to_serve=250.0, **service)


def lead_times() -> pd.DataFrame:
    return pd.DataFrame({"channel": "web", "days": [1, 2, 9], "lines": [50, 40, 10], "on_time_lines": [50, 40, 0]})


def quality() -> pd.DataFrame:
    frame = pd.DataFrame({"table": ["order_lines"], "read": [100], "accepted": [99], "rejected": [1], "share": [0.01]})
    return frame.assign(money_read=2110.0, money_accepted=2100.0, money_rejected=10.0)


def rejected_rows() -> pd.DataFrame:
    return pd.DataFrame({"table": ["order_lines"], "reason": ["text in a number"], "money": [10.0]})


def segments() -> pd.DataFrame:
    return pd.DataFrame({"customer_id": ["c1", "c2", "c3"], "segment": ["Passive", "Aggressive", "Aggressive"]})


def segment_matrix() -> pd.DataFrame:
    frame = pd.DataFrame([*CELLS, ("(all)", "(all)")], columns=["segment", "channel"])
    money = {"net_sales": [1000.0, 800.0, 300.0, 2100.0], "profit": [60.0, 40.0, -50.0, 50.0]}
    return frame.assign(
        customers=[1, 1, 1, 3], cost_to_serve=100.0, lead_time_days=4.0, on_time=0.9, in_full=0.95, **money
    )


def segment_rules() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "segment": ["Passive"],
            "rule": ["gross_margin >= 12.5 and need = rush_share: high"],
            "coverage": [0.8],
            "precision": [0.75],
        }
    )


def segment_cards() -> pd.DataFrame:
    frame = pd.DataFrame({"segment": ["Passive", "Aggressive"], "customers": [1, 2], "name": [LONG, None]})
    frame["customer_id"], frame["need"], frame["need_share"] = ["c1", "c2"], ["rush_share: high", "(none)"], 1.0
    frame["family"], frame["family_share"] = ["<b>cold</b>", None], [0.4, None]
    frame["activity"], frame["activity_share"] = "order_entry", 0.6
    frame["trait"], frame["trait_value"], frame["trait_of_all"] = ["order_value", None], [250.0, None], [110.0, None]
    frame["attribute"], frame["attribute_value"] = [None, "region"], [None, "north"]
    frame["attribute_share"], frame["attribute_share_of_all"] = [None, 1.0], [None, 0.5]
    figures = {"share_of_customers": 0.5, "net_sales": 1000.0, "share_of_sales": 0.5, "cost_to_serve": 240.0}
    figures |= {"cost_to_serve_share": 0.24, "profit": 60.0, "profit_margin": 0.06, "lead_time_days": 4.2}
    return frame.assign(orders_per_customer=4.0, order_value=250.0, **figures)


def segment_groups_choice() -> pd.DataFrame:
    frame = pd.DataFrame({"method": ["k-means", "mixture"], "tried": [2, 3], "groups": [2, 0]})
    frame["silhouette"], frame["smallest_share"] = [0.31, None], [0.2, None]
    return frame.assign(jaccard=0.8, chosen=[True, False])


def segment_cross() -> pd.DataFrame:
    frame = pd.DataFrame({"segment": ["Passive", "Aggressive", "Aggressive"], "cluster": [1, 2, 0]})
    frame["group"] = ["orders: high · rush_share: low", "orders: low", "Outliers"]
    return frame.assign(customers=[1, 1, 1], share_of_segment=[1.0, 0.5, 0.5])


def customer_classes() -> pd.DataFrame:
    frame = pd.DataFrame({"customer_id": ["c1", "c2", "c3"], "channel": ["web", "web", "shops"]})
    frame["abc_xyz"], frame["rfm"] = ["AX", "AZ", None], ["155", "511", None]
    return frame.assign(recency=[9.0, 0.0, None])


def segment_migration() -> pd.DataFrame:
    frame = pd.DataFrame({"from_segment": ["Passive", "Passive", "(new)", "Aggressive"]})
    frame["to_segment"] = ["Passive", "Aggressive", "Passive", "(lost)"]
    return frame.assign(scheme="segments", customers=[6, 2, 1, 1], net_sales=100.0, profit=10.0)


def segment_health() -> pd.DataFrame:
    frame = pd.DataFrame({"check": ["dimensions that shifted"], "value": [0.5], "limit": [0.25]})
    return frame.assign(passed=False)


def segment_drift() -> pd.DataFrame:
    frame = pd.DataFrame({"dimension": ["orders", "region"], "psi": [0.31, 0.02], "chance": [0.1, 0.1]})
    return frame.assign(verdict=["shifted", "stable"])


def segment_mistakes() -> pd.DataFrame:
    frame = pd.DataFrame({"segment": ["Passive", "Aggressive"], "served_as": ["Aggressive", "Passive"]})
    return frame.assign(overspent=[120.0, 0.0], at_risk=[0.0, 40.0])


def strategy() -> pd.DataFrame:
    frame = pd.DataFrame(CELLS, columns=["segment", "channel"])
    frame["current_option"], frame["chosen_option"] = "current", ["current", "rush: none", "order_method: portal"]
    frame["archetype"] = ["Keep as it is", "Planned flow", "Self-served"]
    frame["current_profit"], frame["chosen_profit"] = [60.0, 40.0, -50.0], [60.0, 45.0, -20.0]
    frame["gain"], frame["cash_gain"] = [0.0, 5.0, 30.0], [0.0, 5.0, 12.0]
    return frame.assign(current_service_level=0.95, chosen_service_level=0.94)


def strategy_options() -> pd.DataFrame:
    frame = pd.DataFrame(CELLS, columns=["segment", "channel"])
    figures = {"cost_to_serve": 100.0, "profit": 50.0, "service_level": 0.9, "speed_days": 4.0, "investment": 0.0}
    return frame.assign(option="rush: none", allowed=[True, True, False], **figures)


def strategy_frontier() -> pd.DataFrame:
    return pd.DataFrame({"point": [1, 2, 3], "service_level": [0.8, 0.9, 0.95], "profit": [90.0, 85.0, 60.0]})


def evaluation() -> pd.DataFrame:
    frame = pd.DataFrame({"strategy": ["current", "proposed"], "mean": [50.0, 85.0], "low": [40.0, 70.0]})
    return frame.assign(segment="(all)", channel="(all)", kpi="profit", high=[60.0, 99.0], replications=200)


def comparison() -> pd.DataFrame:
    frame = pd.DataFrame([*CELLS, ("(all)", "(all)")], columns=["segment", "channel"])
    frame["difference"], frame["low"], frame["high"] = (
        [0.0, 5.0, 30.0, 35.0],
        [0.0, -1.0, 20.0, 25.0],
        [0.0, 9.0, 40.0, 45.0],
    )
    verdicts = ["no difference", "no difference", "better", "better"]
    return frame.assign(kpi="profit", current=50.0, proposed=85.0, verdict=verdicts)


def calibration() -> pd.DataFrame:
    frame = pd.DataFrame(CELLS, columns=["segment", "channel"])
    return frame.assign(
        kpi="profit", observed=50.0, simulated=51.0, error=[0.02, -0.01, 0.3], accepted=[True, True, False]
    )


def kpis() -> pd.DataFrame:
    kinds = ["profit", "on_time", "cost_to_serve_share"]
    frame = pd.DataFrame({"kpi": kinds, "value": [50.0, 0.9, 0.257], "previous": [45.0, 0.93, 0.25]})
    frame["target"], frame["status"] = [None, 0.95, 0.26], ["(none)", "missed", "met"]
    frame["lower_limit"], frame["upper_limit"] = [30.0, 0.91, None], [70.0, 0.97, None]
    return frame.assign(segment="(all)", channel="(all)", signal=["(none)", "below", "(none)"])


def bridge() -> pd.DataFrame:
    parts = {"price": -2.0, "volume": 9.0, "mix": -2.0}
    frame = pd.DataFrame({"component": list(parts), "amount": list(parts.values())})
    return frame.assign(segment="(all)", channel="(all)")


def actions() -> pd.DataFrame:
    frame = pd.DataFrame({"action": ["order_method: portal"], "segment": ["Aggressive"], "channel": ["shops"]})
    frame["owner"], frame["due"] = "(none)", pd.Timestamp("2026-12-30")
    return frame.assign(expected_saving=30.0, expected_cash=12.0, realised_saving=float("nan"), state="proposed")
