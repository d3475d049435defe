"""Reads YAML as params are written: a key stands once, and only true and false are booleans."""

from __future__ import annotations

import re
from collections.abc import Hashable
from copy import deepcopy
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from cts_lib.errors import ParamsError


class _Loader(yaml.SafeLoader):
    """Safe YAML where only true and false are booleans (``country: NO`` is a country) and a key stands once."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: set[Any] = set()
        for key_node, _ in node.value:
            if key_node.tag == "tag:yaml.org,2002:merge":
                continue
            key = self.construct_object(key_node, deep=True)
            if not isinstance(key, Hashable):
                raise yaml.constructor.ConstructorError(None, None, "a key is a list or mapping", key_node.start_mark)
            if key in seen:
                raise yaml.constructor.ConstructorError(
                    None, None, f"the key {key!r} stands twice; keep one", key_node.start_mark
                )
            seen.add(key)
        return super().construct_mapping(node, deep)


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if not tag.endswith((":bool", ":timestamp"))]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile("^(?:true|false|True|False)$"), list("tTfF"))


@lru_cache(maxsize=64)
def _parsed(text: str) -> Any:
    """Parse the text of a file, which one question after another reads again, once."""
    return _Loader(text).get_single_data()


def read_yaml(path: Path, text: str | None = None) -> Any:
    """Parse a YAML file; what is no YAML becomes a ParamsError that names line and column."""
    try:
        return _Loader(text).get_single_data() if text is not None else deepcopy(_parsed(path.read_text("utf-8")))
    except (OSError, RecursionError) as error:
        raise ParamsError(str(path), f"cannot be read: {error}", "write a YAML file") from error
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        where = f"{path}, line {mark.line + 1}, column {mark.column + 1}" if mark else str(path)
        raise ParamsError(where, error.problem or "not YAML", "mend the YAML") from error
    except (ValueError, AttributeError, yaml.YAMLError) as error:
        raise ParamsError(
            str(path), f"not YAML in UTF-8: {error}", "save it as UTF-8 text; quote odd values"
        ) from error
