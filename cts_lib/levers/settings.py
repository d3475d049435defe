"""What params say of a lever: its settings by name, whom it is for, who goes along, and what it asks and risks."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Annotated, Any, Literal, get_args

from annotated_types import Unit
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

OF, AND = ": ", " + "
"""What stands between a lever and its setting, and between levers, in the name of an option."""
Money = Annotated[float, Field(ge=0, allow_inf_nan=False), Unit("money")]
Share = Annotated[float, Field(ge=0, le=1), Unit("share")]
Part = Annotated[float, Field(gt=0, le=1), Unit("share")]
Factor = Annotated[float, Field(ge=0, allow_inf_nan=False)]


def no_separator(name: str) -> str:
    """Refuse a name that would be taken apart in the name of an option."""
    if OF in name or AND in name or not name.strip():
        raise ValueError(f"is called {name!r}; a name holds neither {OF!r} nor {AND!r} and is not empty")
    return name


def as_written(value: object) -> object:
    """Return a whole number as text: an identifier or a year needs no quotes in YAML.

    >>> as_written(4711), as_written("0087"), as_written(True)
    ('4711', '0087', True)
    """
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


Name = Annotated[str, AfterValidator(no_separator)]
"""What a lever or a setting may be called."""
Identifier = Annotated[str, BeforeValidator(as_written)]
"""What tables call a customer, channel, warehouse …; a number needs no quotes."""


class Setting(BaseModel):
    """Base of what a kind of lever may be set to."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def amounts(setting: Setting) -> Iterator[float]:
    """Return what of a setting is money."""
    for name, field in type(setting).model_fields.items():
        value = getattr(setting, name)
        if isinstance(value, Setting):
            yield from amounts(value)
        elif value is not None and (Unit("money") in field.metadata or _is_money(field.annotation)):
            yield float(value)


def _is_money(annotation: Any) -> bool:
    return any(part == Unit("money") or _is_money(part) for part in get_args(annotation))


class Investment(Setting):
    """What a lever takes before it works, and what it costs to keep."""

    once: Money = Field(default=0.0, description="Once a plan, spread over `strategy.investment_years`.")
    per_customer: Money = Field(
        default=0.0, description="For each customer that goes along, in each of its channels; spread alike."
    )
    per_year: Money = Field(default=0.0, description="Every year that the plan has the lever.")


def _per_customer(value: object) -> object:
    """A plain number is what each customer takes."""
    return {"per_customer": value} if isinstance(value, int | float) and not isinstance(value, bool) else value


class Lever(BaseModel):
    """One thing a strategy can change; its settings are named as the reports call them."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    kind: str = Field(description="What it changes: a kind below; may be left out where the lever is called as one.")
    label: dict[str, str] = Field(default={}, description="What reports call it, by language; empty: by its kind.")
    whom: Annotated[str, Field(min_length=1)] | None = Field(
        default=None,
        alias="for",
        description="Condition over the customer's columns, the channel and the segment; null: everybody.",
    )
    adoption: Part = Field(default=1.0, description="Share of the customers reached that go along.")
    promise: Literal["keep", "move"] = Field(
        default="keep", description="Whether a promised date moves with the days that the lever makes a line wait."
    )
    margin_at_risk: Share = Field(default=0.0, description="Share of the margin of touched lines that is lost.")
    investment: Annotated[Investment, BeforeValidator(_per_customer)] = Field(
        default=Investment(), description="What it takes; a plain number is per customer."
    )
    owner: str | None = Field(default=None, description="Who is to do it; null: who answers for what it changes most.")
    due: date | None = Field(default=None, description="By which day; null: as `governance.action_days` says.")
    events: dict[str, Factor] = Field(
        default={}, description="By event, the factor on quantity, minutes and amount of those who go along."
    )
