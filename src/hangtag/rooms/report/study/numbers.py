"""Numbers of results in, how they are written out: with as many digits as mean something."""

from __future__ import annotations

from collections.abc import Sequence
from math import floor, isfinite, log10

from hangtag.records.study import Cell
from hangtag.rooms.report.words import number

_TO = "\N{EN DASH}"


def with_digits(value: object, digits: int) -> str:
    """A number with so many decimal places; whole numbers and words as they are.

    Args:
        value: What was reported or measured; a dash stands for None.
        digits: Decimal places that the document prints; where it prints none and the number is not
            whole, four digits that count.
    """
    if value is None:
        return _TO
    if isinstance(value, bool) or not isinstance(value, int | float) or not isfinite(value):
        return number(value)
    if isinstance(value, int) or (not digits and value == int(value)):
        return f"{int(value):,}"
    return f"{value:,.{digits}f}" if digits else f"{value:.4g}"


def band_ends(band: tuple[float, float], digits: int) -> str:
    """Lowest to highest, or only one of them where the other is no limit."""
    low, high = (_end(one, digits) for one in band)
    if isfinite(band[0]) and isfinite(band[1]):
        return f"{low} to {high}"
    return f"at least {low}" if isfinite(band[0]) else f"at most {high}"


def _end(value: float, digits: int) -> str:
    """One digit more than the document's where it is needed."""
    more = with_digits(value, digits + 1 if digits else 0)
    return more[:-1] if digits and more.endswith("0") else more


def column(cells: Sequence[Cell]) -> tuple[list[str], bool]:
    """The cells of one column as text, and whether they are numbers to be set right.

    All cells of a column get the same number of decimal places, so that they can be compared at a
    glance: four digits that count in the largest, more where the smallest would vanish.
    """
    numbers = [one for one in cells if isinstance(one, int | float) and not isinstance(one, bool)]
    right = not any(isinstance(one, str | bool) for one in cells)
    finite = [abs(one) for one in numbers if isfinite(one)]
    if all(isinstance(one, int) for one in numbers) or not finite:
        return [_cell(one, 0) for one in cells], right
    places = _places(max(finite))
    smallest = min((one for one in finite if one), default=1.0)
    tiny = smallest < 0.5 * 10.0**-places
    return [_cell(one, -1 if tiny else places) for one in cells], right


def _places(largest: float) -> int:
    whole = floor(log10(largest)) + 1 if largest > 1 else 0
    return max(0, 4 - whole)


def _cell(value: Cell, places: int) -> str:
    if value is None:
        return ""
    if isinstance(value, str | bool | int) or not isfinite(value):
        return number(value)
    return f"{value:.4g}" if places < 0 else f"{value:,.{places}f}"
