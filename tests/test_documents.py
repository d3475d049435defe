"""The pages that `make docs` writes say what tables and params say of themselves."""

from __future__ import annotations

import documents
import pytest

from cts_lib.params import Params


@pytest.mark.parametrize("name", documents.PAGES)
def test_a_page_is_as_make_docs_would_write_it(name: str) -> None:
    assert (documents.DOCS / name).read_text(encoding="utf-8") == documents.PAGES[name](), "make docs writes it anew"


def test_every_parameter_says_what_it_means() -> None:
    models = documents.places(Params)
    assert not [
        (model, name) for model in models for name, field in model.model_fields.items() if not field.description
    ]
    assert len(models) > 10
