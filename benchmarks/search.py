"""Search in a million embeddings and in Fashion-MNIST's pixels, beside hnswlib and usearch."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from benchmarks.peers_environment import python
from hangtag.rooms.search import index

TITLE = "Search: a million embeddings, and Fashion-MNIST's pixels beside hnswlib and usearch"
N = int(os.environ.get("HANGTAG_BENCH_ROWS", "1000000"))
WIDTH, CLUSTERS, NOISE, SEED, K = 128, 2000, 0.8, 0, 10
QUERIES, FILTERED, PIXEL_QUERIES = 300, 60, 1000
PROPORTIONS = (1.0, 0.5, 0.05, 0.005)
BREADTHS = (10, 16, 24, 32, 48, 64, 96, 128, 192, 256)

_ASK = """
import json, sys, time
import numpy as np
from pathlib import Path
began = time.perf_counter(), time.process_time()
from hangtag.rooms.search import index
place, n = Path(sys.argv[1]), int(sys.argv[2])
found = index.open_index(place, "synthetic", 128)
opened = time.perf_counter() - began[0], time.process_time() - began[1]
with np.load(sys.argv[3]) as data:
    queries, kept = data["queries"], {one: data[one] for one in data.files if one != "queries"}
told = {}
for name, rows in [("all", None), *kept.items()]:
    times, answers = [], []
    for query in queries if rows is None else queries[:int(sys.argv[4])]:
        began = time.perf_counter(), time.process_time()
        hits = found.nearest(query, 10, among=rows)
        times.append((time.perf_counter() - began[0], time.process_time() - began[1]))
        answers.append(hits.rows.tolist())
    told[name] = (np.asarray(times).tolist(), answers)
# Of this process alone: a child's ru_maxrss begins with its parent's.
peak = next(l.split()[1] for l in open("/proc/self/status") if l.startswith("VmHWM"))
print(json.dumps([opened, told, int(peak) / 1024]))
"""


def run() -> str:
    """Measure and describe."""
    with tempfile.TemporaryDirectory() as folder:
        return f"{_million(Path(folder))}\n\n{_pixels(Path(folder))}"


def _million(folder: Path) -> str:
    rng = np.random.default_rng(SEED)
    middles = rng.normal(size=(CLUSTERS, WIDTH)).astype(np.float32)
    rows = _rows(middles, rng)
    place = folder / "million"
    stamp = index.Stamp("synthetic", WIDTH, N, 1)
    began = time.perf_counter(), time.process_time()
    index.build(place, stamp, rows)
    built = time.perf_counter() - began[0], time.process_time() - began[1]
    queries = _drawn(middles, QUERIES, rng)
    kept = {
        f"{proportion:g}": np.flatnonzero(rng.random(N) < proportion)
        for proportion in PROPORTIONS[1:]
    }
    np.savez(folder / "asked.npz", queries=queries, **kept)
    opened, told, peak = _asked(place, folder / "asked.npz")
    lines = []
    for name, (times, answers) in told.items():
        among = None if name == "all" else kept[name]
        truth = _exact(rows, queries[: len(answers)], among)
        hits = [len(set(a) & set(t)) for a, t in zip(answers, truth.tolist(), strict=True)]
        wall, own = np.quantile(np.asarray(times) * 1e3, [0.5, 0.99], axis=0).T
        keeps = "all" if among is None else f"{float(name):.1%}"
        lines.append(
            f"| {keeps} | {np.mean(hits) / K:.4f} | {own[0]:.1f} / {own[1]:.1f} | "
            f"{wall[0]:.1f} / {wall[1]:.1f} |"
        )
    return (
        f"{N:,} embeddings of {WIDTH} numbers in {CLUSTERS:,} clusters (seed {SEED}), kept as one "
        f"byte a number; {QUERIES} questions of the same clusters, {FILTERED} with each filter. "
        f"Built in {built[0]:.0f} s ({built[1]:.0f} s of processor time); opened, every byte "
        f"checked, in {opened[0]:.1f} s ({opened[1]:.1f}); the process that answered held "
        f"{peak:.0f} MB at most. Bars: recall ≥ .99 each, p99 ≤ 25 ms without a filter, open ≤ "
        "5 s, ≤ 1.2 GB.\n\n"
        "| filter keeps | recall@10 | ms p50 / p99, processor | ms p50 / p99, wall |\n"
        "|---|---|---|---|\n" + "\n".join(lines)
    )


def _pixels(folder: Path) -> str:
    import hangtag

    images = hangtag.load("fashion-mnist")
    train, test = (images.images[list(images.parts[part])] for part in ("train", "test"))
    rows, queries = (
        (lambda x: x / np.linalg.norm(x, axis=1, keepdims=True))(
            one.reshape(len(one), -1).astype(np.float32)
        )
        for one in (train, test[:PIXEL_QUERIES])
    )
    kept = _kept(rows)
    rows = kept.directions(np.arange(len(rows)))
    truth = np.argsort(-(queries @ rows.T), axis=1)[:, :K]
    place = folder / "pixels.npz"
    np.savez(place, rows=rows, queries=queries, truth=truth)
    told = {"hangtag": _ours(kept, queries, truth, folder / "pixels")}
    for peer in ("hnswlib", "usearch"):
        done = subprocess.run(
            [python(), Path(__file__).parent / "peers" / "nearest.py", peer, place],
            capture_output=True,
            text=True,
            check=True,
        )
        told[peer] = json.loads(done.stdout)
    best = max(told[peer]["rate"] for peer in ("hnswlib", "usearch"))
    lines = [
        f"| {name} | {one['breadth']} | {one['recall']:.4f} | {one['rate']:,.0f} | "
        f"{one['rate'] / best:.2f}× |"
        for name, one in told.items()
    ]
    return (
        f"Fashion-MNIST's pixels: {len(rows):,} rows of {rows.shape[1]}, {len(queries):,} test "
        f"images asked one at a time on one core, least breadth with recall@{K} ≥ .99, queries a "
        "second of processor time. All have the rows as a catalog keeps them, one byte a number; "
        "ours is the whole of a search: candidates, exact cosines, groups once. The bar was the "
        "best of the peers.\n\n"
        "| | breadth | recall@10 | queries/s | of the best peer |\n|---|---|---|---|---|\n"
        + "\n".join(lines)
    )


def _kept(rows: np.ndarray) -> index.Rows:
    """Rows as a catalog keeps them: one byte a number."""
    small = np.rint(rows * (127 / np.abs(rows).max(axis=1, keepdims=True))).astype(np.int8)
    scales = (1 / np.linalg.norm(small.astype(np.float32), axis=1)).astype(np.float32)
    ids = np.arange(len(rows))
    return index.Rows(small, scales, ids, ids, ids)


def _ours(rows: index.Rows, queries: np.ndarray, truth: np.ndarray, place: Path) -> dict:
    import faiss

    stamp = index.Stamp("pixels", rows.small.shape[1], len(rows.items), 1)
    index.build(place, stamp, rows)
    found = index.open_index(place, stamp.encoder, stamp.width)
    faiss.omp_set_num_threads(1)
    for breadth in BREADTHS:
        index.BREADTH = breadth
        began = time.process_time()
        answers = [found.nearest(query, K).rows for query in queries]
        seconds = time.process_time() - began
        hits = [len(set(a.tolist()) & set(t)) for a, t in zip(answers, truth.tolist(), strict=True)]
        recall = float(np.mean(hits)) / K
        if recall >= 0.99:
            break
    return {"breadth": breadth, "recall": recall, "rate": len(queries) / seconds}


def _asked(place: Path, questions: Path) -> list:
    words = [sys.executable, "-c", _ASK, place, str(N), questions, str(FILTERED)]
    done = subprocess.run(words, capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def _rows(middles: np.ndarray, rng: np.random.Generator) -> index.Rows:
    small, scales = np.empty((N, WIDTH), np.int8), np.empty(N, np.float32)
    for start in range(0, N, 50_000):
        where = slice(start, min(start + 50_000, N))
        some = _drawn(middles, where.stop - where.start, rng)
        small[where] = np.rint(some * (127 / np.abs(some).max(axis=1, keepdims=True)))
        scales[where] = 1 / np.linalg.norm(small[where].astype(np.float32), axis=1)
    ids = np.arange(N)
    return index.Rows(small, scales, ids, ids, ids)


def _drawn(middles: np.ndarray, n: int, rng: np.random.Generator) -> np.ndarray:
    some = middles[rng.integers(len(middles), size=n)]
    some = some + NOISE * rng.normal(size=some.shape).astype(np.float32)
    return some / np.linalg.norm(some, axis=1, keepdims=True)


def _exact(rows: index.Rows, queries: np.ndarray, among: np.ndarray | None) -> np.ndarray:
    """The ten nearest of each, by looking at all of them, a block of rows at a time."""
    ids = np.arange(N) if among is None else among
    cosines = np.full((len(queries), K), -2, np.float32)
    best = np.zeros((len(queries), K), np.int64)
    for start in range(0, len(ids), 50_000):
        some = ids[start : start + 50_000]
        new = queries @ rows.directions(some).T
        both = np.concatenate([cosines, new], axis=1)
        names = np.concatenate([best, np.broadcast_to(some, new.shape)], axis=1)
        top = np.argpartition(-both, K - 1, axis=1)[:, :K]
        cosines, best = np.take_along_axis(both, top, 1), np.take_along_axis(names, top, 1)
    return best
