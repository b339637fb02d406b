"""``hangtag study`` as a person types it, on the digits."""

import json

import pytest
import yaml

RECIPE = {
    "name": "mine",
    "title": "Mine",
    "source": "digits",
    "steps": {"look": {"verb": "explore", "show": ["samples"]}},
    "reported": [
        {"figure": "pictures", "ours": "look.images", "value": 1797, "exact": True},
        {"figure": "classes", "ours": "look.classes", "value": 9, "exact": True},
    ],
}


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_text(yaml.safe_dump(RECIPE))
    return path


def test_the_list_has_every_study_with_its_title(hangtag_command):
    answer = hangtag_command("study", "list")
    assert answer.code == 0
    assert "fashion-first-look  A first look at Fashion-MNIST" in answer.out
    assert "next: hangtag study run fashion-first-look" in answer.err


def test_a_recipe_that_is_shown_can_be_copied_and_run(hangtag_command, file, tmp_path):
    shown = hangtag_command("study", "show", str(file), "--set", "title=Copied")
    copy = tmp_path / "copy.yaml"
    copy.write_text(shown.out)
    assert yaml.safe_load(shown.out)["title"] == "Copied"
    assert hangtag_command("study", "run", str(copy), "--out", str(tmp_path / "s")).code == 0


def test_a_study_says_what_is_reached_and_where_its_report_is(hangtag_command, file, tmp_path):
    answer = hangtag_command("study", "run", str(file), "--out", str(tmp_path / "s"))
    assert answer.code == 0
    lines = {line.partition("  ")[0]: line for line in answer.out.splitlines()}
    assert lines["pictures"].endswith("exact")
    assert lines["classes"].endswith("NOT REACHED")
    assert str(tmp_path / "s" / "report.html") in answer.out
    assert (tmp_path / "s" / "report.html").is_file()
    assert "look: What is in the images" in answer.err


def test_json_has_the_comparison_and_nothing_else_is_said(hangtag_command, file, tmp_path):
    answer = hangtag_command("study", "run", str(file), "--out", str(tmp_path / "s"), "--json")
    found = json.loads(answer.out)
    assert [one["inside"] for one in found["compared"]] == [True, False]
    assert found["done"] == ["look"]
    assert answer.err == ""


def test_the_schema_is_json_to_print_or_to_keep(hangtag_command, tmp_path):
    printed = json.loads(hangtag_command("study", "schema").out)
    kept = tmp_path / "study.schema.json"
    hangtag_command("study", "schema", "--out", str(kept))
    assert json.loads(kept.read_text()) == printed


def test_an_unknown_study_is_one_sentence_and_a_hint(hangtag_command, tmp_path):
    answer = hangtag_command("study", "run", "fashion-frist-look", "--out", str(tmp_path / "s"))
    assert answer.code == 2
    assert "there is no study 'fashion-frist-look'" in answer.err
    assert "did you mean 'fashion-first-look'?" in answer.err
    assert "Traceback" not in answer.err
    assert not (tmp_path / "s").exists()


def test_a_limit_is_said_to_be_a_quick_pass(hangtag_command, file, tmp_path):
    place = str(tmp_path / "s")
    answer = hangtag_command("study", "run", str(file), "--limit", "50", "--out", place)
    assert "A quick pass: at most 50 images" in answer.out
    assert "NOT REACHED" not in answer.out
