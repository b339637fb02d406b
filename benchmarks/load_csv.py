"""Loading a pixel table of 83 MB: Hangtag and pandas."""

from __future__ import annotations

import lzma
import shutil
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.load_measured import PEERS, Contender, data, need_peers, race, table

TITLE = "Load: the 83 MB pixel table of Sign-Language-MNIST"
ROWS = 27_455

_USUAL = """
frame = pd.read_csv(path)
labels = frame.pop("label").to_numpy()
result = frame.to_numpy().astype("uint8").reshape(-1, 28, 28, 1)
"""


def run() -> str:
    """Measure and describe."""
    need_peers()
    packed = data("sign-mnist") / "sign_mnist_train.csv.xz"
    with TemporaryDirectory() as name:
        plain = Path(name) / "sign_mnist_train.csv"
        with lzma.open(packed) as source, plain.open("wb") as target:
            shutil.copyfileobj(source, target)
        tables = [
            f"Plain, {plain.stat().st_size / 1e6:.0f} MB:\n\n{_race(plain)}",
            f"The same as .xz, {packed.stat().st_size / 1e6:.0f} MB:\n\n{_race(packed)}",
        ]
    return (
        "27,455 images of 28×28, each way in a fresh process, libraries imported and warmed on"
        " a table of one line before the clock starts, medians of five runs in turn. Bars for the"
        " plain file: at most 3 s, at most 3 times the 21.5 MB of the array.\n\n"
        + "\n\n".join(tables)
        + "\n\nMemory above the start is the highest resident size of the process less that"
        " before loading. Unpacking xz is most of the time of the second table, and needs 64 MB"
        " itself for a file that was packed with `xz -9`."
    )


def _race(path: Path) -> str:
    contenders = [
        Contender(
            "Hangtag",
            "import pathlib, tempfile\nfrom hangtag.rooms.load import load\n"
            "with tempfile.TemporaryDirectory() as name:\n"
            "    path = pathlib.Path(name, 'set.csv')\n"
            "    path.write_text('1,2,3,4,5\\n')\n    load(path)",
            f"result = load({str(path)!r}).images",
            f"result.shape == ({ROWS}, 28, 28, 1)",
        ),
        Contender(
            "pandas",
            "import io, pandas as pd\npd.read_csv(io.StringIO('a,b\\n1,2\\n')).to_numpy()\n"
            f"path = {str(path)!r}",
            _USUAL,
            f"result.shape == ({ROWS}, 28, 28, 1)",
            PEERS,
        ),
    ]
    return table(contenders, race(contenders), ROWS * 784)


if __name__ == "__main__":
    print(run())
