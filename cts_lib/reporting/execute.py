"""Run a unit's notebooks, make sure that nothing is missing, and write them as pages."""

from __future__ import annotations

import ast
import json
import tempfile
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from nbformat import NotebookNode

from cts_lib.bundle import bundled
from cts_lib.display import Reader, labels_of, names_of, names_of_segments
from cts_lib.errors import NotebookError
from cts_lib.params import Params
from cts_lib.reporting.executive import executive
from cts_lib.reporting.kept import PAGES, Kept
from cts_lib.reporting.kernel import WarmKernel
from cts_lib.reporting.mail import UNIT
from cts_lib.reporting.page import NOTEBOOKS, unit_page
from cts_lib.reporting.render import render
from cts_lib.store import read_table, write_text

_SHOWING = frozenset({"charts", "display"})


def _silent(message: str) -> None:
    """Say nothing."""


def report_unit(
    folder: Path,
    arguments: dict[str, Any],
    progress: Callable[[str], None] = _silent,
    params: Mapping[str, Any] | None = None,
    kept: Kept | None = None,
) -> None:
    """Execute the five notebooks of a unit and period and write its six pages.

    Parameters
    ----------
    folder : Path
        ``<out>/<period>/<unit>`` with the manifest and the tables.
    arguments : dict
        The notebooks' parameters: unit, period, params, out, overrides, language.
    progress : callable
        Told the name of each page before it is made.
    params : mapping, optional
        The merged params, for an edition whose manifest does not tell them: a shared one. Its pages leave out the
        cells tagged ``private``, and its notebooks do not stay.
    kept : Kept, optional
        Pages that are taken where they rest on the same; what that is, the manifest says under ``pages``.

    Raises
    ------
    NotebookError
        Naming the cell that failed or that shows less than it should.
    """
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    tree, is_shared = params or manifest["params"], bool(manifest.get("shared"))
    reader = reader_of(folder, manifest, str(arguments.get("language") or "en"), tree)
    missing = [name for name in PAGES if not (kept and kept.take(name, folder))]
    with ExitStack() as until, tempfile.TemporaryDirectory() as apart:
        kernel = until.enter_context(WarmKernel(folder)) if set(missing) - {"index"} else None
        for name in NOTEBOOKS:
            if kernel is None or name not in missing:
                continue
            progress(name)
            source, place = bundled("notebooks") / f"{name}.ipynb", folder / "notebooks"
            if is_shared:
                source, place = _without_private(source, Path(apart)), Path(apart) / "executed"
            executed = kernel.run(source, place / source.name, arguments)
            check_outputs(executed, source.name)
            page = unit_page(name, manifest["label"], manifest["period"], reader, is_shared)
            write_text(folder / f"{name}.html", render(executed, page, reader))
            if kept:
                kept.keep(name, folder)
    if "index" in missing:
        progress("index")
        summary = executive(folder, manifest, reader)
        write_text(folder / "index.html", summary.page)
        write_text(folder / UNIT, json.dumps(summary.mail, ensure_ascii=False, indent=1))


def reader_of(folder: Path, manifest: dict[str, Any], language: str, params: Mapping[str, Any] | None = None) -> Reader:
    """Return who reads a unit's folder: in its currency, with the words of its params and the names of its segments."""
    tree = params or manifest["params"]
    labels, names = manifest.get("labels") or labels_of(tree), names_of(Params.model_validate(tree))
    reader = Reader(language, manifest["currency"], labels, names)
    return reader.knowing(names_of_segments(read_table(folder, "segment_names")))


def _without_private(notebook: Path, to: Path) -> Path:
    """Write a notebook without the cells that show rows or ask the source, and return where."""
    read = json.loads(notebook.read_text(encoding="utf-8"))
    read["cells"] = [cell for cell in read["cells"] if "private" not in cell["metadata"].get("tags", [])]
    written = to / notebook.name
    write_text(written, json.dumps(read))
    return written


def check_outputs(notebook: NotebookNode, name: str) -> None:
    """Raise if a cell shows fewer figures and tables than it calls for: a figure can vanish without an error."""
    cells = [cell for cell in notebook.cells if "injected-parameters" not in cell.metadata.get("tags", [])]
    for position, cell in enumerate(cells, start=1):
        if cell.cell_type != "code":
            continue
        called = shown_by(cell.source)
        shown = sum("text/html" in output.get("data", {}) for output in cell.outputs)
        if shown < called:
            problem = f"{shown} of {called} figures and tables were shown"
            raise NotebookError(f"{name}, cell {position}", problem, "each call of charts or display shows one")


def shown_by(source: str) -> int:
    """Return how many figures and tables a cell calls for.

    >>> shown_by("charts.whale_curve(book.table('customer_profit'), book.reader)")
    1
    """
    return sum(
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id in _SHOWING
        for node in ast.walk(ast.parse(source))
    )
