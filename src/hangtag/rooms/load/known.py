"""The named sets: what they are called, hold, and how their labels are recognised.

Labels in, the set they belong to out. To add a named set: one :class:`KnownSet` here, and, if it
is not a pile of files, a reader in `sources.py`. :data:`KNOWN` is searched in order.
"""

from __future__ import annotations

import hashlib
import string
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hangtag.records import ImageSet


@dataclass(frozen=True)
class KnownSet:
    """A data set that has a name.

    Attributes:
        name: What to type.
        title: What people call it.
        about: One sentence: what the images show, how many, how large.
        licence: Under which terms it may be used.
        class_names: Name of each label code.
        files: Its files without any compression suffix, with the SHA-256 of their content.
        labels: SHA-256 of the label sequence of each part, as :func:`label_digest` takes it.
        pixels: SHA-256 of the pixels of each part, one byte each, image after image.
        folders: Names of the folder that people keep it in.
        kaggle: Its ``owner/name`` on Kaggle, whose downloader keeps it under that name.
        debian: Debian package that holds it, and the folder it installs to.
        addresses: Where the official files can be downloaded, best first.
        ways: How to get it by hand, one sentence each.
        mirrors: Whether a mirrored image still shows what its label says: a shoe does, a letter
            or a hand that signs one does not.
    """

    name: str
    title: str
    about: str
    licence: str
    class_names: Mapping[Any, str]
    files: Mapping[str, str] = field(default_factory=dict)
    labels: Mapping[str, str] = field(default_factory=dict)
    pixels: Mapping[str, str] = field(default_factory=dict)
    folders: tuple[str, ...] = ()
    kaggle: str = ""
    debian: tuple[str, str] | None = None
    addresses: tuple[str, ...] = ()
    ways: tuple[str, ...] = ()
    mirrors: bool = False


FASHION_MNIST = KnownSet(
    name="fashion-mnist",
    title="Fashion-MNIST",
    about="70,000 grey 28×28 images of ten kinds of clothing, 60,000 train and 10,000 test",
    licence="MIT",
    class_names=dict(
        enumerate(
            (
                "T-shirt/top",
                "Trouser",
                "Pullover",
                "Dress",
                "Coat",
                "Sandal",
                "Shirt",
                "Sneaker",
                "Bag",
                "Ankle boot",
            )
        )
    ),
    # Of the IDX files inside the .gz: Zalando's own .gz and Debian's differ in their gzip
    # header (a name and a time), what they hold does not.
    files={
        "train-images-idx3-ubyte": (
            "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888"
        ),
        "train-labels-idx1-ubyte": (
            "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9"
        ),
        "t10k-images-idx3-ubyte": (
            "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b"
        ),
        "t10k-labels-idx1-ubyte": (
            "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34"
        ),
    },
    labels={
        "train": "657fbd221bfc9f4198cc14b5619cc33ec57c58dd0e47af4d99d6650759e869a7",
        "test": "3d0e6c6ea990b53b6f8f500a41cac93881d981b315f84578b7d915342ade01e9",
    },
    pixels={
        "train": "2e487a6c89124f78f2d7521542223cafe96f7123c3ca13d447772ac6ecbb3012",
        "test": "c867c93ff95360594e8ec3287995350b824dd110b11595c0e13d5423f621867a",
    },
    folders=("fashion-mnist", "fashion_mnist", "FashionMNIST", "fashion"),
    debian=("dataset-fashion-mnist", "/usr/share/datasets/fashion-mnist"),
    # https://github.com/zalandoresearch/fashion-mnist#get-the-data
    addresses=(
        "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
        "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/",
    ),
    ways=(
        "download the four .gz files of https://github.com/zalandoresearch/fashion-mnist#get-the-data"
        " into a folder and give that folder, or set HANGTAG_DATA to the folder above it",
        "on Debian or Ubuntu: apt-get install dataset-fashion-mnist",
    ),
    mirrors=True,
)

SIGN_MNIST = KnownSet(
    name="sign-mnist",
    title="Sign-Language-MNIST",
    about="34,627 grey 28×28 images of hands signing 24 letters, 27,455 train and 7,172 test",
    licence="CC0",
    class_names=dict(enumerate(string.ascii_uppercase)),
    files={
        "sign_mnist_train.csv": "4c2897f19fab2b0ae2a7e4fa82e969043315d9f3a1a9cc0948b576bf1189a7e5",
        "sign_mnist_test.csv": "0e9d67bae23e67f40728e0b63bf15ad4bd5175947b8a9fac5dd9f17ce133c47b",
    },
    labels={
        "train": "72bf5dc2e4cf88cf12c1c62eaeb23a8c4f02f85a1a55f873e58b7eddc0b363f9",
        "test": "2a504a09d8a9c9c19abcd9170a1e7e12d8bcf6bb21956e275f79512cbb49edd9",
    },
    pixels={
        "train": "2aa0dd2f625c9f26a0d0adce45d5168ea0c14d6d0268a04d225f7ae9501e275f",
        "test": "cf0fbbb7998b716bbf5d1c5a39e9f130d27a86339934271d9ff6707680bc5c25",
    },
    folders=("sign-mnist", "sign_mnist", "sign-language-mnist"),
    kaggle="datamunge/sign-language-mnist",
    ways=(
        "there is no free download: fetch https://www.kaggle.com/datasets/datamunge/sign-language-mnist"
        " with a Kaggle account and put sign_mnist_train.csv and sign_mnist_test.csv"
        " (.gz, .xz or .zip as they are) into a folder 'sign-mnist' inside HANGTAG_DATA",
        "give hangtag the folder that holds the two CSV files",
    ),
)

DIGITS = KnownSet(
    name="digits",
    title="scikit-learn's digits",
    about="1,797 grey 8×8 images of handwritten digits; comes with scikit-learn, no download",
    licence="CC BY 4.0",
    class_names={digit: str(digit) for digit in range(10)},
)

KNOWN: tuple[KnownSet, ...] = (FASHION_MNIST, SIGN_MNIST, DIGITS)
"""Every named set, in the order in which they are listed."""


def label_digest(codes: NDArray[Any]) -> str:
    """SHA-256 of a sequence of label codes from 0 to 255, one byte each."""
    return hashlib.sha256(codes.astype(np.uint8).tobytes()).hexdigest()


def recognise(codes: NDArray[Any], parts: Mapping[str, range]) -> KnownSet | None:
    """The known set whose label sequence every part has; None when there is no such set."""
    if not np.issubdtype(codes.dtype, np.integer) or not len(codes):
        return None
    if codes.min() < 0 or codes.max() > 255:
        return None
    digests = {label_digest(codes[where.start : where.stop]) for where in parts.values() if where}
    for one in KNOWN:
        if digests and digests <= set(one.labels.values()):
            return one
    return None


EMNIST = (tuple(range(47)), tuple(range(62)), tuple(range(1, 27)))
"""Label codes of EMNIST's balanced and merged, its whole, and its letters."""


def on_its_side(images: ImageSet) -> tuple[str, ...]:
    """A note where a set seems to be EMNIST, whose files hold rows where columns should be."""
    of_its_size = images.shape == (28, 28, 1)
    named = "emnist" in " ".join((images.origin, *images.notes)).lower()
    if not of_its_size or not (named or images.class_codes in EMNIST):
        return ()
    return ("this seems to be EMNIST, whose images lie on their side: --transpose sets them up",)
