"""What a workbook holds, and what it can be asked: what a notebook shows of ``book``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from cts_lib.display.pieces import Shown
from cts_lib.display.reader import Reader
from cts_lib.display.table import table


def holdings(
    label: str, period: str, manifest: Mapping[str, Any], tables: Mapping[str, Sequence[str]], reader: Reader
) -> Shown:
    """Show unit, period and when it was computed, what can be asked, as it is written, and each stage's tables."""
    asked = {
        'book.table("…")': reader.text("A table, by one of the names below."),
        "book.notes(stage)": reader.text("What was assumed, and what is missing."),
        'book.explain("…")': reader.text("A customer's cost, down to the ledger."),
        'book.what_if("cost_model.…=…")': reader.text(
            "What another cost model, other levers (strategy.…) or other segments (segmentation.…) would change."
        ),
        'book.keep("name", "cost_model.…=…")': reader.text("The same, kept as a scenario."),
        "book.scenarios(), book.compare()": reader.text("The kept scenarios, and each beside today."),
        "book.assign(frame)": reader.text("Customers, also new ones, in these segments."),
        "book.calibrate()": reader.text("The unit times, held against what was recorded."),
    }
    held = {reader.word(stage, "stage"): ", ".join(names) for stage, names in tables.items()}
    rows = pd.DataFrame([*asked.items(), *held.items()], columns=["ask_for", "gives"])
    title = reader.text(
        "{label}, {period}: computed {when}",
        label=label,
        period=period,
        when=str(manifest["end"])[:16].replace("T", " "),
    )
    shown = table(rows, reader, {"ask_for": "code", "gives": "sentence"}, title, rows=len(rows))
    return Shown(shown.html, "\n".join([title, *(f"  {ask}: {gives}" for ask, gives in rows.to_numpy())]))
