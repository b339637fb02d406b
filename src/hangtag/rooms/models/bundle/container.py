"""Where a bundle's parts lie: bytes by name go to a folder or a ``.hangtag`` file, and back.

A ``.hangtag`` file is a zip that any tool can unpack, in one fixed form: the parts in their order,
stored without compression, no dates, nothing else. Reading makes the same bytes again and compares,
so a changed byte anywhere, even in the zip's own tables, is noticed. To add a part: one name in
:data:`PARTS`, and a new schema number in ``manifest``.
"""

from __future__ import annotations

import stat
import struct
import zlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import BinaryIO

from hangtag import atomic
from hangtag.errors import BundleError

MANIFEST = "manifest.json"
WEIGHTS = "weights.safetensors"
MODEL = "model.onnx"
PARTS = (WEIGHTS, MODEL)
"""The parts a manifest speaks of."""

SUFFIX = ".hangtag"
LARGEST_MANIFEST = 4 << 20
LARGEST_PART = 1 << 30

AGAIN = "get it again from where it was made, or train it again"

_LOCAL = struct.Struct("<4s5H3L2H")
_CENTRAL = struct.Struct("<4s4B4H3L5H2L")
_END = struct.Struct("<4s4H2LH")
_MIDNIGHT = 33  # 1 January 1980, the first day a zip can name
_VERSION = 20  # zip 2.0, stored files
_UNIX = 3
_PLAIN_FILE = (stat.S_IFREG | 0o644) << 16

SizeLimit = Callable[[bytes], Mapping[str, int]]
"""Given the manifest's bytes, the exact size of each part; raises BundleError."""


def write_parts(path: Path, parts: Mapping[str, bytes]) -> None:
    """Write all parts, the manifest first, as a folder or file: all of it or nothing."""
    if is_file(path):
        atomic.write_bytes(path, pack(parts))
        return
    with atomic.folder(path) as place:
        for name in _names(parts):
            atomic.put(place / name, parts[name])


def replace_manifest(path: Path, parts: Mapping[str, bytes]) -> None:
    """Write a changed manifest beside the unchanged other parts."""
    if path.is_dir():
        atomic.write_bytes(path / MANIFEST, parts[MANIFEST])
    else:
        write_parts(path, parts)


def is_file(path: Path) -> bool:
    """Whether a bundle of this name is one file and not a folder."""
    return path.suffix == SUFFIX


def read_parts(path: Path, sizes: SizeLimit) -> dict[str, bytes]:
    """Read the manifest, then each part if it has the size the manifest says.

    Args:
        path: A bundle folder or file.
        sizes: Reads the sizes out of the manifest's bytes.

    Raises:
        BundleError: A part is missing, too large, or of another size.
    """
    if not path.exists():
        atomic.sweep(path.parent, path.name)  # brings back one that a killed process put aside
    if not path.exists():
        raise BundleError(f"there is no bundle at {path}", "name its folder or .hangtag file")
    return (_read_folder if path.is_dir() else _read_file)(path, sizes)


def _read_folder(path: Path, sizes: SizeLimit) -> dict[str, bytes]:
    if not (path / MANIFEST).exists():
        raise BundleError(f"{path} is not a bundle: it has no {MANIFEST}", AGAIN)
    parts = {MANIFEST: _read(path / MANIFEST, LARGEST_MANIFEST)}
    for name, size in sizes(parts[MANIFEST]).items():
        parts[name] = _read(path / name, LARGEST_PART, exactly=size)
    return parts


def _read_file(path: Path, sizes: SizeLimit) -> dict[str, bytes]:
    with path.open("rb") if path.is_file() else _refused(path) as file:
        if file.read(4) != b"PK\3\4":
            raise BundleError(f"{path} is not a bundle: it is no zip of a model", AGAIN)
    data = _read(path, LARGEST_MANIFEST + len(PARTS) * LARGEST_PART)
    parts = _unpack(path, data)
    for name, size in sizes(parts[MANIFEST]).items():
        if len(parts[name]) != size:
            raise _wrong_size(path / name, len(parts[name]), size)
    return parts


def _refused(path: Path) -> BinaryIO:
    raise BundleError(f"{path} is neither a file nor a folder", AGAIN)


def _read(path: Path, limit: int, *, exactly: int | None = None) -> bytes:
    try:
        about = path.stat()
        if not stat.S_ISREG(about.st_mode):
            raise BundleError(f"{path} is not a plain file", AGAIN)
        if exactly is not None and about.st_size != exactly:
            raise _wrong_size(path, about.st_size, exactly)
        if about.st_size > limit:
            raise BundleError(f"{path} has {about.st_size:,} bytes, more than {limit:,}", AGAIN)
        return path.read_bytes()
    except OSError as error:
        raise BundleError(f"{path} cannot be read: {error.strerror}", AGAIN) from None


def _wrong_size(path: Path, size: int, expected: int) -> BundleError:
    return BundleError(f"{path} has {size:,} bytes where its manifest says {expected:,}", AGAIN)


def pack(parts: Mapping[str, bytes]) -> bytes:
    """The parts as one zip, the same bytes for the same parts on every machine."""
    body, table = bytearray(), bytearray()
    for name in _names(parts):
        data, label = parts[name], name.encode("ascii")
        about = (zlib.crc32(data), len(data), len(data))
        table += _CENTRAL.pack(
            b"PK\1\2", _VERSION, _UNIX, _VERSION, 0, 0, 0, 0, _MIDNIGHT, *about,
            len(label), 0, 0, 0, 0, _PLAIN_FILE, len(body),
        )  # fmt: skip
        table += label
        body += _LOCAL.pack(b"PK\3\4", _VERSION, 0, 0, 0, _MIDNIGHT, *about, len(label), 0)
        body += label + data
    count = len(parts)
    end = _END.pack(b"PK\5\6", 0, 0, count, count, len(table), len(body), 0)
    return bytes(body + table + end)


def _unpack(path: Path, data: bytes) -> dict[str, bytes]:
    """Take exactly the known parts out of a zip that :func:`pack` made."""
    parts: dict[str, bytes] = {}
    start = 0
    for name in (MANIFEST, *PARTS):
        begin = start + _LOCAL.size + len(name)
        if begin > len(data):
            break
        size = _LOCAL.unpack_from(data, start)[8]
        if data[begin - len(name) : begin] != name.encode() or begin + size > len(data):
            break
        parts[name] = data[begin : begin + size]
        start = begin + size
    if len(parts) != 1 + len(PARTS) or pack(parts) != data:
        raise BundleError(
            f"{path} is damaged, or was not packed by Hangtag: it holds more than its parts",
            AGAIN,
        )
    return parts


def _names(parts: Mapping[str, bytes]) -> list[str]:
    return [name for name in (MANIFEST, *PARTS) if name in parts]
