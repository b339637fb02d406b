"""Mixtures as classifiers: pictures go in, the best of several mixtures comes out, ready to tag."""

from __future__ import annotations

import shlex
import time
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from hangtag import atomic, runs, settings
from hangtag.errors import BundleError
from hangtag.progress import Progress, silent
from hangtag.records import (
    Evaluation,
    ImageSet,
    MixtureOptions,
    MixtureSpec,
    Preprocessing,
    Source,
    Split,
    TriedMixture,
    TriedMixtures,
)
from hangtag.rooms import cluster as room
from hangtag.rooms import load as load_room
from hangtag.rooms import models as models_room
from hangtag.rooms.cluster import Classifying, Keeping, MixtureClassifier
from hangtag.runs import Run
from hangtag.workbench.answering import check_validation, settled, tested, write_bundle
from hangtag.workbench.data import load
from hangtag.workbench.growing import several
from hangtag.workbench.mixing import accuracy, mixtures_on
from hangtag.workbench.recorded import config_of, data_facts, folder_for
from hangtag.workbench.tag import open_bundle

K, K_PER_CLASS = (10, 20, 40), (1, 2, 4)
"""Components to try: of one mixture, and of each class's."""
PCA = 0.95
"""Share of the variance that the axes explain on which components lie, as for clusters."""
PARITY_PICTURES = 1000


@dataclass(frozen=True, eq=False)
class FittedMixture:
    """Mixtures that were tried, and the one that was chosen.

    Attributes:
        images: The set.
        split: Which images trained, chose, and wait for the test.
        tried: Every number of components tried.
        model: The best one.
        options: What was asked.
    """

    images: ImageSet
    split: Split
    tried: TriedMixtures
    model: MixtureClassifier
    options: MixtureOptions

    @property
    def spec(self) -> MixtureSpec:
        """The chosen mixture in numbers."""
        return self.model.spec

    @property
    def preprocessing(self) -> Preprocessing:
        """What is done to pictures first."""
        return self.model.preprocessing


def mixture(
    images: ImageSet,
    *,
    k: int | Iterable[int] | None = None,
    covariance: str = "full",
    per_class: bool = False,
    pca: float | None = PCA,
    split: str = "auto",
    smoothing: float | None = None,
    regularisation: float = room.REGULARISATION,
    n_init: int = 1,
    seed: int | None = None,
    progress: Progress = silent,
) -> FittedMixture:
    """Fit Gaussian mixtures to training images and let their components answer with classes.

    A mixture is fitted without labels; each component then stands for the classes that its images
    have, and a picture gets the classes of the components it probably belongs to. With `per_class`
    every class has a mixture of its own, and Bayes' rule decides between them.

    Args:
        images: The set.
        k: How many components; several are tried at once and one is chosen on validation images.
            None takes 10, 20 and 40, or 1, 2 and 4 of each class.
        covariance: The shape of the components: ``full``, ``tied``, ``diagonal``, ``spherical``.
        per_class: Give each class a mixture of its own.
        pca: Axes the components lie on: a whole number of them, or the share of the training
            images' variance that they explain; None for pixels.
        split: How to divide; the guide's page on loading has the recipes.
        smoothing: Images added to each component, of all classes as often as training has them;
            None takes 1. Not with `per_class`.
        regularisation: Added to the diagonal of every covariance, in squared grey levels.
        n_init: Starts of every number; the most likely is kept.
        seed: Of the split and the starts; None takes HANGTAG_SEED, or 0.
        progress: Told how many starts are done.

    Raises:
        OptionError: An option cannot be, or training images are too few or of one class.
        SplitError: The set cannot be divided so, or no validation images are left.

    Example:
        >>> found = hangtag.mixture(hangtag.load("digits"), k=range(10, 61, 10))
        >>> found.tried.chosen.validation
    """
    options = _options(k, covariance, per_class, pca, smoothing, regularisation, n_init, seed)
    keeping = _keeping()
    found = _fitted(images, split, options, keeping, progress)
    keeping.done()
    return found


def _keeping() -> Keeping:
    return Keeping(settings.cache_folder() / "mixture")


def _options(
    k: int | Iterable[int] | None,
    covariance: str,
    per_class: bool,
    pca: float | None,
    smoothing: float | None,
    regularisation: float,
    n_init: int,
    seed: int | None,
) -> MixtureOptions:
    default = K_PER_CLASS if per_class else K
    return MixtureOptions(
        k=default if k is None else several(k),
        covariance=covariance,
        per_class=per_class,
        pca=pca,
        smoothing=room.SMOOTHING if smoothing is None and not per_class else smoothing,
        regularisation=regularisation,
        n_init=n_init,
        seed=settings.default_seed() if seed is None else seed,
    )


def _fitted(
    images: ImageSet, split: str, options: MixtureOptions, keeping: Keeping, progress: Progress
) -> FittedMixture:
    division = load_room.split(images, split, seed=options.seed)
    check_validation(division, "a mixture")
    began = time.perf_counter()
    models, found = mixtures_on(images, division.train, options, keeping=keeping, progress=progress)
    seconds = keeping.earlier + time.perf_counter() - began
    rows = tuple(
        _row(one, model, images, division) for one, model in zip(found, models, strict=True)
    )
    best = int(np.argmax([row.validation for row in rows]))
    tried = TriedMixtures(
        rows=rows,
        best=best,
        options=options.to_dict(),
        seconds=seconds,
        notes=_notes(rows, best, options),
    )
    model = models[best]
    facts = _facts(images, division, tried, options) | settled(model, images, division)
    return FittedMixture(images, division, tried, replace(model, facts=facts), options)


def _notes(rows: tuple[TriedMixture, ...], best: int, options: MixtureOptions) -> tuple[str, ...]:
    thin = ", ".join(f"{row.regularised} of {row.components}" for row in rows if row.regularised)
    slow = ", ".join(str(row.k) for row in rows if not row.converged)
    notes = []
    if thin:
        notes.append(
            f"{thin} covariances are singular but for the regularisation of "
            f"{options.regularisation:g}: along some direction their images differ by less"
        )
    if slow:
        notes.append(f"the mixtures of k = {slow} had not converged when they were stopped")
    if 0 < best == len(rows) - 1:
        notes.append("the most components tried are the best, so more may be better still")
    return tuple(notes)


def _row(
    one: Classifying, model: MixtureClassifier, images: ImageSet, division: Split
) -> TriedMixture:
    return TriedMixture(
        k=one.k,
        components=len(one.components),
        regularised=one.regularised,
        converged=one.converged,
        training=accuracy(model, images, division.train),
        validation=accuracy(model, images, division.validation),
    )


def fit_mixture(
    source: str | Path | Source,
    *,
    k: int | Iterable[int] | None = None,
    covariance: str = "full",
    per_class: bool = False,
    pca: float | None = PCA,
    split: str = "auto",
    smoothing: float | None = None,
    regularisation: float = room.REGULARISATION,
    n_init: int = 1,
    seed: int | None = None,
    limit: int | None = None,
    out: Path | None = None,
    progress: Progress = silent,
) -> Run:
    """Choose a mixture as :func:`mixture` does, and keep it in a new run.

    The run can be evaluated, compared, reported and tagged with like that of a network. Asked for
    again after a kill, it goes on with the starts that are not fitted yet.

    Args:
        source: What to load.
        k: As for :func:`mixture`, and likewise all that follow.
        covariance: The shape of the components.
        per_class: Give each class a mixture of its own.
        pca: Axes the components lie on; None for pixels.
        split: How to divide.
        smoothing: Images added to each component.
        regularisation: Added to the diagonal of every covariance.
        n_init: Starts of every number.
        seed: Of the split and the starts; None takes HANGTAG_SEED, or 0.
        limit: Images per part at most, spread evenly; None for all.
        out: Folder of the run; None makes one under the runs folder.
        progress: Told how many starts are done.

    Raises:
        UsageError: Anything about the request does not fit; nothing is written then.
        FailedError: A covariance stays singular whatever is added to it, or the ONNX model would
            answer otherwise by more than 1e-5; nothing is written then.

    Example:
        >>> run = hangtag.fit_mixture("digits", k=[20, 40])
        >>> run.mixtures().chosen.validation
    """
    place = folder_for(out, "mixture")
    runs.check_free(place)
    images = load(source, limit=limit, progress=progress)
    options = _options(k, covariance, per_class, pca, smoothing, regularisation, n_init, seed)
    keeping = _keeping()
    found = _fitted(images, split, options, keeping, progress)
    model = _onnx(found)
    command = _command(found, source, limit)

    def fill(draft: Run) -> None:
        draft.write_split(found.split)
        draft.write_mixtures(found.tried)
        write_bundle(found.model, found.spec, model, draft.bundle)

    config = config_of(found, source, limit, command)
    run = runs.create(place, config, fill, stage="trained")
    keeping.done()
    return run


def evaluate_mixture(found: FittedMixture) -> Evaluation:
    """Open the test split and say what the chosen mixture is worth.

    Raises:
        SplitError: The split keeps no test images.
    """
    return tested(found.model, found.images, found.split)


def write_mixture(found: FittedMixture, out: Path) -> list[Path]:
    """Write a mixture and all that were tried into a folder.

    Args:
        found: The mixture.
        out: The folder; files in it that have other names are left alone.

    Returns:
        What was written: ``mixtures.json`` and the folder ``bundle``.

    Raises:
        FailedError: The ONNX model would answer otherwise by more than 1e-5; nothing is written.
    """
    model = _onnx(found)
    kept = atomic.write_json(out / "mixtures.json", found.tried.to_dict())
    return [kept, write_bundle(found.model, found.spec, model, out / "bundle")]


def _onnx(found: FittedMixture) -> bytes:
    some = found.images.images[found.split.validation[:PARITY_PICTURES]]
    return room.onnx_model(found.model, some)


def open_mixture(place: str | Path) -> MixtureClassifier:
    """Open the mixture of a bundle or run as arrays: its components can be looked at.

    To tag, :func:`open_bundle` is enough. What this gives is a classifier as well, which answers
    with NumPy alone.

    Raises:
        BundleError: The bundle is damaged, or holds no mixture.

    Example:
        >>> model = hangtag.open_mixture("mixture")
        >>> model.components.table.argmax(axis=1)
    """
    bundle = open_bundle(place)
    if not isinstance(bundle.spec, MixtureSpec):
        raise BundleError(
            f"{bundle.path} holds {bundle.spec.name}, which is no mixture",
            "hangtag.open_bundle opens any model",
        )
    return room.mixture_from_arrays(
        bundle.spec,
        models_room.weights_from_bundle(bundle),
        bundle.preprocessing,
        class_names=bundle.class_names,
        class_codes=bundle.class_codes,
        facts=bundle.facts,
    )


def _command(found: FittedMixture, source: str | Path | Source, limit: int | None) -> str:
    """The command line that does the same again."""
    asked = found.options
    words = ["hangtag", "mixture", *Source.of(source).words(), "--k", ",".join(map(str, asked.k))]
    words += ["--covariance", asked.covariance, "--pca", str(asked.pca).lower()]
    words += ["--per-class"] if asked.per_class else ["--smoothing", str(asked.smoothing)]
    words += ["--regularisation", str(asked.regularisation), "--n-init", str(asked.n_init)]
    words += ["--split", found.split.recipe, "--seed", str(asked.seed)]
    return shlex.join(words if limit is None else [*words, "--limit", str(limit)])


def _facts(
    images: ImageSet, division: Split, tried: TriedMixtures, options: MixtureOptions
) -> dict[str, Any]:
    chosen = tried.chosen
    return {
        "k": chosen.k,
        "components": chosen.components,
        "regularised": chosen.regularised,
        "seed": options.seed,
        "split": division.recipe,
        "data": data_facts(images),
        "training": options.to_dict(),
        "metrics": {"validation": {"accuracy": chosen.validation}},
    }
