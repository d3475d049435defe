"""How loops over days are compiled to machine code."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

from numba import njit

NOTHING = 1e-9
"""Up to so much of a minute or a unit is what arithmetic left over."""
Loop = TypeVar("Loop", bound=Callable[..., Any])


def compiled(loop: Loop) -> Loop:
    """Compile a function of arrays and numbers the first time it is called, and keep the result beside its file.

    What is kept is found stale when that file changes, not when another does: a compiled function calls none of
    another file. No arithmetic is reordered, so that results are the same to the bit; other threads may run meanwhile.
    """
    try:
        return cast(Loop, njit(cache=True, nogil=True, error_model="numpy")(loop))
    except RuntimeError:  # neither the package's folder nor the user's can be written to
        return cast(Loop, njit(nogil=True, error_model="numpy")(loop))
