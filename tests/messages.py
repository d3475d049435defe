"""Extract the messages with Babel and bring the catalogues up to date: run by ``make messages``.

Babel reads what ``[tool.babel]`` in pyproject.toml maps. The four extractors below are ours: of Python code, where a
long message is known by a short id; of the modules that hold words alone; of the
tables that the workbook of tables describes; and of the notebooks' Markdown.
"""

from __future__ import annotations

import ast
import contextlib
import io
import json
import re
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from babel.messages import Catalog, Message
from babel.messages.frontend import CommandLineInterface
from babel.messages.pofile import read_po

from cts_lib.display.catalogue import message_id
from cts_lib.params.labels import LOCALE
from cts_lib.sheets.choice import SHEETS
from cts_lib.tables import OUTPUTS

ROOT = Path(__file__).parent.parent
WORD_LISTS = ("WORDS", "RESERVED", "LEVELS", "PASSED")
_SHORT = re.compile(" [0-9a-f]{6}$")
_CELL = "cell "
KEYWORDS = ("text", "plural:1,2", "Note", "counted:1,2", "Measure:2", "Kind:2", "Assumption")
Extracted = tuple[int, str | None, Any, list[str]]


def code(file: io.BufferedIOBase, keywords: Any, tags: Any, options: Any) -> Iterator[Extracted]:
    """Yield the messages of Python code, in f-strings too; a long one by its short id, with its text as a comment."""
    calls = [node for node in ast.walk(ast.parse(file.read())) if isinstance(node, ast.Call)]
    for call in sorted(calls, key=lambda call: (call.lineno, call.col_offset)):
        function = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
        if isinstance(call.func, ast.Attribute) and getattr(call.func.value, "id", "") == "sql":
            continue  # sql.text is a query
        texts = [item.value if isinstance(item, ast.Constant) else None for item in call.args]
        if function in keywords and texts and isinstance(texts[0], str):
            ids = tuple(message_id(text) if isinstance(text, str) else None for text in texts)
            yield call.lineno, function, ids, [text for text, name in zip(texts, ids, strict=True) if text != name]


def words(file: io.BufferedIOBase, keywords: Any, tags: Any, options: Any) -> Iterator[Extracted]:
    """Yield the texts of the dictionaries of words."""
    for node in ast.parse(file.read()).body:
        if isinstance(node, (ast.Assign, ast.AnnAssign)) and node.value:
            target = node.targets[0] if isinstance(node, ast.Assign) else node.target
            if isinstance(target, ast.Name) and target.id in WORD_LISTS:
                for part in (node.value, getattr(node.value, "right", None)):
                    yield from _texts(part) if isinstance(part, ast.Dict) else ()


def _texts(words: ast.Dict) -> Iterator[Extracted]:
    for value in words.values:
        if isinstance(value, ast.Dict):
            yield from _texts(value)
        elif isinstance(value, ast.Constant):
            yield value.lineno, None, value.value, []


def sheets(file: io.BufferedIOBase, keywords: Any, tags: Any, options: Any) -> Iterator[Extracted]:
    """Yield what the workbook of tables says of the tables for reading: titles, what each tells, what columns mean."""
    for sheet in SHEETS:
        texts = [sheet.title, OUTPUTS[sheet.table].about, *(sheet.column(name).meaning for name in sheet.columns)]
        for text in texts:
            yield 1, None, message_id(text), [text] if message_id(text) != text else []


def cells(file: io.BufferedIOBase, keywords: Any, tags: Any, options: Any) -> Iterator[Extracted]:
    """Yield the Markdown cells of a notebook; a comment names each, and holds the text of a long one."""
    for place, cell in enumerate(json.load(file)["cells"], start=1):
        if cell["cell_type"] == "markdown":
            source = "".join(cell["source"])
            name = message_id(source)
            yield place, None, name, [f"{_CELL}{cell['id']}", *([source] if name != source else [])]


def extract(template: Path) -> None:
    """Write every message of the package, its templates and the notebooks to ``template``."""
    options = [f"--keyword={keyword}" for keyword in KEYWORDS]
    with contextlib.chdir(ROOT):
        _babel("extract", "--mapping=pyproject.toml", "--no-default-keywords", *options, "--sort-by-file",
               "--add-location=file", "--width=100000", f"--output={template}", ".")  # fmt: skip


def read(path: Path) -> Catalog:
    with path.open("rb") as file:
        return read_po(file)


def lacking(catalogue: Catalog, template: Catalog) -> dict[str, str]:
    """Return what keeps a catalogue from being complete: each message's id and what is wrong of it."""
    wrong = {}
    for message in (message for message in template if message.id):
        known, name = catalogue.get(message.id), _forms(message.id)[0]
        cell = next((comment for comment in message.auto_comments if comment.startswith(_CELL)), "")
        name = f"{cell}, {name}" if cell else name
        strings = _forms(known.string) if known else ("",)
        if known is None or not all(strings):
            wrong[name] = "is not translated"
        elif known.fuzzy:
            wrong[name] = "was changed since it was translated"
        elif len(strings) != len(_forms(message.id)):
            wrong[name] = f"has {len(strings)} forms of {len(_forms(message.id))}"
        elif values(strings) != values(texts := english(message)):
            wrong[name] = f"fills in other values than {' | '.join(texts)}"
    known_ids = {_forms(message.id)[0] for message in template}
    gone = [*(message.id for message in catalogue if message.id), *catalogue.obsolete]
    return wrong | {name: "is said no more" for name in (_forms(item)[0] for item in gone) if name not in known_ids}


def values(texts: Sequence[str]) -> list[set[str]]:
    """Return the names of the values that each form of a message fills in."""
    return [set(re.findall(r"{(\w+)}", text)) for text in texts]


def english(message: Message) -> list[str]:
    """Return each form of a message; that of a short id stands in its comment."""
    comments = (comment for comment in message.auto_comments if not comment.startswith(_CELL))
    return [next(comments) if _SHORT.search(text) else text for text in _forms(message.id)]


def _forms(text: Any) -> tuple[str, ...]:
    return tuple(text) if isinstance(text, (tuple, list)) else (text,)


def _babel(*arguments: str) -> None:
    if CommandLineInterface().run(["pybabel", "--quiet", *arguments]):
        raise SystemExit(f"pybabel {arguments[0]} failed")


def main() -> int:
    """Update every catalogue; say which messages lack a translation."""
    missing = 0
    with tempfile.TemporaryDirectory() as scratch:
        template = Path(scratch) / "messages.pot"
        extract(template)
        for path in sorted(LOCALE.glob("*.po")):
            _babel("update", f"--input-file={template}", f"--output-file={path}", f"--locale={path.stem}",
                   "--width=120", "--ignore-obsolete", "--ignore-pot-creation-date")  # fmt: skip
            for name, wrong in lacking(read(path), read(template)).items():
                print(f"{path.name}: {name!r} {wrong}")
                missing += 1
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
