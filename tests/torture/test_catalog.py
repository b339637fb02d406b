"""Kill -9 at random moments in import, tag, decide and the building of an index.

Nothing that was acknowledged is lost, nothing is there twice, `check` finds nothing, and the same
call goes on. Run by ``make torture``: a hundred kills, minutes.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter

import numpy as np
import pytest

import hangtag
from hangtag.rooms import catalog
from hangtag.rooms import search as search_room

pytestmark = pytest.mark.torture

KILLS = 25
N = 1797

WORKER = """
import sys
import hangtag
from hangtag.rooms import catalog
from hangtag.rooms import load
from hangtag.rooms import search as search_room
from hangtag.shop import searching
what, shop, run, begin = sys.argv[1:]
catalog.items_module.BATCH = catalog.tagging.BATCH = 40
pending = catalog.tagging.pending
catalog.pending = lambda shop, of, size=40: pending(shop, of, 40)
search_room.FROM = 100
images = hangtag.load("digits")
bundle = hangtag.open_bundle(run)
opened = hangtag.open_catalog(shop)
def say(word):
    sys.stdout.write(f"{word}\\n")
    sys.stdout.flush()
say("ready")
if what == "import":
    hangtag.import_items(opened, source=images)
elif what == "tag":
    hangtag.tag_catalog(opened, model=bundle, threshold=0.5)
elif what == "decide":
    for number in range(int(begin), 10**9):
        row = number % 1797
        name = images.id_of(row)
        label = f"v{number}"
        hangtag.decide(opened, [catalog.Decided(name, "category", "corrected", label, "Ada")])
        say(label)
else:
    while True:
        searching.opened(opened)
        say("built")
        import shutil
        from hangtag import settings
        shutil.rmtree(settings.cache_folder() / "indexes")
say("done")
""".replace("catalog.items_module.BATCH = ", "sys.modules['hangtag.rooms.catalog.items'].BATCH = ")


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    place = tmp_path_factory.mktemp("model") / "run"
    hangtag.train("digits", model="linear", c=[0.1], split="stratified:0.2", out=place)
    return place


def worker(what, shop, run, begin=0):
    return subprocess.Popen(
        [sys.executable, "-c", WORKER, what, str(shop), str(run), str(begin)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"OMP_NUM_THREADS": "1"},
    )


def killed_at_random(what, shop, run, draw, span, begin=0):
    """What the worker had said when it was killed, and whether it still was at work."""
    process = worker(what, shop, run, begin)
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n", process.communicate()[1]
    time.sleep(draw.uniform(0, span))
    process.send_signal(signal.SIGKILL)
    out, err = process.communicate()
    assert process.returncode == -signal.SIGKILL or "done" in out, err
    said = [line for line in out.splitlines(keepends=True) if line.endswith("\n")]
    return [line.strip() for line in said], process.returncode == -signal.SIGKILL


def finished(what, shop, run):
    process = worker(what, shop, run)
    out, err = process.communicate()
    assert process.returncode == 0, err
    assert "done" in out


def opened(shop):
    found = hangtag.open_catalog(shop)
    assert catalog.check(found) == []
    return found


def suggestions(shop):
    with shop.reading() as connection:
        rows = connection.execute(catalog.tagging.suggestion.select()).all()
    return Counter(row.item for row in rows), {row.item: row.value for row in rows}


def test_import_tag_decide_and_index_survive_a_hundred_kills(tmp_path, run, capsys):
    draw = random.Random(19)
    shop = tmp_path / "shop.db"
    hangtag.create_catalog(shop).close()
    hit = Counter()

    before = 0
    for _ in range(KILLS):
        _, was = killed_at_random("import", shop, run, draw, 0.25)
        hit["import"] += was
        now = catalog.counted(opened(shop))["items"]
        assert now >= before
        assert now % 40 == 0 or now == N  # whole batches
        before = now
    finished("import", shop, run)
    found = opened(shop)
    assert catalog.counted(found)["items"] == N
    assert hangtag.import_items(found, source="digits").same == N

    before = 0
    for _ in range(KILLS):
        _, was = killed_at_random("tag", shop, run, draw, 0.25)
        hit["tag"] += was
        counts, _ = suggestions(opened(shop))
        assert set(counts.values()) <= {1}
        assert len(counts) >= before
        before = len(counts)
    finished("tag", shop, run)
    counts, _ = suggestions(opened(shop))
    assert len(counts) == N
    other = hangtag.create_catalog(tmp_path / "whole.db")
    hangtag.import_items(other, source="digits")
    hangtag.tag_catalog(other, model=run, threshold=0.5)
    assert catalog.counted(other)["items"] == N
    held = [
        {one.external_id: one.tags for one in catalog.items(each, catalog.numbers(each)).values()}
        for each in (opened(shop), other)
    ]
    assert held[0] == held[1]

    acknowledged = []
    for kill in range(KILLS):
        # Labels of no other round: what was under way when it was killed may be kept, too.
        said, was = killed_at_random("decide", shop, run, draw, 0.6, kill * 1_000_000)
        hit["decide"] += was
        acknowledged += said
        opened(shop)
    with opened(shop).reading() as connection:
        rows = connection.execute(
            catalog.decisions.decision.select()
            .join(catalog.decisions.value)
            .with_only_columns(catalog.decisions.value.c.label)
        )
        kept = Counter(row.label for row in rows)
    assert len(acknowledged) > KILLS
    assert not set(acknowledged) - set(kept), "an acknowledged decision was lost"
    assert set(kept.values()) == {1}, "a decision was kept twice"
    assert len(kept) - len(acknowledged) <= KILLS  # at most the one under way, each time

    found = opened(shop)
    seen = catalog.seen(found)
    for _ in range(KILLS):
        _, was = killed_at_random("index", shop, run, draw, 0.4)
        hit["index"] += was
        places = list((hangtag.settings.cache_folder() / "indexes").glob("[0-9a-f]*"))
        for place in places:
            index = search_room.open_index(place, seen.encoder, seen.width)  # whole, or none
            if index is not None:
                question = index.rows.directions(np.asarray([5]))[0]
                assert index.nearest(question, 1).rows[0] == 5
        opened(shop)
    with capsys.disabled():
        sys.stdout.write(f"killed while at work: {dict(hit)}\n")
    assert sum(hit.values()) > 3.5 * KILLS
