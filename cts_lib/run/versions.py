"""What results rest on besides data and params: the package's own code, and the libraries that compute."""

from __future__ import annotations

import hashlib
import platform
from functools import cache
from importlib.metadata import version
from pathlib import Path

_PACKAGE = Path(__file__).parent.parent
_LIBRARIES = ("cost-to-serve-workbook", "duckdb", "pandas", "numpy", "scipy", "scikit-learn", "statsmodels", "sqlglot")


@cache
def code() -> str:
    """Return a digest of the package's files, whoever changed them, and of the versions of Python and libraries."""
    digest = hashlib.sha256(repr(versions()).encode())
    for path in sorted(_PACKAGE.rglob("*")):
        if path.is_file() and path.parent.name != "__pycache__":
            digest.update(str(path.relative_to(_PACKAGE)).encode() + path.read_bytes())
    return digest.hexdigest()


@cache
def versions() -> dict[str, str]:
    """Return the versions of Python, the workbook and the libraries that compute."""
    return {"python": platform.python_version()} | {name: version(name) for name in _LIBRARIES}
