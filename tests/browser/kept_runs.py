"""Runs that lie in a server's home before a visitor comes: of translation, if not said else."""

import os
import re
import subprocess
import sys

from lab_server import ROOT

from core.labs.translation_config import TranslationConfig
from core.runs.journal import EventWriter
from core.runs.store import RunStore


def train_run(server, *, lab="translation", **settings):
    """Train a run from the command line; return its id."""
    done = subprocess.run(
        [sys.executable, "-m", "core", lab, "--out", str(server.home), "--set"]
        + [f"{name}={_written(value)}" for name, value in settings.items()],
        cwd=ROOT,
        env=os.environ | {"OMP_NUM_THREADS": "1"},
        check=True,
        capture_output=True,
        text=True,
        timeout=180,
    )
    return re.search(r"kept as run (\w+)", done.stderr)[1]


def _written(value):
    return ",".join(map(str, value)) if isinstance(value, tuple) else value


def keep_run(server, config=None, events=(), *, lab="translation"):
    """Write a run that is done and told `events`; return its id."""
    store = RunStore(server.home)
    run = store.create(lab, config or TranslationConfig())
    writer = EventWriter(store.folder(run))
    writer.state("running")
    for event in events:
        writer.add(event)
    writer.state("done")
    writer.close()
    return run
