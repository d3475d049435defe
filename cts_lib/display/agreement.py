"""How an adjective agrees with what it is said of, in languages where it does."""

from __future__ import annotations

from collections.abc import Callable

_FEMININE = ("a", "ción", "sión", "dad", "tud", "cione", "sione", "dade", "tude")
_MASCULINE = ("día", "mapa")


def agreeing(adjective: str, noun: str, language: str) -> str:
    """Return an adjective in the gender and number of a noun, which is the first word of its own.

    >>> [agreeing("bajo", noun, "es") for noun in ("Pedidos urgentes", "Líneas electrónicas", "Valor de un pedido")]
    ['bajos', 'bajas', 'bajo']
    >>> agreeing("low", "Rush orders", "en")
    'low'
    """
    return _LANGUAGES[language](adjective, noun) if language in _LANGUAGES else adjective


def _spanish(adjective: str, noun: str) -> str:
    first = noun.split(" ", maxsplit=1)[0].strip(",:").lower()
    is_plural = first.endswith("s")
    stem = first.removesuffix("s") if is_plural else first
    if adjective.endswith("o") and stem.endswith(_FEMININE) and stem not in _MASCULINE:
        adjective = adjective[:-1] + "a"
    return adjective + "s" if is_plural else adjective


_LANGUAGES: dict[str, Callable[[str, str], str]] = {"es": _spanish}
"""By language, what makes an adjective agree; a language that is not here has no such thing."""
