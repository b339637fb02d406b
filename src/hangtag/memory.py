"""How much memory this process may still take: what machine, container and limits leave of it.

Linux hands out memory that it does not have and kills whoever uses it; so whoever is about to make
something large asks here first. Some libraries never return from a failed allocation while they
are loaded (OpenBLAS tries for ever, XLA ends the process); :func:`check_room` is asked before.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from hangtag.errors import MachineError

ROOT = Path("/")
UNLIMITED = 1 << 60  # what old control groups say for no limit is a little above
BASE, PER_CORE = 400_000_000, 100_000_000
"""Address space of any command: libraries, and a stack and buffers for a thread on every core.
Measured on 2 cores: 500 MB do for all but forests, 700 MB for all that need no network."""
NETWORK, NETWORK_PER_CORE = 1_700_000_000, 150_000_000
"""The same for training: 1.5 GB are too little on 2 cores, 2 GB do."""


def free() -> int | None:
    """Bytes this process may still take; None where the system does not say."""
    known = [_machine(), _groups(ROOT), address_space()]
    return min((one for one in known if one is not None), default=None)


def address_space() -> int | None:
    """Bytes that the limit on addresses (``ulimit -v``) leaves; None where there is no limit."""
    try:
        import resource

        limit, _ = resource.getrlimit(resource.RLIMIT_AS)
        if limit == resource.RLIM_INFINITY:
            return None
        pages = int(Path("/proc/self/statm").read_text().split()[0])
        return max(0, limit - pages * resource.getpagesize())
    except (ImportError, OSError, ValueError):  # Windows; no /proc
        return None


def check_room(what: str, *, base: int = BASE, per_core: int = PER_CORE) -> None:
    """Refuse to load libraries that would hang or crash under the limit on addresses.

    Args:
        what: What is to be done, for the sentence.
        base: Bytes it takes on any machine.
        per_core: And for each core.

    Raises:
        MachineError: The limit leaves less.
    """
    room, need = address_space(), base + per_core * (os.cpu_count() or 1)
    if room is not None and room < need:
        raise MachineError(
            f"{what} needs {need / 1e9:.1f} GB of address space; the limit here leaves "
            f"{room / 1e9:.1f} GB",
            "raise it with: ulimit -v unlimited",
        )


def check_need(n_bytes: int, what: str, hint: str = "") -> None:
    """Refuse work that needs more memory than there is, before it begins.

    Linux gives memory that it has not got and kills whoever writes to it; a sentence beforehand can
    be acted on.

    Args:
        n_bytes: What it takes at most.
        what: What is to be done, for the sentence.
        hint: What to do about it.

    Raises:
        MachineError: There is less.
    """
    left = free()
    if left is not None and n_bytes > left:
        raise MachineError(
            f"{what} needs {n_bytes / 1e9:.1f} GB of memory; {left / 1e9:.1f} GB are free",
            hint or "use fewer or smaller images (--limit, --size), or a machine with more",
        )


def _machine() -> int | None:
    try:
        lines = Path("/proc/meminfo").read_text().splitlines()
        available = next(line for line in lines if line.startswith("MemAvailable:"))
        return int(available.split()[1]) * 1024
    except (OSError, StopIteration, ValueError, IndexError):
        pass
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):
        return None


def _groups(root: Path) -> int | None:
    """What the control groups of this process leave, a container's among them.

    Source: the kernel's documentation, cgroup-v1/memory and cgroup-v2. What is kept of files
    (``inactive_file``) counts as used, and is given up when memory is asked for.
    """
    try:
        lines = (root / "proc/self/cgroup").read_text().splitlines()
    except OSError:
        return None
    left = [room for line in lines for room in _left(root, line)]
    return min(left, default=None)


def _left(root: Path, line: str) -> Iterator[int]:
    """What each group on the way from the process' own to the top leaves."""
    _, controllers, path = line.split(":", 2)
    base = root / "sys/fs/cgroup"
    if controllers == "":
        names, kept = ("memory.max", "memory.current"), "inactive_file"
    elif "memory" in controllers.split(","):
        base, names = base / "memory", ("memory.limit_in_bytes", "memory.usage_in_bytes")
        kept = "total_inactive_file"
    else:
        return
    own = base / path.lstrip("/")
    for folder in (own, *own.parents):
        if folder.is_relative_to(base):
            try:
                limit, used = (int((folder / name).read_text()) for name in names)
                facts = dict(map(str.split, (folder / "memory.stat").read_text().splitlines()))
            except (OSError, ValueError):  # "max", or not the group's own view of the tree
                continue
            if limit < UNLIMITED:
                yield max(0, limit - used + int(facts.get(kept, 0)))
