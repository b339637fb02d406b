"""t-SNE: the map on which neighbours stay neighbours; points go in, places come out.

The optimisation is openTSNE's (Policar, Strazar, Zupan, 2024; interpolation-based gradients of
Linderman et al., 2019), started from the first principal coordinates and given this room's exact
neighbour graph, so that it need not build its own approximate one.
"""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from hangtag.errors import OptionError
from hangtag.geometry.threads import processors
from hangtag.progress import Progress
from hangtag.rooms.reduce.method import Embedding, Method, Points

if TYPE_CHECKING:
    from openTSNE import TSNEEmbedding

FEW = 2000  # points up to which gradients are summed over a tree and not interpolated
BOX = 2  # side of an interpolation box on the map: 1, the default, takes 4 times the grid and time
EARLY = 250  # iterations with exaggerated attraction, openTSNE's and scikit-learn's default


def embed(
    points: Points,
    *,
    dimensions: int,
    seed: int,
    progress: Progress,
    perplexity: float = 30.0,
    iterations: int = 500,
) -> Embedding:
    """Put each point where its likely neighbours are.

    Args:
        points: The images as points; more than three times `perplexity` of them.
        dimensions: 1 or 2.
        seed: Breaks ties between coinciding points.
        progress: Told how many iterations are done.
        perplexity: How many neighbours a point has, softly counted.
        iterations: Steps after the 250 of early exaggeration.

    Raises:
        OptionError: More than 2 dimensions, or a perplexity too large for the number of points.
    """
    _check(points, dimensions, perplexity, iterations)
    # Early exaggeration lets neighbours find each other while there is still room to pass (van
    # der Maaten and Hinton, 2008).
    embedding = _start(points, dimensions, seed, perplexity)
    total = EARLY + iterations
    for steps, done, options in (
        (EARLY, 0, {"exaggeration": 12, "momentum": 0.8}),
        (iterations, EARLY, {"momentum": 0.8}),
    ):
        embedding.optimize(
            steps,
            inplace=True,
            callbacks=[_Teller(progress, done, total)],
            callbacks_every_iters=25,
            **options,
        )
    axes = tuple(f"t-SNE {number}" for number in range(1, dimensions + 1))
    chosen = {"perplexity": perplexity, "iterations": iterations}
    quality = {"divergence": float(embedding.kl_divergence)}
    return Embedding(np.asarray(embedding), axes, chosen, quality)


def _check(points: Points, dimensions: int, perplexity: float, iterations: int) -> None:
    # The interpolation grid of Linderman et al. has a box for each unit of every axis; in three
    # dimensions it fills the memory.
    if dimensions > 2:
        raise OptionError(f"tsne draws maps of 1 or 2 dimensions; {dimensions} were asked for")
    # Three times the perplexity is how many neighbours are looked at; with fewer others the
    # Gaussian could not be that wide.
    if perplexity < 1 or 3 * perplexity > len(points) - 1:
        raise OptionError(
            f"tsne with perplexity {perplexity:g} needs more than {3 * perplexity:g} images;"
            f" got {len(points)}",
            "map more images, or take --method pca, which needs no neighbours",
        )
    if iterations < 1:
        raise OptionError(f"tsne needs at least 1 iteration; {iterations} were asked for")


def _start(points: Points, dimensions: int, seed: int, perplexity: float) -> TSNEEmbedding:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)
        from openTSNE import TSNEEmbedding
        from openTSNE.affinity import PerplexityBasedNN
        from openTSNE.nearest_neighbors import PrecomputedNeighbors

    # Three times the perplexity holds nearly all of a Gaussian neighbourhood's weight; openTSNE's
    # and scikit-learn's rule.
    graph = points.neighbours(int(3 * perplexity))
    index = PrecomputedNeighbors(graph.indices, graph.distances.astype(np.float64))
    few = len(points) <= FEW
    jobs = 1 if few else processors()  # on few points a second core waits more than it works
    affinities = PerplexityBasedNN(knn_index=index, perplexity=perplexity, n_jobs=jobs)
    return TSNEEmbedding(
        _scaled(points.values[:, :dimensions], seed),
        affinities,
        negative_gradient_method="bh" if few else "fft",
        ints_in_interval=BOX,
        n_jobs=jobs,
        random_state=seed,
    )


def _scaled(start: NDArray[np.float32], seed: int) -> NDArray[np.float64]:
    """Tiny principal coordinates, coinciding points moved apart a little so that they can part."""
    apart = np.random.default_rng(seed).normal(0, 1e-6, start.shape)
    # Scaled as openTSNE scales its own starts (Kobak and Berens, 2019): a wide one would keep
    # what the principal axes got wrong.
    apart += start / start[:, 0].std() * 1e-4
    return apart


class _Teller:
    """Passes openTSNE's callback on to a progress."""

    def __init__(self, progress: Progress, done: int, total: int) -> None:
        self.progress, self.done, self.total = progress, done, total

    def __call__(self, iteration: int, error: float, embedding: object) -> None:  # noqa: ARG002 - openTSNE gives it
        note = f"divergence {error:.3f}"
        self.progress("tsne", self.done + iteration, self.total, note)


METHOD = Method(embed)
