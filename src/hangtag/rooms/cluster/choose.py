"""A sweep's rows go in, the chosen number of clusters and the reason come out, by a named rule.

To add a rule: one line in :data:`BEST`, saying which column it looks at and which way is better.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from hangtag.errors import OptionError, nearest
from hangtag.records import Choice, MixtureRow, SweepRow

ELBOW = "elbow"
SOUND = "sound-bic"


@dataclass(frozen=True)
class _Rule:
    column: str
    highest: bool
    words: str


BEST = {
    "silhouette": _Rule("silhouette", True, "the highest mean silhouette"),
    "calinski-harabasz": _Rule("calinski_harabasz", True, "the highest Calinski-Harabasz index"),
    "davies-bouldin": _Rule("davies_bouldin", False, "the lowest Davies-Bouldin index"),
    "bic": _Rule("bic", False, "the lowest BIC"),
    "aic": _Rule("aic", False, "the lowest AIC"),
}
"""Rules that take the best value of one column."""

HARD_RULES = (ELBOW, "silhouette", "calinski-harabasz", "davies-bouldin")
MIXTURE_RULES = ("bic", SOUND, "aic")


def check_rule(rule: str, known: Sequence[str]) -> None:
    """Refuse a rule that does not fit the method.

    Raises:
        OptionError: It is not among `known`.
    """
    if rule not in known:
        raise OptionError(f"there is no rule '{rule}' here", nearest(rule, known))


def choose(rows: Sequence[SweepRow] | Sequence[MixtureRow], rule: str) -> Choice:
    """Choose a number of clusters.

    Args:
        rows: One per number, fewest clusters first.
        rule: A name in :data:`BEST`, ``elbow``, or ``sound-bic`` (the lowest BIC of the mixtures
            without a singular covariance; of all where every one has some).

    Returns:
        The choice. Two numbers have no elbow, so the silhouette chooses between them.
    """
    if len(rows) == 1:
        return Choice(rows[0].k, "only", f"{rows[0].k} clusters: the only number tried")
    if rule == SOUND:
        return _sound(rows)
    if rule != ELBOW:
        return best_value(rows, rule)
    if len(rows) > 2:
        return _elbow(rows)
    best = best_value(rows, "silhouette")
    return Choice(best.k, best.rule, f"{best.reason}; two numbers have no elbow")


def best_value(rows: Sequence[SweepRow] | Sequence[MixtureRow], name: str) -> Choice:
    """Choose the number with the best value of the column that rule `name` looks at.

    A value that is not a number is undefined (of one cluster, or of as many as points) and is
    never the best.
    """
    rule = BEST[name]
    values = [float(getattr(row, rule.column)) for row in rows]
    undefined = [rows[at].k for at, value in enumerate(values) if np.isnan(value)]
    if len(undefined) == len(rows):
        reason = f"{rows[0].k} clusters: {rule.words} is undefined for every number tried"
        return Choice(rows[0].k, name, reason)
    place = int(np.nanargmax(values) if rule.highest else np.nanargmin(values))
    reason = f"{rows[place].k} clusters: {rule.words} of all ({_number(values[place])})"
    if undefined:
        reason += f"; it is undefined for {', '.join(map(str, undefined))}"
    reason += _at_an_end(rows, place) + _caution(rows, place, values)
    return Choice(rows[place].k, name, reason)


def _sound(rows: Sequence[SweepRow] | Sequence[MixtureRow]) -> Choice:
    """The lowest BIC of those that singular covariances have not made too good."""
    sound = [row for row in rows if isinstance(row, MixtureRow) and not row.regularised]
    if not sound:
        best = best_value(rows, "bic")
        return Choice(best.k, SOUND, best.reason)
    chosen = min(sound, key=lambda row: row.bic)
    reason = f"{chosen.k} clusters: the lowest BIC ({_number(chosen.bic)}) of the {len(sound)}"
    reason += f" without a singular covariance; {len(rows) - len(sound)} have some"
    return Choice(chosen.k, SOUND, reason)


def _elbow(rows: Sequence[SweepRow] | Sequence[MixtureRow]) -> Choice:
    """The point furthest below the line from the first to the last one, both axes from 0 to 1.

    Satopaa, Albrecht, Irwin and Raghavan, "Finding a 'kneedle' in a haystack", 2011, for a curve
    of few points, which needs no smoothing.
    """
    # Numbers are on a scale of their own and not counted by place, so 5, 10, 40 is not a straight
    # line.
    k = np.array([row.k for row in rows], np.float64)
    inertia = np.array([getattr(row, "inertia", np.nan) for row in rows])
    fallen = (inertia[0] - inertia) / max(inertia[0] - inertia[-1], 1e-300)
    below = fallen - (k - k[0]) / (k[-1] - k[0])
    place = int(np.argmax(below))
    reason = (
        f"{rows[place].k} clusters: there the inertia has made {fallen[place]:.0%} of its fall in "
        f"{(k[place] - k[0]) / (k[-1] - k[0]):.0%} of the way, the furthest below the straight "
        "line from first to last (elbow by greatest distance)"
    )
    if below[place] < 0.05:
        reason += "; the curve is nearly straight, so this elbow says little"
    return Choice(rows[place].k, ELBOW, reason)


def _at_an_end(rows: Sequence[SweepRow] | Sequence[MixtureRow], place: int) -> str:
    if len(rows) > 1 and place in (0, len(rows) - 1):
        return "; it is at the end of what was tried, so the best may lie beyond"
    return ""


def _caution(
    rows: Sequence[SweepRow] | Sequence[MixtureRow], place: int, values: list[float]
) -> str:
    """What to say of a criterion that singular covariances have made too good."""
    singular = [getattr(row, "regularised", 0) for row in rows]
    if not singular[place]:
        return ""
    sound = [one for one in range(len(rows)) if not singular[one]]
    words = f"; {singular[place]} of its covariances are singular, which makes it look too good"
    if not sound:
        return words + ", as in all that were tried"
    best = min(sound, key=lambda one: values[one])
    return words + f": the best without any is {rows[best].k} ({_number(values[best])})"


def _number(value: float) -> str:
    return f"{value:.4f}" if abs(value) < 100 else f"{value:,.0f}"
