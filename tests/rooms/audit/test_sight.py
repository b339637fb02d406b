"""Copies, outliers and doubts by features: limits measured on the set, faults planted."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import hangtag
from hangtag.estimators.seeing import seen
from hangtag.geometry import Seen
from hangtag.rooms.audit import audit
from hangtag.rooms.audit.alterations import ALTERATIONS, altered
from hangtag.rooms.audit.sight import Sight
from hangtag.rooms.encode import is_installed
from worker_memory import make_room

PHOTOS = Path("clothing-small")


@pytest.fixture(scope="module")
def photographs(tmp_path_factory):
    """60 photographs of clothes, their size halved; 45 train and 15 test, with planted copies.

    Test image 0 is the middle of training image 3, 1 is a darker training 7, 2 is training 9
    from which a tenth of each side is cut, and paler.
    """
    from hangtag.settings import data_folder

    make_room()
    place = data_folder() / PHOTOS
    if not place.is_dir() or not is_installed("photo"):
        pytest.skip("needs photographs and the encoder")
    some = tmp_path_factory.mktemp("some")
    for part, most in (("train", 45), ("test", 15)):
        kinds = sorted((place / part).iterdir())
        for number, kind in enumerate(kinds):
            of_kind = most // len(kinds) + (number < most % len(kinds))
            (some / part / kind.name).mkdir(parents=True)
            for file in sorted(kind.iterdir())[:of_kind]:
                shutil.copy(file, some / part / kind.name)
    images = hangtag.load(some, size=128)
    pixels = images.images.copy()
    first = images.parts["test"].start
    height, width = pixels.shape[1:3]

    def resized(part):
        return np.asarray(Image.fromarray(part).resize((width, height), Image.Resampling.LANCZOS))

    pixels[first] = resized(pixels[3][7:-7, 7:-7])
    pixels[first + 1] = (pixels[7] * 0.85).astype(np.uint8)
    pixels[first + 2] = resized(np.clip(pixels[9][:-12, 12:] * 0.9 + 15, 0, 255).astype(np.uint8))
    return replace(images, images=pixels, originals=None)


def test_a_network_knows_photographs_again_that_were_cropped(photographs):
    first = photographs.parts["test"].start
    planted = {(first, 3), (first + 1, 7), (first + 2, 9)}
    plain = audit(photographs, checks=("leaks",))
    assert planted - {one.indices for one in plain.findings}, "pixels need no help on these"
    look = seen(photographs, "encoder:photo")
    found = audit(photographs, checks=("duplicates", "leaks"), seen=look)
    leaks = {one.indices: one for one in found.of("leaks")}
    assert planted <= leaks.keys()
    assert len(leaks) <= 5, "hardly anything else is called a copy"
    limit = found.checks["duplicates"]["near_cosine_distance"]
    assert all(leaks[pair].value <= limit for pair in planted)
    assert "by encoder:photo" in leaks[first, 3].message
    assert set(found.checks["duplicates"]["altered_found"]) == set(ALTERATIONS)
    assert min(found.checks["duplicates"]["altered_found"].values()) > 0.5
    assert found.groups[first] == found.groups[3]


def _plain(points):
    """Features that are numbers of our own, and of altered images some of their pixels."""
    width = points.shape[1]
    return Seen(
        "own",
        lambda rows: points[rows],
        lambda some: some.reshape(len(some), -1)[:, 400 : 400 + width],
    )


def test_the_limit_is_the_smaller_of_power_and_fence(clothes):
    """Features that an alteration hardly moves have a small limit, though the fence is far."""
    random = np.random.default_rng(1)
    points = random.normal(size=(len(clothes), 16)).astype(np.float32)
    steady = Seen("steady", lambda rows: points[rows], lambda some: points[: len(some)] * 1)
    found = Sight(steady, clothes.images).alike(np.arange(400), np.arange(len(clothes)))
    assert found.limit == found.reach == pytest.approx(0, abs=1e-6)
    assert found.fence > 0.01
    # Features that an alteration moves anywhere: the fence holds, and the facts say what is missed.
    wild = Seen(
        "wild",
        lambda rows: points[rows],
        lambda some: random.normal(size=(len(some), 16)).astype(np.float32),
    )
    found = Sight(wild, clothes.images).alike(np.arange(400), np.arange(len(clothes)))
    assert found.limit == found.fence < found.reach
    assert max(found.found.values()) < 0.2
    # Of 400 images without copies 0.35 % are below the fence if logarithms are normal.
    assert len(found.pairs) <= 8


def test_features_of_very_many_are_held_in_half_and_find_the_same(clothes, monkeypatch):
    random = np.random.default_rng(0)
    points = random.normal(size=(len(clothes), 16)).astype(np.float32)
    points[1:3] = points[0] + random.normal(0, 1e-3, (2, 16))
    points[50] = 2 * points[60]
    look = _plain(points)
    where, groups = np.arange(400), np.arange(len(clothes))
    whole = Sight(look, clothes.images).alike(where, groups)
    monkeypatch.setattr("hangtag.rooms.audit.sight._LARGE", 0)
    sight = Sight(look, clothes.images)
    half = sight.alike(where, groups)
    assert sight.points.dtype == np.float16
    np.testing.assert_array_equal(half.pairs, whole.pairs)
    assert {(0, 1), (0, 2), (1, 2), (50, 60)} >= {*map(tuple, half.pairs.tolist())} >= {(0, 1)}
    assert half.fence == pytest.approx(whole.fence, rel=0.02)


def test_copies_by_pixels_do_not_move_the_fence(clothes):
    random = np.random.default_rng(2)
    points = random.normal(size=(300, 16)).astype(np.float32)
    points[150:] = points[:150] + random.normal(scale=1e-4, size=(150, 16)).astype(np.float32)
    look = _plain(points)
    apart = Sight(look, clothes.images[:300]).alike(np.arange(300), np.arange(300) % 150)
    mixed = Sight(look, clothes.images[:300]).alike(np.arange(300), np.arange(300))
    assert apart.fence > 100 * mixed.fence


def test_outliers_and_doubts_go_by_features(clothes):
    images = clothes.take(np.arange(600))
    random = np.random.default_rng(3)
    centres = random.normal(size=(images.n_classes, 24)) * 4
    points = (centres[images.labels] + random.normal(size=(600, 24))).astype(np.float32)
    members = np.flatnonzero(images.labels == images.labels[0])
    odd, wrong = int(members[5]), int(members[9])
    points[odd] = 30 * random.normal(size=24)
    labels = images.labels.copy()
    labels[wrong] = (labels[wrong] + 1) % images.n_classes
    images = replace(images, labels=labels)
    found = audit(images, checks=("outliers", "labels"), seen=_plain(points))
    assert (odd,) in [one.indices for one in found.of("outliers")]
    assert found.of("labels")[0].indices == (wrong,)
    assert "own" in found.checks["labels"]["model"]
    assert found.checks["labels"]["planted"]["found"] >= 9
    assert "expected_false" not in found.checks["outliers"]


@pytest.mark.parametrize("channels", [1, 3])
def test_alterations_keep_shape_and_hardly_change_what_is_seen(channels):
    ramp = np.linspace(40, 180, 30 * 20 * channels).reshape(1, 30, 20, channels).astype(np.uint8)
    for name, some in altered(ramp, 0).items():
        assert (some.shape, some.dtype) == (ramp.shape, np.uint8), name
        assert not np.array_equal(some, ramp), name
        assert np.corrcoef(some.ravel(), ramp.ravel())[0, 1] > 0.9, name


def test_pixels_by_name_are_what_is_seen_without(clothes):
    some = clothes.take(np.arange(200))
    assert (
        hangtag.audit(some, checks="duplicates", features="pixels").findings
        == hangtag.audit(some, checks="duplicates").findings
    )
