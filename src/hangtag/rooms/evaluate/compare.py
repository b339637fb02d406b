"""Several models' predictions on the same images in, a Comparison out.

To add a column: a field of :class:`hangtag.records.Comparison` and its line in :func:`compare`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from hangtag.errors import OptionError, UsageError
from hangtag.records import (
    ClassComparison,
    ClassScore,
    Comparison,
    Confusion,
    Difference,
    Disagreement,
    Predictions,
)
from hangtag.rooms.evaluate.averages import average_scores
from hangtag.rooms.evaluate.check import check, check_level
from hangtag.rooms.evaluate.confusion import count
from hangtag.rooms.evaluate.intervals import proportion
from hangtag.rooms.evaluate.paired import difference, holm, mcnemar
from hangtag.rooms.evaluate.scores import MEASURES, class_scores

FIRST = 10
"""Images, the first ones, of which a comparison has every model's answer."""


def compare(
    models: Mapping[str, Predictions],
    *,
    exact: bool = False,
    level: float = 0.95,
) -> Comparison:
    """Put models side by side that answered the same images.

    Args:
        models: Name to predictions, two or more; of any kinds of model.
        exact: McNemar's exact test instead of mid-p.
        level: Of all intervals.

    Returns:
        Accuracies, classes side by side with the better one, and for every pair the difference
        with its interval, its p-value, and the images on which they disagree.

    Raises:
        UsageError: They answered different images, or know different classes.
    """
    names = tuple(models)
    if len(names) < 2:
        raise OptionError(f"compare needs at least two models; got {len(names)}")
    check_level(level)
    aligned = _aligned(models)
    first = aligned[names[0]]
    tables = {name: Confusion(count(one), one.class_names) for name, one in aligned.items()}
    averages = {name: average_scores(table, level=level) for name, table in tables.items()}
    return Comparison(
        names=names,
        class_names=first.class_names,
        n=len(first),
        accuracies={
            name: proportion(int(table.counts.trace()), len(first), level)
            for name, table in tables.items()
        },
        classes=_side_by_side({name: class_scores(table, level) for name, table in tables.items()}),
        averages=_side_by_side(averages),
        differences=_differences(aligned, exact, level),
        labels=first.labels[:FIRST],
        answers={name: one.predicted[:FIRST] for name, one in aligned.items()},
    )


def disagreements(
    first: Predictions, second: Predictions, *, limit: int | None = None
) -> tuple[tuple[Disagreement, ...], tuple[Disagreement, ...]]:
    """The images that only the first gets right, and those that only the second does.

    Args:
        first: Answers of one model.
        second: Answers of another on the same images.
        limit: How many each way at most, in the order of the images; None for all.

    Raises:
        UsageError: They answered different images, or know different classes.
    """
    pair = _aligned({"first": first, "second": second})
    answers = [one.predicted for one in pair.values()]
    labels, indices = pair["first"].labels, pair["first"].indices
    right = [answer == labels for answer in answers]

    def listed(better: int) -> tuple[Disagreement, ...]:
        return tuple(
            Disagreement(
                int(where),
                int(indices[where]),
                int(labels[where]),
                int(answers[0][where]),
                int(answers[1][where]),
            )
            for where in np.flatnonzero(right[better] & ~right[1 - better])[:limit]
        )

    return listed(0), listed(1)


def right_answers(models: Mapping[str, Predictions]) -> dict[str, NDArray[np.bool_]]:
    """``(n,)`` of each model whether it was right, in the order of the first one's images.

    Raises:
        UsageError: They answered different images, or know different classes.
    """
    return {name: one.predicted == one.labels for name, one in _aligned(models).items()}


def _aligned(models: Mapping[str, Predictions]) -> dict[str, Predictions]:
    """All predictions in the order of the first ones, or an error that says why not."""
    for one in models.values():
        check(one, "compare")
    first_name, first = next(iter(models.items()))
    # Two runs may have answered the same images in different orders; all are brought into the order
    # of the first.
    order = np.argsort(first.indices, kind="stable")
    back = np.argsort(order, kind="stable")
    aligned = {}
    for name, one in models.items():
        _check_same_classes(first_name, first, name, one)
        _check_same_images(first_name, first, name, one)
        where = np.argsort(one.indices, kind="stable")[back]
        moved = replace(
            one,
            indices=one.indices[where],
            labels=one.labels[where],
            probabilities=one.probabilities[where],
        )
        # The same images with other labels: one of the two was trained after labels were mended,
        # and accuracies of both count different things.
        differing = int(np.count_nonzero(moved.labels != first.labels))
        if differing:
            raise UsageError(
                f"compare needs the same truth; '{first_name}' and '{name}' were given different "
                f"classes for {differing} of {len(first)} images"
            )
        aligned[name] = moved
    return aligned


def _check_same_classes(first_name: str, first: Predictions, name: str, one: Predictions) -> None:
    if first.class_names != one.class_names:
        raise UsageError(
            f"compare needs the same classes; '{first_name}' knows "
            f"{_listed(first.class_names)} and '{name}' {_listed(one.class_names)}"
        )


def _check_same_images(first_name: str, first: Predictions, name: str, one: Predictions) -> None:
    hint = "evaluate both runs on the same test split"
    if first.fingerprint and one.fingerprint and first.fingerprint != one.fingerprint:
        raise UsageError(
            f"compare needs the same data; '{first_name}' answered images of the set "
            f"{first.fingerprint[:12]} and '{name}' of {one.fingerprint[:12]}",
            hint,
        )
    if not np.array_equal(np.sort(first.indices), np.sort(one.indices)):
        shared = len(np.intersect1d(first.indices, one.indices))
        raise UsageError(
            f"compare needs answers on the same images; '{first_name}' has {len(first)} and "
            f"'{name}' {len(one)}, of which {shared} are the same",
            hint,
        )


def _listed(names: tuple[str, ...]) -> str:
    few = ", ".join(names[:5])
    return f"{len(names)} ({few}{', …' if len(names) > 5 else ''})"


def _side_by_side(rows: Mapping[str, tuple[ClassScore, ...]]) -> tuple[ClassComparison, ...]:
    return tuple(
        _row(dict(zip(rows, scores, strict=True))) for scores in zip(*rows.values(), strict=True)
    )


def _row(scores: dict[str, ClassScore]) -> ClassComparison:
    best = {}
    for measure in MEASURES:
        values = {name: getattr(score, measure) for name, score in scores.items()}
        # All that share the best value: of equal ones none is better.
        best[measure] = tuple(name for name in values if values[name] == max(values.values()))
    some = next(iter(scores.values()))
    return ClassComparison(some.name, some.support, scores, best)


def _differences(
    models: Mapping[str, Predictions], exact: bool, level: float
) -> tuple[Difference, ...]:
    right = {name: one.predicted == one.labels for name, one in models.items()}
    made = []
    for first, second in combinations(models, 2):
        one, other = right[first], right[second]
        alone, other_alone = np.flatnonzero(one & ~other), np.flatnonzero(other & ~one)
        both, neither = int((one & other).sum()), int((~one & ~other).sum())
        made.append(
            Difference(
                first,
                second,
                difference((both, len(alone), len(other_alone), neither), level),
                alone,
                other_alone,
                mcnemar(len(alone), len(other_alone), exact=exact),
                1.0,
                "McNemar exact" if exact else "McNemar mid-p",
            )
        )
    # All pairs are one family: of ten models, two of 45 pairs differ by chance at 5 %.
    adjusted = holm([one.p_value for one in made])
    return tuple(replace(one, p_adjusted=value) for one, value in zip(made, adjusted, strict=True))
