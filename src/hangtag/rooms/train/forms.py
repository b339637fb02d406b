"""What compiled programs are made of: a network and how it trains in, the name of its form out.

Trainings of one form have the same programs, whatever their weights, seeds and learning rates are:
these are given to a program and are no part of it. To trace a program takes a third of a second,
which is as long as a whole training on a few hundred small images; sweeps and cross-validation do
it once for each form (:class:`hangtag.rooms.train.shared.Shared`).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Sequence
from types import FunctionType
from typing import TYPE_CHECKING, Any

import numpy as np

from hangtag.records import Preprocessing, TrainingOptions
from hangtag.rooms.train.operations import is_keras_own, layers_of, native
from hangtag.rooms.train.schedule import is_constant

if TYPE_CHECKING:
    from keras import Model
    from keras.layers import Layer

GIVEN = frozenset({"learning_rate", "seed"})
"""Options that reach a program as numbers it is given."""

OUTSIDE = frozenset({"early_stopping", "monitor", "restore_best", "shuffle"})
"""Options that are about the course of a training, outside of its programs."""

OVERRIDES = frozenset({"call", "convolution_op"})
"""What somebody may have put on a layer to make it compute something else."""


def form_of(network: Model, preprocessing: Preprocessing, options: TrainingOptions) -> str | None:
    """Name the form of a training before its operations are replaced by fast ones.

    Args:
        network: A built ``keras.Model``.
        preprocessing: Part of its programs.
        options: How it trains.

    Returns:
        A name that two trainings share only if their programs are the same for images of the same
        number and shape; None where a layer is not of Keras alone, so that nothing tells.
    """
    import jax
    import keras

    layers = [network, *layers_of(network)]
    if not all(map(_is_plain, layers)):
        return None
    asked = options.to_dict()
    for name in GIVEN | OUTSIDE | ({"epochs"} if is_constant(options) else set()):
        del asked[name]
    around = [
        *(keras.config.floatx(), keras.config.epsilon(), native.in_use()),
        *(jax.default_backend(), jax.config.jax_enable_x64),
        *(jax.config.jax_default_matmul_precision, jax.config.jax_threefry_partitionable),
    ]
    places = {id(one): place for place, one in enumerate(network.variables)}
    around += [[places[id(one)] for one in network.trainable_variables]]
    # Layers in a row are known by their place; in a graph, names say which goes where.
    row = type(network) is keras.Sequential and not any(
        hasattr(one, "layers") for one in layers[1:]
    )
    try:
        made = _description(network.get_config(), left_out={"seed", "name"} if row else {"seed"})
        said = json.dumps([made, asked, preprocessing.to_dict(), around], sort_keys=True)
    except (TypeError, ValueError):  # something that cannot be described, or is not Keras' own
        return None
    digest = hashlib.sha256(said.encode())
    for layer in layers:
        digest.update(_constants(layer))
    return digest.hexdigest()


def program_name(form: str, what: str, given: Sequence[Any]) -> str:
    """Name a program of a form.

    Args:
        form: From :func:`form_of`.
        what: Which of its programs.
        given: What the program is given, arrays in any nesting.
    """
    import jax

    leaves, tree = jax.tree.flatten(given)
    kinds = [str(jax.api_util.shaped_abstractify(leaf)) for leaf in leaves]
    return json.dumps([form, what, str(tree), kinds])


def _is_plain(layer: Layer) -> bool:
    """Whether `layer` computes what its class in Keras does, with functions of Keras."""
    held = vars(layer)
    functions = [one for one in held.values() if isinstance(one, FunctionType)]
    keras_own = all(one.__module__.startswith("keras.") for one in functions)
    return is_keras_own(layer) and keras_own and not OVERRIDES & held.keys()


def _description(value: Any, left_out: Collection[str]) -> Any:  # noqa: ANN401 - JSON of any form
    """A configuration of Keras without what draws first weights and what is `left_out`.

    Raises:
        ValueError: Something in it is not Keras' own.
    """
    if isinstance(value, dict):
        package = str(value.get("module", "keras")).partition(".")[0]
        if value.get("registered_name") or package != "keras":
            raise ValueError(f"{value.get('class_name')} is not Keras' own")
        kept = {
            name: one
            for name, one in value.items()
            if name not in left_out and not str(name).endswith("_initializer")
        }
        return {name: _description(one, left_out) for name, one in kept.items()}
    if isinstance(value, (list, tuple)):
        return [_description(one, left_out) for one in value]
    return value


def _constants(layer: Layer) -> bytes:
    """Arrays that a layer keeps beside its variables, such as the mean that it takes off."""
    import jax

    kinds = (jax.Array, np.ndarray)
    held = [(name, one) for name, one in vars(layer).items() if isinstance(one, kinds)]
    return b"".join(name.encode() + np.asarray(one).tobytes() for name, one in sorted(held))
