"""The machine's own troubles as sentences: an exception of the system or a library goes in.

What disks, memory, rights and limits do to a program reaches it in a dozen forms: numbers of the
system, ``MemoryError``, XLA's and onnxruntime's own words. :func:`named` knows them all; whatever
it does not know is a mistake of ours. To add one: a row in :data:`SYSTEM`, or a word in
:data:`NO_MEMORY`.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager

from hangtag.errors import HangtagError, MachineError

ROOM = "free some space, or write to another disk (--out, HANGTAG_RUNS, HANGTAG_CACHE)"
RIGHTS = "choose another place, or change its rights"
MEMORY = "close other programs, use fewer or smaller images (--limit), or a machine with more"
SYSTEM = {
    errno.ENOSPC: ("the disk is full", ROOM),
    errno.EDQUOT: ("your quota on this disk is used up", ROOM),
    errno.EFBIG: ("it is larger than a file may be here", ROOM),
    errno.EROFS: ("the disk can only be read", "write to another disk (--out, HANGTAG_RUNS)"),
    errno.EACCES: ("you have no right to", RIGHTS),
    errno.EPERM: ("it is not permitted", RIGHTS),
    errno.EISDIR: ("a folder is there", "give the name of a file"),
    errno.ENOTDIR: ("a part of the path is a file, not a folder", "look at the path"),
    errno.ENOENT: ("it is not there", "look at the path"),
    errno.EEXIST: ("something else is there", "give another name"),
    errno.ELOOP: ("its links lead round in a circle", "look at the path"),
    errno.ENAMETOOLONG: ("its name is too long", "give a shorter one"),
    errno.EMFILE: ("too many files are open", "raise the limit, such as with: ulimit -n 4096"),
    errno.ENFILE: ("too many files are open on this machine", "close other programs"),
    errno.EIO: ("the disk reports an error", "look at the disk; write to another one until then"),
    errno.ENXIO: ("it is a device that does not answer", "give the name of a file"),
    errno.ETXTBSY: ("it is in use", "wait until it is not"),
    errno.EBUSY: ("it is in use", "wait until it is not"),
    errno.ESTALE: ("the network disk has lost it", "look at the disk, and try again"),
    errno.ENODEV: ("its disk has gone", "look at the disk"),
    errno.EAGAIN: ("no more processes or threads can be started", "close other programs"),
    errno.ENOMEM: ("there is not enough memory", MEMORY),
}
"""What is so and what to do, by the system's number of the error."""
DISK = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS)
"""Those that only a disk can have, and no connection."""
MACHINE = (errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.EAGAIN)
"""Those that are of the whole process: the next file would meet them as well."""
NO_MEMORY = (
    "RESOURCE_EXHAUSTED",  # XLA
    "Out of memory",
    "out of memory",
    "bad_alloc",  # C++ libraries, onnxruntime among them
    "bad allocation",
    "llocate memory",  # "Failed to allocate memory", "Cannot allocate memory"
    "failed to map segment",  # the loader of libraries
    "can't start new thread",
    "pthread_create failed",
)
"""What libraries say when memory (or what a thread needs of it) is at its end."""


@contextmanager
def if_possible() -> Iterator[None]:
    """Around the writing of a cache: one that cannot be kept costs time later, never a result."""
    try:
        yield
    except (OSError, HangtagError):
        return


def named(error: BaseException) -> MachineError | None:
    """The sentence and hint for a trouble of the machine; None for any other error.

    Looks through the errors this one was raised from, as a library may have wrapped it.
    """
    seen: BaseException | None = error
    while seen is not None:
        found = _named(seen)
        if found is not None:
            return found
        seen = seen.__cause__
    return None


def _named(error: BaseException) -> MachineError | None:
    if isinstance(error, MemoryError):
        return no_memory()
    if isinstance(error, OSError) and error.errno in SYSTEM:
        words, hint = SYSTEM[error.errno]
        place = error.filename2 or error.filename
        of = f"{os.fsdecode(place)}: " if isinstance(place, str | bytes | os.PathLike) else ""
        return MachineError(of + words, hint)
    if any(words in str(error) for words in NO_MEMORY):
        return no_memory()
    return None


def no_memory() -> MachineError:
    """There is not enough memory."""
    return MachineError("there is not enough memory for this", MEMORY)
