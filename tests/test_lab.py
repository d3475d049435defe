"""The notebooks as somebody uses them: in a JupyterLab, in a browser."""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from urllib.error import URLError

import pytest
from playwright.sync_api import Page, expect, sync_playwright
from small_workbook import QUARTER, booked, line, make_workbook

from cts_lib import jobs
from cts_lib.bundle import bundled
from cts_lib.panel import Panel
from cts_lib.workbook import Workbook, preset

MODEL = {
    "resources": {"desk": {"capacity_minutes": 1000}},
    "activities": {"entry": {"resource": "desk", "per": "order", "minutes": "8 + 3*lines"}},
}
_MINUTE = 60_000
_PATIENCE = 90


@pytest.fixture(scope="module")
def stored(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("lab")
    rows = [line("o1"), line("o1", "2"), line("o2", customer_id="c2", net_sales="70")]
    params = make_workbook(folder, rows, MODEL, ledger=[booked("desk", 500)])
    assert jobs.work(jobs.Order(params, folder / "reports", periods=[QUARTER]), report=False) == 0
    shutil.copytree(bundled("notebooks"), folder / "notebooks")
    return folder


@pytest.fixture(scope="module")
def lab(stored: Path) -> Iterator[str]:
    """A JupyterLab on the notebooks, stopped when the tests are done."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    folders = {f"JUPYTER_{name}_DIR": str(stored / name.lower()) for name in ("CONFIG", "DATA", "RUNTIME")}
    environment = os.environ | folders | preset(stored / "params", stored / "reports", None, QUARTER, "en")
    options = ["--no-browser", "--allow-root", f"--port={port}", "--ip=127.0.0.1", "--IdentityProvider.token="]
    command = [sys.executable, "-m", "jupyterlab", str(stored / "notebooks"), *options]
    with (stored / "lab.log").open("w") as log:
        server = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
        try:
            _wait(f"http://127.0.0.1:{port}/api", server, stored / "lab.log")
            yield f"http://127.0.0.1:{port}"
        finally:
            server.terminate()
            server.wait(_PATIENCE)


def _wait(address: str, server: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + _PATIENCE
    while time.monotonic() < until and server.poll() is None:
        try:
            urllib.request.urlopen(address, timeout=5).close()  # noqa: S310 (this machine's own)
            return
        except (URLError, ConnectionError, TimeoutError):
            time.sleep(0.5)
    pytest.fail(log.read_text(encoding="utf-8"))


def _profit(panel: Panel) -> str:
    return f"{panel.answer.profit.sum():.2f}"


def _run_all(page: Page, address: str) -> None:
    page.goto(f"{address}/lab/tree/01_profile.ipynb")
    expect(page.locator("#jp-main-statusbar")).to_contain_text("| Idle", timeout=_MINUTE)  # else it asks for a kernel
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_text("Run All Cells", exact=True).click()


@pytest.mark.browser
def test_a_slider_moved_in_jupyterlab_changes_the_figure(stored: Path, lab: str) -> None:
    book = Workbook.open(period=QUARTER, params=str(stored / "params"), out=str(stored / "reports"))
    panel = book.panel()
    today, then = _profit(panel), _profit(panel.move("minutes.entry", 105))
    assert today != then
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1280, "height": 1000})
        _run_all(page, lab)
        live = page.locator(".jupyter-widgets .panel")
        expect(live).to_have_attribute("data-profit", today, timeout=2 * _MINUTE)
        handle = page.locator(".widget-slider .noUi-handle").first
        handle.focus()
        handle.press("ArrowRight")
        expect(live).to_have_attribute("data-profit", then, timeout=_MINUTE)
        expect(page.locator(".jupyter-widgets pre")).to_contain_text("1.05*(8 + 3*lines)")
        page.get_by_role("button", name="Back to today").click()
        expect(live).to_have_attribute("data-profit", today, timeout=_MINUTE)
        if shot := os.environ.get("CTS_SHOT"):
            live.scroll_into_view_if_needed()
            page.screenshot(path=shot)
        browser.close()
