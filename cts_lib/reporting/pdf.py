"""Pages as PDF: Chromium prints them by their own style for print, in which folds are open and headings repeat."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path

from cts_lib.errors import NotebookError, ParamsError

CHROMIUM = "CTS_CHROMIUM"
"""The environment variable that names the browser, where it is none of those looked for."""
_KNOWN = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "msedge")
_SECONDS = 180
_LINK = re.compile(r'(<a\b[^>]*?)\s+href="(?!#|https?:)[^"]*"')


def find_chromium() -> str:
    """Return the browser that prints; a ParamsError where there is none."""
    asked = os.environ.get(CHROMIUM)
    found = next((path for name in ([asked] if asked else _KNOWN) if (path := shutil.which(name))), None)
    if found is None:
        missing = f"no program {asked!r} ({CHROMIUM})" if asked else "no Chromium found"
        raise ParamsError("--pdf", missing, f"install Chromium, or name one in {CHROMIUM}")
    return found


def print_pages(folder: Path, progress: Callable[[str], None]) -> None:
    """Write each page of a folder as PDF beside it, but where one came with its page.

    Links to other pages are taken out: a PDF goes alone, and would lead to where the page stood when it was printed.
    """
    browser = find_chromium()
    for page in sorted(folder.glob("*.html")):
        if page.with_suffix(".pdf").exists():
            continue
        progress(f"{page.stem}.pdf")
        with tempfile.TemporaryDirectory() as apart:
            alone, written = Path(apart) / page.name, Path(apart) / "page.pdf"
            alone.write_text(without_links(page.read_text(encoding="utf-8")), encoding="utf-8")
            _print(browser, alone, written, Path(apart) / "profile")
            shutil.copyfile(written, page.with_suffix(".pdf"))


def without_links(page: str) -> str:
    """Return a page whose links lead within it, or to the network.

    >>> without_links('<a class="x" href="01_profile.html">Profile</a> <a href="#top">up</a>')
    '<a class="x">Profile</a> <a href="#top">up</a>'
    """
    return _LINK.sub(r"\1", page)


def _print(browser: str, page: Path, written: Path, profile: Path) -> None:
    command = [browser, "--headless", "--disable-gpu", "--no-pdf-header-footer", f"--user-data-dir={profile}"]
    if hasattr(os, "geteuid") and os.geteuid() == 0:  # whom Chromium gives no sandbox; the page is the workbook's own
        command.append("--no-sandbox")
    command += [f"--print-to-pdf={written}", page.as_uri()]
    try:
        ran = subprocess.run(command, capture_output=True, timeout=_SECONDS, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise NotebookError(page.name, f"{browser} did not print it: {error}", "run without --pdf") from error
    if not written.exists():
        said = ran.stderr.decode(errors="replace").strip().splitlines()[-1:] or [f"exit status {ran.returncode}"]
        raise NotebookError(page.name, f"{browser} did not print it: {said[0]}", "run without --pdf")
