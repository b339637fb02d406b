"""Arrays of your own, as scikit-learn has them: cross-validation, then a model to keep."""

import sklearn.datasets
from sklearn.model_selection import cross_val_score

from hangtag.sklearn import ForestClassifier

pixels, labels = sklearn.datasets.load_digits(return_X_y=True)  # (1797, 64), (1797,)
classifier = ForestClassifier(n_estimators=20)
scores = cross_val_score(classifier, pixels, labels, cv=3)
print(f"accuracy in three folds: {scores.round(3)}")
classifier.fit(pixels, labels).save("bundle")
print(ForestClassifier.open("bundle").predict(pixels[:5]), "are", labels[:5])
