"""Numbers in, words for the paragraphs of a study out."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import mean

from hangtag.records import Score

_THIN = "\N{NARROW NO-BREAK SPACE}"


def percent(share: float, digits: int = 1) -> str:
    """0.9124 → 91.2 %; never 100 % for less than all."""
    shown = round(share * 100, digits)
    if shown >= 100 > share * 100:
        return f">{100 - 10**-digits:.{digits}f}{_THIN}%"
    return f"{shown:.{digits}f}{_THIN}%".replace("-", "−")


def between(score: Score) -> str:
    """91.1 % to 91.6 %; or why nobody can say."""
    if score.ends is None:
        return f"too few to say: {score.reason}"
    return " to ".join(percent(end) for end in score.ends)


def points(share: float, digits: int = 2) -> str:
    """−0.0123 → −1.23 points: a difference of two shares."""
    return f"{100 * share:+.{digits}f} points".replace("-", "−")


def count(number: float, one: str, many: str = "") -> str:
    """1 picture, 12,000 pictures."""
    return f"{int(number):,} {one if number == 1 else many or one + 's'}"


def listed(names: Sequence[str], last: str = "and") -> str:
    """A, B and C."""
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])} {last} {names[-1]}"


def spread(numbers: Sequence[float], seeds: Sequence[int], digits: int = 1) -> str:
    """91.3 % over seeds 0, 1 and 2 (91.1 % to 91.6 %)."""
    if len(numbers) == 1:
        return (
            f"{percent(numbers[0], digits)} with seed {seeds[0]}"
            if seeds
            else percent(numbers[0], digits)
        )
    said = listed([str(one) for one in seeds])
    ends = f"{percent(min(numbers), digits)} to {percent(max(numbers), digits)}"
    return f"{percent(mean(numbers), digits)} over seeds {said} ({ends})"


def seconds(number: float) -> str:
    """0.4 s, 12 s, 3 min 20 s, 1 h 5 min."""
    if number < 10:
        return f"{number:.1f} s"
    whole = round(number)
    if whole < 120:
        return f"{whole} s"
    minutes, rest = divmod(whole, 60)
    if minutes < 60:
        return f"{minutes} min {rest} s"
    return f"{minutes // 60} h {minutes % 60} min"
