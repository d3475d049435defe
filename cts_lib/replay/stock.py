"""What levers of stock come to in each stream, by theory: relations that the SQL of the levers joins.

Plans and forecasts are few and so are streams, so all of them are known before the first line is rewritten.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.special import ndtri

from cts_lib.engine import Engine, count_rows
from cts_lib.errors import DataError, ParamsError
from cts_lib.inventory.loss import Floats
from cts_lib.inventory.service import fill_rate
from cts_lib.levers.lines import HALF
from cts_lib.levers.stock import TO_ORDER, Stock
from cts_lib.levers.visibility import Visibility
from cts_lib.notes import Note, shares
from cts_lib.params import Strategy
from cts_lib.replay.options import Option
from cts_lib.replay.streams import STREAM, spread, todays_streams

_RANGE = 16**12
"""Chances are told by the first twelve digits of a hash."""
_NEVER, _ALWAYS = "", "g"
"""Texts that no hash and every hash is below."""
_NOTHING_MISSED = 1e-6
_SHOWN = 3


def leave_stock(engine: Engine, strategy: Strategy, days: int, simulated: bool = False) -> list[Note]:
    """Leave ``stock_plans`` and ``shared_forecasts`` where levers need them, and return remarks on them.

    ``days`` are those of the period whose ``lines`` the engine holds. Where stock is ``simulated``, what it cannot
    serve follows from that and not from theory.

    Raises
    ------
    ParamsError
        Where a lever needs table replenishment and it has no row.
    DataError
        Where a stream whose stock is known has no holding_rate.
    """
    choices = [(name, at, it) for name, lever in strategy.levers.items() for at, it in lever.settings.items()]
    plans = {(name, at): it.plan for name, at, it in choices if isinstance(it, Stock)}
    factors = {(name, at): it.cv_factor for name, at, it in choices if isinstance(it, Visibility) and it.cv_factor}
    if not plans and not factors:
        return []
    streams = todays_streams(engine, days)
    known = streams[streams["safety"].notna()].reset_index(drop=True)
    lever, setting = next(iter([*plans, *factors]))
    _check(engine, known, f"strategy.levers.{lever}.settings.{setting}")
    if plans:
        engine.register(
            "stock_plans", pd.concat([_planned(known, plan, simulated) for plan in sorted(set(plans.values()))])
        )
    if factors:
        spared = [_spared(known, factor) for factor in sorted(set(factors.values()))]
        engine.register("shared_forecasts", pd.concat(spared))
    return _notes(len(known), len(streams), {Option({name: at}).name: each for (name, at), each in factors.items()})


def _check(engine: Engine, known: pd.DataFrame, where: str) -> None:
    if not count_rows(engine, "replenishment"):
        raise ParamsError(where, "needs table replenishment, which has no row", "give it, or take the setting out")
    lacking = known.loc[known["holding"].isna(), STREAM]
    if len(lacking):
        named = ", ".join(f"{product} in {warehouse}" for product, warehouse in lacking.head(_SHOWN).to_numpy())
        raise DataError(
            "replenishment, holding_rate",
            f"is empty for {named}{' …' if len(lacking) > _SHOWN else ''}, whose stock {where} changes",
            "fill it for each product and warehouse that has a policy of today or stock at hand",
        )


def _planned(streams: pd.DataFrame, plan: str, simulated: bool) -> pd.DataFrame:
    """Return the rows of a plan.

    Columns: plan, product_id, warehouse, ``holding`` (what a unit of a line costs more), ``wait`` (days), ``z``
    (standard deviations of demand that stock covers), ``mended`` and ``missed`` (the hash below which a short line
    arrives in full, and one that arrives does not).
    """
    today, held = streams["safety"], streams["safety"].clip(lower=0.0)
    if plan == TO_ORDER:
        wait, z = np.floor(streams["lead"] + HALF), 0.0
        more = -held - streams["cycle"] / 2
        mended, missed = np.ones(len(streams)), np.zeros(len(streams))
    else:
        wait, z = pd.Series(0.0, streams.index), float(ndtri(float(plan)))
        more = z * streams["spread"] - held
        mended, missed = _chances(_missed(streams, today), _missed(streams, z * streams["spread"]))
        if simulated:
            mended, missed = np.zeros(len(streams)), np.zeros(len(streams))
    table = streams[STREAM].assign(
        plan=plan,
        holding=more * streams["holding"] / streams["quantity"],
        wait=wait,
        z=pd.Series(z, streams.index, dtype="float64"),
        mended=[_below(chance) for chance in mended],
        missed=[_below(chance) for chance in missed],
    )
    return table.astype(dict.fromkeys(["plan", *STREAM, "mended", "missed"], "str"))


def _missed(streams: pd.DataFrame, safety: pd.Series) -> Floats:
    """Return the share of demand that is not met from stock."""
    return 1 - fill_rate(safety, streams["cycle"], 0.0, streams["spread"])


def _chances(today: Floats, then: Floats) -> tuple[Floats, Floats]:
    """Return by what chance a short line arrives in full, and one that arrives does not."""
    less, more = (then < today) & (today >= _NOTHING_MISSED), then > today
    mended = np.where(less, 1 - then / np.where(less, today, 1.0), 0.0)
    missed = np.where(more, 1 - (1 - then) / np.where(more, 1 - today, 1.0), 0.0)
    return mended, missed


def _below(chance: float) -> str:
    """Return the text that a hash is below by this chance.

    >>> _below(0.5), _below(0), _below(1)
    ('800000000000', '', 'g')
    """
    first = int(np.ceil(chance * _RANGE))
    return _NEVER if first <= 0 else _ALWAYS if first >= _RANGE else f"{first:012x}"


def _spared(streams: pd.DataFrame, factor: float) -> pd.DataFrame:
    """Return forecast, product_id, warehouse, ``z`` of today and ``spared``, what a unit of a line saves for each z."""
    less = streams["spread"] - spread(streams, factor)
    varies = streams["spread"] > 0
    table = streams[STREAM].assign(
        forecast=repr(factor),
        z=(streams["safety"].clip(lower=0.0) / streams["spread"].where(varies, 1.0)).where(varies, 0.0),
        spared=less * streams["holding"] / streams["quantity"],
    )
    return table.astype(dict.fromkeys(["forecast", *STREAM], "str"))


def _notes(known: int, total: int, factors: dict[str, float]) -> list[Note]:
    notes = [
        Note(
            "The stock of today is known of {known} of {total} products in warehouses with a rule of replenishment; "
            "levers of stock leave the lines of the others as they are.",
            {"known": known, "total": total},
        )
    ]
    if factors:
        notes.append(
            Note(
                "Assumed, not observed: a shared forecast leaves so much of the standard deviation of demand: "
                "{factors}.",
                {"factors": shares("option", factors)},
                assumed=True,
            )
        )
    return notes
