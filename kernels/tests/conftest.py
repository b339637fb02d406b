"""Every instruction set this processor has, and the same operations by other means."""

from __future__ import annotations

import functools
import os

# Read when JAX comes up: what the kernels are compared with runs for moments, compiles for minutes.
os.environ.setdefault("XLA_FLAGS", "--xla_backend_optimization_level=0")

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax import lax

import hangtag_kernels
from random_calls.running import known_instructions

pytest_plugins = ["worker_memory"]

KNOWN = known_instructions()


def pytest_collection_modifyitems(items: list[pytest.Item]):
    """The same question of all instruction sets in a row: XLA compiles its answer to it once."""
    places: dict[str, int] = {}

    def question(item):
        asked = getattr(item, "callspec", None)
        name = item.nodeid
        if asked and "instructions" in asked.params:
            name = name.replace(asked.params["instructions"], "", 1)
        return places.setdefault(name, len(places))

    items.sort(key=question)


@pytest.fixture(params=KNOWN)
def instructions(request):
    hangtag_kernels.use_instructions(request.param)
    yield request.param
    hangtag_kernels.use_instructions(KNOWN[0])


@pytest.fixture
def random():
    return np.random.default_rng(7)


@pytest.fixture
def by_xla():
    """As ``conv2d``, of XLA's own operations."""
    return _by_xla


@pytest.fixture
def pooled_by_xla():
    """As ``max_pool``, of XLA's own operations."""
    return _pooled_by_xla


@pytest.fixture
def in_double():
    """The definition of ``conv2d``, in float64 NumPy."""
    return _in_double


def _by_xla(images, kernel, bias, *, strides=1, padding="valid", activation=None, pool=None):
    padding = padding.upper() if isinstance(padding, str) else padding
    numbers = ("NHWC", "HWIO", "NHWC")
    steps = (strides, strides) if isinstance(strides, int) else strides
    found = lax.conv_general_dilated(images, kernel, steps, padding, dimension_numbers=numbers)
    found = found + bias
    if activation == "relu":
        found = jax.nn.relu(found)
    return found if pool is None else _pooled_by_xla(found, pool)


def _pooled_by_xla(images, window):
    # Not lax.reduce_window, which on the CPU may lose what is not a number.
    _, height, width, _ = images.shape
    rows, columns = height // window * window, width // window * window
    slices = [
        images[:, row:rows:window, column:columns:window]
        for row in range(window)
        for column in range(window)
    ]
    return functools.reduce(jnp.maximum, slices)


def _in_double(images, kernel, bias, *, stride, edges, relu, pool):
    images, kernel, bias = (np.asarray(one, np.float64) for one in (images, kernel, bias))
    images = np.pad(images, ((0, 0), *edges, (0, 0)))
    windows = np.lib.stride_tricks.sliding_window_view(images, kernel.shape[:2], axis=(1, 2))
    windows = windows[:, ::stride, ::stride]
    found = np.einsum("nyxcij,ijcf->nyxf", windows, kernel) + bias
    if relu:
        found = np.maximum(found, 0)
    if pool == 1:
        return found
    n, height, width, filters = found.shape
    found = found[:, : height // pool * pool, : width // pool * pool]
    found = found.reshape(n, height // pool, pool, width // pool, pool, filters)
    return found.max(axis=(2, 4))
