"""A training that can go on after any end: all of its state in, one file out, and back.

One safetensors file, written beside its place and renamed: tensors are weights, optimizer, random
state, running sums and best weights; the header's text holds the place in the epoch, the history
and early stopping. Nothing in it can run.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hangtag import atomic
from hangtag.errors import RunError
from hangtag.sealed import CHANGED, SEAL

SCHEMA, UNSEALED = 2, 1


@dataclass(frozen=True, eq=False)
class Checkpoint:
    """What a checkpoint holds.

    Attributes:
        tensors: Arrays by name, such as ``trainable.000``.
        facts: JSON-ready values.
    """

    tensors: Mapping[str, NDArray[Any]]
    facts: Mapping[str, Any]

    def group(self, name: str) -> list[NDArray[Any]]:
        """The arrays called ``name.000``, ``name.001``, … in order."""
        return [self.tensors[key] for key in sorted(self.tensors) if key.startswith(f"{name}.")]


def grouped(**groups: list[Any]) -> dict[str, NDArray[Any]]:
    """Name the arrays of every group so that :meth:`Checkpoint.group` finds them."""
    return {
        f"{name}.{position:05d}": np.ascontiguousarray(array)
        for name, arrays in groups.items()
        for position, array in enumerate(arrays)
    }


def write(path: Path, checkpoint: Checkpoint) -> None:
    """Write `checkpoint` to `path`, all of it or nothing."""
    from safetensors.numpy import save

    told = {"schema": SCHEMA, **checkpoint.facts}
    facts = json.dumps(told | {SEAL: _digest(told, checkpoint.tensors)})
    # np.ascontiguousarray makes scalars one-dimensional; safetensors wants contiguous arrays only.
    atomic.write_bytes(path, save(dict(checkpoint.tensors), {"hangtag": facts}))


def read(path: Path) -> Checkpoint:
    """Read what :func:`write` wrote.

    Raises:
        RunError: There is no checkpoint, it is damaged, or a newer Hangtag wrote it.
    """
    from safetensors import SafetensorError, safe_open

    if not path.is_file():
        raise RunError(f"there is no checkpoint {path} to resume from", "train without resuming")
    try:
        with safe_open(path, framework="np") as file:
            facts = dict(json.loads((file.metadata() or {})["hangtag"]))
            tensors = {key: file.get_tensor(key) for key in file.keys()}  # noqa: SIM118
    except (SafetensorError, KeyError, ValueError, TypeError, RecursionError, OSError) as error:
        raise _useless(path, f"is no checkpoint: {error}") from error
    if facts.get("schema") not in {SCHEMA, UNSEALED}:
        raise RunError(
            f"{path} has schema {facts.get('schema')}; this Hangtag reads {UNSEALED} and {SCHEMA}",
            "resume with the Hangtag that wrote it",
        )
    seal = facts.pop(SEAL, None)
    if seal != _digest(facts, tensors) and (seal is not None or facts["schema"] == SCHEMA):
        raise _useless(path, CHANGED)
    return Checkpoint(tensors, facts)


def curves(path: Path) -> dict[str, list[float]]:
    """The learning curves until now, from the header alone; empty where nothing can be read.

    For who looks at a training that goes on: nothing is checked, and no weight is read.
    """
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, framework="np") as file:
            facts = json.loads((file.metadata() or {})["hangtag"])
        return {str(key): [float(one) for one in values] for key, values in facts["curves"].items()}
    except (SafetensorError, KeyError, ValueError, TypeError, AttributeError, OSError):
        return {}


def _useless(path: Path, why: str) -> RunError:
    return RunError(
        f"{path} {why}", "remove it and resume again: training then starts from its first epoch"
    )


def _digest(facts: Mapping[str, Any], tensors: Mapping[str, NDArray[Any]]) -> str:
    """A digest of all that a checkpoint holds; safetensors has none of its own."""
    digest = hashlib.sha256(json.dumps(facts, sort_keys=True).encode())
    for name in sorted(tensors):
        array = tensors[name]
        digest.update(f"{name} {array.dtype} {array.shape}".encode())
        digest.update(np.ascontiguousarray(array).reshape(-1).view(np.uint8).data)
    return digest.hexdigest()
