"""Keras on JAX: the one place that imports Keras, so that every room gets the same backend.

Keras reads its backend once, when it is first imported; whoever needs Keras calls
:func:`keras_on_jax` inside the function that needs it and nothing else imports Keras.
"""

from __future__ import annotations

import os
import sys
from types import ModuleType

from hangtag import memory, settings
from hangtag.compilation_cache import remember_programs
from hangtag.errors import OptionError


def keras_on_jax() -> ModuleType:
    """Import Keras with JAX underneath (some seconds the first time), its programs kept on disk.

    Returns:
        The module ``keras``.

    Raises:
        OptionError: Keras was already imported in this process with another backend.
        MachineError: A limit on addresses leaves too few of them to load it.
    """
    if "keras" not in sys.modules:
        memory.check_room("a network", base=memory.NETWORK, per_core=memory.NETWORK_PER_CORE)
        os.environ["KERAS_BACKEND"] = "jax"
        # A keras.json in the home folder would change what networks compute in, or be made there.
        settings.own_cache("KERAS_HOME", "keras")
    import keras

    backend = keras.backend.backend()
    if backend != "jax":
        raise OptionError(
            f"Keras already runs on {backend} in this process; Hangtag's networks run on jax",
            "set KERAS_BACKEND=jax before the first 'import keras'",
        )
    remember_programs()  # before the first network: drawing its weights compiles programs too
    module: ModuleType = keras
    return module
