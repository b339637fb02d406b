"""Items of Fashion-MNIST drawn as photographs: on white, on gray, with margins, on a table.

Four kinds: dark on white, tight; studio gray; 800×600 with margins; tinted, turned by up to 14°,
with a shadow, on a plain ground, wood or cloth. The gray level of an item is that of its image,
inverted, as the images were made from photographs.
"""

from __future__ import annotations

from io import BytesIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter
from scipy.ndimage import binary_fill_holes

KINDS = ("white", "gray", "margins", "table")
SHADE, TURNED, TINTED = 0.35, 14, 0.55


def as_jpeg(photo: NDArray[np.uint8]) -> bytes:
    file = BytesIO()
    Image.fromarray(photo).save(file, "JPEG", quality=90)
    return file.getvalue()


def draw(image: NDArray[np.uint8], kind: str, rng: np.random.Generator) -> NDArray[np.uint8]:
    """``(28, 28)`` uint8, bright on dark, as ``(height, width, 3)`` of that kind.

    One of ``(28, 28, 3)`` on black has colors, which stay as they are.
    """
    table = kind == "table"
    height, width = {"white": (300, 300), "gray": (400, 400)}.get(kind, (600, 800))
    side = {"white": 300, "gray": 340}.get(kind) or int(rng.uniform(300, 420))
    if table:
        ground = _table(height, width, rng)
    else:
        level = rng.uniform(170, 225) if kind == "gray" else 255.0
        ground = np.full((height, width, 3), level)
    gray, cover = _enlarged(image, side, rng.uniform(-TURNED, TURNED) if table else 0.0)
    tint = rng.uniform(TINTED, 1, 3) if table else np.ones(3)
    item = gray if image.ndim == 3 else (255 - gray) * tint
    down, right = (rng.integers(-40, 41), rng.integers(-80, 81)) if height == 600 else (0, 0)
    top, left = (height - side) // 2 + int(down), (width - side) // 2 + int(right)
    place = slice(top, top + side), slice(left, left + side)
    if table:
        shadow = np.zeros((height, width))
        shadow[place] = cover[..., 0]
        soft = Image.fromarray((shadow * 255).astype(np.uint8)).filter(ImageFilter.GaussianBlur(14))
        fallen = np.roll(np.asarray(soft) / 255, (10, 8), (0, 1))[..., None]
        ground = ground * (1 - SHADE * fallen)
    ground[place] = cover * item + (1 - cover) * ground[place]
    return np.clip(ground + 2 * rng.normal(size=ground.shape), 0, 255).astype(np.uint8)


def _enlarged(
    image: NDArray[np.uint8], side: int, turn: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Gray level or color of an item, ``(side, side, 1 or 3)``, and cover, ``(side, side, 1)``."""
    bright = image if image.ndim == 2 else image.max(axis=2)
    there = binary_fill_holes(bright > 8).astype(np.uint8) * 255
    soft = ImageFilter.GaussianBlur(0.3 * side / 28)
    large = Image.fromarray(image).resize((side, side), Image.Resampling.BICUBIC)
    mask = Image.fromarray(there).resize((side, side), Image.Resampling.BICUBIC).filter(soft)
    if turn:
        large, mask = (one.rotate(turn, Image.Resampling.BICUBIC) for one in (large, mask))
    cover = np.clip((np.asarray(mask) / 255 - 0.35) / 0.3, 0, 1)
    return np.asarray(large, float).reshape(side, side, -1), cover[..., None]


def _table(height: int, width: int, rng: np.random.Generator) -> NDArray[np.float64]:
    """A plain ground, wood or cloth, lit unevenly."""
    y, x = np.mgrid[0:height, 0:width] / max(height, width)
    what = rng.integers(3)
    if what == 0:
        ground = np.ones((height, width, 1)) * rng.uniform(90, 235, 3)
    elif what == 1:
        red = rng.uniform(120, 200)
        wood = red * np.array([1, rng.uniform(0.65, 0.8), rng.uniform(0.4, 0.6)])
        wave = x * rng.uniform(20, 60) + 2 * np.sin(6 * y + rng.uniform(0, 6))
        grain = np.sin(2 * (wave + 0.15 * rng.normal(size=(height, 1))))[..., None]
        ground = wood * (1 + 0.08 * grain + 0.03 * rng.normal(size=(height, width, 1)))
    else:
        weave = (np.arange(width) // 3 % 2)[None, :] ^ (np.arange(height) // 3 % 2)[:, None]
        noise = 0.04 * rng.normal(size=(height, width, 1))
        ground = rng.uniform(70, 220, 3) * (1 + 0.07 * (weave[..., None] - 0.5) + noise)
    slopes = rng.uniform(-0.24, 0.24, 2)
    return ground * (1 + slopes[0] * (x - 0.5) + slopes[1] * (y - 0.5))[..., None]
