"""Ready-made spaces by name, each with the model and method of its study.

To add one: an entry in :data:`READY`.
"""

from __future__ import annotations

from dataclasses import dataclass

from hangtag.errors import OptionError, nearest
from hangtag.records import Dimension, Space


@dataclass(frozen=True)
class Ready:
    """A space with what its document says of the search.

    Attributes:
        space: What may vary.
        network: The network that is varied; empty for another kind of model.
        method: How it is searched.
        trials: How many trials; None for all cells of a grid.
        epochs: Of every trial; None when they vary.
        folds: Of cross-validation; 1 for a validation split.
        model: ``network``, ``forest``, ``kmeans`` or ``mixture``.
        split: How its study divides; None takes the model's own.
    """

    space: Space
    network: str
    method: str
    trials: int | None = None
    epochs: int | None = None
    folds: int = 1
    model: str = "network"
    split: str | None = None


_BATCHES = Dimension("batch_size", (64, 128))
_EPOCHS = Dimension("epochs", (10, 20))
_S1_DEPTHS = Dimension("max_depth", low=5, high=50, step=5)
_S1_SPLIT = "stratified:0.2"
_ACTIVATIONS = ("relu", "tanh", "leaky_relu")

READY: dict[str, Ready] = {
    "s2-grid": Ready(
        Space(
            (
                _BATCHES,
                Dimension("dropout", (0.2, 0.5)),
                _EPOCHS,
                Dimension("dense.units", (64, 128)),
                Dimension("optimizer", ("adam", "rmsprop")),
            ),
            "s2-grid",
            "the first grid of study S2: batch size, dropout after each hidden layer, epochs, "
            "hidden units, optimizer; its document prints the best cell (128, 0.2, 20, 128, adam) "
            "and not the others, which are chosen here",
        ),
        network="s2-mlp",
        method="grid",
        folds=3,
    ),
    "s2-grid2": Ready(
        Space(
            (
                _BATCHES,
                _EPOCHS,
                Dimension("optimizer", ("adam", "rmsprop", "sgd")),
                Dimension("dense.layers", (1,)),
                Dimension("dense.units", (128,)),
            ),
            "s2-grid2",
            "the second grid of study S2: batch size, epochs and optimizer with one hidden layer "
            "of 128; its document prints the best cell (128, 20, adam) and not the others, which "
            "are chosen here",
        ),
        network="s2-mlp",
        method="grid",
        folds=3,
    ),
    "s4-search": Ready(
        Space(
            (
                Dimension("conv.activation", _ACTIVATIONS),
                Dimension("optimizer", ("sgd", "adam", "rmsprop")),
                Dimension("conv_1.filters", low=32, high=128, step=32),
                Dimension("conv_2.filters", low=32, high=128, step=32),
                Dimension("conv.kernel_size", (3, 5)),
                Dimension("dense.activation", _ACTIVATIONS),
                Dimension("dense.layers", low=1, high=3),
                Dimension("dense_1.units", low=96, high=192, step=32),
                Dimension("batch_size", (128, 192, 256)),
            ),
            "s4-search",
            "the Bayesian search of study S4: activations, optimizer, filters, kernel, dense "
            "layers and units, batch size; the steps, at most three dense layers and the batch "
            "of 256 are chosen here",
        ),
        network="s4-cnn",
        method="bayes",
        trials=20,
        epochs=3,
    ),
    "s1-forest": Ready(
        Space(
            (_S1_DEPTHS, Dimension("n_estimators", low=50, high=750, step=50)),
            "s1-forest",
            "the first grid of study S1: 150 random forests on pixels, on its split with --seed 22",
        ),
        network="",
        method="grid",
        model="forest",
        split=_S1_SPLIT,
    ),
    "s1-forest-pca": Ready(
        Space(
            (
                Dimension("pca", (0.95,)),
                _S1_DEPTHS,
                Dimension("n_estimators", low=50, high=170, step=20),
            ),
            "s1-forest-pca",
            "the second grid of study S1: 70 random forests on the principal axes that explain "
            "95 % of the variance, on its split with --seed 22",
        ),
        network="",
        method="grid",
        model="forest",
        split=_S1_SPLIT,
    ),
}


def ready(name: str) -> Ready:
    """A ready-made space by its name.

    Raises:
        OptionError: There is none of that name.
    """
    if name not in READY:
        raise OptionError(f"there is no search space '{name}'", nearest(name, READY))
    return READY[name]
