"""Where results are kept: a folder per unit and period, written whole or not at all."""

from __future__ import annotations

import json
import os
import shutil
import uuid
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pandas as pd

from cts_lib.digests import digest_of, file_digests
from cts_lib.errors import CtsError, DataError, ParamsError
from cts_lib.locks import exclusive
from cts_lib.names import CUSTOMER
from cts_lib.notes import Note
from cts_lib.params.period import Period
from cts_lib.stage import StageResult
from cts_lib.tables import OUTPUTS, conform
from cts_lib.tables.shared import KEYS

FOLDER = "CTS_FOLDER"
"""The environment variable that names a unit's folder while its report is made."""
BEFORE = "before"
"""Under this name a unit's folder keeps stage profile of the period before, which its stages compare with."""
_OF_STAGES = ("tables", "state")
_KEYS = tuple(column.name for column in KEYS)
_NEW, _WHOLE, _OLD = "new-", "whole-", "old-"
"""How the folders that a unit is made in begin: half-written, finished, and set aside."""
_DIGEST, _FILES = "digest", "files"
"""Under these keys a manifest says what it is itself, and what the files beside it are."""
_KEPT = "kept"
"""Where a run keeps what it has done of a unit's period until it is at its end."""


def unit_folder(out: Path, period: str, unit: str) -> Path:
    """The folder of a unit's period."""
    return out / period / unit


@contextmanager
def held(folder: Path) -> Iterator[None]:
    """Hold a unit's period: whoever else wants to make it waits, or is told who does.

    Where nothing comes of it, no folder is left that was not there before.
    """
    new = [place for place in (folder.parent, folder.parent.parent) if not place.exists()]
    try:
        with exclusive(_work(folder) / "lock", str(folder)):
            yield
    finally:
        _take_away([_work(folder), _work(folder).parent, *new])


def kept_folder(folder: Path) -> Path:
    """Return where what is done of a unit's period stands until all is; the next run goes on from it."""
    return _work(folder) / _KEPT


def forget_kept(folder: Path) -> None:
    """Take away what a run kept of a period that is done meanwhile."""
    shutil.rmtree(kept_folder(folder), ignore_errors=True)


@contextmanager
def replacing(folder: Path, with_it: Callable[[Path], None] | None = None) -> Iterator[Path]:
    """Yield a new folder that takes the place of ``folder`` when the block ends well, and vanishes when it does not.

    ``with_it`` does what has to appear together with the folder, from what stands in the new one; where it fails, the
    old folder stays. What an earlier, killed run left is mended first: a result that was set aside comes back, one that
    was whole appears with what belongs to it, half-written ones go. What was kept of the period goes when it is there.
    """
    work = _work(folder)
    work.mkdir(parents=True, exist_ok=True)
    _mend(folder, with_it)
    fresh = work / f"{_NEW}{uuid.uuid4().hex}"
    fresh.mkdir()  # with the rights that the user's umask gives, which those of a temporary folder are not
    whole = fresh.with_name(fresh.name.replace(_NEW, _WHOLE))
    try:
        yield fresh
        fresh.rename(whole)
        _appear(whole, folder, with_it)
        forget_kept(folder)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
        shutil.rmtree(whole, ignore_errors=True)
        _take_away([_work(folder), _work(folder).parent])


def _work(folder: Path) -> Path:
    """Return where a unit's folder is made: a folder of its own, for a part of a name may begin another's."""
    return folder.parent / ".work" / folder.name


def _take_away(places: list[Path]) -> None:
    """Take away folders that are empty, one after the other."""
    for place in places:
        with suppress(OSError):  # somebody else is at work there
            place.rmdir()


def _appear(whole: Path, folder: Path, with_it: Callable[[Path], None] | None) -> None:
    if with_it is not None:
        with_it(whole)
    old = whole.with_name(whole.name.replace(_WHOLE, _OLD))
    if folder.exists():
        folder.rename(old)
    whole.rename(folder)
    shutil.rmtree(old, ignore_errors=True)


def _mend(folder: Path, with_it: Callable[[Path], None] | None) -> None:
    left = [path for path in sorted(_work(folder).iterdir()) if path.is_dir() and path.name != _KEPT]
    for path in left:
        if path.name.startswith(_WHOLE):
            _appear(path, folder, with_it)
    for path in left:
        if path.name.startswith(_OLD) and path.exists() and not folder.exists():
            path.rename(folder)
        shutil.rmtree(path, ignore_errors=True)


def write_text(path: Path, text: str) -> None:
    """Write a file whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}-{os.getpid()}")
    part.write_text(text, encoding="utf-8")
    part.replace(path)


def write_tables(folder: Path, tables: dict[str, pd.DataFrame], unit: str, period: str) -> None:
    """Write one Parquet file a table; business_unit and period come first in each."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, table in tables.items():
        path = folder / f"{name}.parquet"
        path.unlink(missing_ok=True)
        keyed(table, unit, period).to_parquet(path, index=False)


def keyed(table: pd.DataFrame, unit: str, period: str) -> pd.DataFrame:
    """Return the table with its keys first; one that tells of several periods has its own."""
    keys = pd.DataFrame({"business_unit": unit, "period": period}, index=table.index).astype("str")
    own = [name for name in _KEYS if name in table]
    keys[own] = table[own]
    return pd.concat([keys, table.drop(columns=own)], axis=1)


def write_stage(folder: Path, name: str, result: StageResult, tables: bool = False) -> None:
    """Keep what later runs need of a stage to go on from it: its state and notes, and where asked for its tables."""
    place = folder / "state" / name
    shutil.rmtree(place, ignore_errors=True)  # of an earlier result no table may stay
    place.mkdir(parents=True)
    for key, table in result.state.items():
        _replace_feather(place / f"{key}.feather", table)
    for key, table in result.tables.items() if tables else ():
        (place / "tables").mkdir(exist_ok=True)
        _replace_feather(place / "tables" / f"{key}.feather", table)
    write_text(place / "notes.json", json.dumps([vars(note) for note in result.notes], default=str))


def _replace_feather(path: Path, table: pd.DataFrame) -> None:
    path.unlink(missing_ok=True)  # it may be shared with an earlier result
    table.to_feather(path)


def read_stage(folder: Path, name: str, fingerprint: str) -> StageResult | None:
    """Return a stage that was kept, or None where there is none that rests on the same or it cannot be read."""
    try:
        manifest = read_manifest(folder)
        if manifest is None or not holds(folder, manifest, name, fingerprint):
            return None
        place = folder / "state" / name
        notes = [Note(**note) for note in json.loads((place / "notes.json").read_text(encoding="utf-8"))]
        state = {path.stem: pd.read_feather(path) for path in place.glob("*.feather")}
        if (place / "tables").is_dir():
            tables = {path.stem: pd.read_feather(path) for path in (place / "tables").glob("*.feather")}
        else:
            tables = {key: conform(key, read_table(folder, key)) for key in stage_tables(name)}
            tables = _without_keys(tables)
    except (OSError, ValueError, KeyError, TypeError, CtsError):
        return None
    return StageResult(tables, notes, state)


def holds(folder: Path, manifest: dict[str, Any], stage: str, fingerprint: str) -> bool:
    """Return whether a folder holds a stage that rests on this, as it was written."""
    if manifest.get("fingerprints", {}).get(stage) != fingerprint:
        return False
    return is_whole(folder, manifest, f"state/{stage}", *(f"tables/{name}.parquet" for name in stage_tables(stage)))


def _names(table: str) -> list[str]:
    return [column.name for column in OUTPUTS[table].columns]


def stage_tables(stage: str) -> list[str]:
    """Return the names of a stage's tables."""
    return [name for name, table in OUTPUTS.items() if table.stage == stage]


def keep(
    folder: Path, fresh: Path, earlier: dict[str, Any], manifest: dict[str, Any], valid: set[str]
) -> dict[str, Any]:
    """Carry what an earlier run left over to the fresh folder; return what the manifest gains.

    ``valid`` are the stages of the earlier run that rest on what they would rest on now; its pages stay where all do
    and params, labels among them, and language are the same.
    """
    stages = [stage for stage in earlier.get("stages", []) if stage in valid and stage not in manifest["stages"]]
    whole = set(earlier.get("stages", [])) <= valid and all(
        earlier.get(key) == json.loads(json.dumps(manifest.get(key), default=str)) for key in ("params", "language")
    )
    kept = {f"tables/{name}.parquet" for stage in stages for name in stage_tables(stage)}
    states = [*stages, BEFORE] if is_whole(folder, earlier, f"state/{BEFORE}") else stages
    carried = {Path("state", name) for name in states}
    digests, known = file_digests(folder), earlier.get(_FILES, {})
    for path in (folder / name for name, digest in digests.items() if known.get(name) == digest):
        name = path.relative_to(folder)
        of_a_stage = str(name) in kept or bool(carried.intersection(name.parents))
        if of_a_stage or (whole and name.parts[0] not in _OF_STAGES):
            (fresh / name).parent.mkdir(parents=True, exist_ok=True)
            os.link(path, fresh / name)
    notes = [note for note in earlier.get("notes", []) if note["stage"] in stages]
    prints = {key: value for key, value in earlier.get("fingerprints", {}).items() if key in states}
    return {
        "stages": [*stages, *manifest["stages"]],
        "notes": [*notes, *manifest["notes"]],
        "fingerprints": prints | manifest["fingerprints"],
    }


def read_table(folder: Path, name: str) -> pd.DataFrame:
    """Read one stored table; one that cannot be read is a DataError."""
    path = folder / "tables" / f"{name}.parquet"
    try:
        return pd.read_parquet(path)
    except FileNotFoundError:
        raise
    except (OSError, ValueError) as error:
        said = str(error).splitlines()[0]
        raise DataError(str(path), f"cannot be read: {said}", "put it back, or run its period again") from error


def read_tables(folder: Path) -> dict[str, pd.DataFrame]:
    """Read every stored table, without the keys that all have."""
    found = {name: read_table(folder, name) for name in OUTPUTS if (folder / "tables" / f"{name}.parquet").exists()}
    return _without_keys(found)


def _without_keys(tables: dict[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """Return tables without the keys that all have, but for those that are columns of their own."""
    return {
        name: table.drop(columns=[key for key in _KEYS if key not in _names(name)]) for name, table in tables.items()
    }


def periods_of(out: Path, unit: str) -> list[Period]:
    """Return the periods of which a unit has stored results, in order."""
    found = list[Period]()
    for path in out.glob("*/*/tables"):
        if path.parent.name == unit:
            with suppress(ParamsError):  # a folder of another kind
                found.append(Period.parse(path.parent.parent.name))
    return sorted(found)


def customers_of(folder: Path, columns: list[str]) -> pd.DataFrame:
    """Return some columns of what each customer brought, with its segment; no row where either is not stored."""
    try:
        money, segments = read_table(folder, "customer_channel_profit"), read_table(folder, "segments")
    except OSError:
        return pd.DataFrame(columns=columns)
    return money.merge(segments[[*CUSTOMER, "segment"]], on=CUSTOMER)[columns]


def write_manifest(folder: Path, manifest: dict[str, Any]) -> None:
    """Write ``manifest.json`` of a unit's period; its own digest says later whether somebody changed it."""
    told = json.loads(json.dumps(manifest, default=str))
    told[_DIGEST] = _own_digest(told)
    write_text(folder / "manifest.json", json.dumps(told, indent=2, ensure_ascii=False) + "\n")


def seal(folder: Path) -> None:
    """Note in the manifest of a folder that is finished what its files are."""
    files = {name: digest for name, digest in file_digests(folder).items() if name != "manifest.json"}
    write_manifest(folder, (read_manifest(folder) or {}) | {_FILES: files})


@contextmanager
def noted(folder: Path, under: str, name: str, fingerprint: str, *files: str) -> Iterator[None]:
    """Note what something rests on, and what its files are, once it is written.

    While it is half written the manifest says nothing of it.
    """
    manifest = read_manifest(folder) or {}
    others = {key: value for key, value in manifest.get(under, {}).items() if key != name}
    write_manifest(folder, manifest | {under: others})
    yield
    known = {each: digest for each, digest in manifest.get(_FILES, {}).items() if not _is_of(each, files)}
    noted = {under: others | {name: fingerprint}, _FILES: known | file_digests(folder, files)}
    write_manifest(folder, manifest | noted)


def is_whole(folder: Path, manifest: dict[str, Any], *names: str) -> bool:
    """Return whether a manifest and the files that it knows are as they were written; with ``names``, these alone.

    A name is that of a file or of a folder.
    """
    if manifest.get(_DIGEST) != _own_digest(manifest):
        return False
    files = {name: digest for name, digest in manifest.get(_FILES, {}).items() if not names or _is_of(name, names)}
    return bool(files) and files == file_digests(folder, files)


def _own_digest(manifest: dict[str, Any]) -> str:
    return digest_of({key: value for key, value in manifest.items() if key != _DIGEST})


def _is_of(name: str, names: Iterable[str]) -> bool:
    return any(name == each or name.startswith(f"{each}/") for each in names)


def read_manifest(folder: Path) -> dict[str, Any] | None:
    """Return the manifest of a unit's period, or None where there is none, or none that this workbook wrote whole."""
    try:
        found = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) else None
