"""The sections of docs/reliability.md that the soak writes: each stands from its own marker to the next end."""

from __future__ import annotations

from pathlib import Path

REPORT = Path(__file__).parent.parent / "docs" / "reliability.md"
_END = "<!-- Written by make soak until here. -->"


def write_section(begin: str, told: str, path: Path = REPORT) -> None:
    """Write what was told between the marker ``begin`` and the end; all else stays."""
    before, found, after = path.read_text(encoding="utf-8").partition(begin)
    assert found, f"{path}: lacks {begin}"
    rest = after.partition(_END)[2].strip()
    path.write_text("\n\n".join([before + begin, told.strip(), _END, *[rest] * bool(rest)]) + "\n", encoding="utf-8")


def add_row(begin: str, cells: list[str], path: Path = REPORT) -> None:
    """Add a row to the table between the marker ``begin`` and the end."""
    rows = path.read_text(encoding="utf-8").partition(begin)[2].partition(_END)[0]
    write_section(begin, f"{rows.strip()}\n| {' | '.join(cells)} |", path)
