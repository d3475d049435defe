"""Opens the engine that params name, or says in one line what it lacks here."""

from __future__ import annotations

import os
import re
import shutil
from contextlib import suppress
from pathlib import Path

from cts_lib.engine.base import STATEMENT, Engine
from cts_lib.engine.duckdb import DuckDB
from cts_lib.errors import ParamsError, SourceError
from cts_lib.limits import machine_memory
from cts_lib.params import Source
from cts_lib.params.placeholders import filled_path

MEMORY = "CTS_MEMORY"
"""Names the environment variable that says how much memory DuckDB takes before it goes on on disk."""
USUAL_MEMORY = "512MB"
_MOST = 4
"""What part of the machine's memory DuckDB takes where a query ends for want of it, and nobody said how much."""
_OF_A_THREAD = 256
"""Megabytes that a thread needs at least; with less, a machine of many cores runs out of memory on few lines."""
_FILES_OF_A_THREAD = 16
"""Megabytes of Parquet for which a thread more pays, or four times as much text; few lines are as soon done by one."""
USUAL_STATEMENT = "600"


def open_engine(source: Source, root: Path) -> Engine:
    """Open the engine of a unit's source; relative paths in its mappings start from ``root``.

    Raises
    ------
    ParamsError
        Where the source gives what the engine cannot read.
    SourceError
        Where a package, Java, the address or the server is missing; it says what would help.
    """
    root = root.absolute()
    if source.engine == "duckdb":
        memory, most, threads = _memory()
        if not source.sql:
            return DuckDB(min(threads, _busy(source, root)), root=root, memory=memory, most=most)
        places = readable(source, root)
        return DuckDB(threads, root=root, memory=memory, most=most, readable=places, seconds=_statement())
    if source.engine == "postgres" and not source.sql:
        raise ParamsError("source.path", "PostgreSQL reads no files", "give source.sql, a folder of mappings")
    url = os.environ.get(source.url_env or "")
    if source.engine == "postgres":
        return _postgres(source, url)
    return _spark(source, url)


def readable(source: Source, root: Path) -> list[Path]:
    """Return the places that mappings on DuckDB may read: the params' parent folder, and what params allow."""
    places = [root, *(filled_path(text, root) for text in source.allow)]
    return list(dict.fromkeys(place for each in places for place in (each, each.resolve())))


def _busy(source: Source, root: Path) -> int:
    """Return how many threads the files of a source keep busy; what cannot be read is told where they are read."""
    with suppress(OSError, ValueError):
        place = root / (source.path or "")
        files = [path for path in (place, *place.glob("*"), *place.glob("*/*")) if path.is_file()]
        size = sum(path.stat().st_size / (1 if path.suffix == ".parquet" else 4) for path in files)
        return 1 + int(size // (_FILES_OF_A_THREAD * 1_000_000))
    return 1


def _statement() -> float:
    given = os.environ.get(STATEMENT, USUAL_STATEMENT)
    if not re.fullmatch(r"[1-9][0-9]{0,6}", given):
        raise SourceError(STATEMENT, f"the environment variable holds {given!r}", "set it to seconds as 600")
    return float(given)


def _memory() -> tuple[int, int, int]:
    """Return the megabytes that DuckDB takes, those it takes at most, and on how many threads it works with them."""
    given = os.environ.get(MEMORY, USUAL_MEMORY)
    size = re.fullmatch(r"([1-9][0-9]*)(MB|GB)", given)
    if not size:
        raise SourceError(MEMORY, f"the environment variable holds {given!r}", "set it to a size as 512MB or 4GB")
    megabytes = int(size[1]) * (1000 if size[2] == "GB" else 1)
    most = megabytes if MEMORY in os.environ else machine_memory() // _MOST // 1_000_000
    return megabytes, most, max(1, min(os.cpu_count() or 1, megabytes // _OF_A_THREAD))


def _postgres(source: Source, url: str | None) -> Engine:
    from cts_lib.engine.postgres import PostgreSQL

    if not source.url_env:
        raise ParamsError("source.url_env", "is missing", "name the environment variable that holds the address")
    if not url:
        expected = f"set {source.url_env} to postgresql://USER:PASSWORD@HOST/DATABASE"
        raise SourceError(source.url_env, "the environment variable is not set", expected)
    return PostgreSQL(url, _statement())


def _spark(source: Source, url: str | None) -> Engine:
    from cts_lib.engine.spark import Spark

    java = Path(os.environ["JAVA_HOME"], "bin", "java").exists() if "JAVA_HOME" in os.environ else shutil.which("java")
    if not url and not java:
        raise SourceError("source.engine", "local Spark finds no Java", "install Java 17 or newer, or set JAVA_HOME")
    return Spark(url, _statement() if source.sql else None)
