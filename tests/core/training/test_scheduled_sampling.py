import pytest
import torch

from core.data.pair_batch import PairBatch, PairInputs
from core.models.build_translator import build_translator
from core.models.translators import find_translator
from core.text.words import BOS, PAD
from core.training.scheduled_sampling import sampled_batch, sampling_probability


@pytest.mark.parametrize("kind", ["linear", "inverse-sigmoid"])
def test_the_probability_rises_from_nothing_to_its_end(kind):
    shares = [sampling_probability(kind, at / 20, 0.3) for at in range(21)]
    assert shares[0] == 0
    assert shares[-1] == pytest.approx(0.3)
    assert shares == sorted(shares)


def test_inverse_sigmoid_is_slow_at_both_ends():
    early, middle, late = (
        sampling_probability("inverse-sigmoid", at, 1.0) for at in (0.1, 0.5, 0.9)
    )
    assert early < 0.1
    assert middle == pytest.approx(0.5, abs=0.02)
    assert late > 0.9


def test_without_sampling_it_is_nothing():
    assert sampling_probability("none", 0.9, 0.3) == 0


def material():
    model = build_translator(find_translator("plain"), source_size=9, target_size=9, hidden=8)
    source = torch.full((3, 4), 5)
    words = torch.tensor([[BOS, 4, 5, 6], [BOS, 7, 8, PAD], [BOS, 4, 4, 4]])
    return model, PairBatch(PairInputs(source, words), torch.full((3, 4), 6))


def test_all_words_but_the_start_and_padding_become_the_models_own():
    model, batch = material()
    with torch.no_grad():
        own = model(batch.inputs).argmax(-1)
    mixed = sampled_batch(model, batch, 1.0, torch.Generator())
    assert mixed.inputs.target_BT[:, 0].tolist() == [BOS] * 3
    assert int(mixed.inputs.target_BT[1, 3]) == PAD
    assert mixed.inputs.target_BT[0, 1:].tolist() == own[0, :-1].tolist()
    assert mixed.targets is batch.targets


def test_a_share_of_nothing_is_the_batch_itself():
    model, batch = material()
    assert sampled_batch(model, batch, 0.0, torch.Generator()) is batch
