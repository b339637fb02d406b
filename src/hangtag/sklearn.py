"""The scikit-learn face: kinds of model as classifiers that answer as scikit-learn expects.

``ImageClassifier`` is a network; ``ForestClassifier``, ``LinearClassifier`` and others are kinds
of ``hangtag.requests.KINDS``. A thin adapter: arrays in, ``estimators`` and the rooms do the work.
They take rows of pixels or whole images and fit where any scikit-learn classifier does
(``GridSearchCV``, ``cross_val_score``, pipelines). Their parameters are the fields of
``TrainingOptions`` and of the requests: there is none to add here.
"""

from __future__ import annotations

import inspect
from abc import abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import MISSING, fields, replace
from pathlib import Path
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils.multiclass import check_classification_targets, unique_labels
from sklearn.utils.validation import check_is_fitted, validate_data

from hangtag.errors import BundleError, OptionError
from hangtag.estimators import answers, estimator
from hangtag.progress import silent
from hangtag.records import ImageSet, LayerSpec, NetworkSpec, Preprocessing, Split, TrainingOptions
from hangtag.requests import KINDS, options_of
from hangtag.rooms import load, models, train

DEFAULT_LAYERS: tuple[LayerSpec, ...] = (
    {"layer": "Flatten"},
    {"layer": "Dense", "units": 64, "activation": "relu"},
)
"""What is trained when no network is named: pixels, one hidden layer, and the output."""

MOST_CHANNELS = 4
SOME = 100  # images kept to compare the ONNX model on
LEVELS = 255  # pixels are kept as bytes: what is given is spread over this many steps
FACTS = "sklearn"
"""The fact of a bundle that says how numbers became bytes, and which labels its classes are."""


def _parameters(*own: tuple[str, Any], **options: Any) -> Callable[..., None]:  # noqa: ANN401
    """An ``__init__`` that keeps its parameters under their names, as scikit-learn wants it.

    Args:
        own: Names and defaults that may be given by place.
        **options: Names and defaults that may not.
    """
    defaults = {**dict(own), **options}

    def __init__(self: Any, *given: Any, **named: Any) -> None:  # noqa: ANN401, N807
        bound = signature.bind(self, *given, **named)
        for name, default in defaults.items():
            setattr(self, name, bound.arguments.get(name, default))

    kinds = inspect.Parameter
    places = [kinds(n, kinds.POSITIONAL_OR_KEYWORD, default=one) for n, one in own]
    names = [kinds(n, kinds.KEYWORD_ONLY, default=one) for n, one in options.items()]
    me = kinds("self", kinds.POSITIONAL_OR_KEYWORD)
    signature = inspect.Signature([me, *places, *names])
    vars(__init__)["__signature__"] = signature
    return __init__


_TRAINING = {
    one.name: one.default if one.default_factory is MISSING else one.default_factory()
    for one in fields(TrainingOptions)
    if one.name not in {"seed", "metrics"}
} | {"epochs": 30, "monitor": "loss"}
"""Options of training and their defaults here: nothing is kept for validation."""


class _Images(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """What all of them share: pixels of any numbers in, labels of any kind out.

    The range seen in ``fit`` is spread over the whole numbers from 0 to 255, so bytes that use
    their range stay what they are.
    """

    shape: tuple[int, int, int] | None
    random_state: int | np.random.RandomState | None

    def fit(self, X: ArrayLike, y: ArrayLike) -> Self:  # noqa: N803 - scikit-learn's name
        """Fit a new model.

        Args:
            X: ``(n, pixels)`` or ``(n, height, width[, channels])`` numbers.
            y: ``(n,)`` labels of any kind.

        Raises:
            ValueError: `X` or `y` is not what scikit-learn takes.
            UsageError: Options and images do not fit.
        """
        self.shape_ = self.shape or _own_shape(X)
        pixels, labels = validate_data(self, self._flat(X), y, dtype=np.float64)
        check_classification_targets(labels)
        self.classes_ = unique_labels(labels)
        if len(self.classes_) < 2:
            raise ValueError(f"a classifier needs two classes; y has 1 class: {self.classes_[0]!r}")
        self._low, self._step = _range(pixels)
        images = self._images(pixels)
        self._learn(images, np.searchsorted(self.classes_, labels).astype(np.int64), self._seed())
        return self

    @abstractmethod
    def _learn(self, images: NDArray[np.uint8], labels: NDArray[np.int64], seed: int) -> None:
        """Fit to images of bytes."""

    @abstractmethod
    def _answers(self, images: NDArray[np.uint8]) -> NDArray[np.floating[Any]]:
        """Probabilities of images of bytes."""

    @abstractmethod
    def _write(self, path: Path, facts: Mapping[str, Any]) -> Path:
        """Write a bundle."""

    def predict_proba(self, X: ArrayLike) -> NDArray[np.float64]:  # noqa: N803
        """``(n, n_classes)`` probabilities, columns in the order of ``classes_``."""
        check_is_fitted(self)
        pixels = validate_data(self, self._flat(X), reset=False, dtype=np.float64)
        probabilities: NDArray[np.float64] = self._answers(self._images(pixels)).astype(np.float64)
        probabilities /= probabilities.sum(axis=1, keepdims=True)
        return probabilities

    def predict(self, X: ArrayLike) -> NDArray[Any]:  # noqa: N803
        """``(n,)`` the most probable label of each image."""
        probabilities = self.predict_proba(X)
        found: NDArray[Any] = self.classes_[probabilities.argmax(axis=1)]
        return found

    def save(self, path: str | Path) -> Path:
        """Write the model as a bundle, which ``hangtag tag`` and :meth:`open` take.

        The bundle takes images of bytes; its facts say how the numbers of ``fit`` became these.
        """
        check_is_fitted(self)
        spread = {"low": self._low, "step": self._step, "labels": self.classes_.tolist()}
        return self._write(Path(path), {"threshold": None, FACTS: spread})

    @classmethod
    def open(cls, path: str | Path) -> Self:
        """A fitted classifier of a bundle that :meth:`save` wrote; it answers by onnxruntime.

        Raises:
            BundleError: The bundle is damaged, or was not written by :meth:`save`.
        """
        bundle = models.open_bundle(path)
        spread = bundle.facts.get(FACTS)
        if spread is None:
            raise BundleError(
                f"{bundle.path} was not saved by a scikit-learn classifier", "hangtag.open_bundle"
            )
        found = cls()
        found.shape_ = bundle.preprocessing.picture_shape
        found.classes_ = np.asarray(spread["labels"])
        found.n_features_in_ = int(np.prod(found.shape_))
        found._low, found._step = spread["low"], spread["step"]
        found._answers = bundle.probabilities  # type: ignore[method-assign]
        return found

    def _flat(self, X: ArrayLike) -> Any:  # noqa: ANN401, N803 - what scikit-learn's checks take
        """Rows of pixels of images, which must have the shape that was trained on."""
        given = _shape_of(X)
        if given is None:
            return X
        if self.shape_ is not None and given != tuple(self.shape_):
            raise OptionError(
                f"X has images of shape {given}; this classifier takes {tuple(self.shape_)}",
                "height, width and channels, in this order",
            )
        return np.asarray(X).reshape(len(np.asarray(X)), -1)

    def _seed(self) -> int:
        if self.random_state is None:
            return 0
        if isinstance(self.random_state, np.random.RandomState):
            return int(self.random_state.randint(2**31))
        return int(self.random_state)

    def _images(self, pixels: NDArray[np.float64]) -> NDArray[np.uint8]:
        """Rows of numbers as images of bytes, by the range seen in ``fit``."""
        shape = self.shape_ or (1, pixels.shape[1], 1)
        if pixels.shape[1] != int(np.prod(shape)):
            raise OptionError(
                f"images of shape {shape} have {int(np.prod(shape))} pixels; "
                f"X has {pixels.shape[1]}",
                "give shape=(height, width, channels)",
            )
        levels = np.clip(np.rint((pixels - self._low) * self._step), 0, LEVELS)
        return levels.astype(np.uint8).reshape(-1, *shape)

    @property
    def _names(self) -> tuple[str, ...]:
        return tuple(map(str, self.classes_.tolist()))


class ImageClassifier(_Images):
    """A network as a scikit-learn classifier.

    Args:
        network: A name that ``hangtag summary`` lists, or the layers before the output as
            ``{"layer": "Dense", "units": 64, …}``; None takes one hidden layer of 64.
        shape: ``(height, width, channels)`` of the images when `X` has rows of pixels; None
            takes the shape of `X`, and rows of pixels as images one pixel high.
        random_state: Draws initial weights, order and dropout; None takes 0, so that the same
            call gives the same network.
        **options: The fields of ``TrainingOptions``; here there are 30 epochs and no validation.

    Attributes:
        classes_: ``(n_classes,)`` the labels seen in ``fit``, sorted.
        n_features_in_: Pixels of an image.
        shape_: ``(height, width, channels)`` of an image.
        network_: The trained Keras model.
        history_: Every epoch of the training.

    Example:
        >>> ImageClassifier("cnn-28-56", shape=(8, 8, 1), epochs=3).fit(X, y).score(X, y)
    """

    __init__ = _parameters(("network", None), shape=None, random_state=None, **_TRAINING)

    network: str | Sequence[LayerSpec] | None

    def _learn(self, images: NDArray[np.uint8], labels: NDArray[np.int64], seed: int) -> None:
        self.preprocessing_ = _preprocessing(images)
        self._spec = self._spec_of(images.shape[1:])
        self.network_ = models.build(self._spec, seed=seed)
        models.adapt(self.network_, images, self.preprocessing_)
        asked = {name: getattr(self, name) for name in _TRAINING}
        self.history_ = train.train(
            self.network_,
            images,
            labels,
            preprocessing=self.preprocessing_,
            options=TrainingOptions(**asked, seed=seed),
        )

    def _answers(self, images: NDArray[np.uint8]) -> NDArray[np.floating[Any]]:
        return train.predict(self.network_, images, preprocessing=self.preprocessing_)

    def _write(self, path: Path, facts: Mapping[str, Any]) -> Path:
        return models.write_bundle(
            path,
            self.network_,
            self._spec,
            self.preprocessing_,
            class_names=self._names,
            class_codes=self._names,
            facts=facts,
        )

    def _spec_of(self, shape: tuple[int, ...]) -> NetworkSpec:
        height, width, channels = shape
        n_classes, size = len(self.classes_), (height, width, channels)
        if isinstance(self.network, str):
            return models.network_spec(self.network, input_shape=size, n_classes=n_classes)
        layers = DEFAULT_LAYERS if self.network is None else tuple(self.network)
        output = {"layer": "Dense", "units": n_classes, "activation": "softmax"}
        return NetworkSpec("image_classifier", size, (*layers, output))


class _Fitted(_Images):
    """A kind of model that is fitted whole.

    Several values of an option are tried, and one chosen on images held out of ``fit``; with one
    value of each, none are held out. ``model_`` is what was chosen, ``candidates_`` all that were
    tried.
    """

    _kind: ClassVar[str]

    validation: float

    def _learn(self, images: NDArray[np.uint8], labels: NDArray[np.int64], seed: int) -> None:
        kind = estimator(self._kind)
        asked = {name: getattr(self, name) for name in _own(self._kind)}
        request = kind.request(asked, seed)
        whole = {"all": range(len(images))}
        image_set = ImageSet("arrays", images, labels, self._names, self._names, whole)
        several = any(isinstance(v, list | tuple) and len(v) > 1 for v in asked.values())
        if several:
            split = load.split(image_set, f"stratified:{self.validation}", seed=seed)
        else:
            every = np.arange(len(images))
            split = Split("all", seed, every, every, every[:0], image_set.fingerprint)
        found = kind.fit(image_set, split, request, cached=False, progress=silent)
        self.model_, self.candidates_ = found.model, found.candidates
        self._spec, self._some = found.spec, images[:SOME]
        steps = found.candidates.chosen.facts.get("iterations")
        if steps is not None:
            self.n_iter_ = max(1, steps)

    def _answers(self, images: NDArray[np.uint8]) -> NDArray[np.floating[Any]]:
        found: NDArray[np.floating[Any]] = self.model_.probabilities(images)
        return found

    def _write(self, path: Path, facts: Mapping[str, Any]) -> Path:
        model = replace(self.model_, facts={**self.model_.facts, **facts})
        writer: Any = estimator(self._kind)
        return answers.write_bundle(model, self._spec, writer.onnx(model, self._some), path)


def _own(name: str) -> dict[str, Any]:
    """The options of a kind and their defaults; scikit-learn calls the seed ``random_state``."""
    known = options_of(KINDS[name]).values()
    return {one.name: one.default for one in known if one.name != "seed"}


def _kind(name: str, about: str, **defaults: Any) -> type[_Fitted]:  # noqa: ANN401
    """The scikit-learn class of a kind of model; `defaults` are those that differ from its own."""
    own = _own(name) | defaults
    body = {
        "__init__": _parameters(shape=None, validation=0.2, random_state=None, **own),
        "__doc__": f"{about}\n\n{_Fitted.__doc__}",
        "__module__": __name__,
        "_kind": name,
    }
    return type(f"{name.capitalize()}Classifier", (_Fitted,), body)


ForestClassifier = _kind("forest", "A forest of decision trees.", n_estimators=100, max_depths=1000)
MixtureClassifier = _kind("mixture", "A Gaussian mixture that answers with classes.", k=10)
LinearClassifier = _kind("linear", "Multinomial logistic regression.", c=1.0)
DiscriminantClassifier = _kind("discriminant", "Linear discriminant analysis.", shrinkage=0.1)
NeighborsClassifier = _kind("neighbors", "Votes of the nearest training images.", k=5, pca=None)
BoostingClassifier = _kind("boosting", "Gradient-boosted trees.", rounds=100)


def _shape_of(X: ArrayLike) -> tuple[int, int, int] | None:  # noqa: N803
    """Height, width and channels of whole images; None for rows of pixels."""
    if not isinstance(X, np.ndarray) or X.ndim not in {3, 4}:
        return None
    height, width, channels = (*X.shape[1:], 1)[:3]
    return height, width, channels


def _own_shape(X: ArrayLike) -> tuple[int, int, int] | None:  # noqa: N803
    """The shape of images that nobody gave another for."""
    shape = _shape_of(X)
    if shape is not None and shape[2] > MOST_CHANNELS:
        raise OptionError(
            f"X has images of {shape[0]}×{shape[1]} with {shape[2]} channels",
            "channels come last: X.transpose(0, 2, 3, 1); or say it with shape=",
        )
    return shape


def _range(pixels: NDArray[np.float64]) -> tuple[float, float]:
    """Where the pixels begin, and steps of a byte per unit of theirs."""
    low, high = float(pixels.min()), float(pixels.max())
    return low, LEVELS / (high - low) if high > low else 0.0


def _preprocessing(images: NDArray[np.uint8]) -> Preprocessing:
    height, width, channels = images.shape[1:]
    plain = Preprocessing((height, width, channels), (0, height), (0, width))
    return replace(plain, mean=(0.0,) * channels, deviation=(1.0,) * channels)
