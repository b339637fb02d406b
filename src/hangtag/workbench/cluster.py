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
from hangtag.geometry import axes_of
from hangtag.progress import Progress, silent
from hangtag.records import (
    Agreement,
    Clustering,
    Gallery,
    ImageSet,
    Mixture,
    MixtureSweep,
    NewPoints,
    Pca,
    Sweep,
)
from hangtag.rooms import cluster as room

PCA = 0.95
"""Share of the variance that the axes explain on which images are clustered."""
SHOWN = 20
"""Images per cluster in the gallery."""
RULES = {"kmeans": "elbow", "mixture": "bic"}
STARTS = {"kmeans": 50, "mixture": 10}


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
    def clustering(self) -> Clustering:
        """The chosen clustering."""
        chosen = self.sweep.chosen
        return chosen.clustering if isinstance(chosen, Mixture) else chosen

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
    images: ImageSet,
    *,
    k: int | Iterable[int] = 10,
    method: str = "kmeans",
    pca: float | None = PCA,
    part: str | None = None,
    indices: NDArray[np.int64] | None = None,
    sample: int | None = None,
    n_init: int | None = None,
    init: str | None = None,
    covariance: str | None = None,
    rule: str | None = None,
    patience: float | None = None,
    silhouette_sample: int | None = None,
    shown: int = SHOWN,
    new: int = 0,
    seed: int | None = None,
    progress: Progress = silent,
) -> Clusters:
    """Group the images of a set, choose how many groups, and compare them with the classes.

    Args:
        images: The set.
        k: How many clusters; several are tried at once and one is chosen.
        method: ``kmeans`` or ``mixture``.
        pca: Axes to cluster on: a whole number of them, or the share of the variance that they
            explain; None clusters by pixels.
        part: Which part of the set; None takes ``train`` where there is one, or else all.
        indices: Which images instead, rising.
        sample: Cluster only that many of these, drawn by the seed; the axes are those of all.
        n_init: Starts for every number; None takes 50 for k-means and 10 for mixtures.
        init: How k-means starts; see ``hangtag.rooms.cluster.kmeans_sweep``.
        covariance: The shape of a mixture's components.
        rule: How to choose; None takes the elbow for k-means and BIC for mixtures.
        patience: How soon a hopeless start is given up; 0 gives none up.
        silhouette_sample: Points to average silhouettes over; None for all, exactly.
        shown: Images per cluster in the gallery.
        new: Images to draw from the chosen mixture.
        seed: Of sample, starts and new images; None takes HANGTAG_SEED, or 0.
        progress: Told how far it is.

    Raises:
        OptionError: An option cannot be, does not belong to the method, or asks for more than
            there is.

    Example:
        >>> found = hangtag.cluster(hangtag.load("digits"), k=range(5, 21, 5))
        >>> found.sweep.choice.reason
    """
    if method not in room.METHODS:
        raise OptionError(f"there is no method '{method}'", nearest(method, room.METHODS))
    own: dict[str, Any] = {
        "kmeans": {"init": init, "patience": patience, "silhouette_sample": silhouette_sample},
        "mixture": {"covariance": covariance, "new": new or None},
    }
    for other in set(own) - {method}:
        given = [name for name, value in own[other].items() if value is not None]
        if given:
            raise OptionError(f"{given[0]} is an option of {other}, not of {method}")
    number = settings.default_seed() if seed is None else seed
    pool = _pool(images, part) if indices is None else np.sort(indices)
    chosen = _sample(pool, sample, number)
    axes, points = _points(images, pool, chosen, pca, progress)
    options = {name: value for name, value in own[method].items() if value is not None}
    options.pop("new", None)
    keeping = room.Keeping(settings.cache_folder() / "mixture" if method == "mixture" else None)
    if method == "mixture":
        options["keeping"] = keeping
    sweep_of = room.kmeans_sweep if method == "kmeans" else room.mixture_sweep
    sweep: Sweep | MixtureSweep = sweep_of(
        points,
        [k] if isinstance(k, int) else k,
        n_init=STARTS[method] if n_init is None else n_init,
        rule=rule or RULES[method],
        seed=number,
        images=images,
        indices=chosen,
        progress=progress,
        **options,
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
    chosen = sweep.chosen
    clustering = chosen.clustering if isinstance(chosen, Mixture) else chosen
    labelled = bool((images.labels[clustering.indices] >= 0).any())
    drawn = None
    if isinstance(chosen, Mixture) and new:
        drawn = room.generate(chosen, points, n=new, seed=seed, progress=progress)
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
