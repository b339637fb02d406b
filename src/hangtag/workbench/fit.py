"""Fitting in memory: images go in, the best of several models comes out; nothing is kept."""

from __future__ import annotations

from functools import partial
from typing import Any

from hangtag import settings
from hangtag.estimators import estimator
from hangtag.estimators.base import Fit
from hangtag.progress import Progress, silent
from hangtag.requests.everywhere import MadeSplit
from hangtag.workbench.data import Data, as_images, divided


def fit(
    data: Data,
    *,
    model: str = "forest",
    split: str | MadeSplit = "auto",
    seed: int | None = None,
    cached: bool = True,
    progress: Progress = silent,
    **options: Any,  # noqa: ANN401 - each kind of model has its own
) -> Fit:
    """Try models of one kind and choose one on validation images, as :func:`train` does.

    Args:
        data: The images: a name, a path, an ImageSet, ``(images, labels)``, or a run.
        model: The kind: ``forest``, ``mixture``, …; a network is only trained as a run.
        split: How to divide, or a split that :func:`split` gave; the guide's page on loading has
            the recipes.
        seed: Of the split and of all that is drawn; None takes HANGTAG_SEED, or 0.
        cached: Whether what was computed before is read from the cache.
        progress: Told how far it is.
        options: What is asked of the kind of model.

    Returns:
        The model, all that were tried, and what they were fitted on; its ``write`` makes a bundle.

    Raises:
        OptionError: An option cannot be.
        SplitError: The set cannot be divided so, or no validation images are left.

    Example:
        >>> found = hangtag.fit("digits", model="forest", n_estimators=[50, 100])
        >>> found.candidates.chosen.validation.accuracy
    """
    kind = estimator(model)
    number = settings.default_seed() if seed is None else seed
    request = kind.request(options, number)
    images = as_images(data, progress=progress)
    made = divided(images, split, seed=request.seed)
    found = kind.fit(images, made, request, cached=cached, progress=progress)
    found.done()
    return found


forest = partial(fit, model="forest")
"""Fit a forest in memory."""
mixture = partial(fit, model="mixture")
"""Fit a mixture in memory."""
