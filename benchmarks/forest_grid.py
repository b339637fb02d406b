"""The S1 study's forest grids, on pixels and with PCA: Hangtag and the loop over scikit-learn."""

from __future__ import annotations

from benchmarks.sweeps_measured import FULL, POINTS, Measured, Way, in_turn

TITLE = "Forest: the two grids of study S1"
DEPTHS = tuple(range(5, 51, 5))
GRIDS = {"pixels": tuple(range(50, 751, 50)), "PCA 95 %": tuple(range(50, 171, 20))}
BARS = {"pixels": 10, "PCA 95 %": 8}
SMALL = (10, 20)
"""Sizes at which the peer is timed at every depth; its time is a line through both."""

_DATA = (
    POINTS
    + """
train, choose = images.images[division.train], images.images[division.validation]
axes = fit_pca(train, share=0.95) if {pca} else None
x, v = (
    axes.transform(one) if axes else one.reshape(len(one), -1).astype(np.float32)
    for one in (train, choose)
)
y, w = images.labels[division.train], images.labels[division.validation]
"""
)
_OURS = """
found, trees = grid(x, y, validation=(v, w), n_estimators={sizes}, max_depths={depths},
                    depths="{way}", seed=0)
"""
_LOOP = """
cells = []
for size in {sizes}:
    for depth in {depths}:
        started = time.perf_counter()
        model = RandomForestClassifier(size, max_depth=depth, random_state=0, n_jobs=-1).fit(x, y)
        for points, labels in ((x, y), (v, w)):
            answers = model.predict(points)
            accuracy = accuracy_score(labels, answers)
            scores(labels, answers, average="weighted", zero_division=0)
        cells.append([size, depth, accuracy, time.perf_counter() - started])
"""
_FACTS = "[[*c.parameters.values(), c.validation.accuracy] for c in found.rows]"


def run() -> str:
    """Measure and describe."""
    parts = [_grid(name, sizes) for name, sizes in GRIDS.items()]
    scale = (
        "Hangtag computes whole grids."
        if FULL
        else f"Both run forests of {SMALL[0]} and {SMALL[1]} trees at every depth, once; the "
        "seconds of the whole grid are extrapolated: for the loop by a line through the two sizes "
        "at each depth, for Hangtag by the number of trees of the largest forest, which does cut "
        "grids wrong: they grow some trees again to measure the difference. "
        "HANGTAG_BENCH_FULL=1 runs Hangtag's whole grids."
    )
    return (
        "21,964 training and 5,491 validation images, depths 5 to 50 by 5, seed 0; accuracy, "
        "weighted precision, recall and F1 on both for every cell; both sides use all cores. "
        f"{scale} The loop would take hours, so it is always extrapolated.\n\n" + "\n\n".join(parts)
    )


def _grid(name: str, sizes: tuple[int, ...]) -> str:
    pca = name != "pixels"
    data = _DATA.format(pca=pca)
    ours = data + "from hangtag.rooms.forest import grid"
    theirs = data + (
        "from sklearn.ensemble import RandomForestClassifier\n"
        "from sklearn.metrics import accuracy_score, precision_recall_fscore_support as scores\n"
    )
    asked = SMALL + sizes if FULL else SMALL
    ways = [
        Way(way, ours, _OURS.format(sizes=asked, depths=DEPTHS, way=way), _FACTS)
        for way in ("grown", "cut")
    ]
    ways.append(Way("loop", theirs, _LOOP.format(sizes=SMALL, depths=DEPTHS), "cells"))
    grown, cut, loop = in_turn(ways, repeats=1)
    part = sizes[-1] / asked[-1]
    whole = _whole_loop(loop, sizes)
    rows = "\n".join(
        f"| {words} | {one.seconds:.0f} | {one.seconds * part:.0f} | "
        f"**{whole / (one.seconds * part):.1f}×** | {one.peak:.0f} MB |"
        for words, one in (("Hangtag, grown", grown), ("Hangtag, cut", cut))
    )
    return (
        f"**{name}**, {len(sizes) * len(DEPTHS)} cells, {sizes[0]} to {sizes[-1]} trees:\n\n"
        "| way | seconds measured | seconds of the whole grid | loop ÷ ours | peak memory |\n"
        f"|---|---|---|---|---|\n{rows}\n"
        f"| scikit-learn, a loop | {loop.seconds:.0f} | {whole:.0f} | 1 | {loop.peak:.0f} MB |\n\n"
        f"Bar: {BARS[name]}×. Cells with other validation accuracy than scikit-learn's: "
        f"{_other(grown, loop)} of {len(loop.facts)} compared."
    )


def _whole_loop(loop: Measured, sizes: tuple[int, ...]) -> float:
    seconds = 0.0
    for depth in DEPTHS:
        low, high = (
            next(cell[3] for cell in loop.facts if cell[:2] == [size, depth]) for size in SMALL
        )
        slope = (high - low) / (SMALL[1] - SMALL[0])
        seconds += sum(low + slope * (size - SMALL[0]) for size in sizes)
    return seconds


def _other(grown: Measured, loop: Measured) -> int:
    known = {(cell[0], cell[1]): cell[2] for cell in grown.facts}
    both = [cell for cell in loop.facts if (cell[0], cell[1]) in known]
    return sum(known[cell[0], cell[1]] != cell[2] for cell in both)


if __name__ == "__main__":
    print(run())
