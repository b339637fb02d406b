"""Files with a checksum inside: values or arrays go in, bytes come out, and back only unchanged.

The checksum covers every byte of the file and the name of what it belongs to, so that neither an
edited number nor a file from elsewhere passes. It stands where any reader of the format finds it or
overlooks it: as the last name of a JSON object, as the comment of an ``.npz``. It is a guard
against accidents and edits, not against forgers, who can make a new one.
"""

from __future__ import annotations

import hashlib
import json
import re
import zipfile
import zlib
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

SEAL = "sha256"
CHANGED = "is damaged or was changed after it was written: its checksum is not its content's"
_JSON_TAIL = re.compile(rb',\n  "sha256": "([0-9a-f]{64})"\n\}\n\Z')
_ZIP_TAIL = 64 + 2  # a comment of 64 characters and its length
# What zipfile and NumPy raise for a file that is not whole or not an archive of arrays.
_BROKEN = (
    ValueError, KeyError, EOFError, TypeError, NotImplementedError, RuntimeError, OverflowError,
    MemoryError, zipfile.BadZipFile, zlib.error,
)  # fmt: skip


class DamageError(ValueError):
    """What is wrong with a file, as the end of a sentence that begins with its name."""


def read(path: Path) -> bytes:
    """The bytes of a file.

    Raises:
        DamageError: The system does not give them.
    """
    try:
        return path.read_bytes()
    except OSError as error:
        raise DamageError(f"cannot be read: {error.strerror}") from None


def to_json(values: Mapping[str, Any], of: str) -> bytes:
    """A JSON object with its checksum.

    Args:
        values: What JSON can hold, and at least one name; NaN is refused.
        of: What the file belongs to and is called there; asked for again when it is read.
    """
    text = json.dumps(values, indent=2, allow_nan=False, ensure_ascii=False)
    body = text.removesuffix("\n}").encode()
    return body + f',\n  "{SEAL}": "{_digest(of, body)}"\n}}\n'.encode()


def from_json(data: bytes, of: str, *, must: bool = True) -> dict[str, Any]:
    """The values of :func:`to_json`, without the checksum.

    Args:
        data: The file.
        of: As it was written.
        must: Whether a file without a checksum is refused; one that has it is always compared.

    Raises:
        DamageError: It is no such file, or not as it was written.
    """
    tail = _JSON_TAIL.search(data)
    if tail is not None and tail[1].decode() != _digest(of, data[: tail.start()]):
        raise DamageError(CHANGED)
    try:
        values = json.loads(data.decode())
    except (ValueError, RecursionError):
        raise DamageError("is damaged: it is no JSON") from None
    if not isinstance(values, dict):
        raise DamageError("is damaged: it is no JSON object")
    if tail is None and (must or SEAL in values):
        raise DamageError(CHANGED if SEAL in values else "was changed: it has lost its checksum")
    values.pop(SEAL, None)
    return values


def to_arrays(
    facts: Mapping[str, Any],
    arrays: Mapping[str, NDArray[Any]],
    of: str,
    *,
    packed: bool = True,
) -> bytes:
    """Facts and arrays as an ``.npz`` with its checksum; ``facts`` is the name of no array.

    Args:
        facts: What JSON can hold.
        arrays: By name.
        of: What it belongs to; read for anything else it is refused.
        packed: Whether it is made smaller, which weights hardly become.
    """
    buffer = BytesIO()
    held: dict[str, Any] = {"facts": np.array(json.dumps(facts)), **arrays}
    (np.savez_compressed if packed else np.savez)(buffer, **held)
    body = buffer.getvalue()[:-2]  # a zip ends with the length of its comment, which is 0 here
    return body + (64).to_bytes(2, "little") + _digest(of, body).encode()


def from_arrays(
    data: bytes, of: str, *, must: bool = True
) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
    """The facts and arrays of :func:`to_arrays`.

    Args:
        data: The file.
        of: As it was written.
        must: As for :func:`from_json`.

    Raises:
        DamageError: It is no such file, or not as it was written.
    """
    body, tail = data[:-_ZIP_TAIL], data[-_ZIP_TAIL:]
    sealed = tail[:2] == (64).to_bytes(2, "little")
    if (sealed and tail[2:].decode("latin-1") != _digest(of, body)) or (must and not sealed):
        raise DamageError(CHANGED)
    try:
        with np.load(BytesIO(data), allow_pickle=False) as archive:
            facts = json.loads(str(archive["facts"]))
            arrays = {name: archive[name] for name in archive.files if name != "facts"}
    except _BROKEN:
        raise DamageError("is damaged: it is no whole file of arrays") from None
    if not isinstance(facts, dict):
        raise DamageError("is damaged: its facts are no JSON object")
    return facts, arrays


def _digest(of: str, body: bytes) -> str:
    return hashlib.sha256(of.encode() + b"\0" + body).hexdigest()
