"""What ``hangtag mixture`` shows: every number of components that was tried."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hangtag.cli.console import say

if TYPE_CHECKING:
    from hangtag.records import Evaluation
    from hangtag.runs import Run


def tell(run: Run, tested: Evaluation | None) -> None:
    """Every number of components that was tried, and which was chosen."""
    tried = run.candidates()
    spec: Any = run.config.spec
    where = "pixels" if spec.axes is None else f"{spec.axes} axes"
    whose = "for each class" if spec.per_class else "of all classes together"
    say(f"mixtures of {spec.covariance} components {whose}, on {where}")
    heads = ("k", "components", "regularised", "training", "validation")
    say("  ".join(f"{one:>11}" for one in heads))
    for row in tried.rows:
        counts = (row["k"], row["components"], row["regularised"])
        shares = (f"{row.training.accuracy:.4f}", f"{row.validation.accuracy:.4f}")
        say("  ".join(f"{one:>11}" for one in (*counts, *shares)))
    say(
        f"chosen   k = {tried.chosen['k']}, by validation accuracy; fitted in {tried.seconds:.1f} s"
    )
    if tested is not None:
        say(f"test accuracy {tested.scores['accuracy']}")
    say(f"run      {run.folder}")
