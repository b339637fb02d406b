"""Duplicates: which images are in the set more than once, and whether their labels agree."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from hangtag.records import Finding
from hangtag.rooms.audit.check import Checked, Context
from hangtag.rooms.audit.copies import DIFFERENCE, LEVELS, describe
from hangtag.rooms.audit.likeness import correlation
from hangtag.rooms.audit.votes import outvoted

MANY = 0.05  # proportion of images in groups from which a random split misleads
DOUBTFUL = 0.2  # proportion of groups with several labels from which the limits are in doubt, too


def check(context: Context) -> Checked:
    """Find copies and near-copies, wherever they are; ``leaks`` says which cross parts."""
    copies = context.copies
    exact = members(copies.exact)
    near = [group for group in members(copies.groups) if len(np.unique(copies.exact[group])) > 1]
    findings = [
        *(_finding(context, group, "exact") for group in exact),
        *(_finding(context, group, "near") for group in near),
    ]
    findings.sort(key=lambda finding: (not finding.kind.endswith("conflict"), finding.kind))
    facts = _facts(context, exact, near)
    facts["conflicts"] = sum(finding.kind.endswith("conflict") for finding in findings)
    facts["outvoted"] = int((outvoted(copies.groups, context.images.labels) >= 0).sum())
    return Checked(facts, tuple(findings), _cautions(facts))


def members(numbers: NDArray[np.int64]) -> list[NDArray[np.int64]]:
    """The indices of every group of at least two, in order of their first member."""
    order = np.argsort(numbers, kind="stable")
    starts = np.flatnonzero(np.diff(numbers[order], prepend=-1))
    groups = [group for group in np.split(order, starts[1:]) if len(group) > 1]
    return sorted(groups, key=lambda group: int(group[0]))


def _finding(context: Context, group: NDArray[np.int64], kind: str) -> Finding:
    labels = context.images.labels[group]
    known, counts = np.unique(labels[labels >= 0], return_counts=True)
    alike = "equal in every pixel" if kind == "exact" else "near-copies of each other"
    message = f"{len(group)} images are {alike}"
    indices = tuple(group.tolist())
    if len(known) < 2:
        severity = "warning" if kind == "exact" else "info"
        return context.finding("duplicates", severity, indices, message, kind=kind)
    names = [context.images.class_names[label] for label in known]
    named = ", ".join(f"{name} ({count})" for name, count in zip(names, counts, strict=True))
    voted = outvoted(np.zeros(len(group), np.int64), labels).max()
    return context.finding(
        "duplicates",
        "serious" if kind == "exact" else "warning",
        indices,
        f"copies with different labels: {message} but labelled {named}",
        kind=f"{kind} conflict",
        suggestion=context.images.class_names[voted] if voted >= 0 else "",
    )


def _facts(
    context: Context, exact: list[NDArray[np.int64]], near: list[NDArray[np.int64]]
) -> dict[str, Any]:
    copies, n = context.copies, len(context.images)
    sizes = np.bincount(copies.groups)
    grouped = int(sizes[sizes > 1].sum())
    return {
        "images": n,
        "exact_groups": len(exact),
        "exact_images": sum(map(len, exact)),
        "near_groups": len(near),
        "near_pairs": len(copies.pairs),
        "images_with_a_copy": grouped,
        "share_with_a_copy": grouped / n,
        "groups": len(sizes),
        "largest_group": int(sizes.max()),
        "typical_group": float(np.median(sizes[copies.groups])),
        "near_grey_levels": LEVELS,
        "near_correlation": correlation(DIFFERENCE),
        "why_near": describe(copies),
        "shrunk_for_comparing": context.likeness.shrunk,
        "flat_images_not_compared": n - len(context.likeness.comparable),
        **_by_features(context),
    }


def _by_features(context: Context) -> dict[str, Any]:
    copies = context.copies
    if context.sight is None or copies.limit is None:
        return {}
    return {
        "features": context.sight.name,
        "near_cosine_distance": copies.limit,
        "altered_found": {name: round(proportion, 3) for name, proportion in copies.found.items()},
    }


def _cautions(facts: dict[str, Any]) -> tuple[str, ...]:
    cautions = []
    if facts["share_with_a_copy"] >= MANY:
        cautions.append(
            f"{facts['images_with_a_copy']:,} of {facts['images']:,} images have a copy or"
            f" near-copy in the set (groups of {facts['typical_group']:.0f} as a rule); a random"
            " split puts copies on both sides and its scores measure memory: split by groups"
            " (hangtag audit … --write-split split.npz --split stratified-grouped:0.2)"
        )
    if facts["conflicts"]:
        cautions.append(_disagreement(facts))
    return tuple(cautions)


def _disagreement(facts: dict[str, Any]) -> str:
    count, groups = facts["conflicts"], facts["exact_groups"] + facts["near_groups"]
    said = (
        f"{count} group{'s' if count > 1 else ''} of copies or near-copies"
        f" {'have' if count > 1 else 'has'} more than one label; at most one of them is right"
    )
    if count < DOUBTFUL * groups:
        return said
    return (
        f"{said}, or images of different classes are as alike as copies here: look at some of the"
        f" {groups:,} groups before believing either"
    )
