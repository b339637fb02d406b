"""Points, sizes and depths go in, the scores of every forest of the grid and the best one come out.

Trees are grown once each. Along the sizes nothing is grown twice, because the first m trees of a
forest are the forest of m trees; what they answer is added up tree by tree, and scored at each size
on the way. Along the depths there are two ways. *Grown*: a tree that never reaches a limit is taken
for every depth it fits under, and the others are grown again for each lesser depth; every cell is
then scikit-learn's, bit for bit. *Cut*: lesser depths are cut from the deepest trees. A cut tree is
one that could as well have been grown (each node draws its questions at random, whatever is below
it), but not the one that scikit-learn would grow from that seed, so cells say which they are.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hangtag.errors import OptionError, nearest
from hangtag.geometry.threads import each
from hangtag.progress import Progress, silent
from hangtag.records import Candidate, Candidates, Trees
from hangtag.rooms.forest import cache as kept
from hangtag.rooms.forest.compact import ancestors, compact
from hangtag.rooms.forest.going_on import Column, Grown, Keeper
from hangtag.rooms.forest.grow import Grown as GrownTree
from hangtag.rooms.forest.grow import grow, tree_seeds
from hangtag.rooms.forest.joined import joined
from hangtag.rooms.forest.judged import Judged
from hangtag.rooms.forest.kinds import AS_SCIKIT_LEARN, Growth
from hangtag.rooms.forest.training_points import TrainingPoints, as_points, check_sizes, prepare

DEPTHS = ("grown", "cut")


@dataclass(frozen=True, eq=False)
class _AtDepth:
    """One tree at one depth: its arrays, the leaf of each point, what leaves say, what it took."""

    trees: Trees
    leaves: NDArray[np.int32]
    proportions: NDArray[np.float64]
    seconds: float
    grown: bool

    @property
    def answers(self) -> NDArray[np.float64]:
        found: NDArray[np.float64] = self.proportions[self.leaves]
        return found


@dataclass(frozen=True, eq=False)
class _Tree:
    """One tree at every depth; in cut grids also what a grown one would have answered."""

    at: Mapping[int, _AtDepth]
    truly: Mapping[int, _AtDepth]
    natural_depth: int
    grown: int


def _add(column: Column, one: _AtDepth, answers: NDArray[np.float64]) -> None:
    column.totals += answers
    column.trees.append(one.trees)
    column.seconds += one.seconds
    column.grown &= one.grown


@dataclass(frozen=True, eq=False)
class _Asked:
    sizes: tuple[int, ...]
    depths: tuple[int, ...]
    way: str
    seed: int


def grid(
    points: NDArray[Any],
    labels: NDArray[np.int64],
    *,
    validation: tuple[NDArray[Any], NDArray[np.int64]],
    n_estimators: Iterable[int],
    max_depths: Iterable[int],
    kind: str = "random-forest",
    depths: str = "grown",
    growth: Growth = AS_SCIKIT_LEARN,
    seed: int = 0,
    n_classes: int | None = None,
    cache: Path | None = None,
    progress: Progress = silent,
) -> tuple[Candidates, Trees]:
    """Evaluate forests of every size and depth, and give the best one.

    Args:
        points: ``(n, d)`` training points; compared as float32.
        labels: ``(n,)`` their classes, from 0.
        validation: Points and classes to choose the best forest by.
        n_estimators: Sizes to try.
        max_depths: Depths to try.
        kind: ``random-forest`` or ``extra-trees``.
        depths: ``grown``, and every cell is scikit-learn's; or ``cut``, which grows the deepest
            forest only.
        growth: How trees grow.
        seed: As ``random_state`` in scikit-learn.
        n_classes: Classes there are; None takes the highest label.
        cache: Folder in which the result is kept, and found again while points, options, this
            code and scikit-learn are the same; a grid that was killed goes on from there, too.
            None keeps nothing.
        progress: Told how many trees are done.

    Returns:
        The grid, and the trees of its best cell.

    Raises:
        OptionError: Points, labels or options cannot be.

    Example:
        >>> found, trees = grid(x, y, validation=(v, w), n_estimators=[50, 100], max_depths=[5, 15])
        >>> found.chosen.validation.accuracy
    """
    asked = _asked(n_estimators, max_depths, depths, seed)
    learnt = prepare(kind, points, labels, n_classes, growth)
    judged = _judged(learnt, labels, *validation)
    # The key holds points, labels, options and this room's own code, so a change of any of them
    # computes anew rather than reading what another version found.
    if cache is None:
        return _computed(learnt, judged, asked, Keeper(None), progress)
    options = {**vars(asked), **vars(growth)}
    place = cache / f"{kept.key(learnt, judged.points, judged.labels, options)}.npz"
    found = kept.read(place)
    if found is None:
        keeper = Keeper(place.with_suffix(".growing"))
        found = _computed(learnt, judged, asked, keeper, progress)
        kept.write(place, *found)
        # What was written on the way goes only once the result is kept: a kill between the two
        # costs nothing.
        keeper.done()
    return found


def fit(
    points: NDArray[Any],
    labels: NDArray[np.int64],
    *,
    n_estimators: int = 100,
    max_depth: int | None = None,
    kind: str = "random-forest",
    growth: Growth = AS_SCIKIT_LEARN,
    seed: int = 0,
    n_classes: int | None = None,
    progress: Progress = silent,
) -> Trees:
    """Grow one forest: scikit-learn's with the same options.

    Args:
        points: ``(n, d)`` training points; compared as float32.
        labels: ``(n,)`` their classes, from 0.
        n_estimators: Trees.
        max_depth: Questions at most on the way to a leaf; None for no limit.
        kind: ``random-forest`` or ``extra-trees``.
        growth: How trees grow.
        seed: As ``random_state`` in scikit-learn.
        n_classes: Classes there are; None takes the highest label.
        progress: Told how many trees are done.

    Raises:
        OptionError: Points, labels or options cannot be.
    """
    check_sizes(n_estimators=n_estimators, max_depth=max_depth)
    learnt = prepare(kind, points, labels, n_classes, growth)
    seeds = tree_seeds(seed, n_estimators).tolist()

    def work(one: int) -> Trees:
        return compact(grow(learnt, one, max_depth).tree, learnt)

    return joined(list(each(work, seeds, progress, "forest")))


def _asked(
    n_estimators: Iterable[int], max_depths: Iterable[int], depths: str, seed: int
) -> _Asked:
    if depths not in DEPTHS:
        raise OptionError(f"depths cannot be '{depths}'", nearest(depths, DEPTHS))
    sizes = tuple(sorted({int(one) for one in n_estimators}))
    limits = tuple(sorted({int(one) for one in max_depths}))
    if not sizes or not limits:
        raise OptionError("the grid is empty", "give at least one number of trees and one depth")
    check_sizes(n_estimators=sizes[0], max_depth=limits[0])
    return _Asked(sizes, limits, depths, seed)


def _judged(
    learnt: TrainingPoints,
    labels: NDArray[np.int64],
    points: NDArray[Any],
    validation_labels: NDArray[np.int64],
) -> Judged:
    values = as_points(points, validation_labels, "validation")
    if values.shape[1] != learnt.points.shape[1]:
        raise OptionError(
            f"training points have {learnt.points.shape[1]} numbers, validation points "
            f"{values.shape[1]}"
        )
    if validation_labels.max() >= learnt.n_classes:
        raise OptionError(
            f"there are {learnt.n_classes} classes and a validation label {validation_labels.max()}"
        )
    return Judged(
        np.concatenate([learnt.points, values]),
        np.concatenate([labels, validation_labels]).astype(np.int64),
        len(labels),
    )


def _computed(
    learnt: TrainingPoints, judged: Judged, asked: _Asked, keeper: Keeper, progress: Progress
) -> tuple[Candidates, Trees]:
    shape = (len(judged.points), len(learnt.present))
    # Only in cut grids are sums of truly grown trees kept beside, to say by how much cutting is
    # off.
    cut = asked.depths if asked.way == "cut" else ()
    state = keeper.read(
        Grown(
            {depth: Column(np.zeros(shape)) for depth in asked.depths},
            {depth: np.zeros(shape) for depth in cut},
        )
    )
    _grow(learnt, judged, asked, state, keeper, progress)
    columns, cells = state.columns, state.cells
    differences = _differences(learnt, judged, asked, state.truly, cells)
    # The trees of the best cell are the first so many of its column; no forest is grown a second
    # time.
    best = _best(cells)
    chosen = cells[best]
    trees = joined(columns[chosen["max_depth"]].trees[: chosen["n_estimators"]])
    result = Candidates(
        name=learnt.kind,
        rows=tuple(cells),
        best=best,
        options={
            "depths": asked.way,
            "seed": asked.seed,
            "features": learnt.points.shape[1],
            **vars(learnt.growth),
        },
        seconds=keeper.seconds(state),
        notes=_notes(asked, cells, differences),
        facts={
            "trees_grown": state.grown,
            "trees_asked": sum(asked.sizes) * len(asked.depths),
            "natural_depth": state.natural,
            # JSON has no numbers for names.
            "cut_differences": {str(depth): one for depth, one in differences.items()},
            "cached": False,
        },
    )
    return result, trees


def _grow(
    learnt: TrainingPoints,
    judged: Judged,
    asked: _Asked,
    state: Grown,
    keeper: Keeper,
    progress: Progress,
) -> None:
    """Grow all trees that are not in the sums yet, and score each size on the way."""
    columns, cells = state.columns, state.cells
    tasks = list(enumerate(tree_seeds(asked.seed, asked.sizes[-1]).tolist()))[state.number :]

    def work(task: tuple[int, int]) -> _Tree:
        number, seed = task
        compared = asked.way == "cut" and number < asked.sizes[0]
        return _tree(learnt, judged.points, seed, asked, compared=compared)

    # In the order of the trees, whichever thread is done first: sums of floats depend on their
    # order, and a grid must come out the same on every machine.
    for one in each(work, tasks, progress, "trees"):
        state.number += 1
        state.grown += one.grown
        state.natural = max(state.natural, one.natural_depth)
        # A tree that never reaches a limit stands at several depths as the same object; what it
        # answers is looked up once for all of them.
        answers: dict[int, NDArray[np.float64]] = {}
        for depth, column in columns.items():
            at = one.at[depth]
            _add(column, at, answers.setdefault(id(at), at.answers))
        for depth, at in one.truly.items():
            state.truly[depth] += at.answers
        if state.number in asked.sizes:
            cells += [_cell(learnt, judged, state.number, d, columns[d]) for d in asked.depths]
        keeper.look(state)


def _tree(
    learnt: TrainingPoints,
    points: NDArray[np.float32],
    seed: int,
    asked: _Asked,
    *,
    compared: bool,
) -> _Tree:
    """One tree at every depth; `compared` also grows those that are cut."""
    deepest = grow(learnt, seed, asked.depths[-1])
    # A tree whose deepest leaf lies above a limit asks the same questions with that limit and
    # without it, since the limit is never asked about: it need not be grown again.
    natural = int(deepest.tree.max_depth)
    whole = _at_depth(learnt, points, deepest)
    # Below these the one stream of random numbers is used otherwise (see grow.py), so the tree is
    # another one.
    shallow = [depth for depth in asked.depths if depth < natural]
    at = dict.fromkeys(asked.depths, whole)
    truly: dict[int, _AtDepth] = {}
    if asked.way == "cut":
        at |= {depth: _cut(learnt, deepest, whole.leaves, depth) for depth in shallow}
    if asked.way == "grown" or compared:
        again = {d: _at_depth(learnt, points, grow(learnt, seed, d)) for d in shallow}
        if compared:
            truly = dict.fromkeys(asked.depths, whole) | again
        else:
            at |= again
    grown = 1 + len(shallow) * (asked.way == "grown" or compared)
    return _Tree(at, truly, natural, grown)


def _at_depth(learnt: TrainingPoints, points: NDArray[np.float32], one: GrownTree) -> _AtDepth:
    tree = one.tree
    leaves = tree.apply(points).astype(np.int32)
    return _AtDepth(compact(tree, learnt), leaves, tree.value[:, 0], one.seconds, grown=True)


def _cut(learnt: TrainingPoints, one: GrownTree, leaves: NDArray[np.int32], depth: int) -> _AtDepth:
    # Where each point would have stopped, from where it did stop; the tree is not walked a second
    # time.
    above = ancestors(one.tree, depth)[leaves].astype(np.int32)
    trees = compact(one.tree, learnt, cut=depth)
    return _AtDepth(trees, above, one.tree.value[:, 0], one.seconds, grown=False)


def _cell(
    learnt: TrainingPoints, judged: Judged, n_estimators: int, depth: int, column: Column
) -> Candidate:
    training, validation = judged.score(column.totals, n_estimators, learnt)
    parameters = {"n_estimators": n_estimators, "max_depth": depth}
    facts = {"grown": column.grown}
    return Candidate(parameters, training, validation, column.seconds, facts)


def _best(cells: list[Candidate]) -> int:
    """The highest validation accuracy; of equal ones fewest trees, then the least depth."""
    return max(
        range(len(cells)),
        key=lambda at: (
            cells[at].validation.accuracy,
            -cells[at]["n_estimators"],
            -cells[at]["max_depth"],
        ),
    )


def _differences(
    learnt: TrainingPoints,
    judged: Judged,
    asked: _Asked,
    truly: Mapping[int, NDArray[np.float64]],
    cells: list[Candidate],
) -> dict[int, float]:
    """Validation accuracy of the smallest cut forests less that of grown ones."""
    # On the smallest forests a single tree counts most, so the difference that is told is the
    # largest there is.
    smallest = asked.sizes[0]
    cut = {
        cell["max_depth"]: cell
        for cell in cells
        if cell["n_estimators"] == smallest and not cell["grown"]
    }
    return {
        depth: cell.validation.accuracy - judged.score(truly[depth], smallest, learnt)[1].accuracy
        for depth, cell in cut.items()
    }


def _notes(
    asked: _Asked, cells: list[Candidate], differences: Mapping[int, float]
) -> tuple[str, ...]:
    cut = sum(not cell["grown"] for cell in cells)
    if not cut:
        return ()
    least, most = min(differences.values()), max(differences.values())
    return (
        f"{cut} of {len(cells)} cells are cut from deeper trees; with {asked.sizes[0]} trees "
        f"their validation accuracy differs by {least:+.4f} to {most:+.4f} from that of trees "
        "grown to their depth",
    )
