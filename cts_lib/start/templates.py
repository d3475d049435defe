"""Writes templates of mappings: every column of a table with its meaning, to be filled in by hand."""

from __future__ import annotations

from cts_lib.tables.contract import Contract


def template_of(contract: Contract) -> str:
    """Return a mapping that reads a file named as the table, with every column of it."""
    lines = [
        f"-- Template of table {contract.name}. {contract.about}",
        "-- Write your own names before AS, and take the -- away from the columns that you have.",
        "-- Paths are relative to the folder that holds params; a line `-- assumption: …` reaches the report.",
        "SELECT",
    ]
    for column in contract.columns:
        words = f"{column.kind.value}: {column.meaning}" + (f" Default: {column.default}." if column.default else "")
        lines.append(f"    {'' if column.required else '-- '}{column.name} AS {column.name},  -- {words}")
    return "\n".join([*lines, f"FROM read_csv('data/{contract.name}.csv', header=true, all_varchar=true)"]) + "\n"
