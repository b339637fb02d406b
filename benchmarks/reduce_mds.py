"""MDS of 5,000 images: Hangtag and scikit-learn."""

from __future__ import annotations

from benchmarks.points_measured import SIGN_TRAIN, Way, need_data, race, table

TITLE = "Reduce: MDS of 5,000 of the Sign study's training images"
REPEATS = 3
COUNT = 5_000

_SETUP = SIGN_TRAIN.format(count=COUNT)


def run() -> str:
    """Measure and describe."""
    need_data()
    ways = [
        Way(
            "Hangtag",
            _SETUP + "from hangtag.rooms.reduce import mds\n"
            "from hangtag.rooms.reduce.method import Points\n"
            "from hangtag.progress import silent",
            "found = mds.place(Points(points, axes), dimensions=2, seed=0, progress=silent)",
            '"stress": found.quality["stress"], "steps": found.options["steps"]',
        ),
        *(
            Way(
                f"scikit-learn, `init={init!r}`",
                _SETUP + "from sklearn.manifold import MDS",
                f"found = MDS(n_init=1, init={init!r}, random_state=0, normalized_stress=True,"
                " n_jobs=-1).fit(points)",
                '"stress": float(found.stress_), "steps": int(found.n_iter_)',
            )
            for init in ("classical_mds", "random")
        ),
    ]
    return (
        f"{COUNT:,} images after PCA to 95 % of the variance, metric MDS to 2 dimensions, at most"
        " 300 steps with scikit-learn's stopping rule for all, one start each, in a fresh process"
        f" with its libraries imported before the clock starts, medians of {REPEATS} runs in turn."
        " Stress is Kruskal's stress-1, less is better. Hangtag starts where `classical_mds` does."
        " Bar: no slower at equal stress.\n\n" + table(ways, race(ways, REPEATS))
    )


if __name__ == "__main__":
    print(run())
