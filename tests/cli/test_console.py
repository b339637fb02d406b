from __future__ import annotations

import io
import os
import subprocess
import sys

from hangtag.cli import console
from hangtag.errors import OptionError


def test_no_bar_is_drawn_where_nobody_looks(capsys):
    with console.bars() as progress:
        progress("train", 1, 10, "loss 0.5")
    assert capsys.readouterr() == ("", "")


def test_quiet_draws_nothing_on_a_terminal_either(monkeypatch):
    terminal = io.StringIO()
    terminal.isatty = lambda: True
    monkeypatch.setattr(sys, "stderr", terminal)
    with console.bars(quiet=True) as progress:
        progress("train", 1, 10)
    assert terminal.getvalue() == ""


def test_bars_are_drawn_on_a_terminal():
    code = (
        "import pty, os, sys\n"
        "def child():\n"
        "    from hangtag.cli import console\n"
        "    with console.bars() as progress:\n"
        "        for n in range(5):\n"
        "            progress('train', n + 1, 5, 'loss 0.5')\n"
        "pid, place = pty.fork()\n"
        "if not pid:\n"
        "    child(); os._exit(0)\n"
        "seen = b''\n"
        "while True:\n"
        "    try:\n"
        "        got = os.read(place, 4096)\n"
        "    except OSError:\n"
        "        break\n"
        "    if not got: break\n"
        "    seen += got\n"
        "sys.stdout.buffer.write(seen)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        check=True,
        env=os.environ | {"TERM": "xterm"},
    )
    assert "train" in done.stdout.decode()
    assert "100%" in done.stdout.decode()


def test_an_error_is_a_sentence_and_a_hint(capsys):
    console.report_error(OptionError("asked for 0", "ask for 1"))
    assert capsys.readouterr().err == "error: asked for 0\nhint: ask for 1\n"


def test_an_error_without_a_hint_is_one_line(capsys):
    console.report_error(OptionError("asked for 0"))
    assert capsys.readouterr().err == "error: asked for 0\n"


def test_results_and_advice_go_to_different_places(capsys):
    console.say("result")
    console.next_step("hangtag demo")
    console.note("by the way")
    assert capsys.readouterr() == ("result\n", "next: hangtag demo\nby the way\n")


def test_quiet_gives_no_advice(capsys):
    console.next_step("hangtag demo", quiet=True)
    console.note("by the way", quiet=True)
    assert capsys.readouterr() == ("", "")
