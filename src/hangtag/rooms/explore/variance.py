"""Variance: images go in, how many components explain how much of it, and what they keep.

The recommended number is the elbow of the cumulative curve: among the components that together
hold 95 %, and the next, the one where the curve is highest above the straight line from its start
to there (the "kneedle" of Satopaa and others, 2011). Before it a component adds more than the
average one, after it less.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from hangtag.errors import OptionError
from hangtag.records import ImageSet, Pca, Reconstructions, VarianceCurve
from hangtag.rooms.explore.pixels import as_shown

MARKS = (0.70, 0.80, 0.90, 0.95, 0.99)
HELD = 0.95  # of the variance: the elbow is looked for among the components that hold it


def variance_curve(axes: Pca, asked: Sequence[int] = ()) -> VarianceCurve:
    """The cumulative explained variance with its marks and a recommended number of components.

    Args:
        axes: Fitted on the training images.
        asked: Numbers of components to be marked, too.

    Raises:
        OptionError: There are not so many.
    """
    for one in asked:
        if not 1 <= one <= len(axes.spectrum):
            raise OptionError(f"cannot mark {one} components", f"there are {len(axes.spectrum)}")
    cumulative = np.cumsum(axes.spectrum)
    count, reason = recommended(axes)
    marks = {proportion: axes.needed(proportion) for proportion in MARKS}
    return VarianceCurve(cumulative, marks, count, reason, axes.n_images, tuple(asked))


def recommended(axes: Pca) -> tuple[int, str]:
    """How many components to keep, and why.

    Args:
        axes: Fitted on the training images.

    Returns:
        The number, and one sentence.
    """
    # One more than hold it: where all that do are equally strong, it is them that are recommended.
    last = min(axes.needed(HELD) + 1, len(axes.spectrum))
    curve = np.cumsum(axes.spectrum[:last])
    line = curve[-1] * np.arange(1, last + 1) / last
    count = int(np.argmax(curve - line)) + 1
    average = curve[-1] / last
    reason = (
        f"{count} is the elbow: up to there a component explains more than the {average:.2%} that"
        f" the first {last}, which hold {HELD:.0%}, explain on average, after it less; together"
        f" they hold {curve[count - 1]:.1%}"
    )
    return count, reason


def reconstructions(
    images: ImageSet,
    axes: Pca,
    indices: NDArray[np.int64],
    *,
    components: Sequence[int],
) -> Reconstructions:
    """Images from only their first components.

    Args:
        images: The set.
        axes: Fitted on pixels as stored (0 to 255), keeping at least as many components as asked.
        indices: ``(n,)`` which images.
        components: How many components, one number per row of images.

    Raises:
        OptionError: More components are asked for than the axes have, or fewer than one.
    """
    wanted = tuple(components)
    for count in wanted:
        if not 1 <= count <= len(axes):
            raise OptionError(f"images of {count} components need 1 to {len(axes)}")
    pixels = images.images[indices]
    flat = pixels.reshape(len(indices), -1)
    coordinates = axes.transform(flat)
    rebuilt = np.empty((len(wanted), *pixels.shape), np.uint8)
    errors = np.empty(len(wanted))
    for row, count in enumerate(wanted):
        back = axes.keep(count).inverse(coordinates[:, :count])
        rebuilt[row] = as_shown(back).reshape(pixels.shape)
        errors[row] = np.sqrt(np.mean((back - flat) ** 2, dtype=np.float64)) if len(flat) else 0.0
    explained_variance = np.cumsum(axes.spectrum)[np.asarray(wanted, int) - 1]
    return Reconstructions(
        np.asarray(indices, np.int64), wanted, rebuilt, errors, explained_variance
    )
