"""A head is learned from a catalogue's examples, and answers for items by their kept embeddings.

Linear discriminants in closed form (``estimators/discriminant.py``): seconds for a thousand
examples, and no photo is opened. How good it is, how warm its answers are and below which
probability it says "unknown" come from cross-validation: every example is answered by a head that
has not seen it nor a variant of it. The head that is kept is learned from all of them, so what is
said of it is on the careful side.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from hangtag.errors import OptionError
from hangtag.estimators import familiar
from hangtag.estimators.answers import LEVEL
from hangtag.estimators.classical import Learning, Tried
from hangtag.estimators.discriminant import DISCRIMINANT, ROOTS, can_be_rooted
from hangtag.progress import Progress, silent
from hangtag.records import Predictions
from hangtag.requests import DiscriminantRequest, LearnRequest, command_line, takes
from hangtag.rooms import catalog as room
from hangtag.rooms import evaluate as evaluate_room
from hangtag.rooms.catalog import Answer, Catalog, Head
from hangtag.rooms.evaluate.intervals import wilson
from hangtag.shop.opening import Shop, open_catalog

FEWEST = 5
"""Items of a value below which it is not learned: each part of the cross-validation needs one."""

MOST = 10_000
"""Examples that are learned from; more make the covariance slower and hardly better."""

UNLIKE = "is unlike all examples"
_WEIGHTS = ("weights", "bias", ROOTS)


class Way(NamedTuple):
    """How a head is learned: from kept embeddings or their roots, and how far it is shrunk."""

    rooted: bool
    shrinkage: float


class Examples(NamedTuple):
    """What a head is learned from.

    Attributes:
        items: ``(n,)`` int64, which item each photo is of; photos of one item follow another.
        groups: ``(n,)`` int64, equal for variants, which are never on both sides of a division.
        points: ``(n, d)`` float32.
        labels: ``(n,)`` int64.
        names: The values.
    """

    items: NDArray[np.int64]
    groups: NDArray[np.int64]
    points: NDArray[np.float32]
    labels: NDArray[np.int64]
    names: tuple[str, ...]


@takes(LearnRequest)
def learn_attribute(shop: Shop, asked: LearnRequest, *, progress: Progress = silent) -> Head:
    """Learn a head from decisions and the feed; ``tag_catalog(shop, model="head:…")`` uses it.

    Args:
        shop: The catalogue or its file.
        asked: What is asked; its options can be given by keyword.
        progress: Told how far it is.

    Raises:
        OptionError: There are too few examples.
        UsageError: Nothing was embedded yet.
    """
    catalog, seed = open_catalog(shop), 0  # equal examples give equal heads
    # Read before the examples: what is decided meanwhile is said to be newer than the head.
    until = room.last_change(catalog)
    digest, _ = room.newest_encoder(catalog)
    found, left_out = _gathered(catalog, asked, digest, seed)
    answers, best, familiarity = _held_out(found, seed, progress)
    temperature = evaluate_room.temperature(answers)
    answers = evaluate_room.scale(answers, temperature)
    # Chosen on answers of heads that had four fifths of the examples: the one that is kept has all
    # of them, so that it keeps its promise on the careful side.
    threshold = evaluate_room.threshold(answers, precision=asked.precision, level=LEVEL)
    (fitted,) = _tried(_learning(found), (best.shrinkage,), rooted=best.rooted)
    arrays = {
        **DISCRIMINANT.calibrated(fitted.arrays, temperature),
        **familiar.fitted(found.points).arrays(),
        "least_familiar": np.asarray([familiar.threshold(familiarity)], np.float32),
    }
    facts = {
        **_facts(answers, threshold),
        "values": dict(sorted(Counter(found.names[one] for one in answers.labels).items())),
        "left_out": left_out,
        "shrinkage": best.shrinkage,
        "roots": best.rooted,
        "temperature": temperature,
        "precision": asked.precision,
        "seed": seed,
    }
    made = Head(asked.attribute, digest, found.names, arrays, threshold, facts, until)
    room.keep_head(catalog, made)
    return made


def answered(
    head: Head, owners: NDArray[np.int64], points: NDArray[np.float32], threshold: float | None
) -> list[Answer]:
    """What a head says of items.

    Args:
        head: The head.
        owners: ``(n,)`` which item each photo is of, one item after another.
        points: ``(n, d)`` their directions.
        threshold: Probability below which it says "unknown"; None says so of everything.
    """
    weights = {name: head.arrays[name] for name in _WEIGHTS if name in head.arrays}
    probabilities = DISCRIMINANT.answer(weights, points)
    seen = familiar.from_arrays(head.arrays)
    assert seen is not None
    likeness = seen.of(points)
    least = float(head.arrays["least_familiar"][0])
    # Photos of one item follow one another, so that sums between starts are sums of items.
    numbers, starts = np.unique(owners, return_index=True)
    counts = np.diff([*starts, len(owners)])
    means = np.add.reduceat(probabilities, starts) / counts[:, None]
    # One photo of an item like the examples is enough: others may show its back or its label.
    strange = np.maximum.reduceat(likeness, starts) < least
    best = means.argmax(axis=1)
    return [
        Answer(
            int(number),
            head.labels[which],
            float(row[which]),
            threshold is not None and bool(row[which] >= threshold) and not odd,
            UNLIKE if odd else "",
        )
        for number, row, which, odd in zip(numbers, means, best.tolist(), strange, strict=True)
    ]


def _decide(catalog: Catalog, attribute: str) -> str:
    return command_line("catalog", "decide", catalog.path, "ITEM", "VALUE", attribute=attribute)


def _gathered(
    catalog: Catalog, asked: LearnRequest, digest: str, seed: int
) -> tuple[Examples, dict[str, int]]:
    """The examples, and how many items each value has that is left out."""
    known = room.examples(catalog, asked.attribute, asked.known or asked.attribute)
    items, groups, points = room.of_items(catalog, digest, sorted(known))
    order = np.argsort(items, kind="stable")
    said = [known[one] for one in items.tolist()]
    of_each: dict[str, set[int]] = {}
    for label, group in zip(said, groups.tolist(), strict=True):
        of_each.setdefault(label, set()).add(group)
    names = tuple(sorted(label for label, several in of_each.items() if len(several) >= FEWEST))
    if len(names) < 2:
        told = ", ".join(f"{label} {len(several)}" for label, several in sorted(of_each.items()))
        raise OptionError(
            f"a head for '{asked.attribute}' needs two values with {FEWEST} items each; there are "
            + (told or "no items of which it is known"),
            f"{_decide(catalog, asked.attribute)} on some items first, or --known names what the "
            "feed calls it",
        )
    kept = np.asarray([row for row in order.tolist() if said[row] in names])
    if len(kept) > MOST:
        kept = np.sort(np.random.default_rng(seed).choice(kept, MOST, replace=False))
        kept = kept[np.argsort(items[kept], kind="stable")]
    labels = np.asarray([names.index(said[row]) for row in kept], np.int64)
    left_out = {one: len(several) for one, several in sorted(of_each.items()) if one not in names}
    return Examples(items[kept], groups[kept], points[kept], labels, names), left_out


def _held_out(
    found: Examples, seed: int, progress: Progress
) -> tuple[Predictions, Way, NDArray[np.float32]]:
    """Answers of heads for examples that they have not seen, an item each, and what they choose.

    Returns:
        The answers of the best way; which that is; and how familiar each photo is to the others.
    """
    parts = _parts(found, seed)
    shrinkages, rooted = DiscriminantRequest().shrinkage, can_be_rooted(found.points)
    tried = [
        Way(roots, shrinkage) for roots in (False, True)[: 1 + rooted] for shrinkage in shrinkages
    ]
    each = np.zeros((len(tried), len(found.labels), len(found.names)))
    familiarity = np.zeros(len(found.labels), np.float32)
    for part in range(FEWEST):
        progress("learn", part, FEWEST)
        inside, outside = np.flatnonzero(parts != part), np.flatnonzero(parts == part)
        if not len(outside):
            continue
        learning = Learning(found.points[inside], found.labels[inside], len(found.names))
        for roots in sorted({way.rooted for way in tried}):
            for one in _tried(learning, shrinkages, rooted=roots):
                row = tried.index(Way(roots, one.parameters["shrinkage"]))
                each[row, outside] = DISCRIMINANT.answer(one.arrays, found.points[outside])
        familiarity[outside] = familiar.fitted(found.points[inside]).of(found.points[outside])
    progress("learn", FEWEST, FEWEST)
    starts = np.unique(found.items, return_index=True)[1]
    counts = np.diff([*starts, len(found.items)])
    means = np.add.reduceat(each, starts, axis=1) / counts[:, None]
    truth = found.labels[starts]
    # By log loss rather than by accuracy: of few examples many shrinkages have all right, and the
    # threshold below needs probabilities that rank well.
    right = means[:, np.arange(len(truth)), truth]
    best = int(np.argmin(-np.log(np.maximum(right, 1e-9)).mean(axis=1)))
    answers = Predictions(starts, truth, means[best].astype(np.float32), found.names)
    return answers, tried[best], familiarity


def _parts(found: Examples, seed: int) -> NDArray[np.int64]:
    """``(n,)`` the part of the cross-validation each example is in: all of a group in one."""
    # Variants differ in color alone: one of them in training would make the other a known item.
    groups, first = np.unique(found.groups, return_index=True)
    drawn = np.random.default_rng(seed).permutation(len(groups))
    # By label one after another, so that every part has some of each.
    order = drawn[np.argsort(found.labels[first[drawn]], kind="stable")]
    part = np.empty(len(groups), np.int64)
    part[order] = np.arange(len(groups)) % FEWEST
    return part[np.searchsorted(groups, found.groups)]


def _tried(learning: Learning, shrinkages: Sequence[float], *, rooted: bool) -> Iterator[Tried]:
    return DISCRIMINANT.shrunk(learning, shrinkages, silent, rooted=rooted)


def _learning(found: Examples) -> Learning:
    return Learning(found.points, found.labels, len(found.names))


def _facts(answers: Predictions, threshold: float | None) -> dict[str, object]:
    """What cross-validation says of a head."""
    right = answers.predicted == answers.labels
    low, high = wilson(int(right.sum()), len(right))
    given = np.zeros(len(right), bool) if threshold is None else answers.confidence >= threshold
    return {
        "examples": len(right),
        "accuracy": [float(right.mean()), float(low), float(high)],
        "answered": float(given.mean()),
        "right_of_answered": float(right[given].mean()) if given.any() else None,
    }
