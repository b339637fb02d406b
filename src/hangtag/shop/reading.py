"""Words go in, a point among a catalogue's embeddings comes out, where its encoder reads words.

A model that sees ``encoder:NAME`` says which encoder that was by its digest. If it is still there
and has a reader (``rooms/encode/texts.py``), words lie where images of what they say lie.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hangtag.records import Classifier
from hangtag.rooms import encode


def is_any_reader() -> bool:
    """Whether any encoder on this machine reads words; far cheaper than to open a model for it."""
    return any("text_digest" in one for one in encode.encoders())


def point_of(classifier: Classifier, text: str) -> NDArray[np.float32] | None:
    """Where images of what a text says would be embedded.

    Args:
        classifier: The model that embedded the catalogue.
        text: The words.

    Returns:
        ``(1, d)`` as the model's embeddings; None where nothing reads words for it.

    Raises:
        OptionError: The text is too long, or what reads it is not installed.
        FormatError: What is kept of the encoder was damaged or changed.
    """
    facts: Mapping[str, Any] = getattr(classifier, "facts", {})
    seen = facts.get("encoder", {})
    size = getattr(classifier, "embedding_size", 0)
    there = [one for one in encode.encoders() if _is_of(one, seen)]
    if not there:
        return None
    found = _opened(there[0]["name"], there[0]["text_digest"], there[0]["tokenizer_digest"])(text)
    # Squares of an image stand side by side; words are of each of them.
    times, rest = divmod(size, found.shape[1])
    return None if rest else np.tile(found / np.linalg.norm(found), (1, times))


def _is_of(one: Mapping[str, Any], seen: Mapping[str, Any]) -> bool:
    """Whether an encoder reads words and is the very one that a model saw."""
    same = all(one.get(key) == seen.get(key) for key in ("name", "digest"))
    return same and "text_digest" in one


@lru_cache(maxsize=2)
def _opened(name: str, *_digests: str) -> Callable[[str], NDArray[np.float32]]:
    """What reads words for an encoder; opened anew where a file of it is another."""
    reader = encode.open_reader(name)
    assert reader is not None  # whoever asks has seen that there is one
    return reader.embed
