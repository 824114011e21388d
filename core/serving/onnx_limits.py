"""Limits on what a visitor's model may take: memory, and the time of one answer."""

import threading
import time
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

try:
    import resource
except ImportError:  # Windows has none
    resource = None  # type: ignore[assignment]

MOST_MEMORY = 3 * 2**30
"""Bytes that it may take beyond what the process had before."""
MOST_SECONDS = 20.0
"""Of one answer."""
_LOOK_EVERY = 0.25


class MemoryLimit:
    """Within it the process gets at most `extra` bytes more than it has now.

    What asks for more fails as if the machine had no more. Where the system knows no such limit
    there is none.
    """

    def __init__(self, extra: int = MOST_MEMORY) -> None:
        self._most = _address_space() + extra if resource and _address_space() else 0

    @contextmanager
    def held(self) -> Iterator[None]:
        """Hold the limit for as long as the block takes."""
        if not self._most:
            yield
            return
        before, ceiling = resource.getrlimit(resource.RLIMIT_AS)
        lowered = min(limit for limit in (self._most, before) if limit != resource.RLIM_INFINITY)
        resource.setrlimit(resource.RLIMIT_AS, (lowered, ceiling))
        try:
            yield
        finally:
            resource.setrlimit(resource.RLIMIT_AS, (before, ceiling))


class Watchdog:
    """Ends an answer of ONNX Runtime that takes longer than `seconds`, between two operators.

    Its `options` go with each run; one thread looks at the clock now and then, so that watching
    adds nothing to what is measured.
    """

    def __init__(self, seconds: float = MOST_SECONDS) -> None:
        import onnxruntime  # type: ignore[import-untyped]

        self.seconds = seconds
        self.options: Any = onnxruntime.RunOptions()
        self.has_bitten = False
        self._until = float("inf")
        threading.Thread(target=_watch, args=(weakref.ref(self),), daemon=True).start()

    @contextmanager
    def watching(self) -> Iterator[Any]:
        """Give the options of one run."""
        self.options.terminate = self.has_bitten = False
        self._until = time.monotonic() + self.seconds
        try:
            yield self.options
        finally:
            self._until = float("inf")

    def look(self) -> None:
        """End the run if its time is over."""
        if time.monotonic() > self._until:
            self.has_bitten = self.options.terminate = True


def limit_cpu_seconds(seconds: int) -> None:
    """Let the system end this process after so many seconds of CPU time, where it can."""
    if resource:
        _, ceiling = resource.getrlimit(resource.RLIMIT_CPU)
        resource.setrlimit(resource.RLIMIT_CPU, (seconds, ceiling))


def is_memory(error: Exception) -> bool:
    """Return whether this is ONNX Runtime's way to say that there was not enough memory."""
    return isinstance(error, MemoryError) or "alloc" in str(error).lower()


def _watch(dog: weakref.ref[Watchdog]) -> None:
    """Look at the clock until nobody has the watchdog any more."""
    while (alive := dog()) is not None:
        alive.look()
        del alive
        time.sleep(_LOOK_EVERY)


def _address_space() -> int:
    """Return the bytes of this process's address space, 0 where the system does not tell."""
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    except (OSError, ValueError, IndexError):
        return 0
    return pages * (resource.getpagesize() if resource else 0)
