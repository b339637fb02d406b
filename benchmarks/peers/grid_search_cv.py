"""scikit-learn's GridSearchCV over a Keras network on TensorFlow, study S2's first grid; JSON out.

Arguments: an .npz with images and labels, and the grid as JSON.
"""

import json
import os
import resource
import sys
import time

os.environ["KERAS_BACKEND"] = "tensorflow"
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.model_selection import GridSearchCV, StratifiedKFold


class Network(ClassifierMixin, BaseEstimator):
    """Two hidden layers with dropout after each, as scikit-learn wants a classifier."""

    def __init__(self, batch_size=128, dropout=0.2, epochs=10, units=128, optimizer="adam"):
        self.batch_size, self.dropout, self.epochs = batch_size, dropout, epochs
        self.units, self.optimizer = units, optimizer

    def fit(self, images, labels):
        import keras

        keras.utils.set_random_seed(0)
        layers = [keras.Input((images.shape[1],))]
        for _ in range(2):
            layers.append(keras.layers.Dense(self.units, "relu"))
            layers.append(keras.layers.Dropout(self.dropout))
        self.model_ = keras.Sequential([*layers, keras.layers.Dense(10, "softmax")])
        self.model_.compile(self.optimizer, "sparse_categorical_crossentropy")
        self.model_.fit(images, labels, batch_size=self.batch_size, epochs=self.epochs, verbose=0)
        self.classes_ = np.unique(labels)
        return self

    def predict(self, images):
        return self.model_.predict(images, verbose=0, batch_size=1024).argmax(axis=1)


def main() -> None:
    data, grid = np.load(sys.argv[1]), json.loads(sys.argv[2])
    began = time.perf_counter()
    folds = StratifiedKFold(3, shuffle=True, random_state=0)
    found = GridSearchCV(Network(), grid, cv=folds, refit=False)
    found.fit(data["images"], data["labels"])
    print(
        json.dumps(
            {
                "seconds": time.perf_counter() - began,
                "best": float(found.best_score_),
                "megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
            }
        )
    )


if __name__ == "__main__":
    main()
