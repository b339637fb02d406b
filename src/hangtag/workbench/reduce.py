"""Reducing: a set goes in, maps with a point per image come out, as records, page and figures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hangtag import atomic
from hangtag.errors import OptionError
from hangtag.estimators.seeing import seen
from hangtag.progress import Progress, silent
from hangtag.records import Clustering, ImageSet, Projection
from hangtag.requests import ReduceRequest, takes
from hangtag.rooms import reduce as room
from hangtag.rooms import report as report_room
from hangtag.rooms.reduce.draw import scatter, with_thumbnails
from hangtag.runs import Run
from hangtag.workbench.data import Data, as_images, part_of, seed_of, training_images
from hangtag.workbench.opening import open_run

THUMBNAIL = 0.06
"""Side of an image on a drawing for paper, as a proportion of the map's longer side."""


@takes(ReduceRequest)
def reduce(
    data: Data,
    asked: ReduceRequest,
    *,
    indices: NDArray[np.int64] | None = None,
    progress: Progress = silent,
) -> Projection:
    """Draw a map of a set, one point each image, and say how far it can be trusted.

    Args:
        data: The images: a name, a path, an ImageSet, ``(images, labels)``, or a run.
        asked: What is asked; its options, the method's own (such as ``perplexity``), and ``share``,
            ``dimensions`` and ``measure`` can be given by keyword.
        indices: Which images instead of a part, rising.
        progress: Told how far it is.

    Raises:
        OptionError: A method or option has no such name, or a value it cannot have.
        MissingError: The method needs a package that is not installed.

    Example:
        >>> chart = hangtag.reduce("digits", method="tsne", sample=1000, perplexity=20)
    """
    if len(asked.method) != 1:
        raise OptionError(f"{len(asked.method)} maps were asked for", "draw one map at a time")
    images, seed = as_images(data, limit=asked.limit, progress=progress), seed_of(asked.seed)
    if indices is None and asked.split is not None:
        indices = training_images(images, asked.split, seed=seed)
    elif indices is None and asked.part is not None:
        indices = part_of(images, asked.part)
    looked = None
    if asked.features not in (None, "pixels"):
        looked = seen(images, asked.features, learn_from=indices, progress=progress)
    return room.reduce(
        images,
        method=asked.method[0],
        indices=indices,
        limit=asked.sample,
        seed=seed,
        seen=looked,
        progress=progress,
        **asked.options,
    )


def map_page(
    images: ImageSet,
    maps: Sequence[Projection],
    out: Path,
    *,
    clusterings: Sequence[Clustering] = (),
    run: str | Path | Run | None = None,
    reproduce: Mapping[str, Any] | None = None,
    progress: Progress = silent,
) -> Path:
    """Write maps as one HTML page in which one can walk through them.

    Args:
        images: The set all maps are of.
        maps: At least one.
        out: The page to write.
        clusterings: Of the same set; points can be coloured by them, too.
        run: An evaluated run; points are colored by what it answered on its test images.
        reproduce: ``command`` and what else is needed to get the same again.
        progress: Told how far it is.

    Raises:
        UsageError: Maps, images, clusters and answers do not fit together.
        RunError: There is no such run, or it is not evaluated yet.
    """
    progress("page", 0, 1)
    html = report_room.map_page(
        images,
        maps,
        clusterings=clusterings,
        answers=None if run is None else open_run(run).predictions(),
        thumbnails=thumbnails_of(maps),
        reproduce=reproduce,
    )
    path = atomic.write_text(out, html)
    progress("page", 1, 1)
    return path


def thumbnails_of(maps: Sequence[Projection]) -> dict[int, NDArray[np.int64]]:
    """Which rows of each map stand on its drawing for paper as images, so that none overlap."""
    return {
        number: room.thumbnails(one.points[:, :2], size=THUMBNAIL)
        for number, one in enumerate(maps)
        if one.points.ndim == 2 and one.points.shape[1] > 1
    }


def map_figures(
    images: ImageSet, maps: Sequence[Projection], folder: Path, *, points: int | None = None
) -> tuple[Path, ...]:
    """Write each map as figures: its points, and the same with images that do not overlap.

    Args:
        images: The set all maps are of.
        maps: Of two dimensions.
        folder: Where the figures go: ``METHOD.svg`` (PNG above 5,000 points) and
            ``METHOD-pictures.png``.
        points: Drawn at most, a sample by the map's own seed; None for all.

    Raises:
        OptionError: A map has not two dimensions.
    """
    made: dict[str, bytes] = {}
    for one in maps:
        drawn = scatter(one, images.labels[one.indices], images.class_names, points=points)
        ending = "svg" if drawn.lstrip().startswith(b"<") else "png"
        made[f"{one.method}.{ending}"] = drawn
        made[f"{one.method}-pictures.png"] = with_thumbnails(one, images, points=points)
    return tuple(atomic.write_bytes(folder / name, data) for name, data in made.items())
