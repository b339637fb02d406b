"""Clustering: a set of images goes in; clusters, how many and what they look like come out."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from hangtag import settings
from hangtag.errors import OptionError
from hangtag.estimators.seeing import seen
from hangtag.families import check_options
from hangtag.geometry import axes_of
from hangtag.geometry.principal import points_on
from hangtag.progress import Progress, silent
from hangtag.records import ImageSet, Pca
from hangtag.requests import ClusterRequest, takes
from hangtag.requests.everywhere import check_seen
from hangtag.rooms import cluster as room
from hangtag.rooms import features as features_room
from hangtag.rooms.cluster.clusters import Clusters, described
from hangtag.workbench.data import Data, as_images, part_of, seed_of, training_images


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
    found = described(
        images,
        (axes, points, features),
        sweep,
        shown=asked.shown,
        new=asked.new,
        seed=number,
        progress=progress,
    )
    keeping.done()
    return found


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
    check_seen(asked.features, asked.pca, ClusterRequest().pca)
    features_room.check(asked.seen)
    word, _, rest = asked.seen.partition(":")
    if word in {"pixels", "pca"}:
        many = features_room.amount(rest) if rest else None
        axes = axes_of(_images(images, pool), many, progress=progress)
        name = "pixels" if axes is None else f"pca:{len(axes)}"
        return axes, points_on(axes, _images(images, chosen)), name
    if asked.new:
        raise OptionError(
            f"no new images can be drawn by {asked.seen}: nothing turns it back into pixels",
            "leave --features away, or --new",
        )
    looked = seen(images, asked.seen, learn_from=pool, progress=progress)
    return None, looked.of_rows(chosen), looked.name


def _images(images: ImageSet, places: NDArray[np.int64]) -> NDArray[np.uint8]:
    """The images at rising places; all of them without a copy, which of large ones is as much."""
    return images.images if len(places) == len(images) else images.images[places]
