"""The command line that a study, a page or the console prints gives the same, bit for bit."""

from __future__ import annotations

import importlib
import json
import shlex

import pytest
from typer.testing import CliRunner

import hangtag
from hangtag import study
from hangtag.cli import app

STEPS = {
    "look": "verb: explore\nper_class: 2\nsplit: last:40\nshow: [classes]",
    "checks": "verb: audit\nchecks: [duplicates, leaks, blanks]",
    "maps": "verb: reduce\nmethods:\n  pca: {sample: 60}\n"
    "  mds: {sample: 50, options: {measure: no}}",
    "groups": "verb: cluster\nk: [4, 6]\nn_init: 2\nsample: 100\nsplit: last:40\nseed: 5",
    "mixed": "verb: cluster\nmethod: mixture\nk: [2, 3]\nn_init: 1\npca: 4\nnew: 3\n"
    "rule: sound-bic\ncovariance: tied\nvalidation: true",
    "worth": "verb: ablate\nnetwork: s3-base\nepochs: 1\nseeds: [0, 2]\n"
    "changes: {fast: {learning_rate: 0.01}}",
    "trees": "verb: forest\nn_estimators: [3, 5]\nmax_depths: [2, 4]",
    "net": "verb: train\nnetwork: s2-mlp\noptions: {epochs: 1}\nseeds: [3]",
    "test": "verb: evaluate\nof: net\nlive: false\nshow: []",
    "sure": "verb: evaluate\nof: trees\nlive: false\nshow: []",
    "both": "verb: compare\nof: [net, trees]\npictures: false",
}
FUNCTIONS = ("explore", "audit", "reduce", "cluster", "ablate", "evaluate", "compare")
"""Verbs whose result is compared as the JSON that the command gives."""


def _recipe():
    steps = "\n".join(
        f"  {name}:\n" + "\n".join(f"    {line}" for line in text.split("\n"))
        for name, text in STEPS.items()
    )
    head = "name: again\ntitle: Again\nsource: digits\nload: {size: [6, 7]}\nseed: 1\nsteps:\n"
    return f"{head}{steps}\n"


def _timeless(value):
    """JSON without what a clock or a folder says."""
    if isinstance(value, dict):
        gone = ("seconds", "compiling", "source", "files", "run", "leaks", "folder", "asked")
        return {
            key: _timeless(one) for key, one in value.items()
            if key not in gone and "seconds" not in key
        }  # fmt: skip
    return [_timeless(one) for one in value] if isinstance(value, list) else value


def _plain(found):
    return json.loads(json.dumps(found, default=lambda one: one.tolist()))


@pytest.fixture(scope="module")
def done(tmp_path_factory):
    """The study, and what each of its verbs gave."""
    base = tmp_path_factory.mktemp("again")
    file = base / "again.yaml"
    file.write_text(_recipe())
    given = {}
    with pytest.MonkeyPatch.context() as patch:
        for verb in FUNCTIONS:
            module = importlib.import_module(f"hangtag.study.steps.{verb}")
            patch.setattr(module, verb, _kept(getattr(module, verb), given.setdefault(verb, [])))
        found = study.run(study.open_recipe(file), out=base / "study", limit=200)
    return found, given


def _kept(verb, results):
    def keeping(*data, **options):
        result = verb(*data, **options)
        results.append(result)
        return result

    return keeping


def _carried_out(line, *more):
    words = [*shlex.split(line)[1:], *map(str, more)]
    result = CliRunner().invoke(app, words, catch_exceptions=False)
    assert result.exit_code == 0, (line, result.output)
    return result.stdout


@pytest.mark.parametrize("step", ["look", "checks", "groups", "mixed", "worth", "test", "both"])
def test_a_study_prints_commands_that_give_what_it_found(done, step, tmp_path, monkeypatch):
    found, given = done
    verb = found.outcomes[step].verb
    monkeypatch.chdir(found.folder)
    place = [one for one in STEPS if f"verb: {verb}" in STEPS[one]].index(step)
    (line,) = found.outcomes[step].commands
    more = ["--out", tmp_path / "ablation"] if verb == "ablate" else []
    answer = _timeless(json.loads(_carried_out(line, "--json", *more)))
    wanted = _timeless(_plain(given[verb][place].to_dict()))
    wanted.pop("groups", None)
    assert answer == wanted


def test_maps_are_the_same_point_by_point(done, tmp_path, monkeypatch):
    found, given = done
    monkeypatch.chdir(tmp_path)
    for line, one in zip(found.outcomes["maps"].commands, given["reduce"], strict=True):
        (answer,) = json.loads(_carried_out(line, "--json"))["maps"]
        assert answer["indices"] == one.indices.tolist()
        assert answer["points"] == [[round(float(at), 6) for at in row] for row in one.points]
        assert answer["quality"] == dict(one.quality)
        # The page repeats the command that made it, which makes the same page again.
        page = (tmp_path / f"{one.method}.html").read_bytes()
        assert "hangtag reduce digits --size 6x7" in page.decode()
        _carried_out(line)
        assert (tmp_path / f"{one.method}.html").read_bytes() == page


@pytest.mark.parametrize("step", ["net", "trees"])
def test_a_model_is_the_same_to_the_last_weight(done, step, tmp_path):
    found, _ = done
    (line,) = found.outcomes[step].commands
    (folder,) = (found.folder / one for one in found.outcomes[step].runs.values())
    _carried_out(line, "--out", tmp_path / "run")
    for name in ("weights.safetensors", "model.onnx"):
        ours = (tmp_path / "run" / "bundle" / name).read_bytes()
        assert ours == (folder / "bundle" / name).read_bytes()


@pytest.mark.parametrize(
    "line",
    [
        "hangtag cluster digits --k 3..5 --n-init 2 --pca 5 --limit 100 --seed 4",
        "hangtag reduce digits --method pca,mds --sample 40 --limit 90 --seed 4",
        "hangtag split digits --split stratified:0.3 --seed 9 --limit 100",
    ],
)
def test_the_next_step_of_the_console_repeats_what_was_asked(line, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    first = json.loads(_carried_out(line, "--json"))
    result = CliRunner().invoke(app, shlex.split(line)[1:])
    (again,) = [one for one in result.stderr.splitlines() if one.startswith("next: hangtag")]
    second = json.loads(_carried_out(again.removeprefix("next: "), "--json"))
    assert _timeless({**second, "file": None}) == _timeless({**first, "file": None})


def test_a_split_that_was_saved_is_in_every_command_that_repeats_what_was_made_on_it(
    tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)

    def carry_out(words: str) -> list[str]:
        result = CliRunner().invoke(app, shlex.split(words))
        assert result.exit_code == 0, (words, result.stderr, result.exception)
        return [one[6:] for one in result.stderr.splitlines() if one.startswith("next: hangtag ")]

    carry_out("audit digits --checks duplicates --write-split clean.npz --out clean.html")
    carry_out("train digits --network s2-mlp --epochs 1 --split saved:clean.npz --seed 2 --out a")
    first = hangtag.open_run("a")
    assert "--split saved:clean.npz" in first.config.command
    carry_out(first.config.command.removeprefix("hangtag ") + " --out b")
    assert hangtag.open_bundle("a").model_id == hangtag.open_bundle("b").model_id
    space = "--space c=0.1,1 --method grid"
    (following,) = carry_out(f"tune digits --model linear {space} --split saved:clean.npz --out s")
    assert "--split saved:clean.npz" in following
    carry_out(following.removeprefix("hangtag ") + " --out c")
    assert list(hangtag.open_run("c").split().train) == list(first.split().train)
