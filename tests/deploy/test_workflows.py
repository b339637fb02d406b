"""What runs elsewhere is checked here: each workflow and hook calls only what this tree has."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
PINNED = re.compile(r"[\w.-]+/[\w./-]+@v\d+(\.\d+)*")
NO_LONGER_HERE = {"dist", "notes.md"}  # made by the step before


def workflow(path: Path) -> dict:
    return yaml.safe_load(path.read_text())


def steps(path: Path):
    """Each step of each job; a job that is another workflow is a step of that."""
    for job in workflow(path)["jobs"].values():
        yield from job.get("steps", [job])


def targets(makefile: Path) -> set[str]:
    return set(re.findall(r"^([a-z-]+):", makefile.read_text(), re.MULTILINE))


@pytest.fixture(scope="module")
def project():
    return tomllib.loads((ROOT / "pyproject.toml").read_text())


def test_the_tests_and_the_release_are_among_the_workflows():
    assert {path.stem for path in WORKFLOWS} >= {"tests", "wheels", "release"}


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_every_make_target_and_file_of_a_step_exists(path):
    called = 0
    for step in steps(path):
        line = step.get("run", "")
        for folder, target in re.findall(r"\bmake (?:-C (\S+) )?([a-z-]+)", line):
            assert target in targets(ROOT / (folder or ".") / "Makefile"), line
            called += 1
        for file in re.findall(r"[\w./-]+\.py\b", line):
            assert (ROOT / file).is_file(), line
            called += 1
        if step.get("uses", "").startswith("./"):
            assert (ROOT / step["uses"]).is_file(), step
            called += 1
    assert called, f"{path.name} calls nothing of this tree"


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_every_action_is_pinned_by_tag(path):
    used = [step["uses"] for step in steps(path) if "uses" in step]
    assert [one for one in used if not one.startswith("./") and not PINNED.fullmatch(one)] == []


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_a_workflow_may_read_and_only_the_job_that_publishes_may_write(path):
    whole = workflow(path)
    assert whole["permissions"] == {"contents": "read"}
    writing = {
        name for name, job in whole["jobs"].items() if "write" in str(job.get("permissions"))
    }
    assert writing <= {"publish"}


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_a_job_waits_for_jobs_that_exist_and_uploads_what_is_downloaded(path):
    jobs = workflow(path)["jobs"]
    needed = [job.get("needs", []) for job in jobs.values()]
    assert {one for need in needed for one in ([need] if isinstance(need, str) else need)} <= set(
        jobs
    )
    uploads = [
        step["with"]["name"]
        for file in WORKFLOWS
        for step in steps(file)
        if "upload-artifact" in step.get("uses", "")
    ]
    for step in steps(path):
        if "download-artifact" in step.get("uses", ""):
            assert any(one.startswith(step["with"]["pattern"].rstrip("*")) for one in uploads)


def test_every_python_that_is_supported_is_tested_on_each_system(project):
    oldest = project["project"]["requires-python"].removeprefix(">=")
    for path, job in (("tests", "tests"), ("wheels", "tried")):
        matrix = workflow(ROOT / f".github/workflows/{path}.yml")["jobs"][job]["strategy"]["matrix"]
        assert matrix["python"] == [oldest, "3.12", "3.13", "3.14"]
        assert {one.split("-")[0] for one in matrix["system"]} >= {"ubuntu", "macos"}
        assert any(one.endswith("-arm") for one in matrix["system"])


def test_wheels_are_built_where_the_kernels_have_loops_of_their_own():
    jobs = workflow(ROOT / ".github/workflows/wheels.yml")["jobs"]
    systems = jobs["kernels"]["strategy"]["matrix"]["system"]
    assert {"ubuntu-24.04", "ubuntu-24.04-arm", "macos-15"} == set(systems)
    refused = (ROOT / "kernels" / "CMakeLists.txt").read_text()
    assert "cannot be built on Windows" in refused


def test_hooks_run_the_tools_of_make_check_as_locked(project):
    hooks = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text())["repos"]
    assert [one["repo"] for one in hooks] == ["local"]
    check = (ROOT / "Makefile").read_text().partition("\ncheck:")[2].partition("\n\n")[0]
    for hook in hooks[0]["hooks"]:
        tool = hook["entry"].split()[0]
        assert f"$(BIN)/{tool.removeprefix('.venv/bin/')}" in check
        assert hook["language"] == "system"
    assert {hook["entry"].split()[0] for hook in hooks[0]["hooks"]} == {
        f".venv/bin/{tool}" for tool in re.findall(r"@\$\(BIN\)/([\w-]+)", check)
    }


def test_forms_ask_for_something_and_say_what_for():
    forms = sorted((ROOT / ".github" / "ISSUE_TEMPLATE").glob("*.yml"))
    assert len(forms) >= 3
    for form in (one for one in forms if one.stem != "config"):
        whole = yaml.safe_load(form.read_text())
        assert {"name", "description", "body"} <= set(whole)
        for field in whole["body"]:
            assert field["attributes"]["label"]
            assert field["type"] in ("textarea", "input", "dropdown", "markdown", "checkboxes")
