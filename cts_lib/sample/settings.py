"""The sample's params: the bundled defaults, and one file a unit with its label, money and capacities."""

from __future__ import annotations

import shutil
from pathlib import Path

from cts_lib.bundle import bundled
from cts_lib.sample.planted import BASE_LINES, VISIT_RATE
from cts_lib.sample.units import Unit

PEOPLE = {"customer_service": 3.0, "warehouse": 3.7, "dispatch": 2.6}
"""Full-time equivalents of a unit of ``BASE_LINES``, as in the bundled defaults."""

MINUTES = {"returns_dock": 11_200, "billing": 29_000}
"""Practical minutes a quarter of a unit of ``BASE_LINES``, as in the bundled defaults."""


def write_params(folder: Path, lines: dict[Unit, float]) -> None:
    """Write ``defaults.yml`` and ``units/<unit>.yml`` to ``folder``; files that exist are left alone.

    Parameters
    ----------
    folder : Path
        The params folder, made where it is missing.
    lines : dict
        Each unit and the order lines it sells in the three years; its capacities grow with them.
    """
    (folder / "units").mkdir(parents=True, exist_ok=True)
    defaults = folder / "defaults.yml"
    if not defaults.exists():
        shutil.copyfile(bundled("params") / "defaults.yml", defaults)
    for unit, share in lines.items():
        path = folder / "units" / f"{unit.name}.yml"
        if not path.exists():
            path.write_text(unit_params(unit, share), encoding="utf-8", newline="\n")


def unit_params(unit: Unit, lines: float) -> str:
    """The params file of a unit that sells ``lines`` order lines in the three years."""
    scale = lines / BASE_LINES
    people = [f"    {name}: {{capacity: {{people: {count * scale:.4g}}}}}" for name, count in PEOPLE.items()]
    minutes = [f"    {name}: {{capacity_minutes: {round(count * scale)}}}" for name, count in MINUTES.items()]
    text = [
        f"# {unit.label}: what differs from params/defaults.yml.",
        f"# Capacities are those of {round(lines / 12):,} order lines a quarter.",
        "unit:",
        f"  label: {unit.label}",
        f"  business_unit: {unit.name}    # as in the tables",
        f"  currency: {unit.currency}",
        f"  country: {unit.country}",
        "cost_model:",
        "  resources:",
        *people,
        *minutes,
    ]
    if unit.exchange != 1:
        text += [
            "  activities:",
            f"    visits: {{rate: {VISIT_RATE * unit.exchange:.0f}}}    # {unit.currency} a visit",
        ]
    return "\n".join(text) + "\n"
