"""Which tests this machine can run: what needs data or a browser that is not here is deselected, and said in a line."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

DATA = Path(os.environ.get("CTS_DATA", Path(__file__).parent.parent / "shared" / "data"))
_NEEDS = {
    "scms": ((DATA / "scms" / "scms_delivery_history.parquet").is_file, f"no data in {DATA}; set CTS_DATA"),
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
