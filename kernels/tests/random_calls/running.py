"""Runs random programs with every instruction set, and says what came of it."""

from __future__ import annotations

import itertools
import os
import time

import jax
import jax.numpy as jnp
import numpy as np

import hangtag_kernels
from hangtag_kernels import _library
from random_calls.changes import many, spoiled
from random_calls.convolutions import convolve, convolve_back
from random_calls.layers import dense, dense_back, drop, normalize, normalize_back
from random_calls.pooling import max_pool, max_pool_back, take_rows, two_nearest
from random_calls.program import SMALLEST, TOLERANCE, largest
from random_calls.training import adam, train_stack

SLOWEST = 1.0 * float(os.environ.get("HANGTAG_SLOWED", "1"))
"""Seconds; as many times more as a build with sanitizers is slower, which its Makefile says."""

REPEATS = 20
"""Calls of one compiled program, each with other numbers."""


ENTRIES = {
    made.__name__: made
    for made in (
        *(convolve, convolve_back, dense, dense_back, max_pool, max_pool_back, adam, drop),
        *(normalize, normalize_back, take_rows, train_stack, two_nearest),
    )
}
assert len(ENTRIES) == len(_library.CALLS) + 1


class Tally:
    """What came of calls."""

    def __init__(self):
        self.calls = self.refused = 0
        self.error = self.slowest = 0.0
        self.wrong: list[str] = []

    def look(self, what, program, arrays, found, seconds):
        self.calls += 1
        self.slowest = max(self.slowest, seconds)
        if seconds > SLOWEST:
            self.wrong.append(f"{what}: {seconds:.1f} s")
        with np.errstate(all="ignore"):
            wanted = program.wanted(*arrays)
        if isinstance(found, str):
            self.refused += 1
            known = ("INVALID_ARGUMENT", "RESOURCE_EXHAUSTED")
            free = wanted is None or (wanted and all(one is None for one in wanted))
            if not (free and any(word in found for word in known)):
                self.wrong.append(f"{what}: refused: {found}")
            return
        if wanted is None:
            self.wrong.append(f"{what}: not refused")
            return
        for at, (one, other) in enumerate(zip(found, wanted, strict=True)):
            if other is not None:
                self._compare(f"{what}, output {at}", np.asarray(one), other)

    def _compare(self, what, found, wanted):
        values = np.asarray(wanted.values)
        if values.dtype.kind in "iu":
            if not np.array_equal(found, values):
                self.wrong.append(f"{what}: not equal")
            return
        found, lost = found.astype(np.float64), np.isnan(values)
        odd = ~np.isfinite(values)
        same = np.isnan(found)[lost].all() and (found == values)[odd & ~lost].all()
        if not wanted.lenient and not (same and np.isfinite(found[~odd]).all()):
            self.wrong.append(f"{what}: what is not finite is elsewhere")
            return
        both = np.isfinite(found) & ~odd
        gap = np.abs(found[both] - values[both]).max(initial=0.0)
        error = max(0.0, gap - 2 * SMALLEST) / max(largest(values), wanted.scale, SMALLEST)
        self.error = max(self.error, error)
        if error > TOLERANCE:
            self.wrong.append(f"{what}: {error:.1e} of the largest")


def compiled(program, arrays):
    """The program as a function, None when there cannot be one."""
    if program.entry == "two_nearest":
        return hangtag_kernels.two_nearest
    results = [jax.ShapeDtypeStruct(*one) for one in program.results]
    call = jax.ffi.ffi_call(program.entry, results)
    given = [jnp.asarray(one) for one in arrays]
    try:
        return jax.jit(lambda *given: call(*given, **program.attributes)).lower(*given).compile()
    except (jax.errors.JaxRuntimeError, ValueError, OverflowError, TypeError):
        return None  # XLA itself does not take such a shape


def called(run, arrays):
    """What came out, or the words it was refused with; and the seconds."""
    began = time.perf_counter()
    try:
        found = jax.block_until_ready(run(*arrays))
    except (jax.errors.JaxRuntimeError, ValueError) as error:  # the second when it runs at once
        found = str(error)
    return found, time.perf_counter() - began


def rounds(entry, count, instructions, *, seed=0, repeats=REPEATS):
    """Make `count` calls of `entry` with each of `instructions`; what came of them."""
    _library.load()
    tallies = {name: Tally() for name in instructions}
    for number in itertools.count():
        random = randomness(entry, number, seed)
        program = drawn(entry, random)
        run, shapes = None, []
        for draw in range(repeats):
            with np.errstate(all="ignore"):
                arrays = program.draw(random)
            # Models may share an array at one time and not at another; spoiled shapes differ too.
            if shapes != (shapes := [one.shape for one in arrays]):
                run = compiled(program, arrays)
            if run is None:
                break
            if _call(run, program, arrays, tallies, f"{entry} {number}.{draw}") >= count:
                return tallies
    raise AssertionError("there is no last number")


def one_call(entry, number, draw, *, seed=0):
    """Make again what ``rounds`` called ``entry number.draw``, with every set of instructions."""
    _library.load()
    random = randomness(entry, number, seed)
    program = drawn(entry, random)
    with np.errstate(all="ignore"):
        arrays = [program.draw(random) for _ in range(draw + 1)][-1]
    tallies = {name: Tally() for name in known_instructions()}
    _call(compiled(program, arrays), program, arrays, tallies, f"{entry} {number}.{draw}")
    return tallies


def randomness(entry, number, seed):
    return np.random.default_rng([seed, number, len(entry), ord(entry[-1])])


def _call(run, program, arrays, tallies, what):
    for name, tally in tallies.items():
        hangtag_kernels.use_instructions(name)
        found, seconds = called(run, arrays)
        tally.look(f"{what} {name}", program, arrays, found, seconds)
    return tally.calls


def drawn(entry, random):
    program = ENTRIES[entry](random)
    if program.models and random.integers(4) == 0:
        program = many(program, random)
    return spoiled(program, random) if program.results and random.integers(5) == 0 else program


def known_instructions():
    found = []
    for name in hangtag_kernels.INSTRUCTIONS:
        try:
            hangtag_kernels.use_instructions(name)
        except ValueError:
            continue
        found.append(name)
    hangtag_kernels.use_instructions(found[0])
    return found
