"""What every drawing is made of: dice, shapes, frames to place them in, and a canvas that knows where the ears are.

Only sums, products and comparisons, which IEEE 754 and integers round alike everywhere, so that every machine draws the
same bits: no matrix product, no sine, no sum over an array of floats.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageChops, ImageDraw

Color = tuple[int, int, int]

SUPERSAMPLING = 2  # rows and columns drawn for each of the picture; their mean makes edges smooth
TURN = 720  # steps of an angle in a full turn
# Rounded far above the last bits, in which the sine of one processor may differ from that of another.
COSINES = [round(math.cos(2 * math.pi * step / TURN), 9) for step in range(TURN)]
MOTTLES = 32  # soft spots in a row of the picture
CORNERS = 24  # of the polygon that stands for a circle
CIRCLE = np.array([(COSINES[step], COSINES[step - TURN // 4]) for step in range(0, TURN, TURN // CORNERS)])


class Dice:
    """The random choices of one drawing, all made from uniform numbers in [0, 1).

    Parameters
    ----------
    seed : sequence of int
        The same seed gives the same throws.
    """

    def __init__(self, seed: Sequence[int]) -> None:
        self._generator = np.random.default_rng(seed)
        self._throws: list[float] = []

    def throw(self) -> float:
        """Return a number in [0, 1)."""
        if not self._throws:
            self._throws = self._generator.random(256).tolist()
        return self._throws.pop()

    def between(self, low: float, high: float) -> float:
        """Return a number in [low, high)."""
        return low + (high - low) * self.throw()

    def whole(self, low: int, high: int) -> int:
        """Return a whole number from low to high, both included."""
        return low + int((high - low + 1) * self.throw())

    def chance(self, probability: float) -> bool:
        """Return True with this probability."""
        return self.throw() < probability

    def choose(self, options: Sequence):
        """Return one of the options, each as likely."""
        return options[int(len(options) * self.throw())]

    def grain(self, *shape: int) -> np.ndarray:
        """Return whole numbers from -128 to 127, int16, in an array of this shape."""
        return np.frombuffer(self._generator.bytes(math.prod(shape)), np.int8).reshape(shape).astype(np.int16)

    def point(self) -> tuple[float, float]:
        """Return a place in the unit square."""
        return self.throw(), self.throw()

    def color(self, palette: Sequence[Color], spread: int = 24) -> Color:
        """Return a color of the palette, made up to ``spread`` lighter or darker, and its hue a little different."""
        light = self.whole(-spread, spread)
        return tuple(min(255, max(0, value + light + self.whole(-8, 8))) for value in self.choose(palette))


@dataclass(frozen=True)
class Frame:
    """A coordinate system in the picture: where its origin is, and what its two axes (x right, y down) have become.

    Attributes
    ----------
    x, y : float
        The origin, in widths of the picture.
    right, down : (float, float)
        Where one unit along each axis leads, in widths of the picture.
    """

    x: float = 0.0
    y: float = 0.0
    right: tuple[float, float] = (1.0, 0.0)
    down: tuple[float, float] = (0.0, 1.0)

    def place(self, points: np.ndarray, side: float = 1.0) -> np.ndarray:
        """Return the place of points (N, 2), given in this frame, in a picture that is ``side`` wide."""
        right, down, origin = np.array((self.right, self.down, (self.x, self.y))) * side
        return points[:, :1] * right + points[:, 1:] * down + origin

    def inner(self, x: float, y: float, *, turn: float = 0, width: float = 1.0, height: float = 1.0) -> "Frame":
        """Return a frame inside this one: moved, turned clockwise by ``turn`` steps of `TURN`, and resized.

        A negative width mirrors it.
        """
        step = math.floor(turn) % TURN
        cos, sin = COSINES[step], COSINES[step - TURN // 4]
        return Frame(
            *self._lead(x, y, (self.x, self.y)),
            self._lead(cos * width, sin * width),
            self._lead(-sin * height, cos * height),
        )

    def _lead(self, x: float, y: float, start: tuple[float, float] = (0.0, 0.0)) -> tuple[float, float]:
        (a, b), (c, d) = self.right, self.down
        return start[0] + (x * a + y * c), start[1] + (x * b + y * d)


def oval(x: float, y: float, width: float, height: float) -> np.ndarray:
    """Return the corners (N, 2) of an oval about (x, y) that reaches so far to each side and up and down."""
    return CIRCLE * np.array((width, height)) + np.array((x, y))


def smooth(corners: Sequence, rounds: int = 2) -> np.ndarray:
    """Round the corners (N, 2) of a closed shape by cutting them; every round doubles their number.

    References
    ----------
    G. M. Chaikin, "An algorithm for high-speed curve generation", Computer Graphics and Image Processing 3 (1974).
    """
    points = np.array(corners, float)
    for _ in range(rounds):
        following = np.concatenate([points[1:], points[:1]])
        points = np.stack([0.75 * points + 0.25 * following, 0.25 * points + 0.75 * following], axis=1).reshape(-1, 2)
    return points


def ruffle(points: np.ndarray, dice: Dice, amount: float) -> np.ndarray:
    """Move every point by up to ``amount`` in both directions: the edge of fur."""
    return points + dice.grain(*points.shape) * (amount / 128)


def shaded(color: Color, percent: int) -> Color:
    """Return a color made darker (below 100) or lighter (above)."""
    return tuple(min(255, value * percent // 100) for value in color)


class Canvas:
    """A picture in the making, and which of its pixels show an ear.

    Parameters
    ----------
    size : int
        Rows and columns of the finished picture.
    color : (int, int, int)
        Of the empty canvas.
    """

    def __init__(self, size: int, color: Color) -> None:
        self.size, self.side = size, size * SUPERSAMPLING
        self.picture = Image.new("RGB", (self.side, self.side), color)
        self.ears = Image.new("L", (self.side, self.side))
        self._pencil, self._ear_pencil = (ImageDraw.Draw(image) for image in (self.picture, self.ears))
        self._has_ears = False

    def mottle(self, dice: Dice, strength: int) -> None:
        """Cover the canvas with soft spots of light and shade, up to ``strength`` levels (at most 127) away."""
        grain = dice.grain(MOTTLES, MOTTLES) * strength // 128
        spots = Image.fromarray((grain + 128).astype(np.uint8)).resize(self.picture.size, Image.Resampling.BILINEAR)
        self.picture = ImageChops.add(self.picture, Image.merge("RGB", [spots] * 3), offset=-128)
        self._pencil = ImageDraw.Draw(self.picture)

    def fill(self, frame: Frame, points: np.ndarray, color: Color, *, ear: bool = False) -> None:
        """Fill a shape, given by its corners (N, 2) in a frame, with a color."""
        corners = self._pixels(frame, points)
        self._pencil.polygon(corners, fill=color)
        self._cover([corners], ear)

    def clothe(self, frame: Frame, shapes: Sequence[np.ndarray], cloth: Image.Image, percent: int) -> None:
        """Fill shapes, each given by its corners (N, 2) in a frame, with what another picture shows in their place.

        What it shows is made darker, to ``percent`` of its brightness.
        """
        outlines = [self._pixels(frame, points) for points in shapes]
        stencil = Image.new("L", self.picture.size)
        pencil = ImageDraw.Draw(stencil)
        for corners in outlines:
            pencil.polygon(corners, fill=255)
        box = stencil.getbbox()
        if box:
            piece = cloth.crop(box)
            shade = Image.new("RGB", piece.size, shaded((255, 255, 255), percent))
            self.picture.paste(ImageChops.multiply(piece, shade), box, stencil.crop(box))
        self._cover(outlines, False)

    def line(self, frame: Frame, points: np.ndarray, color: Color, width: float) -> None:
        """Draw a line through points (N, 2), its width a share of the picture's; it hides no ear."""
        self._pencil.line(self._pixels(frame, points), fill=color, width=max(1, math.floor(width * self.side)))

    def finish(self) -> tuple[np.ndarray, np.ndarray]:
        """Return the picture, uint8 (size, size, 3), and where it shows an ear, bool (size, size)."""
        picture, ears = (np.asarray(image.reduce(SUPERSAMPLING)) for image in (self.picture, self.ears))
        return picture, ears >= 128

    def _cover(self, outlines: list[list[int]], ear: bool) -> None:
        self._has_ears |= ear
        if self._has_ears:
            for corners in outlines:
                self._ear_pencil.polygon(corners, fill=255 * ear)

    def _pixels(self, frame: Frame, points: np.ndarray) -> list[int]:
        return frame.place(points, self.side).astype(np.int64).ravel().tolist()
