"""Remembers what was written, so that a second run leaves alone what somebody edited since."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from pathlib import Path

_NAME = ".cts-init.json"


@dataclass
class Record:
    """The digests of the files that were written below ``root``; ``edited`` are those that were left as they are."""

    root: Path
    digests: dict[str, str] = field(default_factory=dict)
    written: list[str] = field(default_factory=list)
    edited: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, root: Path) -> Record:
        """Return the record of an earlier run, or an empty one."""
        try:
            return cls(root, json.loads((root / "params" / _NAME).read_text(encoding="utf-8")))
        except (FileNotFoundError, NotADirectoryError):
            return cls(root)

    def write(self, where: str, content: str | bytes) -> Path:
        """Write a file below ``root``, unless it is there and not as it was last written."""
        path, given = self.root / where, content.encode() if isinstance(content, str) else content
        if path.is_file() and _digest(path.read_bytes()) != self.digests.get(where):
            if path.read_bytes() != given and where not in self.edited:
                self.edited.append(where)
            return path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(given)
        self.digests[where] = _digest(given)
        self.written.append(where)
        return path

    def free(self, where: str, ending: str) -> str:
        """Return a place that this run has written nothing to: two files may be called alike."""
        taken = {*self.written, *self.edited}
        numbered = (f"{where}{number}{ending}" for number in ("", *(f"_{place}" for place in range(2, 999))))
        return next(place for place in numbered if place not in taken)

    def keep(self) -> None:
        """Write the record itself."""
        path = self.root / "params" / _NAME
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(self.digests, indent=1, sort_keys=True), encoding="utf-8")


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
