"""The S1 study's Gaussian mixture sweep: Hangtag and the loop over scikit-learn."""

from __future__ import annotations

import statistics

from benchmarks.sweeps_measured import FULL, HEAD, SAMPLE, Way, in_turn

TITLE = "Cluster: the Gaussian mixture sweep of study S1"
KS = tuple(range(5, 41, 5))
N_INIT = 10 if FULL else 1

_OURS = "sweep = mixture_sweep(points, {ks}, n_init={n}, seed=42)"
_LOOP = """
models = [GaussianMixture(k, n_init={n}, random_state=42).fit(points) for k in {ks}]
criteria = [model.bic(points) for model in models]
others = [model.aic(points) for model in models]
"""


def run() -> str:
    """Measure and describe."""
    ours = (
        SAMPLE + "from hangtag.rooms.cluster import mixture_sweep\nmixture_sweep(points[:500], [2])"
    )
    theirs = (
        SAMPLE + "from sklearn.mixture import GaussianMixture\n"
        "GaussianMixture(2).fit(points[:500]).bic(points[:500])"
    )
    asked = {"ks": KS, "n": N_INIT}
    ways = [
        Way("Hangtag", ours, _OURS.format(**asked), "[row.bic for row in sweep.rows]"),
        Way("scikit-learn, a loop", theirs, _LOOP.format(**asked), "[float(b) for b in criteria]"),
    ]
    found = in_turn(ways)
    rows = "\n".join(f"| {way.name} | {one} |" for way, one in zip(ways, found, strict=True))
    ratio = found[1].seconds / found[0].seconds
    processor = statistics.median(found[1].processor) / statistics.median(found[0].processor)
    pairs = list(zip(found[0].facts, found[1].facts, strict=True))
    apart = max(abs(one / other - 1) for one, other in pairs)
    choices = [KS[min(range(len(KS)), key=one.facts.__getitem__)] for one in found]
    part = (
        ""
        if FULL
        else (
            f" The study takes 10 starts; {N_INIT} is run here on both sides, which keeps the "
            "ratio. HANGTAG_BENCH_FULL=1 runs all."
        )
    )
    return (
        f"10,000 images on the axes of 95 % of the variance, full covariance, k = {KS[0]}…"
        f"{KS[-1]} by 5, {N_INIT} starts from k-means each, seed 42, AIC and BIC. Libraries are "
        "imported and warm. Three repeats in turn.\n\n"
        f"{HEAD}\n|---|---|---|---|\n{rows}\n\n"
        f"Ratio: **{ratio:.1f}×** in time, {processor:.1f}× in processor seconds. Bar: 5×.\n\n"
        f"BIC, greatest relative difference over k: {apart:.1e} (bar: 5e-3). Lowest BIC at k = "
        f"{choices[0]} (Hangtag) and {choices[1]} (scikit-learn).{part}"
    )


if __name__ == "__main__":
    print(run())
