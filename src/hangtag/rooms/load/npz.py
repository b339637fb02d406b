"""NumPy archives (Keras' ``mnist.npz``, MedMNIST and the like): a zip of ``.npy`` files.

A path comes in, pictures and labels go out; every member is checked as `npy.py` and `zipped.py`
say before anything is allocated.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from hangtag.errors import FormatError
from hangtag.records import LoadOptions
from hangtag.rooms.load import arrays, npy, streams, zipped
from hangtag.rooms.load.base import Claim, LoadRequest, Method
from hangtag.rooms.load.raw import Raw


def look(path: Path, options: LoadOptions) -> Claim | None:  # noqa: ARG001
    """Say why `path` is a NumPy archive, or None when it is not."""
    if path.is_dir():
        files = sorted(path.glob("*.npz"))
        return Claim(f"the folder holds {files[0].name}") if len(files) == 1 else None
    if streams.packing(path) != "zip":
        return None
    if path.suffix == ".npz":
        return Claim("it is a zip called .npz")
    try:
        with zipped.Archive(path) as archive:
            names = archive.names
    except FormatError:
        return None
    fits = bool(names) and all(name.endswith(".npy") and "/" not in name for name in names)
    return Claim("it is a zip of .npy files") if fits else None


def read(path: Path, options: LoadRequest) -> Raw:
    """Read pictures and labels by the names of their arrays.

    Raises:
        FormatError: A member is damaged, holds objects, or names and shapes do not fit.
    """
    file = path if path.is_file() else next(iter(sorted(path.glob("*.npz"))))
    return arrays.read(read_arrays(file, options.label), file.name, options.label)


def read_arrays(path: Path, also: str | None = "") -> dict[str, NDArray[Any]]:
    """Every array of an archive whose name says pictures or labels, or all of them.

    Args:
        path: The ``.npz`` file.
        also: A name to read besides; empty to read all arrays, whatever they are called.

    Raises:
        FormatError: It is damaged, or holds objects or something that is no array.
    """
    found: dict[str, NDArray[Any]] = {}
    with zipped.Archive(path) as archive:
        for member in archive.names:
            name = member.removesuffix(".npy")
            if also == "" or name == also or arrays.kind_of(name)[1]:
                found[name] = _member(archive, member, path)
    return found


def _member(archive: zipped.Archive, member: str, path: Path) -> NDArray[Any]:
    where = f"{member} in {path.name}"
    with archive.open(member) as stream:
        try:
            return npy.read_stream(stream, archive.size(member), where)
        except zipped.BROKEN as error:
            raise FormatError(f"{where} is damaged ({error})", "write the file again") from None


METHOD = Method("npz", look, read)
