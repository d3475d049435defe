"""One suite over every engine: the same model on the same rows gives the same tables."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import lever_cases as cases
import pandas as pd
import pyarrow as pa
import pyarrow.csv
import pyarrow.dataset
import pytest
from any_equation import Asked, asked, assert_same_cube, hold, write_workbook
from hypothesis import given, settings
from hypothesis import strategies as st
from servers import postgres_server
from small_workbook import QUARTER, booked, compute, event, line, make_workbook, numbered, open_run

from cts_lib.cube.cube import build_cube
from cts_lib.cube.plain import plain_cube
from cts_lib.engine import DuckDB, Engine, fetch_frame, fetch_rows
from cts_lib.engine.choice import open_engine
from cts_lib.errors import CtsError, DataError, MissingExtra, ParamsError, SourceError
from cts_lib.intake import split
from cts_lib.names import CUSTOMER
from cts_lib.params import Source, load
from cts_lib.params.period import Period
from cts_lib.replay.options import Option, placed_levers
from cts_lib.replay.outcome import actual_transactions, reached_by
from cts_lib.replay.policy import policy_of
from cts_lib.replay.rewrite import rewrite
from cts_lib.replay.stock import leave_stock
from cts_lib.replay.whom import who_goes_along
from cts_lib.run import STAGES, UnitRun
from cts_lib.sample import write_sample
from cts_lib.strategy.surge import StockInSurge
from cts_lib.tables.inputs import INPUTS

OTHERS = [pytest.param("postgres", marks=pytest.mark.postgres), pytest.param("spark", marks=pytest.mark.spark)]
EVERY = ["duckdb", *OTHERS]
RELATIVE = 1e-9


@pytest.fixture(scope="module")
def postgres() -> Iterator[str]:
    with postgres_server() as address:
        yield address


@pytest.fixture
def prepared(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Callable[[str, Path], list[str]]:
    """Return what makes a workbook's folder readable for an engine and says the overrides that choose it."""

    def prepare(engine: str, folder: Path) -> list[str]:
        if engine != "postgres":
            return [f"source.engine={engine}"]
        address = request.getfixturevalue("postgres")
        monkeypatch.setenv("WORKBOOK_TEST_ADDRESS", address)
        schema = _loaded(address, folder)
        return [
            "source.engine=postgres",
            "source.path=null",
            f"source.sql={schema}",
            "source.url_env=WORKBOOK_TEST_ADDRESS",
        ]

    return prepare


def _loaded(address: str, folder: Path) -> str:
    """Put the folder's tables into a schema of the server, CSV as text, and return the folder of mappings to it."""
    import adbc_driver_postgresql.dbapi

    data = next(path for path in (folder / "data" / "sample", folder / "data") if path.is_dir())
    mappings = folder / "mappings"
    mappings.mkdir(exist_ok=True)
    schema = f"s{abs(hash(str(folder)))}"
    with adbc_driver_postgresql.dbapi.connect(address, autocommit=True) as connection, connection.cursor() as cursor:
        cursor.execute(f"DROP SCHEMA IF EXISTS {schema} CASCADE")
        cursor.execute(f"CREATE SCHEMA {schema}")
        for name in (contract.name for contract in INPUTS):
            found = [path for path in (data / f"{name}.parquet", data / name, data / f"{name}.csv") if path.exists()]
            if found:
                cursor.adbc_ingest(name, _plain(found[0]), mode="create", db_schema_name=schema)
                (mappings / f"{name}.sql").write_text(f"SELECT * FROM {schema}.{name}", encoding="utf-8")
    return "mappings"


def _plain(path: Path) -> pa.Table:
    if path.suffix == ".csv":
        names = path.read_text(encoding="utf-8").splitlines()[0].split(",")
        texts = pa.csv.ConvertOptions(column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=True)
        return pa.csv.read_csv(path, convert_options=texts)
    table = pa.dataset.dataset(path).to_table()
    return table.cast(
        pa.schema(
            [
                (field.name, pa.string() if pa.types.is_large_string(field.type) else field.type)
                for field in table.schema
            ]
        )
    )


def assert_same(expected: dict[str, pd.DataFrame], found: dict[str, pd.DataFrame]) -> None:
    assert list(found) == list(expected)
    for name, table in expected.items():
        pd.testing.assert_frame_equal(found[name], table, check_dtype=False, rtol=RELATIVE, atol=1e-9, obj=name)


@pytest.fixture(scope="module")
def distributor(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("distributor")
    write_sample(folder, lines=4000, units=1)
    return folder


@pytest.fixture(scope="module")
def reference(distributor: Path) -> dict[str, pd.DataFrame]:
    return _all_stages(distributor, [])


def _all_stages(folder: Path, overrides: list[str]) -> dict[str, pd.DataFrame]:
    left_out = ("portal", "rhythm", "delivery_fee", "partner")  # every kind of lever is held below, on a few lines
    few = [
        *overrides,
        "evaluation.replications=20",
        "evaluation.precision=1",
        *(f"strategy.levers.{name}=null" for name in left_out),
    ]
    unit_run = UnitRun(load(folder / "params", [], few)[0])
    try:
        return unit_run.compute(Period.parse("2026-Q3"), STAGES).all_tables
    finally:
        unit_run.close()


@pytest.mark.parametrize("engine", OTHERS)
def test_every_table_of_every_stage_is_the_same(
    engine: str,
    prepared: Callable[[str, Path], list[str]],
    distributor: Path,
    reference: dict[str, pd.DataFrame],
) -> None:
    assert_same(reference, _all_stages(distributor, prepared(engine, distributor)))


def rows_of_every_kind() -> list[dict[str, object]]:
    """Lines whose cells are hard to read, lacking, or wrong."""
    return [
        line("o1", "2", quantity=" 7 ", net_sales="1e2", weight_kg="3.5", warehouse="b"),
        line("o1", "10", quantity="3", priority="rush", warehouse="c", shipment_id="s9"),
        line("o1", "1", quantity="2.5", warehouse="", delivered_date="2026-02-09", promised_date="2026-02-08"),
        line("o2", "x", quantity="-4", net_sales="-40", returned_quantity="4", order_date="2026/02/03"),
        line("o3", "1", customer_id="c2", order_date="2026-3-1 10:15:00", delivered_quantity="9", freight_cost="12.34"),
        line("o3", "2", customer_id="c2", quantity="1_000"),
        line("o3", "3", customer_id="c2", quantity="inf"),
        line("o3", "4", customer_id="c2", order_date="2026-02-30"),
        line("o3", "5", customer_id="c2", order_date="today"),
        line("o3", "6", customer_id="nobody"),
        line("o3", "1", customer_id="c2", quantity="11"),
        line("o4", "1", customer_id="<script>alert(1)</script>", quantity="5", Größe="groß"),
        line("o5", "1", customer_id="=1+1", quantity="6", cogs="", Größe="it's"),
    ]


EVERY_BASIS = {
    "resources": {
        "desk": {"capacity": {"people": 1, "weeks": 10, "minutes_per_week": 60, "practical_share": 0.8}},
        "floor": {"capacity_minutes": 500, "variable_share": 0.4},
        "trucks": {},
        "carriers": {},
        "office": {"support": True},
        "people": {"support": True},
        "brand": {"level": "business_unit"},
    },
    "support": {"shares": {"office": {"people": 0.25, "desk": 0.75}, "people": {"office": 0.5, "floor": 0.5}}},
    "activities": {
        "entry": {"resource": "desk", "per": "order", "minutes": "5 + 3*lines + 10*rush + 2*(warehouse = 'b')"},
        "calls": {"resource": "desk", "per": "event:call", "minutes": "12*quantity"},
        "picking": {"resource": "floor", "per": "line", "minutes": "1.5 + 0.2*ABS(quantity)", "when": "quantity > 0"},
        "pallets": {
            "resource": "trucks",
            "per": "shipment",
            "driver": "CEIL(ABS(weight_kg)/2) + EXP(-lines)",
            "share": 0.8,
        },
        "drops": {"resource": "trucks", "per": "shipment", "driver": "1"},
        "freight": {"resource": "carriers", "per": "shipment", "direct": "freight_cost"},
        "financing": {"per": "line", "driver": "net_sales*0.1", "rate": 0.1},
        "waiting": {"per": "line", "driver": "GREATEST(delivered_date - order_date, 0)", "rate": 1},
        "rounding": {"per": "line", "driver": "ROUND(quantity/4, 1) + quantity % 3 + LN(ABS(quantity))", "rate": 1},
        "rest": {"per": "line", "driver": "(net_sales + 12345678.905) % 0.7 - (net_sales % -7)", "rate": 1},
        "accounts": {"per": "customer", "driver": "orders + months_active + new_customer", "rate": 2},
    },
}


def a_workbook_of_every_kind(folder: Path) -> Path:
    names = ("c1", "c2", "<script>alert(1)</script>", "=1+1")
    return make_workbook(
        folder,
        rows_of_every_kind(),
        EVERY_BASIS,
        customers=[{"customer_id": name, "channel": "direct", "customer_since": "2026-01-15"} for name in names],
        products=[{"product_id": "p1", "family": "goods", "unit_weight_kg": "0.5", "unit_cost": "6"}],
        events=[event("call", quantity="2", minutes="25"), event("call", "c2"), event("visit", "=1+1", amount="30")],
        ledger=[
            booked(name, 1000) for name in ("desk", "floor", "trucks", "carriers", "office", "people", "brand", "gone")
        ],
        quality={"max_rejected_share": 0.9},
    )


@pytest.mark.parametrize("few", [0, split.FEW_LINES])
@pytest.mark.parametrize("engine", OTHERS)
def test_rows_hard_to_read_are_read_and_rejected_alike(
    engine: str,
    few: int,
    prepared: Callable[[str, Path], list[str]],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(split, "FEW_LINES", few)
    params = a_workbook_of_every_kind(tmp_path)
    expected = compute(params).all_tables
    assert set(expected["rejected_rows"]["reason"]) >= {
        "text in a number",
        "a date no calendar holds",
        "a repeated key",
    }
    assert_same(expected, compute(params, overrides=prepared(engine, tmp_path)).all_tables)


def a_workbook_as_an_office_has_it(folder: Path) -> Path:
    """Texts in the office's notation, two currencies, one freight a shipment, and lines that came in parts."""
    lines = [
        line(
            f"o{place}",
            str(number),
            order_date=f"{place + 1}.2.26",
            posting_date=f"0{place + 1}-Mar-2026",
            promised_date="2026-02-20T23:30:00Z",
            net_sales=f"1.{place}00,5{number}" + "-" * (place == 3),
            cogs="(60)" if place == 4 else "60",
            freight_cost=f"{place},5",
            currency="HUF" if place % 2 else "",
        )
        for place in range(6)
        for number in range(2)
    ]
    formats = {"decimal": ",", "thousands": ".", "date": ["%d.%m.%y", "%d-%b-%Y", "%Y-%m-%d", "%Y-%m-%dT%H:%M:%SZ"]}
    source = {"path": "data", "formats": formats, "repeated": ["freight_cost"]}
    params = make_workbook(folder, lines, ledger=[booked("desk", 1000)], source=source)
    rates = [{"currency": "HUF", "date": f"{day}.3.26", "rate": f"0,00{day}"} for day in (1, 3)]
    parts = [
        {"business_unit": "north", "order_id": f"o{place}", "line_no": "1", "delivered_quantity": "6,5"}
        | {"delivered_date": f"{20 + place}.02.26"}
        for place in (0, 0, 1)
    ]
    for name, rows in (("exchange_rates", rates), ("deliveries", parts)):
        pd.DataFrame(rows).to_csv(folder / "data" / f"{name}.csv", index=False)
    return params


@pytest.mark.parametrize("engine", OTHERS)
def test_notations_currencies_and_deliveries_are_read_alike(
    engine: str, prepared: Callable[[str, Path], list[str]], tmp_path: Path
) -> None:
    params = a_workbook_as_an_office_has_it(tmp_path)
    expected = compute(params).all_tables
    assert expected["rejected_rows"].empty
    assert expected["customer_behaviour"]["on_time"].between(0.01, 0.99).all()
    assert_same(expected, compute(params, overrides=prepared(engine, tmp_path)).all_tables)


@pytest.mark.parametrize("engine", OTHERS)
@pytest.mark.parametrize("zone", ["Asia/Tokyo", "America/New_York"])
def test_a_stamp_with_a_zone_is_of_one_day_on_every_engine(
    engine: str, zone: str, prepared: Callable[[str, Path], list[str]], tmp_path: Path
) -> None:
    stamps = ("2026-03-31T20:00:00Z", "2026-01-01 03:00:00+02", "2026-02-01 12:00:00", "2026-02-01")
    lines = [line(f"o{place}", order_date=stamp) for place, stamp in enumerate(stamps)]
    params = make_workbook(tmp_path, lines, ledger=[booked("desk", 1000)], source={"path": "data", "time_zone": zone})
    expected = compute(params).all_tables
    assert_same(expected, compute(params, overrides=prepared(engine, tmp_path)).all_tables)


def rewritten_by_every_kind(params: Path, overrides: list[str]) -> dict[str, pd.DataFrame]:
    """Return what a plan with levers of every kind makes of lines, events and stock, and who goes along with which."""
    unit_run = open_run(params, overrides)
    accepted = unit_run.accepted(Period.parse(QUARTER))
    engine, strategy = accepted.engine, unit_run.unit.params.strategy
    lines, events = (fetch_frame(engine, f"SELECT * FROM {name}") for name in ("lines", "events"))
    leave_stock(engine, strategy, Period.parse(QUARTER).days)
    cells, sales = cases.cells_of(lines, events), lines.groupby("customer_id")["net_sales"].sum()
    going = who_goes_along(
        engine, strategy, accepted.extras, cells, sales, lambda *those: reached_by(engine, strategy, *those)
    )
    settings_of = {"Core": "one", "Small": "two"}
    plan = {
        (segment, channel): Option(
            {name: setting for name, lever in strategy.levers.items() if setting in lever.settings}
        )
        for segment, setting in settings_of.items()
        for channel in cases.CHANNELS
    }
    levers = placed_levers(strategy)
    surge = StockInSurge(engine, levers, going, strategy.surge, Period.parse(QUARTER).days)
    policy = policy_of({"plan": plan}, going, strategy)
    rewrite(engine, policy, strategy, actual_transactions(engine), [*cases.COMPARED, "payment_terms_days"])
    columns = [*cases.COMPARED, "payment_terms_days"]
    found = {
        "lines": cases.comparable(fetch_frame(engine, "SELECT * FROM rewritten"), columns, cases.KEY),
        "events": cases.comparable(fetch_frame(engine, "SELECT * FROM rewritten_events"), cases.EVENT, cases.EVENT),
        "in_surge": pd.DataFrame({"share": [surge.share(*cell, option) for cell, option in plan.items()]}),
        "going_along": going.table().sort_values(["lever", "setting", *CUSTOMER], ignore_index=True),
    }
    unit_run.close()
    return found


@pytest.mark.parametrize("engine", OTHERS)
def test_levers_of_every_kind_rewrite_lines_alike(
    engine: str, prepared: Callable[[str, Path], list[str]], tmp_path: Path
) -> None:
    params = make_workbook(
        tmp_path,
        numbered(cases.LINES[:60]),
        customers=[each | {"payment_terms_days": 30} for each in cases.CUSTOMERS],
        **cases.beside_lines(),
        ledger=[booked("desk", 1000)],
        strategy={"electronic_methods": ["edi"], "levers": cases.ALL_KINDS},
    )
    expected = rewritten_by_every_kind(params, [])
    assert set(expected["going_along"]["lever"]) == set(cases.ALL_KINDS)
    assert set(expected["lines"]["payment_terms_days"]) == {30, 60}
    found = rewritten_by_every_kind(params, prepared(engine, tmp_path))
    for name, table in expected.items():
        pd.testing.assert_frame_equal(found[name], table, check_dtype=False, rtol=RELATIVE, atol=2e-7, obj=name)


@pytest.mark.parametrize("engine", EVERY)
@pytest.mark.parametrize(
    "equation",
    [
        "1/(quantity - 10)",
        "quantity % (quantity - 10)",
        "LN(quantity - 10)",
        "SQRT(quantity - 11)",
        "EXP(quantity*100)",
        "POWER(quantity, 1000)",
        "POWER(quantity - 11, 0.5)",
        "1e308*quantity*10",
    ],
)
def test_a_value_that_is_no_number_names_its_activity_and_row(
    engine: str, equation: str, prepared: Callable[[str, Path], list[str]], tmp_path: Path
) -> None:
    driver = f"CASE WHEN order_id = 'o7' THEN {equation} ELSE 1 END"
    model = {"resources": {"desk": {}}, "activities": {"odd": {"per": "line", "driver": driver, "rate": 1}}}
    params = make_workbook(tmp_path, [line(name) for name in ("o8", "o7", "o6")], model)
    with pytest.raises(DataError, match=r"cost_model\.activities\.odd, order o7, line 1"):
        compute(params, overrides=prepared(engine, tmp_path))


@pytest.mark.parametrize("engine", EVERY)
def test_a_table_without_its_column_is_told_at_once(
    engine: str, prepared: Callable[[str, Path], list[str]], tmp_path: Path
) -> None:
    rows = [{key: value for key, value in line().items() if key != "net_sales"}]
    params = make_workbook(tmp_path, rows)
    with pytest.raises(CtsError, match="column 'net_sales' is missing"):
        compute(params, overrides=prepared(engine, tmp_path))


def test_a_size_of_memory_that_is_none_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    params = make_workbook(tmp_path)
    monkeypatch.setenv("CTS_MEMORY", "a lot")
    with pytest.raises(SourceError, match="CTS_MEMORY: the environment variable holds 'a lot'; set it to a size as"):
        compute(params)
    monkeypatch.setenv("CTS_MEMORY", "300MB")
    assert len(compute(params).all_tables["customer_profit"]) == 1


def threads_for(source: Source, root: Path, memory: str, monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setenv("CTS_MEMORY", memory)
    monkeypatch.setattr("os.cpu_count", lambda: 16)
    (found,) = open_engine(source, root).query("SELECT current_setting('threads') AS threads").to_pylist()
    return int(found["threads"])


@pytest.mark.parametrize(("memory", "threads"), [("100MB", 1), ("512MB", 2), ("4GB", 15), ("8GB", 16)])
def test_no_more_threads_work_than_the_memory_is_enough_for(
    memory: str, threads: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert threads_for(Source(sql="mappings"), tmp_path, memory, monkeypatch) == threads


@pytest.mark.parametrize(
    ("name", "size", "threads"),
    [
        ("lines.parquet", 10_000_000, 1),
        ("lines/2026.parquet", 40_000_000, 3),
        ("lines.csv", 40_000_000, 1),
        ("lines.csv", 80_000_000, 2),
    ],
)
def test_few_lines_are_worked_on_by_one_thread(
    name: str, size: int, threads: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "data" / name
    file.parent.mkdir(parents=True)
    with file.open("wb") as written:
        written.truncate(size)
    assert threads_for(Source(path="data"), tmp_path, "8GB", monkeypatch) == threads
    assert threads_for(Source(path=f"data/{name}"), tmp_path, "8GB", monkeypatch) == threads


@pytest.mark.parametrize("path", ["not there", "x" * 300])
def test_a_source_that_cannot_be_read_is_told_where_it_is_read(
    path: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert threads_for(Source(path=path), tmp_path, "8GB", monkeypatch) == 1


def test_postgres_says_that_it_reads_no_files(tmp_path: Path) -> None:
    with pytest.raises(ParamsError, match=r"PostgreSQL reads no files; give source\.sql"):
        open_run(make_workbook(tmp_path), ["source.engine=postgres"])


@pytest.mark.postgres
@pytest.mark.parametrize("password", ["secret", "secret%zz", "sec/ret", "secret@99"])
def test_an_address_that_answers_not_is_one_line_without_the_address(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, password: str
) -> None:
    monkeypatch.setenv("WORKBOOK_TEST_ADDRESS", f"postgresql://me:{password}@127.0.0.1:1/nothing")
    (tmp_path / "mappings").mkdir()
    chosen = [
        "source.engine=postgres",
        "source.path=null",
        "source.sql=mappings",
        "source.url_env=WORKBOOK_TEST_ADDRESS",
    ]
    with pytest.raises(SourceError, match="cannot be reached") as raised:
        open_run(make_workbook(tmp_path), chosen)
    assert not any(part in str(raised.value) for part in ("sec", "ret", "zz", "99"))
    assert "\n" not in str(raised.value)


@pytest.mark.postgres
def test_a_missing_address_names_its_environment_variable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("WORKBOOK_TEST_ADDRESS", raising=False)
    (tmp_path / "mappings").mkdir()
    chosen = [
        "source.engine=postgres",
        "source.path=null",
        "source.sql=mappings",
        "source.url_env=WORKBOOK_TEST_ADDRESS",
    ]
    with pytest.raises(SourceError, match="WORKBOOK_TEST_ADDRESS: the environment variable is not set"):
        open_run(make_workbook(tmp_path), chosen)


@pytest.mark.parametrize("engine", ["postgres", "spark"])
def test_an_engine_that_is_not_installed_says_how_to_install_it(
    engine: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(sys.modules, f"cts_lib.engine.{engine}", raising=False)
    for package in ("adbc_driver_manager", "pyspark.errors"):
        monkeypatch.setitem(sys.modules, package, None)
    (tmp_path / "mappings").mkdir()
    chosen = [f"source.engine={engine}", "source.path=null", "source.sql=mappings"]
    with pytest.raises(MissingExtra, match=rf"is not installed here; pip install 'cost-to-serve-workbook\[{engine}\]'"):
        open_run(make_workbook(tmp_path), chosen)


@pytest.mark.spark
def test_local_spark_without_java_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    with pytest.raises(SourceError, match="finds no Java; install Java 17 or newer"):
        open_run(make_workbook(tmp_path), ["source.engine=spark"])


@pytest.mark.postgres
def test_a_server_that_goes_away_in_the_middle_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    params = make_workbook(tmp_path)
    with postgres_server() as address:
        monkeypatch.setenv("WORKBOOK_TEST_ADDRESS", address)
        chosen = [f"source.sql={_loaded(address, tmp_path)}", "source.url_env=WORKBOOK_TEST_ADDRESS"]
        unit_run = open_run(params, ["source.engine=postgres", "source.path=null", *chosen])
    with pytest.raises(SourceError, match="postgres: ") as raised:
        unit_run.compute(Period.parse(QUARTER), ["profile"])
    unit_run.close()
    assert "\n" not in str(raised.value)


def engines(name: str, address: Callable[[], str], seconds: float | None = None) -> Engine:
    if name == "duckdb":
        return DuckDB(seconds=seconds)
    if name == "postgres":
        from cts_lib.engine.postgres import PostgreSQL

        return PostgreSQL(address(), seconds)
    from cts_lib.engine.spark import Spark

    return Spark(None, seconds)


@pytest.mark.parametrize("name", EVERY)
def test_a_query_that_never_ends_is_ended_and_the_next_one_runs(name: str, request: pytest.FixtureRequest) -> None:
    engine = engines(name, lambda: request.getfixturevalue("postgres"), seconds=2)
    numbers = "generate_series(1, 10000000)" if name == "postgres" else "range(10000000)"
    engine.map("endless", f"SELECT a.* FROM {numbers} AS a CROSS JOIN {numbers} AS b")
    for run in (
        lambda: engine.query("SELECT COUNT(*) AS n FROM endless"),
        lambda: engine.create("kept", "SELECT * FROM endless"),
    ):
        with pytest.raises(SourceError, match=r"a query took more than 2 seconds and was ended"):
            run()
    assert fetch_rows(engine, "SELECT 1 AS one") == [{"one": 1}]
    engine.close()


@pytest.mark.parametrize("name", EVERY)
def test_a_relation_may_be_made_of_itself_and_a_view_follows_its_table(
    name: str, request: pytest.FixtureRequest
) -> None:
    engine = engines(name, lambda: request.getfixturevalue("postgres"))
    frame = pd.DataFrame({"a": [1.5, None], "b": ["x", "it's"], "Odd name": [None, None]})
    engine.register("small", frame)
    engine.create("small", 'SELECT * EXCLUDE (b) REPLACE (a + 1 AS a), "Odd name" AS again FROM small')
    engine.create("seen", "SELECT a FROM small WHERE a IS NOT NULL", view=True)
    assert list(engine.columns("small")) == ["a", "Odd name", "again"]
    assert fetch_rows(engine, "SELECT a FROM seen") == [{"a": 2.5}]
    engine.close()


@pytest.mark.parametrize(
    ("engine", "examples"),
    [pytest.param(*one.values, count, marks=one.marks) for one, count in zip(OTHERS, (30, 4), strict=True)],
)
def test_any_equation_is_summed_fast_and_plainly_as_on_duckdb(
    engine: str, examples: int, tmp_path: Path, prepared: Callable[[str, Path], list[str]]
) -> None:
    params = write_workbook(tmp_path)
    with hold(params) as here, hold(params, prepared(engine, tmp_path)) as there:

        @settings(max_examples=examples)
        @given(st.lists(asked(), min_size=3, max_size=6))
        def alike(questions: list[Asked]) -> None:
            for source in there.transactions:
                expected = plain_cube(here.engine, here.compiled(questions), source)
                for build in (build_cube, plain_cube):
                    assert_same_cube(build(there.engine, there.compiled(questions), source), expected)

        alike()
