"""Words that params give to the user's own names, in the languages that the reports speak."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field

LOCALE = Path(__file__).parent.parent / "locale"
LANGUAGES = ("en", *sorted(path.stem for path in LOCALE.glob("*.po")))
"""English, the messages' own language, and every language that has a catalogue."""
OF_MODEL = ("channel", "resource", "activity", "owner", "lever", "setting", "dimension")
"""What may be labelled whatever the data hold: names of the cost model, of the strategy, of channels and dimensions."""


def nearest(name: str, known: Iterable[str]) -> str:
    """Say which known name is meant, or which are known."""
    names = list(known)
    close = difflib.get_close_matches(name, names, n=1, cutoff=0.5)
    return f"did you mean {close[0]!r}?" if close else f"known are {', '.join(names)}"


def _language(name: str) -> str:
    if name not in LANGUAGES:
        raise ValueError(f"unknown language {name!r}; {nearest(name, LANGUAGES)}")
    return name


Value = Annotated[str, BeforeValidator(lambda key: key if isinstance(key, str) else f"{key}")]
"""A value of the data; a number may be written without quotes."""
Words = dict[Annotated[str, AfterValidator(_language)], Annotated[str, Field(min_length=1)]]
Labels = dict[str, dict[Value, Words]]
"""Of channel, resource, … or a dimension: each value's words by language."""
