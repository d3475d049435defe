"""How long a unit may take and how much memory its process: beyond that it fails, and the others go on."""

from __future__ import annotations

import ctypes
import gc
import os
import re
import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from cts_lib.errors import ParamsError

USUAL_SECONDS = 3600
"""Seconds that a unit may take for a period unless the command line says otherwise."""
_MMAP_THRESHOLD, _LARGE = -3, 4 << 20
"""What glibc calls the size from which memory is asked of the system by itself, and the bytes that it is set to."""
_UNITS = {"MB": 1 << 20, "GB": 1 << 30}
_ends: list[float] = []


class OutOfTime(BaseException):
    """A unit took longer than it may; no handler of errors takes it for one of its own."""


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """Raise `OutOfTime` inside once it took longer, as soon as Python is at work again.

    It counts in a process's main thread, where signals arrive.
    """
    counts = threading.current_thread() is threading.main_thread()
    _ends[:] = [time.monotonic() + seconds]
    before = signal.signal(signal.SIGALRM, _over) if counts else None
    if counts:
        signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        if counts:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, before)
        _ends.clear()


def left() -> float | None:
    """Return the seconds that the unit at work has left, None where it has no limit."""
    return max(0.0, _ends[0] - time.monotonic()) if _ends else None


def size_of(text: str, where: str) -> int:
    """Return the bytes of a size as a person writes it.

    >>> size_of("2GB", "--memory")
    2147483648
    """
    if not (found := re.fullmatch(r"([1-9][0-9]{0,5})(MB|GB)", text)):
        raise ParamsError(where, f"{text!r} is no size", "write it as 900MB or 4GB")
    return int(found[1]) * _UNITS[found[2]]


def machine_memory() -> int:
    """Return the bytes of memory that the machine has."""
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")


def give_back_large() -> None:
    """Have the memory of large arrays given back as soon as they are free: by itself glibc keeps ever larger ones."""
    if sys.platform == "linux" and (mallopt := getattr(ctypes.CDLL(None), "mallopt", None)):  # other libraries lack it
        mallopt(_MMAP_THRESHOLD, _LARGE)


def give_back() -> None:
    """Give back the memory that is free between what is in use: by itself glibc keeps all but the last of it."""
    if sys.platform == "linux" and (trim := getattr(ctypes.CDLL(None), "malloc_trim", None)):
        trim(0)


@contextmanager
def unsearched() -> Iterator[None]:
    """Search for no garbage inside, where very much is made that stays: modules, the cells of a workbook."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def resident(pid: int) -> dict[int, int]:
    """Return the bytes of memory that a process and all that it started hold; none where the machine does not say."""
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1])
        listed = [file.read_text(encoding="ascii").split() for file in Path(f"/proc/{pid}/task").glob("*/children")]
    except (OSError, IndexError):  # it ended meanwhile, or there is no /proc
        return {}
    held = {pid: pages * os.sysconf("SC_PAGE_SIZE")}
    for child in (int(child) for children in listed for child in children):
        held |= resident(child)
    return held


def _over(number: int, frame: FrameType | None) -> None:
    raise OutOfTime
