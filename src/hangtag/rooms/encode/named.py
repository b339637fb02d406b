"""Every encoder by its name, whether it comes with Hangtag or somebody has added it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hangtag.errors import UnknownNameError, nearest
from hangtag.rooms.encode import brought
from hangtag.rooms.encode.encoder import Encoder
from hangtag.rooms.encode.known import ENCODERS, is_installed, open_known
from hangtag.rooms.encode.texts import Reader


def encoders() -> list[dict[str, Any]]:
    """The encoders there are: what each is, its licence, and whether it is installed.

    Raises:
        FormatError: What is kept of one was damaged or changed.
    """
    return [encoder_facts(name) for name in (*ENCODERS, *brought.added_encoders())]


def encoder_facts(name: str) -> dict[str, Any]:
    """What is known of an encoder.

    Args:
        name: One of those that :func:`encoders` lists.

    Raises:
        UnknownNameError: There is none of that name.
        FormatError: What is kept of it was damaged or changed.
    """
    one = ENCODERS.get(name)
    if one is None:
        _check(name)
        return brought.facts_of(name) | {"installed": True}
    return {
        "name": name,
        "about": one.about,
        "licence": one.licence,
        "width": one.width,
        "size": one.size,
        "extra": one.extra,
        "installed": is_installed(name),
    }


def open_encoder(name: str, cache: Path) -> Encoder:
    """Open an encoder by its name.

    Args:
        name: One of those that :func:`encoders` lists.
        cache: Folder in which models of those that come with Hangtag are kept.

    Raises:
        OptionError: There is none of that name, or its weights are not installed.
        FormatError: The weights are not those that are known, or were changed.
    """
    if name in ENCODERS:
        return open_known(name, cache)
    _check(name)
    return brought.open_added(name)


def _check(name: str) -> None:
    known = (*ENCODERS, *brought.added_encoders())
    if name not in known:
        raise UnknownNameError(f"there is no encoder '{name}'", nearest(name, known))


def open_reader(name: str) -> Reader | None:
    """Open what reads words for an encoder; None where it has nothing of the kind, or is gone.

    Args:
        name: As for :func:`open_encoder`.

    Raises:
        FormatError: What is kept of it was damaged or changed.
    """
    return brought.open_reader(name) if name in brought.added_encoders() else None
