"""Options as a person types them, ``NAME=VALUE;NAME=VALUE``: text in, names and values out."""

from __future__ import annotations

from typing import Any

from hangtag.errors import OptionError
from hangtag.estimators.trial_training import divided
from hangtag.requests.changes import scalar


def parts_of(text: str) -> dict[str, str]:
    """Read ``NAME=VALUE;NAME=VALUE`` as names and texts.

    Raises:
        OptionError: A part has no value, or a name is there twice.
    """
    found: dict[str, str] = {}
    for part in text.split(";"):
        name, equals, value = (piece.strip() for piece in part.partition("="))
        if not part.strip():
            continue
        if not equals or not name or not value or name in found:
            raise OptionError(
                f"'{part.strip()}' does not say what to change", "write NAME=VALUE;NAME=VALUE"
            )
        found[name] = value
    return found


def changes_from(text: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Read ``NAME=VALUE;NAME=VALUE``.

    Returns:
        Changes of the training, and changes of the network.

    Raises:
        OptionError: A part has no value, or a name is there twice.
    """
    if not text.strip():
        return {}, {}  # most trainings change nothing, and need not what reads spaces
    return divided(options_from(text))


def options_from(text: str) -> dict[str, Any]:
    """Read ``NAME=VALUE;NAME=VALUE``, numbers as numbers.

    Raises:
        OptionError: A part has no value, or a name is there twice.
    """
    return {name: scalar(value) for name, value in parts_of(text).items()}
