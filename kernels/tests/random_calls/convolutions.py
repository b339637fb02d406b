"""Random convolutions and their gradients, by sums over windows in float64."""

from __future__ import annotations

import itertools

import numpy as np

from random_calls.program import Program, Wanted, blocks, exact, largest, numbers, rectified, size


def window(random):
    """A convolution that fits: sizes of everything, and its attributes."""
    while True:
        three = random.integers(3) == 0
        taps = (3, 3) if three else tuple(random.integers(1, 6, 2))
        strides = (1, 1) if three else tuple(random.integers(1, 4, 2))
        deep = three and random.integers(2) == 0
        n, pool = size(random, 6, 20), int(random.choice([1, 1, 2, 2, 3]))
        height, width = size(random, large=24), size(random, large=24)
        channels, filters = (
            (int(random.integers(16, 70)), int(random.integers(16, 70)))
            if deep
            else (size(random, 4, 40), size(random))
        )
        edges = random.integers(0, 4, 4)
        spaces = [height + edges[0] + edges[1] - taps[0], width + edges[2] + edges[3] - taps[1]]
        out = [
            (space // stride + 1) // pool if space >= 0 else 0
            for space, stride in zip(spaces, strides, strict=True)
        ]
        work = n * out[0] * out[1] * pool * pool * taps[0] * taps[1] * channels * filters
        if min(out) > 0 and work < 2e7:
            break
    attributes = {"stride_rows": int(strides[0]), "stride_columns": int(strides[1])}
    attributes |= {"pad_top": int(edges[0]), "pad_left": int(edges[2])}
    attributes |= {"relu": int(random.integers(2)), "pool": pool}
    shapes = (n, height, width, channels), (*map(int, taps), channels, filters), (n, *out, filters)
    return shapes, attributes


def padded(images, kernel, attributes, rows, columns):
    """Images with as many zeros around them as the windows reach, and whether that is any."""
    reach = (
        (rows - 1) * attributes["stride_rows"] + kernel[0],
        (columns - 1) * attributes["stride_columns"] + kernel[1],
    )
    top, left = attributes["pad_top"], attributes["pad_left"]
    around = np.zeros((images.shape[0], *reach, images.shape[3]))
    inside = images[:, : max(0, reach[0] - top), : max(0, reach[1] - left)]
    around[:, top : top + inside.shape[1], left : left + inside.shape[2]] = inside
    hangs = top + left > 0 or reach[0] > images.shape[1] or reach[1] > images.shape[2]
    return around, hangs


def windows_of(around, kernel, attributes):
    view = np.lib.stride_tricks.sliding_window_view(around, kernel[:2], axis=(1, 2))
    return view[:, :: attributes["stride_rows"], :: attributes["stride_columns"]]


def convolve(random):
    (given, kernel, out), attributes = window(random)
    pool = attributes["pool"]

    def draw(random):
        return [numbers(random, one) for one in (given, kernel, kernel[3:])]

    def wanted(images, weights, bias):
        images, weights, bias = map(exact, (images, weights, bias))
        around, hangs = padded(images, kernel, attributes, out[1] * pool, out[2] * pool)
        view = windows_of(around, kernel, attributes)
        found = np.einsum("nyxcij,ijcf->nyxf", view, weights, optimize=True) + bias
        found = blocks(found, pool).max(axis=4)
        # A sum of products may come to nothing; its terms do not.
        scale = max(largest(found), largest(images) * largest(weights))
        found = rectified(found) if attributes["relu"] else found
        odd = not (np.isfinite(weights).all() and np.isfinite(images).all())
        return [Wanted(found, scale, hangs and odd), None]

    return Program(
        "hangtag_convolve", [(out, np.float32), (out, np.uint8)], attributes, draw, wanted
    )


def convolve_back(random):
    (given, kernel, out), attributes = window(random)
    pool = attributes["pool"]
    routed = bool(attributes["relu"]) or pool > 1
    asked = random.integers(3) > 0
    routes_shape = out if routed else (0,) * 4

    def draw(random):
        routes = random.integers(0, pool * pool + 2, routes_shape)
        routes = np.where(routes > pool * pool, random.choice([200, 255]), routes).astype(np.uint8)
        return [numbers(random, given), numbers(random, kernel), routes, numbers(random, out)]

    def wanted(images, weights, routes, slopes):
        images, weights, slopes = map(exact, (images, weights, slopes))
        n, rows, columns, filters = out
        spread = np.zeros((n, rows, columns, filters, pool * pool))
        for place in range(pool * pool):
            here = routes == place if routed else np.ones(out, bool)
            spread[..., place] = np.where(here, slopes, 0.0)
        spread = spread.reshape(n, rows, columns, filters, pool, pool).transpose(0, 1, 4, 2, 5, 3)
        spread = spread.reshape(n, rows * pool, columns * pool, filters)
        around, hangs = padded(images, kernel, attributes, rows * pool, columns * pool)
        view = windows_of(around, kernel, attributes)
        of_kernel = np.einsum("nyxcij,nyxf->ijcf", view, spread, optimize=True)
        odd = not all(np.isfinite(one).all() for one in (images, weights, slopes))
        terms = largest(spread)
        of_kernel = Wanted(of_kernel, largest(images) * terms, hangs and odd)
        found = [of_kernel, Wanted(spread.sum((0, 1, 2)), terms)]
        if not asked:
            return [None, *found]
        of_images = np.zeros(around.shape)
        down, across = attributes["stride_rows"], attributes["stride_columns"]
        for row, column in itertools.product(range(kernel[0]), range(kernel[1])):
            of_images[
                :,
                row : row + (rows * pool - 1) * down + 1 : down,
                column : column + (columns * pool - 1) * across + 1 : across,
            ] += spread @ weights[row, column].T
        whole = np.zeros(
            (n, given[1] + of_images.shape[1], given[2] + of_images.shape[2], given[3])
        )
        top, left = attributes["pad_top"], attributes["pad_left"]
        seen = of_images[:, top:, left:]
        whole[:, : seen.shape[1], : seen.shape[2]] = seen
        of_images = whole[:, : given[1], : given[2]]
        return [Wanted(of_images, largest(weights) * terms, odd), *found]

    results = [given if asked else (0,) * 4, kernel, kernel[3:]]
    results = [(shape, np.float32) for shape in results]
    return Program("hangtag_convolve_back", results, attributes, draw, wanted)
