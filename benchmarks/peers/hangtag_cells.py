"""Given cells trained by us, one after another, in a process of its own; JSON out."""

import json
import resource
import sys
import time


def never(_value: float) -> bool:
    return False


def main() -> None:
    asked = json.loads(sys.argv[1])
    began = time.perf_counter()
    import hangtag
    from hangtag.estimators.network_search import NetworkObjective
    from hangtag.estimators.trial_training import training_data

    images = hangtag.load(asked["source"], limit=asked["limit"])
    split = hangtag.split(images, asked["split"], seed=0)
    measure = NetworkObjective(training_data(images, split), asked["network"], asked["fixed"])
    values = [measure(cell, never).value for cell in asked["cells"]]
    print(
        json.dumps(
            {
                "seconds": time.perf_counter() - began,
                "best": max(values),
                "megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
            }
        )
    )


if __name__ == "__main__":
    main()
