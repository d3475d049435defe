from __future__ import annotations

import ast
from pathlib import Path

import nbformat
import pytest
from nbformat import NotebookNode

from cts_lib import charts, display
from cts_lib.bundle import bundled
from cts_lib.reporting.page import NOTEBOOKS

PATHS = sorted(bundled("notebooks").glob("*.ipynb"))
PANEL = "book.panel()"
PARAMETERS = {
    "unit": None,
    "period": None,
    "params": "../params",
    "out": "../reports",
    "overrides": [],
    "language": "en",
}


def read(path: Path) -> NotebookNode:
    return nbformat.read(path, as_version=4)


def code(notebook: NotebookNode) -> list[NotebookNode]:
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def calls(source: str) -> list[tuple[str, str]]:
    return [
        (node.func.value.id, node.func.attr)
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and isinstance(node.func.value, ast.Name)
    ]


def test_the_notebooks_are_the_five_stages() -> None:
    assert tuple(path.stem for path in PATHS) == NOTEBOOKS


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_a_notebook_is_valid_clean_and_tells_no_machine(path: Path) -> None:
    notebook = read(path)
    nbformat.validate(notebook)
    assert (notebook.nbformat, notebook.nbformat_minor) == (4, 5)
    assert set(notebook.metadata) == {"kernelspec"}
    assert notebook.metadata.kernelspec.name == "python3"
    assert all(cell.execution_count is None and not cell.outputs for cell in code(notebook))


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_a_notebook_opens_with_its_question_its_parameters_and_the_workbook(path: Path) -> None:
    notebook = read(path)
    assert notebook.cells[0].source.startswith("# ")
    assert "?**" in notebook.cells[0].source
    first, second = code(notebook)[:2]
    assert first.metadata.tags == ["parameters"]
    given = {node.targets[0].id: ast.literal_eval(node.value) for node in ast.parse(first.source).body}
    assert given == PARAMETERS
    assert second.source == code(read(PATHS[0]))[1].source


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_a_cell_shows_one_thing_in_at_most_ten_lines(path: Path) -> None:
    for cell in code(read(path))[2:]:
        assert len(cell.source.splitlines()) <= 10
        assert len(ast.parse(cell.source).body) == 1
        shown = [(room, name) for room, name in calls(cell.source) if room in ("charts", "display")]
        assert len(shown) == 1 or cell.source == PANEL
        assert all(name in {"charts": charts, "display": display}[room].__all__ for room, name in shown)


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_a_notebook_has_one_panel_that_no_shared_edition_shows(path: Path) -> None:
    panels = [cell for cell in code(read(path)) if cell.source == PANEL]
    assert [cell.metadata.tags for cell in panels] == [["private"]]


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_a_notebook_prints_what_its_stage_assumed(path: Path) -> None:
    stage = path.stem.split("_", 1)[1]
    assert any(f'book.notes("{stage}")' in cell.source for cell in code(read(path)))


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_every_figure_stands_under_words(path: Path) -> None:
    cells = read(path).cells[3:]
    headings = [cell for cell in cells if cell.cell_type == "markdown" and cell.source.startswith("## ")]
    assert headings
    assert cells[0].cell_type == "markdown"
