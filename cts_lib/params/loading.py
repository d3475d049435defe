"""Reads params files, merges them for each unit and tells every problem at once, with its file and key."""

from __future__ import annotations

import types
import typing
from collections.abc import Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from cts_lib.errors import CtsError, ParamsError, Problems
from cts_lib.levers import KIND_OF
from cts_lib.params.actions import Action, actions_file, read_actions
from cts_lib.params.cost_model import CostModel
from cts_lib.params.labels import nearest
from cts_lib.params.period import undated
from cts_lib.params.reading import read_yaml, wanted
from cts_lib.params.sections import Params
from cts_lib.params.unit_name import fault_of_name

Tree = dict[str, Any]
_WHERE = (("unit",), ("unit", "business_unit"))
_LENIENT: dict[tuple[int | str, ...], float] = {
    ("quality", "max_rejected_share"): 1.0,
    ("profile", "assumed_gross_margin"): 0.5,
}
"""What lets pass all that a wrong value would have been asked about."""


@dataclass(frozen=True)
class UnitParams:
    """One unit's params after merging, and where they came from.

    ``tree`` is the merged mapping as written, ``root`` the folder that relative paths start from,
    ``defaults_used`` the sections that no file gives, ``actions`` those that people keep. Where it is not ``sound``,
    wrong values were left out.
    """

    name: str
    params: Params
    tree: Tree
    folder: Path
    overrides: tuple[str, ...] = ()
    defaults_used: list[str] = field(default_factory=list)
    sound: bool = True
    actions: tuple[Action, ...] = ()

    @property
    def root(self) -> Path:
        return self.folder.parent

    @property
    def business_unit(self) -> str:
        return self.params.unit.business_unit or self.name

    @property
    def label(self) -> str:
        return self.params.unit.label or self.name

    def where(self, *key: str) -> str:
        """Name the file that holds a key, and the key."""
        return _where(_origins(self.folder, self.name, self.overrides), key)


def read_mapping(path: Path) -> Tree:
    """Read a params file that must hold a mapping (an empty file is an empty one)."""
    tree = read_yaml(path)
    if tree is None:
        return {}
    if not isinstance(tree, dict):
        raise ParamsError(str(path), f"holds a {type(tree).__name__}", "write a mapping of sections")
    return tree


def merge(base: Tree, over: Tree) -> Tree:
    """Return ``base`` with ``over`` merged in: mappings deeply, lists replaced, a null removes the key.

    >>> merge({"a": {"b": 1, "c": 2}, "d": [1, 2]}, {"a": {"b": None}, "d": [3]})
    {'a': {'c': 2}, 'd': [3]}
    """
    merged = dict(base)
    for key, value in over.items():
        if value is None:
            merged.pop(key, None)
        elif isinstance(value, dict):
            below = merged.get(key)
            merged[key] = merge(below if isinstance(below, dict) else {}, value)
        else:
            merged[key] = value
    return merged


def parse_override(text: str) -> Tree:
    """Turn ``dotted.key=value`` into a nested mapping; the value is read as YAML.

    >>> parse_override("quality.max_rejected_share=0.02")
    {'quality': {'max_rejected_share': 0.02}}
    """
    dotted, equals, value = text.partition("=")
    keys = [key.strip() for key in dotted.split(".")]
    if not equals or not all(keys):
        raise ParamsError(f"--set {text}", "not of the form dotted.key=value", "write --set quality.strict_ledger=true")
    tree: Any = read_yaml(Path(f"--set {dotted}"), value)
    for key in reversed(keys):
        tree = {key: tree}
    return typing.cast(Tree, tree)


def unit_names(folder: Path) -> list[str]:
    """The units of a params folder, by name; a folder without any, or a name that no folder may have, is an error.

    A file whose name begins with ``_`` or ``.`` is none.
    """
    if not folder.is_dir():
        raise ParamsError(str(folder), "no such folder", "name a params folder with --params")
    if not (folder / "defaults.yml").is_file():
        raise ParamsError(str(folder / "defaults.yml"), "no such file", "a params folder holds defaults.yml and units/")
    names = sorted(path.stem for path in (folder / "units").glob("*.yml") if not path.name.startswith(("_", ".")))
    if not names:
        raise ParamsError(str(folder / "units"), "no unit there", "write units/<unit>.yml, one file a business unit")
    wrong = [(name, fault) for name in names if (fault := fault_of_name(name))]
    if wrong:
        raise Problems([ParamsError(str(folder / "units" / f"{name}.yml"), *fault) for name, fault in wrong])
    return names


def load(folder: Path, units: list[str] | None = None, overrides: list[str] | None = None) -> list[UnitParams]:
    """Return the merged params of the chosen units (default all), or raise Problems with all that is wrong."""
    loaded, problems = load_sound(folder, units, overrides)
    if problems:
        raise Problems(problems)
    return loaded


def load_sound(
    folder: Path, units: list[str] | None = None, overrides: list[str] | None = None
) -> tuple[list[UnitParams], list[CtsError]]:
    """Return what of the chosen units' params is sound, and all that is wrong.

    A unit stands there without its wrong values, so that the rest of it can be checked; where it cannot do without
    them, or its source is wrong, it does not stand there.
    """
    folder = folder.resolve()
    known = unit_names(folder)
    problems: list[CtsError] = [
        ParamsError(f"--unit {name}", "no such unit", nearest(name, known)) for name in units or [] if name not in known
    ]
    base: Tree = {}
    sets: Tree = {}
    try:
        base = merge({}, read_mapping(folder / "defaults.yml"))
    except ParamsError as error:
        problems.append(error)
    for text in overrides or []:
        try:
            sets = merge_keeping_nulls(sets, parse_override(text))
        except ParamsError as error:
            problems.append(error)
    loaded = []
    if not problems:
        for name in dict.fromkeys(units or known):
            try:
                unit, wrong = _load_unit(folder, name, base, sets, tuple(overrides or ()))
                loaded += [unit] if unit else []
                problems += wrong
            except ParamsError as error:
                problems.append(error)
    return loaded, list({str(problem): problem for problem in problems}.values())


def merge_keeping_nulls(base: Tree, over: Tree) -> Tree:
    """Merge two sets of overrides; a null stays, to remove the key later."""
    merged = dict(base)
    for key, value in over.items():
        below = merged.get(key)
        merged[key] = (
            merge_keeping_nulls(below, value) if isinstance(below, dict) and isinstance(value, dict) else value
        )
    return merged


def _load_unit(
    folder: Path, name: str, base: Tree, sets: Tree, overrides: tuple[str, ...]
) -> tuple[UnitParams | None, list[ParamsError]]:
    path = folder / "units" / f"{name}.yml"
    own = read_mapping(path)
    tree = merge(merge(base, own), sets)
    origins = [("--set", sets), (str(path), own), (str(folder / "defaults.yml"), base)]
    details: Sequence[Any] = []
    params: Params | None
    try:
        params = Params.model_validate(tree)
    except ValidationError as error:
        details = error.errors()
        params = _sound(tree, details)
    wrong = [_problem(origins, detail) for detail in details]
    if not any(detail["loc"][0] == "cost_model" for detail in details):
        wrong += _disagreements(origins, CostModel.model_validate(tree["cost_model"]))
    actions, amiss = read_actions(actions_file(folder, name))
    wrong += amiss
    if params is not None and params.governance.calendar is None:
        wrong += _without_days(origins, params)
        of_actions = [(f"{actions_file(folder, name)}, {action.id}, since", action.since) for action in actions]
        wrong += [problem for where, text in of_actions for problem in undated(where, text)]
    if params is None:
        return None, wrong
    return UnitParams(name, params, tree, folder, overrides, _defaults_used(tree), not wrong, tuple(actions)), wrong


def _sound(tree: Tree, details: Sequence[Any]) -> Params | None:
    """Return the params without the values that are wrong, or None where the tables cannot be found without them.

    What stands in for a wrong value lets everything pass.
    """
    if any(detail["loc"][0] == "source" or detail["loc"][:2] in _WHERE for detail in details):
        return None
    sound = deepcopy(tree)
    for detail in details:
        if detail["loc"][:2] == ("cost_model", "support"):
            sound.get("cost_model", {}).pop("support", None)
            continue
        *above, last = _held(tree, _written(detail["loc"]))
        at: Any = sound
        for key in above:
            at = at.get(key) if isinstance(at, dict) else None
        if isinstance(at, dict):
            at.pop(last, None)
            if (lenient := _LENIENT.get((*above, last))) is not None:
                at[last] = lenient
    try:
        return Params.model_validate(sound)
    except ValidationError:
        return None


def _disagreements(origins: list[tuple[str, Tree]], model: CostModel) -> list[ParamsError]:
    """Return what the parts of a cost model disagree about."""
    return [
        ParamsError(_where(origins, ("cost_model", *key.split("."))), found, expected)
        for key, found, expected in model.problems()
    ]


def _without_days(origins: list[tuple[str, Tree]], params: Params) -> list[ParamsError]:
    """Return what names a period of a fiscal calendar, where there is none."""
    named: list[tuple[tuple[int | str, ...], str | None]] = [
        (("governance", "changes", at), text) for at, text in enumerate(params.governance.changes)
    ]
    if params.governance.compare.startswith("FY"):
        named.append((("governance", "compare"), params.governance.compare))
    named.append((("segmentation", "keep_from"), params.segmentation.keep_from))
    return [problem for loc, text in named for problem in undated(_where(origins, loc), text)]


def _defaults_used(tree: Tree) -> list[str]:
    """The sections that no file gives, and in those given the keys that none does."""
    used = []
    for section in Params.model_fields:
        given = tree.get(section)
        if given is None:
            used += [section] if section != "labels" else []  # nothing stands in for a label
        elif isinstance(given, dict) and section not in ("unit", "source", "cost_model", "labels"):
            fields = _without_null(Params.model_fields[section].annotation).model_fields
            used += [
                f"{section}.{key}" for key, field in fields.items() if key not in given and field.default is not None
            ]
    return used


def _origins(folder: Path, name: str, overrides: Sequence[str]) -> list[tuple[str, Tree]]:
    """Return what a unit's params were merged from, the strongest first."""
    sets: Tree = {}
    for text in overrides:
        sets = merge_keeping_nulls(sets, parse_override(text))
    files = (folder / "units" / f"{name}.yml", folder / "defaults.yml")
    return [("--set", sets), *((str(file), read_mapping(file)) for file in files)]


def _where(origins: list[tuple[str, Tree]], loc: tuple[int | str, ...]) -> str:
    """Name the file that holds the key, or as much of it as any file holds."""
    for depth in range(len(loc), 0, -1):
        for file, tree in origins:
            if _holds(tree, loc[:depth]):
                return f"{file}, {'.'.join(map(str, loc))}"
    return f"{origins[-1][0]}, {'.'.join(map(str, loc))}"


def _held(tree: Tree, loc: tuple[int | str, ...]) -> tuple[int | str, ...]:
    """Return as much of a key as the tree holds, at least its section."""
    return next((loc[:depth] for depth in range(len(loc), 1, -1) if _holds(tree, loc[:depth])), loc[:1])


def _holds(tree: Any, loc: tuple[int | str, ...]) -> bool:
    for key in loc:
        inside = key in tree if isinstance(tree, dict) else isinstance(tree, list) and key in range(len(tree))
        if not inside:
            return False
        tree = tree[key]
    return True


def _written(loc: tuple[int | str, ...]) -> tuple[int | str, ...]:
    """Return where something stands in the files: without the kind by which a lever's model was found."""
    parts = tuple(part for part in loc if part != "[key]")
    return parts[:3] + parts[4:] if parts[:2] == ("strategy", "levers") else parts


def _problem(origins: list[tuple[str, Tree]], detail: Any) -> ParamsError:
    loc = _written(detail["loc"])
    where, value, kind = _where(origins, loc), detail["input"], detail["type"]
    if kind == "extra_forbidden":
        return ParamsError(where, f"unknown key {loc[-1]!r}", nearest(str(loc[-1]), _known_keys(detail["loc"][:-1])))
    if kind in ("union_tag_not_found", "union_tag_invalid"):
        given = value.get("kind", loc[-1]) if isinstance(value, dict) else loc[-1]
        return ParamsError(where, f"unknown kind {given!r}", nearest(str(given), list(KIND_OF)))
    if kind == "missing":
        return ParamsError(where, "missing", "it is required")
    message = detail["msg"].removeprefix("Value error, ")
    if kind == "value_error":
        found, _, expected = message.partition("; ")
        return ParamsError(where, found, expected)
    return ParamsError(where, f"found {value!r}", wanted(detail))


def _known_keys(loc: tuple[int | str, ...]) -> list[str]:
    model: Any = Params
    for part in loc:
        if isinstance(model, list):
            model = next(each for each in model if typing.get_args(each.model_fields["kind"].annotation) == (part,))
        elif isinstance(model, type) and issubclass(model, BaseModel):
            named = {field.alias or name: field for name, field in model.model_fields.items()}
            model = _without_null(named[str(part)].annotation)
        elif typing.get_origin(model) is dict:
            model = _without_null(typing.get_args(model)[1])
    if isinstance(model, type) and issubclass(model, BaseModel):
        return [field.alias or name for name, field in model.model_fields.items()]
    return []


def _without_null(annotation: Any) -> Any:
    """Return the type of a value that is given; where it may be of several models, their list."""
    if typing.get_origin(annotation) is typing.Annotated:
        return _without_null(typing.get_args(annotation)[0])
    if isinstance(annotation, types.UnionType) or typing.get_origin(annotation) is typing.Union:
        given = [arg for arg in typing.get_args(annotation) if arg is not type(None)]
        return given if len(given) > 1 and all(isinstance(arg, type) for arg in given) else _without_null(given[0])
    return annotation
