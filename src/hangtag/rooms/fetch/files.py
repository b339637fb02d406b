"""Addresses and a place for each go in; files come out, and why some are not there.

A file that is there was fetched and looked at, since it is written whole or not at all: fetching
again asks only for what is missing, whatever ended the first time.
"""

from __future__ import annotations

import random
import threading
from collections import Counter
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from hangtag import atomic, locks
from hangtag.errors import FormatError
from hangtag.progress import Progress, silent
from hangtag.rooms.fetch.addresses import Network, NotFetchedError, read
from hangtag.rooms.fetch.asking import Patience, ask

AT_ONCE = 8
"""Photos that are asked for at a time."""

TRIES = 3
LONGEST_WAIT = 30.0
"""Seconds; a server that asks for more is left alone until the next time."""

ENOUGH = 20
"""Photos in a row that a server cannot give, after which it is asked for no more."""

Check = Callable[[bytes], object]
"""Raises FormatError for what is no photo that can be read."""


@dataclass(frozen=True)
class Limits:
    """What one fetching may take.

    Attributes:
        images: How many.
        size: Bytes of all of them.
        each: What each may take.
        pause: Seconds before the second try; twice as long before each further one.
    """

    images: int = 100_000
    size: float = 20e9
    each: Patience = field(default_factory=Patience)
    pause: float = 1.0


def fetch(
    wanted: Mapping[str, Path],
    folder: Path,
    check: Check,
    *,
    limits: Limits,
    network: Network | None = None,
    progress: Progress = silent,
) -> dict[str, str]:
    """Fetch the photos whose files are not there yet, several at a time.

    Args:
        wanted: Address to the file that it becomes, below `folder`.
        folder: Held against other processes; made if there is something to fetch.
        check: Whether what came is a photo that can be read.
        limits: What all may take.
        network: What may be asked; None for public servers.
        progress: Told how many are done.

    Returns:
        Why a photo is not there, by its address.

    Raises:
        BusyError: Another process fetches into the same folder.
        OSError: The disk does not take them.
    """
    if all(place.is_file() for place in wanted.values()):
        return {}
    folder.mkdir(parents=True, exist_ok=True)
    with locks.held(folder, f"the photos in {folder}"):
        missing = {text: place for text, place in wanted.items() if not place.is_file()}
        now = dict(islice(missing.items(), limits.images))
        late = f"is beyond the {limits.images:,} that are fetched at a time"
        reasons = {text: late for text in missing if text not in now}
        work = _Work(check, limits, network or Network())
        with ThreadPoolExecutor(AT_ONCE) as pool:
            try:
                found = zip(now, pool.map(work.one, now.items()), strict=True)
                for done, (text, reason) in enumerate(found, 1):
                    if reason:
                        reasons[text] = reason
                    progress("fetch", done, len(now))
            except BaseException:
                # Whoever ends it waits for no photo that nobody has begun.
                work.stopped.set()
                pool.shutdown(cancel_futures=True)
                raise
    return reasons


class _Work:
    """What the threads share: how much has come, and which servers are down."""

    def __init__(self, check: Check, limits: Limits, network: Network) -> None:
        self.stopped = threading.Event()
        self._check, self._limits, self._network = check, limits, network
        self._counting = threading.Lock()
        self._came = 0
        self._failed = Counter[str]()

    def one(self, asked: tuple[str, Path]) -> str:
        """Fetch a photo; why it was not fetched, or nothing."""
        text, place = asked
        try:
            host = read(text).host
            self._still(host)
            body = self._tried(text, host)
            self._check(body)
            self._take(len(body))
        except NotFetchedError as error:
            return error.reason
        except FormatError as error:
            return error.message
        atomic.write_bytes(place, body)
        return ""

    def _tried(self, text: str, host: str) -> bytes:
        for left in range(TRIES - 1, -1, -1):
            try:
                body = ask(text, self._limits.each, self._network, self.stopped.is_set)
            except NotFetchedError as error:
                if error.again and left and error.after <= LONGEST_WAIT:
                    # Not all at the same moment: a server that was too busy would be so again.
                    pause = self._limits.pause * 2 ** (TRIES - 1 - left)
                    self.stopped.wait(max(error.after, pause * random.uniform(0.75, 1.25)))  # noqa: S311
                    continue
                with self._counting:
                    # A photo that is not there says nothing against its server.
                    self._failed[host] = self._failed[host] + 1 if error.again else 0
                raise
            with self._counting:
                self._failed[host] = 0
            return body
        raise AssertionError(text)

    def _still(self, host: str) -> None:
        if self._failed[host] >= ENOUGH:
            raise NotFetchedError(f"was not asked for: {host} failed {ENOUGH} times in a row")
        self._take(0)

    def _take(self, size: int) -> None:
        with self._counting:
            if self._came + size > self._limits.size or self._came >= self._limits.size:
                most = f"{self._limits.size / 1e9:g} GB"
                raise NotFetchedError(f"is beyond the {most} that are fetched at a time")
            self._came += size
