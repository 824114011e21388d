from collections import Counter

import pytest
import torch

from core.data.pair_batch import make_pair_batch, padded
from core.data.pair_task import PairTask
from core.data.pairs import Pair
from core.text.words import BOS, EOS, PAD, UNKNOWN, WordVocabulary


def pair(length, word="a"):
    return Pair((word,) * length, (word.upper(),) * length)


PAIRS = [pair(1 + i % 5) for i in range(37)]
SOURCE = WordVocabulary.of(p.source for p in PAIRS)
TARGET = WordVocabulary.of(p.target for p in PAIRS)


def epoch(seed, size=4):
    task = PairTask(PAIRS, SOURCE, TARGET)
    batches, seen = task.batches(size, seed), []
    while sum(len(batch.targets) for batch in seen) < len(PAIRS):
        seen.append(next(batches))
    return seen


def test_a_batch_by_hand():
    batch = make_pair_batch([pair(2), pair(1, "b")], SOURCE, TARGET)
    a, capital = SOURCE.encode(["a"])[0], TARGET.encode(["A"])[0]
    assert batch.inputs.source_BS.tolist() == [[a, a, EOS], [UNKNOWN, EOS, PAD]]
    assert batch.inputs.target_BT.tolist() == [[BOS, capital, capital], [BOS, UNKNOWN, PAD]]
    assert batch.targets.tolist() == [[capital, capital, EOS], [UNKNOWN, EOS, PAD]]


def test_an_epoch_holds_every_pair_once():
    lengths = [int(n) for b in epoch(0) for n in (b.inputs.source_BS != PAD).sum(1) - 1]
    assert Counter(lengths) == Counter(len(p.source) for p in PAIRS)


def test_most_batches_hold_one_length_so_that_nothing_is_padded():
    whole = [bool((batch.inputs.source_BS != PAD).all()) for batch in epoch(0)]
    assert sum(whole) >= len(whole) - 3


def test_a_seed_gives_the_same_batches_and_another_gives_others():
    def ids(seed):
        return [batch.targets.tolist() for batch in epoch(seed)]

    assert ids(3) == ids(3)
    assert ids(3) != ids(4)


def test_the_loss_is_the_mean_over_real_words():
    task = PairTask(PAIRS, SOURCE, TARGET)
    batch = make_pair_batch([pair(2), pair(1)], SOURCE, TARGET)
    logits = torch.zeros(2, 3, TARGET.size)
    assert float(task.loss(logits, batch)) == pytest.approx(torch.log(torch.tensor(5.0)).item())
    changed = logits.clone()
    changed[1, 2] = 100 * torch.randn(TARGET.size)  # behind the end
    assert float(task.loss(changed, batch)) == float(task.loss(logits, batch))


def test_no_rows_are_an_empty_tensor():
    assert padded([]).shape == (0, 0)
