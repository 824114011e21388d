"""A server for test_run_server_gone: it starts runs, prints their workers' ids, and waits."""

import signal
import sys
import time
from multiprocessing import forkserver

from fake_lab import FakeConfig

from core.runs.inquiry import InquiryDesk
from core.runs.pool import LocalPool
from core.runs.record import open_record
from core.runs.store import RunStore


def main(home, method, what, how):
    store = RunStore(home)
    pool = LocalPool(store, method=method)
    desk = InquiryDesk(pool)
    desk.ask("core.labs.config_json:config_to_json", {"config": FakeConfig()}, timeout=20)
    run_id = store.create("fake", FakeConfig(what=what, updates=10**6, pause=0.01))
    pool.submit(run_id)
    while len(open_record(store, run_id).columns("m").get("step", [])) < 2:
        time.sleep(0.02)
    if how == "paused":
        pool.command(run_id, "pause")
        while pool.state(run_id) != "paused":
            time.sleep(0.02)
    children = [pool._runs[run_id].child, desk._child, pool.launcher._spare]
    pids = [child.process.pid for child in children if child]
    if method == "forkserver":
        pids.append(forkserver._forkserver._forkserver_pid)
    assert "torch" not in sys.modules
    print(run_id, *pids, flush=True)
    if how == "returns":
        return
    signal.signal(
        signal.SIGTERM, signal.default_int_handler if how == "graceful" else signal.SIG_DFL
    )
    while True:
        time.sleep(1)


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except KeyboardInterrupt:
        sys.exit(0)
