"""What the cores can do: GFLOP/s of a large float32 matrix product, by NumPy and by XLA."""

from __future__ import annotations

import json
import time

import jax
import numpy as np

SIZE = 2048


def best(product) -> float:
    product()
    seconds = []
    for _ in range(10):
        began = time.perf_counter()
        product()
        seconds.append(time.perf_counter() - began)
    return 2 * SIZE**3 / min(seconds) / 1e9


matrix = np.random.default_rng(0).normal(size=(SIZE, SIZE)).astype("float32")
placed = jax.numpy.asarray(matrix)
times = jax.jit(lambda one: one @ one)
rates = [best(lambda: matrix @ matrix), best(lambda: times(placed).block_until_ready())]
print(json.dumps({"gflops": max(rates), "numpy": rates[0], "xla": rates[1]}))
