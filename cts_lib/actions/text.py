"""Edits the text of an actions file where it changes, so that what people wrote besides stays as it is."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from cts_lib.params.actions import Action, checked
from cts_lib.params.reading import read_yaml

Values = Mapping[str, Any]


def with_item(text: str, item: Values) -> str:
    """Return the text with one more action at its end."""
    root = _items(text)
    if root is None:
        return _on_a_line(text) + _block(item, 0)
    if root.flow_style:
        end = root.end_mark.index - 1
        comma = ", " if root.value else ""
        return f"{text[:end].rstrip(' ,')}{comma}{_flow(item)}{text[end:]}"
    return _on_a_line(text) + _block(item, root.start_mark.column)


def with_values(text: str, name: str, values: Values) -> str | None:
    """Return the text with other values in the action of this id; None where that takes writing it anew."""
    root = _items(text)
    item = next((node for node in root.value if _scalars(node).get("id") == name), None) if root else None
    if item is None:
        return None
    nodes = {key.value: value for key, value in item.value}
    edits = list[tuple[int, int, str]]()
    for key, value in values.items():
        if key in nodes:
            node = nodes[key]
            if node.style in ("|", ">") or node.start_mark.line != node.end_mark.line:
                return None
            edits.append((node.start_mark.index, node.end_mark.index, _scalar(value)))
            continue
        end = nodes["id"].end_mark.index
        if item.flow_style:
            edits.append((end, end, f", {key}: {_scalar(value)}"))
        else:
            end = text.find("\n", end) if "\n" in text[end:] else len(text)
            edits.append((end, end, f"\n{' ' * item.value[0][0].start_mark.column}{key}: {_scalar(value)}"))
    edits.sort(key=lambda edit: edit[:2])
    for start, end, written in edits[::-1]:
        text = text[:start] + written + text[end:]
    return text


def plain(actions: list[Action]) -> str:
    """Return the text of a file written anew, without what people remarked in comments."""
    return "".join(_block(action.model_dump(exclude_defaults=True), 0) for action in actions)


def holds(text: str, actions: list[Action], path: Path) -> bool:
    """Whether a text holds these actions and nothing that is wrong."""
    found, wrong = checked(read_yaml(path, text), path)
    return not wrong and found == actions


def _items(text: str) -> yaml.SequenceNode | None:
    root = yaml.compose(text, yaml.SafeLoader)
    return root if isinstance(root, yaml.SequenceNode) else None


def _scalars(item: yaml.Node) -> dict[str, str]:
    pairs = item.value if isinstance(item, yaml.MappingNode) else []
    return {key.value: value.value for key, value in pairs if isinstance(value, yaml.ScalarNode)}


def _on_a_line(text: str) -> str:
    return text if not text or text.endswith("\n") else text + "\n"


def _block(item: Values, column: int) -> str:
    lines = [f"{key}: {_scalar(value)}" for key, value in item.items()]
    return "".join(f"{' ' * column}{'  ' if at else '- '}{line}\n" for at, line in enumerate(lines))


def _flow(item: Values) -> str:
    return "{" + ", ".join(f"{key}: {_scalar(value)}" for key, value in item.items()) + "}"


def _scalar(value: Any) -> str:
    """Write a value so that it may stand in a line and between braces."""
    text: str = yaml.safe_dump([value], default_flow_style=True, allow_unicode=True, width=10**6)
    return text.strip()[1:-1]
