"""The history in PostgreSQL: each write is a transaction, and waits for those of others."""

from __future__ import annotations

import pandas as pd

from cts_lib.engine.postgres import PostgreSQL
from cts_lib.errors import SourceError
from cts_lib.history.rows import Rows, bring_up_to_date, has, replace, select
from cts_lib.locks import waiting_time

SCHEMA = "cts_history"
_LOCK = 7_160_419
"""Whoever writes holds the advisory lock of this number until the transaction ends."""


class ServerHistory:
    """The schema ``cts_history`` of a PostgreSQL database; the address is never shown."""

    def __init__(self, url: str) -> None:
        self._url = url

    def write(self, rows: Rows) -> None:
        """Keep a unit's period; what the tables held of it is replaced."""
        engine = PostgreSQL(self._url)
        try:
            engine.command(f"SET lock_timeout = {int(1000 * waiting_time())}")
            engine.command("BEGIN")
            engine.command(f"SELECT pg_advisory_xact_lock({_LOCK})")
            engine.command(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}")
            engine.command(f"SET search_path = {SCHEMA}")
            bring_up_to_date(engine, "the history's database")
            replace(engine, rows)
            engine.command("COMMIT")
        except SourceError as error:
            raise SourceError("the history's database", error.problem, "nothing of the period was kept") from None
        finally:
            engine.close()

    def read(self, name: str, unit: str) -> pd.DataFrame:
        """Return a table for one unit, empty where there is none."""
        engine = PostgreSQL(self._url)
        try:
            engine.command(f"SET search_path = {SCHEMA}")
            return select(engine, name, unit) if has(engine, name) else pd.DataFrame()
        finally:
            engine.close()
