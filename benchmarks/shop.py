"""A shop of 100,000 items and Fashion-MNIST as a catalogue: the bars of tagging and correcting."""

from __future__ import annotations

import csv
import os
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

import hangtag
from hangtag.geometry import directions
from hangtag.rooms import catalog
from hangtag.rooms.catalog import Answer, Decided, Offer, OfferedPhoto
from hangtag.rooms.search import measured
from hangtag.shop import searching

TITLE = "The shop: 100,000 items tagged anew and corrected, Fashion-MNIST as a catalogue"
N = int(os.environ.get("HANGTAG_BENCH_ITEMS", "100000"))
PARTS = os.environ.get("HANGTAG_BENCH_PARTS", "items,fashion,unseen,feeds").split(",")
HELD_OUT = ((0, 1), (5, 8), (2, 6))
"""Classes that a network never sees: two that are easily told apart, two more, and two that people,
too, mistake for each other."""
WIDTH, VALUES, CORRECTED, ADDED, SEED = 128, 10, 1000, 200, 0
ROWS = int(os.environ.get("HANGTAG_BENCH_ROWS", "50000"))


class Clock:
    """Rows of a table: what was done, wall and processor seconds, and the bar."""

    def __init__(self) -> None:
        self.rows: list[str] = []

    def __call__(self, what: str, bar: str, work: Callable[[], Any]) -> Any:
        began = time.perf_counter(), time.process_time()
        found = work()
        wall, own = time.perf_counter() - began[0], time.process_time() - began[1]
        self.rows.append(f"| {what} | {wall:.2f} | {own:.2f} | {bar} |")
        return found

    @property
    def table(self) -> str:
        head = "| | wall s | processor s | bar (wall) |\n|---|---|---|---|\n"
        return head + "\n".join(self.rows)


def run() -> str:
    """Measure and describe."""
    said = []
    with tempfile.TemporaryDirectory() as folder:
        if "items" in PARTS:
            said.append(_items(Path(folder)))
        if "fashion" in PARTS:
            said.append(_fashion(Path(folder)))
        if "unseen" in PARTS:
            said.append(_unseen(Path(folder)))
        if "feeds" in PARTS:
            said.append(_feeds(Path(folder)))
    return "\n\n".join(said)


def _items(folder: Path) -> str:
    clock = Clock()
    shop = _embedded(folder / "items.db")
    labels = [f"pattern {row % VALUES}" for row in range(N)]
    asked = [Decided(f"i{r}", "pattern", "corrected", labels[r], "Ada") for r in range(CORRECTED)]
    clock(f"{CORRECTED:,} corrections kept", "", lambda: hangtag.decide(shop, asked))
    head = clock(
        f"head learned from {CORRECTED:,} corrections",
        "10",
        lambda: hangtag.learn_attribute(shop, attribute="pattern"),
    )
    clock(
        f"{N:,} items tagged by it", "60", lambda: hangtag.tag_catalog(shop, model="head:pattern")
    )
    more = [
        Decided(f"i{r}", "pattern", "corrected", labels[r], "Ada")
        for r in range(CORRECTED, CORRECTED + 100)
    ]
    hangtag.decide(shop, more)
    hangtag.learn_attribute(shop, attribute="pattern")
    before = _said(shop)
    again = clock(
        f"{N:,} items tagged by the next head",
        "60",
        lambda: hangtag.tag_catalog(shop, model="head:pattern"),
    )
    clock("what would change, by class", "", lambda: catalog.preview(shop, again.id))
    clock("the next tagging taken into use", "", lambda: hangtag.use_tagging(shop, again.id))
    changed = sum(one != other for one, other in zip(before, _said(shop), strict=True))
    last = catalog.last_change(shop)
    fixed = [Decided(f"i{N // 2}", "pattern", "corrected", "zigzag", "Ada")]

    def corrected() -> None:
        hangtag.decide(shop, fixed)
        assert len(catalog.matching(shop, "pattern=zigzag")) == 1
        assert "zigzag" in hangtag.export_catalog(shop, since=last).decode()

    clock("a correction kept, found by a filter, exported (--since)", "1", corrected)
    adds = []
    for row in range(ADDED):
        planned = catalog.plan(shop, [_offer(N + row)], keep=True)
        began = time.perf_counter(), time.process_time()
        catalog.carry_out(shop, planned)
        done = time.perf_counter() - began[0], time.process_time() - began[1]
        adds.append([one * 1e3 for one in done])
    clock("the index of a search built", "", lambda: searching.opened(shop))
    _embed(shop)
    clock(f"it opened after {ADDED} items came", "1", lambda: searching.opened(shop))
    (middle, own), (slow, own_slow) = np.quantile(adds, [0.5, 0.99], axis=0)
    accuracy, low, high = head.facts["accuracy"]
    return (
        f"{N:,} items of {VALUES} patterns with embeddings of {WIDTH} numbers (synthetic, seed "
        f"{SEED}). Accuracy of the head by cross-validation {accuracy:.3f} [{low:.3f}, {high:.3f}]"
        f"; human decisions changed by two taggings: {changed}. One item added durably: median "
        f"{middle:.1f} ms, p99 {slow:.1f} ms of {ADDED} (bar: 20); of processor time {own:.1f} and "
        f"{own_slow:.1f}.\n\n{clock.table}"
    )


def _fashion(folder: Path) -> str:
    clock = Clock()
    images = hangtag.load("fashion-mnist")
    said = [_as_catalog(folder, images, network, clock) for network in ("fast", "balanced")]
    rows = np.random.default_rng(SEED).choice(len(images), 2000, replace=False)
    pixels = directions(images.images.reshape(len(images), -1).astype(np.float32))
    near = np.argsort(-(pixels[rows] @ pixels.T), axis=1)[:, 1:11]
    raw = float((images.labels[near] == images.labels[rows][:, None]).mean())
    return (
        f"Fashion-MNIST as a catalogue, by two networks of ours that have seen 60,000 of the "
        f"70,000 photos (seed {SEED}). {' '.join(said)} precision@10 of raw pixels: {raw:.4f} "
        f"(bar: .92 by a network of ours).\n\n{clock.table}"
    )


def _as_catalog(folder: Path, images: Any, network: str, clock: Clock) -> str:
    run = hangtag.train("fashion-mnist", network=network, seed=SEED, out=folder / network)
    shop = hangtag.create_catalog(folder / f"{network}.db")

    def imported_and_tagged() -> None:
        hangtag.import_items(shop, source=images)
        hangtag.tag_catalog(shop, model=run)

    bars = ("60", "1") if network == "fast" else ("", "1")
    clock(f"`{network}`: {len(images):,} photos imported and tagged", bars[0], imported_and_tagged)
    shop.close()
    opened = clock(
        f"`{network}`: opened, first search", bars[1], lambda: _first(folder / f"{network}.db")
    )
    worth = hangtag.measure_search(opened, attribute="class")
    middle, slow = worth.milliseconds
    opened.close()
    return (
        f"`{network}`, {len(run.history())} epochs: precision@10 {worth.precision:.4f}, a question "
        f"takes {middle:.1f} ms, p99 {slow:.1f} (bar: 10)."
    )


def _unseen(folder: Path) -> str:
    """Search among classes that no training photo showed, by what eight others taught."""
    images = hangtag.load("fashion-mnist")
    training = np.asarray(images.parts["train"])
    lines = []
    for held in HELD_OUT:
        rows = training[~np.isin(images.labels[training], held)]
        names = [images.class_names[one] for one in held]
        run = hangtag.train(
            (images.images[rows], images.labels[rows]),
            network="fast",
            seed=SEED,
            out=folder / f"without {held}",
        )
        points = directions(hangtag.open_bundle(run).embeddings(images.images))
        others = np.flatnonzero(np.isin(images.labels, held))
        pixels = directions(images.images[others].reshape(len(others), -1).astype(np.float32))
        labels = images.labels[others].astype(str).tolist()
        alone = np.arange(len(others))
        found = [measured(one, alone, labels).precision for one in (points[others], pixels)]
        asked = np.random.default_rng(SEED).choice(others, 2000, replace=False)
        cosines = points[asked] @ points.T
        cosines[np.arange(len(asked)), asked] = -2
        near = np.argpartition(-cosines, 9, axis=1)[:, :10]
        whole = float((images.labels[near] == images.labels[asked][:, None]).mean())
        lines.append(f"| {names[0]}, {names[1]} | {found[0]:.3f} | {found[1]:.3f} | {whole:.3f} |")
    return (
        "Classes that the network never saw: `fast` trained on the training photos of the eight "
        f"others (seed {SEED}), precision@10 of 2,000 questions of the two, among the 14,000 of "
        "them and among all 70,000.\n\n"
        "| held out | among the two | raw pixels there | among all ten classes |\n"
        "|---|---|---|---|\n" + "\n".join(lines)
    )


def _feeds(folder: Path) -> str:
    clock = Clock()
    same = []
    photos = folder / "photos"
    photos.mkdir()
    for number in range(200):
        Image.new("RGB", (64, 64), (number, 255 - number, 99)).save(photos / f"{number}.jpg")
    for name, (head, row) in FEEDS.items():
        feed = folder / f"{name}.csv"
        with feed.open("w", newline="", encoding="utf-8-sig") as file:
            writer = csv.writer(file, lineterminator="\r\n")
            writer.writerow(head)
            writer.writerows(row(number) for number in range(ROWS))
        shop = hangtag.create_catalog(folder / f"{name}.db")
        taken = partial(hangtag.import_items, shop, source=feed)
        clock(f"{name}: imported", "60", taken)
        again = clock(f"{name}: the same again", "60", taken)
        back = clock(f"{name}: exported", "60", partial(hangtag.export_catalog, shop))
        assert not again.new
        assert not again.changed
        same.append(back == feed.read_bytes())
        shop.close()
    return (
        f"Feeds of {ROWS:,} rows with quotes, lines within cells, empty cells, a byte order mark "
        f"and CRLF; given back byte for byte: {sum(same)} of {len(same)}.\n\n{clock.table}"
    )


def _body(number: int) -> str:
    return '<p>A "nice" shirt,\nwith a second line</p>' if number % 3 == 0 else ""


FEEDS: dict[str, tuple[list[str], Callable[[int], list[str]]]] = {
    "Shopify": (
        [
            "Handle",
            "Title",
            "Body (HTML)",
            "Vendor",
            "Tags",
            "Variant SKU",
            "Variant Price",
            "Image Src",
        ],
        lambda n: [
            f"shirt-{n}",
            f"Shirt {n}",
            _body(n),
            "Nord",
            "",
            f"S{n}",
            f"{n % 90}.99",
            f"photos/{n % 200}.jpg",
        ],
    ),
    "WooCommerce": (
        [
            "ID",
            "Type",
            "SKU",
            "Name",
            "Published",
            "Description",
            "Regular price",
            "Categories",
            "Tags",
            "Images",
        ],
        lambda n: [
            str(n + 1),
            "simple",
            f"S{n}",
            f"Shirt {n}",
            "1",
            _body(n),
            f"{n % 90}.99",
            "Shirts",
            "",
            f"photos/{n % 200}.jpg",
        ],
    ),
    "Google Merchant": (
        ["id", "title", "description", "link", "image_link", "price", "availability", "brand"],
        lambda n: [
            f"s{n}",
            f"Shirt {n}",
            _body(n),
            "",
            f"photos/{n % 200}.jpg",
            f"{n % 90}.99 EUR",
            "in_stock",
            "Nord",
        ],
    ),
}


def _first(place: Path) -> Any:
    shop = hangtag.open_catalog(place)
    hangtag.similar_items(shop, item=_name(shop))
    return shop


def _name(shop: Any) -> str:
    return next(iter(catalog.items(shop, [1]).values())).external_id


def _said(shop: Any) -> list[tuple[str, Any]]:
    """What people say, of every item they said anything of."""
    found = catalog.items(shop, list(range(1, CORRECTED + 101)))
    return [(one.external_id, one.tags["pattern"]) for one in found.values()]


def _offer(row: int) -> Offer:
    uri = f"photos/{row}.jpg"
    return Offer(f"i{row}", (OfferedPhoto(uri, f"digest {row}"),), title=f"item {row}")


def _embedded(place: Path) -> Any:
    shop = hangtag.create_catalog(place)
    catalog.carry_out(shop, catalog.plan(shop, [_offer(row) for row in range(N)]))
    _embed(shop)
    return shop


def _embed(shop: Any) -> None:
    """Embed, by drawn numbers, what was not."""
    rng = np.random.default_rng(SEED)
    middles = rng.normal(size=(VALUES, WIDTH)).astype(np.float32)
    which = np.arange(N + ADDED) % VALUES
    points = middles[which] + 2.5 * rng.normal(size=(len(which), WIDTH)).astype(np.float32)
    of = catalog.begin(shop, "category", "synthetic", "nowhere", 0.5)
    encoder = catalog.encoder_of(shop, "synthetic", "nowhere", WIDTH)
    for batch in catalog.pending(shop, of):
        answers = [Answer(one.item, "shirt", 0.9, True) for one in batch]
        rows = {n: points[int(one.name[1:])] for one in batch for n, *_ in one.photos}
        catalog.keep(shop, of, answers, rows, encoder)
    catalog.use(shop, of)
