"""Every catalogue is complete, and what an analyst edits is never shown in a translation of something else."""

from __future__ import annotations

import io
import json

import messages
import pytest
from babel.messages import Catalog
from hypothesis import given
from hypothesis import strategies as st

from cts_lib.bundle import bundled
from cts_lib.display import Reader, domains
from cts_lib.display.catalogue import message_id
from cts_lib.notes import counted
from cts_lib.params.labels import LANGUAGES, LOCALE

CATALOGUES = sorted(path.stem for path in LOCALE.glob("*.po"))


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Catalog:
    path = tmp_path_factory.mktemp("messages") / "messages.pot"
    messages.extract(path)
    return messages.read(path)


def cell(name: str) -> str:
    """The English text of a Markdown cell."""
    notebook = json.loads((bundled("notebooks") / "01_profile.ipynb").read_text(encoding="utf-8"))
    return next("".join(item["source"]) for item in notebook["cells"] if item["id"] == name)


@pytest.mark.parametrize("language", CATALOGUES)
def test_a_catalogue_is_complete_and_fills_in_the_same_values(language: str, template: Catalog) -> None:
    assert messages.lacking(messages.read(LOCALE / f"{language}.po"), template) == {}


def test_code_word_lists_and_notebooks_are_all_extracted(template: Catalog) -> None:
    places = {place for message in template for place, _ in message.locations}
    assert {"cts_lib/display/words.py", "cts_lib/display/domains.py", "cts_lib/profile/remarks.py"} <= places
    assert {f"notebooks/{path.name}" for path in bundled("notebooks").glob("*.ipynb")} <= places


def test_an_edited_cell_is_shown_as_edited_and_told_as_untranslated() -> None:
    reader, source = Reader("es"), cell("profile-00")
    edited = source.replace("each customer", "every customer")
    assert reader.text(source).startswith("# Perfil")
    assert reader.text(edited) == edited != source
    notebook = {"cells": [{"cell_type": "markdown", "id": "profile-00", "source": [edited]}]}
    template = Catalog()
    for _, _, name, comments in messages.cells(io.BytesIO(json.dumps(notebook).encode()), (), (), {}):
        template.add(name, auto_comments=comments)
    kept = messages.read(LOCALE / "es.po")
    wrong = messages.lacking(kept, template)
    [untranslated] = [name for name, what in wrong.items() if what == "is not translated"]
    assert untranslated.startswith("cell profile-00, # Profile **What does it cost")
    kept.update(template)
    assert messages.lacking(kept, template)[untranslated] == "was changed since it was translated"


def test_a_translation_with_a_form_or_a_value_too_few_is_told() -> None:
    template, catalogue = Catalog(), Catalog(locale="es")
    template.add(("{count} row", "{count} rows"))
    template.add("{name} is new")
    catalogue.add(("{count} row", "{count} rows"), ("{count} fila", ""))
    catalogue.add("{name} is new", "{nombre} es nuevo")
    catalogue.add("gone", "ido")
    assert messages.lacking(catalogue, template) == {
        "{count} row": "is not translated",
        "{name} is new": "fills in other values than {name} is new",
        "gone": "is said no more",
    }


@given(st.text(min_size=101, max_size=400), st.text(min_size=101, max_size=400))
def test_long_messages_have_short_ids_of_their_own(one: str, other: str) -> None:
    assert len(message_id(one)) < 50
    assert (message_id(one) == message_id(other)) == (one == other)


@pytest.mark.parametrize("language", ["en", *CATALOGUES])
def test_one_is_counted_in_the_singular_by_every_note_and_sentence(language: str, template: Catalog) -> None:
    reader = Reader(language)
    forms = [messages.english(message) for message in template if isinstance(message.id, tuple)]
    assert len(forms) > 20
    for one, many in forms:
        filled = dict.fromkeys({name for text in messages.values([one, many]) for name in text} - {"count"}, "x")
        said = {count: reader.plural(one, many, count, **filled) for count in (1, 2)}
        assert said[1] != said[2]
        note = counted(one, many, filled | {"count": 1})
        assert reader.remark(note.stored) == said[1][:1].upper() + said[1][1:]


@pytest.mark.parametrize("language", LANGUAGES[1:])
def test_every_word_of_a_domain_is_in_the_catalogue(language: str) -> None:
    kept = messages.read(LOCALE / f"{language}.po")
    every = [*domains.RESERVED.values(), *domains.LEVELS.values()]
    every += [word for words in domains.WORDS.values() for word in words.values()]
    assert not [word for word in every if (found := kept.get(word)) is None or not found.string]
