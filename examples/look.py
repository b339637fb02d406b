"""What is in a set of images: its classes and pixels, and a map with a point per image."""

from pathlib import Path

import hangtag

images = hangtag.load("digits")
summary = hangtag.explore(images)
print("look:", hangtag.explore_page(images, summary, Path("look.html")))
maps = [hangtag.reduce(images, method=name, sample=300) for name in ("pca", "lle")]
for one in maps:
    print(f"{one.method}: {one.quality['trustworthiness']:.2f} of 1 trustworthy")
print("map:", hangtag.map_page(images, maps, Path("map.html")))
