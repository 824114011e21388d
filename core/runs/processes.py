"""Starting processes: forked from one that has torch loaded, or spawned with a spare that waits."""

import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from multiprocessing import connection, forkserver
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerContext, SpawnContext
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Literal

from core.runs.worker import worker_main

Method = Literal["forkserver", "spawn"]
Target = Callable[[Connection], None]

_ROOT = str(Path(__file__).resolve().parents[2])

# A process is started and its exit code read under one lock: in multiprocessing, whoever starts a
# process also collects the exit codes of others, and two readers of one code lose it.
_PROCESSES = threading.Lock()


@dataclass(frozen=True, slots=True, eq=False)
class Child:
    """A process and this end of the pipe to it; closing this end ends the process."""

    process: BaseProcess
    connection: Connection

    def is_gone(self, seconds: float = 0.0) -> bool:
        """Return whether the process has ended, after waiting at most `seconds` for it."""
        return bool(connection.wait([self.process.sentinel], seconds))

    def collect(self) -> int | None:
        """Return the exit code of a process that is ending; kill one that does not."""
        self.connection.close()
        if not self.is_gone(5.0):
            self.process.kill()
            self.is_gone(5.0)
        with _PROCESSES:
            self.process.join(1.0)
            code = self.process.exitcode
            with suppress(ValueError):
                self.process.close()
        return code


class Launcher:
    """Starts the processes of one server. `start` blocks while torch is still being loaded."""

    def __init__(self, method: Method | None = None) -> None:
        can_fork = sys.platform == "linux"
        self.method: Method = method or ("forkserver" if can_fork else "spawn")
        self._context: ForkServerContext | SpawnContext = (
            multiprocessing.get_context("forkserver")
            if self.method == "forkserver"
            else multiprocessing.get_context("spawn")
        )
        self._spare: Child | None = None
        self._spare_lock = threading.Lock()
        self._closed = False

    def warm(self) -> None:
        """Begin to load torch in a process of its own; return at once."""
        threading.Thread(target=self._warm, name="warm", daemon=True).start()

    def start(self, target: Target) -> Child:
        """Start `target` with the other end of a pipe.

        Raises:
            OSError: the system did not let it.
        """
        self._ensure_forkserver()
        here, there = self._context.Pipe()
        process = self._context.Process(target=target, args=(there,), daemon=True)
        try:
            with _PROCESSES:
                process.start()
        except EOFError as error:
            here.close()
            raise OSError("the process that starts the others has ended") from error
        except BaseException:
            here.close()
            raise
        finally:
            there.close()
        return Child(process, here)

    def start_worker(self) -> Child:
        """Return a process that waits for a run: the spare, if one is ready, else a new one."""
        with self._spare_lock:
            spare, self._spare = self._spare, None
        if spare is not None and spare.is_gone():
            spare.collect()
            spare = None
        child = spare or self.start(worker_main)
        if self.method == "spawn":
            self.warm()
        return child

    def close(self) -> None:
        """End the spare."""
        with self._spare_lock:
            self._closed = True
            spare, self._spare = self._spare, None
        if spare is not None:
            spare.collect()

    def _warm(self) -> None:
        with suppress(OSError):
            if self.method == "forkserver":
                self._ensure_forkserver()
            else:
                self._keep_spare()

    def _keep_spare(self) -> None:
        if self._spare is not None or self._closed:
            return
        spare = self.start(worker_main)
        with self._spare_lock:
            if self._spare is None and not self._closed:
                self._spare = spare
                return
        spare.collect()

    def _ensure_forkserver(self) -> None:
        if self.method != "forkserver":
            return
        with _PROCESSES, _root_on_path():
            forkserver.set_forkserver_preload(["core.runs.preload"])
            forkserver.ensure_running()


def exit_sentence(code: int | None) -> str:
    """Return in one sentence how a worker ended that left no last word."""
    if code is None or code >= 0:
        return f"The worker ended without a last word (exit code {code})."
    try:
        name = signal.Signals(-code).name
    except ValueError:
        name = "unknown"
    sentence = f"The worker was killed (signal {-code}, {name})"
    if name == "SIGKILL":
        return f"{sentence}; on Linux that is often the out-of-memory killer."
    return f"{sentence}."


@contextmanager
def _root_on_path() -> Iterator[None]:
    """Let the forkserver find `core` wherever the server was started from."""
    before = os.environ.get("PYTHONPATH")
    os.environ["PYTHONPATH"] = os.pathsep.join([_ROOT, before] if before else [_ROOT])
    try:
        yield
    finally:
        if before is None:
            del os.environ["PYTHONPATH"]
        else:
            os.environ["PYTHONPATH"] = before
