"""Clusters told: how many there are and why, what they agree with, and which classes they mix."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from hangtag.families import CLUSTERERS
from hangtag.records import (
    Agreement,
    MixtureRow,
    MixtureSweep,
    NewPoints,
    Outcome,
    Pca,
    StudyTable,
    Sweep,
    SweepRow,
)
from hangtag.rooms.report.results.shared import figures, table
from hangtag.rooms.report.words import listed, percent, plural, sentence

CURVES = "curves.svg"
FIGURES = {
    "curves": (
        "How many clusters",
        "What is measured for each number; the chosen one is marked.",
    ),
    "map": (
        "The clusters on the first two axes",
        "A random sample of points, coloured by cluster.",
    ),
    "gallery": (
        "Images of every cluster",
        "One row per cluster, the class over each image.",
    ),
    "centres": ("The middle of every cluster", "Mapped back from the axes to pixels."),
    "classes": ("Clusters and classes", "Images of each class in each cluster."),
    "new": (
        "New images",
        "Drawn from the mixture and mapped back to pixels, the nearest real image beside each.",
    ),
}


class Shown(Protocol):
    """What the room of clusters gives: see ``hangtag.rooms.cluster.clusters.Clusters``."""

    @property
    def sweep(self) -> Sweep | MixtureSweep: ...  # noqa: D102 - a protocol; so are all below

    @property
    def points(self) -> NDArray[np.float32]: ...  # noqa: D102

    @property
    def pca(self) -> Pca | None: ...  # noqa: D102

    @property
    def basis(self) -> str: ...  # noqa: D102

    @property
    def agreement(self) -> Agreement | None: ...  # noqa: D102

    @property
    def new(self) -> NewPoints | None: ...  # noqa: D102


@dataclass(frozen=True)
class Clustered:
    """What is told of clusters.

    Attributes:
        sweep: Every number of clusters that was tried.
        dimensions: How many numbers of each image were clustered.
        basis: What these are, in words.
        explained: Proportion of the variance that these hold; None where they are pixels.
        agreement: With the true classes; None without them.
        new: Images drawn from a mixture; None where none were.
    """

    sweep: Sweep | MixtureSweep
    dimensions: int
    basis: str
    explained: float | None
    agreement: Agreement | None
    new: NewPoints | None

    @classmethod
    def of(cls, found: Shown) -> Clustered:
        """What is told of clusters that somebody found."""
        explained = None if found.pca is None else float(found.pca.ratios.sum())
        dimensions = int(found.points.shape[1])
        seen = (dimensions, found.basis, explained)
        return cls(found.sweep, *seen, found.agreement, found.new)

    @property
    def rows(self) -> Sequence[SweepRow | MixtureRow]:
        """One per number of clusters."""
        return self.sweep.rows


def told(found: Clustered, files: Iterable[str] = ()) -> Outcome:
    """Tell of clusters.

    Args:
        found: What there is to tell.
        files: Of the figures that were written.
    """
    there = set(files)
    if len(found.rows) == 1:
        there.discard(CURVES)  # a curve of one point
    shown = [f for name in FIGURES for f in (f"{name}.svg", f"{name}.png") if f in there]
    return Outcome(
        name="",
        verb="cluster",
        title=CLUSTERERS[found.sweep.clustering.method].title,
        values=_values(found),
        words=tuple(_words(found)),
        figures=figures(FIGURES, shown),
        tables=tuple(_tables(found)),
        cautions=tuple(found.sweep.notes),
    )


def _values(found: Clustered) -> dict[str, Any]:
    k, clustering = found.sweep.choice.k, found.sweep.clustering
    chosen = next(one for one in found.rows if one.k == k)
    values: dict[str, Any] = {
        "k": k,
        "images": len(clustering),
        "dimensions": found.dimensions,
        "sizes": clustering.sizes.tolist(),
        "seconds": float(sum(found.sweep.seconds.values())),
    }
    values |= {name: one for name, one in vars(chosen).items() if isinstance(one, int | float)}
    if found.explained is not None:
        values["explained"] = found.explained
    if found.agreement is not None:
        for name in ("ari", "nmi", "purity", "accuracy"):
            values[name] = float(getattr(found.agreement, name))
    if found.new is not None:
        values["new_nearest"] = float(np.median(found.new.distances))
        values["usual_nearest"] = float(found.new.usual)
    return values


def _words(found: Clustered) -> Iterable[str]:
    clustering = found.sweep.clustering
    axes = found.basis
    if found.explained is not None:
        axes += f", which hold {percent(found.explained)} of the variance"
    said = [f"{plural(len(clustering), 'image')} were clustered on {axes}."]
    if len(found.rows) > 1:
        said.append(sentence(found.sweep.choice.reason))
    least, most = int(clustering.sizes.min()), int(clustering.sizes.max())
    yield " ".join([*said, f"The clusters have {least:,} to {most:,} images."])
    if found.agreement is not None:
        yield _agreement(found.agreement)
        yield _classes(found.agreement)
    if found.new is not None:
        yield _new(found.new)


def _new(new: NewPoints) -> str:
    drawn = f"{plural(len(new), 'new image')} were drawn from the mixture"
    farther = float(np.median(new.distances) / max(new.usual, 1e-12))
    if farther > 1:
        return (
            f"{drawn}. The nearest real image of each is, in the median, {farther:.1f} times as "
            "far away as a real image's own nearest neighbour: they are new, not copies."
        )
    return (
        f"{drawn}; they lie as near to real images as these to each other, so they may be "
        "near-copies."
    )


def _agreement(found: Agreement) -> str:
    return (
        f"Compared with the true classes, which the clustering did not see: adjusted Rand index "
        f"{found.ari:.3f} (0 is chance, 1 is the same), normalised mutual information "
        f"{found.nmi:.3f}, purity {percent(found.purity)}; giving each cluster one class in the "
        f"best way there is names {percent(found.accuracy)} of the images rightly."
    )


def _classes(found: Agreement) -> str:
    """Which classes the clusters keep together, and which they mix."""
    counts, names = found.table, found.class_names
    totals = counts.sum(axis=0)
    kept = counts.max(axis=0) / np.maximum(totals, 1)
    order = [one for one in np.argsort(-kept).tolist() if totals[one]]
    said = [f"{names[one]} ({percent(kept[one], 0)})" for one in order]
    pure = counts.max(axis=1) / np.maximum(counts.sum(axis=1), 1)
    mixed = int(np.argmin(np.where(counts.sum(axis=1) > 0, pure, 2)))
    inside = np.argsort(-counts[mixed])[:3].tolist()
    held = [f"{names[one]} {counts[mixed][one]:,}" for one in inside if counts[mixed][one]]
    return (
        f"Most of {listed(said[:2])} is in one cluster; {listed(said[-2:])} are the most "
        f"scattered. The most mixed cluster is {mixed}: {listed(held)}."
    )


def _tables(found: Clustered) -> Iterable[StudyTable]:
    rows = [{name.replace("_", " "): v for name, v in vars(row).items()} for row in found.rows]
    best = [(number, "k") for number, row in enumerate(rows) if row["k"] == found.sweep.choice.k]
    yield table("sweep", "Every number of clusters tried", rows, best=best)
    if found.agreement is not None:
        counts, sizes = found.agreement.table, found.sweep.clustering.sizes.tolist()
        # Classes may be called anything, so this table is no list of rows by heading.
        yield StudyTable(
            "clusters",
            "Images of each class in each cluster",
            ("cluster", *found.agreement.class_names, "all"),
            tuple((one, *row, sizes[one]) for one, row in enumerate(counts.tolist())),
            tuple((row, int(one.argmax()) + 1) for row, one in enumerate(counts)),
        )
