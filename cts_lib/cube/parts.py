"""The parts of the cube's query: each sums some activities by customer and channel, and one SELECT joins them.

Assumes that every part made of lines has a row for each cell that has lines, so that these join plainly; parts of
events and customers may have other cells and join in full.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from cts_lib.engine import quoted


@dataclass(frozen=True)
class Part:
    """One row a cell: ``keys``, SQL, and ``columns`` by name; ``origin`` is what stands behind FROM and GROUP BY.

    ``carried`` are columns for other parts alone. A part without an origin is computed from those of others.
    ``of_lines`` where it has a row for each cell that the lines have, and for no other.
    """

    keys: Sequence[str]
    columns: Mapping[str, str]
    origin: str
    carried: Mapping[str, str] = field(default_factory=dict)
    of_lines: bool = False

    @property
    def select(self) -> str:
        values = {**self.columns, **self.carried}
        shown = [*map(quoted, self.keys), *(f"{value} AS {quoted(name)}" for name, value in values.items())]
        return f"SELECT {', '.join(shown)} FROM {self.origin}"


def joined(parts: Mapping[str, Part]) -> str:
    """Return one SELECT of all parts: a row for each cell that any has, in order; a column that two have is their sum.

    Parts that have the cells of the lines are joined first, and plainly.

    >>> both = {"a": Part(["id"], {"x": "SUM(v)"}, "t GROUP BY id"), "b": Part(["id"], {"x": "1"}, "u")}
    >>> print(joined(both).replace(" SELECT ", chr(10) + "SELECT "))
    WITH a AS (SELECT "id", SUM(v) AS "x" FROM t GROUP BY id), b AS (SELECT "id", 1 AS "x" FROM u)
    SELECT "id", COALESCE(a."x", 0) + COALESCE(b."x", 0) AS "x" FROM a FULL JOIN b USING ("id") ORDER BY "id"
    """
    places: dict[str, list[str]] = {}
    for name, part in parts.items():
        for column in part.columns:
            place = f"{name}.{quoted(column)}" if part.origin else f"({part.columns[column]})"
            places.setdefault(column, []).append(place)
    columns = [
        f"{' + '.join(values if len(values) == 1 else [f'COALESCE({value}, 0)' for value in values])} AS {quoted(name)}"
        for name, values in places.items()
    ]
    selected = {name: part for name, part in parts.items() if part.origin}
    first, *others = sorted(selected, key=lambda name: not selected[name].of_lines)
    keys = ", ".join(quoted(key) for key in parts[first].keys)
    common = ", ".join(f"{name} AS ({part.select})" for name, part in selected.items())
    kinds = {name: "JOIN" if selected[name].of_lines else "FULL JOIN" for name in others}
    origin = first + "".join(f" {kind} {name} USING ({keys})" for name, kind in kinds.items())
    return f"WITH {common} SELECT {', '.join([keys, *columns])} FROM {origin} ORDER BY {keys}"
