import pytest
import torch
from torch import nn

from core.models.build import build_model
from core.models.catalogue import CATALOGUE, HEADS, find_spec
from core.models.positions import alibi_bias, rotated
from core.models.transformer import Block, TransformerModel

NAMES = tuple(name for name, spec in CATALOGUE.items() if spec.cell == "transformer")
UNLIMITED = tuple(name for name in NAMES if name != "transformer")


def build(name, *, layers=2, horizon=8, seed=0):
    model = build_model(
        find_spec(name),
        input_size=2,
        output_size=3,
        vocabulary_size=None,
        hidden=16,
        layers=layers,
        horizon=horizon,
        seed=seed,
    )
    assert isinstance(model, TransformerModel)
    return model


def numbers(steps, batch=3, seed=0):
    return torch.randn(steps, batch, 2, generator=torch.Generator().manual_seed(seed))


def answers(model, inputs_TBI):
    with torch.no_grad():
        return model(inputs_TBI)


def torchs_own(block):
    """The encoder layer of torch that has the block's weights."""
    layer = nn.TransformerEncoderLayer(16, HEADS, 64, dropout=0.0, norm_first=True)
    names = {
        "self_attn.in_proj_weight": block.query_key_value.weight,
        "self_attn.in_proj_bias": block.query_key_value.bias,
        "self_attn.out_proj.weight": block.out.weight,
        "self_attn.out_proj.bias": block.out.bias,
        "linear1.weight": block.widen.weight,
        "linear1.bias": block.widen.bias,
        "linear2.weight": block.narrow.weight,
        "linear2.bias": block.narrow.bias,
        "norm1.weight": block.attention_norm.weight,
        "norm1.bias": block.attention_norm.bias,
        "norm2.weight": block.feed_forward_norm.weight,
        "norm2.bias": block.feed_forward_norm.bias,
    }
    layer.load_state_dict(names)
    return layer


def test_learned_positions_answer_as_the_encoder_of_torch_does():
    model = build("transformer")
    inputs_TBI = numbers(12)
    mask_TT = nn.Transformer.generate_square_subsequent_mask(12)
    with torch.no_grad():
        words_TBD = model.embedding(inputs_TBI) + model.codes[:12, None]
        for block in model.blocks:
            words_TBD = torchs_own(block)(words_TBD, src_mask=mask_TT, is_causal=True)
        expected_TBO = model.head(model.norm(words_TBD))
    torch.testing.assert_close(answers(model, inputs_TBI), expected_TBO)


def test_a_block_draws_the_weights_that_the_layer_of_torch_draws():
    torch.manual_seed(3)
    block = Block(16)
    torch.manual_seed(3)
    layer = nn.TransformerEncoderLayer(16, HEADS, 64)
    for name, parameter in torchs_own(block).named_parameters():
        assert torch.equal(parameter, layer.get_parameter(name))


@pytest.mark.parametrize("name", ["transformer-rotary", "transformer-alibi"])
def test_a_block_attends_as_the_formula_says(name):
    model = build(name, layers=1)
    block = model.blocks[0]
    words_BTD = torch.randn(2, 7, 16)
    places_T = torch.arange(7)
    with torch.no_grad():
        parts = block.query_key_value(block.attention_norm(words_BTD)).chunk(3, -1)
        queries, keys, values = (part.view(2, 7, HEADS, 4).transpose(1, 2) for part in parts)
        if name == "transformer-rotary":
            queries, keys = rotated(queries, places_T), rotated(keys, places_T)
        scores_BHTT = queries @ keys.transpose(-1, -2) / 2
        if name == "transformer-alibi":
            scores_BHTT = scores_BHTT + alibi_bias(places_T, places_T, HEADS)
        scores_BHTT = scores_BHTT.masked_fill(places_T > places_T[:, None], -torch.inf)
        found_BTD = (scores_BHTT.softmax(-1) @ values).transpose(1, 2).flatten(2)
        middle_BTD = words_BTD + block.out(found_BTD)
        expected_BTD = middle_BTD + block.narrow(
            block.widen(block.feed_forward_norm(middle_BTD)).relu()
        )
        turned_by_T = places_T if name == "transformer-rotary" else None
        found_BTD = block(words_BTD, None, turned_by_T, model._bias(places_T, 0))
    torch.testing.assert_close(found_BTD, expected_BTD)


def test_past_its_table_a_model_has_no_answer_and_up_to_its_end_the_same():
    model = build("transformer")
    assert model.longest_input == 17
    whole_TBO = answers(model, numbers(25))
    assert whole_TBO.shape == (25, 3, 3)
    assert torch.equal(whole_TBO[:17], answers(model, numbers(25)[:17]))
    assert whole_TBO[17:].isnan().all()
    assert not whole_TBO[:17].isnan().any()


@pytest.mark.parametrize("name", UNLIMITED)
def test_the_other_positions_have_no_end(name):
    model = build(name)
    assert model.longest_input is None
    assert torch.isfinite(answers(model, numbers(200))).all()


@pytest.mark.parametrize("name", ["transformer-none", "transformer-alibi", "transformer-rotary"])
def test_only_where_there_are_positions_does_the_order_of_earlier_steps_matter(name):
    model = build(name, layers=1)
    inputs_TBI = numbers(9)
    shuffled_TBI = torch.cat([inputs_TBI[:8].flip(0), inputs_TBI[8:]])
    is_same = torch.allclose(answers(model, inputs_TBI)[8], answers(model, shuffled_TBI)[8])
    assert is_same == (name == "transformer-none")


def test_the_first_segment_is_read_as_rotary_positions_read_it():
    model, rotary = build("transformer-xl", horizon=20), build("transformer-rotary")
    rotary.load_state_dict(model.state_dict())
    assert model.segment == 5
    torch.testing.assert_close(answers(model, numbers(5)), answers(rotary, numbers(5)))


def test_a_segment_attends_to_the_one_before_as_in_one_window():
    model = build("transformer-xl", layers=1, horizon=20)
    rotary = build("transformer-rotary", layers=1)
    rotary.load_state_dict(model.state_dict())
    segments_TBO = answers(model, numbers(15))
    torch.testing.assert_close(segments_TBO[5:10], answers(rotary, numbers(15)[:10])[5:])
    torch.testing.assert_close(segments_TBO[10:], answers(rotary, numbers(15)[5:])[5:])


@pytest.mark.parametrize(("layers", "reach"), [(1, 1), (2, 2)])
def test_each_layer_reaches_one_segment_further_back(layers, reach):
    model = build("transformer-xl", layers=layers, horizon=16)  # segments of 4
    inputs_TBI = numbers(16)
    changed_TBI = inputs_TBI.clone()
    changed_TBI[:4] += 1
    moved_T = (answers(model, inputs_TBI) - answers(model, changed_TBI)).abs().amax((1, 2)) > 1e-6
    assert moved_T[: 4 * (reach + 1)].all()
    assert not moved_T[4 * (reach + 1) :].any()


def test_no_gradient_flows_through_the_cache():
    model = build("transformer-xl", horizon=16)
    inputs_TBI = numbers(8).requires_grad_()
    model(inputs_TBI)[4:].sum().backward()
    assert not inputs_TBI.grad[:4].any()
    assert inputs_TBI.grad[4:].any()


@pytest.mark.parametrize("name", NAMES)
def test_layers_begin_with_weights_of_their_own(name):
    first, second = build(name).blocks
    assert not torch.equal(first.widen.weight, second.widen.weight)
