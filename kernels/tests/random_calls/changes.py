"""Changes to a program: for many models at once, or spoiled."""

from __future__ import annotations

import numpy as np

from random_calls.program import Wanted

ABSURD = [0, -1, -7, 2, 3, 15, 16, 99, 1 << 20, 1 << 28, (1 << 31) - 1, 1 << 31, 1 << 40]
ABSURD += [1 << 62, (1 << 63) - 1, -(1 << 63)]


def many(program, random):
    """The same for some models, each array shared between them or not."""
    models = int(random.integers(2, 4))
    shared = random.integers(2, size=20) == 0
    if program.entry == "hangtag_adam":
        shared[:] = False

    def draw(random):
        sets = [program.draw(random) for _ in range(models)]
        return [
            np.stack([one[at] for one in (sets[:1] if shared[at] else sets)])
            for at in range(len(sets[0]))
        ]

    def wanted(*arrays):
        each = []
        for model in range(models):
            found = program.wanted(*(one[0 if len(one) == 1 else model] for one in arrays))
            if found is None:
                return None
            each.append(found)
        return [
            None if any(one is None for one in parts) else _together(parts)
            for parts in zip(*each, strict=True)
        ]

    results = [((models, *shape), kind) for shape, kind in program.results]
    return program._replace(results=results, draw=draw, wanted=wanted)


def _together(parts):
    values = np.stack([part.values for part in parts])
    return Wanted(values, max(part.scale for part in parts), any(part.lenient for part in parts))


def spoiled(program, random):
    """A number or a shape that does not fit; what comes of it is not looked at, but must come."""
    kind, results, attributes = random.integers(3), list(program.results), dict(program.attributes)
    draw = program.draw
    whole = [name for name, one in attributes.items() if isinstance(one, int | np.int64)]
    if kind == 0 and whole:
        attributes[str(random.choice(whole))] = np.int64(int(random.choice(np.int64(ABSURD))))
    elif kind == 1:
        at = random.integers(len(results))
        results[at] = (_other(random, results[at][0]), results[at][1])
    else:
        at = random.integers(len(program.draw(random)))

        def draw(random):
            arrays = program.draw(random)
            shape = _other(random, arrays[at].shape, small=True)
            arrays[at] = np.resize(arrays[at], shape) if arrays[at].size else np.zeros(shape, "f4")
            return arrays

    anything = [None] * len(results)
    return program._replace(
        results=results, attributes=attributes, draw=draw, wanted=lambda *_: anything
    )


def _other(random, shape, *, small=False):
    shape = list(shape)
    kind = random.integers(5)
    if kind == 0 or not shape:
        return (*shape, int(random.integers(3)))
    at = random.integers(len(shape))
    if kind == 1:
        del shape[at]
    elif kind == 2:
        shape[at] = 0
    elif kind == 3 and not small:  # no numbers at all, of lengths beyond all bounds
        shape[at] = 1 << 40
        shape[at - 1] = 0
    else:
        shape[at] += int(random.choice([-1, 1, 3]))
    return tuple(max(0, one) for one in shape)
