"""Wrong answers, the most wrong first."""

import numpy as np

from hangtag.rooms.evaluate import misclassified


def test_mistakes_are_ranked_by_how_wrong_they_are(make):
    predictions = make(
        [0, 0, 1, 1, 2],
        [[0.1, 0.9, 0], [0.4, 0.6, 0], [0.2, 0.8, 0], [0.5, 0.45, 0.05], [0.3, 0.7, 0]],
    )
    # Gaps to the true class: 0.8, 0.2, right, 0.05, 0.7.
    assert misclassified(predictions).tolist() == [0, 4, 1, 3]
    assert misclassified(predictions, label=0).tolist() == [0, 1]
    assert misclassified(predictions, label=1).tolist() == [3]


def test_all_wrong_answers_are_there_once(both):
    found = misclassified(both)
    assert sorted(found) == np.flatnonzero(both.predicted != both.labels).tolist()
    own = both.probabilities[found, both.labels[found]].astype(np.float64)
    gaps = both.confidence[found] - own
    assert np.all(np.diff(gaps) <= 0)
