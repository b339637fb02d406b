"""Many image files into one array: members with labels in, a Raw out.

Used by every format that keeps images as files or as encoded bytes. One size and one number of
channels are chosen from what all headers say:

* size: the one asked for; else the one that at least half of the images have; else a square
  with the median of their longer sides. Without a wish never more than 256 on a side, and of
  many larger ones so much less that all of them take 400 MB: what wants more opens the files.
* colour: as asked; else RGB as soon as one image has colour.
* what transparent ones are laid on: see `transparency.py`.

Each is decoded straight into its row by the rules of `decoding.py` and `resizing.py`. What
cannot be read is listed and left out. Where only some of each part are kept (`limit`), only the
headers of the others are read. This module is only imported lazily: it loads Pillow.
"""

from __future__ import annotations

import math
import statistics
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from hangtag.errors import FormatError
from hangtag.records import PassedOver, Unreadable
from hangtag.rooms.load import decoding, groups, parts, raw, resizing, transparency, values
from hangtag.rooms.load.base import LoadRequest, Member
from hangtag.rooms.load.labels import to_codes
from hangtag.rooms.load.originals import FileOriginals

Found = TypeVar("Found")

_FIRST_MATTE = next(iter(transparency.BACKGROUNDS))

LARGEST_UNASKED = 256
"""Sides of images are not longer than this unless a size was asked for."""

FEW, ALL_TOGETHER, LEAST = 4_000, 400_000_000, 16
"""Of more images than `FEW` that are larger, all together take this many bytes at most, so that
any number of photographs is held in the same memory; no side is made shorter than the last."""

_ROUNDS = 8
"""How often others take the places of images that cannot be decoded; then all are decoded."""


@dataclass(frozen=True)
class Plan:
    """What all images are made: size, channels, and the sentences that say so.

    Attributes:
        matte: Grey level that transparent parts are laid on; None if there are none.
        white: The value of white in images of 16 bits, where it is not 65535.
    """

    size: tuple[int, int]
    grey: bool
    notes: tuple[str, ...]
    matte: int | None = None
    white: int | None = None


def gather(
    members: Sequence[Member],
    options: LoadRequest,
    where: str,
    *,
    named: Iterable[str] = (),
    notes: tuple[str, ...] = (),
    unreadable: Sequence[Unreadable] = (),
    passed_over: tuple[PassedOver, ...] = (),
) -> raw.Raw:
    """Read every member, parts in their usual order, members of a part in the given order.

    Args:
        members: The images.
        options: Size and colour asked for, and whom to tell how far it is.
        where: The source, for the error sentences.
        named: Labels that exist even if no image has them, such as the folders of a tree.
        notes: What was decided before.
        unreadable: What was left out before.
        passed_over: Images that were seen and are not used.

    Raises:
        FormatError: None of them can be read.
        OptionError: Nothing says which belong together, though it was asked.
        MachineError: All together do not fit into memory.
    """
    groups.check_said([one.group for one in members], options.group, where)
    # Sorting is stable: inside a part the order stays the one in which the source lists its files.
    ordered = sorted(members, key=lambda one: parts.part_rank(one.part))
    work = _Work(ordered, options, where)
    work.first_pass()
    if not any(work.facts):
        raise FormatError(
            f"{where} holds no image that can be read", _first_reason(ordered, work.bad)
        )
    plan = choose([one for one in work.facts if one], options, len(ordered))
    work.second_pass(plan)
    images, kept, decoded = work.result()
    codes, unlabelled, all_codes = to_codes([one.label for one in kept], named)
    counts = Counter(one.part for one in kept)
    together = [one.group for one in kept]
    return raw.Raw(
        images=images,
        codes=codes,
        unlabelled=unlabelled,
        parts=parts.ranges(counts),
        all_codes=all_codes,
        matte=plan.matte,
        white=plan.white,
        originals=FileOriginals(
            [one.id for one in kept], [one.open for one in kept], plan.matte, plan.white
        ),
        ids=tuple(one.id for one in kept),
        groups=groups.coded(together),
        decoded=None if decoded.all() else decoded,
        notes=(*notes, *groups.note(together, options.group), *plan.notes),
        passed_over=passed_over,
        unreadable=(
            *unreadable,
            *(Unreadable(ordered[row].id, work.bad[row]) for row in sorted(work.bad)),
        ),
    )


def _first_reason(members: Sequence[Member], bad: Mapping[int, str]) -> str:
    if not bad:
        return "add images"
    row = min(bad)
    return f"the first of {len(bad)}: {members[row].id} {bad[row]}"


def choose(facts: Sequence[decoding.Facts], options: LoadRequest, n: int) -> Plan:
    """Choose one size and one number of channels for `n` images, of which these are known."""
    sizes = Counter((one.height, one.width) for one in facts)
    n_grey = sum(one.grey for one in facts)
    # One image in color makes all of them color: what is lost by making it gray is not to be had
    # back, three equal channels lose nothing.
    grey = n_grey == len(facts) if options.gray is None else options.gray
    most = _largest_side(n, 1 if grey else 3)
    size = options.size or _usual_size(sizes, most)
    notes = []
    if set(sizes) != {size}:
        smallest, largest = min(sizes), max(sizes)
        found = (
            f"{len(sizes)} sizes from {_times(smallest)} to {_times(largest)}"
            if len(sizes) > 1
            else f"size {_times(largest)}"
        )
        notes.append(
            f"images have {found}: each is fitted inside {_times(size)} with its aspect kept"
            " and padded with the colour of its border"
        )
        if options.size is None and max(size) == most < LARGEST_UNASKED:
            notes.append(
                f"{n:,} photographs are held no larger than {most} pixels a side, in"
                f" {ALL_TOGETHER / 1e6:.0f} MB; networks for photographs open the files"
                " (--size asks for more)"
            )
    if grey and n_grey < len(facts):
        notes.append(f"{len(facts) - n_grey} of {len(facts)} images in colour were made grey")
    if not grey and n_grey:
        notes.append(f"{n_grey} of {len(facts)} images are grey and were given three channels")
    matte, laid = _matte([one.erased for one in facts if one.erased is not None], len(facts))
    white, wide = _white([one.top for one in facts if one.top is not None], options.value_range)
    return Plan(size, grey, (*notes, *laid, *wide), matte, white)


def _white(tops: Sequence[int], asked: int | None) -> tuple[int | None, list[str]]:
    """The white of images of 16 bits: cameras and microscopes fill 10 or 12 of them."""
    # Of all images together: one dark exposure does not say what white is.
    top = max(tops, default=0)
    # Values beyond the largest usual range below 65535 fill all 16 bits, and nothing has to be
    # said.
    if not tops or (asked is None and (top == 0 or top > values.USUAL[-2])):
        return None, []
    if asked is not None:
        return asked, [f"values from 0 to {asked} of 16-bit images became 0 to 255 as asked"]
    # The least usual range that holds all values; 4095 of a camera would be nearly black of 65535.
    white = next(one for one in values.USUAL if one >= top)
    return white, [
        f"{len(tops)} images of 16 bits have values up to {top}: {white} was taken to be white"
        " (--range 65535 if that is)"
    ]


def _matte(erased: Sequence[tuple[bool, ...]], n: int) -> tuple[int | None, list[str]]:
    if not erased:
        return None, []
    matte = transparency.choose(erased)
    levels = list(transparency.BACKGROUNDS)
    note = f"{len(erased)} of {n} images have transparent parts: laid on"
    note = f"{note} {transparency.BACKGROUNDS[matte]}"
    if matte != levels[0]:
        note += f", because {sum(one[0] for one in erased)} of them could not be seen on white"
    if gone := sum(one[levels.index(matte)] for one in erased):
        note = f"caution: {note}; {gone} cannot be seen on it"
    return matte, [note]


def _largest_side(n: int, channels: int) -> int:
    if n <= FEW:
        return LARGEST_UNASKED
    return min(LARGEST_UNASKED, max(LEAST, math.isqrt(ALL_TOGETHER // (n * channels))))


def _usual_size(sizes: Counter[tuple[int, int]], most: int) -> tuple[int, int]:
    # Of equally frequent sizes the larger, and the same one on every machine.
    size, often = max(sizes.items(), key=lambda item: (item[1], item[0]))
    if often * 2 < sizes.total():
        # Longer sides, so that half of the images are never enlarged; the low median is the size
        # of one of them.
        side = statistics.median_low([max(one) for one in sizes.elements()])
        size = (side, side)
    # Small images stay as they are however many there are: that is what a set of them is.
    return size if max(size) <= LARGEST_UNASKED else resizing.inside(size, (most, most))


class _Work:
    """The images on their way into one array.

    Nearly always all images are of one kind, so the first pass decodes at once what looks like
    the first one; only if that turns out not to be the plan, it is decoded again.
    """

    def __init__(self, members: Sequence[Member], options: LoadRequest, where: str) -> None:
        self.members = members
        self.options = options
        self.where = where
        self.facts: list[decoding.Facts | None] = [None] * len(members)
        self.bad: dict[int, str] = {}
        self._guess: Plan | None = None
        self._first: decoding.Facts | None = None
        self._images = np.empty((0, 0, 0, 0), np.uint8)
        self._done = np.zeros(len(members), bool)
        self._wanted = self._kept_of(range(len(members)), options.limit)

    def first_pass(self) -> None:
        """Look at every header, and decode what is like the first image."""
        rows = range(len(self.members))
        # One at a time, since the first that can be read is all that is wanted here.
        heads = decoding.in_threads(lambda row: decoding.facts(self._open(row)), rows, batch=1)
        self._first = next((head for _, head in heads if isinstance(head, decoding.Facts)), None)
        if self._first is not None:
            self._guess = choose([self._first], self.options, len(self.members))
            self._begin(self._guess)
        for row, found in self._progress("load", decoding.in_threads(self._look, rows)):
            if isinstance(found, FormatError):
                self.bad[row] = found.message
                continue
            self.facts[row], pixels = found
            if pixels is not None:
                self._put(row, pixels)

    def second_pass(self, plan: Plan) -> None:
        """Decode what the first pass left, and all of it again if it had guessed wrong."""
        if self._guess is None or (plan.size, plan.grey) != (self._guess.size, self._guess.grey):
            self._done[:] = False
            self._begin(plan)
        # The first pass laid transparent images on the usual background; with another one only
        # these have to be decoded again.
        if plan.matte not in (None, _FIRST_MATTE):
            self._done &= [seen is None or seen.erased is None for seen in self.facts]
        if plan.white is not None:
            self._done &= [seen is None or seen.top is None for seen in self.facts]

        def again(row: int) -> NDArray[np.uint8]:
            return decoding.decode(
                self._open(row),
                grey=plan.grey,
                size=plan.size,
                matte=plan.matte,
                white=plan.white,
            )[0]

        # One that cannot be decoded after all leaves its place to another where some are kept.
        rounds = 0
        while rows := self._missing(rounds):
            rounds += 1
            for row, pixels in self._progress("fit", decoding.in_threads(again, rows), len(rows)):
                if isinstance(pixels, FormatError):
                    self.bad[row] = pixels.message
                else:
                    self._put(row, pixels)

    def result(self) -> tuple[NDArray[np.uint8], list[Member], NDArray[np.bool_]]:
        """The images that could be read, moved together, their members, which were decoded."""
        kept = self._readable()
        # Moved together in place: a second array of all images would double the memory of a set
        # that just fits. Rows that nothing was decoded into have none.
        for to, row in enumerate(kept):
            if to != row and self._done[row]:
                self._images[to] = self._images[row]
        return (
            self._images[: len(kept)],
            [self.members[row] for row in kept],
            self._done[kept],
        )

    def _readable(self) -> list[int]:
        """Those of which nothing is known against it."""
        return [row for row, seen in enumerate(self.facts) if seen and row not in self.bad]

    def _missing(self, rounds: int) -> list[int]:
        limit = self.options.limit if rounds < _ROUNDS else None
        self._wanted = self._kept_of(self._readable(), limit)
        return np.flatnonzero(self._wanted & ~self._done).tolist()

    def _kept_of(self, rows: Sequence[int], limit: int | None) -> NDArray[np.bool_]:
        """``(n,)`` bool: which images are kept where these can be read."""
        wanted = np.zeros(len(self.members), bool)
        where = np.asarray(rows, np.int64)
        if limit is not None:
            # As they will be counted: someone may have said that the source has no parts.
            counts = Counter(self.members[row].part for row in rows)
            whole = {"all": range(len(rows))}
            ranges = whole if self.options.parts is False else parts.ranges(counts)
            some = raw.spread(ranges, limit).values()
            where = where[np.concatenate([*some, np.empty(0, np.int64)])]
        wanted[where] = True
        return wanted

    def _open(self, row: int) -> str | bytes:
        return self.members[row].open()

    def _look(self, row: int) -> tuple[decoding.Facts, NDArray[np.uint8] | None]:
        guess = self._guess or Plan((1, 1), True, ())  # without a guess none can be read
        return decoding.look(
            self._open(row),
            lambda seen: bool(self._wanted[row]) and self._fits(seen),
            grey=guess.grey,
            size=guess.size,
            matte=_FIRST_MATTE,
            by_brightness=self.options.gray is True,
        )

    def _fits(self, seen: decoding.Facts) -> bool:
        if self._first is None:
            return False
        same_size = self.options.size is not None or (
            (seen.height, seen.width) == (self._first.height, self._first.width)
        )
        return same_size and (self.options.gray is not None or seen.grey == self._first.grey)

    def _begin(self, plan: Plan) -> None:
        shape = (len(self.members), *plan.size, 1 if plan.grey else 3)
        # In Python's whole numbers: int64 would wrap at sizes that a hostile header can declare.
        count = int(self._wanted.sum())
        n_bytes = int(np.prod((count, *shape[1:]), dtype=object))
        raw.check_memory(n_bytes, f"{self.where} ({count} images)")
        # Memory that nothing is written to is promised and not taken.
        self._images = np.empty(shape, np.uint8)

    def _put(self, row: int, pixels: NDArray[np.uint8]) -> None:
        self._images[row] = resizing.pad(pixels, self._images.shape[1:3])
        self._done[row] = True

    def _progress(
        self, stage: str, work: Iterator[Found], total: int | None = None
    ) -> Iterator[Found]:
        total = len(self.members) if total is None else total
        for number, found in enumerate(work):
            yield found
            # Telling costs more than decoding a small image, so not every one is told.
            if number % decoding.BATCH == 0:
                self.options.progress(stage, number, total)
        if total:
            self.options.progress(stage, total, total)


def _times(size: tuple[int, int]) -> str:
    return f"{size[0]}×{size[1]}"
