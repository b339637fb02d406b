"""Copies and leaks among 70,000 pictures: Hangtag, and the usual nearest-neighbour search."""

from __future__ import annotations

from benchmarks.points_measured import Way, need_data, race, table

TITLE = "Audit: copies, near-copies and leaks among 70,000 pictures"
REPEATS = 3

_DATA = 'import hangtag\nimages = hangtag.load("fashion-mnist")\n'


def run() -> str:
    """Measure and describe."""
    need_data()
    ways = [
        Way(
            "Hangtag, all of it",
            _DATA + "from hangtag.rooms.audit import audit\n"
            "audit(images.take(np.arange(500)), checks=['duplicates', 'leaks'])",
            "found = audit(images, checks=['duplicates', 'leaks'])",
            '"near-copies of training pictures in the test": '
            'found.checks["leaks"]["train to test"]["near"], '
            '"closest, grey levels": '
            'found.checks["leaks"]["train to test"]["closest"][0]["grey_levels"]',
        ),
        Way(
            "scikit-learn, each test picture's nearest training picture",
            _DATA + "from sklearn.neighbors import NearestNeighbors\n"
            "pixels = images.images.reshape(70000, -1).astype(np.float32)",
            "near = NearestNeighbors(n_neighbors=1, algorithm='brute').fit(pixels[:60000])\n"
            "distances, _ = near.kneighbors(pixels[60000:])",
            '"closest, grey levels": round(float(distances.min()) / 28, 3)',
        ),
        Way(
            "scikit-learn, every picture's nearest other picture",
            _DATA + "from sklearn.neighbors import NearestNeighbors\n"
            "pixels = images.images.reshape(70000, -1).astype(np.float32)",
            "near = NearestNeighbors(n_neighbors=2, algorithm='brute').fit(pixels)\n"
            "distances, _ = near.kneighbors(pixels)",
        ),
    ]
    return (
        "Fashion-MNIST's 70,000 pictures, each way in a fresh process with its libraries imported"
        f" before the clock starts, medians of {REPEATS} runs in turn. Bar: at most 20 s. Hangtag"
        " finds equal and near-equal pictures, moved by a pixel or of other brightness and"
        " contrast, too, groups them, and measures how near a sample of the rest comes; the"
        " searches of scikit-learn are only the nearest neighbours of pictures as they are.\n\n"
        + table(ways, race(ways, REPEATS))
    )


if __name__ == "__main__":
    print(run())
