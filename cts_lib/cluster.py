"""Units worked off by a Dask cluster: what a worker was at that is lost, another does again, and that is said."""

from __future__ import annotations

import logging
import os
import pickle
import queue
import re
import secrets
import signal
import socket
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from math import inf
from pathlib import Path
from typing import Any

from cts_lib import limits
from cts_lib.errors import CtsError, DataError, MissingExtra, ParamsError, SourceError, masked
from cts_lib.history import URL
from cts_lib.locks import waiting_time
from cts_lib.orders import Course, Message, Order, Tell, Work, late
from cts_lib.run.versions import code, versions
from cts_lib.stopping import GRACE, Stopped

try:
    import distributed
except ImportError as error:
    raise MissingExtra("cluster", str(error.name), "--scheduler") from error

Run = Callable[[Work, Tell], None]
Facts = dict[str, str]
_CONNECTS = 5.0
"""Seconds in which a scheduler has to answer."""
_LOOKS = 0.2
"""Seconds between two looks at the units."""
_EVENTS = "all"
"""The topic under which a scheduler tells which workers come and go."""
_BEGUN = "begun"


@dataclass
class _Unit(Course):
    """A unit's task, the worker that is at it, if one is, and how many were lost at it; its time counts from there."""

    task: Any
    worker: str = ""
    lost: int = 0


def work_on_cluster(run: Run, works: Sequence[Work], take: Tell) -> None:
    """Have the cluster's workers work units off, and take their messages as they come.

    Raises
    ------
    ParamsError, SourceError
        Where nothing was begun: no scheduler or worker there, or workers that would not do the same as this machine.
    """
    order = works[0].order
    address = str(order.scheduler)
    with _joined(address) as client, _marked(order.out) as mark:
        facts, answers = _facts(mark), client.run(_facts, mark, on_error="return")
        if not answers:
            raise SourceError(address, "has no worker", f"start some: dask worker {address} --nthreads 1")
        for worker, answer in answers.items():
            _compare(worker, answer, facts)
        heard: queue.SimpleQueue[tuple[str, Any]] = queue.SimpleQueue()
        topic = f"cts-{mark.name}"
        for name in (topic, _EVENTS):
            client.subscribe_topic(name, lambda event, name=name: heard.put((name, event[1])))

        def given(work: Work, lost: int = 0) -> _Unit:
            task = client.submit(_work, run, work, topic, facts, mark, pure=False)
            return _Unit(task, lost=lost, work=work, since=inf)

        units = {work.unit.name: given(work) for work in works}
        workers, alone = set(answers), 0.0
        while units:
            ended = {name: unit for name, unit in units.items() if unit.task.done()}
            _hear(heard, topic, units, workers, take)  # after these were looked for: all that they said is there
            alone = 0.0 if workers else alone or time.monotonic()
            for name, unit in list(units.items()):
                failure: CtsError | None
                if name in ended:
                    failure, goes_on = _outcome(unit, take)
                elif time.monotonic() > unit.since + order.seconds + GRACE:  # it did not end by itself
                    failure, goes_on = late(order, unit.where), True
                    unit.task.cancel()
                    client.run(os._exit, 1, workers=[unit.worker], on_error="ignore")
                elif alone and time.monotonic() > alone + waiting_time():
                    failure, goes_on = SourceError(address, "has no worker any more", "start some and run again"), False
                else:
                    continue
                del units[name]
                if unit.work and failure:
                    for period in unit.work.periods[:1] if goes_on else unit.work.periods:
                        _taken(unit, Message(name, str(period), "failed", str(failure.of(name))), take)
                if unit.work and unit.work.periods:
                    units[name] = given(unit.work, 0 if failure else unit.lost)


def _hear(
    heard: queue.SimpleQueue[tuple[str, Any]], topic: str, units: dict[str, _Unit], workers: set[str], take: Tell
) -> None:
    """Take what was said, and wait a moment for the first word."""
    wait = _LOOKS
    with suppress(queue.Empty):
        while True:
            name, said = heard.get(timeout=wait) if wait else heard.get_nowait()
            wait = 0.0
            if name == topic:
                worker, message = pickle.loads(said)  # noqa: S301 - of the cluster, which runs our code anyway
                _told(worker, message, units, take)
            elif said["action"] == "add-worker":
                workers.add(said["worker"])
            elif said["action"] == "remove-worker":
                workers.discard(said["worker"])
                _lost(said["worker"], units, take)


def _told(worker: str, message: Message, units: dict[str, _Unit], take: Tell) -> None:
    """Take a message of the worker that is at a unit; what was told before it is done again is not told again."""
    unit = units.get(message.unit)
    if unit is None:
        return
    if message.kind == _BEGUN:
        unit.worker, unit.since, unit.at, unit.said = worker, time.monotonic(), "", ""
    elif worker == unit.worker:
        _taken(unit, message, take)


def _taken(unit: _Unit, message: Message, take: Tell) -> None:
    if unit.work and message.period in map(str, unit.work.periods):
        unit.hear(message)
        take(message)


def _lost(worker: str, units: dict[str, _Unit], take: Tell) -> None:
    """Say which units a lost worker was at: the scheduler gives them to others by itself."""
    for name, unit in units.items():
        if unit.worker == worker and unit.work and unit.work.periods:
            if not unit.task.done():
                text = f"worker {worker} was lost; the unit is done again by another"
                take(Message(name, str(unit.work.periods[0]), "progress", text))
            unit.worker, unit.since, unit.lost = "", inf, unit.lost + 1


def _outcome(unit: _Unit, take: Tell) -> tuple[CtsError | None, bool]:
    """Take what a task kept to its end; return why what is left of it failed, and whether only its first period did.

    None where it did not fail: the scheduler also counts lost workers at which a unit only waited.
    """
    if unit.task.status == "finished":
        for message in unit.task.result(timeout=GRACE):
            _taken(unit, message, take)
        return DataError(unit.where, "ended without a word", "see the worker's log"), False
    if unit.task.status == "cancelled":
        return SourceError("--scheduler", "the scheduler was lost", "start it and its workers, and run again"), False
    error = unit.task.exception()
    if isinstance(error, distributed.KilledWorker):
        if unit.lost < error.allowed_failures:
            unit.lost += 1  # however often, it ends
            return None, True
        died = f"{error.allowed_failures + 1} workers died of it, the last {error.last_worker.address}"
        return DataError(unit.where, died, "give them more memory: dask worker --memory-limit"), True
    return error if isinstance(error, CtsError) else DataError(unit.where, _line(error), "see the worker's log"), False


def _work(run: Run, work: Work, topic: str, facts: Facts, mark: Path) -> list[Message]:
    """Do a unit on a worker and tell what happens; rows that were refused are kept to the end, for they may be many."""
    worker, kept = distributed.get_worker(), list[Message]()
    _compare(worker.address, _facts(mark, worker), facts)  # it may have come later
    task = worker.get_current_task()

    def tell(message: Message) -> None:
        if message.rejected is not None:
            kept.append(message)
            return
        worker.log_event(topic, pickle.dumps((worker.address, message)))
        state = worker.state.tasks.get(task)
        if state is None or state.state == "cancelled":  # the run was stopped, or is no more
            raise Stopped(signal.SIGTERM)
        if message.kind == "progress" and limits.left() == 0.0:  # no signal reaches a worker's thread
            raise limits.OutOfTime

    tell(Message(work.unit.name, "", _BEGUN))
    run(work, tell)
    return kept


def _facts(mark: Path, dask_worker: Any = None) -> Facts:
    """Return what has to be the same on this machine and on the workers; Dask gives a worker itself by that name."""
    threads = dask_worker.state.nthreads if dask_worker else 1
    facts = versions() | {"distributed": distributed.__version__, "the workbook's code": code()[:12]}
    facts |= {"threads": str(threads), URL: "set" if os.environ.get(URL) else "not set"}
    return facts | {f"folder {mark.parent}": "shared" if mark.exists() else "not shared"}


def _compare(worker: str, theirs: Facts | Exception, ours: Facts) -> None:
    """Refuse a worker that would not do the same as this machine."""
    if isinstance(theirs, Exception):
        raise SourceError(f"worker {worker}", _line(theirs), "install the same there as here")
    differing = [f"{name} {theirs.get(name)}, here {own}" for name, own in ours.items() if theirs.get(name) != own]
    if differing:
        expected = "start it as docs/scheduling.md says: the same versions, --nthreads 1, shared folders"
        raise SourceError(f"worker {worker}", "; ".join(differing), expected)


def reach(order: Order) -> None:
    """Raise ParamsError where no scheduler is at the order's address: Dask would wait long for what is none."""
    if order.memory:
        raise ParamsError("--memory", "does not reach a cluster", "say it to each: dask worker --memory-limit 4GB")
    address = str(order.scheduler)
    expected = "name the one that dask scheduler shows, as tcp://HOST:8786"
    if not (found := re.fullmatch(r"(tcp|tls)://(?:\[([^\]]+)\]|([^\[\]/:@]+)):([0-9]{1,5})", address)):
        raise ParamsError("--scheduler", f"{address!r} is no address", expected)
    scheme, host, port = found[1], found[2] or found[3], int(found[4])
    try:
        with socket.create_connection((host, port), _CONNECTS) as answer:
            if scheme == "tcp" and int.from_bytes(answer.recv(8), "little") not in range(8, 1 << 20):
                raise ParamsError("--scheduler", f"what answers at {address} is no scheduler", expected)
    except (OSError, OverflowError, UnicodeError) as error:
        why = error.strerror if isinstance(error, OSError) and error.strerror else error
        raise ParamsError("--scheduler", f"{address} does not answer: {why}", expected) from error


@contextmanager
def _joined(address: str) -> Iterator[Any]:
    """Be a client of the cluster; once that ends, what is not done of its tasks is cancelled."""
    for name in ("distributed", "distributed.client"):  # what goes wrong is told in a line
        logging.getLogger(name).setLevel(logging.CRITICAL)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            client = distributed.Client(address, timeout=_CONNECTS, set_as_default=False)
    except (OSError, ValueError, RuntimeError) as error:
        raise SourceError(address, _line(error), "see the scheduler's log") from error
    try:
        yield client
    finally:
        client.close(timeout=_CONNECTS)


@contextmanager
def _marked(out: Path) -> Iterator[Path]:
    """Leave a mark in the folder of results by which workers know it for the same."""
    out.mkdir(parents=True, exist_ok=True)
    mark = out / f".cluster-{secrets.token_hex(8)}"
    mark.touch()
    try:
        yield mark
    finally:
        mark.unlink(missing_ok=True)


def _line(error: BaseException) -> str:
    return " ".join(masked(f"{type(error).__name__}: {error}").split())
