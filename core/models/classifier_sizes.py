"""How large a classifier is, and what one text costs it: counted, not built. No torch here.

So that models can be compared at equal parameters or at equal multiply-adds.
"""

from bisect import bisect_left
from collections.abc import Callable
from dataclasses import dataclass, replace

from core.errors import ConfigError
from core.models.catalogue import HEADS
from core.models.classifiers import KERNELS, ClassifierSpec

GATES = {"rnn": 1, "gru": 3, "lstm": 4}
TOLERANCE = 0.05
"""How far the size of a matched model may be from the size it should have."""
_MOST_HIDDEN = 4096


@dataclass(frozen=True, slots=True)
class ClassifierSizes:
    """The widths of a classifier.

    Attributes:
        width: of the embedding.
        hidden: units of a direction, filters of a kernel, or width of a Transformer's blocks.
        feed_forward: units between the two layers of a Transformer's block.
    """

    width: int
    hidden: int
    feed_forward: int = 0


def usual_sizes(spec: ClassifierSpec, *, width: int, hidden: int) -> ClassifierSizes:
    """Return the catalogue's own sizes at the config's `width` and `hidden`."""
    units = max(1, round(hidden * spec.hidden))
    if spec.family != "transformer":
        return ClassifierSizes(max(1, round(width * spec.width)), units)
    blocks = _whole_heads(units)
    return ClassifierSizes(blocks, blocks, 2 * blocks)


def body_parameters(
    spec: ClassifierSpec, sizes: ClassifierSizes, *, classes: int, layers: int = 1
) -> int:
    """Return the parameters beside the embedding."""
    width, hidden = sizes.width, sizes.hidden
    match spec.family:
        case "bag":
            return (width + 1) * classes
        case "recurrent":
            directions = 2 if spec.bidirectional else 1
            read = [width, *[directions * hidden] * (layers - 1)]
            gates = GATES[spec.cell]
            stack = sum(directions * gates * hidden * (wide + hidden + 2) for wide in read)
            return stack + (directions * hidden + 1) * classes
        case "cnn":
            filters = sum(hidden * (kernel * width + 1) for kernel in KERNELS)
            return filters + (len(KERNELS) * hidden + 1) * classes
        case "transformer":
            projection = (width + 1) * hidden if width != hidden else 0
            attention = 4 * hidden * (hidden + 1)
            think = sizes.feed_forward * (2 * hidden + 1) + hidden
            blocks = layers * (attention + think + 4 * hidden)
            return projection + blocks + 2 * hidden + (hidden + 1) * classes
        case _:
            return 0


def multiply_adds(
    spec: ClassifierSpec, sizes: ClassifierSizes, *, words: int, classes: int, layers: int = 1
) -> int:
    """Return the multiplications with an addition that a text of so many words costs."""
    width, hidden = sizes.width, sizes.hidden
    match spec.family:
        case "bag":
            return words * width + width * classes
        case "recurrent":
            directions = 2 if spec.bidirectional else 1
            read = [width, *[directions * hidden] * (layers - 1)]
            gates = GATES[spec.cell]
            a_word = sum(directions * gates * hidden * (wide + hidden) for wide in read)
            return words * a_word + directions * hidden * classes
        case "cnn":
            windows = sum(max(1, words - kernel + 1) * kernel for kernel in KERNELS)
            return windows * width * hidden + len(KERNELS) * hidden * classes
        case "transformer":
            projection = width * hidden if width != hidden else 0
            a_word = 4 * hidden * hidden + 2 * hidden * sizes.feed_forward
            attention = 2 * words * words * hidden
            return words * projection + layers * (words * a_word + attention) + hidden * classes
        case _:
            return 0


def matched_sizes(
    spec: ClassifierSpec, *, width: int, target: int, cost: Callable[[ClassifierSizes], int]
) -> ClassifierSizes:
    """Return sizes at which `cost` is nearest to `target`, with an embedding of `width`.

    A bag of words has nothing to be scaled: its sizes are the same whatever the target.

    Raises:
        ConfigError: no sizes come within `TOLERANCE` of the target.
    """
    if spec.family == "bag":
        return ClassifierSizes(width, 1)
    if spec.family == "transformer":
        found = _matched_transformer(width, target, cost)
    else:
        choices = [ClassifierSizes(width, units) for units in range(1, _MOST_HIDDEN + 1)]
        above = bisect_left(choices, target, key=cost)  # the cost rises with the units
        near = choices[max(0, above - 1) : above + 1]
        found = min(near, key=lambda sizes: abs(cost(sizes) - target))
    if abs(cost(found) - target) > TOLERANCE * target:
        raise ConfigError(
            f"{spec.label} cannot be made as large as the others: {cost(found):,} instead of "
            f"{target:,}. Choose more hidden units, or each model's own size."
        )
    return found


def _matched_transformer(
    width: int, target: int, cost: Callable[[ClassifierSizes], int]
) -> ClassifierSizes:
    """Take the widest blocks whose feed-forward layer is still twice as wide, then fit that."""
    blocks = 2 * HEADS
    while cost(ClassifierSizes(width, blocks + 2 * HEADS, 2 * (blocks + 2 * HEADS))) <= target:
        blocks += 2 * HEADS
    sizes = ClassifierSizes(width, blocks, 1)
    a_unit = cost(replace(sizes, feed_forward=2)) - cost(sizes)
    return replace(sizes, feed_forward=max(1, 1 + round((target - cost(sizes)) / a_unit)))


def _whole_heads(units: int) -> int:
    return max(1, round(units / (2 * HEADS))) * 2 * HEADS
