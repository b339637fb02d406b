"""What to leave out: findings and a split go in, indices to drop or a cleaner split come out.

The test part is never touched, so that a score stays comparable with everyone else's; what copies
it is taken out of training instead.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from hangtag.errors import OptionError, SplitError, nearest
from hangtag.records import Findings, Split

CAUSES = {
    "leaks": "copies and near-copies of validation or test images",
    "copies": "all but the first of images equal in every pixel",
    "near": "all but the first of near-copies, too",
    "blanks": "images of one grey level, or nearly",
    "labels": "images whose label is likely wrong",
    "outliers": "images far from all others of their class",
}
"""Why an image may be left out."""

USUAL = ("leaks", "copies", "blanks")


def indices_to_drop(
    findings: Findings, split: Split, *, because: Iterable[str] = USUAL
) -> NDArray[np.int64]:
    """Say which training and validation images of a split to leave out.

    Args:
        findings: Of an audit of the set the split divides.
        split: Any split of that set.
        because: Names out of :data:`CAUSES`.

    Returns:
        Rising indices, none of them in the test part.

    Raises:
        OptionError: A cause has no such name.
        SplitError: The findings are of another set, or copies were not looked for.
    """
    causes = set(because)
    for name in sorted(causes - CAUSES.keys()):
        raise OptionError(f"nothing is left out because of '{name}'", nearest(name, CAUSES))
    if findings.fingerprint != split.fingerprint:
        raise SplitError("the findings and the split are of different images")
    groups = _groups(findings, causes)
    # The test stays as it is whatever was found in it: a score on a cleaned test compares with
    # nobody's.
    usable = np.concatenate([split.train, split.validation])
    drop = [np.empty(0, np.int64)]
    for cause in causes & {"blanks", "labels", "outliers"}:
        named = [index for found in findings.of(cause) for index in found.indices]
        drop.append(np.asarray(named, np.int64))
    if "leaks" in causes:
        drop += _leaking(groups, split)
    if "near" in causes:
        drop.append(_repeated(groups, usable))
    elif "copies" in causes:
        drop += [np.intersect1d(group, usable)[1:] for group in _exact(findings)]
    return np.intersect1d(np.concatenate(drop), usable)


def clean_split(findings: Findings, split: Split, *, because: Iterable[str] = USUAL) -> Split:
    """The split without what :func:`indices_to_drop` names; the test part stays as it is.

    Raises:
        OptionError: A cause has no such name.
        SplitError: The findings are of another set, copies were not looked for, or nothing would
            be left to train on.
    """
    reasons = tuple(because)
    drop = indices_to_drop(findings, split, because=reasons)
    train = split.train[~np.isin(split.train, drop)]
    if not len(train):
        raise SplitError(f"without {', '.join(reasons)} no training images are left")
    return replace(
        split,
        recipe=f"{split.recipe}, without {' '.join(reasons)}",
        train=train,
        validation=split.validation[~np.isin(split.validation, drop)],
    )


def _groups(findings: Findings, causes: set[str]) -> NDArray[np.int64]:
    if findings.groups is not None:
        return findings.groups
    if causes & {"leaks", "copies", "near"}:
        raise SplitError(
            "the audit did not look for copies", "let it check duplicates, or drop for other causes"
        )
    return np.empty(0, np.int64)


def _leaking(groups: NDArray[np.int64], split: Split) -> list[NDArray[np.int64]]:
    tested = groups[split.test]
    held_out = np.concatenate([tested, groups[split.validation]])
    return [
        split.train[np.isin(groups[split.train], held_out)],
        split.validation[np.isin(groups[split.validation], tested)],
    ]


def _repeated(groups: NDArray[np.int64], usable: NDArray[np.int64]) -> NDArray[np.int64]:
    ordered = np.sort(usable)
    _, first = np.unique(groups[ordered], return_index=True)
    repeated: NDArray[np.int64] = np.delete(ordered, first)
    return repeated


def _exact(findings: Findings) -> list[NDArray[np.int64]]:
    return [
        np.asarray(found.indices, np.int64)
        for found in findings.of("duplicates")
        if found.kind.startswith("exact")
    ]
