"""Fetching the files of a named set: an address in, checked files in a folder out.

Every file is compared with the SHA-256 of the official content before it gets its name, so a
cut transfer, a proxy's error page or another version never becomes data. To add a way to fetch:
a function like :func:`from_addresses` and a line in :func:`fetch`.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import BinaryIO

from hangtag import atomic, locks, settings, troubles
from hangtag.errors import SourceError, UsageError
from hangtag.progress import Progress, silent
from hangtag.rooms.load import debian, streams
from hangtag.rooms.load.known import KnownSet

PATIENCE = 20.0
"""Seconds without a byte after which a server counts as down."""

LARGEST = 256 << 20
"""No file of a named set is larger than this many bytes; a server that sends more is cut off."""


def fetch(
    known: KnownSet, target: Path, progress: Progress = silent, passed: tuple[str, ...] = ()
) -> Path:
    """Put the checked files of `known` into `target`, by the first way that works.

    Args:
        known: The named set.
        target: Folder to put its files into.
        progress: Where to say how far it is.
        passed: What was wrong where it was looked for before; said in the error.

    Raises:
        SourceError: None did; the sentence says what each answered, the hint lists every way.
        BusyError: Another process has been fetching them, and is not done within seconds.
    """
    said = list(passed)
    ways: list[Callable[..., Path]] = [
        partial(from_addresses, base=base) for base in addresses(known)
    ]
    ways += [from_debian] if known.debian else []
    for way in ways:
        try:
            with _alone(known, target):
                return way(known, target=target, progress=progress)
        except SourceError as error:
            said.append(error.message)
    what = "; ".join(said) or "it has no free download"
    raise SourceError(
        f"{known.title} is not on this machine and could not be fetched: {what}",
        "; or ".join(known.ways),
    )


def addresses(known: KnownSet) -> tuple[str, ...]:
    """Where to ask: the folder of that name at HANGTAG_MIRROR if it is set, else officially."""
    mirror = settings.mirror()
    return (f"{mirror.rstrip('/')}/{known.name}/",) if mirror else known.addresses


def from_addresses(known: KnownSet, *, base: str, target: Path, progress: Progress) -> Path:
    """Download every file of `known` that `target` lacks from one server.

    Raises:
        SourceError: The server is down, or what it sends is not the official content.
    """
    for name, official in known.files.items():
        place = target / f"{name}.gz"
        if place.is_file() and _is_official(place, official):
            continue
        with _beside(place) as beside:
            _download(f"{base}{place.name}", beside, progress)
            check_content(beside, official, f"{base}{place.name}")
            beside.replace(place)
    return target


def from_debian(known: KnownSet, *, target: Path, progress: Progress) -> Path:
    """Take the files of `known` out of its Debian package.

    Raises:
        SourceError: This is not Debian, apt cannot fetch the package, or it holds other files.
    """
    assert known.debian is not None
    package, installed = known.debian
    with debian.unpacked(package, progress) as root:
        for name, official in known.files.items():
            file = root / installed.lstrip("/") / f"{name}.gz"
            if not file.is_file():
                raise SourceError(f"the package {package} does not hold {name}.gz")
            check_content(file, official, f"{name}.gz of the package {package}")
            with _beside(target / file.name) as beside:
                beside.write_bytes(file.read_bytes())
                beside.replace(target / file.name)
    return target


def check_content(path: Path, official: str, where: str) -> None:
    """Compare what a packed file holds with its official SHA-256.

    Raises:
        SourceError: It differs, or the file cannot be unpacked.
    """
    digest = hashlib.sha256()
    try:
        with streams.unpacked(path, where) as stream:
            while piece := stream.read(streams.CHUNK):
                digest.update(piece)
    except UsageError as error:
        raise SourceError(error.message) from None
    if digest.hexdigest() != official:
        raise SourceError(f"{where} is not the official file (its SHA-256 differs)")


def _is_official(path: Path, official: str) -> bool:
    try:
        check_content(path, official, path.name)
    except SourceError:  # a disk has damaged it since it was fetched
        return False
    return True


@contextmanager
def _alone(known: KnownSet, target: Path) -> Iterator[None]:
    """Hold the folder of a set against other processes, and sweep what killed ones left in it."""
    target.mkdir(parents=True, exist_ok=True)
    with locks.held(target, f"the download of {known.title}"):
        atomic.sweep(target)
        yield


def _download(address: str, target: Path, progress: Progress) -> None:
    if not address.startswith(("http://", "https://")):
        raise SourceError(f"{address} is not an http(s) address", "see HANGTAG_MIRROR")
    import http.client  # only who downloads pays for these
    import urllib.error
    import urllib.request

    request = urllib.request.Request(address, headers={"User-Agent": "hangtag"})  # noqa: S310 - checked above
    try:
        with (
            urllib.request.urlopen(request, timeout=PATIENCE) as answer,  # noqa: S310 - as above
            target.open("wb") as file,
        ):
            declared = int(answer.headers.get("Content-Length") or 0)
            _receive(answer, file, declared, progress, address)
    except urllib.error.HTTPError as error:
        error.close()
        raise SourceError(f"{address} answered {error.code} {error.reason}") from None
    except (OSError, http.client.HTTPException, ValueError) as error:
        if getattr(error, "errno", None) in troubles.DISK:
            raise  # the address is not to blame
        reason = " ".join(str(getattr(error, "reason", None) or error).split())
        raise SourceError(f"{address} cannot be reached ({reason})") from None


def _receive(
    answer: BinaryIO, file: BinaryIO, declared: int, progress: Progress, address: str
) -> None:
    done = 0
    while piece := answer.read(1 << 18):
        done += len(piece)
        if done > LARGEST:
            raise SourceError(f"{address} sends more than {LARGEST >> 20} MiB")
        file.write(piece)
        progress("download", done, declared, address.rpartition("/")[2])
    if done < declared:
        raise SourceError(f"{address} broke off after {done} of {declared} bytes")


@contextmanager
def _beside(place: Path) -> Iterator[Path]:
    """A name beside `place` to write to; removed at the end unless it was renamed."""
    beside = place.with_name(f".partial-{uuid.uuid4().hex[:8]}-{place.name}")
    try:
        yield beside
    finally:
        beside.unlink(missing_ok=True)
