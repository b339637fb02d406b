"""Training images go in; the network's Normalization layers know their mean and variance.

Only networks with a ``Normalization`` layer need it, once, before training. Any layer that learns
from data before training starts would be served here.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from hangtag.backend import keras_on_jax
from hangtag.records import Preprocessing
from hangtag.rooms.models.building import KerasObject, Network, kind_of

BATCH = 1024
CONSTANT = 1e-12
"""Variance below which a value is the same in every image, apart from rounding."""


def adapt(network: Network, images: NDArray[np.uint8], preprocessing: Preprocessing) -> int:
    """Set mean and variance of every Normalization layer from the training images.

    As Keras' ``Normalization.adapt``, in double precision and bounded memory, with one
    difference: a value that is the same in all training images gets variance 1. Keras divides
    it by 1e-7, so that one grey level in a test image would drown all others.

    Args:
        network: The network, changed in place; one without such a layer is left as it is.
        images: ``(n, height, width, channels)`` uint8 training images, and no others.
        preprocessing: What is done to them first.

    Returns:
        How many layers were set.
    """
    keras_on_jax()
    places = [
        place for place, layer in enumerate(network.layers) if kind_of(layer) == "Normalization"
    ]
    for place in places:
        before, layer = network.layers[:place], network.layers[place]
        mean, variance = _moments(before, images, preprocessing)
        layer.adapt_mean.assign(mean)
        layer.adapt_variance.assign(np.where(variance < CONSTANT, 1.0, variance))
        layer.finalize_state()
    return len(places)


def _moments(
    before: list[KerasObject], images: NDArray[np.uint8], preprocessing: Preprocessing
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Mean and variance of each channel of what comes out of the layers `before`.

    Batches are joined as in Chan, Golub and LeVeque, "Updating formulae and a pairwise algorithm
    for computing sample variances" (1979).
    """
    count, mean, squares = 0, np.float64(0), np.float64(0)
    for start in range(0, len(images), BATCH):
        values = preprocessing.apply(images[start : start + BATCH])
        for layer in before:
            values = layer(values, training=False)
        flat = np.asarray(values, np.float64)
        flat = flat.reshape(-1, flat.shape[-1])
        own = flat.mean(axis=0)
        joined = count + len(flat)
        squares = squares + ((flat - own) ** 2).sum(axis=0)
        squares = squares + (own - mean) ** 2 * (count * len(flat) / joined)
        mean = mean + (own - mean) * (len(flat) / joined)
        count = joined
    return np.asarray(mean), np.asarray(squares / max(count, 1))
