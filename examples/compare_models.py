"""Three kinds of model on the same split: which is better, and is the difference chance?"""

from pathlib import Path

import hangtag

kinds = {"linear": {}, "neighbors": {}, "forest": {"n_estimators": [50]}}
runs = []
for kind, options in kinds.items():
    runs.append(hangtag.train("digits", model=kind, seed=0, out=Path(kind), **options))
    runs[-1].evaluate()
found = hangtag.compare(runs, out=Path("compare.html"))
for row in found.rows:
    print(f"{row.name}: {row.accuracy.value:.3f} [{row.accuracy.low:.3f}, {row.accuracy.high:.3f}]")
for pair in found.comparison.differences:
    print(f"{pair.first} − {pair.second}: p = {pair.p_value:.3f}")
