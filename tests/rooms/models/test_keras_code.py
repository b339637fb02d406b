"""The Python that a summary gives builds the very network in Keras."""

import pytest

from hangtag.records import NetworkSpec
from hangtag.rooms import models
from hangtag.rooms.models.keras_code import keras_code

NAMES = models.network_names()
OWN = ("name", "dtype", "seed")
"""Of a layer's own, not of what it computes."""


def run(code):
    made = {}
    exec(compile(code, "network", "exec"), made)
    return made["network"]


def told(network):
    """Every layer with its options; seeds of initial weights are drawn."""

    def plain(value):
        if isinstance(value, dict):
            return {key: plain(one) for key, one in value.items() if key not in OWN}
        return value

    return [(type(one).__name__, plain(one.get_config())) for one in network.layers]


@pytest.mark.parametrize("name", NAMES)
def test_the_code_builds_the_same_network(name, built):
    network = run(keras_code(built(name).spec))
    assert network.count_params() == built(name).network.count_params()
    assert told(network) == told(built(name).network)


def test_every_option_that_differs_from_the_default_is_written():
    layers = (
        {"layer": "Conv2D", "filters": 2, "kernel_size": 3, "strides": 2, "use_bias": False},
        {"layer": "AveragePooling2D", "pool_size": 2, "strides": 1},
        {"layer": "LeakyReLU", "negative_slope": 0.1},
        {"layer": "Dropout", "rate": 0.25},
        {"layer": "Flatten"},
        {"layer": "Dense", "units": 3, "activation": "softmax"},
    )
    spec = NetworkSpec("mixed", (9, 9, 3), layers)
    code = keras_code(spec)
    assert "layers.Conv2D(2, (3, 3), strides=(2, 2), use_bias=False)" in code
    assert "layers.AveragePooling2D((2, 2), strides=(1, 1))" in code
    assert told(run(code)) == told(models.build(spec))
