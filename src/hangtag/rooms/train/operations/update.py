"""Updates of weights: an optimizer, what it keeps, gradients and weights in, all of them new out.

Everything around the update is Keras' own (``stateless_apply``: clipping, decay, averages, the
count of steps); only the arithmetic of Adam on each weight is one native call for all of them,
where the kernels are there, through the method that Keras lets its backends override.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

from hangtag.rooms.train.operations import native

if TYPE_CHECKING:
    from jax import Array
    from keras.optimizers import Optimizer

HOOK = "_backend_update_step"


def apply(
    optimizer: Optimizer, kept: list[Array], gradients: list[Array], weights: list[Array]
) -> tuple[list[Array], list[Array]]:
    """Do one step of `optimizer`, as its ``stateless_apply`` does.

    Args:
        optimizer: Built on weights of these shapes; not changed.
        kept: Its variables.
        gradients: One for each weight.
        weights: The trainable weights.

    Returns:
        The new weights and the new variables of the optimizer.
    """
    if not _covered(optimizer):
        result: tuple[list[Array], list[Array]] = optimizer.stateless_apply(
            kept, gradients, weights
        )
        return result
    # Past Keras' __setattr__, which would track the function as part of the optimizer.
    optimizer.__dict__[HOOK] = functools.partial(_adam, optimizer)
    try:
        result = optimizer.stateless_apply(kept, gradients, weights)
    finally:
        del optimizer.__dict__[HOOK]
    return result


def _covered(optimizer: Optimizer) -> bool:
    import keras

    known = type(optimizer) in {keras.optimizers.Adam, keras.optimizers.AdamW}
    return known and not optimizer.amsgrad and hasattr(type(optimizer), HOOK) and native.here()


def _adam(
    optimizer: Any,  # noqa: ANN401 - Keras' private lists of moments are not typed
    gradients: list[Array],
    variables: list[Any],
    learning_rate: Any,  # noqa: ANN401 - a variable or a scalar
) -> None:
    """Update `variables` and their moments: Keras' ``update_step``, all in one call."""
    import jax.numpy as jnp

    from hangtag_kernels import adam

    # Keras has no other name for a weight's moments.
    places = [optimizer._get_variable_index(variable) for variable in variables]  # noqa: SLF001
    moments = [optimizer._momentums[place] for place in places]  # noqa: SLF001
    squares = [optimizer._velocities[place] for place in places]  # noqa: SLF001
    groups = [[jnp.asarray(one) for one in group] for group in (variables, moments, squares)]
    slopes = [jnp.asarray(one) for one in gradients]
    # Powers in float32, as Keras takes them; beta_2 to many steps is far from one already when
    # float32 begins to matter.
    step = jnp.asarray(optimizer.iterations).astype(jnp.float32) + 1
    first, second = optimizer.beta_1, optimizer.beta_2
    powers = jnp.power(jnp.float32(first), step), jnp.power(jnp.float32(second), step)
    rate = jnp.asarray(learning_rate, jnp.float32) * jnp.sqrt(1 - powers[1]) / (1 - powers[0])
    found = adam(*groups, slopes, rate=rate, beta_1=first, beta_2=second, epsilon=optimizer.epsilon)
    for held, new in zip((variables, moments, squares), found, strict=True):
        for variable, value in zip(held, new, strict=True):
            variable.assign(value)
