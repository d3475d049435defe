"""Digests, by which it shows that something is no longer what it was."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any


def digest_of(value: Any) -> str:
    """Return the sha256 of what JSON holds."""
    return hashlib.sha256(json.dumps(value, sort_keys=True, default=str).encode()).hexdigest()


def file_digests(folder: Path, names: Iterable[str] = (".",)) -> dict[str, str]:
    """Return a digest of each file that is or stands below one of the names in a folder, by its path there."""
    places = [folder / name for name in names]
    below = [path for place in places for path in (place.rglob("*") if place.is_dir() else [place])]
    return {path.relative_to(folder).as_posix(): _of_file(path) for path in sorted(below) if path.is_file()}


def _of_file(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
