"""Clustering: a set of pictures goes in; clusters, how many and what they look like come out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hangtag import atomic, settings, sheets
from hangtag.errors import OptionError, nearest
from hangtag.families import check_options
from hangtag.geometry import axes_of
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
from hangtag.rooms import cluster as room
from hangtag.rooms.cluster.method import Method
from hangtag.workbench.data import Data, as_images

PCA = 0.95
"""Share of the variance that the axes explain on which images are clustered."""
SHOWN = 20
"""Images per cluster in the gallery."""


@dataclass(frozen=True, eq=False)
class Clusters:
    """A sweep over an image set and everything that is shown of it.

    Attributes:
        images: The set.
        pca: The axes on which it was clustered; None where it was clustered by pixels.
        points: ``(n, d)`` the clustered images on those axes.
        sweep: Every number of clusters tried.
        gallery: Some images of every chosen cluster.
        agreement: With the true classes; None without them.
        new: Images drawn from the chosen mixture; None where none were asked for.
    """

    images: ImageSet
    pca: Pca | None
    points: NDArray[np.float32]
    sweep: Sweep | MixtureSweep
    gallery: Gallery
    agreement: Agreement | None
    new: NewPoints | None

    @property
    def method(self) -> Method:
        """The way it was clustered."""
        return room.METHODS[self.clustering.method]

    @property
    def clustering(self) -> Clustering:
        """The chosen clustering."""
        return self.sweep.clustering

    def pixels(self, points: NDArray[Any]) -> NDArray[np.float32]:
        """``(m, height, width, channels)`` pictures at points, values from 0 to 255."""
        flat = points if self.pca is None else self.pca.inverse(points)
        return np.asarray(flat, np.float32).reshape(-1, *self.images.shape)

    def to_dict(self) -> dict[str, Any]:
        """As JSON-ready values: what was measured, not the images."""
        return {
            "set": self.images.name,
            "fingerprint": self.clustering.fingerprint,
            "images": len(self.clustering),
            "dimensions": self.points.shape[1],
            **self.sweep.to_dict(),
            "sizes": self.clustering.sizes.tolist(),
            "gallery": [one.tolist() for one in self.gallery.indices],
            "agreement": None if self.agreement is None else self.agreement.to_dict(),
        }


def cluster(
    data: Data,
    *,
    k: int | Iterable[int] = 10,
    method: str = "kmeans",
    pca: float | None = PCA,
    part: str | None = None,
    indices: NDArray[np.int64] | None = None,
    limit: int | None = None,
    sample: int | None = None,
    rule: str | None = None,
    shown: int = SHOWN,
    new: int = 0,
    seed: int | None = None,
    progress: Progress = silent,
    **options: Any,  # noqa: ANN401 - each method has its own
) -> Clusters:
    """Group the images of a set, choose how many groups, and compare them with the classes.

    Args:
        data: The images: a name, a path, an ImageSet, ``(images, labels)``, or a run.
        k: How many clusters; several are tried at once and one is chosen.
        method: A name that ``hangtag cluster --help`` lists.
        pca: Axes to cluster on: a whole number of them, or the share of the variance that they
            explain; None clusters by pixels.
        part: Which part of the set; None takes ``train`` where there is one, or else all.
        indices: Which images instead, rising.
        limit: Images per part at most, spread evenly; None for all.
        sample: Cluster only that many of these, drawn by the seed; the axes are those of all.
        rule: How to choose; None takes the method's usual way.
        shown: Images per cluster in the gallery.
        new: Images to draw from what was chosen, where the method can do so.
        seed: Of sample, starts and new images; None takes HANGTAG_SEED, or 0.
        progress: Told how far it is.
        **options: The method's own, such as ``covariance`` of a mixture; None for its default.
            The guide lists them.

    Raises:
        OptionError: An option cannot be, does not belong to the method, or asks for more than
            there is.

    Example:
        >>> found = hangtag.cluster("digits", k=range(5, 21, 5))
        >>> found.sweep.choice.reason
    """
    how = room.METHODS.called(method)
    own = {name: value for name, value in options.items() if value is not None}
    check_options(method, how.options, own | ({"new": new} if new else {}))
    images = as_images(data, limit=limit, progress=progress)
    number = settings.default_seed() if seed is None else seed
    pool = _pool(images, part) if indices is None else np.sort(indices)
    chosen = _sample(pool, sample, number)
    axes, points = _points(images, pool, chosen, pca, progress)
    keeping = room.Keeping(settings.cache_folder() / method if how.keeps else None)
    sweep = how.sweep(
        points,
        [k] if isinstance(k, int) else k,
        rule=rule or how.rules[0],
        seed=number,
        images=images,
        indices=chosen,
        progress=progress,
        **own,
        **({"keeping": keeping} if how.keeps else {}),
    )
    found = _described(images, axes, points, sweep, shown, new, number, progress)
    keeping.done()
    return found


def write_clusters(found: Clusters, out: Path) -> list[Path]:
    """Write everything there is to see of clusters into a folder.

    Args:
        found: The clusters.
        out: The folder; files in it that have other names are left alone.

    Returns:
        The files written: ``clusters.json`` and ``clusters.csv``, ``curves.svg``, ``map.svg``,
        ``gallery.png``, ``centres.png``, and ``classes.svg`` and ``new.png`` where there are any.
    """
    from hangtag.rooms.cluster import draw

    files: dict[str, bytes] = {
        "clusters.csv": _as_csv(found).encode(),
        "curves.svg": draw.curves(found.sweep),
        "gallery.png": draw.pictures(found.gallery, found.images),
        "centres.png": draw.centres(found.clustering, found.pixels(found.clustering.centres)),
    }
    if found.points.shape[1] > 1:
        files["map.svg"] = draw.scatter(
            found.clustering, found.points[:, :2], axes_labels=_axes(found.pca)
        )
    if found.agreement is not None:
        files["classes.svg"] = draw.agreement_table(found.agreement)
    if found.new is not None:
        pixels = found.pixels(found.new.points)
        files["new.png"] = draw.new_images(found.new, pixels, found.images)
    written = [atomic.write_bytes(out / name, data) for name, data in files.items()]
    return [atomic.write_json(out / "clusters.json", found.to_dict()), *written]


def _described(
    images: ImageSet,
    axes: Pca | None,
    points: NDArray[np.float32],
    sweep: Sweep | MixtureSweep,
    shown: int,
    new: int,
    seed: int,
    progress: Progress,
) -> Clusters:
    clustering, how = sweep.clustering, room.METHODS[sweep.clustering.method]
    labelled = bool((images.labels[clustering.indices] >= 0).any())
    drawn = None
    if how.new is not None and new:
        drawn = how.new(sweep.chosen, points, n=new, seed=seed, progress=progress)
    return Clusters(
        images=images,
        pca=axes,
        points=points,
        sweep=sweep,
        gallery=room.gallery(clustering, n=shown),
        agreement=room.agreement(clustering, images) if labelled else None,
        new=drawn,
    )


def _pool(images: ImageSet, part: str | None) -> NDArray[np.int64]:
    """Which images may be clustered, in the order of the set."""
    name = part or ("train" if "train" in images.parts else None)
    if name is not None and name not in images.parts:
        raise OptionError(f"{images.name} has no part '{name}'", nearest(name, images.parts))
    return np.arange(len(images)) if name is None else np.asarray(images.parts[name])


def _sample(pool: NDArray[np.int64], sample: int | None, seed: int) -> NDArray[np.int64]:
    if sample is None or sample == len(pool):
        return pool
    if not 1 <= sample <= len(pool):
        raise OptionError(f"a sample of {sample} images was asked for; there are {len(pool)}")
    return np.sort(np.random.default_rng(seed).choice(pool, sample, replace=False))


def _points(
    images: ImageSet,
    pool: NDArray[np.int64],
    chosen: NDArray[np.int64],
    pca: float | None,
    progress: Progress,
) -> tuple[Pca | None, NDArray[np.float32]]:
    axes = axes_of(images.images[pool], pca, progress=progress)
    return axes, points_on(axes, images.images[chosen])


def points_on(axes: Pca | None, pictures: NDArray[np.uint8]) -> NDArray[np.float32]:
    """``(n, d)`` pictures as points on axes, or by their pixels."""
    if axes is None:
        return pictures.reshape(len(pictures), -1).astype(np.float32)
    return axes.transform(pictures)


def _axes(pca: Pca | None) -> tuple[str, str]:
    if pca is None:
        return "first pixel", "second pixel"
    first, second = pca.ratios[:2]
    return f"PC1 ({first:.1%} of the variance)", f"PC2 ({second:.1%})"


def _as_csv(found: Clusters) -> str:
    """One row per clustered image: its id, cluster and class."""
    rows: list[tuple[object, ...]] = [("id", "index", "cluster", "class")]
    images = found.images
    pairs = zip(found.clustering.indices, found.clustering.assignments, strict=True)
    for index, one in pairs:
        name = images.class_of(int(index))
        rows.append((images.id_of(int(index)), int(index), int(one), name))
    return sheets.as_csv(rows)
