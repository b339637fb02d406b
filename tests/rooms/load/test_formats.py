"""What every format promises; each member of METHODS goes through the same suite."""

from __future__ import annotations

import shutil
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hangtag.errors import UsageError
from hangtag.rooms.load import info, load
from hangtag.rooms.load.detect import METHODS


def _npz(folder, small, write):
    folder.mkdir()
    np.savez_compressed(
        folder / "set.npz",
        x_train=small.x_train,
        y_train=small.y_train,
        x_test=small.x_test,
        y_test=small.y_test,
    )
    return folder / "set.npz"


def _npy(folder, small, write):
    folder.mkdir()
    for part in ("train", "test"):
        np.save(folder / f"x_{part}.npy", getattr(small, f"x_{part}"))
        np.save(folder / f"y_{part}.npy", getattr(small, f"y_{part}"))
    return folder


WRITERS = {
    "idx": lambda folder, small, write: write.idx(folder, small),
    "csv": lambda folder, small, write: write.csv(folder, small),
    "npz": _npz,
    "npy": _npy,
    "parquet": lambda folder, small, write: write.parquet(folder, small),
    "folder": lambda folder, small, write: write.tree(folder, small),
    "imagefolder": lambda folder, small, write: write.imagefolder(folder, small),
    "manifest": lambda folder, small, write: write.manifest(folder, small),
}
TREES = ("folder",)
OF_ONE_SET = ("cifar",)
"""Formats that hold nothing but images of one size, which the small set has not."""


@pytest.fixture(scope="session")
def sources(tmp_path_factory, small, write):
    """The small set in every format."""
    base = tmp_path_factory.mktemp("sources")
    return {name: make(base / name, small, write) for name, make in WRITERS.items()}


def test_every_format_has_a_writer_here():
    assert sorted((*WRITERS, *OF_ONE_SET)) == sorted(method.name for method in METHODS)


@pytest.mark.parametrize("form", WRITERS)
def test_gives_the_same_images_and_labels_in_every_format(form, sources, holds):
    images = load(sources[form])
    holds(images, ordered=form not in TREES)
    assert images.format == form
    assert images.notes[0].startswith(f"read as {form}, because ")
    assert images.unreadable == ()
    assert images.origin == str(sources[form])


@pytest.mark.parametrize("form", WRITERS)
def test_gives_the_same_fingerprint_and_ids_each_time(form, sources):
    first, second = load(sources[form]), load(str(sources[form]))
    assert first.fingerprint == second.fingerprint
    assert [first.id_of(i) for i in range(32)] == [second.id_of(i) for i in range(32)]
    assert len({first.id_of(i) for i in range(32)}) == 32


@pytest.mark.parametrize("form", WRITERS)
def test_a_zip_of_any_format_is_that_format(form, sources, tmp_path, write, holds):
    folder = sources[form] if sources[form].is_dir() else sources[form].parent
    archive = write.zipped(tmp_path / "set.zip", folder)
    images = load(archive)
    holds(images, ordered=form not in TREES)
    assert images.format == form
    assert images.name == "set"
    assert images.notes[0].startswith("set.zip was unpacked: ")


@pytest.mark.parametrize("form", WRITERS)
def test_size_and_colour_are_as_asked(form, sources):
    images = load(sources[form], size=(9, 12), gray=False)
    assert images.images.shape == (32, 9, 12, 3)
    assert any("made 9×12×3" in note or "fitted inside 9×12" in note for note in images.notes)


@pytest.mark.parametrize("form", WRITERS)
def test_limit_keeps_the_order_and_says_so(form, sources):
    every, some = load(sources[form]), load(sources[form], limit=5)
    assert dict(some.parts) == {"train": range(5), "test": range(5, 10)}
    chosen = [0, 4, 9, 14, 19, 24, 25, 27, 28, 30]
    assert np.array_equal(some.images, every.images[chosen])
    assert some.ids == tuple(every.id_of(i) for i in chosen)
    assert some.notes[-1] == "limit 5: 10 of 32 images, spread evenly over each part"


@pytest.mark.parametrize("form", WRITERS)
def test_progress_goes_from_nothing_to_all(form, sources):
    seen = []
    load(sources[form], progress=lambda *what: seen.append(what))
    assert all(0 <= done <= total for _, done, total, *_ in seen)
    assert seen == [] or seen[-1][1] == seen[-1][2]


@pytest.mark.parametrize("form", WRITERS)
def test_info_is_plain_json_with_the_promised_keys(form, sources):
    import json

    facts = json.loads(json.dumps(info(load(sources[form]))))
    promised = {
        *("format", "classes", "counts", "shape", "label_codes", "label_gaps", "pixel_range"),
        *("unreadable", "fingerprint", "memory", "notes"),
    }
    assert promised <= set(facts)
    assert facts["counts"] == {"train": 24, "test": 8}
    assert facts["label_codes"] == [0, 2, 3, 7]
    assert facts["label_gaps"] == [1, 4, 5, 6]
    assert facts["shape"] == [6, 6, 1]
    assert facts["per_class"]["test"] == {"0": 2, "2": 2, "3": 2, "7": 2}
    assert facts["pixel_range"] == [0, 255]


@pytest.mark.parametrize("form", WRITERS)
@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(data=st.data())
def test_damage_is_refused_or_listed_or_does_no_harm(form, sources, tmp_path_factory, data):
    """One file of a source cut, changed, emptied or replaced: never any other exception."""
    base = tmp_path_factory.mktemp("damaged")
    source = base / sources[form].name
    if sources[form].is_dir():
        shutil.copytree(sources[form], source)
    else:
        shutil.copy(sources[form], source)
    files = sorted(source.rglob("*")) if source.is_dir() else [source]
    file = data.draw(st.sampled_from([one for one in files if one.is_file()]))
    content = bytearray(file.read_bytes())
    kind = data.draw(st.sampled_from(["cut", "change", "many", "empty", "replace", "repeat"]))
    at = data.draw(st.integers(0, len(content) - 1))
    if kind == "cut":
        content = content[:at]
    elif kind == "change":
        content[at] ^= data.draw(st.integers(1, 255))
    elif kind == "many":
        patch = data.draw(st.binary(min_size=1, max_size=30))
        content[at : at + len(patch)] = patch
    elif kind == "repeat":
        content = content[:at] + content
    else:
        content = bytearray() if kind == "empty" else bytearray(data.draw(st.binary(max_size=80)))
    file.write_bytes(content)
    try:
        images = load(source)
    except UsageError as error:
        assert error.message
        assert "\n" not in error.message
        assert error.hint
    else:
        _is_sound(images)
    shutil.rmtree(base)


def _is_sound(images) -> SimpleNamespace:
    n = len(images)
    assert n == len(images.labels) == sum(map(len, images.parts.values())) > 0
    assert images.labels.max() < images.n_classes
    assert images.labels.min() >= -1
    assert len(set(images.class_codes)) == images.n_classes
    assert images.images.dtype == np.uint8
    assert images.images.shape[3] in (1, 3)
    for one in images.unreadable:
        assert one.where
        assert one.reason
        assert "\n" not in one.reason
