"""Which versions of what took part: names of distributions in, version numbers out."""

from __future__ import annotations

import platform
from collections.abc import Iterable

LIBRARIES = ("jax", "keras", "numpy", "onnx", "onnxruntime", "polars", "scikit-learn")
"""Libraries whose version can change a result, and so is written beside every result."""


def installed(names: Iterable[str] = LIBRARIES) -> dict[str, str]:
    """Versions of Hangtag, Python and `names`; a library that is absent is left out."""
    found = {"hangtag": _version("hangtag") or "source", "python": platform.python_version()}
    return found | {name: version for name in names if (version := _version(name))}


def _version(name: str) -> str | None:
    from importlib import metadata  # a parser of mail stands behind it, for a line of versions

    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None
