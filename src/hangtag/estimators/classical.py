"""Kinds of model that need no record of their own: what is tried, how it answers, how as a graph.

A kind derives from :class:`Classical` and gives four things: candidates as plain arrays, what such
arrays answer, the same as ONNX nodes, and the sizes that arrays must have. Everything else, from
choosing on validation images to runs, bundles, searches and pages, is here and in ``points``.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from hangtag.errors import FormatError, OptionError
from hangtag.estimators import answers, familiar
from hangtag.estimators.base import Fit, Fold
from hangtag.estimators.draw import accuracies
from hangtag.estimators.familiar import Familiar
from hangtag.estimators.points import PointsEstimator, features_in, features_on
from hangtag.estimators.settling import settled
from hangtag.geometry import Embedder, Metric, OfPoints, as_onnx, metric, metric_from_arrays
from hangtag.onnx_graphs import FAMILIARITY
from hangtag.progress import Progress, silent
from hangtag.records import (
    Candidate,
    Candidates,
    Config,
    ImageSet,
    PointsSpec,
    Preprocessing,
    Scores,
    Split,
)
from hangtag.rooms.features import Features
from hangtag.rooms.models import Bundle

if TYPE_CHECKING:
    from onnx import NodeProto, TensorProto

    from hangtag.estimators.classical_search import ClassicalSearch

Arrays = Mapping[str, NDArray[Any]]
_NOT_OF_KINDS = ("mean", "components", *familiar.NAMES, *metric.NAMES)


class Learning(NamedTuple):
    """What a kind is fitted on."""

    points: NDArray[np.float32]
    labels: NDArray[np.int64]
    n_classes: int


class Tried(NamedTuple):
    """One candidate: what tells it from others, its arrays, and what else must be known of it."""

    parameters: Mapping[str, Any]
    arrays: Arrays
    facts: Mapping[str, Any] = {}


class Sizes(NamedTuple):
    """Sizes of a model's arrays; `width` is what one step of an answer takes for one image."""

    n_features: int
    n_classes: int
    width: int


class Graph(NamedTuple):
    """Nodes from the points, called ``embedding``, to ``probabilities``."""

    nodes: Sequence[NodeProto]
    constants: Sequence[TensorProto]
    domains: Sequence[tuple[str, int]] = ()


class Classical(PointsEstimator):
    """A kind of model that is a few arrays."""

    @abstractmethod
    def tried(self, learning: Learning, options: Any, progress: Progress) -> Iterable[Tried]:  # noqa: ANN401
        """Fit everything that is asked for, the simplest first.

        Raises:
            OptionError: An option cannot be, or the points are too few.
        """

    @abstractmethod
    def answer(self, arrays: Arrays, points: NDArray[np.float32]) -> NDArray[np.float64]:
        """``(n, n_classes)`` probabilities of ``(n, d)`` points."""

    @abstractmethod
    def graph(self, arrays: Arrays) -> Graph:
        """The same as ONNX nodes."""

    @abstractmethod
    def sizes(self, arrays: Arrays) -> Sizes:
        """Sizes of a model; KeyError or ValueError where the arrays cannot be one."""

    def calibrated(self, arrays: Arrays, temperature: float) -> Arrays:  # noqa: ARG002
        """The arrays with their answers softened by a temperature, where a kind can."""
        return arrays

    def optimistic(self, arrays: Arrays, learning: Learning) -> NDArray[np.float64]:
        """Answers for the points it was fitted on."""
        return self.answer(arrays, learning.points)

    @property
    def search(self) -> ClassicalSearch:
        """Of its options, one value of each at a time."""
        from hangtag.estimators.classical_search import ClassicalSearch  # training needs none

        return ClassicalSearch(self)

    def fit(
        self,
        images: ImageSet,
        split: Split,
        options: Any,  # noqa: ANN401
        *,
        cached: bool = True,
        progress: Progress = silent,
    ) -> Fit:
        """Fit all candidates and choose one on validation images."""
        answers.check_validation(split, f"a {self.noun}")
        features = features_on(images, split.train, options.seen, cached=cached, progress=progress)
        bare = PointsModel(self, {}, {}, features, images.class_names, images.class_codes)
        learning = bare.learning(images, split.train)
        checked(learning)
        unseen = bare.at(images, split.validation)
        truth = images.labels[split.validation]
        rows, arrays = [], []
        for one, seconds in answers.timed(self.tried(learning, options, progress)):
            right = self.answer(one.arrays, unseen).argmax(axis=1) == truth
            # A kind that knows its training images by heart says what it would without each of
            # them.
            known = self.optimistic(one.arrays, learning).argmax(axis=1)
            training = Scores(float(np.mean(known == learning.labels[: len(known)])))
            validation = Scores(float(np.mean(right)))
            rows.append(Candidate(one.parameters, training, validation, seconds, one.facts))
            arrays.append(one.arrays)
        # Of equals the first, which is the simplest: candidates come in that order.
        best = int(np.argmax([row.validation.accuracy for row in rows]))
        model = replace(bare, model=arrays[best], numbers=rows[best].parameters)
        total = sum(row.seconds or 0.0 for row in rows)
        told = options.to_dict()
        tried = Candidates(self.name, tuple(rows), best, told, total, _notes(rows, best))
        return settled(self, model, tried, (images, split), options, learning.points)

    def onnx(self, model: PointsModel, images: NDArray[np.uint8]) -> bytes:
        """Preprocessing, projection, and the kind's own nodes."""
        nodes, constants = model.features.graph(as_onnx.IMAGES, as_onnx.EMBEDDING)
        own = self.graph(model.model)
        told = model.familiar
        more = ([], []) if told is None else told.graph()
        written = as_onnx.graph_model(
            model,
            [*nodes, *own.nodes, *more[0]],
            [*constants, *own.constants, *more[1]],
            (len(model.class_names), model.sizes.n_features),
            own.domains,
            () if told is None else (FAMILIARITY,),
        )
        as_onnx.see_that_it_answers_the_same(written, model, images)
        return written

    def from_arrays(self, bundle: Bundle, arrays: Arrays) -> PointsModel:
        """The classifier; its arrays can be looked at."""
        spec: Any = bundle.spec
        try:
            found = PointsModel(
                self,
                {name: one for name, one in arrays.items() if name not in _NOT_OF_KINDS},
                spec.numbers,
                features_in(bundle, arrays),
                bundle.class_names,
                bundle.class_codes,
                bundle.facts,
                familiar.from_arrays(arrays),
                metric_from_arrays(arrays),
            )
            same = found.spec == spec
        except (KeyError, TypeError, ValueError, AttributeError, OptionError) as error:
            raise self._damaged() from error
        if not same:
            raise self._damaged()
        return found

    def _damaged(self) -> FormatError:
        return FormatError(f"these arrays are no {self.noun}, or damaged", "fit it again")

    def words(self, spec: PointsSpec) -> str:
        """The noun and what was chosen."""
        numbers = ", ".join(f"{name} {value}" for name, value in spec.numbers.items())
        return f"a {self.noun} ({numbers})"

    def chosen(self, spec: PointsSpec, candidates: Candidates) -> dict[str, Any]:
        """What was chosen, and what it sees."""
        return {**spec.numbers, **candidates.chosen.facts, "features": spec.features}

    def diagram(self, candidates: Candidates) -> tuple[bytes, str]:
        """Accuracy over the parameter that was varied."""
        name = next(iter(candidates.rows[0].parameters))
        words = f"Accuracy of every {self.noun} that was tried, by {name}"
        return accuracies(candidates, name), words

    def score_again(self, config: Config, images: ImageSet, fold: Fold, seed: int) -> float:
        """Fit what was chosen alone."""
        spec: Any = config.spec
        asked = {**config.options.to_dict(), **spec.numbers}
        asked.pop("seed")
        return self.score(self.request(asked, seed), images, fold)

    def score(self, options: Any, images: ImageSet, fold: Fold) -> float:  # noqa: ANN401
        """Fit the last candidate of what is asked on one part of a fold; accuracy on the other."""
        train, others = fold
        features = features_on(images, train, options.seen)
        bare = PointsModel(self, {}, {}, features, images.class_names, images.class_codes)
        learning = bare.learning(images, train)
        checked(learning)
        *_, last = self.tried(learning, options, silent)
        found = self.answer(last.arrays, bare.at(images, others))
        return float(np.mean(found.argmax(axis=1) == images.labels[others]))


@dataclass(frozen=True, eq=False)
class PointsModel(OfPoints):
    """A fitted model with all it needs to answer for raw images; NumPy alone answers.

    Attributes:
        estimator: Its kind.
        model: Its arrays.
        numbers: What was chosen.
        features: What it sees of images.
        class_names: One name per class.
        class_codes: The label of each class as its data set writes it.
        facts: What is known of it: data, scores, seed; ``threshold`` among them.
        familiar: What it saw in training; None where it keeps nothing of it.
        metric: What a search measures by, learned from its classes; None for its points alone.
    """

    kind = "model"
    dtype = np.float32

    estimator: Classical
    model: Arrays
    numbers: Mapping[str, Any]
    features: Features
    class_names: tuple[str, ...]
    class_codes: tuple[int | str, ...]
    facts: Mapping[str, Any] = field(default_factory=dict)
    familiar: Familiar | None = None
    metric: Metric | None = None
    embedder: Embedder | None = None  # its features see to that

    def __post_init__(self) -> None:
        if not self.model:
            return
        known = (self.features.n_features, len(self.class_names), len(self.class_codes))
        if known != (self.sizes.n_features, self.sizes.n_classes, self.sizes.n_classes):
            raise ValueError("sizes of features, classes and arrays differ")

    @property
    def preprocessing(self) -> Preprocessing:  # type: ignore[override]  # it has no setter
        """What is done to images first."""
        return self.features.preprocessing

    def points(self, images: NDArray[np.uint8]) -> NDArray[np.float32]:
        """What it sees of images.

        Raises:
            OptionError: The images have another shape or type.
        """
        self.preprocessing.check(images, f"this {self.estimator.noun}")
        return self.features.points(images)

    def at(self, images: ImageSet, rows: NDArray[np.int64]) -> NDArray[np.float32]:
        """What it sees of some images of a set, from their files where it wants those."""
        return self.features.at(images, rows)

    def probabilities_at(self, images: ImageSet, rows: NDArray[np.int64]) -> NDArray[np.float32]:
        """The answers for some images of a set."""
        return self.estimator.answer(self.model, self.at(images, rows)).astype(np.float32)

    def learning(self, images: ImageSet, train: NDArray[np.int64]) -> Learning:
        """Training images as points."""
        return Learning(self.at(images, train), images.labels[train], len(self.class_names))

    @cached_property
    def sizes(self) -> Sizes:
        """Sizes of its arrays."""
        return self.estimator.sizes(self.model)

    @cached_property
    def model_id(self) -> str:
        """Short name that changes whenever the answers may."""
        return self.named(self.estimator.name, self.arrays())

    def probabilities(self, images: NDArray[np.uint8]) -> NDArray[np.float32]:
        """``(n, height, width, channels)`` images to ``(n, n_classes)`` probabilities.

        Raises:
            OptionError: The images have another shape or type.
        """
        return self.estimator.answer(self.model, self.points(images)).astype(np.float32)

    def embeddings(self, images: NDArray[np.uint8]) -> NDArray[np.float32]:
        """The points that it sees.

        Raises:
            OptionError: The images have another shape or type.
        """
        return self.points(images)

    def arrays(self) -> dict[str, NDArray[Any]]:
        """All it is, by name."""
        seen = {} if self.familiar is None else self.familiar.arrays()
        told = {} if self.metric is None else self.metric.arrays()
        return {**self.model, **self.features.arrays(), **seen, **told}

    @property
    def spec(self) -> PointsSpec:
        """The model in numbers."""
        fitted = sum(one.size for one in self.model.values())
        return PointsSpec(
            kind=self.estimator.name,
            name=self.estimator.name,
            input_shape=self.preprocessing.output_shape,
            features=self.features.name,
            n_features=self.sizes.n_features,
            n_classes=self.sizes.n_classes,
            parameters=fitted + self.features.stored,
            stored=fitted + self.features.stored,
            width=max(self.sizes.width, self.features.width),
            numbers=dict(self.numbers),
        )


def checked(learning: Learning) -> None:
    """Refuse what no classifier can be learnt from.

    Raises:
        OptionError: Images have no class, or all the same.
    """
    if (learning.labels < 0).any():
        count = int((learning.labels < 0).sum())
        raise OptionError(f"{count} training images have no class", "leave them out")
    if len(np.unique(learning.labels)) < 2:
        raise OptionError(
            "a classifier needs training images of at least two classes; got one",
            "give more classes, or a split that has images of each in training",
        )


def of_shape(arrays: Arrays, **shapes: tuple[int | str, ...]) -> Iterator[NDArray[Any]]:
    """The named arrays, checked: words stand for a number that is the same wherever they stand.

    Raises:
        KeyError: One is missing.
        ValueError: There are others, or one has another shape or a number that is not finite.
    """
    if set(arrays) != set(shapes):
        raise ValueError("names")
    known: dict[str, int] = {}
    for name, shape in shapes.items():
        array = arrays[name]
        wanted = [known.setdefault(one, size) if isinstance(one, str) else one
                  for one, size in zip(shape, array.shape, strict=True)]  # fmt: skip
        if list(array.shape) != wanted or not array.size or not np.isfinite(array).all():
            raise ValueError(name)
        yield array


def _notes(rows: Sequence[Candidate], best: int) -> tuple[str, ...]:
    notes = []
    slow = [row for row in rows if row.facts.get("converged") is False]
    if slow:
        which = ", ".join(str(next(iter(row.parameters.values()))) for row in slow)
        notes.append(f"those of {which} had not converged when they were stopped")
    if 0 < best == len(rows) - 1:
        name = next(iter(rows[0].parameters))
        notes.append(f"the last {name} tried is the best, so one beyond it may be better still")
    return tuple(notes)
