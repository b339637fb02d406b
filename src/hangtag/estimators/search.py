"""What was asked of a search goes in, the space's own choices filled in comes out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from hangtag.errors import OptionError, nearest
from hangtag.estimators.points import resolved
from hangtag.records import (
    Dimension,
    ImageSet,
    Parameters,
    Source,
    Space,
    Split,
    Trials,
    Value,
)
from hangtag.requests import command_line
from hangtag.rooms import features as features_room
from hangtag.rooms import tune as room
from hangtag.rooms.tune import Objective


@dataclass(frozen=True)
class SearchRequest:
    """What was asked.

    Attributes:
        space: What may vary.
        model: ``network``, ``forest``, ``kmeans`` or ``mixture``.
        network: Name of the network; empty for another kind of model.
        method: How it is searched.
        trials: How many; None for the method's own number.
        epochs: Of every trial; None where they vary, or there are none.
        folds: Of cross-validation; 1 for a validation split.
        objective: What is measured; empty for the model's own.
        split: How to divide; None for the model's own way.
        features: What is seen of images; None for pixels, or what the space varies.
    """

    space: Space
    model: str
    network: str
    method: str
    trials: int | None
    epochs: int | None
    folds: int
    objective: str
    split: str | None
    features: str | None = None

    @property
    def fixed(self) -> dict[str, Any]:
        """Changes that all trials have."""
        return {} if self.epochs is None else {"epochs": self.epochs}


LUCKY = "caution: the best of many is partly luck; train it and let the test say"


class Search(Protocol):
    """A kind of model that can be searched."""

    @property
    def objectives(self) -> Mapping[str, tuple[str, bool]]:
        """What can be measured: name to words and whether more is better; the usual one first."""

    @property
    def cautions(self) -> tuple[str, ...]:
        """What must be known of the best that was found."""

    def again(self, found: Trials, source: Source) -> str:
        """The command line that makes the best that was found."""

    def check(self, request: SearchRequest) -> None:
        """Raise UsageError for what cannot be searched, before anything is loaded."""

    def own_split(self, request: SearchRequest, images: ImageSet, sampled: bool) -> str:
        """How to divide when nothing was said."""

    def asked(self, request: SearchRequest) -> dict[str, Any]:
        """What a search that goes on must agree in, beside the source and the split."""

    def objective(
        self, request: SearchRequest, images: ImageSet, split: Split, *, seed: int, workers: int
    ) -> Objective:
        """What measures one set of parameters; it is given no test image."""


def search_request(
    space: str | Path | Mapping[str, Any] | Space,
    *,
    model: str | None,
    network: str | None,
    method: str | None,
    trials: int | None,
    epochs: int | None,
    folds: int | None,
    objective: str | None,
    split: str | None,
    features: str | None = None,
) -> SearchRequest:
    """Fill in what a ready-made space says, and the usual where nobody says anything."""
    # A ready-made space is one word; what is written out has an equals sign, a file its ending.
    named = isinstance(space, str) and "=" not in space and not space.endswith((".yaml", ".yml"))
    if not (named and str(space).strip()):
        kind = model or "network"
        own_network = (network or "mlp-128-64") if kind == "network" else (network or "")
        return SearchRequest(
            room.space(space), kind, own_network, method or "bayes", trials, epochs, folds or 1,
            objective or "", split, features,
        )  # fmt: skip
    own = room.ready(str(space))
    if model not in (None, own.model):
        raise OptionError(
            f"the space {space} is one of {own.model}s, not of --model {model}",
            "leave --model away",
        )
    chosen = method or own.method
    return SearchRequest(
        space=own.space,
        model=own.model,
        network=network or own.network,
        method=chosen,
        # A grid has as many trials as cells; the number of another method would cut it off.
        trials=trials if trials is not None or chosen == "grid" else own.trials,
        epochs=own.epochs if epochs is None else epochs,
        folds=folds or own.folds,
        objective=objective or "",
        split=split or own.split,
        features=features,
    )


def check_objective(name: str, known: Mapping[str, object]) -> None:
    """Refuse what is not measured.

    Raises:
        OptionError: It is none of `known`.
    """
    if name and name not in known:
        raise OptionError(f"there is no objective '{name}'", nearest(name, known))


def check_no_network(request: SearchRequest) -> None:
    """Refuse options of networks in a search of something else.

    Raises:
        OptionError: One was given.
    """
    if request.network or request.epochs is not None:
        name = "a network" if request.network else "epochs"
        raise OptionError(
            f"a {request.model} has no {name.removeprefix('a ')}", f"leave {name} away"
        )
    if request.method == "halving":
        raise OptionError(
            f"halving looks at the epochs of a training, and a {request.model} has none",
            "search with another --method",
        )


def check_features(request: SearchRequest, known: Mapping[str, object]) -> None:
    """Refuse features that do not exist, that this kind cannot see, or that are asked for twice.

    Args:
        request: What was asked.
        known: What a space of this kind can vary.

    Raises:
        OptionError: The sentence says which it is.
    """
    if request.features is None:
        return
    if "pca" not in known:
        raise OptionError(
            f"a {request.model} sees pixels, not features {request.features}",
            "leave --features away, or search another kind of model: --model discriminant",
        )
    features_room.check(request.features)
    for name in ("pca", "features"):
        if name in request.space.names:
            raise OptionError(
                f"the space varies {name}, and features {request.features} were asked for all",
                f"leave --features away, or {name} out of the space",
            )


def asked_features(request: SearchRequest) -> dict[str, Any]:
    """The features that all trials see, named so that they are found later; or nothing."""
    return {} if request.features is None else dict(resolved({"features": request.features}))


def command_of(
    verb: str,
    source: Source,
    found: Trials,
    best: Parameters,
    first: Mapping[str, object] | None = None,
    **more: object,
) -> str:
    """The command line of a verb with the parameters of the best trial.

    Args:
        verb: Of ``hangtag``.
        source: What was searched on.
        found: The search, for its seed and limit.
        best: The parameters.
        first: Flags before these.
        more: Flags behind these.
    """
    # On a command line nothing is no value: none is what the options understand.
    own = {name: "none" if value is None else value for name, value in best.items()}
    same = {"seed": found.seed, "limit": found.asked["limit"]}
    return command_line(verb, source, **(first or {}), **own, **more, **same)


def ends(space: Space) -> Iterator[tuple[Dimension, Value]]:
    """Every value of every choice, and both ends of every range."""
    for one in space.dimensions:
        for value in one.choices or (one.low, one.high):
            yield one, value


def whole(name: str, value: Value, least: int = 1) -> None:
    """Refuse what is no whole number.

    Raises:
        OptionError: It is none, or below `least`.
    """
    if isinstance(value, bool) or not isinstance(value, int) or value < least:
        raise OptionError(f"{name} is {value}", f"give whole numbers from {least}")


def proportion_or_count(name: str, value: Value) -> None:
    """Refuse what is no number of axes.

    Raises:
        OptionError: It is neither none, nor a whole number, nor a proportion below 1.
    """
    if value is None:
        return
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if not number or not (0 < float(value) < 1 or float(value) == int(value) >= 1):
        raise OptionError(
            f"{name} is {value}", "a whole number, a proportion such as 0.95, or none"
        )


def others(parameters: Parameters, shared: str) -> str:
    """All parameters but one, as a key: who has the same can be measured in one go."""
    return repr(sorted((name, value) for name, value in parameters.items() if name != shared))


def group(parameters: Parameters, upcoming: Sequence[Parameters], shared: str) -> list[int]:
    """The values of one whole parameter that are asked for with all others the same, sorted."""
    key = others(parameters, shared)
    same = [one for one in (parameters, *upcoming) if others(one, shared) == key]
    return sorted({value for one in same if isinstance(value := one.get(shared), int)})
