"""Do the intervals hold, are false alarms as rare as they say, is the threshold's promise kept?

Everything is simulated in worlds of which the truth is known (``truth_worlds``) with the very
functions the tool uses. What planted faults the audit finds stands beside it, in ``truth_audit``.
To add a score: a line in :func:`_scores`; a test: a line in :func:`alarms`; a world: a line there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from threadpoolctl import threadpool_limits

from benchmarks.documented import into_docs
from benchmarks.truth_seeds import least_coverage
from benchmarks.truth_worlds import (
    ANSWERING,
    KINDS,
    POOL,
    SEEDED,
    Answering,
    Kind,
    answering,
    expected,
    halves,
    pool,
    sample,
    seeded,
)
from hangtag.records import Confusion, Predictions, Score
from hangtag.rooms.evaluate import five_by_two, mcnemar, mean_over_seeds, repeats, threshold
from hangtag.rooms.evaluate.averages import average_scores
from hangtag.rooms.evaluate.confusion import count
from hangtag.rooms.evaluate.intervals import proportion
from hangtag.rooms.evaluate.paired import difference
from hangtag.rooms.evaluate.ranking import auc, loss, top_k
from hangtag.rooms.evaluate.scores import class_scores

TITLE = "Truth: what intervals, tests and the threshold hold"
SIZES = (30, 200, 10_000)
HELD = (0.93, 0.97)
ALARMS = 0.06
KEPT = 0.9
PRECISION = 0.95
SELDOM = 0.1  # an interval given less often than this is as good as refused
SEEDS = (3, 5, 10)

Coverage = dict[tuple[str, int], dict[str, tuple[float, float]]]
"""Score and number of images to world, to how often it held and how often it was given."""


def run() -> str:
    """Simulate everything, write the tables into the docs, and give them for RESULTS.md."""
    # Two BLAS threads on matrices this small only wait for each other.
    with threadpool_limits(1):
        held = coverage(repetitions=dict.fromkeys(SIZES, 1000))
        text = "\n\n".join(
            (
                _coverage_table(held),
                _no_rule(),
                _alarms_table(alarms(repetitions=2000)),
                _promise_table(promise(repetitions=300)),
            )
        )
    into_docs("truth", text)
    return text


def coverage(
    repetitions: Mapping[int, int],
    kinds: Mapping[str, Kind] = KINDS,
    *,
    resamples: int = 1000,
    size: int = POOL,
) -> Coverage:
    """How often each interval held what the whole pool has, and how often there was one."""
    found: Coverage = {}
    for world, kind in kinds.items():
        everything = pool(kind, size=size)
        truth = {name: one.value for name, one in _scores(everything, resamples=0)}
        for n, times in repetitions.items():
            generator = np.random.default_rng(n)
            drawn: dict[str, list[tuple[float, Score]]] = {}
            for _ in range(times):
                few = sample(everything, n, generator)
                seed = int(generator.integers(1 << 30))
                for name, score in _scores(few, resamples=resamples, seed=seed):
                    drawn.setdefault(name.split(":")[0], []).append((truth[name], score))
            for name, pairs in drawn.items():
                found.setdefault((name, n), {})[world] = _held(pairs)
    for name, world, n, pairs in _differences(repetitions):
        found.setdefault((name, n), {})[world] = _held(pairs)
    return found


def _scores(predictions: Predictions, *, resamples: int, seed: int = 0) -> list[tuple[str, Score]]:
    """Every score with an interval; what stands behind a colon is pooled with its like."""
    table = Confusion(count(predictions), predictions.class_names)
    right = int(table.counts.trace())
    made = [("accuracy", proportion(right, len(predictions)))]
    if len(predictions.class_names) > 2:
        made.append(("right class among 2", top_k(predictions, 2, 0.95)))
    area = auc(predictions, level=0.95)
    if area is not None:
        made.append(("AUC", area))
    made.append(("log loss", loss(predictions, level=0.95, resamples=resamples, seed=seed)))
    for row in class_scores(table, 0.95):
        made += [(f"{name} of a class:{row.name}", one) for name, one in row.intervals.items()]
    for row in average_scores(table, level=0.95):
        kind = row.name.split()[0]
        made += [(f"{kind} {name}", one) for name, one in row.intervals.items()]
    return made


def _differences(
    repetitions: Mapping[int, int],
) -> list[tuple[str, str, int, list[tuple[float, Score]]]]:
    """Differences of two models, and what several seeds say, which are about no single pool."""
    made = []
    truths = {spreads: expected(spreads) for spreads in SEEDED}
    for n, times in repetitions.items():
        generator = np.random.default_rng(n)
        for both, one, other in ((0.80, 0.08, 0.05), (0.55, 0.15, 0.15), (0.9, 0.05, 0.02)):
            tables = generator.multinomial(n, (both, one, other, 1 - both - one - other), times)
            pairs = [(one - other, difference(tuple(row), 0.95)) for row in tables.tolist()]
            made.append(("difference of two models", f"{both} {one} {other}", n, pairs))
        for seeds in SEEDS if n <= 1000 else ():
            for spreads in SEEDED:
                gaps, means = [], []
                for _ in range(times // 2):
                    first, second = seeded(seeds, n, spreads, generator)
                    gaps.append((0.0, repeats(first, second).difference))
                    means.append((truths[spreads], mean_over_seeds(first)))
                made.append((f"difference over {seeds} seeds", str(spreads), n, gaps))
                made.append((f"mean over {seeds} seeds", str(spreads), n, means))
    return made


def _held(pairs: Sequence[tuple[float, Score]]) -> tuple[float, float]:
    given = [(truth, one.ends) for truth, one in pairs if one.ends is not None]
    held = [low <= truth <= high for truth, (low, high) in given]
    return (float(np.mean(held)) if held else 1.0), len(given) / len(pairs)


def alarms(
    repetitions: int, sizes: Sequence[int] = (30, 200, 1000)
) -> dict[tuple[str, int], list[float]]:
    """How often each test calls two equally good models different, at 5 %, by world."""
    found: dict[tuple[str, int], list[float]] = {}
    for n in sizes:
        generator = np.random.default_rng(n)
        for exact in (False, True):
            name = f"McNemar, {'exact' if exact else 'mid-p'}"
            rates = []
            for disagreeing in (0.05, 0.1, 0.3):
                flips = generator.binomial(n, disagreeing, repetitions)
                firsts = generator.binomial(flips, 0.5)
                alarm = [
                    mcnemar(int(one), int(all_ - one), exact=exact) <= 0.05
                    for one, all_ in zip(firsts, flips, strict=True)
                ]
                rates.append(float(np.mean(alarm)))
            found[name, n] = rates
        for seeds in SEEDS:
            found[f"paired t over {seeds} seeds", n] = [
                _rate(lambda: repeats(*seeded(seeds, n, spreads, generator)).p_value, repetitions)  # noqa: B023 called at once
                for spreads in SEEDED
            ]
        found["5x2cv t, corrected", n] = [
            _rate(
                lambda: five_by_two(halves(n, signal, generator), images=n // 2).p_value,  # noqa: B023 called at once
                repetitions // 2,
            )
            for signal in (0.2, 0.4, 0.8, 1.6)
        ]
    return found


def _rate(p_value: Callable[[], float], times: int) -> float:
    return float(np.mean([p_value() <= 0.05 for _ in range(times)]))


def promise(
    repetitions: int,
    sizes: Sequence[int] = (200, 1000, 5000, 20_000),
    kinds: Mapping[str, Answering] = ANSWERING,
    *,
    fresh_answers: int = 1_000_000,
) -> dict[str, dict[int, tuple[float, float, float]]]:
    """Kept on fresh images, given at all, and answered of what could be, by model and size."""
    found: dict[str, dict[int, tuple[float, float, float]]] = {}
    for name, kind in kinds.items():
        fresh = answering(kind, fresh_answers, np.random.default_rng(0))
        order = np.argsort(-fresh.confidence, kind="stable")
        confidence = fresh.confidence[order]
        right = np.cumsum((fresh.predicted == fresh.labels)[order])
        precise = right / np.arange(1, len(order) + 1)
        # Of a handful of answers the proportion says nothing.
        could = int(np.flatnonzero(precise[1000:] >= PRECISION).max(initial=-1001)) + 1001
        for n in sizes:
            generator = np.random.default_rng(n)
            kept, answered, given = 0, 0.0, 0
            for _ in range(repetitions if n < 20_000 else repetitions // 2):
                limit = threshold(answering(kind, n, generator), precision=PRECISION)
                if limit is None:
                    kept += 1  # nothing is answered, so nothing is answered wrongly
                    continue
                given += 1
                upto = int(np.searchsorted(-confidence, -limit, side="right"))
                kept += bool(upto == 0 or precise[upto - 1] >= PRECISION)
                answered += upto
            times = repetitions if n < 20_000 else repetitions // 2
            of_possible = answered / times / could if could > 0 else 0.0
            found.setdefault(name, {})[n] = (kept / times, given / times, of_possible)
    return found


def _coverage_table(found: Coverage) -> str:
    names = list(dict.fromkeys(name for name, _ in found))
    sizes = sorted({n for _, n in found})
    said = (
        f"**Intervals of 95 %**: how often they hold the truth, least to most over the worlds "
        f"(bar: {HELD[0]}–{HELD[1]}; 1,000 samples know that to ± 0.014), and the proportion of "
        "samples in which one is refused."
    )
    rows = {name: [_coverage_cell(found.get((name, n), {})) for n in sizes] for name in names}
    return _table(said, "score", [f"{n:,} images" for n in sizes], rows)


def _no_rule() -> str:
    least = ", ".join(f"{least_coverage(seeds, ALARMS):.3f} over {seeds}" for seeds in SEEDS)
    return (
        f"Where seeds do not matter, an interval over them that is never narrower than what the "
        f"images resolve, and whose test raises at most {ALARMS:.0%} of false alarms wherever they "
        f"do matter, holds at least {least} seeds (the best of all rules, by a linear program)."
    )


def _table(said: str, what: str, heads: Sequence[str], rows: Mapping[str, Sequence[str]]) -> str:
    """A sentence and, below it, a table in Markdown with a row for each name."""
    lines = [said, "", f"| {what} | {' | '.join(heads)} |", "|---|" + "---|" * len(heads)]
    return "\n".join(lines + [f"| {name} | {' | '.join(row)} |" for name, row in rows.items()])


def _coverage_cell(worlds: Mapping[str, tuple[float, float]]) -> str:
    if not worlds:
        return "–"
    held = [one for one, given in worlds.values() if given >= SELDOM]
    refused = 1 - float(np.mean([given for _, given in worlds.values()]))
    said = "refused" if not held else _span(held)
    return said + (f" ({refused:.0%} refused)" if held and refused >= 0.005 else "")


def _span(values: Sequence[float]) -> str:
    low, high = f"{min(values):.3f}", f"{max(values):.3f}"
    return low if low == high else f"{low}–{high}"


def _alarms_table(found: Mapping[tuple[str, int], Sequence[float]]) -> str:
    names = list(dict.fromkeys(name for name, _ in found))
    sizes = sorted({n for _, n in found})
    said = (
        f"**False alarms** of tests at 5 %, between equally good models, least to most over the "
        f"worlds (bar: at most {ALARMS:.0%}). Two seeds are refused."
    )
    rows = {name: [_span(found[name, n]) for n in sizes] for name in names}
    return _table(said, "test", [f"{n:,} images" for n in sizes], rows)


def _promise_table(found: Mapping[str, Mapping[int, tuple[float, float, float]]]) -> str:
    sizes = list(next(iter(found.values())))
    said = (
        f"**The threshold for “unknown”** at {PRECISION:.0%}: runs in which answers to fresh "
        f"images are right that often (bar: {KEPT}); in brackets runs that have a threshold, and "
        "answers given as a proportion of those that could be."
    )
    rows = {
        name: [f"{kept:.2f} ({given:.2f}, {of:.2f})" for kept, given, of in row.values()]
        for name, row in found.items()
    }
    return _table(said, "model", [f"{n:,} validation images" for n in sizes], rows)
