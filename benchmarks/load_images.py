"""Loading 27,455 small PNG files from class folders: Hangtag, Keras, and a loop over Pillow."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.load_measured import PEERS, Contender, data, need_peers, race, table

TITLE = "Load: 27,455 small PNG files in class folders"
ROWS = 27_455

_LOOP = """
images, labels = [], []
for number, place in enumerate(sorted(pathlib.Path(folder).iterdir())):
    for path in sorted(place.iterdir()):
        with Image.open(path) as image:
            images.append(np.asarray(image))
        labels.append(number)
result = np.stack(images)
"""

_KERAS = """
batches = keras.utils.image_dataset_from_directory(
    folder, color_mode="grayscale", image_size=(28, 28), batch_size=1024, shuffle=False, verbose=0)
result = np.concatenate([images.numpy().astype("uint8") for images, _ in batches])
"""


def run() -> str:
    """Measure and describe."""
    need_peers()
    data("sign-mnist")
    with TemporaryDirectory() as name:
        _write(Path(name))
        contenders = [
            Contender(
                "Hangtag",
                "from hangtag.rooms.load import load, gathering",
                f"result = load({name!r}).images",
                f"result.shape == ({ROWS}, 28, 28, 1)",
            ),
            Contender(
                "a loop over Pillow",
                f"import pathlib, numpy as np\nfrom PIL import Image\nfolder = {name!r}",
                _LOOP,
                f"result.shape == ({ROWS}, 28, 28)",
            ),
            Contender(
                "`keras.utils.image_dataset_from_directory`",
                f"import keras, numpy as np, tensorflow\nfolder = {name!r}",
                _KERAS,
                f"result.shape == ({ROWS}, 28, 28, 1)",
                PEERS,
            ),
        ]
        results = race(contenders)
    return (
        "The training images of Sign-Language-MNIST as PNG files in 24 folders, each way in a"
        " fresh process, imports not counted, medians of five runs in turn, files in the cache"
        f" of the system. Bar: at most 20 s.\n\n{table(contenders, results, ROWS * 784)}\n\n"
        "The loop checks nothing: not the number of pixels before decoding, nor sizes, colours or"
        " damage. Keras decodes in TensorFlow's own threads; Hangtag and the loop spend most of"
        " their time in Pillow's Python around each file, which larger images hide."
    )


def _write(folder: Path) -> None:
    from PIL import Image

    from hangtag.rooms.load import load

    images = load("sign-mnist")
    for index in images.parts["train"]:
        place = folder / images.class_names[images.labels[index]]
        place.mkdir(exist_ok=True)
        Image.fromarray(images.images[index, ..., 0]).save(place / f"{index:05d}.png")


if __name__ == "__main__":
    print(run())
