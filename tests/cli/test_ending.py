"""Whatever happens inside a command, a person reads a sentence."""

from __future__ import annotations

import errno
import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from hangtag.cli import ending
from hangtag.errors import OptionError


@pytest.fixture
def ended(monkeypatch, capsys, tmp_path):
    """Raise something inside a command; give the exit code and what was said."""
    monkeypatch.setenv("HANGTAG_CACHE", str(tmp_path / "cache"))

    def end(error, *words):
        def command():
            raise error

        monkeypatch.setattr(sys, "argv", ["hangtag", "tag", *words])
        code = ending.carried_out(command)
        return code, capsys.readouterr().err

    return end


def test_an_error_of_ours_is_its_sentence(ended):
    assert ended(OptionError("asked", "do")) == (2, "error: asked\nhint: do\n")


def test_a_trouble_of_the_machine_is_a_sentence_and_exit_code_1(ended):
    code, said = ended(OSError(errno.ENOSPC, "No space left on device", "tags.csv"))
    assert code == 1
    assert said.startswith("error: tags.csv: the disk is full\nhint: ")


def test_a_mistake_is_a_sentence_a_file_to_send_and_exit_code_70(ended, tmp_path):
    code, said = ended(KeyError("labels"), "shop")
    (file,) = (tmp_path / "cache" / "crashes").iterdir()
    assert code == 70
    assert "Traceback" not in said
    assert said.splitlines()[0] == "error: Hangtag made a mistake (KeyError: 'labels')"
    assert str(file) in said
    text = file.read_text()
    assert "hangtag tag shop" in text
    assert "Traceback" in text
    assert "numpy" in text


def test_a_mistake_where_nothing_can_be_written_says_so(ended, tmp_path):
    (tmp_path / "cache").touch()
    code, said = ended(KeyError("labels"))
    assert code == 70
    assert "no file about it could be written" in said
    assert "Traceback" not in said


@pytest.mark.parametrize("error", [OptionError("asked"), KeyError("labels")])
def test_a_traceback_is_shown_when_it_is_asked_for_anywhere(ended, error):
    _, said = ended(error, "shop", "--debug")
    assert "Traceback" in said
    assert sys.argv == ["hangtag", "tag", "shop"]


def test_what_is_no_exception_is_caught_as_well(ended):
    assert ended(type("PanicException", (BaseException,), {})("rust"))[0] == 70


def command(*words, **options):
    return subprocess.run(
        [sys.executable, "-m", "hangtag", *words], text=True, check=False, **options
    )


@pytest.mark.parametrize(
    ("words", "code", "error", "hint"),
    [
        (["info", "nothing-there"], 2, "'nothing-there' is neither", "known: "),
        (["info", "digits", "--limit", "none"], 2, "Invalid value for '--limit'", "--help"),
        (["info", "digits", "--size", "large"], 2, "--size cannot be 'large'", "such as 28"),
        (["infos"], 2, "No such command 'infos'", "--help"),
    ],
)
def test_machines_get_errors_as_json(words, code, error, hint):
    done = command(*words, "--json", capture_output=True)
    said = json.loads(done.stdout)
    assert done.returncode == code
    assert error in said["error"]
    assert hint in said["hint"]
    assert done.stderr == ""


@pytest.mark.parametrize(
    ("words", "error", "hint"),
    [
        (["infos", "digits"], "No such command 'infos'", "hangtag --help says"),
        (["catalog", "infos"], "No such command 'infos'", "hangtag catalog --help says"),
        (
            ["linear", "digits", "--feature", "x"],
            "No such option: --feature",
            "hangtag linear --help",
        ),
        (
            ["train", "digits", "--features", "x"],
            "No such option: --features",
            "--change NAME=VALUE",
        ),
    ],
)
def test_what_was_typed_wrongly_is_one_sentence_and_where_to_look(words, error, hint):
    done = command(*words, capture_output=True)
    assert (done.returncode, done.stdout) == (2, "")
    first, second = done.stderr.splitlines()
    assert first.startswith(f"error: {error}")
    assert second.startswith("hint: ")
    assert hint in second


@pytest.mark.parametrize("words", [[], ["catalog"]])
def test_nothing_asked_shows_the_help_alone(words):
    done = command(*words, capture_output=True)
    assert done.returncode == 2
    assert "Usage: hangtag" in done.stdout + done.stderr
    assert "error" not in done.stderr


def test_a_mistake_is_json_for_machines(monkeypatch, capsys, tmp_path):
    monkeypatch.setenv("HANGTAG_CACHE", str(tmp_path))
    monkeypatch.setattr(sys, "argv", ["hangtag", "info", "--json"])
    assert ending.carried_out({}.popitem) == 70
    said = json.loads(capsys.readouterr().out)
    assert said["error"].startswith("Hangtag made a mistake (KeyError")
    assert said["hint"].startswith("please send us")


def test_a_closed_pipe_is_a_sentence():
    code = (
        "import subprocess, sys\n"
        "made = subprocess.Popen([sys.executable, '-m', 'hangtag', 'study', 'schema'],\n"
        "    stdout=subprocess.PIPE, stderr=subprocess.PIPE)\n"
        "made.stdout.close()\n"
        "print(made.stderr.read().decode(), made.wait())\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "error: whoever read the output has closed it\n 1\n"


def test_a_full_output_is_a_sentence():
    with Path("/dev/full").open("w") as full:
        done = command("data", "list", stdout=full, stderr=subprocess.PIPE)
    assert done.returncode == 1
    assert done.stderr.startswith("error: the disk is full\nhint: ")
    assert len(done.stderr.splitlines()) == 2


def test_no_output_at_all_is_no_error():
    closed = f"{sys.executable} -m hangtag data list >&- 2>&-"
    assert subprocess.run(["sh", "-c", closed], check=False).returncode == 0


def test_ctrl_c_amid_an_import_has_the_same_exit_code(tmp_path):
    (tmp_path / "amid.py").write_text(
        "import sys\n"
        "from hangtag.cli import ending\n"
        # As in a named tuple that is being made.
        "sys.exit(ending.carried_out(lambda: exec('raise KeyboardInterrupt')))\n"
    )
    words = [sys.executable, "-m", "amid"]
    done = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True)
    assert (done.returncode, done.stderr.strip()) == (130, "stopped")


def test_ctrl_c_says_that_it_stopped(tmp_path):
    words = ["cluster", "digits", "--k", "40", "--n-init", "100000", "--out", str(tmp_path / "c")]
    words = [sys.executable, "-m", "hangtag", *words]
    with subprocess.Popen(words, stderr=subprocess.PIPE, text=True) as process:
        time.sleep(2)
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=60)
    assert process.returncode == 130
    assert said.endswith("\nstopped\n")
    assert "Traceback" not in said
