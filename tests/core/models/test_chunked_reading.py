import pytest
import torch
from torch import nn

from core.errors import ConfigError
from core.models.chunked_reading import (
    READINGS,
    ChunkedReader,
    OverlappingReader,
    RobustLSTM,
    robust_as_written,
    robust_mended,
)
from core.models.recurrent import RecurrentModel

CELLS = {"lstm": nn.LSTM, "gru": nn.GRU, "rnn": nn.RNN}


def build(cell="lstm", layers=1, vocabulary=None):
    torch.manual_seed(0)
    return RecurrentModel(
        CELLS[cell](3, 5, layers), output_size=2, vocabulary_size=vocabulary
    ).eval()


def sequence(steps):
    return torch.randn(steps, 4, 3, generator=torch.Generator().manual_seed(steps))


@torch.no_grad()
def averaged(model, inputs, segment, overlap):
    """Cut every prefix into its segments, read each, and average what they say last."""
    said = []
    for end in range(1, len(inputs) + 1):
        starts = [0]
        while starts[-1] + segment < end:
            starts.append(starts[-1] + segment - overlap)
        last = [model(inputs[at : min(at + segment, end)])[-1] for at in starts]
        said.append(torch.stack(last).mean(0))
    return torch.stack(said)


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("layers", [1, 2])
def test_chunks_that_carry_the_state_say_what_one_pass_says(cell, layers):
    model, inputs = build(cell, layers), sequence(23)
    for chunk in (1, 4, 23, 100):
        torch.testing.assert_close(ChunkedReader(model, chunk)(inputs), model(inputs))


def test_ids_are_read_in_chunks_too():
    model = build(vocabulary=6)
    ids = torch.randint(6, (11, 2), generator=torch.Generator().manual_seed(0))
    torch.testing.assert_close(ChunkedReader(model, 4)(ids), model(ids))


@pytest.mark.parametrize("cell", CELLS)
def test_chunks_from_a_fresh_state_are_sequences_of_their_own(cell):
    model, inputs = build(cell), sequence(10)
    said = ChunkedReader(model, 4, carry=False)(inputs)
    apart = torch.cat([model(inputs[:4]), model(inputs[4:8]), model(inputs[8:])])
    torch.testing.assert_close(said, apart)
    assert not torch.allclose(said[4:], model(inputs)[4:])


def test_only_what_is_kept_of_a_chunk_outlives_it():
    model, inputs = build(), sequence(10)
    kept = ChunkedReader(model, 3).answers(inputs, lambda outputs_TBO: outputs_TBO.argmax(-1))
    assert torch.equal(kept, model(inputs).argmax(-1))


@pytest.mark.parametrize(("segment", "overlap"), [(5, 0), (5, 2), (5, 4), (30, 3), (23, 5)])
@pytest.mark.parametrize("cell", CELLS)
def test_overlapping_segments_average_what_the_segments_of_each_prefix_say(cell, segment, overlap):
    model, inputs = build(cell), sequence(23)
    said = OverlappingReader(model, segment, overlap)(inputs)
    torch.testing.assert_close(said, averaged(model, inputs, segment, overlap))


def test_up_to_one_segment_overlapping_is_one_pass():
    model, inputs = build(), sequence(20)
    said = OverlappingReader(model, 12, 4)(inputs)
    torch.testing.assert_close(said[:12], model(inputs)[:12])
    assert not torch.allclose(said[12:], model(inputs)[12:])


@pytest.mark.parametrize("overlap", [-1, 5, 7])
def test_segments_that_do_not_advance_are_refused(overlap):
    with pytest.raises(ConfigError, match=rf"overlap is {overlap}; it must be from 0 to 4"):
        OverlappingReader(build(), 5, overlap)


def test_the_class_as_written_returns_a_pair_or_the_last_chunk():
    model = build()
    robust = RobustLSTM(lambda inputs, hidden=None: model.read_from(inputs, hidden), 8)
    assert isinstance(robust.predict(sequence(8)), tuple)
    assert len(robust.predict(sequence(20))) == 4


def test_the_class_as_written_refuses_a_model_that_takes_its_input_alone():
    robust = RobustLSTM(build(), 8)
    assert len(robust.predict(sequence(8))) == 8
    with pytest.raises(TypeError):
        robust.predict(sequence(9))


@pytest.mark.parametrize("cell", CELLS)
def test_read_as_written_the_last_chunk_is_right_and_all_before_it_is_missing(cell):
    model, inputs = build(cell), sequence(20)
    said = robust_as_written(model, 8)(inputs)
    assert torch.isnan(said[:16]).all()
    torch.testing.assert_close(said[16:], model(inputs)[16:])
    torch.testing.assert_close(robust_as_written(model, 8)(inputs[:8]), model(inputs[:8]))


@pytest.mark.parametrize("cell", CELLS)
def test_the_class_mended_is_one_pass(cell):
    model, inputs = build(cell), sequence(20)
    for steps in (5, 8, 20):
        torch.testing.assert_close(robust_mended(model, 8)(inputs[:steps]), model(inputs[:steps]))


@pytest.mark.parametrize("name", READINGS)
def test_every_reading_answers_at_every_step_keeps_no_gradient_and_changes_nothing(name):
    model, inputs = build("gru"), sequence(9)
    before = {key: value.clone() for key, value in model.state_dict().items()}
    with torch.no_grad():
        said = READINGS[name](model, 4, 1)(inputs)
    assert said.shape == (9, 4, 2)
    assert not said.requires_grad
    assert torch.equal(inputs, sequence(9))
    assert all(torch.equal(before[key], value) for key, value in model.state_dict().items())
