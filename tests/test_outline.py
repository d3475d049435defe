"""A stage's page: its headings, its folds and its contents."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from cts_lib.display import Reader
from cts_lib.reporting.page import unit_page
from cts_lib.reporting.render import render


def shown(text: str, *tags: str) -> dict[str, object]:
    output = new_output("execute_result", {"text/html": f"<p>{text}</p>"})
    return new_code_cell("", outputs=[output], metadata={"tags": list(tags)})


def page(*cells: dict[str, object]) -> str:
    reader = Reader("en", "EUR")
    named = [NotebookNode(cell, id=f"c{at}") for at, cell in enumerate(cells)]
    return render(new_notebook(cells=named), unit_page("05_govern", "Sur", "2026", reader), reader)


def headed(text: str, *tags: str) -> dict[str, object]:
    return new_markdown_cell(text, metadata={"tags": list(tags)})


CELLS = st.one_of(
    st.builds(headed, st.sampled_from(["## A & B", "### C\n\nwords", "## D\n\nmore"]), st.sampled_from(["fold", "x"])),
    st.builds(shown, st.sampled_from(["figure"]), st.sampled_from(["half", "x"])),
    st.just(new_markdown_cell("only words")),
)


@given(st.lists(CELLS, max_size=12))
def test_every_fold_that_opens_closes_and_nothing_is_lost(cells: list[dict[str, object]]) -> None:
    written = page(headed("# Title"), *cells)
    assert written.count("<details") == written.count("</details>") == sum("fold" in folded(cell) for cell in cells)
    depth = 0
    for opened, closed in re.findall(r"(<details)|(</details>)", written):
        depth += bool(opened) - bool(closed)
        assert 0 <= depth <= 2
    assert written.count("<p>figure</p>") == sum(cell["cell_type"] == "code" for cell in cells)
    headings = [cell for cell in cells if str(cell["source"]).startswith("##")]
    assert len(re.findall(r"<h[23]", written)) == len(headings)


def folded(cell: dict[str, object]) -> list[str]:
    metadata = cell["metadata"]
    assert isinstance(metadata, dict)
    return metadata.get("tags", []) if cell["cell_type"] == "markdown" else []


def test_a_fold_lasts_until_the_next_heading_of_its_level() -> None:
    written = page(
        headed("# Title"),
        headed("## One", "fold"),
        headed("### Below", "fold"),
        shown("in both"),
        headed("## Two"),
        shown("in none"),
    )
    closed = written.rindex("</details>")
    assert written.index("in both") < closed < written.index("in none")
    assert re.findall(r'<a href="#(\w+)">(One|Two|Below)</a>', written) == [("s1", "One"), ("s4", "Two")]
    assert 'id="s1"' in written
    assert '<h2 id="s4">Two</h2>' in written


def test_halves_stand_beside_each_other() -> None:
    written = page(headed("# Title"), shown("one", "half"), shown("two"))
    assert re.findall(r'<div class="output half">.*?<p>(\w+)</p>', written, re.DOTALL) == ["one"]


def test_a_picture_of_a_users_cell_gets_an_alternative_text() -> None:
    described = page(shown('<img alt="a plan" src="plan.png">'))
    assert '<img alt="a plan" src="plan.png"/>' in described
    assert 'alt="No description' in page(shown('<img src="plan.png">'))
