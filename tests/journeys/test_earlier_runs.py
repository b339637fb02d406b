"""What earlier versions trained opens, is judged again and tags, as ``tests/earlier`` keeps it."""

import shlex
import zipfile
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

import hangtag
from hangtag.cli import app

KEPT = Path(__file__).parents[1] / "earlier" / "runs.zip"
with zipfile.ZipFile(KEPT) as archive:
    NAMES = sorted({name.partition("/")[0] for name in archive.namelist()})


@pytest.fixture(scope="module")
def earlier(tmp_path_factory):
    place = tmp_path_factory.mktemp("earlier")
    with zipfile.ZipFile(KEPT) as archive:
        archive.extractall(place)
    return place


@pytest.mark.parametrize("name", NAMES)
def test_a_run_of_an_earlier_version_opens_with_all_its_files(earlier, name):
    run = hangtag.open_run(earlier / name)
    assert run.stage == "evaluated"
    assert run.evaluation().scores["accuracy"].n == len(run.predictions())
    assert len(run.split().test) == len(run.predictions())
    assert run.leaks()["test"] == len(run.predictions())
    assert hangtag.report(run.folder).stat().st_size > 10_000


@pytest.mark.parametrize("name", NAMES)
def test_its_model_keeps_its_id_and_gives_the_answers_it_gave(earlier, name):
    run = hangtag.open_run(earlier / name)
    kept = run.predictions()
    bundle = hangtag.open_bundle(run.bundle)
    assert bundle.model_id in (run.bundle / "manifest.json").read_text()
    answers = bundle.probabilities(run.images().images[kept.indices])
    assert np.abs(answers - kept.probabilities).max() < 1e-5


@pytest.mark.parametrize("name", NAMES)
def test_it_stays_one_run_when_this_version_writes_into_it(earlier, name):
    run = hangtag.open_run(earlier / name)
    before = run.evaluation().scores["accuracy"].value
    hangtag.evaluate(run.folder, again=True)
    again = hangtag.open_run(run.folder)
    assert again.identity == run.identity
    assert len(again.evaluations) == len(run.evaluations) + 1
    assert again.evaluation().scores["accuracy"].value == before
    assert len(again.split().train) == len(run.split().train)


def test_all_of_them_are_listed_with_their_scores(earlier):
    found = hangtag.list_runs(earlier)
    assert sorted(one.name for one in found.rows) == NAMES
    assert all(one.accuracy is not None and one.validation is not None for one in found.rows)


def test_the_step_that_the_list_ends_with_works(earlier):
    shown = CliRunner().invoke(app, ["runs", str(earlier)])
    assert all(name in shown.stdout for name in NAMES)
    advised = shown.stderr.strip().removeprefix("next: hangtag ")
    assert advised.startswith("compare ")
    done = CliRunner().invoke(app, shlex.split(advised))
    assert (done.exit_code, "Every difference, tested" in done.stdout) == (0, True)
