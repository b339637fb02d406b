"""Numbers as they are typed go in, a tuple of whole numbers comes out; a helper, no command."""

from __future__ import annotations

import re

from hangtag.errors import OptionError

MOST = 10_000
_SIZE = re.compile(r"([0-9]{1,6})(?:x([0-9]{1,6}))?")
_RANGE = re.compile(r"(\d+)\.\.(\d+)(?:/(\d+))?")


def numbers(text: str, option: str) -> tuple[int, ...]:
    """Read ``10``, ``5,10,25``, ``5..40/5`` (both ends included), or several with commas between.

    Args:
        text: What was typed.
        option: For the error.

    Raises:
        OptionError: It is none of these.
    """
    found: list[int] = []
    for word in (part.strip() for part in text.split(",")):
        spread = _RANGE.fullmatch(word)
        if spread is not None:
            first, last, step = int(spread[1]), int(spread[2]), int(spread[3] or 1)
            if step < 1 or last < first or (last - first) // step >= MOST:
                raise _refused(option, text)
            found += range(first, last + 1, step)
        elif word.isascii() and word.isdigit():
            found.append(int(word))
        else:
            raise _refused(option, text)
    return tuple(found)


def axes(text: str) -> float | None:
    """Read ``none``, a whole number of axes, or a share of the variance such as ``0.95``.

    Raises:
        OptionError: It is none of these.
    """
    if text == "none":
        return None
    try:
        value = int(text) if text.isdigit() else float(text)
    except ValueError:
        value = -1
    if not value > 0 or (isinstance(value, float) and value >= 1):
        raise OptionError(
            f"--pca {text} is no number of axes",
            "a whole number, a share of the variance such as 0.95, or none",
        )
    return value


def features(text: str) -> str | float | None:
    """Read how many coordinates a tree looks at: ``sqrt``, ``log2``, ``none``, a number, a share.

    Words that are none of these are handed on, for whoever knows them to refuse.
    """
    if text == "none":
        return None
    try:
        return int(text) if text.isdigit() else float(text)
    except ValueError:
        return text


def size(text: str | None) -> int | tuple[int, int] | None:
    """Read ``28``, or a height and a width such as ``28x40``.

    Raises:
        OptionError: It is neither.
    """
    if text is None:
        return None
    found = _SIZE.fullmatch(text)
    if found is None:
        raise OptionError(f"--size {text} is no size", "such as 28, or 28x40")
    height, width = int(found[1]), found[2]
    return height if width is None else (height, int(width))


def _refused(option: str, text: str) -> OptionError:
    return OptionError(f"{option} '{text}' are no numbers", "such as 10, or 5,10,25, or 5..40/5")
