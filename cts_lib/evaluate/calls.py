"""Events that late and short lines cause, such as calls: estimated from the past, applied to simulated days.

A customer's own periods are held against each other, for who calls often may also be served badly: does it have more of
an event in the periods in which more of its lines are late or short than usual? What such a line brings more is told
by a test first (5 % over all kinds of events, Holm); its uncertainty is drawn anew for each simulated period.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import norm
from scipy.stats import t as student
from sqlglot import exp

from cts_lib import sql
from cts_lib.engine import Engine, fetch_frame
from cts_lib.evaluate.compare import DOUBT, ENDS, by_holm
from cts_lib.model.drivers import exact_sum
from cts_lib.notes import Note, amount, names_in_words
from cts_lib.params.on_time import OnTime

FEWEST_EVENTS, FEWEST_PERIODS = 50, 4
_DUST = 1e-24
"""So little of a customer's lines is the dust of doubles: its share that fails never changed."""
_CALLS = 5
"""Which of a replication's random numbers are those of effects; see `simulate.days`."""
_OBSERVED, _FACTORS, _AFTER = "failing_orders", "event_factors", "events_after_days"
_DRAWN = f"""
  WITH usually AS (SELECT customer_id, SUM(failing) / SUM(lines) AS share FROM {_OBSERVED} GROUP BY customer_id)
  SELECT draw.replication, whole.customer_id, SUM(observed.failing) / SUM(observed.lines) AS drawn, usually.share
  FROM order_draws AS draw
  JOIN orders_of_units AS whole ON whole.unit = draw.unit
  JOIN {_OBSERVED} AS observed ON observed.customer_id = whole.customer_id AND observed.channel = whole.channel
    AND observed.order_id = whole.order_id
  JOIN usually ON usually.customer_id = whole.customer_id
  GROUP BY draw.replication, whole.customer_id, usually.share
"""


@dataclass(frozen=True)
class Effect:
    """How many of an event each line brings, and how many more one that is late or short (with its standard error).

    ``rate`` is over all lines, of which a share ``failing`` is late or short; so many ``customers`` had better periods
    and worse ones, and one of them alone tells nothing.
    """

    event: str
    rate: float
    failing: float
    more: float
    error: float
    customers: int

    @property
    def chance(self) -> float:
        """How often so many more come by chance alone."""
        return float(student.sf(self.more / self.error, self.customers - 1)) if self.error > 0 else 1.0

    def apart(self, likely: np.ndarray | float) -> np.ndarray:
        """Return how far from ``more`` the truth is at a share of what it may be."""
        return np.asarray(self.error * student.ppf(likely, max(self.customers - 1, 1)))

    def factor(self, more: np.ndarray, share: np.ndarray, beyond: np.ndarray) -> np.ndarray:
        """Return how many times the events come if so many more lines of a hundred fail; never less than none.

        ``share`` of a customer's lines usually fail, ``beyond`` is by how much more; ``more`` may be drawn.
        """
        usual = np.maximum(self.rate - more * self.failing, 0.0) + more * share
        by = np.divide(more * beyond, usual, out=np.zeros(np.shape(beyond)), where=usual > 0)
        return np.asarray(np.maximum(1.0 + by, 0.0))


@dataclass(frozen=True)
class Calls:
    """What late and short lines cause, and from how many periods that is known."""

    engine: Engine
    on_time: OnTime
    seed: int
    periods: int
    count: float
    effects: Sequence[Effect]

    @classmethod
    def of(cls, engine: Engine, on_time: OnTime, seed: int, lines: pd.DataFrame, events: pd.DataFrame) -> Calls:
        """Estimate them from lines and events of customers by period; see `seen`."""
        periods, known = lines["period"].nunique(), events.groupby("event")["quantity"].sum()
        names = list(known.index[known >= FEWEST_EVENTS]) if periods >= FEWEST_PERIODS else []
        every = [effect_of(name, lines, events[events["event"] == name]) for name in names]
        sure = by_holm(np.array([each.chance for each in every]), DOUBT)
        effects = [each for each, is_sure in zip(every, sure, strict=True) if is_sure]
        if effects:
            engine.create(_OBSERVED, failing("lines", on_time, "channel", "order_id"))
        return cls(engine, on_time, seed, periods, float(known.sum()), effects)

    def after(self, events: str, then: pd.DataFrame) -> str:
        """Leave drawn events as many as late and short lines bring, in place of ``events``; return their relation.

        ``then`` has sold lines and failing ones by scenario, replication and customer_id, as the chain leaves them.
        """
        if not self.effects:
            return events
        drawn = fetch_frame(self.engine, _DRAWN)
        both = drawn.merge(then, on=["replication", "customer_id"])
        share, beyond = both["share"].to_numpy(), (both["failing"] / both["lines"] - both["drawn"]).to_numpy()
        drawn_effects = {
            int(one): np.random.default_rng([self.seed, int(one), _CALLS]).normal(size=len(self.effects))
            for one in both["replication"].unique()
        }
        scatter = np.array([drawn_effects[int(one)] for one in both["replication"]]).reshape(len(both), -1)
        keys = ["scenario", "replication", "customer_id"]
        factors = [both[keys].iloc[:0].assign(event="", factor=0.0)]
        for at, effect in enumerate(self.effects):
            more = np.maximum(effect.more + effect.apart(norm.cdf(scatter[:, at])), 0.0)
            factors.append(both[keys].assign(event=effect.event, factor=effect.factor(more, share, beyond)))
        table = pd.concat(factors, ignore_index=True)
        self.engine.register(
            _FACTORS, table.astype({"scenario": "str", "customer_id": "str", "event": "str", "factor": "float64"})
        )
        changed = ", ".join(
            f"event.{name} * COALESCE(changed.factor, 1) AS {name}" for name in ("quantity", "minutes", "amount")
        )
        self.engine.create(
            _AFTER,
            f"SELECT event.* REPLACE ({changed}) FROM {events} AS event LEFT JOIN {_FACTORS} AS changed "
            "ON changed.scenario = event.scenario AND changed.replication = event.replication "
            "AND changed.customer_id = event.customer_id AND changed.event = event.event",
        )
        self.engine.forget(events)
        return _AFTER


def seen(engine: Engine, on_time: OnTime) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return what the engine's lines and events say of each customer's days.

    Columns of both: customer_id, day (from 1970-01-01); lines and failing ones; event and quantity.
    """
    day = "CAST(DATE_DIFF('day', DATE '1970-01-01', {}) AS BIGINT) AS day"
    engine.create("dated_lines", f"SELECT lines.*, {day.format('posting_date')} FROM lines", view=True)
    lines = fetch_frame(engine, failing("dated_lines", on_time, "day")).astype({"customer_id": "str"})
    events = fetch_frame(
        engine,
        f"SELECT customer_id, event, {day.format('event_date')}, {exact_sum('COALESCE(quantity, 0)')} AS quantity "
        "FROM events GROUP BY customer_id, event, event_date ORDER BY 1, 2, 3",
    )
    return lines, events.astype({"customer_id": "str", "event": "str"})


def failing(lines: str, on_time: OnTime, *keys: str) -> exp.Select:
    """Return the query of sold lines and failing ones by customer and further keys."""
    query = sql.load("failing_lines", {"lines": lines}, **on_time.values)
    for key in keys:
        query = query.select(f"line.{key}", copy=False).group_by(f"line.{key}", copy=False)
    return query.order_by("line.customer_id", *(f"line.{key}" for key in keys), copy=False)


def effect_of(event: str, lines: pd.DataFrame, events: pd.DataFrame) -> Effect:
    """Estimate what late and short lines bring of an event, from customers by period.

    Symbols: of customer c in period p there are n lines, f failing ones and y events; with r and s the customer's own
    y/n and f/n over all periods, d = f − s·n and e = y − r·n, b = Σ d·e/n ÷ Σ d²/n: least squares within customers,
    each period weighted by how little a count of so many lines scatters. Its error is clustered by the G customers
    that have a d, times √(G ÷ (G − 1)), for t distributed with G − 1 degrees of freedom: few customers tell less.
    Sources: A. C. Cameron and P. K. Trivedi, Regression Analysis of Count Data, 2nd ed., 2013, chapters 3 and 9;
    A. C. Cameron and D. L. Miller, A practitioner's guide to cluster-robust inference, Journal of Human Resources
    50(2), 2015, section VI.
    """
    keys = ["customer_id", "period"]
    table = lines.groupby(keys, observed=True)[["lines", "failing"]].sum()
    table["events"] = events.groupby(keys, observed=True)["quantity"].sum().reindex(table.index).fillna(0.0)
    whole, own = table.sum(), table.groupby("customer_id").transform("sum")
    rate, failing = (float(whole[name] / whole["lines"]) for name in ("events", "failing"))
    count = table["lines"]
    apart = table["failing"] - own["failing"] / own["lines"] * count
    beyond = table["events"] - own["events"] / own["lines"] * count
    of_customers = pd.DataFrame({"weight": apart**2 / count, "lines": count}).groupby("customer_id").sum()
    weight = float(of_customers["weight"].sum())
    customers = int((of_customers["weight"] > _DUST * of_customers["lines"]).sum())
    if customers < 2:
        return Effect(event, rate, failing, 0.0, 0.0, customers)
    more = float((apart * beyond / count).sum()) / weight
    left = (apart * (beyond - more * apart) / count).groupby("customer_id").sum()
    error = float(np.sqrt((left**2).sum() * customers / (customers - 1))) / weight
    return Effect(event, rate, failing, more, error, customers)


def notes_of_calls(calls: Calls | None) -> list[Note]:
    """Return what is estimated of events that late and short lines cause, or that the data do not allow it."""
    if calls is None or calls.periods < FEWEST_PERIODS or calls.count < FEWEST_EVENTS:
        return [
            Note(
                "Calls that late or short lines cause are not simulated: fewer than {events} events or {periods} "
                "periods are known.",
                {"events": FEWEST_EVENTS, "periods": FEWEST_PERIODS},
                assumed=True,
            )
        ]
    if not calls.effects:
        return [
            Note(
                "Calls that late or short lines cause are not simulated: the events of {periods} periods do not show "
                "that a customer has more of any kind when more of its lines are late or short.",
                {"periods": calls.periods},
                assumed=True,
            )
        ]
    return [
        Note(
            "With a hundred late or short lines come {more} more events “{event}” ({low} to {high}) than the {rate} "
            "with a hundred others, as customers' {periods} periods show: in simulated days they come with such lines.",
            {
                "event": names_in_words("event", [effect.event]),
                "more": amount(100 * effect.more, "decimal"),
                "low": amount(100 * max(effect.more + float(effect.apart(ENDS[0])), 0.0), "decimal"),
                "high": amount(100 * (effect.more + float(effect.apart(ENDS[1]))), "decimal"),
                "rate": amount(100 * max(effect.rate - effect.more * effect.failing, 0.0), "decimal"),
                "periods": calls.periods,
            },
            assumed=True,
        )
        for effect in calls.effects
    ]
