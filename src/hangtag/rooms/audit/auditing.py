"""Running checks one after another: an image set goes in, its Findings come out."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import replace
from importlib import import_module

from hangtag.errors import OptionError, UsageError, nearest
from hangtag.geometry import Seen
from hangtag.progress import Progress, silent
from hangtag.records import Findings, ImageSet
from hangtag.records.findings import SEVERITIES
from hangtag.rooms.audit.check import Checked, Context

CHECKS = {
    "duplicates": "copies and near-copies, and whether their labels agree",
    "leaks": "copies and near-copies across parts, and how near the rest come",
    "classes": "empty and rare classes, gaps in the labels, parts with other proportions",
    "blanks": "images of one grey level, or nearly",
    "outliers": "images far from all others of their class",
    "labels": "labels that copies outvote or a model of all other images does not believe",
    "overstatement": "how optimistic a random split is, against a grouped one",
}
"""Each check and what it looks for; the file of that name in this folder has it."""

OPTIONAL = ("overstatement",)
"""Checks that only run when asked for: they train forests, for a minute or more."""


def audit(
    images: ImageSet,
    *,
    checks: Iterable[str] | None = None,
    seed: int = 0,
    seen: Seen | None = None,
    progress: Progress = silent,
) -> Findings:
    """Look for what is wrong with a set of images.

    Args:
        images: The set, all its parts.
        checks: Names out of :data:`CHECKS`; None runs all but the optional ones.
        seed: Draws samples and folds; the same seed finds the same.
        seen: What is seen of images beside their pixels: near-copies are those by pixels and
            those by features, and outliers, doubted labels and the forest of ``overstatement`` go
            by features. None for pixels alone.
        progress: Told how far it is, check by check.

    Returns:
        What each check measured, what it found, what must be said beside any score, and the
        groups that a grouped split keeps together (where duplicates or leaks were looked for).

    Raises:
        OptionError: A check has no such name.
        UsageError: There are fewer than two images.

    Example:
        >>> findings = audit(images, checks=("duplicates", "leaks"))
    """
    chosen = _chosen(checks)
    if len(images) < 2:
        raise UsageError(f"an audit compares images; {images.name} has {len(images)}")
    context = Context(images, seed, progress, seen)
    done: dict[str, Checked] = {}
    for number, name in enumerate(chosen):
        progress("audit", number, len(chosen), name)
        done[name] = _timed(name, context)
    progress("audit", len(chosen), len(chosen))
    return _gathered(context, done)


def _chosen(checks: Iterable[str] | None) -> tuple[str, ...]:
    if checks is None:
        return tuple(name for name in CHECKS if name not in OPTIONAL)
    wanted = set(checks)
    for name in sorted(wanted - CHECKS.keys()):
        raise OptionError(f"there is no check called '{name}'", nearest(name, CHECKS))
    return tuple(name for name in CHECKS if name in wanted)


def _timed(name: str, context: Context) -> Checked:
    begin = time.perf_counter()
    checked: Checked = import_module(f"hangtag.rooms.audit.{name}").check(context)
    seconds = round(time.perf_counter() - begin, 2)
    return replace(checked, facts={**checked.facts, "seconds": seconds})


def _gathered(context: Context, done: dict[str, Checked]) -> Findings:
    findings = [finding for checked in done.values() for finding in checked.findings]
    # What concerns the whole set names no images; it comes before what concerns a few of them.
    findings.sort(key=lambda one: (SEVERITIES.index(one.severity), bool(one.indices)))
    looked_for_copies = "copies" in vars(context)
    return Findings(
        fingerprint=context.images.fingerprint,
        checks={name: checked.facts for name, checked in done.items()},
        findings=tuple(findings),
        cautions=tuple(caution for checked in done.values() for caution in checked.cautions),
        groups=context.copies.groups if looked_for_copies else None,
    )
