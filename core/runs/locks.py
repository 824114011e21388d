"""Who holds a run: the worker that trains it and the server that queued it each hold a lock file.

The system frees a lock when its process ends in any way, so a lock that is free means that
nobody is left to end the run.
"""

import time
from pathlib import Path
from typing import IO

import portalocker

NAMES = ("server.lock", "worker.lock")
_EXCLUSIVE = portalocker.LockFlags.EXCLUSIVE | portalocker.LockFlags.NON_BLOCKING


def hold(folder: Path, name: str, seconds: float = 2.0) -> IO[bytes] | None:
    """Return the open lock file, or None when another kept it for `seconds`; closing lets go."""
    until = time.monotonic() + seconds
    file = open(folder / name, "ab")  # noqa: SIM115  open is what holds the lock
    while True:
        try:
            portalocker.lock(file, _EXCLUSIVE)
            return file
        except portalocker.LockException:
            if time.monotonic() >= until:
                file.close()
                return None
        time.sleep(0.01)


def is_held(folder: Path) -> bool:
    """Return whether a server or a worker, of any process, holds the run in `folder`."""
    for name in NAMES:
        if not (folder / name).exists():
            continue
        file = hold(folder, name, seconds=0)
        if file is None:
            return True
        file.close()
    return False


def wait_free(folder: Path, name: str, seconds: float = 2.0) -> None:
    """Return when nobody holds the lock, or after `seconds`."""
    if (folder / name).exists():
        file = hold(folder, name, seconds)
        if file is not None:
            file.close()
