"""Changes to a network and its training as text: ``dense.units=64;dropout=0.5``, or by variant."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hangtag.requests.values import Value

Scalar = int | float | bool | str | None


def scalar(word: str) -> Scalar:
    """A word as the number, truth value or name it stands for.

    Example:
        >>> scalar("64"), scalar("0.5"), scalar("true"), scalar("relu")
        (64, 0.5, True, 'relu')
    """
    plain = word.strip()
    if plain.lower() in {"true", "false", "none"}:
        return {"true": True, "false": False, "none": None}[plain.lower()]
    for kind in (int, float):
        try:
            return kind(plain)
        except ValueError:
            continue
    return plain


def _changes(given: Any) -> dict[str, Any]:  # noqa: ANN401 - whatever was said; so are all below
    if isinstance(given, Mapping):
        return {str(name): value for name, value in given.items()}
    if not isinstance(given, str):
        raise ValueError
    found: dict[str, Any] = {}
    for part in filter(None, (piece.strip() for piece in given.split(";"))):
        name, _, value = (piece.strip() for piece in part.partition("="))
        if not name or not value or name in found:
            raise ValueError
        found[name] = scalar(value)
    return found


def _written(changes: Mapping[str, Any]) -> str:
    return ";".join(f"{name}={value}" for name, value in changes.items())


def _variants(given: Any) -> dict[str, dict[str, Any]]:  # noqa: ANN401
    if isinstance(given, Mapping):
        return {str(name): _changes(value) for name, value in given.items()}
    found: dict[str, dict[str, Any]] = {}
    for text in [given] if isinstance(given, str) else given:
        name, colon, rest = text.partition(":")
        own = _changes(rest if colon else text)
        if not own or name.strip() in found:
            raise ValueError
        found[name.strip() if colon else text.strip()] = own
    return found


CHANGES = Value(
    _changes, "NAME=VALUE;NAME=VALUE", _written, "CHANGES", {"type": ["object", "string"]}
)
VARIANTS = Value(
    _variants,
    "'NAME: OPTION=VALUE;OPTION=VALUE'",
    lambda one: f"{one[0]}: {_written(one[1])}",
    "CHANGES",
    {"type": "object", "additionalProperties": {"type": ["object", "string"]}},
    many=True,
)
