"""``hangtag demo``: nothing in; a trained model, its report and tagged images out."""

from __future__ import annotations

import time
from collections import Counter
from pathlib import Path
from typing import Annotated, Any

import hangtag
from hangtag.cli.asking import asks, out_folder
from hangtag.cli.console import answered, bars, next_step, note, say
from hangtag.progress import Progress
from hangtag.records import Evaluation, ImageSet, Tag
from hangtag.requests import DemoRequest, command_line
from hangtag.rooms.tag import unknown_words
from hangtag.shop.showing import in_words, small_shop
from hangtag.workbench.demo import check_demo_place, demo_images, demo_run, write_demo_images


@asks
def demo(
    asked: DemoRequest,
    out: Annotated[Path, out_folder("the model, its report and tags")] = Path("demo"),
) -> None:
    """Do it all, and say what came of it."""
    start = time.perf_counter()
    with bars() as progress:
        done = _carry_out(out, asked, progress)
    files, seconds = done["files"], time.perf_counter() - start
    if answered(lambda: {**files, "accuracy": done["accuracy"], "seconds": round(seconds, 1)}):
        return
    say()
    say(f"model   {files['bundle']}")
    say(f"report  {files['report']}")
    say(f"tags    {files['tags']}")
    say(f"shop    {files['shop']}")
    note(f"all of it took {seconds:.0f} seconds")
    next_step(
        f"open {files['report']} in a browser",
        command_line("tag", files["bundle"], "YOUR_FOLDER", out="tags.csv"),
        command_line("search", files["shop"], "YOUR_PHOTO"),
        command_line("catalog", "review", files["shop"], "--export", "review.csv"),
        command_line("train", "YOUR_IMAGES"),
    )


def _carry_out(out: Path, asked: DemoRequest, progress: Progress) -> dict[str, Any]:
    check_demo_place(out)
    source, images, reason = demo_images(limit=asked.limit, progress=progress)
    if reason:
        note(reason)
    _tell_images(images)
    run = demo_run(
        source,
        images,
        out / "run",
        epochs=asked.epochs,
        seed=asked.seed,
        limit=asked.limit,
        progress=progress,
    )
    evaluation = hangtag.evaluate(run.folder, progress=progress)
    _tell_scores(evaluation)
    page = hangtag.report(run.folder, out=out / "report.html", progress=progress)
    write_demo_images(images, run.split().test, out / "pictures")
    bundle = hangtag.open_bundle(run.bundle)
    tags = hangtag.tag_folder(bundle, out / "pictures", out=out / "tags.csv", progress=progress)
    _tell_tags(tags, bundle.threshold)
    shop, question = out / "shop.db", next(out / "pictures" / one.id for one in tags if one.top)
    note(in_words(question, small_shop(shop, out / "pictures", bundle, question, progress)))
    files = {"bundle": run.bundle, "report": page, "tags": out / "tags.csv", "shop": shop}
    return {
        "files": {name: str(path) for name, path in files.items()},
        "accuracy": vars(evaluation.scores["accuracy"]),
    }


def _tell_images(images: ImageSet) -> None:
    height, width, channels = images.shape
    parts = ", ".join(f"{len(where)} {part}" for part, where in images.parts.items())
    note(f"{images.name}: {parts} images of {height}×{width}×{channels}")
    for name, count in zip(images.class_names, images.counts(), strict=True):
        note(f"  {name:<16} {count}")


def _tell_scores(evaluation: Evaluation) -> None:
    score = evaluation.scores["accuracy"]
    note(f"test accuracy {score} (95 % interval, {score.n} images)")


def _tell_tags(tags: list[Tag], threshold: float | None) -> None:
    labels = Counter("unreadable" if one.error else one.label for one in tags)
    counted = ", ".join(f"{count} {label}" for label, count in labels.most_common())
    note(f"tagged {len(tags)} images: {counted}")
    note(*unknown_words(tags, threshold))
