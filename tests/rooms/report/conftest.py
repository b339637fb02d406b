"""Facts for a report: real answers on scikit-learn's digits, and a real short training."""

from __future__ import annotations

import numpy as np
import pytest

from hangtag.records import History, Predictions, ReportFacts
from hangtag.rooms.evaluate import evaluate, temperature, threshold


@pytest.fixture(scope="session")
def facts() -> ReportFacts:
    """Everything a report can show, from ten epochs of a linear model on the digits."""
    from sklearn.datasets import load_digits
    from sklearn.linear_model import SGDClassifier
    from sklearn.metrics import accuracy_score, log_loss

    values, labels = load_digits(return_X_y=True)
    order = np.random.default_rng(0).permutation(len(labels))
    parts = {"training": order[:900], "validation": order[900:1200], "test": order[1200:]}
    model = SGDClassifier(loss="log_loss", learning_rate="constant", eta0=0.05, random_state=0)
    curves: dict[str, list[float]] = {}
    for _ in range(10):
        model.partial_fit(values[order[:900]] / 16, labels[order[:900]], classes=range(10))
        for before, part in (("", "training"), ("val_", "validation")):
            chances = model.predict_proba(values[parts[part]] / 16)
            truth = labels[parts[part]]
            curves.setdefault(f"{before}loss", []).append(log_loss(truth, chances))
            found = accuracy_score(truth, chances.argmax(axis=1))
            curves.setdefault(f"{before}accuracy", []).append(found)
    names = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")

    def answers(part: str) -> Predictions:
        where = parts[part]
        chances = model.predict_proba(values[where] / 16).astype(np.float32)
        return Predictions(where, labels[where], chances, names)

    limit = threshold(answers("validation"), precision=0.97)
    test = answers("test")
    pictures = (values * 15.9).astype(np.uint8).reshape(-1, 8, 8, 1)
    return ReportFacts(
        title="linear on digits",
        class_names=names,
        model="a linear model",
        data={"name": "digits", "images": 1797, "classes": 10},
        counts={part: np.bincount(labels[where]).tolist() for part, where in parts.items()},
        samples=tuple(pictures[np.flatnonzero(labels == one)[:8]] for one in range(10)),
        history=History(
            {name: tuple(curve) for name, curve in curves.items()},
            (0.01,) * 10,
            best_epoch=int(np.argmin(curves["val_loss"])),
        ),
        evaluation=evaluate(
            test,
            threshold=limit,
            threshold_precision=0.97,
            temperature=temperature(answers("validation")),
        ),
        predictions=test,
        pictures=pictures[parts["test"]],
        ids=tuple(f"all/{where:05d}" for where in parts["test"]),
        layers=({"name": "dense", "type": "Dense", "output_shape": (10,), "parameters": 650},),
        totals={"total": 650, "trainable": 650},
        options={"epochs": 10, "optimizer": "sgd", "learning_rate": 0.05},
        reproduce={"command": "hangtag train digits --seed 0", "seed": 0, "run": "one"},
        versions={"numpy": np.__version__},
        cautions=("This is a test.",),
        checks=("leaks",),
    )
