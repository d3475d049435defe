"""The business units of the made-up distributor: where they are, how big, in which money."""

from __future__ import annotations

from dataclasses import dataclass

from cts_lib.sample.entries import entries

Place = tuple[str, str, float, float]
"""City, region, latitude, longitude."""


@dataclass(frozen=True)
class Unit:
    """One business unit and the country it sells in.

    ``size`` is relative to the first unit; ``exchange`` is what one euro is in the unit's currency.
    """

    number: int
    name: str
    label: str
    country: str
    currency: str
    exchange: float
    size: float
    places: tuple[Place, ...]
    warehouses: tuple[int, ...]
    families: tuple[str, ...]
    endings: tuple[str, ...]
    awkward_names: tuple[str, str, str]

    @property
    def prefix(self) -> str:
        """Two digits that open every identifier of the unit; the first is a zero for most units."""
        return f"{self.number:02d}"


UNITS = tuple(Unit(**entry) for entry in entries("units"))
