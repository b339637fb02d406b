"""Native CPU kernels for training small networks, as functions for JAX programs.

Arrays are float32 and channels last. Each function has a gradient, and ``jax.vmap`` over models
runs them in one call. To add one: its C++ in ``native``, its name in ``_library.CALLS``, a file
here.
"""

from hangtag_kernels._library import INSTRUCTIONS, available, use_instructions
from hangtag_kernels.convolution import conv2d
from hangtag_kernels.dense import dense
from hangtag_kernels.dropout import drop
from hangtag_kernels.pooling import max_pool
from hangtag_kernels.rows import take_rows
from hangtag_kernels.stack import Rule, Trained, train_stack
from hangtag_kernels.updates import adam

__all__ = [
    "INSTRUCTIONS",
    "Rule",
    "Trained",
    "adam",
    "available",
    "conv2d",
    "dense",
    "drop",
    "max_pool",
    "take_rows",
    "train_stack",
    "use_instructions",
]
__version__ = "0.1.0"
