"""Figures of a document beside ours in, the section that sets them side by side out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import isfinite
from typing import Any

from hangtag.records import Compared, StudyFacts
from hangtag.rooms.report.shell import Block, render
from hangtag.rooms.report.study.numbers import band_ends, with_digits
from hangtag.rooms.report.words import sentence

_STATES = {
    "exact": ("✓", "exact", "the same to the printed digit"),
    "inside": ("✓", "inside", "inside the band"),
    "better": ("✓", "better", "outside the band on its better side"),
    "missed": ("✗", "not reached", "outside the band, or not the same to the digit"),
    "open": (" ", "not compared", "cannot be compared"),
}


def block(facts: StudyFacts) -> Block | None:
    """The section; None for a study without a document."""
    if not facts.compared:
        return None
    rows = [_row(one) for one in facts.compared]
    html = render(
        "study/reported.html",
        rows=rows,
        missed=[row for row in rows if row["state"] == "missed"],
        spread=any(row["spread"] for row in rows),
        bands=any(row["band"] for row in rows),
        states=[_STATES[key] for key in _STATES if any(row["state"] == key for row in rows)],
    )
    return Block("reported", "Reported and ours", html, styles=("study/study.css",))


def state(one: Compared) -> str:
    """Which of the five it is: exact, inside, better, missed, open."""
    if one.inside is None or one.ours is None:
        return "open"
    if not one.inside:
        return "missed"
    if one.exact:
        return "exact"
    mean, band = one.mean, one.band
    if band is None or mean is None:
        return "inside"
    beyond = mean > band[1] if one.better == "higher" else mean < band[0]
    return "better" if beyond and one.better != "neither" else "inside"


def _row(one: Compared) -> dict[str, Any]:
    found = state(one)
    sign, short, _ = _STATES[found]
    listed = bool(_items(one.reported) or (one.mean is None and _items(one.ours)))
    ours = one.ours if one.mean is None else one.mean
    return {
        "figure": one.figure,
        "document": one.document,
        "note": sentence(one.note) if one.note else "",
        "state": found,
        "sign": sign,
        "said": short,
        "exact": one.exact,
        "reported": "" if listed else with_digits(one.reported, one.digits),
        "ours": "" if listed else with_digits(ours, one.digits),
        "spread": _spread(one),
        "seeds": one.seeds if one.spread is not None else (),
        "band": "" if one.band is None else band_ends(one.band, one.digits),
        "better": one.better,
        "plot": None if found == "open" else _plot(one),
        "lists": _lists(one) if listed else None,
        "missed_by": _missed_by(one) if found == "missed" else "",
    }


def _spread(one: Compared) -> str:
    if one.spread is None:
        return ""
    low, high = (with_digits(end, one.digits) for end in one.spread)
    return low if low == high else f"{low} to {high}"


def _lists(one: Compared) -> dict[str, Any]:
    """Rows of numbers, one below the other.

    Exact ones place by place, those that differ marked. Others the largest with the largest, which
    is how sizes of clusters can be compared, with what they differ by.
    """
    given, found = _items(one.reported), _items(one.ours)
    if one.exact or not _numbers([*given, *found]) or len(given) != len(found):
        return _place_by_place(one, given, found)
    given, found = sorted(given, reverse=True), sorted(found, reverse=True)
    away = [ours - reported for reported, ours in zip(given, found, strict=True)]
    most = with_digits(max(map(abs, away)), one.digits)
    rows = [
        ("reported", [(with_digits(value, one.digits), False) for value in given]),
        ("ours", [(with_digits(value, one.digits), False) for value in found]),
        ("difference", [(_signed(value, one.digits), False) for value in away]),
    ]
    return {"rows": rows, "said": f"sorted by size; at most {most} apart"}


def _place_by_place(one: Compared, given: list[Any], found: list[Any]) -> dict[str, Any]:
    length = max(len(given), len(found))
    pairs = [
        (with_digits(_at(given, at), one.digits), with_digits(_at(found, at), one.digits))
        for at in range(length)
    ]
    judged = bool(given) and one.inside is not None
    rows = [
        ("reported", [(reported, False) for reported, _ in pairs]),
        ("ours", [(ours, judged and ours != reported) for reported, ours in pairs]),
    ]
    same = sum(reported == ours for reported, ours in pairs)
    said = f"all {length} the same" if same == length else f"{same} of {length} the same"
    return {"rows": rows if given else rows[1:], "said": said if judged else ""}


def _numbers(values: Sequence[Any]) -> bool:
    return all(isinstance(one, int | float) and isfinite(one) for one in values)


def _signed(value: float, digits: int) -> str:
    return f"{'+' if value > 0 else '−' if value < 0 else ''}{with_digits(abs(value), digits)}"


def _items(value: object) -> list[Any]:
    return list(value) if isinstance(value, Sequence) and not isinstance(value, str) else []


def _at(values: Sequence[Any], place: int) -> Any:  # noqa: ANN401 whatever was measured
    return values[place] if place < len(values) else None


def _missed_by(one: Compared) -> str:
    """How far it is off, in words."""
    if one.mean is None or not isinstance(one.reported, int | float):
        return ""
    if one.exact or one.band is None:
        return ""
    low, high = one.band
    side = "below" if one.mean < low else "above"
    end = low if one.mean < low else high
    return f"{with_digits(abs(one.mean - end), max(one.digits, 4))} {side} its band"


def _plot(one: Compared) -> dict[str, Any] | None:
    """Where band, reported figure and every seed stand on a line, in percent of its length."""
    if one.band is None or one.mean is None or not isinstance(one.reported, int | float):
        return None
    seeds = list(one.ours) if isinstance(one.ours, Sequence) else [one.mean]
    seeds = [float(value) for value in seeds if isinstance(value, int | float)]
    ends = [end for end in one.band if isfinite(end)]
    low, high = _range([*ends, float(one.reported), *seeds])
    place = _placed(low, high)
    left, right = (
        place(end) if isfinite(end) else edge
        for end, edge in zip(one.band, (0.0, 100.0), strict=True)
    )
    return {
        "left": left,
        "width": round(max(right - left, 1.0), 2),
        "reported": place(float(one.reported)),
        "seeds": [place(value) for value in seeds],
    }


def _range(values: Iterable[float]) -> tuple[float, float]:
    numbers = [value for value in values if isfinite(value)]
    low, high = min(numbers), max(numbers)
    margin = 0.1 * (high - low) or max(abs(high), 1.0) * 0.1
    return low - margin, high + margin


def _placed(low: float, high: float) -> Any:  # noqa: ANN401 a function
    return lambda value: round(min(100.0, max(0.0, 100 * (value - low) / (high - low))), 2)
