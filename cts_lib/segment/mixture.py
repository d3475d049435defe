"""Groups that overlap: factor analysis of mixed data, then a mixture of normal distributions.

Methods: J. Pagès, Analyse factorielle de données mixtes, Revue de statistique appliquée 52 (2004): numbers
standardised, the columns of categories centred and divided by the root of their share, one eigenproblem. Components
with an eigenvalue above 1 are kept (Kaiser), eight at most. Shape of the mixture by BIC (Schwarz 1978).
"""

from __future__ import annotations

import warnings
from collections.abc import Callable

import numpy as np
from sklearn.exceptions import ConvergenceWarning
from sklearn.mixture import GaussianMixture

from cts_lib.segment.dimensions import Floats, Frozen
from cts_lib.segment.stability import Labels

_MOST_COMPONENTS = 8
_RIDGE = 1e-3
"""Added to variances, so that a group of customers that are all alike has one."""


class Mixture(Frozen):
    """A mixture in the space of the components: loadings (columns × components); weight, mean, precision a group."""

    loadings: tuple[tuple[float, ...], ...]
    weights: tuple[float, ...]
    means: tuple[tuple[float, ...], ...]
    precisions: tuple[tuple[tuple[float, ...], ...], ...]

    def likelihoods(self, matrix: Floats) -> tuple[Floats, Floats]:
        """Return log weight and density of each group, up to a constant, and the Mahalanobis distance to each."""
        scores = matrix @ np.array(self.loadings)
        away = scores[:, None, :] - np.array(self.means)[None, :, :]
        precisions = np.array(self.precisions)
        squared = np.einsum("nki,kij,nkj->nk", away, precisions, away)
        _, logs = np.linalg.slogdet(precisions)
        return np.log(np.array(self.weights)) + 0.5 * logs - 0.5 * squared, np.sqrt(squared)

    def labels(self, matrix: Floats) -> Labels:
        """Return each customer's likeliest group, from 0."""
        likely: Labels = self.likelihoods(matrix)[0].argmax(axis=1).astype("int64")
        return likely


def components(matrix: Floats) -> tuple[Floats, Floats]:
    """Return eigenvalues of all components, the largest first, and the loadings of those that are kept.

    Parameters
    ----------
    matrix : array, customers × columns
        Encoded dimensions, balanced and centred; the eigenvalues sum to numbers + Σ (values − 1).
    """
    values, vectors = np.linalg.eigh(matrix.T @ matrix / len(matrix))
    values, vectors = values[::-1], vectors[:, ::-1]
    kept = int(np.clip((values > 1).sum(), 2, min(_MOST_COMPONENTS, len(values)))) if len(values) > 1 else 1
    largest = np.abs(vectors).argmax(axis=0)
    signs = np.sign(vectors[largest, np.arange(len(values))])
    return values, (vectors * signs)[:, :kept]


def fit_mixture(matrix: Floats, loadings: Floats, count: int, seed: int) -> Mixture:
    """Return the mixture of ``count`` groups, with full or diagonal spreads, whichever has the lower BIC."""
    scores = matrix @ loadings
    tried = []
    for shape in ("diag", "full"):
        model = GaussianMixture(count, covariance_type=shape, reg_covar=_RIDGE, random_state=seed, max_iter=200)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)  # the likelihood is compared, not trusted
            model.fit(scores)
        tried.append((float(model.bic(scores)), model))
    best = min(tried, key=lambda one: one[0])[1]
    precisions = best.precisions_
    if best.covariance_type == "diag":
        precisions = np.array([np.diag(row) for row in precisions])
    return Mixture(
        loadings=loadings.tolist(),
        weights=np.maximum(best.weights_, 1e-12).tolist(),
        means=best.means_.tolist(),
        precisions=precisions.tolist(),
    )


def fitter(loadings: Floats, count: int) -> Callable[[Floats, int], Callable[[Floats], Labels]]:
    """Return what fits the mixture to resampled customers."""
    return lambda matrix, seed: fit_mixture(matrix, loadings, count, seed).labels
