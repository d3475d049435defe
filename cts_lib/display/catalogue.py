"""Catalogues of translations, and the short ids by which long texts are known in them."""

from __future__ import annotations

import hashlib
import io
from functools import cache
from gettext import NullTranslations

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import Translations

from cts_lib.params.labels import LOCALE

_LONG, _KEPT = 100, 40


@cache
def catalogue(language: str) -> NullTranslations:
    """Return the translations into ``language``; English, the messages' own language, has none. Fuzzy ones are none."""
    path = LOCALE / f"{language}.po"
    if not path.exists():
        return NullTranslations()
    compiled = io.BytesIO()
    with path.open("rb") as file:
        write_mo(compiled, read_po(file, locale=language))
    compiled.seek(0)
    return Translations(compiled)


def message_id(text: str) -> str:
    """Return what a message is known by: the text itself, or where it is long its beginning and a digest.

    Whoever changes a long text changes its id, so that no translation of the former text stands for it.

    >>> message_id("Net sales")
    'Net sales'
    >>> message_id("A sentence of more words than anybody wants to read twice, whatever it says" + "." * 40)
    'A sentence of more words than anybody wa… f9b772'
    """
    if len(text) <= _LONG:
        return text
    digest = hashlib.sha256(text.encode()).hexdigest()[:6]
    return f"{' '.join(text.split())[:_KEPT]}… {digest}"
