"""Similar images: a model and a set go in, for each query the images most like it come out.

Exact, by the angle between embeddings; drawn by ``rooms/report/figures/beside.py``.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hangtag.errors import OptionError
from hangtag.framing import in_lots
from hangtag.geometry import directions
from hangtag.progress import Progress, silent
from hangtag.records import Classifier, ImageSet

BLOCK = 256


@dataclass(frozen=True, eq=False)
class Similar:
    """What is most like some images, to a model.

    Attributes:
        queries: ``(n,)`` int64, which images of the set were asked about.
        found: ``(n, k)`` int64, the images most like each, the most similar first.
        cosines: ``(n, k)`` float32, how similar: 1 is the same direction.
        same_class: Proportion of all found that are of the query's class.
        first_same_class: Proportion of queries whose most similar image is of their class.
    """

    queries: NDArray[np.int64]
    found: NDArray[np.int64]
    cosines: NDArray[np.float32]
    same_class: float
    first_same_class: float

    @property
    def k(self) -> int:
        """Images found for each query."""
        return int(self.found.shape[1])


def similar(
    classifier: Classifier,
    images: ImageSet,
    *,
    queries: NDArray[np.int64],
    among: NDArray[np.int64],
    k: int = 8,
    progress: Progress = silent,
) -> Similar:
    """Find the images most like others: exactly, by the angle between embeddings.

    Args:
        classifier: Gives the embeddings.
        images: The set.
        queries: ``(n,)`` which of its images are asked about.
        among: ``(m,)`` which of its images may be found.
        k: How many for each.
        progress: Told how far it is.

    Raises:
        OptionError: More are asked for than there are.
    """
    if not 1 <= k <= len(among):
        raise OptionError(f"{k} similar images among {len(among)}", "ask for fewer")
    progress("similar", 0, 2, f"{len(among)} images")
    known = _directions(classifier, images, among)
    progress("similar", 1, 2, f"{len(queries)} queries")
    asked = _directions(classifier, images, queries)
    found, cosines = np.empty((len(queries), k), np.int64), np.empty((len(queries), k), np.float32)
    for start in range(0, len(queries), BLOCK):
        rows = slice(start, start + BLOCK)
        near = asked[rows] @ known.T
        best = np.argpartition(-near, k - 1, axis=1)[:, :k]
        # Equal ones in the order of the set, so that the same question has the same answer.
        order = np.lexsort((best, -np.take_along_axis(near, best, axis=1)), axis=1)
        best = np.take_along_axis(best, order, axis=1)
        found[rows], cosines[rows] = among[best], np.take_along_axis(near, best, axis=1)
    progress("similar", 2, 2)
    same = images.labels[found] == images.labels[queries][:, None]
    return Similar(queries, found, cosines, float(same.mean()), float(same[:, 0].mean()))


def _directions(
    classifier: Classifier, images: ImageSet, rows: NDArray[np.int64]
) -> NDArray[np.float32]:
    return directions(in_lots(classifier.embeddings, images, rows, classifier.preprocessing))
