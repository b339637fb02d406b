"""Copies by features: what a network says of images goes in, a limit and pairs come out.

Features are compared by the angle between them, as seen from the middle of the set: cosine
distances, 0 for copies and about 1 for unrelated images. Pixels' limits mean nothing there, and
no distance means the same for two networks. So the limit is measured on the set, without labels,
as the smaller of two:

- *Power.* Some images are altered on purpose (cropped, brightened, darkened, compressed), and the
  limit is what nine of ten of them stay within of their originals: beyond it little would be found.
- *Size.* It is no larger than Tukey's lower fence (Exploratory Data Analysis, 1977) of the
  logarithms of each image's distance to its nearest other one: a near-copy is nearer than nearest
  images of this set are by chance. Were these logarithms normal, 0.35 % of the images of a set
  without copies would fall below the fence. Copies that pixels show are left out, as they would
  stretch the fence to themselves.

How much of each alteration lies within the limit is among the facts: where the fence is the smaller
of the two, the network cannot tell all copies from look-alikes, and the facts say how many it can.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hangtag.geometry import Seen, directions, nearest_neighbours, pairs_within
from hangtag.progress import Progress, silent
from hangtag.rooms.audit.alterations import altered
from hangtag.rooms.audit.likeness import View

POWER = 0.9  # proportion of altered images that the limit must reach
FENCE = 1.5  # interquartile ranges below the lower quartile
ALTERED = 60  # images altered in each way; the proportion found is then known to about 4 points
FEWEST = 20  # images below which quartiles say nothing
FENCED = 5_000  # images whose nearest are looked for; quartiles of more are known from these
MOST = 5_000_000  # candidates held and measured
_LARGE = 1 << 26  # bytes of features from which they are kept in half precision
_HALF = 6e4  # about what half precision can say at most
_BLOCK = 4096
_CANDIDATES = 5  # nearest by coordinates, the image itself among them


@dataclass(frozen=True, eq=False)
class Alike:
    """Images that are near-copies by features.

    Attributes:
        pairs: ``(m, 2)`` positions, the smaller first.
        limit: Cosine distance within which images are near-copies.
        reach: What nine of ten altered images stay within.
        fence: Lower fence of distances to nearest images; infinite where images are too few.
        found: Proportion of the altered images within the limit, by alteration.
    """

    pairs: NDArray[np.int64]
    limit: float
    reach: float
    fence: float
    found: dict[str, float]


class Sight:
    """Images as features.

    Attributes:
        name: What gives the features again, such as ``encoder:photo``.
        view: Unit vectors; their difference squared is twice the cosine distance.
    """

    def __init__(self, seen: Seen, images: NDArray[np.uint8], *, seed: int = 0) -> None:
        self.name = seen.name
        self._seen, self._images, self._seed = seen, images, seed
        n, d = self.points.shape
        # A view's difference is a root *mean* square over d numbers; the root of d undoes the mean.
        self.view = View(lambda rows: self._units(rows) * np.float32(np.sqrt(d)), n, d, seed)

    @cached_property
    def points(self) -> NDArray[Any]:
        """``(n, d)`` features as they are, in half precision where there are very many."""
        n, out = len(self._images), None
        # Block by block: one array of all features is what 100,000 photographs leave room for.
        for start in range(0, n, _BLOCK):
            block = self._seen.of_rows(np.arange(start, min(start + _BLOCK, n)))
            if out is None:
                many = n * block.shape[1] * 4 > _LARGE
                out = np.empty((n, block.shape[1]), np.float16 if many else np.float32)
            out[start : start + _BLOCK] = np.clip(block, -_HALF, _HALF) if many else block
        assert out is not None, "a set that is audited has images"
        return out

    @cached_property
    def _middle(self) -> NDArray[np.float32]:
        # Activations after a rectifier are never negative: seen from zero all point one way, and
        # angles between them say little.
        # Sums of float64: among many images float32 would lose what is common to few.
        middle: NDArray[np.float32] = self.points.mean(axis=0, dtype=np.float64).astype(np.float32)
        return middle

    def _units(self, rows: NDArray[np.int64]) -> NDArray[np.float32]:
        return directions(self.points[rows].astype(np.float32) - self._middle)

    def cosines(self, pairs: NDArray[np.int64]) -> NDArray[np.float32]:
        """``(m,)`` cosine distances of pairs."""
        distances: NDArray[np.float32] = self.view.differences(pairs) ** 2 / np.float32(2)
        return distances

    def alike(
        self,
        single: NDArray[np.int64],
        groups: NDArray[np.int64],
        *,
        progress: Progress = silent,
    ) -> Alike:
        """The near-copies among some images.

        Args:
            single: Positions of the images, no two of them equal in every pixel.
            groups: ``(n,)`` numbers of all images, equal for near-copies by their pixels.
            progress: Told how far it is.
        """
        # Before the search, since the limit decides how far it has to look.
        near = self._planted(single)
        reach = float(np.quantile(np.concatenate(list(near.values())), POWER))
        fence = self._fence(single[np.unique(groups[single], return_index=True)[1]], progress)
        limit = min(reach, fence)
        # Equal features of images that differ are within any limit; rounding must not lose them.
        radius = float(np.sqrt(2 * max(limit, 1e-6)))
        found, _, _ = pairs_within(
            self.view.points[single], radius=radius, most=MOST, progress=progress
        )
        pairs = single[found]
        within = self.cosines(pairs) <= limit
        proportions = {name: float(np.mean(some <= limit)) for name, some in near.items()}
        return Alike(pairs[within], limit, reach, fence, proportions)

    def _planted(self, single: NDArray[np.int64]) -> dict[str, NDArray[Any]]:
        """Cosine distances of altered images from what they were made of, by alteration."""
        # Drawn anywhere in the set, so that no class or part decides what a copy is.
        drawn = np.random.default_rng(self._seed).permutation(single)[:ALTERED]
        images = self._images[np.sort(drawn)]
        # The originals are taken from memory, too: features may come from files at their own size,
        # and what changing the size does must not count as an alteration.
        own = directions(self._seen.of_images(images) - self._middle)
        changed = altered(images, self._seed).items()
        return {
            name: np.float32(1)
            - np.einsum("nd,nd->n", own, directions(self._seen.of_images(some) - self._middle))
            for name, some in changed
        }

    def _fence(self, apart: NDArray[np.int64], progress: Progress) -> float:
        """The fence of distances to nearest images, of one image for each group of copies."""
        if len(apart) < FEWEST:
            return np.inf
        # Quartiles of very many are known from some of them, each held against all.
        asked = np.sort(np.random.default_rng(self._seed).permutation(apart)[:FENCED])
        nearest = self._nearest(apart, asked, progress)
        logarithms = np.log(np.maximum(nearest.astype(np.float64) ** 2 / 2, 1e-9))
        low, high = np.quantile(logarithms, [0.25, 0.75])
        return float(np.exp(low - FENCE * (high - low)))

    def _nearest(
        self, apart: NDArray[np.int64], asked: NDArray[np.int64], progress: Progress
    ) -> NDArray[np.float32]:
        """How far each image asked for is from the nearest other one."""
        if self.points.dtype == np.float32:
            near = nearest_neighbours(
                self._units(apart), k=2, queries=self._units(asked), progress=progress
            )
            distances: NDArray[np.float32] = near.distances[:, 1]  # the first is the image itself
            return distances
        # Of very many, candidates by few coordinates, measured by all numbers.
        k = min(_CANDIDATES, len(apart))
        points = self.view.points
        near = nearest_neighbours(points[apart], k=k, queries=points[asked], progress=progress)
        pairs = np.stack([np.repeat(asked, k), apart[near.indices].ravel()], axis=1)
        far = np.where(pairs[:, 0] == pairs[:, 1], np.inf, 2 * self.cosines(pairs))
        nearest: NDArray[np.float32] = np.sqrt(far.reshape(-1, k).min(axis=1)).astype(np.float32)
        return nearest


def describe(alike: Alike, name: str) -> str:
    """One sentence on what a near-copy is by features."""
    why = (
        "what nine of ten images that were altered on purpose stay within"
        if alike.reach <= alike.fence
        else "images that are nearer than nearest images of this set are by chance"
    )
    proportions = ", ".join(
        f"{proportion:.0%} of the {kind}" for kind, proportion in alike.found.items()
    )
    return (
        f"by {name}, near-copies are at most {alike.limit:.3f} apart in cosine distance ({why};"
        f" within it are {proportions} images)"
    )
