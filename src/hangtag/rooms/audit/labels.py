"""Likely wrong labels: what copies outvote, and what a model of all other images doubts.

Where an image's copies agree on another label, no model is needed (``votes.py``). Of the rest,
confident learning says which labels to doubt: another class leads, and is believed at least as much
as the images of *that* class believe in theirs on average (Northcutt, Jiang, Chuang: Confident
Learning, 2021), or at 0.8. Doubts are ranked by evidence: the probability by which the other class
leads, times how surprising the given label is there, which is the negative logarithm of how often
images that the model takes for the other class bear that label. Shirts that look like T-shirts
are common and say little; a shirt that looks like a boot says much. With one label in a hundred
flipped at random, this raised the proportion of flips among the first fifty doubts from 0.5-0.6 to
0.98-1 on clothes.

How far the list can be trusted is measured on the set itself: the same model learns a second time
from labels some of which were flipped on purpose, and the facts say how many of those it found and
how much else it doubted.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hangtag.records import Finding
from hangtag.rooms.audit import model
from hangtag.rooms.audit.check import Checked, Context
from hangtag.rooms.audit.gradients import gradients
from hangtag.rooms.audit.votes import outvoted

CLEAR = 4.0  # evidence from which a finding is a warning
ENOUGH = 0.8  # belief in the other class that is enough, whatever its average
FEWEST = 50  # labelled images without which no model is asked
FLIPPED = 0.01  # proportion of labels flipped on purpose, to measure with
FEWEST_FLIPPED = 10


@dataclass(frozen=True, eq=False)
class Doubts:
    """Doubted labels, the strongest evidence first.

    Attributes:
        at: ``(m,)`` positions; images that their copies outvote stand before all others.
        instead: ``(m,)`` the class that is likely instead.
        evidence: ``(m,)`` float64; infinite where copies outvote.
        clear: ``(m,)`` whether the evidence is strong and no copies agree with the label.
    """

    at: NDArray[np.int64]
    instead: NDArray[np.int64]
    evidence: NDArray[np.float64]
    clear: NDArray[np.bool_]


def check(context: Context) -> Checked:
    """Find labels that copies outvote or a model of all other images does not believe."""
    images = context.images
    known = np.flatnonzero(images.labels >= 0)
    labels = images.labels[known]
    if len(known) < FEWEST or len(np.unique(labels)) < 2:
        return Checked({"note": f"too few labelled images to doubt labels: {len(known)}"})
    if len(np.unique(context.copies.exact[known])) < FEWEST:
        return Checked({"note": "too few different images to doubt labels"})
    groups = context.copies.groups[known]
    # The set with planted mistakes is judged by the same code in the same pass: what it finds of
    # them is what this audit can find here.
    flipped, planted = _flipped(labels, images.n_classes, context.seed)
    believed, believed_planted = model.out_of_fold(
        _views(context, known),
        (labels, planted),
        groups,
        n_classes=images.n_classes,
        seed=context.seed,
        progress=context.progress,
    )
    found = judge(believed, labels, groups)
    findings = tuple(
        _finding(context, int(known[at]), found, place, believed[at])
        for place, at in enumerate(found.at.tolist())
    )
    facts = _facts(found, float(np.mean(believed.argmax(axis=1) == labels)), len(known))
    if context.sight is not None:
        facts["model"] = f"ridge regression on random Fourier features of {context.sight.name}"
    measured = _measured(judge(believed_planted, planted, groups), flipped)
    return Checked({**facts, "planted": measured, "note": _note(facts, measured)}, findings)


def _views(context: Context, known: NDArray[np.int64]) -> tuple[NDArray[Any], ...]:
    """What the model sees of images: pixels and their edges, or features."""
    if context.sight is not None:
        points = context.sight.points
        # Features of very many photographs are not copied where all are labelled.
        return (points if len(known) == len(points) else points[known],)
    return (context.likeness.pixels[known], gradients(context.likeness, known))


def judge(
    probabilities: NDArray[np.float32], labels: NDArray[np.int64], groups: NDArray[np.int64]
) -> Doubts:
    """Doubt labels and rank them by evidence.

    Args:
        probabilities: ``(n, n_classes)`` float32, out of fold.
        labels: ``(n,)`` dense classes as given.
        groups: ``(n,)`` equal for copies of each other.
    """
    voted = outvoted(groups, labels)
    first = np.flatnonzero(voted >= 0)
    at, instead, lead = doubts(probabilities, labels)
    rest = voted[at] < 0
    at, instead, lead = at[rest], instead[rest], lead[rest]
    # Confidence alone ranks confusable pairs first, in which the model is as likely to be wrong as
    # the label; surprise puts what hardly ever happens before it.
    evidence = lead * _surprise(probabilities.argmax(axis=1), labels)[instead, labels[at]]
    order = np.argsort(-evidence, kind="stable")
    at, instead, evidence = at[order], instead[order], evidence[order]
    clear = (evidence >= CLEAR) & ~_copies_agree(groups, labels)[at]
    return Doubts(
        np.concatenate([first, at]),
        np.concatenate([voted[first], instead]),
        np.concatenate([np.full(len(first), np.inf), evidence]),
        np.concatenate([np.ones(len(first), np.bool_), clear]),
    )


def _surprise(taken_for: NDArray[np.int64], labels: NDArray[np.int64]) -> NDArray[np.float64]:
    """How surprising each label (a column) is on images taken for each class (a row)."""
    n_classes = int(max(taken_for.max(), labels.max())) + 1
    # Laplace's rule: what was never seen is rare and not impossible.
    counts = np.ones((n_classes, n_classes))  # one of each, so that what never happened is finite
    np.add.at(counts, (taken_for, labels), 1)
    surprise: NDArray[np.float64] = -np.log(counts / counts.sum(axis=1, keepdims=True))
    return surprise


def _copies_agree(groups: NDArray[np.int64], labels: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Whether images have copies and all bear one label: a doubt is then the model's mistake."""
    lowest = np.full(groups.max() + 1, labels.max())
    highest = np.zeros_like(lowest)
    np.minimum.at(lowest, groups, labels)
    np.maximum.at(highest, groups, labels)
    agree: NDArray[np.bool_] = (np.bincount(groups) > 1) & (lowest == highest)
    return agree[groups]


def _flipped(
    labels: NDArray[np.int64], n_classes: int, seed: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Which labels are flipped on purpose, to any other class alike, and all labels thereafter."""
    random = np.random.default_rng(seed)
    count = max(FEWEST_FLIPPED, round(FLIPPED * len(labels)))
    chosen = np.sort(random.permutation(len(labels))[:count])
    planted = labels.copy()
    # From 1 on, modulo the classes: never the label itself, all others alike.
    planted[chosen] += random.integers(1, n_classes, count)
    planted[chosen] %= n_classes
    return chosen, planted


def _facts(found: Doubts, right: float, labelled: int) -> dict[str, Any]:
    return {
        "model": "ridge regression on random Fourier features of pixels and edges",
        "folds": model.FOLDS,
        "model_accuracy": right,
        "outvoted_by_copies": int(np.isinf(found.evidence).sum()),
        "doubted": len(found.at),
        "share_doubted": len(found.at) / labelled,
        "clear": int(found.clear.sum()),
    }


def _measured(found: Doubts, flipped: NDArray[np.int64]) -> dict[str, Any]:
    hit = np.isin(found.at, flipped)
    clear = int(found.clear.sum())
    return {
        "flipped": len(flipped),
        "found": int(hit.sum()),
        "found_clearly": int(hit[found.clear].sum()),
        "clear": clear,
        "share_of_clear_not_flipped": float(np.mean(~hit[found.clear])) if clear else None,
    }


def _note(facts: dict[str, Any], measured: dict[str, Any]) -> str:
    return (
        f"the model itself is wrong on {1 - facts['model_accuracy']:.1%} of the labels it has not"
        f" seen; look at the {facts['clear']:,} clear doubts first. With {measured['flipped']:,}"
        f" labels flipped on purpose it finds {measured['found']:,} of them,"
        f" {measured['found_clearly']:,} clearly, among {measured['clear']:,} clear doubts: the"
        " others are false alarms or labels that were wrong before"
    )


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
    # A class without images believes nothing: no probability reaches 2.
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
    context: Context, index: int, found: Doubts, place: int, probabilities: NDArray[np.float32]
) -> Finding:
    label, instead = int(context.images.labels[index]), int(found.instead[place])
    given, other = context.images.class_names[label], context.images.class_names[instead]
    evidence: float | None = float(found.evidence[place])
    message = (
        f"labelled {given} ({probabilities[label]:.0%}); a model of the other images says"
        f" {other} ({probabilities[instead]:.0%})"
    )
    if evidence == np.inf:
        alike = context.images.labels[context.together(index)]
        message = (
            f"labelled {given}; {np.sum(alike == instead):,} of its {len(alike) - 1:,} copies are"
            f" labelled {other}"
        )
        evidence = None
    return context.finding(
        "labels",
        "warning" if found.clear[place] else "info",
        (index,),
        message,
        value=evidence,
        kind=f"{given} > {other}",
        suggestion=other,
    )
