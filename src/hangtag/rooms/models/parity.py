"""Whether an ONNX model answers as its network: both go in, the largest difference comes out.

Imports Keras and onnxruntime inside its functions; called whenever a model is written.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from hangtag.backend import keras_on_jax
from hangtag.errors import BundleError
from hangtag.onnx_graphs import EMBEDDING, PROBABILITIES
from hangtag.onnx_sessions import answers, open_session
from hangtag.records import NetworkSpec, Preprocessing
from hangtag.rooms.models.building import KerasObject, Network
from hangtag.rooms.models.resolve import embedding_position

TOLERANCE = 1e-5
"""Largest difference of a probability; of an embedding, relative to its largest number over 1."""

LOGIT_ROOM = 50.0
"""Logits up to here are held to the tolerance; beyond, it grows with them, because float32 itself
tells numbers of 100 apart only in steps of 1e-5 and a probability moves by up to half of that."""

RANDOM_IMAGES = 8
GIVEN_IMAGES = 64


def check_parity(
    model: bytes,
    network: Network,
    spec: NetworkSpec,
    preprocessing: Preprocessing,
    images: NDArray[np.uint8] | None = None,
) -> float:
    """Compare the model with the network on random and on given images.

    Args:
        model: The ONNX model.
        network: The Keras network it was written from.
        spec: Its description.
        preprocessing: What the model does itself and the network needs done.
        images: ``(n, height, width, channels)`` uint8 real images; at most 64 are used.

    Returns:
        The largest difference found, relative to what it is allowed to grow with.

    Raises:
        BundleError: They differ by more than :data:`TOLERANCE`, or onnxruntime refuses the model.
    """
    shown = _images(preprocessing.picture_shape, images)
    probabilities, embedding, logits = keras_answers(network, spec, preprocessing.apply(shown))
    try:
        session = open_session(model)
    except RuntimeError as error:
        raise BundleError(
            f"the ONNX model of {spec.name} cannot be run: {error}", "please report this"
        ) from None
    # Allowed to grow with the logits and with nothing else, or a wrong kernel would excuse itself.
    room = max(1.0, float(np.abs(logits).max()) / LOGIT_ROOM)
    # Relative for large embeddings, absolute for small ones, which float32 sums no better.
    scale = max(1.0, float(np.abs(embedding).max(initial=0.0)))
    difference = max(
        _difference(answers(session, PROBABILITIES, shown), probabilities) / room,
        _difference(answers(session, EMBEDDING, shown), embedding) / scale,
    )
    if not difference <= TOLERANCE:
        raise BundleError(
            f"the ONNX model of {spec.name} answers differently from its network: by "
            f"{difference:.2g} where {TOLERANCE:g} is allowed; nothing was written",
            "a layer with a call of its own cannot be written; otherwise please report this",
        )
    return difference


def keras_answers(
    network: Network, spec: NetworkSpec, values: NDArray[np.float32]
) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]:
    """What a network says of preprocessed images, in full float32; as `spec` says, mirrored.

    Returns:
        Probabilities and embeddings, ``(n, classes)`` and ``(n, values)`` float32, and the
        logits, what the last softmax is taken of.
    """
    found = _network_answers(network, spec, values)
    if not spec.mirrored:
        return found
    other = _network_answers(network, spec, values[:, :, ::-1])
    half = np.float32(0.5)
    probabilities, embedding, logits = ((a + b) * half for a, b in zip(found, other, strict=True))
    return probabilities, embedding, logits


def _network_answers(
    network: Network, spec: NetworkSpec, values: NDArray[np.float32]
) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]:
    keras_on_jax()
    import jax
    from keras import StatelessScope

    weights = network.weights

    # One program: layer by layer, each operation would be a program of its own to compile.
    def answer(given: list[Any], shown: Any) -> tuple[Any, Any, Any]:  # noqa: ANN401 - JAX's arrays
        embedding = shown
        with StatelessScope(state_mapping=list(zip(weights, given, strict=True))):
            for position, layer in enumerate(network.layers[:-1]):
                shown = layer(shown, training=False)
                if position == embedding_position(spec):
                    embedding = shown
            return network.layers[-1](shown, training=False), embedding, shown

    with jax.default_matmul_precision("highest"):  # GPUs round to 10 bits otherwise
        probabilities, embedding, last = jax.jit(answer)([one.value for one in weights], values)
    flat = np.asarray(embedding, np.float32).reshape(len(embedding), -1)
    logits = _logits(network.layers[-1], np.asarray(last, np.float32))
    return np.asarray(probabilities, np.float32), flat, logits


def _logits(last: KerasObject, values: NDArray[np.float32]) -> NDArray[np.float32]:
    """What the softmax at the end is taken of: a Dense layer's sums, or what comes in."""
    if not last.weights:
        return values
    kernel, *bias = (np.asarray(weight) for weight in last.weights)
    sums: NDArray[np.float32] = values @ kernel
    return sums + bias[0] if bias else sums


def _images(shape: tuple[int, int, int], given: NDArray[np.uint8] | None) -> NDArray[np.uint8]:
    generator = np.random.default_rng(0)
    drawn = generator.integers(0, 256, (RANDOM_IMAGES, *shape), dtype=np.uint8)
    if given is None or not len(given):
        return drawn
    step = max(1, len(given) // GIVEN_IMAGES)
    return np.concatenate([drawn, given[::step][:GIVEN_IMAGES]])


def _difference(ours: NDArray[np.float32], theirs: NDArray[np.float32]) -> float:
    if ours.shape != theirs.shape:
        return float("inf")
    return float(np.abs(ours - theirs).max(initial=0.0))
