"""Clustering: a set of pictures goes in; clusters, how many and what they look like come out."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hangtag import atomic, settings, sheets
from hangtag.errors import OptionError
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
from hangtag.requests import ClusterRequest, takes
from hangtag.rooms import cluster as room
from hangtag.rooms.cluster import draw
from hangtag.rooms.cluster.method import Method
from hangtag.workbench.data import Data, as_images, part_of, seed_of, training_images


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


@takes(ClusterRequest)
def cluster(
    data: Data,
    asked: ClusterRequest,
    *,
    indices: NDArray[np.int64] | None = None,
    progress: Progress = silent,
) -> Clusters:
    """Group the images of a set, choose how many groups, and compare them with the classes.

    Args:
        data: The images: a name, a path, an ImageSet, ``(images, labels)``, or a run.
        asked: What is asked; its options, and the method's own, can be given by keyword.
        indices: Which images instead of a part, rising.
        progress: Told how far it is.

    Raises:
        OptionError: An option cannot be, does not belong to the method, or asks for more than
            there is.

    Example:
        >>> found = hangtag.cluster("digits", k=range(5, 21, 5))
        >>> found.sweep.choice.reason
    """
    how, own = room.METHODS[asked.method], asked.own
    check_options(asked.method, how.options, own | ({"new": asked.new} if asked.new else {}))
    images = as_images(data, limit=asked.limit, progress=progress)
    number = seed_of(asked.seed)
    pool = np.sort(indices) if indices is not None else _pool(images, asked, number)
    chosen = _sample(pool, asked.sample, number)
    axes, points = _points(images, pool, chosen, asked.pca, progress)
    keeping = room.Keeping(settings.cache_folder() / asked.method if how.keeps else None)
    sweep = how.sweep(
        points,
        asked.k,
        rule=asked.rule or how.rules[0],
        seed=number,
        images=images,
        indices=chosen,
        progress=progress,
        **own,
        **({"keeping": keeping} if how.keeps else {}),
    )
    found = _described(images, axes, points, sweep, asked.shown, asked.new, number, progress)
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


def _pool(images: ImageSet, asked: ClusterRequest, seed: int) -> NDArray[np.int64]:
    """Which images may be clustered, in the order of the set."""
    if asked.split is not None:
        own = seed if asked.split_seed is None else asked.split_seed
        return training_images(images, asked.split, seed=own, validation=asked.validation)
    name = asked.part or ("train" if "train" in images.parts else None)
    return np.arange(len(images)) if name is None else part_of(images, name)


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
