"""Opening what is kept: a run by its folder or name, and the model in its bundle to look at."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

from hangtag import runs
from hangtag.errors import BundleError
from hangtag.estimators import estimator_of
from hangtag.runs import Run
from hangtag.workbench.data import as_run
from hangtag.workbench.tag import open_bundle


def open_run(place: str | Path | Run = runs.LATEST) -> Run:
    """Open a run by its folder, its name, or as the latest one; a run is opened anew.

    Raises:
        OptionError: It is none of these.
        RunError: There is no such run, or it is damaged.
    """
    return as_run(place)


def open_model(place: str | Path | Run, *, kind: str | None = None) -> Any:  # noqa: ANN401
    """Open the model of a bundle or run to look at it: trees, components, weights, layers.

    To tag, :func:`open_bundle` is enough. What this gives for all but networks is a classifier as
    well, which answers with NumPy alone; for a network it is the Keras model.

    Args:
        place: The bundle, or the run by folder, name or ``latest``.
        kind: The kind of model it must be; None takes any.

    Raises:
        BundleError: The bundle is damaged, or holds another kind of model.

    Example:
        >>> len(hangtag.open_model("forest").trees)
    """
    bundle = open_bundle(place)
    if kind not in (None, bundle.spec.kind):
        raise BundleError(
            f"{bundle.path} holds {bundle.spec.name}, which is no {kind}",
            "hangtag.open_model opens any model",
        )
    return estimator_of(bundle.spec).open(bundle)


open_forest = partial(open_model, kind="forest")
"""Open a forest as arrays."""
open_mixture = partial(open_model, kind="mixture")
"""Open a mixture as arrays."""
