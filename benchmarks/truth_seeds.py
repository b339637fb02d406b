"""How near to 95 % an interval over few seeds can be at all.

An interval over seeds and images must do for ways of training whose seeds matter a lot and for
those whose seeds do not matter, and few seeds hardly tell which these are. Here every rule is tried
at once: whatever half-width follows from how much more the seeds differ than images alone would let
them, never less than the images resolve. Which of all rules comes nearest is a linear program.
"""

from __future__ import annotations

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import identity, kron
from scipy.stats import chi2, norm

RATIOS = 160
"""Parts into which the ratio of the two mean squares (seeds, images) is cut, on a log scale."""

WIDTHS = 120
"""Half-widths that a rule may choose among, in standard errors of what the images resolve."""


def least_coverage(seeds: int, most_alarms: float) -> float:
    """How often the nearest of all rules still holds the truth where seeds do not matter.

    Args:
        seeds: How many there are.
        most_alarms: Of two equally good ways of training, how many pairs may be called different,
            however much seeds matter.

    Returns:
        A proportion; 0.95 would be exact.
    """
    degrees = seeds - 1
    # Variance of the mean over seeds and images, as a multiple of what the images make of it.
    variances = np.geomspace(1, 1e4, 60)
    edges = np.concatenate([[0], np.geomspace(1e-3, 1e5, RATIOS - 1), [np.inf]])
    chances = np.diff(chi2.cdf(degrees * edges / variances[:, None], degrees), axis=1)
    widths = norm.ppf(0.975) * np.geomspace(1, 1e3, WIDTHS)
    alarms = 2 * norm.sf(widths / np.sqrt(variances)[:, None])
    # A rule is a choice of a width for each ratio, by lot if it likes: it has a chance for each
    # pair, and how often it raises an alarm is linear in these.
    of_rules = (chances[:, :, None] * alarms[:, None, :]).reshape(len(variances), -1)
    found = linprog(
        -of_rules[0],
        A_ub=of_rules,
        b_ub=np.full(len(variances), most_alarms),
        A_eq=kron(identity(RATIOS), np.ones((1, WIDTHS))),
        b_eq=np.ones(RATIOS),
        bounds=(0, None),
        method="highs",
    )
    return float(1 + found.fun)
