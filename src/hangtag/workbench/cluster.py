"""Clustering: a set of pictures goes in; clusters, how many and what they look like come out."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hangtag import atomic, settings, sheets
from hangtag.errors import OptionError
from hangtag.estimators.seeing import seen
from hangtag.families import check_options
from hangtag.geometry import axes_of, fit_pca
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
from hangtag.rooms import features as features_room
from hangtag.rooms.cluster import draw
from hangtag.rooms.cluster.method import Method
from hangtag.workbench.data import Data, as_images, part_of, seed_of, training_images


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
        return room.METHODS[self.clustering.method]

    @property
    def clustering(self) -> Clustering:
        """The chosen clustering."""
        return self.sweep.clustering

    def pixels(self, points: NDArray[Any]) -> NDArray[np.float32]:
        """``(m, height, width, channels)`` pictures at points, values from 0 to 255."""
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
        """``(k, height, width, channels)`` a picture of each centre, values from 0 to 255.

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
        if self.features == "pixels":
            return self.points[:, :2], ("first pixel", "second pixel")
        axes = self.pca or fit_pca(self.points).keep(2)
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
    axes, points, features = _points(images, pool, chosen, asked, progress)
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
    found = _described(images, axes, points, features, sweep, asked, number, progress)
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
        "centres.png": draw.centres(found.clustering, found.centres()),
    }
    if found.points.shape[1] > 1:
        places, labels = found.places()
        files["map.svg"] = draw.scatter(found.clustering, places, axes_labels=labels)
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
    features: str,
    sweep: Sweep | MixtureSweep,
    asked: ClusterRequest,
    seed: int,
    progress: Progress,
) -> Clusters:
    clustering, how = sweep.clustering, room.METHODS[sweep.clustering.method]
    labelled = bool((images.labels[clustering.indices] >= 0).any())
    drawn = None
    if how.new is not None and asked.new:
        drawn = how.new(sweep.chosen, points, n=asked.new, seed=seed, progress=progress)
    return Clusters(
        images=images,
        pca=axes,
        points=points,
        sweep=sweep,
        gallery=room.gallery(clustering, n=asked.shown),
        agreement=room.agreement(clustering, images) if labelled else None,
        new=drawn,
        features=features,
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
    asked: ClusterRequest,
    progress: Progress,
) -> tuple[Pca | None, NDArray[np.float32], str]:
    """The axes if there are any, what is seen of the chosen images, and what gives it again."""
    features_room.check(asked.seen)
    word, _, rest = asked.seen.partition(":")
    if word in {"pixels", "pca"}:
        many = features_room.amount(rest) if rest else None
        axes = axes_of(images.images[pool], many, progress=progress)
        name = "pixels" if axes is None else f"pca:{len(axes)}"
        return axes, points_on(axes, images.images[chosen]), name
    if asked.new:
        raise OptionError(
            f"no new images can be drawn by {asked.seen}: nothing turns it back into pixels",
            "leave --features away, or --new",
        )
    looked = seen(images, asked.seen, learn_from=pool, progress=progress)
    return None, looked.of_rows(chosen), looked.name


def points_on(axes: Pca | None, pictures: NDArray[np.uint8]) -> NDArray[np.float32]:
    """``(n, d)`` pictures as points on axes, or by their pixels."""
    if axes is None:
        return pictures.reshape(len(pictures), -1).astype(np.float32)
    return axes.transform(pictures)


def _as_csv(found: Clusters) -> str:
    """One row per clustered image: its id, cluster and class."""
    rows: list[tuple[object, ...]] = [("id", "index", "cluster", "class")]
    images = found.images
    pairs = zip(found.clustering.indices, found.clustering.assignments, strict=True)
    for index, one in pairs:
        name = images.class_of(int(index))
        rows.append((images.id_of(int(index)), int(index), int(one), name))
    return sheets.as_csv(rows)
