"""What is sold: the assortment of one unit, by family and handling class, in the unit's own money."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from cts_lib.sample.planted import BASE_LINES
from cts_lib.sample.units import Unit

_PRODUCTS_OF_BASE = 120
_HANDLING = ("ambient", "chilled", "fragile", "bulky")
_FAMILIES = (
    ("Coffee and tea", "ambient", 3.0, 0.012, 0.725),
    ("Dairy", "chilled", 2.7, 0.006, 0.760),
    ("Fresh ready meals", "chilled", 1.8, 0.006, 0.715),
    ("Glassware", "fragile", 4.2, 0.018, 0.700),
    ("Cosmetics", "fragile", 0.9, 0.003, 0.700),
    ("Drinks", "bulky", 18.0, 0.030, 0.755),
    ("Paper and cleaning", "bulky", 7.2, 0.060, 0.745),
    ("Dry groceries", "ambient", 3.3, 0.006, 0.735),
    ("Supplements", "ambient", 0.9, 0.003, 0.700),
    ("Kitchen tools", "ambient", 2.4, 0.012, 0.715),
)
"""Name, handling class, kg and m³ a unit, cost as a share of the list price."""


@dataclass(frozen=True)
class Products:
    """The products of a unit, one entry each; ``popularity`` sums to 1 over them, prices are the list's."""

    ids: NDArray[np.str_]
    price: NDArray[np.float64]
    cost: NDArray[np.float64]
    weight: NDArray[np.float64]
    volume: NDArray[np.float64]
    chilled: NDArray[np.bool_]
    fragile: NDArray[np.bool_]
    bulky: NDArray[np.bool_]
    popularity: NDArray[np.float64]
    cover: NDArray[np.float64]
    table: pa.Table


def draw_products(unit: Unit, lines: float, rng: np.random.Generator) -> Products:
    """Draw the assortment of a unit that sells ``lines`` order lines; a few products sell most of them."""
    count = max(40, round(_PRODUCTS_OF_BASE * (lines / BASE_LINES) ** 0.25))
    family = np.concatenate([rng.permutation(len(_FAMILIES)) for _ in range(-(-count // len(_FAMILIES)))])[:count]
    handling = np.array([_HANDLING.index(each[1]) for each in _FAMILIES])[family]
    weight = (np.array([each[2] for each in _FAMILIES])[family] * rng.lognormal(0, 0.25, count)).round(3)
    volume = (np.array([each[3] for each in _FAMILIES])[family] * rng.lognormal(0, 0.25, count)).round(5)
    price = (40.0 * rng.lognormal(-0.06, 0.35, count) * unit.exchange).round(2)
    cost = (price * (np.array([each[4] for each in _FAMILIES])[family] + rng.uniform(-0.02, 0.02, count))).round(2)
    popularity = 1.0 / (1.0 + np.arange(count)) ** 0.5
    ids = np.array([f"{unit.prefix}{number * 10:06d}" for number in range(1, count + 1)])
    table = pa.table(
        {
            "product_id": pa.array(ids),
            "name": pa.array(
                [f"{_FAMILIES[which][0]} no. {number // len(_FAMILIES) + 1}" for number, which in enumerate(family)]
            ),
            "family": pa.array([_FAMILIES[which][0] for which in family]),
            "handling_class": pa.array(np.array(_HANDLING)[handling]),
            "unit_weight_kg": pa.array(weight),
            "unit_volume_m3": pa.array(volume),
            "unit_cost": pa.array(cost),
        }
    )
    return Products(
        ids,
        price,
        cost,
        weight,
        volume,
        handling == 1,
        handling == 2,
        handling == 3,
        popularity / popularity.sum(),
        rng.uniform(0.4, 2.2, count),
        table,
    )
