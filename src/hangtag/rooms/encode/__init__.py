"""Embeddings of photographs by networks that were trained elsewhere: pictures → ``(n, d)`` float32.

To add an encoder that has a name: an entry of ``known.ENCODERS``, and a file beside ``lite.py``
where its network is another.
"""

from __future__ import annotations

from hangtag.framing import FRAMES
from hangtag.rooms.encode.embedding import embeddings, side_by_side
from hangtag.rooms.encode.encoder import Encoder
from hangtag.rooms.encode.known import ENCODERS, encoders, is_installed, open_encoder
from hangtag.rooms.encode.saved import write_embeddings

__all__ = [
    "ENCODERS",
    "FRAMES",
    "Encoder",
    "embeddings",
    "encoders",
    "is_installed",
    "open_encoder",
    "side_by_side",
    "write_embeddings",
]
