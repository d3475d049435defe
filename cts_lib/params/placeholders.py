"""What stands in braces in a mapping: the params' parent folder, and environment variables, which are never shown."""

from __future__ import annotations

import os
import re
from pathlib import Path

from cts_lib.errors import SourceError, hide

PLACEHOLDER = re.compile(r"\{params\}|\{env:(?P<name>[A-Za-z_][A-Za-z0-9_]*)(?:\|(?P<default>[^{}]*))?\}")


def fill(text: str, root: Path) -> str:
    """Put the params' parent folder and environment variables into a mapping, escaped for a SQL literal.

    >>> fill("'{params}/x.csv' {env:NO_SUCH_VARIABLE|it's}", Path("/data"))
    "'/data/x.csv' it''s"
    """
    return PLACEHOLDER.sub(lambda placeholder: _value(placeholder, root).replace("'", "''"), text)


def filled_path(text: str, root: Path) -> Path:
    """Return the place that a path of params names, placeholders filled in, relative to the params' parent folder."""
    return Path(os.path.normpath(root / PLACEHOLDER.sub(lambda placeholder: _value(placeholder, root), text)))


def _value(placeholder: re.Match[str], root: Path) -> str:
    name, default = placeholder["name"], placeholder["default"]
    if not name:
        return str(root)
    if name in os.environ:
        hide(f"{{env:{name}}}", os.environ[name])
        return os.environ[name]
    if default is None:
        raise SourceError(placeholder[0], "the environment variable is not set", f"set {name}")
    return default
