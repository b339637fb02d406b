"""Random steps of Adam, and of training dense layers, in float64."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np

from random_calls.program import Program, Wanted, exact, largest, numbers, rectified, size


def adam(random):
    shapes = [tuple(size(random, large=200) for _ in range(random.integers(3))) for _ in range(2)]
    rule = {"first": 10.0 ** -random.integers(1, 3), "second": 1e-3, "epsilon": 1e-7}
    attributes = {name: np.float32(number) for name, number in rule.items()}

    def draw(random):
        rate = np.float32(10.0 ** -random.integers(1, 5))
        held = [[numbers(random, one) for one in shapes] for _ in range(4)]
        held[2] = [np.minimum(np.abs(one), np.float32(1e12)) for one in held[2]]
        return [rate, *itertools.chain(*held)]

    def wanted(rate, *held):
        weights, momentums, velocities, slopes = (held[at : at + 2] for at in (0, 2, 4, 6))
        found: list[list[Wanted]] = [[], [], []]
        for arrays in zip(weights, momentums, velocities, slopes, strict=True):
            weight, momentum, velocity, slope = map(exact, arrays)
            scale = largest(slope, momentum), largest(slope * slope, velocity)
            momentum = momentum + (slope - momentum) * float(attributes["first"])
            velocity = velocity + (slope * slope - velocity) * float(attributes["second"])
            step = momentum * float(rate) / (np.sqrt(velocity) + float(attributes["epsilon"]))
            found[0].append(Wanted(weight - step, max(largest(weight), largest(step))))
            found[1].append(Wanted(momentum, scale[0]))
            found[2].append(Wanted(velocity, scale[1]))
        return [*found[0], *found[1], *found[2]]

    results = [(shape, np.float32) for shape in shapes * 3]
    return Program("hangtag_adam", results, attributes, draw, wanted)


def train_stack(random):
    batch, n = size(random, 8, 40), size(random, 20, 100)
    sizes = [size(random, 20, 700), *(size(random, 20, 200) for _ in range(random.integers(3)))]
    sizes.append(int(random.integers(2, 12)))
    layers = len(sizes) - 1
    relus = np.asarray([1] * (layers - 1) + [0], np.int64)
    shapes = [shape for pair in itertools.pairwise(sizes) for shape in (pair, pair[1:])]
    attributes = {"batch": np.int64(batch), "relus": relus, "scale": np.float32(1 / 255)}
    attributes |= {"first": np.float32(0.1), "second": np.float32(1e-3)}
    attributes |= {"epsilon": np.float32(1e-7), "least": np.float32(1e-7)}

    def draw(random):
        pixels = random.integers(0, 256, (n, sizes[0])).astype(np.uint8)
        labels = random.integers(-1, sizes[-1] + 1, n).astype(np.int32)
        order = random.integers(0, n, 2 * batch).astype(np.int32)
        bounds = np.asarray([0, 1, random.integers(3)], np.int32)
        kind = random.integers(8)
        if kind == 0:
            order[random.integers(len(order))] = random.choice([-1, n, (1 << 31) - 1])
        if kind == 1:
            bounds[random.integers(3)] = random.choice([-1, 3, -(1 << 31), (1 << 31) - 1])
        held = [random.normal(size=one).astype("f4") / np.float32(one[0] ** 0.5) for one in shapes]
        zeros = [np.zeros(one, np.float32) for one in shapes]
        none, rates = np.zeros(0, np.float32), np.full(2, 1e-3, np.float32)
        first = [pixels, labels, order, none, none, rates, bounds, np.float32(0)]
        return [*first, *held, *zeros, *zeros]

    def wanted(*arrays):
        kind = _what_is_asked(arrays, n)
        if kind == "refused":
            return None
        held = arrays[8:]
        if kind == "nothing":
            return [Wanted(np.zeros(())), Wanted(np.asarray([0, 0, -1])), *map(Wanted, held)]
        found = _one_step(arrays, batch, relus) if kind == "one" else None
        if found is None:
            return [None] * (2 + len(held))
        loss, gradients, terms = found
        # The step itself divides by the root of what it moves by; `adam` is looked at apart.
        free = [None] * (2 * layers)
        both = list(zip(gradients, terms, strict=True))
        first = [Wanted(0.1 * one, 0.1 * term) for one, term in both]
        second = [Wanted(1e-3 * one**2, 1e-3 * term**2) for one, term in both]
        return [Wanted(loss, float(batch)), None, *free, *first, *second]

    kept = [(shape, np.float32) for shape in shapes * 3]
    results = [((), np.float32), ((3,), np.int32), *kept]
    return Program("hangtag_train_stack", results, attributes, draw, wanted, models=False)


def _what_is_asked(arrays, n):
    """What bounds and order ask for: ``refused``, ``nothing``, ``one`` step or ``more``."""
    order, bounds = arrays[2], arrays[6]
    first, last, threads = map(int, bounds)
    if order.min() < 0 or order.max() >= n or min(first, threads) < 0:
        return "refused"
    if first >= last:
        return "nothing"
    if last > 2:
        return "refused"
    return "one" if (first, last) == (0, 1) else "more"


def _one_step(arrays, batch, relus):
    """Loss, gradients and their largest terms; None where rounding decides what a ReLU does.

    Terms go from layer to layer, as where a layer is looked at alone: values may be what is left of
    larger ones, and so may slopes.
    """
    pixels, labels, order = arrays[:3]
    layers = len(relus)
    weights = [exact(one) for one in arrays[8 : 8 + 2 * layers]]
    some = order[:batch]
    values = [(pixels[some].astype(np.float32) * np.float32(1 / 255)).astype(np.float64)]
    reached = [largest(values[0])]
    for layer in range(layers):
        sums = values[-1] @ weights[2 * layer] + weights[2 * layer + 1]
        if relus[layer] and (np.abs(sums) < 1e-5).any():
            return None
        values.append(rectified(sums) if relus[layer] else sums)
        reached.append(max(largest(sums), reached[-1] * largest(weights[2 * layer])))
    loss, slopes = _judged(values[-1], labels[some])
    steep = 1 / batch
    gradients: list[Any] = []
    terms: list[float] = []
    for layer in reversed(range(layers)):
        gradients[:0] = [values[layer].T @ slopes, slopes.sum(0)]
        terms[:0] = [max(steep, steep * reached[layer]), steep]
        slopes = slopes @ weights[2 * layer].T
        steep = max(largest(slopes), steep * largest(weights[2 * layer]))
        if layer and relus[layer - 1]:
            slopes = np.where(values[layer] > 0, slopes, 0.0)
    return loss, gradients, terms


def _judged(answers, labels):
    """Sum of the losses, and the slopes of their mean; labels that are no class do not count."""
    batch, classes = answers.shape
    powers = np.exp(answers - answers.max(1, keepdims=True))
    probabilities = powers / powers.sum(1, keepdims=True)
    known = (labels >= 0) & (labels < classes)
    place = np.arange(batch), np.where(known, labels, 0)
    own = probabilities[place]
    whole = known & (own > 1e-7) & (own < 1 - 1e-7)
    slopes = probabilities * whole[:, None] / batch
    slopes[place] -= whole / batch
    return -np.where(known, np.log(np.clip(own, 1e-7, 1 - 1e-7)), 0).sum(), slopes
