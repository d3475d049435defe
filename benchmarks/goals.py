"""What the engine is to reach, held against what was measured. The goals are fixed; only the sizes are the run's."""

from __future__ import annotations

from dataclasses import dataclass, field

from contestants import BY_HAND, OURS, PANDAS, SCAN


@dataclass(frozen=True)
class Measure:
    """Medians of so many rounds; ``megabytes`` are millions of bytes."""

    seconds: float
    megabytes: float
    rounds: int


Field = dict[str, Measure]


@dataclass
class Measured:
    """Everything one run of the benchmark found.

    ``sizes`` holds the contestants by number of lines and variant, ``left_out`` why one did not start there;
    ``base`` is the size that the goals speak of, and that ``repricing``, ``splitting`` (accepted from rejected rows),
    ``keeping`` (the accepted lines with their defaults, finished orders and shipments) and ``from_accepted`` (the
    costing of accepted lines with nothing kept, by variant) were measured at.
    """

    base: int
    repricing: Measure
    customers: int
    splitting: Measure
    keeping: Measure
    from_accepted: dict[str, Measure]
    same_for_any_threads: bool
    sizes: dict[int, dict[str, Field]] = field(default_factory=dict)
    left_out: dict[tuple[int, str], dict[str, str]] = field(default_factory=dict)


@dataclass(frozen=True)
class Goal:
    """One goal: what was to be reached, what was measured, and whether that is enough."""

    text: str
    measured: str
    is_met: bool

    @property
    def row(self) -> str:
        return f"| {self.text} | {self.measured} | {'met' if self.is_met else 'missed'} |"


def goals(found: Measured) -> list[Goal]:
    """Hold a run against every goal."""
    linear, finished = (found.sizes[found.base][variant] for variant in ("linear", "finished"))
    at = f"{found.base:,} lines"
    return [
        _at_most(f"linear, {at}: at most 1.25 × the best SQL by hand", _to_best(linear), 1.25),
        _faster(f"linear, {at}: at least 8 × faster than pandas", linear, 8),
        _at_most(f"linear, {at}: at most 4 × the bare scan", linear[OURS].seconds / linear[SCAN].seconds, 4),
        _in_memory(f"linear, {at}: at most 0.6 GB", [linear], 600),
        _at_most(f"finished order, {at}: at most 1.25 × the best SQL by hand", _to_best(finished), 1.25),
        _in_memory(f"finished order, {at}: at most 1.2 GB", [finished], 1_200),
        *_at_large(found),
        _repricing(found, linear),
        Goal(
            "the same to the bit for 1, 2 and 4 threads",
            "the same" if found.same_for_any_threads else "not the same",
            found.same_for_any_threads,
        ),
        _splitting(found, "the costing itself, from accepted lines to costs", found.from_accepted),
        _splitting(found, "a linear costing that finds orders counted", {"linear": linear[OURS]}),
        _splitting(found, "a costing that finds finished orders", {"finished": finished[OURS]}),
    ]


def _at_most(text: str, ratio: float, limit: float) -> Goal:
    return Goal(text, f"{ratio:.2f} ×", ratio <= limit)


def _to_best(field: Field) -> float:
    return field[OURS].seconds / min(field[name].seconds for name in BY_HAND if name in field)


def _faster(text: str, field: Field, limit: float) -> Goal:
    if PANDAS not in field:
        return Goal(text, "pandas was left out", False)
    ratio = field[PANDAS].seconds / field[OURS].seconds
    return Goal(text, f"{ratio:.1f} ×", ratio >= limit)


def _in_memory(text: str, fields: list[Field], limit: float) -> Goal:
    megabytes = max(field[OURS].megabytes for field in fields)
    return Goal(text, f"{megabytes / 1000:.2f} GB", megabytes <= limit)


def _splitting(found: Measured, costing: str, costings: dict[str, Measure]) -> Goal:
    ratios = {variant: found.splitting.seconds / item.seconds for variant, item in costings.items()}
    text = f"splitting accepted from rejected rows, {found.base:,} lines: at most the time of {costing}"
    return Goal(text, _by_variant(ratios), max(ratios.values()) <= 1)


def _by_variant(ratios: dict[str, float]) -> str:
    return ", ".join(f"{variant} {ratio:.2f} ×" for variant, ratio in ratios.items())


def _at_large(found: Measured) -> list[Goal]:
    """Five times the lines may take 5.5 times as long: a tenth more than their number says."""
    large = max(found.sizes)
    limit = 1.1 * large / found.base
    ratios = {
        variant: field[OURS].seconds / found.sizes[found.base][variant][OURS].seconds
        for variant, field in found.sizes[large].items()
    }
    text = f"{large:,} lines: at most {limit:g} × the time at {found.base:,}"
    fields = list(found.sizes[large].values())
    return [
        Goal(text, _by_variant(ratios), max(ratios.values()) <= limit),
        _in_memory(f"{large:,} lines: at most 2 GB", fields, 2_000),
    ]


def _repricing(found: Measured, linear: Field) -> Goal:
    share = found.repricing.seconds / linear[OURS].seconds
    return Goal(
        f"repricing {found.customers:,} customers: at most 1/30 of a full run",
        f"1/{1 / share:.1f} ({found.repricing.seconds * 1000:.0f} ms)",
        share <= 1 / 30,
    )
