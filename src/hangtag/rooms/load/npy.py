"""NumPy files: one array out of a stream, checked before it is allocated; and pairs of them.

A ``.npy`` of 128 bytes can declare 32 GiB, and numpy would try to allocate it. So the declared
size is compared with the bytes that are there first. Objects (pickle) are refused always.
"""

from __future__ import annotations

import ast
from dataclasses import replace
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from hangtag.errors import AmbiguousError, FormatError, SourceError
from hangtag.records import LoadOptions
from hangtag.rooms.load import arrays
from hangtag.rooms.load.base import Claim, LoadRequest, Method
from hangtag.rooms.load.raw import Raw, check_memory

MAGIC = b"\x93NUMPY"
_LARGEST_HEADER = 10_000
_MOST_DIMENSIONS = 32


def look(path: Path, options: LoadOptions) -> Claim | None:  # noqa: ARG001
    """Say why `path` is a NumPy file or a folder of them, or None when it is not."""
    if path.is_file():
        with path.open("rb") as file:
            return Claim("it begins like a NumPy file") if file.read(6) == MAGIC else None
    names = sorted(one.name for one in path.glob("*.npy"))
    named = any(arrays.kind_in_set(one[:-4])[1] for one in names)
    return Claim(f"the folder holds {names[0]}") if named else None


def read(path: Path, options: LoadRequest) -> Raw:
    """Read the images and labels that lie side by side in a folder.

    Given one file, its partner is looked for by its name; images without labels are loaded
    without.

    Raises:
        FormatError: A file is damaged, or the arrays are not images and labels.
        SourceError: The file given holds labels only.
    """
    folder = path if path.is_dir() else path.parent
    files = {one.stem: one for one in sorted(folder.glob("*.npy"))}
    kinds = {stem: arrays.kind_in_set(stem) for stem in files}
    if path.is_file() and (path.stem not in kinds or not kinds[path.stem][1]):
        return arrays.read({"images": read_file(path)}, str(path), replace(options, label=None))
    wanted = [stem for stem, kind in kinds.items() if kind[1] or stem == options.label]
    if path.is_file():
        part, _, set_name = kinds[path.stem]
        wanted = [stem for stem in wanted if (kinds[stem][0], kinds[stem][2]) == (part, set_name)]
        if not any(kinds[stem][1] == "pictures" for stem in wanted):
            raise SourceError(
                f"{path.name} holds labels; no images lie beside it", "add images.npy"
            )
    sets = sorted({kinds[stem][2] for stem in wanted})
    if len(sets) > 1:
        raise AmbiguousError(
            f"{path.name} holds the sets {' and '.join(one or 'without a name' for one in sets)}",
            "give one of the files, or put each set into a folder of its own",
        )
    named = {
        stem if not kinds[stem][2] else "_".join(kinds[stem][:2]): read_file(files[stem])
        for stem in wanted
    }
    return arrays.read(named, str(path), options)


def read_file(path: Path) -> NDArray[Any]:
    """One array from one file.

    Raises:
        FormatError: It is damaged, holds objects, or declares more than is there.
    """
    with path.open("rb") as file:
        return read_stream(file, path.stat().st_size, path.name)


def read_stream(stream: IO[bytes], n_bytes: int, name: str) -> NDArray[Any]:
    """One array from a stream that holds `n_bytes` bytes in all.

    Raises:
        FormatError: As :func:`read_file`.
    """
    shape, columns_first, dtype, header = _header(stream, name)
    if dtype.hasobject:
        raise FormatError(
            f"{name} holds Python objects, which are never unpacked: that could run code",
            "save plain numbers or text",
        )
    if len(shape) > _MOST_DIMENSIONS or not dtype.itemsize or dtype.kind not in "buifSU":
        raise FormatError(
            f"{name} declares {len(shape)} dimensions of {dtype}, which is no array of images",
            "save (n, height, width) numbers, and labels as numbers or text",
        )
    n_values = 1
    for length in shape:
        n_values *= length
    if n_values * dtype.itemsize != n_bytes - header:
        raise FormatError(
            f"{name} declares {'×'.join(map(str, shape)) or 'one value'} of {dtype}"
            f" = {n_values * dtype.itemsize} bytes; {n_bytes - header} are there",
            "it is cut off or damaged; write it again",
        )
    check_memory(n_values * dtype.itemsize, name)
    values = np.empty(n_values, dtype)
    if not _fill(stream, values.view(np.uint8).data):
        raise FormatError(f"{name} is cut off", "write it again")
    return values.reshape(shape, order="F" if columns_first else "C")


def _header(stream: IO[bytes], name: str) -> tuple[tuple[int, ...], bool, np.dtype[Any], int]:
    start = stream.read(8)
    if start[:6] != MAGIC or len(start) < 8:
        raise FormatError(f"{name} is not a NumPy file", "save it with numpy.save")
    width = 2 if start[6] == 1 else 4
    length = int.from_bytes(stream.read(width), "little")
    if start[6] not in (1, 2, 3) or length > _LARGEST_HEADER:
        raise FormatError(f"{name} has a header that numpy does not write", "save it again")
    text = stream.read(length)
    try:
        # Literals only: the header is Python's own notation, and evaluating it would run whatever
        # it holds.
        fields = ast.literal_eval(text.decode("utf-8" if start[6] == 3 else "latin-1"))
        shape, columns_first, dtype = fields["shape"], fields["fortran_order"], fields["descr"]
        kind = np.lib.format.descr_to_dtype(dtype)
        fine = all(type(one) is int and one >= 0 for one in shape) and len(fields) == 3
    except (ValueError, SyntaxError, KeyError, TypeError, RecursionError, MemoryError):
        fine = False
    if not fine:
        raise FormatError(f"{name} has a damaged header", "write it again with numpy.save")
    return tuple(shape), bool(columns_first), kind, 8 + width + length


def _fill(stream: IO[bytes], target: memoryview) -> bool:
    done = 0
    while done < len(target):
        piece = stream.read(min(1 << 20, len(target) - done))
        if not piece:
            return False
        target[done : done + len(piece)] = piece
        done += len(piece)
    return True


METHOD = Method("npy", look, read)
