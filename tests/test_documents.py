"""What pages show can be used, and those that `make docs` writes say what tables and params say of themselves."""

from __future__ import annotations

import re
from pathlib import Path

import documents
import pytest
import yaml

from cts_lib.model.compiled import compile_model
from cts_lib.params import Params
from cts_lib.params.loading import merge


@pytest.mark.parametrize("name", documents.PAGES)
def test_a_page_is_as_make_docs_would_write_it(name: str) -> None:
    assert (documents.DOCS / name).read_text(encoding="utf-8") == documents.PAGES[name](), "make docs writes it anew"


def test_every_parameter_says_what_it_means() -> None:
    models = documents.places(Params)
    assert not [
        (model, name) for model in models for name, field in model.model_fields.items() if not field.description
    ]
    assert len(models) > 10


WRITTEN = sorted(documents.DOCS.rglob("*.md"))
SAMPLE = yaml.safe_load((documents.DOCS.parent / "params" / "defaults.yml").read_text(encoding="utf-8"))
EXTRAS = {"customers": {}, "products": {}, "order_lines": {}, "events": {}, "ledger": {}, "inventory": {}}


def blocks(page: Path, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", page.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("page", WRITTEN, ids=lambda page: page.stem)
def test_params_that_a_page_shows_can_be_used(page: Path) -> None:
    for block in blocks(page, "yaml"):
        shown = yaml.safe_load(block)
        usual = {"source": {"path": "data"}} if "source" not in shown else {}
        model = SAMPLE["cost_model"] if page.stem == "tutorial" else {"resources": {}, "activities": {}}
        params = Params.model_validate(merge(usual | {"cost_model": model}, shown))
        assert not params.cost_model.problems()
        assert len(compile_model(params.cost_model, EXTRAS)) == len(params.cost_model.activities)


def test_the_cookbook_has_its_twenty_activities() -> None:
    activities = yaml.safe_load(blocks(documents.DOCS / "cookbook.md", "yaml")[0])["cost_model"]["activities"]
    assert len(activities) == 20


@pytest.mark.parametrize("page", [*WRITTEN, *documents.DOCS.parent.glob("*.md")], ids=lambda page: page.stem)
def test_a_link_leads_to_a_file_of_the_repository(page: Path) -> None:
    links = re.findall(r"\]\(([^)#]+)", page.read_text(encoding="utf-8"))
    assert not [link for link in links if "://" not in link and not (page.parent / link).exists()]
