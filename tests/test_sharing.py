"""The edition that may leave the house: nobody is named, and no group of a few customers can be told."""

from __future__ import annotations

import base64
import html
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cts_lib import jobs, store
from cts_lib.errors import ParamsError
from cts_lib.names import ALL, NONE, OTHER
from cts_lib.params.actions import actions_file
from cts_lib.sample import write_sample
from cts_lib.sharing import FOLDER, KEY, Pseudonyms
from cts_lib.sharing.edition import HOW
from cts_lib.sharing.places import coarse_places
from cts_lib.sharing.suppression import FEWEST, told_cells, withheld_values, without_description
from cts_lib.sharing.words import Words
from cts_lib.tables import OUTPUTS

SECRET = "a secret of the house"  # noqa: S105
PERIOD = "2026-Q3"


def test_a_pseudonym_is_stable_and_hangs_on_key_and_unit() -> None:
    one = Pseudonyms(SECRET, "iberia")
    assert one.of("0100087") == Pseudonyms(SECRET, "iberia").of("0100087")
    others = {Pseudonyms(SECRET + "!", "iberia").of("0100087"), Pseudonyms(SECRET, "north").of("0100087")}
    assert one.of("0100087") not in others | {one.of("0100088")}
    assert re.fullmatch(r"C-[A-Z2-7]{10}", one.of("0100087"))
    assert [one.of(name) for name in (ALL, NONE, OTHER)] == [ALL, NONE, OTHER]


def test_without_a_key_nothing_is_begun(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_sample(tmp_path, lines=1000, units=1)
    order = jobs.Order(tmp_path / "params", tmp_path / "out", periods=[PERIOD], share=True)
    monkeypatch.delenv(KEY, raising=False)
    with pytest.raises(ParamsError, match=f"--share: no key in {KEY}; set it to a secret"):
        jobs.work(order, report=True)
    monkeypatch.setenv(KEY, "short")
    with pytest.raises(ParamsError, match=f"{KEY}: a key of 5 characters; give a secret of at least 16"):
        jobs.work(order, report=True)
    assert not (tmp_path / "out").exists()


def test_of_every_table_it_is_said_how_it_is_shared() -> None:
    assert set(HOW) == set(OUTPUTS)


@given(st.dictionaries(st.sampled_from("abcdefgh"), st.integers(1, 12)))
def test_a_total_less_what_is_shown_is_never_a_few(counts: dict[str, int]) -> None:
    shut = withheld_values(counts)
    assert all(count >= FEWEST for name, count in counts.items() if name not in shut)
    if shut and shut != set(counts):
        assert any(counts[name] >= FEWEST for name in shut)


def crowds() -> st.SearchStrategy[pd.DataFrame]:
    """Customers in a segment and a channel each, some in two channels."""
    row = st.tuples(st.sampled_from("ABCD"), st.sampled_from(["x", "y", "z", "w"]), st.integers(1, 9))
    return st.lists(row, min_size=1, max_size=14).map(crowd)


def crowd(rows: list[tuple[str, str, int]]) -> pd.DataFrame:
    listed = [
        (f"c{number}-{at}", segment, channel)
        for number, (segment, channel, count) in enumerate(rows)
        for at in range(count)
    ]
    listed += [(name, segment, "y" if channel == "x" else "x") for name, segment, channel in listed[::11]]
    return pd.DataFrame(listed, columns=["customer_id", "segment", "channel"])


def lines_of(segments: pd.DataFrame) -> Iterator[tuple[str, str, pd.DataFrame]]:
    for name in ("segment", "channel"):
        for value, rows in segments.groupby(name):
            yield name, str(value), rows


@given(crowds())
def test_no_cell_of_a_few_is_told_and_none_follows_from_the_totals(segments: pd.DataFrame) -> None:
    told = told_cells(segments)
    counts = segments.groupby(["segment", "channel"])["customer_id"].nunique()
    assert all(counts[cell] >= FEWEST for cell in told.cells)
    hidden = [cell for cell in counts.index if cell not in told.cells]
    known = [(0, value) for value in sorted(told.segments)] + [(1, value) for value in sorted(told.channels)]
    sums = [[float(cell[at] == value) for cell in hidden] for at, value in known] + [[1.0] * len(hidden)]
    system = np.array(sums).reshape(len(sums), len(hidden))
    for at, cell in enumerate(hidden):
        alone = np.eye(len(hidden))[at]
        rest = alone - system.T @ np.linalg.lstsq(system.T, alone, rcond=None)[0]
        assert np.abs(rest).max() > 1e-8 or counts[cell] >= FEWEST or counts.sum() < FEWEST, cell
    for name, value, rows in lines_of(segments):
        if value in (told.segments if name == "segment" else told.channels):
            assert rows["customer_id"].nunique() >= FEWEST
            among = rows[[cell in hidden for cell in rows[["segment", "channel"]].itertuples(index=False, name=None)]]
            assert among["customer_id"].nunique() == 0 or len(among) >= FEWEST


@given(crowds())
def test_rows_of_customers_tell_no_group_of_a_few_nor_leave_one_over(segments: pd.DataFrame) -> None:
    told = told_cells(segments)
    without = without_description(segments, told)
    labels = [told.label(*cell) for cell in segments[["segment", "channel"]].itertuples(index=False, name=None)]
    rows = segments.assign(label=labels, own_segment=[one[0] for one in labels], own_channel=[one[1] for one in labels])
    shown = rows[~rows["customer_id"].isin(without)]
    of_each = {name: frozenset(those["label"]) for name, those in shown.groupby("customer_id")}
    described = pd.Series(of_each, dtype="object")
    assert (described.value_counts() >= FEWEST).all()
    for name, told_of in (("segment", told.segments), ("channel", told.channels)):
        for value in told_of:
            everybody = set(rows.loc[rows[name] == value, "customer_id"])
            left = everybody - set(shown.loc[shown[f"own_{name}"] == value, "customer_id"])
            assert len(left) == 0 or len(left) >= min(FEWEST, len(everybody))
    for segment, channel in told.cells:
        everybody = set(rows.loc[(rows["segment"] == segment) & (rows["channel"] == channel), "customer_id"])
        left = everybody & without
        assert len(left) == 0 or len(left) >= FEWEST


def test_places_are_regions_in_whole_degrees_and_small_ones_together() -> None:
    rows = [("ES", "Madrid", "Madrid", 40.4168, -3.7038, 9), ("ES", "Madrid", "Getafe", 40.3083, -3.7327, 1)]
    rows += [("ES", "Murcia", "Murcia", 37.9922, -1.1307, 2), ("ES", "Galicia", "Vigo", 42.2406, -8.7207, 7)]
    rows += [("ES", "Aragón", "Huesca", 42.1401, -0.4089, 6)]
    frame = pd.DataFrame(rows, columns=["country", "region", "city", "latitude", "longitude", "customers"])
    frame = frame.assign(orders=1, shipments=2, net_sales=10.0, cost_to_serve=1.0, profit=1.0, distance_km=100.4)
    frame = frame.assign(drops_per_customer=0.5, drops_per_100_km=1.0)
    found = coarse_places(frame).set_index("region")
    assert found["customers"].to_dict() == {"Madrid": 10, OTHER: 8, "Galicia": 7}
    assert found["city"].isna().all()
    assert found.loc["Madrid", ["latitude", "longitude"]].tolist() == [40.0, -4.0]
    assert pd.isna(found.loc[OTHER, "latitude"])


def test_words_name_no_customer() -> None:
    names = Pseudonyms(SECRET, "iberia")
    words = Words({"0100087": "Peñón & Hijos, S.L.", "0100088": None, "7": "Ana"}, names)
    said = words.clean("Ask Peñón & Hijos, S.L. (0100087), not 20100087 or Ana")
    assert said == f"Ask {names.of('0100087')} ({names.of('0100087')}), not 20100087 or Ana"
    assert words.said({"values": ["0100088", 3]}) == {"values": [names.of("0100088"), 3]}


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, pd.DataFrame]:
    """The shared edition of a small unit whose params and actions name customers, and the customers."""
    folder = tmp_path_factory.mktemp("sharing")
    write_sample(folder, lines=3000, units=1)
    customers = pd.read_parquet(folder / "data" / "sample" / "customers.parquet")
    lines = pd.concat(map(pd.read_parquet, (folder / "data" / "sample" / "order_lines").glob("*.parquet")))
    first, second = lines.loc[pd.to_datetime(lines["order_date"]) >= "2026-07-01", "customer_id"].unique()[:2]
    name = customers.set_index("customer_id").loc[first, "name"]
    actions = actions_file(folder / "params", "iberia")
    actions.parent.mkdir(parents=True, exist_ok=True)
    actions.write_text(
        f"- {{id: call, action: 'Call {name} about orders', customer_id: '{first}', state: agreed, note: '{name}'}}\n",
        encoding="utf-8",
    )
    overrides = [
        "evaluation.replications=10", "evaluation.precision=1",
        f"evaluation.scenarios={{lost: {{customers: ['{second}']}}}}",
        f"strategy.levers.portal.for=customer_id <> '{first}'",
        f"strategy.levers.portal.label={{en: 'Portal of {name}', es: 'Portal de {name}'}}",
    ]  # fmt: skip
    out = folder / "out"
    order = jobs.Order(folder / "params", out, periods=[PERIOD], overrides=overrides, language="es", share=True)
    with pytest.MonkeyPatch.context() as places:
        places.setenv(KEY, SECRET)
        assert jobs.work(order, report=True) == 0
    return out / FOLDER, customers


def texts_of(path: Path) -> str:
    """All that a file says, however it is packed or escaped."""
    if path.suffix == ".parquet":
        table = pq.read_table(path)
        return f"{table.schema}{table.schema.metadata}{table.to_pandas().to_csv()}"
    if path.suffix == ".xlsx":
        with zipfile.ZipFile(path) as opened:
            return "\n".join(html.unescape(opened.read(name).decode()) for name in opened.namelist())
    text = path.read_text(encoding="utf-8")
    packed = [base64.b64decode(part).decode("utf-8", "ignore") for part in re.findall(r"base64,([\w+/=]{8,})", text)]
    return "\n".join([text, html.unescape(text), unquote(html.unescape(text)), *packed])


def test_no_byte_of_the_shared_folder_names_a_customer(shared: tuple[Path, pd.DataFrame]) -> None:
    folder, customers = shared
    numbers = customers["customer_id"].tolist()
    degrees = {str(value) for name in ("latitude", "longitude") for value in customers[name].dropna()}
    figure = re.compile(rf"(?<![\w.])(?:{'|'.join(map(re.escape, [*numbers, *sorted(degrees)]))})(?![\w.])")
    names = list(customers["name"].dropna())
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert {path.suffix for path in files} == {".html", ".json", ".md", ".parquet", ".xlsx"}
    for path in files:
        text = texts_of(path)
        assert not figure.search(text), path
        assert not [name for name in names if name in text], path


def test_the_search_would_find_them(shared: tuple[Path, pd.DataFrame]) -> None:
    own = shared[0].parent / PERIOD / "iberia"
    name, number = store.read_table(own, "customer_profit")[["name", "customer_id"]].iloc[-1]
    assert name in texts_of(own / "01_profile.html")
    for path in (own / "01_profile.html", own / "tables.xlsx", own / "tables" / "segments.parquet"):
        assert number in texts_of(path)


def test_the_shared_edition_has_every_page_and_no_rows_nor_notebooks(shared: tuple[Path, pd.DataFrame]) -> None:
    folder = shared[0] / PERIOD / "iberia"
    found = {path.name for path in folder.iterdir()}
    assert {"index.html", "01_profile.html", "05_govern.html", "tables.xlsx", "manifest.json", "tables"} <= found
    assert not {"notebooks", "state"} & found
    for name in ("customer_things", "customer_drivers", "rejected_rows", "ledger_rows", "segment_model"):
        assert store.read_table(folder, name).empty
    manifest = store.read_manifest(folder)
    assert manifest
    assert not {"params", "inputs", "overrides", "fingerprints"} & set(manifest)
    assert not (shared[0] / "history.duckdb").exists()


def test_shared_tables_add_up_to_what_the_unit_knows(shared: tuple[Path, pd.DataFrame]) -> None:
    folder = shared[0] / PERIOD / "iberia"
    own = shared[0].parent / PERIOD / "iberia"
    for name in ("customer_channel_profit", "customer_profit", "channel_profit", "family_profit", "places"):
        mine, theirs = store.read_table(own, name), store.read_table(folder, name)
        assert theirs["profit"].sum() == pytest.approx(mine["profit"].sum()), name
    assert store.read_table(folder, "customer_costs")["cost"].sum() == pytest.approx(
        store.read_table(own, "customer_costs")["cost"].sum()
    )
    by_channel = [
        store.read_table(folder, name).groupby("channel")["cost_to_serve"].sum()
        for name in ("customer_channel_profit", "channel_profit")
    ]
    pd.testing.assert_series_equal(*by_channel)
    keys = store.read_table(folder, "segments")[["customer_id", "channel"]]
    assert not keys.duplicated().any()
    segments = store.read_table(folder, "segments")
    assert (segments.groupby(["segment", "channel"])["customer_id"].nunique() >= FEWEST).all()
    told = set(segments.loc[segments["segment"] != OTHER, "customer_id"])
    assert set(store.read_table(folder, "segment_cards")["customer_id"]) <= {*told, NONE}
