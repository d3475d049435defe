"""Groups in mixed dimensions: how many by silhouette, stability and size, from one sample; then everybody is placed.

Methods: k-means on scaled dimensions; silhouettes (P. J. Rousseeuw, Journal of Computational and Applied Mathematics
20, 1987). Groups that are unstable (see ``stability``) or small are dissolved. Of the numbers of groups whose
silhouette is within two standard errors of the best, and whose mean Jaccard similarity is within one standard deviation
(over resamples) of the most stable, the largest is taken: a finer description that is no worse says more. Where the
best silhouette is below 0.25, which Kaufman and Rousseeuw (Finding Groups in Data, 1990) call no substantial structure,
groups overlap: then a mixture of normal distributions (see ``mixture``) is tried, and taken if it is more stable.
At last the distances of k-means are sharpened: a dimension in which customers of a group differ little counts for more
(diagonal discriminant analysis: Hastie, Tibshirani and Friedman, The Elements of Statistical Learning, 2009, 18.2).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from sklearn.cluster import KMeans
from sklearn.metrics import silhouette_samples
from threadpoolctl import threadpool_limits

from cts_lib.notes import Note, amount, counted, names_in_words
from cts_lib.params.segmentation import Segmentation
from cts_lib.segment.dimensions import Dimension, Floats, Frozen, encode, find_dimensions
from cts_lib.segment.mixture import Mixture, components, fit_mixture, fitter
from cts_lib.segment.stability import Fit, Labels, jaccards

SAMPLE = 10_000
_SUBSAMPLE = 2_000
_OVERLAP = 0.25
_FEWEST_CUSTOMERS = 12
_FEWEST_OF_A_GROUP = 3
_SHARPENINGS = 3
_THERE = 1e-9
"""A distance from the middle that is none."""
_LEAST_SPREAD = 0.25
"""Of a dimension's spread over all customers: chance must not make one that seems not to differ decide alone."""
CHOICE = [
    "method",
    "tried",
    "groups",
    "silhouette",
    "standard_error",
    "jaccard",
    "jaccard_deviation",
    "smallest_share",
    "chosen",
]


def reach_of(distance: Floats) -> float:
    """Return the median member's distance from the middle; where half of them are there, that of the others.

    >>> reach_of(np.array([0.0, 0.0, 0.0, 1.0, 3.0])), reach_of(np.array([0.5, 1.0, 3.0])), reach_of(np.zeros(2))
    (2.0, 1.0, 0.0)
    """
    apart = distance[distance > _THERE]
    return float(np.median(distance if 2 * len(apart) > len(distance) else apart)) if len(apart) else 0.0


class Groups(Frozen):
    """Groups with what places a customer: the dimensions, and centres or a mixture; for ``reach`` see `reach_of`.

    Distances from centres are in units of ``spread``, where it is known.
    """

    dimensions: tuple[Dimension, ...] = ()
    centres: tuple[tuple[float, ...], ...] = ()
    spread: tuple[float, ...] = ()
    mixture: Mixture | None = None
    reach: tuple[float, ...] = ()
    outlier_distance: float = 3.0

    @property
    def count(self) -> int:
        return max(1, len(self.reach))

    def place(self, frame: pd.DataFrame) -> Labels:
        """Return each customer's group from 1, or 0 where it lies too far from the nearest."""
        if not self.reach:
            return np.ones(len(frame), dtype="int64")
        labels, distance = self.nearest(encode(frame, self.dimensions, self.mixture is not None))
        far = distance / self.outlier_distance > np.array(self.reach)[labels]
        return np.where(far, 0, labels + 1)

    def nearest(self, matrix: Floats) -> tuple[Labels, Floats]:
        """Return each customer's group from 0, and how far it is from its middle."""
        if self.mixture is not None:
            likely, distances = self.mixture.likelihoods(matrix)
            labels: Labels = likely.argmax(axis=1).astype("int64")
        else:
            unit = np.array(self.spread) if self.spread else 1.0
            distances = _distances(matrix / unit, np.array(self.centres) / unit)
            labels = distances.argmin(axis=1).astype("int64")
        return labels, distances[np.arange(len(matrix)), labels]


@dataclass(frozen=True)
class Grouping:
    """Groups, who is in which, what was tried, and the remarks on it."""

    groups: Groups
    labels: Labels
    choice: pd.DataFrame
    notes: list[Note]


@dataclass(frozen=True)
class _Candidate:
    method: str
    tried: int
    groups: Groups
    silhouette: float
    error: float
    jaccard: float
    scatter: float
    smallest: float

    @property
    def row(self) -> tuple[str, int, int, float, float, float, float, float]:
        count = len(self.groups.reach)
        return (self.method, self.tried, count, self.silhouette, self.error, self.jaccard, self.scatter, self.smallest)


def find_groups(frame: pd.DataFrame, names: Sequence[str], params: Segmentation, most: int) -> Grouping:
    """Group the customers of ``frame`` by the columns ``names`` into at most ``most`` groups.

    Hundreds of small fits run faster on one thread than on many that wait for each other, above all on a busy machine,
    and give the same bits everywhere.
    """
    with threadpool_limits(limits=1):
        return _find(frame, names, params, most)


def _find(frame: pd.DataFrame, names: Sequence[str], params: Segmentation, most: int) -> Grouping:
    dimensions, notes = find_dimensions(frame, names, params.attribute_weight)
    nobody = Groups(dimensions=dimensions, outlier_distance=params.outlier_distance)
    alone = Grouping(nobody, nobody.place(frame), pd.DataFrame(columns=CHOICE), notes)
    matrix = encode(frame, dimensions)
    generator = np.random.default_rng(params.seed)
    picked = np.sort(generator.permutation(len(matrix))[:SAMPLE])
    sample = matrix[picked]
    distinct = len(np.unique(sample.round(6), axis=0)) if sample.size else 1
    if len(frame) < _FEWEST_CUSTOMERS or distinct < 4:
        notes.append(
            Note(
                "There are no groups: customers are too few ({count}) or behave in too few ways ({distinct}).",
                {"count": len(frame), "distinct": distinct},
            )
        )
        return alone
    counts = range(2, min(most, distinct - 1, len(sample) // _FEWEST_OF_A_GROUP) + 1)
    judge = _Judge(sample, dimensions, params, generator)
    tried = [judge.k_means(count) for count in counts]
    best = _choose(tried)
    if best is None or best.silhouette < _OVERLAP:
        balanced = encode(frame.iloc[picked], dimensions, balanced=True)
        mixtures = [judge.mixture(count, balanced) for count in counts]
        other = _choose(mixtures)
        tried += mixtures
        if other is not None and (best is None or other.jaccard > best.jaccard):
            best = other
    choice = pd.DataFrame([one.row for one in tried], columns=CHOICE[:-1])
    choice["chosen"] = [one is best for one in tried]
    if best is None:
        notes.append(
            Note(
                "No number of groups from 2 to {most} is stable and large enough; all customers stay in one group.",
                {"most": counts[-1]},
            )
        )
        return Grouping(nobody, alone.labels, choice, notes)
    groups = best.groups if best.groups.mixture else sharpened(best.groups, sample)
    return Grouping(groups, groups.place(frame), choice, notes)


def sharpened(groups: Groups, matrix: Floats) -> Groups:
    """Return the same groups with distances in units of their members' spread; unchanged if one would be emptied."""
    whole = matrix.std(axis=0)
    least = np.where(whole > 0, _LEAST_SPREAD * whole, 1.0)
    sharper = groups
    for _ in range(_SHARPENINGS):
        labels, _ = sharper.nearest(matrix)
        sizes = np.bincount(labels, minlength=groups.count)
        if sizes.min() < _FEWEST_OF_A_GROUP:
            return groups
        centres = np.array([matrix[labels == label].mean(axis=0) for label in range(groups.count)])
        within = np.sqrt(((matrix - centres[labels]) ** 2).mean(axis=0))
        sharper = sharper.model_copy(
            update={"centres": tuple(map(tuple, centres.tolist())), "spread": tuple(np.maximum(within, least).tolist())}
        )
    labels, distance = sharper.nearest(matrix)
    if np.bincount(labels, minlength=groups.count).min() < _FEWEST_OF_A_GROUP:
        return groups
    reach = tuple(reach_of(distance[labels == label]) for label in range(groups.count))
    return sharper.model_copy(update={"reach": reach})


class _Judge:
    """Fits a number of groups to the sample, dissolves those that are unstable or small, and measures the rest."""

    def __init__(
        self, sample: Floats, dimensions: tuple[Dimension, ...], params: Segmentation, generator: np.random.Generator
    ) -> None:
        self.sample, self.dimensions, self.params = sample, dimensions, params
        self.few = np.sort(generator.permutation(len(sample))[:_SUBSAMPLE])

    def k_means(self, count: int) -> _Candidate:
        centres = _k_means(self.sample, count, self.params.seed, 10)
        labels = _distances(self.sample, centres).argmin(axis=1)

        def fit(matrix: Floats, seed: int) -> _Nearest:
            return _Nearest(_k_means(matrix, count, seed, 3))

        kept, drawn = self._kept(self.sample, labels, fit)
        groups = Groups(dimensions=self.dimensions, centres=centres[kept].tolist())
        return self._measured("k-means", count, groups, self.sample, drawn)

    def mixture(self, count: int, balanced: Floats) -> _Candidate:
        _, loadings = components(balanced)
        mixture = fit_mixture(balanced, loadings, count, self.params.seed)
        kept, drawn = self._kept(balanced, mixture.labels(balanced), fitter(loadings, count))
        rest = mixture.model_copy(
            update={
                "weights": _only(mixture.weights, kept),
                "means": _only(mixture.means, kept),
                "precisions": _only(mixture.precisions, kept),
            }
        )
        groups = Groups(dimensions=self.dimensions, mixture=rest)
        return self._measured("mixture", count, groups, balanced, drawn)

    def _kept(self, matrix: Floats, labels: Labels, fit: Fit) -> tuple[Labels, Floats]:
        """Return the groups that are stable and large enough, the largest first, and the mean Jaccard of each draw."""
        generator = np.random.default_rng(self.params.seed)
        drawn = jaccards(matrix[self.few], labels[self.few], fit, self.params.bootstraps, generator)
        sizes = np.bincount(labels, minlength=drawn.shape[1])
        seen = np.isfinite(drawn)
        stable = np.where(seen, drawn, 0.0).sum(axis=0) / np.maximum(seen.sum(axis=0), 1)
        stable = np.pad(stable, (0, len(sizes) - len(stable)))
        fewest = max(_FEWEST_OF_A_GROUP, self.params.smallest_share * len(labels))
        order = np.argsort(-sizes, kind="stable")
        kept = order[((stable >= self.params.least_stability) & (sizes >= fewest))[order]]
        return kept, np.nanmean(drawn, axis=1)

    def _measured(self, method: str, count: int, groups: Groups, matrix: Floats, drawn: Floats) -> _Candidate:
        left = len(groups.centres) if groups.mixture is None else len(groups.mixture.weights)
        if left < 2:
            empty = Groups(outlier_distance=self.params.outlier_distance)
            nothing = float("nan")
            return _Candidate(method, count, empty, nothing, nothing, float(drawn.mean()), float(drawn.std()), nothing)
        labels, distance = groups.nearest(matrix)
        order = np.argsort(-np.bincount(labels, minlength=left), kind="stable")
        reach = [reach_of(distance[labels == label]) for label in order]
        if groups.mixture is None:
            update: dict[str, object] = {"centres": _only(groups.centres, order)}
        else:
            parts = ("weights", "means", "precisions")
            update = {
                "mixture": groups.mixture.model_copy(
                    update={part: _only(getattr(groups.mixture, part), order) for part in parts}
                )
            }
        update |= {"reach": tuple(reach), "outlier_distance": self.params.outlier_distance}
        few = labels[self.few]
        several = len(np.unique(few)) > 1 and len(np.unique(few)) < len(few)
        widths = silhouette_samples(self.sample[self.few], few) if several else np.zeros(len(few))
        return _Candidate(
            method,
            count,
            groups.model_copy(update=update),
            float(widths.mean()),
            float(widths.std() / np.sqrt(len(widths))),
            float(drawn.mean()),
            float(drawn.std()),
            float(np.bincount(labels, minlength=left).min() / len(labels)),
        )


@dataclass(frozen=True)
class _Nearest:
    centres: Floats

    def __call__(self, matrix: Floats) -> Labels:
        nearest: Labels = _distances(matrix, self.centres).argmin(axis=1)
        return nearest


def _only(values: Sequence[object], places: Labels) -> tuple[object, ...]:
    return tuple(values[int(place)] for place in places)


def _k_means(matrix: Floats, count: int, seed: int, starts: int) -> Floats:
    distinct = len(np.unique(matrix.round(6), axis=0)) if len(matrix) < 4 * count else count
    model = KMeans(min(count, distinct), n_init=starts, random_state=seed).fit(matrix)
    centres: Floats = model.cluster_centers_
    return centres


def refit(groups: Groups, frame: pd.DataFrame, seed: int) -> Groups:
    """Return as many groups in the same dimensions, their centres found anew among other customers."""
    matrix = encode(frame, groups.dimensions)[:SAMPLE]
    with threadpool_limits(limits=1):
        centres = _k_means(matrix, groups.count, seed, 5)
    near = {"reach": (np.inf,) * len(centres)}
    refitted = groups.model_copy(update={"centres": centres.tolist(), "mixture": None, "spread": ()} | near)
    return sharpened(refitted, matrix).model_copy(update=near)


def _distances(matrix: Floats, centres: Floats) -> Floats:
    squared = (matrix**2).sum(axis=1)[:, None] - 2 * matrix @ centres.T + (centres**2).sum(axis=1)[None, :]
    distances: Floats = np.sqrt(np.maximum(squared, 0.0))
    return distances


def _choose(tried: Sequence[_Candidate]) -> _Candidate | None:
    """Return the most groups among those that are neither less apart nor less stable than the best."""
    possible = [one for one in tried if len(one.groups.reach) >= 2]
    if not possible:
        return None
    apart = max(possible, key=lambda one: one.silhouette)
    near = [one for one in possible if one.silhouette >= apart.silhouette - 2 * apart.error]
    stable = max(near, key=lambda one: one.jaccard)
    equal = [one for one in near if one.jaccard >= stable.jaccard - stable.scatter]
    return max(equal, key=lambda one: (len(one.groups.reach), one.silhouette))


def notes_of(grouping: Grouping) -> list[Note]:
    """Return what a report says of the choice."""
    chosen = grouping.choice[grouping.choice["chosen"].astype(bool)] if len(grouping.choice) else grouping.choice
    if chosen.empty:
        return grouping.notes
    row = chosen.iloc[0]
    values = {
        "groups": int(row["groups"]),
        "method": names_in_words("method", [str(row["method"])]),
        "score": amount(row["silhouette"], "decimal"),
        "jaccard": amount(row["jaccard"], "decimal"),
        "count": int((grouping.labels == 0).sum()),
    }
    return [
        counted(
            "Behaviour and traits fall into {groups} groups ({method}; silhouette {score}, found again among resampled "
            "customers with a Jaccard similarity of {jaccard}); {count} customer is far from all of them.",
            "Behaviour and traits fall into {groups} groups ({method}; silhouette {score}, found again among resampled "
            "customers with a Jaccard similarity of {jaccard}); {count} customers are far from all of them.",
            values,
        ),
        *grouping.notes,
    ]
