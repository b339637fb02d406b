"""Images that are sent: out of a request into memory, never onto a disk, refused by their kind.

What a file is, its first bytes say, not its name or what the client calls it.
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from importlib import util
from typing import Any

from fastapi import Request
from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser

from hangtag.errors import OptionError, TooLargeError
from hangtag.serve.limits import IMAGE
from hangtag.serve.problems import RefusedError
from hangtag.serve.shapes import MOST_IMAGES

MOST_FIELDS = 16


@dataclass(frozen=True, eq=False)
class Sent:
    """What a form holds.

    Attributes:
        images: Name and bytes of each file of the field ``picture``.
        files: Those of other fields, by the field's name.
        fields: Text of the other fields.
    """

    images: list[tuple[str, bytes]]
    files: dict[str, tuple[str, bytes]]
    fields: dict[str, str]


class InMemory(MultiPartParser):
    """Starlette's parser, which would put larger files onto the disk."""

    spool_max_size = 1 << 30


async def form_of(request: Request) -> Sent:
    """The form of a request; one image may also be the whole body.

    Raises:
        RefusedError: It is none, 415, or damaged, 422.
        TooLargeError: An image is.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind.startswith("image/") or kind == "application/octet-stream":
        body = await request.body()
        return Sent(
            [(request.headers.get("x-name", "picture"), _checked(body, "the image"))], {}, {}
        )
    if kind != "multipart/form-data":
        raise RefusedError(
            415,
            f"images cannot be sent as {kind[:100] or 'nothing'}",
            "multipart/form-data with fields 'picture', or one image as the body (image/jpeg)",
        )
    # Counts of files and fields are bounded, too: a form of a million empty ones is no image.
    parser = InMemory(
        request.headers, request.stream(), max_files=MOST_IMAGES, max_fields=MOST_FIELDS
    )
    try:
        form = await parser.parse()
    except MultiPartException as error:
        raise RefusedError(
            422, f"the form cannot be read: {error.message}", "send it again"
        ) from None
    except (KeyError, ValueError):
        raise RefusedError(
            422, "the form cannot be read: its boundary is not said", "use a library"
        ) from None
    return await _sorted(form.multi_items())


async def _sorted(items: list[tuple[str, Any]]) -> Sent:
    sent = Sent([], {}, {})
    for field, value in items:
        if not isinstance(value, UploadFile):
            sent.fields[field] = str(value)
            continue
        name, content = value.filename or field, await value.read()
        if field == "picture":
            sent.images.append((name, _checked(content, name)))
        else:
            sent.files[field] = (name, content)
    return sent


def from_text(name: str, text: str) -> bytes:
    """An image that was sent as base64.

    Raises:
        OptionError: It is none.
        RefusedError: It is no image of a kind that is taken, 415.
    """
    try:
        content = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise OptionError(
            f"the content of {name} is no base64", "encode the file's bytes"
        ) from None
    return _checked(content, name)


def kind_of(content: bytes) -> str | None:
    """What kind of image these bytes begin, None for another kind."""
    if content[:3] == b"\xff\xd8\xff":
        return "JPEG"
    if content[:8] == b"\x89PNG\r\n\x1a\n":
        return "PNG"
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "WebP"
    if content[4:8] == b"ftyp" and content[8:12] in HEIC and util.find_spec("pillow_heif"):
        return "HEIC"
    return None


HEIC = (b"heic", b"heix", b"mif1", b"msf1", b"hevc", b"hevx", b"heim", b"heis")


def _checked(content: bytes, name: str) -> bytes:
    # The request may be larger than an image may: it may hold many.
    if len(content) > IMAGE:
        raise TooLargeError(
            f"{name} has {len(content) / 1e6:.1f} MB; at most {IMAGE / 1e6:g} are taken",
            "make it smaller",
        )
    if kind_of(content) is None:
        raise RefusedError(
            415, f"{name} is no PNG, JPEG or WebP{_heic()}", "convert it, and send it again"
        )
    return content


def _heic() -> str:
    return " or HEIC" if util.find_spec("pillow_heif") else ""
