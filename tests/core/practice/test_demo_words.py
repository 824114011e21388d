"""Punch lines from runs made by hand: what is shown, what did not show, and what is to come."""

import math

import pytest

from core.labs.config import ClippingConfig, GradientFlowConfig
from core.labs.length_config import LENGTHS, LengthConfig
from core.labs.sentiment_config import SentimentConfig
from core.labs.serving_config import ServingConfig
from core.labs.serving_what_if import what_if
from core.labs.translation_config import TranslationConfig
from core.practice.demo import Serve, demos
from core.practice.demo_words import PUNCH_LINES, Seen, punch_line
from core.serving.batch_times import ServiceTimes
from core.serving.queueing import Policy


def columns(*rows):
    return {name: [row[name] for row in rows] for name in rows[0]} if rows else {}


def mark(model, what, step):
    return {"model": model, "what": what, "step": step, "text": ""}


def flow(*, solved=(), ended=True, kept=(-21.0, -0.6)):
    config = GradientFlowConfig()
    tables = {}
    for model, log10 in zip(config.models, kept, strict=True):
        row = {"distance": 100, "exact_h_log10": log10}
        tables["gradient_flow", model] = columns({"distance": 0, "exact_h_log10": 0.0}, row)
        tables["scores", model] = columns({"lag": 100, "score": 0.98 if model in solved else 0.0})
    return Seen(
        config=config,
        tables=tables,
        series={model: {"step": list(range(1, 601))} for model in config.models},
        marks=[mark(model, "solved", at) for at, model in enumerate(solved, start=170)],
        is_ended=ended,
    )


def twins(*, died=2, ended=None, planted=None, turned=None, updates=100, over=True):
    marks = [mark("unclipped", "diverged", died)] if died else []
    marks += [mark("", "injected", planted)] if planted else []
    marks += [mark("clipped", "diverged", ended)] if ended else []
    last = ended or updates
    steps = list(range(1, last + 1))
    losses = [3.0 - step / updates for step in steps]
    if ended:
        losses[-1] = math.nan
    coefficients = [0.5 if turned and step > turned else 1.0 for step in steps]
    return Seen(
        config=ClippingConfig(),
        series={
            "clipped": {"step": steps, "loss": losses, "coefficient": coefficients},
            "unclipped": {"step": [1, 2], "loss": [3.3, math.nan]},
        },
        marks=marks,
        turned=[{"step": turned, "name": "threshold", "value": 0.05}] if turned else [],
        is_ended=over,
    )


def translated(plain, attention, *, ended=True):
    config = TranslationConfig(longest=25, buckets=(4, 25))
    rows = {"plain": plain, "attention": attention}
    tables = {
        ("bleu", model): columns(
            *({"bucket": b, "bleu": v} for b, v in zip((4, 25), values, strict=True))
        )
        for model, values in rows.items()
    }
    return Seen(config=config, tables=tables, is_ended=ended)


def contest(accuracies, *, ended=True, ties=("lstm", "nb-svm")):
    config = SentimentConfig(models=tuple(accuracies))
    rows = [
        {
            "model": model,
            "label": model.upper(),
            "accuracy": value,
            "accuracy_low": value - 0.02,
            "accuracy_high": value + 0.02,
            "tie": model in ties,
            "n": 400,
        }
        for model, value in accuracies.items()
    ]
    return Seen(config=config, tables={("shootout", ""): columns(*rows)}, is_ended=ended)


def counted(near, far, *, ended=True):
    config = LengthConfig(seeds=1, remedies=("more-training", "chunked-carried"))
    curve = [{"length": n, "score": near if n <= config.longest else far} for n in LENGTHS]
    remedies = [
        {"length": 500, "label": label, "verdict": verdict, "score": score}
        for label, verdict, score in (
            ("As trained", "", far),
            ("More of the same (control)", "helps", 0.32),
            ("More of the same (control)", "helps", 0.31),
            ("Chunks, state carried", "does not help here", far),
            ("Chunks, fresh state", "hurts", 0.02),
        )
    ]
    tables = {("curve", "lstm-bias"): columns(*curve), ("remedies", ""): columns(*remedies)}
    return Seen(config=config, tables=tables, is_ended=ended)


def served(single_ms=1.0, *, rate=2000):
    service = ServiceTimes.measured({1: [single_ms] * 20, 32: [single_ms * 8] * 20})
    ways = []
    for label, batch, wait in (("One at a time", 1, 0), ("waiting", 32, 100), ("greedy", 32, 0)):
        settings = (
            ("rate", float(rate)),
            ("max_batch", float(batch)),
            ("max_wait_ms", float(wait)),
        )
        policy = Policy(max_batch=batch, max_wait_ms=wait, replicas=1)
        found = what_if(service, policy, rate=rate, deadline_ms=50)
        ways.append((Serve(label=label, settings=settings), found))
    return Seen(config=ServingConfig(), served=ways, is_ended=True)


def test_every_demo_has_its_punch_line():
    assert [demo.lab for demo in demos().values()] == list(PUNCH_LINES)


def test_a_gradient_that_arrives_solves_and_one_that_does_not_does_not():
    found = punch_line("gradient-flow", flow(solved=("lstm-chrono",)))
    assert found.state == "shown"
    assert "100 steps back RNN keeps 10⁻²¹ of its gradient" in found.sentence
    assert "has solved it after 170 updates while RNN has not after 600" in found.sentence
    assert found.sentence.endswith("R² at lag 100: 0.00 against 0.98.")


def test_a_gradient_that_is_no_number_is_said_in_words():
    found = punch_line("gradient-flow", flow(solved=("lstm-chrono",), kept=(math.nan, -0.6)))
    assert "no number (NaN)" in found.sentence


@pytest.mark.parametrize("solved", [(), ("lstm-chrono", "rnn")])
def test_a_race_that_shows_nothing_says_so(solved):
    found = punch_line("gradient-flow", flow(solved=solved))
    assert found.state == "missed"
    assert "this time" in found.sentence


def test_a_race_without_a_winner_yet_is_waited_for():
    assert punch_line("gradient-flow", flow(ended=False)).state == "waiting"


def test_clipping_saves_a_run_and_cures_no_infinity():
    found = punch_line("clipping", twins(ended=90, planted=90, turned=50))
    assert found.state == "shown"
    assert found.sentence.startswith("Without clipping it was over at update 2. The twin with")
    assert "threshold at 0.05 it shortened 100 % of its updates, before that 0 %" in found.sentence
    assert "ended the clipped twin too, at update 90" in found.sentence


def test_clipping_without_a_planted_gradient_ends_with_the_run():
    assert punch_line("clipping", twins(over=False)).state == "waiting"
    found = punch_line("clipping", twins())
    assert found.state == "shown"
    assert "infinit" not in found.sentence


@pytest.mark.parametrize("seen", [twins(died=None), twins(ended=50)])
def test_twins_that_both_live_or_both_die_are_said_to(seen):
    assert punch_line("clipping", seen).state == "missed"


def test_attention_holds_where_one_vector_falls():
    found = punch_line("translation", translated((90.1, 9.7), (100.0, 76.4)))
    assert found.state == "shown"
    assert "Plain: BLEU 90 at 4 words, 10 at 25" in found.sentence
    assert punch_line("translation", translated((90, 85), (95, 90))).state == "missed"
    assert punch_line("translation", translated((90, 9), (99, 76), ended=False)).state == "waiting"


def test_the_bug_costs_more_than_the_architecture():
    right = {"nb-svm": 0.70, "lstm": 0.68, "cnn": 0.66}
    found = punch_line("sentiment", contest({**right, "lstm-naive": 0.5}))
    assert found.state == "shown"
    assert "LSTM cannot be told from NB-SVM on these 400 texts" in found.sentence
    assert found.sentence.endswith("worth 4 points here, that one line 18.")
    assert punch_line("sentiment", contest({**right, "lstm-naive": 0.67})).state == "missed"
    under_way = contest({**right, "lstm-naive": 0.5}, ended=False)
    assert punch_line("sentiment", under_way).state == "waiting"
    assert punch_line("sentiment", contest(right)).state == "missed"


def test_a_counter_fails_beyond_its_lengths_and_each_remedy_has_its_score():
    found = punch_line("length", counted(0.95, 0.13))
    assert found.state == "shown"
    assert "counts right 95 % of the time at 100 and 13 % at 500" in found.sentence
    assert "Does not help: chunks, state carried (13 %)." in found.sentence
    assert "Hurts: chunks, fresh state (2 %)." in found.sentence
    assert found.sentence.endswith("Helps: more of the same (control) (32 %).")
    assert punch_line("length", counted(0.95, 0.9)).state == "missed"
    assert punch_line("length", counted(0.95, 0.13, ended=False)).state == "waiting"


def test_greedy_batches_beat_waiting_for_full_ones():
    found = punch_line("serving", served())
    assert found.state == "shown"
    assert "One at a time: the queue grows for ever" in found.sentence
    assert found.sentence.endswith("waiting to fill a batch only adds waiting.")
    assert punch_line("serving", Seen(config=ServingConfig())).state == "waiting"


def test_on_a_fast_machine_one_at_a_time_is_said_to_do():
    found = punch_line("serving", served(0.1, rate=500))
    assert "One at a time would have done here" in found.sentence


@pytest.mark.parametrize("demo", demos().values(), ids=lambda demo: demo.name)
def test_a_run_that_has_said_nothing_has_no_punch_line(demo):
    assert punch_line(demo.lab, Seen(config=demo.config)).state == "waiting"
    ended = punch_line(demo.lab, Seen(config=demo.config, is_ended=True))
    assert ended.state == "missed"
    assert "start the demo over" in ended.sentence
