"""How many clusters there are without looking at labels, and whether they are the classes."""

import hangtag

images = hangtag.load("digits")
found = hangtag.cluster(images, k=(5, 10, 15), pca=20, n_init=3, seed=0)
for row in found.sweep.rows:
    print(f"k = {row.k}: silhouette {row.silhouette:.3f}")
print(f"chosen: {found.clustering.k}; purity {found.agreement.purity:.2f} beside the classes")
