import copy

import numpy as np
import pytest
import torch
from torch import nn

from core.training.clipping import CAPPED_UPDATES, Clipper, gradient_norms


def problem(seed=0, scale=1.0):
    """Return a small network with random gradients, and its parameters."""
    torch.manual_seed(seed)
    model = nn.Sequential(nn.Linear(4, 5), nn.Tanh(), nn.Linear(5, 3))
    for parameter in model.parameters():
        parameter.grad = torch.randn_like(parameter) * scale
    return list(model.parameters())


def gradients(parameters):
    return [p.grad.clone() for p in parameters]


def same(ours, theirs):
    return all(torch.equal(a, b) for a, b in zip(ours, theirs, strict=True))


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("threshold", [0.01, 1.0, 1e6])
def test_norm_clipping_is_torchs_own(seed, threshold):
    parameters = problem(seed)
    oracle = copy.deepcopy(parameters)
    for ours, theirs in zip(parameters, oracle, strict=True):
        theirs.grad = ours.grad.clone()
    norm = nn.utils.clip_grad_norm_(oracle, threshold)
    report = Clipper("norm").clip(parameters, threshold)
    for ours, theirs in zip(gradients(parameters), gradients(oracle), strict=True):
        torch.testing.assert_close(ours, theirs)
    torch.testing.assert_close(report.norm_before, norm)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("threshold", [0.01, 1.0, 1e6])
def test_value_clipping_is_torchs_own(seed, threshold):
    parameters = problem(seed)
    oracle = copy.deepcopy(parameters)
    for ours, theirs in zip(parameters, oracle, strict=True):
        theirs.grad = ours.grad.clone()
    nn.utils.clip_grad_value_(oracle, threshold)
    Clipper("value").clip(parameters, threshold)
    assert same(gradients(parameters), gradients(oracle))


@pytest.mark.parametrize("planted", [torch.inf, -torch.inf, torch.nan])
def test_one_bad_element_spreads_as_it_does_in_torch(planted):
    parameters = problem()
    parameters[0].grad[0, 0] = planted
    oracle = copy.deepcopy(parameters)
    for ours, theirs in zip(parameters, oracle, strict=True):
        theirs.grad = ours.grad.clone()
    nn.utils.clip_grad_norm_(oracle, 1.0)
    report = Clipper("norm").clip(parameters, 1.0)
    for ours, theirs in zip(gradients(parameters), gradients(oracle), strict=True):
        assert torch.equal(ours.isnan(), theirs.isnan())
        assert torch.equal(ours.nan_to_num(), theirs.nan_to_num())
    assert not report.norm_before.isfinite()
    elements = torch.cat([g.flatten() for g in gradients(parameters)])
    if planted != planted:
        assert elements.isnan().all()
    else:
        assert int(elements.isnan().sum()) == 1
        assert int((elements == 0).sum()) == len(elements) - 1


@pytest.mark.parametrize("rule", ["norm", "value", "agc", "percentile"])
@pytest.mark.parametrize("threshold", [0.05, 1e6])
def test_the_report_says_what_happened_to_the_gradient(rule, threshold):
    parameters = problem()
    raw = gradients(parameters)
    report = Clipper(rule, updates=1).clip(parameters, threshold)
    before = torch.cat([g.flatten() for g in raw]).norm()
    after = torch.cat([g.flatten() for g in gradients(parameters)]).norm()
    torch.testing.assert_close(report.norm_before, before)
    torch.testing.assert_close(report.norm_after, after)
    torch.testing.assert_close(report.coefficient, after / before)
    torch.testing.assert_close(report.norms, torch.stack([g.norm() for g in raw]))


@pytest.mark.parametrize("rule", ["norm", "value", "agc"])
@pytest.mark.parametrize("scale", [1e-5, 0.1, 1.0])
def test_a_gradient_within_the_limit_is_not_counted_as_shortened(rule, scale):
    parameters = problem(scale=scale)
    raw = gradients(parameters)
    report = Clipper(rule).clip(parameters, 1e6)
    assert same(gradients(parameters), raw)
    assert float(report.coefficient) == 1.0


@pytest.mark.parametrize("rule", ["norm", "value", "agc", "percentile"])
def test_a_gradient_of_zeros_stays_zero_and_its_coefficient_finite(rule):
    parameters = problem(scale=0.0)
    report = Clipper(rule, updates=1).clip(parameters, 1.0)
    assert not any(g.any() for g in gradients(parameters))
    assert 0 <= float(report.coefficient) <= 1


@pytest.mark.parametrize(("rule", "threshold"), [("none", 1.0), ("norm", 0.0), ("value", 0.0)])
def test_no_rule_or_no_threshold_leaves_the_gradient_alone(rule, threshold):
    parameters = problem()
    raw = gradients(parameters)
    report = Clipper(rule).clip(parameters, threshold)
    assert same(gradients(parameters), raw)
    assert float(report.coefficient) == 1.0
    assert torch.equal(report.norm_before, report.norm_after)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("ratio", [0.01, 0.5])
def test_adaptive_clipping_against_a_slow_loop_over_units(seed, ratio):
    parameters = problem(seed)
    raw = gradients(parameters)
    Clipper("agc").clip(parameters, ratio)
    for index, (parameter, before) in enumerate(zip(parameters, raw, strict=True)):
        if index >= len(parameters) - 2:  # the output matrix and its bias are left alone
            assert torch.equal(parameter.grad, before)
            continue
        pairs = [(parameter.detach(), before, parameter.grad)]
        if parameter.ndim > 1:
            pairs = list(zip(parameter.detach(), before, parameter.grad, strict=True))
        for weights, gradient, clipped in pairs:
            limit = ratio * max(float(weights.norm()), 1e-3)
            factor = min(1.0, limit / float(gradient.norm()))
            torch.testing.assert_close(clipped, gradient * factor)


@pytest.mark.parametrize("percentile", [10.0, 50.0, 90.0])
def test_the_percentile_rule_against_numpy_on_the_history(percentile):
    clipper = Clipper("percentile", percentile=percentile, updates=40)
    history = []
    for step in range(40):
        parameters = problem(seed=step, scale=1 + step % 7)
        history.append(float(gradient_norms(parameters).norm()))
        expected = np.percentile(history, percentile)
        if step < CAPPED_UPDATES:
            expected = min(expected, 5.0)
        report = clipper.clip(parameters, 5.0)
        assert float(report.threshold) == pytest.approx(expected, rel=1e-5)
        assert float(report.norm_after) <= expected * (1 + 1e-5)


def test_the_percentile_rule_survives_norms_that_are_not_finite():
    clipper = Clipper("percentile", percentile=50.0, updates=3)
    limits = []
    for planted in (None, torch.nan, None):
        parameters = problem()
        if planted is not None:
            parameters[0].grad[0, 0] = planted
        limits.append(float(clipper.clip(parameters, 4.0).threshold))
    assert limits == [4.0, 4.0, 4.0]


def test_norm_clipping_keeps_the_direction_and_value_clipping_does_not():
    cosines = {}
    for rule in ("norm", "value"):
        parameters = problem()
        raw = torch.cat([g.flatten() for g in gradients(parameters)])
        Clipper(rule).clip(parameters, 0.1)
        clipped = torch.cat([g.flatten() for g in gradients(parameters)])
        cosines[rule] = float(torch.cosine_similarity(raw, clipped, dim=0))
    assert cosines["norm"] == pytest.approx(1, abs=1e-6)
    assert cosines["value"] < 0.95
