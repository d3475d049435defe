"""The files that a user's SELECT names, found in DuckDB's own parse of it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cts_lib.engine.quoting import quote, quoted

_READERS = ("read_", "parquet_", "glob", "sniff_")
_TOGETHER = ("||", "concat")


@dataclass(frozen=True)
class _Name:
    """A file as a SELECT writes it, from which byte on, and how it may stand there."""

    start: int
    text: str
    length: int | None = None

    def put(self, select: bytes, root: Path) -> bytes:
        """Return the SELECT with the name in full."""
        whole = os.path.normpath(root / self.text) + ("/" if self.text.endswith("/") else "")
        for write in (quote, quoted):
            written = write(self.text).encode()
            if self.length in (None, len(written)) and select[self.start :].startswith(written):
                return select[: self.start] + write(whole).encode() + select[self.start + len(written) :]
        if self.length:  # a text in dollars, or with escapes
            return select[: self.start] + quote(whole).encode() + select[self.start + self.length :]
        return select


def texts(node: Any) -> Iterator[str]:
    """Yield the texts and names of tables below a node of a parsed query."""
    for each in _nodes(node):
        if each.get("kind") == "STRING" or each.get("type") == "BASE_TABLE":
            yield str(each.get("text") or each.get("table_name"))


def rooted(select: str, tree: Any, root: Path) -> str:
    """Return a SELECT whose relative files start from a folder; every line of it keeps its number.

    DuckDB searches a folder for relative files, but holds their names to the folders it may read as if they began in
    the folder of the process.
    """
    steps = {entry["key"] for node in _nodes(tree) for entry in node.get("cte_map", {}).get("map", [])}
    names = {name for name in _names(tree, steps) if "://" not in name.text and not name.text.startswith("~")}
    written = select.encode()
    for name in sorted(names, key=lambda name: name.start, reverse=True):
        written = name.put(written, root)
    return written.decode()


def is_file(text: str) -> bool:
    """Return whether a text may be a file's name: it has a folder or an ending.

    >>> [is_file(text) for text in ("data/x", "x.csv", "retail")]
    [True, True, False]
    """
    return len(Path(text).parts) > 1 or bool(Path(text).suffix)


def _nodes(node: Any) -> Iterator[dict[str, Any]]:
    """Yield a node of a parsed query and all below it."""
    if isinstance(node, dict):
        yield node
    for below in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from _nodes(below)


def _names(tree: Any, steps: set[str]) -> Iterator[_Name]:
    """Yield the files that are read as tables or by functions; ``steps`` are the query's own."""
    for node in _nodes(tree):
        if node.get("type") == "BASE_TABLE" and not node["schema_name"]:
            if is_file(node["table_name"]) and node["table_name"] not in steps:
                yield _Name(node["query_location"], node["table_name"])
        elif node.get("type") == "TABLE_FUNCTION" and node["function"]["function_name"].startswith(_READERS):
            yield from _beginnings(node["function"]["arguments"][:1])


def _beginnings(arguments: list[Any]) -> Iterator[_Name]:
    """Yield the texts with which the files of an argument begin."""
    for value in (argument["expression"] for argument in arguments):
        function = value.get("function_name")
        if value.get("class") == "CONSTANT" and value["literal"].get("kind") == "STRING":
            yield _Name(value["query_location"], value["literal"]["text"], value["query_location_length"])
        elif function == "list_value" or function in _TOGETHER:
            parts = value["arguments"]
            yield from _beginnings(parts if function == "list_value" else parts[:1])
