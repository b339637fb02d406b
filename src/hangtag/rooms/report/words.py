"""Numbers and records in, words for people out; the templates have these as filters.

To add a filter: one function here and one line in :data:`FILTERS`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from numbers import Integral, Real
from statistics import mean
from typing import Any

from markupsafe import Markup, escape

from hangtag.records import Evaluation, ReportFacts, Score

_THIN = "\N{NARROW NO-BREAK SPACE}"
_TO = "\N{EN DASH}"


def percent(proportion: float, digits: int = 1) -> str:
    """0.9124 → 91.2 %; never 100 % for less than all, nor 0 % for more than nothing."""
    shown = round(proportion * 100, digits)
    if shown >= 100 > proportion * 100:
        return f">{100 - 10**-digits:.{digits}f}{_THIN}%"
    if shown <= 0 < proportion:
        return f"<{10**-digits:.{digits}f}{_THIN}%"
    whole = shown in (0, 100)
    return f"{shown:.{0 if whole else digits}f}{_THIN}%".replace("-", "−")


def points(proportion: float, digits: int = 2) -> str:
    """−0.0123 → −1.23 points: a difference of two proportions."""
    return f"{100 * proportion:+.{digits}f} points".replace("-", "−")


def spread(proportions: Sequence[float], seeds: Sequence[int], digits: int = 1) -> str:
    """91.3 % over seeds 0, 1 and 2 (91.1 % to 91.6 %)."""
    middle = percent(mean(proportions), digits)
    if len(proportions) == 1:
        return f"{middle} with seed {seeds[0]}" if seeds else middle
    ends = f"{percent(min(proportions), digits)} to {percent(max(proportions), digits)}"
    return f"{middle} over seeds {listed(seeds)} ({ends})"


def listed(names: Sequence[object]) -> str:
    """A, B and C."""
    *others, last = map(str, names) if names else ("",)
    return f"{', '.join(others)} and {last}" if others else last


def percent_range(score: Score) -> str:
    """90.6 to 91.7 %; or why nobody can say."""
    if score.ends is None:
        return _refused(score)
    low, high = score.ends
    return f"{low * 100:.1f} to {high * 100:.1f}{_THIN}%"


def number(value: object) -> str:
    """10000 → 10,000; 0.25 → 0.25; None → none; everything else as it is."""
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Integral):
        return f"{int(value):,}"
    if isinstance(value, Real):
        return f"{float(value):.4g}"
    if isinstance(value, list | tuple):
        return ", ".join(number(one) for one in value) or "none"
    return str(value)


def decimal(value: float, digits: int = 3) -> str:
    """0.91237 → 0.912."""
    return f"{value:.{digits}f}"


def decimal_range(score: Score, digits: int = 3, to: str = _TO) -> str:
    """0.906–0.917; or why nobody can say."""
    if score.ends is None:
        return _refused(score)
    low, high = score.ends
    return f"{low:.{digits}f}{to}{high:.{digits}f}"


def _refused(score: Score) -> str:
    return f"too few to say: {score.reason}"


def size(value: object) -> str:
    """A shape as people write it: (26, 26, 28) → 26 × 26 × 28, [6776] → 6,776."""
    if isinstance(value, list | tuple):
        return " × ".join("any" if one is None else number(one) for one in value)
    return str(value)


def plural(count: int, one: str, many: str = "") -> str:
    """1 image, 2 images."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def sentence(text: str) -> str:
    """A clause as a sentence: its first letter large, a full stop at its end."""
    return text[:1].upper() + text[1:] + ("" if text.endswith((".", "!", "?")) else ".")


def level(score: Score) -> str:
    """95 % of a score's interval."""
    return f"{score.level * 100:g}{_THIN}%"


def verdict(facts: ReportFacts) -> str:
    """The one sentence a reader should take away."""
    found = facts.evaluation
    if found is None:
        return (
            f"Nothing is known yet about how good {facts.model} is: "
            "it has not been evaluated on images it was not trained on."
        )
    score = found.scores["accuracy"]
    return (
        f"On {plural(score.n, f'{found.split} image')}, {facts.model} names the right class "
        f"for {percent(score.value)} ({level(score)} interval {percent_range(score)})"
        f"{_worst_pair(found)}."
    )


def _worst_pair(found: Evaluation) -> str:
    if not found.pairs:
        return ""
    names, worst = found.confusion.class_names, found.pairs[0]
    return (
        f"; its most frequent mistake is to take {names[worst.label]} for {names[worst.predicted]}"
    )


def ticked(text: str) -> Markup:
    """Text in which `names` between backticks are set as code."""
    return Markup(re.sub(r"`([^`]+)`", r"<code>\1</code>", str(escape(text))))  # noqa: S704 escaped


def facts_list(values: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Label and value of each entry, as text."""
    return [(str(key).replace("_", " "), number(value)) for key, value in values.items()]


def duration(seconds: float) -> str:
    """75 → 1 min 15 s; 0.4 → 0.4 s."""
    if seconds < 10:
        return f"{seconds:.1f}{_THIN}s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    parts = ((hours, "h"), (minutes, "min"), (rest, "s"))
    return " ".join(f"{value}{_THIN}{unit}" for value, unit in parts if value) or f"0{_THIN}s"


_SCORES = {
    "accuracy": "Accuracy",
    "loss": "Log loss",
    "auc": "AUC, each class against the rest",
    "answered": "Proportion answered",
    "accuracy_answered": "Accuracy of the answers given",
    "strange": "Proportion called unlike anything seen",
}


def score_name(name: str) -> str:
    """top_3 → Right class among the 3 most probable."""
    if name.startswith("top_"):
        return f"Right class among the {name[4:]} most probable"
    return _SCORES.get(name, name)


FILTERS: dict[str, Callable[..., Any]] = {
    "percent": percent,
    "percent_range": percent_range,
    "number": number,
    "decimal": decimal,
    "decimal_range": decimal_range,
    "size": size,
    "plural": plural,
    "sentence": sentence,
    "level": level,
    "ticked": ticked,
    "facts_list": facts_list,
    "duration": duration,
    "score_name": score_name,
}
