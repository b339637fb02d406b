"""Small real sources in every format, written by the libraries that people write them with."""

from __future__ import annotations

import gzip
import json
import struct
import zipfile
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

CODES = (0, 2, 3, 7)
"""Label codes with gaps."""


def _images(n: int, shape: tuple[int, ...], seed: int) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (n, *shape), dtype=np.uint8)


@pytest.fixture(scope="session")
def small() -> SimpleNamespace:
    """24 training and 8 test images, 6×6 grey, labels with gaps."""
    return SimpleNamespace(
        x_train=_images(24, (6, 6), 1),
        y_train=np.array([CODES[i % 4] for i in range(24)]),
        x_test=_images(8, (6, 6), 2),
        y_test=np.array([CODES[i % 4] for i in range(8)]),
        codes=CODES,
    )


@pytest.fixture(scope="session")
def holds(small):
    """Check that a set is the small one, pixel for pixel."""

    def check(images, *, names=None, ordered=True):
        assert images.images.dtype == np.uint8
        assert images.labels.dtype == np.int64
        assert dict(images.parts) == {"train": range(24), "test": range(24, 32)}
        pixels = np.concatenate([small.x_train, small.x_test])
        labels = np.concatenate([small.y_train, small.y_test])
        order = np.arange(32)
        if not ordered:  # trees come sorted by class inside each part
            order = np.concatenate(
                [
                    np.argsort(small.y_train, kind="stable"),
                    24 + np.argsort(small.y_test, kind="stable"),
                ]
            )
        assert np.array_equal(images.images[..., 0], pixels[order])
        codes = np.array(images.class_codes)[images.labels]
        assert codes.tolist() == labels[order].tolist()
        assert images.class_codes == CODES
        assert images.class_names == tuple(names or map(str, CODES))

    return check


def idx_bytes(values: np.ndarray) -> bytes:
    return (
        struct.pack(f">HBB{values.ndim}I", 0, 8, values.ndim, *values.shape)
        + values.astype(np.uint8).tobytes()
    )


def idx(folder: Path, small, *, pack=True) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for stem, part in (("train", "train"), ("t10k", "test")):
        for what, key, dimensions in (("images", "x", 3), ("labels", "y", 1)):
            content = idx_bytes(getattr(small, f"{key}_{part}"))
            name = f"{stem}-{what}-idx{dimensions}-ubyte"
            if pack:
                (folder / f"{name}.gz").write_bytes(gzip.compress(content, mtime=0))
            else:
                (folder / name).write_bytes(content)
    return folder


def csv_text(pixels, labels, *, header=True, label_at=0, separator=",") -> str:
    flat = pixels.reshape(len(pixels), -1)
    lines = []
    if header:
        names = [f"pixel{i + 1}" for i in range(flat.shape[1])]
        names.insert(label_at % (flat.shape[1] + 1), "label")
        lines.append(separator.join(names))
    for row, label in zip(flat, labels, strict=True):
        fields = [str(int(value)) for value in row]
        fields.insert(label_at % (flat.shape[1] + 1), str(label))
        lines.append(separator.join(fields))
    return "\n".join(lines) + "\n"


def csv(folder: Path, small, **how) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for part in ("train", "test"):
        text = csv_text(getattr(small, f"x_{part}"), getattr(small, f"y_{part}"), **how)
        (folder / f"{part}.csv").write_text(text)
    return folder


def image_file(path: Path, pixels: np.ndarray, **how) -> Path:
    from PIL import Image

    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(path, **how)
    return path


def tree(folder: Path, small, parts=("train", "test")) -> Path:
    for written, part in zip(parts, ("train", "test"), strict=True):
        pixels, labels = getattr(small, f"x_{part}"), getattr(small, f"y_{part}")
        for number, (image, label) in enumerate(zip(pixels, labels, strict=True)):
            image_file(folder / written / str(label) / f"{number:03d}.png", image)
    return folder


def manifest(folder: Path, small, name="labels.csv") -> Path:
    lines = ["path,label,split"]
    for part in ("train", "test"):
        pixels, labels = getattr(small, f"x_{part}"), getattr(small, f"y_{part}")
        for number, (image, label) in enumerate(zip(pixels, labels, strict=True)):
            inside = f"pictures/{part}{number:03d}.png"
            image_file(folder / inside, image)
            lines.append(f"{inside},{label},{part}")
    (folder / name).write_text("\n".join(lines) + "\n")
    return folder


def imagefolder(folder: Path, small, kind="csv") -> Path:
    for part in ("train", "test"):
        pixels, labels = getattr(small, f"x_{part}"), getattr(small, f"y_{part}")
        records = []
        for number, (image, label) in enumerate(zip(pixels, labels, strict=True)):
            image_file(folder / part / f"{number:03d}.png", image)
            records.append({"file_name": f"{number:03d}.png", "label": int(label)})
        if kind == "csv":
            lines = ["file_name,label", *(f"{one['file_name']},{one['label']}" for one in records)]
        else:
            lines = [json.dumps(one) for one in records]
        (folder / part / f"metadata.{kind}").write_text("\n".join(lines) + "\n")
    return folder


def parquet(folder: Path, small, *, encoded=True, names=None) -> Path:
    import io

    import polars
    from PIL import Image

    folder.mkdir(parents=True, exist_ok=True)
    for part in ("train", "test"):
        pixels, labels = getattr(small, f"x_{part}"), getattr(small, f"y_{part}")
        if encoded:
            contents = []
            for image in pixels:
                buffer = io.BytesIO()
                Image.fromarray(image).save(buffer, "PNG")
                contents.append({"bytes": buffer.getvalue(), "path": None})
            kind = polars.Struct({"bytes": polars.Binary, "path": polars.String})
            columns = {"image": polars.Series(contents, dtype=kind), "label": labels}
        else:
            flat = pixels.reshape(len(pixels), -1)
            columns = {"label": labels} | {f"pixel{i}": flat[:, i] for i in range(flat.shape[1])}
        metadata = None
        if names is not None:
            feature = {"label": {"names": list(names), "_type": "ClassLabel"}}
            metadata = {"huggingface": json.dumps({"info": {"features": feature}})}
        polars.DataFrame(columns).write_parquet(
            folder / f"{part}-00000-of-00001.parquet", metadata=metadata
        )
    return folder


def zipped(path: Path, folder: Path) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in sorted(folder.rglob("*")):
            if file.is_file():
                archive.write(file, file.relative_to(folder.parent))
    return path


@pytest.fixture(scope="session")
def write() -> SimpleNamespace:
    """The writers above."""
    return SimpleNamespace(
        idx=idx,
        idx_bytes=idx_bytes,
        csv=csv,
        csv_text=csv_text,
        image=image_file,
        tree=tree,
        manifest=manifest,
        imagefolder=imagefolder,
        parquet=parquet,
        zipped=zipped,
    )
