"""Published worked examples are found again, and docs/proof.md tells them as they are."""

from __future__ import annotations

import pytest
from proof import DOCUMENT, EXAMPLES, document, figures


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_published_figure_is_found_again(name: str) -> None:
    assert [figure for figure in figures(name) if not figure.holds] == []


def test_all_examples_are_there_with_all_their_figures() -> None:
    assert len(EXAMPLES) == 16
    assert sum(len(example["figures"]) for example in EXAMPLES.values()) == 110


def test_the_document_of_proof_tells_the_figures_of_today() -> None:
    assert DOCUMENT.read_text(encoding="utf-8") == document()
