"""Training of a network of dense layers: images, weights and what Adam keeps in, many steps on.

A step of a small dense network is shorter than waking a thread or starting a loop; so all steps of
a part of an epoch are one call, which keeps its threads together from the first step to the last.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from hangtag_kernels import _library

Arrays = list[Array]

_NONE = np.zeros(0, np.float32)


class Rule(NamedTuple):
    """How the steps are made.

    Attributes:
        batch: Images of a step.
        relus: For each layer whether it is rectified; the last one gives what the softmax takes.
        scale: Pixels are multiplied by this.
        beta_1: How much of the first moment Adam keeps.
        beta_2: How much of the second moment it keeps.
        epsilon: What it adds to the square root of the second moment.
        least: Probabilities count as at least this, and as at most one less this, in the loss.
    """

    batch: int
    relus: tuple[bool, ...]
    scale: float = 1 / 255
    beta_1: float = 0.9
    beta_2: float = 0.999
    epsilon: float = 1e-7
    least: float = 1e-7


class Trained(NamedTuple):
    """What the steps came to.

    Attributes:
        weights: New weights.
        momentums: New first moments.
        velocities: New second moments.
        loss: Scalar: what was given, and the sum of the losses of all images of the steps.
        counts: ``(3,)`` int32: right answers, steps done, and the first step whose loss was not
            finite, -1 when all were. Steps end behind such a one, and behind the step in which
            Ctrl-C was pressed: then fewer are done than asked for, and what is here is theirs.
    """

    weights: Arrays
    momentums: Arrays
    velocities: Arrays
    loss: Array
    counts: Array


def train_stack(
    weights: Sequence[Array],
    momentums: Sequence[Array],
    velocities: Sequence[Array],
    pixels: Array,
    labels: Array,
    order: Array,
    *,
    rates: Array,
    bounds: Array,
    loss: Array,
    rule: Rule,
    mean: Array | None = None,
    deviation: Array | None = None,
) -> Trained:
    """Train dense layers with Adam on the cross-entropy of a softmax, a number of steps in one go.

    Args:
        weights: Kernel ``(inputs, outputs)`` and bias ``(outputs,)`` of each layer, float32.
        momentums: First moments, of the same shapes.
        velocities: Second moments, of the same shapes.
        pixels: ``(n, inputs)`` uint8.
        labels: ``(n,)`` int32.
        order: ``(m,)`` int32; step s takes the images from ``order[s * batch]``.
        rates: ``(steps,)`` float32: the length of each step, see :func:`adam`.
        bounds: ``(3,)`` int32: the first step, the one after the last, and how many threads may
            work; 0 is all there are.
        loss: Scalar the losses are added to.
        rule: How.
        mean: ``(inputs,)`` float32, taken off pixels once they are scaled; None when nothing is.
        deviation: ``(inputs,)`` float32 that they are divided by then; goes with `mean`.

    Returns:
        Weights, moments, loss and counts after the steps. Their bits do not depend on how many
        threads worked, nor on how the steps are cut into calls.

    Raises:
        TypeError: An array is not of its type.
        ValueError: Arrays do not come in pairs of a kernel and a bias for each layer.
        OSError: The compiled library is missing.

    Reference:
        Kingma and Ba, *Adam: A Method for Stochastic Optimization* (2015).
    """
    if (mean is None) != (deviation is None):
        raise ValueError("train_stack takes a mean and a deviation, or neither")
    groups = [list(group) for group in (weights, momentums, velocities)]
    if {len(group) for group in groups} != {2 * len(rule.relus)}:
        raise ValueError("train_stack takes a kernel and a bias, with two moments, of each layer")
    _check_types(pixels=(pixels, jnp.uint8), labels=(labels, jnp.int32), order=(order, jnp.int32))
    changed = [array for group in groups for array in group]
    _check_types(**{f"array {n}": (one, jnp.float32) for n, one in enumerate(changed)})
    _library.load()
    call = jax.ffi.ffi_call(
        "hangtag_train_stack",
        [
            jax.ShapeDtypeStruct((), jnp.float32),
            jax.ShapeDtypeStruct((3,), jnp.int32),
            *(jax.ShapeDtypeStruct(array.shape, jnp.float32) for array in changed),
        ],
        input_output_aliases={8 + place: 2 + place for place in range(len(changed))},
        vmap_method="sequential",
    )
    total, counts, *found = call(
        pixels,
        labels,
        order,
        *(_NONE if one is None else jnp.asarray(one, jnp.float32) for one in (mean, deviation)),
        jnp.asarray(rates, jnp.float32),
        jnp.asarray(bounds, jnp.int32),
        jnp.asarray(loss, jnp.float32),
        *changed,
        batch=np.int64(rule.batch),
        relus=np.asarray(rule.relus, np.int64),
        scale=np.float32(rule.scale),
        first=np.float32(1 - rule.beta_1),
        second=np.float32(1 - rule.beta_2),
        epsilon=np.float32(rule.epsilon),
        least=np.float32(rule.least),
    )
    count = len(groups[0])
    parts = found[:count], found[count : 2 * count], found[2 * count :]
    return Trained(*map(list, parts), total, counts)


def _check_types(**arrays: tuple[Array, object]) -> None:
    for name, (array, wanted) in arrays.items():
        if array.dtype != wanted:
            raise TypeError(
                f"train_stack takes {name} of {jnp.dtype(wanted).name}; got {array.dtype}"
            )
