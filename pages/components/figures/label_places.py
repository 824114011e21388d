"""Where the labels of dots go: beside each its own, on no other dot, label or line."""

import math
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from pages.components.figures.layout import LABEL_SIZE

_LETTER_PIXELS = 0.54 * LABEL_SIZE
_LINE_PIXELS = 15
_GAP = 4
_DISTANCES = (0, 12, 24, 38, 54, 72, 92)
_ANGLES = (0, 180, 270, 90, 315, 45, 225, 135)


class Dot(NamedTuple):
    """A dot, in pixels from the left and from the top of the plot."""

    x: float
    y: float
    radius: float


class Line(NamedTuple):
    """A level or upright line, in pixels from the left and from the top of the plot."""

    left: float
    top: float
    right: float
    bottom: float


class Place(NamedTuple):
    """Where a label's middle is, in pixels to the right of its dot and below it."""

    right: float
    down: float
    is_far: bool


class _Box(NamedTuple):
    left: float
    top: float
    right: float
    bottom: float

    def overlap(self, other: "_Box") -> float:
        """Return the pixels that both cover."""
        across = min(self.right, other.right) - max(self.left, other.left)
        down = min(self.bottom, other.bottom) - max(self.top, other.top)
        return max(0.0, across) * max(0.0, down)


def place_labels(
    dots: Sequence[Dot],
    texts: Sequence[str],
    *,
    width: float,
    height: float,
    lines: Sequence[Line] = (),
) -> list[Place]:
    """Return a place for each label, in the order of the dots: the nearest one that is free.

    Where none is free, it is the one that covers least. Labels further off need a line to their
    dot. A plot that is wider than `width` leaves them more room than they need.
    """
    frame = _Box(0, 0, width, height)
    marks = [_around(dot.x, dot.y, 2 * dot.radius, 2 * dot.radius) for dot in dots]
    struck = [_Box(x - 1, top - 1, right + 1, y + 1) for x, top, right, y in lines]
    taken: list[_Box] = []
    places = []
    for at, (dot, text) in enumerate(zip(dots, texts, strict=True)):
        size = (_LETTER_PIXELS * len(text), _LINE_PIXELS)
        others = [*taken, *struck, *marks[:at], *marks[at + 1 :]]
        best, covered = None, math.inf
        for place in _candidates(dot, *size):
            box = _around(dot.x + place.right, dot.y + place.down, *size)
            outside = size[0] * size[1] - box.overlap(frame)
            cost = 4 * outside + sum(box.overlap(other) for other in others)
            if cost < covered - 1e-9:
                best, covered = place, cost
            if covered <= 1e-9:
                break
        assert best is not None, "there is always a candidate"
        places.append(best)
        taken.append(_around(dot.x + best.right, dot.y + best.down, *size))
    return places


def label_annotation(
    place: Place, *, x: float, y: float, text: str, color: str, radius: float
) -> dict[str, Any]:
    """Return the annotation of a dot at `x`, `y` of the axes; a far one has a thin line to it."""
    shared = {
        "name": "direct",
        "text": text,
        "x": x,
        "y": y,
        "xanchor": "center",
        "yanchor": "middle",
        "font": {"color": color, "size": LABEL_SIZE},
    }
    if not place.is_far:
        return {**shared, "showarrow": False, "xshift": place.right, "yshift": -place.down}
    return {
        **shared,
        "showarrow": True,
        "ax": place.right,
        "ay": place.down,
        "arrowhead": 0,
        "arrowwidth": 1,
        "arrowcolor": color,
        "standoff": radius,
    }


def _candidates(dot: Dot, width: float, height: float) -> Iterator[Place]:
    for distance in _DISTANCES:
        clear = dot.radius + _GAP + distance
        for angle in _ANGLES:
            right = math.cos(math.radians(angle)) * (clear + width / 2)
            down = math.sin(math.radians(angle)) * (clear + height / 2)
            yield Place(round(right, 1), round(down, 1), distance > 0)


def _around(x: float, y: float, width: float, height: float) -> _Box:
    return _Box(x - width / 2, y - height / 2, x + width / 2, y + height / 2)
