"""Spark, local or through Spark Connect: for lines that no single machine holds."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pandas as pd
import pyarrow as pa
import sqlglot
from sqlglot import exp

from cts_lib.engine.base import Header, ended_after, storable, too_long
from cts_lib.engine.dialect import texts_of, translate
from cts_lib.errors import MissingExtra, SourceError

try:
    from pyspark.errors import PySparkException
    from pyspark.sql import SparkSession
except ModuleNotFoundError as error:
    raise MissingExtra("spark", str(error.name)) from error

_SETTINGS = {
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.caseSensitive": "true",
    "spark.sql.ansi.enabled": "false",
    "spark.sql.execution.arrow.pyspark.enabled": "true",
}
_LOCAL = {
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.sql.shuffle.partitions": str(os.cpu_count() or 2),
    "spark.driver.memory": "2g",
    "spark.log.level": "ERROR",
}


class Spark:
    """A Spark session: the one at the address, or a local one."""

    name = "spark"
    nests = False

    def __init__(self, url: str | None = None, seconds: float | None = None) -> None:
        self._seconds = seconds
        if url:  # Spark Connect warns of pandas 3 where it is imported; our frames come and go as Arrow
            warnings.filterwarnings("ignore", "PySpark does not yet fully support pandas", FutureWarning)
        builder = SparkSession.builder.appName("cost to serve")
        builder = builder.remote(url) if url else builder.master("local[*]")
        for key, value in (_SETTINGS if url else _SETTINGS | _LOCAL).items():
            builder = builder.config(key, value)
        try:
            self._session = builder.getOrCreate()
        except ImportError as error:  # what Spark Connect needs beside Spark itself
            raise SourceError("spark", _first_line(error), "pip install 'pyspark[connect]'") from None
        except (PySparkException, RuntimeError) as error:
            raise SourceError(
                "spark", f"cannot be reached: {_first_line(error)}", "check the address and Java"
            ) from None
        self._views: set[str] = set()

    def query(self, sql: str | exp.Expr) -> pa.Table:
        with self._limited():
            return self._session.sql(self._text(sql)).toArrow()

    def execute(self, sql: str | exp.Expr) -> None:
        self.query(sql)

    def create(self, name: str, select: str | exp.Expr, view: bool = False) -> None:
        with self._limited():
            frame = self._session.sql(self._text(select))
            kept = frame if view else frame.localCheckpoint()
            kept.createOrReplaceTempView(name)
        self._views.add(name)

    def forget(self, name: str) -> None:
        self._session.catalog.dropTempView(name)

    def read(self, name: str, files: Sequence[Path], header: Header | None, view: bool = True) -> None:
        paths = [str(file) for file in files]
        with self._limited():
            if header is None:
                frame = self._session.read.option("mergeSchema", "true").parquet(*paths)
            else:
                options = {"header": "true", "sep": header.delimiter, "quote": '"', "escape": '"', "multiLine": "true"}
                frame = self._session.read.options(**options).csv(paths)
            frame = frame if view else frame.localCheckpoint()
            frame.createOrReplaceTempView(name)
        self._views.add(name)

    def map(self, name: str, select: str) -> None:
        with self._limited():
            self._session.sql(select).createOrReplaceTempView(name)
        self._views.add(name)

    def texts(self, select: str) -> list[str]:
        return texts_of(select, "spark")

    def register(self, name: str, frame: pd.DataFrame) -> None:
        self._session.createDataFrame(storable(frame)[0]).createOrReplaceTempView(name)
        self._views.add(name)

    def columns(self, name: str) -> dict[str, str]:
        fields = self._session.table(name).schema.fields
        return {
            field.name: exp.DataType.build(field.dataType.simpleString(), dialect="spark").sql("duckdb")
            for field in fields
        }

    def shown(self, sql: str | exp.Expr) -> str:
        return sqlglot.parse_one(self._text(sql), dialect="spark").sql("spark", pretty=True)

    def close(self) -> None:
        """Forget the views; the session is shared by the units of a process and ends with it."""
        for name in self._views:
            self._session.catalog.dropTempView(name)

    def _text(self, sql: str | exp.Expr) -> str:
        return translate(sql, "spark", self.columns)

    @contextmanager
    def _limited(self) -> Iterator[None]:
        """End what takes longer than it may, and say in one line what Spark says is wrong."""
        with ended_after(self._seconds, self._session.interruptAll) as was_late:
            try:
                yield
            except Exception as error:
                if was_late():  # what a job that was ended raises has no common base
                    raise too_long("spark", self._seconds) from None
                if isinstance(error, PySparkException):
                    raise _error(error) from None
                raise


def _error(error: PySparkException) -> SourceError:
    return SourceError("spark", _first_line(error), "mend the table or mapping it speaks of")


def _first_line(error: Exception) -> str:
    return str(error).strip().splitlines()[0]
