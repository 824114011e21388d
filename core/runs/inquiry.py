"""Short questions that need torch, answered by one process that stays: the server imports none."""

import atexit
import importlib
import json
import os
import queue
import re
import signal
import threading
from collections.abc import Mapping
from contextlib import suppress
from multiprocessing.connection import Connection
from typing import Any, cast

import numpy as np

from core import errors
from core.errors import RunError, SeqScopeError
from core.runs.pool import LocalPool
from core.runs.processes import Child, exit_sentence

START_SECONDS = 90.0
_TARGET = re.compile(r"core(\.[a-z][a-z0-9_]*)+:[a-z][a-z0-9_]*")


class InquiryDesk:
    """Puts one question at a time to a process of its own, which is started again when it died."""

    def __init__(self, pool: LocalPool) -> None:
        self._launcher = pool.launcher
        self._child: Child | None = None
        self._lock = threading.Lock()
        atexit.register(self.close)

    def warm(self) -> None:
        """Begin to start the process; return at once."""
        threading.Thread(target=self.wait, name="inquiry", daemon=True).start()

    def wait(self) -> None:
        """Return when the process is there, torch loaded, or cannot be started."""
        with self._lock, suppress(RunError):
            self._ready()

    def ask(
        self, target: str, kwargs: Mapping[str, Any] | None = None, timeout: float = 5.0
    ) -> dict[str, Any]:
        """Return what the function `target` ("core.module:function") answers, as JSON values.

        Raises:
            SeqScopeError: what the function itself raised.
            RunError: it is not a function of core, it crashed, or it took longer than `timeout`
                seconds (the start of the process not counted).
        """
        if not _TARGET.fullmatch(target):
            raise RunError(f"'{target}' cannot be asked: only functions of core can.")
        if not self._lock.acquire(timeout=timeout + START_SECONDS):
            raise RunError("Another question is still being answered; ask again in a moment.")
        try:
            return self._answer(target, dict(kwargs or {}), timeout)
        finally:
            self._lock.release()

    def close(self) -> None:
        """End the process."""
        atexit.unregister(self.close)
        has_lock = self._lock.acquire(timeout=1.0)
        self._drop()
        if has_lock:
            self._lock.release()

    def _answer(self, target: str, kwargs: dict[str, Any], timeout: float) -> dict[str, Any]:
        child = self._ready()
        try:
            child.connection.send((target, kwargs))
            if not child.connection.poll(timeout):
                self._drop()
                raise RunError(
                    f"The answer took longer than {timeout:g} s and was given up; "
                    "try a smaller setting."
                )
            kind, *said = child.connection.recv()
        except (EOFError, OSError) as error:
            sentence = exit_sentence(self._drop())
            raise RunError(f"{sentence} Ask again, with a smaller setting.") from error
        if kind == "answer":
            return cast(dict[str, Any], json.loads(said[0]))
        raise _error(*said)

    def _ready(self) -> Child:
        if self._child is not None and self._child.is_gone():
            self._drop()
        if self._child is None:
            try:
                self._child = self._launcher.start(answer_main)
                if not self._child.connection.poll(START_SECONDS):
                    raise OSError("it did not start in time")
                self._child.connection.recv()
            except (EOFError, OSError) as error:
                self._drop()
                raise RunError(f"No process could be started to answer: {error}.") from error
        return self._child

    def _drop(self) -> int | None:
        child, self._child = self._child, None
        if child is None:
            return None
        if not child.is_gone(0.2):
            child.process.kill()
        return child.collect()


def answer_main(connection: Any) -> None:
    """Answer one question after the other until the server is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    questions: queue.SimpleQueue[tuple[str, dict[str, Any]]] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(connection, questions), daemon=True).start()
    import torch

    torch.set_num_threads(1)
    connection.send(("ready",))
    while True:
        target, kwargs = questions.get()
        reply = _reply(target, kwargs)
        with suppress(OSError):
            connection.send(reply)


def _listen(connection: Connection, questions: "queue.SimpleQueue[Any]") -> None:
    while True:
        try:
            questions.put(connection.recv())
        except (EOFError, OSError):
            os._exit(0)


def _reply(target: str, kwargs: dict[str, Any]) -> tuple[str, ...]:
    module, _, name = target.partition(":")
    try:
        answer = getattr(importlib.import_module(module), name)(**kwargs)
        return ("answer", json.dumps(dict(answer), default=_plain))
    except SeqScopeError as error:
        return ("error", type(error).__name__, str(error))
    except Exception as error:
        return ("error", "RunError", f"The answer failed: {type(error).__name__}: {error}"[:400])


def _plain(value: Any) -> Any:
    if isinstance(value, np.generic | np.ndarray):
        return value.tolist()
    raise TypeError(f"an answer holds a {type(value).__name__}, which is not JSON")


def _error(name: str, message: str) -> SeqScopeError:
    kind = getattr(errors, name, RunError)
    return kind(message) if issubclass(kind, SeqScopeError) else RunError(message)
