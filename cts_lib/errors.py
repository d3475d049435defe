"""Every error the workbook raises on purpose: one line that says where, what was found and what would be right."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import Any, Self

import pandas as pd

_SHORTEST = 4
"""Characters of a value that is hidden; of a shorter one every second word would be masked."""
_hidden: dict[str, str] = {}


def hide(name: str, value: str) -> None:
    """Have a value shown by its name alone, wherever this process writes what is masked."""
    if len(value) >= _SHORTEST:
        _hidden[value] = _hidden[value.replace("'", "''")] = name


def masked(text: str) -> str:
    """Return a text with names in place of the values that are hidden, of those within others the longest first.

    >>> hide("{env:CTS_EXAMPLE}", "s3cret")
    >>> masked("no file /data/s3cret/x.csv")
    'no file /data/{env:CTS_EXAMPLE}/x.csv'
    """
    for value in sorted(_hidden, key=len, reverse=True):
        text = text.replace(value, _hidden[value])
    return text


class CtsError(Exception):
    """Base of all errors of the workbook.

    Parameters
    ----------
    where : str
        File and key, or table, column and row.
    problem : str
        What is wrong, with the value that was found.
    expected : str
        What would be right.

    ``unit`` is the business unit it happened in, said before the place; who works on one unit puts it there.
    """

    unit: str | None = None

    def __init__(self, where: str, problem: str, expected: str = "") -> None:
        super().__init__(where, problem, expected)
        self.where = where
        self.problem = problem
        self.expected = expected

    def of(self, unit: str) -> Self:
        """Return the error as one of the unit, unless it is of one already."""
        if self.unit is not None:
            return self
        named = copy.copy(self)
        named.unit = unit
        return named

    def __str__(self) -> str:
        place = f"{self.unit}, {self.where}" if self.unit else self.where
        text = f"{place}: {self.problem}"
        if self.expected:
            text += f"; {self.expected}"
        return " ".join(masked(text).split())

    def _render_traceback_(self) -> list[str]:
        """Return what a notebook shows of it: the line that says what is wrong, not the way through the code."""
        return str(self).splitlines()


class ParamsError(CtsError, ValueError):
    """A parameter, expression or option that cannot be used."""


class ModelError(ParamsError):
    """An expression or a share of the cost model that cannot be used; the data decide, so it is of a unit."""


class SourceError(CtsError, OSError):
    """A source, table or column that is missing or cannot be read; ``line`` is the line of a mapping at fault."""

    def __init__(self, where: str, problem: str, expected: str = "", *, line: int | None = None) -> None:
        super().__init__(where, problem, expected)
        self.line = line


class LockedError(SourceError):
    """What somebody else holds, longer than was waited for."""


class MissingExtra(CtsError, ImportError):
    """A package that an extra of the workbook brings and that is not installed here."""

    def __init__(self, extra: str, package: str, where: str = "source.engine") -> None:
        install = f"pip install 'cost-to-serve-workbook[{extra}]'"
        super().__init__(where, f"{extra} needs {package}, which is not installed here", install)
        self.extra = extra
        self.package = package

    def __reduce__(self) -> tuple[type[MissingExtra], tuple[str, str, str]]:
        return type(self), (self.extra, self.package, self.where)


class DataError(CtsError, ValueError):
    """A unit's data that cannot be costed: an empty period, too many rejected rows, an infinite driver.

    Where one value is at fault, ``activity`` is the activity that takes it, ``row`` the unit of work in words, and
    ``value`` the value, where the engine could compute one. Where rows were refused, ``rejected`` are these rows.
    """

    def __init__(
        self,
        where: str,
        problem: str,
        expected: str = "",
        *,
        activity: str | None = None,
        row: str | None = None,
        value: float | None = None,
        rejected: pd.DataFrame | None = None,
    ) -> None:
        super().__init__(where, problem, expected)
        self.activity = activity
        self.row = row
        self.value = value
        self.rejected = rejected


class NoPlan(DataError):
    """Limits of a strategy that no plan keeps; ``remarks`` say what each alone would have to give, for any language."""

    def __init__(self, where: str, problem: str, expected: str = "", remarks: Sequence[dict[str, Any]] = ()) -> None:
        super().__init__(where, problem, expected)
        self.remarks = list(remarks)


class EmptyPeriod(DataError):
    """A period in which the unit has no order line and no event."""


class UnknownCustomer(DataError):
    """A customer without a line or event in the period."""


class ReconciliationError(CtsError, ArithmeticError):
    """A resource whose costs do not add up to its ledger."""


class NotebookError(CtsError, RuntimeError):
    """A notebook cell that failed, or a notebook that shows fewer figures than it should."""


def problems_of(error: CtsError) -> list[CtsError]:
    """Return the errors that one stands for."""
    return error.problems if isinstance(error, Problems) else [error]


class Problems(CtsError, ValueError):
    """Several errors found at once, one line each."""

    def __init__(self, problems: list[CtsError]) -> None:
        first = problems[0]
        super().__init__(first.where, first.problem, first.expected)
        self.problems = problems

    def of(self, unit: str) -> Self:
        return type(self)([problem.of(unit) for problem in self.problems])

    def __reduce__(self) -> tuple[type[Problems], tuple[list[CtsError]]]:
        return type(self), (self.problems,)

    def __str__(self) -> str:
        return "\n".join(str(problem) for problem in self.problems)
