"""Closing periods, restating them, and saying what was touched since: ``cts close`` and ``cts verify``."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import replace

from cts_lib import jobs, store
from cts_lib.closing import close, read_record, verify
from cts_lib.closing.record import params_digests
from cts_lib.errors import CtsError, DataError, ParamsError, Problems
from cts_lib.params import load
from cts_lib.params.labels import nearest
from cts_lib.params.period import Period
from cts_lib.run import UnitRun


def close_periods(order: jobs.Order) -> int:
    """Close a stored period of the chosen units, by default of all that have it; return 1 where one of them cannot be.

    Raise Problems where none can be.
    """
    (period,) = order.periods
    problems, done = list[CtsError](), 0
    for name in _stored(order, period):
        folder = store.unit_folder(order.out, period, name)
        try:
            with store.held(folder):
                if record := read_record(folder):
                    expected = "--restate --reason publishes what changed"
                    raise DataError(str(folder), f"is closed since {record.closed}", expected)
                record = close(folder, order.out)
            print(f"{name}  {period}  closed, {len(record.files)} files, digest {record.digest}")
            done += 1
        except CtsError as error:
            problems.append(error.of(name))
    if not done:
        raise Problems(problems)
    for problem in problems:
        print(problem, file=sys.stderr)
    return 1 if problems else 0


def restate_periods(order: jobs.Order) -> int:
    """Compute a closed period again, publish it and close it anew, with the stages and pages that it had."""
    if not order.restating.strip():
        raise ParamsError("--reason", "is missing", "say why what is published changes")
    (period,) = order.periods
    names = _stored(order, period)
    folders = [store.unit_folder(order.out, period, name) for name in names]
    still_open = [name for name, folder in zip(names, folders, strict=True) if not read_record(folder)]
    if still_open:
        raise Problems([DataError(f"{name}, {period}", "is not closed", f"cts close {period}") for name in still_open])
    statuses = []
    for name, folder in zip(names, folders, strict=True):
        stages = tuple((store.read_manifest(folder) or {})["stages"])
        has_pages = (folder / "index.html").exists()
        statuses.append(jobs.work(replace(order, units=[name], stages=stages), report=has_pages))
    return statuses[0] if len(set(statuses)) == 1 else 1


def verify_periods(order: jobs.Order) -> int:
    """Print what was touched since a period was closed; return 1 where that is of what was published, else 0."""
    (period,) = order.periods
    closed = [name for name in _stored(order, period) if order.units or _is_closed(order, period, name)]
    if not closed:
        raise DataError(str(order.out / period), "no unit is closed", f"cts close {period}")
    touched = False
    for name in closed:
        inputs, params, remark = _today(order, name)
        found = verify(order.out, period, name, inputs, params)
        lines = [f"{each.what} {each.how}" for each in found]
        for line in [*(lines or ["as it was closed"]), *([remark] if remark else [])]:
            print(f"{name}  {period}  {line}")
        touched = touched or any(each.published for each in found)
    return 1 if touched else 0


def _stored(order: jobs.Order, period: str) -> list[str]:
    """Return the chosen units that have the period, by default all; one that has not is an error."""
    known = sorted(path.parent.name for path in (order.out / period).glob("*/manifest.json"))
    if not known:
        raise DataError(str(order.out / period), "nothing is published there", f"cts run --period {period}")
    unknown = [name for name in order.units if name not in known]
    if unknown:
        raise Problems([DataError(f"--unit {name}", f"has no {period}", nearest(name, known)) for name in unknown])
    return list(order.units) or known


def _is_closed(order: jobs.Order, period: str, name: str) -> bool:
    return (store.unit_folder(order.out, period, name) / "closed.json").is_file()


def _today(order: jobs.Order, name: str) -> tuple[Mapping[str, str], Mapping[str, str], str]:
    """Return the digests of a unit's tables and params as they are now; why not, where they cannot be had."""
    try:
        (unit,) = load(order.params, [name], list(order.overrides))
        unit_run = UnitRun(unit)
    except CtsError as error:
        first, *_ = str(error).splitlines()
        return {}, {}, f"inputs and params were not looked at: {first}"
    try:
        return unit_run.stored.source.digests, params_digests(unit.tree), ""
    finally:
        unit_run.close()


def period_of(text: str) -> str:
    """Return a period as the folders are named, or raise a ParamsError."""
    return str(Period.parse(text, "PERIOD"))
