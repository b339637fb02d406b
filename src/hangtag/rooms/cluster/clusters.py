"""A sweep and its set go in; what the clusters look like comes out, as a record and files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hangtag import atomic, sheets
from hangtag.errors import OptionError
from hangtag.geometry import fit_pca
from hangtag.progress import Progress, silent
from hangtag.records import (
    Agreement,
    Clustering,
    Gallery,
    ImageSet,
    MixtureSweep,
    NewPoints,
    Pca,
    Sweep,
)
from hangtag.rooms.cluster import draw
from hangtag.rooms.cluster.agreement import agreement
from hangtag.rooms.cluster.gallery import gallery
from hangtag.rooms.cluster.method import Method
from hangtag.rooms.cluster.methods import METHODS


@dataclass(frozen=True, eq=False)
class Clusters:
    """A sweep over an image set and everything that is shown of it.

    Attributes:
        images: The set.
        pca: The axes on which it was clustered; None where it was clustered by pixels, or by what
            a network says.
        points: ``(n, d)`` what was seen of the clustered images.
        sweep: Every number of clusters tried.
        gallery: Some images of every chosen cluster.
        agreement: With the true classes; None without them.
        new: Images drawn from the chosen mixture; None where none were asked for.
        features: What was seen, such as ``pca:29``.
    """

    images: ImageSet
    pca: Pca | None
    points: NDArray[np.float32]
    sweep: Sweep | MixtureSweep
    gallery: Gallery
    agreement: Agreement | None
    new: NewPoints | None
    features: str

    @property
    def method(self) -> Method:
        """The way it was clustered."""
        return METHODS[self.clustering.method]

    @property
    def clustering(self) -> Clustering:
        """The chosen clustering."""
        return self.sweep.clustering

    def pixels(self, points: NDArray[Any]) -> NDArray[np.float32]:
        """``(m, height, width, channels)`` images at points, values from 0 to 255."""
        flat = points if self.pca is None else self.pca.inverse(points)
        return np.asarray(flat, np.float32).reshape(-1, *self.images.shape)

    @property
    def basis(self) -> str:
        """What was seen of each image, in words."""
        number = self.points.shape[1]
        if self.features == "pixels":
            return f"{number:,} pixels"
        if self.pca is None:
            return f"{number:,} numbers of {self.features}"
        return f"{number:,} principal component{'s' * (number != 1)}"

    def centres(self) -> NDArray[np.float32]:
        """``(k, height, width, channels)`` an image of each centre, values from 0 to 255.

        Nothing turns what a network says back into pixels; the mean of a cluster's own images then
        stands for its centre.
        """
        if self.features == "pixels" or self.pca is not None:
            return self.pixels(self.clustering.centres)
        images, groups = self.images.images[self.clustering.indices], self.clustering.assignments
        means = [images[groups == one].mean(axis=0) for one in range(self.clustering.k)]
        return np.asarray(means, np.float32)

    def places(self) -> tuple[NDArray[np.float32], tuple[str, str]]:
        """``(n, 2)`` the clustered images on a map, and what its two axes are."""
        # Axes that were clustered on are kept; pixels and features get two to be drawn on.
        axes = self.pca or _two_axes(self.points)
        if axes is None:  # all are equal
            return self.points[:, :2], ("first number", "second number")
        points = self.points if self.pca is not None else axes.transform(self.points)
        first, second = axes.ratios[:2]
        return points[:, :2], (f"PC1 ({first:.1%} of the variance)", f"PC2 ({second:.1%})")

    def to_dict(self) -> dict[str, Any]:
        """As JSON-ready values: what was measured, not the images."""
        return {
            "set": self.images.name,
            "fingerprint": self.clustering.fingerprint,
            "images": len(self.clustering),
            "dimensions": self.points.shape[1],
            "features": self.features,
            **self.sweep.to_dict(),
            "sizes": self.clustering.sizes.tolist(),
            "gallery": [one.tolist() for one in self.gallery.indices],
            "agreement": None if self.agreement is None else self.agreement.to_dict(),
        }


def _two_axes(points: NDArray[np.float32]) -> Pca | None:
    try:
        return fit_pca(points, components=2)
    except OptionError:
        return None


def described(
    images: ImageSet,
    seen: tuple[Pca | None, NDArray[np.float32], str],
    sweep: Sweep | MixtureSweep,
    *,
    shown: int,
    new: int,
    seed: int,
    progress: Progress = silent,
) -> Clusters:
    """Everything that is shown of a sweep.

    Args:
        images: The set.
        seen: The axes it was clustered on if there are any, its points, and what was seen.
        sweep: What came of it.
        shown: Images per cluster in the gallery.
        new: Images to draw, where the method can.
        seed: Of these.
        progress: Told how far drawing is.
    """
    clustering, how = sweep.clustering, METHODS[sweep.clustering.method]
    axes, points, features = seen
    # Images without classes have nothing to agree with; some with classes do.
    labelled = bool((images.labels[clustering.indices] >= 0).any())
    drawn = None
    if how.new is not None and new:
        drawn = how.new(sweep.chosen, points, n=new, seed=seed, progress=progress)
    return Clusters(
        images=images,
        pca=axes,
        points=points,
        sweep=sweep,
        gallery=gallery(clustering, n=shown),
        agreement=agreement(clustering, images) if labelled else None,
        new=drawn,
        features=features,
    )


def write_clusters(
    found: Clusters, out: Path, drawn: Mapping[str, bytes] | None = None
) -> list[Path]:
    """Write everything there is to see of clusters into a folder.

    Args:
        found: The clusters.
        out: The folder; files in it that have other names are left alone.
        drawn: What :func:`figures` gives, where that is there already.

    Returns:
        The files written: ``clusters.json`` and ``clusters.csv``, ``curves.svg``, ``map.svg``,
        ``gallery.png``, ``centres.png``, and ``classes.svg`` and ``new.png`` where there are any.
    """
    files = {
        "clusters.csv": _as_csv(found).encode(),
        **(figures(found) if drawn is None else drawn),
    }
    written = [atomic.write_bytes(out / name, data) for name, data in files.items()]
    return [atomic.write_json(out / "clusters.json", found.to_dict()), *written]


def figures(found: Clusters) -> dict[str, bytes]:
    """Everything there is to see of clusters, file name to SVG or PNG."""
    files: dict[str, bytes] = {
        "curves.svg": draw.curves(found.sweep),
        "gallery.png": draw.gallery_grid(found.gallery, found.images),
        "centres.png": draw.centres(found.clustering, found.centres()),
    }
    # On one axis there is no map to draw; the curve and the gallery say all.
    if found.points.shape[1] > 1:
        places, labels = found.places()
        files["map.svg"] = draw.scatter(found.clustering, places, axes_labels=labels)
    if found.agreement is not None:
        files["classes.svg"] = draw.agreement_table(found.agreement)
    if found.new is not None:
        pixels = found.pixels(found.new.points)
        files["new.png"] = draw.new_images(found.new, pixels, found.images)
    return files


def _as_csv(found: Clusters) -> str:
    """One row per clustered image: its id, cluster and class."""
    rows: list[tuple[object, ...]] = [("id", "index", "cluster", "class")]
    images = found.images
    pairs = zip(found.clustering.indices, found.clustering.assignments, strict=True)
    for index, one in pairs:
        name = images.class_of(int(index))
        rows.append((images.id_of(int(index)), int(index), int(one), name))
    return sheets.as_csv(rows)
