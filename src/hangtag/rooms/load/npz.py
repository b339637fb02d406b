"""NumPy archives (Keras' ``mnist.npz``, MedMNIST and the like): zips of ``.npy`` files.

One archive with arrays whose names say what they are, or a folder of archives whose file names
say it (``kmnist-train-imgs.npz`` beside ``kmnist-train-labels.npz``). Two arrays without such
names are images and labels if their shapes allow nothing else. Every member is checked as
`npy.py` and `zipped.py` say before anything is allocated.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from hangtag.errors import AmbiguousError, FormatError
from hangtag.records import LoadOptions
from hangtag.rooms.load import arrays, npy, streams, zipped
from hangtag.rooms.load.base import Claim, LoadRequest, Method
from hangtag.rooms.load.raw import Raw


def look(path: Path, options: LoadOptions) -> Claim | None:  # noqa: ARG001
    """Say why `path` is a NumPy archive, or None when it is not."""
    if path.is_dir():
        files = sorted(path.glob("*.npz"))
        return Claim(f"the folder holds {files[0].name}") if files else None
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
    """Read images and labels by the names of arrays or files.

    Raises:
        FormatError: A member is damaged, holds objects, or names and shapes do not fit.
        AmbiguousError: A folder holds several sets.
    """
    files = [path] if path.is_file() else sorted(path.glob("*.npz"))
    if len(files) == 1:
        names = _names(files[0])
        if any(arrays.kind_of(name)[1] for name in names) or options.label in names:
            return arrays.read(read_arrays(files[0], options.label), path.name, options)
        own = arrays.kind_in_set(files[0].stem)
        if len(names) > 1 or not own[1]:
            return _by_shape(read_arrays(files[0]), path.name, options)
        beside = sorted(files[0].parent.glob("*.npz")) if path.is_file() else files
        files = [one for one in beside if _same(arrays.kind_in_set(one.stem), own)]
    return _by_files(files, path, options)


def read_arrays(path: Path, also: str | None = "") -> dict[str, NDArray[Any]]:
    """Every array of an archive whose name says images or labels, or all of them.

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


def _names(path: Path) -> list[str]:
    with zipped.Archive(path) as archive:
        return [member.removesuffix(".npy") for member in archive.names]


def _same(one: tuple[str, str, str], own: tuple[str, str, str]) -> bool:
    return (one[0], one[2]) == (own[0], own[2])


def _by_files(files: list[Path], path: Path, options: LoadRequest) -> Raw:
    """Read a folder of archives, in which the names of files say part and content."""
    found: dict[str, NDArray[Any]] = {}
    for file in files:
        several = len(_names(file)) > 1
        for name, array in read_arrays(file, options.label if several else "").items():
            found[f"{file.stem}-{name}" if several else file.stem] = array
    kinds = {name: arrays.kind_in_set(name) for name in found}
    kinds = {name: kind for name, kind in kinds.items() if kind[1]}
    sets = sorted({kind[2] for kind in kinds.values()})
    if len(sets) > 1:
        raise AmbiguousError(
            f"{path.name} holds the sets {' and '.join(one or 'without a name' for one in sets)}",
            "give one of the files, or put each set into a folder of its own",
        )
    if not kinds:
        return _by_shape(found, path.name, options)
    named = {f"{part}_{what}": found[name] for name, (part, what, _) in kinds.items()}
    return arrays.read(named, path.name, replace(options, label=None))


def _by_shape(found: Mapping[str, NDArray[Any]], where: str, options: LoadRequest) -> Raw:
    """Two arrays of one length: of them the one with one value for each image holds labels."""
    images = [name for name, one in found.items() if one.ndim > 1 and one.shape[1:] != (1,)]
    labels = [name for name in found if name not in images]
    if len(images) != 1 or len(labels) > 1:
        return arrays.read(found, where, options)  # says what is there, and what names would do
    pair = (images[0], labels[0] if labels else None)
    raw = arrays.read_pairs(found, {"all": pair}, where, options)
    said = f"{pair[0]} holds the images" + (f", {pair[1]} the labels" if pair[1] else "")
    return replace(raw, notes=(f"by their shapes {said}", *raw.notes))


def _member(archive: zipped.Archive, member: str, path: Path) -> NDArray[Any]:
    where = f"{member} in {path.name}"
    with archive.open(member) as stream:
        try:
            return npy.read_stream(stream, archive.size(member), where)
        except zipped.BROKEN as error:
            raise FormatError(f"{where} is damaged ({error})", "write the file again") from None


METHOD = Method("npz", look, read)
