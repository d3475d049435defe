"""What the made-up distributor is made of, from the YAML files beside this module."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml


def read(name: str) -> Any:
    """Return what a file holds."""
    return yaml.safe_load((Path(__file__).parent / f"{name}.yml").read_text(encoding="utf-8"))


def entries(name: str) -> list[dict[str, Any]]:
    """Return the entries of a file, their lists as tuples."""
    return [{key: _frozen(value) for key, value in entry.items()} for entry in read(name)]


def _frozen(value: Any) -> Any:
    return tuple(map(_frozen, value)) if isinstance(value, list) else value
