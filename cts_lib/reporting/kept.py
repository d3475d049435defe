"""Pages that are not made again: they rest on what they rested on when an earlier run made them."""

from __future__ import annotations

import ast
import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cts_lib.bundle import bundled
from cts_lib.reporting.mail import UNIT
from cts_lib.reporting.page import NOTEBOOKS
from cts_lib.run.stages import NEEDS, STAGES
from cts_lib.run.versions import code
from cts_lib.store import is_whole, noted, read_manifest
from cts_lib.tables import OUTPUTS

PAGES = (*NOTEBOOKS, "index")


def page_prints(manifest: Mapping[str, Any], arguments: Mapping[str, Any]) -> dict[str, str]:
    """Return for each page what is the same for the same notebook, arguments, params, and stages that it reads.

    Parameters
    ----------
    manifest : mapping
        Of the unit's period: its fingerprints, notes and params.
    arguments : mapping
        The notebooks' parameters.
    """
    return {page: _print(page, manifest, arguments) for page in PAGES}


def _print(page: str, manifest: Mapping[str, Any], arguments: Mapping[str, Any]) -> str:
    path = bundled("notebooks") / f"{page}.ipynb"
    notebook = path.read_text(encoding="utf-8") if page in NOTEBOOKS else ""
    stages = _read(notebook) if notebook else set(STAGES)
    prints = {stage: manifest["fingerprints"].get(stage) for stage in sorted(stages)}
    notes = [note for note in manifest["notes"] if note["stage"] in stages]
    rests_on = [code(), notebook, arguments, manifest["label"], manifest["params"], prints, notes]
    return hashlib.sha256(json.dumps(rests_on, sort_keys=True, default=str).encode()).hexdigest()


def _read(notebook: str) -> set[str]:
    """Return the stages whose tables a notebook names, those that they need, and segment, whose names all pages use."""
    cells = ("".join(cell["source"]) for cell in json.loads(notebook)["cells"] if cell["cell_type"] == "code")
    texts = {node.value for cell in cells for node in ast.walk(ast.parse(cell)) if isinstance(node, ast.Constant)}
    named = {OUTPUTS[text].stage for text in texts if isinstance(text, str) and text in OUTPUTS}
    return {need for stage in (*named, "segment") for need in (*NEEDS[stage], stage)}


@dataclass(frozen=True)
class Kept:
    """Where pages of earlier runs may stand; the last place keeps those of this run until it is at its end.

    With ``pdf`` a page's PDF comes with it.
    """

    places: Sequence[Path]
    pdf: bool = False

    def take(self, page: str, folder: Path) -> bool:
        """Put a page that rests on the same into the folder, if there is one; return whether there was."""
        printed = _pages(folder)[page]
        for place in self.places:
            manifest = read_manifest(place) or {}
            is_same = manifest.get("pages", {}).get(page) == printed and is_there(page, place)
            if is_same and is_whole(place, manifest, *_files(page), f"{page}.pdf"):
                also = [f"{page}.pdf"] if self.pdf and (place / f"{page}.pdf").is_file() else []
                for name in (*_files(page), *also):
                    _link(place / name, folder / name)
                return True
        return False

    def keep(self, page: str, folder: Path) -> None:
        """Keep a page of the folder for the next run, should this one not come to its end."""
        place = self.places[-1]
        with noted(place, "pages", page, _pages(folder)[page], *_files(page)):
            for name in _files(page):
                _link(folder / name, place / name)


def _pages(folder: Path) -> dict[str, str]:
    pages: dict[str, str] = (read_manifest(folder) or {}).get("pages", {})
    return pages


def is_there(page: str, folder: Path) -> bool:
    """Return whether all files of a page are in a folder."""
    return all((folder / name).is_file() for name in _files(page))


def _files(page: str) -> tuple[str, ...]:
    return (f"{page}.html", f"notebooks/{page}.ipynb") if page in NOTEBOOKS else (f"{page}.html", UNIT)


def _link(path: Path, to: Path) -> None:
    to.parent.mkdir(parents=True, exist_ok=True)
    to.unlink(missing_ok=True)
    os.link(path, to)
