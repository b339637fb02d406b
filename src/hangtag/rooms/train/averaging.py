"""The running mean of the weights: a state before and after a step in, the mean moved along out.

Means are kept of everything the network holds, so also of what batch normalisation knows of the
images: its statistics belong to the weights they were taken with.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hangtag.rooms.train.state import State

if TYPE_CHECKING:
    from jax import Array


def moved(averages: list[Array], state: State, step: Array, decay: float) -> list[Array]:
    """The running means after one more step.

    They follow faster at first, or they would remember the weights that were drawn at the start.

    Args:
        averages: As :attr:`State.averaged`; none when nothing is averaged.
        state: The weights after the step.
        step: Steps done before it.
        decay: What a mean keeps of itself.
    """
    import jax.numpy as jnp

    if not averages:
        return []
    at = step.astype(jnp.float32)
    # TensorFlow's warm-up of moving averages: after n steps a mean keeps at most (1 + n) / (10 +
    # n).
    change = 1 - jnp.minimum(decay, (1 + at) / (10 + at))
    return [
        mean + change * (now - mean) if jnp.issubdtype(now.dtype, jnp.floating) else now
        for mean, now in zip(averages, state.trainable + state.non_trainable, strict=True)
    ]


def kept(state: State) -> State:
    """The state with the weights that are the training's result: the means, where there are any."""
    if not state.averaged:
        return state
    count = len(state.trainable)
    return state._replace(trainable=state.averaged[:count], non_trainable=state.averaged[count:])
