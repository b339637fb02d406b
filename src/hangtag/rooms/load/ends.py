"""Which of the outermost columns of a table without header are pixels, told by all its rows.

``label,pixels``, ``pixels,label``, ``id,label,pixels`` and pixels alone differ in no name. A
column that is a pixel goes with the pixels beside and below it, and never beyond their range; one
with labels has few whole values, with few gaps, not all the same; one that numbers rows never
repeats. Where these do not agree, it is a question.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hangtag.errors import AmbiguousError
from hangtag.records import LoadOptions
from hangtag.rooms.load import arrays
from hangtag.rooms.load.columns import FEWEST_PIXELS
from hangtag.rooms.load.content import FEWEST_NUMBERED, Texts, looks_like_labels, numbers
from hangtag.rooms.load.labels import is_missing

CLEARLY = 0.3
"""So much more must the one column correlate with the pixels beside it than the other does."""

_SAMPLE = 4096
_MANY = 640


@dataclass(frozen=True)
class Ends:
    """What the outermost columns are.

    Attributes:
        front: Columns at the start that are pixels.
        back: Columns at the end that are pixels.
        label: The column with the labels; None without one.
        shape: ``(height, width, channels)`` of an image of all pixels.
        notes: What was decided.
    """

    front: tuple[int, ...]
    back: tuple[int, ...]
    label: int | None
    shape: tuple[int, int, int]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Facts:
    """What the values of one column say about it."""

    may_be_pixel: bool
    like_labels: bool
    numbering: bool
    constant: bool
    dense: bool


def tell(
    pixels: NDArray[np.generic],
    texts: Texts,
    doubtful: Sequence[int],
    options: LoadOptions,
    where: str,
) -> Ends:
    """Say which of the doubtful columns are pixels.

    Args:
        pixels: ``(n, columns)`` values of the columns between them.
        texts: The fields of every row of the doubtful columns.
        doubtful: Their numbers: half of them before the pixels, half behind.
        options: What was said about size.
        where: Name of the file, for the sentences.

    Raises:
        AmbiguousError: It cannot be told.
    """
    half = len(doubtful) // 2
    front, back = list(doubtful[:half]), list(doubtful[half:])
    notes = []
    for side, at in ((front, 0), (back, -1)):
        while side and _counts(texts[side[at]]):
            notes.append(f"column {side.pop(at) + 1} numbers the rows and was passed over")
    facts = {at: _facts(texts[at], _limit(pixels)) for at in (*front, *back)}
    total = pixels.shape[1] + len(front) + len(back)
    fitting = _readings(front, back, facts, total, options)
    if (1, 0) in fitting and (0, 1) in fitting:
        sides = [np.column_stack([numbers(texts[at]) for at in some]) for some in (front, back)]
        rows = np.column_stack([sides[0][:_SAMPLE], pixels[:_SAMPLE], sides[1][:_SAMPLE]])
        shape = arrays.shape_of(total - 1, options.size)
        chosen = _first_or_last(rows, shape or (1, 1, 1), facts[front[0]], facts[back[-1]])
        if chosen is not None:
            fitting = [one for one in fitting if one not in ((1, 0), (0, 1))] + [chosen]
    if len(fitting) != 1:
        raise _question(where, total, fitting)
    before, behind = fitting[0]
    extra = (*front[:before], *back[len(back) - behind :])
    shape = arrays.shape_of(total - len(extra), options.size)
    assert shape is not None
    label, said = _label_of(facts, extra)
    kept = tuple(back[: len(back) - behind])
    return Ends(tuple(front[before:]), kept, label, shape, (*notes, *said))


def _readings(
    front: Sequence[int],
    back: Sequence[int],
    facts: dict[int, _Facts],
    total: int,
    options: LoadOptions,
) -> list[tuple[int, int]]:
    """How many columns at the start and at the end may be no pixels: every way that fits."""
    fitting = []
    for before in range(len(front) + 1):
        for behind in range(min(len(back), 2 - before) + 1 if before <= 2 else 0):
            extra = (*front[:before], *back[len(back) - behind :])
            left = total - len(extra)
            fits = left >= FEWEST_PIXELS and arrays.shape_of(left, options.size)
            if fits and _fits(facts, extra):
                fitting.append((before, behind))
    return fitting


def _counts(values: Sequence[str | None]) -> bool:
    """Whether a column counts the rows one by one, as no pixel does."""
    found = numbers(values)
    return len(found) >= FEWEST_NUMBERED and bool((np.diff(found) == 1).all())


def _facts(values: Sequence[str | None], limit: float) -> _Facts:
    found = numbers(values)
    there = found[~np.isnan(found)]
    odd = sum(np.isnan(number) for number in found) > len(found) // 20
    whole = bool(len(there)) and bool((there % 1 == 0).all())
    n_distinct = len(np.unique(there))
    return _Facts(
        may_be_pixel=not odd and bool(len(there)) and there.min() >= 0 and there.max() <= limit,
        like_labels=looks_like_labels(values),
        numbering=whole and n_distinct == len(values) >= FEWEST_NUMBERED,
        constant=len({one for one in values if not is_missing(one)}) < 2,
        dense=whole and 1 < n_distinct <= len(there) // 2 and bool(2 * n_distinct > np.ptp(there)),
    )


def _limit(pixels: NDArray[np.generic]) -> float:
    """Beyond this no pixel goes: a byte, unless many others show that the range is another."""
    top = float(pixels.max()) if pixels.size else 255.0
    return top if top > 255 or (0 < top <= 16 and pixels.size >= _MANY) else 255.0


def _fits(facts: dict[int, _Facts], extra: tuple[int, ...]) -> bool:
    """Whether columns may be what is no pixel, and all others pixels."""
    if not all(one.may_be_pixel or at in extra for at, one in facts.items()):
        return False
    if len(extra) < 2:
        return True
    numbering = [at for at in extra if facts[at].numbering]
    labels = [at for at in extra if not facts[at].numbering and facts[at].like_labels]
    return len(extra) == 2 and len(numbering) == len(labels) == 1


def _first_or_last(
    rows: NDArray[np.float64], shape: tuple[int, int, int], begin: _Facts, end: _Facts
) -> tuple[int, int] | None:
    """Whether the first or the last column is none of the pixels; None if that cannot be told.

    Everything that says something has to say the same.
    """
    # A pixel looks like its neighbours: the one beside it, the one a row further, and in color the
    # same channel of either. A label looks like none of them.
    away = (1, shape[1]) if shape[2] == 1 else (1, 3, shape[1], 3 * shape[1])
    first = _greatest(_alike(rows[:, 0], rows[:, step]) for step in away)
    last = _greatest(_alike(rows[:, -1], rows[:, -1 - step]) for step in away)
    told = {last - first > CLEARLY: (1, 0), first - last > CLEARLY: (0, 1)}
    votes = {
        told.get(True),
        _alone((begin.like_labels, (1, 0)), (end.like_labels, (0, 1))),
        _alone((not begin.constant, (1, 0)), (not end.constant, (0, 1))),
        _alone((begin.dense, (1, 0)), (end.dense, (0, 1))),
    } - {None}
    # Contradicting signs leave the question to the person: a pixel column taken for labels would
    # spoil everything after.
    return votes.pop() if len(votes) == 1 else None


def _greatest(some: Iterable[float]) -> float:
    """The greatest that is a number; not-a-number where none is."""
    return max((one for one in some if one == one), default=np.nan)


def _alike(one: NDArray[np.float64], other: NDArray[np.float64]) -> float:
    """How two columns correlate: whatever their scale, pixels side by side do."""
    fine = ~(np.isnan(one) | np.isnan(other))
    one, other = one[fine], other[fine]
    if len(one) < 2 or not one.std() or not other.std():
        return np.nan
    return float(np.corrcoef(one, other)[0, 1])


def _alone(
    one: tuple[bool, tuple[int, int]], other: tuple[bool, tuple[int, int]]
) -> tuple[int, int] | None:
    """What the only true of two says."""
    return None if one[0] == other[0] else (one if one[0] else other)[1]


def _label_of(
    facts: dict[int, _Facts], extra: tuple[int, ...]
) -> tuple[int | None, tuple[str, ...]]:
    labels = [at for at in extra if not facts[at].numbering]
    over = [at for at in extra if facts[at].numbering]
    notes = tuple(f"column {at + 1} numbers the rows and was passed over" for at in over)
    if labels and labels[0]:  # that it is the first column goes without saying
        notes += (f"column {labels[0] + 1} has the labels, as the values of all rows show",)
    return (labels[0] if labels else None), notes


def _question(where: str, total: int, fitting: list[tuple[int, int]]) -> AmbiguousError:
    readings = {(0, 0): "all are pixels", (1, 0): "the first", (0, 1): "the last"}
    said = " or ".join(readings.get(one, "two at the ends") for one in fitting) or "one of them"
    return AmbiguousError(
        f"{where} has {total} columns of numbers without names, and which of them has the labels"
        f" ({said}) cannot be told from its values",
        "say --label first or --label last or the number of the column; or give it a header",
    )
