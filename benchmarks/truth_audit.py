"""What the audit finds of faults that were planted, and what it takes for faults that are none.

Copies, wrong labels and odd images are put into images of two real sets by a seed, so that it
is known what should be found. ``python -m benchmarks truth_audit`` measures it and writes the
table; ``tests/rooms/audit/test_truth.py`` holds a short form of it.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from hangtag.records import Findings, ImageSet

TITLE = "Audit: planted copies, wrong labels and odd images"
IMAGES, EACH, ODD = 10_000, 100, 10
FLIPS = (0, 10, 100, 500)
SEEDS = (0, 1, 2)
FIRST = 50
SETS = ("fashion-mnist", "sign-mnist")


def _lighter(image: NDArray[np.uint8], by: int) -> NDArray[np.uint8]:
    return np.clip(image.astype(int) + by, 0, 255).astype(np.uint8)


def _saved(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    from PIL import Image

    file = io.BytesIO()
    Image.fromarray(image[..., 0]).save(file, "JPEG", quality=80)
    return np.asarray(Image.open(file))[..., None]


def _moved(image: NDArray[np.uint8], number: int) -> NDArray[np.uint8]:
    """One pixel to one of four sides; what comes in is black, the rim's, or from the other side."""
    down, right = ((0, 1), (1, 0), (0, -1), (-1, 0))[number % 4]
    mode = ("constant", "edge", "wrap")[number // 4 % 3]
    wide = np.pad(image, ((1, 1), (1, 1), (0, 0)), mode=mode)
    height, width = image.shape[:2]
    return wide[1 - down : 1 - down + height, 1 - right : 1 - right + width]


COPIED: dict[str, Callable[[NDArray[np.uint8], int], NDArray[np.uint8]]] = {
    "equal": lambda image, _: image,
    "brightness ± 10": lambda image, number: _lighter(image, 10 if number % 2 else -10),
    "JPEG, quality 80": lambda image, _: _saved(image),
    "moved by 1 pixel": _moved,
}
"""How a copy is altered, given an image and its number."""


def _shuffled(image: NDArray[np.uint8], random: np.random.Generator) -> NDArray[np.uint8]:
    side = image.shape[0] // 4 * 4
    tiles = image[:side, :side].reshape(4, side // 4, 4, side // 4, -1).swapaxes(1, 2)
    mixed = tiles.reshape(16, *tiles.shape[2:])[random.permutation(16)].reshape(tiles.shape)
    out = image.copy()
    out[:side, :side] = mixed.swapaxes(1, 2).reshape(side, side, -1)
    return out


@dataclass(frozen=True, eq=False)
class Copied:
    """What came of planted copies.

    Attributes:
        found: For each alteration, the proportion of copies found in one group with their original.
        leaked: The same of copies, which are in the test part, that `leaks` reports.
        mixed: Groups that hold images of different true classes: surely false.
        natural: Groups among the images as they were, before anything was planted.
        conflicts: Pairs of planted copy and original whose labels were flipped apart.
        said: How many of these are in a finding "copies with different labels".
    """

    found: dict[str, float]
    leaked: dict[str, float]
    mixed: int
    natural: int
    conflicts: int
    said: int


def drawn(images: ImageSet, count: int, seed: int) -> tuple[ImageSet, np.random.Generator]:
    """That many images of a set's first part, and the random numbers to go on with."""
    random = np.random.default_rng(seed)
    where = next(iter(images.parts.values()))
    chosen = where.start + random.permutation(len(where))[:count]
    some = replace(images.take(chosen), parts={"all": range(count)}, ids=None)
    return some, random


def flipped(
    labels: NDArray[np.int64], n_classes: int, count: int, random: np.random.Generator
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Labels, some of which are moved to any other class, and which these are."""
    chosen = random.permutation(len(labels))[:count]
    moved = labels.copy()
    moved[chosen] = (moved[chosen] + random.integers(1, n_classes, count)) % n_classes
    return moved, chosen


def copies(images: ImageSet, count: int, each: int, flips: int, seed: int) -> Copied:
    """Plant copies of training images in a test part, flip labels, and look for the copies."""
    from hangtag.rooms.audit import audit

    some, random = drawn(images, count, seed)
    originals = random.permutation(count)[: each * len(COPIED)].reshape(len(COPIED), each)
    planted = [
        alter(some.images[index], number)
        for alter, row in zip(COPIED.values(), originals, strict=True)
        for number, index in enumerate(row)
    ]
    pixels = np.concatenate([some.images, np.stack(planted)])
    truth = np.concatenate([some.labels, some.labels[originals.ravel()]])
    labels, _ = flipped(truth, images.n_classes, flips, random)
    parts = {"train": range(count), "test": range(count, len(pixels))}
    whole = replace(some, images=pixels, labels=labels, parts=parts)
    found = audit(whole, checks=("duplicates", "leaks"))
    return _scored(found, truth, labels, originals, count)


def _scored(
    found: Findings,
    truth: NDArray[np.int64],
    labels: NDArray[np.int64],
    originals: NDArray[np.int64],
    count: int,
) -> Copied:
    groups = found.groups
    assert groups is not None
    copy = np.arange(count, len(truth))
    original = originals.ravel()
    together = (groups[copy] == groups[original]).reshape(originals.shape).mean(axis=1)
    leaking = np.isin(copy, [one.indices[0] for one in found.of("leaks")])
    leaked = leaking.reshape(originals.shape).mean(axis=1)
    apart = labels[copy] != labels[original]
    said = [set(one.indices) for one in found.of("duplicates") if one.kind.endswith("conflict")]
    pairs = list(zip(copy[apart].tolist(), original[apart].tolist(), strict=True))
    return Copied(
        dict(zip(COPIED, together.tolist(), strict=True)),
        dict(zip(COPIED, leaked.tolist(), strict=True)),
        sum(len(set(truth[groups == group])) > 1 for group in _shared(groups)),
        len(_shared(groups[:count])),
        len(pairs),
        sum(any({one, other} <= group for group in said) for one, other in pairs),
    )


def _shared(groups: NDArray[np.int64]) -> NDArray[np.int64]:
    names, sizes = np.unique(groups, return_counts=True)
    return names[sizes > 1]


@dataclass(frozen=True, eq=False)
class Doubted:
    """What came of flipped labels.

    Attributes:
        first: Proportion of flips among the first fifty doubts, or as many as were flipped if
            fewer.
        found: Proportion of flips among all doubts.
        clear: Clear doubts.
        clear_right: How many of these were flipped.
    """

    first: float
    found: float
    clear: int
    clear_right: int


def labels(images: ImageSet, count: int, flips: int, seed: int, *, alike: bool = False) -> Doubted:
    """Flip labels, to any class or to that of the nearest image of another, and doubt them."""
    from hangtag.rooms.audit import audit

    some, random = drawn(images, count, seed)
    moved, chosen = flipped(some.labels, images.n_classes, flips, random)
    if alike:
        moved[chosen] = _neighbours_class(some, chosen)
    found = audit(replace(some, labels=moved), checks=("labels",)).of("labels")
    hit = np.asarray([np.isin(one.indices[0], chosen) for one in found], np.bool_)
    clear = np.asarray([one.severity == "warning" for one in found], np.bool_)
    first = hit[: min(FIRST, flips)]
    return Doubted(
        float(first.sum() / max(1, min(FIRST, flips))),
        float(hit.sum() / max(1, flips)),
        int(clear.sum()),
        int((clear & hit).sum()),
    )


def _neighbours_class(images: ImageSet, chosen: NDArray[np.int64]) -> NDArray[np.int64]:
    from hangtag.geometry import nearest_neighbours

    points = images.images.reshape(len(images), -1)
    out = images.labels[chosen].copy()
    for label in np.unique(out):
        mine = np.flatnonzero(images.labels[chosen] == label)
        others = np.flatnonzero(images.labels != label)
        near = nearest_neighbours(points[others], k=1, queries=points[chosen[mine]])
        out[mine] = images.labels[others[near.indices[:, 0]]]
    return out


@dataclass(frozen=True, eq=False)
class Odd:
    """What came of planted odd images.

    Attributes:
        first: Proportion of planted ones among as many of the first outliers as were planted.
        found: For each kind, the proportion reported.
        reported: Outliers reported, planted or not.
        right: How many of these were planted.
    """

    first: float
    found: dict[str, float]
    reported: int
    right: int


def outliers(images: ImageSet, other: ImageSet, count: int, each: int, seed: int) -> Odd:
    """Put odd images in the place of some, and look for outliers."""
    from hangtag.rooms.audit import audit

    some, random = drawn(images, count, seed)
    foreign, _ = drawn(other, each, seed)
    at = random.permutation(count)[: 5 * each].reshape(5, each)
    pixels = some.images.copy()
    pixels[at[0]] = random.integers(0, 256, pixels[at[0]].shape)
    pixels[at[1]] = 255 - pixels[at[1]]
    pixels[at[2]] = foreign.images
    pixels[at[3]] = np.rot90(pixels[at[3]], axes=(1, 2))
    pixels[at[4]] = [_shuffled(image, random) for image in pixels[at[4]]]
    found = audit(replace(some, images=pixels), checks=("outliers",)).of("outliers")
    reported = np.asarray([one.indices[0] for one in found], np.int64)
    kinds = ("noise", "negatives", "the other set's", "turned", "tiles shuffled")
    return Odd(
        float(np.isin(reported[: at.size], at).sum() / at.size),
        {kind: float(np.isin(row, reported).mean()) for kind, row in zip(kinds, at, strict=True)},
        len(reported),
        int(np.isin(reported, at).sum()),
    )


def run() -> str:
    """Measure and describe."""
    import hangtag

    sets = {name: hangtag.load(name) for name in SETS}
    parts = (_told_copies, _told_singles, _told_labels, _told_outliers)
    return "\n\n".join("\n".join(part(sets)) for part in parts)


def _table(*header: str) -> str:
    return "| " + " | ".join(header) + " |\n|" + "---|" * len(header)


def _row(*cells: object) -> str:
    return "| " + " | ".join(str(cell) for cell in cells) + " |"


def _told_copies(sets: dict[str, ImageSet]) -> Iterator[str]:
    yield (
        f"**Copies.** {EACH} altered copies of each kind in the test part, of {IMAGES:,} training"
        f" images, and labels flipped among all of them; seed {SEEDS[0]}. A group that holds"
        " images of different true classes is surely false; Sign-Language-MNIST consists of"
        " near-copies, so that groups without planted ones are no false alarms there. Bars: .95,"
        " moved .8, leaks 1.\n"
    )
    yield _table(
        "set", "labels flipped", *COPIED, "the same, as leaks", "groups of several classes",
        "groups without planted copies", "with different labels: reported",
    )  # fmt: skip
    for name, images in sets.items():
        for flips in FLIPS:
            one = copies(images, IMAGES, EACH, flips, SEEDS[0])
            said = f"{one.said} of {one.conflicts}"
            found = (f"{proportion:.2f}" for proportion in one.found.values())
            leaked = " · ".join(f"{proportion:.2f}" for proportion in one.leaked.values())
            yield _row(name, flips, *found, leaked, one.mixed, f"{one.natural:,}", said)


def _told_singles(sets: dict[str, ImageSet]) -> Iterator[str]:
    yield (
        "**False groups.** Images as they are: groups the audit forms. Of Fashion-MNIST 6,000"
        " drawn by each seed (bar: 5 at most; some are true, since the set has near-copies of its"
        " own).\n"
    )
    yield _table("set", "images", "groups, by seed")
    from hangtag.rooms.audit import audit

    counts = []
    for seed in SEEDS:
        some, _ = drawn(sets["fashion-mnist"], 6000, seed)
        facts = audit(some, checks=("duplicates",)).checks["duplicates"]
        counts.append(str(facts["near_groups"] + facts["exact_groups"]))
    yield _row("fashion-mnist", "6,000", " · ".join(counts))


def _told_labels(sets: dict[str, ImageSet]) -> Iterator[str]:
    yield (
        f"**Wrong labels.** {IMAGES:,} training images, labels flipped to any other class, or"
        " to that of the nearest image of another class, where hardly anybody could tell; by"
        f" seed {' · '.join(map(str, SEEDS))}. Bar: .8 of the first {FIRST} doubts at 100 flips or"
        " more.\n"
    )
    yield _table(
        "set", "flipped", f"of the first {FIRST} (or as many as flipped)", "of all flips doubted",
        "clear doubts that were flipped",
    )  # fmt: skip
    for name, images in sets.items():
        for flips in (0, 100, 500):
            for alike in (False, True) if flips == 100 else (False,):
                found = [labels(images, IMAGES, flips, seed, alike=alike) for seed in SEEDS]
                yield _row(
                    name,
                    f"{flips}, to the nearest other class" if alike else flips,
                    " · ".join(f"{one.first:.2f}" for one in found) if flips else "",
                    " · ".join(f"{one.found:.2f}" for one in found) if flips else "",
                    " · ".join(f"{one.clear_right} of {one.clear}" for one in found),
                )


def _told_outliers(sets: dict[str, ImageSet]) -> Iterator[str]:
    yield (
        f"**Odd images.** {ODD} of each of five kinds in place of images among 6,000, and one"
        " of each; by seed.\n"
    )
    kinds = ("noise", "negatives", "the other set's", "turned", "tiles shuffled")
    yield _table("set", "planted", "among as many first", *kinds, "reported that were planted")
    names = list(sets)
    for name, other in zip(names, reversed(names), strict=True):
        for each in (ODD, 1):
            found = [outliers(sets[name], sets[other], 6000, each, seed) for seed in SEEDS]
            yield _row(
                name,
                5 * each,
                " · ".join(f"{one.first:.2f}" for one in found),
                *(f"{np.mean([one.found[kind] for one in found]):.2f}" for kind in kinds),
                " · ".join(f"{one.right} of {one.reported}" for one in found),
            )


if __name__ == "__main__":
    print(run())
