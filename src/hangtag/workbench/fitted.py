"""What training left, whatever the model is: a run goes in, what pages tell of it comes out.

To add a kind of model: a pair of functions like :func:`_forest` and :func:`_forest_shown`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from hangtag.records import ForestSpec, History, MixtureSpec
from hangtag.rooms import models as models_room
from hangtag.runs import Run


@dataclass(frozen=True)
class Fitted:
    """A model that was trained, grown or fitted.

    Attributes:
        words: Such as ``the network s0-cnn``.
        noun: ``network``, ``forest`` or ``mixture``.
        parameters: Numbers that were fitted.
        seconds: Of training: of all epochs, of a forest's trees one after the other, or of all
            mixtures that were tried, which are fitted as one.
        training: Accuracy on training images; None where it was not measured.
        validation: Accuracy on validation images; None without them.
        history: Epoch by epoch; None for what has no epochs.
    """

    words: str
    noun: str
    parameters: int
    seconds: float
    training: float | None
    validation: float | None
    history: History | None


def fitted(run: Run) -> Fitted:
    """What training left of a run.

    Raises:
        RunError: It is not trained to its end, or a file of it is damaged.
    """
    spec = run.config.spec
    if isinstance(spec, MixtureSpec):
        return _mixture(run, spec)
    return _forest(run, spec) if isinstance(spec, ForestSpec) else _network(run)


def shown(run: Run) -> dict[str, Any]:
    """What a report shows of the model and of what was asked, by the names of its facts."""
    spec = run.config.spec
    if isinstance(spec, MixtureSpec):
        facts = _mixture_shown(run, spec)
    else:
        facts = _forest_shown(run, spec) if isinstance(spec, ForestSpec) else _network_shown(run)
    facts["options"] |= {"split": run.config.split}
    return facts


def _network(run: Run) -> Fitted:
    history = run.history()
    last = {curve: history.last(curve) for curve in history.curves}
    return Fitted(
        words=f"the network {run.config.name}",
        noun="network",
        parameters=int(models_room.summary(run.config.network)["parameters"]),
        seconds=sum(history.seconds),
        training=last.get("accuracy"),
        validation=last.get("val_accuracy"),
        history=history,
    )


def _network_shown(run: Run) -> dict[str, Any]:
    summary, options = models_room.summary(run.config.network), run.config.training
    rate = options.learning_rate or f"Keras' default for {options.optimizer}"
    return {
        "layers": tuple(summary["layers"]),
        "totals": {name: summary[name] for name in ("parameters", "trainable", "biases")},
        "diagram": models_room.diagram(run.config.network),
        "options": options.to_dict() | {"learning_rate": rate},
    }


def _forest(run: Run, spec: ForestSpec) -> Fitted:
    best = run.grid().best_cell
    kind = run.config.name.replace("-", " ")
    return Fitted(
        words=f"a forest of {best.n_estimators} trees ({kind})",
        noun="forest",
        parameters=spec.parameters,
        seconds=best.seconds,
        training=best.training.accuracy,
        validation=best.validation.accuracy,
        history=None,
    )


def _forest_shown(run: Run, spec: ForestSpec) -> dict[str, Any]:
    from hangtag.rooms.forest import draw

    chosen = {
        "trees": spec.n_estimators,
        "greatest depth": spec.max_depth,
        "nodes": spec.nodes,
        "principal axes": "none: trees see pixels" if spec.axes is None else spec.axes,
    }
    return {
        "diagram": draw.heat_map(run.grid()).decode(),
        "diagram_words": "Validation accuracy of every forest that was tried, by trees and depth",
        "options": chosen | {f"asked: {k}": v for k, v in run.config.options.to_dict().items()},
    }


def _mixture(run: Run, spec: MixtureSpec) -> Fitted:
    tried = run.mixtures()
    whose = f"{spec.k} of each class" if spec.per_class else "of all classes together"
    return Fitted(
        words=f"a Gaussian mixture of {spec.components} components ({whose})",
        noun="mixture",
        parameters=spec.parameters,
        seconds=tried.seconds,
        training=tried.chosen.training,
        validation=tried.chosen.validation,
        history=None,
    )


def _mixture_shown(run: Run, spec: MixtureSpec) -> dict[str, Any]:
    from hangtag.rooms.cluster import draw

    tried = run.mixtures()
    chosen = {
        "components": spec.components,
        "singular but for the regularisation": tried.chosen.regularised,
        "covariances": spec.covariance,
        "principal axes": "none: components lie among pixels" if spec.axes is None else spec.axes,
    }
    return {
        "diagram": draw.accuracies(tried).decode(),
        "diagram_words": "Accuracy of every mixture that was tried, by its number of components",
        "options": chosen | {f"asked: {k}": v for k, v in run.config.options.to_dict().items()},
    }
