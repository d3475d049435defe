from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest

from cts_lib.costing.avoidable import add_avoidable, variable_shares
from cts_lib.costing.rivals import BY_SALES, DRIVER_SHARES, THIS_MODEL
from cts_lib.params import CostModel, load
from cts_lib.params.period import Period
from cts_lib.run import UnitRun


@pytest.fixture(scope="module")
def tables(one_unit: Path) -> Iterator[dict[str, pd.DataFrame]]:
    unit_run = UnitRun(load(one_unit / "params")[0], out=one_unit / "reports")
    yield unit_run.compute(Period.parse("2026-Q3"), ("profile", "segment")).all_tables
    unit_run.close()


def totals(tables: dict[str, pd.DataFrame]) -> pd.Series:
    rivals = tables["rival_allocations"]
    return rivals.groupby("method")["cost_to_serve"].sum()


def test_the_models_own_method_is_among_the_rivals_as_it_is(tables: dict[str, pd.DataFrame]) -> None:
    rivals = tables["rival_allocations"]
    own = rivals[rivals["method"] == THIS_MODEL].set_index("customer_id")["cost_to_serve"].sort_index()
    expected = tables["customer_profit"].set_index("customer_id")["cost_to_serve"].sort_index()
    pd.testing.assert_series_equal(own, expected, check_names=False)
    assert not rivals.loc[rivals["method"] == THIS_MODEL, "changes_sign"].any()


def test_driver_shares_charge_unused_capacity_to_customers(tables: dict[str, pd.DataFrame]) -> None:
    resources = tables["resources"]
    expected = totals(tables)[THIS_MODEL] + resources["unused"].sum() - resources["overdriven"].sum()
    assert totals(tables)[DRIVER_SHARES] == pytest.approx(expected)


def test_by_sales_everybody_pays_the_same_share(tables: dict[str, pd.DataFrame]) -> None:
    rivals = tables["rival_allocations"]
    spread = rivals[rivals["method"] == BY_SALES].set_index("customer_id")["cost_to_serve"]
    sales = tables["customer_profit"].set_index("customer_id")["net_sales"]
    shares = (spread / sales)[sales > 0]
    assert shares.max() == pytest.approx(shares.min())
    assert totals(tables)[BY_SALES] == pytest.approx(totals(tables)[DRIVER_SHARES])


def test_every_other_support_method_is_tried_and_every_order_of_the_steps(tables: dict[str, pd.DataFrame]) -> None:
    assert set(totals(tables).index) == {
        THIS_MODEL,
        "support direct",
        "support step",
        "support step reversed",
        *(f"support step: {order}" for order in ("it, hr, facilities", "hr, it, facilities")),
        *(f"support step: {order}" for order in ("facilities, hr, it", "facilities, it, hr")),
        DRIVER_SHARES,
        BY_SALES,
    }


def test_the_models_own_classes_are_those_of_the_segments(tables: dict[str, pd.DataFrame]) -> None:
    rivals, keys = tables["rival_segments"], ["customer_id", "channel"]
    own = rivals[rivals["method"] == THIS_MODEL].set_index(keys).sort_index()
    expected = tables["segments"].set_index(keys).sort_index()
    for column in ("segment", "value_class", "cost_class"):
        assert list(own[column]) == list(expected[column])
    assert not own["changes_class"].any()


def test_by_sales_nobody_is_told_from_anybody_by_cost(tables: dict[str, pd.DataFrame]) -> None:
    rivals, profit = tables["rival_segments"], tables["customer_channel_profit"]
    sells = profit.loc[profit["net_sales"] > 0, ["customer_id", "channel"]]
    spread = rivals[rivals["method"] == BY_SALES].merge(sells)
    assert spread["cost_class"].nunique() == 1


def test_a_class_changes_where_value_or_cost_does(tables: dict[str, pd.DataFrame]) -> None:
    rivals, keys = tables["rival_segments"], ["customer_id", "channel"]
    both = rivals.merge(rivals[rivals["method"] == THIS_MODEL], on=keys, suffixes=("", "_own"))
    same = (both["value_class"] == both["value_class_own"]) & (both["cost_class"] == both["cost_class_own"])
    assert (both["changes_class"] == ~same).all()
    assert rivals.groupby("method").size().nunique() == 1


def test_a_loss_maker_whose_margin_exceeds_what_would_go_with_it_is_worth_keeping() -> None:
    model = CostModel.model_validate(
        {
            "resources": {"desk": {"capacity_minutes": 10, "variable_share": 0.4}, "rent": {}, "carriers": {}},
            "activities": {
                "entry": {"resource": "desk", "per": "order", "minutes": "1"},
                "space": {"resource": "rent", "per": "order", "driver": "1"},
                "freight": {"resource": "carriers", "per": "order", "direct": "freight_cost"},
                "visits": {"per": "event:visit", "driver": "quantity", "rate": 5},
            },
        }
    )
    assert variable_shares(model) == {"entry": 0.4, "space": 0.0, "freight": 1.0, "visits": 1.0}
    costs = pd.DataFrame(
        {
            "customer_id": ["a", "a", "b", "b"],
            "activity": ["entry", "space", "freight", "visits"],
            "cost": [100.0, 50.0, 80.0, 40.0],
        }
    )
    profit = pd.DataFrame({"customer_id": ["a", "b"], "gross_margin": [100.0, 100.0], "profit": [-50.0, -20.0]})
    table = add_avoidable(profit, costs, model, "customer_id")
    assert list(table["avoidable_cost"]) == [40.0, 120.0]
    assert list(table["worth_keeping"]) == [True, False]
