"""What stock each stream has today and what levers make of it, by hand: part of the levers' second way.

A stream is a product in a warehouse that `replenishment` has a rule for and that sold.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import md5
from math import sqrt
from statistics import NormalDist, fmean, stdev

from lanes_by_hand import Row, whole

Key = tuple[str | None, str | None]
NORMAL = NormalDist()
YEAR = 365


@dataclass
class Stream:
    """A product in a warehouse: its rule, what it sold, and what it has at hand on average, if that is known."""

    rule: Row
    daily: list[float]
    quantity: float
    cogs: float
    at_hand: float | None
    days: int

    @property
    def d(self) -> float:
        return fmean(self.daily)

    @property
    def lead(self) -> float:
        return float(self.rule["lead_time_days"])

    @property
    def review(self) -> float:
        return self.rule.get("review_days") or 0

    @property
    def unit_cost(self) -> float:
        return max(self.cogs / self.quantity, 0)

    @property
    def holding(self) -> float:
        """What a unit costs that lies there the whole period."""
        return float(self.rule["holding_rate"] * self.unit_cost * self.days / YEAR)

    def spread(self, factor: float = 1) -> float:
        """Return the standard deviation of demand from ordering to the order after it."""
        sigma, late = factor * stdev(self.daily), self.rule.get("lead_time_sd_days") or 0
        return sqrt((self.lead + self.review) * sigma**2 + (self.d * late) ** 2)

    @property
    def cycle(self) -> float:
        point, top, lot = (self.rule.get(name) for name in ("reorder_point", "order_up_to", "order_quantity"))
        yearly = 2 * (self.rule.get("order_cost") or 0) * YEAR * self.d
        year_of_unit = self.rule["holding_rate"] * self.unit_cost
        found = [
            lot or 0,
            top - point if top is not None and point is not None else 0,
            self.d * self.review if top is not None else 0,
            sqrt(yearly / year_of_unit) if year_of_unit > 0 else 0,
            self.d * max(self.review, 1),
        ]
        return max(next(each for each in found if each > 0), self.d * self.review)

    @property
    def safety(self) -> float | None:
        """Return today's safety stock; None where it is not known."""
        point, top, lot = (self.rule.get(name) for name in ("reorder_point", "order_up_to", "order_quantity"))
        if point is not None:
            return float(point - self.d * (self.lead + self.review))
        if top is not None and self.review > 0:
            return float(top - self.d * (self.lead + self.review))
        if top is not None and lot is not None:
            return float(top - lot - self.d * self.lead)
        # unclear: an `order_up_to` that alone does not say when to order leaves what was seen at hand
        if self.at_hand is not None and self.at_hand >= self.cycle / 2:
            return self.at_hand - self.cycle / 2
        return None

    def missed(self, safety: float) -> float:
        return min(max((self.short(safety) - self.short(safety + self.cycle)) / self.cycle, 0), 1)

    def short(self, level: float) -> float:
        s = self.spread()
        if s == 0:
            return max(-level, 0)
        z = level / s
        return s * (NORMAL.pdf(z) - z * NORMAL.cdf(-z))

    def z(self) -> float:
        """Return today's safety stock in standard deviations; 0 where nothing varies or none is held."""
        safety, s = self.safety, self.spread()
        return max(safety, 0) / s if s > 0 and safety is not None else 0.0


def streams_of(lines: Iterable[Row], rules: Iterable[Row], inventory: Iterable[Row], days: int) -> dict[Key, Stream]:
    """Return the streams whose stock of today is known."""
    sold: dict[Key, list[Row]] = defaultdict(list)
    for row in lines:
        if row["quantity"] > 0:
            sold[row["product_id"], row["warehouse"]].append(row)
    held: dict[Key, list[float]] = defaultdict(list)
    for row in inventory:
        held[row["product_id"], row["warehouse"]].append(row["on_hand"])
    found = {}
    for rule in rules:
        key = rule["product_id"], rule["warehouse"]
        if not sold[key]:
            continue
        by_day: dict[object, float] = defaultdict(float)
        for row in sold[key]:
            by_day[row["posting_date"]] += row["quantity"]
        daily = [*by_day.values(), *[0.0] * (days - len(by_day))]
        quantity, cogs = (float(sum(row[name] for row in sold[key])) for name in ("quantity", "cogs"))
        stream = Stream(rule, daily, quantity, cogs, fmean(held[key]) if held[key] else None, days)
        if stream.safety is not None:
            found[key] = stream
    return found


def restock(row: Row, stream: Stream, at: Row, name: str) -> int:
    """Give a line's part of the stream's stock another size; return the days that the line waits."""
    part = row["quantity"] / stream.quantity * stream.holding
    today = stream.safety or 0.0
    if at.get("make_to_order"):
        row["lever_cost"] -= part * (max(today, 0) + stream.cycle / 2)
        row["_stock"] = 0.0
        if row["delivered_quantity"] is not None:
            row["delivered_quantity"] = max(row["delivered_quantity"], row["quantity"])
        return whole(stream.lead)
    row["_stock"] = NORMAL.inv_cdf(at["service_level"])
    new = row["_stock"] * stream.spread()
    row["lever_cost"] += part * (new - max(today, 0))
    if row["delivered_quantity"] is None:
        return 0
    then, now = stream.missed(new), stream.missed(today)
    digits = md5(f"{name}/{row['order_id']}/{row['line_no']}".encode(), usedforsecurity=False).hexdigest()[:12]
    chance = int(digits, 16) / 16**12
    if then < now and now >= 1e-6 and row["delivered_quantity"] < row["quantity"] and chance < 1 - then / now:
        row["delivered_quantity"] = row["quantity"]
    elif then > now and row["delivered_quantity"] > 0 and chance < 1 - (1 - then) / (1 - now):
        row["delivered_quantity"] = 0.0
    return 0


def spared(row: Row, stream: Stream, factor: float) -> float:
    """Return what a line saves by a shared forecast."""
    z = stream.z() if row["_stock"] is None else row["_stock"]
    return float(row["quantity"] / stream.quantity * stream.holding * z * (stream.spread() - stream.spread(factor)))
