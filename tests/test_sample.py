"""The made-up distributor: its bytes, its promises to the contracts, and the stories planted in it."""

from __future__ import annotations

from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
import yaml
from sklearn.cluster import KMeans
from sklearn.metrics import adjusted_rand_score
from sklearn.preprocessing import StandardScaler

from cts_lib.bundle import bundled
from cts_lib.errors import ParamsError, SourceError
from cts_lib.sample import write_sample
from cts_lib.sample.behaviours import CHANNELS
from cts_lib.sample.faults import KINDS
from cts_lib.sample.planted import CAPACITY_MINUTES, LEVERS, OVERLOADED, SUPPORT_SHARES, VARIABLE_SHARES
from cts_lib.sample.units import UNITS

LINES = 200_000
BIG_ENOUGH_FOR_SHARES = 0.01


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("distributor")
    write_sample(folder, lines=LINES)
    return folder


@pytest.fixture(scope="module")
def lines(folder: Path) -> pd.DataFrame:
    """The lines of the newest quarter with numbers where text was readable."""
    query = f"""
        SELECT *, try_cast(quantity AS DOUBLE) AS units FROM '{folder}/data/sample/order_lines/*.parquet'
        WHERE posting_date BETWEEN '2026-07-01' AND '2026-09-30'
    """
    return rows(query)


def rows(query: str) -> pd.DataFrame:
    with duckdb.connect() as engine:
        return pd.DataFrame(engine.execute(query).df())


def truth(folder: Path, name: str) -> pd.DataFrame:
    return pd.DataFrame(pd.read_parquet(folder / "data/sample/truth" / f"{name}.parquet"))


def files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def test_the_same_seed_gives_the_same_bytes_and_another_seed_does_not(tmp_path: Path) -> None:
    for name, seed in (("one", 3), ("two", 3), ("other", 4)):
        write_sample(tmp_path / name, lines=8_000, units=2, seed=seed)
    assert files(tmp_path / "one") == files(tmp_path / "two")
    assert files(tmp_path / "one" / "data") != files(tmp_path / "other" / "data")


@pytest.mark.parametrize(("wanted", "units"), [(5_000, 1), (20_001, 8)])
def test_there_are_exactly_as_many_lines_as_asked_for(tmp_path: Path, wanted: int, units: int) -> None:
    write_sample(tmp_path, lines=wanted, units=units)
    found = rows(f"SELECT business_unit FROM '{tmp_path}/data/sample/order_lines/*.parquet'")
    assert len(found) == wanted
    assert set(found.business_unit) == {unit.name for unit in UNITS[:units]}
    assert {path.stem for path in (tmp_path / "params/units").iterdir()} == {unit.name for unit in UNITS[:units]}


def test_every_unit_posts_in_every_month_and_on_the_last_day(folder: Path) -> None:
    found = rows(f"""
        SELECT business_unit, max(posting_date)::VARCHAR, count(DISTINCT date_trunc('month', posting_date)),
               min(posting_date)::VARCHAR >= '2023-10-01'
        FROM '{folder}/data/sample/order_lines/*.parquet' GROUP BY ALL ORDER BY ALL
    """)
    assert found.to_numpy().tolist() == [
        [unit, "2026-09-30", 36, True] for unit in ("benelux", "france", "iberia", "nordics")
    ]


def test_the_committed_params_are_the_ones_the_sample_writes(folder: Path) -> None:
    written = files(folder / "params")
    assert len(written) == 5
    assert {name: (bundled("params") / name).read_bytes() for name in written} == written


def test_params_that_exist_are_left_alone(tmp_path: Path) -> None:
    own = tmp_path / "params/units/iberia.yml"
    own.parent.mkdir(parents=True)
    own.write_text("unit: {label: Mine}\n")
    write_sample(tmp_path, lines=2_000, units=2)
    assert own.read_text() == "unit: {label: Mine}\n"
    assert (tmp_path / "params/units/france.yml").exists()


def test_the_params_grant_the_planted_capacities_and_shares() -> None:
    model = yaml.safe_load((bundled("params") / "defaults.yml").read_text())["cost_model"]
    for name, planted in CAPACITY_MINUTES.items():
        resource = model["resources"][name]
        granted = resource.get("capacity_minutes") or float(np.prod(list(resource["capacity"].values())))
        quarters = 4 if resource["per"] == "year" else 1
        assert granted / quarters == pytest.approx(planted)
    assert model["support"]["shares"] == SUPPORT_SHARES
    assert all(sum(shares.values()) == pytest.approx(1) for shares in SUPPORT_SHARES.values())


def test_opportunities_are_planted_at_the_terms_of_the_params() -> None:
    params = yaml.safe_load((bundled("params") / "defaults.yml").read_text())
    levers, resources = params["strategy"]["levers"], params["cost_model"]["resources"]
    renamed = {"minimum_order": {"below": "value"}}
    for name, planted in LEVERS.items():
        granted = {"adoption": 1, "margin_at_risk": 0} | levers[name]
        setting = granted["settings"][planted["setting"]]
        terms = {renamed.get(name, {}).get(term, term): value for term, value in planted.items()}
        for term in terms.keys() - {"setting"}:
            assert terms[term] == (granted if term in ("adoption", "margin_at_risk") else setting)[term], (name, term)
    assert levers["stock"]["settings"][LEVERS["stock"]["setting"]] == {"service_level": 0.95}
    assert {name: resources[name]["variable_share"] for name in VARIABLE_SHARES} == VARIABLE_SHARES
    assert not set(VARIABLE_SHARES) & set(params["strategy"]["capacity_steps"])


def test_lanes_and_rules_are_of_the_units_own_warehouses_modes_cities_and_products(folder: Path) -> None:
    path = f"{folder}/data/sample"
    sold = rows(f"SELECT DISTINCT business_unit, warehouse, ship_mode, product_id FROM '{path}/order_lines/*.parquet'")
    tables = [pd.read_parquet(f"{path}/{name}.parquet") for name in ("lanes", "nodes", "replenishment")]
    lanes, _, rules = tables
    register = rows(f"SELECT city, country FROM '{path}/customers.parquet'")
    warehouses = set(zip(sold.business_unit, sold.warehouse, strict=True))
    assert all(set(zip(table.business_unit, table.warehouse, strict=True)) == warehouses for table in tables)
    assert set(lanes.destination) == set(register.city) | set(register.country)
    assert set(lanes.ship_mode) - set(sold.ship_mode) == {"pallet network"}
    assert set(rules.product_id) <= set(sold.product_id)
    assert not rules.duplicated(["business_unit", "product_id", "warehouse"]).any()


def test_todays_lanes_cost_about_what_was_paid(folder: Path, lines: pd.DataFrame) -> None:
    lanes = pd.read_parquet(folder / "data/sample/lanes.parquet")
    register = pd.read_parquet(folder / "data/sample/customers.parquet").drop_duplicates("customer_id")
    by = lines[lines.units > 0].groupby(["business_unit", "warehouse", "customer_id", "ship_mode", "shipment_id"])
    paid = by[["freight_cost", "weight_kg"]].sum().reset_index()
    paid["destination"] = paid.customer_id.map(register.set_index("customer_id").city)
    priced = paid.merge(lanes, on=["business_unit", "warehouse", "destination", "ship_mode"])
    groupage = priced[priced.ship_mode == "groupage"]
    lane = groupage.rate_per_shipment + groupage.rate_per_kg * groupage.weight_kg
    assert lane.sum() == pytest.approx(groupage.freight_cost.sum(), rel=0.03)


def test_a_folder_that_is_no_sample_is_never_overwritten(tmp_path: Path) -> None:
    own = tmp_path / "data/sample/order_lines.csv"
    own.parent.mkdir(parents=True)
    own.write_text("mine")
    with pytest.raises(SourceError, match="no sample"):
        write_sample(tmp_path, lines=2_000, units=2)
    assert own.read_text() == "mine"


def test_a_sample_replaces_an_older_one_and_leaves_nothing_behind(tmp_path: Path) -> None:
    write_sample(tmp_path, lines=8_000, units=4)
    write_sample(tmp_path, lines=2_000, units=1)
    assert [path.name for path in (tmp_path / "data").iterdir()] == ["sample"]
    assert pq.read_table(tmp_path / "data/sample/order_lines").num_rows == 2_000


@pytest.mark.parametrize(("wanted", "units"), [(100, 1), (200_000, 0), (200_000, 9)])
def test_numbers_out_of_range_are_refused(tmp_path: Path, wanted: int, units: int) -> None:
    with pytest.raises(ParamsError):
        write_sample(tmp_path, lines=wanted, units=units)
    assert not any(tmp_path.iterdir())


def test_money_is_in_cents_and_quantities_are_whole(lines: pd.DataFrame) -> None:
    for column in ("gross_sales", "net_sales", "cogs", "freight_cost"):
        money = lines[column].dropna() * 100
        assert np.allclose(money, money.round(), atol=1e-4)
    units = lines.units.dropna()
    assert (units == units.round()).all()
    assert (units < 0).mean() > BIG_ENOUGH_FOR_SHARES


def test_every_kind_of_fault_is_planted_and_stays_far_below_one_percent(folder: Path) -> None:
    planted = truth(folder, "rejected")
    of_lines = planted[planted.table == "order_lines"]
    assert set(of_lines.kind) == set(KINDS)
    undated = of_lines[of_lines.period.isna()].groupby("business_unit").size()
    assert undated.to_dict() == {"france": 1}
    in_quarter = of_lines.groupby(["business_unit", "period"]).size()
    read = rows(f"""
        SELECT business_unit, year(posting_date) || '-Q' || quarter(posting_date) AS period, count(*) AS read
        FROM '{folder}/data/sample/order_lines/*.parquet' WHERE posting_date IS NOT NULL GROUP BY ALL
    """).set_index(["business_unit", "period"])["read"]
    assert len(in_quarter) == len(read)
    assert ((in_quarter + 1) / read).max() < 0.006


def test_the_written_faults_are_the_ones_that_the_tables_hold(folder: Path) -> None:
    path = f"{folder}/data/sample"
    planted = truth(folder, "rejected").query("table == 'order_lines'").groupby("kind").size()
    found = rows(f"""
        WITH lines AS (SELECT * FROM '{path}/order_lines/*.parquet')
        SELECT count(*) - count(DISTINCT (business_unit, order_id, line_no)) AS "repeated key",
               count(*) FILTER (customer_id NOT IN (SELECT customer_id FROM '{path}/customers.parquet'))
                   AS "unknown customer",
               count(*) FILTER (product_id NOT IN (SELECT product_id FROM '{path}/products.parquet'))
                   AS "unknown product",
               count(*) FILTER (net_sales IS NULL) AS "missing required value",
               count(*) FILTER (try_cast(order_date AS DATE) IS NULL) AS "impossible date",
               count(*) FILTER (try_cast(quantity AS DOUBLE) IS NULL) AS "text in a number"
        FROM lines
    """).iloc[0]
    assert found.to_dict() == planted.to_dict()


def test_a_few_customers_buy_most_and_every_channel_sells(folder: Path, lines: pd.DataFrame) -> None:
    for _, unit in lines.groupby("business_unit"):
        sales = unit.groupby("customer_id").net_sales.sum().sort_values(ascending=False)
        assert 0.55 < sales.iloc[: len(sales) // 5].sum() / sales.sum() < 0.85
        assert set(unit.channel) == set(CHANNELS)


def test_some_lines_are_late_early_incomplete_rushed_split_and_consolidated(lines: pd.DataFrame) -> None:
    sold = lines[(lines.units > 0) & lines.delivered_date.notna()]
    orders_of_shipment = lines.groupby("shipment_id").order_id.nunique()
    shipments_of_order = lines.groupby("order_id").shipment_id.nunique()
    shares = {
        "late": (sold.delivered_date > sold.promised_date).mean(),
        "early": (sold.delivered_date < sold.promised_date).mean(),
        "incomplete": (sold.delivered_quantity < sold.units).mean(),
        "rush": (lines.priority == "rush").mean(),
        "split": (shipments_of_order > 1).mean(),
        "consolidated": (orders_of_shipment > 1).mean(),
    }
    assert all(BIG_ENOUGH_FOR_SHARES < share < 0.35 for share in shares.values()), shares
    assert (pd.to_datetime(sold.order_date, errors="coerce") <= sold.shipped_date).mean() > 0.995
    assert (sold.shipped_date <= sold.delivered_date).all()


@pytest.mark.parametrize("wanted", [LINES, 1_000_000])
def test_the_whale_curve_peaks_between_120_and_180_percent(folder: Path, tmp_path: Path, wanted: int) -> None:
    if wanted != LINES:
        write_sample(tmp_path, lines=wanted)
    profit = truth(folder if wanted == LINES else tmp_path, "profit")
    for key, quarter in profit[profit.net_sales != 0].groupby(["business_unit", "period"]):
        curve = quarter.profit.sort_values(ascending=False).cumsum()
        assert curve.iloc[-1] > 0
        assert 1.2 < curve.max() / curve.iloc[-1] < 1.8, key


def test_the_ledger_carries_the_carriers_bills_and_one_resource_no_model_knows(folder: Path) -> None:
    ledger = pd.read_parquet(folder / "data/sample/ledger.parquet")
    assert not ledger.duplicated(["business_unit", "period", "resource", "account"]).any()
    model = yaml.safe_load((folder / "params/defaults.yml").read_text())["cost_model"]
    assert set(ledger.resource) - set(model["resources"]) == {"parking"}
    assert set(model["resources"]) < set(ledger.resource)
    billed = (
        rows(f"""
        SELECT business_unit, sum(freight_cost) AS freight
        FROM '{folder}/data/sample/order_lines/*.parquet' GROUP BY ALL
    """)
        .set_index("business_unit")
        .freight
    )
    booked = ledger[ledger.resource == "freight"].groupby("business_unit").amount.sum()
    assert ((booked / billed - 1).abs() < 0.01).all()


def test_the_lost_account_stops_and_the_worse_one_orders_less_more_often(folder: Path) -> None:
    drifts = truth(folder, "drifts")
    assert drifts[drifts.kind == "overload"].subject.unique().tolist() == [OVERLOADED]
    for unit, planted in drifts.groupby("business_unit"):
        lost, worse = (planted[planted.kind == kind].iloc[0] for kind in ("lost", "worse"))
        profit = truth(folder, "profit")
        profit = profit[profit["business_unit"] == unit].set_index(["customer_id", "period"])
        history = profit.loc[lost.subject].net_sales
        assert (history[history.index >= lost.from_period] == 0).all()
        assert (history[history.index < lost.from_period] > 0).all()
        decline = profit.loc[worse.subject].profit
        assert decline.iloc[-1] < 0 < decline.iloc[:6].mean()
        assert planted[planted.kind == "migration"].before.nunique() == 2


def test_unprofitable_customers_are_of_the_segments_that_were_built_to_lose(folder: Path) -> None:
    customers = truth(folder, "customers")
    share = customers.groupby("segment").unprofitable_by_construction.mean()
    assert share[["small_frequent", "return_prone"]].min() > 0.7
    assert share[["efficient_bulk", "loyal_core"]].max() < 0.05


def test_plain_clusters_of_what_customers_did_find_the_planted_segments(folder: Path, lines: pd.DataFrame) -> None:
    planted = truth(folder, "customers").set_index("customer_id").segment
    for _, unit in lines.groupby("business_unit"):
        known = unit[unit.customer_id.isin(planted.index) & unit.units.notna()]
        by = known.groupby("customer_id")
        orders = by.order_id.nunique()
        features = pd.DataFrame(
            {
                "orders": np.log(orders),
                "lines": np.log(by.size() / orders),
                "quantity": np.log(known.units.abs().groupby(known.customer_id).mean()),
                "rush": by.priority.agg(lambda priority: (priority == "rush").mean()) * 2,
                "returns": by.units.agg(lambda units: (units < 0).mean()) * 2,
            }
        )
        found = KMeans(6, n_init=10, random_state=1).fit_predict(StandardScaler().fit_transform(features))
        assert adjusted_rand_score(planted[features.index], found) > 0.8
