"""``train`` with no other word: photographs get what validation images choose, others a network."""

import shlex

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

import hangtag
from hangtag.cli import app
from hangtag.estimators import choice

KINDS = (0, 1, 3, 7, 8)  # shirt, trousers, dress, shoe, bag
EACH = 60


pytestmark = pytest.mark.usefixtures("own_cache")


def as_photo(item, rng):
    """An item of 28×28 in a color of its own on a colored ground, 64 to 195 pixels a side."""
    height, width = rng.integers(64, 196, 2)
    side = int(min(height, width) * rng.uniform(0.7, 0.95))
    alpha = np.zeros((height, width, 1), np.float32)
    top, left = rng.integers(0, height - side + 1), rng.integers(0, width - side + 1)
    drawn = Image.fromarray(item).resize((side, side), Image.Resampling.BICUBIC)
    alpha[top : top + side, left : left + side, 0] = np.asarray(drawn, np.float32) / 255
    ground, color = rng.uniform(0, 255, (2, 3))
    noise = rng.normal(0, 6, (height, width, 3))
    mixed = ground * (1 - alpha) + color * alpha + noise
    return Image.fromarray(mixed.clip(0, 255).astype(np.uint8))


@pytest.fixture(scope="module")
def practitioner(tmp_path_factory, fashion):
    """300 JPEGs of five classes."""
    rng = np.random.default_rng(0)
    folder = tmp_path_factory.mktemp("mine")
    for kind in KINDS:
        place = folder / f"kind{kind}"
        place.mkdir()
        for number, row in enumerate(np.flatnonzero(fashion.labels == kind)[:EACH]):
            photo = as_photo(fashion.images[row, :, :, 0], rng)
            photo.save(place / f"{number:02d}.jpg", quality=88)
    return folder


@pytest.fixture(scope="module")
def told(practitioner, tmp_path_factory):
    out = tmp_path_factory.mktemp("runs") / "run"
    done = CliRunner().invoke(app, ["train", str(practitioner), "--out", str(out)])
    assert done.exit_code == 0, done.output
    return hangtag.open_run(out), done.output


def test_photographs_get_what_sees_them_and_two_lines_say_why(told):
    run, done = told
    assert run.config.spec.kind == "discriminant"
    assert run.config.spec.features == "encoder:photo"
    why, took = run.candidates().notes[:2]
    assert why.startswith("180 photographs (color,")
    assert "of a forest on 32×32 pixels" in why
    assert took.startswith("took the discriminant")
    for line in (why, took):
        assert line in " ".join(done.split())


def test_the_last_line_says_what_longer_training_takes_and_how_to_ask_for_it(told):
    run, done = told
    last = done.strip().splitlines()[-1]
    assert last == f"note: {run.candidates().notes[-1]}"
    assert last.startswith("note: --model finetune trains on instead, in about 1 minute on ")


def test_minutes_of_longer_training_go_by_photographs(monkeypatch):
    monkeypatch.setattr("hangtag.estimators.choice.finetune_room.cores", lambda _: 2)
    assert "in about 7 minutes on 2 free cores" in choice.longer(3068)
    assert "in about 1 minute on 2 free cores" in choice.longer(3)


def test_a_practitioners_photographs_are_told_apart(told):
    run, _ = told
    assert run.evaluate().scores["accuracy"].value >= 0.85
    validation = run.candidates().chosen.validation.accuracy
    assert f"{validation:.3f} of a linear discriminant" in run.candidates().notes[0]


def test_its_command_names_what_was_chosen(told):
    run, _ = told
    assert run.config.command.startswith("hangtag discriminant ")
    assert "--features encoder:photo" in run.config.command


def test_any_word_about_the_network_is_followed(practitioner, tmp_path):
    run = hangtag.train(
        hangtag.load(practitioner, size=48, limit=20), epochs=1, out=tmp_path / "run"
    )
    assert run.config.name == "cnn-28-56"
    assert "--network cnn-28-56" in run.config.command  # without it the command would choose again


def test_small_images_keep_the_usual_network(tmp_path):
    run = hangtag.train("digits", limit=60, out=tmp_path / "run")
    assert run.config.name == "cnn-28-56"
    assert "--network" not in run.config.command


@pytest.mark.parametrize("shape", [(28, 28, 3), (64, 64, 1), (47, 200, 3)])
def test_what_is_small_or_gray_is_no_photograph(shape):
    images = hangtag.from_arrays(np.zeros((2, *shape), np.uint8), [0, 1])
    assert not choice.are_photographs(images)


def test_a_forest_is_taken_where_it_is_better(practitioner, tmp_path, monkeypatch):
    """The encoder is made blind: every image is the same to it."""
    blind = lambda self, given, **_: np.ones((len(list(given)), self.width), np.float32)  # noqa: E731
    monkeypatch.setattr("hangtag.rooms.encode.encoder.Encoder.embed", blind)
    monkeypatch.setenv("HANGTAG_CACHE", str(tmp_path / "cache"))
    # A split that is saved is of the photographs as they are; the forest sees small copies of them.
    images = hangtag.load(practitioner, limit=150)
    split = hangtag.split(images, "grouped:0.2+test:0.2", groups=np.arange(150) // 2, seed=2)
    kept = hangtag.save_split(split, tmp_path / "split.npz")
    run = hangtag.train(practitioner, limit=150, split=f"saved:{kept}", out=tmp_path / "run")
    assert run.config.spec.kind == "forest"
    assert run.config.spec.input_shape == (32, 32, 3)
    assert list(run.config.origin.options.size) == [32, 32]
    assert run.split().train.tolist() == split.train.tolist()
    assert run.evaluate().scores["accuracy"].n == 30
    kept.unlink()
    again = shlex.split(run.config.command.removeprefix("hangtag "))
    place = str(tmp_path / "again")
    done = CliRunner().invoke(app, [*again, "--out", place])
    assert done.exit_code == 0, done.output
    assert hangtag.open_run(place).split().validation.tolist() == split.validation.tolist()


def test_without_the_weights_the_usual_network_is_trained_and_the_extra_is_named(
    practitioner, tmp_path, monkeypatch
):
    monkeypatch.setattr("hangtag.rooms.encode.known._weights", lambda _: None)
    said = []
    images = hangtag.load(practitioner, size=48, limit=30)
    split = hangtag.split(images)
    found = choice.choose(images, split, 0, cached=True, progress=lambda *one: said.append(one))
    assert found.model == "network"
    assert "hangtag[photo]" in said[0][-1]
