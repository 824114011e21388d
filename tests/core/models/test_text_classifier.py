import random

import pytest
import torch
from small_texts import LENGTHS, SIZES, VOCABULARY, random_rows, random_texts, small

from core.data.text_batch import make_text_inputs
from core.models.build_classifier import build_classifier
from core.models.classifiers import CLASSIFIERS, KERNELS
from core.text.words import PAD

NEURAL = [name for name, spec in CLASSIFIERS.items() if spec.is_neural]
RIGHT = [name for name in NEURAL if not CLASSIFIERS[name].naive]
NAIVE = [name for name in NEURAL if CLASSIFIERS[name].naive]


@torch.no_grad()
def logits(model, texts):
    return model(texts)


@pytest.mark.parametrize("layers", [1, 2])
@pytest.mark.parametrize("classes", [2, 3])
@pytest.mark.parametrize("name", NEURAL)
def test_each_text_gets_a_logit_of_each_class(name, classes, layers):
    found = logits(small(name, classes=classes, layers=layers), random_texts())
    assert found.shape == (len(LENGTHS), classes)
    assert found.isfinite().all()


@pytest.mark.parametrize("name", NEURAL)
def test_a_model_reads_what_it_embedded(name):
    model, texts = small(name), random_texts()
    halves = model.read(model.embed(texts.words_BT), texts.lengths_B)
    torch.testing.assert_close(halves, model(texts), atol=1e-6, rtol=0)


@pytest.mark.parametrize("pads", [1, 5, 60, 400])
@pytest.mark.parametrize("layers", [1, 2])
@pytest.mark.parametrize("name", RIGHT)
def test_padding_changes_nothing(name, layers, pads):
    model = small(name, layers=layers)
    plain, padded = (logits(model, random_texts(pads=p)) for p in (0, pads))
    torch.testing.assert_close(padded, plain, atol=1e-6, rtol=0)


@pytest.mark.parametrize("name", RIGHT)
def test_what_stands_in_the_padding_is_not_read(name):
    model = small(name)
    texts = random_texts(pads=3)
    features = model.embed(texts.words_BT)
    is_padding = torch.arange(features.shape[1]) >= texts.lengths_B[:, None]
    spoilt = features.masked_fill(is_padding[..., None], 7.0)
    torch.testing.assert_close(
        model.read(spoilt, texts.lengths_B),
        model.read(features, texts.lengths_B),
        atol=1e-6,
        rtol=0,
    )


@pytest.mark.parametrize("name", RIGHT)
def test_who_else_is_in_the_batch_changes_nothing(name):
    model, rows = small(name), random_rows()
    together = logits(model, make_text_inputs(rows))
    alone = torch.cat([logits(model, make_text_inputs([row])) for row in rows])
    torch.testing.assert_close(together, alone, atol=1e-6, rtol=0)


@pytest.mark.parametrize("name", NAIVE)
def test_a_model_as_written_reads_the_padding(name):
    model = small(name)
    plain, padded = (logits(model, random_texts(pads=pads)) for pads in (0, 9))
    assert (plain - padded).abs().max() > 1e-3


@pytest.mark.parametrize("name", RIGHT)
def test_padding_is_a_zero_that_learns_nothing(name):
    model, texts = small(name), random_texts(pads=2)
    assert not model.embedding.weight[PAD].any()
    model(texts).square().sum().backward()
    assert not model.embedding.weight.grad[PAD].any()


@pytest.mark.parametrize("name", NAIVE)
def test_as_written_padding_is_a_word_of_full_size_that_learns(name):
    model, texts = small(name), random_texts(pads=2)
    assert model.embedding.weight[PAD].norm() > 0.5
    model(texts).square().sum().backward()
    assert model.embedding.weight.grad[PAD].any()


@pytest.mark.parametrize("name", NEURAL)
def test_every_parameter_learns(name):
    model = small(name, classes=3, layers=2).train()
    model(random_texts(lengths=(6, 9, 12))).square().sum().backward()
    assert all(parameter.grad.any() for parameter in model.parameters())


@pytest.mark.parametrize("name", NEURAL)
def test_a_text_of_one_word_alone_is_read(name):
    assert logits(small(name), make_text_inputs([[5]])).isfinite().all()


def test_the_order_of_words_changes_no_bit_of_a_bag_of_words():
    model = small("bag-of-words")
    rows = random_rows(lengths=(2, 7, 30, 200))
    shuffled = [random.Random(i).sample(row, len(row)) for i, row in enumerate(rows)]
    before, after = (logits(model, make_text_inputs(each)) for each in (rows, shuffled))
    assert rows != shuffled
    assert torch.equal(before, after)


def test_a_bag_of_words_is_the_mean_of_its_words_by_hand():
    model = small("bag-of-words")
    with torch.no_grad():
        mean = model.embedding.weight[[4, 5, 5]].mean(0)
        expected = model.head.weight @ mean + model.head.bias
    torch.testing.assert_close(logits(model, make_text_inputs([[5, 4, 5], [9]]))[0], expected)


def test_the_other_models_see_the_order():
    rows = random_rows(lengths=(7, 9))
    for name in ("rnn", "lstm", "gru", "bilstm", "cnn", "transformer"):
        model = small(name)
        there, back = (
            logits(model, make_text_inputs(each)) for each in (rows, [row[::-1] for row in rows])
        )
        assert (there - back).abs().max() > 1e-3, name


def answers_by_hand(model, row, kernel, at):
    """Return what the filters of a kernel answer to the words from `at` on, zeros behind them."""
    convolution = model.convolutions[KERNELS.index(kernel)]
    words = model.embedding.weight[row[at : at + kernel]]
    window = torch.zeros(kernel, words.shape[1])
    window[: len(words)] = words
    products = convolution.weight * window.T
    return (products.sum((1, 2)) + convolution.bias).relu()


@torch.no_grad()
def test_a_window_is_what_its_words_say_by_hand():
    model, rows = small("cnn"), random_rows(lengths=(1, 2, 4, 9))
    texts = make_text_inputs(rows)
    windows = model.windows(model.embed(texts.words_BT), texts.lengths_B)
    for kernel, answers in zip(KERNELS, windows, strict=True):
        for each, row in zip(answers, rows, strict=True):
            count = max(1, len(row) - kernel + 1)
            for at in range(count):
                by_hand = answers_by_hand(model, row, kernel, at)
                torch.testing.assert_close(each[:, at], by_hand, atol=1e-5, rtol=0)
            assert not each[:, count:].any()


@torch.no_grad()
def test_a_cnn_reads_the_greatest_answer_of_each_filter():
    model, row = small("cnn"), random_rows(lengths=(9,))[0]
    best = [
        torch.stack([answers_by_hand(model, row, k, at) for at in range(10 - k)]).amax(0)
        for k in KERNELS
    ]
    expected = model.head(torch.cat(best))
    torch.testing.assert_close(logits(model, make_text_inputs([row]))[0], expected)


@torch.no_grad()
def test_a_transformers_attention_rows_sum_to_one_and_leave_padding_out():
    model, texts = small("transformer", layers=2), random_texts(pads=3)
    weights = model.attention(model.embed(texts.words_BT), texts.lengths_B)
    steps = texts.words_BT.shape[1]
    assert weights.shape == (len(LENGTHS), 2 * 4, steps, steps)
    torch.testing.assert_close(weights.sum(-1), torch.ones(weights.shape[:3]))
    for row, length in zip(weights, LENGTHS, strict=True):
        assert not row[..., length:].any()


@torch.no_grad()
def test_the_attention_that_is_shown_is_the_one_that_is_used():
    model, texts = small("transformer"), random_texts()
    block = model.blocks[0]
    features = model.embed(texts.words_BT)
    words, mask = model._started(features, texts.lengths_B)
    weights = model.attention(features, texts.lengths_B)
    _, values = block.attend.keys_values(block.norms[0](words))
    after = words + block.attend.joined(weights @ values)
    after = after + block.think(block.norms[1](after))
    torch.testing.assert_close(block(words, mask), after, atol=1e-5, rtol=0)


def test_attention_looks_everywhere_in_a_text_evenly_where_keys_are_equal():
    model = small("transformer")
    model.blocks[0].attend.key_value.weight.data.zero_()
    texts = make_text_inputs([[5, 6, 7, 8], [5, 6]])
    weights = model.attention(model.embed(texts.words_BT), texts.lengths_B)
    torch.testing.assert_close(weights[0], torch.full((4, 4, 4), 0.25))
    torch.testing.assert_close(weights[1, ..., :2], torch.full((4, 4, 2), 0.5))


@pytest.mark.parametrize("name", NEURAL)
def test_equal_arguments_build_equal_models_whatever_was_drawn_before(name):
    state = torch.get_rng_state()
    one = small(name, dropout=0.5).train()
    assert torch.equal(torch.get_rng_state(), state)
    torch.rand(7)
    other = small(name, dropout=0.5).train()
    for first, second in zip(one.parameters(), other.parameters(), strict=True):
        assert torch.equal(first, second)
    texts = random_texts()
    assert torch.equal(one(texts), other(texts))  # dropout is drawn alike, too
    assert not torch.equal(one(texts), one(texts))


def test_another_seed_builds_another_model():
    one, other = (small("lstm", seed=seed) for seed in (0, 1))
    assert not torch.equal(one.head.weight, other.head.weight)


@pytest.mark.parametrize("name", ["majority", "nb-svm", "pretrained-top"])
def test_what_has_no_layers_of_ours_is_not_built(name):
    with pytest.raises(AssertionError, match=name):
        build_classifier(
            CLASSIFIERS[name], SIZES, vocabulary_size=VOCABULARY, classes=2, layers=1, seed=0
        )
