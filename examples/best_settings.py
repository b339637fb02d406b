"""Which settings of a forest are best, judged on validation images, and which mattered."""

from pathlib import Path

import hangtag

trials = hangtag.tune(
    "digits", model="forest", space="n_estimators=10,40;max_depth=3,12", method="grid",
    split="stratified:0.2+test:0.2", out=Path("search"),
)  # fmt: skip
print(f"best of {len(trials)}: {trials.best.value:.3f} with {trials.best.parameters}")
for name, proportion in hangtag.importance(trials).items():
    print(f"{name} explains {proportion:.0%} of the differences")
