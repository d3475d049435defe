"""Where the canonical tables come from, and how their text cells are written."""

from __future__ import annotations

import re
from typing import Annotated, Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, field_validator, model_validator

from cts_lib.params.cost_model import Model

DATE_CODES = {"%Y": "[0-9]{4}", "%y": "[0-9]{2}", "%m": "[0-9]{1,2}", "%d": "[0-9]{1,2}", "%b": "[A-Za-z]{3}"}
TIME_CODES = {"%H": "[0-9]{1,2}", "%M": "[0-9]{2}", "%S": "[0-9]{2}"}
_CODE = re.compile("%.")
_SPACES = (" ", "\N{NO-BREAK SPACE}", "\N{NARROW NO-BREAK SPACE}")
_PLAIN = ("utf-8", "utf8", "utf-8-sig")


class Formats(Model):
    """How numbers and dates are written in text cells, and text files in bytes."""

    decimal: Literal[".", ","] = Field(default=".", description="Decimal sign.")
    thousands: Literal[".", ",", "'", "’", " ", None] = Field(
        default=None, description="What stands between groups of three digits; a space is any space. Null: nothing."
    )
    date: str | tuple[str, ...] = Field(
        default=(), description="How dates are written, as `%d.%m.%Y`, or several such; empty: ISO (2026-07-31)."
    )
    sign: str | None = Field(
        default=None,
        min_length=1,
        description="Sign or code of the unit's own currency that may stand before or behind an amount, as € or EUR.",
    )
    encoding: str = Field(default="utf-8", description="Encoding of text files, as cp1252.")

    @property
    def dates(self) -> tuple[str, ...]:
        """The ways in which dates are written; none: ISO."""
        return (self.date,) if isinstance(self.date, str) else self.date

    @property
    def is_plain(self) -> bool:
        """Whether numbers are written with a point and nothing else."""
        return self.decimal == "." and self.thousands is None

    @property
    def separators(self) -> tuple[str, ...]:
        """The signs that may stand between groups of digits."""
        return _SPACES if self.thousands == " " else (self.thousands,) if self.thousands else ()

    @property
    def number_pattern(self) -> str:
        """The regular expression of a number, without what marks it as negative."""
        groups = "".join(f"|[0-9]{{1,3}}({_escaped(sign)}[0-9]{{3}})+" for sign in self.separators)
        point = _escaped(self.decimal)
        return f"^[+-]?(([0-9]+{groups})({point}[0-9]*)?|{point}[0-9]+)([eE][+-]?[0-9]+)?$"

    @property
    def is_text(self) -> bool:
        """Whether files are UTF-8, which every engine reads."""
        return self.encoding.lower() in _PLAIN

    @field_validator("date")
    @classmethod
    def _known_codes(cls, given: str | tuple[str, ...]) -> str | tuple[str, ...]:
        for text in (given,) if isinstance(given, str) else given:
            codes = _CODE.findall(text)
            unknown = [code for code in codes if code not in DATE_CODES | TIME_CODES]
            if unknown:
                raise ValueError(f"{unknown[0]!r} in {text!r}; known are {' '.join(DATE_CODES | TIME_CODES)}")
            year, month, day = ("%Y" in codes) + ("%y" in codes), ("%m" in codes) + ("%b" in codes), "%d" in codes
            if (year, month, day) != (1, 1, True):
                raise ValueError(f"{text!r} is no date; write one year, month and day, as in %d.%m.%Y")
        return given

    @field_validator("encoding")
    @classmethod
    def _known_encoding(cls, given: str) -> str:
        try:
            "".encode(given)
        except LookupError:
            raise ValueError(f"no encoding {given!r}; write utf-8, cp1252, latin-1 or utf-16") from None
        return given

    @model_validator(mode="after")
    def _two_signs(self) -> Self:
        if self.decimal == self.thousands:
            raise ValueError(f"decimal and thousands are both {self.decimal!r}; give two signs")
        return self


def date_pattern(form: str) -> str:
    """Return the regular expression of dates in a notation."""
    parts = re.split("(%.)", form)
    written = [
        (DATE_CODES | TIME_CODES).get(part) or re.sub(r"[^\w\s]", lambda sign: _escaped(sign[0]), part)
        for part in parts
    ]
    return f"^{''.join(written)}$"


def _escaped(sign: str) -> str:
    """Return a sign as a pattern; without a backslash, which in a literal means something else on every engine."""
    return f"[{sign}]"


class Source(Model):
    """Where the canonical tables come from."""

    engine: Literal["duckdb", "postgres", "spark"] = Field(default="duckdb", description="Where SQL runs.")
    path: str | None = Field(
        default=None,
        description="Folder of tables, or an Excel file with a sheet a table, relative to the params folder's parent.",
    )
    sql: str | None = Field(default=None, description="Folder of mappings instead, one SELECT a table.")
    allow: tuple[str, ...] = Field(
        default=(),
        description="Files and folders that mappings on DuckDB may read besides the params folder's parent, as "
        "`/srv/extracts` or `{env:CTS_DATA|../data}`.",
    )
    url_env: str | None = Field(default=None, description="Environment variable that holds the database's address.")
    formats: Formats = Field(default=Formats(), description="How text cells are written.")
    time_zone: str | None = Field(
        default=None, description="Where time stamps with a zone become days, as Europe/Madrid; null: their own zone."
    )
    repeated: tuple[str, ...] = Field(
        default=(),
        description="Columns of order lines that repeat an amount of the shipment (`freight_cost`) or of the order "
        "(any other) on each of its lines: shared out evenly, so counted once.",
    )
    sheet: dict[str, str] = Field(default={}, description="Sheet of an Excel file by table; else the table's name.")
    header_row: Annotated[int, Field(ge=1)] | dict[str, Annotated[int, Field(ge=1)]] = Field(
        default=1, description="Row of the column names in text files and sheets, of all tables or by table."
    )

    def header_of(self, table: str) -> int:
        """Return the row in which a table's column names stand."""
        return self.header_row.get(table, 1) if isinstance(self.header_row, dict) else self.header_row

    @field_validator("time_zone")
    @classmethod
    def _known_zone(cls, given: str | None) -> str | None:
        try:
            _ = ZoneInfo(given) if given else None
        except (ZoneInfoNotFoundError, ValueError):
            raise ValueError(f"no time zone {given!r}; write one as Europe/Madrid") from None
        return given

    @model_validator(mode="after")
    def _one_place(self) -> Self:
        if (self.path is None) == (self.sql is None):
            raise ValueError("give exactly one of path (a folder of tables) and sql (a folder of mappings)")
        return self
