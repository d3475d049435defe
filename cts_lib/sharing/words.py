"""What words may carry: a customer's name or number that stands in a text becomes the pseudonym."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import pandas as pd

from cts_lib.sharing.pseudonyms import Pseudonyms

_SHORTEST = 4
"""A shorter name or number is a word or figure like any other."""
_LEFT = ("customer_id",)
"""Columns that hold pseudonyms already."""


class Words:
    """Knows the customers' names and numbers, and takes them out of texts."""

    def __init__(self, customers: Mapping[str, str | None], names: Pseudonyms) -> None:
        known = {str(number): names.of(str(number)) for number in customers}
        known |= {str(name): names.of(str(number)) for number, name in customers.items() if isinstance(name, str)}
        self._known = {text: name for text, name in known.items() if len(text) >= _SHORTEST}
        ordered = sorted(self._known, key=len, reverse=True)
        self._pattern = (
            re.compile("|".join(rf"(?<!\w){re.escape(text)}(?!\w)" for text in ordered)) if ordered else None
        )

    def cleaned(self, table: pd.DataFrame) -> pd.DataFrame:
        """Return a table whose texts name no customer."""
        for name in table:
            if name in _LEFT or not pd.api.types.is_string_dtype(table[name]):
                continue
            texts = {text: self.clean(text) for text in table[name].dropna().unique()}
            if any(text != clean for text, clean in texts.items()):
                table = table.assign(**{str(name): table[name].map(texts)})
        return table

    def clean(self, text: str) -> str:
        """Return a text that names no customer."""
        if self._pattern is None:
            return text
        return self._pattern.sub(lambda found: self._known[found[0]], text)

    def said(self, value: Any) -> Any:
        """Return remarks whose texts name no customer, whatever they are made of."""
        if isinstance(value, str):
            return self.clean(value)
        if isinstance(value, dict):
            return {self.said(key): self.said(each) for key, each in value.items()}
        return [self.said(each) for each in value] if isinstance(value, list) else value
