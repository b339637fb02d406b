"""Native CPU kernels: training small networks as functions for JAX, nearest centres for NumPy.

Arrays are float32 and channels last. Functions for JAX have a gradient, and ``jax.vmap`` over
models runs them in one call; JAX is imported only when one of them is asked for. To add one: its
C++ in ``native``, its name in ``_library.CALLS`` if XLA is to call it, a file here, a row in
:data:`_HOME`.
"""

from __future__ import annotations

import importlib
from typing import Any

from hangtag_kernels._library import INSTRUCTIONS, available, use_instructions

_HOME = {
    "Rule": "stack",
    "Trained": "stack",
    "adam": "updates",
    "conv2d": "convolution",
    "dense": "dense",
    "drop": "dropout",
    "max_pool": "pooling",
    "normalize": "normalization",
    "take_rows": "rows",
    "train_stack": "stack",
    "two_nearest": "nearest",
}

__all__ = ["INSTRUCTIONS", "available", "use_instructions", *_HOME]  # noqa: PLE0604 - all names
__version__ = "0.2.0"


def __getattr__(name: str) -> Any:  # noqa: ANN401 - the module's own attributes
    if name not in _HOME:
        raise AttributeError(f"module 'hangtag_kernels' has no attribute '{name}'")
    found = getattr(importlib.import_module(f"hangtag_kernels.{_HOME[name]}"), name)
    globals()[name] = found  # also over the module of the same name
    return found


def __dir__() -> list[str]:
    return sorted(__all__)
