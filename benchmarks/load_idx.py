"""Loading Fashion-MNIST from its gzip IDX files: Hangtag, and gzip with numpy.frombuffer."""

from __future__ import annotations

from benchmarks.load_measured import Contender, data, race, table

TITLE = "Load: 70,000 images from gzip IDX"

_USUAL = """
def read(name, skip):
    with gzip.open(f"{folder}/{name}-ubyte.gz", "rb") as file:
        return np.frombuffer(file.read(), np.uint8, offset=skip)
result = [read(f"{part}-images-idx3", 16).reshape(-1, 28, 28) for part in ("train", "t10k")]
result += [read(f"{part}-labels-idx1", 8) for part in ("train", "t10k")]
"""


def run() -> str:
    """Measure and describe."""
    folder = data("fashion-mnist")
    contenders = [
        Contender(
            "Hangtag, `load(folder)`",
            "from hangtag.rooms.load import load, loading",
            f"result = load({str(folder)!r})",
            "result.images.shape == (70_000, 28, 28, 1)",
        ),
        Contender(
            "Hangtag, `load('fashion-mnist')`, all checksums compared",
            "from hangtag.rooms.load import load, loading",
            "result = load('fashion-mnist')",
            "result.images.shape == (70_000, 28, 28, 1)",
        ),
        Contender(
            "gzip.open and numpy.frombuffer",
            f"import gzip, numpy as np; folder = {str(folder)!r}",
            _USUAL,
            "sum(map(len, result[:2])) == 70_000",
        ),
    ]
    results = race(contenders)
    return (
        "The four official files, each way in a fresh process, imports not counted, medians of"
        " five runs in turn. Bars: at most 2 s, at most 250 MB for the whole process.\n\n"
        f"{table(contenders, results, 70_000 * 784)}\n\n"
        "The usual way checks nothing and gives four arrays; Hangtag gives one array for all"
        " parts, after checking header, length and (by name) SHA-256 of everything."
    )


if __name__ == "__main__":
    print(run())
