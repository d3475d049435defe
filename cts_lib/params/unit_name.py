"""What a unit may be called: its results stand in a folder of that name, on any system; so a kept scenario."""

from __future__ import annotations

import re

_LONGEST = 100
_ODD = re.compile(r'[\\/:*?"<>|\x00-\x1f\x7f]')
_RESERVED = re.compile(r"(con|prn|aux|nul|com[0-9]|lpt[0-9])(\..*)?", re.IGNORECASE)


def fault_of_name(name: str, thing: str = "unit") -> tuple[str, str] | None:
    """Return what is wrong of the name of a ``thing`` and what would be right; None where nothing is.

    >>> fault_of_name("iberia-norte"), fault_of_name("NUL")[1]
    (None, 'give it another')
    """
    if len(name) > _LONGEST:
        return f"a {thing} name of {len(name)} characters", f"at most {_LONGEST}"
    if odd := _ODD.search(name):
        return (
            f"the {thing} name {name!r} holds {odd[0]!r}",
            "use letters, digits and hyphens",
        )
    if name.startswith(".") or name.endswith((".", " ")) or name.startswith(" "):
        return f"the {thing} name {name!r} begins or ends with a point or space", "take it away"
    if _RESERVED.fullmatch(name):
        return f"the {thing} name {name!r} is reserved by some systems", "give it another"
    return None
