"""Training: images and the name of a kind of model go in, a run with a model comes out."""

from __future__ import annotations

import shlex
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from hangtag import runs, settings
from hangtag.errors import RunError
from hangtag.estimators import choice, estimator, estimator_of
from hangtag.estimators.base import Job
from hangtag.estimators.choice import AUTO, Choice
from hangtag.estimators.provenance import folder_for
from hangtag.progress import CAUTION, Progress, silent
from hangtag.records import ImageSet, Source, Split
from hangtag.requests import LoadOptions
from hangtag.requests.everywhere import MadeSplit
from hangtag.rooms import load as load_room
from hangtag.rooms import models as models_room
from hangtag.runs import Run
from hangtag.workbench import alone, kept_images
from hangtag.workbench.data import (
    Data,
    as_images,
    divided,
    images_of,
    makes_again,
    origin_of,
    source_of,
)
from hangtag.workbench.opening import open_run

GIVEN = "given-split.npz"
"""In a run's folder: the split that it was given, where no recipe makes it again."""


def train(
    data: Data,
    *,
    model: str = AUTO,
    split: str | MadeSplit | None = None,
    seed: int | None = None,
    split_seed: int | None = None,
    limit: int | None = None,
    images: ImageSet | None = None,
    out: str | Path | None = None,
    cached: bool = True,
    progress: Progress = silent,
    **options: Any,  # noqa: ANN401 - each kind of model has its own
) -> Run:
    """Train a model of any kind on images; model, split and what was tried are kept in a run.

    Args:
        data: What :func:`as_images` takes: a known set's name, a path, an ImageSet, ``(images,
            labels)``, or a run. Images that no source has are kept in the run.
        model: The kind: ``network``, ``forest``, ``mixture``, …; ``auto`` takes a network where
            anything is asked of it or images are no photographs, and for photographs what
            validation images choose.
        split: How to divide, or a split that :func:`split` gave; None takes ``auto``, or a
            network's document's own way. One that no recipe gives again is kept in the run.
        seed: Of the split and of all that is drawn; None takes HANGTAG_SEED, or 0.
        split_seed: Of the split alone, where it is not to change with the seed.
        limit: Images per part at most, spread evenly; None for all.
        images: What `data` and `limit` give, where it is loaded already.
        out: Folder of the run; None makes one under the runs folder.
        cached: Whether what was computed before is read from the cache.
        progress: Told how far it is.
        options: What is asked of the kind of model. Of networks: ``network`` (a name that ``hangtag
            summary`` lists), ``changes`` to it such as ``{"dense.units": 64}``, ``rows`` of each
            image that it sees, and the fields of ``TrainingOptions``, by themselves or as
            ``options``. Of the others: what the requests of ``hangtag.requests.KINDS`` have.

    Raises:
        UsageError: Anything about the request does not fit; nothing is written then.
        FailedError: The model could not be made; of a network whose loss left the finite numbers
            the last good weights are kept.

    Example:
        >>> run = hangtag.train("digits", network="cnn-28-56", epochs=3)
        >>> run = hangtag.train("digits", model="forest", n_estimators=[50, 100])
    """
    number = settings.default_seed() if seed is None else seed
    notes: tuple[str, ...] = ()
    seen: ImageSet | None = None  # the images that the choice was made on, if they were larger
    if model == AUTO and any(one not in (None, {}) for one in options.values()):
        model = "network"
    if model == AUTO:
        if out is not None:
            runs.check_free(Path(out))
        images = as_images(data, limit=limit, progress=progress) if images is None else images
        chosen = _choice(images, split, number, split_seed, cached=cached, progress=progress)
        model, options, notes = chosen.model, dict(chosen.options), chosen.why
        if chosen.size is not None:
            seen = images
            data, images = _smaller(data, images, chosen.size, limit, progress)
    kind = estimator(model)
    request = kind.request(options, number)
    place = folder_for(out, kind.label(request))
    runs.check_free(place)
    if images is None:
        images = as_images(data, limit=limit, progress=progress)
    source, limit = source_of(data, images, limit)
    # Images that no source has are kept in the run, so that whatever comes later finds them.
    lasting = isinstance(data, str | Path | Source) or origin_of(images) is not None
    how = split or kind.own_split(request, images, sampled=limit is not None)
    own = number if split_seed is None else split_seed
    made, fresh = _as_given(images, images if seen is None else seen, how, own)
    asked = f"{load_room.SAVED}{place / GIVEN}" if fresh else _text(split)
    if images.groups is not None and made.notes:
        progress(CAUTION, 0, 0, made.notes[-1])
    return kind.train(
        Job(
            source,
            images,
            made,
            request,
            place,
            limit,
            partial(_keep, images=None if lasting else images, split=made if fresh else None),
            cached,
            progress,
            notes,
            asked,
        )
    )


def _as_given(
    images: ImageSet, seen: ImageSet, how: str | MadeSplit, seed: int
) -> tuple[Split, bool]:
    """The split, and whether it must be kept since no recipe gives it again.

    Args:
        images: What is trained on.
        seen: The same images in the same order as they were given, larger perhaps.
        how: A recipe, or a split of `seen`.
        seed: Of the recipe.
    """
    made = replace(divided(seen, how, seed=seed), fingerprint=images.fingerprint)
    plain = isinstance(how, str) and seen is images
    return made, not (plain or makes_again(images, made))


def _text(split: str | MadeSplit | None) -> str:
    return split if isinstance(split, str) else ""


def _keep(run: Run, images: ImageSet | None, split: Split | None) -> None:
    """Keep in a new run what nothing else gives again."""
    if images is not None:
        kept_images.write(run, images)
    if split is not None:
        load_room.save_split(split, run.folder / GIVEN)


def _choice(
    images: ImageSet,
    split: str | MadeSplit | None,
    seed: int,
    split_seed: int | None,
    *,
    cached: bool,
    progress: Progress,
) -> Choice:
    """What is trained where nobody said a kind of model."""
    if not choice.are_photographs(images):
        return Choice("network", {})
    number = seed if split_seed is None else split_seed
    made = divided(images, split or "auto", seed=number)
    return choice.choose(images, made, seed, cached=cached, progress=progress)


def _smaller(
    data: Data, images: ImageSet, size: tuple[int, int], limit: int | None, progress: Progress
) -> tuple[Data, ImageSet]:
    """The same images at another size, and what loads them so."""
    if isinstance(data, str | Path | Source):
        source = Source.of(data)
        said = source.options.overridden(LoadOptions(size=size, gray=False))
        smaller = Source(source.place, said)
        return smaller, as_images(smaller, limit=limit, progress=progress)
    small = replace(images, images=load_room.resize(images.images, size), originals=None)
    return small, small


grow_forest = partial(train, model="forest")
"""Train a forest."""
fit_mixture = partial(train, model="mixture")
"""Train a mixture."""


@alone.on_a_run
def resume(
    place: str | Path | Run = runs.LATEST,
    *,
    images: ImageSet | None = None,
    progress: Progress = silent,
) -> Run:
    """Go on with a run whose training was stopped or killed; it ends as if it never had been.

    Args:
        place: The run, by folder, name or ``latest``.
        images: What the run was trained on, where it is loaded already.
        progress: Told how far it is.

    Raises:
        RunError: There is no such run, it is trained already, or its source has changed.
    """
    run = open_run(place)
    if run.stage != "training":
        raise RunError(
            f"run {run.name} is {run.stage}; there is nothing to resume",
            f"hangtag evaluate {shlex.quote(str(run.folder))}"
            if run.stage == "trained"
            else "train a new run",
        )
    kind = estimator_of(run.config.spec)
    return kind.resume(run, images_of(run, progress, images), progress)


def summary_of(run: Run) -> dict[str, Any]:
    """The layers, parameters, trainable ones and biases of a run's network, JSON-ready."""
    found: dict[str, Any] = models_room.summary(run.config.network)
    return found
