"""What time it is for practice: UTC, and faster where a test or a rehearsal asks for it."""

import os
import time
from datetime import UTC, datetime, timedelta

RATE = "SEQSCOPE_CLOCK_RATE"
"""The environment variable that says how many seconds pass in one; 1 where it is not set."""

_STARTED = time.time()


def now() -> datetime:
    """Return the time. With a rate of 60 a minute passes every second since the server started."""
    here = time.time()
    since = timedelta(seconds=(here - _STARTED) * (clock_rate() - 1))
    return datetime.fromtimestamp(here, tz=UTC) + since


def clock_rate() -> float:
    """Return how many seconds of practice pass in a second."""
    try:
        rate = float(os.environ.get(RATE, ""))
    except ValueError:
        return 1.0
    return rate if rate > 0 else 1.0
