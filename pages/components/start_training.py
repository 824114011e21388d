"""The run of the start page: models that train when a visitor comes, in front of their eyes."""

import dataclasses
import secrets
import time
from contextlib import suppress

from core.errors import RunError
from core.labs.config import START_PAGE
from core.runs.store import RunSummary
from pages.components import state
from pages.components.cache import EXAMPLE, engine, start_run
from pages.components.engine import lock

LAB = "gradient-flow"
LABEL = "start page"
KEPT_SECONDS = 3600.0
"""A finished run is removed after so long: until then an open page may still show it."""
SEEDS = 1000


def start_page_run(*, anew: bool = False) -> str:
    """Return the run that this session's start page shows, begun by its first visit.

    While something else trains here, none is begun and the last one is shown; `anew` begins one
    all the same.

    Raises:
        RunRefused: the queue is full or the server is closing.
    """
    known = state.start_page_run()
    if known and not anew and _is_there(known):
        return known
    with lock:
        found = engine()
        before = [run for run in found.store.listing(EXAMPLE) if run.label == LABEL]
        usable = [r for r in before if r.state == "done" or found.pool.is_live(r.id)]
        if usable and not anew and not found.pool.is_idle():
            run_id = usable[0].id
        else:
            config = dataclasses.replace(START_PAGE, seed=secrets.randbelow(SEEDS))
            run_id = start_run(LAB, config, visitor=EXAMPLE, label=LABEL)
            _remove_old(before)
    state.show_on_start_page(run_id)
    return run_id


def _is_there(run_id: str) -> bool:
    try:
        engine().store.folder(run_id)
    except RunError:
        return False
    return True


def _remove_old(runs: list[RunSummary]) -> None:
    for run in runs:
        if time.time() - run.created > KEPT_SECONDS:
            with suppress(RunError):  # it is under way
                engine().store.delete(run.id)
