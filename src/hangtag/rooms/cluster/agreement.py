"""Clusters and true classes go in, how far they say the same comes out.

Hubert and Arabie, "Comparing partitions", 1985 (adjusted Rand index); Vinh, Epps and Bailey,
"Information theoretic measures for clusterings comparison", 2010 (normalised mutual information).
All numbers come from one table of counts, and are scikit-learn's where it has them.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from hangtag.errors import OptionError
from hangtag.records import Agreement, Clustering, ImageSet


def agreement(clustering: Clustering, images: ImageSet) -> Agreement:
    """Compare clusters with the true classes; images without a class are left out.

    Args:
        clustering: The clusters.
        images: The set its indices count in.

    Raises:
        OptionError: `images` is another set, or none of the clustered images has a class.

    Example:
        >>> agreement(clusters, images).ari
    """
    return agreement_of(
        clustering.assignments, clustering.labels(images), images.class_names, k=clustering.k
    )


def agreement_of(
    assignments: NDArray[np.integer],
    labels: NDArray[np.integer],
    class_names: Sequence[str],
    *,
    k: int | None = None,
) -> Agreement:
    """Compare two divisions of the same images.

    Args:
        assignments: ``(n,)`` the cluster of each image, from 0.
        labels: ``(n,)`` the class of each, from 0; negative where it has none.
        class_names: One name per class.
        k: How many clusters there are; None takes the highest that occurs.

    Raises:
        OptionError: The lengths differ, or no image has a class.
    """
    if assignments.shape != labels.shape:
        raise OptionError(f"there are {len(assignments)} clusters and {len(labels)} labels")
    known = labels >= 0
    if not known.any():
        raise OptionError(
            "none of the clustered images has a class", "agreement needs labelled images"
        )
    clusters = int(assignments.max()) + 1 if k is None else k
    table = np.zeros((clusters, len(class_names)), np.int64)
    np.add.at(table, (assignments[known], labels[known]), 1)
    matching, hits = _matching(table)
    return Agreement(
        table=table,
        class_names=tuple(class_names),
        ari=_adjusted_rand(table),
        nmi=_mutual_information(table),
        purity=float(table.max(axis=1).sum() / table.sum()),
        accuracy=hits / int(table.sum()),
        matching=matching,
    )


def _adjusted_rand(table: NDArray[np.int64]) -> float:
    n = int(table.sum())
    # Counts of pairs, by the squares of the table (Hubert and Arabie's formula rearranged so that
    # whole numbers are subtracted and nothing is rounded before the division).
    together = int((table**2).sum())
    rows, columns = table.sum(axis=1), table.sum(axis=0)
    # Python's whole numbers: products of pair counts pass 2**63 from about 50,000 images on.
    both = together - n
    one = int((rows**2).sum()) - together
    other = int((columns**2).sum()) - together
    neither = n * n - together - one - other
    if one == 0 and other == 0:
        return 1.0
    above = 2 * (neither * both - one * other)
    return above / ((neither + one) * (one + both) + (neither + other) * (other + both))


def _mutual_information(table: NDArray[np.int64]) -> float:
    n = table.sum()
    rows, columns = table.sum(axis=1), table.sum(axis=0)
    if np.count_nonzero(rows) == 1 and np.count_nonzero(columns) == 1:
        return 1.0
    # Empty cells add nothing: the limit of x log x is zero.
    where = np.nonzero(table)
    proportions = table[where] / n
    expected = rows[where[0]] / n * (columns[where[1]] / n)
    information = float((proportions * np.log(proportions / expected)).sum())
    entropy = (_entropy(rows) + _entropy(columns)) / 2
    return max(0.0, information) / entropy if entropy else 0.0


def _entropy(counts: NDArray[np.int64]) -> float:
    proportions = counts[counts > 0] / counts.sum()
    return float(-(proportions * np.log(proportions)).sum())


def _matching(table: NDArray[np.int64]) -> tuple[tuple[int, ...], int]:
    """The class of each cluster that makes most images right, each class used once."""
    from scipy.optimize import linear_sum_assignment

    rows, columns = linear_sum_assignment(table, maximize=True)
    # The Hungarian method gives each class one cluster; with more clusters than classes the rest
    # have none.
    matching = np.full(len(table), -1)
    matching[rows] = columns
    return tuple(int(one) for one in matching), int(table[rows, columns].sum())
