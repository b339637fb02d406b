"""Embeddings of photographs by networks that were trained elsewhere: images → ``(n, d)`` float32.

People add theirs as files (``brought.py``). To add one that comes with Hangtag: an entry of
``known.ENCODERS``, and a file beside ``lite.py`` where its network is another.
"""

from __future__ import annotations

from hangtag.framing import FRAMES
from hangtag.rooms.encode.brought import add_encoder, remove_encoder
from hangtag.rooms.encode.embedding import embeddings, side_by_side
from hangtag.rooms.encode.encoder import Encoder
from hangtag.rooms.encode.known import ENCODERS, is_installed
from hangtag.rooms.encode.named import encoder_facts, encoders, open_encoder, open_reader
from hangtag.rooms.encode.saved import write_embeddings
from hangtag.rooms.encode.texts import Reader

__all__ = [
    "ENCODERS",
    "FRAMES",
    "Encoder",
    "Reader",
    "add_encoder",
    "embeddings",
    "encoder_facts",
    "encoders",
    "is_installed",
    "open_encoder",
    "open_reader",
    "remove_encoder",
    "side_by_side",
    "write_embeddings",
]
