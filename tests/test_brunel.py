"""The outbound logistics example: freight, choice and capacities agree with the files, worked a second way."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import brunel_by_hand as by_hand
import pandas as pd
import pytest

from cts_lib import jobs
from cts_lib.params import load

pytestmark = pytest.mark.brunel

EXAMPLE = by_hand.ROOT / "examples" / "brunel"
MONTH = "2013-05"
CHEAPEST = "least_freight: each order + door_to_door: best carrier + door_to_port: best carrier"
CENT = 0.005


@pytest.fixture(scope="module")
def planned(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The example's plan; what it makes of the transactions is written beside it as asked for."""
    folder = tmp_path_factory.mktemp("brunel")
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("CTS_DATA", str(by_hand.DATA.parent))
        order = jobs.Order(
            EXAMPLE / "params", folder / "reports", periods=[MONTH], stages=("profile", "segment", "strategy")
        )
        assert jobs.work(order, report=False) == 0
        for plan, name in (("current", "current"), ("proposed", "proposed"), (CHEAPEST, "cheapest")):
            jobs.replay(order, plan, folder / name)
        yield folder


def sent(planned: Path, plan: str) -> pd.DataFrame:
    """The orders as a plan sends them, in the order of the file: plant, freight."""
    (path,) = (planned / plan).rglob("order_lines*.parquet")
    lines = pd.read_parquet(path).set_index("order_id")
    names = by_hand.orders()["Order ID"].map("{:.1f}".format)
    return lines.loc[names, ["warehouse", "freight_cost", "quantity"]].reset_index(drop=True)


def table(planned: Path, name: str) -> pd.DataFrame:
    return pd.read_parquet(planned / "reports" / MONTH / "outbound" / "tables" / f"{name}.parquet")


@pytest.fixture(scope="module")
def pairs() -> pd.DataFrame:
    return by_hand.allowed()


def cost(pairs: pd.DataFrame) -> float:
    return float((pairs["freight"] + pairs["storage"]).sum())


def cheapest(pairs: pd.DataFrame, by: str) -> pd.DataFrame:
    """Each order at its least; of two plants alike, today's."""
    ranked = pairs.assign(total=pairs["freight"] + pairs["storage"])
    return ranked.sort_values([by, "today"], ascending=[True, False], kind="stable").drop_duplicates("order")


def test_rates_of_storage_are_those_of_the_file() -> None:
    (unit,) = load(EXAMPLE / "params")
    driver = str(unit.params.cost_model.activities["storage"].driver)
    found = {plant: float(rate) for plant, rate in re.findall(r"WHEN '(PLANT\d\d)' THEN ([\d.]+)", driver)}
    assert found == by_hand.read("WhCosts").set_index("WH")["Cost/unit"].to_dict()


def test_every_order_is_charged_the_lane_of_its_carrier_to_the_cent(planned: Path) -> None:
    today = sent(planned, "current")
    expected = by_hand.freight_today().to_numpy()
    assert len(today) == 9_215
    assert (today["freight_cost"] - expected).abs().max() < CENT
    assert today["warehouse"].tolist() == by_hand.orders()["Plant Code"].tolist()


def test_every_order_at_its_cheapest_allowed_lane_costs_what_the_files_say_to_the_cent(
    planned: Path, pairs: pd.DataFrame
) -> None:
    found, least = sent(planned, "cheapest"), pairs.groupby("order")["freight"].min()
    assert (found["freight_cost"] - least).abs().max() < CENT
    assert found["freight_cost"].sum() == pytest.approx(least.sum(), abs=CENT)


def test_the_plan_sends_each_order_by_an_allowed_lane_and_keeps_capacities(planned: Path, pairs: pd.DataFrame) -> None:
    found, today = sent(planned, "proposed"), by_hand.freight_today()
    best = pairs.set_index(["order", "plant"])["freight"]
    lane = best.reindex(pd.MultiIndex.from_arrays([found.index, found["warehouse"]])).to_numpy()
    stays = found["warehouse"] == by_hand.orders()["Plant Code"]
    as_lane, as_today = ((found["freight_cost"] - each).abs() < CENT for each in (lane, today.to_numpy()))
    assert (as_lane | (stays & as_today)).all()
    assert 0 < (~stays).sum() < len(found)
    shipped, most = found.groupby("warehouse").size(), by_hand.limits()
    assert (shipped <= most.reindex(shipped.index)).all()
    nodes = table(planned, "node_plan").set_index("warehouse")
    assert nodes["ships_then"].to_dict() == shipped.reindex(nodes.index, fill_value=0).to_dict()
    assert (
        nodes["capacity"].to_dict()
        == by_hand.read("WhCapacities").set_index("Plant ID")["Daily Capacity"].reindex(nodes.index).to_dict()
    )


def test_the_readme_tells_what_the_plan_brings_beside_no_limits_and_the_optimum(
    planned: Path, pairs: pd.DataFrame
) -> None:
    found, rates = sent(planned, "proposed"), by_hand.read("WhCosts").set_index("WH")["Cost/unit"]
    today = float(by_hand.freight_today().sum()) + cost(pairs[pairs["today"]].assign(freight=0.0))
    plan = float(found["freight_cost"].sum() + (found["quantity"] * found["warehouse"].map(rates)).sum())
    strategy = table(planned, "strategy")
    assert strategy["current_cost_to_serve"].sum() == pytest.approx(today, abs=0.01)
    assert strategy["chosen_cost_to_serve"].sum() == pytest.approx(plan, abs=0.01)

    optimum, unlimited = by_hand.optimum(pairs, by_hand.limits()), cheapest(pairs, "total")
    assert cost(unlimited) <= cost(optimum) <= plan <= today
    readme = (EXAMPLE / "README.md").read_text(encoding="utf-8")
    rows = [(cost(each), each["plant"]) for each in (cheapest(pairs, "freight"), unlimited, optimum)]
    for costs, plants in [*rows, (plan, found["warehouse"]), (today, by_hand.orders()["Plant Code"])]:
        told = f"| {costs:,.0f} | {today - costs:,.0f} | {(plants == 'PLANT03').sum():,} |"
        assert told in readme, told


def test_each_mapping_lists_its_assumptions() -> None:
    for path in sorted((EXAMPLE / "sources").glob("*.sql")):
        lines = path.read_text(encoding="utf-8").splitlines()
        assert lines[0].startswith("-- Reads")
        assert any(line.startswith("-- assumption: ") for line in lines)
