"""Loads the library that checks notebooks without a grammar that no notebook needs.

jsonschema builds, where JupyterLab brought it along, a grammar of addresses in all scripts: a second, and a schema of
notebooks asks for no such address.
"""

from __future__ import annotations

import sys
from importlib import import_module
from typing import Any, cast

_GRAMMAR = "rfc3987_syntax"

if _GRAMMAR not in sys.modules:
    modules = cast("dict[str, Any]", sys.modules)
    modules[_GRAMMAR] = None  # so that it counts as not installed, which jsonschema takes as it is
    try:
        import_module("jsonschema")
    finally:
        del modules[_GRAMMAR]
