"""Compiled programs kept on disk: a processor and a JAX version in, JAX's own cache set up out.

A program found there loads in a fraction of the time it takes to compile. Machine code of one
processor must not meet another (a cache may travel with a home folder), so every kind of processor
and every JAX has a folder of its own.
"""

from __future__ import annotations

import hashlib
import platform
import warnings
from pathlib import Path
from typing import Any

from hangtag import atomic, settings, targets, troubles
from hangtag.errors import MachineError

LEAST_SECONDS = 0.0
"""Programs that compile faster than this are not kept. All are: a network's first weights alone are
some twenty programs of a few hundredths of a second, together more than its training step."""


def remember_programs() -> Path | None:
    """Let JAX keep compiled programs under the cache folder; once, and never over a user's choice.

    Returns:
        The folder; None when the user has chosen another or it cannot be written.
    """
    import jax

    if jax.config.jax_compilation_cache_dir:
        return None
    folder = settings.cache_folder() / "xla" / _kind_of_machine()
    try:
        targets.check_folder(folder)
        folder.mkdir(parents=True, exist_ok=True)
    except (OSError, MachineError):
        return None
    # A program that is not kept is compiled again: nobody has to hear of it, once for each.
    warnings.filterwarnings("ignore", "Error (read|writ)ing persistent compilation cache entry")
    jax.config.update("jax_compilation_cache_dir", str(folder))
    jax.config.update("jax_persistent_cache_min_compile_time_secs", LEAST_SECONDS)
    jax.config.update("jax_persistent_cache_min_entry_size_bytes", -1)
    _write_programs_whole()
    return folder


def _write_programs_whole() -> None:
    """Let JAX write a program all or not at all, and write it again where it could not be read.

    JAX writes in place and never over what is there: a kill in between leaves a torn program, which
    every later process tries to read, warns about, and compiles anew. There is no public way to
    change that.
    """
    from jax._src import lru_cache

    def put(self: Any, key: str, value: bytes) -> None:  # noqa: ANN401 - JAX's own class
        # The disk is not waited for, twice for each of some sixty programs of a first training: one
        # that a power cut tore is written again, as above.
        with troubles.if_possible():
            atomic.write_bytes(Path(str(self.path)) / f"{key}-cache", value, durable=False)

    if hasattr(lru_cache, "LRUCache") and getattr(lru_cache, "_CACHE_SUFFIX", "") == "-cache":
        lru_cache.LRUCache.put = put


def _kind_of_machine() -> str:
    """Short name of the processor's kind and features, the devices and the JAX that compiles."""
    from importlib.metadata import version

    import jax

    features = platform.machine() + platform.processor()
    described = Path("/proc/cpuinfo")
    if described.exists():
        lines = described.read_text(errors="replace").split("\n\n")[0].splitlines()
        told = ("flags", "Features", "model name", "cpu family", "model\t", "stepping")
        features += "".join(line for line in lines if line.startswith(told))
    versions = f"{version('jax')} {version('jaxlib')}"
    kind = f"{features} {versions} {jax.devices()[0].device_kind}"
    return hashlib.sha256(kind.encode()).hexdigest()[:16]
