"""Kept scenarios: questions to the workbook, a file each in ``params/scenarios/``, written like params.

``params/scenarios/fast_entry.yml`` holds what differs from the unit's params:

    cost_model: {activities: {order_entry: {minutes: 6 + 3*lines}}}
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import yaml

from cts_lib.errors import ParamsError
from cts_lib.params.labels import nearest
from cts_lib.params.loading import Tree, merge_keeping_nulls, parse_override, read_mapping
from cts_lib.params.unit_name import fault_of_name

SECTIONS = ("cost_model", "strategy", "segmentation")
"""What may be asked about."""
_ENDLESS = 2**31


def scenario_names(folder: Path) -> list[str]:
    """Return the names of the kept scenarios of a params folder; one that no file may have is a ParamsError."""
    paths = sorted(path for path in (folder / "scenarios").glob("*.yml") if not path.name.startswith(("_", ".")))
    for path in paths:
        _check_name(path.stem, path)
    return [path.stem for path in paths]


def read_scenario(folder: Path, name: str) -> tuple[str, ...]:
    """Return a kept scenario as overrides; an unknown name is told with the nearest known one."""
    known = scenario_names(folder)
    if name not in known:
        found = nearest(name, known) if known else f"keep one as {folder / 'scenarios' / name}.yml"
        raise ParamsError(f"scenario {name}", "no such scenario", found)
    path = scenario_file(folder, name)
    tree = read_mapping(path)
    check_sections(tree, str(path))
    return tuple(
        f"{section}={yaml.safe_dump(value, default_flow_style=True, allow_unicode=True, width=_ENDLESS).strip()}"
        for section, value in tree.items()
    )


def write_scenario(folder: Path, name: str, overrides: Sequence[str], replace: bool = False) -> Path:
    """Keep a question as a scenario; one of that name is replaced only where ``replace`` says so."""
    path = scenario_file(folder, name)
    _check_name(name, path)
    if path.exists() and not replace:
        raise ParamsError(str(path), "is kept already", "give it another name, or replace=True")
    tree = tree_of(overrides)
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}-{os.getpid()}")
    part.write_text(yaml.safe_dump(tree, sort_keys=False, allow_unicode=True), encoding="utf-8")
    part.replace(path)
    return path


def scenario_file(folder: Path, name: str) -> Path:
    """Return where a scenario is kept."""
    return folder / "scenarios" / f"{name}.yml"


def tree_of(overrides: Sequence[str]) -> Tree:
    """Return overrides as one tree; one of another section than may be asked about is a ParamsError.

    >>> tree_of(["strategy.budget=100", "strategy.min_gain.money=5"])
    {'strategy': {'budget': 100, 'min_gain': {'money': 5}}}
    """
    tree: Tree = {}
    for text in overrides:
        asked = parse_override(text)
        check_sections(asked, f"what_if {text}")
        tree = merge_keeping_nulls(tree, asked)
    return tree


def check_sections(tree: Tree, where: str) -> None:
    """Raise a ParamsError for a section that no question may be about."""
    for section in tree:
        if section not in SECTIONS:
            raise ParamsError(
                where, f"{section!r} cannot be asked about", f"ask about {', '.join(SECTIONS)}; else run with --set"
            )


def _check_name(name: str, path: Path) -> None:
    fault = fault_of_name(name, "scenario")
    if fault:
        raise ParamsError(str(path), *fault)
