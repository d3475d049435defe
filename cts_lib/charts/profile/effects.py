"""What goes with cost to serve: a dot and its interval for each effect."""

from __future__ import annotations

import pandas as pd

from cts_lib.charts.bars import ROOM, height_of, write_names
from cts_lib.charts.chart import LOSS, NEUTRAL, PROFIT, Chart, canvas, finish, styled
from cts_lib.display import Reader
from cts_lib.display.profile.effects import change, step, strongest

_MOST = 16


@styled
def cost_effects(frame: pd.DataFrame, reader: Reader) -> Chart:
    """Draw the estimated effects with their central 90 %, those that can be told first.

    Parameters
    ----------
    frame : DataFrame
        effect, value, instead_of, step, estimate, low, high, verdict, observations, r_squared.
    """
    rows = strongest(frame).head(_MOST)
    if rows.empty:
        return Chart(reader.text("What explains cost to serve cannot be told; the sentence below says why."))
    records = rows.to_dict("records")
    names = [step(row, reader, ROOM) for row in records]
    colours = {"more": LOSS, "less": PROFIT, "cannot tell": NEUTRAL}
    figure, axes = canvas(height_of(len(rows)))
    for place, row in enumerate(records):
        colour = colours[row["verdict"]]
        axes.plot([row["low"], row["high"]], [place, place], color=colour, linewidth=2.4)
        axes.plot([row["estimate"]], [place], "o", color=colour, markersize=6.5)
    write_names(axes, names)
    axes.axvline(0, color="#8a96a1", linewidth=1)
    axes.grid(visible=False, axis="y")
    axes.xaxis.set_major_formatter(lambda x, _: reader.percent(x, 0 if abs(x) >= 0.01 or x == 0 else 1))
    axes.set_xlabel(reader.text("Change of cost to serve on the same sales, for one step"))
    clear = [(row, step(row, reader)) for row in records if row["verdict"] != "cannot tell"]
    title = reader.text(
        "Nothing can be told from chance among {count} customers in channels.",
        count=reader.number(rows["observations"].iloc[0]),
    )
    if clear:
        row, name = clear[0]
        title = reader.text(
            "{step} goes with a change of {size} in cost to serve on the same sales, one of the {count} effects found.",
            step=name,
            size=("+" if row["estimate"] > 0 else "") + change(row["estimate"], reader),
            count=reader.number((frame["verdict"].isin(["more", "less"])).sum()),
        )
    if len(clear) == 1:
        title = reader.text(
            "{step} goes with a change of {size} in cost to serve on the same sales; nothing else can be told.",
            step=clear[0][1],
            size=("+" if clear[0][0]["estimate"] > 0 else "") + change(clear[0][0]["estimate"], reader),
        )
    alt = "; ".join(
        f"{name}: {change(row['estimate'], reader)} ({change(row['low'], reader)} – {change(row['high'], reader)})"
        for row, name in zip(records, names, strict=True)
    )
    return finish(figure, title, alt, "cost_effects", reader)
