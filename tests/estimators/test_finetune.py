"""A network that is fine-tuned: what it trained on is what it tags, and a kill costs one epoch."""

import shutil

import numpy as np
import pytest
from tests.estimators.conftest import sixty_photographs

import hangtag
from hangtag import framing, settings
from hangtag.errors import OptionError
from hangtag.estimators import finetune
from hangtag.records import Candidate, Scores
from hangtag.rooms import load
from worker_memory import make_room

pytestmark = pytest.mark.usefixtures("own_cache")
ASKED = {
    "model": "finetune", "input_size": 64, "epochs": 2, "batch_size": 8, "learning_rate": 1e-3,
    "head_learning_rate": 1e-2,
}  # fmt: skip


@pytest.fixture(scope="module")
def photos(tmp_path_factory):
    """Sixty photographs of three colors, upright and on their side."""
    return sixty_photographs(tmp_path_factory.mktemp("photos"), {})


@pytest.fixture(scope="module")
def images(photos):
    """Thumbnails: the model sees the files."""
    return hangtag.load(photos, size=16)


@pytest.fixture(scope="module")
def run(images, tmp_path_factory):
    make_room()
    made = hangtag.train(images, out=tmp_path_factory.mktemp("runs") / "run", **ASKED)
    hangtag.evaluate(made)
    return hangtag.open_run(made)


def test_what_is_tagged_is_what_trained_bit_for_bit(run, photos, images):
    how = hangtag.open_bundle(run).preprocessing
    trained = framing.seen(images, np.arange(len(images)), how)
    read = {one.id: one.pixels for one in load.read_images(photos, how)}
    assert trained.shape == (60, 64, 64, 3)
    for row in range(len(images)):
        np.testing.assert_array_equal(read[images.id_of(row)], trained[row])


def test_its_bundle_needs_no_other_and_knows_what_is_strange(run, photos, tmp_path, monkeypatch):
    assert run.evaluation().scores["accuracy"].value > 0.9
    bundle = hangtag.open_bundle(shutil.copytree(run.bundle, tmp_path / "elsewhere"))
    assert bundle.facts["finetuned"]["name"] == "photo"
    assert bundle.facts["finetuned"]["licence"] == "Apache-2.0"
    monkeypatch.setattr("hangtag.rooms.encode.known._weights", lambda _: None)
    (one,) = hangtag.tag(bundle, photos / "red" / "00.jpg", threshold=0)
    assert one.label == "red"
    noise = np.random.default_rng(1).integers(0, 256, (5, 64, 64, 3), np.uint8)
    for one in hangtag.tag(bundle, noise):
        assert (one.label, one.reason) == ("unknown", "unlike anything seen")


def test_a_kill_costs_one_epoch_and_changes_nothing(run, images, tmp_path):
    class KilledError(Exception):
        pass

    first, again = [], []

    def killed(stage, done, total, note=""):
        if stage == "finetune":
            first.append(done)
            if done == total:
                raise KilledError

    def watched(stage, done, total, note=""):
        if stage == "finetune":
            again.append(done)

    out = tmp_path / "run"
    with pytest.raises(KilledError):
        hangtag.train(images, out=out, progress=killed, **ASKED)
    assert not out.exists()
    assert len(list((settings.cache_folder() / "finetuned").iterdir())) == 1
    made = hangtag.train(images, out=out, progress=watched, **ASKED)
    assert again == first[len(first) // 2 :]
    assert hangtag.open_bundle(made).model_id == hangtag.open_bundle(run).model_id
    mine = [row.parameters | {"right": row.validation.accuracy} for row in made.candidates().rows]
    assert mine == [
        row.parameters | {"right": row.validation.accuracy} for row in run.candidates().rows
    ]
    assert not list((settings.cache_folder() / "finetuned").iterdir())


def test_its_embedding_is_seen_by_other_models_and_verbs(run, images, tmp_path):
    said = f"network:{run.folder}"
    other = hangtag.train(images, model="linear", c=1, features=said, out=tmp_path / "linear")
    assert other.evaluate().scores["accuracy"].value > 0.9
    rows = np.arange(len(images))
    squares = framing.seen(images, rows, hangtag.open_bundle(run).preprocessing)
    near = hangtag.open_bundle(run).embeddings(squares)
    own = hangtag.open_model(other).at(images, rows)
    assert np.abs(own - near).max() < 1e-4
    alone = hangtag.open_bundle(shutil.copytree(other.bundle, tmp_path / "alone"))
    assert np.abs(alone.embeddings(squares) - near).max() < 1e-4
    found = hangtag.cluster(images, features=said, k=3)
    assert found.agreement.ari > 0.9


@pytest.mark.parametrize(
    ("right", "chosen"), [((0.8, 0.92, 0.91), 2), ((0.8, 0.92, 0.85), 1), ((0.9, 0.9, 0.8), 1)]
)
def test_the_last_epoch_is_kept_unless_it_is_clearly_worse(right, chosen):
    rows = [Candidate({"epoch": n}, Scores(1), Scores(one)) for n, one in enumerate(right)]
    assert finetune._chosen(rows, 340) == chosen


def test_other_sizes_than_the_network_can_see_are_refused(images, tmp_path):
    with pytest.raises(OptionError, match="no 100 rows") as error:
        hangtag.train(images, model="finetune", input_size=100, out=tmp_path / "run")
    assert "96" in error.value.hint


def test_letters_are_not_mirrored(tmp_path):
    run = hangtag.train(
        "digits", model="finetune", input_size=32, epochs=1, limit=60, out=tmp_path / "run"
    )
    assert "no mirror images were seen" in run.candidates().notes[0]
