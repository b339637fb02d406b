"""A question goes in, as words, a direction or both; the items that answer it come out.

What is close is said by the collection (``rooms/search/calibrate.py``), what fits a condition by
the catalogue; words and photos are put together by their ranks.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from hangtag import settings
from hangtag.errors import MachineError, OptionError, UsageError
from hangtag.geometry import Metric, directions
from hangtag.progress import CAUTION, Progress, silent
from hangtag.records import Classifier
from hangtag.requests import SearchRequest, command_line
from hangtag.rooms import catalog as room
from hangtag.rooms import search as search_room
from hangtag.rooms.catalog import Catalog, Embedded, Found
from hangtag.shop import reading

TIMED = 200
"""Questions that are timed, and compared with looking at everything, where a search is measured."""

BESIDE = 0.05
"""Proportion of an index's rows that may have come or gone since it was built: each question looks
at those that came one by one, which of a million of 128 numbers takes ten thousandths of a
second."""

MOST = 1000
"""Items that words, or a photo, may find before both are put together."""


def allowed(catalog: Catalog, asked: SearchRequest) -> set[int] | None:
    """The items that fit the condition; None where there is none."""
    return None if asked.where is None else room.matching(catalog, asked.where)


def worded(catalog: Catalog, asked: SearchRequest, among: Collection[int] | None) -> list[int]:
    """Items that the words find, the best first."""
    said = room.matching_words(catalog, asked.text or "", MOST)
    return [one for one in said if among is None or one in among]


def by_words(catalog: Catalog, asked: SearchRequest) -> Found:
    """What words alone find."""
    numbers = worded(catalog, asked, allowed(catalog, asked))[: asked.k]
    return room.found(catalog, numbers, [None] * len(numbers))


@dataclass(frozen=True, eq=False)
class Indexed:
    """A large catalogue, opened by its index; it is asked as :class:`Embedded` is.

    Attributes:
        encoder: Digest of the encoder.
        place: Where it lies.
        index: What finds the nearest.
        close: The least cosines that are called close; None if that is not known.
        metric: What its directions were turned by, as questions must be; None for nothing.
    """

    encoder: str
    place: str
    index: search_room.Index
    close: tuple[float, float] | None
    metric: Metric | None = None

    @property
    def items(self) -> NDArray[np.int64]:
        """``(n,)``, which item each photo is of."""
        return self.index.rows.items

    @property
    def groups(self) -> NDArray[np.int64]:
        """``(n,)``, equal for variants of one item."""
        return self.index.rows.groups

    def direction(self, row: int) -> NDArray[np.float32]:
        """``(width,)``, of one row."""
        (found,) = self.index.rows.directions(np.asarray([row]))
        return np.asarray(found, np.float32)


def opened(
    catalog: Catalog, progress: Progress = silent, *, beside: float | None = None
) -> Embedded | Indexed:
    """The embeddings of a catalogue; of a large one by its index, built where it does not fit.

    The index is a cache: it lies in the cache folder, is known by the catalogue's place, encoder,
    rows and last change, and can be deleted at any time. What came and went since it was built is
    looked at beside it, and it is built anew where that is more than `beside` of its rows
    (None: :data:`BESIDE`).

    Raises:
        UsageError: Nothing was embedded yet.
    """
    seen = room.seen(catalog)
    if seen.rows < search_room.FROM:
        return room.embedded(catalog, for_search=True)
    if not search_room.is_installed():
        said = f"caution: {seen.rows:,} photos are looked at one by one"
        progress(CAUTION, 0, 0, f"{said}: pip install 'hangtag[index]' finds them sooner")
        return room.embedded(catalog, for_search=True)
    # By its place, and not beside the catalogue: an index that came with somebody's file is not
    # ours, and a library that reads graphs is no place for strangers' bytes.
    whose = hashlib.sha256(str(catalog.path.resolve()).encode()).hexdigest()[:20]
    place = settings.cache_folder() / "indexes" / whose
    found = search_room.open_index(place, seen.encoder, seen.width)
    if found is not None:
        found = _up_to_date(catalog, seen, found, BESIDE if beside is None else beside)
    if found is None:
        stamp = search_room.Stamp(seen.encoder, seen.width, seen.rows, seen.last)
        rows = search_room.Rows(*room.packed(catalog, seen.encoder, progress, turned=seen.metric))
        search_room.build(place, stamp, rows, progress)
        found = search_room.open_index(place, seen.encoder, seen.width)
    if found is None:
        raise MachineError(f"the index at {place} cannot be read back", "see to the disk")
    return Indexed(seen.encoder, seen.place, found, seen.close, seen.metric)


def prepare(catalog: Catalog, progress: Progress = silent) -> None:
    """Build the index of a large catalogue, so that the next search has it."""
    if room.seen(catalog).rows >= search_room.FROM and search_room.is_installed():
        opened(catalog, progress)


def _up_to_date(
    catalog: Catalog, seen: room.Seen, found: search_room.Index, beside: float
) -> search_room.Index | None:
    """The index with what came and went since; None where it is built anew."""
    if (found.stamp.rows, found.stamp.last) == (seen.rows, seen.last):
        return found
    rows = found.rows
    since = room.since(
        catalog,
        seen.encoder,
        found.stamp.last,
        (rows.items, rows.groups, rows.pictures),
        most=int(beside * len(found)),
        turned=seen.metric,
    )
    return None if since is None else found.grown(since.gone, search_room.Rows(*since.fresh))


def say_what_waits(catalog: Catalog, seen: Embedded | Indexed, progress: Progress) -> None:
    """Tell how many items no photo can find yet."""
    if count := room.waiting(catalog):
        again = command_line("catalog", "tag", catalog.path, seen.place)
        progress(CAUTION, 0, 0, f"caution: {count:,} items wait to be embedded: {again}")


def question_of(seen: Embedded | Indexed, points: NDArray[np.float32]) -> NDArray[np.float32]:
    """``(n, d)`` embeddings to ``(n, width)`` directions that a catalogue can be asked for."""
    found = directions(points)
    return found if seen.metric is None else seen.metric.of(found)


def question_of_words(seen: Embedded | Indexed, points: NDArray[np.float32]) -> NDArray[np.float32]:
    """As :func:`question_of`, of words: no class told where these lie along what tells it apart."""
    found = directions(points)
    return found if seen.metric is None else seen.metric.untold(found)


def reads_words(catalog: Catalog, progress: Progress = silent) -> bool:
    """Whether words may find images, too: something was embedded, and some encoder reads words."""
    if not reading.is_any_reader():
        return False
    try:
        place = Path(room.seen(catalog).place)
    except UsageError:
        return False
    if not (place.exists() or (catalog.root / place).exists()):
        said = f"caution: the model that embedded the catalog is not at {place} any more"
        progress(CAUTION, 0, 0, f"{said}: words are looked for in titles and tags alone")
        return False
    return True


def answered(
    catalog: Catalog,
    seen: Embedded | Indexed,
    classifier: Classifier,
    points: NDArray[np.float32] | None,
    asked: SearchRequest,
) -> Found:
    """What a photo, words or both find, words read by the encoder where it can.

    Args:
        catalog: The catalogue.
        seen: Its embeddings.
        classifier: The model that made them.
        points: ``(1, d)``, the embedding of the photo; None without one.
        asked: What is asked.
    """
    read = reading.point_of(classifier, asked.text) if asked.text else None
    if points is None and read is None:
        return by_words(catalog, asked)
    return by_points(catalog, seen, points, asked, read)


def by_points(
    catalog: Catalog,
    seen: Embedded | Indexed,
    points: NDArray[np.float32] | None,
    asked: SearchRequest,
    read: NDArray[np.float32] | None = None,
) -> Found:
    """What the embedding of a photo finds, that of words, or both.

    Args:
        catalog: The catalogue.
        seen: Its embeddings.
        points: ``(1, d)``, the embedding of a photo; None without one.
        asked: What is asked.
        read: ``(1, d)``, where images of the words would be; None where nothing reads them.
    """
    questions = [] if points is None else [*question_of(seen, points)]
    questions += [] if read is None else [*question_of_words(seen, read)]
    if not asked.text:
        return nearest(catalog, seen, questions[0], asked, allowed(catalog, asked))
    return together(catalog, seen, questions, asked)


def shown_by(
    catalog: Catalog,
    seen: Embedded | Indexed,
    classifier: Classifier,
    words: str,
    among: Collection[int] | None,
    k: int,
) -> Found | None:
    """The items whose images show most what words say, whatever their titles and tags are.

    Args:
        catalog: The catalogue.
        seen: Its embeddings.
        classifier: The model that made them.
        words: What is looked for.
        among: The items that may be given; None for all.
        k: Items at most.

    Returns:
        None where nothing reads words for the model.
    """
    if (read := reading.point_of(classifier, words)) is None:
        return None
    (question,) = question_of_words(seen, read)
    return nearest(catalog, seen, question, SearchRequest(k=k, everything=True), among)


def together(
    catalog: Catalog,
    seen: Embedded | Indexed,
    questions: Sequence[NDArray[np.float32]],
    asked: SearchRequest,
) -> Found:
    """What questions and words in titles and tags find, put together by ranks.

    Args:
        catalog: The catalogue.
        seen: Its embeddings.
        questions: ``(width,)`` each, of a photo or of words that were read; the cosines that are
            told are those of the first.
        asked: What is asked.
    """
    among = allowed(catalog, asked)
    # Held back is nothing here: words may find what is not close, and ranks say how far all agree.
    widely = SearchRequest(k=MOST, everything=True)
    wide = [nearest(catalog, seen, question, widely, among) for question in questions]
    ranks = [[item.number for item in one.items] for one in wide]
    both = search_room.fused([*ranks, worded(catalog, asked, among)])[: asked.k]
    cosines = dict(zip(ranks[0], wide[0].cosines, strict=True))
    return room.found(catalog, both, [cosines.get(one) for one in both])


def nearest(
    catalog: Catalog,
    seen: Embedded | Indexed,
    question: NDArray[np.float32],
    asked: SearchRequest,
    allowed: Collection[int] | None,
    without: int | None = None,
) -> Found:
    """The items nearest to a direction, of those that may be given and not of one group."""
    among = None
    if allowed is not None:
        among = np.flatnonzero(np.isin(seen.items, np.fromiter(allowed, np.int64, len(allowed))))
    close = None if asked.everything else seen.close
    hits = _hits(seen, question, asked.k, among, without, close)
    numbers = seen.items[hits.rows].tolist()
    return room.found(catalog, numbers, hits.cosines.tolist(), hits.held_back, seen.close)


def _hits(
    seen: Embedded | Indexed,
    question: NDArray[np.float32],
    k: int,
    among: NDArray[np.int64] | None,
    without: int | None,
    close: tuple[float, float] | None,
) -> search_room.Hits:
    if isinstance(seen, Indexed):
        return seen.index.nearest(question, k, among=among, without=without, close=close)
    if without is not None:
        among = np.arange(len(seen.items)) if among is None else among
        among = among[seen.groups[among] != without]
    return search_room.nearest(
        seen.directions, question, k, groups=seen.groups, among=among, close=close
    )


@dataclass(frozen=True)
class Worth(search_room.Measured):
    """What a search is worth: by labels, and what its index and its time are.

    Attributes:
        milliseconds: Median and 99th percentile of a question's time, the embedding left out.
        recall: Proportion of the truly nearest that the index finds; 1 where every item is looked
            at.
    """

    milliseconds: tuple[float, float]
    recall: float


def measured(catalog: Catalog, attribute: str, k: int) -> Worth:
    """Measure the search of a catalogue by labels, and its index by looking at everything.

    Raises:
        OptionError: No item has the attribute.
    """
    whole = room.embedded(catalog, for_search=True)
    found = room.items(catalog, set(whole.items.tolist()))
    labels = {number: one.label(attribute) for number, one in found.items()}
    if not any(labels.values()):
        raise OptionError(
            f"no item has a '{attribute}'", "hangtag catalog info lists what they have"
        )
    by_labels = search_room.measured(
        whole.directions, whole.groups, [labels[int(one)] for one in whole.items], k
    )
    seen = opened(catalog)
    drawn = np.random.default_rng(0).permutation(len(whole.items))[:TIMED]
    times, recalls = [], []
    for question in whole.directions[drawn]:
        began = time.perf_counter()
        hits = _hits(seen, question, k, None, None, None)
        times.append((time.perf_counter() - began) * 1e3)
        exact = _hits(whole, question, k, None, None, None) if seen is not whole else hits
        recalls.append(len(np.intersect1d(hits.rows, exact.rows)) / max(len(exact.rows), 1))
    middle, slow = np.quantile(times, [0.5, 0.99])
    return Worth(**vars(by_labels), milliseconds=(middle, slow), recall=float(np.mean(recalls)))
