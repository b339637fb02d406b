"""The S1 study's k-means sweep with silhouettes: Hangtag and the loop over scikit-learn."""

from __future__ import annotations

import statistics

from benchmarks.sweeps_measured import FULL, HEAD, SAMPLE, Way, in_turn

TITLE = "Cluster: the k-means sweep of study S1"
KS = tuple(range(5, 41, 5))
N_INIT = 50 if FULL else 10

_OURS = """
sweep = kmeans_sweep(points, {ks}, n_init={n}, init="random", seed=42, patience={patience})
"""
_LOOP = """
models, scores = [], []
for k in {ks}:
    models.append(KMeans(n_clusters=k, random_state=42, init="random", n_init={n}).fit(points))
scores = [silhouette_score(points, model.labels_) for model in models]
"""


def run() -> str:
    """Measure and describe."""
    ours = (
        SAMPLE + "from hangtag.rooms.cluster import kmeans_sweep\nkmeans_sweep(points[:500], [3])"
    )
    theirs = (
        SAMPLE
        + "from sklearn.cluster import KMeans\nfrom sklearn.metrics import silhouette_score\n"
        "silhouette_score(points[:500], KMeans(3, n_init=1).fit(points[:500]).labels_)"
    )
    facts = "[[row.inertia, row.silhouette] for row in sweep.rows]"
    asked = {"ks": KS, "n": N_INIT}
    ways = [
        Way("Hangtag", ours, _OURS.format(**asked, patience=100), facts),
        Way("Hangtag, no start given up", ours, _OURS.format(**asked, patience=0), facts),
        Way(
            "scikit-learn, a loop",
            theirs,
            _LOOP.format(**asked),
            "[[float(m.inertia_), float(s)] for m, s in zip(models, scores)]",
        ),
    ]
    found = in_turn(ways)
    rows = "\n".join(f"| {way.name} | {one} |" for way, one in zip(ways, found, strict=True))
    ratio = found[2].seconds / found[0].seconds
    exact = found[2].seconds / found[1].seconds
    processor = statistics.median(found[2].processor) / statistics.median(found[0].processor)
    worst, apart = (_apart(found[at].facts, found[2].facts) for at in (0, 1))
    return (
        f"10,000 images on the axes of 95 % of the variance, k = {KS[0]}…{KS[-1]} by 5, "
        f"{N_INIT} random starts each, seed 42, silhouettes of all images for every k. Libraries "
        "are imported and warm. Three repeats in turn.\n\n"
        f"{HEAD}\n|---|---|---|---|\n{rows}\n\n"
        f"Ratio to Hangtag: **{ratio:.1f}×** in time, {processor:.1f}× in processor seconds; with "
        f"no start given up {exact:.1f}×. Bar: 5×.\n\nBest inertia, greatest relative difference "
        f"over k: {worst[0]:.1e} (no start given up: {apart[0]:.1e}; bar: 5e-3). Silhouette, "
        f"greatest difference: {worst[1]:.1e} (no start given up: {apart[1]:.1e}). {_part()}"
    )


def _part() -> str:
    if FULL:
        return ""
    return (
        f"The study takes 50 starts; {N_INIT} are run here on both sides, which keeps the ratio of "
        "the runs but gives the silhouettes five times their weight, and leaves fewer starts to "
        "give up. HANGTAG_BENCH_FULL=1 runs all."
    )


def _apart(ours: list[list[float]], theirs: list[list[float]]) -> tuple[float, float]:
    pairs = list(zip(ours, theirs, strict=True))
    inertia = max(abs(one[0] / other[0] - 1) for one, other in pairs)
    return inertia, max(abs(one[1] - other[1]) for one, other in pairs)


if __name__ == "__main__":
    print(run())
