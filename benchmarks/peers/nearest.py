"""hnswlib and usearch on vectors in a file: queries a second of processor time at a recall.

Run by ``benchmarks/search.py`` in the peers' own environment; prints JSON.
"""

from __future__ import annotations

import json
import os
import sys
import time

os.environ["OMP_NUM_THREADS"] = "1"

import numpy as np

K, LINKS, BUILT, WANTED = 10, 16, 200, 0.99
BREADTHS = (10, 16, 24, 32, 48, 64, 96, 128, 192, 256, 384)


def main(peer: str, place: str) -> None:
    with np.load(place) as data:
        rows, queries, truth = data["rows"], data["queries"], data["truth"]
    build = {"hnswlib": hnswlib_index, "usearch": usearch_index}[peer]
    ask = build(rows)
    for breadth in BREADTHS:
        began = time.process_time()
        found = [ask(query, breadth) for query in queries]
        seconds = time.process_time() - began
        hits = [
            len(set(map(int, one)) & set(t)) for one, t in zip(found, truth.tolist(), strict=True)
        ]
        recall = float(np.mean(hits)) / K
        if recall >= WANTED:
            break
    print(json.dumps({"breadth": breadth, "recall": recall, "rate": len(queries) / seconds}))


def hnswlib_index(rows):
    import hnswlib

    index = hnswlib.Index(space="ip", dim=rows.shape[1])
    index.init_index(max_elements=len(rows), ef_construction=BUILT, M=LINKS)
    index.set_num_threads(1)
    index.add_items(rows, num_threads=2)

    def ask(query, breadth):
        index.set_ef(breadth)
        return index.knn_query(query[None], k=K, num_threads=1)[0][0]

    return ask


def usearch_index(rows):
    from usearch.index import Index

    index = Index(
        ndim=rows.shape[1], metric="ip", dtype="f32", connectivity=LINKS, expansion_add=BUILT
    )
    index.add(np.arange(len(rows)), rows, threads=2)

    def ask(query, breadth):
        index.expansion_search = breadth
        return index.search(query, K, threads=1).keys

    return ask


if __name__ == "__main__":
    main(*sys.argv[1:])
