"""Before a score is believed: copies, doubtful labels, and a split without what was found."""

from pathlib import Path

import hangtag

images = hangtag.load("digits").take(range(600))
findings = hangtag.audit(images, checks=("duplicates", "classes", "labels"))
for found in findings.of("labels")[:5]:  # a list to look through, not a verdict
    print(found.ids, found.message)
print("page:", hangtag.audit_page(images, findings, Path("audit.html")))
split = hangtag.clean_split(images, findings, recipe="stratified:0.2+test:0.2")
print(hangtag.split_counts(images, split))
hangtag.save_split(split, Path("split.npz"))  # hangtag train … --split saved:split.npz
