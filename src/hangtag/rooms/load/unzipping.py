"""A zip as a source: its path in, a temporary folder with what is in it out.

Archives that are a format of their own (``.npz``, a zip of one table) are left to it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from hangtag.errors import HangtagError
from hangtag.records import LoadOptions, Unreadable
from hangtag.rooms.load import npz, streams, zipped


@contextmanager
def opened(path: Path) -> Iterator[tuple[Path, tuple[str, ...], tuple[Unreadable, ...]]]:
    """Give `path` itself, or the folder a zip was unpacked to.

    Errors raised inside the block speak of the zip, not of the temporary folder.

    Returns:
        The place, what there is to say about it, and the pictures that could not be unpacked.

    Raises:
        FormatError: The zip is damaged or hostile.
    """
    if not path.is_file() or streams.packing(path) != "zip" or npz.look(path, LoadOptions()):
        yield path, (), ()
        return
    with zipped.Archive(path) as archive, archive.extracted() as (folder, bad):
        try:
            yield folder, (f"{path.name} was unpacked: {len(archive.names)} files",), bad
        except HangtagError as error:
            message = error.message.replace(str(folder), path.name).replace(folder.name, path.name)
            also = f"; {len(bad)} damaged, the first: {bad[0].reason}" if bad else ""
            raise type(error)(message, f"{error.hint}{also}") from None
