"""Stage tables of a handful of rows, with figures that can be checked in the head; each as its description says."""

from __future__ import annotations

from itertools import product

import pandas as pd

from cts_lib.tables import OUTPUTS, conform

CELLS = [("Passive", "web"), ("Aggressive", "web"), ("Aggressive", "shops")]
LONG = "The longest name that any customer of this unit ever gave itself, and Sons"


def _table(name: str, frame: pd.DataFrame) -> pd.DataFrame:
    """The frame as the table of that name; columns that are not given are null where they may be."""
    missing = {column.name for column in OUTPUTS[name].columns if column.null} - set(frame)
    return conform(name, frame.assign(**dict.fromkeys(missing)))


def customer_profit() -> pd.DataFrame:
    frame = pd.DataFrame(
        {
            "customer_id": ["c1", "c2", "c3"],
            "name": ["One", "<script>alert(1)</script>", LONG],
            "channel": ["web", "web", "shops"],
            "orders": [4, 3, 20],
            "lines": [8, 6, 40],
            "quantity": [24.0, 18.0, 40.0],
            "gross_sales": [1100.0, 850.0, 300.0],
            "discounts": [100.0, 50.0, 0.0],
            "net_sales": [1000.0, 800.0, 300.0],
            "cogs": [700.0, 600.0, 210.0],
            "gross_margin": [300.0, 200.0, 90.0],
            "cost_to_serve": [240.0, 160.0, 140.0],
            "profit": [60.0, 40.0, -50.0],
            "rank": [1, 2, 3],
            "cumulative_profit": [60.0, 100.0, 50.0],
        }
    )
    return _table("customer_profit", frame.assign(assumed_cogs=0.0, fragile=False, worth_keeping=False))


def customer_channel_profit() -> pd.DataFrame:
    columns = [column.name for column in OUTPUTS["customer_channel_profit"].columns]
    return _table("customer_channel_profit", customer_profit()[columns])


def channel_profit() -> pd.DataFrame:
    sums = customer_profit().groupby("channel", sort=False, as_index=False).sum(numeric_only=True)
    columns = [column.name for column in OUTPUTS["channel_profit"].columns if column.name in sums]
    return _table("channel_profit", sums[columns].assign(sustaining=0.0, worth_keeping=False))


def customer_costs() -> pd.DataFrame:
    frame = pd.DataFrame({"customer_id": ["c1", "c1", "c2", "c2", "c3"], "channel": ["web"] * 4 + ["shops"]})
    frame["activity"] = ["order_entry", "picking", "order_entry", "picking", "order_entry"]
    frame["resource"] = ["desk", None, "desk", None, "desk"]
    frame["volume"], frame["missing"] = [4.0, 24.0, 3.0, 18.0, 20.0], 0.0
    frame["minutes"], frame["driver_quantity"] = [180.0, None, 120.0, None, 140.0], [None, 60.0, None, 40.0, None]
    return _table("customer_costs", frame.assign(cost=[180.0, 60.0, 120.0, 40.0, 140.0]))


def statement() -> pd.DataFrame:
    amounts = {"gross_sales": 2250.0, "discounts": -150.0, "net_sales": 2100.0, "cogs": -1510.0}
    amounts |= {"gross_margin": 590.0, "cost_to_serve": -540.0, "customer_profit": 50.0, "unused": -20.0}
    amounts |= {"overdriven": 10.0, "sustaining": 0.0, "unassigned": 0.0, "outside_ledger": 0.0}
    amounts["operating_profit"] = 40.0
    return _table("statement", pd.DataFrame({"line": list(amounts), "amount": list(amounts.values())}))


def activities() -> pd.DataFrame:
    frame = pd.DataFrame(
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
            "price": [1.0, 1.0],
            "ledger_price": [None, None],
        }
    )
    return _table("activities", frame)


def resources() -> pd.DataFrame:
    money = {"received": 0.0, "sent": 0.0, "sustaining": 0.0, "unassigned": 0.0, "difference": 0.0}
    desk = {"resource": "desk", "ledger": 430.0, "assigned": 440.0, "unused": 0.0, "overdriven": 10.0}
    hall = {"resource": "hall", "ledger": 120.0, "assigned": 100.0, "unused": 20.0, "overdriven": 0.0}
    used = [
        desk | money | {"capacity_minutes": 430.0, "utilisation": 440 / 430, "rate": 1.0},
        hall | money | {"capacity_minutes": 120.0, "utilisation": 100 / 120, "rate": 1.0},
    ]
    return _table("resources", pd.DataFrame(used))


def unit_times() -> pd.DataFrame:
    frame = pd.DataFrame({"activity": ["order_entry", "order_entry", "(all)"], "term": ["1", "lines", "(all)"]})
    frame["assumed"], frame["estimated"] = [5.0, 0.013, 440.0], [6.0, 0.012, None]
    frame["low"], frame["high"] = [5.5, 0.01, None], [6.5, 0.02, None]
    frame["verdict"], frame["reason"] = ["differs", "agrees", "cannot tell"], [None, None, "too few months"]
    return _table(
        "unit_times", frame.assign(resource="desk", source="ledger months", measured="minutes", observations=12)
    )


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
    frame["cost_to_serve"] = [None, 250.0, 250.0, 250.0, 250.0]
    return _table("profile", frame.assign(customers=2, orders=10, net_sales=1000.0, gross_margin=300.0, **service))


def lead_times() -> pd.DataFrame:
    frame = pd.DataFrame({"channel": "web", "days": [1, 2, 9], "lines": [50, 40, 10], "on_time_lines": [50, 40, 0]})
    return _table("lead_times", frame)


def quality() -> pd.DataFrame:
    frame = pd.DataFrame(
        {"table": ["order_lines"], "given": [True], "read": [100], "accepted": [99], "rejected": [1], "share": [0.01]}
    )
    return _table("quality", frame.assign(money_read=2110.0, money_accepted=2100.0, money_rejected=10.0))


def rejected_rows() -> pd.DataFrame:
    frame = pd.DataFrame({"table": ["order_lines"], "row": ["order_id o1, line_no 1"], "column": ["weight_kg"]})
    return _table("rejected_rows", frame.assign(value="heavy", reason="text in a number", money=10.0))


def segments() -> pd.DataFrame:
    frame = pd.DataFrame(CELLS, columns=["segment", "channel"]).assign(customer_id=["c1", "c2", "c3"])
    frame["value_class"], frame["cost_class"] = ["high", "low", "low"], ["low", "high", "high"]
    return _table("segments", frame.assign(cluster=[1, 2, 0], need="(none)", stability=1.0, strategic=False))


def segment_matrix() -> pd.DataFrame:
    frame = pd.DataFrame([*CELLS, ("(all)", "(all)")], columns=["segment", "channel"])
    money = {"net_sales": [1000.0, 800.0, 300.0, 2100.0], "profit": [60.0, 40.0, -50.0, 50.0]}
    frame["gross_margin"], frame["cost_to_serve"] = [300.0, 200.0, 90.0, 590.0], [240.0, 160.0, 140.0, 540.0]
    frame = frame.assign(customers=[1, 1, 1, 3], lead_time_days=4.0, on_time=0.9, in_full=0.95, **money)
    return _table("segment_matrix", frame)


def segment_rules() -> pd.DataFrame:
    frame = pd.DataFrame(
        {
            "segment": "Passive",
            "rule": 1,
            "dimension": ["gross_margin", "need"],
            "comparison": [">=", "="],
            "cut": [12.5, None],
            "value": [None, "rush_share: high"],
            "coverage": 0.8,
            "precision": 0.75,
        }
    )
    return _table("segment_rules", frame)


def segment_names() -> pd.DataFrame:
    """What the composed names of the other tables are made of."""
    rows = [
        ("rush_share: high", 1, "rush_share", "high", None),
        ("orders: high · rush_share: low", 1, "orders", "high", None),
        ("orders: high · rush_share: low", 2, "rush_share", "low", None),
        ("orders: low", 1, "orders", "low", None),
        ("value: middle · cost_to_serve: low", 1, "value", "middle", None),
        ("value: middle · cost_to_serve: low", 2, "cost_to_serve", "low", None),
        ("Passive · rush_share: high", 1, "segment", None, "Passive"),
        ("Passive · rush_share: high", 2, "rush_share", "high", None),
        ("loyalty: high", 1, "loyalty", None, "high"),
    ]
    return _table("segment_names", pd.DataFrame(rows, columns=["name", "place", "dimension", "level", "value"]))


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
    sums = {"orders": 4.0, "lines": 8.0, "gross_margin": 300.0}
    return _table("segment_cards", frame.assign(orders_per_customer=4.0, order_value=250.0, **figures, **sums))


def segment_groups_choice() -> pd.DataFrame:
    frame = pd.DataFrame({"method": ["k-means", "mixture"], "tried": [2, 3], "groups": [2, 0]})
    frame["silhouette"], frame["smallest_share"] = [0.31, None], [0.2, None]
    return _table("segment_groups_choice", frame.assign(jaccard=0.8, jaccard_deviation=0.1, chosen=[True, False]))


def segment_cross() -> pd.DataFrame:
    frame = pd.DataFrame({"segment": ["Passive", "Aggressive", "Aggressive"], "cluster": [1, 2, 0]})
    frame["group"] = ["orders: high · rush_share: low", "orders: low", "Outliers"]
    return _table("segment_cross", frame.assign(customers=[1, 1, 1], share_of_segment=[1.0, 0.5, 0.5]))


def customer_classes() -> pd.DataFrame:
    frame = pd.DataFrame({"customer_id": ["c1", "c2", "c3"], "channel": ["web", "web", "shops"]})
    frame["abc_xyz"], frame["rfm"] = ["AX", "AZ", None], ["155", "511", None]
    return _table("customer_classes", frame.assign(abc_money="A", abc_customers="A", recency=[9.0, 0.0, None]))


def segment_migration() -> pd.DataFrame:
    frame = pd.DataFrame({"from_segment": ["Passive", "Passive", "(new)", "Aggressive"]})
    frame["to_segment"] = ["Passive", "Aggressive", "Passive", "(lost)"]
    frame = frame.assign(scheme="segments", customers=[6, 2, 1, 1], net_sales=100.0, profit=10.0)
    return _table("segment_migration", frame)


def segment_health() -> pd.DataFrame:
    frame = pd.DataFrame({"check": ["dimensions that shifted"], "value": [0.5], "limit": [0.25]})
    return _table("segment_health", frame.assign(passed=False))


def segment_drift() -> pd.DataFrame:
    frame = pd.DataFrame({"dimension": ["orders", "region"], "psi": [0.31, 0.02], "chance": [0.1, 0.1]})
    return _table("segment_drift", frame.assign(verdict=["shifted", "stable"]))


def segment_mistakes() -> pd.DataFrame:
    frame = pd.DataFrame({"segment": ["Passive", "Aggressive"], "served_as": ["Aggressive", "Passive"]})
    return _table("segment_mistakes", frame.assign(overspent=[120.0, 0.0], at_risk=[0.0, 40.0]))


def strategy() -> pd.DataFrame:
    frame = pd.DataFrame(CELLS, columns=["segment", "channel"])
    frame["current_option"], frame["chosen_option"] = "current", ["current", "rush: none", "order_method: portal"]
    frame["archetype"] = ["efficient", "agile", None]
    frame["current_profit"], frame["chosen_profit"] = [60.0, 40.0, -50.0], [60.0, 45.0, -20.0]
    frame["gain"], frame["cash_gain"], frame["customers_reached"] = [0.0, 5.0, 30.0], [0.0, 5.0, 12.0], [0.0, 2.0, 3.0]
    levels = {"current_service_level": 0.95, "chosen_service_level": 0.94}
    frame["second_option"], frame["second_behind"] = [None, "current", "rush: none"], [float("nan"), 3.0, 18.0]
    frame["cheapest_option"], frame["cheapest_behind"] = ["current", "rush: none", "rush: none"], float("nan")
    frame["cheapest_reason"] = ["(none)", "(none)", "service_level"]
    return _table("strategy", frame.assign(promised_lines=[60.0, 30.0, 10.0], **levels))


def strategy_options() -> pd.DataFrame:
    frame = pd.DataFrame(CELLS, columns=["segment", "channel"])
    figures = {"cost_to_serve": 100.0, "profit": 50.0, "cash": 5.0, "investment": 0.0, "customers_reached": 2.0}
    frame = frame.assign(option="rush: none", rush="none", allowed=[True, True, False], **figures)
    return _table("strategy_options", frame.assign(reason=["(none)", "(none)", "service_level"], speed_days=4.0))


def strategy_sensitivity() -> pd.DataFrame:
    frame = pd.DataFrame({"assumption": ["adoption", "prices"], "resource": ["(none)", "desk"], "low": [0.5, 0.9]})
    frame["high"], frame["cash_gain_low"], frame["cash_gain_high"] = [1.25, 1.1], [8.0, 17.0], [22.0, 20.0]
    return _table("strategy_sensitivity", frame.assign(cells_changed=[1, 0]))


def strategy_pairs() -> pd.DataFrame:
    frame = pd.DataFrame({"assumption": ["leave", "demand"], "resource": "(none)", "end": [0.02, 0.9]})
    frame = frame.assign(with_assumption=["prices", "adoption"], with_resource=["desk", "(none)"], with_end=[1.1, 0.5])
    return _table("strategy_pairs", frame.assign(cash_gain=[-3.0, 4.0], cells_changed=[2, 1]))


def service_prices() -> pd.DataFrame:
    frame = pd.DataFrame({"segment": ["Aggressive", "Passive"], "service_level": [0.95, 0.9]})
    return _table("service_prices", frame.assign(cash_of_point=[12.0, float("nan")]))


def capacity_plan() -> pd.DataFrame:
    frame = pd.DataFrame({"resource": ["desk", "hall"], "capacity_now": [430.0, 120.0], "used_now": [440.0, 100.0]})
    frame = frame.assign(used_then=[410.0, 100.0], steps=[-1, 0], capacity_then=[420.0, 120.0], cash=[4.0, 0.0])
    return _table("capacity_plan", frame.assign(hour_worth=[2.0, 0.0]))


def node_plan() -> pd.DataFrame:
    frame = pd.DataFrame({"warehouse": ["north", "south", "idle"], "capacity": [100.0, 40.0, 10.0]})
    return _table("node_plan", frame.assign(ships_now=[50.0, 60.0, 0.0], ships_then=[58.0, 52.0, 0.0]))


def decisions() -> pd.DataFrame:
    frame = pd.DataFrame({"decision": [1, 2], "lever": ["order_method", "rush"], "setting": ["portal", "none"]})
    frame["segment"], frame["channel"], frame["customers_reached"] = "Aggressive", ["shops", "web"], [3.0, 1.0]
    frame["gain"], frame["cash_gain"] = [30.0, 5.0], [12.0, 5.0]
    frame["gain_a_year"], frame["cash_a_year"] = 4 * frame["gain"], 4 * frame["cash_gain"]
    frame["investment"], frame["payback_years"], frame["speed_days"] = [15.0, 0.0], [0.3, 0.0], [0.0, 0.2]
    frame = frame.assign(
        cells=1, small=False, orders_reached=[20.0, 3.0], upkeep=[2.0, 0.0], service_level=[0.0, -0.01]
    )
    frame["owner"], frame["resource"] = ["Ana", "(none)"], ["desk", "(none)"]
    frame["due"] = pd.Timestamp("2026-12-31")
    frame["sure"], frame["hangs_on"], frame["ends"] = [0.0, 1.0], ["adoption", "(none)"], 14
    frame["as_given"] = ["(none)", "margin_at_risk,investment"]
    return _table("decisions", frame)


def customer_terms() -> pd.DataFrame:
    """A fee for one customer, a rhythm and a price for another, nothing that helps the third."""
    terms = [
        ("c3", "shops", -50.0, 90.0, "fee_per_order", "zero", "2.5", 2.5),
        ("c3", "shops", -50.0, 90.0, "price", "margin", "0.2215", 0.2215),
        ("c2", "web", -20.0, -15.0, "rhythm", "zero", "7", 7.0),
        ("c1", "web", -10.0, 30.0, "price", "zero", None, None),
    ]
    columns = ["customer_id", "channel", "profit", "avoidable_margin", "term", "aim", "needed", "needed_number"]
    frame = pd.DataFrame(terms, columns=columns)
    frame["possible"] = frame["easiest"] = frame["realistic"] = frame["needed"].notna()
    frame["costliest"], frame["costliest_share"], frame["asks"] = "order_entry", 0.4, "current"
    frame["handed_over"] = frame["chosen_easiest"] = frame["chosen_realistic"] = False
    frame["chosen_net_sales"], frame["chosen_needed"], frame["chosen_net_sales_then"] = 300.0, None, None
    frame["chosen_profit"], frame["chosen_avoidable_margin"] = frame["profit"], frame["avoidable_margin"]
    return _table(
        "customer_terms",
        frame.assign(
            net_sales=300.0,
            net_sales_then=360.0,
            target=0.0,
            setting="0",
            worth_keeping=False,
            worth_leaving=True,
            strategic=False,
        ),
    )


def strategy_frontier() -> pd.DataFrame:
    frame = pd.DataFrame({"point": [1, 2, 3], "service_level": [0.8, 0.9, 0.95], "profit": [90.0, 85.0, 60.0]})
    frame = frame.assign(cash=[40.0, 35.0, 10.0], cost_to_serve=[500.0, 505.0, 530.0], options_changed=[3, 2, 1])
    return _table("strategy_frontier", frame)


def evaluation() -> pd.DataFrame:
    frame = pd.DataFrame({"strategy": ["current", "proposed"], "mean": [50.0, 85.0], "low": [40.0, 70.0]})
    frame = frame.assign(segment="(all)", channel="(all)", kpi="profit", high=[60.0, 99.0], replications=200)
    return _table("evaluation", frame.assign(scenario="base", reliable=True))


def comparison() -> pd.DataFrame:
    frame = pd.DataFrame([*CELLS, ("(all)", "(all)")], columns=["segment", "channel"])
    frame["difference"], frame["low"], frame["high"] = (
        [0.0, 5.0, 30.0, 35.0],
        [0.0, -1.0, 20.0, 25.0],
        [0.0, 9.0, 40.0, 45.0],
    )
    verdicts = ["no difference", "no difference", "better", "better"]
    frame["current"], frame["proposed"] = [60.0, 40.0, -50.0, 50.0], [60.0, 45.0, -20.0, 85.0]
    frame = frame.assign(kpi="profit", verdict=verdicts, likely=[0.0, 0.8, 1.0, 1.0], scenario="base", reliable=True)
    return _table("comparison", frame)


def contributions() -> pd.DataFrame:
    frame = pd.DataFrame({"lever": ["portal", "rush"], "setting": ["all", "none"], "difference": [30.0, 2.0]})
    return _table("contributions", frame.assign(low=[20.0, -1.0], high=[40.0, 5.0], replications=20))


def chain_days() -> pd.DataFrame:
    keys = product(("current", "proposed"), ("desk", "dock"), range(1, 9))
    frame = pd.DataFrame(keys, columns=["strategy", "place", "day"]).assign(scenario="base", measure="behind")
    waits = (frame["place"] == "desk") * (0.1 + 0.2 * frame["day"] * (frame["strategy"] == "proposed"))
    return _table("chain_days", frame.assign(mean=waits, median=waits, low=0.5 * waits, high=2 * waits))


def worst_weeks() -> pd.DataFrame:
    frame = pd.DataFrame({"strategy": ["current", "proposed"], "scenario": ["base", "surge"], "day": [14, 35]})
    frame = frame.assign(on_time=[0.9, 0.4], behind=[0.0, 2.5], behind_at=["(none)", "desk"], fill_rate=[0.97, None])
    return _table("worst_weeks", frame.assign(recovery=[None, 9.0]))


def conditions() -> pd.DataFrame:
    """Half the adoption fills a resource that the first decision frees; a surge leaves the plan behind."""
    frame = pd.DataFrame({"scenario": ["half_adoption", "surge"], "adoption": [0.5, 1.0]})
    frame = frame.assign(measure=["on_time", "recovery"], current=[0.76, 9.0], proposed=[0.45, None])
    frame = frame.assign(place=["dispatch", "(none)"], behind=[3.9, 0.0], lever=["order_method", "(none)"])
    return _table("conditions", frame.assign(setting=["portal", "(none)"]))


def kept_capacity() -> pd.DataFrame:
    """A step of dispatch that is missed, most where half go along."""
    frame = pd.DataFrame({"scenario": ["base", "half_adoption"], "resource": "dispatch", "steps": -1, "saves": 4400.0})
    frame = frame.assign(proposed=[0.765, 0.449], kept=[0.805, 0.795], difference=[0.04, 0.346], replications=20)
    return _table("kept_capacity", frame.assign(low=[-0.01, 0.01], high=[0.14, 0.69], verdict="better"))


def tuned_stock() -> pd.DataFrame:
    frame = pd.DataFrame({"product_id": ["(all)", "p1", "p2"], "warehouse": ["(all)", "A", "A"]})
    frame = frame.assign(reorder_point=[None, 30.0, 20.0], tuned_reorder_point=[None, 41.0, 20.0], order_up_to=None)
    frame = frame.assign(order_quantity=[None, 60.0, 60.0], tuned_order_quantity=[None, 60.0, 60.0])
    frame = frame.assign(tuned_order_up_to=None, on_hand=[90.0, 50.0, 40.0], tuned_on_hand=[101.0, 61.0, 40.0])
    frame = frame.assign(fill_rate=[0.94, 0.91, 0.97], tuned_fill_rate=[0.96, 0.95, 0.97], cost=[90.0, 60.0, 30.0])
    frame = frame.assign(tuned_cost=[70.0, 40.0, 30.0], saving=[20.0, 20.0, 0.0], low=[5.0, 5.0, 0.0])
    verdicts = ["better", "better", "no difference"]
    return _table("tuned_stock", frame.assign(high=[35.0, 35.0, 0.0], verdict=verdicts))


def payback() -> pd.DataFrame:
    frame = pd.DataFrame({"cash_a_year": [140.0], "low": [100.0], "high": [180.0], "outlay": [150.0], "likely": [0.3]})
    return _table("payback", frame)


def backtest() -> pd.DataFrame:
    frame = pd.DataFrame({"period": ["2026-Q1", "2026-Q2"], "observed": [50.0, 90.0], "inside": [True, False]})
    of_unit = {"segment": "(all)", "channel": "(all)", "kpi": "profit", "low": 40.0, "high": 60.0, "with_days": False}
    return _table("backtest", frame.assign(**of_unit))


def calibration() -> pd.DataFrame:
    frame = pd.DataFrame([*CELLS, ("(all)", "(all)")], columns=["segment", "channel"])
    frame = frame.assign(kpi="profit", observed=50.0, simulated=[51.0, 49.5, 65.0, 50.5])
    return _table("calibration", frame.assign(error=[0.02, -0.01, 0.3, 0.01], accepted=[True, True, False, True]))


def kpis() -> pd.DataFrame:
    kinds = ["profit", "on_time", "cost_to_serve_share"]
    frame = pd.DataFrame({"kpi": kinds, "value": [50.0, 0.9, 0.257], "previous": [45.0, 0.93, 0.25]})
    frame["target"], frame["status"] = [None, 0.95, 0.26], ["(none)", "missed", "met"]
    frame["lower_limit"], frame["upper_limit"] = [30.0, 0.91, None], [70.0, 0.97, None]
    frame["standard_error"], frame["chance"] = [4.0, 0.01, None], [0.4, 0.0002, None]
    frame["observations"] = [30.0, 400.0, 30.0]
    frame["evidence"], frame["evidence_periods"] = ["(none)", "run", "(none)"], [0, 2, 0]
    return _table("kpis", frame.assign(segment="(all)", channel="(all)", signal=["(none)", "below", "(none)"]))


def kpi_tree() -> pd.DataFrame:
    measures = ["operating_profit", "unused", "unused", "rate", "service", "on_time"]
    frame = pd.DataFrame({"measure": measures, "level": [0, 1, 2, 3, 0, 1], "value": [50, -9, -9, 0.8, None, 0.9]})
    frame["previous"], frame["contribution"] = [45, -8, -8, 0.7, None, 0.93], [5.0, -1, -1, -1, None, None]
    frame["subject"] = ["(none)", "(none)", "desk", "desk", "(none)", "(none)"]
    money = ["operating_profit", "operating_profit/unused", "operating_profit/unused/unused:desk"]
    frame["parent"] = [None, *money, None, "service"]
    frame["node"] = [*money, f"{money[-1]}/rate", "service", "service/on_time"]
    return _table("kpi_tree", frame)


def bridge() -> pd.DataFrame:
    parts = {"price": -2.0, "volume": 9.0, "mix": -2.0}
    frame = pd.DataFrame({"component": list(parts), "amount": list(parts.values())})
    return _table("bridge", frame.assign(segment="(all)", channel="(all)"))


def bridge_details() -> pd.DataFrame:
    rows = [
        ("price", "sales", "cold", -2.0),
        ("volume", "sales", "(none)", 10.0),
        ("volume", "work", "(none)", -1.0),
        ("mix", "begun", "p9", -2.5),
        ("mix", "families", "(none)", 0.5),
        ("efficiency", "work", "order_entry", 0.2),
        ("rate", "cost", "desk", -0.2),
    ]
    return _table("bridge_details", pd.DataFrame(rows, columns=["component", "cause", "subject", "amount"]))


def actions() -> pd.DataFrame:
    frame = pd.DataFrame({"action": ["order_method: portal"], "segment": ["Aggressive"], "channel": ["shops"]})
    frame["subject"], frame["owner"], frame["due"] = "(none)", "(none)", pd.Timestamp("2026-12-30")
    frame = frame.assign(id="order_method-portal-1a2b3c", customer_id="(none)", since="(none)", verdict="(none)")
    return _table("actions", frame.assign(expected_saving=30.0, expected_cash=12.0, state="proposed"))


def concentration() -> pd.DataFrame:
    known = {"gini_net_sales": 0.22, "gini_profit": 0.44, "share_of_customers_at_peak": 2 / 3, "peak_profit": 100.0}
    known |= {"end_profit": 50.0, "peak_to_end": 2.0, "erosion": 50.0, "unprofitable_customers": 1.0}
    return _table("concentration", pd.DataFrame({"measure": list(known), "value": list(known.values())}))


def customer_reasons() -> pd.DataFrame:
    facts = pd.DataFrame({"side": ["worst", "worst"], "customer_id": "c3", "channel": "shops", "place": [1, 2]})
    facts["channels"] = 1
    facts["fact"], facts["activity"], facts["count"] = ["drop_size", "activity"], [None, "order_entry"], [24.0, None]
    return _table("customer_reasons", facts.assign(value=[2.0, 0.61], usual=[40.0, 0.3]))


def customer_behaviour() -> pd.DataFrame:
    frame = pd.DataFrame({"customer_id": [f"c{place}" for place in range(20)], "channel": "web", "orders": 4})
    frame["order_value"] = [100.0 + 10 * place for place in range(20)]
    shares = {"rush_share": 0.1, "return_share": 0.0, "electronic_share": 0.5}
    sizes = {"orders_per_month": 1.5, "lines_per_order": 2.0, "quantity_per_line": 3.0, "drop_size": 6.0}
    frame = frame.assign(shipments=4, shipments_per_order=1.0, products=4, families=2, **sizes, **shares)
    return _table("customer_behaviour", frame)


def profit_of_twenty() -> pd.DataFrame:
    frame = customer_behaviour()[["customer_id", "channel", "orders"]]
    sales = [400.0 + 40 * place for place in range(20)]
    frame = frame.assign(lines=8, quantity=24.0, gross_sales=sales, discounts=0.0, net_sales=sales, cogs=200.0)
    frame["gross_margin"] = frame["net_sales"] - frame["cogs"]
    frame = frame.assign(cost_to_serve=100.0, profit=frame["gross_margin"] - 100.0, assumed_cogs=0.0)
    return _table("customer_channel_profit", frame)


def customer_demand() -> pd.DataFrame:
    frame = pd.DataFrame({"demand_class": ["smooth", "lumpy", "once"], "demand_interval": [1.1, 3.0, 13.0]})
    frame["customer_id"], frame["channel"], frame["active_buckets"] = ["c1", "c2", "c3"], "web", [12, 4, 1]
    frame = frame.assign(buckets=13, mean_quantity=2.0, variation=[0.3, 2.0, None], squared_variation=[0.1, 0.9, None])
    return _table("customer_demand", frame)


def monthly_sales() -> pd.DataFrame:
    months = pd.date_range("2024-10-01", periods=24, freq="MS")
    frame = pd.DataFrame({"channel": "(all)", "month": months, "net_sales": [100.0 + place for place in range(24)]})
    frame = frame.assign(lines=10.0, orders=5.0, trend=frame["net_sales"] - 1, season=1.0, remainder=0.0)
    return _table("monthly_sales", frame)


def seasonality() -> pd.DataFrame:
    row = {"channel": "(all)", "months": 24, "season_strength": 0.8, "trend_strength": 0.9, "yearly_change": 0.05}
    row |= {"peak_month": 12.0, "peak": 0.2, "trough_month": 8.0, "trough": -0.15}
    return _table("seasonality", pd.DataFrame([row]))


def service() -> pd.DataFrame:
    frame = pd.DataFrame({"channel": ["web", "shops", "(all)"], "orders": [7, 20, 27], "judged_orders": [7, 20, 27]})
    frame["perfect_lines"], frame["perfect_orders"] = [0.9, 0.8, 0.85], [0.7, 0.6, 0.65]
    days = {"promised_days": 4.0, "lead_time_days": 4.25, "lead_time_spread": 1.5}
    return _table("service", frame.assign(lines=[14, 40, 54], on_time=0.9, on_time_orders=0.8, **days))


def places() -> pd.DataFrame:
    frame = pd.DataFrame({"city": ["Vigo", "Bilbao", "Cádiz"], "latitude": [42.2, 43.3, 36.5]})
    frame["longitude"], frame["net_sales"] = [-8.7, -2.9, -6.3], [1000.0, 800.0, 300.0]
    known = {"country": "ES", "region": ["Galicia", "País Vasco", "Andalucía"], "profit": [60.0, 40.0, -50.0]}
    drops = {"distance_km": 20.0, "drops_per_customer": 5.0, "drops_per_100_km": 5.0}
    return _table("places", frame.assign(customers=1, orders=5, shipments=5, cost_to_serve=100.0, **known, **drops))


def product_mix() -> pd.DataFrame:
    frame = pd.DataFrame({"dimension": ["(all)", "family", "family"], "value": ["(all)", "cold", "dry"]})
    frame["products"], frame["tail_products"], frame["tail_line_share"] = [10, 6, 4], [2, 2, 0], [0.1, 0.2, 0.0]
    money = {"net_sales": [2100.0, 1500.0, 600.0], "gross_margin": [590.0, 400.0, 190.0]}
    tail = {"tail_margin": [40.0, 40.0, 0.0], "tail_cost": [65.0, 65.0, 0.0]}
    frame = frame.assign(customers=3, orders=27, lines=50, lines_per_product=5.0, **money, **tail)
    return _table("product_mix", frame)


def family_profit() -> pd.DataFrame:
    frame = pd.DataFrame({"customer_id": ["c1", "c1", "c2", "c3"], "channel": ["web", "web", "web", "shops"]})
    frame["family"], frame["quantity"] = ["cold", "dry", "dry", "(none)"], 10.0
    frame["net_sales"], frame["cogs"] = [900.0, 100.0, 800.0, 300.0], [610.0, 90.0, 600.0, 210.0]
    frame["gross_margin"], frame["cost_to_serve"] = [290.0, 10.0, 200.0, 90.0], [180.0, 60.0, 260.0, 40.0]
    return _table("family_profit", frame.assign(profit=frame["gross_margin"] - frame["cost_to_serve"]))


def cost_effects() -> pd.DataFrame:
    frame = pd.DataFrame({"effect": ["lines_per_order", "size_class", "rush_share", "city"]})
    frame["value"], frame["instead_of"] = [None, "small", None, None], [None, "large", None, None]
    frame["step"] = ["one", "instead", "points", "instead"]
    frame["estimate"], frame["low"] = [-0.008, 0.05, 0.001, None], [-0.011, 0.02, -0.01, None]
    frame["high"], frame["verdict"] = [-0.005, 0.08, 0.012, None], ["less", "more", "cannot tell", "left out"]
    frame["reason"] = [None, None, None, "too many values"]
    return _table("cost_effects", frame.assign(observations=300, r_squared=0.6, condition=4.0))


def missing_values() -> pd.DataFrame:
    frame = pd.DataFrame({"table": ["customers", "order_lines"], "column": ["industry", "promised_date"]})
    frame["missing"], frame["share"] = [8, 60], [0.08, 0.6]
    frame = frame.assign(rows=100, consequence=["not told by this trait", "not judged on time"])
    return _table("missing_values", frame)
