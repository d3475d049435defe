"""The table of unit times: what the model assumes beside what the data say."""

from __future__ import annotations

import pandas as pd

from cts_lib.costing.calibration import NEGLIGIBLE
from cts_lib.display.pieces import Shown
from cts_lib.display.profile.equation import in_words
from cts_lib.display.reader import Reader
from cts_lib.display.table import table


def unit_times(frame: pd.DataFrame, reader: Reader, rows: int = 40) -> Shown:
    """Show assumed beside estimated unit times with their intervals; what cannot be told is counted below."""
    estimated = frame[frame["estimated"].notna()]
    intervals = [
        reader.text("{low} to {high}", low=_minutes(low, reader), high=_minutes(high, reader))
        for low, high in zip(estimated["low"], estimated["high"], strict=True)
    ]
    shown = estimated.assign(
        term=[in_words(term, reader) for term in estimated["term"]],
        assumed=[_minutes(x, reader) for x in estimated["assumed"]],
        estimated=[_minutes(x, reader) for x in estimated["estimated"]],
        interval=pd.Series(intervals, estimated.index, dtype=object),
    )
    columns = {"resource": "text", "activity": "text", "term": "code", "assumed": "text", "estimated": "text"}
    columns |= {"interval": "text", "source": "text", "observations": "number", "verdict": "text", "reason": "text"}
    note = reader.text(
        "Minutes, with central 90% intervals; a time that is less than {share} of itself outside agrees. The model "
        "keeps its assumed times until somebody changes them.",
        share=reader.percent(NEGLIGIBLE, 0),
    )
    for reason, count in frame.loc[frame["estimated"].isna(), "reason"].value_counts(sort=False).items():
        counted = reader.plural("{count} unit time cannot be told", "{count} unit times cannot be told", count)
        note += f" {counted}: {reader.word_within(reason, 'reason')}."
    title = reader.text("Unit times: assumed and found in the data")
    return table(shown, reader, columns, title, note=note, rows=rows)


def _minutes(x: float, reader: Reader) -> str:
    """Write minutes with as many decimals as tell small times apart."""
    size = abs(x)
    return reader.number(x, 0 if size >= 1000 else 1 if size >= 10 else 2 if size >= 1 or size == 0 else 4)
