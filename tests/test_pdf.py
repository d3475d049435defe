"""Pages as PDF: what Chromium prints of them, and what is said where there is none."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from cts_lib import jobs
from cts_lib.errors import NotebookError, ParamsError
from cts_lib.reporting import find_chromium, print_pages
from cts_lib.reporting.page import THEME
from cts_lib.reporting.pdf import CHROMIUM
from cts_lib.sample import write_sample

PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Page</title><style>{style}</style></head>
<body><main><h1>One</h1><p><a href="01_profile.html">Profile</a> <a href="#far">far</a></p>
<details><summary>Fold</summary>{rows}</details><h2 id="far">Far</h2></main></body></html>"""


def pages_of(pdf: Path) -> int:
    return len(re.findall(rb"/Type\s*/Page\b", pdf.read_bytes()))


@pytest.mark.browser
def test_each_page_is_printed_with_its_folds_open_and_leads_nowhere_else(tmp_path: Path) -> None:
    style = (THEME / "cts" / "style.css").read_text(encoding="utf-8")
    for name, count in (("index", 0), ("01_profile", 200)):
        rows = "".join(f"<p>row {number}</p>" for number in range(count))
        (tmp_path / f"{name}.html").write_text(PAGE.format(style=style, rows=rows), encoding="utf-8")
    told = list[str]()
    print_pages(tmp_path, told.append)
    assert told == ["01_profile.pdf", "index.pdf"]
    short, long = tmp_path / "index.pdf", tmp_path / "01_profile.pdf"
    assert short.read_bytes().startswith(b"%PDF-")
    assert pages_of(short) == 1
    assert pages_of(long) > 3
    assert b"file://" not in short.read_bytes()
    assert str(tmp_path).encode() not in long.read_bytes()


def test_without_a_browser_nothing_is_begun_and_one_line_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_sample(tmp_path, lines=1000, units=1)
    monkeypatch.delenv(CHROMIUM, raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    order = jobs.Order(tmp_path / "params", tmp_path / "out", periods=["2026-Q3"], pdf=True)
    with pytest.raises(ParamsError, match=f"--pdf: no Chromium found; install Chromium, or name one in {CHROMIUM}"):
        jobs.work(order, report=True)
    assert not (tmp_path / "out").exists()
    monkeypatch.setenv(CHROMIUM, "no-such-browser")
    with pytest.raises(ParamsError, match="no program 'no-such-browser'"):
        find_chromium()


def test_a_browser_that_prints_nothing_is_told_with_what_it_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = tmp_path / "browser"
    browser.write_text("#!/bin/sh\necho cannot print >&2\nexit 3\n", encoding="utf-8")
    browser.chmod(0o755)
    monkeypatch.setenv(CHROMIUM, str(browser))
    (tmp_path / "index.html").write_text("<p>page</p>", encoding="utf-8")
    with pytest.raises(NotebookError, match=r"index\.html: .* did not print it: cannot print; run without"):
        print_pages(tmp_path, lambda text: None)
