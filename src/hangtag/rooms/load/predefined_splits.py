"""A source's predefined split, read from a column: which part each row is in.

``split`` and its like hold words for parts; ``is_valid`` and its like hold yes or no; ``fold``
holds numbers. Folds are never mixed: the last one becomes the test part, the one before it
validation, and the note says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hangtag.rooms.load.labels import is_missing
from hangtag.rooms.load.parts import part_name, part_rank, ranges

FER = {"publictest": "validation", "privatetest": "test"}
"""How the facial expressions of fer2013 call theirs: training, public and private test."""

_KAGGLE = {"public": "test", "private": "test"}
_YES = frozenset({"true", "1", "1.0", "yes", "y", "t"})
_NO = frozenset({"false", "0", "0.0", "no", "n", "f"})
_FEWEST_FOLDS = 2
_MOST_FOLDS = 100


@dataclass(frozen=True)
class PredefinedSplit:
    """Which part each row is in.

    Attributes:
        parts: One part for each row.
        note: What was decided, if a person could have decided otherwise; empty if not.
    """

    parts: tuple[str, ...]
    note: str = ""


def read(name: str, values: Sequence[str | None], otherwise: str = "all") -> PredefinedSplit | None:
    """Read the column called `name` as a predefined split.

    Args:
        name: Of the column.
        values: One for each row, as written.
        otherwise: The part of rows that say nothing.

    Returns:
        None when the column says nothing about parts.
    """
    written = [None if is_missing(one) else str(one).strip() for one in values]
    distinct = {one for one in written if one is not None}
    if not distinct:
        return None
    # Words first, since they say what they mean; numbers are folds only where nothing else was
    # said.
    found = _words(distinct) or _yes_or_no(name, distinct) or _folds(name, distinct)
    if found is None:
        return None
    parts, note = found
    return PredefinedSplit(tuple(otherwise if one is None else parts[one] for one in written), note)


def only_parts(values: Sequence[str | None]) -> bool:
    """Whether a column holds nothing but words for at least two parts."""
    distinct = {one.strip() for one in values if one is not None and not is_missing(one)}
    return len(distinct) > 1 and len({part_name(one) for one in distinct} - {None}) == len(distinct)


def sort_rows(
    parts: Sequence[str],
) -> tuple[NDArray[np.int64] | None, dict[str, range]]:
    """The order that brings the rows of each part together, train first, and their ranges.

    Returns:
        ``(n,)`` numbers of rows, or None when they stand so already; part to range.
    """
    names = sorted(set(parts), key=part_rank)
    place = {part: number for number, part in enumerate(names)}
    which = np.array([place[part] for part in parts], np.int64)
    sizes = np.bincount(which, minlength=len(names))
    divided = ranges({part: int(size) for part, size in zip(names, sizes, strict=True)})
    if (np.diff(which) >= 0).all():
        return None, divided
    return np.argsort(which, kind="stable"), divided


def _words(distinct: set[str]) -> tuple[dict[str, str], str] | None:
    """Values that are words for parts; one that is none, beside some that are, is its own part."""
    fer = {one: FER[one.lower()] for one in distinct if one.lower() in FER}
    kaggle = {one: _KAGGLE[one.lower()] for one in distinct if one.lower() in _KAGGLE}
    known = {one: part for one in distinct if (part := part_name(one))} | fer | kaggle
    if not known:
        return None
    said = [f"'{one}' is the {part} part" for one, part in sorted({**fer, **kaggle}.items())]
    return {one: known.get(one, one) for one in distinct}, ", ".join(said)


def _yes_or_no(name: str, distinct: set[str]) -> tuple[dict[str, str], str] | None:
    about = part_name(name.lower().removeprefix("is_").removeprefix("is"))
    if about is None or not {one.lower() for one in distinct} <= _YES | _NO:
        return None
    other = "test" if about == "train" else "train"
    parts = {one: about if one.lower() in _YES else other for one in distinct}
    return parts, f"column '{name}': what is not {about} is the {other} part"


def _folds(name: str, distinct: set[str]) -> tuple[dict[str, str], str] | None:
    numbers = {one: _number(one) for one in distinct}
    order = sorted({number for number in numbers.values() if number is not None})
    if None in numbers.values() or not _FEWEST_FOLDS <= len(order) <= _MOST_FOLDS:
        return None
    # Folds are not joined and drawn anew: whoever made them kept together what belongs together.
    held = {order[-1]: "test"} | ({order[-2]: "validation"} if len(order) > _FEWEST_FOLDS else {})
    parts = {one: held.get(number or 0, "train") for one, number in numbers.items()}
    also = f", fold {order[-2]} validation" if len(order) > _FEWEST_FOLDS else ""
    note = f"column '{name}' divides into {len(order)} folds: fold {order[-1]} is the test part"
    return parts, f"{note}{also}, the others are for training (--no-parts: mix them)"


def _number(written: str) -> int | None:
    digits = written.lower().removeprefix("fold").strip("_- ")
    whole = digits.partition(".")[0] if digits.endswith(".0") else digits
    return int(whole) if whole.lstrip("-").isdecimal() and len(whole) <= 4 else None
