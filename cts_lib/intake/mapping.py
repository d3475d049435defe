"""A user's mapping: a SELECT in the engine's own dialect, its placeholders, assumptions, and the files it reads."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from pathlib import Path

from cts_lib.errors import SourceError

_PLACEHOLDER = re.compile(r"\{params\}|\{env:(?P<name>[A-Za-z_][A-Za-z0-9_]*)(?:\|(?P<default>[^{}]*))?\}")
_ASSUMPTION = re.compile(r"^\s*--\s*assumption:\s*(.+?)\s*$", re.MULTILINE | re.IGNORECASE)


def read_mapping_file(path: Path) -> str:
    """Return the text of a mapping."""
    try:
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise SourceError(str(path), f"cannot be read as UTF-8 text: {error}", "save it as SQL in UTF-8") from error


def assumptions_of(path: Path, text: str) -> list[dict[str, str]]:
    """Return what a mapping says it assumes, in comments ``-- assumption: …``."""
    where = f"{path.parent.name}/{path.name}"
    return [{"text": assumption, "where": where} for assumption in _ASSUMPTION.findall(text)]


def fill(text: str, root: Path) -> str:
    """Put the params' parent folder and environment variables into a mapping, escaped for a SQL literal.

    >>> fill("'{params}/x.csv' {env:NO_SUCH_VARIABLE|it's}", Path("/data"))
    "'/data/x.csv' it''s"
    """

    def value(placeholder: re.Match[str]) -> str:
        if not placeholder["name"]:
            text = str(root)
        elif placeholder["name"] in os.environ:
            text = os.environ[placeholder["name"]]
        elif placeholder["default"] is not None:
            text = placeholder["default"]
        else:
            raise SourceError(placeholder[0], "the environment variable is not set", f"set {placeholder['name']}")
        return text.replace("'", "''")

    return _PLACEHOLDER.sub(value, text)


def files_read(texts: Sequence[str], root: Path) -> list[Path]:
    """Return the files that texts of a mapping name: by name, by pattern or by folder, relative to ``root``."""
    return sorted({file for text in texts for file in _files_of(text, root)})


def _files_of(text: str, root: Path) -> list[Path]:
    if len(Path(text).parts) < 2 and not Path(text).suffix:
        return []
    try:
        path = root / text
        found = list(Path(path.anchor).glob(str(path.relative_to(path.anchor))))
    except (OSError, ValueError, NotImplementedError):  # a text that no file can be called
        return []
    below = [file for folder in found if folder.is_dir() for file in folder.rglob("*")]
    return [file for file in (*found, *below) if file.is_file()]
