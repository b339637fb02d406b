"""The compiled library: found beside this file, its calls made known to JAX once."""

from __future__ import annotations

import ctypes
import functools
import os
import pathlib
import sys

INSTRUCTIONS = ("avx512", "avx2", "generic")
"""Instruction sets the library may hold, best first."""

CALLS = (
    *("hangtag_convolve", "hangtag_convolve_back", "hangtag_dense", "hangtag_dense_back"),
    *("hangtag_pool", "hangtag_pool_back", "hangtag_adam", "hangtag_drop"),
    *("hangtag_normalize", "hangtag_normalize_back", "hangtag_take_rows", "hangtag_train_stack"),
)
"""The library's calls, by the names XLA knows them by."""

_FILE = "libhangtag_kernels.dylib" if sys.platform == "darwin" else "libhangtag_kernels.so"


def available() -> str:
    """Name the instruction set in use: one of :data:`INSTRUCTIONS`; empty when there is none.

    ``HANGTAG_NATIVE=0`` in the environment turns the kernels off; ``HANGTAG_NATIVE_ISA`` asks for
    one instruction set.

    Raises:
        ValueError: ``HANGTAG_NATIVE_ISA`` names what this processor does not have.
    """
    if os.environ.get("HANGTAG_NATIVE") == "0":
        return ""
    try:
        library = opened()
    except OSError:
        return ""
    name: bytes = library.hangtag_instructions()
    return name.decode()


def use_instructions(name: str) -> None:
    """Compute with instruction set `name` from here on, in programs already compiled too.

    Raises:
        ValueError: This processor or this build does not have it.
        OSError: The compiled library is missing.
    """
    _use(opened(), name)


@functools.cache
def opened() -> ctypes.CDLL:
    """Open the library; enough for what does not go through JAX.

    Raises:
        OSError: It is missing, or made for another system.
        ValueError: ``HANGTAG_NATIVE_ISA`` names what this processor does not have.
    """
    library = ctypes.CDLL(str(pathlib.Path(__file__).with_name(_FILE)))
    library.hangtag_instructions.restype = ctypes.c_char_p
    library.hangtag_use.argtypes = [ctypes.c_char_p]
    wanted = os.environ.get("HANGTAG_NATIVE_ISA")
    if wanted:
        _use(library, wanted)
    return library


@functools.cache
def load() -> ctypes.CDLL:
    """Open the library and register its calls with JAX.

    Raises:
        OSError: It is missing, or made for another system.
        ValueError: ``HANGTAG_NATIVE_ISA`` names what this processor does not have.
    """
    import jax

    library = opened()
    for name in CALLS:
        jax.ffi.register_ffi_target(name, jax.ffi.pycapsule(getattr(library, name)), "cpu")
    return library


def _use(library: ctypes.CDLL, name: str) -> None:
    if not library.hangtag_use(name.encode()):
        raise ValueError(
            f"the native kernels have no instruction set '{name}' on this processor; "
            f"they know {', '.join(INSTRUCTIONS)}"
        )
