"""Cats and dogs, drawn by chance: the animal decides the shape of ears, muzzle, mouth and pupils, and nothing else.

Coat, pose, light, background and all that is in the way come from the same throws of the dice, whichever animal it
is. So neither color nor background tells anything about the label.
"""

from dataclasses import dataclass

import numpy as np
from PIL import Image

from cnn_course.drawings.scenery import BALL, EVERYTHING, FUR, cast_light, draw_background, draw_foreground
from cnn_course.drawings.sketch import Canvas, Color, Dice, Frame, oval, ruffle, shaded, smooth

CAT, DOG = 0, 1
DOG_MUZZLE = smooth([(-0.2, 0), (0.2, 0), (0.3, 0.3), (0.46, 0.85), (0, 0.98), (-0.46, 0.85), (-0.3, 0.3)])
DOG_NOSE = smooth([(-0.28, 0.1), (0.28, 0.1), (0.18, 0.38), (-0.18, 0.38)])


@dataclass(frozen=True)
class Ear:
    """The throws for one ear, whichever animal it becomes part of.

    Attributes
    ----------
    side : {-1, 1}
        Left or right.
    view : float
        How wide it looks, from 0 to 1, when the head turns.
    spread : int
        How far it leans out, in steps of `TURN`.
    place, length, width : float
        In [0, 1).
    """

    side: int
    view: float
    spread: int
    place: float
    length: float
    width: float


def draw(seed: int, number: int, size: int, label: int | None = None) -> tuple[np.ndarray, np.ndarray, int]:
    """Draw one animal.

    Parameters
    ----------
    seed, number : int
        Decide everything, apart from the size.
    size : int
        Rows and columns.
    label : {0, 1}, optional
        Draw a cat (0) or a dog (1), whatever the dice say: the same picture of the other animal.

    Returns
    -------
    picture : ndarray of uint8, shape (size, size, 3)
    ears : ndarray of bool, shape (size, size)
        Where the picture shows an ear.
    label : int
        0 for a cat, 1 for a dog.

    Examples
    --------
    >>> picture, ears, label = draw(seed=5, number=0, size=32, label=DOG)
    >>> picture.shape, ears.dtype, label
    ((32, 32, 3), dtype('bool'), 1)
    """
    dice = Dice([seed, number])
    thrown = dice.whole(CAT, DOG)
    label = thrown if label is None else label
    canvas = Canvas(size, dice.color(EVERYTHING))
    draw_background(canvas, dice)
    head = _draw_animal(canvas, dice, label)
    draw_foreground(canvas, dice, head)
    picture, ears = canvas.finish()
    return cast_light(picture, dice), ears, label


def _draw_animal(canvas: Canvas, dice: Dice, label: int) -> Frame:
    """Draw body, collar, head, ears and face; return the frame of the head: its center, half its width as unit."""
    size = dice.between(0.2, 0.31)
    mirrored = -1 if dice.chance(0.5) else 1
    upright = Frame().inner(
        dice.between(0.4, 0.6), dice.between(0.4, 0.54), turn=dice.whole(-30, 30), width=size * mirrored, height=size
    )
    head = upright.inner(0, 0, turn=dice.whole(-56, 56), height=dice.between(0.8, 1.0))
    base = dice.color(FUR)
    coat = _paint_coat(canvas, dice, upright, base)
    _draw_body(canvas, dice, upright, coat, base)
    if dice.chance(0.4):
        collar = dice.color(EVERYTHING)
        canvas.fill(upright, oval(0, 0.85, 0.68, 0.3), collar)
        canvas.fill(upright, oval(0, 1.22, 0.14, 0.14), shaded(collar, 140))
    _draw_head(canvas, dice, head, coat, base, label)
    return head


def _paint_coat(canvas: Canvas, dice: Dice, frame: Frame, base: Color) -> Image.Image:
    """Return a picture full of fur: plain or mottled, striped, spotted or in patches, in up to three colors."""
    cloth = Canvas(canvas.size, base)
    if dice.chance(0.5):
        cloth.mottle(dice, dice.whole(20, 60))
    kind = dice.choose(["plain", "stripes", "spots", "patches"])
    colors = dice.color(FUR), dice.color(FUR)
    marks = {"plain": 0, "stripes": 14, "spots": 18, "patches": 5}[kind]
    for mark in range(marks):
        x, y = dice.between(-1.5, 1.5), dice.between(-1.2, 2.6)
        width, height = {
            "stripes": (dice.between(0.4, 1.0), 0.09),
            "spots": (dice.between(0.08, 0.22), dice.between(0.08, 0.22)),
            "patches": (dice.between(0.4, 0.9), dice.between(0.4, 0.9)),
        }[kind]
        place = frame.inner(x, y, turn=dice.whole(-40, 40), width=width, height=height)
        cloth.fill(place, BALL, colors[mark % 2])
    return cloth.picture


def _draw_body(canvas: Canvas, dice: Dice, frame: Frame, coat: Image.Image, base: Color) -> None:
    """Draw a sitting or lying body with legs and a tail."""
    percent, line = dice.whole(60, 100), shaded(base, 55)
    width, height, side = dice.between(0.75, 1.1), dice.between(1.2, 1.7), dice.between(-0.3, 0.3)
    curl = dice.between(0.5, 1.0)
    if dice.chance(0.5):
        width, height = height, width
    bottom, hip = 0.45 + 2 * height, side + width
    tail = [(side, bottom - 0.4), (hip + 0.2, bottom - 0.1), (hip + 0.7, bottom - 0.4 - curl)]
    tail += [(hip + 0.5, bottom - 1 - curl), (hip + 0.4, bottom - 0.9 - curl), (hip + 0.4, bottom - 0.6 - curl)]
    tail = smooth([*tail, (side + 0.5, bottom - 0.8)])
    body = smooth(ruffle(oval(side, 0.45 + height, width, height), dice, 0.08), 1)
    paws = [oval(side * 0.6 + x, bottom - 0.05, 0.3, 0.19) for x in (-0.36, 0.36)]
    canvas.clothe(frame, [tail, body, *paws], coat, percent)
    for shape in (body, *paws):
        canvas.line(frame, shape, line, 0.008)
    for x in (-0.08, 0.08):
        leg = np.array([(side * 0.6 + x, bottom - 0.2), (side * 0.6 + 0.8 * x, bottom - 0.9)])
        canvas.line(frame, leg, line, 0.008)


def _draw_head(canvas: Canvas, dice: Dice, head: Frame, coat: Image.Image, base: Color, label: int) -> None:
    """Draw a head that looks somewhat to one side."""
    percent = dice.whole(75, 100)
    paint, outline = (dice.color([base, base, *FUR], 16), dice.color(FUR)), shaded(base, dice.whole(45, 90))
    skull = smooth(ruffle(oval(0, 0, 1, 1), dice, dice.between(0.0, 0.12)), 1)
    look = dice.between(-0.3, 0.3)
    ears = [_throw_ear(dice, side, look) for side in (-1, 1)]
    if label == CAT:
        _draw_ears(canvas, head, ears, label, paint, outline)
    canvas.clothe(head, [skull], coat, percent)
    canvas.line(head, skull, outline, 0.008)
    if label == DOG:
        _draw_ears(canvas, head, ears, label, paint, outline)
    _draw_face(canvas, dice, head.inner(look, dice.between(-0.05, 0.15)), outline, base, label)


def _throw_ear(dice: Dice, side: int, look: float) -> Ear:
    """Throw the dice for an ear on the left (-1) or right (1); the one that is turned away is narrower."""
    return Ear(side, 1 - 0.6 * max(0.0, side * look), dice.whole(0, 90), dice.throw(), dice.throw(), dice.throw())


def _draw_ears(canvas: Canvas, head: Frame, ears: list[Ear], label: int, paint: tuple, outline: Color) -> None:
    shape = pointed_ear if label == CAT else hanging_ear
    for ear in ears:
        root, outer, inner = shape(head, ear)
        canvas.fill(root, outer, paint[0], ear=True)
        canvas.fill(root, inner, paint[1], ear=True)
        canvas.line(root, np.concatenate([outer, outer[:1]]), outline, 0.008)


def pointed_ear(head: Frame, ear: Ear) -> tuple[Frame, np.ndarray, np.ndarray]:
    """Return a frame and in it the outlines of a cat's ear and of its inside: a triangle with bulging sides."""
    root = head.inner(ear.side * (0.5 + 0.12 * ear.place), -0.62, turn=ear.side * ear.spread, width=ear.side * ear.view)
    outer = np.array([(-1.0, 0.35), (-0.85, -0.4), (-0.08, -1.0), (0.08, -1.0), (0.8, -0.4), (1.0, 0.35)])
    outer *= np.array((0.4 + 0.14 * ear.width, 0.8 + 0.4 * ear.length))
    return root, outer, outer * 0.6


def hanging_ear(head: Frame, ear: Ear) -> tuple[Frame, np.ndarray, np.ndarray]:
    """Return a frame and in it the outlines of a dog's ear and of its darker tip: a flap that falls over the cheek."""
    turn = -ear.side * ear.spread * 0.4
    root = head.inner(ear.side * (0.5 + 0.2 * ear.place), -0.72, turn=turn, width=ear.side * ear.view)
    outer = smooth([(-0.5, 0.0), (0.4, -0.12), (1.1, 0.2), (1.35, 0.75), (1.0, 1.1), (0.4, 1.1), (0.25, 0.55)])
    tip = smooth([(0.5, 0.72), (1.2, 0.66), (1.2, 0.85), (0.95, 1.02), (0.5, 1.02)])
    size = np.array((0.3 + 0.1 * ear.width, 0.9 + 0.4 * ear.length))
    return root, outer * size, tip * size


def _draw_face(canvas: Canvas, dice: Dice, face: Frame, outline: Color, base: Color, label: int) -> None:
    """Draw eyes, muzzle, nose, mouth and whiskers; only muzzle, nose, mouth and pupils have a form of the animal."""
    muzzle = dice.color([base, base, base, *FUR])
    ink = shaded(muzzle, 35) if sum(muzzle) > 240 else shaded(muzzle, 290)  # a dark mouth would vanish in dark fur
    iris = dice.color([(200, 180, 60), (90, 140, 80), (110, 70, 40), (120, 160, 200)])
    distance, size, whiskers = dice.between(0.36, 0.46), dice.between(0.12, 0.19), dice.between(0.0, 0.35)
    for side in (-1, 1):
        canvas.fill(face, oval(side * distance, -0.15, size, size), iris)
        pupil = (0.4, 0.95) if label == CAT else (0.62, 0.62)
        canvas.fill(face, oval(side * distance, -0.15, size * pupil[0], size * pupil[1]), (20, 18, 18))
        canvas.fill(face, oval(side * distance - 0.04, -0.2, size / 4, size / 4), (250, 250, 250))
    _draw_muzzle(canvas, face, muzzle, ink, label)
    for side in (-1, 1):
        for slope in (-0.12, 0.0, 0.12):
            ends = np.array([(side * 0.3, 0.4 + slope), (side * (0.75 + whiskers), 0.36 + 2 * slope)])
            canvas.line(face, ends, outline, 0.004)


def _draw_muzzle(canvas: Canvas, face: Frame, color: Color, ink: Color, label: int) -> None:
    """Draw a cat's two puffs, small nose and mouth, or a dog's long muzzle, big nose and mouth."""
    if label == CAT:
        for x in (-0.19, 0.19):
            canvas.fill(face, oval(x, 0.46, 0.26, 0.22), color)
        nose = np.array([(-0.16, 0.18), (0.16, 0.18), (0.0, 0.36)])
        corner, dip, middle = (0.3, 0.48), (0.15, 0.58), (0.0, 0.46)
    else:
        canvas.fill(face, DOG_MUZZLE, color)
        nose = DOG_NOSE
        corner, dip, middle = (0.34, 0.68), (0.18, 0.84), (0.0, 0.72)
    lips = [corner, dip, middle]
    canvas.fill(face, nose, ink)
    mouth = [*lips, (0, 0.33), *((-x, y) for x, y in reversed(lips))]
    canvas.line(face, np.array(mouth), ink, 0.016)
