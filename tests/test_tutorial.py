"""The tutorial is typed here as a reader would type it, and says what came out."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from contextlib import redirect_stdout
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any

import documents
import pytest
import yaml

from cts_lib import charts, cli, store
from cts_lib.params.loading import merge

PAGE = (documents.DOCS / "tutorial.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
PERIOD = ("--unit", "iberia", "--period", "2026-Q3")


def cts(folder: Path, *arguments: str) -> str:
    with pytest.MonkeyPatch.context() as terminal, redirect_stdout(StringIO()) as said:
        terminal.chdir(folder)
        terminal.setattr("sys.argv", ["cts", *arguments])
        with pytest.raises(SystemExit) as left:
            cli.main()
    assert left.value.code == 0, f"{shlex.join(arguments)}: {said.getvalue()}"
    return said.getvalue()


def typed_in_shell(folder: Path, block: str) -> str:
    """Run each line; of what ``make report`` does, what the page goes on with."""
    said = ""
    for line in block.splitlines():
        program, *arguments = shlex.split(line)
        if program == "make":
            assert arguments == ["report"]
            cts(folder, "sample", ".")
            cts(folder, "compute", "--until", "segment", *PERIOD)
        else:
            assert program == ".venv/bin/cts"
            said += cts(folder, *arguments)
    return said


def added_to_params(folder: Path, block: str) -> None:
    path = folder / "build" / "try" / "params" / "units" / "iberia.yml"
    before = yaml.safe_load(path.read_text(encoding="utf-8"))
    path.write_text(yaml.safe_dump(merge(before, yaml.safe_load(block))), encoding="utf-8")


@dataclass(frozen=True)
class Typed:
    """The names that the page's Python made, and each text block with what was said before it."""

    names: dict[str, Any]
    pairs: list[tuple[str, str]]


@pytest.fixture(scope="module")
def typed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Typed]:
    folder = tmp_path_factory.mktemp("tutorial")
    (folder / "notebooks").mkdir()
    names: dict[str, Any] = {}
    said, pairs = "", []
    with pytest.MonkeyPatch.context() as places:
        places.chdir(folder / "notebooks")
        places.setenv(store.FOLDER, str(store.unit_folder(folder / "reports", "2026-Q3", "iberia")))  # as in a run
        for language, block in BLOCKS:
            if language == "sh":
                said = typed_in_shell(folder, block)
            elif language == "python":
                with redirect_stdout(StringIO()) as output:
                    exec(block, names)  # noqa: S102 - the page's own code
                said = output.getvalue()
            elif language == "yaml":
                added_to_params(folder, block)
            else:
                assert language == "text"
                pairs.append((block, said))
        yield Typed(names, pairs)


def in_words(text: str) -> list[str]:
    return [" ".join(line.split()) for line in text.splitlines()]


def test_what_the_page_says_came_out(typed: Typed) -> None:
    for shown, said in typed.pairs:
        assert set(in_words(shown)) <= set(in_words(said)), said
    assert len(typed.pairs) == 5


def test_the_sentences_of_the_first_page_are_those_it_quotes(typed: Typed) -> None:
    book = typed.names["book"]
    titles = [
        charts.whale_curve(book.table("customer_profit"), book.reader).title,
        charts.channel_profit(book.table("channel_profit"), book.reader).title,
        charts.capacity(book.table("resources"), book.reader).title,
    ]
    assert re.findall(r"^> (.+)$", PAGE, re.MULTILINE) == titles


def test_the_customer_it_follows_is_the_costliest(typed: Typed) -> None:
    assert f"Customer {typed.names['book'].costliest} leaves the least" in PAGE


def test_the_curve_of_what_would_be_can_be_drawn(typed: Typed) -> None:
    assert "charts.whale_curve(then.customers, book.reader)" in PAGE
    assert charts.whale_curve(typed.names["then"].customers, typed.names["book"].reader).svg
