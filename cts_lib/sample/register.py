"""What the customer register knows: names, types, places and terms of a unit's customers."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from cts_lib.sample.behaviours import CHANNELS
from cts_lib.sample.calendar import first_day
from cts_lib.sample.customers import Customers
from cts_lib.sample.units import Unit

_INDUSTRIES = {
    "wholesale": ("food wholesale", "cash and carry"),
    "retail": ("grocery", "drugstore"),
    "e-commerce": ("online shop", "marketplace"),
    "key account": ("supermarket chain", "buying group"),
    "pharmacy": ("pharmacy", "hospital"),
    "horeca": ("restaurant", "hotel"),
    "export": ("import house", "duty free"),
}
_TYPES = {
    "wholesale": "distributor",
    "retail": "independent",
    "e-commerce": "independent",
    "key account": "chain",
    "pharmacy": "public",
    "horeca": "independent",
    "export": "distributor",
}
_VOLUME_OF_SEGMENT = (2.5, 1.0, -1.0, 0.0, -0.3, -1.2)
"""Where each of ``BEHAVIOURS`` stands on the scale that the size classes cut."""
_INDUSTRY_UNKNOWN = 0.04


def register(customers: Customers, rng: np.random.Generator) -> pa.Table:
    """The customers as the canonical table, with ``strategic`` (0 or 1) and ``loyalty_tier`` as extra columns."""
    unit, count = customers.unit, len(customers.ids)
    channels = [CHANNELS[which] for which in customers.channel]
    volume = customers.size + np.array(_VOLUME_OF_SEGMENT)[customers.segments[0]]
    oldest = int(np.datetime64("2004-01-05").astype(np.int64))
    since = np.where(
        customers.first_month > 0,
        np.array([first_day(month) for month in customers.first_month]),
        rng.integers(oldest, first_day(0), count),
    )
    industry = [str(rng.choice(_INDUSTRIES[name])) if rng.random() > _INDUSTRY_UNKNOWN else None for name in channels]
    strategic = (volume > 2.6) | (customers.channel == CHANNELS.index("key account"))
    return pa.table(
        {
            "customer_id": pa.array(customers.ids),
            "name": pa.array(_names(unit, count)),
            "customer_type": pa.array([_TYPES[name] for name in channels]),
            "channel": pa.array(channels),
            "country": pa.array([unit.country] * count),
            "region": pa.array([unit.places[which][1] for which in customers.place]),
            "city": pa.array([unit.places[which][0] for which in customers.place]),
            "latitude": pa.array(customers.latitude),
            "longitude": pa.array(customers.longitude),
            "size_class": pa.array(np.array(["small", "medium", "large"])[np.digitize(volume, (-0.5, 1.5))]),
            "industry": pa.array(industry, pa.string()),
            "customer_since": pa.array(since.astype(np.int32)).cast(pa.date32()),
            "agreed_lead_time_days": pa.array(customers.lead_time),
            "payment_terms_days": pa.array(customers.terms),
            "strategic": pa.array(strategic.astype(np.int64)),
            "loyalty_tier": pa.array(np.array(["bronze", "silver", "gold"])[rng.choice(3, count, p=(0.5, 0.35, 0.15))]),
        }
    )


def _names(unit: Unit, count: int) -> list[str]:
    """A family and an ending each, numbered once these run out; the first few are the unit's awkward ones."""
    pairs = [f"{family} {ending}" for ending in unit.endings for family in unit.families]
    rounds = -(-count // len(pairs))
    names = [pair if number == 0 else f"{pair} {number + 1}" for number in range(rounds) for pair in pairs][:count]
    names[: len(unit.awkward_names)] = unit.awkward_names
    return names
