"""Random poolings, rows of tables and nearest centres: what is picked out."""

from __future__ import annotations

import numpy as np

from random_calls.program import Program, Wanted, blocks, exact, largest, numbers, size


def pooling(random):
    pool = int(random.choice([1, 2, 2, 3, 15]))
    rows, columns = (int(pool * random.integers(1, 5) + random.integers(pool)) for _ in range(2))
    n, channels = size(random), size(random)
    return pool, (n, rows, columns, channels), (n, rows // pool, columns // pool, channels)


def max_pool(random):
    pool, given, out = pooling(random)

    def wanted(images):
        found = blocks(exact(images), pool)
        lost = np.isnan(found)
        route = np.where(lost.any(4), lost.argmax(4), np.where(lost, -np.inf, found).argmax(4))
        return [Wanted(found.max(4)), Wanted(route.astype(np.uint8))]

    return Program(
        "hangtag_pool",
        [(out, np.float32), (out, np.uint8)],
        {"window": pool},
        lambda random: [numbers(random, given)],
        wanted,
        models=False,
    )


def max_pool_back(random):
    pool, given, out = pooling(random)

    def draw(random):
        return [random.integers(0, pool * pool + 1, out).astype(np.uint8), numbers(random, out)]

    def wanted(routes, slopes):
        found = np.zeros(given)
        for place in range(pool * pool):
            rows = slice(place // pool, out[1] * pool, pool)
            columns = slice(place % pool, out[2] * pool, pool)
            found[:, rows, columns] = np.where(routes == place, exact(slopes), 0.0)
        return [Wanted(found)]

    return Program(
        "hangtag_pool_back", [(given, np.float32)], {"window": pool}, draw, wanted, models=False
    )


def take_rows(random):
    rows, length, count = size(random), size(random, large=3000), size(random) - 1

    def draw(random):
        places = random.integers(0, rows, count).astype(np.int32)
        if count and random.integers(4) == 0:
            places[random.integers(count)] = random.choice([-1, rows, -(1 << 31), (1 << 31) - 1])
        return [random.integers(0, 256, (rows, length)).astype(np.uint8), places]

    def wanted(table, places):
        fits = ((places >= 0) & (places < rows)).all()
        return [Wanted(table[places])] if fits else None

    results = [((count, length), np.uint8)]
    return Program("hangtag_take_rows", results, {}, draw, wanted, models=False)


def two_nearest(random):
    count, width, centres = (size(random, large=one) for one in (300, 120, 70))

    def draw(random):
        return [numbers(random, (count, width)), numbers(random, (centres, width))]

    def wanted(rows, weights):
        found = exact(rows) @ exact(weights).T
        lost = np.isnan(found).any(1)
        ordered = np.sort(found, axis=1)
        second = ordered[:, 1] if centres > 1 else np.full(count, np.inf)
        # A sum of products may come to nothing; its terms do not.
        scale = max(largest(found), largest(rows) * largest(weights))
        first, second = (np.where(lost, np.nan, one) for one in (ordered[:, 0], second))
        return [None, Wanted(first, scale), Wanted(second, scale)]

    return Program("two_nearest", [], {}, draw, wanted, models=False)
