"""The mapping of a table: SQL over the user's files, with every guess and assumption beside it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from cts_lib.engine import quoted
from cts_lib.engine.base import Engine
from cts_lib.start.look import Seen
from cts_lib.tables.inputs import INPUTS

EDIT = "-- Written by cts init from what the files look like. Edit it as you like: a second run leaves it alone then."
_COLUMNS = {column.name for contract in INPUTS for column in contract.columns}


def shown_name(name: str) -> str:
    """Return a column's name as a query writes it: one of a user's own may be a word of SQL."""
    return name if name in _COLUMNS or name == "currency" else quoted(name)


@dataclass
class Mapping:
    """A mapping in the making: its columns as SQL and what is said of each, and what it takes on trust."""

    table: str
    reads: str
    origin: str
    columns: dict[str, tuple[str, str]] = field(default_factory=dict)
    assumptions: list[str] = field(default_factory=list)
    missing: dict[str, str] = field(default_factory=dict)
    grouped: bool = False
    more: str = ""

    @classmethod
    def of_file(cls, table: str, seen: Seen, relation: str = "") -> Mapping:
        """Return a mapping of the rows of a file that count, of its columns none yet; ``relation`` is these rows."""
        where = f"\nWHERE {seen.where}" if seen.where else ""
        origin = f"FROM {relation or seen.sql} AS line{where}"
        return cls(table, f"the {table} of {seen.names}", origin, assumptions=list(seen.assumptions))

    def text(self, database: Engine | None) -> str:
        """Return the mapping as it is written to its file, in the dialect of a database where it reads one."""
        head = [f"-- Reads {self.reads}.", EDIT]
        head += [f"-- assumption: {text}." for text in dict.fromkeys(self.assumptions)]
        head += [f"-- TODO {name}: {what}." for name, what in self.missing.items()]
        if database:
            head += [
                said.strip().replace("guess: ", f"guess: {name} from ")
                for name, (_, said) in self.columns.items()
                if said
            ]
            return "\n".join([*head, database.shown(self.select(False))]) + "\n"
        return "\n".join([*head, self.select(True)]) + "\n"

    def select(self, with_comments: bool) -> str:
        """Return the query."""
        selected = [
            (f"    {sql} AS {shown_name(name)}", said if with_comments else "")
            for name, (sql, said) in self.columns.items()
        ]
        lines = [f"{sql}{',' if place < len(selected) else ''}{said}" for place, (sql, said) in enumerate(selected, 1)]
        group = ["GROUP BY 1"] if self.grouped else []
        return "\n".join(["SELECT", *lines, self.origin, *group, *([self.more] if self.more else [])])


def put_together(mappings: Sequence[Mapping]) -> None:
    """Let the first mapping yield the rows of all, each with the columns of all."""
    first, *others = mappings
    names = list(dict.fromkeys(name for mapping in mappings for name in mapping.columns))
    for mapping in mappings:
        mapping.columns = {name: mapping.columns.get(name, ("NULL", "")) for name in names}
    first.more = "\n".join(f"UNION ALL\n{other.select(True)}" for other in others)
    first.reads += "".join(f" and {other.reads.removeprefix('the events of ')}" for other in others)
    first.assumptions += [told for other in others for told in other.assumptions if told not in first.assumptions]


def with_condition(origin: str, condition: str) -> str:
    """Return a query's FROM and WHERE with one condition more."""
    return f"{origin}\n{'AND' if re.search(r'^WHERE ', origin, re.MULTILINE) else 'WHERE'} {condition}"
