import pytest

from core.claims.catalogue import CLAIMS
from core.labs.config import ClaimsConfig
from core.runs.journal import EventWriter
from core.runs.record import OPEN_MOST, open_record
from core.runs.store import RunStore
from core.runs.verdicts import Board, read_board
from core.training.events import ProgressEvent, ResultEvent, VerdictEvent

SIGNATURE = "seqscope 0 claims | only=2 | seed=3 | device=cpu | torch 2 | x86_64"


@pytest.fixture
def store(tmp_path):
    return RunStore(tmp_path / "home")


def verdict(claim, word="refuted"):
    return VerdictEvent(
        claim=claim,
        verdict=word,
        measured="nan",
        threshold="1",
        n=5,
        seconds=0.5,
        sentence="So it is.",
    )


def ran(store, only, *verdicts, state="done", cause="", visitor="me", seed=3):
    """A run of the checker that lies in the store."""
    config = ClaimsConfig(only=only, seed=seed)
    run_id = store.create("claims", config, visitor=visitor)
    writer = EventWriter(store.folder(run_id))
    writer.state("running")
    for each in verdicts:
        writer.add(each)
    if state == "done":
        writer.add(ResultEvent(signature=SIGNATURE, device="cpu", seconds=1.0, results=[]))
    writer.state(state, cause)
    writer.close()
    return run_id


def test_a_ruling_says_what_decided_when_and_on_what(store):
    run_id = ran(store, (2,), verdict(2))
    ruling = read_board(store, "me").rulings[2]
    assert (ruling.verdict, ruling.n, ruling.seconds, ruling.seed) == ("refuted", 5, 0.5, 3)
    assert (ruling.run_id, ruling.ran_on) == (run_id, "device=cpu, torch 2, x86_64")
    assert abs(ruling.at.timestamp() - store.header(run_id).created) < 60


def test_the_newest_verdict_counts_and_a_failed_run_hides_none(store):
    ran(store, (2, 3), verdict(2, "supported"), verdict(3))
    ran(store, (2,), verdict(2))
    ran(store, (2, 4), state="failed", cause="It broke.")
    board = read_board(store, "me")
    assert {number: each.verdict for number, each in board.rulings.items()} == {
        2: "refuted",
        3: "refuted",
    }
    assert board.failed == {2: "It broke.", 4: "It broke."}
    assert board.under_way == {}


def test_what_a_run_has_still_to_do_is_under_way(store):
    run_id = ran(store, (), verdict(1), state="running")
    board = read_board(store, "me")
    assert list(board.rulings) == [1]
    assert board.under_way == dict.fromkeys([n for n in CLAIMS if n != 1], run_id)
    assert board.at_work == {2}


def test_the_claim_whose_experiment_runs_is_the_first_that_is_not_through(store):
    run_id = ran(store, (2, 6, 29), verdict(2), state="running")
    writer = EventWriter(store.folder(run_id))
    writer.progress = ProgressEvent(step=2, total=3)  # claim 6 could not be run
    writer.close()
    board = read_board(store, "me")
    assert board.at_work == {29}
    assert set(board.under_way) == {6, 29}
    assert board.asked == {2, 6, 29}


def test_a_run_that_was_stopped_failed_in_nothing(store):
    ran(store, (2,), state="stopped", cause="It was stopped before it had started.")
    assert read_board(store, "me").failed == {}


def test_many_runs_of_the_checker_crowd_out_no_reader_of_another_run(store):
    watched = ran(store, (1,), verdict(1), visitor="you")
    reader = open_record(store, watched)
    for number in range(1, OPEN_MOST + 2):
        ran(store, (number,), verdict(number))
    assert len(read_board(store, "me").rulings) == OPEN_MOST + 1
    assert open_record(store, watched) is reader


def test_other_visitors_and_other_labs_are_none_of_it(store):
    ran(store, (2,), verdict(2), visitor="you")
    board = read_board(store, "me")
    assert board == Board(rulings={}, under_way={}, at_work=set(), asked=set(), failed={})
