"""Whether earlier periods were costed as this one is: a signal against another model may be the model's."""

from __future__ import annotations

from cts_lib.notes import Note
from cts_lib.stage import Inputs


def changed_model(inputs: Inputs) -> list[Note]:
    """Return a remark on the earlier periods of the history whose params of costs and segments were others."""
    history = inputs.history
    if "params" not in history:
        return []
    known = history[history["params"].fillna("") != ""]
    others = known.loc[known["params"] != inputs.model, "period"].unique()
    periods = sorted(map(inputs.period.named, others))
    earlier = [str(each) for each in periods if each < inputs.period and each.is_like(inputs.period)]
    if not earlier:
        return []
    return [
        Note(
            "Costs or segments of {periods} were made by other params than those of this period: a signal against them "
            "may be the model's. Computed again, they can be compared.",
            {"periods": ", ".join(earlier)},
            doubt=True,
        )
    ]
