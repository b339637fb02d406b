"""A folder of photos becomes a shop: tagged by a model, searched by a photo."""

from pathlib import Path

from PIL import Image

import hangtag

images = hangtag.load("digits")
Path("photos").mkdir(exist_ok=True)
for number in range(100):
    Image.fromarray(images.images[number, ..., 0]).save(f"photos/{number:03}.png")

run = hangtag.train(images, model="linear", seed=0)
for tag in hangtag.tag_folder(run, "photos", limit=3):
    print(tag.id, tag.label, f"{tag.confidence:.0%}")

shop = hangtag.create_catalog("shop.db")
hangtag.import_items(shop, source="photos")
hangtag.tag_catalog(shop, model=run)
found = hangtag.search(shop, picture="photos/007.png", k=4)
print("most like 007:", [item.external_id for item in found.items])
Path("tagged.csv").write_bytes(hangtag.export_catalog(shop))
