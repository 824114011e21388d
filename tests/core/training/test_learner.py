import pytest
import torch
from torch import nn

from core.data.memory import AnalogMemory
from core.models.build import build_model
from core.models.catalogue import find_spec
from core.training.clipping import Clipper
from core.training.learner import Learner, build_optimizer

TASK = AnalogMemory(10)
BATCH = TASK.batch(8, torch.Generator().manual_seed(0))


def learner(rule="norm", optimizer="sgd", rate=0.1, **options):
    model = build_model(
        find_spec("lstm"),
        input_size=2,
        output_size=1,
        vocabulary_size=None,
        hidden=16,
        layers=1,
        horizon=10,
        seed=0,
    )
    return Learner(
        name="lstm",
        model=model,
        optimizer=build_optimizer(optimizer, model, rate),
        clipper=Clipper(rule, updates=100),
        **options,
    )


def weights(one):
    return torch.cat([p.detach().flatten() for p in one.parameters])


def update(one, step=1, threshold=1.0, inject=0.0):
    return one.update(TASK, BATCH, step=step, threshold=threshold, inject=inject)


@pytest.mark.parametrize("kind", [1.0, 2.0])
def test_skipping_leaves_the_weights_as_they_were(kind):
    one = learner(nonfinite="skip")
    before = weights(one)
    row = update(one, inject=kind)
    assert torch.equal(weights(one), before)
    assert not row["norm_before"].isfinite()
    update(one)
    assert weights(one).isfinite().all()
    assert not torch.equal(weights(one), before)


@pytest.mark.parametrize("kind", [1.0, 2.0])
def test_propagating_makes_them_nan(kind):
    one = learner(nonfinite="propagate")
    update(one, inject=kind)
    spread = weights(one).isnan()
    assert spread.any()
    assert spread.all() or kind == 1.0


def test_an_infinite_gradient_has_an_infinite_norm_and_a_nan_one_a_nan():
    assert update(learner(), inject=1.0)["norm_before"].isinf()
    assert update(learner(), inject=2.0)["norm_before"].isnan()


def test_an_update_is_sgd_by_hand():
    one = learner(rate=0.1)
    before = [p.detach().clone() for p in one.parameters]
    row = update(one, threshold=0.0)
    for parameter, start in zip(one.parameters, before, strict=True):
        torch.testing.assert_close(parameter.detach(), start - 0.1 * parameter.grad)
    assert float(row["coefficient"]) == 1.0


def test_the_size_of_an_update_and_the_cosine_are_what_they_say():
    one = learner(rate=0.5, compare=True, norms=True)
    before = weights(one)
    row = update(one, threshold=0.01)
    moved = (weights(one) - before).norm()
    torch.testing.assert_close(row["update_size"], moved)
    assert float(row["update_size"]) == pytest.approx(0.5 * 0.01, rel=1e-3)
    assert float(row["cosine"]) == pytest.approx(1, abs=1e-4)


def test_comparing_is_done_at_the_first_ten_updates_and_then_at_every_tenth():
    one = learner(compare=True)
    sampled = [step for step in range(1, 41) if "cosine" in update(one, step=step)]
    assert sampled == [*range(1, 11), 20, 30, 40]


def test_norms_are_told_by_parameter():
    one = learner(norms=True)
    row = update(one)
    parts = torch.stack([row[f"norm:{name}"] for name in one.names])
    torch.testing.assert_close(parts.norm(), row["norm_before"])
    assert "norm:recurrent.weight_hh_l0" in row


def test_the_learning_rate_reaches_every_group():
    one = learner(rate=0.1)
    before = weights(one)
    one.set_learning_rate(0.0)
    update(one)
    assert torch.equal(weights(one), before)


@pytest.mark.parametrize(
    ("name", "kind", "momentum"),
    [("sgd", torch.optim.SGD, 0.0), ("momentum", torch.optim.SGD, 0.9), ("adam", None, None)],
)
def test_an_optimizer_is_torchs_own(name, kind, momentum):
    optimizer = build_optimizer(name, nn.Linear(1, 1), 0.3)
    assert isinstance(optimizer, kind or torch.optim.Adam)
    assert optimizer.param_groups[0]["lr"] == 0.3
    assert optimizer.param_groups[0].get("momentum") == momentum


def test_a_fused_adam_makes_the_same_updates():
    found = []
    for fused in (False, True):
        one = learner()
        one.optimizer = build_optimizer("adam", one.model, 1e-2, fused=fused)
        for step in range(1, 6):
            update(one, step=step)
        found.append(weights(one))
        assert bool(one.optimizer.param_groups[0]["fused"]) == fused
    torch.testing.assert_close(*found, rtol=1e-5, atol=1e-6)
