"""Encoders that people bring: an ONNX file goes in, a folder with a name is kept, and opened.

A folder holds the model as Hangtag runs it, and ``encoder.json``: where it is from, its licence,
what is done to pixels. Both are looked at when it is opened. Nothing of the file is ever run that
``adopting.py`` has not let through.
"""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from typing import Any

from hangtag import atomic, sealed, settings
from hangtag.errors import (
    ConflictError,
    FormatError,
    OptionError,
    SourceError,
    UnknownNameError,
    nearest,
)
from hangtag.requests import AddEncoderRequest, takes
from hangtag.rooms.encode.adopting import adopted
from hangtag.rooms.encode.encoder import Encoder
from hangtag.rooms.encode.known import ENCODERS
from hangtag.rooms.encode.texts import Reader, adopted_reader, see_that_it_reads
from hangtag.rooms.encode.trying import see_that_it_works

MOST_BYTES = 512 << 20
"""Of a file: it is in memory whole, and so are the runs that hold it."""
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
_MODEL, _FACTS = "model.onnx", "encoder.json"
_TEXT, _TOKENIZER = "text.onnx", "tokenizer.json"
AGAIN = "remove it and add it again: hangtag encoder remove NAME; hangtag encoder add FILE.onnx"


@takes(AddEncoderRequest)
def add_encoder(file: str | Path, asked: AddEncoderRequest) -> dict[str, Any]:
    """Take an ONNX file as an encoder; afterwards ``encoder:NAME`` is features like others.

    Nothing is kept of a file that is refused.

    Args:
        file: The model, from one float32 input of images to one embedding.
        asked: What is asked; its options can be given by keyword.

    Returns:
        What is kept of it, as :func:`encoder_facts` gives it.

    Raises:
        SourceError: There is no such file, or it is too large.
        FormatError: It is no ONNX model that can be an encoder, with the reason.
        OptionError: The name or an option does not fit.
        ConflictError: There is an encoder of that name.

    Example:
        >>> hangtag.add_encoder("resnet.onnx", mean=(0.49, 0.46, 0.41), std=(0.23, 0.22, 0.23))
    """
    place = Path(file).expanduser()
    name = _free_name(asked.name, place)
    data = _read(place)
    made = adopted(place.name, data, asked)
    see_that_it_works(place.name, made, asked)
    reader = _reader(asked, made.width)
    facts: dict[str, Any] = {
        "name": name,
        "about": f"added from {place.name}",
        "licence": asked.licence or "not stated",
        "file_sha256": hashlib.sha256(data).hexdigest(),
        "digest": hashlib.sha256(made.model).hexdigest(),
        "size": made.size,
        "width": made.width,
        "channels": made.channels,
        "layout": made.layout,
        "output": made.output,
        "scale": asked.scale,
        "mean": list(asked.mean),
        "std": list(asked.std),
        "bytes": len(made.model),
    }
    if reader is not None:
        facts |= {
            "text_digest": hashlib.sha256(reader.model).hexdigest(),
            "tokenizer_digest": hashlib.sha256(reader.tokenizer).hexdigest(),
            "text_length": reader.length,
            "text_padding": reader.padding,
        }
    with atomic.folder(_folder(name), replace=False) as fresh:
        atomic.put(fresh / _MODEL, made.model)
        if reader is not None:
            atomic.put(fresh / _TEXT, reader.model)
            atomic.put(fresh / _TOKENIZER, reader.tokenizer)
        atomic.put(fresh / _FACTS, sealed.to_json(facts, _sealed_as(name)))
    return facts


def remove_encoder(name: str) -> Path:
    """Remove an encoder that was added; models that see it hold a copy of their own.

    Args:
        name: Its name.

    Returns:
        The folder that is gone.

    Raises:
        OptionError: It is one that comes with Hangtag.
        UnknownNameError: There is none of that name.
    """
    if name in ENCODERS:
        raise OptionError(f"the encoder '{name}' comes with Hangtag", "remove one that was added")
    place = _found(name)
    atomic.remove(place)
    return place


def added_encoders() -> list[str]:
    """The names of those that were added."""
    folder = settings.encoders_folder()
    if not folder.is_dir():
        return []
    held = [one.name for one in folder.iterdir() if (one / _FACTS).is_file()]
    return sorted(name for name in held if _NAME.fullmatch(name))  # none that is half written


def facts_of(name: str) -> dict[str, Any]:
    """What is kept of an encoder that was added.

    Raises:
        UnknownNameError: There is none of that name.
        FormatError: What is kept was damaged or changed.
    """
    place = _found(name) / _FACTS
    try:
        return sealed.from_json(sealed.read(place), _sealed_as(name))
    except sealed.DamageError as error:
        raise FormatError(f"{place} {error}", AGAIN.replace("NAME", name)) from None


def open_added(name: str) -> Encoder:
    """Open an encoder that was added.

    Raises:
        UnknownNameError: There is none of that name.
        FormatError: What is kept was damaged or changed.
    """
    facts = facts_of(name)
    model = _part(name, _MODEL, facts["digest"])
    said = (facts["size"], facts["width"], facts["about"], facts["licence"])
    return Encoder(name, facts["digest"], *said, model)


def open_reader(name: str) -> Reader | None:
    """Open what reads words for an encoder that was added; None where nothing does.

    Raises:
        UnknownNameError: There is none of that name.
        FormatError: What is kept was damaged or changed.
    """
    facts = facts_of(name)
    if "text_digest" not in facts:
        return None
    return Reader(
        _part(name, _TEXT, facts["text_digest"]),
        _part(name, _TOKENIZER, facts["tokenizer_digest"]),
        facts["text_length"],
        facts["text_padding"],
    )


def _part(name: str, part: str, digest: str) -> bytes:
    """A file of an encoder, as it was when it was added."""
    place = _folder(name) / part
    try:
        data = sealed.read(place)
    except sealed.DamageError as error:
        raise FormatError(f"{place} {error}", AGAIN.replace("NAME", name)) from None
    if hashlib.sha256(data).hexdigest() != digest:
        raise FormatError(f"{place} {sealed.CHANGED}", AGAIN.replace("NAME", name))
    return data


def _reader(asked: AddEncoderRequest, width: int) -> Reader | None:
    """What reads words, where a file for that came with the encoder's."""
    if asked.text is None:
        given = [one for one in ("tokenizer", "text_length", "text_padding") if getattr(asked, one)]
        if given:
            raise OptionError(
                f"--{given[0].replace('_', '-')} is of a network that reads words",
                "give it by --text",
            )
        return None
    file = asked.text.expanduser()
    data, words = _read(file), _read((asked.tokenizer or file.parent / _TOKENIZER).expanduser())
    reader, output = adopted_reader(file.name, data, words, asked, width)
    see_that_it_reads(file.name, reader, data, output)
    return reader


def _found(name: str) -> Path:
    known = added_encoders()
    if name not in known:
        hint = nearest(name, known) if known else "hangtag encoder add FILE.onnx adds one"
        raise UnknownNameError(f"no encoder '{name}' was added", hint)
    return _folder(name)


def _folder(name: str) -> Path:
    return settings.encoders_folder() / name


def _sealed_as(name: str) -> str:
    return f"encoder {name}"


def _free_name(asked: str | None, file: Path) -> str:
    name = asked or re.sub(r"[^a-z0-9_-]+", "-", file.stem.lower()).strip("-_")[:64]
    if not _NAME.fullmatch(name):
        raise OptionError(
            f"an encoder cannot be called '{name}'",
            "small letters, digits, - and _, 64 at most: --name my-encoder",
        )
    if name in ENCODERS:
        raise OptionError(f"'{name}' is the name of another encoder", "give another one by --name")
    if _folder(name).exists():
        raise ConflictError(
            f"there is an encoder '{name}' already",
            f"give another name by --name, or remove it: hangtag encoder remove {name}",
        )
    return name


def _read(place: Path) -> bytes:
    if not place.is_file():
        raise SourceError(f"there is no file {place}", "hangtag encoder add FILE.onnx")
    if place.stat().st_size > MOST_BYTES:
        raise SourceError(
            f"{place.name} has {place.stat().st_size >> 20:,} MB, and {MOST_BYTES >> 20} are taken",
            "bring a smaller network, or one of float32 without its training state",
        )
    try:
        return sealed.read(place)
    except sealed.DamageError as error:
        raise SourceError(f"{place.name} {error}", "look at its rights") from None
