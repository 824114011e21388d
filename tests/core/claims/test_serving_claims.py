"""The serving claims: each verdict from measured numbers, and each can fall the other way."""

import pytest

from core.claims import serving
from core.claims.serving_times import lstm_of, random_ids, time_batches
from core.errors import RunError
from core.serving.batch_times import ServiceTimes
from core.serving.variants import NotMade

DEAR_FIRST = ServiceTimes.fixed(1.0, 0.05)
"""A batch of two costs little more than one request."""
ALL_FIRST = ServiceTimes.fixed(1.0, 1.0)
"""A batch costs as much as its requests one by one."""


@pytest.mark.parametrize(
    ("batch", "loads", "service", "verdict"),
    [
        (2, (0.97,), DEAR_FIRST, "supported"),
        (2, (0.1, 0.97), DEAR_FIRST, "depends"),
        (32, (0.3, 0.8), DEAR_FIRST, "refuted"),
        (32, (0.3, 0.8), ALL_FIRST, "refuted"),
    ],
)
def test_claim_38_full_batches_help_only_where_a_queue_is_long_and_a_batch_cheap(
    batch, loads, service, verdict
):
    found = serving.batches_of_32_cure_latency(0, batch=batch, loads=loads, service=service)
    assert found.verdict == verdict
    assert "50 requests under way" in found.sentence


def test_claim_38_the_labs_own_lstm_refutes_it():
    found = serving.batches_of_32_cure_latency(0)
    assert found.verdict == "refuted"
    assert "32 requests take 32 ms to come" in found.sentence


def test_claim_39_one_runtime_keeps_the_size_that_is_stated_and_another_does_not():
    tiny = {"sizes": ("S",), "batches": (1,), "faster": 0.01}
    ort = serving.int8_is_four_times_smaller_and_twice_as_fast(0, variants=("ort-int8",), **tiny)
    assert ort.verdict == "supported"
    half = serving.int8_is_four_times_smaller_and_twice_as_fast(0, variants=("bf16",), **tiny)
    assert half.verdict == "refuted"
    assert "2.0 times smaller" in half.measured


def test_claim_39_without_a_runtime_that_makes_8_bit_models_is_not_judged(monkeypatch):
    def none(name, _):
        return NotMade(name=name, label=name, note="")

    monkeypatch.setattr(serving, "convert", none)
    with pytest.raises(RunError, match="Neither PyTorch nor ONNX Runtime"):
        serving.int8_is_four_times_smaller_and_twice_as_fast(0)


def test_claim_40_is_judged_by_the_time_that_is_stated():
    quick = {"sizes": ("S", "M")}
    assert serving.steps_in_sequence_take_the_time(0, **quick).verdict == "refuted"
    short = serving.steps_in_sequence_take_the_time(0, stated_ms=0.001, **quick)
    assert short.verdict == "supported"
    assert "LSTMs of 128 and 256 units" in short.sentence


def test_claim_41_what_is_not_named_saves_time():
    found = serving.four_remedies_are_all(0)
    assert found.verdict in ("refuted", "depends"), "a neighbour may slow one of the three"
    assert found.measured.startswith("times less time: batches of like lengths")


def test_claim_41_equal_lengths_a_new_text_and_an_idle_replica_have_nothing_to_save():
    found = serving.four_remedies_are_all(0, lengths=[20] * 64, new_words=100, load=0.01)
    assert found.verdict == "supported"


def test_the_same_seed_gives_the_same_model_and_requests():
    assert lstm_of("S", 0) is lstm_of("S", 0)
    assert random_ids(2, 5, 0).equal(random_ids(2, 5, 0))
    assert time_batches("S", 0, (1, 2)).largest == 2
