"""Doubting labels: Hangtag's model, and scikit-learn's logistic regression in its place."""

from __future__ import annotations

from benchmarks.points_measured import Way, need_data, race, table

TITLE = "Audit: doubting the labels of 12,000 images, 1 % of them flipped"
REPEATS = 3
COUNT = 12_000

_DATA = f"""
import hangtag
from hangtag.rooms.audit.labels import doubts
images = hangtag.load("fashion-mnist").take(np.arange({COUNT}))
pixels, labels = images.images.reshape({COUNT}, -1), images.labels.copy()
random = np.random.default_rng(0)
flipped = random.permutation({COUNT})[:{COUNT} // 100]
labels[flipped] = (labels[flipped] + random.integers(1, 10, len(flipped))) % 10
"""
_QUALITY = (
    '"model right on": float(np.mean(found.argmax(1) == images.labels)), '
    '"flips found": float(np.isin(flipped, doubts(found, labels)[0]).mean()), '
    '"flips among the first 240": '
    "float(np.isin(doubts(found, labels)[0][:240], flipped).mean()), "
    '"doubted": len(doubts(found, labels)[0])'
)


def run() -> str:
    """Measure and describe."""
    need_data()
    ways = [
        Way(
            "Hangtag",
            _DATA + "from hangtag.rooms.audit.model import out_of_fold\n"
            "from hangtag.rooms.audit.gradients import gradients\n"
            "from hangtag.rooms.audit.likeness import Likeness\n"
            "likeness = Likeness(images.images)",
            f"edges = gradients(likeness, np.arange({COUNT}))\n"
            f"(found,) = out_of_fold((pixels, edges), (labels,), np.arange({COUNT}),"
            " n_classes=10, seed=0)",
            _QUALITY,
        ),
        Way(
            "scikit-learn, `LogisticRegression`",
            _DATA + "from sklearn.linear_model import LogisticRegression\n"
            "from sklearn.model_selection import cross_val_predict",
            "found = cross_val_predict(LogisticRegression(max_iter=100), pixels / 255.0, labels,"
            " cv=5, method='predict_proba', n_jobs=-1)",
            _QUALITY,
        ),
    ]
    return (
        f"The first {COUNT:,} of Fashion-MNIST's 60,000 training images, one label in a hundred"
        " moved to another class; five-fold probabilities by each model, then the same confident"
        " learning on both. Each way in a fresh process with its libraries imported before the"
        f" clock starts, medians of {REPEATS} runs in turn. A flip among the first 240 doubts"
        " would be found by chance at 0.01. Not all other doubts are mistakes: the set has wrong"
        " labels of its own, nobody knows how many.\n\n" + table(ways, race(ways, REPEATS))
    )


if __name__ == "__main__":
    print(run())
