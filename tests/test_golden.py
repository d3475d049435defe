"""Every table of two small units is as it was kept, to 1e-9; ``make golden`` keeps a change that is meant."""

from __future__ import annotations

import os
import re
from io import StringIO
from pathlib import Path

import golden
import pandas as pd
import pytest

NEAR = 1e-9
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:e[+-]?\d+)?")


@pytest.fixture(scope="module", params=["sample", pytest.param("scms", marks=pytest.mark.scms)])
def computed(request: pytest.FixtureRequest) -> tuple[Path, dict[str, pd.DataFrame]]:
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("CTS_DATA", str((golden.ROOT / os.environ.get("CTS_DATA", "../shared/data")).resolve()))
        return golden.KEPT / request.param, golden.UNITS[request.param]()


def test_the_tables_are_those_that_were_kept(computed: tuple[Path, dict[str, pd.DataFrame]]) -> None:
    folder, tables = computed
    assert sorted(tables) == sorted(path.stem for path in folder.glob("*.csv"))


def test_every_figure_is_as_it_was_kept(computed: tuple[Path, dict[str, pd.DataFrame]]) -> None:
    folder, tables = computed
    differences = [text for name, table in tables.items() for text in _differences(name, table, folder)]
    assert not differences, "\n".join([*differences[:20], "make golden keeps what is meant"])


def _differences(name: str, table: pd.DataFrame, folder: Path) -> list[str]:
    kept, came = (
        pd.read_csv(text, dtype=str, keep_default_na=False)
        for text in (folder / f"{name}.csv", StringIO(golden.as_text(table)))
    )
    if list(kept) != list(came) or len(kept) != len(came):
        return [f"{name}: {list(kept)} in {len(kept)} rows were kept, {list(came)} in {len(came)} came"]
    return [
        f"{name}, row {row}, {column}: {was!r} was kept, {now!r} came"
        for column in table
        for row, (was, now) in enumerate(zip(kept[column], came[column], strict=True))
        if not _same(was, now)
    ]


def _same(was: str, now: str) -> bool:
    """Tell whether two cells agree; numbers, also those inside a text, to 1e-9."""
    if was == now:
        return True
    if _NUMBER.sub("#", was) != _NUMBER.sub("#", now):
        return False
    pairs = zip(_NUMBER.findall(was), _NUMBER.findall(now), strict=True)
    return all(abs(float(a) - float(b)) <= NEAR * max(1.0, abs(float(a))) for a, b in pairs)


def test_a_moved_figure_is_found(tmp_path: Path) -> None:
    table = pd.DataFrame({"name": ["a", None], "cost": [1.5, 2e-7], "count": [1, 2]})
    table.to_csv(tmp_path / "t.csv", index=False, float_format="%.12g")
    assert not _differences("t", table, tmp_path)
    assert not _differences("t", table.assign(cost=[1.5 + 1e-10, 2e-7]), tmp_path)
    moved = _differences("t", table.assign(cost=[1.75, 2e-7]), tmp_path)
    assert moved == ["t, row 0, cost: '1.5' was kept, '1.75' came"]
    assert _differences("t", table.assign(name=["a", "b"]), tmp_path)
    assert _differences("t", table.head(1), tmp_path)
