"""The commands one after another, as a person types them, on the digits."""

from __future__ import annotations

import csv
import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

WORDS = ["--network", "s2-mlp", "--epochs", "3", "--batch-size", "32"]


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """One trained run, copied by whoever changes it."""
    import hangtag

    place = tmp_path_factory.mktemp("runs") / "digits"
    options = {"epochs": 15, "batch_size": 32}
    return hangtag.train("digits", network="s2-mlp", options=options, out=place).folder


@pytest.fixture
def run(trained, tmp_path) -> Path:
    return Path(shutil.copytree(trained, tmp_path / "run"))


def test_training_says_where_the_model_is_and_what_comes_next(hangtag_command, tmp_path):
    done = hangtag_command("train", "digits", *WORDS, "--out", tmp_path / "r")
    assert done.code == 0
    assert f"bundle  {tmp_path / 'r' / 'bundle'}" in done.out
    assert f"next: hangtag evaluate {tmp_path / 'r'}" in done.err


def test_training_answers_machines_in_json(hangtag_command, tmp_path):
    done = hangtag_command("train", "digits", *WORDS, "--out", tmp_path / "r", "--json")
    assert done.json["epochs"] == 3
    assert done.json["last"]["val_accuracy"] > 0.5


def test_the_same_seed_gives_the_same_weights(hangtag_command, tmp_path):
    weights = []
    for name in ("a", "b"):
        hangtag_command("train", "digits", *WORDS, "--seed", 5, "--out", tmp_path / name)
        weights.append((tmp_path / name / "bundle" / "weights.safetensors").read_bytes())
    assert weights[0] == weights[1]


def test_evaluation_prints_the_score_with_its_interval(hangtag_command, run):
    done = hangtag_command("evaluate", run)
    assert done.code == 0
    accuracy = next(line for line in done.out.splitlines() if line.startswith("accuracy "))
    value, low, high = (float(part.strip("[],")) for part in accuracy.split()[1:4])
    assert low < value < high
    assert value > 0.7


def test_the_test_split_is_opened_once(hangtag_command, run):
    first = hangtag_command("evaluate", run)
    second = hangtag_command("evaluate", run)
    assert first.out == second.out
    assert len(json.loads((run / "run.json").read_text())["evaluations"]) == 1


def test_opening_the_test_split_again_is_remembered_and_said(hangtag_command, run):
    hangtag_command("evaluate", run)
    done = hangtag_command("evaluate", run, "--again")
    assert "opened 2 times" in done.err
    hangtag_command("report", run)
    assert "opened 2 times" in (run / "report.html").read_text()


def test_a_report_needs_an_evaluation_and_says_so(hangtag_command, run):
    done = hangtag_command("report", run)
    assert done.code == 2
    assert "hint: make it with: hangtag evaluate" in done.err
    assert not (run / "report.html").exists()


def test_a_report_is_one_small_file(hangtag_command, run):
    hangtag_command("evaluate", run)
    done = hangtag_command("report", run, "--out", run / "page.html")
    assert done.code == 0
    assert (run / "page.html").stat().st_size < 10e6


def test_tagging_writes_one_row_an_image_and_counts_them(hangtag_command, run, digits, tmp_path):
    from PIL import Image

    shop = tmp_path / "shop"
    shop.mkdir()
    for number in range(4):
        Image.fromarray(digits.images[number].squeeze()).save(shop / f"{number}.png")
    (shop / "broken.png").write_bytes(b"\x89PNG\r\n")
    done = hangtag_command("tag", run, shop, "--out", tmp_path / "tags.csv", "--threshold", 0)
    assert done.code == 0
    with (tmp_path / "tags.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [row["id"] for row in rows] == ["0.png", "1.png", "2.png", "3.png", "broken.png"]
    assert [row["label"] for row in rows[:4]] == ["0", "1", "2", "3"]
    assert rows[4]["error"]
    assert "5 images" in done.err
    assert "1 unreadable" in done.err


def test_tagging_takes_a_run_by_its_name_or_as_the_latest(
    hangtag_command, run, digits, tmp_path, monkeypatch
):
    from PIL import Image

    Image.fromarray(digits.images[0].squeeze()).save(tmp_path / "0.png")
    monkeypatch.setenv("HANGTAG_RUNS", str(run.parent))
    by_folder, by_name, latest = (
        hangtag_command("tag", place, tmp_path / "0.png", "--json").json
        for place in (run, "run", "latest")
    )
    assert by_folder == by_name == latest


def test_tagging_imports_neither_keras_nor_jax(run, digits, tmp_path):
    from PIL import Image

    Image.fromarray(digits.images[0].squeeze()).save(tmp_path / "0.png")
    code = (
        "import sys\n"
        "from hangtag.cli import main\n"
        f"sys.argv = ['hangtag', 'tag', {str(run)!r}, {str(tmp_path / '0.png')!r}]\n"
        "main.__globals__['app'](standalone_mode=False)\n"
        "print(sorted({'keras', 'jax', 'sklearn', 'matplotlib'} & set(sys.modules)))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


def test_tagging_with_a_changed_bundle_is_refused(hangtag_command, run, tmp_path):
    part = run / "bundle" / "model.onnx"
    data = bytearray(part.read_bytes())
    data[len(data) // 2] ^= 1
    part.write_bytes(data)
    done = hangtag_command("tag", run, tmp_path, "--out", tmp_path / "tags.csv")
    assert done.code == 2
    assert done.err.startswith("error: ")
    assert "hint: " in done.err
    assert not (tmp_path / "tags.csv").exists()


def test_a_model_that_could_not_be_proven_tags_nothing_and_every_command_says_so(
    hangtag_command, digits, tmp_path
):
    from PIL import Image

    words = ["--network", "s2-mlp", "--epochs", 1, "--out", tmp_path / "weak"]
    trained = hangtag_command("train", "digits", *words)
    tested = hangtag_command("evaluate", tmp_path / "weak")
    Image.fromarray(digits.images[0].squeeze()).save(tmp_path / "0.png")
    tagged = hangtag_command("tag", tmp_path / "weak", tmp_path / "0.png")
    for done in (trained, tested, tagged):
        assert "the model has no threshold" in done.err
    assert "0.png,unknown," in tagged.out
    assert hangtag_command("evaluate", tmp_path / "weak", "--json").json["threshold"] is None
    forced = hangtag_command("tag", tmp_path / "weak", tmp_path / "0.png", "--threshold", 0)
    assert "unknown" not in forced.out


def test_an_empty_folder_has_nothing_to_tag(hangtag_command, run, tmp_path):
    (tmp_path / "empty").mkdir()
    done = hangtag_command("tag", run, tmp_path / "empty", "--out", tmp_path / "tags.csv")
    assert done.code == 2
    assert not (tmp_path / "tags.csv").exists()


def test_info_describes_a_source_for_machines(hangtag_command):
    done = hangtag_command("info", "digits", "--json")
    keys = "format classes counts shape label_codes label_gaps pixel_range unreadable fingerprint"
    assert set(keys.split()) <= set(done.json)
    assert done.json["shape"] == [8, 8, 1]


def test_summary_counts_parameters_exactly(hangtag_command, tmp_path):
    done = hangtag_command("summary", "s0-cnn", "--json", "--out", tmp_path / "s0.svg")
    assert done.json["parameters"] == 394_530
    assert (tmp_path / "s0.svg").read_text().startswith("<svg")


def test_data_list_names_every_known_set(hangtag_command):
    done = hangtag_command("data", "list", "--json")
    assert {one["name"] for one in done.json["sets"]} >= {"fashion-mnist", "sign-mnist", "digits"}


def test_doctor_finds_nothing_wrong_here(hangtag_command):
    done = hangtag_command("doctor", "--json")
    assert done.code == 0
    assert done.json["problems"] == []
    assert "keras" in done.json["versions"]


def test_version_is_the_packages_own(hangtag_command):
    from importlib.metadata import version

    assert hangtag_command("--version").out == f"hangtag {version('hangtag')}\n"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["train"], "either a source or --resume"),
        (["train", "digits", "--network", "s0-cn"], "s0-cn"),
        (["train", "digits", "--split", "lst:5"], "lst"),
        (["train", "digits", "--split", "last:99999"], "last:99999"),
        (["train", "digits", "--optimizer", "adamant"], "adamant"),
        (["train", "/nowhere/at-all"], "/nowhere/at-all"),
        (["train", "--resume", "/nowhere/at-all"], "/nowhere/at-all"),
        (["train", "digits", "--learning-rate", "-1"], "-1"),
        (["info", "no-such-set"], "no-such-set"),
        (["evaluate", "no-such-run"], "no-such-run"),
        (["report", "no-such-run"], "no-such-run"),
        (["tag", "/nowhere", "."], "/nowhere"),
        (["summary", "s0-cnn", "--shape", "28x28"], "28x28"),
        (["summary", "s0-cnn", "--shape", "3x3x1"], "3"),
        (["data", "get", "no-such-set"], "no-such-set"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_wrong_use_is_one_sentence_a_hint_and_exit_code_2(hangtag_command, tmp_path, words, said):
    if words[0] == "train" and "--resume" not in words:
        words = [*words, "--out", tmp_path / "r"]
    done = hangtag_command(*words)
    lines = done.err.strip().splitlines()
    assert done.code == 2
    assert [line.split(":")[0] for line in lines] == ["error", "hint"]
    assert said in done.err
    assert not (tmp_path / "r").exists()


def test_a_run_that_is_there_is_not_written_over(hangtag_command, run):
    before = (run / "run.json").read_bytes()
    done = hangtag_command("train", "digits", *WORDS, "--out", run)
    assert done.code == 2
    assert (run / "run.json").read_bytes() == before


def test_a_source_that_changed_since_training_is_refused(hangtag_command, tmp_path):
    source = tmp_path / "set.npz"
    draw = np.random.default_rng(0)
    for _ in range(2):
        images = draw.integers(0, 255, (60, 8, 8), np.uint8)
        np.savez(source, images=images, labels=np.arange(60) % 3)
        if not (tmp_path / "r").exists():
            hangtag_command("train", source, *WORDS, "--out", tmp_path / "r")
    done = hangtag_command("evaluate", tmp_path / "r")
    assert done.code == 2
    assert "has changed" in done.err
