"""A user's mapping: a SELECT in the engine's own dialect, its placeholders, assumptions, and the files it reads."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import sqlglot
from sqlglot import exp

from cts_lib.engine.named_files import is_file
from cts_lib.errors import SourceError
from cts_lib.intake.assumed import as_note
from cts_lib.params.placeholders import PLACEHOLDER

_READERS = ("readcsv", "readparquet", "readjson", "readndjson", "readxlsx", "parquetscan")
_ASSUMPTION = re.compile(r"^\s*--\s*assumption:\s*(.+?)\s*$", re.MULTILINE | re.IGNORECASE)


def read_mapping_file(path: Path) -> str:
    """Return the text of a mapping."""
    try:
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise SourceError(str(path), f"cannot be read as UTF-8 text: {error}", "save it as SQL in UTF-8") from error


def assumptions_of(path: Path, text: str) -> list[dict[str, Any]]:
    """Return what a mapping says it assumes, in comments ``-- assumption: …``."""
    where = f"{path.parent.name}/{path.name}"
    return [as_note(assumption) | {"where": where} for assumption in _ASSUMPTION.findall(text)]


def shown_values(text: str, dialect: str) -> dict[str, str]:
    """Return the values of environment variables that may come into a column, each with what stands for it.

    Those that name files, tables and schemas, or stand in a condition, do not; of SQL that cannot be read here all may.
    """
    given = {name for found in PLACEHOLDER.finditer(text) if (name := found["name"]) and name in os.environ}
    if not given:
        return {}
    marks = {name: f"_cts_{name}_" for name in given}
    try:
        seen = PLACEHOLDER.sub(lambda found: marks.get(found["name"], "_cts_"), text)
        tree = sqlglot.parse_one(seen, dialect=dialect)
    except sqlglot.errors.SqlglotError:
        shown = given
    else:
        tells_files = any(node.name.lower() == "filename" for node in tree.find_all(exp.Identifier))
        texts = [(str(node.this), node) for node in tree.walk() if isinstance(node.this, str)]
        shown = {
            name
            for name, mark in marks.items()
            if any(mark in written and (tells_files or _is_shown(node)) for written, node in texts)
        }
    return {os.environ[name]: f"{{env:{name}}}" for name in sorted(shown)}


def _is_shown(node: exp.Expr) -> bool:
    """Return whether what a query holds may reach its rows."""
    inner, is_option = node, False
    while (outer := inner.parent) is not None:
        if isinstance(outer, exp.Where | exp.Having | exp.Limit | exp.Offset | exp.Qualify):
            return False
        if isinstance(outer, exp.Join) and inner.arg_key == "on":
            return False
        if isinstance(outer, exp.Table):
            return is_option or inner.arg_key == "alias" or (isinstance(inner, exp.Func) and not _reads_rows(inner))
        if isinstance(outer, exp.Select):
            return True
        is_option = is_option or isinstance(outer, exp.EQ | exp.PropertyEQ)
        inner = outer
    return True


def _reads_rows(function: exp.Func) -> bool:
    """Return whether a function reads a file's rows, and does not tell its name."""
    name = function.name if isinstance(function, exp.Anonymous) else function.sql_name()
    return name.lower().replace("_", "").startswith(_READERS)


def files_read(texts: Sequence[str], root: Path, readable: Sequence[Path] | None = None) -> list[Path]:
    """Return the files that texts of a mapping name: by name, by pattern or by folder, relative to ``root``.

    Where ``readable`` is given, those outside are none.
    """
    return sorted({file for text in texts for file in _files_of(text, root, readable)})


def _files_of(text: str, root: Path, readable: Sequence[Path] | None) -> list[Path]:
    if not is_file(text):
        return []
    try:
        path = Path(os.path.normpath(root / text))
        if readable is not None and not any(path.is_relative_to(place) for place in readable):
            return []
        found = list(Path(path.anchor).glob(str(path.relative_to(path.anchor))))
    except (OSError, ValueError, NotImplementedError):  # a text that no file can be called
        return []
    below = [file for folder in found if folder.is_dir() for file in folder.rglob("*")]
    odd = next((file for file in found if file.exists() and not file.is_file() and not file.is_dir()), None)
    if odd is not None:
        raise SourceError(str(odd), f"{odd} is no file but a pipe or a device", "name a file")
    return [file for file in (*found, *below) if file.is_file()]
