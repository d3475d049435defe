"""What is counted of an order's copies is what pricing each brings: for any plan, with a chain or without."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import lever_cases as cases
import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from small_workbook import QUARTER, booked, line, make_workbook, open_run
from test_replay import MODEL

from cts_lib.evaluate.chain_record import ChainRecord
from cts_lib.evaluate.prepare import Prepared, prepare
from cts_lib.evaluate.repeated import repeatable
from cts_lib.model.compiled import compile_model
from cts_lib.names import CELL
from cts_lib.params import CostModel
from cts_lib.params.period import Period
from cts_lib.replay.options import Option
from cts_lib.simulate.draws import Surge

KEYS = ["strategy", "replication", *CELL]
ORDERS = [each | {"order_id": f"o{at // 3}", "line_no": str(at)} for at, each in enumerate(cases.LINES)]


def of_customers(model: dict[str, Any]) -> dict[str, Any]:
    own = deepcopy(model)
    own["activities"]["care"]["driver"] = "orders + shipments + 0.01*ABS(net_sales) + 3*months_active"
    return own


def without_capacity(model: dict[str, Any]) -> dict[str, Any]:
    own = of_customers(model)
    own["resources"] |= {"desk": {}, "dock": {}}
    for activity in own["activities"].values():
        if "minutes" in activity:
            activity |= {"driver": activity.pop("minutes"), "share": 0.2}
    return own


class Opened:
    """A unit that is ready to be simulated, printed as nothing."""

    def __init__(self, folder: Path, model: dict[str, Any], levers: dict[str, Any], **beside: Any) -> None:
        params = make_workbook(
            folder,
            [line(**each) for each in ORDERS],
            model,
            customers=[each | {"payment_terms_days": 30} for each in cases.CUSTOMERS],
            events=cases.beside_lines()["events"],
            ledger=[booked("desk", 900), booked("dock", 4000), booked("trucks", 500), booked("freight", 120)],
            profile={"assumed_gross_margin": 0.3},
            strategy={"levers": levers, "max_service_loss": 1},
            **beside,
        )
        self.run, self.levers = open_run(params), levers
        period = Period.parse(QUARTER)
        results = self.run.compute(period, ("profile", "segment", "strategy"))
        self.made: Prepared = prepare(self.run.inputs(period, results.stages), self.run.unit)


@pytest.fixture(scope="module")
def with_chain(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Opened]:
    beside = {name: rows for name, rows in cases.beside_lines().items() if name != "events"}
    opened = Opened(tmp_path_factory.mktemp("chain"), of_customers(MODEL), cases.ALL_KINDS, **beside)
    yield opened
    opened.run.close()


@pytest.fixture(scope="module")
def without_chain(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Opened]:
    levers = {name: each for name, each in cases.ALL_KINDS.items() if name not in ("stock", "tracking")}
    beside = {name: rows for name, rows in cases.beside_lines().items() if name in ("lanes", "nodes", "products")}
    opened = Opened(tmp_path_factory.mktemp("none"), without_capacity(MODEL), levers, **beside)
    yield opened
    opened.run.close()


def both_ways(made: Prepared, plans: dict[str, dict[tuple[str, str], Option]], surge: bool, gone: list[str]) -> None:
    """Simulate plans as they are, and with every order of everybody rewritten; hold the sums and the days together."""
    simulator, going = made.simulator, made.going
    more = Surge(1.5, range(20, 50), np.ones(len(simulator.demand.streams.streams), bool)) if surge else None
    found = []
    for anew in (False, True):
        record = simulator.chain.record("base") if simulator.chain else ChainRecord("base")
        with pytest.MonkeyPatch.context() as patch:
            if anew:
                patch.setattr("cts_lib.evaluate.plays.repeatable", lambda activities, with_chain: False)
            plays = simulator.plays(plans, going)
            sums = simulator.runs(plays, range(2), surge=more, gone=gone, record=record)
            plays.forget()
        found.append((sums.set_index(KEYS).sort_index().sort_index(axis=1), record.day_table(), record.stock_table()))
    for counted, rewritten in zip(*found, strict=True):
        pd.testing.assert_frame_equal(counted, rewritten, rtol=1e-9, atol=1e-9, check_like=True)


def options(levers: dict[str, Any]) -> st.SearchStrategy[Option]:
    """Settings of some levers, in the order of the params."""
    each = {name: st.none() | st.sampled_from(list(lever["settings"])) for name, lever in levers.items()}
    return st.fixed_dictionaries(each).map(lambda chosen: Option({name: it for name, it in chosen.items() if it}))


@settings(
    max_examples=8,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(data=st.data())
@pytest.mark.parametrize("name", ["with_chain", "without_chain"])
def test_plans_come_to_the_same_counted_and_rewritten(
    request: pytest.FixtureRequest, name: str, data: st.DataObject
) -> None:
    opened: Opened = request.getfixturevalue(name)
    assert (opened.made.simulator.chain is not None) == (name == "with_chain")
    cells = opened.made.going.cells[CELL].drop_duplicates().itertuples(index=False, name=None)
    some = st.fixed_dictionaries({cell: options(opened.levers) for cell in cells})
    plans = {f"plan {at}": data.draw(some, "plan") for at in range(data.draw(st.integers(1, 2), "plans"))}
    gone = data.draw(st.sampled_from([[], ["c2"]]), "gone")
    both_ways(opened.made, {"current": {}, **plans}, data.draw(st.booleans(), "surge"), gone)


@pytest.mark.parametrize(
    ("of", "equation", "with_chain", "expected"),
    [
        ("line", {"driver": "quantity"}, True, True),
        ("line", {"driver": "1", "when": "delivered_date > promised_date"}, False, False),
        ("line", {"driver": "1", "when": "delivered_quantity < quantity"}, False, True),
        ("line", {"driver": "1", "when": "delivered_quantity < quantity"}, True, False),
        ("order", {"driver": "1", "when": "order_id <> 'o1'"}, False, False),
        ("customer", {"driver": "months_active + orders"}, True, True),
    ],
)
def test_an_equation_that_reads_what_differs_from_copy_to_copy_is_priced_for_each(
    of: str, equation: dict[str, str], with_chain: bool, expected: bool
) -> None:
    model = {"resources": {}, "activities": {"it": {"per": of, "rate": 2, **equation}}}
    assert repeatable(compile_model(CostModel.model_validate(model), {}), with_chain) == expected
