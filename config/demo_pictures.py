"""Drawings for the demo's content: rings on water, each in colours of its own."""

from __future__ import annotations

import colorsys
import io

from PIL import Image, ImageDraw

SIDE = 1080
RINGS = 7
WAY_ROUND = 0.61803


def picture(number: int) -> bytes:
    """A square JPEG; the same number gives the same drawing."""
    hue = number * WAY_ROUND % 1
    image = Image.new("RGB", (SIDE, SIDE), _colour(hue, 0.35))
    draw = ImageDraw.Draw(image)
    centre_x = SIDE * (0.3 + 0.4 * (number * WAY_ROUND % 1))
    centre_y = SIDE * (0.3 + 0.4 * (number * WAY_ROUND * 3 % 1))
    for ring in range(RINGS):
        reach = SIDE * 0.6 * (1 - ring / RINGS)
        box = (
            centre_x - reach,
            centre_y - reach,
            centre_x + reach,
            centre_y + reach,
        )
        draw.ellipse(box, fill=_colour(hue + ring * 0.02, 0.4 + 0.07 * ring))
    data = io.BytesIO()
    image.save(data, "JPEG", quality=85)
    return data.getvalue()


def _colour(hue: float, lightness: float) -> tuple[int, int, int]:
    """Red, green and blue, 0 to 255."""
    parts = colorsys.hls_to_rgb(hue % 1, lightness, 0.45)
    red, green, blue = (round(255 * part) for part in parts)
    return red, green, blue
