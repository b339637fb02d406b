"""Answers of a network for many images: a network and uint8 images in, probabilities out.

The program is compiled once per network and batch size and remembered for as long as the network
lives; images go through it a group of batches at a time, so that memory stays small and a bar
can move.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from hangtag.progress import Progress
from hangtag.records import Preprocessing
from hangtag.rooms.train import data
from hangtag.rooms.train.compiling import gives_logits
from hangtag.rooms.train.operations import fast_operations

if TYPE_CHECKING:
    from jax import Array
    from keras import Model

BATCHES = 16
"""Batches in one call of the program: enough to forget the call, few enough to see progress."""

_PROGRAMS: weakref.WeakKeyDictionary[Model, dict[Any, Callable[..., Array]]] = (
    weakref.WeakKeyDictionary()
)


def probabilities(
    network: Model,
    images: NDArray[np.uint8],
    *,
    preprocessing: Preprocessing,
    batch_size: int,
    progress: Progress,
) -> NDArray[np.float32]:
    """Give ``(n, n_classes)`` float32 for ``(n, height, width, channels)`` images."""
    n = len(images)
    # A few images are not padded to a whole batch, and powers of two keep the number of programs
    # small.
    batch_size = min(batch_size, _next_power_of_two(n))
    batches = min(BATCHES, -(-n // batch_size))
    group = batches * batch_size
    run = _program(network, preprocessing, batches, batch_size)
    weights = [variable.value for variable in network.variables]
    kept = images[:, slice(*preprocessing.rows), slice(*preprocessing.columns)]
    found = np.empty((n, network.output_shape[-1]), np.float32)
    with fast_operations(network):
        for first in range(0, n, group):
            # Filled up with zeros at the end: every call has one shape, or each remainder would
            # compile a program of its own.
            part = np.zeros((group, *kept.shape[1:]), np.uint8)
            held = kept[first : first + group]
            part[: len(held)] = held
            answers = run(weights, part.reshape(batches, batch_size, -1))
            found[first : first + group] = np.asarray(answers).reshape(group, -1)[: len(held)]
            progress("predict", first + len(held), n)
    return found


def _program(
    network: Model, preprocessing: Preprocessing, batches: int, batch_size: int
) -> Callable[..., Array]:
    # Weakly held: a program outlives its network by nothing, and the network is not kept by its
    # program.
    programs = _PROGRAMS.setdefault(network, {})
    key = (preprocessing, batches, batch_size)
    if key not in programs:
        programs[key] = _compiled(weakref.ref(network), preprocessing)
    return programs[key]


def _compiled(
    alive: weakref.ReferenceType[Model], preprocessing: Preprocessing
) -> Callable[..., Array]:
    import jax

    def run(weights: list[Array], groups: Array) -> Array:
        network = alive()
        assert network is not None

        def one(pixels: Array) -> Array:
            from keras import StatelessScope

            given = zip(network.variables, weights, strict=True)
            with StatelessScope(state_mapping=list(given)):
                answers = network(data.prepared(pixels, preprocessing), training=False)
            return jax.nn.softmax(answers) if gives_logits(network) else answers

        return jax.lax.map(one, groups)

    program: Callable[..., Array] = jax.jit(run)
    return program


def _next_power_of_two(number: int) -> int:
    return 1 << max(number - 1, 0).bit_length()
