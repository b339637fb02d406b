from __future__ import annotations

import json
import shlex

import numpy as np
import pytest
from typer.testing import CliRunner

import hangtag
from hangtag.cli import app, command
from hangtag.requests import LoadOptions, Source, options_of

READS = [
    "info",
    "split",
    "explore",
    "audit",
    "reduce",
    "cluster",
    "train",
    "forest",
    "mixture",
    "tune",
    "ablate",
]
SAID = LoadOptions(
    format="csv",
    label="kind",
    parts=False,
    class_names=("a", "b"),
    header=True,
    order="planar",
    value_range=16,
    transpose=True,
    size=(28, 40),
    gray=False,
)


def _run(*words):
    return CliRunner().invoke(app, list(words), catch_exceptions=False)


@pytest.fixture
def table(tmp_path):
    rng = np.random.default_rng(0)
    rows = ["kind," + ",".join(f"pixel{one}" for one in range(64))]
    for number in range(40):
        values = rng.integers(0, 256, 64)
        rows.append(f"{'shirt' if number % 2 else 'coat'}," + ",".join(map(str, values)))
    file = tmp_path / "my clothes.csv"
    file.write_text("\n".join(rows) + "\n")
    return file


@pytest.mark.parametrize("verb", READS)
def test_every_command_that_reads_a_source_can_be_told_how(verb):
    flags = {flag for one in command(verb).params for flag in (*one.opts, *one.secondary_opts)}
    for one in options_of(LoadOptions).values():
        assert {part for pair in one.flags for part in pair.split("/")} <= flags
    assert {"--grey", "--colour"} <= flags


def test_what_was_said_survives_a_run_folder_and_a_command_line():
    assert LoadOptions.from_dict(json.loads(json.dumps(SAID.to_dict()))) == SAID
    assert LoadOptions.from_dict(LoadOptions().to_dict()) == LoadOptions()
    assert shlex.split(str(Source("my clothes", LoadOptions(size=(28, 28), gray=True)))) == [
        "my clothes", "--size", "28x28", "--gray",
    ]  # fmt: skip


def test_the_words_of_a_source_are_understood_by_the_command_line(table):
    source = Source(str(table), LoadOptions(label="kind", size=(9, 12), gray=False))
    result = _run("info", *source.words(), "--json")
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout)["shape"] == [9, 12, 3]


def test_a_run_remembers_how_its_source_was_read_and_evaluates_later(table, tmp_path):
    made = _run(
        "forest", str(table), "--label", "kind", "--size", "10", "--n-estimators", "5",
        "--max-depth", "3", "--out", str(tmp_path / "run"),
    )  # fmt: skip
    assert made.exit_code == 0, made.output
    run = hangtag.open_run(tmp_path / "run")
    assert run.config.loading == {"label": "kind", "size": [10, 10]}
    assert "--label kind --size 10x10" in run.config.command
    assert _run("evaluate", str(tmp_path / "run")).exit_code == 0


def test_next_steps_say_how_the_source_was_read(table):
    result = _run("info", str(table), "--size", "10")
    assert f"next: hangtag train '{table}' --size 10x10" in result.stderr


def test_an_option_that_does_not_exist_is_refused_by_name(table):
    with pytest.raises(hangtag.errors.OptionError, match="no option 'labels'"):
        hangtag.load(table, labels="kind")
