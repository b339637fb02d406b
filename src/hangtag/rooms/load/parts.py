"""The words that sources call their parts by: one vocabulary for folders, files, columns and keys.

``training_images``, ``seg_train``, ``val2017``, ``test-set`` and ``t10k`` all speak of a part. A
name is a part's when one of its words is and all the others say nothing, such as ``images`` or a
year. To add a word: :data:`PART_WORDS` or :data:`SILENT_WORDS`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

PART_WORDS = {
    **dict.fromkeys(("train", "training", "trn", "trainval"), "train"),
    **dict.fromkeys(("val", "valid", "validation", "validate", "dev", "devel"), "validation"),
    **dict.fromkeys(("test", "testing", "tst", "t10k", "holdout"), "test"),
}
"""How sources call their parts, and how Hangtag does."""

SILENT_WORDS = frozenset(
    {
        "image",
        "images",
        "img",
        "imgs",
        "ims",
        "pic",
        "pics",
        "picture",
        "pictures",
        "photo",
        "photos",
    }
    | {"set", "sets", "data", "dataset", "split", "part", "samples", "files", "folder", "seg"}
    | {"the", "my", "all", "new", "final", "original", "orig", "raw", "jpg", "png", "x"}
)
"""Words beside a part's that do not make the name a class's."""

PART_ORDER = ("train", "validation", "test")
"""The order of parts in an image set; other parts follow in order of their names."""


def words_of(name: str) -> list[str]:
    """The words of a name in lower case; ``trainImages2017`` has three, a number being one."""
    # A new word begins at a capital and at a number, but t10k (MNIST's "test, 10 thousand") is one.
    apart = re.sub(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Za-z])(?=\d)(?!10k)", " ", name)
    return [word.lower() for word in re.split(r"[\W_]+", apart) if word]


def part_name(name: str) -> str | None:
    """The part a folder, file or key called `name` stands for; None when it is none."""
    words = words_of(name)
    parts = {part for word in words if (part := PART_WORDS.get(word))}
    others = [word for word in words if word not in PART_WORDS]
    silent = all(word in SILENT_WORDS or word.isdigit() for word in others)
    return parts.pop() if len(parts) == 1 and silent else None


def part_in(name: str) -> str | None:
    """The part that a file name such as ``sign_mnist_train`` or ``t10k-images`` speaks of."""
    named = [part for word in words_of(name) if (part := PART_WORDS.get(word))]
    return named[-1] if named else None


def part_rank(part: str) -> tuple[int, str]:
    """Sort key that puts train first, then validation, then test, then the others by name."""
    place = PART_ORDER.index(part) if part in PART_ORDER else len(PART_ORDER)
    return place, part


def ranges(sizes: Mapping[str, int]) -> dict[str, range]:
    """Part sizes, in order, to the ranges they take up one after the other."""
    parts, start = {}, 0
    for name, size in sizes.items():
        parts[name] = range(start, start + size)
        start += size
    return parts
