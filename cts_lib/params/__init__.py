"""What a run is told: params read from YAML, merged for each unit and checked before anything runs."""

from cts_lib.params.cost_model import Activity, Capacity, CostModel, Resource, Support
from cts_lib.params.loading import UnitParams, load, load_sound, parse_override, unit_names
from cts_lib.params.sections import Params
from cts_lib.params.source import Formats, Source
from cts_lib.params.strategy import Strategy

__all__ = [
    "Activity",
    "Capacity",
    "CostModel",
    "Formats",
    "Params",
    "Resource",
    "Source",
    "Strategy",
    "Support",
    "UnitParams",
    "load",
    "load_sound",
    "parse_override",
    "unit_names",
]
