from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from html import unescape
from itertools import pairwise
from pathlib import Path
from typing import Any, Literal

import nbformat
import numpy as np
import pandas as pd
import papermill
import pytest
from axe_playwright_python.sync_playwright import Axe
from matplotlib import image as pictures
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from playwright.sync_api import Page, sync_playwright

from cts_lib.charts.govern import bridge_message
from cts_lib.display import Reader
from cts_lib.errors import NotebookError
from cts_lib.jobs import Order, work
from cts_lib.notes import Note
from cts_lib.reporting import portal, print_pages, write_mails
from cts_lib.reporting.execute import check_outputs, reader_of, shown_by
from cts_lib.reporting.executive import executive
from cts_lib.reporting.kernel import WarmKernel
from cts_lib.reporting.page import NOTEBOOKS, unit_page
from cts_lib.reporting.render import render
from cts_lib.sample import write_sample
from cts_lib.store import read_manifest

UNIT, PERIOD = "iberia", "2026-Q3"
HOSTILE = "<script>alert(1)</script>"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small distributor with one hostile name, run from end to end; the folder that holds params and reports."""
    folder = tmp_path_factory.mktemp("made")
    write_sample(folder, lines=12_000)
    customers = next((folder / "data" / "sample").glob("customers*"))
    frame = pd.read_parquet(customers)
    frame["name"] = HOSTILE
    frame.to_parquet(customers, index=False)
    order = Order(params=folder / "params", out=folder / "reports", units=[UNIT], periods=[PERIOD], jobs=1)
    assert work(order, report=True) == 0
    return folder


@pytest.fixture(scope="module")
def pages(made: Path) -> dict[str, str]:
    folder = made / "reports" / PERIOD / UNIT
    found = {path.stem: path.read_text(encoding="utf-8") for path in folder.glob("*.html")}
    return found | {"portal": (made / "reports" / "index.html").read_text(encoding="utf-8")}


def arguments(made: Path) -> dict[str, Any]:
    paths = {"params": str(made / "params"), "out": str(made / "reports")}
    return {"unit": UNIT, "period": PERIOD, "overrides": [], "language": "en"} | paths


def test_a_unit_has_its_summary_and_five_stage_pages(pages: dict[str, str]) -> None:
    assert set(pages) == {"portal", "index", *NOTEBOOKS}


def test_the_summary_leads_with_operating_profit_and_the_same_change_as_its_bridge(
    made: Path, pages: dict[str, str]
) -> None:
    tables = made / "reports" / PERIOD / UNIT / "tables"
    statement, bridge = (pd.read_parquet(tables / f"{name}.parquet") for name in ("statement", "bridge"))
    now = statement.set_index("line")["amount"]["operating_profit"]
    change = bridge[(bridge["segment"] == "(all)") & (bridge["channel"] == "(all)")]["amount"].sum()
    headline, change_shown = (
        re.search(pattern, pages["index"], re.DOTALL)
        for pattern in (
            r'<h1 class="headline">([^<]*)',
            r'<span class="name">Operating profit</span>.*?<span class="(better|worse)">',
        )
    )
    assert headline is not None
    assert headline[1].startswith("Operating profit fell by" if change < 0 else "Operating profit rose by")
    assert change_shown is not None
    assert change_shown[1] == ("worse" if change < 0 else "better")
    assert Reader().money(now, compact=True) in pages["index"]


def test_no_page_needs_the_network(pages: dict[str, str]) -> None:
    for page in pages.values():
        assert not re.search(r"https?://", page)
        assert "<script" not in page
        assert "@import" not in page


def test_every_page_is_whole_and_says_its_language(pages: dict[str, str]) -> None:
    for page in pages.values():
        assert page.lstrip().lower().startswith("<!doctype html>")
        assert page.rstrip().endswith("</html>")
        assert '<html lang="en">' in page
        assert page.count("<h1") == page.count("<main") == 1


def test_headings_never_skip_a_level(pages: dict[str, str]) -> None:
    for page in pages.values():
        levels = [int(level) for level in re.findall(r"<h([1-6])", page)]
        assert all(after <= before + 1 for before, after in pairwise(levels))


def test_every_figure_has_words_for_those_who_do_not_see_it(pages: dict[str, str]) -> None:
    pictures = [picture for page in pages.values() for picture in re.findall(r"<img[^>]*>", page)]
    assert len(pictures) > 15
    assert all(re.search(r'alt="[^"]{10,}"', picture) for picture in pictures)


def test_links_lead_to_files_that_are_there(made: Path, pages: dict[str, str]) -> None:
    folder = made / "reports" / PERIOD / UNIT
    for name, page in pages.items():
        base = made / "reports" if name == "portal" else folder
        for href in re.findall(r'href="([^"#]+)"', page):
            assert (base / href).exists(), href


def test_pages_link_to_each_other_and_mark_themselves(pages: dict[str, str]) -> None:
    for name in ("index", *NOTEBOOKS):
        marked = re.findall(r'<a[^>]*aria-current="page"[^>]*>', pages[name])
        assert len(marked) == 1
        assert f'href="{name}.html"' in marked[0]


def test_markup_in_a_customers_name_is_text_on_every_page(pages: dict[str, str]) -> None:
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in pages["01_profile"]


def test_code_and_warnings_stay_in_the_notebook(pages: dict[str, str]) -> None:
    for page in pages.values():
        assert "Workbook.open" not in page
        assert "Warning" not in page


def test_the_summary_says_that_the_ledger_adds_up(made: Path, pages: dict[str, str]) -> None:
    manifest = json.loads((made / "reports" / PERIOD / UNIT / "manifest.json").read_text(encoding="utf-8"))
    ledger = Reader("en", "EUR").money(manifest["reconciliation"]["ledger"], digits=2)
    assert f"Every cent of the ledger is accounted for: {ledger} =" in pages["index"]


_SMALLEST = r"""Math.min(...[...document.querySelectorAll('figure.chart img')].map(each => {
  const svg = atob(each.currentSrc.split(',')[1]), sizes = svg.matchAll(/font(?:-size)?: (?:bold )?([0-9.]+)px/g)
  const width = parseFloat(/viewBox="[-0-9.]+ [-0-9.]+ ([0-9.]+)/.exec(svg)[1])
  return Math.min(...[...sizes].map(size => parseFloat(size[1]))) * each.clientWidth / width
}))"""
"""Text of figures as it stands on the page, pixels."""
_DRAWN = """[...document.querySelectorAll('figure.chart img')].every(each => each.complete && each.clientWidth)"""
_SCROLLING = """[...document.querySelectorAll('.table, pre')].filter(each => each.scrollWidth > each.clientWidth + 1)
.map(each => each.textContent.trim().slice(0, 60))"""


_OPEN_FOLDS = "document.querySelectorAll('details').forEach(fold => fold.open = true)"


@contextmanager
def new_page(width: int = 1280, height: int = 800, color_scheme: Literal["dark", "light"] = "light") -> Iterator[Page]:
    """Open a page of a browser."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        yield browser.new_page(viewport={"width": width, "height": height}, color_scheme=color_scheme)
        browser.close()


@pytest.mark.browser
@pytest.mark.parametrize("width", [1100, 390])
def test_pages_are_accessible_and_never_wider_than_the_screen(made: Path, width: int) -> None:
    with new_page(width, 844) as page:
        for path in sorted((made / "reports").rglob("*.html")):
            page.goto(path.as_uri())
            assert [violation["id"] for violation in Axe().run(page).response["violations"]] == [], path.name
            page.evaluate(_OPEN_FOLDS)
            assert page.evaluate("document.documentElement.scrollWidth") <= width, path.name
            if width < 640:
                assert page.evaluate(_SCROLLING) == [], path.name


@pytest.mark.browser
@pytest.mark.parametrize("width", [1280, 820, 390])
def test_text_in_figures_is_large_enough_to_read_on_every_screen(made: Path, width: int) -> None:
    with new_page(width, 800) as page:
        for path in sorted((made / "reports" / PERIOD / UNIT).glob("*.html")):
            page.goto(path.as_uri())
            page.evaluate(_OPEN_FOLDS)
            page.wait_for_function(_DRAWN)
            assert page.evaluate(_SMALLEST) >= 11, path.name


@pytest.mark.browser
def test_figures_stand_on_the_ground_of_the_page_in_dark_mode(made: Path, tmp_path: Path) -> None:
    with new_page(1280, 800, color_scheme="dark") as page:
        for path in sorted((made / "reports" / PERIOD / UNIT).glob("*.html")):
            page.goto(path.as_uri())
            ground = page.evaluate("getComputedStyle(document.body).backgroundColor.match(/[0-9]+/g).map(Number)")
            page.locator("figure.chart img").first.screenshot(path=tmp_path / "figure.png")
            seen = pictures.imread(tmp_path / "figure.png")[..., :3]
            colours, counts = np.unique((255 * seen.reshape(-1, 3)).round().astype(int), axis=0, return_counts=True)
            assert colours[counts.argmax()].tolist() == ground, path.name
            assert colours.mean(axis=1).max() > 180, path.name  # ink has turned light


@pytest.mark.browser
def test_paper_is_white_also_where_the_screen_is_dark(made: Path) -> None:
    with new_page(color_scheme="dark") as page:
        page.goto((made / "reports" / PERIOD / UNIT / "index.html").as_uri())
        colours = "[getComputedStyle(document.body).backgroundColor, getComputedStyle(document.body).color]"
        on_screen = page.evaluate(colours)
        page.emulate_media(media="print")
        assert page.evaluate(colours) == ["rgb(255, 255, 255)", "rgb(29, 42, 54)"] != on_screen


_ROWS = """[...document.querySelectorAll('.table:has(> .every)')].map(table => [
    [...table.querySelectorAll('tbody tr')].filter(row => row.checkVisibility()).length,
    table.querySelectorAll('tbody tr').length, table.querySelector('.every').checkVisibility()])"""


@pytest.mark.browser
def test_a_long_table_is_six_cards_on_a_telephone_until_all_are_asked_for(made: Path) -> None:
    with new_page(390, 800) as page:
        page.goto((made / "reports" / PERIOD / UNIT / "02_segment.html").as_uri())
        page.evaluate(_OPEN_FOLDS)
        found = page.evaluate(_ROWS)
        assert found
        assert all(shown == 6 and every > 7 and is_asked for shown, every, is_asked in found)
        page.evaluate("document.querySelectorAll('.every input').forEach(each => each.click())")
        assert page.evaluate(_ROWS) == [[every, every, True] for _, every, _ in found]
        page.reload()
        page.set_viewport_size({"width": 1280, "height": 800})
        page.evaluate(_OPEN_FOLDS)
        assert page.evaluate(_ROWS) == [[every, every, False] for _, every, _ in found]


@pytest.mark.browser
def test_profile_is_read_on_six_screens_before_any_fold_is_opened(made: Path) -> None:
    with new_page(1280, 800) as page:
        page.goto((made / "reports" / PERIOD / UNIT / "01_profile.html").as_uri())
        assert page.evaluate("document.documentElement.scrollHeight") <= 6 * 800


def test_no_page_is_larger_than_a_megabyte_and_a_half(pages: dict[str, str]) -> None:
    assert {name: len(page.encode()) for name, page in pages.items() if len(page.encode()) > 1_500_000} == {}


def test_no_page_tells_an_expression_but_among_the_queries(pages: dict[str, str]) -> None:
    told = pages["01_profile"].split(">The queries<")[0]
    assert "CASE WHEN" not in told
    assert "order_method =" not in told
    assert not re.search(r">[0-9]+\.[0-9]{7,}<", told)


@pytest.mark.browser
def test_nothing_on_paper_is_wider_than_the_page_and_queries_are_not_printed(made: Path) -> None:
    with new_page(688, 1000) as page:  # A4 without its margins
        page.emulate_media(media="print")
        for path in sorted((made / "reports" / PERIOD / UNIT).glob("*.html")):
            page.goto(path.as_uri())
            page.evaluate(_OPEN_FOLDS)
            assert page.evaluate("document.documentElement.scrollWidth") <= 688, path.name
            queries = page.evaluate("[...document.querySelectorAll('.sql')].map(each => each.checkVisibility())")
            assert queries == ([False] if path.name == "01_profile.html" else []), path.name


def test_the_summary_tells_no_finding_twice(pages: dict[str, str]) -> None:
    above, folded = unescape(pages["index"]).replace("\u2060", "").split('<details class="more">')
    told = re.findall(r"<li>(.*?)</li>", folded.split("</ul>")[0])
    assert told
    assert [sentence for sentence in told if sentence in above] == []


def test_a_headline_says_where_the_cost_of_goods_behind_it_is_assumed(made: Path, tmp_path: Path) -> None:
    shutil.copytree(made / "reports" / PERIOD, tmp_path / PERIOD)
    folder = tmp_path / PERIOD / UNIT
    manifest, path = json.loads((folder / "manifest.json").read_text("utf-8")), folder / "tables/channel_profit.parquet"
    profit = pd.read_parquet(path)
    for share, said in ((0.05, False), (0.8, True)):
        profit.assign(assumed_cogs=share * profit["cogs"]).to_parquet(path)
        portal(tmp_path, "en")
        for page in (executive(folder, manifest, Reader()).page, (tmp_path / "index.html").read_text("utf-8")):
            assert ("80% of the cost of goods is assumed." in page) == said


def test_where_the_ledger_books_little_the_summary_leads_with_what_customers_leave(made: Path, tmp_path: Path) -> None:
    shutil.copytree(made / "reports" / PERIOD, tmp_path / PERIOD)
    folder = tmp_path / PERIOD / UNIT
    manifest, tables = json.loads((folder / "manifest.json").read_text("utf-8")), folder / "tables"
    resources, statement = (pd.read_parquet(tables / f"{name}.parquet") for name in ("resources", "statement"))
    left = pd.read_parquet(tables / "channel_profit.parquet")["profit"].sum()
    moved = bridge_message(pd.read_parquet(tables / "bridge.parquet"), Reader())
    led = f"What customers leave after being served is {Reader().money(left, compact=True)}. "
    beyond = -statement.set_index("line")["amount"]["cost_to_serve"]
    for share, ledger, follows in (
        (0.2, resources["ledger"], ""),
        (0.8, resources["ledger"], "Operating profit, "),
        (1.0, 0.0, "No ledger is given, so operating profit is not known."),
    ):
        resources.assign(ledger=ledger).to_parquet(tables / "resources.parquet")
        is_outside = statement["line"] == "outside_ledger"
        amounts = statement["amount"].mask(is_outside, share * beyond)
        statement.assign(amount=amounts).to_parquet(tables / "statement.parquet")
        portal(tmp_path, "en")
        told = unescape(executive(folder, manifest, Reader()).page).replace("\u2060", "")
        told = told.split('<details class="more">')[0]
        assert (led + follows in told) == bool(follows)
        assert ('class="name">Operating profit' in told, 'class="name">Profit' in told) == (not follows, bool(follows))
        assert (moved in told, moved in (tmp_path / "index.html").read_text("utf-8")) == (share < 1, share < 1)


@pytest.mark.browser
@pytest.mark.parametrize("language", ["en", "es"])
def test_the_executive_page_is_one_screen_and_one_more_and_two_printed_pages(
    made: Path, tmp_path: Path, language: str
) -> None:
    folder = made / "reports" / PERIOD / UNIT
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    shown = tmp_path / "index.html"
    shown.write_text(executive(folder, manifest, reader_of(folder, manifest, language)).page, encoding="utf-8")
    with new_page(1280, 800) as page:
        page.goto(shown.as_uri())
        first = page.evaluate("document.getElementById('customers').getBoundingClientRect().top")
        assert 600 < first <= 800  # what is proposed ends with the first screen
        assert page.evaluate("document.documentElement.scrollHeight") <= 1600
        assert page.evaluate(_SMALLEST) >= 11
        page.set_viewport_size({"width": 390, "height": 844})
        page.reload()  # a page that is only made narrower swaps its figures when it has time
        page.wait_for_function(_DRAWN)
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        assert page.evaluate(_SMALLEST) >= 11
    print_pages(tmp_path, lambda text: None)
    assert len(re.findall(rb"/Type\s*/Page\b", shown.with_suffix(".pdf").read_bytes())) == 2


def test_a_notebook_shows_alone_what_it_shows_in_the_warm_kernel(made: Path, tmp_path: Path) -> None:
    folder = made / "reports" / PERIOD / UNIT
    for name in ("02_segment", "05_govern"):
        warm = nbformat.read(folder / "notebooks" / f"{name}.ipynb", as_version=4)
        source = Path(__file__).parent.parent / "notebooks" / f"{name}.ipynb"
        alone = papermill.execute_notebook(source, tmp_path / "alone.ipynb", arguments(made), progress_bar=False)
        for one, other in zip(warm.cells, alone.cells, strict=True):
            assert one.source == other.source or "injected-parameters" in one.metadata.tags
            assert one.get("outputs") == other.get("outputs")


def test_a_cell_that_fails_is_named(tmp_path: Path) -> None:
    failing = new_notebook(cells=[new_markdown_cell("# A"), new_code_cell("1 + 1"), new_code_cell("1 / 0")])
    nbformat.write(failing, tmp_path / "09_failing.ipynb")
    with WarmKernel(tmp_path) as kernel, pytest.raises(NotebookError) as raised:
        kernel.run(tmp_path / "09_failing.ipynb", tmp_path / "out" / "09_failing.ipynb", {})
    assert raised.value.where == "09_failing.ipynb, cell 3"
    assert "ZeroDivisionError: division by zero" in raised.value.problem
    assert (tmp_path / "out" / "09_failing.ipynb").exists()


def test_a_notebook_finds_nothing_of_the_one_before(tmp_path: Path) -> None:
    for name, source in (("first", "left = 1"), ("second", "'left' in dir()")):
        nbformat.write(new_notebook(cells=[new_code_cell(source)]), tmp_path / f"{name}.ipynb")
    with WarmKernel(tmp_path) as kernel:
        kernel.run(tmp_path / "first.ipynb", tmp_path / "out" / "first.ipynb", {})
        second = kernel.run(tmp_path / "second.ipynb", tmp_path / "out" / "second.ipynb", {})
    assert second.cells[0].outputs[0].data["text/plain"] == "False"
    assert second.cells[0].execution_count == 1


def test_a_figure_that_vanished_is_an_error() -> None:
    shown = new_output("execute_result", {"text/html": "<p>"})
    cells = [new_code_cell("display.notes([], reader)", outputs=[shown]), new_code_cell("charts.bridge(a, b, reader)")]
    with pytest.raises(NotebookError, match="cell 2: 0 of 1 figures"):
        check_outputs(new_notebook(cells=cells), "05_govern.ipynb")


def test_only_figures_and_tables_are_counted() -> None:
    assert shown_by("book.table('kpis')") == 0
    assert shown_by("charts.capacity(book.table('resources'), book.reader)") == 1


def test_a_page_is_told_in_the_readers_language() -> None:
    heading = "## Actions\n\nWhat is to be done, by whom and until when. A saving counts when the ledger shows it."
    reader = Reader("es", "EUR")
    page = render(
        new_notebook(cells=[new_markdown_cell(heading)]), unit_page("05_govern", "Sur & Co", "2026", reader), reader
    )
    assert '<html lang="es">' in page
    assert "Acciones</h2>" in page
    assert "Sur &amp; Co" in page


def test_the_portal_shows_reports_failures_and_history(made: Path, tmp_path: Path) -> None:
    out = tmp_path / "reports"
    shutil.copytree(made / "reports", out)
    history = out / "2026-Q2" / UNIT
    shutil.copytree(out / PERIOD / UNIT / "tables", history / "tables")
    manifest = json.loads((out / PERIOD / UNIT / "manifest.json").read_text(encoding="utf-8"))
    (history / "manifest.json").write_text(json.dumps(manifest | {"period": "2026-Q2"}), encoding="utf-8")
    failed = {
        "unit": "sur",
        "label": "Sur <b>",
        "period": PERIOD,
        "state": "failed",
        "error": "ledger: nothing covers it",
    }
    (out / PERIOD / "sur").mkdir()
    (out / PERIOD / "sur" / "manifest.json").write_text(json.dumps(failed), encoding="utf-8")
    portal(out, "en")
    page = (out / "index.html").read_text(encoding="utf-8")
    assert f'<a href="{PERIOD}/{UNIT}/index.html">Iberia</a>' in page
    assert "Sur &lt;b&gt;, 2026-Q3</strong>: ledger: nothing covers it" in page
    assert page.count("2026-Q2") == 1
    assert "2026-Q2/" not in page
    assert page.count('<svg class="trend"') == 5
    assert "in 2 periods" in page
    assert re.search(r"[✓≈✗] \d of \d met", page)
    assert re.search(r"\d+ actions open, the first \d+ \w+ \d{4}", page)
    bridge = bridge_message(pd.read_parquet(out / PERIOD / UNIT / "tables" / "bridge.parquet"), Reader())
    assert f">{bridge}</td>" in page


def test_the_portal_shows_units_of_several_currencies_in_one_where_params_give_rates(
    made: Path, tmp_path: Path
) -> None:
    out = tmp_path / "reports"
    shutil.copytree(made / "reports" / PERIOD / UNIT, out / PERIOD / UNIT)
    path = out / PERIOD / UNIT / "manifest.json"
    manifest = json.loads(path.read_text(encoding="utf-8")) | {"currency": "SEK"}
    kpis, statement = (pd.read_parquet(path.parent / "tables" / f"{name}.parquet") for name in ("kpis", "statement"))
    operating = statement.set_index("line")["amount"]["operating_profit"]
    unit = kpis[(kpis["segment"] == "(all)") & (kpis["channel"] == "(all)")].set_index("kpi")["value"]
    for rates, currency, rate in (({}, "SEK", 1.0), ({"SEK": 0.25}, "EUR", 0.25)):
        manifest["params"]["governance"]["portal"] = {"currency": "EUR", "rates": rates}
        path.write_text(json.dumps(manifest), encoding="utf-8")
        portal(out, "en")
        page = (out / "index.html").read_text(encoding="utf-8")
        reader = Reader("en", currency)
        assert f">{reader.money(unit['net_sales'] * rate, compact=True)}<" in page
        assert f">{reader.money(operating * rate, compact=True)}<" in page
        assert f">{reader.measure(unit['on_time'], 'on_time', compact=True)}<" in page


def test_the_portal_says_in_any_language_what_each_limit_would_have_to_give(tmp_path: Path) -> None:
    note = Note("Alone, {limit} would have to be {needed}; it is {now}.", {"limit": "strategy.budget", "needed": "50"})
    note.values["now"] = "10"
    failed = {"unit": "sur", "period": PERIOD, "state": "failed", "error": "strategy: …", "remarks": [note.stored]}
    (tmp_path / PERIOD / "sur").mkdir(parents=True)
    (tmp_path / PERIOD / "sur" / "manifest.json").write_text(json.dumps(failed), encoding="utf-8")
    portal(tmp_path, "es")
    told = "Ningún plan respeta todos los límites. Por sí solo, strategy.budget tendría que ser 50; es 10."
    assert told in (tmp_path / "index.html").read_text(encoding="utf-8")


def test_the_mail_of_a_period_says_what_the_summary_says_first(made: Path, pages: dict[str, str]) -> None:
    folder = made / "reports" / PERIOD
    plain, page = ((folder / name).read_text(encoding="utf-8") for name in ("mail.md", "mail.html"))
    told = json.loads((folder / UNIT / "mail.json").read_text(encoding="utf-8"))
    assert len(told["headlines"]) >= 6
    assert len(told["actions"]) == 5
    summary = unescape(pages["index"]).replace("\u2060", "")  # which keeps a minus with its number
    for text in told["headlines"]:
        assert text in summary
    for text in (*told["headlines"], *told["signals"], *told["actions"]):
        assert f"- {text}\n" in unescape(plain)
        assert f">{text}</li>" in unescape(page)
    assert f"## [Iberia]({UNIT}/index.html)" in plain
    assert "src=" not in page
    assert "http" not in page


def test_a_mail_escapes_what_is_not_its_own(tmp_path: Path) -> None:
    (tmp_path / PERIOD / "sur").mkdir(parents=True)
    told = {"label": HOSTILE, "headlines": [HOSTILE], "signals": [], "actions": []}
    (tmp_path / PERIOD / "sur" / "mail.json").write_text(json.dumps(told), encoding="utf-8")
    write_mails(tmp_path, "en")
    for name in ("mail.md", "mail.html"):
        text = (tmp_path / PERIOD / name).read_text(encoding="utf-8")
        assert "<script>" not in text
        assert text.count("&lt;script&gt;") == 2


@pytest.mark.parametrize("text", ["", "[]", "null", "{"])
def test_a_manifest_that_cannot_be_read_stops_neither_the_portal_nor_its_unit(tmp_path: Path, text: str) -> None:
    folder = tmp_path / PERIOD / "sur"
    folder.mkdir(parents=True)
    (folder / "manifest.json").write_text(text, encoding="utf-8")
    assert read_manifest(folder) is None
    portal(tmp_path, "en")
    told = "sur, 2026-Q3</strong>: manifest.json cannot be read: run the period again"
    assert told in (tmp_path / "index.html").read_text(encoding="utf-8")


def test_a_portal_over_nothing_says_so(tmp_path: Path) -> None:
    portal(tmp_path, "es")
    assert "Aún no se ha ejecutado nada." in (tmp_path / "index.html").read_text(encoding="utf-8")
