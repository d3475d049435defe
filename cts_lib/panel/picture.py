"""The picture of a panel: figures beside today's, the whale curve and the matrix, small and drawn in a moment.

The charts of the pages take longer to draw than a slider waits; colours and words are theirs.
"""

from __future__ import annotations

from collections.abc import Hashable

import numpy as np
import pandas as pd

from cts_lib.charts.chart import LOSS, PROFIT
from cts_lib.charts.profile.customers import whale_message, whale_told
from cts_lib.display import Reader, Shown, what_if_figures
from cts_lib.display.pieces import piece
from cts_lib.scenarios.standing import Answer

_WIDTH, _HEIGHT = 600, 200


def picture(answer: Answer, figures: pd.DataFrame, reader: Reader) -> Shown:
    """Return how a period stands; ``figures`` has figure, resource, today, then and change."""
    profit = answer.profit
    gained, lost = float(profit[profit > 0].sum()), -float(profit[profit < 0].sum())
    message = whale_message(int((profit < 0).sum()), len(profit), gained, lost, reader)
    rows = what_if_figures(figures, reader).to_dict("records")
    is_moved = bool((figures["change"] != 0).any())
    channels = _channels(answer.matrix)
    left = reader.money(float(profit.sum()), compact=True)
    return piece(
        "panel",
        f"{message} {reader.text('What is left: {amount}', amount=left)}",
        message=message,
        profit=f"{profit.sum():.2f}",
        rows=rows,
        headings=[reader.label(name) for name in ("figure", "today", "then", "change")[: 4 if is_moved else 2]],
        is_moved=is_moved,
        caption=reader.text("Profit by segment and channel ({currency}); in brackets customers, counted in each of "
                            "their channels", currency=reader.currency),
        channels=[reader.word(name, "channel") for name in channels],
        segments=_cells(answer.matrix, channels, reader),
        curve=_curve(answer.curve, reader, len(profit)),
    )  # fmt: skip


def _channels(matrix: pd.DataFrame) -> list[str]:
    sales = matrix.groupby("channel")["net_sales"].sum().sort_values(ascending=False, kind="stable")
    return [str(name) for name in sales.index]


def _cells(matrix: pd.DataFrame, channels: list[str], reader: Reader) -> list[dict[str, object]]:
    """Return each segment, the most profitable first, with a text for each channel and whether it loses money."""
    at = matrix.set_index(["segment", "channel"])[["profit", "customers"]].to_dict("index")
    order = matrix.groupby("segment")["profit"].sum().sort_values(ascending=False, kind="stable").index
    return [
        {
            "name": reader.word(segment, "segment"),
            "cells": [_cell(at.get((segment, channel)), reader) for channel in channels],
        }
        for segment in order
    ]


def _cell(found: dict[Hashable, float] | None, reader: Reader) -> tuple[str, bool]:
    if found is None:
        return "", False
    amount, count = reader.number(found["profit"], compact=True), reader.number(found["customers"])
    return f"{amount} ({count})", found["profit"] < 0


def _curve(curve: pd.DataFrame, reader: Reader, customers: int) -> dict[str, object]:
    """Return the curve's points up to its peak and after it, on a canvas, and what it shows in words."""
    share, profit = curve["share"].to_numpy(), curve["profit"].to_numpy()
    low, high = min(0.0, float(profit.min())), max(0.0, float(profit.max()))
    scale = _HEIGHT / ((high - low) or 1.0)
    points = [f"{_WIDTH * x:.0f},{(high - y) * scale:.0f}" for x, y in zip(share, profit, strict=True)]
    peak = int(np.argmax(profit))
    return {
        "width": _WIDTH,
        "height": _HEIGHT,
        "zero": f"{high * scale:.0f}",
        "rising": " ".join(points[: peak + 1]),
        "falling": " ".join(points[peak:]),
        "colours": (PROFIT, LOSS),
        "told": whale_told(customers, float(profit[peak]), float(share[peak]), float(profit[-1]), reader),
    }
