import time

import pytest
from fake_lab import FakeConfig

from core.runs.pool import LocalPool
from core.runs.record import open_record
from core.runs.store import RunStore


class Bench:
    """A pool at work, and the few things that every test does with it."""

    def __init__(self, home, **settings):
        self.store = RunStore(home)
        self.pool = LocalPool(self.store, **settings)

    def start(self, text=None, **config):
        run_id = self.store.create("fake", FakeConfig(**config), visitor="me", text=text)
        self.pool.submit(run_id)
        return run_id

    def finished(self, run_id):
        self.pool.wait(run_id, 30)
        return open_record(self.store, run_id)

    def until(self, run_id, condition, seconds=20.0):
        """Return the record as soon as `condition` holds of it."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            record = open_record(self.store, run_id)
            if condition(record):
                return record
            time.sleep(0.01)
        raise AssertionError(f"still {record.state} at step {record.step}: {record.cause}")

    def until_state(self, run_id, state, seconds=20.0):
        return self.until(run_id, lambda record: record.state == state, seconds)

    def stop(self, *run_ids):
        for run_id in run_ids:
            self.pool.command(run_id, "stop")
            self.finished(run_id)


@pytest.fixture(scope="session")
def bench(tmp_path_factory):
    bench = Bench(tmp_path_factory.mktemp("home"), limit=2)
    yield bench
    bench.pool.close()


@pytest.fixture
def new_bench(tmp_path):
    benches = []

    def make(**settings):
        benches.append(Bench(tmp_path, **settings))
        return benches[-1]

    yield make
    for bench in benches:
        bench.pool.close()
