"""A training that can go on after any end: all of its state in, one file out, and back.

One safetensors file, written beside its place and renamed: tensors are weights, optimizer, random
state, running sums and best weights; the header's text holds the place in the epoch, the history
and early stopping. Nothing in it can run.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hangtag import atomic
from hangtag.errors import RunError

SCHEMA = 1


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

    facts = json.dumps({"schema": SCHEMA, **checkpoint.facts})
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
            facts = json.loads((file.metadata() or {})["hangtag"])
            tensors = {key: file.get_tensor(key) for key in file.keys()}  # noqa: SIM118
    except (SafetensorError, KeyError, json.JSONDecodeError, OSError) as error:
        raise RunError(f"{path} is no checkpoint: {error}", "train again without it") from error
    if facts.get("schema") != SCHEMA:
        raise RunError(
            f"{path} has schema {facts.get('schema')}; this Hangtag reads {SCHEMA}",
            "resume with the Hangtag that wrote it",
        )
    return Checkpoint(tensors, facts)
