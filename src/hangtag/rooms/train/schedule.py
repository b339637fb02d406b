"""The learning rate over a training: a step's number in, a proportion of the full rate out.

To add a schedule: a function of how far the training is (0 to 1), and a row in :data:`SCHEDULES`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from hangtag.records import TrainingOptions

if TYPE_CHECKING:
    from jax import Array

RISE = 0.3
"""Part of a one-cycle training over which the rate rises."""

FIRST = 1 / 25
LAST = 1e-4
"""Where a one-cycle training starts and ends, as proportions of its highest rate."""


def _constant(done: Array) -> Array:
    import jax.numpy as jnp

    return jnp.ones_like(done)


def _linear(done: Array) -> Array:
    return 1 - done


def _cosine(done: Array) -> Array:
    import jax.numpy as jnp

    return (1 + jnp.cos(jnp.pi * done)) / 2


def _one_cycle(done: Array) -> Array:
    """Up and further down along half cosines; Smith and Topin, "Super-Convergence" (2017)."""
    import jax.numpy as jnp

    rising = 1 - (1 - FIRST) * _cosine(jnp.minimum(done / RISE, 1))
    falling = LAST + (1 - LAST) * _cosine(jnp.clip((done - RISE) / (1 - RISE), 0, 1))
    return jnp.where(done < RISE, rising, falling)


SCHEDULES: dict[str, Callable[[Array], Array]] = {
    "constant": _constant,
    "cosine": _cosine,
    "linear": _linear,
    "one-cycle": _one_cycle,
}
"""Every name that ``TrainingOptions.schedule`` may have."""


def is_constant(options: TrainingOptions) -> bool:
    """Whether the learning rate stays what it is."""
    return options.schedule == "constant" and not options.warmup


def rate_factor(step: Array, *, options: TrainingOptions, steps: int) -> Array:
    """The proportion of the full learning rate that a step takes.

    Args:
        step: Steps done before it, over all epochs.
        options: Their schedule, its warm-up and the epochs.
        steps: Steps of one epoch.

    Returns:
        A float32 number, at most 1.
    """
    import jax.numpy as jnp

    # Warm-up is given in epochs, also in parts of one.
    warm = round(options.warmup * steps)
    total = options.epochs * steps
    at = step.astype(jnp.float32)
    done = jnp.clip((at - warm) / max(total - warm, 1), 0, 1)
    proportion: Array = SCHEDULES[options.schedule](done)
    if warm:
        # The first step already moves, the last of the warm-up has the full rate.
        proportion = jnp.where(at < warm, (at + 1) / warm, proportion)
    return proportion.astype(jnp.float32)
