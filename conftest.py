"""Which tests this machine can run: what needs data or a browser that is not here is deselected, and said in a line."""

from __future__ import annotations

import importlib.util
import os
import shutil
from pathlib import Path

import pytest

DATA = Path(os.environ.get("CTS_DATA", Path(__file__).parent.parent / "shared" / "data"))


def _has_postgres() -> bool:
    from servers import postgres_programs

    return postgres_programs() is not None and importlib.util.find_spec("adbc_driver_postgresql") is not None


def _has_spark() -> bool:
    return shutil.which("java") is not None and importlib.util.find_spec("pyspark") is not None


_NEEDS = {
    "scms": ((DATA / "scms" / "scms_delivery_history.parquet").is_file, f"no data in {DATA}; set CTS_DATA"),
    "postgres": (_has_postgres, "no PostgreSQL server programs, or make engines was not run"),
    "spark": (_has_spark, "no Java, or make engines was not run"),
    "browser": (lambda: shutil.which("chromium") is not None, "no chromium on the PATH"),
}


def _unmet() -> dict[str, str]:
    return {marker: reason for marker, (is_met, reason) in _NEEDS.items() if not is_met()}


def pytest_sessionstart() -> None:
    """On CI nothing is left out."""
    if os.environ.get("CI") and _unmet():
        pytest.exit("; ".join(f"tests marked {marker} cannot run: {reason}" for marker, reason in _unmet().items()), 1)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Deselect tests whose needs are not met."""
    left_out = [item for item in items if any(item.get_closest_marker(marker) for marker in _unmet())]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say what was left out, and why."""
    for marker, reason in _unmet().items():
        terminalreporter.write_line(f"Tests marked {marker} were left out: {reason}.")
