"""The scikit-learn face: ``ImageClassifier`` trains a network and answers as scikit-learn expects.

A thin adapter: arrays in, the rooms ``models`` and ``train`` do the work. It takes rows of pixels
or whole pictures and fits where any scikit-learn classifier does (``GridSearchCV``,
``cross_val_score``, pipelines). To add an option of training: one argument of ``__init__``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils.multiclass import check_classification_targets, unique_labels
from sklearn.utils.validation import check_is_fitted, validate_data

from hangtag.errors import OptionError
from hangtag.records import LayerSpec, NetworkSpec, Preprocessing, TrainingOptions
from hangtag.rooms import models, train

DEFAULT_LAYERS: tuple[LayerSpec, ...] = (
    {"layer": "Flatten"},
    {"layer": "Dense", "units": 64, "activation": "relu"},
)
"""What is trained when no network is named: pixels, one hidden layer, and the output."""

MOST_CHANNELS = 4
LEVELS = 255  # pixels are kept as bytes: what is given is spread over this many steps


class ImageClassifier(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """A network as a scikit-learn classifier.

    Pixels may be any numbers: the range seen in ``fit`` is spread over the whole numbers from 0
    to 255 (so bytes that use their range stay what they are), and the network sees them in [0, 1].

    Args:
        network: A name that ``hangtag summary`` lists, or the layers before the output as
            ``{"layer": "Dense", "units": 64, …}``; None takes one hidden layer of 64.
        shape: ``(height, width, channels)`` of the pictures when `X` has rows of pixels; None
            takes the shape of `X`, and rows of pixels as pictures one pixel high.
        epochs: Passes over the training pictures.
        batch_size: Pictures per step.
        optimizer: ``sgd``, ``adam`` or ``rmsprop``.
        learning_rate: Step size; None takes Keras' default.
        random_state: Draws initial weights, order and dropout; None takes 0, so that the same
            call gives the same network.

    Attributes:
        classes_: ``(n_classes,)`` the labels seen in ``fit``, sorted.
        n_features_in_: Pixels of a picture.
        shape_: ``(height, width, channels)`` of a picture.
        network_: The trained Keras model.
        history_: Every epoch of the training.

    Example:
        >>> ImageClassifier("s0-cnn", shape=(8, 8, 1), epochs=3).fit(X, y).score(X, y)
    """

    def __init__(
        self,
        network: str | Sequence[LayerSpec] | None = None,
        *,
        shape: tuple[int, int, int] | None = None,
        epochs: int = 30,
        batch_size: int = 32,
        optimizer: str = "adam",
        learning_rate: float | None = None,
        random_state: int | None = None,
    ) -> None:
        self.network = network
        self.shape = shape
        self.epochs = epochs
        self.batch_size = batch_size
        self.optimizer = optimizer
        self.learning_rate = learning_rate
        self.random_state = random_state

    def fit(self, X: ArrayLike, y: ArrayLike) -> Self:  # noqa: N803 - scikit-learn's name
        """Train a new network.

        Args:
            X: ``(n, pixels)`` or ``(n, height, width[, channels])`` numbers.
            y: ``(n,)`` labels of any kind.

        Raises:
            ValueError: `X` or `y` is not what scikit-learn takes.
            UsageError: Network, shape and options do not fit.
        """
        self.shape_ = self.shape or _own_shape(X)
        pixels, labels = validate_data(self, self._flat(X), y, dtype=np.float64)
        check_classification_targets(labels)
        self.classes_ = unique_labels(labels)
        if len(self.classes_) < 2:
            raise ValueError(f"a classifier needs two classes; y has 1 class: {self.classes_[0]!r}")
        self._low, self._step = _range(pixels)
        images = self._images(pixels)
        self.preprocessing_ = _preprocessing(images)
        seed = self._seed()
        self.network_ = models.build(self._spec(images.shape[1:]), seed=seed)
        models.adapt(self.network_, images, self.preprocessing_)
        self.history_ = train.train(
            self.network_,
            images,
            np.searchsorted(self.classes_, labels).astype(np.int64),
            preprocessing=self.preprocessing_,
            options=self._options(seed),
        )
        return self

    def predict_proba(self, X: ArrayLike) -> NDArray[np.float64]:  # noqa: N803
        """``(n, n_classes)`` probabilities, columns in the order of ``classes_``."""
        check_is_fitted(self)
        pixels = validate_data(self, self._flat(X), reset=False, dtype=np.float64)
        found = train.predict(
            self.network_, self._images(pixels), preprocessing=self.preprocessing_
        )
        shares: NDArray[np.float64] = found.astype(np.float64)
        shares /= shares.sum(axis=1, keepdims=True)
        return shares

    def predict(self, X: ArrayLike) -> NDArray[Any]:  # noqa: N803
        """``(n,)`` the most probable label of each picture."""
        probabilities = self.predict_proba(X)
        answers: NDArray[Any] = self.classes_[probabilities.argmax(axis=1)]
        return answers

    def _flat(self, X: ArrayLike) -> Any:  # noqa: ANN401, N803 - what scikit-learn's checks take
        """Rows of pixels of pictures, which must have the shape that was trained on."""
        given = _shape_of(X)
        if given is None:
            return X
        if self.shape_ is not None and given != tuple(self.shape_):
            raise OptionError(
                f"X has pictures of shape {given}; this classifier takes {tuple(self.shape_)}",
                "height, width and channels, in this order",
            )
        return np.asarray(X).reshape(len(np.asarray(X)), -1)

    def _options(self, seed: int) -> TrainingOptions:
        return TrainingOptions(
            epochs=self.epochs,
            batch_size=self.batch_size,
            optimizer=self.optimizer,
            learning_rate=self.learning_rate,
            seed=seed,
            monitor="loss",
        )

    def _seed(self) -> int:
        if self.random_state is None:
            return 0
        if isinstance(self.random_state, np.random.RandomState):
            return int(self.random_state.randint(2**31))
        return int(self.random_state)

    def _spec(self, shape: tuple[int, ...]) -> NetworkSpec:
        height, width, channels = shape
        n_classes, size = len(self.classes_), (height, width, channels)
        if isinstance(self.network, str):
            return models.network_spec(self.network, input_shape=size, n_classes=n_classes)
        layers = DEFAULT_LAYERS if self.network is None else tuple(self.network)
        output = {"layer": "Dense", "units": n_classes, "activation": "softmax"}
        return NetworkSpec("image_classifier", size, (*layers, output))

    def _images(self, pixels: NDArray[np.float64]) -> NDArray[np.uint8]:
        """Rows of numbers as pictures of bytes, by the range seen in ``fit``."""
        shape = self.shape_ or (1, pixels.shape[1], 1)
        if pixels.shape[1] != int(np.prod(shape)):
            raise OptionError(
                f"pictures of shape {shape} have {int(np.prod(shape))} pixels; "
                f"X has {pixels.shape[1]}",
                "give shape=(height, width, channels)",
            )
        levels = np.clip(np.rint((pixels - self._low) * self._step), 0, LEVELS)
        return levels.astype(np.uint8).reshape(-1, *shape)


def _shape_of(X: ArrayLike) -> tuple[int, int, int] | None:  # noqa: N803
    """Height, width and channels of whole pictures; None for rows of pixels."""
    if not isinstance(X, np.ndarray) or X.ndim not in {3, 4}:
        return None
    height, width, channels = (*X.shape[1:], 1)[:3]
    return height, width, channels


def _own_shape(X: ArrayLike) -> tuple[int, int, int] | None:  # noqa: N803
    """The shape of pictures that nobody gave another for."""
    shape = _shape_of(X)
    if shape is not None and shape[2] > MOST_CHANNELS:
        raise OptionError(
            f"X has pictures of {shape[0]}×{shape[1]} with {shape[2]} channels",
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
