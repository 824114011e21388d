"""A visitor's ONNX file, served as it is: asked with random inputs of any batch size and length.

It runs in ONNX Runtime alone, under limits on memory and time. Legend: B batch, C classes.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.errors import TextError
from core.serving.onnx_files import MEGABYTE, quantize_onnx
from core.serving.onnx_inputs import AskingPlan, plan_inputs
from core.serving.onnx_limits import MOST_MEMORY, MemoryLimit, Watchdog, is_memory
from core.serving.onnx_probe import probe_apart
from core.serving.onnx_session import open_session
from core.serving.onnx_upload import read_onnx

_GIB = MOST_MEMORY / 2**30


@dataclass(frozen=True, slots=True, eq=False)
class OwnRequest:
    """The inputs of one call: `shape` is requests and words, as that of ids would be."""

    feed: dict[str, NDArray[Any]]
    shape: tuple[int, int]

    def __len__(self) -> int:
        return self.shape[0]


class OwnModel:
    """A model that was opened and has answered.

    Attributes:
        fixed_batch: the one batch size that it takes, None for any. Fewer are filled up.
        fixed_words: the one length that it takes, None for any; 1 where it reads no sequence.
        notes: what is to be known of it, in sentences.
    """

    def __init__(
        self, file: bytes, session: Any, plan: AskingPlan, *, threads: int, output: str
    ) -> None:
        self.file, self.output = file, output
        self.fixed_batch, self.fixed_words = plan.batch, plan.words
        self.notes = plan.notes
        self._session, self._plan, self._threads = session, plan, threads
        self._memory, self._dog = MemoryLimit(), Watchdog()

    @property
    def megabytes(self) -> float:
        """How large the file is, in megabytes of a million bytes."""
        return len(self.file) / MEGABYTE

    def takes_batch(self, batch: int) -> bool:
        """Return whether it can answer so many requests at once."""
        return self.fixed_batch is None or batch <= self.fixed_batch

    def lengths(self, wanted: Sequence[int]) -> tuple[int, ...]:
        """Return which of these lengths it takes: all, or the one it is fixed to."""
        return tuple(wanted) if self.fixed_words is None else (self.fixed_words,)

    def request(self, batch: int, words: int, *, seed: int = 0) -> OwnRequest:
        """Return random inputs of `batch` requests; a fixed length overrules `words`.

        Raises:
            TextError: they alone take too much memory.
        """
        length = self.fixed_words or words
        try:
            with self._memory.held():
                feed = self._plan.feed(self.fixed_batch or batch, length, seed)
        except MemoryError:
            raise TextError(
                f"{batch} requests of {length} steps need more than {_GIB:g} GiB."
            ) from None
        return OwnRequest(feed, (batch, length))

    def first(self, request: OwnRequest, batch: int) -> OwnRequest:
        """Return the first `batch` requests of many, without a copy of them."""
        feed = request.feed
        if self.fixed_batch is None:
            shared = {each.name for each in self._plan.inputs if "batch" not in each.axes[:1]}
            feed = {n: values if n in shared else values[:batch] for n, values in feed.items()}
        return OwnRequest(feed, (batch, request.shape[1]))

    def can_answer(self, batch: int, words: int) -> bool:
        """Return whether it answers such requests: one with 128 learned positions may not read 400.

        It is tried, which takes as long as an answer does.
        """
        try:
            self.answer(self.request(batch, words))
        except TextError:
            return False
        return True

    def answer(self, request: OwnRequest) -> NDArray[Any]:
        """Return the first output for a request; one row a request, if the model has it so.

        Raises:
            TextError: it fails on this request, takes too long or too much memory.
        """
        try:
            with self._memory.held(), self._dog.watching() as options:
                (found,) = self._session.run([self.output], request.feed, options)
        except Exception as error:
            raise TextError(self._failure(error, request)) from None
        answer: NDArray[Any] = np.asarray(found)
        return answer[: len(request)] if self.fixed_batch else answer

    def smaller(self) -> "OwnModel":
        """Return the same model with its weights as 8-bit integers.

        Raises:
            TextError: ONNX Runtime cannot make or run it.
        """
        try:
            with self._memory.held():
                file = quantize_onnx(self.file)
                session = open_session(file, threads=self._threads)
        except Exception as error:
            raise TextError(
                f"ONNX Runtime could not write this model in 8 bits ({type(error).__name__})."
            ) from None
        return OwnModel(file, session, self._plan, threads=self._threads, output=self.output)

    def _failure(self, error: Exception, request: OwnRequest) -> str:
        batch, words = request.shape
        asked = f"{batch} requests of {words} steps at once"
        if self._dog.has_bitten:
            return f"The model was stopped after {self._dog.seconds:g} s on {asked}."
        if is_memory(error):
            return f"The model needs more than {_GIB:g} GiB for {asked}."
        return f"The model fails on {asked} ({type(error).__name__})."


def open_own_model(file: bytes, *, threads: int = 1) -> OwnModel:
    """Return a visitor's ONNX file as a model that can be asked; it was tried elsewhere first.

    Raises:
        TextError: it is no ONNX file, wants something from outside of it, cannot be run, is too
            slow or too large, or does not answer with finite numbers.
    """
    model = read_onnx(file)
    found = probe_apart(file, threads=threads)
    with MemoryLimit().held():
        session = open_session(file, threads=threads)
    plan = plan_inputs(model, session.get_inputs())
    plan = replace(plan, batch=found.batch, words=found.words)
    plan = replace(plan, notes=(*plan.notes, *_shape_notes(plan)))
    return OwnModel(file, session, plan, threads=threads, output=found.output)


def _shape_notes(plan: AskingPlan) -> list[str]:
    notes = []
    if plan.batch == 1:
        notes.append("It cannot be batched: the file takes one request at a time.")
    elif plan.batch:
        notes.append(f"It takes exactly {plan.batch} requests at once: fewer cost as much.")
    if plan.words == 1:
        notes.append("It reads no sequence, so a request has no length.")
    elif plan.words:
        notes.append(f"It takes requests of exactly {plan.words} steps.")
    return notes
