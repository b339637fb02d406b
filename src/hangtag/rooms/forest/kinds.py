"""The kinds of forest there are, by name."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Kind:
    """One kind of forest.

    Attributes:
        peer: The scikit-learn class whose forests these are.
        bootstrap: Whether each tree sees its own random draw of the images.
        description: One sentence.
    """

    peer: str
    bootstrap: bool
    description: str


KINDS = {
    "random-forest": Kind(
        "RandomForestClassifier",
        True,
        "each tree sees its own draw of the images and asks the best of a few random questions",
    ),
    "extra-trees": Kind(
        "ExtraTreesClassifier",
        False,
        "each tree sees all images and asks the best of a few questions with random thresholds",
    ),
}
"""Every kind by its name. To add one: a line here and its tree class in ``grow.py``."""
