import pytest
import torch
from torch import nn

from core.data.batch import Batch
from core.data.language import LanguageModeling
from core.data.memory import AnalogMemory
from core.models.build import build_model
from core.models.catalogue import CATALOGUE, find_spec
from core.models.recurrent import RecurrentModel, recurrent_weight

NUMBERS = AnalogMemory(10)
CHARACTERS = LanguageModeling(torch.arange(500) % 7, 7, 10)


def build(name, task=NUMBERS, **options):
    settings = {"hidden": 16, "layers": 1, "horizon": 10, "seed": 0, **options}
    return build_model(
        find_spec(name),
        input_size=task.input_size,
        output_size=task.output_size,
        vocabulary_size=task.vocabulary_size,
        **settings,
    )


def weights(model):
    return torch.cat([p.detach().flatten() for p in model.parameters()])


@pytest.mark.parametrize("task", [NUMBERS, CHARACTERS], ids=["numbers", "characters"])
@pytest.mark.parametrize("name", CATALOGUE)
def test_every_model_builds_answers_at_every_step_and_learns_from_one(name, task):
    model = build(name, task, layers=2)
    batch = task.batch(4, torch.Generator().manual_seed(0))
    outputs_TBO = model(batch.inputs)
    assert outputs_TBO.shape == (*batch.inputs.shape[:2], task.output_size)
    loss = task.loss(outputs_TBO, batch)
    loss.backward()
    assert all(p.grad is not None for p in model.parameters())
    optimizer = torch.optim.SGD(model.parameters(), 0.01)
    optimizer.step()
    assert task.loss(model(batch.inputs), batch).item() < loss.item()


@pytest.mark.parametrize("name", CATALOGUE)
def test_equal_arguments_give_equal_weights_whatever_the_global_generator(name):
    one = build(name)
    torch.rand(17)
    build("gru")
    assert torch.equal(weights(one), weights(build(name)))
    assert not torch.equal(weights(one), weights(build(name, seed=1)))


@pytest.mark.parametrize("name", CATALOGUE)
def test_building_leaves_the_global_generator_as_it_was(name):
    before = torch.get_rng_state()
    build(name)
    assert torch.equal(torch.get_rng_state(), before)


def test_both_directions_reach_the_head():
    model = build("lstm", bidirectional=True)
    assert model.head.in_features == 32
    inputs_TBI = torch.randn(5, 1, 2)
    other_TBI = inputs_TBI.clone()
    other_TBI[-1] += 1
    assert not torch.equal(model(inputs_TBI)[0], model(other_TBI)[0])


@pytest.mark.parametrize("name", CATALOGUE)
def test_no_model_looks_ahead(name):
    model = build(name, CHARACTERS, layers=2).eval()
    inputs_TB = torch.randint(0, 7, (10, 2), generator=torch.Generator().manual_seed(0))
    changed_TB = inputs_TB.clone()
    changed_TB[6:] = (changed_TB[6:] + 1) % 7
    with torch.no_grad():
        outputs_TBO, changed_TBO = model(inputs_TB), model(changed_TB)
    assert torch.allclose(outputs_TBO[:6], changed_TBO[:6], atol=1e-6)
    assert not torch.allclose(outputs_TBO[6:], changed_TBO[6:], atol=1e-3)


def test_a_transformer_knows_where_a_character_stands():
    model = build("transformer", CHARACTERS)
    with torch.no_grad():
        outputs_TBO = model(torch.full((10, 1), 3))
    assert not torch.allclose(outputs_TBO[0], outputs_TBO[9])


def test_a_transformer_reads_twice_the_trained_length_and_one_more():
    assert build("transformer")(torch.zeros(21, 1, 2)).shape == (21, 1, 1)


def test_the_recurrent_weight_is_the_parameter_itself():
    model = build("gru")
    assert recurrent_weight(model.recurrent) is model.recurrent.weight_hh_l0


def test_features_are_the_numbers_themselves_or_the_embedded_characters():
    numbers = torch.randn(4, 2, 2)
    assert build("rnn").features(numbers) is numbers
    model = build("rnn", CHARACTERS)
    assert model.features(torch.zeros(4, 2, dtype=torch.long)).shape == (4, 2, 32)
    assert isinstance(model, RecurrentModel)
    assert isinstance(model.embedding, nn.Embedding)


def test_a_batch_moves_whole():
    batch = Batch(torch.zeros(2), torch.zeros(1)).to(torch.device("meta"))
    assert (batch.inputs.device.type, batch.targets.device.type) == ("meta", "meta")
