"""What a visitor's ONNX file wants to be asked: which input is which, and which axis is which.

Nobody is asked: names, types and shapes of the inputs say it. No torch here.
Legend: B batch, T time.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from core.errors import TextError

Axis = int | Literal["batch", "words"]
Kind = Literal["ids", "mask", "zeros", "positions", "length", "numbers"]

TYPES = {
    "tensor(int64)": np.int64,
    "tensor(int32)": np.int32,
    "tensor(int16)": np.int16,
    "tensor(int8)": np.int8,
    "tensor(uint8)": np.uint8,
    "tensor(float)": np.float32,
    "tensor(float16)": np.float16,
    "tensor(double)": np.float64,
    "tensor(bool)": np.bool_,
}
FIRST_ID = 1
"""Of the ids that are drawn: 0 is padding in most vocabularies."""
UNKNOWN_IDS = 10
"""Ids below this are drawn where the file does not say how many it knows."""
_BATCH = re.compile(r"batch|^(b|n|bs)$", re.IGNORECASE)
_WORDS = re.compile(r"seq|time|len|word|step|token|^(t|s|l)$", re.IGNORECASE)
_PASSED_ON = ("Cast", "Identity", "Reshape", "Unsqueeze", "Squeeze", "Transpose", "Clip")


@dataclass(frozen=True, slots=True, kw_only=True)
class InputPlan:
    """One input: what is put there, and how long each of its axes is.

    Attributes:
        most: of "ids", how many there are.
    """

    name: str
    kind: Kind
    type: type[np.generic]
    axes: tuple[Axis, ...]
    most: int = UNKNOWN_IDS

    def values(self, batch: int, words: int, draw: np.random.Generator) -> NDArray[Any]:
        """Return what is put there for so many texts of so many words."""
        sizes = {"batch": batch, "words": words}
        shape = tuple(sizes[axis] if isinstance(axis, str) else axis for axis in self.axes)
        found: NDArray[Any]
        match self.kind:
            case "ids":
                found = draw.integers(min(FIRST_ID, self.most - 1), self.most, shape)
            case "mask":
                found = np.ones(shape)
            case "zeros":
                found = np.zeros(shape)
            case "positions":
                found = np.broadcast_to(np.arange(shape[-1]), shape)
            case "length":
                found = np.full(shape, words)
            case _:
                found = draw.standard_normal(shape)
        return np.ascontiguousarray(found, dtype=self.type)


@dataclass(frozen=True, slots=True, kw_only=True)
class AskingPlan:
    """How a model is asked.

    Attributes:
        batch: the one batch size that the file's shapes allow, None for any.
        words: the one length that they allow, None for any.
        notes: what had to be guessed, in sentences.
    """

    inputs: tuple[InputPlan, ...]
    batch: int | None
    words: int | None
    notes: tuple[str, ...] = ()

    def feed(self, batch: int, words: int, seed: int = 0) -> dict[str, NDArray[Any]]:
        """Return all inputs for so many texts of so many words; the same for the same numbers."""
        draw = np.random.default_rng((seed, batch, words))
        return {each.name: each.values(batch, words, draw) for each in self.inputs}


def plan_inputs(model: Any, inputs: Sequence[Any]) -> AskingPlan:
    """Return how a checked `model` is asked whose session has these `inputs`.

    Raises:
        TextError: it has no input, or one that nobody here knows how to fill.
    """
    if not inputs:
        raise TextError(
            "The model has no input: it answers the same always. Export it with its inputs."
        )
    plans = tuple(_planned(model, each) for each in inputs)
    main = min(plans, key=lambda plan: (plan.kind != "ids", -len(plan.axes)))
    used = {axis for plan in plans for axis in plan.axes}
    notes = []
    if main.kind == "ids" and not known_ids(model, main.name):
        notes.append(f"How many words it knows was not found; ids below {UNKNOWN_IDS} are drawn.")
    if main.kind == "numbers":
        notes.append("Its inputs are numbers, not ids of words: they are drawn at random.")
    batch = None if "batch" in used else _fixed(main, 0)
    words = None if "words" in used else _fixed(main, 1) if _is_sequence(main) else 1
    return AskingPlan(inputs=plans, batch=batch, words=words, notes=tuple(notes))


def known_ids(model: Any, name: str) -> int | None:
    """Return how many ids an embedding of the model knows that reads the input `name`."""
    shapes = {each.name: tuple(each.dims) for each in model.graph.initializer}
    follows = {name}
    for node in model.graph.node:
        if node.op_type == "Constant" and node.attribute and node.attribute[0].HasField("t"):
            shapes[node.output[0]] = tuple(node.attribute[0].t.dims)
        if node.op_type in _PASSED_ON and node.input and node.input[0] in follows:
            follows.update(node.output)
        at = {"Gather": (0, 1), "EmbedLayerNormalization": (2, 0)}.get(node.op_type)
        if at is None or len(node.input) <= max(at):
            continue
        table, ids = (node.input[place] for place in at)
        if ids in follows and len(shapes.get(table, ())) == 2:
            return int(shapes[table][0])
    return None


def _planned(model: Any, given: Any) -> InputPlan:
    if given.type not in TYPES:
        raise TextError(
            f"The input {given.name[:40]!r} is of the type {given.type[:40]}; integers, floats and "
            "booleans can be filled. Export the model behind its text or image reader."
        )
    number = TYPES[given.type]
    kind = _kind(given.name.lower(), number, len(given.shape))
    axes = tuple(
        _axis(size, place, len(given.shape), given.name) for place, size in enumerate(given.shape)
    )
    most = known_ids(model, given.name) or UNKNOWN_IDS
    return InputPlan(name=given.name, kind=kind, type=number, axes=axes, most=most)


def _kind(name: str, number: type[np.generic], rank: int) -> Kind:
    if "mask" in name or number is np.bool_:
        return "mask"
    if not issubclass(number, np.integer):
        return "numbers"
    if "type" in name or "segment" in name:
        return "zeros"
    if "position" in name and rank:
        return "positions"
    return "ids" if rank >= 2 else "length"


def _axis(size: int | str | None, place: int, rank: int, name: str) -> Axis:
    if isinstance(size, int):
        return size
    if size and _BATCH.search(size):
        return "batch"
    if size and _WORDS.search(size):
        return "words"
    if place == 0:
        return "batch"
    if place == 1 and rank <= 3:
        return "words"
    raise TextError(
        f"How long axis {place + 1} of the input {name[:40]!r} may be is not said in the file. "
        "Export the model with that size fixed, and batch and time as its first two axes."
    )


def _is_sequence(plan: InputPlan) -> bool:
    return len(plan.axes) == 3 or (plan.kind == "ids" and len(plan.axes) >= 2)


def _fixed(plan: InputPlan, place: int) -> int:
    axis = plan.axes[place] if len(plan.axes) > place else 1
    return axis if isinstance(axis, int) else 1
