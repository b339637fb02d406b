"""What all routes share: the catalogue or run that is served, its model, the line, the decoders."""

from __future__ import annotations

import asyncio
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Annotated, Any, TypeVar

from fastapi import Depends, Request

import hangtag
from hangtag.errors import ConflictError, HangtagError
from hangtag.records import Classifier, ImageSet, InputImage, Tag
from hangtag.requests import ServeRequest
from hangtag.rooms import catalog as room
from hangtag.rooms.catalog import Catalog, Embedded, freshness
from hangtag.rooms.tag import BATCH, tag
from hangtag.serve.decoding import Decoders
from hangtag.serve.hooks import Hooks, Messenger
from hangtag.serve.jobs import JobList
from hangtag.serve.keys import door_folder
from hangtag.serve.line import Line
from hangtag.serve.metrics import Metrics
from hangtag.serve.together import Together
from hangtag.shop.searching import Indexed, opened

MAGIC = b"SQLite format 3\0"
EVERY = 5.0
"""Seconds after which embeddings are read anew while a model makes more of them."""
Result = TypeVar("Result")


@dataclass(frozen=True)
class Principal:
    """Who asks.

    Attributes:
        name: The key's name, or that of the person at this machine.
        scopes: What they may do.
        by_cookie: Whether a browser says so by itself; then the page that asks must be ours.
    """

    name: str
    scopes: frozenset[str]
    by_cookie: bool = False

    def may(self, scope: str) -> bool:
        """Whether that is among what they may do."""
        return scope == "open" or scope in self.scopes or "admin" in self.scopes


@dataclass(frozen=True, eq=False)
class Tagging:
    """Images of one call that are to be tagged.

    Attributes:
        model: By what.
        images: As the model wants them.
        threshold: Below it a tag is ``unknown``; None for the model's own.
        top: Classes listed for each.
    """

    model: Classifier
    images: Sequence[InputImage]
    threshold: float | None
    top: int


class Door:
    """What is served.

    Args:
        place: A catalogue's file, or a run or bundle.
        asked: How it is to be served.
    """

    def __init__(self, place: Path, asked: ServeRequest) -> None:
        self.place, self.asked = place, asked
        self._catalog = hangtag.open_catalog(place) if is_catalog(place) else None
        self.decoders = Decoders(asked.workers, asked.memory * 1_000_000)
        # Two models at once would only take each other's cores: answers are made one by one.
        self._models = ThreadPoolExecutor(1, "model")
        # SQLite lets many read at once, and one write: more threads would only wait.
        self._reading = ThreadPoolExecutor(8, "catalog")
        self.tags = Together(self._tags, most=BATCH, calls=1, alike=_settings, weigh=_images)
        self.line = Line(8 * asked.workers, asked.waiting)
        self.hooks = Hooks(door_folder(place))
        self._messenger = (
            None if self._catalog is None else Messenger(self._catalog, self.hooks, asked.hook_host)
        )
        self.metrics, self.jobs = Metrics(), JobList()
        self.small: OrderedDict[tuple[str, int], bytes] = OrderedDict()
        self.ready = self.ending = False
        self._opened: dict[str, Classifier] = {}
        self._opening, self._looking = threading.Lock(), threading.Lock()
        self.loaded: tuple[str, ImageSet] | None = None
        self.loading = threading.Lock()
        self._seen: tuple[tuple[object, ...], Embedded | Indexed, float] | None = None

    @property
    def catalog(self) -> Catalog:
        """The catalogue.

        Raises:
            ConflictError: A run is served, which has none.
        """
        if self._catalog is None:
            raise ConflictError(
                f"{self.place} is a model, and there is no catalog to look into",
                "hangtag catalog create shop.db, then hangtag serve shop.db",
            )
        return self._catalog

    @property
    def has_catalog(self) -> bool:
        """Whether a catalogue is served."""
        return self._catalog is not None

    def model(self) -> Classifier:
        """The model that answers: the one asked for, else the one whose tags are in use.

        Raises:
            ConflictError: Nothing has tagged the catalogue yet.
        """
        return self.opened(self.answering()[0])

    def answering(self) -> tuple[str, float | None]:
        """Where the model that answers lies, and the threshold its tagging has; see `model`."""
        if self.asked.model is not None:
            return self.asked.model, None
        if self._catalog is None:
            return str(self.place), None
        known = room.taggings(self._catalog)
        models = [one for one in known if is_model(one.place)]
        used = [(one.place, one.threshold) for one in models if one.in_use]
        if not used:
            raise ConflictError(
                f"no model has tagged {self._catalog.path.name} yet",
                "hangtag catalog tag CATALOG RUN, or hangtag serve --model RUN",
            )
        return used[0]

    async def answerer(self) -> tuple[Classifier, float | None]:
        """The model that answers, and the threshold its tagging has; see `model`."""
        if self.asked.model is not None or self._catalog is None:
            place, threshold = self.answering()
            if place in self._opened:
                return self._opened[place], threshold
        return await self.reads(lambda: self._answerer(*self.answering()))

    def _answerer(self, place: str, threshold: float | None) -> tuple[Classifier, float | None]:
        return self.opened(place), threshold

    def opened(self, place: str) -> Classifier:
        """The model at a place, opened once."""
        with self._opening:
            if place not in self._opened:
                whole = Path(place)
                # A path that was typed elsewhere may be meant from where the catalogue is.
                if self._catalog is not None and not whole.exists():
                    beside = self._catalog.root / place
                    whole = beside if beside.exists() else whole
                self._opened[place] = hangtag.open_bundle(whole)
            return self._opened[place]

    def seen(self) -> Embedded | Indexed:
        """The embeddings of the catalogue, opened anew when something of them has changed.

        Raises:
            ConflictError: Nothing was embedded yet.
        """
        # Asked each time and outside of the lock: it is cheap, and reading anew is rare.
        stamp = freshness.stamp(self.catalog)
        with self._looking:
            if self._seen is None or not self._holds(stamp):
                # Whatever came is looked at beside an index: nobody who asks waits until one is
                # built, which is for whoever tags.
                self._seen = (stamp, opened(self.catalog, beside=1.0), time.monotonic())
            return self._seen[1]

    def _holds(self, stamp: tuple[object, ...]) -> bool:
        assert self._seen is not None
        known, _, at = self._seen
        if known == stamp:
            return True
        # While a model tags there are more embeddings four times a second, and no search is better
        # for being held up by reading all of them as often.
        more = known[:1] == stamp[:1] and known[2:] == stamp[2:]
        return more and self.jobs.is_running("tag") and time.monotonic() - at < EVERY

    def encoder(self) -> Classifier:
        """The model that embedded the catalogue; another one's numbers mean something else.

        Raises:
            ConflictError: It is not where it was, or is another one by now.
        """
        seen = self.seen()
        try:
            found = self.opened(seen.place)
        except HangtagError:
            found = None
        if found is None or found.model_id != seen.encoder:
            raise ConflictError(
                f"the model that embedded the catalog is not at {seen.place} any more",
                "bring it back, or hangtag catalog tag with another",
            )
        return found

    async def _tags(self, asked: Sequence[Tagging]) -> list[list[Tag]]:
        return await self.thinking(_tagged, asked)

    async def thinking(self, work: Callable[..., Result], *given: Any, **named: Any) -> Result:  # noqa: ANN401
        """Let a model work without holding up the others' requests."""
        call = partial(work, *given, **named)
        return await asyncio.get_running_loop().run_in_executor(self._models, call)

    async def reads(self, work: Callable[..., Result], *given: Any, **named: Any) -> Result:  # noqa: ANN401
        """Read or write the catalogue without holding up the others' requests."""
        call = partial(work, *given, **named)
        return await asyncio.get_running_loop().run_in_executor(self._reading, call)

    def begin(self) -> None:
        """Make everything ready, so that the first request is as quick as any."""
        self.decoders.start()
        # A catalogue that nothing has tagged can be looked at all the same; a run is its model.
        with suppress(*([HangtagError] if self.has_catalog else [])):
            self.model()
        if self._messenger is not None:
            self._messenger.begin()
        self.ready = True

    def end(self) -> None:
        """Let go of everything."""
        # First said, then done: a balancer sends nothing more while the rest is answered.
        self.ready, self.ending = False, True
        if self._messenger is not None:
            self._messenger.end()
        self.jobs.end()
        self.decoders.close()
        # What is being answered is answered to its end.
        self._models.shutdown(wait=True)
        self._reading.shutdown(wait=True)
        if self._catalog is not None:
            self._catalog.close()


def _settings(one: Tagging) -> Hashable:
    return id(one.model), one.threshold, one.top


def _images(one: Tagging) -> int:
    return len(one.images)


def _tagged(asked: Sequence[Tagging]) -> list[list[Tag]]:
    """The tags of several calls, their images in one batch."""
    first = asked[0]
    images = [image for one in asked for image in one.images]
    tags = tag(first.model, images, threshold=first.threshold, top=first.top)
    return [list(islice(tags, len(one.images))) for one in asked]


def is_model(place: str) -> bool:
    """Whether a tagging is by a model: heads and colors answer for items, not for images."""
    return not place.startswith(room.HEAD) and place != room.swatches.WORD


def is_catalog(place: Path) -> bool:
    """Whether a catalogue is meant: a run is a folder, or a file of another kind."""
    try:
        with place.expanduser().open("rb") as file:
            return file.read(len(MAGIC)) == MAGIC
    except OSError:
        return place.suffix == ".db"


# These two wait for nothing and are coroutines all the same: the library sends plain functions to a
# thread each, which takes longer than all they do.
async def door_of(request: Request) -> Door:
    """The door that a request came through."""
    found: Door = request.app.state.door
    return found


async def who_asks(request: Request) -> Principal:
    """Who a request is from; the guard has seen to it that somebody is."""
    found: Principal = request.scope["principal"]
    return found


Here = Annotated[Door, Depends(door_of)]
Who = Annotated[Principal, Depends(who_asks)]
