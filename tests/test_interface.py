"""Promises that are made to programs around the workbook, each as such a program would see it kept."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pytest
from small_workbook import LEDGER, UNIT, compute, line, make_workbook

from cts_lib import cli
from cts_lib.errors import CtsError
from cts_lib.params import Params, load
from cts_lib.params.period import Period
from cts_lib.tables import OUTPUTS

LINES = [
    line(f"o{at}", customer_id=f"c{at % 2 + 1}", promised_date="2026-02-20", delivered_date="2026-02-05")
    for at in range(4)
]
PAID: dict[str, Any] = {
    "resources": {"desk": {"capacity_minutes": 1000, "variable_share": 1}},
    "activities": {"entry": {"resource": "desk", "per": "order", "minutes": "100"}},
}
WRITTEN = """
unit: {label: Iberia, business_unit: iberia, currency: EUR, country: ES}
source:
  engine: duckdb
  path: data/sample
  url_env: CTS_SOURCE_URL
  formats: {decimal: ",", thousands: ".", date: "%d.%m.%Y", encoding: cp1252}
  time_zone: Europe/Madrid
  repeated: [freight_cost]
labels: {channel: {horeca: {es: Hostelería}}}
quality: {max_rejected_share: 0.01, ledger_tolerance: 0.01, strict_ledger: false}
profile: {assumed_gross_margin: null}
segmentation: {xyz_bucket: auto}
cost_model:
  resources:
    customer_service: {capacity_minutes: 700000, owner: Head of customer service}
    warehouse: {capacity: {people: 7, weeks: 50, minutes_per_week: 2400, practical_share: 0.9}, per: year,
      variable_share: 0.4}
    transport: {}
    sales: {}
    it: {support: true}
    hr: {support: true}
    brand: {level: business_unit}
    freight: {cost: 56000}
  prices: {}
  support: {method: reciprocal, order: [it, hr], shares: {it: {hr: 0.1, customer_service: 0.5,
    warehouse: 0.4}, hr: {warehouse: 1.0}}}
  activities:
    order_entry: {resource: customer_service, per: order, minutes: "5 + 3*lines + 15*new_customer + 10*rush"}
    picking: {resource: warehouse, per: line, minutes: "1.5 + 0.2*quantity"}
    complaints: {resource: customer_service, per: "event:service_call", minutes: "12*quantity"}
    delivery: {resource: transport, per: shipment, driver: "weight_kg*distance_km", share: 0.8}
    drops: {resource: transport, per: shipment, driver: "1", share: 0.2}
    freight: {resource: freight, per: shipment, direct: freight_cost}
    visits: {per: "event:sales_visit", driver: quantity, rate: 150}
    financing: {per: line, driver: "net_sales*payment_terms_days/365", rate: 0.10}
    key_accounts: {resource: sales, per: customer, driver: "net_sales", when: "channel = 'key account'"}
strategy:
  objective: cash
  levers:
    portal:
      kind: order_method
      for: "channel <> 'key account' AND segment <> 'Passive'"
      settings: {half: {to: portal, share: 0.5}, all: {to: portal}}
      adoption: 0.8
      promise: keep
      margin_at_risk: 0.001
      investment: {once: 20000, per_customer: 150, per_year: 3000}
      events: {service_call: 0.8}
  capacity_steps:
    customer_service: {minutes: 22080, saves: 9500, costs: 11000, least: -2, most: 2}
  values: {service_level: 0, speed_days: 0}
  floors: {Passive: {service_level: 0.9}}
  max_configurations: null
  min_gain: {money: 500, share_of_sales: 0.001}
  budget: null
  surge: {demand: 1.3, days: 20}
  tracked_modes: [own fleet]
  target_margin: 0.05
evaluation:
  replications: 60
  precision: 0.05
  seed: 7
  horizon: next_period
  scenarios:
    surge: {demand: 1.3, from_day: 30, to_day: 58, channel: retail}
    fuel: {cost: {transport: 1.4, freight: 1.4}}
    node_down: {warehouse: A, from_day: 20, to_day: 34}
    lost: {customers: [0100087]}
    half_adoption: {adoption: 0.5}
governance:
  compare: previous
  calendar: {year_starts: 10}
  on_time: {early_days: null, late_days: 0, full_share: 1}
  changes: [2026-Q1]
"""
"""What documents and examples show, each key once."""
PROMISED = {
    "resources": "resource ledger received sent assigned unused overdriven sustaining unassigned difference "
    "capacity_minutes used_minutes utilisation rate",
    "activities": "activity resource per basis volume missing driver_quantity minutes cost unit_cost",
    "statement": "line amount",
    "customer_costs": "customer_id channel activity resource driver_quantity minutes cost",
    "customer_channel_profit": "customer_id channel orders lines quantity gross_sales discounts "
    "net_sales cogs gross_margin cost_to_serve "
    "profit",
    "customer_profit": "customer_id orders lines quantity gross_sales discounts net_sales cogs "
    "gross_margin cost_to_serve profit "
    "profit_low profit_high probability_unprofitable rank cumulative_profit",
    "channel_profit": "channel orders lines quantity gross_sales discounts net_sales cogs "
    "gross_margin cost_to_serve profit "
    "sustaining",
    "profile": "dimension value customers orders net_sales gross_margin cost_to_serve profit lead_time_days on_time "
    "in_full",
    "family_profit": "customer_id channel family quantity net_sales cogs gross_margin cost_to_serve profit",
    "rejected_rows": "table row column value reason money",
    "segments": "customer_id channel segment value_class cost_class cluster stability",
    "segment_matrix": "segment channel customers net_sales gross_margin cost_to_serve profit "
    "lead_time_days on_time in_full",
    "segment_rules": "segment rule coverage precision",
    "strategy_options": "segment channel option customers_reached cost_to_serve profit cash "
    "investment service_level in_full "
    "responsiveness speed_days speed_p95_days visibility allowed reason",
    "strategy": "segment channel current_option chosen_option archetype current_cost_to_serve chosen_cost_to_serve "
    "current_profit chosen_profit current_cash chosen_cash current_investment chosen_investment "
    "current_service_level chosen_service_level current_in_full chosen_in_full current_responsiveness "
    "chosen_responsiveness current_speed_days chosen_speed_days current_speed_p95_days chosen_speed_p95_days "
    "current_visibility chosen_visibility gain cash_gain",
    "strategy_frontier": "point service_level profit cash cost_to_serve options_changed",
    "capacity_plan": "resource capacity_now used_now used_then steps capacity_then cash",
    "customer_terms": "customer_id channel profit target term setting needed profit_then possible",
    "strategy_sensitivity": "assumption low high cash_gain_low cash_gain_high cells_changed",
    "evaluation": "segment channel strategy scenario kpi mean low high replications",
    "comparison": "segment channel scenario kpi current proposed difference low high verdict",
    "calibration": "segment channel kpi observed simulated error accepted",
    "backtest": "period segment channel kpi low high observed inside",
    "kpis": "segment channel kpi value standard_error target status previous lower_limit upper_limit signal",
    "bridge": "segment channel component amount",
    "actions": "id action segment channel customer_id owner due since expected_saving expected_cash realised_saving "
    "realised_low realised_high state",
}
"""Columns of output tables by name, the least that each has."""


def params_of(folder: Path, *overrides: str) -> Params:
    return load(make_workbook(folder, ledger=LEDGER), [UNIT], list(overrides))[0].params


@pytest.mark.parametrize(("written", "meant"), [("0100017", "0100017"), ("0100087", "0100087"), ("4711", "4711")])
def test_an_identifier_keeps_its_leading_zeros_and_needs_no_quotes(tmp_path: Path, written: str, meant: str) -> None:
    told = params_of(
        tmp_path,
        f"unit.business_unit={written}",
        f"evaluation.scenarios={{gone: {{customers: [{written}], warehouse: {written}, channel: {written}}}}}",
        f"strategy.levers={{node: {{settings: {{other: {{to: {written}}}}}}}}}",
        f"cost_model.resources.shop={{level: channel, channel: {written}}}",
    )
    gone = told.evaluation.scenarios["gone"]
    assert gone.customers == [meant]
    assert (told.unit.business_unit, gone.warehouse, gone.channel) == (meant, meant, meant)
    assert told.strategy.levers["node"].settings["other"].to == meant
    assert told.cost_model.resources["shop"].channel == meant


def test_a_year_is_a_period_without_quotes(tmp_path: Path) -> None:
    governance = params_of(tmp_path, "governance.compare=2025", "governance.changes=[2024, 2026-Q1]").governance
    assert (governance.compare, governance.changes) == ("2025", ["2024", "2026-Q1"])
    actions = tmp_path / "params" / "actions"
    actions.mkdir()
    (actions / f"{UNIT}.yml").write_text("[{id: a, action: x, since: 2026}]", encoding="utf-8")
    assert load(tmp_path / "params")[0].actions[0].since == "2026"


def test_a_number_with_a_leading_zero_is_decimal(tmp_path: Path) -> None:
    assert params_of(tmp_path, "evaluation.replications=0032").evaluation.replications == 32


def test_a_label_of_a_lever_is_in_a_language_that_reports_speak(tmp_path: Path) -> None:
    lever = "strategy.levers={{rush: {{label: {{{}: Word}}, settings: {{none: {{drop: true}}}}}}}}"
    assert params_of(tmp_path, lever.format("es")).strategy.levers["rush"].label == {"es": "Word"}
    with pytest.raises(CtsError, match=r"rush\.label.*unknown language 'fr'; known are en, es"):
        params_of(tmp_path, lever.format("fr"))


def test_a_strategy_may_have_no_lever_at_all(tmp_path: Path) -> None:
    options = strategy(tmp_path, {})["strategy_options"]
    assert set(options["option"]) == {"current"}


@pytest.mark.parametrize(
    "levers",
    [
        {"hand_over": {"settings": {"all": {"below": 2000, "margin_kept": 0.99}}}},
        {"terms": {"settings": {"dearer": {"price": 0.1, "lose": 1}}}},
    ],
)
def test_a_plan_that_parts_with_every_customer_has_no_service_level(tmp_path: Path, levers: dict[str, Any]) -> None:
    frontier = strategy(tmp_path, levers)["strategy_frontier"]
    assert frontier["service_level"].isna().tolist() == [True] + [False] * (len(frontier) - 1)
    assert frontier["options_changed"].iloc[0] == 2


def strategy(folder: Path, levers: dict[str, Any]) -> dict[str, pd.DataFrame]:
    params = make_workbook(folder, LINES, PAID, ledger=LEDGER, strategy={"levers": levers})
    return compute(params, stages=("profile", "segment", "strategy")).tables["strategy"]


def test_the_history_keeps_the_plan_of_each_period(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make_workbook(tmp_path, LINES, PAID, ledger=LEDGER)
    for arguments in ([], ["--set", "strategy.levers={}"]):
        order = ["compute", "--params", str(tmp_path / "params"), "--out", str(tmp_path / "out"), "--period", "2026-Q1"]
        monkeypatch.setattr("sys.argv", ["cts", *order, "--until", "strategy", "--jobs", "1", *arguments])
        with pytest.raises(SystemExit) as left:
            cli.main()
        assert not left.value.code
    with duckdb.connect(str(tmp_path / "out" / "history.duckdb"), read_only=True) as history:
        kept = history.execute("SELECT unit, period, segment, channel, chosen_option FROM strategy").fetchall()
    stored = pd.read_parquet(tmp_path / "out" / "2026-Q1" / UNIT / "tables" / "strategy.parquet")
    chosen = stored[["segment", "channel", "chosen_option"]].itertuples(index=False, name=None)
    assert sorted(kept) == sorted((UNIT, "2026-Q1", *row) for row in chosen)


def test_every_table_and_column_that_programs_read_is_there() -> None:
    for name, columns in PROMISED.items():
        missing = set(columns.split()) - {column.name for column in OUTPUTS[name].columns}
        assert not missing, name


def test_every_key_of_params_that_people_write_is_known(tmp_path: Path) -> None:
    make_workbook(tmp_path)
    (tmp_path / "params" / "defaults.yml").write_text(WRITTEN, encoding="utf-8")
    told = load(tmp_path / "params")[0].params
    assert told.strategy.levers["portal"].whom == "channel <> 'key account' AND segment <> 'Passive'"
    assert told.strategy.levers["portal"].settings["half"].share == 0.5
    assert told.evaluation.scenarios["lost"].customers == ["0100087"]
    assert told.cost_model.resources["warehouse"].minutes(Period.parse("2026-Q1")) == 7 * 50 * 2400 * 0.9 / 4
    assert (told.strategy.objective, told.evaluation.horizon) == ("cash", "next_period")
