"""What a step changes: a Keras network in, its numbers as lists of arrays out, and back again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from hangtag.records import TrainingOptions
from hangtag.rooms.train.augment import augments

if TYPE_CHECKING:
    from jax import Array
    from keras import Model


class State(NamedTuple):
    """Everything a step changes in the network and its optimizer; lists in Keras' order.

    Attributes:
        trainable: Weights.
        non_trainable: What layers keep beside them, random states included.
        optimizer: The optimizer's variables.
        averaged: Running means of `trainable` and `non_trainable`, in that order; may be empty.
        random: The seed that changes to images are drawn from; empty when there are none.
    """

    trainable: list[Array]
    non_trainable: list[Array]
    optimizer: list[Array]
    averaged: list[Array]
    random: list[Array]


def state_of(network: Model, options: TrainingOptions) -> State:
    """Copies of everything a step changes; the network's own stay untouched while it trains."""
    import jax.numpy as jnp

    groups = [[jnp.copy(one.value) for one in group] for group in _variables(network)]
    averaged = [jnp.copy(one) for one in groups[0] + groups[1]] if options.average else []
    # A stream beside those of weights and dropout: switching shifts on must not change what they
    # draw.
    drawn = np.random.SeedSequence([options.seed, 1]).generate_state(2)
    random = [jnp.asarray(drawn, jnp.uint32)] if augments(options) else []
    return State(groups[0], groups[1], groups[2], averaged, random)


def put_weights(network: Model, state: State) -> None:
    """Write `state` into the network's variables."""
    values = (state.trainable, state.non_trainable, state.optimizer)
    for variables, own in zip(_variables(network), values, strict=True):
        for variable, value in zip(variables, own, strict=True):
            variable.assign(value)


def weights_of(state: State) -> dict[str, list[Array]]:
    """Copies of the weights of `state`; the program may then overwrite its own."""
    import jax.numpy as jnp

    return {
        "trainable": [jnp.copy(one) for one in state.trainable],
        "non_trainable": [jnp.copy(one) for one in state.non_trainable],
    }


def _variables(network: Model) -> tuple[list[Any], list[Any], list[Any]]:
    return (
        network.trainable_variables,
        network.non_trainable_variables,
        network.optimizer.variables,
    )
