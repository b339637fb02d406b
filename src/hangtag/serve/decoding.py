"""Images of strangers, decoded in processes of their own that may take little memory.

A file that makes a decoder fail, or take all the memory there is, ends a worker and never the
server: the image is refused with a sentence and another worker takes its place.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import signal
import warnings
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from io import BytesIO
from pathlib import Path
from typing import TypeVar

from hangtag.errors import FormatError
from hangtag.orphans import end_with_parent
from hangtag.records import InputImage, Preprocessing
from hangtag.rooms import load
from hangtag.rooms.load import decoding
from hangtag.serve.together import Together

TOGETHER = 16
"""Images a worker gets at once: handing one over costs about as much as reading a small one."""

LARGE = 64_000
"""Bytes of a file that weigh as much as handing it over."""

NOT_HERE = "could not be decoded with the memory an image may take"
Files = Sequence[tuple[str, bytes]]
Result = TypeVar("Result")


class Decoders:
    """Worker processes that decode.

    Args:
        processes: How many.
        memory: Bytes of address space each may take.
    """

    def __init__(self, processes: int, memory: int) -> None:
        self.processes, self._memory = processes, memory
        self._pool = self._new()
        self._together = Together(
            self._alike, most=TOGETHER, calls=processes, alike=lambda one: one[1], weigh=_weight
        )

    def start(self) -> None:
        """Let every process begin, so that the first image does not wait for it."""
        for _ in range(self.processes):
            self._pool.submit(_warm)

    async def images(self, files: Files, preprocessing: Preprocessing) -> list[InputImage]:
        """Files in the shape a model wants, in order; one that cannot be read has its error."""
        if len(files) == 1:
            return [await self._together((files[0], preprocessing))]
        # As many parts as there are processes where there are few, so that all of them work.
        each = min(TOGETHER, -(-len(files) // self.processes))
        parts = [files[start : start + each] for start in range(0, len(files), each)]
        done = await asyncio.gather(*(self._some(part, preprocessing) for part in parts))
        return [one for part in done for one in part]

    async def image_file(self, source: Path | bytes, side: int) -> bytes:
        """An image as JPEG at most `side` pixels wide and high, with nothing else in the file.

        Raises:
            FormatError: It cannot be read.
        """
        try:
            return await self._run(_small, source, side)
        except BrokenProcessPool:
            raise FormatError(f"an image {NOT_HERE}", "make it smaller") from None

    def close(self) -> None:
        """End the processes when they have done what they are at."""
        self._pool.shutdown(wait=True, cancel_futures=True)

    async def _alike(
        self, asked: Sequence[tuple[tuple[str, bytes], Preprocessing]]
    ) -> list[InputImage]:
        return await self._some([file for file, _ in asked], asked[0][1])

    async def _some(self, files: Files, preprocessing: Preprocessing) -> list[InputImage]:
        try:
            return await self._run(_read, files, preprocessing)
        except BrokenProcessPool:
            if len(files) == 1:
                return [InputImage(files[0][0], None, NOT_HERE)]
        # One of several ended the worker: alone each of the others has its answer.
        return [one for file in files for one in await self._some([file], preprocessing)]

    async def _run(self, work: Callable[..., Result], *given: object) -> Result:
        # Remembered: by the time a process is found dead another may have made a new pool.
        pool = self._pool
        try:
            return await asyncio.get_running_loop().run_in_executor(pool, work, *given)
        except BrokenProcessPool:
            if pool is self._pool:  # the first to notice makes the new one
                self._pool = self._new()
                pool.shutdown(wait=False)
            raise

    def _new(self) -> ProcessPoolExecutor:
        return ProcessPoolExecutor(
            self.processes,
            # Not forked: a copy of a process with threads may wait for locks that nobody holds.
            mp_context=multiprocessing.get_context("spawn"),
            initializer=_limited,
            initargs=(self._memory,),
        )


def _weight(asked: tuple[tuple[str, bytes], Preprocessing]) -> int:
    """A photograph takes longer to read than to hand over, and others should not wait for it."""
    return 1 + len(asked[0][1]) // LARGE


def _limited(memory: int) -> None:
    """Begin a worker: little memory, and the server says when it ends, not the terminal."""
    # Ctrl-C goes to all processes of a terminal; the server ends these when they are done.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    end_with_parent()
    os.environ["OPENBLAS_NUM_THREADS"] = "1"
    with suppress(ImportError, ValueError, OSError):  # Windows has no such limit
        import resource

        # Of addresses, since a decoder that asks for too much is then told no, and not killed.
        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))


def _warm() -> None:
    from PIL import Image

    Image.init()


def _read(files: Files, preprocessing: Preprocessing) -> list[InputImage]:
    try:
        return list(load.read_files(files, preprocessing))
    except MemoryError:
        if len(files) == 1:
            return [InputImage(files[0][0], None, NOT_HERE)]
    return [one for file in files for one in _read([file], preprocessing)]


def _small(source: Path | bytes, side: int) -> bytes:
    """Decode and write anew: place, camera and whatever else a file tells stay behind."""
    from PIL import Image

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            pixels, _ = decoding.decode(source, grey=False, least=side)
    except MemoryError:
        raise FormatError(f"the image {NOT_HERE}") from None
    plain = Image.fromarray(pixels)
    # Tiny images are shown in whole pixels: smoothed they would be a blur.
    if max(plain.size) <= side // 2:
        factor = side // max(plain.size)
        plain = plain.resize((plain.width * factor, plain.height * factor), Image.Resampling.BOX)
    # After turning and laying on a ground, so that the file needs nothing but pixels.
    plain.thumbnail((side, side))
    file = BytesIO()
    plain.save(file, "JPEG", quality=88)
    return file.getvalue()
