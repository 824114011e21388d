"""What a visitor's ONNX file does when it is asked: found out in a process of its own.

That process has limits on memory and CPU time and is killed when it takes too long, so that a file
can crash it, fill it or keep it busy and harms nothing else. Run as a module it reads a file from
its input and writes what it found, as JSON. No torch here.
"""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.errors import TextError
from core.serving.onnx_inputs import AskingPlan, plan_inputs
from core.serving.onnx_limits import (
    MOST_MEMORY,
    MemoryLimit,
    Watchdog,
    is_memory,
    limit_cpu_seconds,
)
from core.serving.onnx_session import open_session
from core.serving.onnx_upload import read_onnx

PROBED_WORDS = (16, 17)
OTHER_WORDS = (100, 128, 64, 50, 32, 256, 512, 10)
"""Lengths that are tried where a file that claims to take any does not take the first."""
SLOW_SECONDS = 10.0
"""The most that one answer to one short request may take."""
MOST_PROBE_SECONDS = 30
"""The most that all of them may take, on the wall and of the CPU."""
ROOT = Path(__file__).resolve().parents[2]
_GIB = MOST_MEMORY / 2**30


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """What was found: the batch size and length that it is fixed to, None for any.

    Attributes:
        output: the name of the output that is read.
    """

    batch: int | None
    words: int | None
    output: str


def probe_apart(file: bytes, *, threads: int = 1) -> Probe:
    """Return what a file does, asked in a process of its own.

    Raises:
        TextError: what `probe` raises, or the process did not survive it.
    """
    command = [sys.executable, "-m", "core.serving.onnx_probe", str(threads)]
    paths = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])
    try:
        done = subprocess.run(
            command,
            input=file,
            capture_output=True,
            timeout=MOST_PROBE_SECONDS,
            check=False,
            env={**os.environ, "PYTHONPATH": paths},
        )
    except subprocess.TimeoutExpired:
        raise TextError(_too_slow(MOST_PROBE_SECONDS)) from None
    try:
        found = json.loads(done.stdout.splitlines()[-1])
    except (IndexError, ValueError):
        raise TextError(
            "The model ended the process that was to run it: it takes too much time or memory, or "
            "ONNX Runtime cannot cope with it. Export it again, or try a smaller one."
        ) from None
    if "error" in found:
        raise TextError(found["error"])
    return Probe(**found)


def probe(file: bytes, *, threads: int = 1) -> Probe:
    """Return what a file does, asked in this process, first with nothing optimized.

    An optimizer computes parts of a graph while it is opened, where no watchdog can stop it.

    Raises:
        TextError: it is no ONNX file, wants something from outside of it, cannot be run, is too
            slow or too large, or does not answer with finite numbers.
    """
    model = read_onnx(file)
    session = _opened(file, threads)
    plan = plan_inputs(model, session.get_inputs())
    output = _chosen_output(session.get_outputs())
    found = _tried(session, plan, output)
    _opened(file, threads, is_optimized=True)
    return found


def _opened(file: bytes, threads: int, *, is_optimized: bool = False) -> Any:
    try:
        with MemoryLimit().held():
            return open_session(file, threads=threads, is_optimized=is_optimized)
    except Exception as error:
        if is_memory(error):
            raise TextError(f"The model needs more than {_GIB:g} GiB only to be opened.") from None
        why = {
            "NotImplemented": "it has an operator that ONNX Runtime has not on a CPU",
            "InvalidGraph": "its graph is not valid",
            "InvalidProtobuf": "it is damaged",
        }.get(type(error).__name__, "its graph or its version is not one that it takes")
        raise TextError(
            f"ONNX Runtime cannot open the model: {why}. Export it again, for opset 17 or so."
        ) from None


def _chosen_output(outputs: Sequence[Any]) -> str:
    """Return the first output that is numbers."""
    floats = [each.name for each in outputs if each.type in ("tensor(float)", "tensor(double)")]
    tensors = [each.name for each in outputs if each.type.startswith("tensor(")]
    if not tensors:
        raise TextError(
            "No output of the model is a tensor of numbers. Export it without what makes "
            "dictionaries of its answers, as zipmap=False does in skl2onnx."
        )
    return str((floats or tensors)[0])


class _Trial:
    """Asks a session that was opened without optimizations, within limits."""

    def __init__(self, session: Any, plan: AskingPlan, output: str) -> None:
        self.session, self.plan, self.output = session, plan, output
        self.dog, self.memory = Watchdog(SLOW_SECONDS), MemoryLimit()

    def ask(self, batch: int, words: int) -> NDArray[Any] | None:
        """Return the answer, None where the model fails on such a request."""
        try:
            with self.memory.held(), self.dog.watching() as options:
                (found,) = self.session.run([self.output], self.plan.feed(batch, words), options)
        except Exception as error:
            if self.dog.has_bitten:
                raise TextError(_too_slow(SLOW_SECONDS)) from None
            if is_memory(error):
                raise TextError(
                    f"The model needs more than {_GIB:g} GiB for one short request. Try a smaller "
                    "one."
                ) from None
            return None
        return np.asarray(found)


def _tried(session: Any, plan: AskingPlan, output: str) -> Probe:
    """Ask the model, and return what its shapes did not say.

    Shapes are promises: a graph that was written from one example may take only such ones.
    """
    trial = _Trial(session, plan, output)
    batch = plan.batch or 1
    wanted = (plan.words,) if plan.words else (PROBED_WORDS[0], *OTHER_WORDS)
    answers = ((words, trial.ask(batch, words)) for words in wanted)
    words, answer = next((each for each in answers if each[1] is not None), (0, None))
    if answer is None:
        tried = ", ".join(map(str, wanted))
        raise TextError(
            f"The model fails on random inputs of each length that was tried ({tried}). Export it "
            "with batch and time as its first two axes, both dynamic."
        )
    if answer.dtype.kind == "f" and not np.isfinite(answer).all():
        raise TextError(
            "The model answers with NaN or infinity to a random request. Export it in evaluation "
            "mode, with trained weights, in 32-bit floats."
        )
    takes_others = plan.words is None and trial.ask(batch, PROBED_WORDS[1]) is not None
    takes_more = plan.batch is None and trial.ask(2, words) is not None
    return Probe(
        batch=None if takes_more else batch,
        words=None if takes_others else words,
        output=output,
    )


def _too_slow(seconds: float) -> str:
    return (
        f"The model is too slow: it was stopped after {seconds:g} s on short requests. Try a "
        "smaller one."
    )


def _main() -> None:
    """Probe the file on the input, and write what was found to the output."""
    limit_cpu_seconds(MOST_PROBE_SECONDS)
    found: dict[str, Any]
    try:
        found = asdict(probe(sys.stdin.buffer.read(), threads=int(sys.argv[1])))
    except TextError as error:
        found = {"error": str(error)}
    print(json.dumps(found), flush=True)
    os._exit(0)  # not after what still runs


if __name__ == "__main__":
    _main()
