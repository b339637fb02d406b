"""What one image leaves of another once brightness, contrast and a shift are taken out.

Both images lose their outermost pixels; of the nine ways to lay one over the other, at most one
pixel off in each direction, the one is taken in which their pixels correlate best. What is left is
said twice: as a difference of standardised pixels (0 for copies, the square root of 2 for unrelated
images), and in grey levels. A copy that was saved anew differs by a few grey levels whatever it
shows, while what sets two images apart grows with their contrast; so each measure is needed where
the other one is blind.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hangtag.geometry.threads import each
from hangtag.progress import Progress, silent
from hangtag.rooms.audit.likeness import Likeness
from hangtag.rooms.audit.spectra import MOVES

LEAST_SIDE = 6  # pixels below which what a shift leaves over says nothing
_BLOCK = 1024


@dataclass(frozen=True, eq=False)
class Aligned:
    """What is left of pairs of images laid over each other.

    Attributes:
        differences: ``(m,)`` float32, root mean square of the standardised pixels' differences.
        levels: ``(m,)`` float32, the same in grey levels, at the geometric mean of both contrasts.
        shifts: ``(m, 2)`` int64, rows and columns by which the second image was moved.
    """

    differences: NDArray[np.float32]
    levels: NDArray[np.float32]
    shifts: NDArray[np.int64]


def align(
    likeness: Likeness,
    pairs: NDArray[np.int64],
    moves: NDArray[np.int64] | None = None,
    *,
    progress: Progress = silent,
) -> Aligned:
    """Lay the second image of each pair over the first and measure what is left.

    Args:
        likeness: The images made comparable.
        pairs: ``(m, 2)`` indices.
        moves: ``(m, k)`` numbers of the :data:`MOVES` to choose from; None chooses from all.
        progress: Told how many blocks of pairs are done.
    """
    # On tiny images the rim that a move needs would be most of the image: they are compared as
    # they lie.
    if min(likeness.shape[:2]) < LEAST_SIDE:
        moves = np.zeros((len(pairs), 1), np.int64)

    def measure(start: int) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
        where = slice(start, start + _BLOCK)
        return _best(likeness, pairs[where], None if moves is None else moves[where])

    found = list(each(measure, range(0, len(pairs), _BLOCK), progress, "align"))
    correlations = np.concatenate([np.empty(0, np.float32), *(best for best, _ in found)])
    chosen = np.concatenate([np.empty(0, np.int64), *(which for _, which in found)])
    # Of standardised pixels the mean squared difference is 2 - 2r: the correlation says it all, and
    # no difference has to be formed. Rounding may put r a little above one.
    differences = np.sqrt(np.maximum(2 - 2 * correlations, 0))
    one, other = likeness.contrasts[pairs].T
    # Back to grey levels by the geometric mean of both contrasts, which treats the two alike.
    return Aligned(differences, differences * np.sqrt(one * other), MOVES[chosen])


def _best(
    likeness: Likeness, pairs: NDArray[np.int64], moves: NDArray[np.int64] | None
) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """``(m,)`` correlations in the best place, and the number of the move that is."""
    height, width, channels = likeness.shape
    one, other = (
        likeness.corrected.rows(ends).reshape(len(pairs), height, width, channels)
        for ends in pairs.T
    )
    rim = int(min(height, width) >= LEAST_SIDE)
    still = _crop(one, (0, 0), rim)
    # Brightness goes with the mean here, contrast with the lengths in the denominator below.
    still -= still.mean(axis=1, keepdims=True)
    own = np.einsum("ni,ni->n", still, still)
    best, chosen = np.full(len(pairs), -1, np.float32), np.zeros(len(pairs), np.int64)
    for number, move in enumerate(MOVES.tolist()):
        asked = (
            np.arange(len(pairs))
            if moves is None
            else np.flatnonzero((moves == number).any(axis=1))
        )
        if not len(asked):
            continue
        moved = _crop(other[asked], move, rim)
        moved -= moved.mean(axis=1, keepdims=True)
        spread = own[asked] * np.einsum("ni,ni->n", moved, moved)
        # A crop that is flat has nothing to correlate.
        found = np.einsum("ni,ni->n", still[asked], moved) / np.sqrt(np.maximum(spread, 1e-6))
        better = found > best[asked]  # of equally good moves the first, so a copy is not moved
        best[asked[better]], chosen[asked[better]] = found[better], number
    return np.minimum(best, 1), chosen


def _crop(images: NDArray[np.float32], move: tuple[int, int], rim: int) -> NDArray[np.float32]:
    """What lies inside the rim once the images have been moved, as rows of numbers."""
    height, width = images.shape[1:3]
    rows, columns = (
        slice(rim - by, side - rim - by) for by, side in zip(move, (height, width), strict=True)
    )
    return np.array(images[:, rows, columns]).reshape(len(images), -1)
