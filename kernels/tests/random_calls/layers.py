"""Random dense layers, dropout and batch normalization, in float64."""

from __future__ import annotations

import numpy as np

from random_calls.program import Program, Wanted, exact, largest, numbers, rectified, size


def dense_shape(random):
    while True:
        rows, inputs, outputs = (size(random, large=one) for one in (300, 1000, 200))
        if rows * inputs * outputs < 2e7:
            return rows, inputs, outputs


def dense(random):
    rows, inputs, outputs = dense_shape(random)
    attributes = {"relu": int(random.integers(2))}

    def draw(random):
        return [numbers(random, one) for one in ((rows, inputs), (inputs, outputs), (outputs,))]

    def wanted(given, kernel, bias):
        given, kernel = exact(given), exact(kernel)
        found = given @ kernel + exact(bias)
        # A sum of products may come to nothing; its terms do not.
        scale = max(largest(found), largest(given) * largest(kernel))
        return [Wanted(rectified(found) if attributes["relu"] else found, scale)]

    return Program("hangtag_dense", [((rows, outputs), np.float32)], attributes, draw, wanted)


def dense_back(random):
    rows, inputs, outputs = dense_shape(random)
    attributes = {"relu": int(random.integers(2))}
    asked = random.integers(3) > 0

    def draw(random):
        shapes = (rows, inputs), (inputs, outputs), (rows, outputs), (rows, outputs)
        found = [numbers(random, one) for one in shapes]
        return found if attributes["relu"] else [*found[:2], np.zeros((0, 0), "f4"), found[3]]

    def wanted(given, kernel, output, slopes):
        given, kernel, slopes = map(exact, (given, kernel, slopes))
        if attributes["relu"]:
            slopes = np.where(exact(output) > 0, slopes, 0.0)
        terms = largest(slopes)
        back = Wanted(slopes @ kernel.T, largest(kernel) * terms) if asked else None
        of_kernel = Wanted(given.T @ slopes, largest(given) * terms)
        return [back, of_kernel, Wanted(slopes.sum(0), terms)]

    results = [(rows, inputs) if asked else (0, 0), (inputs, outputs), (outputs,)]
    return Program(
        "hangtag_dense_back", [(one, np.float32) for one in results], attributes, draw, wanted
    )


def mixed(bits):
    bits = (bits ^ (bits >> 16)) * np.uint32(0x7FEB352D)
    bits = (bits ^ (bits >> 15)) * np.uint32(0x846CA68B)
    return bits ^ (bits >> 16)


def drop(random):
    count = int(random.choice([size(random), 1000, 40000]))
    proportions = [0.0, 1.0, 0.5, 0.8, 1e-39, np.nextafter(np.float32(1), np.float32(0))]
    proportions += [np.nan, -0.1, 1.1, np.inf, -np.inf]

    def draw(random):
        proportion = random.uniform() if random.integers(3) else random.choice(proportions)
        seed = random.integers(0, 1 << 32, 2, dtype=np.uint32)
        return [numbers(random, count), seed, np.float32(proportion)]

    def wanted(values, seed, keep):
        if not 0 <= keep <= 1:
            return None
        keep = np.float32(exact(keep))
        if keep in {0, 1}:
            return [Wanted(exact(values) if keep == 1 else np.zeros(count))]
        one, other = mixed(seed[:1]), mixed(seed[1:] ^ np.uint32(0x9E3779B9))
        bits = mixed(mixed(np.arange(count, dtype=np.uint32) ^ one) + other)
        kept = bits < np.uint32(keep * np.float32(2**32))
        return [Wanted(np.where(kept, exact(values), 0) / np.float64(keep))]

    return Program("hangtag_drop", [((count,), np.float32)], {}, draw, wanted)


def normalizing(random):
    shape = size(random, large=3000), size(random, large=100)
    # With nothing added, rows that are all equal have no scale.
    attributes = {"epsilon": np.float32(10.0 ** -random.integers(1, 4))}
    return shape, attributes | {"relu": int(random.integers(2))}


def moved(random, shape):
    found = random.normal(size=shape) + random.normal(size=shape[1])
    found = found.astype(np.float32)
    if random.integers(6) == 0:
        found.flat[random.integers(found.size)] = random.choice([np.nan, np.inf, 1e-40])
    return found


def normalize(random):
    shape, attributes = normalizing(random)

    def draw(random):
        each = random.normal(size=(2, shape[1])).astype(np.float32)
        return [moved(random, shape), *each]

    def wanted(values, gamma, beta):
        values, gamma, beta = map(exact, (values, gamma, beta))
        mean, variance = values.mean(0), values.var(0)
        inverse = 1 / np.sqrt(variance + float(attributes["epsilon"]))
        found = (values - mean) * inverse * gamma + beta
        scale = largest(found, values * inverse * gamma)
        found = rectified(found) if attributes["relu"] else found
        # A sum over rows may come to nothing; its terms do not.
        return [Wanted(found, scale), Wanted(mean, largest(values) / len(values)), Wanted(variance)]

    results = [(one, np.float32) for one in (shape, shape[1:], shape[1:])]
    return Program("hangtag_normalize", results, attributes, draw, wanted)


def normalize_back(random):
    shape, attributes = normalizing(random)
    epsilon = float(attributes["epsilon"])

    def draw(random):
        values = moved(random, shape)
        gamma, beta = random.normal(size=(2, shape[1])).astype(np.float32)
        with np.errstate(invalid="ignore"):
            mean, variance = values.mean(0, np.float64), values.var(0, np.float64)
        slopes = numbers(random, shape, odd=False)
        return [values, gamma, beta, mean.astype("f4"), variance.astype("f4"), slopes]

    def wanted(values, gamma, beta, mean, variance, slopes):
        values, gamma, beta, mean, variance, slopes = map(
            exact, (values, gamma, beta, mean, variance, slopes)
        )
        inverse = 1 / np.sqrt(variance + epsilon)
        scaled = (values - mean) * inverse
        if attributes["relu"]:
            answers = scaled * gamma + beta
            if (np.abs(answers) < 1e-4).any():  # rounding decides what the ReLU lets through
                return [None] * 3
            slopes = np.where(answers > 0, slopes, 0.0)
        plain, away = slopes.sum(0), (slopes * scaled).sum(0)
        back = gamma * inverse * (slopes - plain / len(values) - scaled * away / len(values))
        terms = largest(slopes * inverse * gamma * (1 + np.abs(values * inverse)))
        return [
            # Moments may be of other values: what is infinite there is infinite or NaN here.
            Wanted(back, terms, lenient=not np.isfinite(values).all()),
            Wanted(away, largest(slopes * scaled, slopes * values * inverse)),
            Wanted(plain, largest(slopes)),
        ]

    results = [(one, np.float32) for one in (shape, shape[1:], shape[1:])]
    return Program("hangtag_normalize_back", results, attributes, draw, wanted)
