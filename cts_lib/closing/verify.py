"""What was touched of a closed period since: its files, its record, or those of the periods before it in the chain."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from cts_lib.closing.record import Record, published_digests, read_record
from cts_lib.errors import DataError
from cts_lib.store import unit_folder


class Finding(NamedTuple):
    """What was touched, and how; ``published`` tells what stands in the folders from what a run would read today."""

    what: str
    how: str
    published: bool = True


def verify(out: Path, period: str, unit: str, inputs: Mapping[str, str], params: Mapping[str, str]) -> list[Finding]:
    """Return what was touched since a unit's period was closed; one that is open is a DataError.

    ``inputs`` and ``params`` are the digests of today's tables and sections, empty where they cannot be had.
    """
    folder = unit_folder(out, period, unit)
    record = read_record(folder)
    if record is None:
        raise DataError(str(folder), "is not closed", f"cts close {period} --unit {unit}")
    found = [Finding(name, how) for name, how in _compared(record.files, published_digests(folder))]
    if inputs:
        found += [Finding(f"input {name}", how, False) for name, how in _compared(record.inputs, inputs)]
    if params:
        found += [Finding(f"params {name}", how, False) for name, how in _compared(record.params, params)]
    return [*_chain(out, record), *found]


def _compared(closed: Mapping[str, str], now: Mapping[str, str]) -> list[tuple[str, str]]:
    names = sorted(closed.keys() | now.keys())
    states = [(name, _state(closed.get(name), now.get(name))) for name in names]
    return [(name, how) for name, how in states if how]


def _state(closed: str | None, now: str | None) -> str:
    if closed == now:
        return ""
    return "is missing" if now is None else "was added" if closed is None else "was changed"


def _chain(out: Path, record: Record) -> list[Finding]:
    """Return what does not fit of the records, from this period's back to the first."""
    found = list[Finding]()
    at: Record | None = record
    while at is not None:
        if at.computed != at.digest:
            found.append(Finding(f"record of {at.period}", "was changed"))
        if at.previous is None:
            break
        period, digest = at.previous
        before = read_record(unit_folder(out, period, record.unit))
        if before is None:
            found.append(Finding(f"record of {period}", "is missing"))
        elif digest not in (before.digest, *(each.digest for each in before.restated)):
            found.append(Finding(f"record of {period}", f"is not the one that {at.period} was closed upon"))
        at = before
    return found
