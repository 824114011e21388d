import pytest
import torch
from torch import nn

from core.diagnostics.state_trace import NAMES, trace_states
from core.models.recurrent import RecurrentModel

CELLS = {"lstm": nn.LSTM, "gru": nn.GRU, "rnn": nn.RNN}


def build(cell, **options):
    torch.manual_seed(0)
    model = RecurrentModel(CELLS[cell](3, 6, **options), output_size=1)
    with torch.no_grad():
        for parameter in model.recurrent.parameters():
            parameter.mul_(3)
    return model


def slow_trace(recurrent, inputs_TBI):
    """Step by step, by the equations of the documentation; one layer."""
    w, u = recurrent.weight_ih_l0, recurrent.weight_hh_l0
    b, d = recurrent.bias_ih_l0, recurrent.bias_hh_l0
    h = c = torch.zeros(inputs_TBI.shape[1], recurrent.hidden_size)
    rows = []
    for x in inputs_TBI:
        pre, re = x @ w.T + b, h @ u.T + d
        if recurrent.mode == "LSTM":
            i, f, g, o = (pre + re).chunk(4, 1)
            gates, forget = [i.sigmoid(), f.sigmoid(), o.sigmoid()], f.sigmoid()
            c = forget * c + i.sigmoid() * g.tanh()
            h = o.sigmoid() * c.tanh()
        elif recurrent.mode == "GRU":
            (r, z, n), (rh, zh, nh) = pre.chunk(3, 1), re.chunk(3, 1)
            gates, forget = [(r + rh).sigmoid(), (z + zh).sigmoid()], (z + zh).sigmoid()
            h = (1 - forget) * (n + gates[0] * nh).tanh() + forget * h
        else:
            h, forget = (pre + re).tanh(), None
            gates = [torch.where(h.abs() > 0.95, 1.0, 0.5)]
        beyond = torch.stack(gates)
        rows.append(
            {
                "hidden_norm": h.norm(dim=1).mean(),
                "cell_norm": c.norm(dim=1).mean() if recurrent.mode == "LSTM" else None,
                "saturated": ((beyond < 0.05) | (beyond > 0.95)).float().mean(),
                "forget": None if forget is None else forget.mean(),
            }
        )
    return rows


@pytest.mark.parametrize("cell", CELLS)
@torch.no_grad()
def test_the_trace_is_that_of_a_loop_over_the_equations(cell):
    model, inputs_TBI = build(cell), torch.randn(30, 5, 3)
    found = trace_states(model, inputs_TBI, sequences=5)
    slow = slow_trace(model.recurrent, inputs_TBI)
    assert found["position"] == list(range(1, 31))
    for name in NAMES[1:]:
        wanted = [row[name] for row in slow]
        if wanted[0] is None:
            assert found[name] == [None] * 30
        else:
            assert found[name] == pytest.approx([float(each) for each in wanted], abs=1e-5)
    assert 0.05 < sum(found["saturated"]) / 30 < 0.95


@pytest.mark.parametrize(
    ("steps", "positions", "told"),
    [(6, 3, [2, 4, 6]), (7, 3, [1, 4, 7]), (3, 200, [1, 2, 3]), (5, 1, [5])],
)
def test_places_are_of_equal_distance_up_to_the_last_step(steps, positions, told):
    found = trace_states(build("gru"), torch.randn(steps, 2, 3), positions=positions)
    assert found["position"] == told


def test_a_place_tells_the_same_whatever_others_are_told():
    model, inputs_TBI = build("lstm"), torch.randn(500, 8, 3)
    every, some = (trace_states(model, inputs_TBI, positions=n) for n in (500, 200))
    assert len(some["position"]) == 167
    at = some["position"].index(200)
    for name in NAMES:
        assert some[name][at] == pytest.approx(every[name][199])


def test_the_top_layer_of_the_first_sequences_is_traced():
    model, inputs_TBI = build("lstm", num_layers=2), torch.randn(9, 5, 3)
    found = trace_states(model, inputs_TBI, sequences=2)
    states_TBH = model.recurrent(inputs_TBI)[0]
    assert found["hidden_norm"] == pytest.approx(
        states_TBH[:, :2].norm(dim=2).mean(1).tolist(), rel=1e-4
    )


def test_ids_are_embedded_and_nothing_is_changed():
    torch.manual_seed(0)
    model = RecurrentModel(nn.GRU(3, 4), output_size=2, vocabulary_size=5)
    ids_TB, state = torch.randint(5, (6, 2)), torch.get_rng_state()
    found = trace_states(model, ids_TB)
    assert set(found) == set(NAMES)
    assert model.training
    assert torch.equal(torch.get_rng_state(), state)
    assert all(parameter.grad is None for parameter in model.parameters())


@pytest.mark.parametrize(
    ("model", "inputs"),
    [(nn.Linear(3, 1), torch.zeros(4, 2, 3)), (build("rnn"), torch.zeros(0, 2, 3))],
)
def test_without_a_state_or_a_step_there_are_no_rows(model, inputs):
    assert trace_states(model, inputs) == {name: [] for name in NAMES}
