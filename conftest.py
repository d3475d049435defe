"""Which tests this machine can run: what needs what is not here is left out, and said in a line."""

from __future__ import annotations

import gc
import importlib.util
import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

DATA = Path(os.environ.get("CTS_DATA", Path(__file__).parent.parent / "shared" / "data"))


@dataclass(frozen=True)
class Need:
    """What the tests of a marker need; ``modules`` are those whose doctests need it too."""

    is_met: Callable[[], bool]
    missing: str
    cure: str
    modules: tuple[str, ...] = ()


def _installed(package: str) -> bool:
    return importlib.util.find_spec(package) is not None


def _has_postgres_server() -> bool:
    from servers import postgres_programs

    return postgres_programs() is not None


_NEEDS = {
    "scms": Need(
        (DATA / "scms" / "scms_delivery_history.parquet").is_file,
        f"no data in {DATA}",
        "CTS_DATA=FOLDER make test, where the folder holds scms/scms_delivery_history.parquet",
    ),
    "brunel": Need(
        (DATA / "brunel" / "OrderList.parquet").is_file,
        f"no data in {DATA}",
        "CTS_DATA=FOLDER make test, where the folder holds brunel/OrderList.parquet",
    ),
    "postgres": Need(
        lambda: _installed("adbc_driver_postgresql") and _has_postgres_server(),
        "no PostgreSQL server programs or no driver",
        "apt-get install postgresql && make engines",
        ("cts_lib/engine/postgres.py", "cts_lib/history/server.py"),
    ),
    "spark": Need(
        lambda: _installed("pyspark") and shutil.which("java") is not None,
        "no Java or no pyspark",
        "apt-get install openjdk-17-jre-headless && make engines",
        ("cts_lib/engine/spark.py",),
    ),
    "cluster": Need(lambda: _installed("distributed"), "no distributed", "make engines", ("cts_lib/cluster.py",)),
    "docs": Need(lambda: _installed("sphinx"), "no Sphinx", "make docs"),
    "bench": Need(lambda: _installed("polars") and _installed("kmodes"), "no Polars or kmodes", "make peers"),
    "browser": Need(lambda: shutil.which("chromium") is not None, "no Chromium", "apt-get install chromium"),
}
_UNMET = {marker: need for marker, need in _NEEDS.items() if not need.is_met()}


def pytest_sessionstart() -> None:
    """On CI nothing is left out."""
    if os.environ.get("CI") and _UNMET:
        missing = "; ".join(f"tests marked {marker} cannot run: {need.missing}" for marker, need in _UNMET.items())
        pytest.exit(missing, 1)


def pytest_ignore_collect(collection_path: Path) -> bool | None:
    """Import no module whose packages are not here."""
    unmet = {Path(__file__).parent / module for need in _UNMET.values() for module in need.modules}
    return True if collection_path in unmet else None


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark the doctests of a module that needs something, and leave out tests whose needs are not met."""
    for marker, need in _NEEDS.items():
        for item in items:
            if item.path in {Path(__file__).parent / module for module in need.modules}:
                item.add_marker(marker)
    left_out = [item for item in items if any(item.get_closest_marker(marker) for marker in _UNMET)]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]


def pytest_collection_finish() -> None:
    """Search for garbage only what tests make: what is there before the first stays to the last."""
    gc.collect()
    gc.freeze()


def pytest_sessionfinish() -> None:
    """Let the end of the process find what was left out of the search."""
    gc.unfreeze()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say what was left out, and which command brings it."""
    for marker, need in _UNMET.items():
        terminalreporter.write_line(f"Left out: tests marked {marker}, for there is {need.missing}; {need.cure}")
