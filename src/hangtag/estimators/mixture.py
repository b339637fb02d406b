"""Gaussian mixtures as classifiers: several numbers of components are fitted as one computation."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from hangtag import settings
from hangtag.estimators import answers
from hangtag.estimators.base import Fit, Fold
from hangtag.estimators.draw import accuracies
from hangtag.estimators.points import PointsEstimator, facts_of, features_in, features_on, sees
from hangtag.geometry import axes_from_arrays
from hangtag.progress import Progress, silent
from hangtag.records import (
    Candidate,
    Candidates,
    Config,
    Evaluation,
    ImageSet,
    MixtureSpec,
    Scores,
    Split,
)
from hangtag.requests import MixtureRequest
from hangtag.rooms import cluster as room
from hangtag.rooms.cluster import Classifying, Keeping, MixtureClassifier
from hangtag.rooms.features import Features
from hangtag.rooms.models import Bundle
from hangtag.runs import Run

if TYPE_CHECKING:
    from hangtag.estimators.search import Search

K, K_PER_CLASS = (10, 20, 40), (1, 2, 4)
"""Components to try: of one mixture, and of each class's."""
EVENLY_SPREAD = 255**2 / 12
"""Variance of gray levels of which each is as frequent as any other."""
TINY = 1e-12  # of features that are all alike: something must be added all the same


class _Mixtures(PointsEstimator):
    """Gaussian mixtures whose components stand for classes, or one mixture of each class."""

    name, noun, title = "mixture", "mixture", "Gaussian mixtures"
    record = MixtureRequest

    def request(self, asked: Mapping[str, Any], seed: int) -> MixtureRequest:
        """With a mixture of each class fewer components are tried, and nothing is smoothed."""
        class_conditional = asked.get("class_conditional", False)
        filled = {
            "k": K_PER_CLASS if class_conditional else K,
            "pseudo_count": None if class_conditional else room.PSEUDO_COUNT,
        }
        given = {name: asked.get(name) for name in filled}
        filled |= {name: value for name, value in given.items() if value is not None}
        options: MixtureRequest = super().request({**asked, **filled}, seed)
        return options

    @property
    def search(self) -> Search:
        """Of its options, one value of each at a time."""
        from hangtag.estimators.classical_search import ClassicalSearch  # training needs none

        return ClassicalSearch(self)

    def fit(
        self,
        images: ImageSet,
        split: Split,
        options: MixtureRequest,
        *,
        cached: bool = True,
        progress: Progress = silent,
    ) -> Fit:
        """Fit all numbers of components and choose one."""
        answers.check_validation(split, "a mixture")
        keeping = Keeping(settings.cache_folder() / "mixture" if cached else None)
        began = time.perf_counter()
        models, found = mixtures_on(
            images, split.train, options, keeping=keeping, cached=cached, progress=progress
        )
        seconds = keeping.earlier + time.perf_counter() - began
        rows = tuple(
            _row(one, model, images, split) for one, model in zip(found, models, strict=True)
        )
        # By accuracy and not by BIC: what is wanted is right answers, and the best description
        # seldom gives the most of them.
        best = int(np.argmax([row.validation.accuracy for row in rows]))
        model = models[best]
        tried = Candidates(
            name=model.spec.name,
            rows=rows,
            best=best,
            options=options.to_dict(),
            seconds=seconds,
            notes=_notes(rows, best, options),
        )
        model = replace(model, facts=facts_of(images, split, tried, model))
        return Fit(self, images, split, tried, model, model.spec, options, keeping.done)

    def onnx(self, model: MixtureClassifier, images: NDArray[np.uint8]) -> bytes:
        """Distances from all components as one product."""
        return room.onnx_model(model, images)

    def draw(self, candidates: Candidates, out: Path) -> list[Path]:  # noqa: ARG002
        """Nothing: a report has the figure."""
        return []

    def from_arrays(self, bundle: Bundle, arrays: Mapping[str, NDArray[Any]]) -> MixtureClassifier:
        """The mixture; its components can be looked at."""
        spec: Any = bundle.spec
        return room.mixture_from_arrays(
            spec,
            arrays,
            bundle.preprocessing,
            class_names=bundle.class_names,
            class_codes=bundle.class_codes,
            facts=bundle.facts,
            embedder=sees(features_in(bundle, arrays))["embedder"],
        )

    def words(self, spec: MixtureSpec) -> str:
        """How many components, and whose."""
        whose = f"{spec.k} of each class" if spec.class_conditional else "of all classes together"
        return f"a Gaussian mixture of {spec.components} components ({whose})"

    def told(self, run: Run, tested: Evaluation | None = None) -> Iterator[str]:  # noqa: ARG002
        """Every number of components that was tried, and which was chosen."""
        tried = run.candidates()
        spec: Any = run.config.spec
        where = spec.features if spec.axes is None else f"{spec.axes} axes"
        whose = "for each class" if spec.class_conditional else "of all classes together"
        yield f"mixtures of {spec.covariance} components {whose}, on {where}"
        heads = ("k", "components", "regularised", "training", "validation")
        yield "  ".join(f"{one:>11}" for one in heads)
        for row in tried.rows:
            counts = (row["k"], row["components"], row["regularised"])
            proportions = (f"{row.training.accuracy:.4f}", f"{row.validation.accuracy:.4f}")
            yield "  ".join(f"{one:>11}" for one in (*counts, *proportions))
        took = f"fitted in {tried.seconds:.1f} s"
        yield f"chosen   k = {tried.chosen['k']}, by validation accuracy; {took}"

    def chosen(self, spec: MixtureSpec, candidates: Candidates) -> dict[str, Any]:
        """Components, their shape and what they lie among."""
        return {
            "components": spec.components,
            "singular but for the regularisation": candidates.chosen["regularised"],
            "covariances": spec.covariance,
            "features": spec.features,
        }

    def diagram(self, candidates: Candidates) -> tuple[bytes, str]:
        """Accuracy by components."""
        words = "Accuracy of every mixture that was tried, by its number of components"
        return accuracies(candidates, "components"), words

    def score_again(self, config: Config, images: ImageSet, fold: Fold, seed: int) -> float:
        """Fit the chosen number of components alone."""
        spec: Any = config.spec
        return self.score(replace(config.options, k=(spec.k,), seed=seed), images, fold)

    def score(self, options: MixtureRequest, images: ImageSet, fold: Fold) -> float:
        """Fit what is asked on one part of a fold; accuracy of the most components on the other."""
        models, _ = mixtures_on(images, fold[0], options)
        return answers.accuracy(models[-1], images, fold[1])


def mixtures_on(
    images: ImageSet,
    train: NDArray[np.int64],
    options: MixtureRequest,
    *,
    keeping: Keeping | None = None,
    cached: bool = True,
    progress: Progress = silent,
) -> tuple[list[MixtureClassifier], tuple[Classifying, ...]]:
    """Fit a classifier of every number of components, fewest first.

    Args:
        images: The set.
        train: Which of its images to fit to.
        options: What is asked.
        keeping: Where finished starts are kept, for after a kill; None keeps nothing.
        cached: Whether features that take long are kept, and read where they are.
        progress: Told how many starts are done.

    Returns:
        The classifiers, and what must be known of each.

    Raises:
        OptionError: An option cannot be, or the images are too few or of one class.
    """
    features = features_on(images, train, options.seen, cached=cached, progress=progress)
    points = _points(images, train, features)
    # What a network says has no gray levels: its variances are taken to be as wide on average as
    # those of evenly spread ones, so that the same number is as small beside both.
    unit = 1.0 if features.network is None else float(points.var(axis=0).mean()) / EVENLY_SPREAD
    found = room.classifying(
        points,
        images.labels[train],
        options.k or K,
        class_conditional=options.class_conditional,
        covariance=options.covariance,
        pseudo_count=options.pseudo_count,
        class_names=images.class_names,
        seed=options.seed or 0,
        n_init=options.n_init,
        regularisation=options.regularisation * max(unit, TINY),
        keeping=keeping,
        progress=progress,
    )
    names, codes = images.class_names, images.class_codes
    models = [
        MixtureClassifier(
            one.components,
            one.k,
            options.class_conditional,
            class_names=names,
            class_codes=codes,
            **sees(features),
        )
        for one in found
    ]
    return models, found


def _points(images: ImageSet, rows: NDArray[np.int64], features: Features) -> NDArray[np.float64]:
    """What the components lie among; axes in double precision up to the end, as its answers."""
    if features.network is not None:
        return features.at(images, rows).astype(np.float64)
    return room.points_of(
        images.images[rows], features.preprocessing, axes_from_arrays(features.arrays())
    )


def _notes(rows: tuple[Candidate, ...], best: int, options: MixtureRequest) -> tuple[str, ...]:
    thin = ", ".join(
        f"{row['regularised']} of {row['components']}" for row in rows if row["regularised"]
    )
    slow = ", ".join(str(row["k"]) for row in rows if not row["converged"])
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


def _row(one: Classifying, model: MixtureClassifier, images: ImageSet, split: Split) -> Candidate:
    facts = {
        "components": len(one.components),
        "regularised": one.regularised,
        "converged": one.converged,
    }
    training, validation = (
        Scores(answers.accuracy(model, images, where)) for where in (split.train, split.validation)
    )
    return Candidate({"k": one.k}, training, validation, facts=facts)


MIXTURE = _Mixtures()
