"""IDX files (MNIST, Fashion-MNIST, EMNIST), packed or not, into images and labels.

A folder or one of its files comes in. The format is described at
http://yann.lecun.com/exdb/mnist/ : two zero bytes, a type byte, the number of dimensions, each
dimension as a big-endian 32-bit number, then the values. Only bytes (type 8) are images here;
labels may be wider, and QMNIST's ``labels-idx2-int`` have the class in the first of eight columns.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hangtag.errors import FormatError, SourceError
from hangtag.records import LoadOptions
from hangtag.rooms.load import streams
from hangtag.rooms.load.base import Claim, LoadRequest, Method
from hangtag.rooms.load.parts import part_in, part_rank, ranges
from hangtag.rooms.load.raw import Raw, check_memory
from hangtag.rooms.load.values import see, to_bytes, whites

PATTERN = re.compile(
    r"(?P<stem>.*?)(?P<what>images|labels)[-.]idx(?P<dimensions>\d)[-.](ubyte|byte|short|int)(\.gz|\.xz)?",
    re.IGNORECASE,
)
_TYPES = {
    0x08: "bytes",
    0x09: "signed bytes",
    0x0B: "16-bit numbers",
    0x0C: "32-bit numbers",
    0x0D: "floats",
    0x0E: "doubles",
}
_WHOLE = {0x08: "u1", 0x09: "i1", 0x0B: ">i2", 0x0C: ">i4"}
"""Types that labels may have, as NumPy calls them."""


@dataclass(frozen=True)
class Header:
    """What an IDX file says about itself: the length of each dimension, images first."""

    shape: tuple[int, ...]
    kind: str = "u1"

    @property
    def n_bytes(self) -> int:
        """Bytes that must follow the header."""
        # In Python's whole numbers: four dimensions of 2^32 would wrap in NumPy's.
        size = np.dtype(self.kind).itemsize
        for length in self.shape:
            size *= length
        return size


def look(path: Path, options: LoadOptions) -> Claim | None:  # noqa: ARG001
    """Say why `path` is an IDX source, or None when it is not."""
    if path.is_file():
        return Claim("its first bytes are those of an IDX file") if _starts_as_idx(path) else None
    names = [one.name for one in path.iterdir() if PATTERN.fullmatch(one.name)]
    return Claim(f"the folder holds {min(names)}") if names else None


def read(path: Path, options: LoadRequest) -> Raw:
    """Read every part of an IDX source into one array.

    Raises:
        FormatError: A file is damaged, cut off, or is not what its header says.
        SourceError: A labels file lies alone, or an images file has no labels beside it.
    """
    pairs = find_pairs(path)
    # All headers before the first pixel: a second file that does not fit must not cost the reading
    # of the first.
    headers = {part: read_header(images, 3) for part, (images, _) in pairs.items()}
    shape = _one_shape({pairs[part][0].name: header for part, header in headers.items()})
    parts = ranges({part: header.shape[0] for part, header in headers.items()})
    total = sum(header.n_bytes for header in headers.values())
    check_memory(total, f"{path} ({sum(map(len, parts.values()))} images)")
    images = np.empty((sum(map(len, parts.values())), *shape), np.uint8)
    labels = np.empty(len(images), np.int64)
    for number, (part, (image_file, label_file)) in enumerate(pairs.items()):
        where = slice(parts[part].start, parts[part].stop)
        options.progress("load", number, len(pairs), part)
        # Labels first: they are small, and where their number is wrong no image has to be
        # unpacked.
        labels[where] = _read_labels(label_file, image_file, len(parts[part]))
        _fill(images[where], image_file, headers[part])
    options.progress("load", len(pairs), len(pairs))
    seen = {part: see(images[rows.start : rows.stop], str(path)) for part, rows in parts.items()}
    white, notes = whites(seen, options.value_range, str(path))
    for part, rows in parts.items():
        where = slice(rows.start, rows.stop)
        if white[part] != 255:
            images[where] = to_bytes(images[where], white[part])
    if len(pairs) == 1 and "train" not in parts:
        parts = {"all": range(len(images))}  # what lies alone is all there is, whatever its name
    return Raw(images=images, codes=labels, parts=parts, notes=notes)


def find_pairs(path: Path) -> dict[str, tuple[Path, Path]]:
    """The images and labels file of each part, train first.

    Raises:
        SourceError: A file of a pair is missing, or two pairs claim one part.
    """
    folder, wanted = (path, None) if path.is_dir() else (path.parent, path)
    found: dict[tuple[str, str], Path] = {}
    for file in sorted(folder.iterdir(), key=lambda one: (len(one.name), one.name), reverse=True):
        match = PATTERN.fullmatch(file.name)
        if match and file.is_file():  # the unpacked one, if both are there: it is read last
            found[match["stem"], match["what"].lower()] = file
    stems = sorted({stem for stem, _ in found})
    if wanted is not None:
        stems = [_stem_of(wanted)]
    pairs: dict[str, tuple[Path, Path]] = {}
    for stem in stems:
        part = _part_of(stem)
        if part in pairs:
            raise SourceError(
                f"{folder} holds two sets: {pairs[part][0].name} and {stem}images…",
                "put each set into a folder of its own, or give one of the images files",
            )
        pairs[part] = _pair(folder, stem, found)
    return dict(sorted(pairs.items(), key=lambda item: part_rank(item[0])))


def read_header(path: Path, least_dimensions: int) -> Header:
    """Read and check the header of one IDX file, before anything is allocated.

    Raises:
        FormatError: It is no IDX file of bytes, or declares more than the file can hold.
    """
    with streams.unpacked(path) as stream:
        start = stream.read(4)
        if len(start) < 4 or start[:2] != b"\0\0" or start[2] not in _TYPES:
            raise FormatError(
                f"{path.name} is not an IDX file: it begins with {start.hex(' ') or 'nothing'},"
                " not with 00 00 08",
                "fetch the file again, or give hangtag the right one",
            )
        if start[2] != 0x08 and (least_dimensions > 1 or start[2] not in _WHOLE):
            raise FormatError(
                f"{path.name} holds {_TYPES[start[2]]}; images and labels here are bytes",
                "save the values as unsigned bytes (type 08)",
            )
        lengths = stream.read(4 * start[3])
    shape = struct.unpack(f">{len(lengths) // 4}I", lengths[: len(lengths) // 4 * 4])
    header = Header(shape, _WHOLE[start[2]])
    _check_header(path, header, start[3], least_dimensions)
    return header


def _check_header(path: Path, header: Header, dimensions: int, least: int) -> None:
    allowed = (1, 2) if least == 1 else (3, 4)
    if dimensions not in allowed or len(header.shape) != dimensions:
        wanted = "one dimension (labels)" if least == 1 else "3 or 4 dimensions (images)"
        raise FormatError(
            f"{path.name} declares {dimensions} dimensions; it needs {wanted}",
            "fetch the file again, or see whether images and labels were swapped",
        )
    if len(header.shape) == 4 and header.shape[3] not in (1, 3):
        raise FormatError(
            f"{path.name} declares {header.shape[3]} channels; images have 1 or 3",
            "store the images as grey or RGB",
        )
    if 0 in header.shape[1:]:
        raise FormatError(
            f"{path.name} declares images of {_times(header.shape[1:])}", "fetch the file again"
        )
    most = streams.most_bytes(path)
    if header.n_bytes > most:
        raise FormatError(
            f"{path.name} declares {_times(header.shape)} = {header.n_bytes} bytes,"
            f" more than a file of {path.stat().st_size} bytes can hold",
            "fetch the file again; it is cut off or its header is damaged",
        )


def _fill(target: NDArray[Any], path: Path, header: Header) -> None:
    """Unpack the values of `path` straight into `target`, which must take exactly all of them."""
    with streams.unpacked(path) as stream:
        stream.read(4 + 4 * len(header.shape))
        there = stream.fill(target.reshape(-1).view(np.uint8).data)
        # A file that goes on after its last value was written by something else than its header
        # says.
        more = stream.read(1) if there == header.n_bytes else b""
    if there < header.n_bytes:
        raise FormatError(
            f"{path.name} declares {_times(header.shape)} = {header.n_bytes} bytes;"
            f" only {there} are there",
            "fetch the file again; it is cut off or its header is damaged",
        )
    if more:
        raise FormatError(
            f"{path.name} holds more than the {_times(header.shape)} bytes it declares",
            "fetch the file again; its header is damaged",
        )


def _read_labels(path: Path, image_file: Path, n_images: int) -> NDArray[Any]:
    header = read_header(path, 1)
    if header.shape[0] != n_images:
        raise FormatError(
            f"{path.name} holds {header.shape[0]} labels, but {image_file.name}"
            f" holds {n_images} images",
            "the two files must belong together; fetch both again",
        )
    labels = np.empty(header.shape, header.kind)
    _fill(labels, path, header)
    return labels if labels.ndim == 1 else labels[:, 0]


def _one_shape(headers: Mapping[str, Header]) -> tuple[int, int, int]:
    shapes = {name: (*header.shape[1:], 1)[:3] for name, header in headers.items()}
    if len(set(shapes.values())) > 1:
        said = ", ".join(f"{name} {_times(shape)}" for name, shape in shapes.items())
        raise FormatError(
            f"the parts have images of different sizes: {said}", "load the parts one by one"
        )
    height, width, channels = next(iter(shapes.values()))
    return height, width, channels


def _pair(folder: Path, stem: str, found: Mapping[tuple[str, str], Path]) -> tuple[Path, Path]:
    for what, other in (("images", "labels"), ("labels", "images")):
        if (stem, what) not in found:
            there = found.get((stem, other))
            raise SourceError(
                f"{folder} holds {there.name if there else 'no IDX pair'},"
                f" but no {stem}{what}-idx{3 if what == 'images' else 1}-ubyte(.gz)",
                f"put the {what} file beside it",
            )
    return found[stem, "images"], found[stem, "labels"]


def _part_of(stem: str) -> str:
    return part_in(stem) or stem.strip("-_. ") or "all"


def _stem_of(path: Path) -> str:
    match = PATTERN.fullmatch(path.name)
    if not match:
        raise SourceError(
            f"{path.name} is an IDX file, but its name does not say which labels belong to it",
            "call the two files NAME-images-idx3-ubyte and NAME-labels-idx1-ubyte",
        )
    return match["stem"]


def _starts_as_idx(path: Path) -> bool:
    if streams.packing(path) == "zip":
        return False
    try:
        with streams.unpacked(path) as stream:
            start = stream.read(4)
    except FormatError:  # then its name has to say it
        return bool(PATTERN.fullmatch(path.name))
    named = bool(PATTERN.fullmatch(path.name))
    return named or (start[:2] == b"\0\0" and start[2:3] == b"\x08" and start[3:4] in b"\1\3\4")


def _times(shape: tuple[int, ...]) -> str:
    return "×".join(map(str, shape))


METHOD = Method("idx", look, read)
