"""Leaks: which images of one part are copies of images in another, and how near the rest come.

Of two parts, each image of the later one (as the set lists them) is held against the earlier one:
test images against training images.
"""

from __future__ import annotations

from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hangtag.geometry import nearest_neighbours
from hangtag.progress import Progress
from hangtag.records import Finding
from hangtag.rooms.audit.aligned import Aligned, align
from hangtag.rooms.audit.check import Checked, Context
from hangtag.rooms.audit.copies import describe
from hangtag.rooms.audit.likeness import View, correlation

QUANTILES = (0.0, 0.01, 0.1, 0.25, 0.5, 0.75, 0.9, 1.0)
CLOSEST = 10
ASKED = 2000  # images of the later part whose nearest in the earlier one is measured
_CANDIDATES = 4  # nearest by coordinates that are measured on the pixels


def check(context: Context) -> Checked:
    """Look for copies across every two parts of the set."""
    parts = [name for name, where in context.images.parts.items() if len(where)]
    if len(parts) < 2:
        return Checked({"parts": parts, "note": "one part: nothing can leak between parts"})
    facts: dict[str, Any] = {"why_near": describe(context.copies)}
    findings: list[Finding] = []
    cautions: list[str] = []
    for earlier, later in combinations(parts, 2):
        found = _copied(context, earlier, later)
        measured = _facts(context, earlier, later, found)
        facts[f"{earlier} to {later}"] = measured
        findings += found
        if found:
            cautions.append(_caution(measured, earlier, later))
    findings.sort(key=lambda finding: (finding.kind != "exact", finding.value))
    return Checked(facts, tuple(findings), tuple(cautions))


def _copied(context: Context, earlier: str, later: str) -> list[Finding]:
    """A finding for each image of the later part, with its nearest copy in the earlier one."""
    pairs = _across(context, earlier, later)
    left = align(context.likeness, pairs, progress=context.progress)
    far = left.levels if context.sight is None else context.sight.cosines(pairs)
    # By image, then nearest first, then index: the first of each image is its nearest copy, and
    # the same one on every machine.
    order = np.lexsort((pairs[:, 1], far, pairs[:, 0]))
    _, nearest = np.unique(pairs[order, 0], return_index=True)
    return [
        _finding(context, pairs[at], left, at, float(far[at])) for at in order[nearest].tolist()
    ]


def _across(context: Context, earlier: str, later: str) -> NDArray[np.int64]:
    """``(m, 2)`` copies and near-copies, the image of the later part first."""
    exact = context.copies.exact
    order = np.argsort(exact, kind="stable")
    starts = np.searchsorted(exact[order], exact)
    first = order[starts]  # the first image equal to each
    repeated = np.flatnonzero(first != np.arange(len(exact)))
    equal = np.stack([repeated, first[repeated]], axis=1)
    pairs = np.concatenate([context.copies.pairs, _spread(context.copies.pairs, first), equal])
    both = np.concatenate([pairs, pairs[:, ::-1]])
    inside = _inside(context, both[:, 0], later) & _inside(context, both[:, 1], earlier)
    found: NDArray[np.int64] = np.unique(both[inside], axis=0)
    return found


def _spread(pairs: NDArray[np.int64], first: NDArray[np.int64]) -> NDArray[np.int64]:
    """The pairs of images that equal one in `pairs` but are not the first to do so."""
    repeated = np.flatnonzero(first != np.arange(len(first)))
    more = [np.empty((0, 2), np.int64)]
    # Of each pair, one end gives its place to every image that equals it; all at once, since
    # there can be as many equal images as images.
    for end in (0, 1):
        order = np.argsort(pairs[:, end], kind="stable")
        ends = pairs[order, end]
        start = np.searchsorted(ends, first[repeated])
        counts = np.searchsorted(ends, first[repeated], side="right") - start
        # Positions start, start + 1, … of each, one after the other.
        within = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
        near = pairs[order[np.repeat(start, counts) + within]]
        near[:, end] = np.repeat(repeated, counts)
        more.append(near)
    return np.concatenate(more)


def _inside(context: Context, indices: NDArray[np.int64], part: str) -> NDArray[np.bool_]:
    where = context.images.parts[part]
    inside: NDArray[np.bool_] = (indices >= where.start) & (indices < where.stop)
    return inside


def _finding(
    context: Context, pair: NDArray[np.int64], left: Aligned, at: int, far: float
) -> Finding:
    one, other = (context.images.id_of(int(index)) for index in pair)
    same = bool(context.copies.exact[pair[0]] == context.copies.exact[pair[1]])
    value = 0.0 if same else far
    if same:
        message = f"{one} is equal to {other} in every pixel"
    else:
        sight = f"cosine distance {far:.3f} by {context.sight.name}, " if context.sight else ""
        moved = ", moved by one pixel" if left.shifts[at].any() else ""
        message = (
            f"{one} is a near-copy of {other}: {sight}{left.levels[at]:.1f} grey levels apart,"
            f" correlation {correlation(float(left.differences[at])):.3f}{moved}"
        )
    given = [context.images.labels[index] for index in pair.tolist()]
    if given[0] != given[1] and min(given) >= 0:
        names = [context.images.class_names[label] for label in given]
        message += f"; labelled {names[0]} and {names[1]}"
    severity, kind = ("serious", "exact") if same else ("warning", "near")
    indices = tuple(pair.tolist())
    return context.finding("leaks", severity, indices, message, value=value, kind=kind)


def _facts(context: Context, earlier: str, later: str, found: list[Finding]) -> dict[str, Any]:
    exact = sum(finding.kind == "exact" for finding in found)
    images = len(context.images.parts[later])
    unit = "grey_levels" if context.sight is None else "cosine_distance"
    closest = sorted(found, key=lambda finding: finding.value or 0.0)[:CLOSEST]
    return {
        "images": images,
        "exact": exact,
        "near": len(found) - exact,
        "share": len(found) / images,
        "closest": [
            {"ids": list(finding.ids), unit: round(finding.value or 0.0, 3)} for finding in closest
        ],
        **_nearest(context, earlier, later),
    }


def _nearest(context: Context, earlier: str, later: str) -> dict[str, Any]:
    """How near images of the later part come to the earlier one, on a seeded sample of them."""
    inside = context.likeness.comparable
    among, asked = (inside[_inside(context, inside, part)] for part in (earlier, later))
    # A sample is enough for quantiles, and each of it is held against the whole earlier part.
    drawn = np.sort(np.random.default_rng(context.seed).permutation(asked)[:ASKED])
    if not len(among) or not len(drawn):
        return {}
    views = (context.likeness.plain, context.likeness.corrected)
    plain, corrected = (_distances(view, among, drawn, context.progress) for view in views)
    return {
        "nearest_of": len(drawn),
        "nearest_seed": context.seed,
        "nearest_grey_levels": _quantiles(plain),
        "nearest_correlation": _quantiles(1 - corrected**2 / 2),
    }


def _distances(
    view: View, among: NDArray[np.int64], asked: NDArray[np.int64], progress: Progress
) -> NDArray[np.float32]:
    """How far each image is from the nearest of its four candidates by coordinates."""
    k = min(_CANDIDATES, len(among))
    near = nearest_neighbours(
        view.points[among], k=k, queries=view.points[asked], progress=progress
    )
    pairs = np.stack([np.repeat(asked, k), among[near.indices].ravel()], axis=1)
    nearest: NDArray[np.float32] = view.differences(pairs).reshape(-1, k).min(axis=1)
    return nearest


def _caution(measured: dict[str, Any], earlier: str, later: str) -> str:
    count = measured["exact"] + measured["near"]
    return (
        f"{count:,} of {measured['images']:,} {later} images ({measured['share']:.2%}) are copies"
        f" ({measured['exact']}) or near-copies ({measured['near']:,}) of {earlier} images;"
        " a score counts them as if they were new"
    )


def _quantiles(values: NDArray[np.floating]) -> dict[str, float]:
    found = np.quantile(values, QUANTILES)
    return {
        f"{proportion:.0%}": round(float(at), 4)
        for proportion, at in zip(QUANTILES, found, strict=True)
    }
