"""Gaussian mixtures used as classifiers: described, and what was asked of them."""

from __future__ import annotations

from dataclasses import dataclass

from hangtag.records.spec import ModelSpec, SeenNetwork

MIXTURE = "mixture"
"""The kind of a mixture's description, which tells it from those of other models."""
COVARIANCES = ("full", "tied", "diagonal", "spherical")
"""The shapes its components may have."""


@dataclass(frozen=True)
class MixtureSpec(ModelSpec):
    """A fitted mixture in numbers, as its bundle and its run describe it.

    Attributes:
        name: ``mixture``, or ``mixture-class-conditional``.
        input_shape: ``(height, width, channels)`` after preprocessing.
        k: Components asked for: of the mixture, or of each class's.
        components: Components of all.
        covariance: ``full``, ``tied``, ``diagonal`` or ``spherical``.
        axes: Principal axes that pixels are projected on; None where components lie among pixels.
        n_classes: Classes there are.
        class_conditional: Whether each class has a mixture of its own.
        network: The network that it sees instead of pixels; None without.
    """

    name: str
    input_shape: tuple[int, int, int]
    k: int
    components: int
    covariance: str
    axes: int | None
    n_classes: int
    class_conditional: bool
    kind: str = MIXTURE
    network: SeenNetwork | None = None

    @property
    def features(self) -> str:
        """What it sees of an image, as it is asked for."""
        if self.network is not None:
            return self.network.name
        return "pixels" if self.axes is None else f"pca:{self.axes}"

    @property
    def n_features(self) -> int:
        """Dimensions of the points that the components describe."""
        if self.network is not None:
            return self.network.n_features
        return self.n_pixels if self.axes is None else self.axes

    @property
    def projection(self) -> int:
        """Numbers of the axes and of the mean that is subtracted before them."""
        return 0 if self.axes is None else (self.axes + 1) * self.n_pixels

    @property
    def parameters(self) -> int:
        """Numbers that were fitted: weights, means, covariances, classes of components, and axes.

        With a mixture for each class, class and weight of a component are one number.
        """
        k, d = self.components, self.n_features
        shapes = {
            "full": k * d * (d + 1) // 2,
            "tied": d * (d + 1) // 2,
            "diagonal": k * d,
            "spherical": k,
        }
        network = 0 if self.network is None else self.network.stored
        answers = 0 if self.class_conditional else k * (self.n_classes - 1)
        return k - 1 + k * d + shapes[self.covariance] + answers + self.projection + network
