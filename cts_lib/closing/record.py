"""The record of a closed period: digests of all that was published, chained to the period closed before."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from cts_lib.digests import digest_of, file_digests
from cts_lib.errors import DataError
from cts_lib.params.period import Period
from cts_lib.store import periods_of, read_manifest, unit_folder, write_text

RECORD, RESTATEMENT = "closed.json", "restatement.parquet"
_BESIDE = (RECORD, RESTATEMENT, "failed")
"""What may stand in a closed folder without having been published."""


class Restated(BaseModel):
    """What stood there before, and why it was replaced."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    closed: str
    digest: str
    reason: str


class Record(BaseModel):
    """What was published of a unit's period, and the digest of it all; ``previous`` is the one before in the chain."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    unit: str
    period: str
    closed: str
    inputs: dict[str, str]
    params: dict[str, str]
    files: dict[str, str]
    previous: tuple[str, str] | None
    restated: tuple[Restated, ...] = ()
    digest: str = ""

    @property
    def computed(self) -> str:
        """The digest that the record has if nobody touched it."""
        return digest_of(self.model_dump(exclude={"digest"}))

    def replaced(self, reason: str) -> Restated:
        """Return what the record that takes its place says of it."""
        return Restated(closed=self.closed, digest=self.digest, reason=reason)


def params_digests(tree: dict[str, Any]) -> dict[str, str]:
    """Return a digest a section of params."""
    return {section: digest_of(value) for section, value in tree.items()}


def published_digests(folder: Path) -> dict[str, str]:
    """Return a digest a published file of a unit's folder."""
    return {name: digest for name, digest in file_digests(folder).items() if Path(name).parts[0] not in _BESIDE}


def read_record(folder: Path) -> Record | None:
    """Return the record of a closed period, None where it is open; one that cannot be read is a DataError."""
    path = folder / RECORD
    if not path.is_file():
        return None
    try:
        return Record.model_validate_json(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, ValidationError) as error:
        said = str(error).splitlines()[0]
        raise DataError(
            str(path), f"cannot be read: {said}", "put it back as it was when the period was closed"
        ) from error


def close(folder: Path, out: Path, restated: tuple[Restated, ...] = ()) -> Record:
    """Freeze what stands in a unit's folder, also in one that has yet to take its place; return its record."""
    manifest = read_manifest(folder)
    if manifest is None or manifest.get("state") != "done":
        raise DataError(str(folder), "nothing is published there", "run the period first")
    unit, period = str(manifest["unit"]), Period.parse(manifest["period"])
    record = Record(
        unit=unit,
        period=str(period),
        closed=datetime.now(UTC).isoformat(timespec="seconds"),
        inputs=manifest["inputs"],
        params=params_digests(manifest["params"]),
        files=published_digests(folder),
        previous=_previous(out, period, unit),
        restated=restated,
    )
    record = record.model_copy(update={"digest": record.computed})
    write_text(folder / RECORD, record.model_dump_json(indent=2) + "\n")
    return record


def _previous(out: Path, period: Period, unit: str) -> tuple[str, str] | None:
    """Return the newest closed period of the same length before, and its digest."""
    for each in reversed(periods_of(out, unit)):
        if each < period and each.is_like(period):
            found = read_record(unit_folder(out, str(each), unit))
            if found:
                return found.period, found.digest
    return None
