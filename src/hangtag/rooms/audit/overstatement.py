"""Overstatement: how much better a random split makes a model look than a split by groups.

The same forest is trained twice on the same images: once tested on a random fifth of them, once
on a fifth made of whole groups of copies and near-copies. The gap is what a random split adds by
letting the forest recognise images it has seen. Intervals come from drawing groups with
replacement, since images of one group are right or wrong together.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hangtag.records import Score
from hangtag.rooms.audit.check import Checked, Context

TREES = 100
DEPTH = 45
MOST = 30_000  # images; whole groups are drawn until there are that many
TESTED = 0.2
DRAWS = 2000


@dataclass(frozen=True, eq=False)
class Outcome:
    """Which of the tested images a forest got right, and the groups they are of."""

    right: NDArray[np.bool_]
    groups: NDArray[np.int64]


def check(context: Context) -> Checked:
    """Train a forest on a random and on a grouped split of the first part, and compare."""
    images = _images(context)
    groups = context.copies.groups[images]
    if len(np.unique(groups)) < 20 or len(np.unique(context.images.labels[images])) < 2:
        return Checked({"note": "too few groups or classes to split by"})
    random = np.random.default_rng(context.seed)
    mixed = random.permutation(len(images)) < TESTED * len(images)
    whole = _whole_groups(groups, random)
    context.progress("overstatement", 0, 2, "random split")
    loose = _forest(context, images, mixed)
    context.progress("overstatement", 1, 2, "split by groups")
    strict = _forest(context, images, whole)
    context.progress("overstatement", 2, 2)
    return _compared(context, loose, strict, len(images))


def _images(context: Context) -> NDArray[np.int64]:
    """Labelled images of the first part; of very many, whole groups drawn by the seed."""
    where = next(iter(context.images.parts.values()))
    images = np.arange(where.start, where.stop)
    images = images[context.images.labels[images] >= 0]
    groups = context.copies.groups[images]
    order = np.random.default_rng(context.seed).permutation(len(context.images))
    ranked = np.argsort(order[groups], kind="stable")[:MOST]
    return np.sort(images[ranked])


def _whole_groups(groups: NDArray[np.int64], random: np.random.Generator) -> NDArray[np.bool_]:
    """Which images are tested, so that about a fifth are, in whole groups."""
    names, sizes = np.unique(groups, return_counts=True)
    order = random.permutation(len(names))
    taken = names[order][np.cumsum(sizes[order]) <= TESTED * len(groups)]
    inside: NDArray[np.bool_] = np.isin(groups, taken)
    return inside


def _forest(context: Context, images: NDArray[np.int64], tested: NDArray[np.bool_]) -> Outcome:
    from sklearn.ensemble import RandomForestClassifier

    forest = RandomForestClassifier(TREES, max_depth=DEPTH, random_state=context.seed, n_jobs=-1)
    train, test = images[~tested], images[tested]
    sight, labels = context.sight, context.images.labels
    points: NDArray[Any] = context.likeness.pixels if sight is None else sight.points
    forest.fit(points[train], labels[train])
    return Outcome(forest.predict(points[test]) == labels[test], context.copies.groups[test])


def _compared(context: Context, loose: Outcome, strict: Outcome, images: int) -> Checked:
    random = np.random.default_rng(context.seed)
    drawn_loose, drawn_strict = _drawn(loose, random), _drawn(strict, random)
    scores = {
        "random": _score(loose, drawn_loose),
        "grouped": _score(strict, drawn_strict),
    }
    low, high = np.quantile(drawn_loose - drawn_strict, [0.025, 0.975])
    gap = scores["random"].value - scores["grouped"].value
    facts: dict[str, Any] = {
        "forest": f"{TREES} trees of depth {DEPTH} at most, seed {context.seed}",
        "images": images,
        "accuracy": {name: vars(score) for name, score in scores.items()},
        "overstatement": {"value": gap, "low": float(low), "high": float(high), "level": 0.95},
    }
    message = (
        f"a random split overstates a forest's accuracy by {gap:.1%} [{low:.1%}, {high:.1%}]:"
        f" {scores['random'].value:.1%} where a split by groups gives"
        f" {scores['grouped'].value:.1%}"
    )
    if low <= 0:
        return Checked(facts)
    found = context.finding("overstatement", "serious", (), message, value=gap)
    return Checked(facts, (found,), (message,))


def _drawn(outcome: Outcome, random: np.random.Generator) -> NDArray[np.float64]:
    """``(DRAWS,)`` accuracies with the groups drawn anew each time."""
    _, numbers = np.unique(outcome.groups, return_inverse=True)
    right = np.bincount(numbers, weights=outcome.right)
    sizes = np.bincount(numbers)
    accuracies = np.empty(DRAWS)
    for draw in range(DRAWS):
        chosen = random.integers(0, len(sizes), len(sizes))
        accuracies[draw] = right[chosen].sum() / sizes[chosen].sum()
    return accuracies


def _score(outcome: Outcome, drawn: NDArray[np.float64]) -> Score:
    low, high = (float(end) for end in np.quantile(drawn, [0.025, 0.975]))
    method = f"bootstrap over groups, {DRAWS} draws"
    return Score(float(outcome.right.mean()), low, high, method, len(outcome.right))
