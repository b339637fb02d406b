"""Requests of the verbs that see images as points: reduce and cluster."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, Any, Self

from hangtag.families import CLUSTERERS, PROJECTIONS
from hangtag.requests.base import Option, Request, options_of
from hangtag.requests.changes import CHANGES
from hangtag.requests.everywhere import SPLIT, Features, Limit, MadeSplit, Seed, seen
from hangtag.requests.values import AXES, NUMBERS, WORDS

Part = Annotated[str | None, Option("Only this part of the source, such as train.")]
OfSplit = Annotated[
    str | MadeSplit | None,
    Option("Only the training images of a split, such as last:10000.", SPLIT),
]
OwnOptions = Annotated[
    dict[str, Any],
    Option("The method's own, NAME=VALUE;NAME=VALUE, such as perplexity=20 of tsne.", CHANGES),
]


class MethodRequest(Request):
    """What is asked of a member of a family: options that no field has are the method's own."""

    @classmethod
    def of(cls, request: Self | None = None, **options: Any) -> Self:  # noqa: ANN401
        """As :meth:`Request.of`; any other name is an option of the method, which checks it."""
        own = {name: options.pop(name) for name in [*options] if name not in options_of(cls)}
        if own:
            before: Any = {} if request is None else vars(request)["options"]
            options["options"] = {**before, **options.get("options", {}), **own}
        return super().of(request, **options)


@dataclass(frozen=True, kw_only=True)
class ReduceRequest(MethodRequest):
    """Draw maps with a point per image."""

    method: Annotated[
        tuple[str, ...],
        Option("How to map, several with commas between", WORDS, choices=tuple(PROJECTIONS)),
    ] = ("pca",)
    sample: Annotated[int | None, Option("Map at most N images, drawn by the seed.", low=2)] = None
    part: Part = None
    split: OfSplit = None
    features: Features = None
    options: OwnOptions = field(default_factory=dict)
    seed: Seed = None
    limit: Limit = None


@dataclass(frozen=True, kw_only=True)
class ClusterRequest(MethodRequest):
    """Group images without looking at their classes."""

    k: Annotated[tuple[int, ...], Option("How many: 10, or 5,10,25, or 5..40/5.", NUMBERS)] = (10,)
    method: Annotated[str, Option("How to cluster", choices=tuple(CLUSTERERS))] = "kmeans"
    pca: Annotated[
        float | None,
        Option("Axes to cluster on: a number, a proportion such as 0.95, or none.", AXES),
    ] = 0.95
    features: Features = None
    part: Annotated[str | None, Option("Part of the set (default: train, or all).")] = None
    split: OfSplit = None
    split_seed: Annotated[int | None, Option("Seed of --split alone (default: --seed).", low=0)] = (
        None
    )
    validation: Annotated[bool, Option("With --split, its validation images, too.")] = False
    sample: Annotated[int | None, Option("Cluster only N images, drawn by the seed.", low=1)] = None
    n_init: Annotated[
        int | None, Option("Starts per number (50 for kmeans, 10 for mixture).", low=1)
    ] = None
    init: Annotated[str | None, Option("How kmeans starts: random or k-means++.")] = None
    covariance: Annotated[
        str | None, Option("Of a mixture: full, tied, diagonal or spherical.")
    ] = None
    rule: Annotated[
        str | None,
        Option(
            "How to choose: elbow, silhouette, calinski-harabasz, davies-bouldin; bic, sound-bic, "
            "aic."
        ),
    ] = None
    patience: Annotated[
        float | None, Option("How soon a hopeless restart is stopped early; 0 for never.")
    ] = None
    silhouette_sample: Annotated[
        int | None,
        Option(
            "Average silhouettes over N images, and say so (default: all of up to 100,000, 5,000 "
            "of more).",
            low=2,
        ),
    ] = None
    shown: Annotated[int, Option("Images per cluster in the gallery.", low=1)] = 20
    new: Annotated[int, Option("Draw N new images from the mixture.", low=0)] = 0
    options: OwnOptions = field(default_factory=dict)
    seed: Seed = None
    limit: Limit = None

    @property
    def seen(self) -> str:
        """The features, as they are asked for by either name."""
        return seen(self.features, self.pca)

    @property
    def own(self) -> dict[str, Any]:
        """All that is the method's own, with a field or without."""
        names = ("n_init", "init", "covariance", "patience", "silhouette_sample")
        said = {name: getattr(self, name) for name in names}
        return {name: one for name, one in said.items() if one is not None} | self.options
