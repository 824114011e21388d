import os
import signal
import threading
import time

import pytest
from fake_lab import FakeConfig

from core.errors import ConfigError, RunError
from core.runs.inquiry import InquiryDesk

TO_JSON = "core.labs.config_json:config_to_json"
FROM_JSON = "core.labs.config_json:config_from_json"


@pytest.fixture(scope="module")
def desk(bench):
    desk = InquiryDesk(bench.pool)
    yield desk
    desk.close()


def test_an_answer_comes_back_as_json_and_soon(desk):
    desk.ask(TO_JSON, {"config": FakeConfig()})
    began = time.monotonic()
    answers = [desk.ask(TO_JSON, {"config": FakeConfig(seed=seed)})["seed"] for seed in range(10)]
    assert answers == list(range(10))
    assert (time.monotonic() - began) / 10 < 0.03


def test_an_error_of_ours_comes_back_as_itself(desk):
    with pytest.raises(ConfigError, match="no lab 'tea'"):
        desk.ask(FROM_JSON, {"lab": "tea", "values": {}})


def test_a_crash_comes_back_as_a_sentence(desk):
    with pytest.raises(RunError, match="TypeError"):
        desk.ask(TO_JSON, {"sugar": 1})
    with pytest.raises(RunError, match="AttributeError"):
        desk.ask("core.labs.config:no_such_function")


@pytest.mark.parametrize(
    "target", ["os:getcwd", "core:x", "core.labs.config", "core.errors.os:system", "core.a:_b", ""]
)
def test_only_functions_of_core_can_be_asked(desk, target):
    with pytest.raises(RunError):
        desk.ask(target)


def test_a_process_that_died_is_started_again(desk):
    desk.ask(TO_JSON, {"config": FakeConfig()})
    pid = desk._child.process.pid
    os.kill(pid, signal.SIGKILL)
    desk._child.is_gone(5)
    assert desk.ask(TO_JSON, {"config": FakeConfig(seed=3)})["seed"] == 3
    assert desk._child.process.pid != pid


class Slow:
    """An argument that takes its time to arrive."""

    def __init__(self, seconds, number=0):
        self.seconds, self.number = seconds, number

    def __reduce__(self):
        return arrive_late, (self.seconds, self.number)


def arrive_late(seconds, number):
    time.sleep(seconds)
    if number:
        os.kill(os.getpid(), number)


def test_an_answer_that_takes_too_long_is_given_up(desk):
    began = time.monotonic()
    with pytest.raises(RunError, match="took longer than"):
        desk.ask(TO_JSON, {"config": Slow(30)}, timeout=0.3)
    assert time.monotonic() - began < 2
    assert desk.ask(TO_JSON, {"config": FakeConfig(seed=4)})["seed"] == 4


def test_a_process_that_dies_over_a_question_says_so(desk):
    with pytest.raises(RunError, match="SIGKILL"):
        desk.ask(TO_JSON, {"config": Slow(0, signal.SIGKILL)})
    assert desk.ask(TO_JSON, {"config": FakeConfig(seed=5)})["seed"] == 5


def test_many_may_ask_at_once(desk):
    answers = {}

    def ask(seed):
        answers[seed] = desk.ask(TO_JSON, {"config": FakeConfig(seed=seed)})["seed"]

    threads = [threading.Thread(target=ask, args=(seed,)) for seed in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == {seed: seed for seed in range(8)}
