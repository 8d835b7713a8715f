"""Draw Huxley's mark: a house that is a speech bubble, with a voice inside.

Usage: python scripts/make_icon.py [FOLDER]        (default: the integration's brand folder)
Writes icon.png (256 px) and icon@2x.png (512 px), the same bytes on every machine with the same Pillow.
"""

import math
import sys
from pathlib import Path

from PIL import Image, ImageDraw

type Point = tuple[float, float]

HOUSE = (72, 88, 178, 255)  # a blue that stands on a white page and on a dark one
VOICE = (255, 200, 87, 255)  # warm lamp light

CANVAS = 512  # units of the drawing, and pixels of the larger icon
OVERSAMPLING = 4  # drawn larger and scaled down: Pillow's shapes have no smooth edges of their own

ROUNDING = 34  # radius of every corner of the house
WALLS: tuple[Point, ...] = ((256, 62), (452, 236), (452, 392), (60, 392), (60, 236))
TAIL: tuple[Point, ...] = ((122, 380), (262, 380), (122, 480))
TAIL_ROUNDING = 14

# Bars of a voice: centre and half height; all of one width with round ends.
BARS: tuple[tuple[float, float], ...] = ((144, 28), (200, 66), (256, 100), (312, 66), (368, 28))
BAR_WIDTH = 34
BAR_MIDDLE = 274


def main() -> None:
    """Draw the mark once and write it in both sizes."""
    default = Path(__file__).parent.parent / "custom_components" / "huxley" / "brand"
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else default
    folder.mkdir(parents=True, exist_ok=True)
    mark = draw()
    for name, size in (("icon.png", CANVAS // 2), ("icon@2x.png", CANVAS)):
        mark.resize((size, size), Image.Resampling.LANCZOS).save(folder / name, optimize=True)
        print(folder / name)


def draw() -> Image.Image:
    """Return the mark on a transparent ground, oversampled."""
    image = Image.new("RGBA", (CANVAS * OVERSAMPLING, CANVAS * OVERSAMPLING), (*HOUSE[:3], 0))
    pen = ImageDraw.Draw(image)
    _rounded(pen, WALLS, ROUNDING)
    _rounded(pen, TAIL, TAIL_ROUNDING)
    for centre, half in BARS:
        left, right = centre - BAR_WIDTH / 2, centre + BAR_WIDTH / 2
        box = [_scaled((left, BAR_MIDDLE - half)), _scaled((right, BAR_MIDDLE + half))]
        pen.rounded_rectangle(box, radius=BAR_WIDTH / 2 * OVERSAMPLING, fill=VOICE)
    return image


def _rounded(pen: ImageDraw.ImageDraw, corners: tuple[Point, ...], radius: float) -> None:
    """Fill a polygon whose outline lies `radius` outside of `corners`: its hull with a disc on every corner."""
    reach = radius * OVERSAMPLING
    scaled = [_scaled(corner) for corner in corners]
    pen.polygon(scaled, fill=HOUSE)
    for (x, y), (to_x, to_y) in zip(scaled, [*scaled[1:], scaled[0]], strict=True):
        length = math.hypot(to_x - x, to_y - y)
        out_x, out_y = (to_y - y) / length * reach, (x - to_x) / length * reach
        pen.polygon([(x, y), (x + out_x, y + out_y), (to_x + out_x, to_y + out_y), (to_x, to_y)], fill=HOUSE)
        pen.ellipse([x - reach, y - reach, x + reach, y + reach], fill=HOUSE)


def _scaled(point: Point) -> Point:
    return point[0] * OVERSAMPLING, point[1] * OVERSAMPLING


if __name__ == "__main__":
    main()
