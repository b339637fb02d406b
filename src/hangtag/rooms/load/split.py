"""Recipes for dividing a set: ImageSet and recipe in, Split out.

A recipe is ``METHOD[:AMOUNT][+test:AMOUNT]``, such as ``last:12000`` or
``stratified:0.2+test:0.2``. METHOD says how validation images are taken from those that are not
test images; AMOUNT is a number of images, a decimal proportion or a ratio (``1/6``). Proportions
count in the images there are before any is taken. To add a method: one function and a line in
:data:`METHODS`.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hangtag.errors import SplitError, nearest
from hangtag.records import ImageSet, Split
from hangtag.rooms.load import apart, draws
from hangtag.rooms.load.draws import Indices, Taken
from hangtag.rooms.load.splits_saved import SAVED, open_split


@dataclass(frozen=True)
class Recipe:
    """A recipe, taken apart.

    Attributes:
        text: As it was written.
        method: A key of :data:`METHODS`, or ``official``.
        validation: How much to take for validation; None for none.
        test: How much to take for the test; None to use the source's own test part.
    """

    text: str
    method: str
    validation: int | Fraction | None
    test: int | Fraction | None


def split(
    images: ImageSet, recipe: str = "auto", *, seed: int = 0, groups: NDArray[Any] | None = None
) -> Split:
    """Divide `images` into training, validation and test images.

    The source's own test part stays the test part. Its own validation part is kept by
    ``official`` and ``few`` and joined to the training images by every other method. Images without
    a label are in no part of the split.

    Args:
        images: The set.
        recipe: ``official``, ``last:…``, ``fraction:…``, ``stratified:…``, ``grouped:…``,
            ``few:20`` (so many of each class train; the source's own validation part chooses, or
            all others), each but ``official`` with an amount; ``+test:…`` for sources without a
            test part; ``saved:PATH`` for a split that was saved; ``auto``: ``official`` if the
            source has validation and test parts, ``stratified:0.2`` if it has only a test part, and
            ``stratified:0.2+test:0.2`` (60/20/20) if it has none.
        seed: Of the random methods.
        groups: ``(len(images),)`` group of each image, for ``grouped`` and ``stratified-grouped``:
            images of one group are never divided. A set that has groups of its own is divided by
            them, too, whichever of the random methods is asked for.

    Returns:
        The split, with ``auto`` replaced by what it stood for. Indices come in the order that
        scikit-learn gives for ``fraction`` and ``stratified``, and rising otherwise.

    Raises:
        SplitError: The recipe is unknown or the images cannot be divided that way.

    Example:
        >>> split(load("digits"), "stratified:0.2+test:0.2", seed=1).test.shape
        (360,)
    """
    # A saved split carries indices of its own and draws nothing: seed and amounts have no say.
    if recipe.startswith(SAVED):
        saved = open_split(Path(recipe.removeprefix(SAVED)), images)
        return replace(saved, notes=(*saved.notes, *_by_groups(images, _sides(saved))))
    if not 0 <= seed < MOST_SEEDS:
        raise SplitError(f"the seed {seed} cannot be", f"give one from 0 to {MOST_SEEDS - 1}")
    asked, groups = _asked(images, recipe, groups)
    pool, test = _pool_and_test(images, asked)
    _check_sides(asked, pool, groups)
    rest, validation = pool, np.empty(0, np.int64)
    if asked.method == "official":
        rest, validation = _own(images, "train"), _own(images, "validation")
    # The test comes out first, of all images: how large validation is must not change which images
    # wait for the test.
    if asked.test is not None:
        rest, test = _take(images, pool, asked, asked.test, len(pool), seed, groups)
    if asked.method == "few":
        rest, validation = _few(images, rest, asked, seed)
    elif asked.validation is not None:
        # Proportions count in the whole pool and not in what the test has left, so that 0.2 and 0.2
        # are the 60/20/20 that people mean.
        rest, validation = _take(images, rest, asked, asked.validation, len(pool), seed, groups)
    if not len(rest):
        raise SplitError(f"{asked.text} leaves no training image", "take fewer images away")
    sides = {"training": rest, "validation": validation, "test": test}
    return Split(
        recipe=asked.text,
        seed=seed if asked.method in RANDOM else None,
        train=rest,
        validation=validation,
        test=test,
        fingerprint=images.fingerprint,
        notes=(*_notes(images, sides), *_by_groups(images, sides)),
    )


def _asked(
    images: ImageSet, recipe: str, groups: NDArray[Any] | None
) -> tuple[Recipe, NDArray[Any] | None]:
    """The recipe taken apart, and the groups that it goes by."""
    asked = parse(automatic(images) if recipe == "auto" else recipe)
    if images.groups is not None:
        asked = _together(asked)
        groups = images.groups if groups is None else apart.joined(images.groups, groups)
    _check_groups(asked, images, groups)
    return asked, groups


def _check_sides(asked: Recipe, pool: Indices, groups: NDArray[Any] | None) -> None:
    if asked.method == BY_GROUPS and groups is not None:
        amounts = (asked.validation, asked.test)
        apart.check_sides(pool, groups, 1 + sum(one is not None for one in amounts))


def _together(asked: Recipe) -> Recipe:
    """The recipe that keeps groups together and is otherwise the nearest to what was asked.

    Raises:
        SplitError: There is none.
    """
    if asked.method in ("official", "grouped", BY_GROUPS):
        return asked
    if asked.method not in ("stratified", "fraction"):
        raise SplitError(
            f"'{asked.text}' would part groups of images that belong together",
            "use stratified:0.2, which keeps them together, or leave --group away",
        )
    return replace(asked, method=BY_GROUPS, text=asked.text.replace(asked.method, BY_GROUPS, 1))


def _sides(split: Split) -> dict[str, Indices]:
    return {"training": split.train, "validation": split.validation, "test": split.test}


def _by_groups(images: ImageSet, sides: dict[str, Indices]) -> tuple[str, ...]:
    return () if images.groups is None else apart.notes(images.groups, sides)


def _notes(images: ImageSet, sets: dict[str, Indices]) -> tuple[str, ...]:
    """Which classes are missing from which part of a split, and labels that a test part lacks."""
    counts = images.counts()
    said = []
    for name, rows in sets.items():
        here = np.bincount(images.labels[rows], minlength=images.n_classes)
        # A class that the whole set lacks is no fault of the split.
        missing = np.flatnonzero((counts > 0) & (here == 0))
        if len(rows) and len(missing):
            shown = [f"{images.class_names[one]} ({counts[one]} in all)" for one in missing[:5]]
            more = f" and {len(missing) - 5} more" if len(missing) > 5 else ""
            said.append(f"no {name} image of {', '.join(shown)}{more}")
    own = images.parts.get("test", range(0))
    if len(own) and not len(_own(images, "test")):
        said.append(f"the source's own test part of {len(own)} images has no labels: not used")
    return tuple(said)


def parse(text: str) -> Recipe:
    """Take a recipe apart.

    Raises:
        SplitError: It is not one.
    """
    first, *more = [piece.strip() for piece in text.split("+")]
    method, colon, amount = first.partition(":")
    if method != "official" and method not in METHODS:
        raise SplitError(
            f"'{text}' is not a way to split", nearest(method, ("auto", "official", *METHODS))
        )
    if method == "official" and (colon or more):
        raise SplitError(
            f"'{text}': official is the source's own split, nothing can be added to it",
            "use stratified:0.2 to take validation images, +test:0.2 to take test images",
        )
    if method != "official" and not amount:
        raise SplitError(f"'{text}' does not say how much", f"such as {method}:0.2")
    if len(more) > 1 or (more and not more[0].startswith("test:")):
        raise SplitError(
            f"'{text}' is not a way to split", f"write {method}:{amount}, or add +test:0.2"
        )
    return Recipe(
        text=text,
        method=method,
        validation=_amount(text, amount) if amount else None,
        test=_amount(text, more[0].removeprefix("test:")) if more else None,
    )


def automatic(images: ImageSet) -> str:
    """The recipe that ``auto`` stands for; a part without labels is none to validate or test on."""
    has = {part for part in images.parts if len(_own(images, part))}
    if {"train", "validation", "test"} <= has:
        return "official"
    return "stratified:0.2" if {"train", "test"} <= has else "stratified:0.2+test:0.2"


def _last(order: Indices, n: int, *_: object) -> Taken:
    return order[:-n], order[-n:]


def _fraction(order: Indices, n: int, seed: int, *_: object) -> Taken:
    """The indices of scikit-learn's ShuffleSplit and train_test_split for this seed."""
    return draws.any_of(order, n, seed)


def _stratified(order: Indices, n: int, seed: int, labels: Indices, _: object) -> Taken:
    """The indices of scikit-learn's StratifiedShuffleSplit for this seed.

    It refuses classes of one image and fewer images than classes. A class of one image stays with
    those that train; of so few images as many are drawn from all classes together.
    """
    of_class = np.bincount(labels[order])
    # A class of one image can be on one side only; scikit-learn gives up there, and real folders
    # have such classes.
    several = of_class[labels[order]] > 1
    alike, single = order[several], order[~several]
    n_classes = int((of_class > 1).sum())
    if min(n, len(alike) - n) < n_classes or n_classes < 1:
        return draws.any_of(order, n, seed)
    kept, taken = draws.by_class(alike, n, seed, labels[alike])
    return np.concatenate([kept, single]), taken


def _grouped(order: Indices, n: int, seed: int, _: object, groups: NDArray[Any]) -> Taken:
    """Whole groups in random order, each if it still fits, until `n` images are taken."""
    names, which, sizes = np.unique(groups[order], return_inverse=True, return_counts=True)
    chosen = np.zeros(len(names), bool)
    missing = n
    for group in np.random.default_rng(seed).permutation(len(names)):
        if sizes[group] <= missing:
            chosen[group] = True
            missing -= int(sizes[group])
    if not chosen.any():
        raise SplitError(
            f"no group is small enough to take {n} of {len(order)} images;"
            f" the smallest has {sizes.min()}",
            "take more images",
        )
    taken = chosen[which]
    return order[~taken], order[taken]


def _few(images: ImageSet, order: Indices, asked: Recipe, seed: int) -> Taken:
    """So many of each class to train with, and to choose by the source's own part, or the rest."""
    if not isinstance(asked.validation, int):
        raise SplitError(f"'{asked.text}': a number of images a class is wanted", "such as few:20")
    own = np.intersect1d(_own(images, "validation"), order)
    shuffled = np.random.default_rng(seed).permutation(np.setdiff1d(order, own))
    labels = images.labels[shuffled]
    drawn = [shuffled[labels == one][: asked.validation] for one in np.unique(labels)]
    kept = np.sort(np.concatenate(drawn)) if drawn else order[:0]
    return kept, own if len(own) else np.setdiff1d(shuffled, kept)


METHODS: dict[str, Callable[..., Taken]] = {
    "last": _last,
    "fraction": _fraction,
    "stratified": _stratified,
    "grouped": _grouped,
    "stratified-grouped": apart.whole_groups,
    "few": _stratified,  # test images; who trains is drawn by `_few`
}
"""Each takes (indices, number to take, seed, labels, groups) and gives (kept, taken)."""

MOST_SEEDS = 1 << 32
"""NumPy's generators, which scikit-learn draws with, take no larger seed."""

BY_GROUPS = "stratified-grouped"
RANDOM = ("fraction", "stratified", "grouped", BY_GROUPS, "few")
"""Methods whose result depends on the seed."""


def _take(
    images: ImageSet,
    order: Indices,
    asked: Recipe,
    amount: int | Fraction,
    n_all: int,
    seed: int,
    groups: NDArray[Any] | None,
) -> Taken:
    # Rounded up from the float product, as scikit-learn does, so that its indices come out.
    n = amount if isinstance(amount, int) else math.ceil(float(amount) * n_all)
    if n >= len(order):
        raise SplitError(
            f"{asked.text} takes {n} images, but only {len(order)} are there to take from"
            " and some must be left for training",
            "take fewer",
        )
    return METHODS[asked.method](order, n, seed, images.labels, groups)


def _pool_and_test(images: ImageSet, asked: Recipe) -> Taken:
    test = _own(images, "test")
    if len(test) and asked.test is not None:
        raise SplitError(
            f"{images.name} already has a test part of {len(test)} images",
            f"leave out the +test of '{asked.text}'",
        )
    if asked.method == "official" and not {"train", "test"} <= set(images.parts):
        raise SplitError(
            f"{images.name} has no split of its own; its parts are {', '.join(images.parts)}",
            "use stratified:0.2+test:0.2, or auto",
        )
    others = [_own(images, part) for part in images.parts if part != "test"]
    pool = np.concatenate([np.empty(0, np.int64), *others])
    if not len(pool):
        among = " besides its test part" if len(test) else ""
        raise SplitError(
            f"{images.name} has no labelled image{among}, so there is nothing to train with",
            "put each image into a folder called by its class, or give a table of file names and"
            " labels",
        )
    return pool, test


def _own(images: ImageSet, part: str) -> Indices:
    where = images.parts.get(part, range(0))
    rows = np.arange(where.start, where.stop, dtype=np.int64)
    # An image without a label can neither teach nor be scored; it is in no part.
    return rows[images.labels[rows] >= 0]


def _check_groups(asked: Recipe, images: ImageSet, groups: NDArray[Any] | None) -> None:
    if asked.method not in ("grouped", BY_GROUPS):
        return
    if groups is None:
        raise SplitError(
            f"{asked.method} needs to know which images belong together",
            "say it by --group COLUMN, or give groups, one for each image; the audit finds "
            "near-duplicates",
        )
    if groups.shape != (len(images),):
        raise SplitError(
            f"there are {groups.shape} groups for {len(images)} images", "give one for each image"
        )


def _amount(text: str, written: str) -> int | Fraction:
    wrong = SplitError(
        f"'{text}': '{written}' is not an amount",
        "give a number of images (12000), a proportion (0.2) or a ratio (1/6), above 0",
    )
    # Fraction takes 1_000 and digits of other scripts, which nobody means.
    if not written.isascii() or len(written) > 20 or "_" in written:
        raise wrong
    # It also works out every digit of 1e999999999, which takes for ever; a float does not.
    if "e" in written.lower() and not _is_of_a_size(written):
        raise wrong
    try:
        # As fractions and not floats: a tenth of 70,000 must be 7,000 whatever binary makes of 0.1.
        amount = int(written) if written.isdigit() else Fraction(written)
    except (ValueError, ZeroDivisionError):
        raise wrong from None
    if amount <= 0:
        raise wrong
    if isinstance(amount, Fraction) and amount >= 1:
        raise SplitError(
            f"'{text}': a proportion must be below 1; got {written}", "leave images for training"
        )
    return amount


def _is_of_a_size(written: str) -> bool:
    """Whether a number with an exponent is one that a proportion or a number of images can be."""
    try:
        return 1e-9 < float(written) < 1e12
    except ValueError:
        return False
