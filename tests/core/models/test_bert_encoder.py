import pytest
import torch
from tiny_encoders import TEXTS, WORDS, tiny_bert
from tiny_pretrained import transformers_or_skip

from core.models.bert_encoder import load_minilm, renamed
from core.models.encoder_files import encoder_files, encoder_is_installed
from core.models.open_encoder import open_encoder
from core.models.sentence_encoder import inside, mean_state

needs_the_package = pytest.mark.skipif(
    not encoder_is_installed(), reason="needs pip install -r requirements-encoder.txt"
)
LONG = "the plot " * 40


@pytest.fixture(scope="module")
def encoder():
    return tiny_bert()


def read(encoder, texts):
    inputs = encoder.inputs(encoder.encode(texts))
    return encoder(inputs), inputs


def test_a_text_becomes_pieces_between_its_marks(encoder):
    assert encoder.encode(["good film", "", "xyz"]) == [[2, 4, 6, 3], [2, 3], [2, 1, 3]]
    assert encoder.pieces("good xyz") == ["[CLS]", "good", "[UNK]", "[SEP]"]
    assert encoder.encode([]) == []


def test_a_long_text_is_cut_and_keeps_its_end_mark(encoder):
    fits, cut = encoder.encode([" ".join(WORDS), LONG])
    assert len(fits) == len(cut) == encoder.most_pieces
    assert (cut[0], cut[-1]) == (2, 3)
    assert encoder.count_cut([" ".join(WORDS), LONG, "a " + " ".join(WORDS)]) == 2


def test_it_never_reads_more_pieces_than_it_has_positions():
    encoder = tiny_bert(most_pieces=256)
    assert encoder.most_pieces == len(encoder.encode([LONG])[0]) == 24
    assert read(encoder, [LONG])[0].isfinite().all()


def test_half_a_character_is_a_text_like_any_other(encoder):
    assert len(encoder.encode(["good \ud800 film"])[0]) == 5


def test_neither_padding_nor_neighbours_change_a_state(encoder):
    states, inputs = read(encoder, TEXTS)
    for row, text in enumerate(TEXTS):
        alone, own = read(encoder, [text])
        torch.testing.assert_close(states[row, : own.lengths_B[0]], alone[0], atol=1e-5, rtol=0)
    torch.testing.assert_close(
        mean_state(states, inputs.lengths_B)[1], states[1, : inputs.lengths_B[1]].mean(0)
    )


def test_the_lower_layers_and_then_the_upper_ones_are_the_whole_pass(encoder):
    states, inputs = read(encoder, TEXTS)
    for split in range(5):
        lower = encoder.run(encoder.embed(inputs), inputs.lengths_B, last=split)
        assert torch.equal(encoder.run(lower, inputs.lengths_B, first=split), states)


def test_attention_rows_sum_to_1_and_padding_gets_nothing(encoder):
    inputs = encoder.inputs(encoder.encode(TEXTS))
    weights = encoder.attention(inputs)
    assert weights.shape[:2] == (len(TEXTS), len(encoder.maps)) == (len(TEXTS), 8)
    torch.testing.assert_close(weights.sum(-1), torch.ones(weights.shape[:3]))
    outside = ~inside(inputs.lengths_B, weights.shape[-1])[:, None, None].expand_as(weights)
    assert (weights[outside] == 0).all()


def test_attention_is_what_the_fused_kernel_uses(encoder):
    inputs = encoder.inputs(encoder.encode(TEXTS[2:3]))
    block, states = encoder.layers[0], encoder.embed(inputs)
    mask = inside(inputs.lengths_B, states.shape[1])
    value = block.projections(states)[..., 32:].unflatten(-1, (2, -1)).transpose(1, 2)
    context = block.context((block.attention(states, mask) @ value).transpose(1, 2).flatten(2))
    middle = block.context_norm(states + context)
    by_hand = block.outer_norm(middle + block.outer(torch.nn.functional.gelu(block.inner(middle))))
    torch.testing.assert_close(block(states, mask), by_hand, atol=1e-5, rtol=0)


def test_dropout_is_off_and_no_weight_takes_a_gradient(encoder):
    assert torch.equal(read(encoder, TEXTS)[0], read(encoder, TEXTS)[0])
    assert not read(encoder, TEXTS)[0].requires_grad


def test_a_tunable_copy_shares_all_that_does_not_learn(encoder):
    twin = encoder.tunable(encoder.blocks()[2:])
    for (name, weight), other in zip(encoder.named_parameters(), twin.parameters(), strict=True):
        learns = name.startswith(("layers.2", "layers.3"))
        assert other.requires_grad == learns
        assert (other is weight) != learns
        assert torch.equal(other, weight)
        assert not weight.requires_grad
    assert twin.tokenizer is encoder.tokenizer


def test_it_is_the_bert_of_transformers():
    transformers = transformers_or_skip()
    torch.manual_seed(0)
    theirs = transformers.BertModel(
        transformers.BertConfig(
            vocab_size=14,
            hidden_size=16,
            num_attention_heads=2,
            num_hidden_layers=4,
            intermediate_size=32,
            max_position_embeddings=24,
            initializer_range=0.5,
        ),
        add_pooling_layer=False,
    ).eval()
    ours = tiny_bert()
    ours.load_state_dict(renamed(theirs.state_dict(), layers=4))
    states, inputs = read(ours, TEXTS)
    mask = inside(inputs.lengths_B, states.shape[1])
    with torch.no_grad():
        said = theirs(inputs.pieces_BT, attention_mask=mask.long()).last_hidden_state
    torch.testing.assert_close(states[mask], said[mask], atol=1e-5, rtol=0)


@needs_the_package
def test_the_packaged_encoder_is_the_model_that_transformers_opens():
    transformers = transformers_or_skip()
    folder = str(encoder_files().weights.parent)
    theirs = transformers.AutoModel.from_pretrained(folder, attn_implementation="eager").eval()
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    ours = open_encoder()
    texts = ["A film that is not bad at all.", "", "Dull!", LONG]
    assert ours.encode(texts) == tokenizer(texts, truncation=True, max_length=256).input_ids
    states, inputs = read(ours, texts)
    mask = inside(inputs.lengths_B, states.shape[1])
    with torch.no_grad():
        said = theirs(inputs.pieces_BT, attention_mask=mask.long(), output_attentions=True)
    torch.testing.assert_close(states[mask], said.last_hidden_state[mask], atol=1e-5, rtol=0)
    weights = ours.attention(inputs)
    rows = mask[:, None, :, None].expand_as(weights)
    torch.testing.assert_close(
        weights[rows], torch.cat(said.attentions, 1)[rows], atol=1e-5, rtol=0
    )
    assert sum(weight.numel() for weight in ours.parameters()) == 22_565_376


@needs_the_package
def test_the_packaged_encoder_puts_films_together_and_markets_apart():
    encoder = load_minilm(most_pieces=64)
    texts = ["a wonderful film", "this movie was great", "stocks fell on monday"]
    states, inputs = read(encoder, texts)
    film, movie, stocks = torch.nn.functional.normalize(mean_state(states, inputs.lengths_B))
    assert film @ movie > 0.5 > 0.2 > film @ stocks
    assert encoder.pieces("Unwatchable") == [
        "[CLS]", "un", "##watch", "##able", "[SEP]",
    ]  # fmt: skip


@needs_the_package
def test_the_packaged_encoder_is_opened_once():
    assert open_encoder() is open_encoder(" ")
    assert open_encoder(most_pieces=16).most_pieces == 16
