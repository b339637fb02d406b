"""A first model: train it, see what it is worth on images it has not seen, write a report."""

from pathlib import Path

import hangtag

images = hangtag.load("digits")
run = hangtag.train(images, model="linear", seed=0)  # network="mlp-128-64" trains a network
evaluation = run.evaluate()  # opens the test split; asked again, it is read
accuracy = evaluation.scores["accuracy"]
print(
    f"accuracy {accuracy.value:.3f}, with 95 % confidence {accuracy.low:.3f} to {accuracy.high:.3f}"
)
evaluation.plot().figure.savefig("confusion.png")
print("report:", hangtag.report(run, out=Path("report.html")))
