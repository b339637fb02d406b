"""What a section of maps shows, checked: images, their maps, and the groups points are coloured by.

To colour by something else: one more :class:`Grouping`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from hangtag.errors import UsageError
from hangtag.families import PROJECTIONS
from hangtag.records import Clustering, ImageSet, Predictions, Projection
from hangtag.records.clustering import check_same_set

NONE = 65_535
"""The group of a point that has none."""


@dataclass(frozen=True, eq=False)
class Grouping:
    """A way to colour points.

    Attributes:
        title: What the groups are: ``class``, ``cluster``.
        names: One per group.
        groups: ``(n,)`` uint16, the group of each image on any map, or :data:`NONE`.
    """

    title: str
    names: tuple[str, ...]
    groups: NDArray[np.uint16]

    @cached_property
    def counts(self) -> list[int]:
        """How many images each group has, and last how many have none."""
        inside = self.groups[self.groups != NONE]
        counts = np.bincount(inside, minlength=len(self.names)).tolist()
        return [*counts, len(self.groups) - len(inside)]


@dataclass(frozen=True, eq=False)
class Mapped:
    """Images and maps of them.

    Attributes:
        images: The set all maps are of.
        maps: At least one.
        clusterings: Of the same set.
        thumbnails: For each map, the rows whose thumbnails stand on its drawing; none where a map
            has no entry.
        clusters_first: Whether points are colored by cluster until somebody chooses class.
        answers: What a model answered on some of them; None colors no point by that.
    """

    images: ImageSet
    maps: Sequence[Projection]
    clusterings: Sequence[Clustering]
    thumbnails: Mapping[int, NDArray[np.int64]]
    clusters_first: bool = False
    answers: Predictions | None = None

    @cached_property
    def indices(self) -> NDArray[np.int64]:
        """Rising indices of the images that are on any map; rows of everything else here."""
        return np.unique(np.concatenate([one.indices for one in self.maps]))

    @cached_property
    def groupings(self) -> tuple[Grouping, ...]:
        """By answers, by class where any image has one, by part, and by each clustering."""
        labels = self.images.labels[self.indices]
        made = []
        if (labels >= 0).any():
            made.append(Grouping("class", self.images.class_names, _as_groups(labels)))
        clusters = [self._clusters(number) for number in range(len(self.clusterings))]
        known = (*clusters, *made) if self.clusters_first else (*made, *clusters)
        return (*self._answers(), *known, *self._parts())

    def _answers(self) -> tuple[Grouping, ...]:
        """Whether a model was right, and what it answered."""
        if self.answers is None:
            return ()
        found = self.answers
        said, right = (np.full(len(self.images), -1, np.int64) for _ in range(2))
        said[found.indices] = found.predicted
        right[found.indices] = found.predicted != found.labels
        return (
            Grouping("right or wrong", ("right", "wrong"), _as_groups(right[self.indices])),
            Grouping("prediction", found.class_names, _as_groups(said[self.indices])),
        )

    def _parts(self) -> tuple[Grouping, ...]:
        """The source's own parts, where images of several are there."""
        part = np.full(len(self.images), -1, np.int64)
        for number, where in enumerate(self.images.parts.values()):
            part[list(where)] = number
        groups = part[self.indices]
        if len(np.unique(groups)) < 2:
            return ()
        return (Grouping("part", tuple(self.images.parts), _as_groups(groups)),)

    def _clusters(self, number: int) -> Grouping:
        one = self.clusterings[number]
        known = np.full(len(self.images), -1, np.int64)
        known[one.indices] = one.assignments
        title = "cluster" if len(self.clusterings) == 1 else f"cluster {number + 1}"
        names = tuple(f"cluster {cluster}" for cluster in range(one.k))
        return Grouping(f"{title} ({one.method})", names, _as_groups(known[self.indices]))

    def check(self) -> None:
        """Raise UsageError unless everything fits together."""
        if not self.maps:
            raise UsageError("a page of maps needs at least one map")
        for one in self.maps:
            _check_map(one, len(self.images))
        for clustering in self.clusterings:
            check_same_set(clustering.fingerprint, self.images)
        self._check_answers()
        if max(len(self.images.class_names), *(one.k for one in self.clusterings), 0) >= NONE:
            raise UsageError(f"a map can be coloured by at most {NONE - 1:,} groups")
        for number, rows in self.thumbnails.items():
            if len(rows) and not 0 <= rows.min() <= rows.max() < len(self.maps[number]):
                raise UsageError(f"map {number} has {len(self.maps[number])} points to show")

    def _check_answers(self) -> None:
        if self.answers is None:
            return
        if self.answers.fingerprint != self.images.fingerprint:
            raise UsageError(
                f"the run is about other images than {self.images.name}",
                "draw a map of what it was trained on, loaded in the same way",
            )
        if not np.isin(self.answers.indices, self.indices).any():
            raise UsageError(
                "the run answered none of the images on the map",
                "draw one of its test images, such as --part test",
            )


def title_of(one: Projection) -> str:
    """What a map's method is called."""
    return PROJECTIONS[one.method].title if one.method in PROJECTIONS else one.method


def _as_groups(numbers: NDArray[np.int64]) -> NDArray[np.uint16]:
    return np.where(numbers < 0, NONE, numbers).astype(np.uint16)


def _check_map(one: Projection, images: int) -> None:
    if one.points.ndim != 2 or one.points.shape[1] < 2:
        raise UsageError(
            f"a map on a page needs 2 dimensions; {title_of(one)} has shape {one.points.shape}"
        )
    if not len(one) or len(one.indices) != len(one):
        raise UsageError(f"{title_of(one)} has {len(one)} points for {len(one.indices)} images")
    if not 0 <= one.indices.min() <= one.indices.max() < images:
        raise UsageError(f"{title_of(one)} shows images that a set of {images} does not have")
    if not np.isfinite(one.points).all():
        raise UsageError(f"{title_of(one)} has points that are no finite numbers")
