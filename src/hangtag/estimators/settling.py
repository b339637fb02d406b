"""A model that was chosen goes in, a fit comes out: calibrated, with what it calls unknown."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hangtag.estimators import answers, familiar, telling_apart
from hangtag.estimators.base import Fit
from hangtag.estimators.points import facts_of
from hangtag.records import Candidates, ImageSet, Split
from hangtag.rooms import evaluate as evaluate_room


def settled(
    kind: Any,  # noqa: ANN401 - a kind of a few arrays
    model: Any,  # noqa: ANN401 - and one of its models
    tried: Candidates,
    of: tuple[ImageSet, Split],
    options: Any,  # noqa: ANN401
    points: NDArray[np.float32],
) -> Fit:
    """What was chosen, with all that validation images settle of it.

    Args:
        kind: The kind of model.
        model: The chosen one.
        tried: All that were tried.
        of: The set, and which of its images trained and chose.
        options: What was asked.
        points: ``(n, d)`` of training images: what is familiar, and what tells classes apart.
    """
    images, split = of
    # Chosen first and calibrated then, on the same images: the temperature changes no answer, so
    # it cannot choose.
    warmth = evaluate_room.temperature(answers.answers_of(model, images, split.validation))
    if warmth is not None:
        model = replace(model, model=kind.calibrated(model.model, warmth))
    facts = {**facts_of(images, split, tried, model), **model.features.facts}
    by_network = model.features.network is not None  # as photographs are seen, too
    unseen = model.at(images, split.validation) if by_network else points[:0]
    if model.preprocessing.frames:  # it sees photographs
        what = familiar.fitted(points)
        model = replace(model, familiar=what)
        facts["familiarity"] = familiar.threshold(what.of(unseen))
    if len(unseen) >= telling_apart.FEWEST:
        truth, told = images.labels[split.validation], images.labels[split.train]
        metric, worth = telling_apart.learned(points, told, unseen, truth)
        model = replace(model, metric=metric)
        facts[telling_apart.FACT] = worth.facts
        tried = replace(tried, notes=(*tried.notes, worth.words))
    model = replace(model, facts=facts)
    return Fit(kind, images, split, tried, model, model.spec, options)
