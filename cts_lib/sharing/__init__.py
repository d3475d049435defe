"""The edition of a unit's period that may leave the house: pseudonyms, coarse places, no cell of a few customers."""

from cts_lib.sharing.edition import FOLDER, share
from cts_lib.sharing.pseudonyms import KEY, Pseudonyms

__all__ = ["FOLDER", "KEY", "Pseudonyms", "share"]
