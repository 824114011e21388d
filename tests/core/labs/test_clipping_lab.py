import math

import numpy as np
import pytest

from core.errors import TextError
from core.labs.clipping import CLIPPED, UNCLIPPED, clip_rate, percentile_columns, run
from core.labs.config import ClippingConfig
from core.models.catalogue import CATALOGUE

RESULT = {"clip", "diverged_at", "final_loss", "clip_rate", "max_norm_before"}


def test_the_lab_trains_from_the_first_event_and_ends_with_its_result(clip_run):
    kinds = clip_run().kinds()
    assert kinds[0] == "series"
    assert kinds[-1] == "result"
    assert kinds.count("result") == 1
    assert clip_run().of("progress")[-1].step == 20


def test_the_twins_start_with_the_same_loss_and_norm(clip_run):
    for name in ("loss", "norm_before"):
        off, on = (clip_run().column(twin, name) for twin in (UNCLIPPED, CLIPPED))
        assert off[0] == on[0]


def test_the_percentiles_are_declared_and_come_for_both_twins(clip_run):
    tables = clip_run().of("table", name="percentiles")
    assert {(e.model, e.step) for e in tables} == {
        (twin, step) for twin in (UNCLIPPED, CLIPPED) for step in (5, 20)
    }
    for event in tables:
        assert list(event.columns) == ["percentile", "norm"]
        assert event.columns["percentile"] == [10.0, 50.0, 90.0, 99.0]


def test_the_result_has_one_row_a_twin_with_its_keys(clip_run):
    rows = clip_run().rows
    assert list(rows) == [None, 1.0]
    assert all(set(row) >= RESULT for row in rows.values())
    assert rows[None]["clip_rate"] == 0.0
    for twin, clip in ((UNCLIPPED, None), (CLIPPED, 1.0)):
        norms = [n for n in clip_run().column(twin, "norm_before") if math.isfinite(n)]
        assert rows[clip]["max_norm_before"] == max(norms)


def test_a_calm_model_is_said_to_need_no_clipping(clip_run):
    run_ = clip_run(model="lstm")
    assert run_.rows[None]["diverged_at"] is None
    assert run_.rows[None]["final_loss"] == pytest.approx(
        np.mean(run_.column(UNCLIPPED, "loss")[-20:])
    )
    words = run_.of("words")[-1].sentences
    assert "stable after 20 updates" in words[0]


def test_a_twin_that_diverges_is_said_to_and_has_no_final_loss(clip_run):
    run_ = clip_run(learning_rate=10.0, threshold=0.01)
    row = run_.rows[None]
    mark = run_.of("mark", model=UNCLIPPED, what="diverged")[0]
    assert row["diverged_at"] == mark.step <= 10
    assert row["final_loss"] is None
    assert row["updates"] == mark.step
    assert run_.rows[0.01]["diverged_at"] is None
    assert f"over at update {mark.step}" in run_.of("words")[-1].sentences[0]


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ("none", "both twins are the same run"),
        ("value", "With elements clipped at 0.05 the loss"),
        ("percentile", "With clipping at percentile 10 of its own norms the loss"),
    ],
)
def test_what_is_said_of_the_clipped_twin_names_its_rule(clip_run, rule, words):
    run_ = clip_run(model="lstm", rule=rule, threshold=0.05)
    assert words in run_.of("words")[-1].sentences[1]


def test_a_twin_that_skips_updates_is_not_said_to_be_stable(clip_run):
    run_ = clip_run(model="lstm", nonfinite="skip", inject="nan", inject_at=7)
    said = run_.of("words")[-1].sentences[0]
    assert "updates were skipped because the gradient was not finite" in said
    assert "the first at update 7" in said
    assert "stable" not in said


def test_when_both_twins_diverge_the_run_ends_there_with_tables_and_result(clip_run):
    run_ = clip_run(learning_rate=10.0, threshold=1e6)
    assert run_.of("progress")[-1].step < 20
    assert "diverged too" in run_.of("words")[-1].sentences[1]
    assert {row["diverged_at"] is None for row in run_.rows.values()} == {False}


@pytest.mark.parametrize("rule", ["none", "norm", "value", "agc", "percentile"])
@pytest.mark.parametrize("optimizer", ["sgd", "momentum", "adam"])
def test_every_rule_runs_with_every_optimizer(clip_run, rule, optimizer):
    rate = 1e-3 if optimizer == "adam" else 0.01
    run_ = clip_run(rule=rule, optimizer=optimizer, learning_rate=rate, threshold=0.05)
    row = run_.rows[0.05]
    assert math.isfinite(row["final_loss"])
    assert 0 <= row["clip_rate"] <= 1
    assert (row["clip_rate"] > 0) == (rule != "none")


@pytest.mark.parametrize("rule", ["value", "agc"])
def test_a_threshold_that_is_never_reached_shortens_nothing(clip_run, rule):
    run_ = clip_run(model="lstm", rule=rule, threshold=1e6)
    assert run_.rows[1e6]["clip_rate"] == 0.0
    assert run_.column(CLIPPED, "loss") == run_.column(UNCLIPPED, "loss")


@pytest.mark.parametrize("model", CATALOGUE)
def test_every_model_runs(clip_run, model):
    run_ = clip_run(model=model, updates=3, layers=2, learning_rate=0.01)
    assert math.isfinite(run_.rows[1.0]["final_loss"])
    layers = [name for name in run_.of("series")[0].columns if name.startswith("norm:")]
    assert len(layers) > 5


@pytest.mark.parametrize("kind", ["inf", "nan"])
def test_a_planted_gradient_ends_both_twins_or_is_skipped_by_both(clip_run, kind):
    settings = {"model": "lstm", "inject": kind, "inject_at": 7}
    dies = clip_run(nonfinite="propagate", **settings)
    assert {row["diverged_at"] for row in dies.rows.values()} == {7}
    lives = clip_run(nonfinite="skip", **settings)
    assert {(m.model, m.step) for m in lives.of("mark", what="skipped")} == {
        (UNCLIPPED, 7),
        (CLIPPED, 7),
    }
    assert {row["diverged_at"] for row in lives.rows.values()} == {None}
    assert all(math.isfinite(row["final_loss"]) for row in lives.rows.values())


def test_a_threshold_turned_under_way_reaches_the_clipped_twin_alone(clip_run):
    run_ = clip_run(model="lstm", turns=((4, "threshold", 1e-3),))
    untouched = clip_run(model="lstm")
    assert run_.column(UNCLIPPED, "loss") == untouched.column(UNCLIPPED, "loss")
    assert run_.column(CLIPPED, "threshold") == pytest.approx([1.0] * 4 + [1e-3] * 16)
    assert 1e-3 in run_.rows


def test_percentiles_by_hand_count_what_is_not_finite_as_infinite():
    norms = [float(n) for n in range(1, 10)] + [math.nan]
    assert percentile_columns(norms) == {
        "percentile": [10.0, 50.0, 90.0, 99.0],
        "norm": [2.0, 6.0, math.inf, math.inf],
    }
    assert percentile_columns([]) == {"percentile": [], "norm": []}


def test_the_clip_rate_by_hand():
    assert clip_rate([1.0, 0.5, 1.0, 0.999]) == 0.5
    assert clip_rate([]) == 0.0


def test_a_text_that_is_too_short_says_what_it_takes():
    config = ClippingConfig(corpus="own", device="cpu")
    with pytest.raises(TextError, match="has 100 characters; windows of 50 need"):
        next(run(config, text="ab" * 50))


@pytest.mark.slow
@pytest.mark.parametrize("seed", [0, 1])
def test_at_the_defaults_the_unclipped_twin_is_over_at_once_and_the_clipped_one_learns(seed):
    result = list(run(ClippingConfig(seed=seed, device="cpu")))[-1]
    off, on = result.results
    assert off["diverged_at"] <= 10
    assert on["diverged_at"] is None
    assert on["final_loss"] < 2.7


def test_a_planted_gradient_is_not_called_the_twins_own_divergence(clip_run):
    run_ = clip_run(model="lstm", inject="inf", inject_at=7)
    said = " ".join(run_.of("words")[-1].sentences)
    assert "ended at update 7, by the gradient planted there" in said
    assert "as it was planted" in next(m.text for m in run_.of("mark") if m.what == "diverged")
