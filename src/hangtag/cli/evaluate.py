"""``hangtag evaluate``: a trained run in, its worth on the test split out."""

from __future__ import annotations

import hangtag
from hangtag.cli.asking import RunPlace, asks
from hangtag.cli.console import answered, bars, next_step, note, say
from hangtag.requests import EvaluateRequest, command_line
from hangtag.rooms.report.results.plain import lines
from hangtag.rooms.tag import without_threshold


@asks
def evaluate(asked: EvaluateRequest, run: RunPlace = "latest") -> None:
    """Test, and say what came of it."""
    with bars() as progress:
        result = hangtag.evaluate(run, again=asked.again, progress=progress)
    opened = hangtag.open_run(run)
    found = opened.leaks()
    if answered(lambda: {"run": str(opened.folder), "leaks": found, **result.to_dict()}):
        return
    for line in lines(result):
        say(line)
    note(*without_threshold(result.threshold))
    if found["leaked"]:
        copies = f"{found['leaked']} of {found['test']} test images"
        note(f"caution: training has near-copies of {copies}")
    if (times := len(opened.evaluations)) > 1:
        note(f"caution: the test split was opened {times} times for this run")
    next_step(command_line("report", opened.folder))
