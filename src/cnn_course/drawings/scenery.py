"""What surrounds a drawn animal: a background, clutter behind it, things in front of it, and the light.

Nothing here knows which animal is drawn.
"""

import numpy as np

from cnn_course.drawings.sketch import Canvas, Color, Dice, Frame, oval, smooth

FUR = [
    (38, 35, 34),
    (236, 230, 220),
    (128, 128, 134),
    (200, 122, 58),
    (124, 82, 50),
    (224, 190, 142),
    (86, 58, 42),
    (172, 152, 130),
]
# The background has the colors of fur, too: no part of a picture stands out by its color alone.
EVERYTHING = [
    *FUR,
    (92, 140, 70),
    (150, 180, 90),
    (96, 150, 200),
    (180, 210, 230),
    (190, 70, 60),
    (230, 200, 90),
    (150, 100, 150),
    (60, 110, 110),
]
WHOLE_PICTURE = Frame()
SQUARE = np.array([(-1.0, -1.0), (1.0, -1.0), (1.0, 1.0), (-1.0, 1.0)])
TRIANGLE = np.array([(-0.8, 0.7), (-0.5, -0.3), (0.0, -1.0), (0.5, -0.3), (0.8, 0.7)])
DROP = smooth([(-0.3, -1.0), (-0.7, 0.2), (-0.6, 0.9), (0.4, 1.0), (0.7, 0.3), (0.3, -0.9)], 1)
BALL = oval(0, 0, 1, 1)
BLADE = np.array([(-0.12, 1.0), (-0.05, 0.0), (0.1, -1.0), (0.12, 0.0), (0.14, 1.0)])


def draw_background(canvas: Canvas, dice: Dice) -> None:
    """Draw a plain or patterned wall, perhaps a floor, and clutter: boxes, balls, and shapes that look like ears."""
    draw_pattern, color = dice.choose([_draw_stripes, _draw_tiles, _draw_meadow, None]), dice.color(EVERYTHING)
    if draw_pattern:
        draw_pattern(canvas, dice, color)
    if dice.chance(0.6):
        slope, height = dice.between(-0.08, 0.08), dice.between(0.45, 0.9)
        floor = np.array([(0, height - slope), (1, height + slope), (1, 1), (0, 1)])
        canvas.fill(WHOLE_PICTURE, floor, dice.color(EVERYTHING))
    for _ in range(dice.whole(1, 5)):
        shape = dice.choose([SQUARE, TRIANGLE, DROP, BALL])
        canvas.fill(_anywhere(dice, 0.04, 0.13), shape, dice.color(EVERYTHING))


def draw_foreground(canvas: Canvas, dice: Dice, head: Frame) -> None:
    """Draw what stands in the way, often before a part of the head: leaves, a bar, grass, a ball."""
    color = dice.color(EVERYTHING)
    for _ in range(dice.whole(1, 3)):
        shape = dice.choose([DROP, BALL, SQUARE, TRIANGLE])
        x, y, size = dice.between(-1.6, 1.6), dice.between(-1.6, 1.6), dice.between(0.15, 0.45)
        canvas.fill(head.inner(x, y, turn=dice.whole(0, 719), width=size, height=size), shape, color)
    if dice.chance(0.15):
        bar = _anywhere(dice, 0.0, 0.0).inner(0, 0, width=dice.between(0.01, 0.03), height=2)
        canvas.fill(bar, SQUARE, dice.color(EVERYTHING))
    if dice.chance(0.3):
        _draw_grass(canvas, dice, dice.between(0.85, 1.0), 7, color)


def cast_light(picture: np.ndarray, dice: Dice) -> np.ndarray:
    """Light a picture from one side, with a tint, more or less brightly, and add the grain of a camera.

    Parameters
    ----------
    picture : ndarray of uint8, shape (size, size, 3)
    dice : Dice

    Returns
    -------
    ndarray of uint8, shape (size, size, 3)
    """
    size = len(picture)
    across, along = (np.arange(size) * dice.whole(-110, 110) // size for _ in range(2))
    plane = dice.whole(170, 290) + across + along[:, np.newaxis] - (across[-1] + along[-1]) // 2
    tint = np.array([dice.whole(226, 286) for _ in range(3)])
    # Products up to 255 * 255 fit 16 bits, which is twice as fast as 32: the light is counted in 128ths.
    light = np.clip(plane[..., np.newaxis] * tint >> 9, 30, 255).astype(np.uint16)
    grain = dice.grain(size, size, 1) * dice.whole(2, 12) >> 7
    return np.clip((picture * light >> 7).astype(np.int16) + grain, 0, 255).astype(np.uint8)


def _anywhere(dice: Dice, smallest: float, largest: float) -> Frame:
    """Return a frame anywhere in the picture, turned at will; with size 0 its units stay widths of the picture."""
    width, height = (dice.between(smallest, largest) or 1.0 for _ in range(2))
    return WHOLE_PICTURE.inner(*dice.point(), turn=dice.whole(0, 719), width=width, height=height)


def _draw_stripes(canvas: Canvas, dice: Dice, color: Color) -> None:
    frame = WHOLE_PICTURE.inner(0.5, 0.5, turn=dice.whole(0, 719))
    distance = dice.between(0.12, 0.3)
    for number in range(-4, 5):
        canvas.fill(frame.inner(number * distance, 0, width=distance / 4), SQUARE, color)


def _draw_tiles(canvas: Canvas, dice: Dice, color: Color) -> None:
    frame = WHOLE_PICTURE.inner(dice.throw() / 4, dice.throw() / 4, width=0.11, height=0.11)
    for number in range(16):
        x, y = number % 4, number // 4
        canvas.fill(frame.inner(2.4 * x, 2.4 * y), SQUARE, color)


def _draw_meadow(canvas: Canvas, dice: Dice, color: Color) -> None:
    _draw_grass(canvas, dice, dice.between(0.3, 0.8), 16, color)


def _draw_grass(canvas: Canvas, dice: Dice, horizon: float, blades: int, color: Color) -> None:
    for _ in range(blades):
        place = dice.throw(), dice.between(horizon, 1.05)
        width, height = dice.between(0.1, 0.25), dice.between(0.08, 0.2)
        turn = dice.whole(-60, 60)
        canvas.fill(WHOLE_PICTURE.inner(*place, turn=turn, width=width, height=height), BLADE, color)
