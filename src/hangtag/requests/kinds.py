"""Requests of the kinds of model that are fitted whole to features: one record a kind.

A kind of a few arrays (``estimators/classical.py``) needs nothing but its record here: its command,
its keywords, its study fields and its search are made of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from hangtag.requests.base import Option, Request, options_of
from hangtag.requests.everywhere import Features, Limit, Seed, SplitAs, seen
from hangtag.requests.values import AXES, COORDINATES, NUMBERS, REALS

Axes = Annotated[
    float | None,
    Option("Principal axes it sees: a number, a proportion such as 0.95, or none.", AXES),
]


@dataclass(frozen=True, kw_only=True)
class KindRequest(Request):
    """What every kind is asked."""

    seed: Seed = None

    def to_dict(self) -> dict[str, Any]:
        """Every option, so that a default that changes later changes no run."""
        options = options_of(type(self)).items()
        return {name: one.plain(getattr(self, name)) for name, one in options}

    @property
    def options(self) -> dict[str, Any]:
        """Every option but the seed, as keywords."""
        return {name: getattr(self, name) for name in options_of(type(self)) if name != "seed"}


@dataclass(frozen=True, kw_only=True)
class FeaturesRequest(KindRequest):
    """A kind that sees whatever features there are."""

    features: Features = None
    pca: Axes = None

    @property
    def seen(self) -> str:
        """The features, as they are asked for by either name."""
        return seen(self.features, self.pca)


@dataclass(frozen=True, kw_only=True)
class FitRequest(Request):
    """What every command is asked that fits a kind of model."""

    split: SplitAs = None
    split_seed: Annotated[
        int | None, Option("Seed of the split alone (default: --seed).", low=0)
    ] = None
    limit: Limit = None
    cached: Annotated[
        bool, Option("Reuse what was computed before.", flags="--cache/--no-cache")
    ] = True


@dataclass(frozen=True, kw_only=True)
class ForestRequest(FeaturesRequest):
    """Try forests of many sizes and depths, and keep the best one as a run."""

    kind: Annotated[str, Option("Kind of trees: random-forest or extra-trees.")] = "random-forest"
    n_estimators: Annotated[tuple[int, ...], Option("Numbers of trees to try.", NUMBERS)] = (
        50, 100, 200,
    )  # fmt: skip
    max_depths: Annotated[
        tuple[int, ...], Option("Depths to try.", NUMBERS, flags="--max-depth")
    ] = (5, 10, 20, 40)
    depths: Annotated[
        str, Option("Lesser depths are grown (exact), or cut from the deepest trees (quicker).")
    ] = "grown"
    criterion: Annotated[
        str, Option("What a question is judged by: gini, entropy or log_loss.")
    ] = "gini"
    max_features: Annotated[
        str | float | None,
        Option("Coordinates looked at a question: sqrt, log2, 30, 0.5, or none.", COORDINATES),
    ] = "sqrt"
    min_samples_leaf: Annotated[int, Option("Images a leaf has at least.", low=1)] = 1


@dataclass(frozen=True, kw_only=True)
class MixtureRequest(FeaturesRequest):
    """Fit Gaussian mixtures that answer with classes, and keep the best one as a run."""

    k: Annotated[
        tuple[int, ...] | None,
        Option("Numbers of components to try (default: 10,20,40; of each class 1,2,4).", NUMBERS),
    ] = None
    covariance: Annotated[str, Option("Their shape: full, tied, diagonal or spherical.")] = "full"
    class_conditional: Annotated[
        bool, Option("A mixture of each class, and Bayes' rule.", flags="--class-conditional")
    ] = False
    pca: Axes = 0.95
    pseudo_count: Annotated[
        float | None, Option("Images added to each component, of all classes (default: 1).")
    ] = None
    regularisation: Annotated[
        float,
        Option(
            "Added to every variance, in squared gray levels (a network's are scaled to them).",
            flags="--regularization",
        ),
    ] = 100.0
    n_init: Annotated[int, Option("Starts per number.", low=1)] = 1


@dataclass(frozen=True, kw_only=True)
class LinearRequest(FeaturesRequest):
    """Multinomial logistic regression, its penalty chosen on validation images."""

    c: Annotated[
        tuple[float, ...], Option("Inverse strengths of the penalty to try.", REALS, low=1e-9)
    ] = (0.001, 0.01, 0.1, 1.0)
    max_iter: Annotated[int, Option("Steps of L-BFGS at most.", low=1)] = 500


@dataclass(frozen=True, kw_only=True)
class DiscriminantRequest(FeaturesRequest):
    """Linear discriminant analysis, its shrinkage chosen on validation images."""

    shrinkage: Annotated[
        tuple[float, ...],
        Option(
            "How far the covariance is drawn to a sphere: values to try, 1 for the nearest mean.",
            REALS,
            low=1e-9,
            high=1,
        ),
    ] = (0.01, 0.03, 0.1, 0.3, 0.5, 0.7, 0.9, 1.0)
    roots: Annotated[
        bool,
        Option(
            "See square roots of a network's features, where none is below 0.",
            flags="--roots/--no-roots",
        ),
    ] = True


@dataclass(frozen=True, kw_only=True)
class NeighborsRequest(FeaturesRequest):
    """Votes of the nearest training images, the nearer the more; their number is chosen."""

    k: Annotated[tuple[int, ...], Option("Numbers of neighbors to try.", NUMBERS, low=1)] = (
        1, 5, 15,
    )  # fmt: skip
    metric: Annotated[str, Option("How far two images are.", choices=("euclidean", "cosine"))] = (
        "euclidean"
    )
    pca: Axes = 0.95


@dataclass(frozen=True, kw_only=True)
class BoostingRequest(FeaturesRequest):
    """Gradient-boosted trees, scikit-learn's by histograms; the number of rounds is chosen."""

    rounds: Annotated[tuple[int, ...], Option("Numbers of rounds to try.", NUMBERS, low=1)] = (
        25, 50, 100,
    )  # fmt: skip
    learning_rate: Annotated[float, Option("Proportion of each tree that is added.", low=1e-6)] = (
        0.1
    )
    max_leaf_nodes: Annotated[int, Option("Leaves of a tree at most.", low=2)] = 31
    min_samples_leaf: Annotated[int, Option("Images a leaf has at least.", low=1)] = 20
    l2: Annotated[float, Option("Penalty on what leaves say.", low=0)] = 0.0


@dataclass(frozen=True, kw_only=True)
class FinetuneRequest(KindRequest):
    """The last stages of a network for photographs, trained on; the best epoch is chosen."""

    encoder: Annotated[str, Option("The network that is trained on.", choices=("photo",))] = "photo"
    epochs: Annotated[int, Option("Passes over the images.", low=1)] = 4
    batch_size: Annotated[int, Option("Images per step.", low=1)] = 32
    learning_rate: Annotated[
        float, Option("Largest step size of the network's weights.", low=1e-9)
    ] = 3e-4
    head_learning_rate: Annotated[
        float, Option("Likewise of the weights of the answers, which begin at nothing.", low=1e-9)
    ] = 3e-3
    label_smoothing: Annotated[
        float, Option("Proportion of each label that is spread over all classes.", low=0, high=0.9)
    ] = 0.1
    crop: Annotated[
        float,
        Option("Proportion of an image's area that training sees at least.", low=0.01, high=1),
    ] = 0.35
    flip: Annotated[
        bool,
        Option(
            "See mirror images, too, where labels stay right in the mirror.",
            flags="--flip/--no-flip",
        ),
    ] = True
    input_size: Annotated[
        int, Option("Rows and columns it sees, a multiple of 32.", low=32, high=512)
    ] = 224


KINDS: Mapping[str, type[KindRequest]] = {
    "forest": ForestRequest,
    "mixture": MixtureRequest,
    "linear": LinearRequest,
    "discriminant": DiscriminantRequest,
    "neighbors": NeighborsRequest,
    "boosting": BoostingRequest,
    "finetune": FinetuneRequest,
}
"""What each kind is asked, by its name."""
