"""A large collection's index: built from its rows, kept as a cache, searched and re-ranked exactly.

Hierarchical navigable small worlds (Malkov and Yashunin 2018) as FAISS has them find candidates;
what is answered is their exact cosine to the vectors that the collection keeps. A folder has all of
it: a header that says of what it is, the vectors as bytes, and the graph. One whose header or
checksum is not what is expected is no index: it is built anew and never answers.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hangtag import atomic
from hangtag.progress import Progress, silent
from hangtag.rooms.search.exact import Hits, nearest

FROM = 100_000
"""Images from which a collection gets an index; below it every one is looked at."""

FEW = 0.1
"""Proportion of the rows, kept by a filter, up to which exactly those are looked at: where one of
twenty is kept, the graph lost 2 % of what is nearest (100,000 rows)."""

FORMAT = 2
LINKS, BREADTH_BUILT, BREADTH = 16, 200, 400
"""Links of a node, candidates that are held while it is linked, and while a question is asked: of a
million rows 96 found 96 % of the nearest, 384 under a filter 99.7 %."""

_ADDED = 20_000
_ARRAYS = {"small": np.int8, "scales": np.float32, "items": np.int64, "groups": np.int64,
           "pictures": np.int64}  # fmt: skip
_GRAPH, _HEADER = "graph.faiss", "header.json"


@dataclass(frozen=True)
class Stamp:
    """Of what an index is.

    Attributes:
        encoder: Digest of the encoder.
        width: Of its embeddings.
        rows: How many embeddings it has made.
        last: The last change of items and images.
    """

    encoder: str
    width: int
    rows: int
    last: int


@dataclass(frozen=True, eq=False)
class Rows:
    """What an index is built from; arrays of one length.

    Attributes:
        small: ``(n, width)`` int8.
        scales: ``(n,)`` float32, what a row of `small` is multiplied with to be of length 1.
        items: ``(n,)`` int64.
        groups: ``(n,)`` int64, equal for variants of one item.
        pictures: ``(n,)`` int64.
    """

    small: NDArray[np.int8]
    scales: NDArray[np.float32]
    items: NDArray[np.int64]
    groups: NDArray[np.int64]
    pictures: NDArray[np.int64]

    def directions(self, rows: NDArray[np.int64]) -> NDArray[np.float32]:
        """``(m, width)`` of length 1, of these rows."""
        # Turned at once and then scaled: numpy turns bytes within a product a few at a time.
        found = self.small.take(rows, axis=0).astype(np.float32)
        found *= self.scales.take(rows)[:, None]
        return found


@dataclass(frozen=True, eq=False)
class Grown(Rows):
    """Rows of an index, and behind them those that came; item and group of what went are -1.

    Attributes:
        fresh: What came; items, groups and images of it stand behind those of the index, too.
    """

    fresh: Rows

    def directions(self, rows: NDArray[np.int64]) -> NDArray[np.float32]:
        """``(m, width)`` of length 1, of these rows."""
        n = len(self.small)
        found = np.empty((len(rows), self.small.shape[1]), np.float32)
        came = rows >= n
        found[~came] = super().directions(rows[~came])
        found[came] = self.fresh.directions(rows[came] - n)
        return found


class Index:
    """An index that was opened.

    Attributes:
        rows: The collection's rows, on the disk until they are asked for.
        stamp: Of what it is.

    Args:
        rows: The rows.
        graph: FAISS' own, of the first of them; those behind it are looked at one by one.
        stamp: Of what it is.
    """

    def __init__(self, rows: Rows, graph: Any, stamp: Stamp) -> None:  # noqa: ANN401 - faiss has no types
        self.rows, self._graph, self.stamp = rows, graph, stamp
        self._behind = np.arange(graph.ntotal, len(rows.items))
        self._gone = int(np.count_nonzero(rows.items < 0))

    def __len__(self) -> int:
        return len(self.rows.items)

    def grown(self, gone: NDArray[np.bool_], fresh: Rows) -> Index:
        """The same of a collection from which rows went, and to which others came.

        Args:
            gone: ``(n,)`` which of its rows.
            fresh: What came: few, as each question looks at all of them.
        """
        joined = {
            name: np.concatenate(
                [np.where(gone, -1, getattr(self.rows, name)), getattr(fresh, name)]
            )
            for name in ("items", "groups", "pictures")
        }
        rows = Grown(self.rows.small, self.rows.scales, **joined, fresh=fresh)
        return Index(rows, self._graph, self.stamp)

    def nearest(
        self,
        question: NDArray[np.float32],
        k: int,
        *,
        among: NDArray[np.int64] | None = None,
        without: int | None = None,
        close: tuple[float, float] | None = None,
    ) -> Hits:
        """The k groups nearest to a question, each by its nearest member.

        Args:
            question: ``(width,)`` of length 1.
            k: How many groups.
            among: ``(m,)`` the rows that may be given, rising; None for all.
            without: A group that is not given.
            close: As for :func:`hangtag.rooms.search.nearest`.
        """
        if among is not None and len(among) <= FEW * len(self):
            return self._of_rows(among, question, k, without, close)
        # Groups of several images fill the places of others, so more are fetched until there are
        # enough, or all have been looked at.
        # So do rows that went: were all of a question's nearest gone, it would ask again.
        wanted = 2 * k + 12
        behind = self._behind if among is None else among[among >= len(self) - len(self._behind)]
        while True:
            rows = self._candidates(question, wanted, among)
            there = rows[self.rows.items[rows] >= 0] if self._gone else rows
            hits = self._of_rows(np.concatenate([there, behind]), question, k, without, close)
            enough = len(hits.rows) + hits.held_back >= k
            if enough or len(rows) < wanted or wanted >= len(self):
                return hits
            wanted *= 8

    def _candidates(
        self, question: NDArray[np.float32], wanted: int, among: NDArray[np.int64] | None
    ) -> NDArray[np.int64]:
        faiss = _faiss()
        breadth = max(BREADTH, wanted)
        asked = faiss.SearchParametersHNSW(efSearch=breadth)
        n = self._graph.ntotal
        if among is not None:
            # A filter hides most of what the graph walks through, so it walks that much farther.
            proportion = len(among) / len(self)
            allowed = np.zeros(n, bool)
            allowed[among[among < n]] = True
            bits = np.packbits(allowed, bitorder="little")
            kept = faiss.IDSelectorBitmap(bits)
            asked = faiss.SearchParametersHNSW(efSearch=round(breadth / proportion), sel=kept)
        _, found = self._graph.search(question[None], min(wanted, n), params=asked)
        return np.sort(found[0][found[0] >= 0])

    def _of_rows(
        self,
        rows: NDArray[np.int64],
        question: NDArray[np.float32],
        k: int,
        without: int | None,
        close: tuple[float, float] | None,
    ) -> Hits:
        """Exactly, of these rows."""
        if without is not None:
            rows = rows[self.rows.groups[rows] != without]
        hits = nearest(
            self.rows.directions(rows), question, k, groups=self.rows.groups[rows], close=close
        )
        return Hits(rows[hits.rows], hits.cosines, hits.held_back)


def _faiss() -> Any:  # noqa: ANN401 - its own types do not know half of it
    return import_module("faiss")


def is_installed() -> bool:
    """Whether an index can be built here."""
    return find_spec("faiss") is not None


def build(place: Path, stamp: Stamp, rows: Rows, progress: Progress = silent) -> None:
    """Build an index and keep it at `place`, whole or not at all.

    Args:
        place: A folder, replaced.
        stamp: Of what it is.
        rows: The collection.
        progress: Told how many rows are linked.
    """
    faiss = _faiss()
    width = rows.small.shape[1]
    # Half the bytes to fetch for each candidate: what these numbers round away, the exact cosine of
    # the candidates to the collection's own vectors puts right.
    kind = faiss.ScalarQuantizer.QT_fp16
    graph = faiss.IndexHNSWSQ(width, kind, LINKS, faiss.METRIC_INNER_PRODUCT)
    graph.hnsw.efConstruction = BREADTH_BUILT
    graph.is_trained = True  # numbers of two bytes learn nothing of the rows
    n = len(rows.items)
    for start in range(0, n, _ADDED):
        graph.add(rows.directions(np.arange(start, min(start + _ADDED, n))))
        progress("index", min(start + _ADDED, n), n)
    with atomic.folder(place) as beside:
        sums = {}
        for name in _ARRAYS:
            np.save(beside / f"{name}.npy", getattr(rows, name))
            sums[f"{name}.npy"] = _digest(beside / f"{name}.npy")
        faiss.write_index(graph, str(beside / _GRAPH))
        sums[_GRAPH] = _digest(beside / _GRAPH)
        header = {"format": FORMAT, "n": n, **asdict(stamp), "sha256": sums}
        atomic.put(beside / _HEADER, json.dumps(header).encode())


def open_index(place: Path, encoder: str, width: int) -> Index | None:
    """The index at `place`; None if there is none, or it is of another encoder, or damaged.

    Its stamp says of which rows it is; what came and went since is for :meth:`Index.grown`.

    Args:
        place: Where it is kept.
        encoder: Digest of the encoder.
        width: Of its directions.
    """
    faiss = _faiss()
    try:
        header = json.loads((place / _HEADER).read_bytes())
        stamp = Stamp(**{one.name: header[one.name] for one in fields(Stamp)})
        expected = (FORMAT, encoder, width)
        if (header["format"], stamp.encoder, stamp.width) != expected or not _whole(place, header):
            return None
        arrays = {
            name: np.load(place / f"{name}.npy", mmap_mode="r", allow_pickle=False)
            for name in _ARRAYS
        }
    except (OSError, ValueError, KeyError, TypeError):
        return None
    fits = all(arrays[name].dtype == kind for name, kind in _ARRAYS.items())
    # Checksums say that nothing changed since it was written; sizes that what was written belongs
    # together.
    if not fits or {len(one) for one in arrays.values()} != {header["n"]}:
        return None
    # The arrays stay on the disk: a question needs some dozens of vectors. Plain views of them, as
    # numpy's own kind for files takes twice as long to pick rows.
    rows = Rows(**{name: np.asarray(one) for name, one in arrays.items()})
    return Index(rows, faiss.read_index(str(place / _GRAPH)), stamp)


def _whole(place: Path, header: dict[str, Any]) -> bool:
    return all(_digest(place / name) == digest for name, digest in _sums(header))


def _sums(header: dict[str, Any]) -> Iterable[tuple[str, str]]:
    names = [*(f"{name}.npy" for name in _ARRAYS), _GRAPH]
    return [(name, header["sha256"][name]) for name in names]


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
