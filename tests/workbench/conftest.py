"""Runs to compare: small networks trained on the digits, once for all tests here."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def digit_runs(tmp_path_factory) -> dict[str, Path]:
    """Two networks with three seeds each, evaluated; they share the split of seed 0."""
    import hangtag
    from hangtag.rooms import load

    place = tmp_path_factory.mktemp("digit-runs")
    division = hangtag.split(hangtag.load("digits"), "auto", seed=0)
    saved = load.save_split(division, place / "split.npz")
    made = {}
    for network, epochs in (("s2-mlp", 8), ("s3-full", 2)):
        for seed in (0, 1, 2):
            name = f"{network}-{seed}"
            run = hangtag.train(
                "digits",
                network=network,
                split=f"saved:{saved}",
                options={"epochs": epochs, "batch_size": 32},
                seed=seed,
                out=place / name,
            )
            hangtag.evaluate(run.folder)
            made[name] = run.folder
    return made
