"""Many who rate at once, in many threads and processes, and a crash right after: all is kept."""

import subprocess
import sys
import threading
from collections import Counter
from datetime import UTC, datetime, timedelta

from postgres_server import break_connections

from core.practice.schedule import folded
from core.practice.store import PracticeStore

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)
RATERS = 200
RATINGS = ("again", "hard", "good", "easy")
SERVERS = """
import os, signal, sys, threading
from datetime import UTC, datetime, timedelta
from core.practice.store import PracticeStore

def serve(first):
    store = PracticeStore(sys.argv[1])
    def rate(number):
        at = datetime(2026, 3, 10, 12, tzinfo=UTC) + timedelta(hours=7 * number)
        rating = ("again", "hard", "good", "easy")[number % 4]
        who = "key:all" if number % 2 else f"key:{number}"
        store.rate(who, "card", rating, at=at, seconds=number)
    threads = [threading.Thread(target=rate, args=(first + each,)) for each in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    os.kill(os.getpid(), signal.SIGKILL)

servers = []
for first in (0, 50, 100, 150):
    servers.append(os.fork())
    if servers[-1] == 0:
        serve(first)
        os._exit(1)
ends = [os.waitpid(server, 0)[1] for server in servers]
sys.exit(ends != [signal.SIGKILL] * 4)
"""


def time_of(number):
    return NOON + timedelta(hours=7 * number)


def test_two_hundred_raters_at_once_lose_nothing(store):
    faults, told, start = [], [], threading.Barrier(RATERS)

    def rate(number):
        try:
            start.wait()
            who = "key:all" if number % 2 else f"key:{number}"
            at, rating = time_of(number // 3), RATINGS[number % 4]  # some at the same moment
            told.append(store.rate(who, "card", rating, at=at, seconds=number))
        except Exception as error:
            faults.append(error)

    threads = [threading.Thread(target=rate, args=(number,)) for number in range(RATERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
    reviews = store.reviews("key:all")
    assert Counter(review.seconds for review in reviews) == Counter(range(1, RATERS, 2))
    assert [review.at for review in reviews] == sorted(review.at for review in reviews)
    schedule = store.schedules("key:all")["card"]
    assert schedule == folded("card", [(review.rating, review.at) for review in reviews])
    assert schedule in told  # whoever was last was told what holds
    for number in range(0, RATERS, 2):
        assert [review.seconds for review in store.reviews(f"key:{number}")] == [number]


def test_servers_that_are_killed_after_their_last_rating_lose_nothing(address, open_store):
    """Four open a database that is not there yet, rate fifty times each at once, and are killed."""
    command = [sys.executable, "-c", SERVERS, address]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert (done.returncode, done.stderr) == (0, "")
    store = open_store()
    assert [review.at for review in store.reviews("key:all")] == [
        time_of(number) for number in range(1, RATERS, 2)
    ]
    for number in range(0, RATERS, 2):
        assert [review.seconds for review in store.reviews(f"key:{number}")] == [number]


def test_raters_whose_connections_break_lose_nothing_and_count_once(empty_postgres):
    store, faults, done = PracticeStore(empty_postgres), [], threading.Event()

    def rate(first):
        try:
            for number in range(first, first + 25):
                store.rate("key:torn", "card", RATINGS[number % 4], at=time_of(number))
        except Exception as error:
            faults.append(error)

    def tear():
        while not done.wait(0.02):
            break_connections(empty_postgres)

    threads = [threading.Thread(target=rate, args=(25 * each,)) for each in range(4)]
    tearing = threading.Thread(target=tear)
    for thread in (tearing, *threads):
        thread.start()
    for thread in threads:
        thread.join()
    done.set()
    tearing.join()
    assert faults == []
    times = [review.at for review in store.reviews("key:torn")]
    store.close()
    assert times == [time_of(number) for number in range(100)]
