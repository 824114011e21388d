"""What runs things: one engine a server, made before the first visit where that can be."""

import threading
from dataclasses import dataclass, field

from core.runs.inquiry import InquiryDesk
from core.runs.pool import LocalPool
from core.runs.store import RunStore

lock = threading.RLock()
_engine: "Engine | None" = None


@dataclass(frozen=True, slots=True)
class Engine:
    """What runs things: the store of runs, the pool of workers, the desk for short questions.

    `long_desk` answers what takes minutes; its process begins with the first question.
    `examples` remembers the run that is each lab's example.
    """

    store: RunStore
    pool: LocalPool
    desk: InquiryDesk
    long_desk: InquiryDesk
    examples: dict[str, str] = field(default_factory=dict)


def open_engine() -> Engine:
    """Return this server's engine, made at the first call: workers begin to load torch then."""
    global _engine  # noqa: PLW0603  cache_resource may be emptied; the workers must not be lost
    with lock:
        if _engine is None:
            store = RunStore()
            pool = LocalPool(store)
            pool.warm()
            desk = InquiryDesk(pool)
            desk.warm()
            _engine = Engine(store, pool, desk, InquiryDesk(pool))
        return _engine


def close_engine() -> None:
    """End every run and process of this server's engine; the next call opens a new one."""
    global _engine
    with lock:
        found, _engine = _engine, None
    if found is not None:
        found.desk.close()
        found.long_desk.close()
        found.pool.close()
