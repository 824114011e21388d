import math
from itertools import islice

import pytest
import torch
from torch.nn.functional import cross_entropy

from core.data.text_batch import make_text_inputs
from core.data.text_task import POOL, TextTask
from core.text.words import PAD

GENERATOR = torch.Generator().manual_seed(0)
LENGTHS = torch.randint(1, 60, (500,), generator=GENERATOR).tolist()
ROWS = [[10 + at, *[5] * (length - 1)] for at, length in enumerate(LENGTHS)]
LABELS = [at % 3 for at in range(len(ROWS))]


def task(**options):
    return TextTask(ROWS, LABELS, **options)


def epoch(one, size, seed=0, skip=0):
    steps = one.steps(size)
    return list(islice(one.batches(size, seed), skip * steps, (skip + 1) * steps))


def texts_of(batches):
    return [row for batch in batches for row in batch.inputs.words_BT[:, 0].tolist()]


def padding(batches):
    cells = sum(batch.inputs.words_BT.numel() for batch in batches)
    return 1 - sum(int(batch.inputs.lengths_B.sum()) for batch in batches) / cells


def test_rows_become_a_tensor_by_hand():
    texts = make_text_inputs([[5, 6, 7], [8]])
    assert texts.words_BT.tolist() == [[5, 6, 7], [8, PAD, PAD]]
    assert texts.lengths_B.tolist() == [3, 1]
    assert make_text_inputs([[5], [6]], pad_to=3).words_BT.tolist() == [[5, 0, 0], [6, 0, 0]]
    assert make_text_inputs([[5, 6]], pad_to=1).words_BT.tolist() == [[5, 6]]
    padded = texts.with_pads(2)
    assert padded.words_BT.shape == (2, 5)
    assert texts.words_BT.shape == (2, 3)
    assert padded.lengths_B.tolist() == [3, 1]


@pytest.mark.parametrize("pad_to", [0, 60])
@pytest.mark.parametrize("size", [1, 7, 50, 500, 1000])
def test_every_text_comes_once_an_epoch(size, pad_to):
    one = task(pad_to=pad_to)
    for skip in range(2):
        batches = epoch(one, size, skip=skip)
        assert sorted(texts_of(batches)) == [10 + at for at in range(len(ROWS))]
        assert max(len(batch.labels_B) for batch in batches) <= size
    assert one.steps(size) == math.ceil(len(ROWS) / size)


@pytest.mark.parametrize("pad_to", [0, 60])
def test_a_text_keeps_its_label_and_its_words(pad_to):
    for batch in epoch(task(pad_to=pad_to), 32):
        for words, length, label in zip(*batch.inputs, batch.labels_B.tolist(), strict=True):
            at = int(words[0]) - 10
            assert words[:length].tolist() == ROWS[at]
            assert not words[length:].any()
            assert label == LABELS[at]


def test_batches_hold_texts_of_about_one_length_so_that_padding_is_rare():
    sorted_, random = (padding(epoch(task(pad_to=pad), 20)) for pad in (0, 1))
    assert sorted_ < 0.1
    assert random > 0.3


def test_batches_come_in_no_order_of_length():
    batches = epoch(task(), 25)
    assert len(batches) == POOL  # which are sorted together
    means = [float(batch.inputs.lengths_B.float().mean()) for batch in batches]
    assert means != sorted(means)
    assert means != sorted(means, reverse=True)


def test_padded_to_a_length_every_batch_has_it():
    shapes = {batch.inputs.words_BT.shape[1] for batch in epoch(task(pad_to=80), 32)}
    assert shapes == {80}


def test_a_seed_gives_its_order_and_each_epoch_another():
    assert texts_of(epoch(task(), 16)) == texts_of(epoch(task(), 16))
    assert texts_of(epoch(task(), 16)) != texts_of(epoch(task(), 16, seed=1))
    assert texts_of(epoch(task(), 16)) != texts_of(epoch(task(), 16, skip=1))


def test_in_order_the_texts_come_once_the_shortest_first():
    batches = list(task().in_order(64))
    lengths = [n for batch in batches for n in batch.inputs.lengths_B.tolist()]
    assert lengths == sorted(LENGTHS)
    assert sorted(texts_of(batches)) == [10 + at for at in range(len(ROWS))]


def test_the_loss_is_the_mean_cross_entropy_of_the_labels():
    batch = task().batch([0, 1, 2])
    logits = torch.randn(3, 3, generator=GENERATOR)
    assert task().loss(logits, batch) == cross_entropy(logits, torch.tensor([0, 1, 2]))
    even = task().loss(torch.zeros(3, 3), batch)
    assert float(even) == pytest.approx(math.log(3))
    assert task().error_at_lag(logits, batch) is None


def test_a_batch_stays_where_it_is_asked_to_be():
    batch = task().batch([0, 1])
    assert batch.to(torch.device("cpu")) is batch
    moved = batch.to(torch.device("meta"))
    assert {t.device.type for t in (*moved.inputs, moved.labels_B)} == {"meta"}
