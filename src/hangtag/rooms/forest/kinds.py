"""The kinds of forest there are, by name, and how their trees grow."""

from __future__ import annotations

from dataclasses import dataclass

from hangtag.errors import OptionError, nearest


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

CRITERIA = ("gini", "entropy", "log_loss")
FEATURES = ("sqrt", "log2")


@dataclass(frozen=True)
class Growth:
    """How trees grow, with scikit-learn's names and defaults.

    Attributes:
        criterion: What a question is judged by: ``gini``, ``entropy`` or ``log_loss``.
        max_features: Coordinates looked at for each question: ``sqrt``, ``log2``, a whole number,
            a proportion of them, or None for all.
        min_samples_leaf: Images a leaf has at least.
    """

    criterion: str = "gini"
    max_features: str | float | None = "sqrt"
    min_samples_leaf: int = 1


AS_SCIKIT_LEARN = Growth()


def check_growth(growth: Growth) -> None:
    """Refuse what no tree can grow by.

    Raises:
        OptionError: An option has a value it cannot have.
    """
    if growth.criterion not in CRITERIA:
        raise OptionError(
            f"there is no criterion '{growth.criterion}'", nearest(str(growth.criterion), CRITERIA)
        )
    features, leaf = growth.max_features, growth.min_samples_leaf
    if isinstance(features, bool) or not _looks_at_some(features):
        raise OptionError(
            f"max_features is {features!r}",
            "sqrt, log2, none for all, a whole number, or a proportion such as 0.5",
        )
    if type(leaf) is not int or leaf < 1:
        raise OptionError(f"min_samples_leaf is {leaf!r}", "give a whole number from 1")


def _looks_at_some(features: str | float | None) -> bool:
    if features is None or isinstance(features, str):
        return features is None or features in FEATURES
    return features >= 1 if isinstance(features, int) else 0 < features <= 1
