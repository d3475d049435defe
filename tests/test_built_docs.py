"""The docs are built without a warning, and a page needs nothing from elsewhere."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import documents
import pytest

pytestmark = pytest.mark.docs


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The docs as ``make docs`` builds them."""
    folder = tmp_path_factory.mktemp("docs")
    recipe = (documents.DOCS.parent / "Makefile").read_text(encoding="utf-8")
    options = re.findall(r"sphinx-build (.+) docs build/docs", recipe)[0].split()
    command = [sys.executable, "-m", "sphinx", *options, str(documents.DOCS), str(folder)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return folder


def test_every_page_is_built(built: Path) -> None:
    pages = [path.relative_to(documents.DOCS).with_suffix(".html") for path in documents.DOCS.rglob("*.md")]
    assert len(pages) > 20
    assert not [page for page in pages if not (built / page).exists()]


def test_nothing_points_outside_but_the_credit_to_the_theme(built: Path) -> None:
    pages = {page: page.read_text(encoding="utf-8") for page in built.rglob("*.html")}
    links = {
        link for text in pages.values() for link in re.findall(r"""(?:href|src)=["']((?:https?:)?//[^"']+)""", text)
    }
    assert links == {"https://github.com/pradyunsg/furo"}
    fetched = r"(?:@import|url\()\s*[\"']?((?:https?:)?//[^)\"']+)"
    assert not [sheet for sheet in built.rglob("*.css") if re.search(fetched, sheet.read_text(encoding="utf-8"))]
