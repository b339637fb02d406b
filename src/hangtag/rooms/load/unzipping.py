"""A zip as a source: its path in, a temporary folder with what is in it out.

Archives that are a format of their own (``.npz``, a zip of one table) are left to it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from hangtag.errors import HangtagError
from hangtag.rooms.load import npz, streams, zipped


@contextmanager
def opened(path: Path) -> Iterator[tuple[Path, tuple[str, ...]]]:
    """Give `path` itself, or the folder a zip was unpacked to, and what there is to say about it.

    Errors raised inside the block speak of the zip, not of the temporary folder.

    Raises:
        FormatError: The zip is damaged or hostile.
    """
    if not path.is_file() or streams.packing(path) != "zip" or npz.look(path):
        yield path, ()
        return
    with zipped.Archive(path) as archive, archive.extracted() as folder:
        try:
            yield folder, (f"{path.name} was unpacked: {len(archive.names)} files",)
        except HangtagError as error:
            message = error.message.replace(str(folder), path.name).replace(folder.name, path.name)
            raise type(error)(message, error.hint) from None
