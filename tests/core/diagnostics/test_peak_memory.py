import pytest
import torch
from torch import nn

from core.diagnostics.peak_memory import chunk_table, peak_bytes
from core.models.recurrent import RecurrentModel

CPU = torch.device("cpu")
CELLS = {"lstm": nn.LSTM, "gru": nn.GRU, "rnn": nn.RNN}


def test_the_peak_is_what_lives_at_the_same_time():
    def call():
        first = torch.empty(1000)
        second = torch.empty(500)
        del first
        return second, torch.empty(250)

    # torch rounds no allocation up on the CPU
    assert peak_bytes(call, CPU) == 6000


def test_what_was_there_before_is_not_counted():
    large = torch.zeros(100_000)
    assert peak_bytes(large.sum, CPU) < 1000
    assert peak_bytes(lambda: None, CPU) == 0


def test_a_call_that_raises_leaves_the_next_measurement_right():
    def fails():
        torch.empty(1000)
        raise ValueError("half way")

    with pytest.raises(ValueError, match="half way"):
        peak_bytes(fails, CPU)
    assert peak_bytes(lambda: torch.empty(1000), CPU) == 4000


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
def test_on_a_gpu_the_allocator_tells():
    device = torch.device("cuda")
    found = peak_bytes(lambda: torch.empty(1_000_000, device=device), device)
    assert 4_000_000 <= found <= 8_000_000


@pytest.mark.parametrize("cell", CELLS)
def test_carried_chunks_equal_one_pass_and_take_less_memory_the_shorter_the_less(cell):
    torch.manual_seed(0)
    model = RecurrentModel(CELLS[cell](1, 16), output_size=1)
    found = chunk_table(model, torch.randn(200, 32, 1), chunks=(10, 50, 200, 400))
    assert found["chunk"] == [10, 50]
    assert max(found["difference"]) <= 1e-6
    short, long, full = *found["megabytes"], found["full_megabytes"][0]
    assert 0 < short < long < full / 2
    assert model.training
    assert all(parameter.grad is None for parameter in model.parameters())


def test_a_difference_is_told_where_there_is_one():
    class Counting(RecurrentModel):
        def read_from(self, inputs, state):
            outputs_TBO, state = super().read_from(inputs, state)
            return outputs_TBO + len(inputs), state

    torch.manual_seed(0)
    model = Counting(nn.GRU(1, 4), output_size=1)
    found = chunk_table(model, torch.randn(20, 2, 1), chunks=(5,))
    assert found["difference"] == pytest.approx([5], abs=1e-5)


@pytest.mark.parametrize(
    ("model", "steps"),
    [(nn.Linear(1, 1), 20), (RecurrentModel(nn.RNN(1, 2), output_size=1), 5)],
)
def test_a_model_without_state_or_a_short_sequence_has_no_rows(model, steps):
    assert chunk_table(model, torch.zeros(steps, 2, 1), chunks=(5,)) == {
        name: [] for name in ("chunk", "difference", "megabytes", "full_megabytes")
    }
