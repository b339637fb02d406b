"""Likely wrong labels: confident learning on probabilities from a model that has not seen them.

A picture's label is doubted when another class leads it, and is believed at least as much as the
pictures of *that* class believe in theirs on average (Northcutt, Jiang, Chuang: Confident Learning,
2021), or at 0.8: with flipped labels planted in three sets of digits, that limit raised the share
found from 0.76-0.88 to 0.94-1 and cost hardly a false alarm. This is a list to look through, not a
verdict: the model makes mistakes too, and where it doubts all copies of a picture, which agree with
each other, the mistake is more likely its own.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from hangtag.records import Finding
from hangtag.rooms.audit import model
from hangtag.rooms.audit.check import Checked, Context

CLEAR = 0.9  # probability by which the other class leads, from which a finding is a warning
ENOUGH = 0.8  # belief in the other class that is enough, whatever its average
FEWEST = 50  # labelled pictures without which no model is asked


def check(context: Context) -> Checked:
    """Find labels that a model of all other pictures does not believe."""
    images = context.images
    known = np.flatnonzero(images.labels >= 0)
    labels = images.labels[known]
    if len(known) < FEWEST or len(np.unique(labels)) < 2:
        return Checked({"note": f"too few labelled pictures to doubt labels: {len(known)}"})
    if len(np.unique(context.copies.exact[known])) < FEWEST:
        return Checked({"note": "too few different pictures to doubt labels"})
    probabilities = model.out_of_fold(
        context.likeness.pixels[known],
        labels,
        context.copies.groups[known],
        n_classes=images.n_classes,
        seed=context.seed,
        progress=context.progress,
    )
    doubted, instead, lead = doubts(probabilities, labels)
    findings = [
        _finding(context, int(known[at]), int(other), float(by), probabilities[at])
        for at, other, by in zip(doubted, instead, lead, strict=True)
    ]
    right = float(np.mean(probabilities.argmax(axis=1) == labels))
    clear = sum(finding.severity == "warning" for finding in findings)
    facts = {
        "model": "ridge regression on random Fourier features",
        "folds": model.FOLDS,
        "model_accuracy": right,
        "doubted": len(findings),
        "share_doubted": len(findings) / len(known),
        "clear": clear,
        "note": f"the model itself is wrong on {1 - right:.1%} of the labels it has not seen; look"
        f" at the {clear:,} clear doubts first",
    }
    return Checked(facts, tuple(findings))


def doubts(
    probabilities: NDArray[np.float32], labels: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float32]]:
    """The labels that confident learning doubts.

    Args:
        probabilities: ``(n, n_classes)`` float32, out of fold.
        labels: ``(n,)`` dense classes as given.

    Returns:
        Positions of doubted labels, the class that is likely instead, and the probability by which
        that class leads; the largest lead first.
    """
    rows = np.arange(len(labels))
    own = probabilities[rows, labels]
    counts = np.bincount(labels, minlength=probabilities.shape[1])
    sums = np.bincount(labels, weights=own, minlength=probabilities.shape[1])
    # A class without pictures believes nothing: no probability reaches 2.
    average = np.minimum(sums / np.maximum(counts, 1), ENOUGH)
    belief = np.where(counts > 0, average, 2.0)
    believed = np.where(probabilities >= belief, probabilities, 0)
    instead = believed.argmax(axis=1)
    lead = believed[rows, instead] - own
    doubted = np.flatnonzero((lead > 0) & (instead != labels))
    lead = lead[doubted]
    order = np.argsort(-lead, kind="stable")
    return doubted[order], instead[doubted][order], lead[order]


def _finding(
    context: Context, index: int, instead: int, lead: float, probabilities: NDArray[np.float32]
) -> Finding:
    label = int(context.images.labels[index])
    given, other = context.images.class_names[label], context.images.class_names[instead]
    message = (
        f"labelled {given} ({probabilities[label]:.0%}); a model of the other pictures says"
        f" {other} ({probabilities[instead]:.0%})"
    )
    severity = "warning" if lead >= CLEAR and not _copies_agree(context, index) else "info"
    return context.finding(
        "labels",
        severity,
        (index,),
        message,
        value=lead,
        kind=f"{given} > {other}",
        suggestion=other,
    )


def _copies_agree(context: Context, index: int) -> bool:
    """Whether the picture has copies or near-copies and all have its label."""
    group = np.flatnonzero(context.copies.groups == context.copies.groups[index])
    return len(group) > 1 and len(np.unique(context.images.labels[group])) == 1
