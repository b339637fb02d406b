"""A self-test of an encoder that was brought: it and the file go in, an error or nothing comes out.

An embedding is good for nothing if the same image gives another one tomorrow, or in other
company; all images giving the same one is what a wrong scale looks like.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from hangtag.errors import FormatError
from hangtag.onnx_graphs import EMBEDDING
from hangtag.onnx_sessions import answers, open_session
from hangtag.requests import AddEncoderRequest
from hangtag.rooms.encode.adopting import EXPORT, Adopted

NEAR = 1e-4
"""How far numbers of an embedding may be apart that should be equal, as a part of the largest."""
APART = 1e-5
"""How far embeddings of quite other images are apart at least."""
_BLOCKS = 8


def see_that_it_works(name: str, made: Adopted, asked: AddEncoderRequest) -> None:
    """Ask about images twice, alone and together, and compare with the file itself.

    Args:
        name: The file, for errors.
        made: The encoder of it.
        asked: What is done to pixels first.

    Raises:
        FormatError: It cannot be an encoder, with the reason.
    """
    some = _images(made.size)
    try:
        ours = open_session(made.model)
        together = answers(ours, EMBEDDING, some)
        again = answers(ours, EMBEDDING, some)
        alone = np.concatenate([answers(ours, EMBEDDING, some[at : at + 1]) for at in range(3)])
        # As the file has it: one image, which those that were written for one take as well.
        source = open_session(made.source)
        theirs = answers(source, made.output, made.prepared(some[:1], asked)).reshape(1, -1)
    except RuntimeError as error:
        raise FormatError(f"{name} fails: {error}", EXPORT) from None
    wrong = wrong_about(
        together,
        again,
        theirs,
        alone=alone,
        same="images; are --scale, --mean and --std as it was trained?",
        ours="its pixels and operators",
    )
    if wrong:
        raise FormatError(f"{name} {wrong}; it cannot be an encoder", EXPORT)


def wrong_about(
    found: NDArray[np.float32],
    again: NDArray[np.float32],
    theirs: NDArray[np.float32],
    *,
    alone: NDArray[np.float32],
    same: str,
    ours: str,
) -> str:
    """What is wrong about embeddings; empty if nothing is.

    Args:
        found: ``(n, width)``, of quite different things.
        again: The same, asked for once more.
        theirs: What the file itself says of the first.
        alone: The same, asked for one by one.
        same: What was embedded, if all comes out the same, and what may be the reason.
        ours: What of the file became ours.
    """
    if not np.isfinite(found).all():
        return "gives numbers that are not finite"
    size = float(np.abs(found).max())
    checks = (
        (not np.array_equal(found, again), "answers otherwise when it is asked again"),
        (_apart(alone, found) > NEAR * size, "answers otherwise about several images at once"),
        (
            min(_apart(found[0], one) for one in found[1:]) <= APART * size,
            f"says the same of different {same}",
        ),
        (
            theirs.shape != found[:1].shape or _apart(theirs, found[:1]) > NEAR * size,
            f"answers otherwise than it did before {ours} became ours",
        ),
    )
    return next((words for is_wrong, words in checks if is_wrong), "")


def _apart(one: NDArray[np.float32], other: NDArray[np.float32]) -> float:
    return float(np.abs(one - other).max())


def _images(size: int) -> NDArray[np.uint8]:
    """Three images of coloured blocks, uint8 ``(3, size, size, 3)``."""
    blocks = np.random.default_rng(0).integers(0, 256, (3, _BLOCKS, _BLOCKS, 3), np.uint8)
    where = np.arange(size) * _BLOCKS // size
    return np.ascontiguousarray(blocks[:, where][:, :, where])
