"""Embeddings go in, one ``.npz`` file comes out, for any program that reads arrays."""

from __future__ import annotations

import json
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np

from hangtag import atomic
from hangtag.records import Embeddings


def write_embeddings(found: Embeddings, out: Path) -> Path:
    """Write embeddings and what they are of as one ``.npz`` file, all of it or nothing.

    It holds ``vectors`` float32 ``(n, d)``, ``labels`` int64 (-1 for none), ``ids``,
    ``class_names``, for each part of the set its first and past-the-last row, and ``facts``: the
    encoder, its digest and how images were framed, as JSON.
    """
    buffer = BytesIO()
    arrays: dict[str, Any] = {
        "vectors": found.vectors,
        "labels": found.images.labels,
        "ids": np.array([found.images.id_of(row) for row in range(len(found))], np.str_),
        "class_names": np.array(found.images.class_names, np.str_),
        "facts": np.array(json.dumps(found.facts)),
    }
    parts = {f"part_{name}": [at.start, at.stop] for name, at in found.images.parts.items()}
    np.savez_compressed(buffer, allow_pickle=False, **arrays, **parts)
    return atomic.write_bytes(out, buffer.getvalue())
