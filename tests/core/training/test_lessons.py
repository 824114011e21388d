from itertools import islice

import pytest
import torch

from core.data.counting import RunningCount
from core.models.build import build_model
from core.models.catalogue import find_spec
from core.training.lessons import StateCarrier, carried_segments, chosen_lengths, endless_batches

TASK = RunningCount(3, 6)


def generator():
    return torch.Generator().manual_seed(0)


def model(name="lstm-bias"):
    sizes = {"input_size": 1, "output_size": 1, "vocabulary_size": None, "hidden": 8, "layers": 1}
    return build_model(find_spec(name), **sizes, horizon=6, seed=0)


def test_batches_have_the_lengths_of_the_task():
    lengths = {len(batch.inputs) for batch in islice(endless_batches(TASK, 2, generator()), 60)}
    assert lengths == {3, 4, 5, 6}


def test_chosen_lengths_are_drawn_evenly():
    drawn = chosen_lengths(TASK, 2, generator(), lengths=(4, 9, 20))
    lengths = [len(batch.inputs) for batch in islice(drawn, 300)]
    assert set(lengths) == {4, 9, 20}
    assert all(70 < lengths.count(each) < 130 for each in (4, 9, 20))


@pytest.mark.parametrize("name", ["lstm-bias", "gru", "rnn"])
def test_segments_with_their_state_carried_are_one_pass(name):
    carrier = StateCarrier(model(name))
    batches = carried_segments(TASK, 5, generator(), carrier=carrier, segments=4, steps=3)
    whole = TASK.draw(12, 5, generator())
    outputs = torch.cat([carrier(batch.inputs) for batch in islice(batches, 4)])
    torch.testing.assert_close(outputs, carrier.model(whole.inputs))


def test_each_sequence_begins_with_no_state():
    carrier = StateCarrier(model())
    batches = carried_segments(TASK, 5, generator(), carrier=carrier, segments=2, steps=3)
    for batch in islice(batches, 2):
        carrier(batch.inputs)
    first = next(batches)
    torch.testing.assert_close(carrier(first.inputs), carrier.model(first.inputs))


def test_no_gradient_goes_into_the_segment_before():
    carrier = StateCarrier(model())
    early = torch.ones(3, 2, 1, requires_grad=True)
    carrier(early)
    carrier(torch.ones(3, 2, 1)).sum().backward()
    assert early.grad is None


def test_targets_go_with_their_segment():
    carrier = StateCarrier(model())
    batches = carried_segments(TASK, 5, generator(), carrier=carrier, segments=2, steps=3)
    parts = list(islice(batches, 2))
    counted = torch.cat([part.inputs for part in parts])[..., 0].cumsum(0)
    torch.testing.assert_close(torch.cat([part.targets for part in parts]), counted)
