"""``hangtag demo``: nothing in; a trained model, its report and tagged pictures out."""

from __future__ import annotations

import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hangtag.cli.console import bars, command, next_step, note, say, say_json
from hangtag.cli.options import FOLDER, Json, Limit, Quiet, Seed
from hangtag.cli.unknown import why_unknown

if TYPE_CHECKING:
    from hangtag.progress import Progress
    from hangtag.records import Evaluation, ImageSet, Tag


def demo(
    out: Annotated[Path, FOLDER] = Path("demo"),
    epochs: Annotated[int, typer.Option(min=1, help="Passes over the training images.")] = 3,
    seed: Seed = None,
    limit: Limit = None,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """The main job on real pictures: load, look, train, evaluate, report, tag."""
    start = time.perf_counter()
    with bars(quiet=quiet or as_json) as progress:
        done = _carry_out(out, epochs, seed, limit, progress, quiet=quiet or as_json)
    seconds = time.perf_counter() - start
    if as_json:
        say_json({**done["files"], "accuracy": done["accuracy"], "seconds": round(seconds, 1)})
        return
    say()
    say(f"model   {done['files']['bundle']}")
    say(f"report  {done['files']['report']}")
    say(f"tags    {done['files']['tags']}")
    note(f"all of it took {seconds:.0f} seconds", quiet=quiet)
    next_step(
        f"open {done['files']['report']} in a browser",
        command("tag", done["files"]["bundle"], "YOUR_FOLDER", "--out", "tags.csv"),
        "hangtag train YOUR_PICTURES",
        quiet=quiet,
    )


def _carry_out(
    out: Path, epochs: int, seed: int | None, limit: int | None, progress: Progress, *, quiet: bool
) -> dict[str, Any]:
    import hangtag
    from hangtag.workbench.demo import (
        check_demo_place,
        demo_images,
        demo_run,
        write_demo_pictures,
    )

    check_demo_place(out)
    source, images, reason = demo_images(limit=limit, progress=progress)
    if reason:
        note(reason, quiet=quiet)
    _tell_images(images, quiet=quiet)
    run = demo_run(
        source, images, out / "run", epochs=epochs, seed=seed, limit=limit, progress=progress
    )
    evaluation = hangtag.evaluate(run.folder, progress=progress)
    _tell_scores(evaluation, quiet=quiet)
    page = hangtag.report(run.folder, out=out / "report.html", progress=progress)
    write_demo_pictures(images, run.split().test, out / "pictures")
    bundle = hangtag.open_bundle(run.bundle)
    tags = hangtag.tag_folder(bundle, out / "pictures", out=out / "tags.csv", progress=progress)
    _tell_tags(tags, bundle.threshold, quiet=quiet)
    files = {"bundle": run.bundle, "report": page, "tags": out / "tags.csv"}
    return {
        "files": {name: str(path) for name, path in files.items()},
        "accuracy": vars(evaluation.scores["accuracy"]),
    }


def _tell_images(images: ImageSet, *, quiet: bool) -> None:
    height, width, channels = images.shape
    parts = ", ".join(f"{len(where)} {part}" for part, where in images.parts.items())
    note(f"{images.name}: {parts} pictures of {height}×{width}×{channels}", quiet=quiet)
    for name, count in zip(images.class_names, images.counts(), strict=True):
        note(f"  {name:<16} {count}", quiet=quiet)


def _tell_scores(evaluation: Evaluation, *, quiet: bool) -> None:
    score = evaluation.scores["accuracy"]
    note(f"test accuracy {score} (95 % interval, {score.n} pictures)", quiet=quiet)


def _tell_tags(tags: list[Tag], threshold: float | None, *, quiet: bool) -> None:
    labels = Counter("unreadable" if one.error else one.label for one in tags)
    counted = ", ".join(f"{count} {label}" for label, count in labels.most_common())
    note(f"tagged {len(tags)} pictures: {counted}", quiet=quiet)
    if labels["unknown"]:
        note(f"{labels['unknown']} are 'unknown': {why_unknown(threshold)}", quiet=quiet)
