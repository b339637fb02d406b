"""Labels as text into label codes: strings in, whole numbers if all of them are, else text.

Empty, ``NaN`` and ``?`` mean that nobody has said the class, whatever the format; so do ``NA``,
``None`` and their like among labels that are otherwise numbers.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hangtag.errors import FormatError

LONGEST = 300
"""A label with more letters is a sign that the wrong column was taken."""

MISSING = frozenset({"", "nan", "?", "<na>", "#n/a", "n/a", "nat", "null"})
"""What stands where there is no label; compared in lower case."""

MISSING_AMONG_NUMBERS = MISSING | {"na", "none", "-"}
"""Words that can be a class's name, but not where all other labels are numbers."""

# 7 and 7.0 are numbers; 007 is a name: as a number it would not be found again.
_WHOLE = re.compile(r"-?(0|[1-9]\d{0,17})(\.0*)?", re.ASCII)
_POWER = re.compile(r"-?\d\.\d+e[-+]\d\d", re.ASCII)


def is_missing(label: str | None) -> bool:
    """Whether this says that there is no label."""
    return label is None or label.strip().lower() in MISSING


def to_codes(
    labels: Sequence[str | None], named: Iterable[str] = ()
) -> tuple[NDArray[Any] | None, NDArray[np.bool_] | None, tuple[int | str, ...] | None]:
    """Give each label its code.

    Args:
        labels: One per image; None, empty, ``NaN`` or ``?`` where there is none.
        named: Labels that exist even if no image has them.

    Returns:
        ``(n,)`` int64 or text codes, None if there is no label at all; ``(n,)`` True where one is
        missing, None if none is; every code in order if `named` is given, else None.

    Raises:
        FormatError: A label is longer than :data:`LONGEST`.
    """
    named = set(named)
    distinct = {one for one in set(labels) if one is not None and not is_missing(one)} | named
    words = MISSING_AMONG_NUMBERS if not named else ()  # a folder's name is a class's
    numbers = {one for one in distinct if one.strip().lower() not in words}
    whole = bool(numbers) and None not in map(_whole, numbers)
    distinct = numbers if whole else distinct
    if not distinct:
        return None, None, None
    longest = max(distinct, key=len)
    if len(longest) > LONGEST:
        raise FormatError(
            f"a label has {len(longest)} letters; it begins with {longest[:40]!r}",
            "name the column of the label",
        )
    code: dict[str | None, int | str] = {
        one: (_whole(one) or 0) if whole else one for one in distinct
    }
    nothing = 0 if whole else ""
    codes = np.array([code.get(one, nothing) for one in labels], np.int64 if whole else np.str_)
    missing = np.array([one not in code for one in labels], bool)
    every = tuple(sorted(set(code.values()), key=_order)) if named else None
    return codes, missing if missing.any() else None, every


def _whole(written: str) -> int | None:
    """The whole number that a label writes, also as ``7.0`` or NumPy's ``7.00e+00``."""
    if _WHOLE.fullmatch(written):
        return int(written.partition(".")[0])
    is_power = _POWER.fullmatch(written) and float(written) % 1 == 0
    return int(float(written)) if is_power else None


def _order(code: int | str) -> tuple[int, str]:
    return (code, "") if isinstance(code, int) else (0, code)
