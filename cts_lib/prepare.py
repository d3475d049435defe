"""What is looked at before anything runs: the order, params, sources and tables of units; all problems at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rich.console import Console

from cts_lib.errors import CtsError, ModelError, ParamsError, Problems, problems_of
from cts_lib.intake.newest import Newest
from cts_lib.orders import Order, Periods
from cts_lib.params import UnitParams, load_sound
from cts_lib.params.labels import LANGUAGES
from cts_lib.params.period import Period
from cts_lib.run import STAGES, Overview, UnitRun, open_sound


def choose_stages(until: str | None, stages: str | None) -> tuple[str, ...]:
    """Read ``--until`` and ``--stages``; an unknown stage is a ParamsError."""
    if until and stages:
        raise ParamsError("--until, --stages", "both given", "give one of them")
    names = [name.strip() for name in stages.split(",")] if stages else [until] if until else [STAGES[-1]]
    unknown = [name for name in names if name not in STAGES]
    if unknown:
        raise ParamsError(
            "--stages" if stages else "--until", f"no stage {unknown[0]!r}", f"known are {', '.join(STAGES)}"
        )
    if stages:
        return tuple(name for name in STAGES if name in names)
    return STAGES[: STAGES.index(names[0] or STAGES[-1]) + 1]


def prepare(order: Order) -> tuple[list[UnitParams], Periods]:
    """Check params, periods, sources and expressions of every unit before anything runs; tell all problems at once."""
    units, periods, problems = _looked_at(order)
    if problems:
        raise Problems(problems)
    return units, periods


def _looked_at(order: Order) -> tuple[list[UnitParams], Periods, list[CtsError]]:
    """Return the units whose source can be read, their periods, and all that is wrong before a table is looked at.

    Where no period is asked for, what was chosen is said; a unit without a dated line takes the newest of the others. A
    unit stands there without what is wrong of its params and expressions.
    """
    problems: list[CtsError] = []
    if order.language not in LANGUAGES:
        problems.append(ParamsError("--language", f"{order.language!r}", f"known are {', '.join(LANGUAGES)}"))
    periods = []
    for text in order.periods:
        try:
            periods.append(Period.parse(text, "--period"))
        except ParamsError as error:
            problems.append(error)
    if order.out.exists() and not order.out.is_dir():
        problems.append(ParamsError(f"--out {order.out}", "is no folder", "name a folder of results"))
    asked: list[UnitParams] = []
    try:
        asked, wrong = load_sound(order.params, list(order.units), list(order.overrides))
        problems += wrong
    except CtsError as error:
        problems += problems_of(error)
    units: list[UnitParams] = []
    newest: dict[str, Newest] = {}
    without_data: list[CtsError] = []
    of_units: dict[str, dict[str, CtsError]] = {}
    for unit in asked:
        try:
            unit_run, wrong = open_sound(unit)
        except CtsError as error:
            unit_run, wrong = None, problems_of(error)
        for problem in wrong:
            of_units.setdefault(str(problem), {})[unit.name] = problem
        if unit_run is None:
            continue
        for problem in unit_run.unknown_labels():
            of_units.setdefault(str(problem), {})[unit.name] = problem
        units.append(unit_run.unit)
        try:
            if not order.periods:
                newest[unit.name] = unit_run.newest()
        except CtsError as error:  # it fails by itself; the others go on
            without_data.append(error)
        finally:
            unit_run.close()
    for by_unit in of_units.values():  # what every unit has whose expressions were looked at is no unit's own
        first = next(iter(by_unit.values()))
        of_some = isinstance(first, ModelError) and len(by_unit) < len(units)
        problems += [item.of(name) for name, item in by_unit.items()] if of_some else [first]
    if not order.periods and not newest:
        problems += without_data
    for name, choice in newest.items():
        Console(highlight=False, soft_wrap=True).print(f"{name}  {choice.note.english}", markup=False)
    chosen, undated = _periods_of(units, periods, newest)
    problems += undated
    return units, chosen, list({str(problem): problem for problem in problems}.values())


def _periods_of(
    units: Sequence[UnitParams], asked: Sequence[Period], newest: Mapping[str, Newest]
) -> tuple[Periods, list[CtsError]]:
    """Return the periods of each unit under its own calendar, and what is wrong of those asked for."""
    latest = max((choice.day for choice in newest.values()), default=None)
    chosen: Periods = {}
    problems = list[CtsError]()
    for unit in units:
        fiscal = unit.params.governance.fiscal
        try:
            chosen[unit.name] = sorted({period.under(fiscal) for period in asked})
        except ParamsError as error:
            problems.append(error)
        if not asked and unit.name in newest:
            chosen[unit.name] = [newest[unit.name].period]
        elif not asked:
            chosen[unit.name] = [Period.newest_quarter(latest, fiscal)] if latest else []
    return chosen, problems


def check(order: Order) -> None:
    """Look at every table of the chosen units and periods without computing, and print what they hold and lack.

    Raise Problems with all that is wrong.
    """
    units, periods, problems = _looked_at(order)
    for unit in units:
        unit_run = UnitRun(unit)
        try:
            for period in periods[unit.name]:
                seen = unit_run.look(period)
                if isinstance(seen, Overview):
                    print(seen.text(), end="\n\n")
                else:
                    problems += seen
        finally:
            unit_run.close()
    if problems:
        raise Problems(list({str(problem): problem for problem in problems}.values()))
    print(f"No problem found. Next: cts run --params {order.params} --out {order.out}")
