"""Reads YAML as params are written: a key stands once, only true and false are booleans, and leading zeros stay."""

from __future__ import annotations

import re
from collections.abc import Hashable
from copy import deepcopy
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from cts_lib.errors import ParamsError

_LIST, _MAPPING = "write a list, as [a, b]", "write keys with their values, as {key: value}"
_FORMS = {
    **dict.fromkeys(("list_type", "tuple_type", "set_type"), _LIST),
    **dict.fromkeys(("dict_type", "model_type", "model_attributes_type"), _MAPPING),
}


class _Loader(yaml.SafeLoader):
    """Safe YAML of what people mean: only true and false are booleans (``country: NO`` is a country), a number with a
    leading zero is an identifier (``0100017``, no octal number), and a key stands once."""

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
    first: [(tag, pattern) for tag, pattern in resolvers if not tag.endswith((":bool", ":timestamp", ":int"))]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile("^(?:true|false|True|False)$"), list("tTfF"))
_Loader.add_implicit_resolver("tag:yaml.org,2002:int", re.compile("^[-+]?(?:0|[1-9][0-9_]*)$"), list("-+0123456789"))

_MOST_NODES = 200_000
"""Values of a params file, each as often as it is named."""


@lru_cache(maxsize=64)
def _parsed(where: str, text: str) -> Any:
    """Parse the text of a file, which one question after another reads again, once."""
    loader = _Loader(text)
    node = loader.get_single_node()
    if node is None:
        return None
    _check_values(where, node)
    return loader.construct_document(node)


def read_yaml(path: Path, text: str | None = None) -> Any:
    """Parse a YAML file; what is no YAML becomes a ParamsError that names line and column."""
    try:
        if text is None and path.exists() and not path.is_file():  # a pipe would be waited for
            raise ParamsError(str(path), "cannot be read: it is no file", "write a YAML file")
        return deepcopy(_parsed(str(path), path.read_text(encoding="utf-8") if text is None else text))
    except ParamsError:
        raise
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


def _check_values(where: str, root: yaml.Node) -> None:
    """Raise where a value holds itself by its alias, aliases make endlessly many, or a text holds what no path can."""
    sizes: dict[int, int] = {}
    above: set[int] = set()

    def size(node: yaml.Node) -> int:
        if id(node) in above:
            line = node.start_mark.line + 1
            raise ParamsError(f"{where}, line {line}", "a value holds itself by its alias", "write it out")
        if isinstance(node.value, str) and "\0" in node.value:
            raise ParamsError(f"{where}, line {node.start_mark.line + 1}", "holds a NUL", "write a text without it")
        if id(node) not in sizes:
            above.add(id(node))
            below = node.value if isinstance(node, yaml.CollectionNode) else []
            parts = (part for each in below for part in (each if isinstance(each, tuple) else (each,)))
            sizes[id(node)] = 1 + sum(size(part) for part in parts)
            above.discard(id(node))
        return sizes[id(node)]

    if size(root) > _MOST_NODES:
        raise ParamsError(where, f"aliases make it more than {_MOST_NODES:,} values", "write out what is meant")


def wanted(detail: Any) -> str:
    """Return what would be right where pydantic found something else, in the words of YAML."""
    said: str = detail["msg"]
    return _FORMS.get(detail["type"], said[0].lower() + said[1:])
