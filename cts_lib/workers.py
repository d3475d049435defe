"""Processes that work units off: each may take so long and hold so much, and none takes another with it."""

from __future__ import annotations

import multiprocessing
import os
import queue
import signal
import time
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from typing import Any

from cts_lib.errors import CtsError, DataError
from cts_lib.limits import machine_memory, resident
from cts_lib.orders import Course, Message, Order, Tell, Work, late
from cts_lib.stopping import GRACE, end_workers, worker

_LOOKS = 0.2
"""Seconds between two looks at the processes."""
_LOADS = 120.0
"""Seconds in which a process has to begin with a unit."""
_FREE, _BEGUN = "free", "begun"
_SHARE = 0.9
"""Of the machine's memory, what all processes may hold together."""


@dataclass
class _Worker(Course):
    """A process, where units are sent to it, and the one it has."""

    process: SpawnProcess
    units: Connection
    over: CtsError | None = None

    def give(self, work: Work | None) -> None:
        """Send it a unit, or home; its time begins where it says so, for it may have to load what it needs."""
        self.work, self.since, self.at, self.said = work, time.monotonic() + _LOADS, "", ""
        with suppress(BrokenPipeError):  # it ended just now
            self.units.send(work)


def work_in_processes(run: Callable[[Work, Tell], None], works: Sequence[Work], jobs: int, take: Tell) -> None:
    """Work units off in so many processes, and take their messages as they come; who ends is replaced."""
    context, waiting, workers = multiprocessing.get_context("spawn"), deque(works), list[_Worker]()
    with context.Manager() as manager:
        queued: Any = manager.Queue()
        try:
            while waiting or any(each.work for each in workers):
                if waiting and len(workers) < jobs:
                    here, there = context.Pipe()
                    process = context.Process(target=_run, args=(run, there, queued))
                    process.start()
                    there.close()
                    workers.append(_Worker(process, here))
                ended = [each for each in workers if not each.process.is_alive()]
                free = [each for each in workers if each not in ended and each.units.poll()]
                _hear(queued, workers, take)  # after these were looked for: all that they said is there
                for each in ended:
                    workers.remove(each)
                    each.process.join()
                    waiting.extend(_left(each, take))
                for each in free:
                    with suppress(EOFError):  # it was ended meanwhile
                        if each.units.recv() == _BEGUN:
                            each.since = time.monotonic()
                        else:
                            each.give(waiting.popleft() if waiting else None)
                for each in workers:
                    _hold(each, jobs)
            for each in workers:
                each.give(None)
            for each in workers:
                each.process.join(GRACE)
            end_workers(type(manager).__name__)
        except BaseException:
            end_workers(type(manager).__name__)
            raise


def _run(run: Callable[[Work, Tell], None], units: Connection, queued: Any) -> None:
    """Do one unit after the other, as they are sent."""
    with worker():
        units.send(_FREE)
        while (work := units.recv()) is not None:
            units.send(_BEGUN)
            run(work, queued.put)
            units.send(_FREE)


def _hear(queued: Any, workers: Sequence[_Worker], take: Tell) -> None:
    """Take what was said, and wait a moment for the first word."""
    wait = _LOOKS
    with suppress(queue.Empty):
        while True:
            message = queued.get(timeout=wait) if wait else queued.get_nowait()
            for each in workers:
                if each.work and each.work.unit.name == message.unit:
                    each.hear(message)
            take(message)
            wait = 0.0


def _left(ended: _Worker, take: Tell) -> list[Work]:
    """Tell what a process that ended in the middle of a period was at; return the periods after it."""
    if not ended.work or not ended.work.periods:
        return []
    code = ended.process.exitcode or 0
    how = f"was ended by {signal.Signals(-code).name}" if code < 0 else f"ended with {code}"
    died = DataError(ended.where, f"its process {how}", "give it more memory (--memory), or the run fewer --jobs")
    text = str((ended.over or died).of(ended.work.unit.name))
    first, *rest = ended.work.periods
    take(Message(ended.work.unit.name, str(first), "failed", text))
    return [replace(ended.work, periods=rest)] if rest else []


def _hold(held: _Worker, jobs: int) -> None:
    """End a process that takes longer than it may, or, of all that it started, the one that takes most memory."""
    if not held.work:
        return
    order, took = held.work.order, time.monotonic() - held.since
    if took > order.seconds + 2 * GRACE:
        held.process.kill()
    elif took > order.seconds + GRACE and held.over is None:  # it did not end by itself
        held.over = late(order, held.where)
        held.process.terminate()
    memory, most = resident(held.process.pid or 0), _most(order, jobs)
    if sum(memory.values()) > most:
        largest = max(memory, key=memory.__getitem__)
        if largest == held.process.pid:
            held.over = DataError(
                held.where, f"took more than {most / (1 << 30):.1f} GB and was ended", "give --memory more"
            )
        with suppress(ProcessLookupError):
            os.kill(largest, signal.SIGKILL)


def _most(order: Order, jobs: int) -> int:
    return order.memory or int(_SHARE * machine_memory() / jobs)
