"""Our search in a process of its own: what to search on the first line, JSON about it out."""

import json
import resource
import sys
import tempfile
import time
from pathlib import Path


def main() -> None:
    asked = json.loads(sys.argv[1])
    began = time.perf_counter()
    import hangtag
    from hangtag.backend import keras_on_jax

    keras_on_jax()
    imports = time.perf_counter() - began
    with tempfile.TemporaryDirectory() as folder:
        found = hangtag.tune(out=Path(folder) / "search", **asked)
    seconds = time.perf_counter() - began
    trials = [one.to_dict() for one in found.trials]
    print(
        json.dumps(
            {
                "seconds": seconds,
                "imports": imports,
                "measuring": sum(one.seconds for one in found.trials),
                "best": found.best.value,
                "trials": trials,
                "megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
            }
        )
    )


if __name__ == "__main__":
    main()
