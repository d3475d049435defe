"""Where the files that travel with the package are: notebooks and the sample's params."""

from pathlib import Path

_PACKAGE = Path(__file__).parent


def bundled(name: str) -> Path:
    """Return the folder ``name`` (``notebooks`` or ``params``) of a wheel, or of the checkout beside the package.

    >>> bundled("notebooks").name
    'notebooks'
    """
    packed = _PACKAGE / "_bundled" / name
    return packed if packed.exists() else _PACKAGE.parent / name
