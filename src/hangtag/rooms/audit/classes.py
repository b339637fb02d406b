"""Classes: are there images of each, about equally many, and as many in every part."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from hangtag.records import Finding, ImageSet
from hangtag.rooms.audit.check import Checked, Context

UNEQUAL, VERY_UNEQUAL = 3.0, 10.0  # largest class over smallest
SHIFT = 0.1  # proportion of a part's images that would have to change class
LEVEL = 1e-3  # chance of a shift as large as found, were the parts drawn alike


def check(context: Context) -> Checked:
    """Count classes in the set and in each part."""
    images = context.images
    findings = [*_empty(context), *_unequal(context), *_shifted(context), *_gaps(context)]
    unlabelled = np.flatnonzero(images.labels < 0)
    if len(unlabelled):
        message = f"{len(unlabelled)} images have no label"
        findings.append(
            context.finding(
                "classes", "info", tuple(unlabelled.tolist()), message, kind="unlabelled"
            )
        )
    counts = images.counts()
    facts: dict[str, Any] = {
        "counts": dict(zip(images.class_names, counts.tolist(), strict=True)),
        "ratio": float(counts.max() / counts.min()) if counts.size and counts.min() else None,
        "label_gaps": list(label_gaps(images)),
        "unlabelled": len(unlabelled),
    }
    return Checked(facts, tuple(findings), _cautions(findings))


def label_gaps(images: ImageSet) -> tuple[int, ...]:
    """Whole numbers between the smallest and the largest label code that no class has."""
    codes = [code for code in images.class_codes if isinstance(code, int)]
    if len(codes) < len(images.class_codes) or not codes:
        return ()
    return tuple(sorted(set(range(min(codes), max(codes))) - set(codes)))


def _empty(context: Context) -> list[Finding]:
    images, findings = context.images, []
    for part, where in images.parts.items():
        if not len(where) or not (images.labels[where.start : where.stop] >= 0).any():
            continue
        for label in np.flatnonzero(images.counts(part) == 0):
            name = images.class_names[label]
            message = f"no image in {part} is of class {name}"
            findings.append(context.finding("classes", "serious", (), message, kind="empty"))
    return findings


def _unequal(context: Context) -> list[Finding]:
    counts = context.images.counts()
    present = counts[counts > 0]
    if len(present) < 2 or present.max() < UNEQUAL * present.min():
        return []
    ratio = float(present.max() / present.min())
    names = context.images.class_names
    most, least = (
        names[int(counts.argmax())],
        names[int(np.flatnonzero(counts == present.min())[0])],
    )
    message = (
        f"{most} has {ratio:.1f} times the images of {least} ({present.max()} and {present.min()})"
    )
    severity = "serious" if ratio >= VERY_UNEQUAL else "warning"
    return [context.finding("classes", severity, (), message, value=ratio, kind="imbalance")]


def _shifted(context: Context) -> list[Finding]:
    images = context.images
    parts = [part for part in images.parts if images.counts(part).sum()]
    findings = []
    for part in parts[1:]:
        distance, chance = _shift(images.counts(parts[0]), images.counts(part))
        if chance >= LEVEL:
            continue
        message = (
            f"{distance:.1%} of the {part} images would have to change class for {part} to have"
            f" the class proportions of {parts[0]}"
        )
        severity = "warning" if distance >= SHIFT else "info"
        findings.append(
            context.finding("classes", severity, (), message, value=distance, kind="shift")
        )
    return findings


def _shift(one: NDArray[np.int64], other: NDArray[np.int64]) -> tuple[float, float]:
    """Total variation distance of two sets of counts, and Pearson's test that they are alike."""
    from scipy.stats import chi2_contingency

    table = np.stack([one, other])[:, (one + other) > 0]
    distance = float(np.abs(one / one.sum() - other / other.sum()).sum() / 2)
    return distance, float(chi2_contingency(table).pvalue) if table.shape[1] > 1 else 1.0


def _gaps(context: Context) -> list[Finding]:
    gaps = label_gaps(context.images)
    if not gaps:
        return []
    message = f"label codes {', '.join(map(str, gaps))} do not occur; classes are numbered without"
    return [context.finding("classes", "info", (), message, kind="gap")]


def _cautions(findings: list[Finding]) -> tuple[str, ...]:
    cautions = [f"{finding.message}" for finding in findings if finding.kind == "empty"]
    cautions += [
        f"{finding.message}: accuracy favours the large classes, look at recall by class"
        for finding in findings
        if finding.kind == "imbalance"
    ]
    return tuple(cautions)
