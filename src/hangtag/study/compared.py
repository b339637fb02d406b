"""Reported figures and outcomes in; each beside ours, and whether ours is inside its band, out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import mean
from typing import Any

from hangtag.errors import OptionError, nearest
from hangtag.records import Compared, Outcome
from hangtag.study.recipe import Recipe, Reported


def compared(
    recipe: Recipe, outcomes: Mapping[str, Outcome], *, on: str, whole: bool = True
) -> tuple[Compared, ...]:
    """Put every reported figure beside ours.

    Args:
        recipe: What is reported.
        outcomes: What the steps came to.
        on: Name of the set that was studied; figures of another set are not compared with it.
        whole: Whether all of it was; of a part, only what is the same to the digit is said to be
            inside, and nothing to be outside.

    Raises:
        OptionError: A step has no value of that name; the hint says which it has.
    """
    if recipe.reported_on not in ("", on):
        return ()
    return tuple(_one(reported, outcomes, whole) for reported in recipe.reported)


def _one(reported: Reported, outcomes: Mapping[str, Outcome], whole: bool) -> Compared:
    step, _, name = reported.ours.partition(".")
    outcome = outcomes[step]
    if name not in outcome.values:
        raise OptionError(
            f"the reported figure '{reported.figure}' is of '{name}', which step '{step}' does "
            "not measure",
            nearest(name, outcome.values),
        )
    ours = outcome.values[name]
    band = _band(reported)
    inside: bool | None = None if reported.wrong else _inside(reported, ours, band)
    if not whole:
        inside = True if inside and reported.exact else None
    return Compared(
        figure=reported.figure,
        reported=reported.value,
        ours=ours,
        exact=reported.exact,
        inside=inside,
        band=band,
        better=reported.better,
        seeds=outcome.seeds if isinstance(ours, list) and len(ours) == len(outcome.seeds) else (),
        document=reported.document,
        note=reported.wrong or reported.note,
        digits=_digits(reported),
    )


def _digits(reported: Reported) -> int:
    """Decimal places that are reported."""
    if reported.digits is not None:
        return reported.digits
    text = str(reported.value)
    return len(text.partition(".")[2]) if isinstance(reported.value, float) else 0


def _band(reported: Reported) -> tuple[float, float] | None:
    if reported.exact or reported.within is None or not isinstance(reported.value, int | float):
        return None
    return reported.value - reported.within, reported.value + reported.within


def _inside(reported: Reported, ours: Any, band: tuple[float, float] | None) -> bool:  # noqa: ANN401
    if reported.exact:
        return _same(reported.value, ours, _digits(reported))
    if isinstance(reported.value, list):
        return _near(reported, ours)
    if band is None:
        return bool(reported.value == ours)
    number = mean(ours) if isinstance(ours, list) else float(ours)
    # Half a unit of the last printed digit: the document rounded, too.
    slack = 0.5 * 10.0 ** -_digits(reported) if isinstance(reported.value, float) else 0.0
    low = band[0] - slack if reported.better != "lower" else float("-inf")
    high = band[1] + slack if reported.better != "higher" else float("inf")
    return low <= number <= high


def _same(value: Any, ours: Any, digits: int) -> bool:  # noqa: ANN401
    if isinstance(value, list):
        return (
            isinstance(ours, Sequence)
            and len(value) == len(ours)
            and all(_same(one, other, digits) for one, other in zip(value, ours, strict=True))
        )
    if isinstance(ours, list):  # one per seed: all of them
        return all(_same(value, one, digits) for one in ours)
    if isinstance(value, int | float) and isinstance(ours, int | float):
        return round(float(ours), digits) == round(float(value), digits)
    return bool(value == ours)


def _near(reported: Reported, ours: Any) -> bool:  # noqa: ANN401
    """Lists whose order means nothing, such as sizes of clusters: the largest with the largest."""
    assert isinstance(reported.value, list)
    if not isinstance(ours, list) or len(ours) != len(reported.value) or reported.within is None:
        return False
    pairs = zip(sorted(reported.value), sorted(ours), strict=True)
    return all(abs(one - other) <= reported.within for one, other in pairs)
