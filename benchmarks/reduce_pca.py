"""Principal axes of 60,000 images: Hangtag and scikit-learn's exact solvers."""

from __future__ import annotations

from benchmarks.points_measured import Way, need_data, race, table

TITLE = "Reduce: exact PCA of Fashion-MNIST's 60,000 training images"
REPEATS = 3

_DATA = """
import hangtag
pixels = hangtag.load("fashion-mnist").images[:60000].reshape(60000, -1)
"""
_QUALITY = '"components for 95 %": {count}, "first share": "%.6f" % {first}'


def run() -> str:
    """Measure and describe."""
    need_data()
    ways = [
        Way(
            "Hangtag",
            _DATA + "from hangtag.geometry import fit_pca; fit_pca(pixels[:50])",
            "axes = fit_pca(pixels, share=0.95)",
            _QUALITY.format(count="len(axes)", first="axes.ratios[0]"),
        ),
        *(
            Way(
                f"scikit-learn, `{solver}`",
                _DATA + "from sklearn.decomposition import PCA; PCA(2).fit(pixels[:50])",
                f"axes = PCA(0.95, svd_solver={solver!r}).fit(pixels)",
                _QUALITY.format(
                    count="int(axes.n_components_)", first="axes.explained_variance_ratio_[0]"
                ),
            )
            for solver in ("covariance_eigh", "full")
        ),
    ]
    return (
        "60,000 × 784 uint8 pixels, each way in a fresh process with its library imported before"
        f" the clock starts, medians of {REPEATS} runs in turn. Bar: at most 3 s. `full` is what"
        " `PCA(0.95)` meant before scikit-learn 1.5, `covariance_eigh` is what it chooses now.\n\n"
        + table(ways, race(ways, REPEATS))
    )


if __name__ == "__main__":
    print(run())
