"""The history as a DuckDB file: a new one takes the old one's place, so that no reader is in the way."""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Iterable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd

from cts_lib.engine import DuckDB
from cts_lib.errors import CtsError, LockedError, SourceError
from cts_lib.history.rows import Rows, bring_up_to_date, replace, rows_of, select
from cts_lib.locks import exclusive, pauses
from cts_lib.store import read_manifest

_FILE, _LOG = "history.duckdb", ".wal"


class FileHistory:
    """The file ``history.duckdb`` below a folder of results.

    Readers open the file as it stands; a writer copies it, changes the copy, and renames it over the old one. One that
    cannot be read is set aside, and made again from the stored tables.
    """

    def __init__(self, out: Path) -> None:
        self._out, self._path = out, out / _FILE

    def write(self, rows: Rows) -> None:
        """Keep a unit's period; what the file held of it is replaced."""
        with exclusive(self._out / ".history.lock", str(self._path)):
            self._clear()
            try:
                self._rewrite([rows])
            except LockedError:
                raise
            except SourceError as error:
                self._rebuild(error)
                self._rewrite([rows])

    def read(self, name: str, unit: str) -> pd.DataFrame:
        """Return a table for one unit, empty where there is none."""
        if not self._path.is_file():
            return pd.DataFrame()
        try:
            return self._read(name, unit)
        except LockedError:
            raise
        except SourceError:
            with exclusive(self._out / ".history.lock", str(self._path)):
                try:
                    return self._read(name, unit)
                except LockedError:
                    raise
                except SourceError as error:  # nobody else has mended it
                    self._rebuild(error)
                    return self._read(name, unit)

    def _read(self, name: str, unit: str) -> pd.DataFrame:
        engine = self._opened()
        try:
            return select(engine, name, unit)
        finally:
            engine.close()

    def _opened(self) -> DuckDB:
        """Open the file for reading, once no other program writes to it."""
        waits = pauses()
        while True:
            try:
                return DuckDB(path=self._path, read_only=True)
            except LockedError:
                if not next(waits, False):
                    raise

    def _rewrite(self, periods: Iterable[Rows]) -> None:
        fresh = Path(tempfile.mkdtemp(prefix=".history-", dir=self._out))
        try:
            copy = fresh / _FILE
            if self._path.is_file():
                reading = self._opened()  # while it is open nobody writes to it
                try:
                    for end in ("", _LOG):
                        with suppress(FileNotFoundError):
                            shutil.copyfile(f"{self._path}{end}", f"{copy}{end}")
                finally:
                    reading.close()
            engine = DuckDB(path=copy)
            try:
                bring_up_to_date(engine, str(self._path))
                for rows in periods:
                    replace(engine, rows)
            finally:
                engine.close()
            copy.replace(self._path)
            Path(f"{self._path}{_LOG}").unlink(missing_ok=True)
        finally:
            shutil.rmtree(fresh, ignore_errors=True)

    def _rebuild(self, error: SourceError) -> None:
        """Set the file aside and make it again from the stored tables of every unit and period."""
        aside = self._path.with_name(f"history-{datetime.now(UTC):%Y%m%dT%H%M%S}.broken")
        self._path.rename(aside)
        with suppress(FileNotFoundError):
            Path(f"{self._path}{_LOG}").rename(f"{aside}{_LOG}")
        self._rewrite(_stored(self._out))
        told = f"{self._path}: {error.problem}; set aside as {aside.name}, and made again from the stored tables"
        print(" ".join(told.split()), file=sys.stderr, flush=True)

    def _clear(self) -> None:
        """Take away what killed runs left; the lock is held."""
        for left in self._out.glob(".history-*"):
            shutil.rmtree(left, ignore_errors=True)


def _stored(out: Path) -> Iterable[Rows]:
    for path in sorted(out.glob("*/*/manifest.json")):
        with suppress(CtsError, OSError, ValueError, KeyError):  # what cannot be read is in no history
            if (read_manifest(path.parent) or {}).get("state") == "done":
                yield rows_of(path.parent)
