"""Requests of the verbs that make models: train and tune."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

from hangtag.requests.base import Option, Request
from hangtag.requests.changes import CHANGES
from hangtag.requests.everywhere import Features, Limit, Seed, SplitAs
from hangtag.requests.values import ROWS, Value


@dataclass(frozen=True, kw_only=True)
class TrainRequest(Request):
    """Train a model on images, and keep it."""

    model: Annotated[
        str,
        Option(
            "The kind of model: network, forest, mixture, linear, …; auto, for photographs what "
            "validation images choose, for other images a network."
        ),
    ] = "auto"
    network: Annotated[
        str | None, Option("The network; `hangtag summary` lists them (default: cnn-28-56).")
    ] = None
    split: SplitAs = None
    epochs: Annotated[int | None, Option("Passes over the images.", low=1)] = None
    batch_size: Annotated[int | None, Option("Images per step.", low=1)] = None
    optimizer: Annotated[str | None, Option("How weights are moved: sgd, adam or rmsprop.")] = None
    learning_rate: Annotated[float | None, Option("Step size.")] = None
    early_stopping: Annotated[
        int | None, Option("Stop after N epochs that are no better.", low=1)
    ] = None
    restore_best: Annotated[bool | None, Option("Keep the weights of the best epoch.")] = None
    change: Annotated[
        dict[str, Any],
        Option("Change the model and its training: 'dense.units=64;dropout=0.5'.", CHANGES),
    ] = field(default_factory=dict)
    rows: Annotated[
        tuple[int, int] | None, Option("Rows of each image it sees, such as 14:28.", ROWS)
    ] = None
    seed: Seed = None
    split_seed: Annotated[
        int | None, Option("Seed of the split alone (default: --seed).", low=0)
    ] = None
    limit: Limit = None

    def training(self) -> dict[str, Any]:
        """Options of training that were said by their own names."""
        names = (
            "epochs", "batch_size", "optimizer", "learning_rate", "early_stopping", "restore_best",
        )  # fmt: skip
        said = {name: getattr(self, name) for name in names}
        return {name: value for name, value in said.items() if value is not None}


SPACE = Value(
    lambda given: given,
    "a ready-made space, a file, or NAME=VALUES;NAME=VALUES",
    str,
    "SPACE",
    {"type": ["string", "object"]},
)


@dataclass(frozen=True, kw_only=True)
class TuneRequest(Request):
    """Search for the best settings of a model or a clustering; no test image is used."""

    space: Annotated[
        str | Path | Mapping[str, Any],
        Option(
            "Space of settings: s1-forest, s1-forest-pca, s2-grid, s2-grid2, s4-search, a YAML "
            "file, or 'dense.units=64,128;dropout=0:0.5' (a range may have a step, 0:0.5:0.1, or "
            "go by its logarithm, 1e-4:1e-2:log).",
            SPACE,
        ),
    ]
    model: Annotated[
        str | None,
        Option(
            "What is searched: network, forest, kmeans, … (default: the space's own, or network)."
        ),
    ] = None
    network: Annotated[
        str | None, Option("The network (default: the space's own, or mlp-128-64).")
    ] = None
    method: Annotated[
        str | None,
        Option(
            "How to search (default: the space's own)",
            choices=("grid", "random", "bayes", "halving"),
        ),
    ] = None
    trials: Annotated[int | None, Option("How many in all.", low=1)] = None
    epochs: Annotated[int | None, Option("Of every trial.", low=1)] = None
    folds: Annotated[
        int | None,
        Option("Folds of cross-validation; 1 for a validation split.", low=1, flags="--cv"),
    ] = None
    split: SplitAs = None
    features: Features = None
    objective: Annotated[
        str | None,
        Option(
            "What is measured: val_accuracy (default), val_loss; of forests also val_f1; of kmeans "
            "silhouette (default), calinski-harabasz, davies-bouldin; of mixtures bic (default), "
            "aic, or val_accuracy as classifiers."
        ),
    ] = None
    workers: Annotated[int, Option("Processes at once.", low=1)] = 1
    storage: Annotated[str | None, Option("Share the search in a database: postgresql://…")] = None
    seed: Seed = None
    limit: Limit = None
