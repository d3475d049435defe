"""Units and periods as jobs: checked together first, then worked off in processes, each written whole or not at all."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pandas as pd
from rich.console import Console

from cts_lib import limits, store
from cts_lib.display import Reader, labels_of, names_of, names_of_segments
from cts_lib.errors import (
    CtsError,
    DataError,
    LockedError,
    NoPlan,
    NotebookError,
    ParamsError,
    Problems,
    SourceError,
    UnknownCustomer,
    masked,
    problems_of,
)
from cts_lib.explain import explanation
from cts_lib.history import open_history
from cts_lib.orders import Message, Order, Tell, Work, late, write_record
from cts_lib.params import UnitParams
from cts_lib.params.period import Period
from cts_lib.prepare import check, choose_stages, prepare
from cts_lib.publish import is_current, publish, publish_shared
from cts_lib.run import UnitRun, write_replay, write_simulated
from cts_lib.sharing import FOLDER as SHARED
from cts_lib.sharing import Pseudonyms
from cts_lib.stopping import stop_if_told
from cts_lib.workers import work_in_processes

__all__ = [
    "Message",
    "Order",
    "check",
    "choose_stages",
    "explain",
    "prepare",
    "replay",
    "simulate",
    "work",
    "work_unit",
]


def explain(order: Order, customer_id: str) -> None:
    """Print the trace of a customer for each chosen unit that has it.

    Raise Problems where none has, and for each unit that cannot be costed.
    """
    units, periods = prepare(order)
    console, missing, failed, is_traced = Console(highlight=False), list[CtsError](), list[CtsError](), False
    console.width = max(console.width, 132)
    for unit in units:
        unit_run = UnitRun(unit)
        try:
            for period in periods[unit.name]:
                try:
                    trace = unit_run.explain(period, customer_id)
                except UnknownCustomer as error:
                    missing.append(error)
                    continue
                except CtsError as error:
                    failed += problems_of(error)
                    continue
                names = {**names_of(unit.params), **names_of_segments(trace.segment_names)}
                reader = Reader(order.language, unit.params.unit.currency, labels_of(unit.tree), names)
                console.print(explanation(trace, f"{unit.label}, {period}: {customer_id}", reader))
                is_traced = True
        finally:
            unit_run.close()
    if failed or not is_traced:
        raise Problems(failed or missing)


def replay(order: Order, plan: str, to: Path) -> None:
    """Write one unit's transactions of one period as a plan rewrites them; raise where more than one is chosen."""
    _write_one(order, lambda unit_run, period: write_replay(unit_run, period, plan, to), f"{to}: {plan}", to)


def simulate(order: Order, plan: str, replication: int, to: Path) -> None:
    """Write one simulated period of one unit under a plan; raise where more than one is chosen."""
    _write_one(
        order,
        lambda unit_run, period: write_simulated(unit_run, period, plan, replication, to),
        f"{to}: {plan}, replication {replication}",
        to,
    )


def _write_one(order: Order, write: Callable[[UnitRun, Period], None], said: str, to: Path) -> None:
    units, periods = prepare(order)
    if len(units) > 1:
        raise ParamsError("--unit", f"{len(units)} units", f"name one of {', '.join(unit.name for unit in units)}")
    unit, *_ = units
    chosen = periods[unit.name]
    if len(chosen) > 1:
        raise ParamsError("--period", f"{len(chosen)} periods", "name one")
    unit_run = UnitRun(unit, out=order.out)
    try:
        write(unit_run, chosen[0])
    finally:
        unit_run.close()
    params, out = to / "params", to / "out"
    print(f"{said} in {chosen[0]}", end=". ")
    print(f"Next: cts compute --until profile --params {params} --out {out} --period {chosen[0]}")


def work(order: Order, report: bool) -> int:
    """Do the order and return the exit status: 0 all done, 1 some failed or were held by others, 2 none was done."""
    begun = datetime.now(UTC)
    if order.scheduler is not None:  # its workers started elsewhere
        from cts_lib.cluster import reach

        reach(order)
        order = replace(order, params=order.params.resolve(), out=order.out.resolve())
    try:
        units, periods = prepare(order)
    except CtsError as error:
        if report and order.out.is_dir():  # what stands there is of another run
            write_record(order.out, begun, [], problems_of(error))
        raise
    if order.share:
        Pseudonyms.from_environment(units[0].business_unit)  # without a key nothing is begun
    if order.pdf:
        from cts_lib.reporting import find_chromium

        find_chromium()  # nor without a browser
    names = {unit.name: unit.business_unit for unit in units}
    console, started = Console(highlight=False, soft_wrap=True), time.perf_counter()
    done, failed = list[Message](), list[Message]()

    def take(message: Message) -> None:
        if message.kind == "progress":
            console.print(f"{message.unit}  {message.period}  {message.text}", markup=False)
        elif message.kind in ("done", "current"):
            done.append(message)
            how = "up to date" if message.kind == "current" else f"done, {message.seconds:.1f} s"
            console.print(f"{message.unit}  {message.period}  {how}", markup=False)
        else:
            failed.append(message)
            print(message.text, file=sys.stderr, flush=True)

    works = [Work(order, unit, periods[unit.name], report) for unit in units]
    if order.scheduler is not None:
        from cts_lib.cluster import work_on_cluster

        work_on_cluster(work_unit, works, take)
    elif (order.jobs == 1 or len(units) == 1) and order.timeout is None and order.memory is None:
        for each in works:
            work_unit(each, take)
    else:
        work_in_processes(work_unit, works, min(order.jobs, len(units)), take)
    written = [_tried(partial(_keep_rejected, order, message, names, console)) for message in failed]
    if report:
        written.append(_tried(partial(write_record, order.out, begun, [*done, *failed])))
    if not done:
        return 1 if any(message.is_held for message in failed) else 2
    written += [_tried(partial(_note_failure, order, message, units)) for message in failed]
    if report:
        from cts_lib.reporting import portal, write_mails

        for out in (order.out, order.out / SHARED) if order.share else (order.out,):
            written += [_tried(partial(write, out, order.language)) for write in (portal, write_mails)]
    seconds = time.perf_counter() - started
    current = sum(message.kind == "current" for message in done)
    counted = f"{len(done) - current} done, " + (f"{current} up to date, " if current else "")
    console.print(f"{counted}{len(failed)} failed in {seconds:.0f} s: {order.out}", markup=False)
    return 0 if not failed and all(written) else 1


def _tried(write: Callable[[], object]) -> bool:
    """Write what tells of units, none of which is lost where that cannot be: on a full disk, say."""
    try:
        write()
    except OSError as error:
        told = SourceError(str(error.filename or "storage"), str(error.strerror or error), "the units' folders stand")
        print(told, file=sys.stderr, flush=True)
        return False
    return True


def work_unit(work: Work, tell: Tell) -> None:
    """Work a unit's periods off in order, so that each sees the indicators of those before."""
    order, unit = work.order, work.unit
    limits.give_back_large()
    unit_run: UnitRun | None = None
    try:
        for period in work.periods:
            started, step = time.perf_counter(), [str(period)]

            def progress(text: str, name: str = str(period), step: list[str] = step) -> None:
                step.append(f"{name}, {text}")
                tell(Message(unit.name, name, "progress", text))

            try:
                with (
                    limits.within(order.seconds),
                    store.held(store.unit_folder(order.out, str(period), unit.name)),
                ):
                    if unit_run is None:
                        unit_run = UnitRun(unit, open_history(order.out).read("kpis", unit.name), order.out)
                    if work.report and is_current(order, unit_run, period):
                        store.forget_kept(store.unit_folder(order.out, str(period), unit.name))
                        tell(Message(unit.name, str(period), "current", seconds=time.perf_counter() - started))
                        continue
                    results = unit_run.compute(period, order.stages, progress, order.resume)
                    publish(order, unit_run, period, results, work.report, progress)
                    if order.share:
                        publish_shared(order, unit_run, period, progress)
                for note in results.doubts:
                    progress(f"doubt: {note.english}")
                tell(Message(unit.name, str(period), "done", seconds=time.perf_counter() - started))
            except (limits.OutOfTime, Exception) as error:  # whatever it is, the other units and periods go on
                stop_if_told()
                is_late = (
                    time.perf_counter() - started >= order.seconds
                )  # a library may take it for an error of its own
                failure = late(order, step[-1]) if is_late and not isinstance(error, NotebookError) else error
                tell(replace(_failed(unit.name, str(period), failure), seconds=time.perf_counter() - started))
    finally:
        if unit_run is not None:
            unit_run.close()


def _failed(unit: str, period: str, error: BaseException) -> Message:
    """Return what is told of a unit's period that failed."""
    if not isinstance(error, CtsError):
        text = " ".join(masked(f"{unit}, {period}: {type(error).__name__}: {error}").split())
        return Message(unit, period, "failed", text)
    remarks = error.remarks if isinstance(error, NoPlan) else []
    is_held = isinstance(error, LockedError)
    return Message(unit, period, "failed", str(error.of(unit)), _rejected(error), remarks, is_held)


def _rejected(error: CtsError) -> pd.DataFrame | None:
    return next((each.rejected for each in problems_of(error) if isinstance(each, DataError)), None)


def _keep_rejected(order: Order, message: Message, names: dict[str, str], console: Console) -> None:
    """Write the rows for which a unit failed where its tables would stand, or beside those of an earlier run."""
    if message.rejected is None or message.rejected.empty:
        return
    folder = store.unit_folder(order.out, message.period, message.unit)
    earlier = store.read_manifest(folder)
    place = folder / ("failed" if earlier and earlier.get("state") == "done" else "tables")
    store.write_tables(place, {"rejected_rows": message.rejected}, names[message.unit], message.period)
    console.print(f"{message.unit}  {message.period}  rejected rows: {place / 'rejected_rows.parquet'}", markup=False)


def _note_failure(order: Order, message: Message, units: list[UnitParams]) -> None:
    """Leave a manifest that says what failed where nothing stands yet; an earlier result stays as it is."""
    unit = next(unit for unit in units if unit.name == message.unit)
    folder = store.unit_folder(order.out, message.period, message.unit)
    if message.period and not store.read_manifest(folder):
        store.write_manifest(
            folder,
            {
                "unit": unit.name,
                "label": unit.label,
                "business_unit": unit.business_unit,
                "currency": unit.params.unit.currency,
                "period": message.period,
                "language": order.language,
                "state": "failed",
                "stages": [],
                "error": message.text,
                "remarks": message.remarks,
            },
        )
