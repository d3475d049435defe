"""Writes docs/tables.md, params.md, indicators.md and the lists of expressions.md from what describes them in the code.

``make docs`` runs it.
"""

from __future__ import annotations

import types
import typing
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Literal

import annotated_types as at
import yaml
from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from cts_lib.govern.definitions import DEFINITIONS, formula_of
from cts_lib.levers import KINDS, Kind
from cts_lib.levers.settings import Lever
from cts_lib.measures import KPIS, of
from cts_lib.model.drivers import COMPUTED, Driver, grain
from cts_lib.model.equations import FUNCTIONS
from cts_lib.params import Params, Strategy
from cts_lib.tables import OUTPUTS, Column, Table
from cts_lib.tables.contract import Contract
from cts_lib.tables.inputs import CUSTOMERS, EVENTS, INPUTS, ORDER_LINES, PRODUCTS

DOCS = Path(__file__).parent.parent / "docs"
_END = "...\n"
_LISTS = "<!-- What follows is written by make docs. -->\n"
_GRAINS = {
    "A line": ("line",),
    "An order or a shipment": ("order", "shipment"),
    "An event": ("event",),
    "A customer": ("customer",),
}
_TABLES = {"line": ORDER_LINES, "product": PRODUCTS, "customer": CUSTOMERS, "event": EVENTS}
_OF_LINES = {
    "any": "The largest of its lines.",
    "sum": "Sum of its lines.",
    "maximum": "The largest of its lines.",
    "first": "That of its lowest line number.",
}
_KIND_OF_SETTING: dict[type[BaseModel], Kind] = {kind.setting: kind for kind in KINDS}
Place = tuple[str, ...]
_KINDS = {float: "number", int: "whole number", str: "text", bool: "true or false"}


def tables() -> str:
    """Every table that goes in and comes out, with its columns."""
    parts = [
        "# Tables\n",
        "Written by `make docs` from `cts_lib/tables/`. Money is in the unit's currency, time in minutes unless a unit "
        "says otherwise, shares are fractions (0.12, not 12), units those that a product is sold in; identifiers are "
        "text, intervals hold the central 90 %.\n",
        "## Input\n",
        "One folder of Parquet or CSV a table, or one SQL mapping. A required column has a value in every row; any "
        "other may be absent or empty, and its default stands in.\n",
        *(_input(contract) for contract in INPUTS),
        "## Output\n",
        "Under `<out>/<period>/<unit>/tables/`, one Parquet file a table; `business_unit` and `period` come first in "
        "each. A total row reads `(all)`.\n",
        *(_output(table) for table in OUTPUTS.values()),
    ]
    return "\n".join(parts)


def _input(contract: Contract) -> str:
    needed = "Required." if contract.required else "May be absent."
    key = f"Key: {', '.join(contract.key)}." if contract.key else "No key."
    rows = [
        (
            f"`{column.name}`",
            column.kind,
            ", ".join(text for text in (column.unit, "≥ 0" if column.not_negative else "") if text),
            "required" if column.required else column.default,
            column.meaning,
        )
        for column in contract.columns
    ]
    table = _markdown(("column", "kind", "unit", "required or default", "meaning"), rows)
    return f"### {contract.name}\n\n{contract.about} {needed} {key}\n\n{table}"


def _output(table: Table) -> str:
    totals = "Has total rows." if table.totals else "No total rows."
    rows = [(f"`{column.name}`", _kind(column), column.unit, column.meaning) for column in table.columns]
    listed = _markdown(("column", "kind", "unit", "meaning"), rows)
    return f"### {table.name}\n\nStage {table.stage}. {table.about} {totals}\n\n{listed}"


def _kind(column: Column) -> str:
    return f"{column.kind} or null" if column.null else column.kind


def params() -> str:
    """Every parameter, a section for each part of the params."""
    parts = [
        "# Params\n",
        "Written by `make docs` from `cts_lib/params/`. `params/defaults.yml` holds a workbook's parameters, "
        "`params/units/<unit>.yml` what differs in one unit. Money is in the unit's currency, shares are fractions "
        "(0.12, not 12).\n",
    ]
    for model, keys in _as_shown(places(Params)).items():
        heading = ", ".join(f"`{'.'.join(place)}`" for place in dict.fromkeys(keys)) if keys[0] else "Sections"
        about = " ".join((model.__doc__ or "").replace("``", "`").split()) if keys[0] else ""
        if kind := _KIND_OF_SETTING.get(model):
            heading, about = f"{heading} of kind `{kind.name}`", " ".join([kind.meaning, *_needs(kind)])
        rows = [
            (f"`{field.alias or name}`", _type(field.annotation), _limits(field), _default(field), field.description)
            for name, field in _fields(model).items()
        ]
        table = _markdown(("key", "type", "unit, range", "default", "meaning"), rows)
        parts.append("\n\n".join(filter(None, (f"## {heading}", about, table))))
    return "\n".join(parts)


def indicators() -> str:
    """Every governed indicator with its definition."""
    sides = {"more": "higher", "less": "lower", None: ""}
    rows = [
        (
            f"`{name}`",
            of(name).words,
            DEFINITIONS[name].meaning,
            f"`{formula_of(name)}`",
            of(name).kind,
            sides[of(name).better],
            DEFINITIONS[name].source,
            DEFINITIONS[name].owner,
            DEFINITIONS[name].rhythm,
        )
        for name in KPIS
    ]
    heads = ("indicator", "words", "what it is", "formula", "unit", "good side", "source", "owner", "rhythm")
    about = (
        "# Indicators\n",
        "Written by `make docs` from `cts_lib/measures.py` and `cts_lib/govern/definitions.py`: what table `kpis` "
        "holds of the unit, its segments and channels. Percent are fractions in the tables. Where the columns it "
        "needs are absent an indicator is not known (null), never 0; nor is one over "
        "something that is not above 0. A line without a priority, where others have one, is not rush; of the index of "
        "perfect orders a rate that is not known is left out, as long as two are. The owner is a role; "
        "`governance.owners` says who it is.\n",
    )
    return "\n".join([*about, _markdown(heads, rows)])


def _as_shown(found: Mapping[type[BaseModel], list[Place]]) -> dict[type[BaseModel], list[Place]]:
    """Show what levers of all kinds share once, in place of a model a kind."""
    shown: dict[type[BaseModel], list[Place]] = {}
    for model, keys in found.items():
        shown.setdefault(Lever if issubclass(model, Lever) else model, []).extend(keys)
    return shown


def _fields(model: type[BaseModel]) -> dict[str, FieldInfo]:
    """Return the fields of a model; of levers, also the settings that each kind has of its own sort."""
    own = next(iter(_models(Strategy.model_fields["levers"].annotation)))[0].model_fields if model is Lever else {}
    return model.model_fields | {name: field for name, field in own.items() if name not in model.model_fields}


def _needs(kind: Kind) -> Iterator[str]:
    if kind.needs:
        yield f"Needs the input {' and '.join(f'`{name}`' for name in kind.needs)}."


def expressions() -> str:
    """The page as people wrote it, and below it every function and driver there is."""
    written = (DOCS / "expressions.md").read_text(encoding="utf-8").partition(_LISTS)[0]
    functions = _markdown(("function", "yields"), ((f"`{call}`", yields) for call, yields in FUNCTIONS.items()))
    parts = [written + _LISTS, f"## Functions\n\n{functions}", "## Drivers\n"]
    for heading, names in _GRAINS.items():
        drivers = {name: driver for each in names for name, driver in grain(each, {}).drivers.items()}
        parts.append(f"### {heading}\n\n{_drivers(drivers, of_customer=False)}")
    parts.append(f"### The customer's, in all of them\n\n{_drivers(grain('customer', {}).drivers, of_customer=True)}")
    return "\n".join(parts)


def _drivers(drivers: Mapping[str, Driver], of_customer: bool) -> str:
    """A row a driver; the second name that columns of customers and products go by is left out."""
    rows = []
    for name, driver in drivers.items():
        if (driver.table == "customer") != of_customer:
            continue
        contract, plain = _TABLES[driver.table], name.removeprefix(f"{driver.table}_")
        if plain != name and (plain in COMPUTED or contract.column(plain)):
            continue
        column = contract.column(name)
        meaning = COMPUTED[name] if name in COMPUTED or column is None else column.meaning
        rows.append((f"`{name}`", driver.kind, " ".join(filter(None, (_OF_LINES.get(driver.aggregation), meaning)))))
    return _markdown(("driver", "kind", "meaning"), rows)


def places(model: type[BaseModel], place: Place = ()) -> dict[type[BaseModel], list[Place]]:
    """Return every model of the params with the keys where it stands, in their order."""
    found = {model: [place]}
    for name, field in model.model_fields.items():
        for inner, below in _models(field.annotation):
            for each, found_at in places(inner, (*place, field.alias or name, *below)).items():
                found.setdefault(each, []).extend(found_at)
    return found


def _models(annotation: Any, below: Place = ()) -> Iterator[tuple[type[BaseModel], Place]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation, below
    elif typing.get_origin(annotation) is dict:
        yield from _models(typing.get_args(annotation)[1], ("<name>",))
    elif typing.get_origin(annotation) is not Literal:
        for inner in typing.get_args(annotation):
            yield from _models(inner, below)


def _type(annotation: Any) -> str:
    origin, inner = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is typing.Annotated:
        return _type(inner[0])
    if origin in (types.UnionType, typing.Union):
        return " or ".join(dict.fromkeys(_type(each) for each in inner if each is not type(None)))
    if origin is Literal:
        return ", ".join(f"`{str(word).lower() if isinstance(word, bool) else word}`" for word in inner)
    if origin is tuple:
        return f"list of {_type(inner[0])}" if inner[-1] is Ellipsis else f"{len(inner)} × {_type(inner[0])}"
    if origin is dict:
        return f"{_type(inner[1])} by name"
    return _KINDS.get(annotation, "section")


def _limits(field: FieldInfo) -> str:
    """The unit and the range of a field, or of what its list or mapping holds."""
    limits = dict.fromkeys(_metadata(field.annotation, field.metadata))
    units = [each.unit for each in limits if isinstance(each, at.Unit)]
    return ", ".join([*units, *(text for text in map(_limit, limits) if text)])


def _metadata(annotation: Any, metadata: Iterable[Any]) -> Iterator[Any]:
    for each in metadata:
        yield from each.metadata if isinstance(each, FieldInfo) else (each,)
    for inner in typing.get_args(annotation):
        if typing.get_origin(inner) is typing.Annotated:
            yield from _metadata(typing.get_args(inner)[0], inner.__metadata__)
        else:
            yield from _metadata(inner, ())


def _limit(each: Any) -> str:
    signs = {at.Ge: ("≥", "ge"), at.Gt: (">", "gt"), at.Le: ("≤", "le"), at.Lt: ("<", "lt")}
    if type(each) in signs:
        sign, name = signs[type(each)]
        return f"{sign} {getattr(each, name):,}"
    return ""


def _default(field: FieldInfo) -> str:
    if field.default is PydanticUndefined:
        return "required"
    if isinstance(field.default, BaseModel) and field.default == type(field.default).model_construct():
        return "below"
    value = field.default.model_dump(exclude_defaults=True) if isinstance(field.default, BaseModel) else field.default
    value = list(value) if isinstance(value, tuple) else value
    text: str = yaml.safe_dump(value, default_flow_style=True, sort_keys=False, width=1000)
    return f"`{text.removesuffix(_END).strip()}`"


def _markdown(heads: tuple[str, ...], rows: Iterable[tuple[str | None, ...]]) -> str:
    lines = [heads, ("---",) * len(heads), *rows]
    return "\n".join(f"| {' | '.join(cell or '' for cell in line)} |" for line in lines) + "\n"


PAGES = {"tables.md": tables, "params.md": params, "expressions.md": expressions, "indicators.md": indicators}


if __name__ == "__main__":
    for name, page in PAGES.items():
        (DOCS / name).write_text(page(), encoding="utf-8")
