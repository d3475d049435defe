"""Keeps what a library prints by itself off standard output."""

from __future__ import annotations

import ctypes
import os
from collections.abc import Iterator
from contextlib import contextmanager

_OUTPUT = 1
"""The number under which every process has its standard output."""


@contextmanager
def silent() -> Iterator[None]:
    """Let nothing that C code prints come out.

    Python's own output has a buffer of its own: what it was given before comes out after, as ever.
    """
    try:
        kept = os.dup(_OUTPUT)
    except OSError:  # it is closed: nothing can come out
        yield
        return
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        _print_what_waits()
        os.dup2(nowhere, _OUTPUT)
        yield
    finally:
        _print_what_waits()
        os.dup2(kept, _OUTPUT)
        os.close(nowhere)
        os.close(kept)


def _print_what_waits() -> None:
    """Have C write out its buffer; where its library has another name than in Python, it has none that matters."""
    if os.name == "posix":
        ctypes.CDLL(None).fflush(None)
