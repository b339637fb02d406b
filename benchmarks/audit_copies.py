"""Copies and leaks among 70,000 images: Hangtag, and the usual nearest-neighbour search."""

from __future__ import annotations

from benchmarks.points_measured import Way, need_data, race, table

TITLE = "Audit: copies, near-copies and leaks among 70,000 images"
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
            '"near-copies of training images in the test": '
            'found.checks["leaks"]["train to test"]["near"], '
            '"closest, grey levels": '
            'found.checks["leaks"]["train to test"]["closest"][0]["grey_levels"]',
        ),
        Way(
            "scikit-learn, each test image's nearest training image",
            _DATA + "from sklearn.neighbors import NearestNeighbors\n"
            "pixels = images.images.reshape(70000, -1).astype(np.float32)",
            "near = NearestNeighbors(n_neighbors=1, algorithm='brute').fit(pixels[:60000])\n"
            "distances, _ = near.kneighbors(pixels[60000:])",
            '"closest, grey levels": round(float(distances.min()) / 28, 3)',
        ),
        Way(
            "scikit-learn, every image's nearest other image",
            _DATA + "from sklearn.neighbors import NearestNeighbors\n"
            "pixels = images.images.reshape(70000, -1).astype(np.float32)",
            "near = NearestNeighbors(n_neighbors=2, algorithm='brute').fit(pixels)\n"
            "distances, _ = near.kneighbors(pixels)",
        ),
    ]
    return (
        "Fashion-MNIST's 70,000 images, each way in a fresh process with its libraries imported"
        f" before the clock starts, medians of {REPEATS} runs in turn. Bar: at most 20 s. Hangtag"
        " finds equal and near-equal images, moved by a pixel or of other brightness and"
        " contrast, too, groups them, and measures how near a sample of the rest comes; the"
        " searches of scikit-learn are only the nearest neighbours of images as they are.\n\n"
        + table(ways, race(ways, REPEATS))
    )


if __name__ == "__main__":
    print(run())
