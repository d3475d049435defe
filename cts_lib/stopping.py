"""A run that is told to stop: it cleans up what is half done, and its processes end with it."""

from __future__ import annotations

import multiprocessing
import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

GRACE = 15.0
"""Seconds that processes have to clean up before they are ended at once."""
_SIGNALS = (signal.SIGTERM, signal.SIGINT)
_told: list[int] = []


class Stopped(BaseException):
    """The process was told to end; no handler of errors takes it for one of a unit."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.status = 128 + number


@contextmanager
def ended_by_signal() -> Iterator[None]:
    """Raise `Stopped` inside where the process is told to end, so that what is half done is cleaned up."""
    before = {number: signal.signal(number, _stop) for number in _SIGNALS}
    _told.clear()
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def worker() -> Iterator[None]:
    """End the process itself, after it cleaned up, where it is told to stop in the middle of its work."""
    try:
        with ended_by_signal():
            yield
    except Stopped as stop:
        os._exit(stop.status)


def stop_if_told() -> None:
    """Raise `Stopped` where a library took it for an error of its own."""
    if _told:
        raise Stopped(_told[0])


def end_workers(manager: str) -> None:
    """Tell the processes that this one started to stop, and end those that do not; the manager serves until then."""
    started = [process for process in multiprocessing.active_children() if not process.name.startswith(manager)]
    for process in started:
        process.terminate()
    until = time.monotonic() + GRACE
    for process in started:
        process.join(max(0.0, until - time.monotonic()))
        if process.is_alive():
            process.kill()


def _stop(number: int, frame: FrameType | None) -> None:
    _told.append(number)
    raise Stopped(number)
