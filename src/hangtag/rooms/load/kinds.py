"""Which files are images: by their suffix, else by their first bytes.

Phones and scripts write images under names that nobody expects (``.HEIC``, ``.jpg_large``, no
suffix). Each file that is an image by name or content is counted, whether it can be read or not.
To add a kind that can be read: its suffix in :data:`SUFFIXES` and its Pillow name in
`decoding.py`; one that cannot: :data:`UNREAD`, or :data:`STARTS` with the words that name it.
"""

from __future__ import annotations

import re

SUFFIXES = frozenset(
    {".png", ".jpg", ".jpeg", ".jpe", ".jfif", ".webp", ".gif", ".bmp"}
    | {".tif", ".tiff", ".ppm", ".pgm", ".pbm", ".pnm", ".avif"}
    | {".jp2", ".j2k", ".jpf", ".jpx", ".j2c", ".mpo", ".dib", ".apng"}
)
"""Suffixes of images that are read, in lower case."""

UNREAD = frozenset(
    {".heic", ".heif", ".hif", ".jxl", ".svg", ".svgz", ".psd", ".ico", ".tga", ".pcx", ".eps"}
    | {".dng", ".cr2", ".cr3", ".nef", ".arw", ".raf", ".orf", ".rw2", ".exr", ".hdr", ".qoi"}
    | {".xcf", ".dcm", ".jpg_large", ".jpg_small", ".dds", ".wmf", ".emf", ".jxr"}
)
"""Suffixes of images too; they are read if their content is of a kind that is."""

OTHERS = frozenset(
    {".txt", ".csv", ".tsv", ".json", ".jsonl", ".xml", ".yaml", ".yml", ".md", ".rst", ".log"}
    | {".npy", ".npz", ".parquet", ".arrow", ".mat", ".pkl", ".pickle", ".h5", ".hdf5", ".pt"}
    | {".pth", ".onnx", ".safetensors", ".bin", ".dat", ".db", ".sqlite", ".lnk", ".ini", ".cfg"}
    | {".zip", ".tar", ".gz", ".tgz", ".xz", ".bz2", ".7z", ".rar", ".zst"}
    | {".py", ".ipynb", ".js", ".html", ".htm", ".css", ".sh", ".bat", ".exe", ".dll", ".so"}
    | {".pdf", ".doc", ".docx", ".xls", ".xlsx", ".ods", ".ppt", ".pptx", ".toml", ".lock"}
    | {".mp4", ".mov", ".avi", ".mkv", ".webm", ".mp3", ".wav", ".flac", ".m4a", ".ogg"}
)
"""Suffixes of what is no image, so that a file for each image (boxes, say) need not be opened."""

STARTS: tuple[tuple[re.Pattern[bytes], str], ...] = tuple(
    (re.compile(pattern, re.DOTALL), kind)
    for pattern, kind in (
        (rb"\x89PNG\r\n", "PNG"),
        (rb"\xff\xd8\xff", "JPEG"),
        (rb"GIF8[79]a", "GIF"),
        (rb"RIFF....WEBP", "WebP"),
        (rb"BM.{12}[\x0c\x28\x34\x38\x40\x6c\x7c]\0\0\0", "BMP"),
        (rb"II[\x2a\x2b]\0|MM\0[\x2a\x2b]", "TIFF"),
        (rb"P[1-6]\s+(#|\d+\s+\d)", "PPM"),
        (rb"....ftyp(avif|avis)", "AVIF"),
        (rb"....ftyp(hei[cxms]|hev[cxms]|mif1|msf1)", "HEIC"),
        (rb"\0\0\0\x0cjP  |\xff\x4f\xff\x51", "JPEG 2000"),
        (rb"\0\0\0\x0cJXL |\xff\x0a", "JPEG XL"),
        (rb"8BPS\0[\1\2]", "Photoshop"),
        (rb"\s*<svg|\s*<\?xml[^>]*>.{0,200}<svg", "SVG"),
        (rb"%!PS-Adobe", "PostScript"),
        (rb".{128}DICM", "DICOM"),
    )
)
"""First bytes, and what people call the kind."""

ENOUGH = 512
"""So many first bytes tell the kind."""

READ = frozenset({"PNG", "JPEG", "GIF", "WebP", "BMP", "TIFF", "PPM", "AVIF", "JPEG 2000"})
"""Kinds of :data:`STARTS` that are read."""

_IMAGES_IN_ANY_CASE = READ | {"HEIC", "Photoshop"}
"""The others begin with text or with too few bytes to make a file of unknown name an image."""


def kind_of(start: bytes) -> str:
    """The kind of image that begins with `start`, such as ``HEIC``; empty for no image."""
    return next((kind for pattern, kind in STARTS if pattern.match(start)), "")


def is_image_by_name(name: str) -> bool | None:
    """Whether a file called `name` is an image; None where only its content can say."""
    dot = name.rfind(".")
    suffix = name[dot:].lower() if dot > 0 else ""
    if suffix in SUFFIXES or suffix in UNREAD:
        return True
    return False if suffix in OTHERS else None


def is_image_by_content(start: bytes) -> bool:
    """Whether a file of an unknown name is an image: text that looks like one does not count."""
    return kind_of(start) in _IMAGES_IN_ANY_CASE
