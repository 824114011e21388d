from dataclasses import replace

import pytest

from core.labs.serving_config import ServingConfig
from core.labs.serving_words import Findings, describe_serving
from core.serving.policies import Advice
from core.serving.queue_theory import ReplicasNeeded

CONFIG = ServingConfig()


def needed(count):
    return ReplicasNeeded(least_stable=count or 1, least_in_time=count)


def advice(singly, batched, alone, together, max_batch=8):
    return Advice(
        rate=CONFIG.rate,
        deadline_ms=CONFIG.deadline_ms,
        singly=singly,
        batched=batched,
        max_batch=max_batch,
        replicas_singly=needed(alone),
        replicas_batched=needed(together),
    )


def policy(wait, p99, *, stable=True, use=0.6):
    return {
        "rate": 1000.0,
        "max_batch": 32,
        "max_wait_ms": wait,
        "replicas": 1,
        "p99": p99,
        "utilisation": use,
        "stable": stable,
    }


def variant(name, kind, speed, words, flips=0.0, note=""):
    row = {"name": name, "label": name.upper(), "kind": kind, "flips": flips, "smaller": 4.0}
    row["sustained"] = 9000.4
    for batch in (1, 8, 32):
        row |= {f"speedup_{batch}": speed, f"words_{batch}": words}
    return row | {"note": note}


FOUND = Findings(label="LSTM S", where="ms of one core", pass_ms={1: (0.5, 0.6), 32: (5.0, 6.0)})


def said(**known):
    return " ".join(describe_serving(CONFIG, replace(FOUND, **known)))


def test_a_pass_is_told_with_what_batching_gains():
    assert said() == (
        "LSTM S answers one request in 0.5 ms of one core (99 %: 0.6), 32 together in 5: "
        "3.2 times as many a second."
    )


def test_a_model_that_takes_no_batch_is_told_alone():
    assert said(pass_ms={1: (0.5, 0.6)}).endswith("(99 %: 0.6).")


@pytest.mark.parametrize(
    ("found", "sentence"),
    [
        (advice(2200, 7000, 1, 1), "do nothing first: one replica sustains 2,200 a second"),
        (advice(500, 2000, 3, 1), "batch first: taking what is queued, up to 8 at once, one"),
        (advice(500, 2000, 3, 1), "so one replica will do, instead of one request at a time, for"),
        (advice(500, 997, 3, 1), "one sustains 1,000 a second, so one replica will do"),
        (
            advice(0, 90, None, 12),
            "so 12 replicas will do, instead of one request at a time, which",
        ),
        (advice(60, 60, 20, 20, max_batch=1), ": 20 replicas; batches gain nothing here."),
        (advice(0, 0, None, None), "No number of replicas answers 1,000 requests a second"),
    ],
)
def test_what_to_do_first_follows_from_what_one_replica_sustains(found, sentence):
    assert sentence in said(advice=found)


def test_what_the_challenge_needs_is_told_from_its_row():
    row = {"service_ms": 50.0, "rate": 1000.0, "deadline_ms": 50.0}
    row |= {"least_stable": 51, "least_in_time": 69}
    text = said(advice=advice(2200, 7000, 1, 1), replicas=[row])
    assert "51 replicas would be the least for 1,000 a second" in text
    assert "69 replicas answer 99 % within 50 ms" in text
    never = said(advice=advice(2200, 7000, 1, 1), replicas=[row | {"least_in_time": None}])
    assert "no number would answer 99 % within 50 ms" in never


def test_a_rare_request_is_not_told_as_none_at_all():
    row = {"service_ms": 50.0, "rate": 0.5, "deadline_ms": 50.0}
    row |= {"least_stable": 1, "least_in_time": 1}
    text = said(advice=advice(2200, 7000, 1, 1), replicas=[row])
    assert "one replica would be the least for 0.5 a second" in text


def test_waiting_is_judged_by_the_99th_percentile_it_was_measured_to_give():
    longer = said(served=[policy(0.0, 2.0), policy(5.0, 8.0, use=0.4)])
    assert "lengthens the 99th percentile from 2 to 8 ms" in longer
    assert "busy 40 % instead of 60 %" in longer
    assert "leaves the 99th percentile at 2 ms" in said(
        served=[policy(0.0, 2.0), policy(5.0, 2.01)]
    )
    assert "shortens the 99th" in said(served=[policy(0.0, 8.0), policy(5.0, 2.0)])


def test_times_of_a_queue_that_grows_for_ever_are_not_compared():
    text = said(served=[policy(0.0, 900.0, stable=False), policy(5.0, 800.0, stable=False)])
    assert "One replica cannot serve 1,000 a second" in text
    assert "99th percentile" not in text


def test_the_fastest_variant_that_answers_the_same_is_named_and_all_that_are_slower():
    rows = [
        variant("served", "served", 1.0, ""),
        variant("int8", "precision", 3.0, "faster"),
        variant("torch", "precision", 0.5, "slower"),
        variant("wild", "precision", 9.0, "faster", flips=0.3),
        variant("cnn", "training", 9.0, "faster", flips=0.1),
    ]
    text = said(variants=rows)
    assert "The same weights are fastest as INT8: 3 times one at a time" in text
    assert "4 times smaller, and changes 0.0 % of the answers." in text
    assert "One replica then sustains 9,000 a second." in text
    assert "Slower than what is served: TORCH (one at a time, 8 at once and 32 at once)." in text


def test_what_could_not_be_made_and_batches_that_are_not_taken_are_left_out():
    gap = variant("int8", "precision", None, None)
    only_one = variant("ort", "runtime", 2.0, "faster", flips=None)
    only_one |= {"speedup_8": None, "words_8": None, "speedup_32": None, "words_32": None}
    text = said(variants=[variant("served", "served", 1.0, ""), gap, only_one])
    assert "fastest as ORT: 2 times one at a time. The file is 4 times smaller. One" in text


def test_the_simulation_is_held_against_real_passes_with_its_errors():
    replay = {
        "quantity": ["p50", "p95", "p99"],
        "simulated": [0.9, 1.5, 2.0],
        "replayed": [1.0, 1.5, 2.5],
        "error": [-0.1, 0.0, -0.2],
    }
    text = said(replay=replay)
    assert (
        "p50 1 ms, simulated \N{MINUS SIGN}10 %; p99 2.5 ms, simulated \N{MINUS SIGN}20 %" in text
    )


def test_what_is_to_be_known_of_the_model_comes_last():
    assert describe_serving(CONFIG, replace(FOUND, notes=("It cannot be batched.",)))[-1] == (
        "It cannot be batched."
    )


def test_a_machine_that_had_other_work_says_so():
    assert "3 times as long on the wall" in said(waited=3.0)
    assert "Other work" not in said(waited=1.1)
