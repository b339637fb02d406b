"""Images in groups: clusterings, sweeps over the number of groups, and what a group looks like.

Every record here says which set its indices count in, and gives indices only into that set.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hangtag.errors import OptionError
from hangtag.records.images import ImageSet
from hangtag.records.stored import Floats, Ints, Stored, plain
from hangtag.records.upstairs import Plotted


def check_same_set(fingerprint: str, images: ImageSet) -> None:
    """Refuse to use indices of one set on the images of another.

    Args:
        fingerprint: Of the set the indices count in; empty when it is not known.
        images: The set they are about to be used on.

    Raises:
        OptionError: The fingerprint is not that of `images`, or is not known.
    """
    if fingerprint == images.fingerprint:
        return
    known = f"set {fingerprint[:12]}" if fingerprint else "points of no known set"
    raise OptionError(
        f"these clusters count in {known}; got images of set {images.fingerprint[:12]}",
        "give the set they were computed on, and its fingerprint when they are computed",
    )


@dataclass(frozen=True, eq=False)
class Clustering(Stored, Plotted):
    """Every clustered image in one group.

    Attributes:
        method: A name in ``hangtag.families.CLUSTERERS``.
        indices: ``(n,)`` int64, which images of the set were clustered, in order.
        assignments: ``(n,)`` int64, the cluster of each, from 0.
        centres: ``(k, d)`` float64, the middle of each cluster in the points' coordinates.
        fingerprint: Fingerprint of the image set the indices count in; empty when not known.
        options: Every option that changes the result, the seed among them.
        scores: ``inertia`` and others, by name.
        notes: What a reader must know, such as that clusters are empty.
    """

    method: str
    indices: Ints
    assignments: Ints
    centres: Floats
    fingerprint: str = ""
    options: Mapping[str, Any] = field(default_factory=dict)
    scores: Mapping[str, float] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.assignments)

    def __repr__(self) -> str:
        sizes = self.sizes
        return (
            f"<Clustering {self.method}: {len(self):,} images in {self.k} clusters of "
            f"{sizes.min():,} to {sizes.max():,}>"
        )

    @property
    def k(self) -> int:
        """How many clusters there are, empty ones included."""
        return len(self.centres)

    @property
    def sizes(self) -> NDArray[np.int64]:
        """``(k,)`` images in each cluster."""
        return np.bincount(self.assignments, minlength=self.k)

    def members(self, cluster: int) -> NDArray[np.int64]:
        """Which images of the set are in `cluster`, as indices into that set, in order."""
        inside: NDArray[np.int64] = self.indices[self.assignments == cluster]
        return inside

    def labels(self, images: ImageSet) -> NDArray[np.int64]:
        """``(n,)`` the true classes of the clustered images.

        Raises:
            OptionError: `images` is not the set the indices count in.
        """
        check_same_set(self.fingerprint, images)
        labels: NDArray[np.int64] = images.labels[self.indices]
        return labels


@dataclass(frozen=True)
class SweepRow:
    """What k-means made of one number of clusters.

    Attributes:
        k: How many clusters.
        inertia: Sum of squared distances to the nearest centre, of the best start.
        iterations: Of the best start.
        stability: Proportion of the starts whose inertia is within 0.1 % of the best.
        stopped_early: Starts that were given up because they were far from reaching the best.
        silhouette: Mean silhouette of all points, or of a sample; NaN, like the two below, where
            it is undefined: one cluster, or as many as points.
        silhouette_error: Standard error of a sampled silhouette; 0 when it is exact.
        calinski_harabasz: Variance between clusters against variance within; more is better.
        davies_bouldin: How much the most alike clusters overlap; less is better.
    """

    k: int
    inertia: float
    iterations: int
    stability: float
    stopped_early: int
    silhouette: float
    silhouette_error: float
    calinski_harabasz: float
    davies_bouldin: float


@dataclass(frozen=True)
class MixtureRow:
    """What a Gaussian mixture made of one number of components.

    Attributes:
        k: How many components.
        covariance: ``full``, ``tied``, ``diagonal`` or ``spherical``.
        aic: Akaike's information criterion; less is better.
        bic: Bayes' information criterion; less is better.
        log_likelihood: Mean natural logarithm of the density of a point.
        iterations: Of the best start.
        converged: Whether the best start converged.
        regularised: Components whose covariance was singular and had to be widened.
    """

    k: int
    covariance: str
    aic: float
    bic: float
    log_likelihood: float
    iterations: int
    converged: bool
    regularised: int


@dataclass(frozen=True)
class Choice:
    """A number of clusters, and why that one.

    Attributes:
        k: The number.
        rule: The rule's name, such as ``elbow``.
        reason: One sentence.
    """

    k: int
    rule: str
    reason: str


class _Sweeping:
    """What every sweep over numbers of groups can say."""

    rows: Sequence[Any]
    choice: Choice

    @property
    def place(self) -> int:
        """Position of the chosen number in `rows`."""
        return [row.k for row in self.rows].index(self.choice.k)

    def to_dict(self) -> dict[str, Any]:
        """As JSON-ready values, without what was fitted."""
        names = ("rows", "choice", "options", "seconds", "notes")
        return {name: plain(getattr(self, name)) for name in names}


@dataclass(frozen=True, eq=False)
class Sweep(_Sweeping):
    """k-means over many numbers of clusters, computed as one.

    Attributes:
        rows: One per number of clusters, fewest first.
        clusterings: The best start of each, in the order of `rows`.
        choice: The chosen number.
        options: Every option that changes the result, the seed among them.
        seconds: Wall-clock seconds of each stage.
        notes: What a reader must know.
    """

    rows: tuple[SweepRow, ...]
    clusterings: tuple[Clustering, ...]
    choice: Choice
    options: Mapping[str, Any]
    seconds: Mapping[str, float]
    notes: tuple[str, ...] = ()

    @property
    def chosen(self) -> Clustering:
        """The clustering of the chosen number."""
        return self.clusterings[self.place]

    @property
    def clustering(self) -> Clustering:
        """The chosen clustering, by the name that every sweep has it by."""
        return self.chosen


@dataclass(frozen=True, eq=False)
class Mixture:
    """A Gaussian mixture and what it says of the points.

    Attributes:
        clustering: Each point in its most probable component.
        weights: ``(k,)`` float64, summing to one.
        covariances: float64: ``(k, d, d)`` full, ``(d, d)`` tied, ``(k, d)`` diagonal, ``(k,)``
            spherical.
        responsibilities: ``(n, k)`` float32, how probable each component is for each point.
        row: Its criteria.
    """

    clustering: Clustering
    weights: NDArray[np.float64]
    covariances: NDArray[np.float64]
    responsibilities: NDArray[np.float32]
    row: MixtureRow

    @property
    def means(self) -> NDArray[np.float64]:
        """``(k, d)`` the middle of each component."""
        return self.clustering.centres


@dataclass(frozen=True, eq=False)
class MixtureSweep(_Sweeping):
    """Gaussian mixtures over many numbers of components, computed as one.

    Attributes:
        rows: One per number of components, fewest first.
        mixtures: The best start of each, in the order of `rows`.
        choice: The chosen number.
        options: Every option that changes the result, the seed among them.
        seconds: Wall-clock seconds of each stage.
        notes: What a reader must know, such as that covariances were singular.
    """

    rows: tuple[MixtureRow, ...]
    mixtures: tuple[Mixture, ...]
    choice: Choice
    options: Mapping[str, Any]
    seconds: Mapping[str, float]
    notes: tuple[str, ...] = ()

    @property
    def chosen(self) -> Mixture:
        """The mixture with the chosen number of components."""
        return self.mixtures[self.place]

    @property
    def clustering(self) -> Clustering:
        """Each point in its most probable component of the chosen mixture."""
        return self.chosen.clustering


@dataclass(frozen=True, eq=False)
class NewPoints:
    """Points drawn from a mixture, with the nearest real image of each.

    Attributes:
        points: ``(n, d)`` float64, in the points' coordinates.
        components: ``(n,)`` int64, the component each was drawn from.
        nearest: ``(n,)`` int64, the nearest clustered image, as an index into the image set.
        distances: ``(n,)`` float64, how far away it is.
        usual: Median distance of a clustered image to its own nearest other one: what a
            distance must be compared with.
        fingerprint: Fingerprint of the image set `nearest` counts in.
        seed: What they were drawn with.
    """

    points: NDArray[np.float64]
    components: NDArray[np.int64]
    nearest: NDArray[np.int64]
    distances: NDArray[np.float64]
    usual: float
    fingerprint: str
    seed: int

    def __len__(self) -> int:
        return len(self.points)


@dataclass(frozen=True, eq=False)
class Agreement(Stored):
    """How far clusters and true classes say the same.

    Attributes:
        table: ``(k, n_classes)`` int64 images of each cluster and class.
        class_names: One name per column of the table.
        ari: Adjusted Rand index: 0 by chance, 1 when they say the same.
        nmi: Normalised mutual information, arithmetic mean: 0 to 1.
        purity: Proportion of images in the commonest class of their cluster; rises with k by
            itself.
        accuracy: Proportion of images right when each cluster is given one class and each class one
            cluster, in the best way there is.
        matching: That class of each cluster; -1 for a cluster left without one.
    """

    table: Ints
    class_names: tuple[str, ...]
    ari: float
    nmi: float
    purity: float
    accuracy: float
    matching: tuple[int, ...]

    def __len__(self) -> int:
        return int(self.table.sum())


@dataclass(frozen=True, eq=False)
class Gallery:
    """A few images of every cluster.

    Attributes:
        indices: For each cluster, int64 indices into the image set; empty for an empty cluster.
        choice: How they were chosen: ``first``, ``central`` or ``random``.
        fingerprint: Fingerprint of the image set the indices count in.
    """

    indices: tuple[NDArray[np.int64], ...]
    choice: str
    fingerprint: str

    def pictures(self, images: ImageSet, cluster: int) -> NDArray[np.uint8]:
        """The images shown for `cluster`, ``(m, height, width, channels)``.

        Raises:
            OptionError: `images` is not the set the indices count in.
        """
        check_same_set(self.fingerprint, images)
        shown: NDArray[np.uint8] = images.images[self.indices[cluster]]
        return shown

    def captions(self, images: ImageSet, cluster: int) -> tuple[str, ...]:
        """The true class of each of them; ``?`` where it has none.

        Raises:
            OptionError: `images` is not the set the indices count in.
        """
        check_same_set(self.fingerprint, images)
        labels = images.labels[self.indices[cluster]]
        return tuple("?" if label < 0 else images.class_names[label] for label in labels)
